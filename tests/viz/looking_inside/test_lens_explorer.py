"""The logit lens on a typed text: the model's own answer in the last row, and what the removal of heads changes."""

from html import escape

import pytest
import torch

from course.interpretability.ablation import without_heads
from course.interpretability.residual_stream import logit_lens
from course.viz import LensExplorer
from course.viz.kit.text import percent
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
    assert [source.label(i) for i in ids] == widget.reading.best[-1]


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


@pytest.mark.parametrize(
    ("layer", "name"),
    [(0, "0 (encoder 0)"), (1, "1 (self-attention 0)"), (2, "2 (cross-attention 0)")],
)
def test_an_attention_layer_has_the_name_of_its_row(layer, name):
    widget = lens_explorer(model="Transformer", text="dab", removed="the layer's heads", layer=layer)
    assert f"Without all heads of attention layer {name}." in widget.summary()
    changed = (widget.reading.chances != widget.intact.chances).any(dim=1).tolist()
    row = widget.reading.rows.index(name[3:-1]) if "-" in name else 1
    assert not any(changed[:row]) and any(changed[row:])


def test_words_begin_with_the_answer_and_go_down_from_the_last_layer():
    lines = lens_explorer(removed="nothing").summary().splitlines()
    assert lines[0].startswith("After “") and [line.split(":")[0] for line in lines[1:]] == [
        "layer 1",
        "layer 0",
        "embedding",
    ]


def test_a_slider_that_changes_nothing_is_off():
    widget = lens_explorer(removed="nothing")
    states = []
    for removed in ("nothing", "one head", "the layer's heads"):
        widget.removed = removed
        states.append((widget._layer.disabled, widget._head.disabled))
    assert states == [(True, True), (False, False), (False, True)]


def test_what_a_narrow_page_cuts_is_in_the_tooltip():
    widget = lens_explorer(removed="nothing")
    token, chance = escape(widget.reading.best[-1][-1]), escape(percent(float(widget.reading.chances[-1, -1])))
    assert chance == "&lt;1%"  # escaped: in a page it would begin a tag
    assert f'title="{token} {chance}"><bdi>{token}</bdi> <small>{chance}</small>' in widget._table.value
    assert "--lm-name: 9ch" in widget._table.value  # "embedding"


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
        for row, before in zip(widget.reading.best, widget.intact.best, strict=True)
        for one, other in zip(row, before, strict=True)
    )
    assert widget._table.value.count("≠ ") == changed
    assert widget.in_words().startswith("Without all heads of attention layer 0.")
    assert len(widget.in_words().splitlines()) == 1 + len(widget.reading.rows)


def test_what_is_typed_is_text():
    widget = lens_explorer(text="<b>the</b> $x$")
    assert "<b>the" not in widget._table.value and "$x$" not in widget._heading.value.replace("&#x27;", "")


def test_tokens_are_shown_as_text_and_parts_of_characters_as_bytes():
    tokenizer = lens_explorer().models["decoder"][1]
    source = lens_explorer(text="the states")._known[1]
    for token, name in enumerate(tokenizer.tokens):
        if name in {"Ġ", "Ċ", "ì"}:
            assert source.label(token) == {"Ġ": "␣", "Ċ": "↵", "ì": "‹EC›"}[name]
    assert {"Ġ", "Ċ", "ì"} <= set(tokenizer.tokens)


@pytest.mark.parametrize(("model", "other"), [("decoder", "Transformer"), ("Transformer", "decoder")])
@pytest.mark.usefixtures("unchecked_shapes")
def test_a_tokenizer_in_place_of_a_task(model, other):
    models = lens_explorer().models
    widget = LensExplorer({model: (models[model][0], models[other][1])}, text="dab")
    assert "give that in place of a" in widget.error


def test_each_kind_of_input_keeps_its_text():
    widget = lens_explorer(text="the states")
    widget.model = "Transformer"
    assert (widget.text, widget.error) == ("bad", "")  # the first word of the task's validation set
    widget.text = "dab"
    widget.model = "decoder"
    assert (widget.text, widget.error) == ("the states", "")
    widget.model = "Transformer"
    assert (widget.text, widget.error) == ("dab", "")
