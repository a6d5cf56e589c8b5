"""Attention as lines from the tokens that look to the tokens looked at; and all heads of a model as small pictures."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex, to_rgb, to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course.interpretability.attention_pair import PairSteps
from course.messages import _
from course.viz.attention_explorer.pair import ROWS, pair_lines
from course.viz.kit.layout import Numbers, new_figure, text_width
from course.viz.kit.style import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PURPLE,
    QUIET,
    SKY,
    UNNAMED,
    VERMILLION,
    drawable,
    in_course_style,
)
from course.viz.kit.text import percent, visible

SIZE = 10.5  # points
LINE, TITLE, GAP = 0.22, 0.62, 2.9  # inches: a token, the title and the columns' names, between the columns
HEAD_COLORS = (BLUE, VERMILLION, GREEN, PURPLE)
HEAD_STYLES: tuple[tuple[str, Any], ...] = tuple((color, "-") for color in HEAD_COLORS)  # color and dashes
HIDDEN = "#d9d9d9"
MAX_LABEL = 24  # characters of a token


def head_styles(n_heads: int) -> list[tuple[str, Any]]:
    """A color for each head of a layer, and from the ninth on the same colors with dashes."""
    dashes = ("-", "--", ":", "-.")
    return [(UNNAMED[head % len(UNNAMED)], dashes[head // len(UNNAMED) % len(dashes)]) for head in range(n_heads)]


@in_course_style
def attention_lines(
    maps: Mapping[str, Numbers],
    queries: Sequence[str],
    keys: Sequence[str],
    *,
    title: str | None = None,
    query: int | Sequence[int] | None = None,
    threshold: float = 0.05,
    hidden: Collection[int] = (),
    muted: Collection[int] = (),
    styles: Sequence[tuple[str, Any]] = HEAD_STYLES,
) -> Figure:
    """Tokens that look on the left, tokens looked at on the right; the stronger a line, the more weight.

    maps: name of a head → its weights (queries, keys); each head has a color and dashes of `styles`, which are four.
    query: the position of a token whose lines alone are drawn, its weights written at the keys; of several tokens,
    their mean. Of more than four heads the strongest are written. Weights below `threshold` have no line. hidden: keys
    that are written in gray. muted: numbers of heads without lines. Raises `ValueError` for weights of another shape,
    more heads than styles or none.
    """
    tables = {name: np.asarray(weights, dtype=float) for name, weights in maps.items()}
    if not 1 <= len(tables) <= len(styles):
        raise ValueError(f"{len(tables)} heads were given: lines of one to {len(styles)} can be told apart.")
    for name, table in tables.items():
        if table.shape != (len(queries), len(keys)):
            raise ValueError(f"{name!r} has weights of the shape {table.shape}, not {(len(queries), len(keys))}.")
    looking = [query] if isinstance(query, int) else list(query or ())
    named = dict(zip(tables, styles, strict=False))
    drawn = {name: table for number, (name, table) in enumerate(tables.items()) if number not in muted}
    left, right = ([_label(token) for token in tokens] for tokens in (queries, keys))
    colors = {name: color for name, (color, _dashes) in named.items()}
    written = [_weights_at(drawn, colors, looking, key, threshold) for key in range(len(keys))] if looking else []
    figure = new_figure(8.0, 4.0)
    widths = [max(text_width(figure, label, SIZE, "bold") for label in side) for side in (left, right)]
    numbers = max((sum(text_width(figure, f"{w}  ", SIZE, "bold") for w, _color in row) for row in written), default=0)
    title = title or _("Where each token looks")
    names = _("looks"), _("is looked at")
    x = 0.1 + max(widths[0], text_width(figure, names[0], SIZE))
    width = max(x + GAP + max(widths[1] + numbers, text_width(figure, names[1], SIZE)), _title_width(figure, title))
    width += 0.2
    legend = LINE * (len(drawn) if len(tables) > 1 else 0)
    height = TITLE + LINE * max(len(left), len(right)) + legend + 0.1
    figure.set_size_inches(width, height)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    axes.text(0.1, 0.18, drawable(title), fontsize=13, fontweight="bold", va="center")
    for place, name, align in ((x, names[0], "right"), (x + GAP, names[1], "left")):
        axes.text(place, TITLE - 0.14, name, fontsize=SIZE, color=QUIET, ha=align, va="center")
    for row, label in enumerate(left):
        style: dict[str, Any] = {"fontweight": "bold"} if row in looking else {"color": QUIET if looking else INK}
        axes.text(x, _height(row), label, fontsize=SIZE, ha="right", va="center", **style)
    for row, label in enumerate(right):
        seen = not looking or bool(written[row])
        style = {"color": QUIET if row in hidden or not seen else INK}
        axes.text(x + GAP, _height(row), label, fontsize=SIZE, va="center", **style)
        if looking:
            _write(axes, x + GAP + text_width(figure, f"{label}  ", SIZE), _height(row), written[row])
    for name, table in drawn.items():
        shown = table * np.isin(np.arange(len(left)), looking)[:, None] if looking else table
        lines = _lines(shown, colors[name], threshold, x + 0.08, x + GAP - 0.08)
        lines.set_linestyle(named[name][1])
        axes.add_collection(lines)
    if legend:
        top = TITLE + LINE * max(len(left), len(right)) + 0.1
        for row, name in enumerate(drawn):
            color, dashes = named[name]
            axes.plot((0.1, 0.45), [top + LINE * (row + 0.5)] * 2, color=color, linestyle=dashes)
            axes.text(0.55, top + LINE * (row + 0.5), drawable(name), fontsize=SIZE, va="center")
    return figure


def _label(token: str) -> str:
    text = drawable(visible(token))
    return text if len(text) <= MAX_LABEL else text[: MAX_LABEL - 1] + "…"


def _title_width(figure: Figure, title: str) -> float:
    return 0.2 + text_width(figure, drawable(title), 13.0, "bold")


def _height(row: int) -> float:
    return TITLE + LINE * (row + 0.5)


def _weights_at(
    tables: Mapping[str, np.ndarray], colors: Mapping[str, str], queries: Sequence[int], key: int, threshold: float
) -> list[tuple[str, str]]:
    """What is written at a key, with its color: each head's weight, the mean over the queries, where one is drawn.

    Of more than four heads, the name and the weight of the strongest.
    """
    weights = {name: table[list(queries), key].mean() for name, table in tables.items()}
    largest = max(weights, key=lambda name: weights[name], default=None)
    if largest is None or weights[largest] < max(threshold, 1e-9):
        return []
    if len(tables) > len(HEAD_COLORS):
        return [(f"{drawable(largest)}: {percent(weights[largest])}", _darker(colors[largest]))]
    return [(percent(weight), _darker(colors[name])) for name, weight in weights.items()]


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


@in_course_style
def attention_pair(steps: PairSteps, keys: Sequence[str], *, title: str) -> Figure:
    """The opened pair: query, key and their terms per dimension, the arithmetic, the weights on all keys, the value."""
    query, key, term = ROWS[steps.score_function]
    rows = [
        (query, steps.query),
        (key, steps.key),
        (term, steps.terms),
        (_("value"), steps.value),
        (_("weight × value"), steps.weighted),
        (_("head's output"), steps.output),
    ]
    lines = pair_lines(steps)
    text, bars = 0.24, 0.62  # inches of height
    height = 0.5 + 3 * bars + text * len(lines) + 4 * bars + 0.6
    figure = new_figure(8.0, height)
    figure.text(0.01, 1 - 0.2 / height, drawable(title), fontsize=13, fontweight="bold", va="center")
    top = 0.5
    for name, values in rows[:3]:
        _bars(figure, name, values.numpy(), top, bars, ORANGE if name == term else SKY)
        top += bars
    top += 0.1
    for name, words in lines:
        y = 1 - (top + text / 2) / height
        figure.text(0.16, y, name, fontsize=SIZE, color=QUIET, ha="right", va="center")
        figure.text(0.18, y, words, fontsize=SIZE, va="center")
        top += text
    top += 0.1
    chosen = [VERMILLION if place == steps.place else SKY for place in range(len(keys))]
    _bars(figure, _("weights"), steps.weights.numpy(), top, bars, chosen)
    top += bars
    for name, values in rows[3:]:
        _bars(figure, name, values.numpy(), top, bars, ORANGE if name != rows[3][0] else SKY)
        top += bars
    return figure


def _bars(figure: Figure, name: str, values: np.ndarray, top: float, height: float, color: str | list[str]) -> None:
    """A row of bars with its name on the left and its limit on the right, `top` inches from the figure's top."""
    page = figure.get_figheight()
    limit = max(float(np.abs(values).max()), 1e-12)
    low = -limit if values.min() < 0 else 0.0
    axes = figure.add_axes((0.18, 1 - (top + height - 0.1) / page, 0.7, (height - 0.14) / page), ylim=(low, limit))
    axes.bar(np.arange(len(values)), values, width=0.8, color=color)
    axes.axhline(0, color=INK, linewidth=0.6)
    axes.set_axis_off()
    middle = 1 - (top + height / 2) / page
    figure.text(0.16, middle, name, fontsize=SIZE, ha="right", va="center")
    figure.text(0.89, middle, f"±{limit:.3g}" if low else f"≤ {limit:.3g}", fontsize=SIZE, color=QUIET, va="center")
