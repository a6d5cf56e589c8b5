"""Ranks of models under resampling: shares that add up, ties that are shared, tasks that are drawn apart."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.evaluation import accuracy_measure
from course.intervals import RankRange, Resamples, mean_of_tasks, rank_distribution, resample

PLACE = np.arange(300)
TRUE = PLACE // 3 % 2
NAMES = ["good", "same", "fair", "bad"]
MODELS = [np.where(PLACE % step > 0, TRUE, 1 - TRUE) for step in (7, 5, 2)]  # wrong in every seventh item
SCORES = st.lists(st.lists(st.integers(0, 3), min_size=5, max_size=5), min_size=1, max_size=5)


def drawn(rows, seed=0):
    values = np.array(rows, dtype=float)
    return Resamples(values.mean(axis=1), values, np.isnan(values), 10, seed)


@given(SCORES, st.booleans())
def test_ranks_are_those_of_each_resample_and_ties_are_shared(rows, lowest_is_best):
    names = [str(number) for number in range(len(rows))]
    found = rank_distribution(drawn(rows), names, lowest_is_best=lowest_is_best)
    expected = np.zeros((len(rows), len(rows)))
    for column in zip(*rows, strict=True):
        ordered = sorted(column, reverse=not lowest_is_best)
        for model, score in enumerate(column):
            places = [place for place, other in enumerate(ordered) if other == score]
            expected[model, places] += 1 / len(places) / len(rows[0])
    np.testing.assert_allclose(found.shares, expected, atol=1e-12)
    np.testing.assert_allclose(found.shares.sum(axis=0), 1)
    np.testing.assert_allclose(found.shares.sum(axis=1), 1)
    assert (found.shares >= 0).all()
    np.testing.assert_allclose(found.better + found.better.T, 1)
    assert found.mean_ranks.sum() == pytest.approx(sum(range(1, len(rows) + 1)))


def test_a_model_and_its_copy_share_the_first_rank_and_the_worst_is_last():
    found = rank_distribution(resample(accuracy_measure(), TRUE, [MODELS[0], *MODELS]), NAMES)
    assert found.shares[0].tolist() == found.shares[1].tolist()
    assert found.better[0, 1] == 0.5
    assert found.shares[0, 0] == pytest.approx(found.shares[0, 1], abs=0.05)
    assert found.shares[3, 3] > 0.999
    assert found.range_of("bad") == RankRange(4, 4)
    assert found.range_of("good").best == 1
    assert (found.n_resamples, found.n_left_out) == (10_000, 0)


def test_the_range_leaves_out_what_is_rare():
    rows = [[0.0] * 2 + [2.0] * 98, [1.0] * 100]
    found = rank_distribution(drawn(rows), ["a", "b"])
    assert found.range_of("a", level=0.95) == RankRange(1, 1)
    assert found.range_of("a", level=0.97) == RankRange(1, 2)
    assert found.range_of("b", level=0.97) == RankRange(1, 2)


def test_more_items_make_the_order_surer():
    firsts = []
    for n in (40, 300):
        models = [each[:n] for each in MODELS[:2]]
        firsts.append(rank_distribution(resample(accuracy_measure(), TRUE[:n], models), ["a", "b"]).shares.max())
    assert firsts[0] < firsts[1]


def test_resamples_without_a_value_are_left_out_and_reported():
    found = rank_distribution(drawn([[1.0, math.nan, 3.0], [2.0, 2.0, 2.0]]), ["a", "b"])
    assert (found.n_resamples, found.n_left_out) == (3, 1)
    assert found.shares.tolist() == [[0.5, 0.5], [0.5, 0.5]]


def test_the_mean_of_tasks_is_taken_in_each_resample():
    tasks = [drawn([[1, 2], [3, 4]], seed=0), drawn([[3, 2], [1, 0]], seed=1)]
    found = mean_of_tasks(tasks)
    assert found.resampled.tolist() == [[2, 2], [2, 2]] and found.scores.tolist() == [2, 2]
    assert found.n_items == 20


def test_tasks_with_one_seed_would_go_together():
    one, same = (resample(accuracy_measure(), TRUE, MODELS[:1], n_resamples=200, seed=seed) for seed in (0, 0))
    assert np.corrcoef(one.resampled[0], same.resampled[0])[0, 1] == pytest.approx(1)
    other = resample(accuracy_measure(), TRUE, MODELS[:1], n_resamples=200, seed=1)
    assert abs(np.corrcoef(one.resampled[0], other.resampled[0])[0, 1]) < 0.3
    with pytest.raises(ValueError, match="same seed"):
        mean_of_tasks([one, same])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rank_distribution(drawn([[1.0]]), ["a", "b"]), "2 names and 1 models"),
        (lambda: rank_distribution(drawn([[1.0], [2.0]]), ["a", "a"]), "'a' is given twice"),
        (lambda: rank_distribution(drawn([[math.nan], [2.0]]), ["a", "b"]), "NaN in all 1 resamples"),
        (lambda: rank_distribution(drawn([[1.0]]), ["a"]).range_of("b"), "no model 'b'"),
        (lambda: rank_distribution(drawn([[1.0]]), ["a"]).range_of("a", level=2), "level is 2"),
        (lambda: mean_of_tasks([]), "no tasks"),
        (lambda: mean_of_tasks([drawn([[1.0]]), drawn([[1.0, 2.0]], 1)]), "different numbers"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
