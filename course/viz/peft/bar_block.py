"""A few bars under a name, as a part of a picture: the static twin of `course.viz.kit.html.bars`."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from course.viz.figures.bars import write_at_ends
from course.viz.kit.html import Bar
from course.viz.kit.layout import shortened, text_width
from course.viz.kit.style import INK, ORANGE, SKY, drawable

ROW, HEADING = 0.25, 0.34  # inches
LONGEST_TEXT = 1.7  # inches, at the end of a bar


def block_height(n_rows: int) -> float:
    """How high a block with so many bars is, in inches."""
    return HEADING + ROW * n_rows


def bar_block(
    figure: Figure, name: str, rows: Sequence[Bar], x: float, y: float, width: float, full: int | float
) -> None:
    """Draw bars on an axis from 0 to `full`; `x` and `y` are inches from the figure's upper left corner to theirs."""
    size_x, size_y = figure.get_size_inches()
    labels = [shortened(figure, drawable(row.label), 10.0, 0.4 * width) for row in rows]
    texts = [
        shortened(figure, drawable(f"{row.text}  {row.note}".strip()), 10.0, min(LONGEST_TEXT, 0.45 * width))
        for row in rows
    ]
    foot = max(text_width(figure, label, 10.0) for label in labels) + 0.1
    end = max(text_width(figure, text, 10.0) for text in texts) + 0.1
    inside = width - foot - end
    bottom = size_y - y - block_height(len(rows))
    axes = figure.add_axes(((x + foot) / size_x, bottom / size_y, inside / size_x, ROW * len(rows) / size_y))
    places, values = range(len(rows)), [row.value for row in rows]
    colors = [ORANGE if row.marked else SKY for row in rows]
    axes.barh(places, values, color=colors, edgecolor=INK, linewidth=0.6, height=0.7, clip_on=False)
    axes.set_yticks(places, labels)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(0, full or 1)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)
    write_at_ends(axes, places, values, texts)
    axes.set_title(shortened(figure, drawable(name), 10.5, width, "bold"), fontsize=10.5, x=-foot / inside, pad=5)
