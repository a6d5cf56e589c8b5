"""The attention on adapters at each token, a bar in each cell: on the page, and as a picture."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course.messages import _, ngettext
from course.viz.kit import html
from course.viz.kit.layout import new_figure, shortened, text_width, wrapped_within
from course.viz.kit.style import INK, TOKEN_HUES, drawable, in_course_style, mixed
from course.viz.kit.text import MARKS, percent
from course.viz.peft.bar_block import HEADING, bar_block, block_height
from course.viz.peft.fusion_reading import FusionReading

WIDTH, ROW, LINE = 8.0, 0.25, 0.22  # inches
LONGEST_TOKEN, LONGEST_NAME = 1.7, 1.4  # inches
GRID = "#dddddd"
NARROWEST, GAP, ANSWER = 0.6, 0.08, 2.3  # inches: a cell, between cells, all of the classes' bars
WIDEST = 3.4  # inches: the classes' bars, where few columns are beside them
MOST_TOKENS = 40  # in the picture
SPECIAL, _meaning = MARKS["special"]


class TokenRow(NamedTuple):
    """A token as it is shown, what kind of token it is, and the attention on each adapter."""

    label: str
    special: bool
    shares: tuple[float, ...]


def token_rows(reading: FusionReading, layer: int | None) -> list[TokenRow]:
    """First the mean over all tokens, then each token; in one layer, or in the mean over all."""
    weights = reading.at(layer)
    rows = [TokenRow(_("mean"), False, tuple(weights.mean(dim=0).tolist()))]
    for place, (token, shares) in enumerate(zip(reading.tokens, weights.tolist(), strict=True)):
        special = place in reading.special
        rows.append(TokenRow(f"{SPECIAL} {token}" if special else token, special, tuple(shares)))
    return rows


def fusion_table(rows: Sequence[TokenRow], names: Sequence[str], caption: str) -> str:
    """A row for each token, a column for each adapter; the highest of a row is bold."""
    head = "".join(
        f'<th scope="col" data-hue="{column % len(TOKEN_HUES)}" title="{escape(name)}"><bdi>{escape(name)}</bdi></th>'
        for column, name in enumerate(names)
    )
    lines = []
    for place, (label, special, shares) in enumerate(rows):
        cells = [
            f'<td data-hue="{column % len(TOKEN_HUES)}" style="--lm-share: {100 * share:.1f}%">'
            f"{_emphasized(escape(percent(share)), share == max(shares))}</td>"
            for column, share in enumerate(shares)
        ]
        kind = ' class="lm-total"' if place == 0 else ' class="lm-special"' if special else ""
        tip = _("{token}, a special token").format(token=label) if special else label
        lines.append(
            f'<tr{kind}><th scope="row" title="{escape(tip)}"><bdi>{escape(label)}</bdi></th>{"".join(cells)}</tr>'
        )
    adapters = f'style="--lm-adapters: {len(names)}"'
    scroll = f'<div class="lm-scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
    legend = _("{sign} special token: the mean counts it, too").format(sign=SPECIAL)
    return (
        f'{scroll}<table class="lm-fusion" {adapters}><caption><b>{escape(caption)}</b></caption>'
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
        f"<small>{escape(legend)}</small>"
    )


def _emphasized(text: str, strong: bool) -> str:
    return f"<b>{text}</b>" if strong else text


@in_course_style
def fusion_map(rows: Sequence[TokenRow], names: Sequence[str], classes: Sequence[html.Bar], *, title: str) -> Figure:
    """The same as a picture, the mean first, with the classes' probabilities beside it; at most 40 tokens are drawn."""
    figure = new_figure(WIDTH, 4.0)
    hidden = len(rows) - 1 - MOST_TOKENS
    rows = rows[: 1 + MOST_TOKENS]
    lines = wrapped_within(figure, drawable(title), 11.0, WIDTH - 0.1, 3, "bold")
    labels = [shortened(figure, drawable(row.label), 10.0, LONGEST_TOKEN) for row in rows]
    left = max(text_width(figure, label, 10.0, "bold") for label in labels) + 0.1
    widest = max(text_width(figure, drawable(name), 10.0, "bold") for name in names)
    cell = min(max(widest, NARROWEST), LONGEST_NAME, (WIDTH - left - ANSWER) / len(names) - GAP)
    top = LINE * len(lines) + 0.4
    below = top + ROW * len(rows)
    height = max(below + (0.3 if hidden > 0 else 0.05), top + block_height(len(classes)))
    figure.set_size_inches(WIDTH, height)
    figure.suptitle("\n".join(lines), x=0.0, y=1 - 0.02 / height, ha="left", va="top", fontsize=11.0, weight="bold")
    for column, name in enumerate(names):
        x = left + column * (cell + GAP)
        axes = figure.add_axes((x / WIDTH, 1 - below / height, cell / WIDTH, ROW * len(rows) / height))
        _draw_column(axes, [row.shares for row in rows], column)
        axes.set_title(shortened(figure, drawable(name), 10.0, cell, "bold"), fontsize=10.0, pad=4)
        if column == 0:
            axes.set_yticks(range(len(rows)), labels)
            axes.get_yticklabels()[0].set_fontweight("bold")
    if hidden > 0:
        rest = ngettext("… and {n} more token", "… and {n} more tokens", hidden).format(n=hidden)
        figure.text(0.0, 1 - (below + 0.25) / height, rest, fontsize=10.0)
    x = left + len(names) * (cell + GAP) + 0.25
    bar_block(figure, _("What the classifier says"), classes, x, top - HEADING, min(WIDTH - x, WIDEST), 1.0)
    return figure


def _draw_column(axes: Axes, shares: Sequence[tuple[float, ...]], column: int) -> None:
    """The bars of one adapter, from 0 to 100 %, each with its number, bold where it is the highest of its row."""
    values = [row[column] for row in shares]
    axes.barh(range(len(values)), values, color=mixed(TOKEN_HUES[column % len(TOKEN_HUES)], 0.5), height=0.9)
    for place, row in enumerate(shares):
        weight = "bold" if row[column] == max(row) else "normal"
        axes.text(0.5, place, percent(row[column]), ha="center", va="center", fontsize=9.5, weight=weight)
    axes.axhline(0.5, color=INK, linewidth=1.0)  # below the mean
    axes.set(xlim=(0, 1), ylim=(len(values) - 0.5, -0.5), xticks=[], yticks=[])
    axes.spines[:].set_color(GRID)
    axes.spines[["top", "right"]].set_visible(True)
    axes.tick_params(length=0)
