"""The static picture of a prompt's blocks: what each is, and how its text begins."""

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course.messages import _
from course.viz.kit.layout import new_figure, shortened, wrapped_within
from course.viz.kit.style import GREEN, INK, ORANGE, QUIET, SKY, drawable, in_course_style
from course.viz.prompting.block_list import Card

WIDTH, NAMES, LABELS = 8.0, 1.5, 1.7  # inches
ROW, MARGIN = 0.3, 0.1  # inches
TITLE_SIZE, SIZE = 12.0, 10.0  # points
COLORS = {"instruction": GREEN, "shot": SKY, "input": ORANGE}  # as the style sheet has


@in_course_style
def blocks_figure(cards: Sequence[Card], *, title: str) -> Figure:
    """A line for each block: its name, the beginning of its text, and its label or that it is left out."""
    figure = new_figure(WIDTH, 1.0)
    heading = wrapped_within(figure, drawable(title), TITLE_SIZE, WIDTH - 2 * MARGIN, 3, "bold")
    top = MARGIN + 0.24 * len(heading)
    height = top + ROW * len(cards) + MARGIN
    figure.set_size_inches(WIDTH, height)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(height, 0))
    axes.set_axis_off()
    axes.text(MARGIN, 0.06, "\n".join(heading), fontsize=TITLE_SIZE, weight="bold", va="top")
    for place, card in enumerate(cards):
        y = top + ROW * (place + 0.5)
        color = COLORS[card.kind] if card.is_on else "none"
        axes.add_patch(Rectangle((MARGIN, y - 0.11), 0.12, 0.22, facecolor=color, edgecolor=INK, linewidth=0.6))
        note = card.label if card.is_on else _("left out")
        places = (
            (0.3, card.name, NAMES - 0.3, "bold"),
            (NAMES + 0.1, card.text, WIDTH - NAMES - LABELS - 0.2, "normal"),
            (WIDTH - LABELS, note, LABELS - MARGIN, "normal"),
        )
        for x, text, room, weight in places:
            shown = shortened(figure, " ".join(drawable(text).split()), SIZE, room, weight)
            axes.text(x, y, shown, fontsize=SIZE, weight=weight, va="center", color=INK if card.is_on else QUIET)
    return figure
