"""What an exercise is: a solution with its contract, the cases it is tried on, hints, and the mistakes it can name."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from course.exercises.compare import same


@dataclass(frozen=True)
class Mistake:
    """A typical mistake: `wrong` computes what a learner who makes it returns, `message` names it and its cure."""

    wrong: Callable
    message: str


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    `name` is the lesson's slug and the function's name: `attention.attend`. `solution` is one function that needs
    nothing around it; its signature and docstring are the stub that the lesson shows. `cases` gives the argument
    tuples, simplest first, the same ones on every call. `explanation` is prose for the solution: why it is right.
    `compare(expected, answer)` says whether an answer is right.
    """

    name: str
    title: str
    solution: Callable
    cases: Callable[[], Sequence[tuple]]
    hints: tuple[str, str]
    mistakes: tuple[Mistake, ...]
    explanation: str
    compare: Callable[[object, object], bool] = same

    @property
    def function_name(self) -> str:
        return self.name.partition(".")[2]

    @property
    def solution_source(self) -> str:
        """The solution's code, as one would write it in the lesson."""
        return textwrap.dedent(inspect.getsource(self.solution)).rstrip()

    @property
    def stub(self) -> str:
        """The solution's signature and docstring, with `...` where the learner writes."""
        docstring = ast.parse(self.solution_source).body[0].body[0]
        return "\n".join([*self.solution_source.splitlines()[: docstring.end_lineno], "    ..."])

    @property
    def cell(self) -> str:
        """The exercise's cell in the lesson: the stub, and the check as its last expression."""
        return f'{self.stub}\n\n\ncheck("{self.name}", {self.function_name})'
