"""The figures of the sweep, the frontier and the prediction have the records' numbers, in words too."""

import math

import numpy as np
import pytest

from course import trained
from course.scaling import parabolas
from course.viz.kit.alt_text import LONGEST, alt_text
from course.viz.scaling.frontier_figure import frontier_figure
from course.viz.scaling.own_laws import own_laws
from course.viz.scaling.prediction_figure import prediction_figure
from course.viz.scaling.sweep_figure import sweep_figure
from tests.support.drawn import overlapping
from tests.support.scaling_runs import LAW, foretold, scaling_runs, sweep, target


def marked(axes, marker):
    return [np.array(line.get_xydata())[0].tolist() for line in axes.lines if line.get_marker() == marker]


def course_figures():
    records = sweep()
    found = {f"sweep, {counting}": sweep_figure(records, counting=counting) for counting in ("all", "body")}
    found["frontier"] = frontier_figure(records, n_resamples=20)
    prediction, measured = (trained.record_of("scaling", name) for name in ("predict", "target"))
    return found | {"prediction": prediction_figure(prediction, records, measured)}


def test_the_figures_of_the_course_say_all_and_no_text_is_on_another():
    for name, figure in course_figures().items():
        assert overlapping(figure) == [], name
        assert 200 <= len(alt_text(figure)) <= LONGEST and "…" not in alt_text(figure), name


@pytest.mark.parametrize("counting", ["all", "without_lookup", "body"])
def test_a_line_for_each_budget_with_the_lowest_point_of_its_parabola(counting):
    records = scaling_runs()
    [axes] = sweep_figure(records, counting=counting).axes
    drawn = [line.get_xydata().tolist() for line in axes.lines if line.get_marker() == "o"]
    runs = sorted([one["counts"][counting], one["tests"]["held-out text"]["loss"]] for one in records)
    assert sorted(point for line in drawn for point in line) == runs
    wanted = [[one.parameters, one.loss] for one in parabolas(records, counting) if one.inside]
    np.testing.assert_allclose(marked(axes, "D"), wanted)


def test_a_parabola_that_is_lowest_outside_its_sizes_has_no_lowest_point():
    records = [one for one in scaling_runs() if one["flops"] == 1e13 and one["size"] != "d"]
    figure = sweep_figure(records)
    assert marked(figure.axes[0], "D") == [] and "parabola lowest" not in alt_text(figure)


def test_two_sizes_are_points_without_a_parabola():
    records = [one for one in scaling_runs() if one["size"] in "ab"]
    figure = sweep_figure(records)
    assert not [line for line in figure.axes[0].lines if line.get_marker() == "None"]


def test_the_frontier_says_the_exponent_with_its_interval():
    records = scaling_runs(0.01)
    figure = frontier_figure(records, counting="body", n_resamples=30, title="T")
    own = own_laws(records, "body", n_resamples=30)
    low, high = own.exponents
    words = alt_text(figure)
    assert f"a = {own.fit.law.size_exponent:.2f} [{low:.2f}, {high:.2f}]" in words and words.startswith("T.")
    assert f"by parabolas, a = {own.by_parabolas.exponent:.2f}." in words
    assert "30 resamples" in words and "blocks and norms" in words


def test_a_frontier_without_parabolas_says_nothing_of_them():
    few = [one for one in scaling_runs(0.01) if one["size"] in "ac"]
    assert "parabolas" not in alt_text(frontier_figure(few, n_resamples=5))


@pytest.mark.parametrize("draw", [sweep_figure, frontier_figure])
def test_another_count_is_refused(draw):
    with pytest.raises(ValueError, match=r"There is no counting 'some'\. There are: all"):
        draw(scaling_runs(), counting="some")


@pytest.mark.parametrize(
    ("losses", "said"),
    [((3.0,), "measured 3.00: inside"), ((3.3,), "measured 3.30: outside"), ((3.0, 3.3), "3.00, 3.30: 1 of 2 inside")],
)
def test_the_title_says_whether_the_target_is_inside(losses, said):
    targets = [target(loss, seed) for seed, loss in enumerate(losses)]
    figure = prediction_figure(foretold(), scaling_runs(0.01), *targets)
    assert said in figure.axes[0].get_title("left") and said in alt_text(figure)
    assert overlapping(figure) == []


def test_runs_of_the_law_are_on_the_line():
    figure = prediction_figure(foretold(), scaling_runs(), target(3.0))
    left, right = figure.axes
    places = np.array(left.collections[0].get_offsets())
    np.testing.assert_allclose(places[:, 0], places[:, 1])
    assert len(places) == 12 and places.min() > LAW.E
    np.testing.assert_allclose(np.array(right.collections[1].get_offsets())[:, 1], 0, atol=1e-9)


def test_a_prediction_without_a_target_is_refused():
    with pytest.raises(ValueError, match="There is no target"):
        prediction_figure(foretold(), scaling_runs())


@pytest.mark.parametrize("loss", [math.nan, math.inf, 0.0])
def test_a_target_that_went_wrong_is_not_drawn(loss):
    with pytest.raises(ValueError, match=f"the target's loss is {loss}; it must be a number above 0"):
        prediction_figure(foretold(), sweep(), target(loss))
