"""Log-ratios over the training: means, bands that say what they are, and the fall of the chosen answers."""

import math

import numpy as np
import pytest

from course.viz import figures
from tests.support.drawn import overlapping, written

STEPS = [0, 10, 20]
FALLING = np.array([[0.0, -1.0, -2.0], [0.0, -2.0, -4.0], [0.0, 0.0, -9.0]])


def texts(figure):
    return " | ".join(text for text, _box in written(figure))


def test_lines_are_means_of_the_pairs():
    axes = figures.log_ratio_history(STEPS, FALLING, 2 * FALLING, title="t").axes[0]
    lines = [line.get_ydata().tolist() for line in axes.lines if len(line.get_ydata()) == 3]
    assert lines == [[0.0, -1.0, -5.0], [0.0, -2.0, -10.0]]


def test_the_band_is_the_middle_half_of_the_pairs_or_a_deviation_of_the_seeds():
    table = np.arange(9.0)[:, None] * np.ones(3)
    for rows, low, high in (("pairs", 2.0, 6.0), ("seeds", 4 - table[:, 0].std(ddof=1), 4 + table[:, 0].std(ddof=1))):
        figure = figures.log_ratio_history(STEPS, table, table - 20, title="t", rows=rows)
        heights = figure.axes[0].collections[0].get_paths()[0].vertices[:, 1]
        assert (heights.min(), heights.max()) == pytest.approx((low, high))
        assert ("middle half" if rows == "pairs" else "standard deviation over 9 seeds") in texts(figure)
    alone = figures.log_ratio_history(STEPS, table[0], table[0], title="t")
    assert "Band" not in texts(alone) and not alone.axes[0].collections


@pytest.mark.parametrize(("scale", "told"), [(1.0, True), (-1.0, False), (0.0, False)])
def test_a_falling_chosen_line_is_pointed_out(scale, told):
    figure = figures.log_ratio_history(STEPS, scale * FALLING, scale * FALLING - 1, title="t")
    assert ("become less probable" in texts(figure)) == told
    assert overlapping(figure) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], [], []), "one step or more"),
        ((STEPS, [0.0, 1.0], [0.0, 1.0, 2.0]), r"The chosen log-ratios have the shape \(1, 2\); 3 steps need"),
        ((STEPS, FALLING, [0.0, math.nan, 2.0]), "A rejected log-ratio is nan"),
    ],
)
def test_what_cannot_be_drawn_is_one_sentence(arguments, message):
    with pytest.raises(ValueError, match=message):
        figures.log_ratio_history(*arguments, title="t")
    with pytest.raises(ValueError, match="rows is 'tokens'; give one of 'pairs', 'seeds'"):
        figures.log_ratio_history(STEPS, FALLING, FALLING, title="t", rows="tokens")
