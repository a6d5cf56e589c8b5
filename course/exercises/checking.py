"""Check a learner's function: compare its answers with the solution's, and say what is wrong with the wrong ones."""

import copy
import inspect
from collections.abc import Callable, Sequence
from typing import Any

from course.exercises import progress
from course.exercises.answers import MOST_ITEMS, Answer, Foreign
from course.exercises.calling import (
    TIME_LIMIT,
    CallFailed,
    NotAttempted,
    Outcome,
    call,
    other_order,
    require_signature,
)
from course.exercises.compare import close, first_difference, kind, same, shape
from course.exercises.diagnosis import Diagnosis, Trial, diagnose
from course.exercises.display import Example, Result, Verdict
from course.exercises.exercise import Exercise
from course.exercises.limit import TimeIsUp, limited
from course.exercises.registry import find
from course.exercises.showing import show_path
from course.exercises.surroundings import kept_as_they_are
from course.messages import _, ngettext

HALF_PRECISION = {"float16", "bfloat16"}
DIAGNOSIS_LIMIT = 10.0  # seconds of the processor; it takes a tenth of one, with tensors up to one
HALF_ROUNDS = 0.02  # how far an answer in half precision may be off, after a few steps


def check(name: object, function: object) -> Result:
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
        return Result(exercise, Verdict.FAILED, str(failure), source="call")

    cases, outcomes = exercise.cases(), []
    for arguments in cases:
        try:
            outcomes.append(call(attempt, arguments, seconds))
        except NotAttempted:
            message = _("Write the body where the three dots are, then run the cell again.")
            return Result(exercise, Verdict.NOT_ATTEMPTED, message)
        if outcomes[-1].out_of_time:
            break
    cases = cases[: len(outcomes)]
    expected = [exercise.solution(*copy.deepcopy(arguments)) for arguments in cases]
    wrong = [i for i in range(len(cases)) if not _is_right(exercise, expected[i], outcomes[i].answer)]
    if wrong:
        return _wrong(exercise, attempt, cases, expected, outcomes, wrong)
    message = ngettext("Right on {count} input.", "Right on all {count} inputs.", len(cases)).format(count=len(cases))
    printed = outcomes[0].printed
    shown = Example(exercise, cases[0], printed=printed) if printed else None
    return Result(exercise, Verdict.PASSED, message, shown)


def _is_right(exercise: Exercise, expected: object, answer: Answer | None) -> bool:
    """Whether an answer is right; one that was computed in float32 may be rounded as float32 is."""
    if answer is None:
        return False
    if exercise.compare is same and "float32" in answer.dtypes:
        return close(expected, answer.value)
    return exercise.compare(expected, answer.value)


def _wrong(
    exercise: Exercise,
    function: Callable[..., object],
    cases: Sequence[tuple[Any, ...]],
    expected: Sequence[object],
    outcomes: Sequence[Outcome],
    wrong: Sequence[int],
) -> Result:
    """The result when some answers are wrong or missing: what is behind it, and the first input that shows it."""
    answers = [outcome.answer and outcome.answer.value for outcome in outcomes]
    found = _diagnosed(Trial(exercise, cases, expected, answers, frozenset(wrong)))
    endless = outcomes[-1].out_of_time
    first = min(found.cases) if found else wrong[-1] if endless else wrong[0]
    outcome = outcomes[first]
    if parameters := other_order(function, exercise.solution):
        message, source = _in_order(exercise, parameters), "call"
    elif outcome.answer and (imprecise := _imprecise(expected[first], outcome.answer)):
        message, source = imprecise, "precision"
    elif found:
        message, source = " ".join(filter(None, (outcome.failure, found.message))), found.source
    elif outcome.answer is None:
        message, source = outcome.failure, "time" if endless else "error"
    else:
        message, source = _difference(expected[first], outcome.answer, len(wrong), len(cases))
    shown = Example(exercise, cases[first], outcome.answer, expected[first], outcome.printed)
    return Result(exercise, Verdict.FAILED, message, shown, source)


def _diagnosed(trial: Trial) -> Diagnosis | None:
    """The diagnosis, if there is one within its time: a solution may not end for the arguments that are tried."""
    with kept_as_they_are():
        try:
            return limited(lambda: diagnose(trial), DIAGNOSIS_LIMIT, of_processor=True)
        except TimeIsUp:
            return None


def _in_order(exercise: Exercise, parameters: list[str]) -> str:
    return _("The arguments come in the order `({wanted})`, and your function takes them as `({found})`.").format(
        wanted=", ".join(inspect.signature(exercise.solution).parameters), found=", ".join(parameters)
    )


def _imprecise(expected: object, answer: Answer) -> str:
    """What to say of an answer that is right but for the few digits that its numbers have; nothing of others."""
    half = sorted(answer.dtypes & HALF_PRECISION)
    if not half or not same(expected, answer.value, relative=HALF_ROUNDS, absolute=HALF_ROUNDS):
        return ""
    return _(
        "Your numbers are right as far as the precision of `{dtype}` goes, which is two or three digits. "
        "Compute in float32 or float64."
    ).format(dtype=half[0])


def _difference(expected: object, answer: Answer, wrong: int, count: int) -> tuple[str, str]:
    """What is different about a wrong answer: its shape, its type, or the first place that is not right."""
    found, wanted = shape(answer.value), shape(expected)
    if found is not None and wanted is not None and found != wanted:
        if not found:
            return _("Your answer is one number, wanted shape {wanted}.").format(wanted=wanted), "shape"
        if not wanted:
            return _("Your answer has shape {found}, wanted one number.").format(found=found), "shape"
        return _("Your answer has shape {found}, wanted {wanted}.").format(found=found, wanted=wanted), "shape"
    if kind(answer.value) is not kind(expected):
        return _wrong_type(answer, type(expected).__name__), "type"
    message = ngettext(
        "{wrong} of {count} answer is not right. The first of them:",
        "{wrong} of {count} answers are not right. The first of them:",
        count,
    ).format(wrong=wrong, count=count)
    if path := first_difference(expected, answer.value):
        message = ngettext(
            "{wrong} of {count} answer is not right. The first of them differs at `{path}`:",
            "{wrong} of {count} answers are not right. The first of them differs at `{path}`:",
            count,
        ).format(wrong=wrong, count=count, path=show_path(path))
    return message, ""


def _wrong_type(answer: Answer, wanted: str) -> str:
    if isinstance(answer.value, Foreign) and answer.value.too_large:
        return _("Your function returns far more than it should: {count:,} items and more.").format(count=MOST_ITEMS)
    if isinstance(answer.value, Foreign) and answer.value.shape is not None:
        return _("Your function returns a tensor without numbers, on the device `meta`.")
    sentence = _("Your function returns a value of type `{found}`, and the answer is of type `{wanted}`.").format(
        found=answer.type_name, wanted=wanted
    )
    remedies = {
        "function": _("Call that function, with parentheses."),
        "method": _("Call that method, with parentheses."),
        "builtin_function_or_method": _("Call that function, with parentheses."),
        "coroutine": _("Write `def`, not `async def`."),
    }
    return " ".join(filter(None, (sentence, remedies.get(answer.type_name))))
