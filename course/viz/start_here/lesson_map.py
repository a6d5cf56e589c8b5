"""The map of the course: every lesson, its prerequisites, and whether it is available."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol, runtime_checkable

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path

from course.messages import _
from course.viz.kit.layout import new_figure, wrapped
from course.viz.kit.style import INK, PAPER, QUIET, SKY, drawable, in_course_style, mixed
from course.viz.start_here.layered_graph import layered, reduced

BOX_WIDTH, BOX_HEIGHT, ROW, GAP, BEND = 1.86, 0.48, 0.82, 0.12, 0.3  # inches
SIZE = 9.0  # points


@runtime_checkable
class MappedLesson(Protocol):
    """What the map reads of a lesson: it is known by its slug, and `needs` are slugs."""

    slug: str
    number: int
    title: str
    needs: tuple[str, ...]
    available: bool


@in_course_style
def lesson_map(lessons: Sequence[MappedLesson], *, title: str | None = None) -> Figure:
    """The lessons from top to bottom, with an arrow from each lesson to those that need it.

    Available lessons are bold, filled, in a solid frame; future ones are white, in a dashed one. No sign of a check
    marks them: ✓ means a passed exercise elsewhere. An arrow that other arrows
    imply is left out. Raises `ValueError` when a lesson needs one that is not among `lessons`, or needs itself.
    """
    layout = layered(reduced({lesson.slug: lesson.needs for lesson in lessons}), width=BOX_WIDTH + GAP, bend_width=BEND)
    places = [x for edge in layout.edges.values() for x in edge] + list(layout.x.values())
    left, right = min(places) - BOX_WIDTH / 2 - 0.1, max(places) + BOX_WIDTH / 2 + 0.1
    height = ROW * (1 + max(layout.layer.values())) + 0.45
    figure = new_figure(right - left, height)
    axes = figure.add_axes(
        (0, 0, 1, 1), xlim=(left, right), ylim=(height - BOX_HEIGHT / 2 - 0.1, -BOX_HEIGHT / 2 - 0.1)
    )
    axes.set_axis_off()
    axes.set_title(title or _("The lessons and what each one builds on"))
    for (need, _lesson), xs in layout.edges.items():
        _arrow(axes, xs, layout.layer[need] * ROW)
    for lesson in lessons:
        _box(axes, lesson, layout.x[lesson.slug], layout.layer[lesson.slug] * ROW)
    there = sum(lesson.available for lesson in lessons)
    axes.text(
        left + 0.1,
        height - BOX_HEIGHT / 2 - 0.3,
        _("Solid frame: here today, {there} of {all}. Dashed: to come.").format(there=there, all=len(lessons)),
        fontsize=10,
        va="center",
    )
    return figure


def _box(axes: Axes, lesson: MappedLesson, x: float, y: float) -> None:
    """One lesson: its number and its title, in a solid frame when it is available."""
    axes.add_patch(
        FancyBboxPatch(
            (x - BOX_WIDTH / 2, y - BOX_HEIGHT / 2),
            BOX_WIDTH,
            BOX_HEIGHT,
            boxstyle="round,pad=0,rounding_size=0.06",
            facecolor=mixed(SKY, 0.4) if lesson.available else PAPER,
            edgecolor=INK if lesson.available else QUIET,
            linewidth=1.8 if lesson.available else 1.0,
            linestyle="-" if lesson.available else (0, (4, 2)),
            zorder=3,
        )
    )
    weight = "bold" if lesson.available else "normal"
    title = wrapped(axes.figure, drawable(lesson.title), SIZE, BOX_WIDTH - 0.45, weight)
    number = f"{lesson.number:02d}"
    axes.text(x - BOX_WIDTH / 2 + 0.07, y, number, fontsize=SIZE, fontweight=weight, va="center", zorder=4)
    axes.text(x + 0.15, y, title, fontsize=SIZE, fontweight=weight, ha="center", va="center", zorder=4)


def _arrow(axes: Axes, xs: Sequence[float], y: float) -> None:
    """An arrow down through the positions `xs`, one per layer: straight beside boxes, bending between layers."""
    half, points, codes = BOX_HEIGHT / 2, [(xs[0], y + BOX_HEIGHT / 2)], [Path.MOVETO]
    for row, (above, below) in enumerate(pairwise(xs)):
        top, bottom = y + row * ROW + half, y + (row + 1) * ROW - half
        middle = (top + bottom) / 2
        points += [(above, middle), (below, middle), (below, bottom)]
        codes += [Path.CURVE4] * 3
        if row < len(xs) - 2:  # past the boxes of a layer in between
            points.append((below, bottom + BOX_HEIGHT))
            codes.append(Path.LINETO)
    axes.add_patch(
        FancyArrowPatch(
            path=Path(points, codes),
            arrowstyle="-|>",
            mutation_scale=11,
            color=QUIET,
            linewidth=1.2,
            shrinkA=0,
            shrinkB=0,
        )
    )
