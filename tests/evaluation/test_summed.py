"""Measures of sums equal the measures that they stand for, also where these are undefined."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.evaluation import (
    SummedMeasure,
    UndefinedScoreWarning,
    accuracy_measure,
    calibration_measure,
    confusion_matrix,
    error_rate_measure,
    exact_measure,
    expected_calibration_error,
    f1_measure,
    matthews,
    matthews_measure,
    mean_measure,
    pearson,
    pearson_measure,
)

PAIRS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=25)
NUMBERS = st.lists(st.tuples(*[st.integers(-20, 20).map(lambda n: n / 4)] * 2), min_size=2, max_size=25)
OF_CLASSES = {
    "accuracy": (accuracy_measure(), lambda t, p: confusion_matrix(t, p).accuracy()),
    "f1": (f1_measure("a"), lambda t, p: confusion_matrix(t, p, ["a", "b", "c"]).f1("a")),
    "matthews": (matthews_measure(["a", "b", "c"]), matthews),
}


def quietly(measure, *args):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        value = measure(*args)
    return value, [each.category for each in caught]


@pytest.mark.parametrize("name", OF_CLASSES)
@given(pairs=PAIRS)
def test_measures_of_classes_are_the_same(name, pairs):
    true, predicted = ([pair[side] for pair in pairs] for side in (0, 1))
    ours, plain = (quietly(measure, true, predicted) for measure in OF_CLASSES[name])
    assert ours[0] == pytest.approx(plain[0], abs=1e-12)
    assert ours[1] == plain[1]


@given(NUMBERS, st.sampled_from([0.0, 1e3]))
def test_pearson_is_the_same(pairs, offset):
    true, predicted = np.array(pairs).T
    ours, plain = (quietly(measure, true, predicted + offset) for measure in (pearson_measure(), pearson))
    assert ours[0] == pytest.approx(plain[0], abs=1e-7, nan_ok=True)
    assert ours[1] == plain[1]


@pytest.mark.parametrize("of_true", [1e-300, 1.0, 1e300])
@pytest.mark.parametrize("of_predicted", [1e-300, 1.0, 1e300])
def test_pearson_is_the_same_at_any_scale(of_true, of_predicted):
    true, predicted = np.array([1.0, 2.0, 4.0, 3.0]), np.array([2.0, 3.0, 5.0, 7.0])
    expected = pearson(true, predicted)
    assert pearson_measure()(of_true * true, of_predicted * predicted) == pytest.approx(expected)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(
    ("measure", "of_value"),
    [
        (error_rate_measure(), lambda value: [[value, 2], [1, 2]]),
        (error_rate_measure(), lambda value: [[1, 2], [1, value]]),
        (exact_measure(), lambda value: [[value, 2], [1, 2]]),
        (pearson_measure(), lambda value: [1.0, value]),
    ],
)
def test_a_number_that_is_not_finite_is_refused(measure, of_value, value):
    with pytest.raises(ValueError, match=f"One of the numbers is {value}; each must be finite"):
        measure([0.0, 1.0], of_value(value))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_calibration_error_is_the_same_in_each_type(dtype):
    chances = np.arange(0.05, 1, 0.05).round(2)
    true = np.arange(len(chances)) % 3 == 0
    found = calibration_measure()(true, chances.astype(dtype))
    assert found == pytest.approx(calibration_measure()(true, chances), abs=1e-3)
    confidence, is_right = np.maximum(chances, 1 - chances), (chances > 0.5) == true
    assert found == pytest.approx(expected_calibration_error(is_right, confidence.astype(dtype)), abs=1e-3)


@given(NUMBERS, st.randoms(use_true_random=False))
def test_sums_of_drawn_items_are_the_measure_of_the_drawn_items(pairs, random):
    true, predicted = np.array(pairs).T
    drawn = np.array([random.randrange(len(pairs)) for _item in pairs])
    measure = pearson_measure()
    found = float(measure.of_sums(measure.table(true, predicted)[drawn].sum(axis=0)))
    assert found == pytest.approx(quietly(pearson, true[drawn], predicted[drawn])[0], abs=1e-7, nan_ok=True)


def test_many_sums_are_measured_at_once():
    measure = matthews_measure([0, 1])
    table = measure.table([0, 1, 1, 0], [0, 1, 0, 0])
    sums = np.stack([table.sum(axis=0), table[:2].sum(axis=0), table[:1].sum(axis=0)])
    assert measure.of_sums(sums) == pytest.approx([matthews([0, 1, 1, 0], [0, 1, 0, 0]), 1.0, math.nan], nan_ok=True)


def test_what_is_undefined_counts_as_the_measure_says_with_a_warning():
    with pytest.warns(UndefinedScoreWarning, match=r"F1 is undefined for these items, and counts as 0.0"):
        assert f1_measure("z")(["a"], ["a"]) == 0
    with pytest.warns(UndefinedScoreWarning, match=r"Pearson's coefficient is undefined .* counts as nan"):
        assert math.isnan(pearson_measure()([1.0, 2.0], [3.0, 3.0]))


def test_a_measure_of_ones_own():
    error = SummedMeasure("error", lambda t, p: np.abs(np.array(t) - np.array(p))[:, None], lambda sums: sums[..., 0])
    assert error([1.0, 2.0], [2.0, 4.0]) == 3.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: accuracy_measure()(["a"], []), "1 items and 0 predictions"),
        (lambda: accuracy_measure()([], []), "no items"),
        (lambda: matthews_measure(["a"])(["a"], ["b"]), "'b' is none of the classes 'a'"),
        (lambda: accuracy_measure()([1.0], [math.nan]), "nan, which is no class"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@given(
    items=st.lists(st.tuples(st.booleans(), st.integers(0, 100).map(lambda n: n / 100)), min_size=1, max_size=40),
    n_bins=st.integers(1, 15),
)
def test_the_calibration_error_of_sums_is_that_of_the_predicted_class(items, n_bins):
    true, chances = np.array([one[0] for one in items]), np.array([one[1] for one in items])
    confidence, is_right = np.maximum(chances, 1 - chances), (chances > 0.5) == true
    expected = expected_calibration_error(is_right, confidence, n_bins=n_bins)
    assert calibration_measure(n_bins)(true, chances) == pytest.approx(expected, abs=1e-9)


def test_a_probability_beyond_one_is_named():
    with pytest.raises(ValueError, match=r"probabilities is 1\.5"):
        calibration_measure()([True, False], [0.5, 1.5])
    for true in (["negative", "positive"], [2, 0]):
        with pytest.raises(ValueError, match="True or False"):
            calibration_measure()(true, [0.1, 0.9])
    with pytest.raises(ValueError, match="probabilities is nan"):
        calibration_measure()([True, False], [0.5, math.nan])


def test_errors_are_counted_by_symbol_or_by_item():
    pairs = np.array([[0, 3], [2, 5], [1, 2]])
    assert error_rate_measure()([1] * 3, pairs) == pytest.approx(0.3)
    assert exact_measure()([1] * 3, pairs) == pytest.approx(1 / 3)
    with pytest.warns(UndefinedScoreWarning, match="error rate is undefined"):
        assert error_rate_measure()([1], [[0, 0]]) == 0


@pytest.mark.parametrize("said", [math.nan, math.inf, None, "x", [1, 2]])
def test_a_mean_of_what_is_no_number_names_the_item(said):
    measure = mean_measure("ROUGE-1", lambda right, _found: 0.5 if right == "a" else said)
    with pytest.raises(ValueError, match=r"ROUGE-1 of item 1 is .*; it must be a finite number"):
        measure(["a", "b"], ["a", "b"])


def test_a_mean_is_that_of_the_items():
    measure = mean_measure("m", lambda right, found: right == found)
    assert measure(["a", "b", "c", "d"], ["a", "b", "c", "x"]) == 0.75
    with pytest.warns(UndefinedScoreWarning, match="m is undefined"):
        assert measure.value(np.zeros(2)) == 0.0
