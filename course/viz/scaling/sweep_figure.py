"""The sweep: loss against size, a line for each budget with the parabola through it."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from course.messages import _
from course.scaling import Parabola, parabola
from course.scaling.counting import require_counting
from course.viz.kit.alt_text import at_most
from course.viz.kit.large_numbers import power_of_ten, short_number
from course.viz.kit.layout import label_line_ends, new_figure, wrapped_within
from course.viz.kit.style import INK, PAPER, QUIET, UNNAMED, drawable, in_course_style
from course.viz.scaling.own_laws import Record, counting_names, lines_of, loss_of, runs_among

WIDTH, HEIGHT = 8.0, 4.4  # inches


@in_course_style
def sweep_figure(records: Sequence[Record], *, counting: str = "all", title: str | None = None) -> Figure:
    """Loss against parameters, a line for each budget, its parabola and the parabola's lowest point.

    A lowest point outside the sizes of its line is not drawn. The prediction and what it foretold are passed over.
    Raises `ValueError` for another way to count and for records without a run.
    """
    require_counting(counting)
    lines = lines_of(runs_among(records))
    figure = new_figure(WIDTH, HEIGHT)
    axes = figure.add_axes((0.095, 0.13, 0.68, 0.73))
    axes.set_xscale("log")
    ends, names, colors, said = [], [], [], []
    for place, line in enumerate(lines):
        color = UNNAMED[place % len(UNNAMED)]
        sizes, losses = [one["counts"][counting] for one in line], [loss_of(one) for one in line]
        flops = float(np.mean([one["flops"] for one in line]))
        axes.plot(sizes, losses, "o", color=color, markersize=5, zorder=3)
        found = parabola(flops, sizes, losses) if len(set(sizes)) >= 3 else None
        if found is not None:
            _draw_parabola(axes, found, sizes, color)
        said.append(_in_words(flops, sizes, losses, found))
        ends.append((sizes[-1], losses[-1]))
        names.append(_("{flops} FLOPs").format(flops=power_of_ten(flops)))
        colors.append(color)
    every = sorted({one["counts"][counting] for line in lines for one in line})
    low, high = every[0], every[-1]
    margin = (high / low) ** 0.04 if high > low else 2.0
    axes.set_xlim(low / margin, high * margin)
    for (size, loss), color in zip(ends, colors, strict=True):  # up to the edge, where the name is
        axes.hlines(loss, size, high * margin, color=color, linewidth=0.8, linestyle=":")
    axes.set_xticks(every, [short_number(size) for size in every])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel(counting_names()[counting])
    axes.set_ylabel(_("held-out loss, nats per token"))
    axes.grid(axis="y")
    shown = _("Each budget has a best size") if title is None else title
    heading = wrapped_within(figure, " ".join(drawable(shown).split()), 13.0, WIDTH - 0.9, 1, "bold")
    axes.set_title(heading[0])
    label_line_ends(axes, [(high * margin, loss) for _size, loss in ends], names, colors)
    axes.annotate(
        _("◇ the lowest point of a parabola"),
        (0.02, 0.03),
        xycoords="axes fraction",
        fontsize=10.0,
        color=QUIET,
    )
    figure.set_label(
        at_most(
            "\n".join(
                [
                    _("{title}. Loss in nats per token by {counting}.").format(
                        title=shown.rstrip("."), counting=counting_names()[counting]
                    ),
                    *said,
                ]
            )
        )
    )
    return figure


def _in_words(flops: int | float, sizes: Sequence[int], losses: Sequence[int | float], found: Parabola | None) -> str:
    """A budget's line: its first and its last run, and where its parabola is lowest."""
    line = _("{flops}: {first} at {smallest}, {last} at {largest}").format(
        flops=power_of_ten(flops),
        first=f"{losses[0]:.2f}",
        smallest=short_number(sizes[0]),
        last=f"{losses[-1]:.2f}",
        largest=short_number(sizes[-1]),
    )
    if found is None or not found.inside:
        return line
    return _("{line}, parabola lowest at {best}").format(line=line, best=short_number(found.parameters))


def _draw_parabola(axes: Axes, found: Parabola, sizes: Sequence[int], color: str) -> None:
    x = np.linspace(np.log(min(sizes)), np.log(max(sizes)), 60)
    axes.plot(np.exp(x), np.polyval(found.coefficients, x), color=color, linewidth=1.6)
    if found.inside:
        axes.plot(
            [found.parameters],
            [found.loss],
            "D",
            markersize=7,
            markerfacecolor=PAPER,
            markeredgecolor=INK,
            zorder=4,
        )
