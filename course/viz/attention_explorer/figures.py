"""Attention as lines from the tokens that look to the tokens looked at; and all heads of a model as small pictures."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex, to_rgb, to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course.messages import _
from course.viz.kit.layout import Numbers, new_figure, text_width
from course.viz.kit.style import BLUE, GREEN, INK, PURPLE, QUIET, VERMILLION, drawable, in_course_style
from course.viz.kit.text import percent, visible

SIZE = 10.5  # points
LINE, TITLE, GAP = 0.22, 0.62, 2.9  # inches: a token, the title and the columns' names, between the columns
HEAD_COLORS = (BLUE, VERMILLION, GREEN, PURPLE)
HIDDEN = "#d9d9d9"
MAX_LABEL = 24  # characters of a token


@in_course_style
def attention_lines(
    maps: Mapping[str, Numbers],
    queries: Sequence[str],
    keys: Sequence[str],
    *,
    title: str | None = None,
    query: int | None = None,
    threshold: float = 0.05,
    hidden: Collection[int] = (),
) -> Figure:
    """Tokens that look on the left, tokens looked at on the right; the stronger a line, the more weight.

    maps: name of a head → its weights (queries, keys); each head has a color, up to four. query: the place of a token
    whose lines alone are drawn, its weights written at the keys. Weights below `threshold` have no line. hidden: keys
    that are written in gray. Raises `ValueError` for weights of another shape, more than four heads or none.
    """
    tables = {name: np.asarray(weights, dtype=float) for name, weights in maps.items()}
    if not 1 <= len(tables) <= len(HEAD_COLORS):
        raise ValueError(f"{len(tables)} heads were given: lines of one to {len(HEAD_COLORS)} can be told apart.")
    for name, table in tables.items():
        if table.shape != (len(queries), len(keys)):
            raise ValueError(f"{name!r} has weights of the shape {table.shape}, not {(len(queries), len(keys))}.")
    left, right = ([_label(token) for token in tokens] for tokens in (queries, keys))
    colors = dict(zip(tables, HEAD_COLORS, strict=False))
    written = [] if query is None else [_weights_at(tables, query, key, threshold) for key in range(len(keys))]
    figure = new_figure(8.0, 4.0)
    widths = [max(text_width(figure, label, SIZE, "bold") for label in side) for side in (left, right)]
    numbers = max((sum(text_width(figure, f"{w}  ", SIZE, "bold") for w, _color in row) for row in written), default=0)
    title = title or _("Where each token looks")
    names = _("looks"), _("is looked at")
    x = 0.1 + max(widths[0], text_width(figure, names[0], SIZE))
    width = max(x + GAP + max(widths[1] + numbers, text_width(figure, names[1], SIZE)), _title_width(figure, title))
    width += 0.2
    legend = LINE * (len(tables) if len(tables) > 1 else 0)
    height = TITLE + LINE * max(len(left), len(right)) + legend + 0.1
    figure.set_size_inches(width, height)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    axes.text(0.1, 0.18, drawable(title), fontsize=13, fontweight="bold", va="center")
    for place, name, align in ((x, names[0], "right"), (x + GAP, names[1], "left")):
        axes.text(place, TITLE - 0.14, name, fontsize=SIZE, color=QUIET, ha=align, va="center")
    for row, label in enumerate(left):
        style: dict[str, Any] = {"fontweight": "bold"} if row == query else {"color": INK if query is None else QUIET}
        axes.text(x, _height(row), label, fontsize=SIZE, ha="right", va="center", **style)
    for row, label in enumerate(right):
        seen = query is None or bool(written[row])
        style = {"color": QUIET if row in hidden or not seen else INK}
        axes.text(x + GAP, _height(row), label, fontsize=SIZE, va="center", **style)
        if query is not None:
            _write(axes, x + GAP + text_width(figure, f"{label}  ", SIZE), _height(row), written[row])
    for name, table in tables.items():
        shown = table if query is None else table * (np.arange(len(left)) == query)[:, None]
        axes.add_collection(_lines(shown, colors[name], threshold, x + 0.08, x + GAP - 0.08))
    if legend:
        top = TITLE + LINE * max(len(left), len(right)) + 0.1
        for row, (name, color) in enumerate(colors.items()):
            axes.plot((0.1, 0.45), [top + LINE * (row + 0.5)] * 2, color=color)
            axes.text(0.55, top + LINE * (row + 0.5), drawable(name), fontsize=SIZE, va="center")
    return figure


def _label(token: str) -> str:
    text = drawable(visible(token))
    return text if len(text) <= MAX_LABEL else text[: MAX_LABEL - 1] + "…"


def _title_width(figure: Figure, title: str) -> float:
    return 0.2 + text_width(figure, drawable(title), 13.0, "bold")


def _height(row: int) -> float:
    return TITLE + LINE * (row + 0.5)


def _weights_at(tables: Mapping[str, np.ndarray], query: int, key: int, threshold: float) -> list[tuple[str, str]]:
    """What is written at a key: each head's weight and color, where one of them is drawn."""
    weights = [table[query, key] for table in tables.values()]
    if max(weights) < max(threshold, 1e-9):
        return []
    return [(percent(weight), _darker(color)) for weight, color in zip(weights, HEAD_COLORS, strict=False)]


def _darker(color: str) -> str:
    """For text: the heads' colors alone have too little contrast."""
    red, green, blue = to_rgb(color)
    return to_hex((0.65 * red, 0.65 * green, 0.65 * blue))


def _write(axes: Axes, x: float, y: float, weights: Sequence[tuple[str, str]]) -> None:
    for text, color in weights:
        axes.text(x, y, text, fontsize=SIZE, fontweight="bold", color=color, va="center")
        x += text_width(axes.figure, f"{text}  ", SIZE, "bold")


def _lines(table: np.ndarray, color: str, threshold: float, x0: float, x1: float) -> LineCollection:
    """The lines of one head, the strongest drawn last."""
    places = np.argwhere((table >= threshold) & (table > 0))
    places = places[np.argsort(table[tuple(places.T)], kind="stable")]
    weights = table[tuple(places.T)]
    segments = [((x0, _height(query)), (x1, _height(key))) for query, key in places.tolist()]
    shades = [to_rgba(color, max(0.12, weight**0.5)) for weight in weights]
    return LineCollection(segments, colors=shades, linewidths=0.8 + 2.4 * weights, capstyle="round")


def shade_hidden(axes: Axes, visible: Numbers) -> None:
    """Gray over the cells of a heatmap where `visible`, (queries, keys), is False: what cannot be looked at."""
    visible = np.asarray(visible, dtype=bool)
    gray = np.broadcast_to(to_rgba(HIDDEN), (*visible.shape, 4)).copy()
    gray[visible, 3] = 0
    axes.imshow(gray, aspect="auto", interpolation="none")


@in_course_style
def attention_heads(
    maps: Numbers, *, title: str | None = None, marked: Collection[tuple[int, int]] = (), cell: float = 0.5
) -> Figure:
    """Every head of every layer as a small picture: rows are layers, columns heads; darker is more weight.

    maps: (layers, heads, queries, keys), from 0 to 1; drawn is the root of each weight, so that weak ones are seen.
    marked: heads that are framed, as (layer, head). cell: inches of one picture. Raises `ValueError` when `maps` has
    not four dimensions.
    """
    shades = np.asarray(maps, dtype=float)
    if shades.ndim != 4:
        raise ValueError(f"maps has the shape {shades.shape}; it must be (layers, heads, queries, keys).")
    n_layers, n_heads = shades.shape[:2]
    title = title or _("Every head of every layer")
    gap, left, top = 0.08, 0.75, 0.75
    figure = new_figure(8.0, 4.0)
    width = max(left + n_heads * (cell + gap), _title_width(figure, title)) + 0.1
    height = top + n_layers * (cell + gap) + 0.05
    figure.set_size_inches(width, height)
    page = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
    page.set_axis_off()
    page.text(0.1, 0.18, drawable(title), fontsize=13, fontweight="bold", va="center")
    page.text(left - 0.12, top - 0.14, _("head"), fontsize=SIZE, color=QUIET, ha="right", va="center")
    for layer in range(n_layers):
        y = top + layer * (cell + gap)
        label = _("layer {number}").format(number=layer)
        page.text(left - 0.12, y + cell / 2, label, fontsize=SIZE, ha="right", va="center")
        for head in range(n_heads):
            x = left + head * (cell + gap)
            if layer == 0:
                page.text(x + cell / 2, top - 0.14, str(head), fontsize=SIZE, ha="center", va="center")
            picture = np.sqrt(shades[layer, head])
            extent = (x, x + cell, y + cell, y)
            page.imshow(picture, cmap="Blues", vmin=0, vmax=1, extent=extent, aspect="auto", interpolation="nearest")
            framed = (layer, head) in marked
            style = {"edgecolor": VERMILLION if framed else QUIET, "linewidth": 2.5 if framed else 0.5}
            page.add_patch(Rectangle((x, y), cell, cell, fill=False, **style))
    page.set(xlim=(0, width), ylim=(height, 0))
    return figure
