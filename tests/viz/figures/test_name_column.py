"""Names keep their order and their distance, and move no more than they have to."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.viz.figures.name_column import spread


@given(st.lists(st.floats(0, 10), min_size=1, max_size=11), st.floats(0.1, 1.0))
def test_names_are_apart_in_order_and_inside(heights, gap):
    heights = np.array(heights)
    places = spread(heights, gap, 0.0, 10.0)
    ordered = places[np.argsort(heights, kind="stable")]
    assert (np.diff(ordered) >= gap - 1e-9).all()
    assert ordered[0] >= -1e-9 and ordered[-1] <= 10 + 1e-9


def test_names_that_have_room_stay_and_those_that_touch_move_alike():
    assert spread(np.array([1.0, 5.0, 3.0]), 1.0, 0.0, 9.0).tolist() == [1.0, 5.0, 3.0]
    assert spread(np.array([4.0, 4.0, 8.0]), 1.0, 0.0, 9.0).tolist() == pytest.approx([3.5, 4.5, 8.0])


def test_without_room_they_are_evenly_apart():
    assert spread(np.array([5.0, 5.0, 5.0]), 9.0, 0.0, 10.0).tolist() == [0.0, 5.0, 10.0]
