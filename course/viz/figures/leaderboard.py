"""Models in the order of what they reach, each with its runs."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
from matplotlib.figure import Figure

from course.evaluation import Spread
from course.messages import _
from course.viz.kit.interactive import Interactive, check_columns
from course.viz.kit.layout import Numbers, new_figure, shortened, text_width
from course.viz.kit.plotly_style import markup, new_live_figure, rounded, see_through
from course.viz.kit.style import colors_for, drawable, in_course_style

ROW = 0.36  # inches of height for one model
LONGEST_NAME = 3.5  # inches


def leaderboard(
    scores: Mapping[str, Numbers], *, title: str, xlabel: str, percent: bool = False, lower_is_better: bool = False
) -> Interactive:
    """A line for each model, the best on top: a stroke for the mean of its runs, a dot for each run.

    scores: model → (runs,). Raises `ValueError` without a model, for a model that has no such row of runs, for a score
    that is no finite number, and for an `xlabel` that names another column.
    """
    if not scores:
        raise ValueError(_("There is no model to rank. Give the scores of at least one."))
    check_columns(*scores)
    check_columns(_("rank"), _("model"), xlabel, _("runs"))
    runs = {name: np.asarray(values, dtype=float) for name, values in scores.items()}
    for name, values in runs.items():
        if values.ndim != 1 or not len(values):
            raise ValueError(
                _("{name!r} has scores of the shape {shape}; give one number for each run.").format(
                    name=name, shape=values.shape
                )
            )
        if not np.isfinite(values).all():
            raise ValueError(
                _("{name!r} has the score {value}, which has no rank. Leave that run out and say so.").format(
                    name=name, value=values[~np.isfinite(values)][0]
                )
            )
    order = sorted(runs, key=lambda name: runs[name].mean(), reverse=not lower_is_better)
    runs = {name: runs[name] for name in order}
    spreads = {name: Spread(values, of=_("runs"), unit="%" if percent else "") for name, values in runs.items()}
    colors = {name: colors_for(scores)[name] for name in order}
    live = _live(runs, spreads, colors, title=title, xlabel=xlabel, percent=percent)
    picture = _picture(runs, spreads, colors, title=title, xlabel=xlabel, percent=percent)
    numbers = [
        {_("rank"): rank, _("model"): name, xlabel: spread, _("runs"): len(spread)}
        for rank, (name, spread) in enumerate(spreads.items(), 1)
    ]
    lines = [_("{title}: {n} models by {xlabel}, the best first.").format(title=title, n=len(order), xlabel=xlabel)]
    lines += [
        _("{rank}. {name}: {spread}").format(rank=i, name=n, spread=s) for i, (n, s) in enumerate(spreads.items(), 1)
    ]
    return Interactive(live, picture, "\n".join(lines), numbers)


def _live(
    runs: Mapping[str, np.ndarray],
    spreads: Mapping[str, Spread],
    colors: Mapping[str, str],
    *,
    title: str,
    xlabel: str,
    percent: bool,
) -> go.Figure:
    traces = []
    for name, values in runs.items():
        mean, deviation = spreads[name].mean, spreads[name].deviation or 0.0
        each = go.Scatter(
            x=rounded(values),
            y=[markup(name)] * len(values),
            text=[_("run {number}").format(number=number) for number in range(len(values))],
            mode="markers",
            marker={"color": see_through(colors[name], 0.45), "size": 8},
            hovertemplate=f"%{{text}}: %{{x:{'.1%' if percent else '.4~g'}}}<extra></extra>",
        )
        stroke = {"width": 3, "color": colors[name]}
        middle = go.Scatter(
            x=rounded([mean]),
            y=[markup(name)],
            mode="markers",
            marker={"symbol": "line-ns", "size": 15, "line": stroke},
            error_x={"type": "data", "array": rounded([deviation]), "color": colors[name], "thickness": 1.5},
            hovertemplate=markup(f"{name}: {spreads[name]}") + "<extra></extra>",
        )
        traces += [each, middle]
    return new_live_figure(
        traces,
        title=title,
        showlegend=False,
        hovermode="closest",
        xaxis={"title": {"text": markup(xlabel)}, "tickformat": "~%" if percent else None, "showgrid": True},
        yaxis={"type": "category", "categoryarray": [markup(name) for name in runs][::-1], "showgrid": False},
    )


@in_course_style
def _picture(
    runs: Mapping[str, np.ndarray],
    spreads: Mapping[str, Spread],
    colors: Mapping[str, str],
    *,
    title: str,
    xlabel: str,
    percent: bool,
) -> Figure:
    width, height = 8.0, ROW * len(runs) + 1.4
    figure = new_figure(width, height)
    names = [shortened(figure, drawable(name), 10.0, LONGEST_NAME) for name in runs]
    left = max(text_width(figure, name, 10.0) for name in names) + 0.3
    right = max(text_width(figure, str(spread), 10.0) for spread in spreads.values()) + 0.35
    axes = figure.add_axes((left / width, 0.65 / height, 1 - (left + right) / width, 1 - 1.2 / height))
    for row, (name, values) in enumerate(runs.items()):
        mean, deviation = spreads[name].mean, spreads[name].deviation or 0.0
        axes.scatter(values, [row] * len(values), color=colors[name], alpha=0.45, s=36, linewidth=0)
        axes.plot([mean - deviation, mean + deviation], [row, row], color=colors[name], linewidth=1.5)
        axes.plot(mean, row, "|", color=colors[name], markersize=13, markeredgewidth=2.5)
        axes.text(1.02, row, str(spreads[name]), transform=axes.get_yaxis_transform(), va="center", fontsize=10.0)
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.grid(axis="x")
    if percent:
        axes.xaxis.set_major_formatter(lambda value, _position: f"{100 * value:.4g}%")
    axes.set_xlabel(shortened(figure, drawable(xlabel), 11.0, width - left - right))
    title = shortened(figure, drawable(title), 13.0, width, "bold")
    axes.set_title(title, x=-left / (width - left - right))
    return figure
