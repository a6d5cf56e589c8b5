"""How the figures that one points at look: plotly in the course's colors, on the same white card as the pictures."""

import math
from collections.abc import Iterable, Sequence
from typing import SupportsFloat

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from course.viz.kit.style import INK, PAPER, UNNAMED

GRID = "#dddddd"
FONT = "DejaVu Sans, Verdana, sans-serif"
DIGITS = 4  # of every number in a figure: notebooks are compared to the last one
MOST_READABLE = 64
WHOLE = 1e15  # from here on a number is written with an exponent, not digit by digit
# Nothing that leads outside: no logo, which is a link, and no button that sends the chart to plotly's cloud. The wheel
# is left to the page, which scrolls. Not "responsive": JupyterLab's renderer follows the width of the page by itself,
# and with both the figure is gone after a change of the theme (plotly 7.1).
CONFIG = {
    "displaylogo": False,
    "plotlyServerURL": "",
    "modeBarButtonsToRemove": [
        "sendChartToCloud",
        "toImage",
        "select2d",
        "lasso2d",
        "zoomIn2d",
        "zoomOut2d",
        "autoScale2d",
        "zoom3d",
        "tableRotation",
        "resetCameraLastSave3d",
    ],
    "scrollZoom": False,
}

_AXIS = {
    "color": INK,
    "gridcolor": GRID,
    "linecolor": INK,
    "zeroline": False,
    "ticks": "outside",
    "tickcolor": INK,
    "tickfont": {"size": 13},
    "title": {"font": {"size": 14}, "standoff": 10},
}
_AXIS_3D = {"color": INK, "backgroundcolor": PAPER, "gridcolor": GRID, "linecolor": INK, "showspikes": False}
TEMPLATE = go.layout.Template(
    layout={
        "font": {"family": FONT, "size": 14, "color": INK},
        "paper_bgcolor": PAPER,
        "plot_bgcolor": PAPER,
        "colorway": list(UNNAMED),
        "title": {"x": 0, "xanchor": "left", "pad": {"l": 16}, "font": {"size": 17, "weight": 700}},
        "margin": {"l": 16, "r": 16, "t": 48, "b": 16},
        "xaxis": _AXIS | {"showgrid": False, "showline": True, "automargin": True},
        "yaxis": _AXIS | {"showline": True, "automargin": True},
        "scene": {"xaxis": _AXIS_3D, "yaxis": _AXIS_3D, "zaxis": _AXIS_3D},
        "hoverlabel": {"bgcolor": PAPER, "bordercolor": INK, "font": {"family": FONT, "size": 13, "color": INK}},
        "legend": {"bgcolor": PAPER, "font": {"size": 13, "color": INK}},
        "modebar": {"bgcolor": PAPER, "color": "#767676", "activecolor": INK},
        "hoverdistance": 30,
    }
)


def new_live_figure(traces: Sequence[go.Scatter | go.Scatter3d], *, title: str, **layout: object) -> go.Figure:
    """A plotly figure in the course's style, as wide as the page."""
    return go.Figure(traces, go.Layout(template=TEMPLATE, title={"text": markup(title)}, **layout))


def rounded(values: Iterable[SupportsFloat]) -> list[int | float | None] | Float[np.ndarray, "n"]:
    """The values to `DIGITS` significant digits; the digits before the point are all kept.

    Up to `MOST_READABLE` values are a list that one can read in the notebook, with None for NaN, which is a gap in a
    line. More are an array, which the notebook keeps as one line of base64: a list takes a line for each. The array is
    of float32, or of float64 where float32 would lose a digit.
    """
    short = [_rounded(float(value)) for value in values]
    if len(short) <= MOST_READABLE:
        return short
    with np.errstate(over="ignore", under="ignore"):
        single = np.array(short, dtype=float).astype(np.float32)
    kept = [_rounded(value) for value in single.tolist()] == short
    return single if kept else np.array(short, dtype=float)


def written(value: SupportsFloat, thousands: str = ",") -> str:
    """The number as a figure writes it: `DIGITS` significant digits, thousands apart, a minus sign for a minus."""
    short = _rounded(float(value))
    return "–" if short is None else f"{short:,}".replace(",", thousands).replace("-", "−")


def _rounded(value: float) -> int | float | None:
    if not math.isfinite(value):
        return None
    decimals = DIGITS - 1 - math.floor(math.log10(abs(value))) if value else 0
    short = round(value, max(0, decimals))
    return int(short) if abs(short) < WHOLE and short == int(short) else short


def markup(text: str) -> str:
    """A text as it is: plotly reads `<b>` and `&amp;` as HTML does, `$x$` as a formula and `%{x}` as a value."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("%{", "&#37;{")
    return text.replace("$", "&#36;") if text.count("$") > 1 else text


def see_through(color: str, share: float) -> str:
    """A color of `#rrggbb` that lets what is below it be seen."""
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share:g})"
