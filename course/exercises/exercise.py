"""An exercise: a solution with its contract, the cases it is checked on, hints, and the mistakes it can name."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from course.exercises.compare import same


@dataclass(frozen=True)
class Mistake:
    """A typical mistake: `wrong` computes the answer of a learner who makes it, `message` names it and its cure."""

    wrong: Callable[..., object]
    message: str


@dataclass(frozen=True)
class Corner:
    """What is special about some inputs: `holds` says of an input's arguments whether it is one of them.

    When an answer is wrong for these inputs, and for hardly any others, the check says `message`:
    "Only inputs with an empty word go wrong: …".
    """

    holds: Callable[..., object]
    message: str


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    `name` is the lesson's slug and the function's name: `attention.attend`. `solution` is one function that needs
    nothing around it; its signature and docstring are the stub that the lesson shows. `cases` gives the argument
    tuples, simplest first, the same ones on every call. `explanation` is prose for the solution: why it is right.
    `compare(expected, answer)` says whether an answer is right; the answer comes in built-in types (`answers.read`).
    `corners` are the inputs that are easily forgotten. `results` are the names of the results where there are several.
    """

    name: str
    title: str
    solution: Callable[..., object]
    cases: Callable[[], Sequence[tuple[Any, ...]]]
    hints: tuple[str, str]
    mistakes: tuple[Mistake, ...]
    explanation: str
    compare: Callable[[object, object], bool] = same
    corners: tuple[Corner, ...] = ()
    results: tuple[str, ...] = ()

    @property
    def function_name(self) -> str:
        return self.name.partition(".")[2]

    @property
    def solution_source(self) -> str:
        """The solution's code, as it would be written in the lesson."""
        return textwrap.dedent(inspect.getsource(self.solution)).rstrip()

    @property
    def stub(self) -> str:
        """The solution's signature and docstring, with `...` where the learner writes."""
        tree = ast.parse(self.solution_source)
        function = next(node for node in tree.body if isinstance(node, ast.FunctionDef))
        docstring = function.body[0]
        return "\n".join([*self.solution_source.splitlines()[: docstring.end_lineno], "    ..."])

    @property
    def cell(self) -> str:
        """The exercise's cell in the lesson: the stub, and the check as its last expression."""
        return f'{self.stub}\n\n\ncheck("{self.name}", {self.function_name})'
