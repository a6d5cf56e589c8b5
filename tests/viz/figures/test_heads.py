"""The grid of heads: every number in its cell, frames where requested, no overlaps."""

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from course.viz.figures.heads import head_grid
from tests.support.drawn import overlapping, written

VALUES = np.random.default_rng(0).normal(0, 2.5, (6, 12))
LAYERS = [f"layer {number}" for number in range(6)]


def grid(**more):
    return head_grid(VALUES, LAYERS, title="Heads that follow the last word", label="t-value", **more)


@pytest.mark.slow
def test_every_number_is_written_and_no_text_lies_over_another():
    figure = grid(marked={(3, 1)})
    assert overlapping(figure) == []
    texts = [text for text, _box in written(figure)]
    assert {f"{value:.1f}".replace("-", "−").replace("−0.0", "0.0") for value in VALUES.flat} <= set(texts)
    assert {"layer 0", "layer 5", "head", "t-value", "Heads that follow the last word"} <= set(texts)
    assert figure.get_facecolor() == (1, 1, 1, 1)


def test_long_names_and_few_heads_have_room():
    names = ["decoder 0: to the letters", "decoder 1: written so far"]
    figure = head_grid(
        [[8.0, 123.4], [9.0, 7.5]], names, title="Error rate without one head", label="error rate, %", center=8.2
    )
    assert overlapping(figure) == []
    edges = figure.get_window_extent()
    assert all(box.x0 >= edges.x0 and box.x1 <= edges.x1 for _text, box in written(figure))


def test_marked_heads_are_framed():
    frames = [patch for patch in grid(marked={(3, 1), (0, 2)}).axes[0].patches if isinstance(patch, Rectangle)]
    assert sorted((round(f.get_y() + 0.44), round(f.get_x() + 0.46)) for f in frames) == [(0, 2), (3, 1)]


def test_the_center_is_white_and_the_two_sides_differ():
    image = head_grid([[1.0, 5.0, 9.0]], ["a"], title="t", label="l", center=5.0).axes[0].images[0]
    low, middle, high = image.cmap(image.norm([1.0, 5.0, 9.0]))
    assert min(middle[:3]) > 0.95 and low[0] > low[2] and high[2] > high[0]


def test_a_head_that_is_not_there_is_left_empty():
    texts = [text for text, _box in written(head_grid([[1.0, np.nan, 2.0]], ["a"], title="t", label="l"))]
    assert "nan" not in texts


def test_a_wrong_shape_is_named():
    with pytest.raises(ValueError, match=r"2 layers need values of the shape \(2, heads\), not \(6, 12\)"):
        head_grid(VALUES, LAYERS[:2], title="t", label="l")
