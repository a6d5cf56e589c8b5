"""Items under one another on the page: what is said of each in bold, and its text."""

from collections.abc import Sequence
from html import escape


def items_page(items: Sequence[tuple[str, str]]) -> str:
    """HTML of pairs of a heading and a text."""
    return "".join(
        f'<div class="lm-passage"><div class="lm-heading"><b>{escape(above)}</b></div>'
        f'<div dir="auto">{escape(text)}</div></div>'
        for above, text in items
    )


def on_one_line(text: str, longest: int) -> str:
    """The text without its line breaks, cut where it is longer than so many characters."""
    text = " ".join(text.split())
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
