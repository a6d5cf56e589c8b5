"""The tools that lesson 17 runs: dates, units, arithmetic, the glossary, pictures; and those made of what is given."""

from course.tools.local.arithmetic import calculate
from course.tools.local.dates import add_days, days_between, weekday
from course.tools.local.given import count_tokens_tool, search_tool
from course.tools.local.glossary import look_up
from course.tools.local.local_toolbox import local_toolbox
from course.tools.local.pictures import show_animation
from course.tools.local.units import convert_units

__all__ = [
    "add_days",
    "calculate",
    "convert_units",
    "count_tokens_tool",
    "days_between",
    "local_toolbox",
    "look_up",
    "search_tool",
    "show_animation",
    "weekday",
]
