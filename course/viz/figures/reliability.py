"""The reliability diagram: what a model's probabilities say, against what came true."""

import numpy as np
from matplotlib.figure import Figure

from course.evaluation import Reliability
from course.intervals import share
from course.messages import _
from course.viz.figures.curves import name_axes
from course.viz.kit.layout import new_figure
from course.viz.kit.style import BLUE, INK, QUIET, in_course_style

WIDTH, HEIGHT = 6.4, 4.6  # inches


@in_course_style
def reliability_diagram(found: Reliability, *, title: str, of: str | None = None) -> Figure:
    """The share that came true in each bin, above a bar with the number of its items; dashed where they should be.

    A point below the dashed line says too much, unless its 95 % interval over items reaches the line. `of` says what
    came true, "predictions that are right" for example. Bins without items have no point. Raises `ValueError` where no
    bin has any.
    """
    filled = found.counts > 0
    if not filled.any():
        raise ValueError(_("There is nothing to draw: no bin has an item."))
    figure = new_figure(WIDTH, HEIGHT)
    axes = figure.add_axes((0.13, 0.4, 0.83, 0.48))
    below = figure.add_axes((0.13, 0.13, 0.83, 0.17), sharex=axes)
    low, high = float(found.edges[0]), float(found.edges[-1])
    axes.plot([low, high], [low, high], color=QUIET, linestyle=(0, (4, 3)), label=_("as the model says"), zorder=1)
    came_true, counts = found.came_true[filled], found.counts[filled]
    intervals = [share(round(part * n), n) for part, n in zip(came_true.tolist(), counts.tolist(), strict=True)]
    reach = [[one.estimate - one.low for one in intervals], [one.high - one.estimate for one in intervals]]
    axes.errorbar(
        found.probability[filled],
        came_true,
        yerr=reach,
        color=BLUE,
        marker="o",
        markersize=7,
        label=_("as it came true, with its 95 % interval"),
        clip_on=False,
        zorder=3,
    )
    name_axes(axes, title, "", of or _("share that came true"))
    below.bar(
        found.edges[:-1], found.counts, np.diff(found.edges), align="edge", color=QUIET, edgecolor=INK, linewidth=0.5
    )
    below.set_xlabel(_("probability that the model gives"))
    below.set_ylabel(_("items"))
    axes.tick_params(labelbottom=False)
    for one in (axes.yaxis, below.xaxis):
        one.set_major_formatter(lambda value, _position: f"{value:.0%}")
    axes.set_yticks([0.0, 0.25, 0.5, 0.75, 1.0])
    axes.set_ylim(-0.02, 1.02)
    margin = 0.02 * (high - low or 1.0)
    axes.set_xlim(low - margin, high + margin)
    below.set_ylim(0, 1.15 * found.counts.max())
    below.set_yticks([0, int(found.counts.max())])
    below.locator_params(axis="x", nbins=8)
    axes.grid(axis="y")
    axes.legend(loc="upper left", frameon=False)
    return figure
