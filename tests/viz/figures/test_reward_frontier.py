"""Rewards over √KL: paths are means over seeds in both directions, and every method is named."""

import math

import numpy as np
import pytest

from course.viz import figures
from course.viz.kit.alt_text import alt_text
from tests.support.drawn import written

PPO = {"kl": [[0.0, 1.0, 4.0], [0.0, 4.0, 9.0]], "proxy": [[0.0, 1.0, 3.0], [0.0, 2.0, 5.0]]}
PPO["gold"] = [[0.0, math.nan, 2.0], [0.0, math.nan, 1.0]]
DPO = {"kl": [1.0, 4.0], "gold": [0.5, 1.5]}


def lines_of(axes):
    return [line.get_xydata().tolist() for line in axes.lines if len(line.get_xydata()) > 1]


def test_points_are_means_over_the_seeds_at_the_mean_of_the_roots():
    proxy, gold = figures.reward_frontier({"PPO": PPO, "DPO": DPO}, title="t").axes
    assert lines_of(proxy)[0] == [[0.0, 0.0], [1.5, 1.5], [2.5, 4.0]]
    assert [0.0, 0.0] in lines_of(gold)[0] and lines_of(gold)[0][-1] == [2.5, 1.5]
    assert len(lines_of(gold)[0]) == 2, "what was not measured is no point"
    assert [[1.0, 0.5], [2.0, 1.5]] in lines_of(gold)


def test_a_measure_has_a_panel_and_only_the_methods_that_have_it():
    figure = figures.reward_frontier({"PPO": PPO, "DPO": DPO}, title="Title", ylabels={"gold": "gold, in logits"})
    proxy, gold = figure.axes
    assert (proxy.get_ylabel(), gold.get_ylabel()) == ("proxy reward", "gold, in logits")
    assert proxy.get_title("left") == "Title" and gold.get_xlabel().startswith("√KL")
    names = [[text.get_text() for text in axes.texts] for axes in (proxy, gold)]
    assert "DPO" not in names[0] and {"PPO", "DPO"} <= set(names[1])
    assert proxy.get_xlim() == gold.get_xlim()


def test_a_short_path_has_bars_for_its_spread_and_a_long_one_its_seeds():
    short = figures.reward_frontier({"PPO": PPO}, title="t").axes[0]
    assert any("standard deviation" in text.get_text() for text in short.texts)
    rng = np.random.default_rng(0)
    long = {"kl": rng.random((3, 20)), "proxy": rng.random((3, 20))}
    axes = figures.reward_frontier({"PPO": long}, title="t").axes[0]
    assert len(lines_of(axes)) == 4 and any("thin lines" in text.get_text() for text in axes.texts)
    single = figures.reward_frontier({"DPO": DPO}, title="t").axes[0]
    assert not any("deviation" in text.get_text() or "thin" in text.get_text() for text in single.texts)


def test_an_estimate_below_zero_counts_as_zero():
    axes = figures.reward_frontier({"PPO": {"kl": [-0.3, 1.0], "gold": [0.0, 1.0]}}, title="t").axes[0]
    assert lines_of(axes)[0][0] == [0.0, 0.0]


def test_points_have_names():
    figure = figures.reward_frontier({"DPO": DPO}, title="t", points={"DPO": ["β = 1", "β = 0.1"]})
    assert {"β = 1", "β = 0.1"} <= {text for text, _box in written(figure)}
    with pytest.raises(ValueError, match="There are 1 names for 2 points"):
        figures.reward_frontier({"DPO": DPO}, title="t", points={"DPO": ["β = 1"]})


def test_the_words_say_where_each_path_is_highest_and_ends():
    path = {"kl": [0.0, 4.0, 16.0], "gold": [0.0, 2.0, -1.0]}
    words = alt_text(figures.reward_frontier({"PPO, β = 0": path}, title="It turns"))
    assert "It turns." in words and "gold, PPO, β = 0: highest 2.00 at 2.00, in the end −1.00 at 4.00." in words


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        ({}, "There is nothing to draw"),
        ({"PPO": {"gold": [1.0]}}, "'PPO' has 'gold': it needs 'kl'"),
        ({"PPO": {"kl": [1.0]}}, "'PPO' has 'kl': it needs 'kl' and a measure"),
        ({"PPO": {"kl": [1.0, 2.0], "gold": [1.0]}}, r"in the shape \(1, 1\), and 'kl' in \(1, 2\)"),
        ({"PPO": {"kl": [1.0], "gold": [math.inf]}}, "'gold' of inf"),
        ({"PPO": {"kl": [1.0], "gold": [math.nan]}}, "'gold' of nan"),
        ({"PPO": {"kl": [[1.0], [math.nan]], "gold": [[math.nan], [1.0]]}}, "no point that was measured in every seed"),
    ],
)
def test_what_cannot_be_drawn_is_one_sentence(paths, message):
    with pytest.raises(ValueError, match=message):
        figures.reward_frontier(paths, title="t")
