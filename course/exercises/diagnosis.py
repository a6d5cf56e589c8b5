"""What is behind wrong answers: the exercise's own mistakes, the inputs that go wrong, and what answers have in common.

The idea of also computing the typical wrong answers, to recognize them, comes from the ARENA course
(`part4_rlhf/tests.py`).
"""

import copy
import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from course.exercises.answers import plain
from course.exercises.arguments import exact_mistakes, loose_mistakes
from course.exercises.compare import close, kind
from course.exercises.exercise import Exercise, Mistake
from course.exercises.relations import (
    LAST,
    ORDINALS,
    PLACES,
    PRECISION,
    TABLE,
    Relation,
    differs_in_last_digits,
    fitted,
    in_results,
    in_rows,
    of_one_result,
    of_one_right_result,
    of_results,
)
from course.exercises.showing import show
from course.messages import _

ENOUGH = 0.5  # a diagnosis explains more than this share of the inputs that speak for or against it
FIRST_FEW = 3  # of the wrong answers a mistake must explain one, or it is not tried on the others
TOO_MANY = 5_000  # items; an answer of more is not compared with everything it could be


@dataclass(frozen=True)
class Trial:
    """A function's answers to an exercise's cases beside the right ones, and which are wrong.

    Answers are in built-in types; where the function gave no answer, `answers` has None.
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
    A function that always answers the same is not looked at further.
    """
    if len(trial.wrong) > 1 and all(close(trial.answers[0], answer) for answer in trial.answers):
        return _always_the_same(trial)
    for candidates in (_mistakes, _corners, _relations):
        best = max(candidates(trial), key=lambda one: one.share, default=None)
        if best and best.share > ENOUGH:
            return best.diagnosis
    return None


def _always_the_same(trial: Trial) -> Diagnosis | None:
    answer = trial.answers[0]
    if kind(answer) is not kind(trial.expected[0]):
        return None  # which says more
    message = _("Your function returns `{answer}` whatever the input is.").format(answer=show(answer))
    return Diagnosis(message, trial.wrong, "relation")


def _mistakes(trial: Trial) -> Iterator[_Candidate]:
    """The exercise's own."""
    for mistake, answers in _with_answers(trial.exercise, _own):
        yield _of_mistake(trial, mistake, answers, "mistake")


def _corners(trial: Trial) -> Iterator[_Candidate]:
    """What is special about the inputs that go wrong, where all others are right."""
    for corner in trial.exercise.corners:
        inside = {i for i, arguments in enumerate(trial.cases) if corner.holds(*copy.deepcopy(arguments))}
        if trial.wrong <= inside and len(inside) < len(trial.cases):
            yield _Candidate(Diagnosis(corner.message, trial.wrong & inside, "corner"), trial.wrong ^ inside)


def _relations(trial: Trial) -> Iterator[_Candidate]:
    """What many wrong answers have in common; two cases at least, since of one there are many explanations."""
    answered = [i for i in sorted(trial.wrong) if trial.answers[i] is not None and _size(trial.answers[i]) <= TOO_MANY]
    if len(answered) < 2:
        return
    expected = [plain(answer) for answer in trial.expected]
    near = [i for i in answered if differs_in_last_digits(expected[i], trial.answers[i])]
    if len(near) > ENOUGH * len(trial.wrong):
        yield from _of_relations(trial, expected, near, PRECISION)
        return
    pairs, names = [(expected[i], trial.answers[i]) for i in answered], _result_names(trial.exercise, expected)
    in_each = in_results if names else in_rows
    first = [*of_results(names), *TABLE, *fitted(*pairs[0]), *in_each(TABLE)]
    whole = [one for one in LAST if one not in PLACES] if names else LAST  # results have names, not halves
    last = [*of_one_result(pairs, names), *whole, *in_each(LAST), *of_one_right_result(names)]
    for candidates in (
        _of_arguments(trial, answered[:FIRST_FEW], _exact),
        _of_relations(trial, expected, answered, first),
        _of_arguments(trial, answered[:FIRST_FEW], _loose),
        _of_relations(trial, expected, answered, last),
    ):
        yield from (one for one in candidates if len(one.diagnosis.cases) > 1)


def _of_mistake(trial: Trial, mistake: Mistake, answers: Sequence[Any], source: str) -> _Candidate:
    """A mistake speaks of the cases that it or the learner gets wrong. `answers` are those of the mistake."""
    visible = {i for i in range(len(trial.cases)) if answers[i] is not _RIGHT}
    explained = frozenset(
        i
        for i in trial.wrong & visible
        if trial.answers[i] is not None and trial.exercise.compare(answers[i], trial.answers[i])
    )
    return _Candidate(Diagnosis(mistake.message, explained, source), (trial.wrong | visible) - explained)


_RIGHT = object()  # in place of an answer that is not wrong


def _own(exercise: Exercise) -> Iterable[Mistake]:
    return exercise.mistakes


def _exact(exercise: Exercise) -> Iterable[Mistake]:
    return exact_mistakes(exercise.solution)


def _loose(exercise: Exercise) -> Iterable[Mistake]:
    return loose_mistakes(exercise.solution)


MistakesOf = Callable[[Exercise], Iterable[Mistake]]


@functools.lru_cache(maxsize=200)
def _with_answers(exercise: Exercise, mistakes_of: MistakesOf) -> list[tuple[Mistake, list[Any]]]:
    """Mistakes beside their wrong answers to the exercise's cases, which are the same in every check."""
    cases = exercise.cases()
    expected = [exercise.solution(*copy.deepcopy(arguments)) for arguments in cases]
    return [
        (mistake, [_wrong_answer(exercise, mistake, *case) for case in zip(cases, expected, strict=True)])
        for mistake in mistakes_of(exercise)
    ]


def _wrong_answer(exercise: Exercise, mistake: Mistake, arguments: tuple[Any, ...], right: Any) -> Any:
    try:
        answer = mistake.wrong(*copy.deepcopy(arguments))
    except Exception:  # it does not apply to these arguments
        return _RIGHT
    return _RIGHT if exercise.compare(right, answer) else answer


def _of_arguments(trial: Trial, few: Sequence[int], mistakes_of: MistakesOf) -> Iterator[_Candidate]:
    compare = trial.exercise.compare
    for mistake, answers in _with_answers(trial.exercise, mistakes_of):
        if any(answers[i] is not _RIGHT and compare(answers[i], trial.answers[i]) for i in few):
            yield _of_mistake(trial, mistake, answers, "relation")


def _of_relations(
    trial: Trial, expected: Sequence[Any], answered: Sequence[int], candidates: Iterable[Relation]
) -> Iterator[_Candidate]:
    for relation in candidates:
        explained = _explained(relation, trial, expected, answered)
        if not explained:
            continue
        # A right answer speaks against it where the relation would have changed it.
        right = set(range(len(expected))) - trial.wrong
        against = {i for i in right if not _holds(relation, expected[i], expected[i])}
        yield _Candidate(Diagnosis(relation.message, explained, "relation"), (trial.wrong - explained) | against)


def _explained(relation: Relation, trial: Trial, expected: Sequence[Any], answered: Sequence[int]) -> frozenset[int]:
    """The answers for which a relation holds, if it is enough of the wrong ones; none as soon as it cannot be."""
    explained, left = set(), len(answered)
    for i in answered:
        if _holds(relation, expected[i], trial.answers[i]):
            explained.add(i)
        else:
            left -= 1
            if left <= ENOUGH * len(trial.wrong):
                return frozenset()
    return frozenset(explained) if left > ENOUGH * len(trial.wrong) else frozenset()


def _holds(relation: Relation, right: Any, answer: Any) -> bool:
    try:
        return relation.holds(right, answer)
    except Exception:  # reversing a number, transposing a text: it does not apply to such answers
        return False


def _result_names(exercise: Exercise, expected: Sequence[Any]) -> list[str]:
    """The names of the results where the answer is a tuple of several, not of many: the exercise's, or their places."""
    if exercise.results:
        return [f"`{name}`" for name in exercise.results]
    lengths = {len(answer) if isinstance(answer, tuple) else 0 for answer in expected}
    length = lengths.pop()
    return list(ORDINALS[:length]) if not lengths and 2 <= length <= len(ORDINALS) else []


def _size(value: Any) -> int:
    """How many items and characters a value has, on all levels."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (str, bytes)):
        return len(value)
    return 1 + sum(map(_size, value)) if isinstance(value, (list, tuple, set)) else 1
