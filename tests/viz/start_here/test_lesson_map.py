"""The map of the lessons: every necessary arrow, none through a box, no overlaps, letters that one can read."""

import itertools
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.patches import FancyBboxPatch
from matplotlib.text import Text

from course.syllabus.lessons import LESSONS
from course.viz.kit.alt_text import LONGEST, alt_text
from course.viz.start_here.lesson_map import lesson_map
from course.viz.start_here.rails import rails, reduced
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


NEEDS = reduced({lesson.slug: lesson.needs for lesson in LESSONS})
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


def lines(figure):
    """The rails as drawn, in pixels: x and y of the corners, in the order of `rails`."""
    figure.canvas.draw()
    axes = figure.axes[0]
    return [axes.transData.transform(line.get_xydata()).T for line in axes.lines]


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


def test_each_arrow_ends_at_the_box_that_needs_the_one_where_it_begins(figure):
    frames = boxes(figure)
    slugs = [lesson.slug for lesson in LESSONS]
    rows = [(frame.y0, frame.y1) for frame in frames]

    def row_at(y):
        return next(number for number, (low, high) in enumerate(rows) if low < y < high)

    drawn = []
    for rail, (x, y) in zip(rails(NEEDS), lines(figure), strict=True):
        into = [at for left, at in zip(x, y, strict=True) if left == max(x[1:])]
        assert x[0] == pytest.approx(frames[0].x0, abs=1.5)
        assert row_at(y[0]) == rail.start
        drawn += [(slugs[row_at(y[0])], slugs[row_at(end)]) for end in into]
    assert sorted(drawn) == sorted((need, slug) for slug, direct in NEEDS.items() for need in direct)


def test_lines_run_beside_the_boxes_and_no_two_lie_on_each_other(figure):
    upright, level, left = [], [], boxes(figure)[0].x0
    for x, y in lines(figure):
        for (x0, y0), (x1, y1) in itertools.pairwise(zip(x, y, strict=True)):
            if not np.isnan([y0, y1]).any():
                assert max(x0, x1) <= left + 1.5
                assert x0 == pytest.approx(x1) or y0 == pytest.approx(y1)
                (upright if x0 == pytest.approx(x1) else level).append((x0, x1, *sorted((y0, y1))))
    for one, other in itertools.combinations(upright, 2):
        assert abs(one[0] - other[0]) > 8 or one[2] >= other[3] or other[2] >= one[3]
    heights = sorted(one[2] for one in level)
    assert all(above - below > 5 for below, above in itertools.pairwise(heights))


def test_it_is_read_on_a_page_of_700_pixels(figure):
    """There an output is 540 pixels wide; a wider figure shrinks to that, and its letters with it."""
    shrinks = min(1, 540 / (100 * figure.get_size_inches()[0]))
    sizes = [text.get_fontsize() * 100 / 72 for text in figure.findobj(Text) if text.get_text()]
    assert min(sizes) * shrinks >= 11


def test_titles_are_whole(figure):
    assert {lesson.title for lesson in LESSONS} <= set(dict(written(figure)))


def test_lessons_there_differ_by_more_than_color():
    figure = lesson_map(course({0, 2}))
    boxes = [patch for patch in figure.axes[0].patches if isinstance(patch, FancyBboxPatch)]
    assert [place for place, box in enumerate(boxes) if box.get_linestyle() == "-"] == [0, 2]
    assert f"solid frame: there today, 2 of {len(LESSONS)}    dashed: to come" in dict(written(figure))
    assert not any("✓" in text for text, _box in written(figure)), "it means passed, elsewhere"


def test_a_note_is_on_the_line_of_its_lesson():
    texts = dict(written(lesson_map(course({0, 2}), {"tokenization": "questions 2 of 3", "gpt": "x" * 90})))
    title, note = texts["Tokenization"], texts["questions 2 of 3"]
    assert note.x0 > title.x1 and (note.y0 + note.y1) / 2 == pytest.approx((title.y0 + title.y1) / 2, abs=3)
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
def test_rails_in_a_lane_never_overlap_and_lead_to_all_that_need_their_start(needs):
    needs = reduced(needs)
    found = rails(needs)
    assert {(rail.start, end) for rail in found for end in rail.ends} == {
        (need, node) for node, direct in needs.items() for need in direct
    }
    for one, other in itertools.combinations(found, 2):
        if one.lane == other.lane:
            assert one.last <= other.first or other.last <= one.first
    assert {rail.lane for rail in found} == set(range(len({rail.lane for rail in found})))
