"""The static picture of answers beside one another: each prompt, the tokens of its answer, and one step of each."""

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle

from course.messages import _, ngettext
from course.viz.kit.layout import new_figure, shortened, text_width, wrapped_within
from course.viz.kit.style import INK, ORANGE, QUIET, SKY, drawable, in_course_style, mixed
from course.viz.kit.text import MARKS, NEWLINE, StripToken, percent, visible

WIDTH, MARGIN, BETWEEN = 8.0, 0.1, 0.3  # inches
IN_A_ROW = 2  # columns
BOX, NOTE, GAP, PAD, LINE, BAR = 0.25, 0.16, 0.05, 0.05, 0.19, 0.27  # inches
LABEL, NUMBER = 1.2, 0.75  # inches, before and after a bar
TITLE_SIZE, SIZE, NOTE_SIZE = 12.0, 10.0, 8.0  # points
PROMPT_LINES, MAX_DRAWN = 5, 60  # of a prompt, and tokens of an answer


class AnswerColumn(NamedTuple):
    """What is drawn of one answer: `top` are the tokens of the step with their probabilities, or `over` says why none.

    The first of `top` is the one that was taken: it has a sign. `size` says how long the answer is.
    """

    name: str
    form: str
    prompt: str
    tokens: Sequence[StripToken]
    size: str
    top: Sequence[tuple[str, float]]
    over: str = ""


@in_course_style
def answers_figure(columns: Sequence[AnswerColumn], *, title: str, caption: str, selected: int | None = None) -> Figure:
    """Two answers in a row; `caption` is above the bars, and `selected` is the token of each that is outlined."""
    figure = new_figure(WIDTH, 1.0)
    heading = wrapped_within(figure, drawable(title), TITLE_SIZE, WIDTH - 2 * MARGIN, 3, "bold")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.text(MARGIN, 0.06, "\n".join(heading), fontsize=TITLE_SIZE, weight="bold", va="top")
    width = (WIDTH - 2 * MARGIN - BETWEEN * (IN_A_ROW - 1)) / IN_A_ROW
    top = 0.2 + 0.24 * len(heading)
    for begin in range(0, len(columns), IN_A_ROW):
        row = columns[begin : begin + IN_A_ROW]
        lefts = [MARGIN + place * (width + BETWEEN) for place in range(len(row))]
        y = max(_head(axes, figure, column, x, top, width) for column, x in zip(row, lefts, strict=True))
        y = max(_tokens(axes, figure, column, x, y, width, selected) for column, x in zip(row, lefts, strict=True))
        top = (
            max(_bars(axes, figure, column, caption, x, y, width) for column, x in zip(row, lefts, strict=True)) + 0.15
        )
    figure.set_size_inches(WIDTH, top)
    axes.set(xlim=(0, WIDTH), ylim=(top, 0))
    return figure


def _head(axes: Axes, figure: Figure, column: AnswerColumn, x: float, y: float, width: float) -> float:
    """The name, the form and the prompt, below `y`. Returns where they end, as the next ones do."""
    name = shortened(figure, _one_line(column.name), 11.0, width, "bold")
    axes.text(x, y, name, fontsize=11.0, weight="bold", va="top")
    axes.text(x, y + 0.22, shortened(figure, _one_line(column.form), SIZE, width), fontsize=SIZE, va="top", color=QUIET)
    prompt = " ".join(drawable(column.prompt.replace("\n", f"{NEWLINE} ")).split())
    lines = wrapped_within(figure, prompt, SIZE, width - 0.12, PROMPT_LINES)
    begin, end = y + 0.45, y + 0.45 + LINE * len(lines)
    axes.add_patch(Rectangle((x, begin), 0.04, end - begin, facecolor=mixed(INK, 0.4), linewidth=0))
    for number, line in enumerate(lines):
        axes.text(x + 0.12, begin + LINE * (number + 0.5), line, fontsize=SIZE, va="center")
    return end + 0.12


def _tokens(
    axes: Axes, figure: Figure, column: AnswerColumn, left: float, y: float, width: float, selected: int | None
) -> float:
    """The answer's tokens in lines of this width, with what is noted below each, and the size."""
    x = left
    for place, token in enumerate(column.tokens[:MAX_DRAWN]):
        sign = MARKS[token.mark][0]
        text = drawable(f"{sign} {visible(token.text)}" if sign else visible(token.text))
        text = shortened(figure, text, SIZE, width - 2 * PAD)
        note = shortened(figure, drawable(token.note), NOTE_SIZE, width)
        size = max(text_width(figure, text, SIZE), text_width(figure, note, NOTE_SIZE)) + 2 * PAD
        if x > left and x + size > left + width:
            x, y = left, y + BOX + NOTE + GAP
        is_selected = place == selected
        axes.add_patch(
            FancyBboxPatch(
                (x, y),
                size,
                BOX,
                boxstyle="round,pad=0,rounding_size=0.04",
                facecolor=mixed(SKY, 0.85 * (token.strength or 0.0)),
                edgecolor=INK if token.mark or is_selected else mixed(INK, 0.35),
                linewidth=2.2 if is_selected else 1.4 if token.mark else 0.6,
            )
        )
        axes.text(x + size / 2, y + BOX / 2, text, fontsize=SIZE, ha="center", va="center_baseline")
        axes.text(x + size / 2, y + BOX + NOTE / 2, note, fontsize=NOTE_SIZE, ha="center", va="center")
        x += size + GAP
    y += BOX + NOTE + GAP
    hidden = max(0, len(column.tokens) - MAX_DRAWN)
    more = ngettext("… and {count} more token", "… and {count} more tokens", hidden).format(count=f"{hidden:,}")
    said = _("{size} {more}").format(size=column.size, more=more) if hidden else column.size
    axes.text(left, y + 0.1, shortened(figure, _one_line(said), SIZE, width), fontsize=SIZE, va="center", color=QUIET)
    return y + 0.3


def _bars(axes: Axes, figure: Figure, column: AnswerColumn, caption: str, left: float, y: float, width: float) -> float:
    """A bar for each of the most probable tokens, below the caption; or why there is none."""
    over = "" if column.top else column.over
    weight = "normal" if over else "bold"
    head = shortened(figure, _one_line(over or caption), SIZE, width, weight)
    axes.text(left, y + 0.1, head, fontsize=SIZE, weight=weight, va="center")
    y += 0.24
    begin, room = left + LABEL, width - LABEL - NUMBER
    for place, (text, share) in enumerate(column.top):
        middle = y + BAR * (place + 0.5)
        label = shortened(figure, drawable(visible(text)), SIZE, LABEL - 0.1)
        axes.text(begin - 0.07, middle, label, fontsize=SIZE, ha="right", va="center")
        for length, color, edge in ((1.0, mixed(INK, 0.08), 0.0), (share, ORANGE if place == 0 else SKY, 0.6)):
            bar = Rectangle(
                (begin, middle - 0.085), room * length, 0.17, facecolor=color, edgecolor=INK, linewidth=edge
            )
            axes.add_patch(bar)
        said = percent(share, 1) if place else _("{share} ◀").format(share=percent(share, 1))
        axes.text(begin + room + 0.06, middle, said, fontsize=SIZE, va="center")
    return y + BAR * len(column.top)


def _one_line(text: str) -> str:
    return " ".join(drawable(text).split())
