"""The reliability diagram draws the numbers of its bins, and has words for them."""

import numpy as np
import pytest

from course.evaluation import Reliability, reliability
from course.intervals import share
from course.viz.figures import reliability_diagram
from course.viz.kit.alt_text import alt_text
from tests.support.drawn import overlapping

PROBABILITIES = np.array([0.55, 0.62, 0.65, 0.9, 0.95, 0.97])
CAME_TRUE = np.array([False, True, False, True, True, True])


@pytest.mark.parametrize("bins", ["width", "mass"])
def test_points_and_bars_are_the_bins(bins):
    found = reliability(CAME_TRUE, PROBABILITIES, n_bins=4, bins=bins)
    figure = reliability_diagram(found, title="Too sure")
    axes, below = figure.axes
    filled = found.counts > 0
    np.testing.assert_array_equal(axes.lines[1].get_xdata(), found.probability[filled])
    np.testing.assert_array_equal(axes.lines[1].get_ydata(), found.came_true[filled])
    assert [bar.get_height() for bar in below.patches] == found.counts.tolist()
    assert overlapping(figure) == []


def test_each_point_has_the_interval_of_its_share():
    found = reliability(CAME_TRUE, PROBABILITIES, n_bins=4)
    (points,) = (each for each in reliability_diagram(found, title="Too sure").axes[0].containers)
    (bars,) = points.lines[2]
    ends = [tuple(segment[:, 1]) for segment in bars.get_segments()]
    filled = found.counts > 0
    wanted = [
        share(right, n) for right, n in zip((found.came_true * found.counts)[filled], found.counts[filled], strict=True)
    ]
    np.testing.assert_allclose(ends, [(one.low, one.high) for one in wanted])


def test_it_has_words():
    words = alt_text(reliability_diagram(reliability(CAME_TRUE, PROBABILITIES), title="Too sure", of="right"))
    assert "Too sure" in words and "as it came true" in words and "probability that the model gives" in words


def test_nothing_to_draw_is_said():
    nothing = Reliability(np.array([np.nan]), np.array([np.nan]), np.array([0]), np.array([0.0, 1.0]))
    with pytest.raises(ValueError, match="no bin has an item"):
        reliability_diagram(nothing, title="Nothing")
