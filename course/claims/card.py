"""How a claim looks on a lesson's page: a card in the page's own colors, as narrow as the page."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple


class Line(NamedTuple):
    """The texts of one finding."""

    what: str
    number: str
    covers: str
    claimed: str
    outcome: str


def card(verdict: str, sentence: str, said_by: str, lines: Sequence[Line], color: str) -> str:
    """The card as HTML; text and background follow the page's theme, light or dark, and all is said in words."""
    findings = "".join(
        f'<li style="margin: 0.4em 0"><div>{escape(line.what)}</div>'
        f"<div><strong>{escape(line.number)}</strong> <small>({escape(line.covers)})</small></div>"
        f"<div>{escape(line.outcome)} <small>({escape(line.claimed)})</small></div></li>"
        for line in lines
    )
    style = f"border-left: 4px solid {color}; padding-left: 12px; overflow-wrap: anywhere"
    return (
        f'<div class="mathjax_ignore" style="{style}">'
        f"<div><strong>{escape(verdict)}</strong> · {escape(sentence)}</div>"
        f"<div><small>{escape(said_by)}</small></div>"
        f'<ul style="list-style: none; padding: 0; margin: 0">{findings}</ul></div>'
    )
