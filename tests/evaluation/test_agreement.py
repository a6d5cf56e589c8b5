"""Cohen's kappa: scikit-learn's numbers, and what it is where there is nothing to tell apart."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from course.evaluation import UndefinedScoreWarning, cohen_kappa

pairs = st.integers(1, 5).flatmap(
    lambda k: st.lists(st.tuples(st.integers(0, k), st.integers(0, k)), min_size=1, max_size=40)
)


@given(pairs)
def test_it_is_that_of_scikit_learn(items):
    first, second = zip(*items, strict=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ours, theirs = cohen_kappa(first, second), cohen_kappa_score(first, second)
    assert ours == pytest.approx(theirs, abs=1e-12, nan_ok=True)
    assert cohen_kappa_without_warning(second, first) == pytest.approx(ours, abs=1e-12, nan_ok=True)


def cohen_kappa_without_warning(first, second):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndefinedScoreWarning)
        return cohen_kappa(first, second)


def test_one_label_for_all_is_undefined():
    with pytest.warns(UndefinedScoreWarning, match="one label to all items"):
        assert math.isnan(cohen_kappa(["a", "a"], ["a", "a"]))
    assert cohen_kappa(["a", "a"], ["a", "b"]) == 0, "one of the two always says the same: no more than chance"
    assert cohen_kappa(["a", "a"], ["b", "b"]) == 0


def test_known_values():
    assert cohen_kappa(["a", "b"], ["a", "b"]) == 1
    assert cohen_kappa(["a", "b"], ["b", "a"]) == -1
    first = ["yes"] * 25 + ["no"] * 25  # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no
    second = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    assert cohen_kappa(first, second) == pytest.approx(0.4)
    assert cohen_kappa(np.array([0, 1, 1]), np.array([0, 1, 0])) == pytest.approx(0.4)


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="each item needs one"):
        cohen_kappa(["a"], ["a", "b"])
    with pytest.raises(ValueError, match="no items"):
        cohen_kappa([], [])
