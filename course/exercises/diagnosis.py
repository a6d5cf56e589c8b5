"""What is behind wrong answers: the exercise's own mistakes, the inputs that go wrong, and what answers have in common.

The idea of also computing the typical wrong answers, to recognize them, comes from the ARENA course
(`part4_rlhf/tests.py`).
"""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from course.exercises.answers import plain
from course.exercises.exercise import Exercise
from course.exercises.relations import Relation, relations

ENOUGH = 0.5  # a diagnosis explains more than this share of the inputs that speak for or against it
TOO_MANY = 5_000  # items; an answer of more is not compared with everything it could be


@dataclass(frozen=True)
class Trial:
    """A function's answers to an exercise's cases beside the right ones, and which are wrong.

    Answers and right answers are in built-in types; where the function gave no answer, `answers` has None.
    """

    exercise: Exercise
    cases: Sequence[tuple[Any, ...]]
    expected: Sequence[Any]
    answers: Sequence[Any]
    wrong: frozenset[int]


@dataclass(frozen=True)
class Diagnosis:
    """A message for the learner, the cases that it explains, and where it comes from."""

    message: str
    cases: frozenset[int]
    source: str  # "mistake", "corner" or "relation"


@dataclass(frozen=True)
class _Candidate:
    """A possible diagnosis: the cases that speak for it, and those that speak against it."""

    diagnosis: Diagnosis
    against: frozenset[int]

    @property
    def share(self) -> float:
        explained = len(self.diagnosis.cases)
        return explained / (explained + len(self.against)) if explained else 0.0


def diagnose(trial: Trial) -> Diagnosis | None:
    """The mistake that explains most of the wrong answers and more than half, or else such a corner, or relation.

    A slip in one unusual case then does not hide a mistake, and one unusual case is not enough to diagnose one.
    """
    for candidates in (_mistakes, _corners, _relations):
        best = max(candidates(trial), key=lambda one: one.share, default=None)
        if best and best.share > ENOUGH:
            return best.diagnosis
    return None


def _mistakes(trial: Trial) -> Iterator[_Candidate]:
    """The exercise's own: a mistake speaks of the cases that it or the learner gets wrong."""
    right = trial.exercise.compare
    for mistake in trial.exercise.mistakes:
        wrong_answers = [mistake.wrong(*copy.deepcopy(arguments)) for arguments in trial.cases]
        visible = {i for i, answer in enumerate(wrong_answers) if not right(trial.expected[i], answer)}
        explained = frozenset(
            i
            for i in trial.wrong & visible
            if trial.answers[i] is not None and right(wrong_answers[i], trial.answers[i])
        )
        yield _Candidate(Diagnosis(mistake.message, explained, "mistake"), (trial.wrong | visible) - explained)


def _corners(trial: Trial) -> Iterator[_Candidate]:
    for corner in trial.exercise.corners:
        inside = {i for i, arguments in enumerate(trial.cases) if corner.holds(*copy.deepcopy(arguments))}
        yield _Candidate(Diagnosis(corner.message, trial.wrong & inside, "corner"), trial.wrong ^ inside)


def _relations(trial: Trial) -> Iterator[_Candidate]:
    """What many wrong answers have in common; two cases at least, since of one there are many explanations."""
    expected = [plain(answer) for answer in trial.expected]
    answered = [i for i in sorted(trial.wrong) if trial.answers[i] is not None and _size(trial.answers[i]) <= TOO_MANY]
    if len(answered) < 2:
        return
    pairs = [(expected[i], trial.answers[i]) for i in answered]
    for relation in relations(pairs, trial.exercise.results):
        explained = frozenset(i for i in answered if _holds(relation, expected[i], trial.answers[i]))
        if len(explained) < 2 or len(explained) <= ENOUGH * len(trial.wrong):
            continue
        against = trial.wrong - explained
        # A right answer speaks against it where the relation would have changed it.
        against |= {
            i for i in range(len(expected)) if i not in trial.wrong and not _holds(relation, *[expected[i]] * 2)
        }
        yield _Candidate(Diagnosis(relation.message, explained, "relation"), against)


def _holds(relation: Relation, right: Any, answer: Any) -> bool:
    try:
        return bool(relation.holds(right, answer))
    except Exception:  # reversing a number, transposing a text: it does not apply to such answers
        return False


def _size(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(map(_size, value.values()))
    if isinstance(value, list | tuple):
        return 1 + sum(map(_size, value))
    return 1
