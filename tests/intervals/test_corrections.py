"""Holm's and Benjamini and Hochberg's corrections equal SciPy's, statsmodels' and their definitions."""

import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.intervals import benjamini_hochberg, holm

CASES = json.loads((Path(__file__).parent / "significance_cases.json").read_text(encoding="utf-8"))["corrections"]
P_VALUES = st.lists(st.one_of(st.sampled_from([0.0, 0.01, 0.05, 1.0]), st.floats(0, 1)), min_size=1, max_size=8)


@pytest.mark.parametrize("case", CASES)
def test_they_equal_scipy_and_statsmodels(case):
    assert holm(case["p"]) == pytest.approx(case["holm"], abs=1e-12)
    assert benjamini_hochberg(case["p"]) == pytest.approx(case["benjamini_hochberg"], abs=1e-12)


@given(P_VALUES)
def test_holm_is_bonferroni_on_every_group_of_tests_that_a_test_is_in(p):
    for test, found in enumerate(holm(p)):
        groups = (
            group for n in range(1, len(p) + 1) for group in itertools.combinations(range(len(p)), n) if test in group
        )
        assert found == pytest.approx(max(min(1.0, len(each) * min(p[i] for i in each)) for each in groups))


@given(P_VALUES, st.sampled_from([0.01, 0.05, 0.2]))
def test_benjamini_and_hochberg_reject_up_to_the_last_p_below_its_line(p, alpha):
    ordered = sorted(p)
    below = [i for i, value in enumerate(ordered, start=1) if value <= alpha * i / len(p) * (1 - 1e-9)]
    limit = ordered[below[-1] - 1] if below else -1.0
    rejected = benjamini_hochberg(p) <= alpha
    assert all(rejected[i] for i, value in enumerate(p) if value <= limit)
    assert (holm(p) >= benjamini_hochberg(p) - 1e-12).all() and (benjamini_hochberg(p) >= np.array(p) - 1e-12).all()


@given(P_VALUES, st.randoms(use_true_random=False))
def test_each_test_keeps_its_place(p, random):
    order = random.sample(range(len(p)), len(p))
    for correct in (holm, benjamini_hochberg):
        assert correct([p[i] for i in order]) == pytest.approx(correct(p)[order])


def test_twenty_equal_models_give_a_discovery_without_and_none_with_a_correction():
    rng = np.random.default_rng(0)
    p = rng.random((2_000, 20))
    assert (p.min(axis=1) <= 0.05).mean() == pytest.approx(1 - 0.95**20, abs=0.03)
    assert np.mean([(holm(row) <= 0.05).any() for row in p]) == pytest.approx(0.05, abs=0.015)


@pytest.mark.parametrize("correct", [holm, benjamini_hochberg])
@pytest.mark.parametrize(
    ("p", "message"),
    [
        ([], "no p-values"),
        ([0.1, math.nan], "One of the p-values is nan"),
        ([1.2], "One of the p-values is 1.2"),
        ([-0.1], "One of the p-values is -0.1"),
    ],
)
def test_bad_input_is_named(correct, p, message):
    with pytest.raises(ValueError, match=message):
        correct(p)
