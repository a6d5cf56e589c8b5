"""A passage on the page: its number, where it is from, and its text with the words that matter in it."""

from collections.abc import Collection
from html import escape

from course.rag import Chunk, answer_span, words


def passage_page(
    number: int,
    passage: Chunk,
    *,
    detail: str = "",
    asked: Collection[str] = (),
    answer: str | None = None,
    is_outlined: bool = False,
) -> str:
    """HTML of a passage, its words among `asked` in bold and those of the answer marked, where they are together.

    The title is a link where the document has an address: it opens in a tab of its own.
    """
    document = passage.document
    title = escape(document.title)
    if document.address:
        title = f'<a href="{escape(document.address)}" target="_blank" rel="noopener">{title}</a>'
    span = None if answer is None else answer_span(answer, passage)
    start, end = span or (0, 0)
    text = passage.text
    marked = f"<mark>{escape(text[start:end])}</mark>" if span else ""
    name = "lm-passage lm-outlined" if is_outlined else "lm-passage"
    return (
        f'<div class="{name}"><div class="lm-heading"><b>[{number}] {title}</b> {escape(detail)}</div>'
        f"<div>{_in_bold(text[:start], asked)}{marked}{_in_bold(text[end:], asked)}</div></div>"
    )


def _in_bold(text: str, asked: Collection[str]) -> str:
    """The text with the runs in bold that have one of these words."""
    runs = text.split(" ")
    return " ".join(f"<b>{escape(run)}</b>" if not set(words(run)).isdisjoint(asked) else escape(run) for run in runs)
