"""Measures of classes equal scikit-learn's, on generated inputs and where something is missing."""

import warnings

import numpy as np
import pytest
import sklearn.metrics
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course.evaluation import ConfusionMatrix, UndefinedScoreWarning, confusion_matrix

CLASSES = ("a", "b", "c")
ITEMS = st.lists(st.tuples(st.sampled_from(CLASSES), st.sampled_from(CLASSES)), min_size=1, max_size=30)


@settings(max_examples=25)
@given(ITEMS)
def test_every_measure_equals_scikit_learns(items):
    true, predicted = (list(side) for side in zip(*items, strict=True))
    table = confusion_matrix(true, predicted, classes=CLASSES)
    theirs = {"labels": list(CLASSES), "zero_division": 0}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndefinedScoreWarning)
        assert (table.counts == sklearn.metrics.confusion_matrix(true, predicted, labels=CLASSES)).all()
        assert table.accuracy() == pytest.approx(sklearn.metrics.accuracy_score(true, predicted))
        for ours, name in (("precision", "precision"), ("recall", "recall"), ("f1", "f1")):
            their_score = getattr(sklearn.metrics, f"{name}_score")
            each = [getattr(table, ours)(one) for one in CLASSES]
            assert each == pytest.approx(list(their_score(true, predicted, average=None, **theirs)))
            macro = table.macro(getattr(ConfusionMatrix, ours))
            assert macro == pytest.approx(their_score(true, predicted, average="macro", **theirs))
        micro = sklearn.metrics.f1_score(true, predicted, average="micro", **theirs)
        assert table.micro_f1() == pytest.approx(micro) == table.accuracy()
        some = sklearn.metrics.f1_score(true, predicted, average="micro", labels=["a", "c"], zero_division=0)
        assert table.micro_f1(["a", "c"]) == pytest.approx(some)


def test_f1_of_one_class_is_not_that_of_the_other_and_macro_is_not_micro():
    table = confusion_matrix([1, 1, 1, 0], [1, 1, 1, 1])
    assert table.f1(1) == pytest.approx(6 / 7)
    with pytest.warns(UndefinedScoreWarning):
        assert table.precision(0) == 0
    assert table.f1(0) == 0  # one item is of class 0, so this is no question of definition
    assert table.macro(ConfusionMatrix.f1) == pytest.approx(3 / 7) != table.micro_f1() == 0.75


def test_without_a_positive_prediction_precision_is_0_and_says_so():
    table = confusion_matrix(["yes", "no"], ["no", "no"])
    with pytest.warns(UndefinedScoreWarning, match="No item was predicted to be 'yes'"):
        assert table.precision("yes") == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert table.recall("yes") == table.f1("yes") == 0


def test_without_a_positive_item_recall_is_0_and_says_so():
    table = confusion_matrix(["no", "no"], ["no", "no"], classes=("no", "yes"))
    with pytest.warns(UndefinedScoreWarning, match="No item is 'yes': its recall"):
        assert table.recall("yes") == 0
    with pytest.warns(UndefinedScoreWarning, match="none was predicted"):
        assert table.f1("yes") == 0
    with pytest.warns(UndefinedScoreWarning, match="of the classes 'yes'"):
        assert table.micro_f1(["yes"]) == 0


def test_arrays_and_tensors_are_read_as_lists_are():
    expected = confusion_matrix([0, 1, 1], [1, 1, 0]).counts
    for make in (np.array, torch.tensor):
        table = confusion_matrix(make([0, 1, 1]), make([1, 1, 0]))
        assert (table.counts == expected).all() and table.classes == (0, 1)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("true", "predicted", "classes", "message"),
    [
        ([], [], None, "There are no items"),
        (["a"], ["a", "b"], None, "There are 1 items and 2 predictions"),
        (["a"], ["b"], ("a",), "'b' is none of the classes 'a'"),
        (["a"], ["a"], ("a", "a"), "The class 'a' is given twice"),
    ],
)
def test_bad_input_is_named(true, predicted, classes, message):
    with pytest.raises(ValueError, match=message):
        confusion_matrix(true, predicted, classes)


def test_an_unknown_class_is_named():
    with pytest.raises(ValueError, match=r"There is no class 'fresh'\. The classes are: 0, 1"):
        confusion_matrix([0, 1], [1, 1]).precision("fresh")


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("true", "predicted", "message"),
    [
        ("positive", "negative", "'positive' is no list of classes"),
        (torch.tensor(1), torch.tensor(1), "1 is no list of classes"),
        ([0, 1], torch.tensor([[0.5, 0.25], [0.5, 0.25]]), "argmax"),
        ([1.0, float("nan")], [1.0, 1.0], "An item is nan"),
        (["1", "0"], [1, 0], "several types: int, str"),
    ],
)
def test_what_is_no_class_is_named(true, predicted, message):
    with pytest.raises((TypeError, ValueError), match=message):
        confusion_matrix(true, predicted)


def test_a_list_of_tensors_counts_by_their_values():
    each = [torch.tensor(1), torch.tensor(0), torch.tensor(1)]
    assert confusion_matrix(each, list(each)).counts.tolist() == [[1, 0], [0, 2]]
