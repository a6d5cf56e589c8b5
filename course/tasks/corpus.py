"""The text that the course's base model is pre-trained on: four sources, and what is held out of each.

The annual messages of US presidents; titles and openings of Wikipedia's articles ("encyclopedia"); titles and
paragraphs of Wikipedia that BoolQ asks about ("passages"); snippets of movie reviews. `LICENCES` says under what terms.

Text alone, never a label: neither the answers and questions of BoolQ, nor whether a review recommends its movie, nor an
article's topic and description. The splits are those of `course.data`, which serve fine-tuning too. News (XSum) is left
out: its texts are under no licence that would allow it.
"""

import functools
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import UInt16

from course import data
from course.data.overlap import Sets
from course.messages import _
from course.tokenization import Tokenizer

END, PADDING, USER, ASSISTANT, END_OF_TURN = SPECIAL_TOKENS = (
    "<|end_of_text|>",
    "<|padding|>",
    "<|user|>",
    "<|assistant|>",
    "<|end_of_turn|>",
)
LICENCES = {
    "messages": _("public domain, works of the US government"),
    "encyclopedia": "CC BY-SA 4.0",
    "passages": "CC BY-SA 3.0",
    "reviews": _("quotations from critics, no licence known"),
}
SHARED_WORDS = 13  # from so many words in a row on, a training document has read a held-out one
WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Documents:
    """The documents of a source. `left_out` is how many training documents share words with a held-out one.

    `near_copies` are the held-out documents, validation and test together, that are nearly a training document;
    `shared_runs` is the share of their runs of `SHARED_WORDS` words that a training message has, too.
    """

    train: list[str]
    validation: list[str]
    test: list[str]
    left_out: int
    near_copies: int
    shared_runs: float = 0.0


def _messages() -> tuple[Sets[Any], Callable[[Any], str]]:
    return data.split_by_speech(data.presidential_messages()), lambda one: one.text


def _encyclopedia() -> tuple[Sets[Any], Callable[[Any], str]]:
    return data.split_by_title(data.encyclopedia()), lambda one: f"{one.title}\n\n{one.text}"


def _passages() -> tuple[Sets[Any], Callable[[Any], str]]:
    return data.split_by_passage(data.yes_no_questions()), lambda one: f"{one.title}\n\n{one.passage}"


def _reviews() -> tuple[Sets[Any], Callable[[Any], str]]:
    return data.split_by_movie(data.movie_reviews()), lambda one: one.text


SOURCES: Mapping[str, Callable[[], tuple[Sets[Any], Callable[[Any], str]]]] = {
    "messages": _messages,
    "encyclopedia": _encyclopedia,
    "passages": _passages,
    "reviews": _reviews,
}


@functools.cache
def corpus(*sources: str) -> Mapping[str, Documents]:
    """The documents of these sources, or of all, each document once.

    A training document that has `SHARED_WORDS` words in a row in common with a held-out document, whatever the source
    of either, is left out. (GPT-3's authors cut such runs out, with 200 characters on either side, and kept the rest of
    the document: Brown et al. 2020, appendix C.) Messages are not left out: two that are fifty thousand characters long
    share formulas, and `shared_runs` says how many. Raises `ValueError` for a source that is not there, `AssetError`
    when one cannot be fetched.
    """
    for name in sources:
        if name not in SOURCES:
            raise ValueError(
                _("There is no source {name!r}. There are: {known}.").format(name=name, known=", ".join(SOURCES))
            )
    found: dict[str, tuple[list[list[str]], int]] = {}
    for name in sources or SOURCES:
        sets, text = SOURCES[name]()
        train, held_out = sets
        parts = [list(dict.fromkeys(map(text, part))) for part in (train, *held_out)]
        found[name] = parts, sum(copies.count for copies in sets.near_copies)
    held = {run for parts, _near in found.values() for part in parts[1:] for text in part for run in runs(text)}
    messages = found["messages"][0][0] if "messages" in found else []
    shared = {run for text in messages for run in runs(text) if run in held}
    documents = {}
    for name, ((train, validation, test), near) in found.items():
        kept = train if name == "messages" else [text for text in train if held.isdisjoint(runs(text))]
        share = _share_of_runs((*validation, *test), shared)
        documents[name] = Documents(kept, validation, test, len(train) - len(kept), near, share)
    return documents


def _share_of_runs(texts: Iterable[str], known: Collection[int]) -> float:
    """The share of the texts' runs that are known; 0 where there are none."""
    found = [run in known for text in texts for run in runs(text)] if known else []
    return sum(found) / len(found) if found else 0.0


def runs(text: str, length: int = SHARED_WORDS) -> Iterator[int]:
    """A number for each run of so many words, in small letters and without signs: equal runs have equal numbers."""
    words = WORD.findall(text.casefold())
    return (hash(tuple(words[first : first + length])) for first in range(len(words) - length + 1))


def encoded(documents: Iterable[str], tokenizer: Tokenizer) -> list[UInt16[np.ndarray, "_"]]:
    """The ids of each document. Raises `ValueError` for a vocabulary whose ids don't fit 16 bits."""
    if tokenizer.vocab_size > 1 << 16:
        raise ValueError(
            _("The vocabulary has {size} tokens; 16 bits hold the ids of at most {limit}.").format(
                size=tokenizer.vocab_size, limit=1 << 16
            )
        )
    return [np.array(tokenizer.encode(text), dtype=np.uint16) for text in documents]


def training_text(documents: Mapping[str, Documents]) -> str:
    """All training documents as one text, for a tokenizer to learn from."""
    return "\n\n".join(text for of_source in documents.values() for text in of_source.train)


def training_documents(documents: Mapping[str, Documents]) -> Sequence[str]:
    """The training documents of all sources, one source after the other."""
    return [text for of_source in documents.values() for text in of_source.train]
