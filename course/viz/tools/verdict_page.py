"""What is said of calls as HTML: a tree of nodes, each green or red with its rules, and a table of named verdicts."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from course.viz.tools.call_nodes import CallNode, sign


class Row(NamedTuple):
    """A line of a table: a sign, a name, what is said of it, and whether it is the one that is shown."""

    sign: str
    name: str
    said: str
    is_marked: bool = False


def tree_page(node: CallNode) -> str:
    """The node and its parts as lists within a list."""
    return f'<ul class="lm-call">{_item(node)}</ul>'


def _item(node: CallNode) -> str:
    value = f" <code>{escape(node.value)}</code>" if node.value else ""
    head = (
        f'<div class="lm-call-node" data-ok="{str(node.ok).lower()}"><span class="lm-sign">{node.sign}</span> '
        f"<b>{escape(node.name)}</b>{value}</div>"
    )
    rules = "".join(
        f'<div class="lm-why">{sign(one.ok)} <code>{escape(one.rule)}</code> {escape(one.reason)}</div>'
        for one in node.verdicts
    )
    parts = f"<ul>{''.join(map(_item, node.parts))}</ul>" if node.parts else ""
    return f"<li>{head}{rules}{parts}</li>"


def rows_page(rows: Sequence[Row], caption: str) -> str:
    """The lines as a table."""
    lines = "".join(
        f'<tr class="{"lm-marked" if row.is_marked else ""}"><td>{escape(row.sign)}</td>'
        f'<th scope="row">{escape(row.name)}</th><td>{escape(row.said)}</td></tr>'
        for row in rows
    )
    return f'<table class="lm-rules lm-layers"><caption>{escape(caption)}</caption><tbody>{lines}</tbody></table>'


def code_page(lines: Sequence[str], label: str) -> str:
    """Lines of code in a box, which scrolls where they are many."""
    text = escape("\n".join(lines))
    return f'<div class="lm-code" tabindex="0" role="region" aria-label="{escape(label)}">{text}</div>'
