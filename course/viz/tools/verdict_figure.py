"""The static picture of verdicts: indented lines, each with a sign and on green or red where it is a verdict."""

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course.messages import ngettext
from course.viz.kit.layout import new_figure, wrapped_within
from course.viz.kit.style import GREEN, INK, QUIET, VERMILLION, drawable, in_course_style, mixed

WIDTH, LINE, GAP, MARGIN, INDENT = 8.0, 0.21, 0.07, 0.12, 0.3  # inches
SIZE, TITLE = 10.0, 12.0  # points
MOST_LINES, MOST_OF_ONE = 40, 3


class Line(NamedTuple):
    """A line: how deep it is, what it says, its sign, and whether it is a verdict, which is on green or red.

    Without a verdict (None) the line is a note to the one above it.
    """

    depth: int
    text: str
    sign: str = ""
    ok: bool | None = None


@in_course_style
def verdict_figure(lines: Sequence[Line], *, title: str, said: Sequence[str] = (), room_below: float = 0.0) -> Figure:
    """The title, the sentences of `said` below it, then the lines; what has no room is counted.

    `room_below` are inches left empty at the end, for what else is drawn.
    """
    figure = new_figure(WIDTH, 1.0)
    heading = _wrapped(figure, title, WIDTH - 2 * MARGIN, 2, TITLE, "bold")
    placed = [(MARGIN, 0.05, heading, TITLE, "bold", INK)]
    y = 0.12 + 0.25 * len(heading)
    for sentence in said:
        wrapped = _wrapped(figure, sentence, WIDTH - 2 * MARGIN)
        placed.append((MARGIN, y, wrapped, SIZE, "normal", INK))
        y += LINE * len(wrapped)
    y += 2 * GAP
    shown = lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], _more(len(lines) - MOST_LINES + 1)]
    fields = []
    for line in shown:
        left = MARGIN + INDENT * line.depth
        text = f"{line.sign} {line.text}".strip()
        weight = "normal" if line.ok is None else "bold"
        wrapped = _wrapped(figure, text, WIDTH - MARGIN - left, MOST_OF_ONE, SIZE, weight)
        if line.ok is not None:
            y += GAP
            fields.append((left - 0.05, y - 0.03, LINE * len(wrapped) + 0.04, GREEN if line.ok else VERMILLION))
        placed.append((left, y, wrapped, SIZE, weight, QUIET if line.ok is None and not line.sign else INK))
        y += LINE * len(wrapped)
    height = y + MARGIN + room_below
    figure.set_size_inches(WIDTH, height)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(height, 0))
    axes.set_axis_off()
    for left, top, tall, color in fields:
        axes.add_patch(Rectangle((left, top), WIDTH - MARGIN - left, tall, facecolor=mixed(color, 0.22)))
        axes.add_patch(Rectangle((left, top), 0.04, tall, facecolor=color))
    for left, top, wrapped, size, weight, color in placed:
        axes.text(left, top, "\n".join(wrapped), fontsize=size, weight=weight, va="top", linespacing=1.2, color=color)
    return figure


def _more(n: int) -> Line:
    return Line(0, ngettext("… and {n} more line", "… and {n} more lines", n).format(n=n))


def _wrapped(
    figure: Figure, text: str, room: float, most: int = MOST_OF_ONE, size: float = SIZE, weight: str = "normal"
) -> list[str]:
    return wrapped_within(figure, " ".join(drawable(text).split()), size, room, most, weight)
