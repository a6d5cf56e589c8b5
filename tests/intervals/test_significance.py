"""McNemar's and the permutation test equal SciPy's and statsmodels', and reject equal models as rarely as they say."""

import json
import math
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.evaluation import (
    UndefinedScoreWarning,
    accuracy_measure,
    f1_measure,
    matthews,
    matthews_measure,
    pearson,
    pearson_measure,
    spearman,
)
from course.intervals import mcnemar, mcnemar_of_counts, permutation_test, significance
from course.intervals.significance import exact_p

CASES = json.loads((Path(__file__).parent / "significance_cases.json").read_text(encoding="utf-8"))
MEASURES = {"accuracy": accuracy_measure(), "f1": f1_measure(1)}
MANY = [  # SciPy 1.17: 2 * binom.cdf(only_a, only_a + only_b, 0.5), at most 1
    (4_900, 5_101, 0.045505663375514656),
    (0, 20_000, 0.0),
    (497_000, 503_000, 1.98514976392289e-09),
    (10**9, 10**9 + 200_000, 7.753130458105997e-06),
    (10**9, 10**9 + 1_000_000, 1.0778319328874481e-110),
    (49_999 * 10**6, 50_000 * 10**6, 0.0015653342558202465),
]
ANSWERS = st.lists(st.tuples(*[st.integers(0, 1)] * 3), min_size=1, max_size=9)


@pytest.mark.parametrize("case", CASES["mcnemar"])
@pytest.mark.filterwarnings("ignore::course.evaluation.UndefinedScoreWarning")
def test_mcnemar_equals_scipy_and_statsmodels(case):
    a, b = case["only_a"], case["only_b"]
    exact, chi2 = (mcnemar_of_counts(a, b, exact=exact) for exact in (True, False))
    assert exact.p_value == pytest.approx(case["binomtest"], rel=1e-9)
    assert (exact.only_a, exact.only_b, exact.statistic) == (a, b, min(a, b))
    if a + b:
        assert exact.p_value == pytest.approx(case["exact"], rel=1e-9)
        assert chi2.p_value == pytest.approx(case["sf"], rel=1e-9)
    if a != b:
        assert (chi2.statistic, chi2.p_value) == pytest.approx((case["chi2"], case["chi2_p"]), rel=1e-9)


def test_models_that_never_differ_and_those_that_win_equally_often_are_equal():
    assert mcnemar([1, 0, 1], [1, 0, 1]).p_value == 1
    with pytest.warns(UndefinedScoreWarning, match="agree on every item"):
        assert mcnemar([1, 0, 1], [1, 0, 1], exact=False)[2:] == (0, 1)
    assert mcnemar_of_counts(4, 4).p_value == mcnemar_of_counts(4, 4, exact=False).p_value == 1


def test_only_the_items_that_one_model_alone_got_right_count():
    a, b = np.array([1, 1, 1, 0, 0, 1], dtype=bool), np.array([1, 0, 0, 0, 1, 1], dtype=bool)
    assert mcnemar(a, b)[:2] == (2, 1)
    many = [np.concatenate([each, np.ones(1000, dtype=bool)]) for each in (a, b)]
    assert mcnemar(*many) == mcnemar(a, b)


@pytest.mark.parametrize(("only_a", "only_b", "p_value"), MANY)
def test_counts_of_many_items_equal_scipy(only_a, only_b, p_value):
    found = mcnemar_of_counts(only_a, only_b)
    assert found.p_value == pytest.approx(p_value, rel=1e-8, abs=0)
    assert found.p_value == mcnemar_of_counts(only_b, only_a).p_value


@pytest.mark.timed
def test_a_billion_items_take_no_longer():
    start = time.perf_counter()
    assert mcnemar_of_counts(10**9, 10**9 + 1).p_value == pytest.approx(1)
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize("fewer", [0, 1, 15, 16, 300, 460, 499])
def test_the_two_ways_to_the_exact_p_agree(fewer, monkeypatch):
    by_digits = exact_p(fewer, 1000)
    monkeypatch.setattr(significance, "MOST_DIGIT_BY_DIGIT", 0)
    assert exact_p(fewer, 1000) == pytest.approx(by_digits, rel=1e-11, abs=0)


@given(st.integers(0, 400), st.integers(0, 400))
def test_exact_mcnemar_is_symmetric_and_close_to_chi2(a, b):
    exact = mcnemar_of_counts(a, b).p_value
    assert exact == mcnemar_of_counts(b, a).p_value <= 1
    if a + b >= 25:
        assert exact == pytest.approx(mcnemar_of_counts(a, b, exact=False).p_value, abs=0.02)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("case", CASES["permutations"])
def test_all_exchanges_equal_scipys_permutation_test(case, measure):
    found = permutation_test(MEASURES[measure], case["true"], case["a"], case["b"], n_permutations=100_000)
    assert found.is_exact
    assert found.difference == pytest.approx(case[measure]["difference"], abs=1e-12)
    assert found.p_value == pytest.approx(case[measure]["as_far"], abs=1e-12)


@given(ANSWERS)
def test_of_accuracy_it_is_mcnemars_exact_test(answers):
    true, a, b = np.array(answers).T
    found = permutation_test(accuracy_measure(), true, a, b, n_permutations=512)
    assert found.is_exact and found.n_permutations == 2 ** int((a != b).sum())
    assert found.p_value == pytest.approx(mcnemar(a == true, b == true).p_value, abs=1e-12)


@given(ANSWERS, st.integers(1, 40))
@pytest.mark.filterwarnings("ignore::course.evaluation.UndefinedScoreWarning")
def test_calls_and_sums_give_the_same(answers, n_permutations):
    true, a, b = np.array(answers).T
    by_sums, by_calls = (
        permutation_test(measure, true, a, b, n_permutations=n_permutations)
        for measure in (matthews_measure([0, 1]), matthews)
    )
    assert by_sums.p_value == by_calls.p_value and by_sums.is_exact == by_calls.is_exact
    assert by_sums.n_undefined == by_calls.n_undefined
    assert by_sums.difference == pytest.approx(by_calls.difference, abs=1e-12)


def test_drawn_exchanges_are_close_to_all_of_them_and_never_give_0():
    rng = np.random.default_rng(0)
    true = rng.integers(2, size=300)
    a, b = (np.where(rng.random(300) < share, true, 1 - true) for share in (0.8, 0.72))
    found = permutation_test(accuracy_measure(), true, a, b)
    assert not found.is_exact and found.n_permutations == 10_000
    assert found.p_value == pytest.approx(mcnemar(a == true, b == true).p_value, abs=0.01)
    worst = permutation_test(accuracy_measure(), true, true, 1 - true, n_permutations=99)
    assert worst.p_value == 1 / 100


def test_the_order_of_the_models_and_lists_in_place_of_arrays_change_nothing_but_the_sign():
    true, a, b = [0, 1, 1, 0, 1, 1, 0, 1], [0, 1, 1, 0, 1, 0, 0, 1], [1, 1, 0, 0, 0, 1, 1, 1]
    one, other = (permutation_test(matthews, true, *pair) for pair in ((a, b), (b, a)))
    assert one.p_value == other.p_value and one.difference == -other.difference
    assert one == permutation_test(matthews, *(np.array(each) for each in (true, a, b)))


@pytest.mark.slow
def test_equal_models_are_rejected_as_rarely_as_the_level_says():
    rng = np.random.default_rng(1)
    p_values = []
    for _run in range(200):
        true = rng.integers(2, size=60)
        a, b = (np.where(rng.random(60) < 0.7, true, 1 - true) for _model in range(2))
        p_values.append(permutation_test(f1_measure(1), true, a, b, n_permutations=199).p_value)
    assert np.mean(np.array(p_values) <= 0.05) < 0.09
    assert 0.4 < np.mean(p_values) < 0.62


def test_exchanges_of_pearson_are_those_of_predictions_with_other_means():
    rng = np.random.default_rng(0)
    true = rng.normal(size=9)
    a, b = true + rng.normal(size=9) + 5, true + 2 * rng.normal(size=9)
    ours, plain = (permutation_test(measure, true, a, b) for measure in (pearson_measure(), pearson))
    assert ours.p_value == plain.p_value and ours.is_exact
    assert permutation_test(pearson_measure(), list(true), list(a), list(b)).p_value == plain.p_value


def test_exchanges_without_a_value_are_reported_and_count_against_a_difference():
    true, a, b = [1.0, 2.0, 3.0], [1.0, 2.0, 2.0], [2.0, 1.0, 1.0]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = permutation_test(spearman, true, a, b)
    assert found.n_undefined == 2 and found.is_exact
    assert found.p_value == 6 / 8  # four exchanges differ as much, two have no value, two do not differ
    with pytest.raises(ValueError, match="NaN on all items"), pytest.warns(UndefinedScoreWarning):
        permutation_test(spearman, true, [1.0, 1.0, 1.0], b)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mcnemar([True], [True, False]), "a has 1 items and b has 2"),
        (lambda: mcnemar([], []), r"right_a has the shape \(0,\)"),
        (lambda: mcnemar([1, 0], [1, 2]), "right_b has 2 in it"),
        (lambda: mcnemar([1.0, math.nan], [1, 0]), "right_a has nan in it"),
        (lambda: mcnemar_of_counts(-1, 2), "only_a is -1"),
        (lambda: mcnemar_of_counts(1, 2.5), "only_b is 2.5"),
        (lambda: mcnemar_of_counts(10**11, 10**11 + 1), "at most 100,000,000,000 items .* there are 200,000,000,001"),
        (lambda: permutation_test(accuracy_measure(), [1, 0], [1], [1, 0]), "2 items, and model 0 has 1"),
        (lambda: permutation_test(accuracy_measure(), [1, 0], [1, 1], [1]), "2 items, and model 1 has 1"),
        (lambda: permutation_test(accuracy_measure(), [], [], []), "no items"),
        (lambda: permutation_test(accuracy_measure(), [1], [1], [0], n_permutations=0), "n_permutations is 0"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
