"""Dates as data, in English and Korean; the task on them is `tasks/dates.py`, the training `experiments/dates.py`.

They are written as people write them, with the patterns of the Unicode locale data, by way of Babel.
"""

import random
import re
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from typing import NamedTuple

from babel import Locale
from babel.dates import format_date

from course.messages import _

FIRST, LAST = date(1900, 1, 1), date(2099, 12, 31)

_MONTHS = {"wide": "MMMM", "abbreviated": "MMM", "numeric": "M"}
_WEEKDAYS = {"none": "", "abbreviated": "E", "wide": "EEEE"}
_REGIONS = ("US", "GB")


@dataclass(frozen=True, order=True)
class DateStyle:
    """How an English date is written. Raises `ValueError` for a style that is not in `STYLES`.

    `region` "US" puts the month first, "GB" the day; `month` is "wide" (November), "abbreviated" (Nov) or "numeric"
    (11); `weekday` is "wide" (Tuesday), "abbreviated" (Tue) or "none". Numeric months are American here: 11/4/2026
    could otherwise be either of two dates.
    """

    region: str
    month: str
    weekday: str

    def __post_init__(self) -> None:
        for name, known in (("region", _REGIONS), ("month", _MONTHS), ("weekday", _WEEKDAYS)):
            if getattr(self, name) not in known:
                raise ValueError(
                    _("{name} is {value!r}; it must be one of {known}.").format(
                        name=name, value=getattr(self, name), known=", ".join(known)
                    )
                )
        if self.region == "GB" and self.month == "numeric":
            raise ValueError(
                _("A numeric date could be read day first or month first: choose the region US, or a month by name.")
            )


STYLES = tuple(
    DateStyle(region, month, weekday)
    for region, month, weekday in product(_REGIONS, _MONTHS, _WEEKDAYS)
    if (region, month) != ("GB", "numeric")
)

# Never in training. Each of their regions, months and weekdays is, but not together.
NEW_COMBINATIONS = (
    DateStyle("US", "abbreviated", "wide"),
    DateStyle("US", "numeric", "wide"),
    DateStyle("GB", "wide", "abbreviated"),
)


@dataclass(frozen=True)
class DatePair:
    """One day, as English and as Korean speakers write it: "Tuesday, November 24, 2026", "2026년 11월 24일 화요일"."""

    english: str
    korean: str
    day: date
    style: DateStyle


class DateSplits(NamedTuple):
    """Four parts without a day in common; the last has the styles `NEW_COMBINATIONS`, the others all but those."""

    train: list[DatePair]
    validation: list[DatePair]
    new_dates: list[DatePair]
    new_combinations: list[DatePair]


def date_pair(day: date, style: DateStyle) -> DatePair:
    """A day written in English in this style, and in Korean with the same fields: year, month, day, weekday."""
    return DatePair(_write(day, style, f"en_{style.region}"), _write(day, style, "ko"), day, style)


def date_splits(
    *, train: int = 10_000, validation: int = 500, new_dates: int = 1000, new_combinations: int = 1000, seed: int = 0
) -> DateSplits:
    """This many pairs in each part, of days from 1900 to 2099, each in a style drawn at random with `seed`.

    Raises `ValueError` when there are more pairs than the 73,049 days of those years.
    """
    sizes = (train, validation, new_dates, new_combinations)
    n_days = (LAST - FIRST).days + 1
    if sum(sizes) > n_days:
        raise ValueError(
            _("{count} pairs are more than the {limit} days from {first} to {last}: ask for fewer.").format(
                count=sum(sizes), limit=n_days, first=FIRST.year, last=LAST.year
            )
        )
    rng = random.Random(seed)
    days = iter(rng.sample(range(n_days), sum(sizes)))

    def part(size: int, new: bool) -> list[DatePair]:
        chosen = [FIRST + timedelta(days=next(days)) for _number in range(size)]
        return [date_pair(day, rng.choice(_styles(day, new))) for day in chosen]

    return DateSplits(part(train, False), part(validation, False), part(new_dates, False), part(new_combinations, True))


def _styles(day: date, new: bool) -> list[DateStyle]:
    """The styles this day may have. May is its own abbreviation: by name it would look like a style in training."""
    if new:
        return [style for style in NEW_COMBINATIONS if day.month != 5 or style.month == "numeric"]
    return [style for style in STYLES if style not in NEW_COMBINATIONS]


def _write(day: date, style: DateStyle, locale: str) -> str:
    return format_date(day, _pattern(locale, style), locale=locale)


def _pattern(locale: str, style: DateStyle) -> str:
    """The locale's pattern for these fields. Where it lists them only in other widths, the names get the desired ones.

    Source: Unicode Technical Standard 35, part 4, "Matching Skeletons".
    """
    month, weekday = _MONTHS[style.month], _WEEKDAYS[style.weekday]
    listed = Locale.parse(locale).datetime_skeletons
    months = dict.fromkeys((month, month[:3]))  # the width asked for, else the abbreviated one
    weekdays = dict.fromkeys((weekday, weekday[:1]))
    skeleton = next(name for name in (f"y{m}{w}d" for w, m in product(weekdays, months)) if name in listed)
    pattern = re.sub("E+", weekday, listed[skeleton].pattern)
    return re.sub("MMM+", month, pattern)
