"""Labelling blind: nothing is told before the end, and then what the course's measures say of the labels."""

import dataclasses
import math
import re

import numpy as np
import pytest

from course.evaluation import cohen_kappa
from course.intervals import share
from course.viz import JudgeYourself
from course.viz.evaluation.judgements import Item, judge, read_items
from course.viz.kit.traits import StateError
from tests.support.drawn import overlapping
from tests.support.widgets import columns, judge_yourself

YES, NO = "positive", "negative"


def finished(**state):
    widget = judge_yourself(labels=(), **state)
    for place in range(len(widget.items)):
        widget._buttons[place % 2].click()
    return widget


def test_nothing_is_told_before_the_end():
    widget = judge_yourself(labels=())
    for place in range(4):
        assert widget.judgement is None and "kappa" not in widget.in_words() and widget._result.value == ""
        assert f"Text {place + 1} of 4" in widget._heading.value
        assert "gold" not in widget._text.value + widget.in_words()
        widget._buttons[0].click()
    assert widget.judgement is not None and "kappa" in widget.in_words()
    assert all(button.off for button in widget._buttons)


def test_the_numbers_are_those_of_the_measures():
    widget = finished(n_texts=20)
    gold, model = [one.gold for one in widget.items], [one.model for one in widget.items]
    found = widget.judgement
    right = sum(a == b for a, b in zip(widget.labels, gold, strict=True))
    assert repr(found.accuracy) == repr(share(right, 20, of="texts"))
    assert found.kappa == cohen_kappa(widget.labels, gold)
    assert found.model_kappa == cohen_kappa(widget.labels, model)
    assert found.model_accuracy.estimate == sum(a == b for a, b in zip(model, gold, strict=True)) / 20
    assert found.agreement.estimate == sum(a == b for a, b in zip(model, widget.labels, strict=True)) / 20
    wrong = [one for one in zip(widget.labels, gold, model, strict=True) if len(set(one)) > 1]
    assert len(widget._disputed()) == len(wrong) > 0


def test_labels_are_taken_back_and_texts_drawn_again():
    widget = finished()
    widget.take_back()
    assert len(widget.labels) == 3 and widget.judgement is None and not widget._buttons[0].off
    before = [one.text for one in widget.items]
    widget.other_texts()
    assert widget.labels == () and widget.seed == 1 and [one.text for one in widget.items] != before
    for _label in range(4):
        widget.give(YES)
    with pytest.raises(ValueError, match="All texts are labelled"):
        widget.give(YES)


def test_own_texts_have_gold_labels_and_no_model():
    widget = finished()
    widget.own = "positive | good $x$\n\nnegative | <b>bad</b>"
    assert widget.labels == () and [one.gold for one in widget.items] == [YES, NO]
    widget.labels = (YES, YES)
    assert widget.judgement.accuracy.estimate == 0.5 and widget.judgement.agreement is None
    assert "&lt;b&gt;bad" in widget._result.value and "model:" not in widget._result.value
    widget.own = ""
    assert len(widget.items) == 4 and widget.items[0].model is not None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("good", "Line 1 is 'good'; write `label | text`"),
        ("positive | a\n| b", "Line 2 has the label ''"),
        ("positive |", "Line 1 is 'positive |'"),
        ("good | b", "Line 1 has the label 'good'; the labels are negative, positive"),
        ("positive | b\n" * 51, "There are 51 texts; the limit here is 50"),
    ],
)
def test_lines_that_are_none_are_named(text, message):
    with pytest.raises(ValueError) as refused:
        read_items(text, (NO, YES))
    assert message in str(refused.value)


def test_one_label_for_all_has_no_kappa():
    found = judge([Item("a", YES, YES), Item("b", YES, NO)], [YES, YES])
    assert math.isnan(found.kappa) and found.model_kappa == 0 and found.test.only_a == 1
    widget = judge_yourself(own="positive | a", labels=(YES,))
    assert "undefined, since both give one label to all" in widget.in_words()


def test_what_is_no_label_is_refused():
    widget = judge_yourself()
    for labels, message in (
        (("x",), "no label 'x'"),
        ("positive", "must be a list of labels"),
        ((1,), "list of"),
        (7, "labels is 7"),
    ):
        with pytest.raises(StateError, match=message):
            widget.labels = labels
    widget.labels = (YES,) * 9
    assert widget.error == "There are 9 labels for 4 texts. Take some back."
    with pytest.raises(ValueError, match="has no texts to label"):
        JudgeYourself(columns()["choices"])


def test_the_picture_has_what_differs():
    assert overlapping(finished().picture()) == [] and overlapping(judge_yourself(labels=()).picture()) == []


@pytest.mark.usefixtures("unchecked_shapes")
def test_a_column_without_classes_or_with_more_than_names_is_refused():
    made = columns()
    of_right = dataclasses.replace(made["choices"], texts=lambda: ["a"] * 12)
    with pytest.raises(ValueError, match="'choices' knows of an answer only whether it was right"):
        JudgeYourself(of_right)
    two = made["letters $x$"]
    three = dataclasses.replace(two, true=np.arange(30) % 3)
    with pytest.raises(ValueError, match="has the classes 0 to 2, and there are 2 names"):
        JudgeYourself(three)
    assert JudgeYourself(three, names=("a", "b", "c")).error == ""
    for column in (None, 3, ["reviews"]):
        with pytest.raises(ValueError, match=re.escape(f"There is no column {column!r}")):
            JudgeYourself(column)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"n_texts": 0}, "n_texts is 0"),
        ({"n_texts": 1.5}, "n_texts is 1.5"),
        ({"names": ()}, "two or more different ones"),
        ({"names": ("a", "a")}, "two or more different ones"),
        ({"names": ("a|b", "c")}, "two or more different ones"),
        ({"names": (1, 2)}, "two or more different ones"),
    ],
)
def test_what_cannot_be_labelled_is_refused(wrong, said):
    with pytest.raises(ValueError, match=said):
        judge_yourself(**wrong)


def test_own_lines_that_cannot_be_read_leave_a_widget_that_says_so():
    widget = judge_yourself(labels=(), own="no bar")
    assert widget.error and widget.judgement is None and widget.items == []
    assert widget.error in widget.summary()
