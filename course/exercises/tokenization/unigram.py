"""Exercise on the unigram language model: one step of the Viterbi algorithm."""

import math
import random

from course.exercises.exercise import Exercise, Mistake
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
    its pieces. When `text[:end]` cannot be cut into known pieces, return `(float("-inf"), -1)`.

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
    cases = [
        ("hugs", 4, [0.0, -3.0, -5.0, -2.5], pieces),
        ("hugs", 3, [0.0, -3.0, -5.0], pieces),
        ("hugs", 1, [0.0], pieces),
        ("xyz", 2, [0.0, -math.inf], pieces),
        ("xs", 2, [0.0, -math.inf], pieces),
    ]
    log_probs = {a + b: round(generator.uniform(-9.0, -1.0), 1) for a in "abc" for b in ("", "b", "ab", "ba", "abc")}
    for text in ("bab", "cab", "abab", "babc", "cabcab", "abcabab", "bababcab"):
        best = [0.0]
        while len(best) < len(text):
            best.append(viterbi_step(text, len(best), best, log_probs)[0])
        cases.append((text, len(text), best, log_probs))
    return cases


def _candidates(text, end, best, log_probs):
    """Every start from which a known piece leads to `end`."""
    return [start for start in range(end) if text[start:end] in log_probs and best[start] > -math.inf]


def _longest_piece(text, end, best, log_probs):
    starts = _candidates(text, end, best, log_probs)
    return (best[starts[0]] + log_probs[text[starts[0] : end]], starts[0]) if starts else (-math.inf, -1)


def _last_piece_only(text, end, best, log_probs):
    starts = _candidates(text, end, best, log_probs)
    return max([(log_probs[text[start:end]], start) for start in starts], default=(-math.inf, -1))


def _multiplied(text, end, best, log_probs):
    starts = _candidates(text, end, best, log_probs)
    return max([(best[start] * log_probs[text[start:end]], start) for start in starts], default=(-math.inf, -1))


def _lowest_score(text, end, best, log_probs):
    starts = _candidates(text, end, best, log_probs)
    return min([(best[start] + log_probs[text[start:end]], start) for start in starts], default=(-math.inf, -1))


def _length_of_the_piece(text, end, best, log_probs):
    score, start = viterbi_step(text, end, best, log_probs)
    return score, end - start if start >= 0 else -1


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
    ),
    explanation=_(
        "The best segmentation of `text[:end]` has a last piece, and what stands before that piece is cut in the best "
        "way too. So one look back over all starts is enough, and the work grows with the square of the text's "
        "length, not with the number of segmentations, which doubles with each character."
    ),
)
