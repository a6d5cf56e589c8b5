"""Names in a chart of paths: beside what they name, and not over what else is drawn where there is room."""

import pytest
from matplotlib.path import Path
from matplotlib.text import Text

from course.viz.figures.path_names import name_paths, name_points
from course.viz.kit.layout import new_figure
from tests.support.drawn import overlapping


def new_axes(*lines):
    axes = new_figure(6.0, 3.0).add_axes((0.1, 0.1, 0.8, 0.8), xlim=(0, 10), ylim=(0, 10))
    for line in lines:
        axes.plot(*zip(*line, strict=True), marker="o")
    return axes


def covers(axes, text):
    axes.figure.canvas.draw()
    box = Text.get_window_extent(text)
    return any(
        Path(axes.transData.transform(line.get_xydata())).intersects_bbox(box, filled=False) for line in axes.lines
    )


@pytest.mark.parametrize(
    ("other", "side"),
    [([(0, 9.5), (9, 9.5)], "left"), ([(5.2, 0), (5.2, 10)], "right"), ([(3, 5), (9, 5.2)], "left")],
)
def test_a_name_covers_no_line_where_there_is_room(other, side):
    path = [(0, 1), (4, 5)]
    axes = new_axes(path, other)
    name_paths(axes, [path[-1]], ["a name"], ["red"])
    (text,) = axes.texts
    assert not covers(axes, text) and text.get_ha() == side


def test_without_other_lines_a_name_is_at_the_right_and_as_high():
    axes = new_axes([(0, 1), (4, 5)])
    name_paths(axes, [(4, 5)], ["a name"], ["red"])
    assert axes.texts[0].get_ha() == "left" and axes.texts[0].xyann == (16.0, 0.0)


def test_names_of_paths_that_end_together_are_apart():
    ends = [(4, 5), (4, 5.1), (4, 5.2), (4.1, 5)]
    axes = new_axes(*([(0, 1), end] for end in ends))
    name_paths(axes, ends, ["one", "two", "three", "four"], ["red"] * 4)
    assert overlapping(axes.figure) == []


def test_points_are_named_below_or_above_and_beside_the_axis():
    points = [(0, 3), (3, 5), (6, 7)]
    axes = new_axes(points, [(3, 4.2), (3.2, 4.2)])
    name_points(axes, points, ["1", "2", "4"], "red")
    at_axis, above, below = axes.texts
    assert above.xyann[1] > 0 > below.xyann[1] and overlapping(axes.figure) == []
    box = Text.get_window_extent(at_axis)
    assert box.x0 > axes.get_window_extent().x0
    assert not any(covers(axes, text) for text in axes.texts)
