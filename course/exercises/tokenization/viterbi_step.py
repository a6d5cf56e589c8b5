"""Exercise on the unigram language model: one step of the Viterbi algorithm."""

import math
import random

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def viterbi_step(
    text: str,
    end: int,
    best: list[float],
    log_probs: dict[str, float],
) -> tuple[float, int]:
    """The best score of `text[:end]`, and where the last piece of its best segmentation begins.

    `best[start]` is the best score of `text[:start]`, for each `start` from 0 to `end - 1`;
    `log_probs` gives each piece its log-probability. The score of a segmentation is the sum over
    its pieces; of two equal scores, take the one with the earlier start. When `text[:end]` cannot
    be cut into known pieces, return `(float("-inf"), -1)`.

    >>> log_probs = {"hug": -2.5, "gs": -4.0, "s": -2.0, "hugs": -6.0}
    >>> viterbi_step("hugs", 4, [0.0, -3.0, -5.0, -2.5], log_probs)
    (-4.5, 3)
    """
    best_score, best_start = float("-inf"), -1
    for start in range(end):
        score = best[start] + log_probs.get(text[start:end], float("-inf"))
        if score > best_score:
            best_score, best_start = score, start
    return best_score, best_start


def _cases() -> list[tuple]:
    generator = random.Random(2)
    pieces = {"hug": -2.5, "gs": -4.0, "s": -2.0, "hugs": -6.0, "h": -3.0, "u": -2.0, "g": -3.5, "ug": -2.8}
    unreachable = {"b": -1.0, "ab": -2.5, "cab": -4.0}
    tied = {"a": -1.0, "aa": -2.0, "aaa": -3.0, "b": -1.5, "ab": -2.5}
    cases = [
        ("hugs", 4, [0.0, -3.0, -5.0, -2.5], pieces),
        ("hugs", 3, [0.0, -3.0, -5.0], pieces),
        ("hugs", 1, [0.0], pieces),
        ("hug", 3, [0.0, -3.0, -5.0], {"h": -3.0, "u": -2.0, "hug": -6.0, "ug": -2.75}),
        ("hus", 3, [0.0, -3.0, -5.0], pieces),
        ("xyz", 2, [0.0, -math.inf], pieces),
        ("xs", 2, [0.0, -math.inf], pieces),
        ("cb", 2, [0.0, -math.inf], unreachable),
        ("cxab", 4, [0.0, -math.inf, -math.inf, -math.inf], unreachable),
        ("xcab", 4, [0.0, -math.inf, -math.inf, -math.inf], unreachable),
        ("cab", 3, [0.0, -math.inf, -math.inf], unreachable),
        ("abc", 3, [0.0, -2e12, -5e12], {"c": -1e12, "bc": -4e12}),
        ("aa", 2, [0.0, -1.0], tied),
        ("aaa", 3, [0.0, -1.0, -2.0], tied),
        ("ab", 2, [0.0, -1.0], tied),
        ("aab", 3, [0.0, -1.0, -2.0], tied),
    ]
    ends = ("", "b", "ab", "ba", "abc")
    log_probs = {a + b: -generator.randint(8, 72 if b else 36) / 8 for a in "abc" for b in ends}
    for text in ("bab", "cab", "abab", "babc", "cabcab", "abcabab", "bababcab"):
        best = [0.0]
        while len(best) < len(text):
            best.append(viterbi_step(text, len(best), best, log_probs)[0])
        cases.append((text, len(text), best, log_probs))
    cases.append((text, 5, best[:5], log_probs))
    return cases


def _candidates(text, end, best, log_probs):
    """Every start from which a known piece leads to `end`."""
    return [start for start in range(end) if text[start:end] in log_probs and best[start] > -math.inf]


def _is_tied(text, end, best, log_probs):
    """Whether two starts have the highest score."""
    scores = [best[start] + log_probs[text[start:end]] for start in _candidates(text, end, best, log_probs)]
    return scores.count(max(scores, default=0.0)) > 1


def _best_of(candidates):
    """The highest score and its start; of equal ones, the first."""
    return max(candidates, key=lambda candidate: candidate[0], default=(-math.inf, -1))


def _longest_piece(text, end, best, log_probs):
    starts = _candidates(text, end, best, log_probs)
    return (best[starts[0]] + log_probs[text[starts[0] : end]], starts[0]) if starts else (-math.inf, -1)


def _shortest_piece(text, end, best, log_probs):
    starts = _candidates(text, end, best, log_probs)
    return (best[starts[-1]] + log_probs[text[starts[-1] : end]], starts[-1]) if starts else (-math.inf, -1)


def _last_piece_only(text, end, best, log_probs):
    starts = _candidates(text, end, best, log_probs)
    return _best_of([(log_probs[text[start:end]], start) for start in starts])


def _before_the_piece_only(text, end, best, log_probs):
    return _best_of([(best[start], start) for start in _candidates(text, end, best, log_probs)])


def _multiplied(text, end, best, log_probs):
    starts = _candidates(text, end, best, log_probs)
    return _best_of([(best[start] * log_probs[text[start:end]], start) for start in starts])


def _subtracted(text, end, best, log_probs):
    starts = _candidates(text, end, best, log_probs)
    return _best_of([(best[start] - log_probs[text[start:end]], start) for start in starts])


def _mean_of_the_two(text, end, best, log_probs):
    starts = _candidates(text, end, best, log_probs)
    return _best_of([((best[start] + log_probs[text[start:end]]) / 2, start) for start in starts])


def _lowest_score(text, end, best, log_probs):
    starts = _candidates(text, end, best, log_probs)
    return min([(best[start] + log_probs[text[start:end]], start) for start in starts], default=(-math.inf, -1))


def _probability(text, end, best, log_probs):
    score, start = viterbi_step(text, end, best, log_probs)
    return math.exp(score), start


def _length_of_the_piece(text, end, best, log_probs):
    score, start = viterbi_step(text, end, best, log_probs)
    return score, end - start if start >= 0 else -1


def _piece_itself(text, end, best, log_probs):
    score, start = viterbi_step(text, end, best, log_probs)
    return score, text[start:end] if start >= 0 else -1


def _last_place_of_the_piece(text, end, best, log_probs):
    score, start = viterbi_step(text, end, best, log_probs)
    return score, end - 1 if start >= 0 else -1


def _start_first(text, end, best, log_probs):
    return viterbi_step(text, end, best, log_probs)[::-1]


def _start_past_unknown_text(text, end, best, log_probs):
    """`best[start]` of -inf is taken as a score like any other."""
    starts = [start for start in range(end) if text[start:end] in log_probs]
    return _best_of([(best[start] + log_probs[text[start:end]], start) for start in starts])


def _start_although_impossible(text, end, best, log_probs):
    score, start = viterbi_step(text, end, best, log_probs)
    return score, max(start, 0)


def _later_of_equal_ones_and_of_none(text, end, best, log_probs):
    return max((best[start] + log_probs.get(text[start:end], -math.inf), start) for start in range(end))


def _unknown_pieces_free(text, end, best, log_probs):
    scores = [(best[start] + log_probs.get(text[start:end], 0.0), start) for start in range(end)]
    return _best_of([(score, start) for score, start in scores if score > -math.inf])


def _unknown_pieces_endless(text, end, best, log_probs):
    scores = [(best[start] + log_probs.get(text[start:end], math.inf), start) for start in range(end)]
    return _best_of([(score, start) for score, start in scores if score > -math.inf])


def _best_of_the_place_before(text, end, best, log_probs):
    scores = [(best[start - 1] + log_probs.get(text[start:end], -math.inf), start) for start in range(end)]
    return _best_of([(score, start) for score, start in scores if score > -math.inf])


def _later_of_equal_ones(text, end, best, log_probs):
    starts = _candidates(text, end, best, log_probs)
    return _best_of([(best[start] + log_probs[text[start:end]], start) for start in reversed(starts)])


def _never_the_whole_text(text, end, best, log_probs):
    starts = [start for start in _candidates(text, end, best, log_probs) if start]
    return _best_of([(best[start] + log_probs[text[start:end]], start) for start in starts])


def _only_the_whole_text(text, end, best, log_probs):
    return (log_probs[text[:end]], 0) if text[:end] in log_probs else (-math.inf, -1)


def _never_one_character(text, end, best, log_probs):
    starts = [start for start in _candidates(text, end, best, log_probs) if start < end - 1]
    return _best_of([(best[start] + log_probs[text[start:end]], start) for start in starts])


def _only_one_character(text, end, best, log_probs):
    starts = [start for start in _candidates(text, end, best, log_probs) if start == end - 1]
    return _best_of([(best[start] + log_probs[text[start:end]], start) for start in starts])


def _first_piece(text, end, best, log_probs):
    """The piece before `start`, not the one behind it."""
    starts = [start for start in range(end) if text[:start] in log_probs and best[start] > -math.inf]
    return _best_of([(best[start] + log_probs[text[:start]], start) for start in starts])


def _rest_of_the_text(text, end, best, log_probs):
    starts = [start for start in range(end) if text[start:] in log_probs and best[start] > -math.inf]
    return _best_of([(best[start] + log_probs[text[start:]], start) for start in starts])


def _without_its_last_character(text, end, best, log_probs):
    starts = [start for start in range(end - 1) if text[start : end - 1] in log_probs and best[start] > -math.inf]
    return _best_of([(best[start] + log_probs[text[start : end - 1]], start) for start in starts])


VITERBI_STEP = Exercise(
    name="tokenization.viterbi_step",
    title=_("One step of the Viterbi algorithm"),
    solution=viterbi_step,
    cases=_cases,
    hints=(
        _("The last piece is `text[start:end]` for some `start`. Try each, and keep the best score and its `start`."),
        _(
            "A candidate's score is `best[start] + log_probs[text[start:end]]`. "
            "`log_probs.get(piece, float('-inf'))` takes care of the pieces that are not there."
        ),
    ),
    mistakes=(
        Mistake(
            _longest_piece,
            _(
                "You take the **longest** piece that ends here, as WordPiece would. "
                "Here the score decides: compare all starts, and keep the one with the highest sum."
            ),
        ),
        Mistake(
            _last_piece_only,
            _(
                "You compare the last pieces alone. The text before a piece has its price as well: "
                "add `best[start]` to the piece's log-probability."
            ),
        ),
        Mistake(
            _multiplied,
            _(
                "You multiply. Probabilities are multiplied, their logarithms are **added**: "
                "`best[start] + log_probs[piece]`."
            ),
        ),
        Mistake(
            _lowest_score,
            _(
                "You keep the **lowest** score. Log-probabilities are negative, and the one nearest to 0 belongs to "
                "the most probable segmentation: keep the highest."
            ),
        ),
        Mistake(
            _length_of_the_piece,
            _(
                "The score is right. The second value is the **length** of the last piece; return the position "
                "where the piece begins, `start`: the way back follows these positions."
            ),
        ),
        Mistake(
            _shortest_piece,
            _(
                "You take the **shortest** piece that ends here, or the last one that your loop finds. "
                "Keep a start only when its score is higher than the best one so far."
            ),
        ),
        Mistake(
            _before_the_piece_only,
            _("Your score leaves out the **last piece**: add its log-probability to `best[start]`."),
        ),
        Mistake(
            _subtracted,
            _("You **subtract** the piece's log-probability. The score of a segmentation is the sum over its pieces."),
        ),
        Mistake(
            _mean_of_the_two,
            _("You take the **mean** of the two numbers. The score of a segmentation is the sum over its pieces."),
        ),
        Mistake(
            _probability,
            _("You return the **probability**. Scores stay logarithms here: the next step adds to them."),
        ),
        Mistake(
            _piece_itself,
            _(
                "The score is right. The second value is the last **piece** itself; return the position where it "
                "begins, `start`."
            ),
        ),
        Mistake(
            _last_place_of_the_piece,
            _("The score is right. The second value is where the last piece **ends**; return where it begins."),
        ),
        Mistake(_start_first, _("Both values are right, in the other order: return the score, then the start.")),
        Mistake(
            _start_past_unknown_text,
            _(
                "Where the text before a known piece cannot be cut, `best[start]` is −inf, and so is the sum: this "
                "start leads nowhere. When no other is left, return `(-inf, -1)`."
            ),
        ),
        Mistake(
            _start_although_impossible,
            _("When no segmentation is possible you return the start **0**. Return −1: there is no last piece."),
        ),
        Mistake(
            _later_of_equal_ones_and_of_none,
            _(
                "Of two equal scores you take the **later** start, and a start even where all are −inf. Keep a start "
                "when its score is **higher** than the best so far, `>` and not `>=`; `max` compares pairs to the end."
            ),
        ),
        Mistake(
            _unknown_pieces_free,
            _(
                "A piece that `log_probs` does not know counts as 0, which is the logarithm of **certainty**. "
                "It has probability 0, whose logarithm is −inf: it is not a candidate."
            ),
        ),
        Mistake(
            _unknown_pieces_endless,
            _("A piece that `log_probs` does not know gets +inf, more than any other. It is not a candidate: −inf."),
        ),
        Mistake(
            _best_of_the_place_before,
            _(
                "You add `best[start - 1]`. `best[start]` is the score of all that comes **before** `start`: "
                "`text[:start]` does not hold the character at `start`."
            ),
        ),
        Mistake(
            _later_of_equal_ones,
            _("Of two equal scores you take the **later** start. Take the earlier: keep the first of the highest."),
        ),
        Mistake(
            _never_the_whole_text,
            _("The **whole** of `text[:end]` is never tried as one piece: the first start is 0."),
        ),
        Mistake(
            _only_the_whole_text,
            _("You try only the **whole** of `text[:end]` as one piece. Try the other starts too, up to `end - 1`."),
        ),
        Mistake(
            _never_one_character,
            _("A last piece of **one character** is never tried: the last start is `end - 1`."),
        ),
        Mistake(
            _only_one_character,
            _("You try only a last piece of **one character**. It may begin at every start from 0 to `end - 1`."),
        ),
        Mistake(
            _first_piece,
            _(
                "You look up the text **before** `start`, which `best[start]` has counted already. "
                "The last piece is `text[start:end]`."
            ),
        ),
        Mistake(
            _rest_of_the_text,
            _("You look up the text from `start` to the very end. This step goes to `end`: `text[start:end]`."),
        ),
        Mistake(
            _without_its_last_character,
            _("Your last piece stops one character too early: `text[start:end]` ends before the position `end`."),
        ),
    ),
    results=(_("score"), _("start")),
    corners=(
        Corner(
            lambda text, end, best, log_probs: not _candidates(text, end, best, log_probs),
            _("Only texts that **cannot be cut** go wrong: for each of them the answer is `(-inf, -1)`."),
        ),
        Corner(
            lambda text, end, best, log_probs: -math.inf in best,
            _("Only inputs with −inf in `best` go wrong: no segmentation ends there, so none can go on from there."),
        ),
        Corner(
            lambda text, end, best, log_probs: min(log_probs.values()) < -1000,
            _("Only very **low** scores go wrong: begin with −inf, which is below every number, not with one of them."),
        ),
        Corner(
            lambda text, end, best, log_probs: end < len(text),
            _("Only inputs whose text goes on **after** `end` go wrong: this step is about `text[:end]`."),
        ),
        Corner(
            lambda text, end, best, log_probs: _is_tied(text, end, best, log_probs),
            _("Only inputs with **two equal scores** go wrong: take the one with the earlier start."),
        ),
        Corner(
            lambda text, end, best, log_probs: end == 1,
            _("Only texts of **one character** go wrong: their only start is 0."),
        ),
    ),
    explanation=_(
        "The best segmentation of `text[:end]` has a last piece, and what comes before that piece is cut in the best "
        "way too. So one look back over all starts is enough, and the work grows with the square of the text's "
        "length, not with the number of segmentations, which doubles with each character."
    ),
)
