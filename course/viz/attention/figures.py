"""The steps of attention for one output symbol, side by side: scores, weights, weighted sum, what is written."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course.messages import _
from course.viz.kit.layout import Numbers, new_figure, text_width
from course.viz.kit.style import INK, ORANGE, SKY, drawable, in_course_style
from course.viz.kit.text import percent, visible

ROW, TOP, GAP = 0.3, 0.85, 0.75  # inches
WIDTHS = (2.1, 2.1, 3.0, 1.8)  # of the four parts
NUMBERS = "PuOr"


@in_course_style
def attention_steps_figure(
    inputs: Sequence[str],
    scores: Numbers,
    weights: Numbers,
    values: Numbers,
    outputs: Sequence[str],
    probabilities: Numbers,
    *,
    title: str,
) -> Figure:
    """From the score of each input to the symbol that is written.

    scores, weights: (inputs,). values: (inputs, numbers); what is drawn is weight times value, and their sum below.
    probabilities: (outputs,), those of the likeliest symbols. Raises `ValueError` when the sizes do not fit.
    """
    scores, weights, values = (np.asarray(each, dtype=float) for each in (scores, weights, values))
    n = len(inputs)
    if scores.shape != (n,) or weights.shape != (n,) or values.shape[:1] != (n,):
        raise ValueError(f"{n} inputs need as many scores, weights and values, not {scores.shape}, {weights.shape}.")
    labels = [drawable(visible(symbol)) for symbol in inputs]
    figure = new_figure(8.0, 4.0)
    left = max(text_width(figure, label, 10.0) for label in labels) + 0.25
    outputs = [drawable(visible(symbol)) for symbol in outputs]
    last_gap = GAP + max(text_width(figure, label, 10.0) for label in outputs)
    width = left + sum(WIDTHS) + 2 * GAP + last_gap + 0.55
    height = TOP + ROW * max(n + 1, len(outputs)) + 0.2
    figure.set_size_inches(width, height)
    figure.text(left / width, 1 - 0.1 / height, title, fontsize=13.0, weight="bold", va="top")
    x, parts = left, []
    for part_width, gap, rows in zip(WIDTHS, (GAP, GAP, last_gap, 0), (n, n, n + 1, len(outputs)), strict=True):
        part_height = ROW * rows
        bottom = height - TOP - part_height
        parts.append(figure.add_axes((x / width, bottom / height, part_width / width, part_height / height)))
        x += part_width + gap
    above = scores - scores.min()
    _bars(
        parts[0],
        above,
        [f"{score:.2f}".replace("-", "−") for score in scores],
        labels,
        _("1 · scores, from the lowest"),
    )
    _bars(parts[1], weights, [percent(weight) for weight in weights], [""] * n, _("2 · weights"))
    weighted = weights[:, None] * values
    rows = np.vstack((weighted, weighted.sum(axis=0)))
    limit = max(float(np.abs(rows).max()), 1e-9)
    parts[2].imshow(rows, cmap=NUMBERS, vmin=-limit, vmax=limit, aspect="auto", interpolation="none")
    parts[2].axhline(n - 0.5, color=INK, linewidth=1.5)
    parts[2].set_yticks([n], [_("sum")])
    parts[2].set_xticks([])
    parts[2].tick_params(length=0)
    parts[2].set_title(_("3 · weight × value"), fontsize=11.0)
    shares = np.asarray(probabilities, dtype=float)
    _bars(parts[3], shares, [percent(share) for share in shares], outputs, _("4 · output"))
    return figure


def _bars(axes: Axes, values: np.ndarray, texts: Sequence[str], labels: Sequence[str], title: str) -> None:
    colors = [ORANGE if value == values.max() else SKY for value in values]
    axes.barh(range(len(values)), values, color=colors, edgecolor=INK, linewidth=0.6, height=0.72)
    axes.set_yticks(range(len(values)), labels)
    axes.set_xticks([])
    axes.set_ylim(len(values) - 0.5, -0.5)
    axes.set_xlim(0, max(float(values.max()), 1e-9))
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(length=0)
    axes.set_title(title, fontsize=11.0)
    for place, (value, text) in enumerate(zip(values, texts, strict=True)):
        axes.annotate(text, (value, place), xytext=(4, 0), textcoords="offset points", va="center", fontsize=10.0)
