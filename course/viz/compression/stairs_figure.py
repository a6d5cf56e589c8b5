"""Charts of one state, one below the other, with a title and lines of text: for a page that is not live."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from course.viz.kit import chart
from course.viz.kit.layout import new_figure, wrapped_within
from course.viz.kit.style import drawable, in_course_style

WIDTH, HEIGHTS, LINE, SIZE = 8.0, (3.4, 2.1), 0.19, 10.0  # inches, points
CAPTION, BELOW, MOST_LINES = 0.5, 0.6, 14


@in_course_style
def stairs_figure(charts: Sequence[chart.Chart], *, title: str, lines: Sequence[str] = ()) -> Figure:
    """The title, the charts, and the lines below them, at most `MOST_LINES`."""
    figure = new_figure(WIDTH, 1.0)
    heading = wrapped_within(figure, drawable(title), SIZE + 1, WIDTH - 0.2, 3, "bold")
    said = [
        part
        for line in lines[:MOST_LINES]
        for part in wrapped_within(figure, " ".join(drawable(line).split()), SIZE, WIDTH - 0.2, 2)
    ]
    top = 0.1 + 0.22 * len(heading)
    height = top + sum(HEIGHTS[: len(charts)]) + LINE * len(said) + 0.15
    figure.set_size_inches(WIDTH, height)
    figure.text(0.0, 1.0, "\n".join(heading), va="top", fontsize=SIZE + 1, weight="bold")
    for one, tall in zip(charts, HEIGHTS, strict=False):
        room = tall - CAPTION - BELOW
        axes = figure.add_axes((0.7 / WIDTH, 1 - (top + CAPTION + room) / height, 1 - 0.95 / WIDTH, room / height))
        chart.draw(axes, one)
        top += tall
    figure.text(0.0, 1 - (top + 0.02) / height, "\n".join(said), va="top", fontsize=SIZE, linespacing=1.25)
    return figure
