"""Bars that name themselves: next-token probabilities, tokens per character, overlap of vocabularies."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course.messages import _
from course.viz.kit.layout import Numbers, new_figure, shortened, text_width
from course.viz.kit.style import INK, ORANGE, SKY, colors_for, drawable, in_course_style
from course.viz.kit.text import number, percent, visible

ROW = 0.32  # inches of height for one bar
WIDTH = 8.0  # inches
LONGEST_LABEL, LONGEST_TEXT = 3.8, 2.4  # inches


@in_course_style
def next_token_bars(
    tokens: Sequence[str], probabilities: Numbers, *, chosen: int | None = None, title: str | None = None
) -> Figure:
    """What a model might say next: one bar for each token, in the order given, on an axis from 0 to 100 %.

    probabilities: (n,), from 0 to 1. chosen: place in `tokens` of the one that was said, marked by color and a word.
    Raises `ValueError` when there is not one probability for each token.
    """
    return share_bars(
        [visible(token) for token in tokens],
        probabilities,
        title=title or _("What might come next"),
        xlabel=_("probability"),
        marked=chosen,
        note=_("◀ chosen"),
        decimals=1,
    )


@in_course_style
def share_bars(
    labels: Sequence[str],
    shares: Numbers,
    *,
    title: str,
    xlabel: str,
    marked: int | None = None,
    note: str = "◀",
    decimals: int = 0,
) -> Figure:
    """Shares of one whole, in the order given, on an axis from 0 to 100 %; `note` is at the one at `marked`.

    shares: (n,), from 0 to 1. Raises `ValueError` when there is not one share for each label.
    """
    values = _as_many(labels, shares, _("{n} tokens need {n} probabilities, not the shape {shape}."))
    texts = [percent(float(value), decimals) for value in values]
    figure = _rows(labels, values, texts, title=title, xlabel=xlabel, marked=marked, note=note, limits=(0.0, 1.0))
    figure.axes[0].xaxis.set_major_formatter(lambda value, _position: f"{value:.0%}")
    return figure


@in_course_style
def number_bars(
    labels: Sequence[str],
    values: Numbers,
    *,
    title: str,
    xlabel: str,
    marked: int | None = None,
    limits: tuple[float, float] | None = None,
) -> Figure:
    """Numbers with two decimals, in the order given; bars begin at 0, and those of numbers below 0 go to the left.

    Raises `ValueError` when there is not one number for each label.
    """
    values = _as_many(labels, values, _("{n} labels need {n} numbers, not the shape {shape}."))
    texts = [number(float(value)) for value in values]
    return _rows(labels, values, texts, title=title, xlabel=xlabel, marked=marked, limits=limits)


@in_course_style
def count_bars(
    labels: Sequence[str], counts: Sequence[int], *, title: str, xlabel: str, marked: int | None = None
) -> Figure:
    """How often each of a few things was counted, in the order given; the one at the index `marked` stands out."""
    texts = [f"{count:,}" for count in counts]
    figure = _rows(labels, counts, texts, title=title, xlabel=xlabel, marked=marked)
    figure.axes[0].locator_params(axis="x", integer=True)
    return figure


@in_course_style
def tokens_per_character(rates: Mapping[str, Mapping[str, float]], *, title: str | None = None) -> Figure:
    """Tokens that one character costs. rates: tokenizer → language → rate."""
    labels, values, texts, colors, places = [], [], [], [], []
    hues = colors_for(dict.fromkeys(language for languages in rates.values() for language in languages))
    for group, (tokenizer, languages) in enumerate(rates.items()):
        for place, (language, rate) in enumerate(languages.items()):
            labels.append(tokenizer if place == 0 else "")
            values.append(rate)
            texts.append(f"{rate:.2f}  {language}")
            colors.append(hues[language])
            places.append(len(places) + 0.5 * group)
    title, xlabel = title or _("What one character costs"), _("tokens per character")
    return _rows(labels, values, texts, title=title, xlabel=xlabel, colors=colors, places=places)


def _as_many(labels: Sequence[str], values: Numbers, message: str) -> np.ndarray:
    values = np.asarray(values, dtype=float)
    if values.shape != (len(labels),):
        raise ValueError(message.format(n=len(labels), shape=values.shape))
    return values


def _rows(
    labels: Sequence[str],
    values: Numbers,
    texts: Sequence[str],
    *,
    title: str,
    xlabel: str,
    marked: int | None = None,
    note: str = "◀",
    colors: Sequence[str] | None = None,
    places: Numbers | None = None,
    limits: tuple[float, float] | None = None,
) -> Figure:
    """Horizontal bars at `places`, counted from the top; `texts` are at their ends, `labels` at their feet."""
    places = range(len(labels)) if places is None else places
    colors = colors or [ORANGE if place == marked else SKY for place in range(len(labels))]
    texts = [f"{text}  {note}" if place == marked else text for place, text in enumerate(texts)]
    rows = max(places, default=0) + 1.0
    height = ROW * rows + 1.3
    figure = new_figure(WIDTH, height)
    labels = [shortened(figure, drawable(label), 10.0, LONGEST_LABEL) for label in labels]
    texts = [shortened(figure, drawable(text), 10.0, LONGEST_TEXT) for text in texts]
    left = max((text_width(figure, label, 10.0) for label in labels), default=0) + 0.3
    right = max((text_width(figure, text, 10.0) for text in texts), default=0) + 0.2
    axes = figure.add_axes((left / WIDTH, 0.62 / height, 1 - (left + right) / WIDTH, 1 - 1.12 / height))
    axes.barh(places, values, color=colors, edgecolor=INK, linewidth=0.6, height=0.72)
    axes.set_yticks(places, labels)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(rows - 0.4, -0.6)
    low, high = limits or (min(0, *values, 0), max(0, *values, 0))
    axes.set_xlim(low, high if high > low else low + 1)
    if low < 0:
        axes.axvline(0, color=INK, linewidth=0.8)
    write_at_ends(axes, places, values, texts)
    axes.set_xlabel(shortened(figure, drawable(xlabel), 11.0, WIDTH - left - right))
    axes.set_title(shortened(figure, drawable(title), 13.0, WIDTH, "bold"), x=-left / (WIDTH - left - right))
    return figure


def write_at_ends(axes: Axes, places: Numbers, values: Numbers, texts: Sequence[str]) -> None:
    """Write the text of each bar at the right of it; that of a bar that goes to the left, at the right of 0."""
    for place, value, text in zip(places, values, texts, strict=True):
        end = (max(float(value), 0.0), place)
        axes.annotate(text, end, xytext=(5, 0), textcoords="offset points", va="center", fontsize=10.0)
