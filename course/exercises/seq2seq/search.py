"""Exercises on writing: the greedy loop, and one step of beam search."""

import math
import random

from course.exercises.exercise import Exercise, Mistake
from course.messages import _


def greedy(chances: dict[str, dict[str, float]], max_length: int) -> list[str]:
    """What a small decoder writes when it takes the likeliest symbol at every step.

    The decoder's whole state is the symbol that it read last: `chances[last]` gives the
    probabilities of the next. It begins with `<s>` and ends with `</s>`, or after `max_length`
    symbols. Neither mark is in the answer.

    >>> chances = {"<s>": {"K": 0.9, "S": 0.1}, "K": {"AE": 0.6, "</s>": 0.4}, "AE": {"</s>": 1.0}}
    >>> greedy(chances, 10)
    ['K', 'AE']
    """
    written, last = [], "<s>"
    while len(written) < max_length:
        last = max(chances[last], key=chances[last].get)
        if last == "</s>":
            break
        written.append(last)
    return written


def _chances(generator: random.Random, symbols: str) -> dict[str, dict[str, float]]:
    table = {}
    for last in ("<s>", *symbols):
        weights = {symbol: generator.random() for symbol in (*symbols, "</s>")}
        total = sum(weights.values())
        table[last] = {symbol: weight / total for symbol, weight in weights.items()}
    return table


def _greedy_cases() -> list[tuple]:
    small = {"<s>": {"K": 0.9, "S": 0.1}, "K": {"AE": 0.6, "</s>": 0.4}, "AE": {"</s>": 1.0}, "S": {"</s>": 1.0}}
    around = {"<s>": {"A": 0.8, "</s>": 0.2}, "A": {"B": 0.7, "</s>": 0.3}, "B": {"A": 0.9, "</s>": 0.1}}
    cases = [
        (small, 10),
        (small, 1),
        (around, 6),
        (around, 3),
        ({"<s>": {"</s>": 0.9, "A": 0.1}, "A": {"</s>": 1.0}}, 5),
    ]
    generator = random.Random(5)
    return cases + [(_chances(generator, "ABCD"), length) for length in (4, 5, 6, 8)]


def _with_the_end(chances, max_length):
    written, last = [], "<s>"
    while last != "</s>" and len(written) < max_length:
        last = max(chances[last], key=chances[last].get)
        written.append(last)
    return written


def _state_stays(chances, max_length):
    best = max(chances["<s>"], key=chances["<s>"].get)
    return [] if best == "</s>" else [best] * max_length


def _one_too_many(chances, max_length):
    return greedy(chances, max_length + 1)


def _with_the_beginning(chances, max_length):
    return ["<s>", *greedy(chances, max_length)]


GREEDY = Exercise(
    name="seq2seq.greedy",
    title=_("Write greedily"),
    solution=greedy,
    cases=_greedy_cases,
    hints=(
        _("Two things change from step to step: what is written so far, and the symbol that was read last."),
        _("`max(chances[last], key=chances[last].get)` is the likeliest next symbol. Look at it before you append it."),
    ),
    mistakes=(
        Mistake(_with_the_end, _("`</s>` is in your answer. It is a mark that says stop, not a symbol of the output.")),
        Mistake(
            _state_stays,
            _(
                "You write the same symbol again and again: the decoder never reads what it has written. "
                "Each step starts from the symbol that was written **last**."
            ),
        ),
        Mistake(
            _one_too_many, _("Your loop goes on for one symbol too many: at most `max_length` symbols are written.")
        ),
        Mistake(_with_the_beginning, _("`<s>` is in your answer. The decoder reads it, but nobody writes it.")),
    ),
    explanation=_(
        "This is the loop of `course.decoding.search.greedy_search`; there the state is a network's, and a whole "
        "batch goes through it at once. A decoder that never finds its end is cut at the greatest length."
    ),
)


def beam_step(
    beam: list[tuple[tuple[str, ...], float]],
    log_probabilities: list[dict[str, float]],
    size: int,
) -> list[tuple[tuple[str, ...], float]]:
    """One step of beam search: the `size` best continuations of all in the beam, best first.

    `beam` holds outputs with their log-probabilities; `log_probabilities[i]` gives those of each
    symbol that may come next in output `i`. An output's is the sum over its symbols.

    >>> beam = [(("K",), -0.5), (("S",), -1.0)]
    >>> beam_step(beam, [{"AE": -1.0, "AA": -2.0}, {"AE": -0.25, "AA": -3.0}], 2)
    [(('S', 'AE'), -1.25), (('K', 'AE'), -1.5)]
    """
    continued = [
        ((*output, symbol), total + log_probability)
        for (output, total), following in zip(beam, log_probabilities, strict=True)
        for symbol, log_probability in following.items()
    ]
    return sorted(continued, key=lambda one: -one[1])[:size]


def _beam_step_cases() -> list[tuple]:
    beam = [(("K",), -0.5), (("S",), -1.0)]
    cases: list[tuple] = [
        (beam, [{"AE": -1.0, "AA": -2.0}, {"AE": -0.25, "AA": -3.0}], 2),
        (beam, [{"AE": -0.1, "AA": -0.2}, {"AE": -0.75, "AA": -2.0}], 2),
        (beam, [{"AE": -1.5, "AA": -1.75}, {"AE": -0.125, "AA": -0.25}], 3),
        ([((), 0.0)], [{"K": -0.25, "S": -1.5, "T": -3.0}], 2),
    ]
    generator = random.Random(7)
    for size in (2, 3, 4):
        outputs = [(*generator.choices("ABC", k=3), str(i)) for i in range(size)]
        totals = sorted((-round(generator.uniform(0.5, 4), 3) for _output in outputs), reverse=True)
        following = []
        for _output in outputs:
            weights = [generator.random() ** 3 for _symbol in "ABCD"]
            following.append({s: round(math.log(w / sum(weights)), 3) for s, w in zip("ABCD", weights, strict=True)})
        cases.append((list(zip(outputs, totals, strict=True)), following, size))
    return cases


def _best_of_each(beam, log_probabilities, size):
    best = [
        ((*output, max(following, key=following.get)), total + max(following.values()))
        for (output, total), following in zip(beam, log_probabilities, strict=True)
    ]
    return sorted(best, key=lambda output: -output[1])[:size]


def _forgets_the_past(beam, log_probabilities, size):
    return [
        (output, total)
        for output, total in beam_step([(output, 0.0) for output, _total in beam], log_probabilities, size)
    ]


def _worst_first(beam, log_probabilities, size):
    return sorted(beam_step(beam, log_probabilities, 10_000), key=lambda output: output[1])[:size]


def _all_of_the_best(beam, log_probabilities, size):
    return beam_step(beam[:1], log_probabilities[:1], size)


BEAM_STEP = Exercise(
    name="seq2seq.beam_step",
    title=_("One step of beam search"),
    solution=beam_step,
    cases=_beam_step_cases,
    hints=(
        _("First make **all** continuations, each output with each symbol, then choose among all of them together."),
        _("A continuation's log-probability is the output's plus the symbol's. Sort by it and keep the first `size`."),
    ),
    mistakes=(
        Mistake(
            _best_of_each,
            _(
                "You keep the best continuation of **each** output. The outputs compete: a good one may keep two "
                "continuations, a poor one none."
            ),
        ),
        Mistake(
            _forgets_the_past,
            _("You rank by the last symbol alone. Add the output's own log-probability: a beam ranks whole outputs."),
        ),
        Mistake(
            _worst_first,
            _("You keep the least likely. Log-probabilities are negative, and the one nearest to 0 is the best."),
        ),
        Mistake(
            _all_of_the_best,
            _("You continue the best output only: that is greedy search with spare answers. Continue all of them."),
        ),
    ),
    explanation=_(
        "With a size of 1 this is greedy search. `course.decoding.beam_search` does the same for a batch of sources "
        "with one `topk`, and sets outputs aside when they end."
    ),
)
