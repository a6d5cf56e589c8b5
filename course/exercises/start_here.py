"""The exercise of the lesson `start_here`."""

from course.exercises.exercise import Exercise, Mistake
from course.messages import _


def tokens_per_second(ids: list[int], seconds: float) -> float:
    """How many tokens per second a model wrote.

    `ids` are the ids of the tokens it wrote, in order; `seconds` is the time it took to write them.

    >>> tokens_per_second([504, 3575, 314, 4461], 0.5)
    8.0
    """
    return len(ids) / seconds


def _cases() -> list[tuple]:
    return [
        ([504, 3575, 314, 4461], 0.5),
        ([28], 0.25),
        ([28, 28, 28, 28, 28], 4.0),
        ([327, 5, 327, 5, 327, 5], 4.8),
        ([260, 260, 2], 0.625),
        ([198, 216, 35, 504, 3575, 314, 4461, 1743, 282, 260], 0.78125),
        (list(range(1000, 1060)), 3.2),
        ([], 1.5),
    ]


def _seconds_per_token(ids, seconds):
    return seconds / len(ids) if ids else 0.0


def _sum_of_ids(ids, seconds):
    return sum(ids) / seconds


def _different_tokens_only(ids, seconds):
    return len(set(ids)) / seconds


def _rounded_down(ids, seconds):
    return len(ids) // seconds


EXERCISES = (
    Exercise(
        name="start_here.tokens_per_second",
        title=_("Tokens per second"),
        solution=tokens_per_second,
        cases=_cases,
        hints=(
            _("`len(ids)` is the number of tokens."),
            _("A speed is an amount divided by a time, as in kilometers per hour."),
        ),
        mistakes=(
            Mistake(
                _seconds_per_token,
                _(
                    "This is the **seconds per token**: the time divided by the number of tokens. "
                    "Tokens per second is the number of tokens divided by the time."
                ),
            ),
            Mistake(
                _sum_of_ids,
                _(
                    "You added up the ids. An id is a token's place in the vocabulary and counts nothing. "
                    "Take the number of ids: `len(ids)`."
                ),
            ),
            Mistake(
                _different_tokens_only,
                _("A token that the model wrote twice counts twice. Take the length of the list, without `set`."),
            ),
            Mistake(_rounded_down, _("The answer is rounded down: `//` drops the fraction. Divide with `/`.")),
        ),
        explanation=_(
            "The number of tokens divided by the time. Which tokens they are does not matter: with its cache, "
            "the model takes about as long for each."
        ),
    ),
)
