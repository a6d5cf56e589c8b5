"""Bars that name themselves: next-token probabilities, tokens per character, overlap of vocabularies."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from course.messages import _
from course.viz.kit.layout import Numbers, new_figure, text_width
from course.viz.kit.style import INK, ORANGE, SKY, colors_for, drawable, in_course_style
from course.viz.kit.text import percent, visible

ROW = 0.32  # inches of height for one bar


@in_course_style
def next_token_bars(
    tokens: Sequence[str], probabilities: Numbers, *, chosen: int | None = None, title: str | None = None
) -> Figure:
    """What a model might say next: one bar for each token, in the order given.

    probabilities: (n,), from 0 to 1. chosen: place in `tokens` of the one that was said, marked by color and a word.
    Raises `ValueError` when there is not one probability for each token.
    """
    values = np.asarray(probabilities, dtype=float)
    if values.shape != (len(tokens),):
        raise ValueError(f"{len(tokens)} tokens need {len(tokens)} probabilities, not the shape {values.shape}.")
    texts = [percent(float(value), 1) for value in values]
    if chosen is not None:
        texts[chosen] += "  " + _("◀ chosen")
    colors = [ORANGE if place == chosen else SKY for place in range(len(tokens))]
    labels = [drawable(visible(token)) for token in tokens]
    figure = _rows(labels, values, texts, colors, range(len(labels)), title=title or _("What might come next"))
    figure.axes[0].set_xlabel(_("probability"))
    figure.axes[0].xaxis.set_major_formatter(lambda value, _position: f"{value:.0%}")
    return figure


@in_course_style
def count_bars(
    labels: Sequence[str], counts: Sequence[int], *, title: str, xlabel: str, marked: int | None = None
) -> Figure:
    """How often each of a few things was counted, in the order given; the one at the place `marked` stands out."""
    texts = [f"{count:,}" + ("  ◀" if place == marked else "") for place, count in enumerate(counts)]
    colors = [ORANGE if place == marked else SKY for place in range(len(labels))]
    figure = _rows([drawable(label) for label in labels], counts, texts, colors, range(len(labels)), title=title)
    figure.axes[0].set_xlabel(xlabel)
    figure.axes[0].locator_params(axis="x", integer=True)
    return figure


@in_course_style
def tokens_per_character(rates: Mapping[str, Mapping[str, float]], *, title: str | None = None) -> Figure:
    """Tokens that one character costs. rates: tokenizer → language → rate."""
    labels, values, texts, colors, places = [], [], [], [], []
    hues = colors_for(dict.fromkeys(language for languages in rates.values() for language in languages))
    for group, (tokenizer, languages) in enumerate(rates.items()):
        for place, (language, rate) in enumerate(languages.items()):
            labels.append(drawable(tokenizer) if place == 0 else "")
            values.append(rate)
            texts.append(f"{rate:.2f}  {drawable(language)}")
            colors.append(hues[language])
            places.append(len(places) + 0.5 * group)
    figure = _rows(labels, values, texts, colors, places, title=title or _("What one character costs"))
    figure.axes[0].set_xlabel(_("tokens per character"))
    return figure


def _rows(
    labels: Sequence[str],
    values: Numbers,
    texts: Sequence[str],
    colors: Sequence[str],
    places: Numbers,
    *,
    title: str,
) -> Figure:
    """Horizontal bars at `places`, counted from the top; `texts` stand at their ends, `labels` at their feet."""
    rows = max(places, default=0) + 1.0
    width, height = 8.0, ROW * rows + 1.3
    figure = new_figure(width, height)
    left = max((text_width(figure, label, 10.0) for label in labels), default=0) + 0.3
    right = max((text_width(figure, text, 10.0) for text in texts), default=0) + 0.2
    axes = figure.add_axes((left / width, 0.62 / height, 1 - (left + right) / width, 1 - 1.12 / height))
    axes.barh(places, values, color=colors, edgecolor=INK, linewidth=0.6, height=0.72)
    axes.set_yticks(places, labels)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(rows - 0.4, -0.6)
    axes.set_xlim(0, max(max(values, default=0), 1e-9))
    for place, value, text in zip(places, values, texts, strict=True):
        axes.annotate(text, (value, place), xytext=(5, 0), textcoords="offset points", va="center", fontsize=10.0)
    axes.set_title(title, x=0)
    return figure
