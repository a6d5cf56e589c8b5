"""Contributions on a typed text: those of the course's functions, with the sum that they should have."""

import re
from unittest import mock

import pytest
import torch

from course.fine_tuning import predict_logits
from course.interpretability.contributions import TOLERANCE, integrated_gradients, leave_one_out
from course.viz.fine_tuning import contribution_explorer as module
from tests.support.widgets import contribution_explorer


def test_both_ways_are_the_courses_and_the_sum_is_printed():
    widget = contribution_explorer(target="$good$")
    expected = integrated_gradients(widget.model, widget.text, "$good$", tolerance=module.TRUSTED)
    assert widget.gradients == expected
    left_out = leave_one_out(
        lambda texts: predict_logits(widget.model, texts), widget.text, widget.model.classes, "$good$"
    )
    assert widget.left_out == left_out
    assert abs(widget.gradients.sum_gap) <= module.TRUSTED
    words = widget.in_words()
    assert "add up to" in words and "Do not trust" not in words
    assert len(widget.gradients.words) == 5


def test_a_sum_that_can_be_trusted_is_soon_enough():
    with mock.patch.object(module, "integrated_gradients", wraps=integrated_gradients) as asked:
        contribution_explorer()
    assert asked.call_args.kwargs == {"tolerance": module.TRUSTED}  # more steps would only take longer


def test_both_ways_are_drawn_on_one_scale():
    widget = contribution_explorer()
    drawn = [
        (found.values, [float(width) for width in re.findall(r'lm-bar" style="[^"]*width: ([\d.]+)%', view.value)])
        for view, found in zip(widget._bars, (widget.left_out, widget.gradients), strict=True)
    ]
    one, other = (max(widths) / max(map(abs, values)) for values, widths in drawn)
    assert one == pytest.approx(other, rel=0.01)
    with mock.patch.object(module, "stacked", wraps=module.stacked) as pictured:
        widget.picture()
    first, second = (figure.axes[0].get_xlim() for figure in pictured.call_args.args[0])
    assert first == second


def test_words_beyond_the_models_limit_are_counted():
    widget = contribution_explorer(text="the people " * 20)
    assert "reads at most" not in widget.in_words()
    widget.model.limit = 12
    widget.text = "the people " * 21
    n = widget.gradients.n_unread
    assert 0 < n < 42 and f"at most 12 tokens: {n} of the 42 words are beyond them" in widget.in_words()
    assert f"{n} of the 42 words" in widget._sum.value


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
