"""Positions: the matrix of waves, likeness against distance, a turned pair, the loss past the trained length."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from course.messages import _
from course.viz.figures.curves import LONGEST_NAME, explain_band, mean_and_deviation, name_axes
from course.viz.figures.hover_curves import curve_numbers, describe_curves, live_curves
from course.viz.kit.interactive import Interactive
from course.viz.kit.layout import Numbers, label_line_ends, new_figure, shortened, text_width
from course.viz.kit.style import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PAPER,
    QUIET,
    VERMILLION,
    colors_for,
    drawable,
    in_course_style,
)
from course.viz.kit.text import number

BELOW_AND_ABOVE = LinearSegmentedColormap.from_list("below and above 0", [BLUE, PAPER, ORANGE])
MOST_LABELS = 26
LONGEST_LABEL = 2.0  # inches
GRID = "#dddddd"


@in_course_style
def wave_matrix(
    table: Float[np.ndarray, "position d_model"],
    labels: Sequence[str],
    *,
    position: int,
    dimension: int,
    title: str | None = None,
) -> Figure:
    """Positions down, dimensions across; beside it the wave of one dimension, below it the vector of one position."""
    n_positions = len(table)
    figure = new_figure(8.0, 5.6)
    labels = [shortened(figure, drawable(label), 10.0, LONGEST_LABEL) for label in labels]
    left = max(text_width(figure, label, 10.0) for label in labels) + 0.3
    matrix = figure.add_axes((left / 8, 0.36, 0.68 - left / 8, 0.53))
    picture = matrix.imshow(table, cmap=BELOW_AND_ABOVE, vmin=-1, vmax=1, aspect="auto", interpolation="nearest")
    step = math.ceil(n_positions / MOST_LABELS)
    shown = [place for place in range(0, n_positions, step) if abs(place - position) >= step] + [position]
    matrix.set_yticks(shown, [labels[place] for place in shown])
    matrix.axhspan(position - 0.5, position + 0.5, fill=False, edgecolor=INK)
    matrix.axvspan(dimension - 0.5, dimension + 0.5, fill=False, edgecolor=INK)
    matrix.set_title(title or _("Each position has a pattern of its own"))
    matrix.tick_params(labelbottom=False)
    bar = figure.colorbar(picture, cax=figure.add_axes((0.9, 0.36, 0.02, 0.53)), ticks=[-1, 0, 1])
    bar.ax.set_yticklabels(["−1", "0", "+1"])

    wave = figure.add_axes((0.71, 0.36, 0.16, 0.53), sharey=matrix)
    wave.plot(table[:, dimension], range(n_positions), color=VERMILLION)
    wave.plot(table[position, dimension], position, "o", color=ORANGE, markeredgecolor=INK)
    wave.tick_params(labelleft=False)
    wave.set(xlim=(-1.1, 1.1), xlabel=_("dimension {number}").format(number=dimension))

    vector = figure.add_axes((left / 8, 0.1, 0.68 - left / 8, 0.21), sharex=matrix)
    vector.plot(table[position], "o", color=GREEN, markersize=4)  # no line: neighbors are a sine and a cosine
    vector.axhline(0, color=GRID, linewidth=1, zorder=1)
    vector.plot(dimension, table[position, dimension], "o", color=ORANGE, markeredgecolor=INK)
    vector.set(
        ylim=(-1.1, 1.1),
        yticks=[-1, 0, 1],
        xlabel=_("dimension"),
        ylabel=_("position {number}").format(number=position),
    )
    return figure


@in_course_style
def distance_panels(
    panels: Mapping[str, Sequence[tuple[str, Numbers]]], *, distance: int, last: int, title: str | None = None
) -> Figure:
    """A chart for each panel, from −1 to 1 over the distances 0, 1, …; the last of its lines is marked."""
    rows = math.ceil(len(panels) / 2)
    figure = new_figure(8.0, 0.5 + 2.4 * rows)
    all_axes = figure.subplots(rows, 2, sharex=True, sharey=True, squeeze=False).flatten()
    for axes, (name, lines) in zip(all_axes, panels.items(), strict=False):
        for color, values in lines:
            axes.plot(values, color=color, linewidth=2 if values is lines[-1][1] else 0.8)
        if distance < len(values):
            axes.plot(distance, values[distance], "o", color=ORANGE, markeredgecolor=INK, zorder=4)
            name = _("{name}: {value} at distance {distance}").format(
                name=name, value=number(float(values[distance])), distance=distance
            )
        axes.axhline(0, color=QUIET, linewidth=0.8, linestyle=":")
        axes.set_title(shortened(figure, drawable(name), 10.5, 3.6, "bold"), fontsize=10.5)
        axes.set(xlim=(0, last), ylim=(-1.1, 1.1))
        axes.tick_params(labelbottom=True)
        axes.set_xlabel(_("tokens back"))
    for axes in all_axes[len(panels) :]:
        axes.set_axis_off()
    title = shortened(figure, drawable(title or _("How alike two positions are, by their distance")), 13.0, 7.8, "bold")
    figure.suptitle(title, x=0.01, ha="left", fontweight="bold")
    figure.tight_layout()
    return figure


@in_course_style
def two_arrows(
    before: Sequence[float],
    after: Sequence[float],
    names: Sequence[str],
    *,
    title: str | None = None,
    legend: Sequence[tuple[str, str]] = (),
) -> Figure:
    """Two vectors of length 1, by their angles in radians: dotted as they were, solid as they are.

    An arc marks the angle between the two solid ones. `legend` says what is drawn, as (what, value), beside it.
    """
    figure = new_figure(8.0, 3.6)
    axes = figure.add_axes((0.0, 0.0, 3.5 / 8.0, 0.88), xlim=(-1.3, 1.3), ylim=(-1.2, 1.2), aspect="equal")
    for row, (what, value) in enumerate(legend):
        figure.text(0.5, 0.7 - 0.085 * row, what)
        figure.text(0.93, 0.7 - 0.085 * row, value, ha="right")
    circle = np.linspace(0, 2 * np.pi, 200)
    axes.plot(np.cos(circle), np.sin(circle), color=QUIET, linewidth=0.8)
    between = (after[1] - after[0] + np.pi) % (2 * np.pi) - np.pi  # the shorter way from the first to the second
    arc = after[0] + np.linspace(0, between, 50)
    axes.plot(0.23 * np.cos(arc), 0.23 * np.sin(arc), color=INK, linewidth=1.5)
    places = ((1.26, 0.0), (0.6, -0.3))  # outside the circle, and beside the arrow: the names never meet
    for start, end, name, color, (far, aside) in zip(before, after, names, (BLUE, VERMILLION), places, strict=True):
        axes.plot([0, math.cos(start)], [0, math.sin(start)], ":", color=color)
        arrow = {"arrowstyle": "-|>", "color": color, "linewidth": 3, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 18}
        axes.annotate("", (math.cos(end), math.sin(end)), (0, 0), arrowprops=arrow)
        x, y = far * math.cos(end + aside), far * math.sin(end + aside)
        axes.text(x, y, name, ha="center", va="center", fontweight="bold")
    axes.set_axis_off()
    title = shortened(figure, drawable(title or _("Turned by their positions")), 13.0, 7.6, "bold")
    figure.text(0.02, 0.94, title, fontsize=13.0, fontweight="bold")
    return figure


def loss_by_position(
    losses: Mapping[str, Float[np.ndarray, "seed position"]],
    *,
    trained: int,
    together: int = 16,
    title: str | None = None,
    ylim: tuple[float, float] | None = None,
) -> Interactive:
    """The loss at each position: mean over seeds, one sample standard deviation as a band; a line is at `trained`.

    Live, each position is a point; the picture and the numbers take `together` positions at a time. `trained` is the
    length of the texts that the models were trained on.
    """
    texts = {
        "title": title or _("Past the trained length"),
        "xlabel": _("position in the text"),
        "ylabel": _("loss (bits per character)"),
    }
    n_positions = next(iter(losses.values())).shape[1]
    mark = _("trained up to here")
    live = live_curves(range(n_positions), losses, **texts, ylim=ylim, marks={mark: trained})
    middles = together * (np.arange(n_positions // together) + 0.5)
    bins = {name: table.reshape(len(table), -1, together).mean(axis=2) for name, table in losses.items()}
    numbers = [
        row | {texts["xlabel"]: _("{first} to {last}").format(first=i * together, last=(i + 1) * together - 1)}
        for i, row in enumerate(curve_numbers(middles, bins, xlabel=texts["xlabel"]))
    ]
    picture = _loss_picture(middles, bins, **texts, trained=trained, mark=mark, ylim=ylim)
    return Interactive(live, picture, describe_curves(numbers, list(losses), **texts), numbers)


@in_course_style
def _loss_picture(
    x: Float[np.ndarray, "bin"],
    losses: Mapping[str, Float[np.ndarray, "seed bin"]],
    *,
    title: str,
    xlabel: str,
    ylabel: str,
    trained: int,
    mark: str,
    ylim: tuple[float, float] | None,
) -> Figure:
    figure = new_figure(8.0, 4.4)
    names = [shortened(figure, drawable(name), 10.0, LONGEST_NAME) for name in losses]
    right = max(text_width(figure, name, 10.0) for name in names) + 0.45
    axes = figure.add_axes((0.1, 0.14, 0.9 - right / 8, 0.73))
    colors, ends = colors_for(losses), []
    for name, table in losses.items():
        mean, deviation = mean_and_deviation(table)
        axes.fill_between(x, mean - deviation, mean + deviation, color=colors[name], alpha=0.22, linewidth=0)
        axes.plot(x, mean, color=colors[name], marker="o", markersize=4)
        ends.append((x[-1], mean[-1]))
    axes.axvline(trained, color=INK, linewidth=1, linestyle="--")
    axes.annotate(
        mark, (trained, 0.97), xycoords=("data", "axes fraction"), xytext=(5, 0), textcoords="offset points", va="top"
    )
    n_positions = round(x[0] + x[-1])
    axes.set_xlim(0, n_positions)
    if ylim is not None:
        axes.set_ylim(*ylim)
    axes.set_xticks(range(0, n_positions + 1, 32))
    name_axes(axes, title, xlabel, ylabel)
    explain_band(axes, losses)
    axes.grid(axis="y")
    label_line_ends(axes, ends, names, list(colors.values()))
    return figure
