"""Helpers for figures: measure text, wrap it, and keep labels from overlapping."""

import math
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure, SubFigure
from matplotlib.font_manager import FontProperties

from course.viz.kit.alt_text import alt_text
from course.viz.kit.style import DPI, INK, SHARPNESS, drawable, in_course_style, pixels

PAGE_WIDTH = 8.2  # inches that the page of a notebook shows without making them smaller
Numbers = np.ndarray | Sequence[Any]  # an array, or lists as `numpy.asarray` takes them


def new_figure(width: float, height: float) -> Figure:
    """An empty figure; sizes in inches. pyplot does not know it, so a notebook shows it only as a cell's value."""
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


def stacked(figures: Sequence[Figure]) -> Figure:
    """Several figures stacked in one image."""
    pictures = [np.asarray(pixels(figure)) for figure in figures]
    width = max(picture.shape[1] for picture in pictures)
    height = sum(picture.shape[0] for picture in pictures)
    stack = new_figure(width / DPI / SHARPNESS, height / DPI / SHARPNESS)
    top = height
    for picture in pictures:
        rows, columns = picture.shape[:2]
        axes = stack.add_axes((0, (top - rows) / height, columns / width, rows / height))
        axes.imshow(picture, aspect="auto", interpolation="none")
        axes.set_axis_off()
        top -= rows
    stack.set_label(" ".join(map(alt_text, figures)))  # in it, the figures are mere pixels
    return stack


@in_course_style
def blank(message: str) -> Figure:
    """A figure that shows only this sentence."""
    figure = new_figure(8.0, 1.0)
    lines = textwrap.wrap(drawable(message), 90 if message.isascii() else 45)
    figure.set_size_inches(8.0, 0.2 + 0.25 * max(len(lines), 1))
    figure.text(0.02, 0.5, "\n".join(lines), fontsize=11.0, fontweight="bold", va="center")
    return figure


def dimmed(figure: Figure, message: str) -> Figure:
    """The picture of a figure, faded, under a sentence that says why."""
    faded = stacked([figure])
    for axes in faded.axes:
        for image in axes.images:
            image.set_alpha(0.35)
    return stacked([blank(message), faded])


def text_width(figure: Figure | SubFigure, text: str, size: float, weight: str = "normal") -> float:
    """The width of one line of text in inches; `size` in points."""
    properties = FontProperties(size=size, weight=weight)
    width, _, _ = figure.canvas.get_renderer().get_text_width_height_descent(text, properties, ismath=False)
    return width / figure.dpi


def shortened(figure: Figure | SubFigure, text: str, size: float, width: float, weight: str = "normal") -> str:
    """`text`, cut and with "…" at its end where it is wider than `width` inches."""
    if len(text) <= 30 * width and text_width(figure, text, size, weight) <= width:
        return text
    low, high = 0, min(len(text), math.ceil(30 * width))  # as many characters as fit, found by halving
    while low < high:
        middle = (low + high + 1) // 2
        fits = text_width(figure, text[:middle] + "…", size, weight) <= width
        low, high = (middle, high) if fits else (low, middle - 1)
    return text[:low].rstrip() + "…"


def wrapped(figure: Figure | SubFigure, text: str, size: float, width: float, weight: str = "normal") -> str:
    """`text` broken at spaces into lines of at most `width` inches."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(figure, longer, size, weight) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return "\n".join(lines)


def wrapped_within(
    figure: Figure | SubFigure, text: str, size: float, width: float, n_lines: int, weight: str = "normal"
) -> list[str]:
    """`wrapped` into at most `n_lines` lines, none of them wider than `width`; "…" stands for what has no room."""
    lines = wrapped(figure, text, size, width, weight).split("\n")
    if len(lines) > n_lines:
        lines = [*lines[: n_lines - 1], " ".join(lines[n_lines - 1 :])]
    return [shortened(figure, line, size, width, weight) for line in lines]


def apart(positions: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """The positions, moved so that neighbors are at least `gap` apart and all are in [low, high].

    Keeps their order. Raises `ValueError` when there is not enough room.
    """
    if (len(positions) - 1) * gap > high - low:
        raise ValueError(f"{len(positions)} labels do not fit into {high - low:g} with a gap of {gap:g}.")
    order = sorted(range(len(positions)), key=lambda i: positions[i])
    placed = list(positions)
    floor = low
    for i in order:  # push up each label that is too close to the one below it
        placed[i] = max(placed[i], floor)
        floor = placed[i] + gap
    ceiling = high
    for i in reversed(order):  # and push back down those above the limit
        placed[i] = min(placed[i], ceiling)
        ceiling = placed[i] - gap
    return placed


def label_line_ends(
    axes: Axes, ends: Sequence[tuple[float, float]], labels: Sequence[str], colors: Sequence[str]
) -> None:
    """Write each line's name at its right end, joined to it by a stroke of its color; names never overlap.

    Call this after the axes have their final limits and position in the figure.
    """
    figure = axes.figure
    size = 10.0
    box = axes.get_window_extent()
    to_points = 72 / figure.dpi
    heights = [axes.transData.transform(end)[1] * to_points for end in ends]
    low, high = box.y0 * to_points, box.y1 * to_points
    for end, label, color, height, placed in zip(
        ends, labels, colors, heights, apart(heights, size * 1.35, low, high), strict=True
    ):
        axes.annotate(
            label,
            end,
            xytext=(16, placed - height),
            textcoords="offset points",
            color=INK,
            fontsize=size,
            va="center",
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "relpos": (0, 0.5),  # to the beginning of the name, not under the names beside it
                "color": color,
                "linewidth": 1.5,
                "shrinkA": 1,
                "shrinkB": 3,
            },
        )
