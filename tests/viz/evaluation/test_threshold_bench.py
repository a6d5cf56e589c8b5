"""A threshold: its counts and measures are scikit-learn's, also at the ends and of the learner's own scores."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, matthews_corrcoef

from course.evaluation import expected_calibration_error
from course.viz import ThresholdBench
from course.viz.evaluation.scored_items import ScoredItems, curves_of, read_scores
from tests.support.drawn import overlapping
from tests.support.widgets import columns, threshold_bench

items = st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=1, max_size=40)


@given(items, st.integers(0, 20))
def test_counts_and_measures_are_scikit_learns(drawn, place):
    true, scores = (np.array(one) for one in zip(*drawn, strict=True))
    scored, threshold = ScoredItems(true, scores / 20), place / 20
    predicted = scores / 20 >= threshold
    found = scored.measures_at(threshold)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert found.counts.tolist() == confusion_matrix(true, predicted, labels=[False, True]).tolist()
        assert found.accuracy.estimate == pytest.approx(accuracy_score(true, predicted))
        assert (found.f1 or 0.0) == pytest.approx(f1_score(true, predicted, zero_division=0))
        assert (found.matthews or 0.0) == pytest.approx(matthews_corrcoef(true, predicted))
    assert (found.f1 is None) == (not true.any() and not predicted.any())
    assert (found.matthews is None) == (len(set(true)) == 1 or len(set(predicted)) == 1)


def test_curves_and_the_point_agree():
    widget = threshold_bench()
    for threshold in (0.0, 0.25, 0.5, 0.99):
        widget.threshold = threshold
        place = round(100 * threshold)
        assert widget.curves["accuracy"][place] == widget.measures.accuracy.estimate
        f1, matthews = curves_of(widget.measures.counts[None])
        np.testing.assert_equal(widget.curves["F1"][place], f1[0])
        np.testing.assert_equal(widget.curves["Matthews"][place], matthews[0])


def test_bins_of_either_kind():
    widget = threshold_bench(n_bins=5)
    scored = widget._scored[widget.model]
    for bins in ("width", "mass"):
        widget.bins = bins
        error = expected_calibration_error(scored.is_positive, scored.probabilities, n_bins=5, bins=bins)
        assert widget.calibration_error == error
        assert f"{100 * error:.1f} %, in 5 bins of equal {bins}" in widget.in_words()
        assert widget._reliability.value.count("<circle") == (widget.found.counts > 0).sum()


def test_own_scores_are_judged_instead():
    widget = threshold_bench(threshold=0.5)
    widget.own = "0.9 1\n0.8, positive\n\n.3\tno\n0.6 0"
    assert widget.measures.counts.tolist() == [[1, 1], [0, 2]]
    assert "your own scores, n = 4" in widget.in_words()
    last = widget.in_words()
    widget.own = "0.9"
    assert widget.error.startswith("Line 1 is '0.9'; write `score label`") and widget.in_words() == last
    widget.own = " "
    assert widget.error == "" and "n = 30" in widget.in_words()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0.5 1\na 1", "Line 2 has the score 'a'; it must be a number from 0 to 1"),
        ("1.2 0", "Line 1 has the score '1.2'"),
        ("nan 0", "Line 1 has the score 'nan'"),
        ("0.5 maybe", "Line 1 has the label 'maybe'; write 1 or positive"),
        ("0.5 1 1", "Line 1 is '0.5 1 1'"),
        ("0.5 1\n" * 5_001, "There are 5,001 lines; the limit here is 5,000"),
        ("\n", "There is no score"),
    ],
)
def test_lines_that_are_none_are_named(text, message):
    with pytest.raises(ValueError) as refused:
        read_scores(text)
    assert message in str(refused.value)


@pytest.mark.parametrize("own", ["0.1 0\n0.2 0", "0.1 1", "0 0\n1 1", "1 0\n0 1", "0.5 1\n0.5 0"])
def test_one_class_and_extremes_are_drawn(own):
    widget = threshold_bench(own=own)
    assert widget.error == ""
    for widget.threshold in (0, 0.5, 1):
        assert overlapping(widget.picture()) == [] and "nan" not in widget._curves.value + widget.in_words()


def test_a_column_without_probabilities_is_refused():
    with pytest.raises(ValueError, match="No model of the column 'choices' has probabilities"):
        ThresholdBench(columns()["choices"])
    with pytest.raises(ValueError, match="no model 'third' with probabilities"):
        threshold_bench(model="third")
