"""Differences of scores: those of rates where there are rates, wherever 0 is, and as often right as they say."""

import numpy as np
import pytest

from course.intervals import RunCounts, RunScores, difference_of_rates, difference_of_scores, mean_difference


def drawn(seed=0, seeds=3, items=60, mean=0.0, of_seed=0.1):
    """Scores with a part of the item, of the seed and of both, of either sign."""
    rng, of_items = np.random.default_rng(seed), np.random.default_rng(99).normal(size=items)
    return mean + of_items + of_seed * rng.normal(size=(seeds, 1)) + 0.3 * rng.normal(size=(seeds, items))


@pytest.mark.parametrize("same_runs", [False, True])
@pytest.mark.parametrize("seeds", [1, 3])
def test_scores_above_0_have_the_interval_of_rates(same_runs, seeds):
    a, b = (10 + drawn(seed, seeds) for seed in (1, 2))
    ones = np.ones_like(a)
    theirs = difference_of_rates(RunCounts(a, ones, "prompts"), RunCounts(b, ones, "prompts"), same_runs=same_runs)
    ours = difference_of_scores(RunScores(a, "prompts"), RunScores(b, "prompts"), same_runs=same_runs, unit="points")
    assert ours.rounded() == theirs.rounded()
    assert "prompts" in ours.of and ("in both" in ours.of) == (same_runs and seeds > 1)


def test_a_constant_changes_nothing_and_a_sign_turns_the_interval_round():
    a, b = drawn(1), drawn(2, mean=-0.5)
    assert (a < 0).any() and (b < 0).any()
    found = difference_of_scores(RunScores(a), RunScores(b), unit="sd")
    moved = difference_of_scores(RunScores(a - 7), RunScores(b - 7), unit="sd")
    turned = difference_of_scores(RunScores(-a), RunScores(-b), unit="sd")
    for name, other in (("estimate", "estimate"), ("low", "high"), ("high", "low")):
        assert getattr(moved, name) == pytest.approx(getattr(found, name), abs=1e-12)
        assert getattr(turned, name) == pytest.approx(-getattr(found, other), abs=1e-12)
    assert found.estimate == pytest.approx(a.mean() - b.mean()) and found.unit == "sd"


def test_one_seed_of_each_is_near_the_bootstrap_of_the_paired_differences():
    a, b = drawn(1, seeds=1), drawn(2, seeds=1, mean=0.2)
    found, bootstrap = difference_of_scores(RunScores(a), RunScores(b)), mean_difference(a[0], b[0])
    assert found.estimate == pytest.approx(bootstrap.estimate)
    assert found.high - found.low == pytest.approx(bootstrap.high - bootstrap.low, rel=0.1)


def test_the_interval_has_the_difference_in_it_as_often_as_it_says():
    """300 pairs of three runs on 60 items, drawn anew each time: 95 % ± 3.8 points at three standard errors."""
    rng, right = np.random.default_rng(0), 0
    for _ in range(300):
        items = rng.normal(size=60)
        runs = [
            items + moved + 0.2 * rng.normal(size=(3, 1)) + 0.5 * rng.normal(size=60) + 0.3 * rng.normal(size=(3, 60))
            for moved in (0.0, -0.4)
        ]
        found = difference_of_scores(*(RunScores(one) for one in runs))
        right += found.low <= 0.4 <= found.high
    assert 0.912 < right / 300 <= 1


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        ([0.5, -0.5], r"scores has shape \(2,\)"),
        (np.zeros((0, 3)), r"scores has shape \(0, 3\)"),
        ([[0.5, np.nan]], "scores has nan in it"),
        ([[0.5, -np.inf]], "scores has -inf in it"),
    ],
)
def test_what_are_no_scores_of_runs_is_refused(scores, message):
    with pytest.raises(ValueError, match=message):
        RunScores(scores)


def test_what_are_no_pairs_is_refused():
    three, one, others = RunScores(drawn()), RunScores(drawn(seeds=1)), RunScores(drawn(items=59))
    with pytest.raises(ValueError, match="a has 60 items and b has 59"):
        difference_of_scores(three, others)
    with pytest.raises(ValueError, match="a has 3 seeds and b has 1: the spread of one seed is unknown"):
        difference_of_scores(three, one)
    with pytest.raises(ValueError, match="a has 3 runs and b has 4"):
        difference_of_scores(three, RunScores(drawn(seeds=4)), same_runs=True)
    with pytest.raises(ValueError, match="One item has no spread"):
        difference_of_scores(RunScores([[1.0], [2.0]]), RunScores([[1.0], [2.0]]))


@pytest.mark.usefixtures("unchecked_shapes")
def test_counts_and_arrays_are_refused():
    scores = RunScores(drawn())
    for wrong in (RunCounts(np.ones((3, 60)), np.ones(60)), drawn()):
        with pytest.raises(TypeError, match="has no scores of items"):
            difference_of_scores(scores, wrong)
