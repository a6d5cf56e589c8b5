"""The static picture of ranked pairs: under each beginning its two answers, the chosen one marked."""

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course.viz.kit.layout import new_figure, wrapped_within
from course.viz.kit.style import INK, ORANGE, drawable, in_course_style, mixed

WIDTH, LINE, NUMBER, NAME, GAP = 8.0, 0.21, 0.4, 0.4, 0.14  # inches
SIZE = 10.0  # points
CHOSEN, OPEN = "●", "○"
MOST_LINES = 3  # of each text


@in_course_style
def pair_figure(pairs: Sequence[tuple[str, str, str]], choices: Sequence[str], *, title: str) -> Figure:
    """Each pair is a beginning and two answers; its choice is "A", "B" or ""."""
    figure = new_figure(WIDTH, 1.0)
    heading = wrapped_within(figure, drawable(title), 12.0, WIDTH - 0.2, 2, "bold")
    y, placed = 0.1 + 0.24 * len(heading), []
    for place, ((text, *answers), choice) in enumerate(zip(pairs, choices, strict=True), start=1):
        lines = _lines(figure, text, WIDTH - NUMBER - 0.1, 2, "bold")
        placed.append((str(place), 0.0, NUMBER, lines, y, "bold", False))
        y += LINE * len(lines)
        for name, answer in zip("AB", answers, strict=True):
            lines = _lines(figure, answer, WIDTH - NUMBER - NAME - 0.1, MOST_LINES)
            sign = f"{CHOSEN if choice == name else OPEN} {name}"
            placed.append((sign, NUMBER, NUMBER + NAME, lines, y, "normal", choice == name))
            y += LINE * len(lines)
        y += GAP
    figure.set_size_inches(WIDTH, y)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(y, 0))
    axes.set_axis_off()
    axes.text(0.0, 0.0, "\n".join(heading), fontsize=12.0, weight="bold", va="top")
    for name, left, x, lines, top, weight, is_chosen in placed:
        if is_chosen:
            size = (WIDTH - NUMBER + 0.03, LINE * len(lines))
            field = Rectangle((NUMBER - 0.06, top - 0.02), *size, facecolor=mixed(ORANGE, 0.35), edgecolor=INK)
            field.set_linewidth(0.5)
            axes.add_patch(field)
        axes.text(left, top, name, fontsize=SIZE, weight=weight, va="top")
        for number, line in enumerate(lines):
            axes.text(x, top + LINE * number, line, fontsize=SIZE, weight=weight, va="top")
    return figure


def _lines(figure: Figure, text: str, room: float, most: int, weight: str = "normal") -> list[str]:
    return wrapped_within(figure, " ".join(drawable(text).split()), SIZE, room, most, weight)
