"""Rows of colored tokens as a figure: the static view of the token strip."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from course.messages import _
from course.viz.kit.layout import new_figure, shortened, text_width, wrapped_within
from course.viz.kit.style import INK, PAPER, SKY, TOKEN_HUES, drawable, in_course_style, mixed
from course.viz.kit.text import MARKS, StripToken, visible

SIZE, NOTE_SIZE, TITLE_SIZE = 11.0, 8.0, 11.0
PAD, GAP, BOX, NOTE, LINE, TITLE = 0.05, 0.05, 0.25, 0.15, 0.33, 0.34  # inches
MAX_TOKENS = 120
MAX_HEADING, LINE_OF_HEADING = 3, 0.2  # lines of a heading, and the height of each in inches


@in_course_style
def token_strip_figure(
    rows: Mapping[str, Sequence[StripToken | str]], *, selected: int | None = None, width: float = 8.0
) -> Figure:
    """Tokens as colored boxes that wrap, under the name of each row. At most 120 tokens of a row are drawn.

    `selected` is the index of a token that is outlined in every row. A token wider than a line is truncated with "…",
    and so is a name that does not fit into three lines.
    `width` is in inches.
    """
    figure = new_figure(width, 1.0)
    placed, y = [], 0.0
    for name, row in rows.items():
        if name:
            lines = wrapped_within(figure, drawable(name), TITLE_SIZE, width, MAX_HEADING, "bold")
            placed.append((_heading, ("\n".join(lines), y)))
            y += TITLE + LINE_OF_HEADING * (len(lines) - 1)
        tokens = [token if isinstance(token, StripToken) else StripToken(token) for token in row]
        line = LINE + (NOTE if any(token.note for token in tokens) else 0)
        x = 0.0
        for place, token in enumerate(tokens[:MAX_TOKENS]):
            text = shortened(figure, _signed(token), SIZE, width - 2 * PAD)
            token = replace(token, note=shortened(figure, drawable(token.note), NOTE_SIZE, width))
            size = max(text_width(figure, text, SIZE), text_width(figure, token.note, NOTE_SIZE) - PAD) + 2 * PAD
            if x > 0 and x + size > width:
                x, y = 0.0, y + line
            placed.append((_box, (text, token, place, place == selected, x, y, size)))
            x += size + GAP
        rest = _rest(tokens)
        if x + text_width(figure, rest, SIZE) > width:
            x, y = 0.0, y + line
        placed.append((_plain, (rest, x, y)))
        y += line + 0.1
    figure.set_size_inches(width, max(y, LINE))
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(max(y, LINE), 0))
    axes.set_axis_off()
    for draw, arguments in placed:
        draw(axes, *arguments)
    return figure


def _rest(tokens: Sequence[StripToken]) -> str:
    """The text after the last token that is drawn."""
    if not tokens:
        return _("no tokens")
    hidden = len(tokens) - MAX_TOKENS
    return _("… and {count} more").format(count=f"{hidden:,}") if hidden > 0 else ""


def _signed(token: StripToken) -> str:
    """The token's text as the figure shows it, preceded by the symbol of its mark."""
    sign = MARKS[token.mark][0]
    return drawable(f"{sign} {visible(token.text)}" if sign else visible(token.text))


def _heading(axes: Axes, text: str, y: float) -> None:
    axes.text(0, y + 0.08, text, fontsize=TITLE_SIZE, fontweight="bold", va="top")


def _plain(axes: Axes, text: str, x: float, y: float) -> None:
    axes.text(x, y + BOX / 2, text, fontsize=SIZE, va="center")


def _box(
    axes: Axes, text: str, token: StripToken, place: int, selected: bool, x: float, y: float, width: float
) -> None:
    """One token: its box, its text, and its note below."""
    strength = token.strength
    face = mixed(TOKEN_HUES[place % len(TOKEN_HUES)], 0.35) if strength is None else mixed(SKY, 0.85 * strength)
    if token.mark == "unknown":
        face = PAPER
    outlined = bool(token.mark) or selected
    axes.add_patch(
        FancyBboxPatch(
            (x, y),
            width,
            BOX,
            boxstyle="round,pad=0,rounding_size=0.04",
            facecolor=face,
            edgecolor=INK if outlined else mixed(INK, 0.35),
            linewidth=2.2 if selected else 1.4 if outlined else 0.6,
            linestyle="--" if token.mark == "unknown" else "-",
            clip_on=False,  # at the left edge, half of the outline is outside the axes
        )
    )
    axes.text(x + width / 2, y + BOX / 2, text, fontsize=SIZE, ha="center", va="center_baseline")
    if token.note:
        axes.text(x + width / 2, y + BOX + NOTE / 2, token.note, fontsize=NOTE_SIZE, ha="center", va="center")
