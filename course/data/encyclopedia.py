"""English prose about everything: the opening paragraphs of encyclopedia articles."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from course.data.fetch import path
from course.data.overlap import Sets, disjoint
from course.data.splits import split


@dataclass(frozen=True)
class Article:
    """One article of Wikipedia: its opening as plain text, and in a few words what it is about.

    `description` ("Species of canine native to North America") is empty for 171 articles; `topic` is one of twelve.
    """

    title: str
    text: str
    description: str
    topic: str


def encyclopedia() -> list[Article]:
    """The 10,033 articles, in the order of the file: 4.9 million characters, half of them below 460 characters.

    The texts are by the authors of Wikipedia, under CC BY-SA 4.0. Raises `AssetError` when they cannot be fetched.
    """
    entries = json.loads(path("encyclopedia").read_text(encoding="utf-8")).values()
    return [
        Article(entry["title"], entry["extract"].strip(), (entry["description"] or "").strip(), entry["topic"])
        for entry in entries
    ]


def split_by_title(articles: Sequence[Article], *, validation: float = 0.05, test: float = 0.1) -> Sets[Article]:
    """`train, (validation, test)`, by title, as `split_by_passage` does: a title is on the same side in both sets."""
    parts = split(articles, lambda article: article.title.casefold(), validation=validation, test=test)
    return disjoint(*parts, text=lambda article: article.text, names=("training", "validation", "test"))
