"""Problems whose steps are known: days after a date, a weekday some days on, and sums of two steps, made by rule.

The names of months, weekdays and units are those of the Unicode locale data, by way of Babel, in American and British
English. A problem's formula is what it computes, whatever its words: the sets have no formula and no text in common.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from typing import NamedTuple

from babel import Locale
from babel.dates import format_date
from babel.units import format_unit

from course.compression import Reasoned
from course.data.overlap import disjoint
from course.data.splits import draw, split
from course.messages import _

YEAR = 2026  # no leap year
REGIONS = ("en_US", "en_GB")
DAYS_IN = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
UNITS = ("length-kilometer", "length-mile", "mass-kilogram", "volume-liter", "duration-hour")
DATE_WORDS = (
    "A fair begins on {date} and ends {n} days later. When does it end?",
    "It is {date}. What is the date in {n} days?",
)
WEEKDAY_WORDS = (
    "Today is {day}. Which weekday is it in {n} days?",
    "A parcel was sent on a {day} and came {n} days later. On which weekday did it come?",
)
SUM_WORDS = (
    "There are {a} {unit}. Then {b} more come, and {c} are taken away. How many {unit} are left?",
    "Of {a} {unit} and {b} {unit}, {c} {unit} are used. How many {unit} remain?",
)


@dataclass(frozen=True)
class StepProblem(Reasoned):
    """A problem with its steps, its kind, and the formula that it computes."""

    kind: str = ""
    formula: str = ""


class StepSets(NamedTuple):
    """Problems to train on and to choose with, the test, and training problems besides the first: a pool of more."""

    training: list[StepProblem]
    more: list[StepProblem]
    validation: list[StepProblem]
    test: list[StepProblem]


def date_problem(rng: random.Random) -> StepProblem:
    """A date some days after another, which may be in the next month: "April 6" after 9 days from March 28."""
    start = date(YEAR, rng.randrange(1, 12), rng.randrange(10, 29))  # ends within the year
    n, region = rng.randrange(2, 10), rng.choice(REGIONS)
    end, length = start + timedelta(days=n), DAYS_IN[start.month - 1]
    total = start.day + n
    steps = [f"{start.day} + {n} = {total}."]
    if end.month != start.month:
        steps.append(f"{_month(start, region)} has {length} days. {total} - {length} = {total - length}.")
    question = rng.choice(DATE_WORDS).format(date=_written(start, region), n=n)
    return StepProblem(question, _written(end, region), " ".join(steps), "date", f"{start:%m-%d} + {n}")


def weekday_problem(rng: random.Random) -> StepProblem:
    """A weekday some days after another: whole weeks change nothing, the rest is counted on."""
    names = Locale.parse(rng.choice(REGIONS)).days["format"]["wide"]
    start, n = rng.randrange(7), rng.randrange(2, 50)
    weeks, rest = divmod(n, 7)
    passed = ", ".join(names[(start + day) % 7] for day in range(rest + 1))
    question = rng.choice(WEEKDAY_WORDS).format(day=names[start], n=n)
    steps = f"{n} - {7 * weeks} = {rest}. {passed}."
    return StepProblem(question, names[(start + n) % 7], steps, "weekday", f"weekday {start} + {n}")


def sum_problem(rng: random.Random) -> StepProblem:
    """Two numbers together, less a third."""
    a, b = rng.randrange(2, 20), rng.randrange(2, 10)
    c = rng.randrange(2, min(10, a + b))
    unit = _unit(rng.choice(UNITS), rng.choice(REGIONS))
    question = rng.choice(SUM_WORDS).format(a=a, b=b, c=c, unit=unit)
    steps = f"{a} + {b} = {a + b}. {a + b} - {c} = {a + b - c}."
    return StepProblem(question, str(a + b - c), steps, "sum", f"{a} + {b} - {c}")


KINDS: Mapping[str, Callable[[random.Random], StepProblem]] = {
    "date": date_problem,
    "weekday": weekday_problem,
    "sum": sum_problem,
}
TURNS = ("date", "sum", "weekday", "date", "sum")  # there are fewer formulas of weekdays


def step_problems(n: int, seed: int = 0) -> list[StepProblem]:
    """`n` problems, the kinds in turn as in `TURNS`, no formula twice.

    Raises `ValueError` for more than a kind has formulas.
    """
    rng, found, known = random.Random(seed), [], set()
    for number in range(n):
        kind = TURNS[number % len(TURNS)]
        make = KINDS[kind]
        for _attempt in range(2000):
            problem = make(rng)
            if problem.formula not in known:
                break
        else:
            raise ValueError(
                _("There are no more problems of the kind {kind!r} after {n} of all kinds: ask for fewer.").format(
                    kind=kind, n=number
                )
            )
        known.add(problem.formula)
        found.append(problem)
    return found


def step_sets(n: int = 1500, *, training: int = 400, validation: int = 120, test: int = 200, seed: int = 0) -> StepSets:
    """Training problems, a pool of more, validation and test, of `n` problems: no formula and no text is in two sets.

    `training` are drawn of the pool, the others of their own parts. Raises `ValueError` for more than there are.
    """
    parts = split(step_problems(n, seed), lambda one: one.formula, validation=0.1, test=0.15, seed=seed)
    sets = disjoint(
        parts.train,
        parts.validation,
        parts.test,
        text=lambda one: one.question,
        near="numbers",
        names=("training", "validation", "test"),
    )
    require_other_formulas(sets.train, *sets.held_out)
    return StepSets(
        draw(sets.train, training), sets.train, draw(sets.held_out[0], validation), draw(sets.held_out[1], test)
    )


def require_other_formulas(train: Sequence[StepProblem], *held_out: Sequence[StepProblem]) -> None:
    """Raises `ValueError`, naming it, for a formula that is in two of the sets, though its words differ."""
    sets = (train, *held_out)
    for (number, first), (_later, second) in combinations(enumerate(sets), 2):
        shared = {one.formula for one in first} & {one.formula for one in second}
        if shared:
            raise ValueError(
                _("The formula {formula!r} is in set {number} and in a later one: split by formula.").format(
                    formula=min(shared), number=number
                )
            )


def _written(day: date, region: str) -> str:
    return format_date(day, "MMMM d" if region == "en_US" else "d MMMM", locale=region)


def _month(day: date, region: str) -> str:
    return format_date(day, "MMMM", locale=region)


def _unit(name: str, region: str) -> str:
    """The unit's plural in the locale's own spelling, "litres" in British English."""
    return format_unit(2, name, locale=region).removeprefix("2").strip()
