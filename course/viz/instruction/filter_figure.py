"""The static picture of a verdict: the rules, and an instruction above its nearest of the pool, shared words marked."""

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course.viz.instruction.shared_words import Piece, shared_words
from course.viz.kit.layout import new_figure, shortened, text_width, wrapped_within
from course.viz.kit.style import INK, ORANGE, QUIET, drawable, in_course_style, mixed

WIDTH, NAMES, MARGIN = 8.0, 1.7, 0.1  # inches
ROW, LINE = 0.28, 0.22  # inches
TITLE_SIZE, SIZE = 12.0, 10.0  # points
MOST_LINES = 4  # of each text
PASSES, DROPS = "✓", "✗"


class RuleLine(NamedTuple):
    """A rule by its name, whether the instruction passes it, and what is said of that."""

    name: str
    passes: bool
    said: str


@in_course_style
def filter_figure(
    rules: Sequence[RuleLine], texts: tuple[tuple[str, str], tuple[str, str]], *, title: str, note: str = ""
) -> Figure:
    """A line for each rule, then two texts, each (name, text), in which the words that ROUGE-L counts are marked.

    `note` is below them.
    """
    figure = new_figure(WIDTH, 1.0)
    heading = wrapped_within(figure, drawable(title), TITLE_SIZE, WIDTH - 2 * MARGIN, 3, "bold")
    names, (first, other) = zip(*((_one_line(name), _one_line(text)) for name, text in texts), strict=True)
    room = WIDTH - NAMES - MARGIN
    lines = [wrapped_within(figure, text, SIZE, room, MOST_LINES) for text in (first, other)]
    notes = wrapped_within(figure, drawable(note), SIZE, room, 2)
    top = MARGIN + 0.24 * len(heading)
    below = top + ROW * len(rules) + 0.15  # where the first text begins
    starts = (below, below + LINE * len(lines[0]) + 0.1)
    height = starts[1] + LINE * (len(lines[1]) + len(notes)) + 2 * MARGIN
    figure.set_size_inches(WIDTH, height)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(height, 0))
    axes.set_axis_off()
    axes.text(MARGIN, 0.06, "\n".join(heading), fontsize=TITLE_SIZE, weight="bold", va="top")
    for place, rule in enumerate(rules):
        y, weight, color = top + ROW * (place + 0.5), "normal" if rule.passes else "bold", QUIET if rule.passes else INK
        axes.text(MARGIN, y, PASSES if rule.passes else DROPS, fontsize=SIZE, weight=weight, va="center")
        for x, text, width in ((0.35, rule.name, NAMES - 0.45), (NAMES, rule.said, room)):
            shown = shortened(figure, _one_line(text), SIZE, width, weight)
            axes.text(x, y, shown, fontsize=SIZE, weight=weight, va="center", color=color)
    shared = shared_words(first, other)
    for name, start, some, pieces in zip(names, starts, lines, (shared.one, shared.other), strict=True):
        axes.text(MARGIN, start, shortened(figure, name, SIZE, NAMES - 2 * MARGIN), fontsize=SIZE, va="top")
        _mark(axes, figure, some, pieces, start)
        for number, line in enumerate(some):
            axes.text(NAMES, start + LINE * number, line, fontsize=SIZE, va="top")
    axes.text(NAMES, height - MARGIN, "\n".join(notes), fontsize=SIZE, va="bottom", color=QUIET)
    return figure


def _one_line(text: str) -> str:
    return " ".join(drawable(text).split())


def _mark(axes: Axes, figure: Figure, lines: Sequence[str], pieces: Sequence[Piece], top: float) -> None:
    """Draw a field behind each shared word that is on a line; a word is on one line, since lines break at spaces."""
    text, spans, at = "".join(piece.text for piece in pieces), [], 0
    for piece in pieces:
        spans += [(at, at + len(piece.text))] if piece.is_shared else []
        at += len(piece.text)
    begins = 0
    for number, line in enumerate(lines):
        shown = line.removesuffix("…")
        begins = text.find(shown, begins)
        ends = begins + len(shown)
        for start, end in spans:
            if begins <= start and end <= ends:
                left, right = (_width(figure, line[: place - begins]) for place in (start, end))
                corner = (NAMES + left, top + LINE * number - 0.02)
                field = Rectangle(corner, right - left, LINE - 0.03, facecolor=mixed(ORANGE, 0.45), edgecolor=INK)
                field.set_linewidth(0.5)
                axes.add_patch(field)
        begins = ends


def _width(figure: Figure, text: str) -> float:
    """The width of a line in inches, measured large: small letters are measured in whole pixels, which add up."""
    return text_width(figure, text, 10 * SIZE) / 10
