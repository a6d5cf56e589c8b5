"""What the teacher says is what its logits say, softened; its order of classes stays."""

import pytest
import torch

from course.compression import soft_targets
from course.fine_tuning import predict_logits
from tests.support.widgets import _classifier, teacher_targets


@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0, 20.0])
def test_targets_are_the_softened_logits(temperature):
    widget = teacher_targets(temperature=temperature)
    model = _classifier()
    row = soft_targets(predict_logits(model, ["the people of the states"])[0], temperature)
    assert widget.error == "" and list(widget.targets) == list(model.classes)
    assert torch.allclose(torch.tensor(list(widget.targets.values())), row, atol=1e-6)
    assert widget.entropy == pytest.approx(-(row * row.log()).sum().item(), abs=1e-5)


def test_the_order_stays_and_the_entropy_rises_with_the_temperature():
    widget = teacher_targets(temperature=0.5)
    order, entropies = widget._order, [widget.entropy]
    for temperature in (1.0, 2.0, 8.0, 20.0):
        widget.temperature = temperature
        entropies.append(widget.entropy)
        assert widget._order == order
    assert entropies == sorted(entropies)


def test_another_text_is_read():
    widget = teacher_targets()
    before = dict(widget.targets)
    widget.text = "union"
    assert widget.error == "" and widget.targets != before
    widget.text = " "
    assert "The text is empty" in widget.error


@pytest.mark.parametrize("temperature", [0.4, 21, float("nan")])
def test_a_temperature_out_of_range_is_refused(temperature):
    with pytest.raises(ValueError, match=r"temperature is .* from 0\.5 to 20"):
        teacher_targets(temperature=temperature)
