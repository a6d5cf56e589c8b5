"""Matthews' coefficient equals scikit-learn's, Pearson's and Spearman's SciPy's; constant answers get no credit."""

import json
import math
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_selection import r_regression
from sklearn.metrics import matthews_corrcoef

from course.evaluation import UndefinedScoreWarning, average_ranks, confusion_matrix, matthews, pearson, spearman

CASES = json.loads((Path(__file__).parent / "correlation_cases.json").read_text(encoding="utf-8"))
PAIRS = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd")), min_size=1, max_size=40)
NUMBERS = st.lists(st.tuples(*[st.integers(-50, 50).map(lambda n: n / 8)] * 2), min_size=2, max_size=40)
EMPTY = pytest.mark.usefixtures("unchecked_shapes")


def quietly(measure, *args):
    """What a measure gives, and whether it says that it is undefined."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        value = measure(*args)
    return value, [each.category for each in caught] == [UndefinedScoreWarning]


@given(PAIRS)
def test_matthews_equals_scikit_learn(pairs):
    true, predicted = ([pair[side] for pair in pairs] for side in (0, 1))
    found, is_undefined = quietly(matthews, true, predicted)
    assert found == pytest.approx(matthews_corrcoef(true, predicted), abs=1e-12)
    assert is_undefined == (len(set(true)) == 1 or len(set(predicted)) == 1)


@given(PAIRS)
def test_matthews_of_two_classes_is_pearsons_of_zeros_and_ones(pairs):
    true, predicted = ([int(pair[side] < "c") for pair in pairs] for side in (0, 1))
    if len(pairs) > 1 and len(set(true)) == len(set(predicted)) == 2:
        assert matthews(true, predicted) == pytest.approx(pearson(true, predicted), abs=1e-12)


def test_a_constant_answer_gets_0_however_frequent_it_is():
    true = [1] * 95 + [0] * 5
    assert confusion_matrix(true, [1] * 100).accuracy() == 0.95
    with pytest.warns(UndefinedScoreWarning, match="of one class"):
        assert matthews(true, [1] * 100) == 0


def test_a_model_may_be_better_by_accuracy_and_worse_by_matthews():
    true = [1] * 80 + [0] * 20
    a, b = [1] * 78 + [0] * 2 + [1] * 18 + [0] * 2, [1] * 60 + [0] * 20 + [0] * 18 + [1] * 2
    accuracy = [confusion_matrix(true, each).accuracy() for each in (a, b)]
    assert accuracy == [0.80, 0.78]
    assert matthews(true, a) < matthews(true, b)


@pytest.mark.parametrize("case", CASES)
def test_they_equal_scipy(case):
    for measure, name in ((pearson, "pearson"), (spearman, "spearman")):
        found, is_undefined = quietly(measure, case["true"], case["predicted"])
        expected = math.nan if case[name] is None else case[name]
        assert found == pytest.approx(expected, abs=1e-9, nan_ok=True)
        assert is_undefined == math.isnan(expected)
    assert average_ranks(np.array(case["predicted"])).tolist() == case["ranks"]


@given(NUMBERS)
def test_pearson_equals_scikit_learn(pairs):
    true, predicted = np.array(pairs).T
    found, is_undefined = quietly(pearson, true, predicted)
    is_constant = len(set(true)) == 1 or len(set(predicted)) == 1
    assert is_undefined == is_constant == math.isnan(found)
    if not is_constant:
        expected = r_regression(predicted[:, None], true)[0]
        assert found == pytest.approx(expected, abs=1e-9)


@given(NUMBERS)
def test_spearman_sees_the_order_alone_and_is_symmetric(pairs):
    true, predicted = np.array(pairs).T
    found, _is_undefined = quietly(spearman, true, predicted)
    assert quietly(spearman, true, np.exp(predicted / 4))[0] == pytest.approx(found, abs=1e-12, nan_ok=True)
    assert quietly(spearman, predicted, true)[0] == pytest.approx(found, abs=1e-12, nan_ok=True)
    assert quietly(spearman, true, -predicted)[0] == pytest.approx(-found, abs=1e-12, nan_ok=True)


@given(st.lists(st.integers(0, 8), min_size=1, max_size=30))
def test_equal_numbers_share_the_mean_of_their_ranks(numbers):
    ordered = sorted(numbers)
    for number, rank in zip(numbers, average_ranks(np.array(numbers, dtype=float)), strict=True):
        places = [place for place, other in enumerate(ordered, start=1) if other == number]
        assert rank == sum(places) / len(places)


def test_scale_and_offset_do_not_matter_to_pearson():
    true, predicted = [1.0, 2.0, 4.0, 5.0], [1.5, 1.0, 3.0, 9.0]
    found = pearson(true, predicted)
    for scale in (1e-300, 1e-9, 1e300):
        assert pearson(true, [scale * value for value in predicted]) == pytest.approx(found, abs=1e-12)
    assert pearson(true, [value + 1e6 for value in predicted]) == pytest.approx(found, abs=1e-9)


@EMPTY
@pytest.mark.parametrize("measure", [pearson, spearman])
@pytest.mark.parametrize(
    ("true", "predicted", "message"),
    [
        ([], [], "There are 0 items; a correlation needs two or more"),
        ([1.0], [2.0], "There are 1 items"),
        ([1.0, 2.0], [1.0], "2 items and 1 predictions"),
        ([1.0, 2.0, 3.0], [1.0, math.nan, 2.0], "One of predicted is nan"),
        ([1.0, math.inf, 3.0], [1.0, 1.0, 2.0], "One of true is inf"),
        ([[1.0], [2.0]], [1.0, 2.0], r"true has the shape \(2, 1\)"),
    ],
)
def test_bad_input_is_named(measure, true, predicted, message):
    with pytest.raises(ValueError, match=message):
        measure(true, predicted)


def test_matthews_refuses_what_the_confusion_matrix_refuses():
    with pytest.raises(ValueError, match="2 items and 1 predictions"):
        matthews([0, 1], [0])
    with pytest.raises(ValueError, match="no items"):
        matthews([], [])
    with pytest.raises(ValueError, match="nan, which is no class"):
        matthews([0, 1], [0, math.nan])
