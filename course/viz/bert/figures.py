"""What several models guess for one hidden word, side by side."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from course.messages import _
from course.viz.kit.layout import new_figure, shortened, wrapped_within
from course.viz.kit.style import INK, ORANGE, SKY, drawable, in_course_style
from course.viz.kit.text import percent, visible

Guesses = Sequence[tuple[str, float]]  # tokens with their probabilities, the most probable first


@in_course_style
def guess_panels(guesses: Mapping[str, Guesses], *, title: str, right: str | None = None) -> Figure:
    """A panel of bars for each model: its guesses and their probabilities, on one axis from 0 to 100 %.

    `right` is the token that was hidden: its bar has another color, and ✓ at its name. Raises `ValueError` without a
    model, and for models with different numbers of guesses.
    """
    if not guesses:
        raise ValueError(_("There are no guesses to draw: give those of one model or more."))
    counts = {len(of_model) for of_model in guesses.values()}
    if len(counts) > 1:
        raise ValueError(_("The models have different numbers of guesses: {counts}.").format(counts=sorted(counts)))
    (n,) = counts
    figure = new_figure(8.0, 1.0)
    lines = [
        line for part in title.split("\n") for line in wrapped_within(figure, drawable(part), 11.0, 7.8, 3, "bold")
    ]
    whole = 0.34 * n + 1.1 + 0.2 * len(lines)  # inches
    figure.set_size_inches(8.0, whole)
    figure.text(0.01, 1 - 0.05 / whole, "\n".join(lines), fontsize=11.0, fontweight="bold", va="top")
    width, bottom, height = 0.98 / len(guesses), 0.55 / whole, 0.34 * n / whole
    for number, (name, of_model) in enumerate(guesses.items()):
        axes = figure.add_axes((0.01 + width * (number + 0.34), bottom, width * 0.55, height))
        texts = [
            shortened(figure, ("✓ " if token == right else "") + drawable(visible(token)), 10.0, 8 * width * 0.33)
            for token, _chance in of_model
        ]
        chances = [chance for _token, chance in of_model]
        colors = [ORANGE if token == right else SKY for token, _chance in of_model]
        axes.barh(range(n), chances, color=colors, edgecolor=INK, linewidth=0.6)
        axes.set_yticks(range(n), texts)
        axes.set(xlim=(0, 1), ylim=(n - 0.5, -0.5), xticks=(0, 0.5, 1))
        axes.set_title(shortened(figure, drawable(name), 11.0, 8 * width * 0.8), loc="left", fontsize=11)
        axes.xaxis.set_major_formatter(lambda value, _position: f"{value:.0%}")
        axes.set_xlabel(_("probability"))
        for place, chance in enumerate(chances):
            inside = chance > 0.6
            axes.text(
                chance + (-0.03 if inside else 0.03),
                place,
                percent(chance),
                va="center",
                ha="right" if inside else "left",
                fontsize=9,
            )
    return figure
