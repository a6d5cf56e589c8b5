"""Curves with their spread over seeds: the figure of most claims."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course.messages import _
from course.viz.kit.layout import Numbers, label_line_ends, new_figure, shortened, text_width
from course.viz.kit.style import INK, QUIET, SKY, colors_for, drawable, in_course_style

MARKERS = "osD^vP*X"
DASHES = (0, (2.5, 2.0))
LONGEST_NAME = 3.0  # inches, at the end of a line
HEIGHT, TOP, BOTTOM, LEFT = 4.2, 0.62, 0.62, 0.85  # inches


@in_course_style
def curves(
    x: Numbers,
    series: Mapping[str, Numbers],
    *,
    title: str,
    xlabel: str,
    ylabel: str,
    ylim: tuple[float, float] | None = None,
    percent: bool = False,
    band: str | None = None,
    log_x: bool = False,
    log_y: bool = False,
) -> Figure:
    """Mean over seeds as a line, one sample standard deviation up and down as a band, each line named at its end.

    x: (n,). series: name → (seeds, n) or (n,). `percent` writes the shares of the y-axis as percentages. `band` says
    what the band is where the rows of the series are not seeds. With `log_x` or `log_y` an axis is logarithmic;
    with `log_y` the band ends at the lowest value, since a mean less a deviation may be below 0.
    NaN is a gap in a line. Raises `ValueError` where a series has not one value for each x, where there is nothing to
    draw, for an infinite value, and for one that is not above 0 on a logarithmic axis.
    """
    x = np.asarray(x, dtype=float)
    tables = {name: np.atleast_2d(np.asarray(values, dtype=float)) for name, values in series.items()}
    for name, table in tables.items():
        if table.ndim != 2 or table.shape[1] != len(x):
            raise ValueError(f"{name!r} has the shape {table.shape}; {len(x)} x-values need (seeds, {len(x)}).")
    _check_drawable(x, tables)
    for values in [*([x] if log_x else []), *(tables.values() if log_y else [])]:
        if (values <= 0).any():
            raise ValueError(
                _("{value:g} is not above 0, so it has no place on a logarithmic axis.").format(
                    value=values[values <= 0][0]
                )
            )
    colors = colors_for(tables)
    figure = new_figure(8.0, HEIGHT)
    names = [shortened(figure, drawable(name), 10.0, LONGEST_NAME) for name in tables]
    right = max(text_width(figure, name, 10.0) for name in names) + 0.45
    axes = _axes(figure, right)
    hiding = hiding_lines({name: mean_and_deviation(table)[0] for name, table in tables.items()})
    for (name, table), marker in zip(tables.items(), MARKERS, strict=False):
        mean, spread = mean_and_deviation(table)
        lower = np.maximum(mean - spread, table.min(axis=0)) if log_y else mean - spread
        axes.fill_between(x, lower, mean + spread, color=colors[name], alpha=0.22, linewidth=0)
        dashes = DASHES if name in hiding else "-"
        axes.plot(x, mean, linestyle=dashes, color=colors[name], marker=marker, markersize=6, clip_on=False, zorder=3)
    if log_x:
        axes.set_xscale("log")
        axes.xaxis.minorticks_off()
    if log_y:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(lambda value, _position: f"{value:,g}")
    if ylim is not None:
        axes.set_ylim(*ylim)
    if percent:
        axes.yaxis.set_major_formatter(lambda value, _position: f"{value:.0%}")
    name_axes(axes, title, xlabel, ylabel)
    explain_band(axes, tables, band)
    axes.grid(axis="y")
    if np.array_equal(x, x.round()):
        if len(x) <= 12 and np.ptp(x) >= 1:
            axes.set_xticks(x)
        axes.xaxis.set_major_formatter(whole_numbers(float(np.abs(x).max())))
    means = [table.mean(axis=0) for table in tables.values()]
    last = [np.flatnonzero(np.isfinite(mean))[-1] for mean in means]
    ends = [(x[place], mean[place]) for place, mean in zip(last, means, strict=True)]
    label_line_ends(axes, ends, names, list(colors.values()))
    return figure


def _check_drawable(x: np.ndarray, tables: Mapping[str, np.ndarray]) -> None:
    if not len(x) or not tables:
        raise ValueError(
            _("There is nothing to draw: {n} x-values and {series} series. Give at least one of each.").format(
                n=len(x), series=len(tables)
            )
        )
    if not np.isfinite(x).all():
        raise ValueError(
            _("An x-value is {value}, which has no place on the axis. Leave it out.").format(
                value=x[~np.isfinite(x)][0]
            )
        )
    for name, table in tables.items():
        for seed, place in np.argwhere(np.isinf(table)).tolist():
            raise ValueError(
                _("{name!r} is {value} at {x:g}, which cannot be drawn. Use NaN for a gap in the line.").format(
                    name=name, value=table[seed, place], x=x[place]
                )
            )
        if np.isnan(table).any(axis=0).all():
            raise ValueError(
                _("{name!r} is NaN at every x, so there is no line. Leave the series out.").format(name=name)
            )


def hiding_lines(means: Mapping[str, np.ndarray]) -> set[str]:
    """The lines that run over an earlier one for a fifth of their points or more: dashes let the lower one be seen."""
    finite = [value for mean in means.values() for value in mean[np.isfinite(mean)]]
    near = 0.012 * (max(finite) - min(finite))  # about the width of a line
    names = list(means)
    return {
        name
        for place, name in enumerate(names)
        for earlier in names[:place]
        if np.mean(np.abs(means[name] - means[earlier]) <= near) >= 0.2
    }


def whole_numbers(largest: int | float) -> Callable[[float, object], str]:
    """How an axis up to `largest` writes whole numbers: with separators if one has five digits, as a year has none."""
    separated = largest >= 10_000
    return lambda value, _position=None: f"{value:,.0f}" if separated else f"{value:g}"


def name_axes(axes: Axes, title: str, xlabel: str, ylabel: str) -> None:
    """Title and labels of axes, as they are typed, shortened to the room that there is."""
    figure = axes.figure
    box, page = axes.get_window_extent(), figure.bbox
    room = (page.width - box.x0) / figure.dpi
    axes.set_title(shortened(figure, drawable(title), 13.0, room, "bold"))
    axes.set_xlabel(shortened(figure, drawable(xlabel), 11.0, box.width / figure.dpi))
    axes.set_ylabel(shortened(figure, drawable(ylabel), 11.0, box.height / figure.dpi + 0.5))


def band_in_words(tables: Mapping[str, np.ndarray]) -> str:
    """What the bands around the lines are, and over how many seeds; nothing where there are none."""
    seeds = {len(table) for table in tables.values() if len(table) > 1}
    if not seeds:
        return ""
    if len(seeds) > 1:
        return _("Band: ± 1 standard deviation over the seeds")
    return _("Band: ± 1 standard deviation over {n} seeds").format(n=max(seeds))


def explain_band(axes: Axes, tables: Mapping[str, np.ndarray], words: str | None = None) -> None:
    """Say between the title and the axes what the bands are: deviations over seeds, unless `words` says otherwise."""
    if words := words or band_in_words(tables):
        axes.set_title(axes.get_title("left"), pad=24)
        axes.annotate(
            words,
            (0, 1),
            xycoords="axes fraction",
            xytext=(0, 7),
            textcoords="offset points",
            fontsize=10.0,
            color=QUIET,
            annotation_clip=False,
        )


def mean_and_deviation(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and sample standard deviation over the first axis, the seeds; a single seed deviates by 0."""
    return table.mean(axis=0), table.std(axis=0, ddof=1) if len(table) > 1 else np.zeros(table.shape[1:])


@in_course_style
def merge_curve(counts: Sequence[int], *, step: int | None = None, title: str | None = None) -> Figure:
    """Tokens that the text takes after 0, 1, 2, … merges. `step`, where given, is marked and written out."""
    figure = new_figure(8.0, 3.4)
    axes = _axes(figure, 0.35)
    axes.plot(
        range(len(counts)),
        counts,
        color=colors_for(["bpe"])["bpe"],
        marker="o" if len(counts) < 60 else None,
        markersize=4,
    )
    name_axes(axes, title or _("Each merge makes the text shorter"), _("merges"), _("tokens"))
    axes.set_ylim(0, max(1, *counts) * 1.12)
    axes.locator_params(axis="x", integer=True)
    axes.grid(axis="y")
    if step is not None:
        axes.plot([step], [counts[step]], marker="o", markersize=11, markerfacecolor=SKY, markeredgecolor=INK, zorder=4)
        side = "left" if step < len(counts) / 2 else "right"
        axes.annotate(
            _("{merges} merges: {tokens} tokens").format(merges=f"{step:,}", tokens=f"{counts[step]:,}"),
            (step, counts[step]),
            xytext=(10 if side == "left" else -10, 10),
            textcoords="offset points",
            ha=side,
        )
    return figure


def _axes(figure: Figure, right: float) -> Axes:
    """Axes with room at their right for the lines' names; all in inches."""
    width, height = figure.get_size_inches()
    return figure.add_axes((LEFT / width, BOTTOM / height, 1 - (LEFT + right) / width, 1 - (TOP + BOTTOM) / height))
