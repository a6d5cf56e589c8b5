"""Where our verdict on the answers of the experiment on calling functions and APIBench's agree, and where not."""

from typing import NamedTuple

import numpy as np

from course.tasks.tool_results import answered
from course.tools import Outcome


class Agreement(NamedTuple):
    """Answers counted by two verdicts: ours, which compares values, and APIBench's, which looks for substrings."""

    both: int
    ours_alone: int
    apibench_alone: int
    neither: int

    @property
    def disagreements(self) -> int:
        return self.ours_alone + self.apibench_alone


class Disagreement(NamedTuple):
    """An answer of which the two verdicts differ; `rule` is the first of ours that it breaks, if any."""

    seed: int
    id: str
    answer: str
    outcome: Outcome
    apibench: bool
    rule: str


def agreement(model: str, setting: str) -> Agreement:
    """How often our verdict and APIBench's agree on the answers of all seeds."""
    found = answered(model, setting)
    ours, theirs = found.counted[Outcome.RIGHT] == 1, found.counted["apibench"] == 1
    return Agreement(*(int(each.sum()) for each in (ours & theirs, ours & ~theirs, ~ours & theirs, ~ours & ~theirs)))


def disagreements(model: str, setting: str) -> list[Disagreement]:
    """The answers of which our verdict and APIBench's differ, seed by seed."""
    found = answered(model, setting)
    return [
        Disagreement(
            found.seeds[seed],
            found.ids[item],
            found.answers[seed][item],
            next(outcome for outcome in Outcome if found.counted[outcome][seed, item]),
            bool(found.counted["apibench"][seed, item]),
            found.rules[seed][item],
        )
        for seed, item in np.argwhere(found.counted[Outcome.RIGHT] != found.counted["apibench"]).tolist()
    ]
