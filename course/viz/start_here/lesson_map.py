"""The map of the course: every lesson, its prerequisites, whether it is available, and how far the learner is."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Protocol, runtime_checkable

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path

from course.messages import _
from course.viz.kit.layout import new_figure, shortened, wrapped
from course.viz.kit.style import INK, PAPER, QUIET, SKY, drawable, in_course_style, mixed
from course.viz.start_here.layered_graph import layered, reduced

BOX_WIDTH, BOX_HEIGHT, ROW, GAP, BEND = 1.86, 0.64, 0.94, 0.09, 0.3  # inches
SIZE, NOTE_SIZE = 9.0, 8.0  # points
NOTE = 0.08  # inches that a title goes up for a note below it


@runtime_checkable
class MappedLesson(Protocol):
    """What the map reads of a lesson: it is known by its slug, and `needs` are slugs."""

    slug: str
    number: int
    title: str
    needs: tuple[str, ...]
    available: bool


@in_course_style
def lesson_map(
    lessons: Sequence[MappedLesson], notes: Mapping[str, str] | None = None, *, title: str | None = None
) -> Figure:
    """The lessons from top to bottom, with an arrow from each lesson to those that need it.

    Available lessons are filled and have a solid frame; future ones are white and dashed. An arrow that other arrows
    imply is left out. `notes` are lines below the titles, by the lesson's slug: "questions 2 of 3".
    Raises `ValueError` when a lesson needs one that is not among `lessons`, or needs itself.
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
    title = title or _("The lessons and what each one builds on")
    axes.set_title(title)
    figure.set_label(_in_words(lessons, list(layout.edges), notes or {}, title))
    for (need, _lesson), xs in layout.edges.items():
        _arrow(axes, xs, layout.layer[need] * ROW)
    for lesson in lessons:
        note = (notes or {}).get(lesson.slug, "")
        _box(axes, lesson, note, layout.x[lesson.slug], layout.layer[lesson.slug] * ROW)
    there = sum(lesson.available for lesson in lessons)
    axes.text(
        left + 0.1,
        height - BOX_HEIGHT / 2 - 0.3,
        _("solid frame: there today, {there} of {all}    dashed: to come").format(there=there, all=len(lessons)),
        fontsize=10,
        va="center",
    )
    return figure


def _in_words(
    lessons: Sequence[MappedLesson], arrows: Sequence[tuple[Any, Any]], notes: Mapping[str, str], title: str
) -> str:
    """The map for whoever does not see it: the lessons that are there, and where the arrows lead, by number."""
    numbers = {lesson.slug: f"{lesson.number:02d}" for lesson in lessons}
    there = [
        f"{numbers[lesson.slug]} {lesson.title}" + (f" ({notes[lesson.slug]})" if lesson.slug in notes else "")
        for lesson in lessons
        if lesson.available
    ]
    after = {
        lesson.slug: [numbers[later] for need, later in arrows if need == lesson.slug]
        for lesson in sorted(lessons, key=lambda lesson: lesson.number)
    }
    leads = [
        _("{lesson} to {later}").format(lesson=numbers[slug], later=", ".join(sorted(later)))
        for slug, later in after.items()
        if later
    ]
    return _("Drawing: {title}. There today: {there}. Arrows lead from {arrows}.").format(
        title=title, there="; ".join(there) or "–", arrows="; ".join(leads) or "–"
    )


def _box(axes: Axes, lesson: MappedLesson, note: str, x: float, y: float) -> None:
    """One lesson: its number, its title, and the note below the title."""
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
    if note:
        note = shortened(axes.figure, drawable(note), NOTE_SIZE, BOX_WIDTH - 0.45)
        axes.text(x + 0.15, y + BOX_HEIGHT / 2 - 0.04, note, fontsize=NOTE_SIZE, ha="center", va="bottom", zorder=4)
        y -= NOTE
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
