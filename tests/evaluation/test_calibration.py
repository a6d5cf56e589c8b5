"""Bins equal scikit-learn's; the expected calibration error is what Guo's equation says of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve

from course.evaluation import expected_calibration_error, reliability

ITEMS = st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=1, max_size=60)
STRATEGY = {"width": "uniform", "mass": "quantile"}


@pytest.mark.parametrize("bins", STRATEGY)
@given(items=ITEMS, n_bins=st.integers(1, 12))
def test_bins_equal_scikit_learns(bins, items, n_bins):
    came_true, probabilities = np.array([yes for yes, _p in items]), np.array([p / 20 for _yes, p in items])
    found = reliability(came_true, probabilities, n_bins=n_bins, bins=bins)
    shares, means = calibration_curve(came_true, probabilities, n_bins=n_bins, strategy=STRATEGY[bins], pos_label=True)
    filled = found.counts > 0
    np.testing.assert_allclose(found.came_true[filled], shares)
    np.testing.assert_allclose(found.probability[filled], means)
    assert np.isnan(found.came_true[~filled]).all() and found.counts.sum() == len(items)
    gap = sum(n * abs(share - mean) for n, share, mean in zip(found.counts[filled], shares, means, strict=True))
    error = expected_calibration_error(came_true, probabilities, n_bins=n_bins, bins=bins)
    assert error == pytest.approx(gap / len(items))


def test_a_model_that_is_as_right_as_it_says_has_no_error_and_one_that_is_not_has_its_excess():
    probabilities = np.repeat([0.25, 0.75], 4)
    as_said = np.array([1, 0, 0, 0, 1, 1, 1, 0], dtype=bool)
    assert expected_calibration_error(as_said, probabilities) == 0
    assert expected_calibration_error(np.zeros(8, dtype=bool), probabilities) == 0.5


def test_the_error_depends_on_the_bins():
    came_true, probabilities = np.array([True, False]), np.array([0.51, 0.99])
    assert expected_calibration_error(came_true, probabilities, n_bins=1) == pytest.approx(0.25)
    assert expected_calibration_error(came_true, probabilities, n_bins=10) == pytest.approx(0.74)


def test_bins_of_equal_mass_have_as_many_items():
    probabilities = np.random.default_rng(0).beta(8, 1, size=100)
    came_true = np.ones(100, dtype=bool)
    assert reliability(came_true, probabilities, bins="mass").counts.tolist() == [10] * 10
    assert reliability(came_true, probabilities, bins="width").counts.max() > 30


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"probabilities": np.array([1.2, 0.1])}, "One of the probabilities is 1.2"),
        ({"probabilities": np.array([0.1])}, "2 items and 1 scores"),
        ({"n_bins": 0}, "n_bins is 0"),
        ({"bins": "size"}, "bins is 'size'"),
    ],
)
def test_bad_input_is_named(change, message):
    given = {"came_true": np.array([True, False]), "probabilities": np.array([0.1, 0.9])} | change
    with pytest.raises(ValueError, match=message):
        reliability(**given)


@pytest.mark.parametrize("bins", ["width", "mass"])
@pytest.mark.parametrize("n_bins", [3, 5, 10, 20])
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_the_bins_do_not_depend_on_the_type(dtype, n_bins, bins):
    probabilities = np.arange(0, 1.001, 0.05).round(2)
    came_true = np.arange(len(probabilities)) % 2 == 0
    in_full = reliability(came_true, probabilities, n_bins=n_bins, bins=bins)
    found = reliability(came_true, probabilities.astype(dtype), n_bins=n_bins, bins=bins)
    assert found.counts.tolist() == in_full.counts.tolist()
    assert found.came_true == pytest.approx(in_full.came_true, nan_ok=True)
