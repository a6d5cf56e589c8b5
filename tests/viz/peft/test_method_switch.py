"""One base, several methods: each row is that method's own answer, and the base is afterwards as before."""

import pytest
import torch

from course.fine_tuning import predict_logits
from course.peft import LoRA, attach
from course.viz import MethodSwitch
from tests.support.adapted import assert_same_numbers, attach_disturbed, copied, tiny_bert, tiny_classifier
from tests.support.drawn import overlapping
from tests.support.widgets import method_switch


def rows_of(widget):
    return {name: widget.rows._attached.get(name, model) for name, model in widget.rows.models.items()}


def test_each_row_is_what_its_method_says_alone():
    widget = method_switch()
    for name, row in rows_of(widget).items():
        answer = next(answer for answer in widget.answers if answer.name == name)
        model = widget.rows.models[name]
        if model is not row:
            row.on()
        [logits] = predict_logits(model, [widget.text]).double()
        if model is not row:
            row.off()
        chances = logits.softmax(dim=0)
        assert answer.probabilities == pytest.approx(chances.tolist())
        assert answer.log_odds == pytest.approx((chances[-1] / (1 - chances[-1])).log().item(), abs=1e-6)
    assert len({answer.probabilities for answer in widget.answers}) == 4


def test_trained_numbers_and_switches():
    widget = method_switch()
    alone, lora, prompt, full = widget.answers
    head = 16 * 3 + 3
    assert [alone.trained, lora.trained, prompt.trained] == [head, head + 2 * 2 * 2 * (2 * 16), head + 3 * 16]
    body = widget.rows.models["full fine-tuning"].body
    assert full.trained == head + sum(w.numel() for w in body.parameters()) - (16 * 16 + 16), "all but the pooler"
    assert full.milliseconds is None and all(answer.milliseconds >= 0 for answer in (alone, lora, prompt))
    assert "own model" in widget._table.value and " ms" in widget._table.value
    assert " ms" not in widget.in_words()


def test_the_base_is_as_before_and_what_was_on_is_on_again():
    widget = method_switch()
    lora = widget.rows._attached["<b>LoRA</b> $r$"]
    body = lora.model.body
    lora.on()
    modules, before = list(body.named_modules()), copied(body)
    widget.text = "the union of the states"
    assert widget.error == "" and lora.is_on
    assert list(body.named_modules()) == modules
    assert_same_numbers(copied(body), before)
    widget.text = "a" * 401
    assert "the limit here is 400" in widget.error and lora.is_on
    widget.text = " \n"
    assert "There is no text to ask about" in widget.error and lora.is_on


def test_another_method_on_the_base_is_an_error_and_stays():
    widget = method_switch()
    other = attach(widget.rows._attached["prompt"].model, LoRA(rank=1, targets=["up"]))
    widget.text = "the union"
    assert "already has a LoRALinear on it" in widget.error and other.is_on
    other.off()
    widget.text = "union"
    assert widget.error == ""


def test_rows_are_compared_with_the_first_or_a_chosen_one():
    widget = method_switch()
    asked = [answer.milliseconds for answer in widget.answers]
    odds = [answer.log_odds for answer in widget.answers]
    assert widget.method == "the head alone" and widget._differences()[0] == "0.00"
    widget.method = "prompt"
    assert widget._differences()[2] == "0.00"
    assert float(widget._differences()[1].replace("−", "-")) == pytest.approx(odds[1] - odds[2], abs=0.006)
    assert [answer.milliseconds for answer in widget.answers] == asked, "the text was not asked about again"
    assert widget._table.value.count("lm-marked") == 1
    with pytest.raises(ValueError, match="There is no method 'x'; there are: the head alone"):
        widget.method = "x"
    with pytest.raises(ValueError, match="There is no method 'y'"):
        method_switch(method="y")


def test_the_heading_counts_who_disagrees():
    widget = method_switch()
    best = [max(range(3), key=answer.probabilities.__getitem__) for answer in widget.answers]
    n = sum(place != best[0] for place in best)
    assert f"{n} of the other 3 rows sa" in widget._said() and widget._said() in widget.summary()
    alone = MethodSwitch({"one": tiny_classifier()}, "a great film")
    assert "other" not in alone._said() and alone.error == ""


@pytest.mark.parametrize("text", ["", " \n", "\u200b\u200d"])
def test_a_text_without_tokens_is_named(text):
    widget = method_switch()
    before = widget.answers
    widget.text = text
    assert "There is no text to ask about" in widget.error and widget.answers is before


def test_names_and_classes_are_text():
    widget = method_switch(text="<b>the</b> people")
    page = widget._heading.value + widget._table.value
    assert "<b>LoRA" not in page and "&lt;b&gt;LoRA&lt;/b&gt; $r$" in page
    assert "<b>other" not in page and "&lt;b&gt;other" in page


@pytest.mark.slow
def test_no_text_of_the_picture_lies_over_another():
    assert overlapping(method_switch(text="<b>the</b> people").picture()) == []


def test_rows_that_do_not_fit_together():
    one, other = (attach_disturbed(tiny_classifier(), LoRA(2)) for _time in range(2))
    with pytest.raises(ValueError, match="There is nothing to switch between"):
        MethodSwitch({}, "a film")
    with pytest.raises(ValueError, match="'b' is on another body than 'a'"):
        MethodSwitch({"a": one, "b": other}, "a film")
    with pytest.raises(ValueError, match="'a' is on a Bert: give methods that are on classifiers"):
        MethodSwitch({"a": attach(tiny_bert(), LoRA(2))}, "a film")
    with pytest.raises(ValueError, match="'b' has the classes 'good', 'bad', and 'a' has 'bad', 'good'"):
        MethodSwitch({"a": one, "b": tiny_classifier(classes=("good", "bad"))}, "a film")
    assert one.is_on and other.is_on


def test_all_weights_of_the_rows_stay():
    widget = method_switch()
    before = [copied(model) for model in widget.rows.models.values()]
    widget.text = "the union"
    for model, numbers in zip(widget.rows.models.values(), before, strict=True):
        assert_same_numbers(copied(model), numbers)
        assert all(weight.grad is None for weight in model.parameters())
    assert torch.is_grad_enabled()
