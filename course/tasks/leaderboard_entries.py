"""What a leaderboard consists of: columns of test items, and of each model that answered them, every answer."""

import warnings
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Shaped

from course.data.overlap import NearCopies, disjoint
from course.evaluation import (
    UndefinedScoreWarning,
    accuracy_measure,
    calibration_measure,
    error_rate_measure,
    exact_measure,
    f1_measure,
    matthews_measure,
)
from course.evaluation.summed import SummedMeasure
from course.messages import _


class Score(NamedTuple):
    """How the entries of a column are compared: a measure of what each predicted, and which end of it is better.

    `counts_right` says that it is the share of right items, for which there are better methods than resampling.
    """

    measure: SummedMeasure
    unit: str = ""
    lowest_is_best: bool = False
    of_probabilities: bool = False
    counts_right: bool = False


ACCURACY = Score(accuracy_measure(), "%", counts_right=True)
EXACT = Score(exact_measure(), "%", counts_right=True)
CALIBRATION = Score(calibration_measure(), "%", lowest_is_best=True, of_probabilities=True)
ERROR_RATE = Score(error_rate_measure(), "%", lowest_is_best=True)


def scores_of_two_classes() -> Mapping[str, Score]:
    """The measures of a column whose items are 1, positive, or 0."""
    return MappingProxyType(
        {
            "accuracy": ACCURACY,
            "F1": Score(f1_measure(1)),
            "Matthews": Score(matthews_measure((0, 1))),
            "ECE": CALIBRATION,
        }
    )


@contextmanager
def undefined_counts() -> Generator[None, None, None]:
    """Without a warning for each baseline that gives one answer: what is undefined counts by its convention.

    How often that was is in what the interval covers.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndefinedScoreWarning)
        yield


@dataclass(frozen=True, eq=False)
class Entry:
    """A model on a column: what it is called, where the course made it, and its answer to each item.

    `predicted` is the class of each item, or where only this is known whether it was right (1) or not (0), or the
    errors and symbols of each. `probabilities` are those of class 1, where they are known. `labels` is the number of
    labelled items that it learned from, `by_seed` the accuracy of each seed of its training: the answers are seed 0's.
    """

    name: str
    family: str
    lesson: str
    predicted: Shaped[np.ndarray, "item ..."]
    probabilities: Float[np.ndarray, "item"] | None = None
    labels: int | None = None
    by_seed: tuple[float, ...] = ()
    is_trivial: bool = False

    def answers(self, score: Score) -> np.ndarray | None:
        """What a score is computed from; None where it is not known of this model."""
        return self.probabilities if score.of_probabilities else self.predicted


@dataclass(frozen=True, eq=False)
class Column:
    """Test items, the same for every model, and the models that answered them all.

    `true` is the class of each item, or 1 where an answer is known as right or wrong alone. `chance` is the expected
    accuracy of a guess. `texts` gives what the items say, and `trainings` what models of the column learned from, by
    name: texts that are fetched, so they are functions. What others trained their models on is not known here. `near`
    says what a near copy is, as for `disjoint`.

    Raises `ValueError` for an entry with more or fewer answers than there are items, and for a name given twice.
    """

    name: str
    items: str
    true: Shaped[np.ndarray, "item"]
    entries: tuple[Entry, ...]
    scores: Mapping[str, Score]
    chance: float | None = None
    texts: Callable[[], Sequence[str]] | None = None
    trainings: Callable[[], Mapping[str, Sequence[str]]] | None = None
    near: str = "sentences"

    def __post_init__(self) -> None:
        names = [entry.name for entry in self.entries]
        for entry in self.entries:
            for answers in (entry.predicted, entry.probabilities):
                if answers is not None and len(answers) != len(self.true):
                    raise ValueError(
                        _("The column {column!r} has {items} items, and {model!r} has {answers} answers.").format(
                            column=self.name, items=len(self.true), model=entry.name, answers=len(answers)
                        )
                    )
            if names.count(entry.name) > 1:
                raise ValueError(
                    _("{model!r} is twice in the column {column!r}. Give each model a name of its own.").format(
                        model=entry.name, column=self.name
                    )
                )

    def __len__(self) -> int:
        return len(self.true)

    def entry(self, name: str) -> Entry:
        """Raises `ValueError` for a name that is not there."""
        return _named({entry.name: entry for entry in self.entries}, name, self.name)

    def score(self, name: str) -> Score:
        """Raises `ValueError` for a name that is not there."""
        return _named(self.scores, name, self.name)

    def right(self, entry: Entry) -> Bool[np.ndarray, "item"]:
        """Which items the entry got right."""
        if entry.predicted.ndim == 2:
            return entry.predicted[:, 0] == 0
        return entry.predicted == self.true

    def differing(self, a: str, b: str) -> list[int]:
        """The numbers of the items that one of two models alone gets right: what a click on a cell shows."""
        return np.flatnonzero(self.right(self.entry(a)) != self.right(self.entry(b))).tolist()

    def require_unseen(self) -> dict[str, NearCopies]:
        """Check that no test text is in what a model of the column learned from; by training set, the near copies.

        Raises `ValueError` for a text that is, naming it, as `disjoint` does, and for a column without texts.
        """
        if self.texts is None or self.trainings is None:
            raise ValueError(
                _("The column {column!r} has no texts to compare with a training set.").format(column=self.name)
            )
        texts = list(self.texts())
        return {
            name: disjoint(list(training), texts, near=self.near, names=(name, self.name)).near_copies[0]
            for name, training in self.trainings().items()
        }


def with_items(column: Column, numbers: Sequence[int], entries: Sequence[Entry] = ()) -> Column:
    """The column with some of its items alone, and more entries that answered only these."""

    numbers, texts = list(numbers), column.texts

    def some(entry: Entry) -> Entry:
        """`by_seed` was measured on all items."""
        chances = None if entry.probabilities is None else entry.probabilities[numbers]
        return replace(entry, predicted=entry.predicted[numbers], probabilities=chances, by_seed=())

    return replace(
        column,
        true=column.true[numbers],
        entries=(*map(some, column.entries), *entries),
        texts=None if texts is None else lambda: [texts()[number] for number in numbers],
    )


def _named(there: Mapping[str, Any], name: str, column: str) -> Any:
    if name not in there:
        raise ValueError(
            _("The column {column!r} has no {name!r}. It has: {known}.").format(
                column=column, name=name, known=", ".join(map(repr, there))
            )
        )
    return there[name]
