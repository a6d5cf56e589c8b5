"""Bootstrap intervals of any measure: coverage, pairing, speed, and what happens where a measure is undefined."""

import math
import time
import warnings

import numpy as np
import pytest

from course.evaluation import (
    SummedMeasure,
    UndefinedScoreWarning,
    accuracy_measure,
    bleu_measure,
    corpus_bleu,
    f1_measure,
    matthews,
    matthews_measure,
    pearson,
    pearson_measure,
)
from course.intervals import difference_of, mean_difference, resample, score_difference, score_of, score_over_items

RNG = np.random.default_rng(0)
TRUE = RNG.integers(2, size=400)
A, B = (np.where(RNG.random(400) < share, TRUE, 1 - TRUE) for share in (0.8, 0.74))


def accuracy(true, predicted):
    return float(np.mean(np.asarray(true) == np.asarray(predicted)))


def test_calls_and_sums_draw_the_same_items_and_give_the_same():
    by_sums, by_calls = (
        score_difference(measure, TRUE, A, B, n_resamples=300) for measure in (accuracy_measure(), accuracy)
    )
    assert by_sums == by_calls
    pairs = ((matthews_measure([0, 1]), matthews), (pearson_measure(), pearson))
    for measures in pairs:
        one, other = (score_over_items(measure, TRUE[:60], A[:60], n_resamples=100) for measure in measures)
        assert (one.low, one.high) == pytest.approx((other.low, other.high), abs=1e-9)


def test_lists_of_texts_and_of_references_are_drawn_whole():
    references = [[f"the cat number {n} sat on the mat", "a cat sat"] for n in range(12)]
    a, b = ([f"the cat number {n + add} sat on a mat" for n in range(12)] for add in (0, 1))
    by_sums, by_calls = (
        score_difference(measure, references, a, b, n_resamples=50)
        for measure in (bleu_measure(), lambda true, predicted: corpus_bleu(predicted, true).score)
    )
    assert (by_sums.difference.low, by_sums.difference.high) == pytest.approx(
        (by_calls.difference.low, by_calls.difference.high), abs=1e-9
    )
    assert by_sums.difference.low > 0 and by_sums.a_better == 1


def test_of_accuracy_it_is_the_interval_of_the_mean_difference():
    found = score_difference(accuracy_measure(), TRUE, A, B, "points")
    right_a, right_b = (A == TRUE).astype(float), (B == TRUE).astype(float)
    expected = mean_difference(right_a, right_b, "points")
    assert found.difference.estimate == pytest.approx(expected.estimate)
    assert (found.difference.low, found.difference.high) == pytest.approx((expected.low, expected.high), abs=0.005)
    assert found.difference.of == "400 items, paired"
    assert found.score_a == accuracy(TRUE, A) and found.score_b == accuracy(TRUE, B)
    assert 0.9 < found.a_better < 1 and found.a_better + found.b_better <= 1


def test_the_pairs_are_kept():
    """A model against itself differs in no resample, and against its copy with one more error in few."""
    same = score_difference(accuracy_measure(), TRUE, A, A)
    assert (same.difference.low, same.difference.high, same.a_better, same.b_better) == (0, 0, 0, 0)
    worse = A.copy()
    worse[np.flatnonzero(A == TRUE)[0]] ^= 1
    found = score_difference(accuracy_measure(), TRUE, A, worse)
    assert found.b_better == 0 and found.a_better == pytest.approx(1 - math.exp(-1), abs=0.02)


@pytest.mark.slow
def test_ninety_five_of_a_hundred_intervals_cover_the_truth():
    rng = np.random.default_rng(3)
    covered = 0
    for run in range(200):
        true = (rng.random(150) < 0.4).astype(int)
        a, b = (np.where(rng.random(150) < share, true, 1 - true) for share in (0.8, 0.7))
        found = score_difference(matthews_measure([0, 1]), true, a, b, n_resamples=300, seed=run).difference
        covered += found.low <= EXPECTED <= found.high
    assert 0.91 < covered / 200 < 0.985


def of_matthews(share, positive=0.4):
    """The coefficient of a model that is right with this probability, on endless items."""
    found = positive * share + (1 - positive) * (1 - share)
    return (positive * share - positive * found) / math.sqrt(positive * (1 - positive) * found * (1 - found))


EXPECTED = of_matthews(0.8) - of_matthews(0.7)


def test_resamples_in_which_the_measure_is_undefined_are_reported_and_counted_by_its_convention():
    true = np.array([1] * 2 + [0] * 18)
    for measure in (f1_measure(1), lambda t, p: f1_measure(1)(t, p)):
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what is reported is not warned about ten thousand times
            found = score_difference(measure, true, true, np.zeros(20, dtype=int) | true, n_resamples=200)
        assert found.n_left_out == 0
        assert found.n_undefined / 200 == pytest.approx(0.9**20, abs=0.08)
        assert f"in {found.n_undefined} of 200 resamples the measure is undefined" in found.difference.of


def test_resamples_in_which_the_measure_is_nan_are_left_out_and_reported():
    true = np.array([0.0] * 18 + [3.0, 5.0])
    predicted = np.linspace(0, 1, 20)
    for measure in (pearson_measure(), pearson):
        found = score_difference(measure, true, predicted, -predicted, n_resamples=500)
        assert found.n_left_out == found.n_undefined
        assert found.n_left_out / 500 == pytest.approx(0.9**20, abs=0.05)
        assert f"{found.n_left_out} of 500 resamples left out, where the measure is NaN" in repr(found.difference)
        assert found.a_better == 1


def test_a_measure_that_is_nan_in_every_resample_has_no_interval():
    whole = []

    def only_once(true, predicted):
        whole.append(true)
        return 1.0 if len(whole) == 1 else math.nan

    with pytest.raises(ValueError, match="NaN in all 20 resamples"):
        score_over_items(only_once, TRUE, A, n_resamples=20)
    with pytest.raises(ValueError, match="model 0 is NaN on all items"), pytest.warns(UndefinedScoreWarning):
        score_over_items(pearson_measure(), TRUE, np.ones(400))


def test_other_warnings_of_a_measure_are_shown():
    def noisy(true, predicted):
        warnings.warn("slow", RuntimeWarning, stacklevel=1)
        return 0.5

    with pytest.warns(RuntimeWarning, match="slow"):
        resample(noisy, TRUE, [A], n_resamples=3)


def test_an_interval_contains_the_score_also_where_the_resamples_do_not_lie_around_it():
    distinct = SummedMeasure("items", lambda t, p: np.eye(len(t)), lambda sums: (sums > 0).sum(axis=-1).astype(float))
    found = score_over_items(distinct, TRUE[:50], A[:50])
    assert found.low < found.estimate == found.high == 50  # a resample never has all 50 items


def test_the_seed_decides():
    one, same, other = (resample(accuracy_measure(), TRUE, [A, B], n_resamples=50, seed=seed) for seed in (1, 1, 2))
    assert (one.resampled == same.resampled).all() and (one.resampled != other.resampled).any()
    assert one.resampled.shape == (2, 50) and one.scores.tolist() == [accuracy(TRUE, A), accuracy(TRUE, B)]


def test_resamples_spread_as_the_items_do():
    spread = resample(accuracy_measure(), TRUE, [A]).resampled[0]
    p = accuracy(TRUE, A)
    assert spread.mean() == pytest.approx(p, abs=0.002)
    assert spread.std() == pytest.approx(math.sqrt(p * (1 - p) / 400), rel=0.04)


@pytest.mark.timed
def test_ten_thousand_resamples_of_two_thousand_items_take_less_than_a_second():
    true = np.random.default_rng(0).integers(2, size=2_000)
    predictions = [np.where(np.random.default_rng(seed).random(2_000) < 0.8, true, 1 - true) for seed in (1, 2)]
    start = time.process_time()
    score_difference(accuracy_measure(), true, *predictions, n_resamples=10_000)
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: score_difference(accuracy_measure(), TRUE, A[:-1], B), "400 items, and model 0 has 399"),
        (lambda: score_difference(accuracy_measure(), TRUE, A, B[:-1]), "400 items, and model 1 has 399"),
        (lambda: score_over_items(accuracy, TRUE[:7], A[:7]), "7 items to draw from"),
        (lambda: score_over_items(accuracy, TRUE, A, level=1.0), "level is 1"),
        (lambda: resample(accuracy, TRUE, []), "no model"),
        (lambda: resample(accuracy, TRUE, [A], n_resamples=0), "n_resamples is 0"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_models_that_are_resampled_together_have_the_intervals_of_each():
    measure = matthews_measure([0, 1])
    found = resample(measure, TRUE, [B, TRUE, A], n_resamples=200, seed=3)
    options = {"unit": "points", "of": "reviews", "level": 0.9}
    alone = score_over_items(measure, TRUE, A, n_resamples=200, seed=3, **options)
    assert score_of(found, 2, **options) == alone
    pair = score_difference(measure, TRUE, A, B, n_resamples=200, seed=3, **options)
    assert difference_of(found, 2, 0, **options) == pair
    with pytest.raises(ValueError, match="level is 2"):
        difference_of(found, 2, 0, level=2)
