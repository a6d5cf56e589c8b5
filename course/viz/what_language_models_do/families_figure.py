"""BERT, GPT and the Transformer in one picture: their blocks, and what each position can see."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from course.messages import _
from course.viz.kit.alt_text import at_most
from course.viz.kit.large_numbers import short_number
from course.viz.kit.layout import new_figure, shortened
from course.viz.kit.style import BLUE, INK, PAPER, QUIET, drawable, in_course_style
from course.viz.what_language_models_do.families import Family, Grid, families

WIDTH, HEIGHT = 8.0, 4.15  # inches
GRID, GAP, LEFT = 1.07, 0.4, 0.35
BETWEEN = 0.6  # inches from one family to the next
TOP, BOX_TOP, BOX, GRID_TOP = 0.95, 1.62, 0.46, 2.55  # from the upper edge
SEEN = ListedColormap([PAPER, BLUE])


@in_course_style
def families_figure(shown: Sequence[Family] | None = None, *, title: str | None = None) -> Figure:
    """A column for each family: its blocks, counted, and a grid of what each position depends on, measured.

    Without `shown` it is the three families of `families`, whose models are loaded for it. Raises `ValueError` for no
    family, one without a stack or a grid, and more grids than the figure is wide.
    """
    found = families() if shown is None else tuple(shown)
    _require_drawable(found)
    figure = new_figure(WIDTH, HEIGHT)
    heading = _("Who sees what") if title is None else title
    heading = shortened(figure, drawable(heading), 14.0, WIDTH - 2 * LEFT, "bold")
    figure.text(LEFT / WIDTH, 1 - 0.38 / HEIGHT, heading, fontsize=14, fontweight="bold", va="center")
    left = LEFT
    for family in found:
        width = len(family.grids) * (GRID + GAP) - GAP
        _name(figure, family, left, width)
        _stacks(figure, family, left, width)
        for place, grid in enumerate(family.grids):
            _grid(figure, grid, left + place * (GRID + GAP))
        left += width + BETWEEN
    figure.set_label(at_most("\n".join([heading, *map(_in_words, found)])))
    return figure


def _require_drawable(found: Sequence[Family]) -> None:
    if not found:
        raise ValueError(_("There is no family to show. Give one or more."))
    for family in found:
        if not family.stacks or not family.grids:
            raise ValueError(
                _("{name!r} has no stack of blocks or no grid: a column needs both.").format(name=family.name)
            )
    width = LEFT + sum(len(family.grids) * (GRID + GAP) - GAP + BETWEEN for family in found) - BETWEEN
    if width > WIDTH:
        raise ValueError(
            _("{n} families with {grids} grids need {width:.1f} inches of {limit:.1f}: show fewer at once.").format(
                n=len(found), grids=sum(len(family.grids) for family in found), width=width, limit=WIDTH
            )
        )


def _name(figure: Figure, family: Family, left: float, width: float) -> None:
    name = shortened(figure, drawable(family.name), 12.0, width + GAP, "bold")
    model = _("{name}, {size}").format(name=family.model, size=short_number(family.parameters))
    model = shortened(figure, drawable(model), 9.5, width + GAP)
    figure.text(left / WIDTH, 1 - TOP / HEIGHT, name, fontsize=12, fontweight="bold", va="center")
    figure.text(left / WIDTH, 1 - (TOP + 0.26) / HEIGHT, model, fontsize=9.5, color=QUIET, va="center")


def _stacks(figure: Figure, family: Family, left: float, width: float) -> None:
    """A box for each stack of blocks; an arrow from the first to the second."""
    axes = figure.add_axes((left / WIDTH, 1 - (BOX_TOP + BOX) / HEIGHT, width / WIDTH, BOX / HEIGHT))
    axes.set_axis_off()
    axes.set(xlim=(0, width), ylim=(0, BOX))
    n, between = len(family.stacks), 0.4
    box = (width - (n - 1) * between) / n
    for place, (name, blocks) in enumerate(family.stacks.items()):
        x = place * (box + between)
        style = "round,pad=0,rounding_size=0.06"
        axes.add_patch(FancyBboxPatch((x + 0.01, 0.02), box - 0.02, BOX - 0.04, style, fill=False, edgecolor=INK))
        label = shortened(figure, f"{drawable(name)} × {blocks}", 10.0, box)
        axes.text(x + box / 2, BOX / 2, label, ha="center", va="center", fontsize=10)
        if place:
            axes.annotate("", (x, BOX / 2), (x - between, BOX / 2), arrowprops={"arrowstyle": "->", "color": INK})


def _grid(figure: Figure, grid: Grid, left: float) -> None:
    axes: Axes = figure.add_axes((left / WIDTH, 1 - (GRID_TOP + GRID) / HEIGHT, GRID / WIDTH, GRID / HEIGHT))
    n, m = grid.seen.shape
    axes.imshow(grid.seen.numpy(), cmap=SEEN, vmin=0, vmax=1, aspect="auto")
    axes.set_xticks([place - 0.5 for place in range(1, m)], [])
    axes.set_yticks([place - 0.5 for place in range(1, n)], [])
    axes.tick_params(length=0)
    axes.grid(True, color=QUIET, linewidth=0.6)
    for side in axes.spines.values():
        side.set(visible=True, color=QUIET)
    axes.set_ylabel(grid.rows, fontsize=9)
    axes.set_xlabel("\n".join(_halves(grid.columns)), fontsize=9)


def _halves(text: str) -> list[str]:
    """The text in two lines, cut at the space nearest to its middle."""
    places = [place for place, character in enumerate(text) if character == " "]
    if not places:
        return [text]
    middle = min(places, key=lambda place: abs(place - len(text) / 2))
    return [text[:middle], text[middle + 1 :]]


def _in_words(family: Family) -> str:
    stacks = ", ".join(f"{name} × {blocks}" for name, blocks in family.stacks.items())
    grids = "; ".join(f"{grid.rows} {grid.columns}: {_pattern(grid)}" for grid in family.grids)
    return _("{name} ({model}): {stacks}. {grids}.").format(
        name=family.name, model=family.model, stacks=stacks, grids=grids
    )


def _pattern(grid: Grid) -> str:
    if grid.seen.all():
        return _("all")
    if bool((grid.seen == grid.seen.tril()).all()) and bool(grid.seen.tril().sum() == grid.seen.sum()):
        return _("itself and those before")
    return _("{n} of {all}").format(n=int(grid.seen.sum()), all=grid.seen.numel())
