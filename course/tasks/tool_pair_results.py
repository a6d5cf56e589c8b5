"""What the rules left of the pairs that a model wrote by Self-Instruct in the experiment on calling functions."""

from collections import Counter

from course import trained
from course.intervals import Interval, mean_over_items
from course.messages import _
from course.tasks.tool_pairs import PAIR_RULES
from course.tasks.tool_results import EXPERIMENT


def pairs_by_rule() -> list[dict[str, str | int]]:
    """A row for each rule of Self-Instruct's pairs: how many came to it, and how many it dropped."""
    dropped = Counter(one["rule"] for one in trained.record_of(EXPERIMENT, "self-instruct")["made"])
    rows, left = [], dropped.total()
    for rule in PAIR_RULES:
        rows.append({_("rule"): rule, _("pairs"): left, _("dropped"): dropped[rule], _("left"): left - dropped[rule]})
        left -= dropped[rule]
    return rows


def pairs_kept() -> Interval:
    """The share of the pairs that all rules left; the pairs of a function are drawn together."""
    made = trained.record_of(EXPERIMENT, "self-instruct")["made"]
    return mean_over_items(
        [one["rule"] is None for one in made], "%", of=_("pairs"), clusters=[one["function"] for one in made]
    )
