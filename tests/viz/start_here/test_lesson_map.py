"""The map of the lessons: every necessary arrow, none through a box, no overlaps."""

import itertools
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from course.syllabus.lessons import LESSONS
from course.viz.kit.alt_text import LONGEST, alt_text
from course.viz.start_here.layered_graph import layered, reduced
from course.viz.start_here.lesson_map import lesson_map
from tests.support.drawn import overlapping, written


@dataclass(frozen=True)
class Lesson:
    slug: str
    number: int
    title: str
    needs: tuple[str, ...] = ()
    available: bool = False


def course(available: set[int]) -> list[Lesson]:
    return [
        Lesson(lesson.slug, lesson.number, lesson.title, lesson.needs, lesson.number in available) for lesson in LESSONS
    ]


NOTES = {lesson.slug: "questions 12 of 13" for lesson in LESSONS}


@pytest.fixture(
    scope="module",
    params=[({0, 2}, None), (set(range(20)), NOTES), (set(), NOTES)],
    ids=["two", "all, with notes", "none, with notes"],
)
def figure(request):
    available, notes = request.param
    return lesson_map(course(available), notes)


def boxes(figure):
    figure.canvas.draw()
    return [patch.get_window_extent() for patch in figure.axes[0].patches if isinstance(patch, FancyBboxPatch)]


def within(inner, outer):
    return outer.x0 <= inner.x0 and inner.x1 <= outer.x1 and outer.y0 <= inner.y0 and inner.y1 <= outer.y1


def test_boxes_lie_apart(figure):
    assert len(boxes(figure)) == len(LESSONS)
    assert not [pair for pair in itertools.combinations(boxes(figure), 2) if pair[0].overlaps(pair[1])]


@pytest.mark.slow
def test_texts_lie_apart_and_inside_their_boxes(figure):
    assert overlapping(figure) == []
    frames = boxes(figure)
    inside = [any(within(text, frame) for frame in frames) for _text, text in written(figure)]
    assert inside.count(False) == 2  # the title and the legend


def test_arrows_run_between_the_rows_and_straight_down_beside_boxes(figure):
    axes = figure.axes[0]
    frames = boxes(figure)
    rows = {(round(box.y0), round(box.y1)) for box in frames}
    arrows = [patch for patch in axes.patches if isinstance(patch, FancyArrowPatch)]
    assert len(arrows) == sum(map(len, reduced({lesson.slug: lesson.needs for lesson in LESSONS}).values()))
    for arrow in arrows:
        [curve] = axes.transData.transform_path(arrow._path_original).to_polygons(closed_only=False)  # in pixels
        for (x0, y0), (x1, y1) in itertools.pairwise(curve):
            x, y = (x0 + x1) / 2, (y0 + y1) / 2
            assert not [box for box in frames if box.padded(-2).contains(x, y)]
            if any(low + 2 < y < high - 2 for low, high in rows):
                assert x0 == pytest.approx(x1)


def test_it_fits_a_notebook_page(figure):
    assert figure.get_size_inches()[0] <= 10.5


def test_lessons_there_differ_by_more_than_color():
    figure = lesson_map(course({0, 2}))
    boxes = [patch for patch in figure.axes[0].patches if isinstance(patch, FancyBboxPatch)]
    assert [place for place, box in enumerate(boxes) if box.get_linestyle() == "-"] == [0, 2]
    assert f"solid frame: there today, 2 of {len(LESSONS)}    dashed: to come" in dict(written(figure))
    assert not any("✓" in text for text, _box in written(figure)), "it means passed, elsewhere"


def test_a_note_is_below_its_lesson():
    texts = dict(written(lesson_map(course({0, 2}), {"tokenization": "questions 2 of 3", "gpt": "x" * 90})))
    title, note = texts["Tokenization"], texts["questions 2 of 3"]
    assert note.y1 <= title.y0 and (note.x0 + note.x1) / 2 == pytest.approx((title.x0 + title.x1) / 2, abs=1)
    assert any(text.startswith("xxx") and text.endswith("…") for text in texts)


def test_its_words_are_the_lessons_there_and_the_arrows():
    words = alt_text(lesson_map(course({0, 2}), {"tokenization": "questions 2 of 3"}, title="T"))
    assert words.startswith(
        "Drawing: T. There today: 00 Start here; 02 Tokenization (questions 2 of 3). "
        "Arrows lead from 00 to 01, 02; 02 to 03; 03 to 04; 04 to 05; 05 to 06; 06 to 07, 08;"
    )
    assert len(alt_text(lesson_map(course(set(range(7))), NOTES))) <= LONGEST


def test_implied_arrows_are_left_out():
    assert reduced({1: [], 2: [1], 3: [1, 2]}) == {1: [], 2: [1], 3: [2]}


def test_circles_and_strangers_are_named():
    with pytest.raises(ValueError, match="1 needs itself, over 1 → 2"):
        reduced({1: [2], 2: [1]})
    with pytest.raises(ValueError, match="2 needs 9, which is not there"):
        reduced({2: [9]})


@st.composite
def courses(draw):
    size = draw(st.integers(1, 14))
    return {n: draw(st.lists(st.integers(0, n - 1), unique=True, max_size=3)) if n else [] for n in range(size)}


@pytest.mark.slow
@given(courses())
def test_any_course_is_laid_out_from_top_to_bottom_without_overlap(needs):
    needs = reduced(needs)
    layout = layered(needs, width=2.0, bend_width=0.5)
    for node, direct in needs.items():
        assert all(layout.layer[need] < layout.layer[node] for need in direct)
    rows = {}
    for node, layer in layout.layer.items():
        rows.setdefault(layer, []).append((layout.x[node], 2.0))
    for (need, _node), places in layout.edges.items():
        for step, x in enumerate(places[1:-1], 1):
            rows[layout.layer[need] + step].append((x, 0.5))
    for row in rows.values():
        for (x, width), (other, other_width) in itertools.pairwise(sorted(row)):
            assert other - x >= (width + other_width) / 2 - 1e-6
