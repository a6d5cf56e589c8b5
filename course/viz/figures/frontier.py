"""What a cost buys: models by cost and quality, and the frontier of those that no other beats in both."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Bool, Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from course.messages import _
from course.viz.figures.curves import name_axes
from course.viz.figures.name_column import spread
from course.viz.kit.interactive import Interactive, check_columns
from course.viz.kit.layout import Numbers, new_figure, shortened, text_width
from course.viz.kit.plotly_style import markup, new_live_figure, rounded, written
from course.viz.kit.style import BLUE, INK, QUIET, drawable, in_course_style

WIDTH, HEIGHT, AXES_WIDTH, NAMES_WIDTH = 8.0, 4.2, 6.9, 1.75  # inches
MOST_NAMED, NAME_SIZE, NAME_LINE = 16, 9.0, 1 / 17  # names, points, share of the height
MOST_POWERS = 4  # of ten, up to which 2 and 5 times them are ticks, too
LIVE_ROOM = 0.5  # for the names, as a share of the axis of costs


def on_frontier(cost: Numbers, quality: Numbers, *, lower_is_better: bool = False) -> Bool[np.ndarray, "model"]:
    """Of each model, whether no other is at least as good in both and better in one (the Pareto front).

    cost and quality: (models,). A lower cost is better; so is a higher quality, unless `lower_is_better`.
    """
    cost, gain = np.asarray(cost, dtype=float), np.asarray(quality, dtype=float) * (-1 if lower_is_better else 1)
    no_worse = (cost[:, None] <= cost) & (gain[:, None] >= gain)
    better = (cost[:, None] < cost) | (gain[:, None] > gain)
    return ~np.any(no_worse & better, axis=0)


def frontier(
    models: Sequence[str],
    cost: Numbers,
    quality: Numbers,
    *,
    title: str,
    xlabel: str,
    ylabel: str,
    percent: bool = False,
    lower_is_better: bool = False,
    log_x: bool = False,
    ends: Sequence[tuple[float, float]] | None = None,
    name_all: bool = False,
) -> Interactive:
    """A point for each model; those on the frontier are named and joined.

    With `name_all` every point is named, in a column at the right, at most `MOST_NAMED` of them.

    cost and quality: (models,). A lower cost is better; so is a higher quality, unless `lower_is_better`. `percent`
    writes the quality as a percentage. `ends`, where given, are those of an interval of each quality, low and high, and
    are drawn as a bar; who is on the frontier is decided by the qualities alone. Raises `ValueError` where there is not
    one cost and one quality for each model, for one that is no finite number, for one outside its interval, for a cost
    that is not above 0 with `log_x`, for two labels that are one, and for too many models to be named.
    """
    cost, quality = np.asarray(cost, dtype=float), np.asarray(quality, dtype=float)
    if not len(models) or {cost.shape, quality.shape} != {(len(models),)}:
        raise ValueError(
            _("{n} models need {n} costs and {n} qualities, not the shapes {cost} and {quality}.").format(
                n=len(models), cost=cost.shape, quality=quality.shape
            )
        )
    if name_all and len(models) > MOST_NAMED:
        raise ValueError(
            _("There are {n} models, and at most {most} names fit beside the figure. Set name_all=False.").format(
                n=len(models), most=MOST_NAMED
            )
        )
    check_columns(_("model"), xlabel, ylabel, *([] if ends is None else [_("interval")]), _("on the frontier"))
    bars = None if ends is None else _checked_ends(models, quality, ends)
    for model, *values in zip(models, cost.tolist(), quality.tolist(), strict=True):
        check_columns(model)
        for label, value in zip((xlabel, ylabel), values, strict=True):
            if not math.isfinite(value):
                raise ValueError(
                    _("{model!r} has {value} as {label!r}, which no point can show. Leave the model out.").format(
                        model=model, value=value, label=label
                    )
                )
        if log_x and values[0] <= 0:
            raise ValueError(
                _(
                    "{model!r} has {value} as {label!r}; a logarithmic axis needs numbers above 0. Set log_x=False."
                ).format(model=model, value=values[0], label=xlabel)
            )
    order = np.lexsort((quality, cost))
    front = on_frontier(cost, quality, lower_is_better=lower_is_better)[order]
    bars = None if bars is None else bars[order]
    names = [models[i] for i in order]
    plot = _Plot(names, cost[order], quality[order], front, title, xlabel, ylabel, percent, log_x, bars, name_all)
    return Interactive(plot.live(), plot.picture(), plot.description(), plot.numbers())


def _checked_ends(
    models: Sequence[str], quality: Float[np.ndarray, "model"], ends: Sequence[tuple[float, float]]
) -> Float[np.ndarray, "model 2"]:
    found = np.asarray(ends, dtype=float)
    if found.shape != (len(models), 2):
        raise ValueError(
            _("{n} models need {n} intervals of two ends, not the shape {shape}.").format(
                n=len(models), shape=found.shape
            )
        )
    for model, value, (low, high) in zip(models, quality.tolist(), found.tolist(), strict=True):
        if not low <= value <= high:
            raise ValueError(
                _("{model!r} has the quality {value}, which is outside its interval from {low} to {high}.").format(
                    model=model, value=value, low=low, high=high
                )
            )
    return found


@dataclass(frozen=True)
class _Plot:
    models: Sequence[str]
    cost: Float[np.ndarray, "model"]
    quality: Float[np.ndarray, "model"]
    front: Bool[np.ndarray, "model"]
    title: str
    xlabel: str
    ylabel: str
    percent: bool
    log_x: bool
    bars: Float[np.ndarray, "model 2"] | None
    name_all: bool

    def written_value(self, value: float) -> str:
        return f"{value:.1%}" if self.percent else written(value)

    def written_quality(self, place: int) -> str:
        return self.written_value(self.quality[place])

    def written_bar(self, place: int) -> str:
        """The interval of a model's quality, or nothing where none is known."""
        if self.bars is None:
            return ""
        low, high = self.bars[place].tolist()
        return f"[{self.written_value(low)}, {self.written_value(high)}]"

    def lengths(self, chosen: Bool[np.ndarray, "model"]) -> Float[np.ndarray, "2 chosen"] | None:
        """How far the bars of the chosen models go below and above their points."""
        if self.bars is None:
            return None
        low, high = self.bars[chosen].T
        return np.stack([self.quality[chosen] - low, high - self.quality[chosen]])

    def numbers(self) -> list[dict[str, object]]:
        return [
            {
                _("model"): name,
                self.xlabel: written(self.cost[place]),
                self.ylabel: self.written_quality(place),
                **({} if self.bars is None else {_("interval"): self.written_bar(place)}),
                _("on the frontier"): bool(self.front[place]),
            }
            for place, name in enumerate(self.models)
        ]

    def description(self) -> str:
        head = _("{title}: {n} models by {xlabel} and {ylabel}. On the frontier:").format(
            title=self.title, n=len(self.models), xlabel=self.xlabel, ylabel=self.ylabel
        )
        lines = [
            f"{self.models[place]}: {written(self.cost[place])}, "
            f"{self.written_quality(place)} {self.written_bar(place)}".rstrip()
            for place in np.flatnonzero(self.front).tolist()
        ]
        return "\n".join([head, *lines])

    def heights(self) -> tuple[float, float]:
        """The ends of the axis of qualities."""
        values = self.quality if self.bars is None else self.bars
        low, high = float(values.min()), float(values.max())
        margin = 0.08 * ((high - low) or abs(high) or 1.0)
        return low - margin, high + margin

    def name_heights(self) -> Float[np.ndarray, "model"]:
        """Where the column at the right has the name of each model."""
        low, high = self.heights()
        line = NAME_LINE * (high - low)
        return spread(self.quality, line, low + line / 2, high - line / 2)

    def short_name(self, place: int) -> str:
        return shortened(new_figure(WIDTH, HEIGHT), drawable(self.models[place]), 10.0, AXES_WIDTH / 2 - 0.15)

    def column_name(self, place: int) -> str:
        return shortened(new_figure(WIDTH, HEIGHT), drawable(self.models[place]), NAME_SIZE, NAMES_WIDTH - 0.1)

    def ends(self) -> tuple[float, float]:
        """The ends of the axis of costs: the first name on the frontier has room at the left of its point.

        Above and to the left of a point on the frontier there is no other point, so that is where its name is.
        """
        scaled = np.log10(self.cost) if self.log_x else self.cost
        low, high = scaled.min(), scaled.max()
        margin = 0.04 * ((high - low) or abs(high) or 1.0)
        low, high = low - margin, high + margin
        if self.name_all:
            return (float(10**low), float(10**high)) if self.log_x else (float(low), float(high))
        first = int(np.flatnonzero(self.front)[0])
        room = text_width(new_figure(WIDTH, HEIGHT), self.short_name(first), 10.0) + 0.15
        share = min(room / AXES_WIDTH, 0.5)
        low = min(low, (scaled[first] - share * high) / (1 - share))
        return (float(10**low), float(10**high)) if self.log_x else (float(low), float(high))

    def cost_ticks(self) -> list[float]:
        """1, 2 and 5 times the powers of ten that a logarithmic axis shows; powers alone where it shows many."""
        low, high = self.ends()
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        steps = (1, 2, 5) if len(powers) <= MOST_POWERS else (1,)
        return [step * 10.0**power for power in powers for step in steps if low <= step * 10.0**power <= high]

    def live(self) -> go.Figure:
        hover = (
            f"<b>%{{text}}</b><br>{markup(self.xlabel)}: %{{x:,.4~f}}<br>"
            f"{markup(self.ylabel)}: %{{y:{'.1%' if self.percent else '.4~g'}}}"
            f"{'' if self.bars is None else ' %{customdata}'}<extra></extra>"
        )
        beaten, best = (
            go.Scatter(
                x=rounded(self.cost[chosen]),
                y=rounded(self.quality[chosen]),
                text=[markup(name) for name, one in zip(self.models, chosen, strict=True) if one],
                hovertemplate=hover,
            )
            for chosen in (~self.front, self.front)
        )
        beaten.update(mode="markers", marker={"symbol": "x-thin", "size": 9, "line": {"color": QUIET, "width": 2}})
        for trace, chosen, color in ((beaten, ~self.front, QUIET), (best, self.front, BLUE)):
            lengths = self.lengths(chosen)
            if lengths is not None:
                below, above = (rounded(each) for each in lengths)
                bar = {"type": "data", "symmetric": False, "arrayminus": below, "array": above}
                trace.update(error_y=bar | {"color": color, "thickness": 1, "width": 3})
                trace.update(customdata=[self.written_bar(place) for place in np.flatnonzero(chosen).tolist()])
        best.update(mode="lines+markers" if self.name_all else "lines+markers+text", textposition="top left")
        best.update(marker={"color": BLUE, "size": 11}, line={"color": BLUE, "shape": "hv", "width": 1.5})
        ends = np.array(self.ends())
        shown = np.log10(ends) if self.log_x else ends
        layout = self.live_names(shown) if self.name_all else {}
        if self.name_all:
            shown = np.array([shown[0], shown[1] + LIVE_ROOM * (shown[1] - shown[0])])
        return new_live_figure(
            [beaten, best],
            title=self.title,
            hovermode="closest",
            showlegend=False,
            xaxis={
                "title": {"text": markup(self.xlabel)},
                "type": "log" if self.log_x else "linear",
                "range": rounded(shown),
                **self.live_ticks(),
            },
            yaxis={
                "title": {"text": markup(self.ylabel)},
                "tickformat": ".0%" if self.percent else None,
                **({"range": rounded(self.heights())} if self.name_all else {}),
            },
            **layout,
        )

    def live_ticks(self) -> dict[str, object]:
        if not (self.name_all and self.log_x):
            return {}
        ticks = self.cost_ticks()
        return {"tickvals": rounded(ticks), "ticktext": [written(tick) for tick in ticks]}

    def live_names(self, shown: Float[np.ndarray, "2"]) -> dict[str, object]:
        """The names at the right, each with a line to its point."""
        scaled = np.log10(self.cost) if self.log_x else self.cost
        column = float(shown[1] + 0.06 * (shown[1] - shown[0]))
        points = rounded(scaled), rounded(self.quality), rounded(self.name_heights())
        return {
            "annotations": [
                {
                    "text": markup(self.column_name(place)),
                    "x": x,
                    "y": y,
                    "ax": rounded([column])[0],
                    "ay": height,
                    "axref": "x",
                    "ayref": "y",
                    "xanchor": "left",
                    "arrowhead": 0,
                    "arrowwidth": 0.5,
                    "arrowcolor": QUIET,
                    "font": {"size": 11, "color": BLUE if self.front[place] else INK},
                }
                for place, (x, y, height) in enumerate(zip(*points, strict=True))
            ]
        }

    @in_course_style
    def picture(self) -> Figure:
        figure = new_figure(WIDTH, HEIGHT)
        width = AXES_WIDTH - (NAMES_WIDTH if self.name_all else 0.0)
        axes = figure.add_axes((0.11, 0.15, width / WIDTH, 0.7))
        axes.set(xscale="log" if self.log_x else "linear", xlim=self.ends())
        for chosen, color in ((~self.front, QUIET), (self.front, BLUE)):
            lengths = self.lengths(chosen)
            if lengths is not None:
                axes.errorbar(
                    self.cost[chosen], self.quality[chosen], lengths, fmt="none", ecolor=color, elinewidth=1, capsize=2
                )
        axes.plot(self.cost[~self.front], self.quality[~self.front], "x", color=QUIET, markersize=7)
        axes.step(self.cost[self.front], self.quality[self.front], where="post", color=BLUE, linewidth=1.5)
        axes.plot(self.cost[self.front], self.quality[self.front], "o", color=BLUE, markersize=8)
        if self.name_all:
            self.name_beside(axes, 0.3 / width)
        for place in [] if self.name_all else np.flatnonzero(self.front).tolist():
            axes.annotate(
                self.short_name(place),
                (self.cost[place], self.quality[place]),
                xytext=(-5, 5),
                textcoords="offset points",
                ha="right",
                fontsize=10.0,
            )
        if self.percent:
            axes.yaxis.set_major_formatter(lambda value, _position: f"{value:.0%}")
        if self.name_all and self.log_x:
            axes.set_xticks(self.cost_ticks(), [written(tick) for tick in self.cost_ticks()])
            axes.xaxis.set_minor_formatter(NullFormatter())
        for label in axes.get_xticklabels(which="both"):
            label.set_parse_math(True)  # matplotlib's own powers of 10
        if self.name_all:
            axes.set_ylim(*self.heights())
        else:
            axes.margins(y=0.12)
        axes.grid(axis="y")
        name_axes(axes, self.title, self.xlabel, self.ylabel)
        return figure

    def name_beside(self, axes: Axes, column: float) -> None:
        """The names at the right of the axes, each with a line to its point."""
        beside = axes.get_yaxis_transform()
        for place, height in enumerate(self.name_heights().tolist()):
            axes.annotate(
                self.column_name(place),
                (self.cost[place], self.quality[place]),
                xytext=(1 + column, height),
                textcoords=beside,
                va="center",
                fontsize=NAME_SIZE,
                color=BLUE if self.front[place] else INK,
                arrowprops={"arrowstyle": "-", "color": QUIET, "linewidth": 0.5, "shrinkB": 4},
                annotation_clip=False,
            )
