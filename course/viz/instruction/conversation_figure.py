"""The static picture of a conversation: its tokens, turn by turn, and the losses of those that the loss counts."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle

from course.instruction import Role
from course.messages import _, ngettext
from course.viz.instruction.conversation_reading import SaidToken
from course.viz.kit.layout import new_figure, shortened, text_width, wrapped_within
from course.viz.kit.style import GREEN, INK, ORANGE, QUIET, SKY, drawable, in_course_style, mixed
from course.viz.kit.text import MARKS, number, visible

WIDTH, NAMES, MARGIN = 8.0, 1.15, 0.1  # inches
BOX, NOTE, GAP, PAD = 0.25, 0.15, 0.06, 0.05  # inches
TITLE_SIZE, SIZE, NOTE_SIZE = 12.0, 11.0, 8.0  # points
EDGE = 0.045  # inches: the lower edge of a token that the loss counts
MAX_DRAWN = 160  # tokens
COLORS: dict[Role, str] = {"system": GREEN, "user": SKY, "assistant": ORANGE}  # as the style sheet has
ROLE_NAMES: dict[Role, str] = {"system": _("System"), "user": _("User"), "assistant": _("Assistant")}


def legend(names: Sequence[str]) -> str:
    """What frames and numbers mean."""
    return _(
        "Framed, with a thick lower edge: carries loss. Below it is its loss in nats, line by line: {names}."
    ).format(names=", ".join(names))


def signed(token: SaidToken) -> str:
    """The token's text with visible spaces, and the sign of a special token before it."""
    sign = MARKS["special"][0] if token.is_special else ""
    return f"{sign} {visible(token.text)}" if sign else visible(token.text)


@in_course_style
def conversation_figure(
    turns: Sequence[tuple[Role, Sequence[tuple[SaidToken, bool]]]], names: Sequence[str], *, title: str
) -> Figure:
    """A turn under another, its tokens as boxes in the color of the role; those that count are framed.

    turns: the role, and its tokens, each with whether the loss counts it. names: of the models, one for each loss of a
    token. At most 160 tokens are drawn.
    """
    figure = new_figure(WIDTH, 1.0)
    heading = wrapped_within(figure, drawable(title), TITLE_SIZE, WIDTH - 2 * MARGIN, 4, "bold")
    notes = wrapped_within(figure, drawable(legend(names)), 10.0, WIDTH - 2 * MARGIN, 3)
    y = MARGIN + 0.24 * len(heading) + 0.19 * len(notes) + 0.1
    placed, bands, left = [], [], MAX_DRAWN
    for role, tokens in turns:
        line = BOX + NOTE * (len(names) if any(counts for _token, counts in tokens) else 0) + GAP
        x, top = NAMES, y
        for token, counts in tokens[:left]:
            text = shortened(figure, drawable(signed(token)), SIZE, WIDTH - NAMES - MARGIN - 2 * PAD)
            losses = [number(loss) for loss in token.losses] if counts else []
            widths = [text_width(figure, text, SIZE), *(text_width(figure, loss, NOTE_SIZE) for loss in losses)]
            size = max(widths) + 2 * PAD
            if x > NAMES and x + size > WIDTH - MARGIN:
                x, y = NAMES, y + line
            placed.append((text, role, losses, counts, x, y, size))
            x += size + GAP
        if tokens[:left]:
            y += line + 0.08
            bands.append((role, top, y - 0.12))
        left = max(0, left - len(tokens))
    hidden = sum(len(tokens) for _role, tokens in turns) - len(placed)
    height = y + (0.25 if hidden else 0.05)
    figure.set_size_inches(WIDTH, height)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(height, 0))
    axes.set_axis_off()
    axes.text(MARGIN, 0.06, "\n".join(heading), fontsize=TITLE_SIZE, weight="bold", va="top")
    axes.text(MARGIN, 0.14 + 0.24 * len(heading), "\n".join(notes), fontsize=10.0, va="top", color=QUIET)
    for role, top, bottom in bands:
        axes.add_patch(
            Rectangle((MARGIN, top), 0.08, bottom - top, facecolor=COLORS[role], edgecolor=INK, linewidth=0.5)
        )
        name = shortened(figure, drawable(ROLE_NAMES[role]), 10.0, NAMES - MARGIN - 0.2)
        axes.text(MARGIN + 0.15, top + BOX / 2, name, fontsize=10.0, weight="bold", va="center")
    for each in placed:
        _token(axes, *each)
    if hidden:
        more = ngettext("… and {count} more token", "… and {count} more tokens", hidden).format(count=f"{hidden:,}")
        axes.text(NAMES, y + 0.08, more, fontsize=10.0, va="center")
    return figure


def _token(
    axes: Axes, text: str, role: Role, losses: Sequence[str], counts: bool, x: float, y: float, width: float
) -> None:
    """One token: its box, its text, and its losses below."""
    axes.add_patch(
        FancyBboxPatch(
            (x, y),
            width,
            BOX,
            boxstyle="round,pad=0,rounding_size=0.04",
            facecolor=mixed(COLORS[role], 0.45 if counts else 0.25),
            edgecolor=INK if counts else mixed(INK, 0.35),
            linewidth=1.3 if counts else 0.6,
        )
    )
    if counts:
        axes.add_patch(Rectangle((x, y + BOX - EDGE), width, EDGE, facecolor=INK, edgecolor=INK, linewidth=0))
    axes.text(x + width / 2, y + (BOX - EDGE) / 2, text, fontsize=SIZE, ha="center", va="center_baseline")
    for line, loss in enumerate(losses):
        place = y + BOX + NOTE * (line + 0.5)
        axes.text(x + width / 2, place, loss, fontsize=NOTE_SIZE, ha="center", va="center")
