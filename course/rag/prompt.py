"""Passages in a prompt, and which of them an answer cites, and which have its words."""

import re
from collections.abc import Sequence
from string import punctuation
from typing import NamedTuple

from course.evaluation.short_answers import normalized_answer
from course.messages import _
from course.rag.chunks import Chunk

INSTRUCTION = (
    "Answer the question in a few words, from the passages alone. After the answer, give the number of the passage "
    "that says so in brackets, such as [1]."
)
CITATION = re.compile(r"\[\s*[0-9]{1,6}(?:\s*,\s*[0-9]{1,6})*\s*\]")
RUN = re.compile(r"\S+")


class Citations(NamedTuple):
    """The numbers that an answer cites, each once, in its order: `valid` where there is such a passage."""

    valid: tuple[int, ...]
    unknown: tuple[int, ...]


def build_prompt(question: str, passages: Sequence[Chunk]) -> str:
    """The instruction, the passages with their titles and numbers from 1, and the question.

    Without passages the model is asked the question alone, as a closed book. Raises `ValueError` for an empty question.
    """
    if not question.strip():
        raise ValueError(_("The question is empty. Ask something."))
    asked = f"Question: {question.strip()}"
    if not passages:
        return f"Answer the question in a few words.\n\n{asked}"
    numbered = [f"[{number}] {passage.with_title}" for number, passage in enumerate(passages, start=1)]
    return "\n\n".join([INSTRUCTION, *numbered, asked])


def cited_numbers(answer: str, n: int) -> Citations:
    """The citations of an answer, such as [2] or [1, 3], where there were `n` passages."""
    numbers = [int(number) for mark in CITATION.findall(answer) for number in re.findall(r"[0-9]+", mark)]
    each_once = tuple(dict.fromkeys(numbers))
    return Citations(
        tuple(number for number in each_once if 1 <= number <= n),
        tuple(number for number in each_once if not 1 <= number <= n),
    )


def answer_span(answer: str, passage: Chunk | str) -> tuple[int, int] | None:
    """Where the answer's words are in the text of the passage, one after the other, for the first time.

    The words are compared as `course.evaluation.normalized_answer` leaves them, without the answer's citations. Returns
    the offsets of the first character and the one after the last; None where they are nowhere, and for an answer
    without words. A title is not searched.
    """
    wanted = normalized_answer(CITATION.sub(" ", answer)).split()
    text = passage if isinstance(passage, str) else passage.text
    found = _words(text)
    for place in range(len(found) - len(wanted) + 1 if wanted else 0):
        span = found[place : place + len(wanted)]
        if [word for word, _start, _end in span] == wanted:
            return span[0][1], span[-1][2]
    return None


def supporting(answer: str, passages: Sequence[Chunk | str]) -> tuple[int, ...]:
    """The numbers, from 1, of the passages that have the answer's words."""
    return tuple(n for n, passage in enumerate(passages, start=1) if answer_span(answer, passage) is not None)


def supported(answer: str, passages: Sequence[Chunk | str]) -> bool:
    """Whether a passage has the answer's words. That says where they may come from, not that they are the answer."""
    return bool(supporting(answer, passages))


def _words(text: str) -> list[tuple[str, int, int]]:
    """The words of the normalized text, each with where it is, without the punctuation at its ends."""
    found = []
    for run in RUN.finditer(text):
        start = run.end() - len(run.group().lstrip(punctuation))
        end = run.start() + len(run.group().rstrip(punctuation))
        found += [(word, start, end) for word in normalized_answer(run.group()).split()]
    return found
