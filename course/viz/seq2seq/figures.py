"""What a recurrent model keeps in its state: the numbers themselves, and what can be read off them."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import LinearSegmentedColormap, TwoSlopeNorm
from matplotlib.figure import Figure

from course.messages import _
from course.viz.figures.curves import MARKERS
from course.viz.kit.layout import Numbers, new_figure, shortened, text_width
from course.viz.kit.style import PAPER, drawable, in_course_style

ROW, LONGEST_LABEL = 0.24, 2.0  # inches
# Orange below 0, purple above: apart for color-blind readers, and both 3:1 on a white and on a black page.
BELOW, ABOVE = "#d9660f", "#8368c4"
NUMBERS = LinearSegmentedColormap.from_list("numbers", [BELOW, PAPER, ABOVE])


def largest(rows: Numbers) -> float:
    """The end of the color scale: the largest number, without its sign; never 0."""
    return max(float(np.abs(rows).max()), 1e-9)


@in_course_style
def state_strips(labels: Sequence[str], rows: Numbers, *, title: str) -> Figure:
    """The numbers of a state, one row for each label: what it holds after each symbol. rows: (labels, d_hidden).

    Raises `ValueError` when there is not one row for each label.
    """
    rows = np.asarray(rows, dtype=float)
    if rows.ndim != 2 or len(rows) != len(labels):
        raise ValueError(f"{len(labels)} labels need as many rows of numbers, not the shape {rows.shape}.")
    figure = new_figure(8.0, 4.0)
    labels = [shortened(figure, drawable(label), 10.0, LONGEST_LABEL) for label in labels]
    left = max(text_width(figure, label, 10.0) for label in labels) + 0.25
    width, height = 8.0, ROW * len(rows) + 1.2
    figure.set_size_inches(width, height)
    place = (left / width, 0.65 / height, 1 - (left + 1.0) / width, ROW * len(rows) / height)
    axes = figure.add_axes(place)
    limit = largest(rows)
    image = axes.imshow(
        rows, cmap=NUMBERS, norm=TwoSlopeNorm(0.0, -limit, limit), aspect="auto", interpolation="nearest"
    )
    axes.set_yticks(range(len(labels)), labels)
    axes.tick_params(axis="y", length=0)
    axes.set_title(shortened(figure, drawable(title), 13.0, width - left - 0.1, "bold"))
    axes.set_xlabel(_("index in the vector"))
    bar_height = max(place[3], 0.6 / height)
    bar = figure.colorbar(image, cax=figure.add_axes((1 - 0.8 / width, place[1], 0.14 / width, bar_height)))
    bar.set_ticks([-limit, 0.0, limit], labels=[f"−{limit:.1f}", "0", f"{limit:.1f}"])
    return figure


@in_course_style
def linear_probe_curves(right: Mapping[int, Numbers], *, title: str | None = None) -> Figure:
    """How many letters are read right off the vector of a word, at each place. right: length → (length,), shares.

    Raises `ValueError` where a length has not one share for each place.
    """
    for length, shares in right.items():
        if np.shape(shares) != (length,):
            raise ValueError(f"{length} places need as many shares, not the shape {np.shape(shares)}.")
    figure = new_figure(8.0, 4.2)
    axes = figure.add_axes((0.85 / 8.0, 0.62 / 4.2, 1 - 1.4 / 8.0, 1 - 1.24 / 4.2))
    shades = colormaps["viridis_r"](np.linspace(0.25, 1.0, len(right)))  # light to dark: short to long
    for (length, shares), color, marker in zip(right.items(), shades, MARKERS, strict=False):
        axes.plot(range(1, length + 1), shares, color=color, marker=marker, markersize=6, clip_on=False, zorder=3)
        name = _("{count} letters").format(count=length)
        end = (length, float(shares[-1]))
        axes.annotate(name, end, xytext=(0, 9), textcoords="offset points", ha="center", fontsize=10.0)
    axes.set_ylim(0, 1.15)
    axes.set_yticks(np.linspace(0, 1, 6))
    axes.set_xticks(range(1, max(right) + 1))
    axes.yaxis.set_major_formatter(lambda value, _position: f"{value:.0%}")
    axes.set(
        title=title or _("The ends of a word stay readable, the middle fades with its length"),
        xlabel=_("position of the letter in the word"),
        ylabel=_("letters read right"),
    )
    axes.grid(axis="y")
    return figure
