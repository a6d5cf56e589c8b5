"""Curves to point at: all lines at one x side by side, with their spread and with what is behind each point."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from course.evaluation import Spread
from course.messages import _
from course.viz.figures.curves import band_in_words, curves, hiding_lines, mean_and_deviation
from course.viz.kit.interactive import Interactive, check_columns
from course.viz.kit.layout import Numbers
from course.viz.kit.plotly_style import markup, new_live_figure, rounded, see_through, written
from course.viz.kit.style import INK, colors_for

MOST_MARKERS = 40  # points of a line with more of them are not marked one by one


def hover_curves(
    x: Numbers,
    series: Mapping[str, Numbers],
    *,
    title: str,
    xlabel: str,
    ylabel: str,
    ylim: tuple[float, float] | None = None,
    percent: bool = False,
    counts: Mapping[str, Numbers] | None = None,
) -> Interactive:
    """`curves`, to point at and zoom into: mean ± sample standard deviation over seeds, of all lines at one x.

    x: (n,). series: name → (seeds, n) or (n,). counts: what is behind a point → (n,), as in {"words": [12, 80, …]}.
    NaN is a gap in a line. Raises `ValueError` where a series or a count has not one value for each x, where there is
    nothing to draw, for an infinite value, a count that is not a whole number, and a name that is there twice.
    """
    check_columns(xlabel, *series, *(counts or {}))
    picture = curves(x, series, title=title, xlabel=xlabel, ylabel=ylabel, ylim=ylim, percent=percent)
    for label, behind in (counts or {}).items():
        if len(behind) != len(x):
            raise ValueError(
                _("{label!r} has {counts} counts for {n} points.").format(label=label, counts=len(behind), n=len(x))
            )
        for at, count in zip(x, behind, strict=True):
            if not float(count).is_integer():
                raise ValueError(
                    _(
                        "The count {label!r} is {count} at {x}. A count is a whole number; give 0 where there is none."
                    ).format(label=label, count=count, x=written(at, thousands=""))
                )
    texts = {"title": title, "xlabel": xlabel, "ylabel": ylabel}
    live = live_curves(x, series, **texts, ylim=ylim, percent=percent, counts=counts)
    numbers = curve_numbers(x, series, xlabel=xlabel, percent=percent, counts=counts)
    return Interactive(live, picture, describe_curves(numbers, list(series), **texts), numbers)


def typo_curve(typos: Numbers, kept: Mapping[str, Numbers], *, title: str | None = None) -> Interactive:
    """Share of a word's letters still in known tokens against the number of typos in it.

    typos: (n,). kept: tokenizer → (seeds, n), shares from 0 to 1.
    """
    return hover_curves(
        typos,
        kept,
        title=title or _("What is left of a word after typos"),
        xlabel=_("typos per word"),
        ylabel=_("share of the word still represented"),
        ylim=(0.0, 1.02),
        percent=True,
    )


def live_curves(
    x: Numbers,
    series: Mapping[str, Numbers],
    *,
    title: str,
    xlabel: str,
    ylabel: str,
    ylim: tuple[float, float] | None = None,
    percent: bool = False,
    counts: Mapping[str, Numbers] | None = None,
    marks: Mapping[str, int | float] | None = None,
) -> go.Figure:
    """The live side of `hover_curves`. marks: a few words → the x of the upright line that they are beside."""
    x = np.asarray(x)
    y_format, off_format = (".1%", ".1%") if percent else (".4~g", ".2~g")
    colors = colors_for(series)
    traces: list[go.Scatter] = []
    means = {name: np.atleast_2d(np.asarray(values, dtype=float)).mean(axis=0) for name, values in series.items()}
    hiding = hiding_lines(means)
    for name, values in series.items():
        mean, deviation = mean_and_deviation(np.atleast_2d(np.asarray(values, dtype=float)))
        line = go.Scatter(
            x=rounded(x),
            y=rounded(mean),
            name=markup(name),
            legendgroup=name,
            mode="lines+markers" if len(x) <= MOST_MARKERS else "lines",
            line={"color": colors[name], "width": 2, "dash": "5px,4px" if name in hiding else None},
            marker={"size": 7},
            hovertemplate=f"%{{y:{y_format}}}",
        )
        if (deviation > 0).any():
            line.update(
                customdata=rounded(deviation), hovertemplate=f"%{{y:{y_format}}} ± %{{customdata:{off_format}}}"
            )
            band = go.Scatter(
                **_outline(x, mean - deviation, mean + deviation),
                legendgroup=name,
                showlegend=False,
                mode="none",
                fill="toself",
                fillcolor=see_through(colors[name], 0.22),
                hoverinfo="skip",
            )
            traces.append(band)
        traces.append(line)
    for label, behind in (counts or {}).items():
        unseen = go.Scatter(x=rounded(x), y=traces[-1].y, name=markup(label), mode="none", showlegend=False)
        traces.append(unseen.update(customdata=rounded(behind), hovertemplate="%{customdata:,}"))
    figure = new_live_figure(
        traces,
        title=title,
        hovermode="x unified",
        xaxis={
            "title": {"text": markup(xlabel)},
            "tickformat": "," if max(x, default=0) >= 10_000 else None,
            "unifiedhovertitle": {"text": f"<b>{markup(xlabel)}: %{{x}}</b>"},
        },
        yaxis={"title": {"text": markup(ylabel)}, "range": ylim, "tickformat": ".0%" if percent else None},
    )
    if words := band_in_words({name: np.atleast_2d(np.asarray(values)) for name, values in series.items()}):
        figure.add_annotation(
            x=0, xref="x domain", xanchor="left", y=1, yref="y domain", yanchor="bottom", text=words, showarrow=False
        )
    for label, place in (marks or {}).items():
        figure.add_vline(place, line={"color": INK, "width": 1, "dash": "dash"})
        figure.add_annotation(
            x=place, xanchor="left", y=1, yref="y domain", yanchor="top", text=markup(label), showarrow=False
        )
    return figure


def _outline(x: np.ndarray, low: np.ndarray, high: np.ndarray) -> dict[str, object]:
    """The x and y of a band: there along `low`, back along `high`; a shape of its own on each side of a gap."""
    there, back = [], []
    for part in np.ma.clump_unmasked(np.ma.masked_invalid(low)):
        gap = [math.nan] if there else []
        there += [*gap, *x[part], *x[part][::-1]]
        back += [*gap, *low[part], *high[part][::-1]]
    return {"x": rounded(there), "y": rounded(back)}


def curve_numbers(
    x: Numbers,
    series: Mapping[str, Numbers],
    *,
    xlabel: str,
    percent: bool = False,
    counts: Mapping[str, Numbers] | None = None,
) -> list[dict[str, object]]:
    """A row for each x: the mean ± sample standard deviation of each series, "–" in a gap, and what is behind it."""
    tables = {name: np.atleast_2d(np.asarray(values, dtype=float)) for name, values in series.items()}
    rows = []
    for place, at in enumerate(x):
        row: dict[str, object] = {xlabel: written(at, thousands="")}
        for name, table in tables.items():
            values = table[:, place]
            row[name] = "–" if np.isnan(values).any() else Spread(values, unit="%" if percent else "")
        rows.append(row | {label: int(behind[place]) for label, behind in (counts or {}).items()})
    return rows


def describe_curves(
    numbers: Sequence[Mapping[str, object]], names: Sequence[str], *, title: str, xlabel: str, ylabel: str
) -> str:
    """The curves in words: what is drawn over what, and each line's ends, lowest and highest point."""
    first, last = numbers[0], numbers[-1]
    lines = [_("{title}: {ylabel}, by {xlabel}.").format(title=title, ylabel=ylabel, xlabel=xlabel)]
    for name in names:
        line = _("{name}: {first} at {start}, {last} at {end}").format(
            name=name, first=first[name], start=first[xlabel], last=last[name], end=last[xlabel]
        )
        means = [spread.mean if isinstance(spread := row[name], Spread) else math.nan for row in numbers]
        low, high = int(np.nanargmin(means)), int(np.nanargmax(means))
        ends = [mean for mean in (means[0], means[-1]) if not math.isnan(mean)]
        if all(means[low] < end for end in ends):
            line += _(", lowest {low} at {x}").format(low=numbers[low][name], x=numbers[low][xlabel])
        if all(means[high] > end for end in ends):
            line += _(", highest {high} at {x}").format(high=numbers[high][name], x=numbers[high][xlabel])
        lines.append(line + ".")
    return "\n".join(lines)
