"""Requests in people's words, the functions that may be called, and the calls that answer: Berkeley's data."""

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from course.data.api_functions import Function
from course.data.fetch import path
from course.data.overlap import Sets, disjoint, without_held_out
from course.data.splits import split
from course.messages import _

FILES: Mapping[str, str] = {
    "simple": "simple_python",
    "multiple": "multiple",
    "live_simple": "live_simple",
    "live_multiple": "live_multiple",
}
KINDS = tuple(FILES)
LEFT_OUT = ""  # listed among the allowed values of what may be left out


class Answer(NamedTuple):
    """A call that answers: the name of the function, and for each parameter every value that is right.

    `LEFT_OUT` among the values says that the parameter may be left out. A dictionary among them has, for each of its
    keys, the list of the values that are right.
    """

    name: str
    allowed: Mapping[str, tuple[object, ...]]


@dataclass(frozen=True)
class CallTask:
    """A question, the functions that may be called, and the calls that answer it, here always one."""

    id: str
    question: str
    functions: tuple[Function, ...]
    answers: tuple[Answer, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its functions."""
        return tuple(function.name for function in self.functions)


def api_call_tasks(kind: str) -> list[CallTask]:
    """The tasks of a kind, in the order of the file; each is answered by one call.

    "simple": 400 questions with one function each. "multiple": 200 with two to four, of which one answers.
    "live_simple" and "live_multiple": 258 and 1,053 that users sent in, the latter with two to 37 functions. Where a
    task comes with a system's message, its question begins with it. Under Apache-2.0. Source: Patil et al. 2025, "The
    Berkeley Function Calling Leaderboard (BFCL)". Raises `AssetError` when they cannot be fetched, `ValueError` for
    another kind.
    """
    if kind not in FILES:
        raise ValueError(
            _("There are no calls of the kind {kind!r}. There are: {known}.").format(kind=kind, known=", ".join(KINDS))
        )
    with zipfile.ZipFile(path("bfcl")) as package:
        tasks, answers = (
            [
                json.loads(line)
                for line in package.read(f"bfcl_eval/data/{folder}BFCL_v4_{FILES[kind]}.json").splitlines()
            ]
            for folder in ("", "possible_answer/")
        )
    answer_of = {row["id"]: row["ground_truth"] for row in answers}
    return [
        CallTask(
            row["id"],
            "\n".join(message["content"] for message in row["question"][0]),
            tuple(map(Function.from_json, row["function"])),
            tuple(
                Answer(name, {parameter: tuple(values) for parameter, values in allowed.items()})
                for answer in answer_of[row["id"]]
                for name, allowed in answer.items()
            ),
        )
        for row in tasks
    ]


def split_by_function(tasks: Sequence[CallTask], *, validation: float = 0.1, test: float = 0.3) -> Sets[CallTask]:
    """`train, (validation, test)`: no function is in two of them, neither to be called nor beside the right one.

    By the function that answers. A training task with a function of a held-out task is left out, and so is a
    validation task with one of a test task.
    """
    train, held_out, tested = split(tasks, lambda one: one.answers[0].name, validation=validation, test=test)
    held_out = without_held_out(held_out, tested, text=lambda one: one.names)
    train = without_held_out(train, held_out, tested, text=lambda one: one.names)
    return disjoint(train, held_out, tested, text=lambda one: one.names, names=("training", "validation", "test"))
