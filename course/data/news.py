"""News with a summary of one sentence: a sample of XSum."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from course.data.fetch import path
from course.data.overlap import Sets, disjoint
from course.data.splits import split


@dataclass(frozen=True)
class NewsArticle:
    """An article and the sentence that introduces it, which its text leaves out; `number` is its number at the BBC."""

    number: str
    text: str
    summary: str


def news_articles() -> list[NewsArticle]:
    """1,000 articles of the test set of XSum, in the order of the file: 2.2 million characters.

    The texts are the BBC's, all rights reserved: read here to evaluate summaries, never to train a model whose weights
    are published. Source: Narayan, Cohen and Lapata 2018, "Don't Give Me the Details, Just the Summary!". Raises
    `AssetError` when they cannot be fetched.
    """
    rows = map(json.loads, path("xsum").read_text(encoding="utf-8").splitlines())
    return [NewsArticle(row["id"], row["document"].strip(), row["summary"].strip()) for row in rows]


def split_by_article(
    articles: Sequence[NewsArticle], *, validation: float = 0.1, test: float = 0.5
) -> Sets[NewsArticle]:
    """`train, (validation, test)`, by the number of the article."""
    parts = split(articles, lambda article: article.number, validation=validation, test=test)
    return disjoint(*parts, text=lambda article: article.text, names=("training", "validation", "test"))
