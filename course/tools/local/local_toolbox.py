"""What the local tools are for, as a model reads it, and the table of those that need nothing but the course itself.

The functions are in modules of their own that import no other part of this package: a child process loads one of them
and nothing else.
"""

from collections.abc import Iterable

from course.tools.execution import Tool, Toolbox
from course.tools.local.arithmetic import calculate
from course.tools.local.dates import add_days, days_between, weekday
from course.tools.local.glossary import look_up
from course.tools.local.pictures import show_animation
from course.tools.local.units import NAMES, convert_units
from course.tools.schema import Function, Parameter

DATE = "as YYYY-MM-DD"
DESCRIPTIONS = {
    days_between: Function(
        "days_between",
        "The number of days from one date to another.",
        (
            Parameter("start", "string", f"The first date, {DATE}"),
            Parameter("end", "string", f"The second date, {DATE}"),
        ),
    ),
    weekday: Function("weekday", "The day of the week of a date.", (Parameter("day", "string", f"The date, {DATE}"),)),
    add_days: Function(
        "add_days",
        "The date that is a number of days after another date.",
        (
            Parameter("day", "string", f"The date to count from, {DATE}"),
            Parameter("days", "integer", "How many days; below 0 for days before the date"),
        ),
    ),
    convert_units: Function(
        "convert_units",
        "Converts an amount from one unit to another of the same quantity.",
        (
            Parameter("value", "float", "The amount in the first unit"),
            Parameter("from_unit", "string", "The unit that it is in", enum=NAMES),
            Parameter("to_unit", "string", "The unit to convert it to", enum=NAMES),
        ),
    ),
    calculate: Function(
        "calculate",
        "The value of an arithmetic expression.",
        (Parameter("expression", "string", "Numbers, + - * / // % ** and parentheses, such as '(3 + 4) * 2'"),),
    ),
    look_up: Function(
        "look_up",
        "The definition of a term of language modeling, from the glossary of this course.",
        (Parameter("term", "string", "The term, in English or Korean, such as 'perplexity'"),),
    ),
    show_animation: Function(
        "show_animation",
        "Shows an animated picture of animals for a few words.",
        (Parameter("query", "string", "What is to be seen, such as 'two dogs jumping'"),),
    ),
}


def local_toolbox(given: Iterable[Tool] = ()) -> Toolbox:
    """The tools on dates, units, arithmetic, the glossary and pictures, and those that are given beside them."""
    return Toolbox([*(Tool(function, run) for run, function in DESCRIPTIONS.items()), *given])
