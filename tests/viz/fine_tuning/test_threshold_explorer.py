"""A threshold: what it counts is what the course's measures count, and the texts that change sides are named."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.evaluation import ConfusionMatrix, confusion_matrix
from course.viz import ThresholdExplorer
from course.viz.fine_tuning.scored_texts import ScoredTexts
from course.viz.fine_tuning.threshold_explorer import LONGEST, SHOWN
from tests.support.widgets import threshold_explorer

scored_items = st.lists(st.tuples(st.booleans(), st.integers(0, 10)), min_size=2, max_size=30).filter(
    lambda items: len({positive for positive, _score in items}) == 2
)


def scored(items):
    is_positive, scores = map(np.array, zip(*items, strict=True))
    return ScoredTexts([f"text {i}" for i in range(len(items))], is_positive, scores / 10, ("no", "yes"))


@given(scored_items, st.integers(0, 20))
def test_counts_and_measures_are_those_of_the_confusion_matrix(items, threshold):
    texts = scored(items)
    counts = texts.counts_at(threshold / 20)
    predicted = texts.probabilities >= threshold / 20
    table = confusion_matrix(texts.is_positive, predicted, [False, True])
    assert table.counts.tolist() == [
        [counts.right_negative, counts.false_positive],
        [counts.missed, counts.right_positive],
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        measures = [table.accuracy(), table.recall(True), table.f1(True), table.precision(True)]
    assert [counts.accuracy, counts.recall, counts.f1] == pytest.approx(measures[:3])
    assert (counts.precision or 0.0) == pytest.approx(measures[3])
    assert (counts.precision is None) == (not predicted.any())
    assert table.macro(ConfusionMatrix.recall) >= 0


@given(scored_items, st.integers(0, 20), st.integers(0, 20))
def test_who_changes_sides_has_a_probability_between_the_thresholds(items, before, now):
    texts = scored(items)
    changed = texts.changed(before / 20, now / 20)
    low, high = sorted((before / 20, now / 20))
    assert set(changed) == {i for i, p in enumerate(texts.probabilities) if low <= p < high}
    distances = [abs(texts.probabilities[i] - now / 20) for i in changed]
    assert distances == sorted(distances)


@given(scored_items, st.integers(0, 20))
def test_the_point_is_on_the_curve(items, threshold):
    texts = scored(items)
    counts = texts.counts_at(threshold / 20)
    if counts.precision is not None:
        on_curve = zip(texts.curve.precision, texts.curve.recall, strict=True)
        assert any(np.allclose((counts.precision, counts.recall), point) for point in on_curve)


def test_moving_it_names_the_texts_and_says_whether_they_are_right_now():
    widget = threshold_explorer(threshold=0.5, compared_with=0.5)
    assert widget.changed == [] and "No text is on another side" in widget.in_words()
    widget.threshold = 0.65
    assert widget.changed == [3]  # "union", 0.6, in truth negative
    assert "1 text is on another side than at 0.50. Now right: 1; now wrong: 0." in widget.in_words()
    widget.threshold = 0.35
    assert widget.changed == [2]
    assert "now ✓ positive, in truth positive: states" in widget.in_words()
    assert "<td>0.400</td><td>✓ positive</td>" in widget._texts.value


def test_above_all_probabilities_precision_is_undefined_and_there_is_no_point():
    widget = threshold_explorer(threshold=1.0)
    assert widget.counts.precision is None and "undefined" in widget.in_words()
    assert "<circle" not in widget._curve.value
    widget.threshold = 0.0
    assert widget.counts.recall == 1 and "<circle" in widget._curve.value


@given(st.floats(0.0, 1.0), st.integers(0, 100))
def test_a_probability_reads_as_on_the_side_where_its_text_is(probability, threshold):
    texts = ScoredTexts(
        ["a", "b", "c"], np.array([True, False, True]), np.array([probability, 0.5, 0.5]), ("no", "yes")
    )
    assert (float(texts.written(0)) >= threshold / 100) == texts.predicted(threshold / 100)[0]


def test_the_saved_picture_names_them_too():
    widget = threshold_explorer(threshold=0.5, compared_with=0.35)
    written = [text.get_text() for text in widget.picture().texts]
    assert "1 text is on another side than at 0.35. Now right: 0; now wrong: 1." in written
    assert any(text.startswith("0.400, now ✗ negative, in truth positive: states") for text in written)
    curve, matrix = (axes.get_position() for axes in widget.picture().axes)
    assert 0 < curve.y0 < matrix.y0 < matrix.y1 < curve.y1 < 1


def test_texts_are_shown_as_typed_and_shortened():
    widget = threshold_explorer(threshold=0.0, compared_with=1.0)
    assert "&lt;b&gt;united&lt;/b&gt;" in widget._texts.value and "<b>united" not in widget._texts.value
    longest = max((text for *_rest, text in widget._lines(SHOWN)), key=len)
    assert longest.endswith("…") and len(longest) <= LONGEST


def test_sliders_and_state_are_one():
    widget = threshold_explorer()
    controls = widget.children[0].children
    controls[0].value = 0.8
    assert widget.threshold == 0.8
    widget.compared_with = 0.1
    assert controls[1].value == 0.1


@pytest.mark.parametrize(
    ("texts", "positive", "scores", "message"),
    [
        (["a"], [True, False], [0.1, 0.9], "1 texts and 2 probabilities"),
        (["a", "b"], [True, False], [0.1, 1.9], "outside 0 to 1"),
        (["a", "b"], [True, True], [0.1, 0.9], "one class"),
    ],
)
def test_bad_input_is_named(texts, positive, scores, message):
    with pytest.raises(ValueError, match=message):
        ThresholdExplorer(texts, np.array(positive), np.array(scores))
