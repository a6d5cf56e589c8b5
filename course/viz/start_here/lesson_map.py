"""The map of the course: every lesson, its prerequisites, whether it is available, and how far the learner is."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Polygon
from matplotlib.patheffects import withStroke

from course.messages import _
from course.viz.kit.layout import new_figure, shortened, text_width
from course.viz.kit.style import INK, PAPER, QUIET, SKY, UNNAMED, drawable, in_course_style, mixed
from course.viz.start_here.rails import Rail, rails, reduced

BOX_WIDTH, BOX_HEIGHT, ROW, LANE, MARGIN = 4.3, 0.27, 0.35, 0.15, 0.08  # inches
PORT, STEP, ARROW = 0.06, 0.07, 0.08  # inches: lines leave below a box's middle and come in above it, `STEP` apart
SIZE, NOTE_SIZE = 9.5, 8.5  # points


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
    """The lessons, one below the other, with a rail at the left from each lesson to those that need it.

    Available lessons are filled and have a solid frame; future ones are white and dashed. An arrow that other arrows
    imply is left out. `notes` are at the end of a lesson's line, by its slug: "questions 2 of 3". The figure is narrow
    enough for a page of 700 pixels, which shows its letters as large as they are.
    Raises `ValueError` when a lesson needs one that is not among `lessons`, or needs itself.
    """
    needs = reduced({lesson.slug: lesson.needs for lesson in lessons})
    lines = rails(needs)
    left = -LANE * (1.5 + max((rail.lane for rail in lines), default=0)) - MARGIN
    top, bottom = -ROW / 2 - MARGIN, ROW * (len(lessons) + 0.5)
    figure = new_figure(BOX_WIDTH + MARGIN - left, bottom - top + 0.4)
    share = (bottom - top) / (bottom - top + 0.4)  # the rest is the title's
    axes = figure.add_axes((0, 0, 1, share), xlim=(left, BOX_WIDTH + MARGIN), ylim=(bottom, top))
    axes.set_axis_off()
    title = title or _("The lessons and what each one builds on")
    axes.text(left + MARGIN, top, title, fontsize=13, fontweight="bold", va="bottom")
    figure.set_label(_in_words(lessons, needs, notes or {}, title))
    for number, rail in enumerate(lines):
        _rail(axes, rail, [_port(lines, rail, row) for row in rail.ends], UNNAMED[number % len(UNNAMED)])
    for row, lesson in enumerate(lessons):
        _box(axes, lesson, (notes or {}).get(lesson.slug, ""), row * ROW)
    there = sum(lesson.available for lesson in lessons)
    axes.text(
        left + MARGIN,
        ROW * len(lessons),
        _("solid frame: there today, {there} of {all}    dashed: to come").format(there=there, all=len(lessons)),
        fontsize=NOTE_SIZE,
        va="center",
    )
    return figure


def _in_words(
    lessons: Sequence[MappedLesson], needs: Mapping[Any, Sequence[Any]], notes: Mapping[str, str], title: str
) -> str:
    """The map for whoever does not see it: the lessons that are there, and where the arrows lead, by number."""
    numbers = {lesson.slug: f"{lesson.number:02d}" for lesson in lessons}
    there = [
        f"{numbers[lesson.slug]} {lesson.title}" + (f" ({notes[lesson.slug]})" if lesson.slug in notes else "")
        for lesson in lessons
        if lesson.available
    ]
    after = {
        lesson.slug: [numbers[later] for later, direct in needs.items() if lesson.slug in direct]
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


def _box(axes: Axes, lesson: MappedLesson, note: str, y: float) -> None:
    """One lesson on a line: its number, its title, and the note at the end."""
    axes.add_patch(
        FancyBboxPatch(
            (0, y - BOX_HEIGHT / 2),
            BOX_WIDTH,
            BOX_HEIGHT,
            boxstyle="round,pad=0,rounding_size=0.06",
            facecolor=mixed(SKY, 0.4) if lesson.available else PAPER,
            edgecolor=INK if lesson.available else QUIET,
            linewidth=1.6 if lesson.available else 1.0,
            linestyle="-" if lesson.available else (0, (4, 2)),
            zorder=3,
        )
    )
    figure, end = axes.figure, BOX_WIDTH - 0.08
    if note:
        note = shortened(figure, drawable(note), NOTE_SIZE, BOX_WIDTH / 3)
        axes.text(end, y, note, fontsize=NOTE_SIZE, ha="right", va="center", zorder=4)
        end -= text_width(figure, note, NOTE_SIZE) + 0.1
    axes.text(0.08, y, f"{lesson.number:02d}", fontsize=SIZE, fontweight="bold", va="center", zorder=4)
    name = shortened(figure, drawable(lesson.title), SIZE, end - 0.36)
    axes.text(0.36, y, name, fontsize=SIZE, va="center", zorder=4)


def _port(lines: Sequence[Rail], rail: Rail, row: int) -> float:
    """The height at which a rail comes into the box of a row: of several the inner ones above, so that none crosses."""
    coming = sorted(other.lane for other in lines if row in other.ends)
    return row * ROW - PORT + STEP * (coming.index(rail.lane) - (len(coming) - 1) / 2)


def _rail(axes: Axes, rail: Rail, ports: Sequence[float], color: str) -> None:
    """Out of a box's left side, along the lane, and into each box that needs it, at the heights `ports`.

    Outer lanes are drawn first, and a line that crosses another has a white edge: it passes over it.
    """
    x, start, order = -LANE * (rail.lane + 1.5), rail.start * ROW + PORT, 2 - 0.01 * rail.lane
    far = max(ports, key=lambda y: abs(y - start))
    line = [(0, start), (x, start), (x, far)]
    for y in ports:
        line += [(x, np.nan), (x, y), (-ARROW / 2, y)]
    edge = [withStroke(linewidth=4.0, foreground=PAPER)]
    axes.plot(*zip(*line, strict=True), color=color, linewidth=1.5, path_effects=edge, zorder=order)
    for y in ports:
        corners = [(-ARROW, y - ARROW / 2), (0, y), (-ARROW, y + ARROW / 2)]
        axes.add_patch(Polygon(corners, facecolor=color, edgecolor=color, linewidth=0.5, zorder=order))
