"""What training on pairs does to the chosen and to the rejected answers."""

import numpy as np
from matplotlib.figure import Figure

from course.messages import _
from course.viz.figures.curves import band_in_words, explain_band, mean_and_deviation, name_axes, whole_numbers
from course.viz.kit.layout import Numbers, label_line_ends, new_figure, text_width
from course.viz.kit.style import BLUE, INK, QUIET, VERMILLION, in_course_style

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 8.0, 4.0, 0.85, 0.62, 0.75  # inches
ROWS = ("pairs", "seeds")


@in_course_style
def log_ratio_history(steps: Numbers, chosen: Numbers, rejected: Numbers, *, title: str, rows: str = "pairs") -> Figure:
    """The mean log-ratio log π − log π_ref of chosen and of rejected answers over the steps, in nats.

    chosen and rejected: (rows, steps) or (steps,), where the rows are "pairs" (the band is their middle half) or
    "seeds" (the band is a standard deviation to each side). Where the chosen answers end below 0, the figure says that
    they have become less probable. Raises `ValueError` for no steps, shapes that do not fit them, a number that is not
    finite, and other `rows`.
    """
    if rows not in ROWS:
        raise ValueError(
            _("rows is {value!r}; give one of {known}.").format(value=rows, known=", ".join(map(repr, ROWS)))
        )
    x = np.asarray(steps, dtype=float)
    tables = {
        _("chosen"): np.atleast_2d(np.asarray(chosen, dtype=float)),
        _("rejected"): np.atleast_2d(np.asarray(rejected, dtype=float)),
    }
    for name, table in tables.items():
        if not len(x) or table.ndim != 2 or not len(table) or table.shape[1] != len(x):
            raise ValueError(
                _(
                    "The {name} log-ratios have the shape {shape}; {n} steps need (rows, {n}), and one step or more."
                ).format(name=name, shape=table.shape, n=len(x))
            )
        if not np.isfinite(table).all():
            raise ValueError(
                _("A {name} log-ratio is {value}; it must be a finite number.").format(
                    name=name, value=table[~np.isfinite(table)][0]
                )
            )
    figure = new_figure(WIDTH, HEIGHT)
    right = max(text_width(figure, name, 10.0) for name in tables) + 0.45
    box = (LEFT / WIDTH, BOTTOM / HEIGHT, 1 - (LEFT + right) / WIDTH, 1 - (TOP + BOTTOM) / HEIGHT)
    axes = figure.add_axes(box)
    means = {}
    for (name, table), color in zip(tables.items(), (BLUE, VERMILLION), strict=True):
        if rows == "seeds":
            mean, spread = mean_and_deviation(table)
            low, high = mean - spread, mean + spread
        else:
            mean = table.mean(axis=0)
            low, high = np.quantile(table, (0.25, 0.75), axis=0)
        if len(table) > 1:
            axes.fill_between(x, low, high, color=color, alpha=0.2, linewidth=0)
        axes.plot(x, mean, color=color, marker="o" if len(x) <= 20 else None, markersize=5, zorder=3)
        means[name] = mean
    axes.axhline(0, color=QUIET, linewidth=1.2, linestyle="--", zorder=1)
    if np.array_equal(x, x.round()):
        if len(x) <= 12 and np.ptp(x) >= 1:
            axes.set_xticks(x)
        axes.xaxis.set_major_formatter(whole_numbers(float(np.abs(x).max())))
    name_axes(axes, title, _("step"), _("log π − log π_ref, nats"))
    axes.grid(axis="y")
    notes = [_("Dashed: as probable as under the reference")]
    if max(map(len, tables.values())) > 1:
        notes.append(_("Band: the middle half of the pairs") if rows == "pairs" else band_in_words(tables))
    explain_band(axes, tables, "  ·  ".join(notes))
    first, last = means[_("chosen")][0], means[_("chosen")][-1]
    if last < min(0.0, first):
        low, high = axes.get_ylim()
        axes.set_ylim(low, high + 0.16 * (high - low))  # room for the words
        place = int(np.argmin(np.abs(x - (x[0] + 0.7 * (x[-1] - x[0])))))
        axes.annotate(
            _("the chosen answers become less probable, too"),
            (x[place], means[_("chosen")][place]),
            xytext=(x[place], high + 0.05 * (high - low)),
            textcoords="data",
            ha="center",
            fontsize=10.0,
            color=INK,
            arrowprops={"arrowstyle": "->", "color": INK, "shrinkB": 4},
            zorder=5,
        )
    ends = [(x[-1], mean[-1]) for mean in means.values()]
    label_line_ends(axes, ends, list(means), [BLUE, VERMILLION])
    return figure
