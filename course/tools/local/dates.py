"""Tools on dates: days between two, the day of the week, a date some days later."""

import re
from datetime import date, timedelta

from course.messages import _

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def read_date(text: str) -> date:
    """The date written as YYYY-MM-DD, years 1 to 9999. Raises `ValueError` for what is none."""
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError(_("{text!r} is no date: write one as YYYY-MM-DD, such as 2026-11-28.").format(text=text))


def days_between(start: str, end: str) -> int:
    """How many days `end` is after `start`; below 0 where it is before."""
    return (read_date(end) - read_date(start)).days


def weekday(day: str) -> str:
    """The day of the week of a date, in English."""
    return WEEKDAYS[read_date(day).weekday()]


def add_days(day: str, days: int) -> str:
    """The date this many days later, or earlier for `days` below 0. Raises `ValueError` outside of years 1 to 9999."""
    try:
        return (read_date(day) + timedelta(days=days)).isoformat()
    except OverflowError:
        raise ValueError(
            _("{days} days from {day} is outside of the years 1 to 9999: give fewer days.").format(days=days, day=day)
        ) from None
