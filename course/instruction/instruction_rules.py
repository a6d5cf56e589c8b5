"""Rules that an instruction from a language model must pass: each drops what no language model could do, or is broken.

They are those of Self-Instruct: the paper (Wang et al. 2023, section 2.2) names lengths, keywords and similarity, the
numbers and the other rules are those of the authors' code (yizhongw/self-instruct, `bootstrap_instructions.py`).
Whether an instruction is new is decided in `course.instruction.instruction_pool`: no rule here reads another one.
"""

import re
import string
from collections.abc import Callable
from typing import NamedTuple

from course.messages import _

FEWEST_WORDS, MOST_WORDS = 4, 150
NOT_TEXT = ("image", "images", "graph", "graphs", "picture", "pictures", "file", "files", "map", "maps", "draw", "plot")
OTHER_PLACES = ("go to",)
PROGRAM = "write a program"
NOT_FOR_TEXT = re.compile(rf"\b(?:{'|'.join((*NOT_TEXT, *OTHER_PLACES))})\b", re.IGNORECASE)


class Rule(NamedTuple):
    """`drops` is true of an instruction in one line that breaks the rule; `reason` says what the rule is for."""

    name: str
    reason: str
    drops: Callable[[str], bool]


def in_one_line(text: str) -> str:
    """The text with a space for every run of white space, and none at its ends. Its capitals stay as they are."""
    return " ".join(text.split())


def has_another_length(instruction: str) -> bool:
    """Whether it has fewer than 4 words or more than 150; words are what spaces separate."""
    return not FEWEST_WORDS <= len(instruction.split()) <= MOST_WORDS


def asks_for_more_than_text(instruction: str) -> bool:
    """Whether it has one of the words in `NOT_TEXT`, or "go to", as a whole word."""
    return NOT_FOR_TEXT.search(instruction) is not None


def asks_for_a_program(instruction: str) -> bool:
    """Whether it begins with "Write a program", in capitals or not."""
    return instruction.lower().startswith(PROGRAM)


def begins_with_punctuation(instruction: str) -> bool:
    """Whether its first character is a punctuation mark of ASCII."""
    return instruction[:1] in tuple(string.punctuation)


def begins_outside_ascii(instruction: str) -> bool:
    """Whether its first character is none of ASCII's, as in a text in another script."""
    return not instruction[:1].isascii()


RULES: tuple[Rule, ...] = (
    Rule(
        "length", _("It must have 4 to 150 words: shorter ones say too little, longer ones run on."), has_another_length
    ),
    Rule(
        "words",
        _("A language model reads and writes text only: no images, files, maps, plots."),
        asks_for_more_than_text,
    ),
    Rule("program", _("Whether to write the program or give its result is unclear."), asks_for_a_program),
    Rule(
        "punctuation",
        _("A first character that is punctuation is a piece of a list or of a sentence."),
        begins_with_punctuation,
    ),
    Rule("script", _("The first character must be one of ASCII: the pool is in English."), begins_outside_ascii),
)
