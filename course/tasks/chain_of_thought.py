"""Rationales that SmolLM2 writes: a few solved word problems, then a new one, which it continues with steps or without.

What it writes is kept where its answer is right (rejection sampling): a wrong rationale may still have a right answer.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from course.data.word_problems import WordProblem
from course.tasks.self_instruct import Continuation, Writer
from course.tasks.word_steps import CLOSE

MAX_TOKENS = {"steps": 56, "direct": 10}
SOLVED = (  # question, steps, answer: written for the course
    (
        "Mina had 14 pencils. She bought 9 more. How many pencils does she have now?",
        "Mina starts with 14 pencils and gets 9 more. 14 + 9 = 23.",
        "23",
    ),
    (
        "A ship carries 35 boxes. At the first port 12 of them are unloaded. How many boxes are left?",
        "Of 35 boxes 12 leave the ship. 35 - 12 = 23.",
        "23",
    ),
    (
        "There are 6 tables with 8 chairs each. How many chairs are there?",
        "Each of 6 tables has 8 chairs. 6 * 8 = 48.",
        "48",
    ),
    (
        "Tom shares 30 cards equally among 5 friends. How many cards does each friend get?",
        "30 cards go to 5 friends. 30 / 5 = 6.",
        "6",
    ),
)
ANSWER = "The answer is"
AFTER = re.compile(rf"{ANSWER}:?\s*\$?\s*(-?\d[\d,]*(?:\.\d+)?)")


class Solution(NamedTuple):
    """What the model wrote for a problem: the steps, its answer (None where it gave no number), and what is true."""

    rationale: str
    answer: float | None
    right: bool


def few_shot(problem: WordProblem, *, steps: bool = True) -> str:
    """The solved problems and the new one; it ends where the solution begins."""
    blocks = [
        f"Question: {question}\nAnswer: {f'{reasons} ' if steps else ''}{ANSWER} {answer}."
        for question, reasons, answer in SOLVED
    ]
    return "\n\n".join([*blocks, f"Question: {' '.join(problem.text.split())}\nAnswer:"])


def parse_solution(continuation: Continuation, problem: WordProblem) -> Solution:
    """The text before the first "The answer is" as the rationale, and the number after it."""
    text = continuation.text.partition("\nQuestion:")[0]
    match = AFTER.search(text)
    if match is None:
        return Solution(" ".join(text.split()), None, False)
    answer = float(match[1].replace(",", ""))
    value = problem.value
    right = value is not None and abs(answer - value) <= CLOSE * max(1.0, abs(value))
    return Solution(" ".join(text[: match.start()].split()), answer, right)


def solve(problems: Sequence[WordProblem], write: Writer, *, steps: bool = True) -> list[Solution]:
    """What the model writes for each problem, all at once."""
    written = write([few_shot(problem, steps=steps) for problem in problems])
    return [parse_solution(one, problem) for one, problem in zip(written, problems, strict=True)]
