"""The static picture of passages: under a question what was answered, and the passages, each as a paragraph."""

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course.viz.kit.layout import new_figure, wrapped_within
from course.viz.kit.style import INK, ORANGE, drawable, in_course_style, mixed

WIDTH, LINE, GAP, MARGIN = 8.0, 0.21, 0.16, 0.12  # inches
SIZE, TITLE = 10.0, 12.0  # points
MOST_LINES = 4  # of a passage


class Paragraph(NamedTuple):
    """A passage: what is above it, its text, and whether it is outlined."""

    heading: str
    text: str
    is_outlined: bool = False


@in_course_style
def text_figure(paragraphs: Sequence[Paragraph], *, title: str, said: Sequence[str] = ()) -> Figure:
    """The title, the sentences of `said` below it, and the paragraphs; "…" stands for what has no room."""
    figure = new_figure(WIDTH, 1.0)
    room = WIDTH - 2 * MARGIN
    heading = _lines(figure, title, room, 2, TITLE, "bold")
    placed = [(heading, 0.05, TITLE, "bold")]
    y, fields = 0.1 + 0.25 * len(heading), []
    for sentence in said:
        lines = _lines(figure, sentence, room, 3)
        placed.append((lines, y, SIZE, "normal"))
        y += LINE * len(lines)
    y += GAP
    for heading, text, is_outlined in paragraphs:
        above = _lines(figure, heading, room, 1, weight="bold")
        lines = _lines(figure, text, room, MOST_LINES)
        height = LINE * (len(above) + len(lines))
        if is_outlined:
            fields.append((y - 0.05, height + 0.08))
        placed += [(above, y, SIZE, "bold"), (lines, y + LINE * len(above), SIZE, "normal")]
        y += height + GAP
    figure.set_size_inches(WIDTH, y)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(y, 0))
    axes.set_axis_off()
    for top, height in fields:
        field = Rectangle((0.04, top), WIDTH - 0.08, height, facecolor=mixed(ORANGE, 0.25), edgecolor=INK)
        axes.add_patch(field)
    for lines, top, size, weight in placed:
        spacing = 1.2 if size == SIZE else 1.15
        axes.text(MARGIN, top, "\n".join(lines), fontsize=size, weight=weight, va="top", linespacing=spacing)
    return figure


def _lines(figure: Figure, text: str, room: float, most: int, size: float = SIZE, weight: str = "normal") -> list[str]:
    return wrapped_within(figure, " ".join(drawable(text).split()), size, room, most, weight)
