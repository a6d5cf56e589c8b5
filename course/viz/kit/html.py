"""Small pieces of HTML for the widgets, in the page's own colors. All text is escaped here, and only here."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from course.messages import _

CHART_WIDTH, CHART_HEIGHT, MARGIN_LEFT, MARGIN_BOTTOM, MARGIN = 300, 170, 44, 34, 14  # pixels


class Bar(NamedTuple):
    """One bar: its name, its length (in any unit), the number at its end, whether it stands out, and a note."""

    label: str
    value: int | float
    text: str
    marked: bool = False
    note: str = ""


def heading(text: str, detail: str = "") -> str:
    """A small heading, followed by a detail in normal weight."""
    return f'<div class="lm-heading"><b>{escape(text)}</b> {escape(detail)}</div>'


def prose(text: str) -> str:
    """Text with its line breaks and spaces preserved."""
    return f'<div class="lm-prose">{escape(text)}</div>'


def bars(rows: Sequence[Bar], caption: str, full: int | float | None = None, low: int | float | None = None) -> str:
    """Bars as a table, which a screen reader can read. Highlighted bars have a symbol as well as a color.

    The axis goes from 0 to `full`, or to the longest bar; values below 0 extend it to the lowest, or to `low`, with a
    line at 0.
    A label that has no room ends in "…", and the pointer shows the whole.
    """
    values = [row.value for row in rows]
    low = min(0, *values, 0) if low is None else low
    high = max(0, *values, 0) if full is None else full
    extent = (high - low) or 1
    zero = f'<div class="lm-zero" style="left: {-100 * low / extent:.2f}%"></div>' if low < 0 else ""
    lines = [
        f'<tr class="{"lm-marked" if row.marked else ""}"><th scope="row" title="{escape(row.label)}">'
        f"{escape(row.label)}</th><td>{_track(min(row.value, 0) - low, abs(row.value), extent, zero)}</td>"
        f'<td class="lm-number">{escape(row.text)}</td><td class="lm-note">{escape(row.note)}</td></tr>'
        for row in rows
    ]
    return f'<table class="lm-bars"><caption>{escape(caption)}</caption><tbody>{"".join(lines)}</tbody></table>'


def bar(share: float, text: str) -> str:
    """One bar, `share` (0 to 1) of the full width, with text at its end."""
    return f'<div class="lm-one-bar">{_track(0, share, 1)}{escape(text)}</div>'


def _track(start: int | float, length: int | float, extent: int | float, zero: str = "") -> str:
    """A bar on its axis, which is `extent` long."""
    place = f"left: {100 * start / extent:.2f}%; width: {100 * length / extent:.2f}%"
    return f'<div class="lm-track"><div class="lm-bar" style="{place}"></div>{zero}</div>'


def strips(rows: Sequence[tuple[str, str, str]], caption: str, limit: float) -> str:
    """Images of numbers, each (label, data URI, in words), as a table; the colors go from -`limit` to `limit`."""
    scale = _("orange: down to −{limit}, purple: up to {limit}, no color: 0").format(limit=f"{limit:.1f}")
    lines = [
        f'<tr><th scope="row">{escape(label)}</th><td><img src="{escape(image)}" alt="{escape(words)}"></td></tr>'
        for label, image, words in rows
    ]
    title = f"<b>{escape(caption)}</b> {escape(scale)}"
    return f'<table class="lm-strips"><caption>{title}</caption><tbody>{"".join(lines)}</tbody></table>'


def numbered(items: Sequence[str], caption: str, empty: str) -> str:
    """A numbered list that scrolls, the newest item first."""
    lines = "".join(f'<li value="{number}">{escape(items[number - 1])}</li>' for number in range(len(items), 0, -1))
    body = f'<ol tabindex="0" aria-label="{escape(caption)}">{lines}</ol>' if items else escape(empty)
    return f'<div class="lm-numbered"><div>{escape(caption)}</div>{body}</div>'


def line_chart(values: Sequence[int | float], at: int, *, caption: str, xlabel: str) -> str:
    """A line over x = 0, 1, 2, …, with the y axis from zero and the value at x = `at` marked and written out."""
    top = max(values, default=0) or 1
    right, bottom = CHART_WIDTH - MARGIN, CHART_HEIGHT - MARGIN_BOTTOM
    last = max(len(values) - 1, 1)

    def place(x: int, y: int | float) -> tuple[float, float]:
        return MARGIN_LEFT + x / last * (right - MARGIN_LEFT), bottom - y / top * (bottom - 2 * MARGIN)

    points = " ".join("{:.1f},{:.1f}".format(*place(x, y)) for x, y in enumerate(values))
    x, y = place(at, values[at]) if values else (MARGIN_LEFT, bottom)
    anchor = "start" if at < last / 2 else "end"
    written = f"{values[at]:,}" if values else ""
    return (
        f'<figure class="lm-chart"><figcaption>{escape(caption)}</figcaption>'
        f'<svg viewBox="0 0 {CHART_WIDTH} {CHART_HEIGHT}" width="{CHART_WIDTH}" role="img" '
        f'aria-label="{escape(caption)}: {written}">'
        f'<path class="lm-axis" d="M{MARGIN_LEFT},{MARGIN} V{bottom} H{right}"/>'
        f'<polyline points="{points}"/><circle cx="{x:.1f}" cy="{y:.1f}" r="5"/>'
        f'<text x="{x:.1f}" y="{y - 10:.1f}" text-anchor="{anchor}"><tspan class="lm-value">{written}</tspan></text>'
        f'<text x="{MARGIN_LEFT - 6}" y="{2 * MARGIN + 4}" text-anchor="end">{top:,}</text>'
        f'<text x="{MARGIN_LEFT - 6}" y="{bottom + 4}" text-anchor="end">0</text>'
        f'<text x="{MARGIN_LEFT}" y="{bottom + 15}">0</text>'
        f'<text x="{right}" y="{bottom + 15}" text-anchor="end">{max(len(values) - 1, 0):,}</text>'
        f'<text x="{(MARGIN_LEFT + right) / 2}" y="{bottom + 28}" text-anchor="middle">{escape(xlabel)}</text>'
        "</svg></figure>"
    )
