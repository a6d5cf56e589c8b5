"""The static picture of what one base model says of a text, with each of several methods on it."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from course.viz.figures.bars import write_at_ends
from course.viz.kit.layout import new_figure, shortened, wrapped_within
from course.viz.kit.style import INK, ORANGE, SKY, drawable, in_course_style
from course.viz.kit.text import percent

WIDTH, NAMES, COLUMN, ROW = 8.0, 1.9, 1.25, 0.32  # inches
TEXT_SIZE, TEXT_LINE = 10.0, 0.2  # points, inches
MARK = "▸ "  # before the name of a row that stands out


@in_course_style
def switch_figure(
    shares: Mapping[str, Sequence[int | float]],
    classes: Sequence[str],
    numbers: Mapping[str, Sequence[str]],
    *,
    title: str,
    marked: int | None = None,
) -> Figure:
    """The probabilities of the classes for each row as bars, and columns of `numbers` after them.

    shares: row → one number from 0 to 1 for each class. numbers: heading → one text for each row. `marked` is the index
    of a row that stands out, by its color and its sign.
    """
    n = len(shares)
    figure = new_figure(WIDTH, 1.0)
    heading = wrapped_within(figure, drawable(title), 12.0, WIDTH - 0.2, 3, "bold")
    heads = [wrapped_within(figure, drawable(head), TEXT_SIZE, COLUMN - 0.1, 5) for head in (*classes, *numbers)]
    below_title = 0.1 + 0.24 * len(heading)
    top = below_title + TEXT_LINE * max(map(len, heads)) + 0.1
    height = top + ROW * n + 0.1
    figure.set_size_inches(WIDTH, height)
    names_width = WIDTH - COLUMN * len(numbers) - NAMES
    panel = names_width / max(len(classes), 1)
    figure.suptitle(
        "\n".join(heading), x=0.1 / WIDTH, y=1 - 0.06 / height, ha="left", va="top", fontsize=12.0, weight="bold"
    )
    places = range(n)
    colors = [ORANGE if place == marked else SKY for place in places]
    for column in range(len(classes)):
        left = NAMES + column * panel
        box = (left / WIDTH, 0.1 / height, (panel - 0.65) / WIDTH, ROW * n / height)
        axes = figure.add_axes(box, xlim=(0, 1), ylim=(n - 0.5, -0.5))
        values = [row[column] for row in shares.values()]
        axes.barh(places, values, color=colors, edgecolor=INK, linewidth=0.6, height=0.62, clip_on=False)
        write_at_ends(axes, places, [1.0] * n, [percent(value, 1) for value in values])
        signs = [MARK if place == marked else "" for place in places]
        names = [
            sign + shortened(figure, drawable(name), TEXT_SIZE, NAMES - 0.4)
            for sign, name in zip(signs, shares, strict=True)
        ]
        axes.set_yticks(places, [] if column else names)
        axes.tick_params(axis="both", length=0)
        axes.set_xticks([])
        axes.set_title("\n".join(heads[column]), fontsize=TEXT_SIZE, weight="normal", pad=6)
    for column, texts in enumerate(numbers.values()):
        right = NAMES + names_width + COLUMN * (column + 1) - 0.1
        head = "\n".join(heads[len(classes) + column])
        figure.text(right / WIDTH, 1 - (top - 0.1) / height, head, ha="right", va="bottom", fontsize=TEXT_SIZE)
        for place, text in enumerate(texts):
            y = 1 - (top + ROW * (place + 0.5)) / height
            figure.text(right / WIDTH, y, drawable(text), ha="right", va="center", fontsize=TEXT_SIZE)
    return figure
