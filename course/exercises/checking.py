"""Check a learner's function: compare its answers with the solution's, and name the mistake behind wrong ones.

The idea of also computing the typical wrong answers, to recognize them, comes from the ARENA course
(`part4_rlhf/tests.py`).
"""

import copy
from collections.abc import Sequence
from typing import Any

from course.exercises import progress
from course.exercises.calling import TIME_LIMIT, CallFailed, NotAttempted, call, require_signature
from course.exercises.compare import kind
from course.exercises.display import Example, Result, Verdict
from course.exercises.exercise import Exercise, Mistake
from course.exercises.registry import find
from course.messages import _, ngettext


def check(name: str, function: object) -> Result:
    """Run a function on the exercise's cases, report the result, and record it in the learner's progress.

    Any implementation with the right answers passes. Raises `ValueError` for an unknown exercise.
    """
    exercise = find(name)
    result = judge(exercise, function)
    if result.verdict is not Verdict.NOT_ATTEMPTED:
        progress.record(exercise.name, result.passed)
    return result


def judge(exercise: Exercise, function: object, seconds: float = TIME_LIMIT) -> Result:
    """The result for a function, without recording it. `seconds` limits the time of one call."""
    try:
        attempt = require_signature(function, exercise.solution)
    except CallFailed as failure:
        return Result(exercise, Verdict.FAILED, str(failure))

    cases, failure = exercise.cases(), None
    answers: list[object] = []
    for arguments in cases:
        try:
            answers.append(call(attempt, arguments, seconds))
        except NotAttempted:
            message = _("Write the body where the three dots are, then run the cell again.")
            return Result(exercise, Verdict.NOT_ATTEMPTED, message)
        except CallFailed as error:
            failure = Result(exercise, Verdict.FAILED, str(error), Example(exercise.function_name, arguments))
            break

    cases = cases[: len(answers)] if failure else cases
    expected = [exercise.solution(*copy.deepcopy(arguments)) for arguments in cases]
    if not all(map(exercise.compare, expected, answers)):
        return _wrong(exercise, cases, expected, answers)
    if failure:
        return failure
    message = ngettext("Right on {count} input.", "Right on all {count} inputs.", len(cases)).format(count=len(cases))
    return Result(exercise, Verdict.PASSED, message)


def _wrong(
    exercise: Exercise, cases: Sequence[tuple[Any, ...]], expected: Sequence[object], answers: Sequence[object]
) -> Result:
    """The result when some answers are wrong: the message of the mistake, or the first wrong answer."""
    wrong = {i for i in range(len(cases)) if not exercise.compare(expected[i], answers[i])}
    mistake, explained = _find_mistake(exercise, cases, expected, answers, wrong)
    first = min(explained or wrong)
    if mistake:
        message = mistake.message
    elif kind(answers[first]) is not kind(expected[first]):
        message = _("Your function returns a value of type `{found}`, and the answer is of type `{wanted}`.").format(
            found=type(answers[first]).__name__, wanted=type(expected[first]).__name__
        )
    else:
        message = ngettext(
            "{wrong} of {count} answer is not right. The first of them:",
            "{wrong} of {count} answers are not right. The first of them:",
            len(cases),
        ).format(wrong=len(wrong), count=len(cases))
    shown = Example(exercise.function_name, cases[first], answers[first], expected[first])
    return Result(exercise, Verdict.FAILED, message, shown)


def _find_mistake(
    exercise: Exercise,
    cases: Sequence[tuple[Any, ...]],
    expected: Sequence[object],
    answers: Sequence[object],
    wrong: set[int],
) -> tuple[Mistake | None, set[int]]:
    """The mistake that explains the wrong answers, and the cases that it explains.

    A mistake explains the answers when, of the cases that either the learner or the mistake gets wrong, more than half
    have the same wrong answer in both. A slip in one unusual case then does not hide the mistake, and one unusual case
    is not enough to diagnose it.
    """
    best, best_share, best_explained = None, 0.5, set()
    for mistake in exercise.mistakes:
        mistaken = [mistake.wrong(*copy.deepcopy(arguments)) for arguments in cases]
        visible = {i for i in range(len(cases)) if not exercise.compare(expected[i], mistaken[i])}
        explained = {i for i in wrong & visible if exercise.compare(mistaken[i], answers[i])}
        share = len(explained) / len(wrong | visible)
        if share > best_share:
            best, best_share, best_explained = mistake, share, explained
    return best, best_explained
