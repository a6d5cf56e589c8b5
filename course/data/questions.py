"""Yes or no questions, each with a paragraph that answers it: BoolQ."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from course.data.fetch import path
from course.data.overlap import Sets, disjoint, without_held_out
from course.data.splits import split

SEPARATOR = " -- "  # between the title of an article and its paragraph


@dataclass(frozen=True)
class YesNoQuestion:
    """A question as people typed it, a paragraph of the article `title`, and the answer; None where it is not known."""

    question: str
    title: str
    passage: str
    answer: bool | None


def yes_no_questions() -> list[YesNoQuestion]:
    """The 15,942 questions in the order of the file, 12,697 with an answer, of which 62.3 % are yes.

    They have 12,271 passages (7.2 million characters) from 9,713 articles of Wikipedia. Questions and passages are
    under CC BY-SA 3.0. Source: Clark et al. 2019, "BoolQ: Exploring the Surprising Difficulty of Natural Yes/No
    Questions". Raises `AssetError` when they cannot be fetched.
    """
    rows = map(json.loads, path("boolq").read_text(encoding="utf-8").splitlines())
    found = []
    for row in rows:
        title, _separator, passage = row["passage"].partition(SEPARATOR)
        found.append(YesNoQuestion(row["question"], title.strip(), passage.strip(), row.get("label")))
    return found


def split_by_passage(
    questions: Sequence[YesNoQuestion], *, validation: float = 0.05, test: float = 0.1
) -> Sets[YesNoQuestion]:
    """`train, (validation, test)`: all questions on the passages of an article are in the same set.

    By the article's title, as `split_by_title` does, so that a title is on the same side in both sets. Where two
    articles have a passage in common, it is left out of the training set.
    """
    parts = split(questions, lambda one: one.title.casefold(), validation=validation, test=test)
    train, *held_out = parts
    kept = without_held_out(train, *held_out, text=lambda one: one.passage)
    return disjoint(kept, *held_out, text=lambda one: one.passage, names=("training", "validation", "test"))
