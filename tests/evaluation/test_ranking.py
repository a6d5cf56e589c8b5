"""Precision–recall curve and average precision equal scikit-learn's, with ties and without positives."""

import warnings

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st

from course.evaluation import UndefinedScoreWarning, average_precision, precision_recall_curve

# Few distinct scores, so that many are equal.
ITEMS = st.lists(st.tuples(st.booleans(), st.integers(-4, 4)), min_size=1, max_size=40)


@given(ITEMS)
def test_curve_and_area_equal_scikit_learns(items):
    positive, scores = (np.array(side) for side in zip(*items, strict=True))
    scores = scores / 3
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ours = precision_recall_curve(positive, scores)
        theirs = sklearn.metrics.precision_recall_curve(positive, scores)
        area = sklearn.metrics.average_precision_score(positive, scores)
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12)
        assert average_precision(positive, scores) == pytest.approx(area)


def test_without_a_positive_item_recall_is_said_to_be_undefined():
    with pytest.warns(UndefinedScoreWarning, match="recall is undefined, and counts as 1"):
        curve = precision_recall_curve(np.array([False, False]), np.array([0.1, 0.9]))
    assert curve.recall.tolist() == [1, 1, 0] and curve.precision.tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("positive", "scores", "message"),
    [
        ([], [], "no items"),
        ([True], [0.1, 0.2], "1 items and 2 scores"),
        ([True, False], [0.1, np.nan], "One of the scores is nan"),
    ],
)
@pytest.mark.usefixtures("unchecked_shapes")
def test_bad_input_is_named(positive, scores, message):
    with pytest.raises(ValueError, match=message):
        precision_recall_curve(np.array(positive, dtype=bool), np.array(scores, dtype=float))


@pytest.mark.usefixtures("unchecked_shapes")
def test_labels_are_true_or_false_and_one_for_each_item():
    # Labels of -1 and 1 gave a recall of 2, and of 1 and 2 a precision of 1.5.
    for labels in ([-1, 1, 1], [1, 2, 2], ["yes", "no", "no"]):
        with pytest.raises(ValueError, match=f"One of is_positive is {next(each for each in labels if each != 1)!r}"):
            precision_recall_curve(np.array(labels), np.array([0.1, 0.2, 0.3]))
    with pytest.raises(ValueError, match=r"scores has the shape \(2, 2\)"):
        precision_recall_curve(np.array([True, False]), np.ones((2, 2)))
    with pytest.raises(TypeError, match="scores is of type list"):
        precision_recall_curve(np.array([True]), [0.5])


@pytest.mark.usefixtures("unchecked_shapes")
def test_scores_without_a_sign_are_ranked_as_others_are():
    positive, scores = np.array([True, False, True]), np.array([0, 200, 3], dtype=np.uint8)
    expected = precision_recall_curve(positive, scores.astype(float))
    for one, other in zip(precision_recall_curve(positive, scores), expected, strict=True):
        np.testing.assert_array_equal(one, other)
