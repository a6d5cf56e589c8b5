"""What the experiment on Self-Instruct found: what each rule dropped, how the instructions differ, which are usable.

Which instructions are doable, and which instances usable, was decided by a reader of those that a sample drew; the
labels, with a reason each and the criterion, are in a file beside the record, such as `usable-plain.toml`.
"""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import Any, NamedTuple

from course import trained
from course.instruction import RULES, TOO_SIMILAR, InstructionPool
from course.intervals import Interval, share
from course.messages import _
from course.tasks.self_instruct import first_words

EXPERIMENT = "self_instruct"
LABELS = "usable-{model}.toml"


class Label(NamedTuple):
    """What a reader said of an instance: whether the task is clear and can be done by a language model, and, if so,
    whether the whole is usable, which takes an output that is right or acceptable; and a reason for the last.
    """

    instruction: str
    input: str
    output: str
    doable: bool
    usable: bool
    reason: str


class Diversity(NamedTuple):
    """How instructions differ: the mean similarity of each with its nearest other, and their first words, counted."""

    nearest: float
    first_words: Counter[str]


def kept_of(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The rows of a record that no rule dropped: of its `candidates`, or of what it `made`."""
    return [row for row in rows if row["rule"] is None]


def dropped_by_rule(record: Mapping[str, Any]) -> dict[str, int]:
    """How many candidates each rule dropped, in the order of the rules; each counts for the first that drops it."""
    counts = Counter(row["rule"] for row in record["candidates"])
    return {name: counts[name] for name in (*(rule.name for rule in RULES), TOO_SIMILAR)}


def diversity(instructions: Sequence[str], pool: InstructionPool) -> Diversity:
    """How instructions differ from one another, by the similarity of the pool, which may have others in it.

    Raises `ValueError` for fewer than two.
    """
    if len(instructions) < 2:
        raise ValueError(_("There are {n} instructions: give two or more to compare.").format(n=len(instructions)))
    nearest = [
        max(pool.similarity(one, other) for place, other in enumerate(instructions) if place != number)
        for number, one in enumerate(instructions)
    ]
    return Diversity(fmean(nearest), first_words(instructions))


def labels(model: str) -> tuple[str, list[Label]]:
    """The criterion, and a label for all that was `made` in the record of "plain" or "chat", in its order."""
    file = trained.place.FOLDER / EXPERIMENT / LABELS.format(model=model)
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    return content["criterion"], [Label(**one) for one in content["labels"]]


def doable_share(model: str) -> Interval:
    """Which share of the instructions that the filters kept is doable, with the interval over the drawn sample."""
    _criterion, found = labels(model)
    return share(sum(label.doable for label in found), len(found), of="instructions")


def usable_share(model: str) -> Interval:
    """Which share of the instances that the rules for instances left is usable, with the interval over these."""
    _criterion, found = labels(model)
    rows = trained.record_of(EXPERIMENT, model)["made"]
    kept = [label for label, row in zip(found, rows, strict=True) if row["rule"] is None]
    return share(sum(label.usable for label in kept), len(kept), of="instances")
