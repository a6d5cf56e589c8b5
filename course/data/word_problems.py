"""Word problems of arithmetic with their answers, and the numbers in a text, whether in digits or in words."""

import json
import re
from dataclasses import dataclass

from course.data.fetch import path
from course.data.overlap import Sets, disjoint, without_held_out
from course.data.splits import split

NUMBER = re.compile(r"(?<![\w.,:/])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w:/])|(?<![\w.,:/])\d+(?:\.\d+)?(?![\w:/])")
TO_NINETEEN = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
TENS_WORDS = "twenty thirty forty fifty sixty seventy eighty ninety"
TENS = TENS_WORDS.split()
UNITS = {word: number for number, word in enumerate(TO_NINETEEN.split())} | {
    word: 10 * n for n, word in enumerate(TENS, start=2)
}
SCALES = {"hundred": 100, "thousand": 1000}
WORD = re.compile(rf"\b(?:{'|'.join([*UNITS, *SCALES])})\b", re.IGNORECASE)
BETWEEN = re.compile(r"(?:[\s-]|and)+")


@dataclass(frozen=True)
class WordProblem:
    """A word problem and its answer as the data set has it, "9 pounds" or "6:7" for example.

    `value` is the answer where it is one number, without what it counts; None where it is not.
    """

    text: str
    answer: str

    @property
    def value(self) -> float | None:
        number = re.fullmatch(r"(-?\d+(?:\.\d+)?)(?:\s+[^\d\s]\D*)?", self.answer.replace(",", ""))
        return float(number[1]) if number else None


def word_problems() -> list[WordProblem]:
    """ASDiv: 2,305 problems of elementary school, with the answers and without the formulas, in the file's order.

    The texts are licensed for no commercial use. Source: Miao, Liang and Su 2020, "A Diverse Corpus for Evaluating and
    Developing English Math Word Problem Solvers". Raises `AssetError` when they cannot be fetched.
    """
    rows = map(json.loads, path("asdiv").read_text(encoding="utf-8").splitlines())
    return [WordProblem(f"{row['passage'].strip()} {row['question'].strip()}", row["answer"].strip()) for row in rows]


def split_problems(problems: list[WordProblem], *, validation: float = 0.1, test: float = 0.3) -> Sets[WordProblem]:
    """`train, (validation, test)`: problems that differ in their numbers alone are in the same set."""

    def shape(problem: WordProblem) -> str:
        return " ".join(WORD.sub("#", NUMBER.sub("#", problem.text)).casefold().split())

    train, *held_out = split(problems, shape, validation=validation, test=test)
    kept = without_held_out(train, *held_out, text=lambda one: one.text)
    return disjoint(kept, *held_out, text=lambda one: one.text, names=("training", "validation", "test"))


def numbers_in(text: str) -> list[float]:
    """The numbers of a text in its order: 1,250 and 2.5 as well as "three hundred twenty-five".

    A number that touches a letter, a colon or a slash, as in 5:30 or 1/2, is not read.
    """
    found = [(match.start(), float(match[0].replace(",", ""))) for match in NUMBER.finditer(text)]
    return [value for _start, value in sorted(found + _in_words(text))]


def _in_words(text: str) -> list[tuple[int, float]]:
    """Where each number in words begins, and what it is."""
    found: list[tuple[int, float]] = []
    run: list[re.Match[str]] = []
    for match in WORD.finditer(text):
        if run and not _continues(text[run[-1].end() : match.start()], [one[0].lower() for one in run], match[0]):
            found.append((run[0].start(), _value(run)))
            run = []
        run.append(match)
    return [*found, (run[0].start(), _value(run))] if run else found


def _continues(between: str, before: list[str], word: str) -> bool:
    """Whether a number word goes on with the number before it: "twenty" "five" does, "five" "twenty" does not."""
    last, word = before[-1], word.lower()
    if not BETWEEN.fullmatch(between):
        return False
    if word in SCALES:
        return last not in SCALES or SCALES[word] > SCALES[last]
    if "and" in between and last not in SCALES:
        return False
    return last in SCALES or (last in TENS and 0 < UNITS[word] < 10)


def _value(run: list[re.Match[str]]) -> float:
    total, part = 0, 0
    for match in run:
        word = match[0].lower()
        if word == "thousand":
            total, part = total + max(part, 1) * 1000, 0
        elif word == "hundred":
            part = max(part, 1) * 100
        else:
            part += UNITS[word]
    return float(total + part)
