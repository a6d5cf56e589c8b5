"""Static pictures of lesson 07: what the cuts leave, a tree of continuations, masks, times."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from course.messages import _
from course.viz.kit.layout import PAGE_WIDTH, label_line_ends, new_figure, shortened, text_width, wrapped
from course.viz.kit.style import BLUE, INK, PAPER, QUIET, SKY, VERMILLION, drawable, in_course_style, mixed
from course.viz.kit.text import percent

BAR_ROW, TREE_ROW = 0.3, 0.3  # inches
MASK_COLUMNS = 3


@in_course_style
def cut_bars(
    labels: Sequence[str], before: Sequence[float], after: Sequence[float], *, title: str, subtitle: str
) -> Figure:
    """Probabilities before top-k and top-p as bars, and what each becomes written at its end.

    A removed token, one whose `after` is 0, has a pale bar and says so.
    """
    figure = new_figure(PAGE_WIDTH, 1.0)
    lines = wrapped(figure, drawable(subtitle), 10.0, PAGE_WIDTH - 0.2)
    top = 0.5 + 0.18 * (1 + lines.count("\n"))
    height = top + BAR_ROW * len(labels) + 0.6
    figure.set_size_inches(PAGE_WIDTH, height)
    labels = [shortened(figure, drawable(label), 10.0, 2.6) for label in labels]
    texts = [becomes(one, other) for one, other in zip(before, after, strict=True)]
    left = max(text_width(figure, label, 10.0) for label in labels) + 0.25
    right = max(text_width(figure, text, 10.0) for text in texts) + 0.2
    axes = figure.add_axes(
        (left / PAGE_WIDTH, 0.55 / height, 1 - (left + right) / PAGE_WIDTH, BAR_ROW * len(labels) / height)
    )
    colors = [SKY if share else mixed(QUIET, 0.25) for share in after]
    axes.barh(range(len(labels)), before, color=colors, edgecolor=INK, linewidth=0.6, height=0.72)
    axes.set_yticks(range(len(labels)), labels)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.set_xlim(0, max(*before, 0.05))
    axes.xaxis.set_major_formatter(lambda value, _position: f"{value:.0%}")
    axes.set_xlabel(_("probability at this temperature"))
    for place, (share, text) in enumerate(zip(before, texts, strict=True)):
        axes.annotate(text, (share, place), xytext=(5, 0), textcoords="offset points", va="center", fontsize=10.0)
    name = shortened(figure, drawable(title), 12.0, PAGE_WIDTH - 0.6, "bold")
    figure.text(0.01, 1 - 0.08 / height, name, fontsize=12.0, weight="bold", va="top")
    figure.text(0.01, 1 - 0.34 / height, lines, fontsize=10.0, va="top")
    return figure


def becomes(before: float, after: float) -> str:
    """A probability, and what the cuts make of it."""
    if not after:
        return _("{before}, removed").format(before=percent(before, 1))
    texts = [percent(before, 1), percent(after, 1)]
    return texts[0] if texts[0] == texts[1] else " → ".join(texts)


@in_course_style
def branches(rows: Sequence[tuple[int, str, str, bool]], *, title: str) -> Figure:
    """A tree in an outline: each row is (depth, token, probability, whether the text goes through it)."""
    height = 0.55 + TREE_ROW * max(len(rows), 1)
    figure = new_figure(PAGE_WIDTH, height)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, PAGE_WIDTH), ylim=(height, 0))
    axes.set_axis_off()
    axes.text(
        0.05, 0.22, shortened(figure, drawable(title), 12.0, PAGE_WIDTH - 0.2, "bold"), fontsize=12.0, weight="bold"
    )
    last: dict[int, float] = {}
    for place, (depth, token, note, on_path) in enumerate(rows):
        x, y = 0.2 + 0.35 * min(depth, 16), 0.6 + TREE_ROW * place
        if depth and depth - 1 in last:
            axes.plot([x - 0.25, x - 0.25, x - 0.05], [last[depth - 1] + 0.1, y, y], color=QUIET, linewidth=1.0)
        last[depth] = y
        text = shortened(figure, drawable(f"{token}  {note}"), 10.0, PAGE_WIDTH - x - 0.1)
        axes.text(x, y, text, va="center", fontsize=10.0, weight="bold" if on_path else "normal")
    words = "; ".join(f"{'–' * depth}{token} {note}" for depth, token, note, _on_path in rows)
    figure.set_label(_("Tree: {title}. {rows}.").format(title=title, rows=words)[:900])
    return figure


@in_course_style
def mask_pictures(masks: Mapping[str, np.ndarray], tokens: Sequence[str]) -> Figure:
    """Which keys (columns) each query (row) sees, a picture for each mask; dark is visible.

    masks: name → bool (queries, keys), the same tokens in all.
    """
    n, columns = len(tokens), min(len(masks), MASK_COLUMNS)
    width = PAGE_WIDTH / columns
    left, top = 0.85, 0.5
    side = width - left - 0.1
    figure = new_figure(PAGE_WIDTH, side + top + 0.35)
    height = side + top + 0.35
    names = [shortened(figure, drawable(token), 8.0, 0.6) for token in tokens]
    for place, (name, mask) in enumerate(masks.items()):
        axes = figure.add_axes(((width * place + left) / PAGE_WIDTH, 0.3 / height, side / PAGE_WIDTH, side / height))
        colors = np.where(mask[..., None], np.array(_rgb(SKY)), np.array(_rgb(PAPER)))
        axes.imshow(colors, aspect="auto")
        axes.set_xticks([])
        axes.set_yticks(range(n) if n <= 24 and not place else [], names if n <= 24 and not place else [], fontsize=8.0)
        axes.tick_params(length=0)
        axes.set_xlabel(_("keys"), fontsize=9.0)
        axes.set_ylabel(_("queries"), fontsize=9.0)
        axes.set_title(shortened(figure, drawable(name), 10.0, side, "bold"), fontsize=10.0)
    seen = [
        _("{name}: {n} of {all} pairs").format(name=name, n=int(mask.sum()), all=n * n) for name, mask in masks.items()
    ]
    figure.set_label(_("Masks, queries down and keys across. {seen}.").format(seen="; ".join(seen)))
    return figure


def _rgb(color: str) -> tuple[float, ...]:
    return tuple(int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))


@in_course_style
def token_times(with_cache: Sequence[float], without: Sequence[float], *, title: str) -> Figure:
    """Milliseconds of each new token, with the cache and without it."""
    figure = new_figure(PAGE_WIDTH, 3.4)
    axes = figure.add_axes((0.1, 0.18, 0.7, 0.66))
    ends, names, colors = [], [], []
    for name, values, color, marker, line in (
        (_("without the cache"), without, VERMILLION, "D", "--"),
        (_("with the cache"), with_cache, BLUE, "o", "-"),
    ):
        axes.plot(range(1, len(values) + 1), values, color=color, marker=marker, markersize=4, linestyle=line)
        if values:
            ends.append((float(len(values)), values[-1]))
            names.append(name)
            colors.append(color)
    axes.set_ylim(bottom=0)
    axes.locator_params(axis="x", integer=True)
    axes.set_xlabel(_("new token"))
    axes.set_ylabel(_("milliseconds"))
    axes.set_title(title)
    axes.grid(axis="y")
    label_line_ends(axes, ends, names, colors)
    return figure
