"""The staircase is that of the layer's own weights, its errors those of outputs; the first label to change is found."""

import pytest
import torch

from course.compression.quantization import Scheme, round_matrix
from course.fine_tuning import predict_logits
from course.viz.compression.layer_rounding import first_flip, labels_by_bits, layer_inputs, round_layer
from tests.support.drawn import overlapping
from tests.support.widgets import _classifier, quantization_stairs

SCHEMES = {
    "matrix": lambda bits: Scheme(bits, per_tensor=True),
    "row": lambda bits: Scheme(bits),
    "32": lambda bits: Scheme(bits, group_size=32),
}


def layer_of(model, place):
    return model.get_submodule(place)


@pytest.mark.parametrize("shared_by", SCHEMES)
@pytest.mark.parametrize("bits", [2, 4, 8])
def test_the_error_is_that_of_the_outputs(bits, shared_by):
    widget = quantization_stairs(bits=bits, shared_by=shared_by)
    model = _classifier()
    layer = layer_of(model, widget.layer)
    x = layer_inputs(model, layer, ["the people", "of the states"])
    rounded = round_matrix(layer.weight.detach(), SCHEMES[shared_by](bits)).dequantize()
    exact, other = x @ layer.weight.detach().mT, x @ rounded.mT
    assert widget.rounding.error == pytest.approx(((other - exact).norm() / exact.norm()).item(), rel=1e-4)
    worst = ((other - exact).norm(dim=0) / exact.norm(dim=0)).max().item()
    assert widget.rounding.worst == pytest.approx(worst, rel=1e-3)
    rows = [row for row in range(len(rounded)) if torch.equal(layer.weight[row], widget.rounding.exact)]
    assert len(rows) == 1 and torch.equal(rounded[rows[0]], widget.rounding.rounded)
    if shared_by != "32":
        assert widget.rounding.n_levels <= 2**bits - 1


def test_a_row_that_is_all_zeros_has_one_level():
    widget = quantization_stairs(bits=2, shared_by="matrix")
    assert widget.rounding.n_levels > 1 and "levels in this row" in widget.in_words()
    widget.rounding = widget.rounding._replace(n_levels=1)
    assert "1 level in this row" in widget.in_words()


def test_more_bits_leave_a_smaller_error():
    widget = quantization_stairs(bits=2)
    errors = []
    for bits in range(2, 9):
        widget.bits = bits
        errors.append(widget.rounding.error)
    assert errors == sorted(errors, reverse=True) and errors[-1] < 0.02


def test_what_the_layer_reads_has_a_row_for_each_token():
    model = _classifier()
    layer = layer_of(model, "body.blocks.0.attention.query")
    x = layer_inputs(model, layer, ["the people", "of the states"])
    n_tokens = sum(len(model.row(text).ids) for text in ("the people", "of the states"))
    assert x.shape == (n_tokens, layer.weight.shape[1])
    assert not layer._forward_pre_hooks


def test_the_first_label_to_change_is_found():
    exact = ["a", "b", "a"]
    assert first_flip(exact, {8: exact, 7: ["a", "b", "b"], 6: ["b", "b", "b"]}) == (7, [2])
    assert first_flip(exact, {8: exact, 7: exact}) is None


def test_the_button_says_which_label_changes_and_when():
    widget = quantization_stairs()
    model, texts = _classifier(), widget.lines()
    by_bits = labels_by_bits(model, texts, "row", widget._places, 2)
    exact = [model.classes[int(predict_logits(model, [text]).argmax())] for text in texts]
    widget.find_flip()
    assert widget.error == "" and widget.flip == first_flip(exact, by_bits)
    assert "All layers rounded" in widget.in_words()
    widget.bits = 3
    assert "All layers rounded" in widget.in_words(), "the bits of one layer change nothing of it"
    widget.texts = "another"
    assert widget.flip is None and "All layers" not in widget.in_words()


def test_the_model_itself_is_not_changed():
    model = _classifier()
    before = [weight.clone() for weight in model.parameters()]
    labels_by_bits(model, ["the people"], "32", ["body.blocks.0.attention.query"], 2)
    round_layer(layer_of(model, "body.blocks.0.attention.query"), torch.randn(3, before[3].shape[-1]), 2, "row")
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))


@pytest.mark.parametrize(
    ("texts", "said"),
    [("", "There is no text"), ("a\n" * 13, "13 texts; at most 12"), ("a" * 2_001, "limit here is 2,000")],
)
def test_texts_that_cannot_be_read_are_refused(texts, said):
    widget = quantization_stairs()
    widget.texts = texts
    assert said in widget.error
    widget.texts = "the people"
    assert widget.error == ""


def test_another_layer_is_refused():
    with pytest.raises(ValueError, match=r"no linear layer 'first'\. There are: body"):
        quantization_stairs(layer="first")


@pytest.mark.parametrize("bits", [2, 4, 8])
def test_no_text_of_the_picture_lies_on_another(bits):
    widget = quantization_stairs(bits=bits)
    widget.find_flip()
    assert overlapping(widget.figure()) == []
