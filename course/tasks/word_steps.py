"""Steps of a word problem by rule: its two numbers and one operation give the answer, and no other operation does."""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from course.compression import Reasoned
from course.data.word_problems import WordProblem, numbers_in

OPERATIONS: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right if right else float("nan"),
}
SYMMETRIC = ("+", "*")
CLOSE = 1e-6
NUMBER = r"\d+(?:\.\d+)?"
CALCULATION = re.compile(rf"{NUMBER}(?: [-+*/] {NUMBER})+ = {NUMBER}")


class Step(NamedTuple):
    """One operation with two numbers: "303 * 28 = 8484"."""

    left: float
    operation: str
    right: float

    @property
    def result(self) -> float:
        return OPERATIONS[self.operation](self.left, self.right)

    def __str__(self) -> str:
        return f"{plain(self.left)} {self.operation} {plain(self.right)} = {plain(self.result)}"


def plain(number: float) -> str:
    """A number as it is written in an answer: without a point where it is whole."""
    return str(int(number)) if number == int(number) else f"{number:.6g}"


def calculations(text: str) -> str:
    """What a text computes, without its words: "He used 2 per glass. 6 * 2 = 12." is "6 * 2 = 12."; empty if nothing.

    Right and wrong results are kept alike.
    """
    return " ".join(f"{found}." for found in CALCULATION.findall(text))


def steps_to(numbers: Sequence[int | float], answer: int | float) -> list[Step]:
    """All single operations with two of the numbers, taken at different places, that give the answer; each once."""
    found: dict[Step, None] = {}
    for left, right in combinations(map(float, numbers), 2):
        for operation in OPERATIONS:
            orders = ((left, right),) if operation in SYMMETRIC else ((left, right), (right, left))
            for first, second in orders:
                step = Step(first, operation, second)
                if abs(step.result - answer) <= CLOSE * max(1.0, abs(answer)):
                    found.setdefault(Step(*_ordered(step)), None)
    return list(found)


def _ordered(step: Step) -> Step:
    """2 + 3 and 3 + 2 are the same step, as it comes first."""
    if step.operation in SYMMETRIC and step.right < step.left:
        return Step(step.right, step.operation, step.left)
    return step


def only_step(problem: WordProblem) -> Step | None:
    """The one step from the problem's two numbers to its answer; None where there is none, or more than one.

    A problem with another count of numbers has none: of three numbers two may give the answer by chance. The numbers
    are in the order of the text where the operation allows both.
    """
    numbers = numbers_in(problem.text)
    if problem.value is None or len(numbers) != 2:
        return None
    found = steps_to(numbers, problem.value)
    if len(found) != 1:
        return None
    step = found[0]
    if step.operation in SYMMETRIC and numbers.index(step.right) < numbers.index(step.left):
        return Step(step.right, step.operation, step.left)
    return step


def reasoned(problem: WordProblem) -> Reasoned:
    """The problem with its answer as a label, and the rationale by rule, empty where the step is not known.

    The label is the number alone where the answer is one.
    """
    step, label = only_step(problem), problem.answer if problem.value is None else plain(problem.value)
    return Reasoned(problem.text, label, "" if step is None else str(step))
