"""How good a model is: what it outputs for sources it has not seen, against what is right."""

import statistics
from collections.abc import Sequence
from typing import Any, NamedTuple

from course.decoding import Decodable, beam_search, greedy_search
from course.tasks.task import Example, Symbols, Task
from course.tasks.vocabulary import Vocabulary


class Outcome(NamedTuple):
    """The output for an example, how many edits it is from `target`, the nearest of the right outputs."""

    example: Example
    written: Symbols
    target: Symbols
    errors: int


def write(
    model: Decodable[Any], task: Task, sources: Sequence[Sequence[str]], *, beam_size: int = 1, batch_size: int = 512
) -> list[Symbols]:
    """What a model outputs for each source: its most probable symbol at each step, or the best of a beam.

    An output is cut at `task.max_length`. Raises `ValueError` for a source with a symbol that the task does not know.
    """
    limits = {"eos_id": Vocabulary.eos_id, "max_length": task.max_length}
    written: dict[int, Symbols] = {}
    in_order = sorted(range(len(sources)), key=lambda number: len(sources[number]))  # batches of like length: no waste
    for first in range(0, len(sources), batch_size):
        chosen = in_order[first : first + batch_size]
        batch = task.sources([sources[number] for number in chosen])
        if beam_size == 1:
            best = greedy_search(model, batch, **limits)
        else:
            best = [found[0] for found in beam_search(model, batch, beam_size=beam_size, **limits)]
        written.update((n, tuple(task.target.decode(one.tokens))) for n, one in zip(chosen, best, strict=True))
    return [written[number] for number in range(len(sources))]


def evaluate(model: Decodable[Any], task: Task, examples: Sequence[Example], *, beam_size: int = 1) -> list[Outcome]:
    """An `Outcome` for each example."""
    return compare(examples, write(model, task, [example.source for example in examples], beam_size=beam_size))


def compare(examples: Sequence[Example], written: Sequence[Symbols]) -> list[Outcome]:
    """An `Outcome` for each example, whatever made the outputs."""
    outcomes = []
    for example, output in zip(examples, written, strict=True):
        errors, target = min((edit_distance(output, target), target) for target in example.targets)
        outcomes.append(Outcome(example, output, target, errors))
    return outcomes


def error_rate(outcomes: Sequence[Outcome]) -> float:
    """Edits over all symbols of the right outputs; with phonemes: the phoneme error rate."""
    return sum(one.errors for one in outcomes) / sum(len(one.target) for one in outcomes)


def error_rate_standard_error(outcomes: Sequence[Outcome]) -> float:
    """How far the error rate would differ on other examples, as many and of the same kind: its standard error.

    The rate is a ratio of two sums, so what varies from example to example is errors - rate · symbols.

    Source: Cochran 1977, "Sampling Techniques", section 2.11.
    """
    rate = error_rate(outcomes)
    residuals = [one.errors - rate * len(one.target) for one in outcomes]
    symbols = sum(len(one.target) for one in outcomes)
    return statistics.stdev(residuals) * len(outcomes) ** 0.5 / symbols


def exact_match(outcomes: Sequence[Outcome]) -> float:
    """The share of outputs without an error; of words: the word accuracy."""
    return sum(one.errors == 0 for one in outcomes) / len(outcomes)


def edit_distance(written: Sequence[str], target: Sequence[str]) -> int:
    """The fewest symbols to insert, delete or replace to make one sequence the other.

    Source: Levenshtein 1966; the table row by row: Wagner and Fischer 1974.
    """
    row = list(range(len(target) + 1))
    for i, symbol in enumerate(written, 1):
        left_above, row[0] = row[0], i
        for j, wanted in enumerate(target, 1):
            left_above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, left_above + (symbol != wanted))
    return row[-1]
