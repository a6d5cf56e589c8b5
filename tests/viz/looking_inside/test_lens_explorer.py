"""The logit lens on a typed text: the model's own answer in the last row, and what the removal of heads changes."""

import pytest
import torch

from course.interpretability.ablation import without_heads
from course.interpretability.residual_stream import logit_lens
from tests.support.widgets import lens_explorer


def model_of(widget):
    return widget.models[widget.model]


@pytest.mark.parametrize("name", ["decoder", "Transformer"])
def test_the_last_row_is_what_the_model_says(name):
    widget = lens_explorer(model=name, text="dab" if name == "Transformer" else "the states", removed="nothing")
    model, _tokenizer = model_of(widget)
    _key, source, _reading = widget._known
    with torch.no_grad():
        logits = model(*source.inputs)[0, -len(widget.reading.tokens) :]
    torch.testing.assert_close(widget.reading.chances[-1], logits.softmax(dim=-1).max(dim=-1).values)
    ids = logits.argmax(dim=-1).tolist()
    assert [source.vocabulary[i].replace("Ġ", "␣") for i in ids] == widget.reading.likeliest[-1]


@pytest.mark.parametrize("name", ["decoder", "Transformer"])
def test_each_row_is_the_lens_at_that_place(name):
    widget = lens_explorer(model=name, text="dab" if name == "Transformer" else "the states", removed="nothing")
    model, _tokenizer = model_of(widget)
    every = 1 if name == "Transformer" else 2  # of a language model, after each layer's two sublayers
    logits = logit_lens(model, *widget._known[1].inputs)[::every]
    assert len(logits) == len(widget.reading.rows)
    for row, expected in enumerate(logits):
        best = expected[0, -len(widget.reading.tokens) :].softmax(dim=-1).max(dim=-1).values
        torch.testing.assert_close(widget.reading.chances[row], best)


@pytest.mark.parametrize(("removed", "heads"), [("one head", {(1, 0)}), ("the layer's heads", {(1, 0), (1, 1)})])
def test_heads_are_removed(removed, heads):
    widget = lens_explorer(removed=removed, layer=1, head=0)
    model, _tokenizer = model_of(widget)
    with without_heads(model, heads):
        expected = logit_lens(model, *widget._known[1].inputs)[::2]
    assert not torch.equal(widget.reading.chances, widget.intact.chances)
    for row, logits in enumerate(expected):
        best = logits[0, -len(widget.reading.tokens) :].softmax(dim=-1).max(dim=-1).values
        torch.testing.assert_close(widget.reading.chances[row], best)
    widget.removed = "nothing"
    assert torch.equal(widget.reading.chances, widget.intact.chances)


def test_another_models_layers_clip_the_sliders():
    widget = lens_explorer(model="Transformer", text="dab", layer=2, head=1)
    widget.model = "decoder"
    assert widget.layer == 1 and widget.error == ""
    with pytest.raises(ValueError, match="There is no layer 2: there are 2, counted from 0"):
        widget.layer = 2
    with pytest.raises(ValueError, match="There is no model 'other'; there are: decoder, Transformer"):
        widget.model = "other"


def test_a_changed_token_is_marked_and_said():
    widget = lens_explorer(removed="the layer's heads", layer=0)
    changed = sum(
        one != other
        for row, before in zip(widget.reading.likeliest, widget.intact.likeliest, strict=True)
        for one, other in zip(row, before, strict=True)
    )
    assert widget._table.value.count("≠ ") == changed
    assert widget.in_words().startswith("Without all heads of attention layer 0.")
    assert len(widget.in_words().splitlines()) == 1 + len(widget.reading.rows)


def test_what_is_typed_is_text():
    widget = lens_explorer(text="<b>the</b> $x$")
    assert "<b>the" not in widget._table.value and "$x$" not in widget._heading.value.replace("&#x27;", "")
