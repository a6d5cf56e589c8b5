"""The static picture of an answer as PPO sees it: a row for each token, and columns of signed bars."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from course.messages import _
from course.viz.kit.layout import new_figure, shortened, wrapped_within
from course.viz.kit.style import INK, ORANGE, QUIET, SKY, drawable, in_course_style
from course.viz.kit.text import number

WIDTH, NAMES, ROW, LINE, HEAD = 8.0, 1.6, 0.25, 0.22, 0.42  # inches
NUMBER = 0.5  # inches, beside the bars of a column
COLUMNS = (_("log-ratio"), _("KL penalty"), _("value"), _("reward"), _("advantage"))


@in_course_style
def answer_figure(rows: Sequence[tuple[str, Sequence[int | float]]], *, title: str, note: str = "") -> Figure:
    """Each row is a token and its numbers, one for each of `COLUMNS`; a column has a scale of its own."""
    figure = new_figure(WIDTH, 1.0)
    lines = wrapped_within(figure, drawable(title), 11.5, WIDTH - 0.2, 3, "bold")
    notes = wrapped_within(figure, drawable(note), 10.0, WIDTH - 0.2, 2) if note else []
    top = 0.05 + 0.24 * len(lines) + LINE * len(notes) + HEAD
    height = top + ROW * len(rows) + 0.05
    figure.set_size_inches(WIDTH, height)
    figure.text(0.0, 1.0, "\n".join(lines), va="top", fontsize=11.5, weight="bold")
    figure.text(0.0, 1 - (0.03 + 0.24 * len(lines)) / height, "\n".join(notes), va="top", fontsize=10.0, color=QUIET)
    column = (WIDTH - NAMES) / len(COLUMNS)
    places = range(len(rows))
    for index, head in enumerate(COLUMNS):
        values = [numbers[index] for _name, numbers in rows]
        left = NAMES + index * column
        box = (left / WIDTH, 0.05 / height, (column - NUMBER - 0.1) / WIDTH, ROW * len(rows) / height)
        limit = max(map(abs, values)) or 1.0
        low, high = min(0, *values), max(0, *values)
        spread = (high - low) or limit
        axes = figure.add_axes(box, xlim=(low - 0.03 * spread, low + 1.03 * spread), ylim=(len(rows) - 0.5, -0.5))
        colors = [ORANGE if value < 0 else SKY for value in values]
        axes.barh(places, values, color=colors, edgecolor=INK, linewidth=0.6, height=0.68)
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.set_title(shortened(figure, head, 10.0, column), fontsize=10.0, pad=8)
        axes.set_xticks([])
        axes.spines[["left", "bottom"]].set_visible(False)
        names = [shortened(figure, drawable(name), 10.0, NAMES - 0.15) for name, _numbers in rows]
        axes.set_yticks(places, names if index == 0 else [], fontsize=10.0)
        axes.tick_params(axis="both", length=0)
        for place, value in zip(places, values, strict=True):
            axes.annotate(
                number(value, sign=True),
                (1, place),
                xycoords=("axes fraction", "data"),
                xytext=(NUMBER * 72, 0),
                textcoords="offset points",
                ha="right",
                va="center",
                fontsize=9.5,
                annotation_clip=False,
            )
    return figure
