"""Contributions on a typed text: those of the course's functions, with the sum that they should have."""

import pytest
import torch

from course.fine_tuning import predict_logits
from course.interpretability.contributions import TOLERANCE, integrated_gradients, leave_one_out
from course.viz.fine_tuning import contribution_explorer as module
from tests.support.widgets import contribution_explorer


def test_both_ways_are_the_courses_and_the_sum_is_printed():
    widget = contribution_explorer(target="$good$")
    expected = integrated_gradients(widget.model, widget.text, "$good$")
    assert widget.gradients == expected
    left_out = leave_one_out(
        lambda texts: predict_logits(widget.model, texts), widget.text, widget.model.classes, "$good$"
    )
    assert widget.left_out == left_out
    assert abs(widget.gradients.sum_gap) <= TOLERANCE
    words = widget.in_words()
    assert "add up to" in words and "Do not trust" not in words
    assert len(widget.gradients.words) == 5


def test_a_sum_that_is_off_is_said():
    widget = contribution_explorer()
    found = widget.gradients
    widget.gradients = type(found)(found.target, found.words, found.values, found.text_score + 1, found.baseline_score)
    assert "Do not trust these bars" in widget._completeness()
    assert module.TRUSTED > TOLERANCE


def test_another_class_and_another_text_are_read():
    widget = contribution_explorer()
    before = widget.probability
    widget.target = "dull"
    logits = predict_logits(widget.model, [widget.text]).softmax(dim=-1)[0]
    assert widget.probability == pytest.approx(logits[0].item()) and widget.probability != before
    widget.text = "union"
    assert widget.left_out.words == ["union"] and widget.error == ""
    with pytest.raises(ValueError, match="There is no class 'x'; there are: dull"):
        widget.target = "x"
    with pytest.raises(ValueError, match="There is no class 'y'"):
        contribution_explorer(target="y")


def test_the_model_is_as_before():
    widget = contribution_explorer()
    weights = [weight.clone() for weight in widget.model.parameters()]
    widget.text = "the union of the states"
    assert all(map(torch.equal, weights, widget.model.parameters()))
    assert all(weight.grad is None for weight in widget.model.parameters())


def test_what_is_typed_is_text_and_errors_are_named():
    widget = contribution_explorer(text="<b>the</b> people")
    assert "<b>the" not in widget._bars[0].value and "&lt;b&gt;" in widget._bars[0].value
    widget.text = ""
    assert "no words" in widget.error
    widget.text = "a" * 301
    assert "the limit here is 300" in widget.error
    widget.text = "the people"
    assert widget.error == ""
