"""The threshold chosen is the best there is, on validation and nowhere else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.evaluation import Scored, choose_threshold

ITEMS = st.lists(st.tuples(st.booleans(), st.integers(-3, 3)), min_size=1, max_size=12)


@pytest.mark.parametrize("measure", ["accuracy", "f1"])
@given(items=ITEMS)
def test_no_other_threshold_is_better(measure, items):
    positive, scores = np.array([yes for yes, _s in items]), np.array([s / 2 for _yes, s in items])
    found = choose_threshold(Scored(positive, scores, "validation"), measure)
    of = {"accuracy": accuracy, "f1": f1}[measure]
    assert found.validation == pytest.approx(of(positive, scores >= found.value))
    assert found.validation >= max(of(positive, scores >= value) for value in np.arange(-4, 4, 0.25)) - 1e-12


def accuracy(true, predicted):
    return (true == predicted).mean()


def f1(true, predicted):
    return 2 * (true & predicted).sum() / max(true.sum() + predicted.sum(), 1)


def test_of_thresholds_that_are_equally_good_it_is_in_the_middle():
    scored = Scored(np.array([False, True]), np.array([0.2, 0.8]), "validation")
    assert choose_threshold(scored).value == pytest.approx(0.5)
    many = Scored(np.array([False, True] * 3), np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]), "validation")
    assert choose_threshold(many, "accuracy").value == pytest.approx(0.35)  # 0.15 and 0.55 are as good
    none = Scored(np.array([False, False, False]), np.array([0.2, 0.4, 0.8]), "validation")
    assert choose_threshold(none, "accuracy").value > 0.8


@pytest.mark.parametrize("role", ["test", "training"])
def test_a_threshold_is_not_chosen_on_another_set(role):
    with pytest.raises(ValueError, match=f"These are scores of the {role} set"):
        choose_threshold(Scored(np.array([True]), np.array([0.5]), role))


@pytest.mark.usefixtures("unchecked_shapes")
def test_bad_input_is_named():
    with pytest.raises(ValueError, match="measure is 'auc'"):
        choose_threshold(Scored(np.array([True]), np.array([0.5]), "validation"), "auc")
    with pytest.raises(ValueError, match="1 items and 2 scores"):
        Scored(np.array([True]), np.array([0.5, 0.1]), "validation")


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("low", [0.5, 0.999, 1e3])
def test_between_neighboring_numbers_the_threshold_still_separates(kind, low):
    # No number lies halfway between them: rounded down, it would take both for positive.
    scores = np.array([low, np.nextafter(kind(low), kind(np.inf))], dtype=kind)
    found = choose_threshold(Scored(np.array([False, True]), scores, "validation"))
    assert found.validation == 1 and (scores >= found.value).tolist() == [False, True]
    none = choose_threshold(Scored(np.array([False, False]), scores, "validation"), "accuracy")
    assert none.validation == 1 and not (scores >= none.value).any()
