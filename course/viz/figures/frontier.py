"""What a cost buys: models by cost and quality, and the frontier of those that no other beats in both."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Bool, Float
from matplotlib.figure import Figure

from course.messages import _
from course.viz.figures.curves import name_axes
from course.viz.kit.interactive import Interactive, check_columns
from course.viz.kit.layout import Numbers, new_figure, shortened, text_width
from course.viz.kit.plotly_style import markup, new_live_figure, rounded, written
from course.viz.kit.style import BLUE, QUIET, drawable, in_course_style

WIDTH, HEIGHT, AXES_WIDTH = 8.0, 4.2, 6.9  # inches


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
) -> Interactive:
    """A point for each model; those on the frontier are named and joined.

    cost and quality: (models,). A lower cost is better; so is a higher quality, unless `lower_is_better`. `percent`
    writes the quality as a percentage. Raises `ValueError` where there is not one cost and one quality for each model,
    for one that is no finite number, for a cost that is not above 0 with `log_x`, and for two labels that are one.
    """
    cost, quality = np.asarray(cost, dtype=float), np.asarray(quality, dtype=float)
    if not len(models) or {cost.shape, quality.shape} != {(len(models),)}:
        raise ValueError(
            _("{n} models need {n} costs and {n} qualities, not the shapes {cost} and {quality}.").format(
                n=len(models), cost=cost.shape, quality=quality.shape
            )
        )
    check_columns(_("model"), xlabel, ylabel, _("on the frontier"))
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
    plot = _Plot([models[i] for i in order], cost[order], quality[order], front, title, xlabel, ylabel, percent, log_x)
    return Interactive(plot.live(), plot.picture(), plot.description(), plot.numbers())


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

    def written_quality(self, place: int) -> str:
        return f"{self.quality[place]:.1%}" if self.percent else written(self.quality[place])

    def numbers(self) -> list[dict[str, object]]:
        return [
            {
                _("model"): name,
                self.xlabel: written(self.cost[place]),
                self.ylabel: self.written_quality(place),
                _("on the frontier"): bool(self.front[place]),
            }
            for place, name in enumerate(self.models)
        ]

    def description(self) -> str:
        head = _("{title}: {n} models by {xlabel} and {ylabel}. On the frontier:").format(
            title=self.title, n=len(self.models), xlabel=self.xlabel, ylabel=self.ylabel
        )
        lines = [
            f"{self.models[place]}: {written(self.cost[place])}, {self.written_quality(place)}"
            for place in np.flatnonzero(self.front).tolist()
        ]
        return "\n".join([head, *lines])

    def short_name(self, place: int) -> str:
        return shortened(new_figure(WIDTH, HEIGHT), drawable(self.models[place]), 10.0, AXES_WIDTH / 2 - 0.15)

    def ends(self) -> tuple[float, float]:
        """The ends of the axis of costs: the first name on the frontier has room at the left of its point.

        Above and to the left of a point on the frontier there is no other point, so that is where its name is.
        """
        scaled = np.log10(self.cost) if self.log_x else self.cost
        low, high = scaled.min(), scaled.max()
        margin = 0.04 * ((high - low) or abs(high) or 1.0)
        low, high = low - margin, high + margin
        first = int(np.flatnonzero(self.front)[0])
        room = text_width(new_figure(WIDTH, HEIGHT), self.short_name(first), 10.0) + 0.15
        share = min(room / AXES_WIDTH, 0.5)
        low = min(low, (scaled[first] - share * high) / (1 - share))
        return (float(10**low), float(10**high)) if self.log_x else (float(low), float(high))

    def live(self) -> go.Figure:
        hover = (
            f"<b>%{{text}}</b><br>{markup(self.xlabel)}: %{{x:,.4~f}}<br>"
            f"{markup(self.ylabel)}: %{{y:{'.1%' if self.percent else '.4~g'}}}<extra></extra>"
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
        best.update(mode="lines+markers+text", textposition="top left")
        best.update(marker={"color": BLUE, "size": 11}, line={"color": BLUE, "shape": "hv", "width": 1.5})
        ends = np.array(self.ends())
        return new_live_figure(
            [beaten, best],
            title=self.title,
            hovermode="closest",
            showlegend=False,
            xaxis={
                "title": {"text": markup(self.xlabel)},
                "type": "log" if self.log_x else "linear",
                "range": rounded(np.log10(ends) if self.log_x else ends),
            },
            yaxis={"title": {"text": markup(self.ylabel)}, "tickformat": ".0%" if self.percent else None},
        )

    @in_course_style
    def picture(self) -> Figure:
        figure = new_figure(WIDTH, HEIGHT)
        axes = figure.add_axes((0.11, 0.15, AXES_WIDTH / WIDTH, 0.7))
        axes.set(xscale="log" if self.log_x else "linear", xlim=self.ends())
        axes.plot(self.cost[~self.front], self.quality[~self.front], "x", color=QUIET, markersize=7)
        axes.step(self.cost[self.front], self.quality[self.front], where="post", color=BLUE, linewidth=1.5)
        axes.plot(self.cost[self.front], self.quality[self.front], "o", color=BLUE, markersize=8)
        for place in np.flatnonzero(self.front).tolist():
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
        for label in axes.get_xticklabels(which="both"):
            label.set_parse_math(True)  # matplotlib's own powers of 10
        axes.margins(y=0.12)
        axes.grid(axis="y")
        name_axes(axes, self.title, self.xlabel, self.ylabel)
        return figure
