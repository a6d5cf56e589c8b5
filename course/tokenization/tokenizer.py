"""The interface of every tokenizer of the course, and the piece of text that a token covers."""

import re
from collections.abc import Sequence
from operator import index
from reprlib import repr
from typing import NamedTuple, Protocol, TypeVar, runtime_checkable

from course.messages import _

Entry = TypeVar("Entry", str, bytes)
SURROGATE = re.compile("[\ud800-\udfff]")


class Piece(NamedTuple):
    """One token of a text, with its span and the reason for its left boundary.

    `start` and `end` are character positions in the input, as `whole_characters` leaves it. `data` is the part of its
    UTF-8 that the token covers. A byte-level token can be a part of a character; its span is then the whole
    character's, which its neighbours share.
    """

    id: int
    token: str
    data: bytes
    start: int
    end: int
    reason: str


@runtime_checkable
class Tokenizer(Protocol):
    """Text to token ids and back.

    `tokens[id]` is the vocabulary entry in printed form. `unknown_id` is the id that replaces whatever the vocabulary
    lacks, None where nothing is ever unknown. Half a character in a text is read as `whole_characters` says.
    """

    tokens: list[str]

    @property
    def unknown_id(self) -> int | None: ...

    @property
    def vocab_size(self) -> int: ...

    def encode(self, text: str, *, allow_special: bool = False) -> list[int]:
        """The ids of the text. Special tokens spelled out in it are plain text unless `allow_special` is true."""

    def decode(self, ids: Sequence[int]) -> str:
        """The text of the ids. Raises `ValueError` for an id outside the vocabulary."""

    def explain(self, text: str) -> list[Piece]:
        """The tokens of `encode(text)`, each with its span in the text and the reason for the cut."""


def tokens_of(ids: Sequence[int], tokens: Sequence[Entry]) -> list[Entry]:
    """The vocabulary entries of `ids`, printed or as bytes.

    Raises `ValueError` for an id outside the vocabulary, `TypeError` for what is no row of whole numbers.
    """
    try:
        ids = [index(token_id) for token_id in ids]
    except TypeError:
        raise TypeError(
            _("Token ids are a row of whole numbers, such as [464, 3290], not {ids}.").format(ids=repr(ids))
        ) from None
    for token_id in ids:
        if not 0 <= token_id < len(tokens):
            raise ValueError(
                _("Token id {id} is outside this vocabulary of {size} tokens: use ids from 0 to {last}.").format(
                    id=token_id, size=len(tokens), last=len(tokens) - 1
                )
            )
    return [tokens[token_id] for token_id in ids]


def whole_characters(text: str) -> str:
    """`text` as Unicode text: two surrogates that belong together are one character, and any other is U+FFFD.

    A lone surrogate is half a character, as an emoji cut in two leaves it: it has no UTF-8. tiktoken reads such text
    in the same way. Raises `TypeError` for what is no text.
    """
    if not isinstance(text, str):
        raise TypeError(
            _("A tokenizer reads a text (str), not {kind}: decode bytes, and join the words of a list.").format(
                kind=type(text).__name__
            )
        )
    if not SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def require_text(text: str) -> None:
    """Raises `ValueError` when the text has nothing to train on, `TypeError` when it is no text."""
    if not whole_characters(text).strip():
        raise ValueError(_("There is nothing to learn from: the training text is empty. Give it some words."))


def require_count(name: str, value: int, least: int = 0) -> None:
    """Raises `ValueError` for a number of merges or tokens that is not whole, or below `least`."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or value < least:
        raise ValueError(
            _("{name} is {value!r}; give a whole number, {least} or more.").format(name=name, value=value, least=least)
        )
