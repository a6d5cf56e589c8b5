"""The exercise of the lesson `start_here`."""

from course.exercises.exercise import Corner, Exercise, Mistake
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
        ([28, 314], 3.0),
        ([504, 2, 2, 31, 2], 0.9),
        (list(range(200, 231)), 7.0),
        ([28], 700.0),
        ([], 1.5),
    ]


def _seconds_per_token(ids, seconds):
    return seconds / len(ids) if ids else 0.0


def _times_the_seconds(ids, seconds):
    return len(ids) * seconds


def _without_the_time(ids, seconds):
    return len(ids)


def _sum_of_ids(ids, seconds):
    return sum(ids) / seconds


def _different_tokens_only(ids, seconds):
    return len(set(ids)) / seconds


def _one_token_less(ids, seconds):
    return (len(ids) - 1) / seconds


def _one_token_more(ids, seconds):
    return (len(ids) + 1) / seconds


def _rounded_down(ids, seconds):
    return len(ids) // seconds


def _rounded(ids, seconds):
    return round(len(ids) / seconds)


def _rounded_to_tenths(ids, seconds):
    return round(len(ids) / seconds, 1)


def _rounded_to_hundredths(ids, seconds):
    return round(len(ids) / seconds, 2)


def _per_minute(ids, seconds):
    return len(ids) / (seconds / 60)


def _per_millisecond(ids, seconds):
    return len(ids) / (1000 * seconds)


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
                _times_the_seconds,
                _(
                    "You **multiply** by the time, so a slower model would have the higher speed. "
                    "A speed is an amount divided by a time."
                ),
            ),
            Mistake(
                _without_the_time,
                _("This is the number of tokens, however long they took. What is the number for one second?"),
            ),
            Mistake(
                _sum_of_ids,
                _(
                    "You added up the ids. An id is a token's index in the vocabulary and counts nothing. "
                    "Take the number of ids: `len(ids)`."
                ),
            ),
            Mistake(
                _different_tokens_only,
                _("A token that the model generated twice counts twice. Take the length of the list, without `set`."),
            ),
            Mistake(
                _one_token_less,
                _(
                    "You count one token **too few**. Positions are counted from 0, so the last one is `len(ids) - 1`; "
                    "the number of tokens is `len(ids)`."
                ),
            ),
            Mistake(_one_token_more, _("You count one token **too many**: the number of tokens is `len(ids)`.")),
            Mistake(_rounded_down, _("The answer is rounded down: `//` drops the fraction. Divide with `/`.")),
            Mistake(
                _rounded,
                _("The answer is rounded to a whole number. Return it as the division gives it, without `round`."),
            ),
            Mistake(
                _rounded_to_tenths,
                _("The answer is rounded to one decimal place. Round where a number is printed, not where it is made."),
            ),
            Mistake(
                _rounded_to_hundredths,
                _("The answer is rounded to two decimal places. Round when printing, not when calculating."),
            ),
            Mistake(_per_minute, _("This is the number of tokens per **minute**. The time is in seconds already.")),
            Mistake(
                _per_millisecond,
                _("This is the number of tokens per **millisecond**. The time is in seconds already."),
            ),
        ),
        corners=(
            Corner(
                lambda ids, seconds: not ids,
                _("Only a model that generated **nothing** goes wrong: 0 tokens in any time are 0 tokens per second."),
            ),
        ),
        explanation=_(
            "The number of tokens divided by the time. Which tokens they are does not matter: with its cache, "
            "the model takes about as long for each."
        ),
    ),
)
