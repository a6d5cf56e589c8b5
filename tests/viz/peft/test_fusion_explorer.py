"""Attention on adapters, token by token: the weights are those of the model, and each token has its row."""

import re

import pytest
import torch

from course.fine_tuning import predict_logits
from course.peft import PfeifferAdapters, attach, freeze, fuse, record_fusion
from course.viz import FusionExplorer
from course.viz.kit.html import Bar
from course.viz.kit.text import percent
from course.viz.peft.fusion_explorer import MEAN
from course.viz.peft.fusion_map import MOST_TOKENS, TokenRow, fusion_map, fusion_table, token_rows
from tests.support.adapted import assert_same_numbers, copied, tiny_decoder
from tests.support.drawn import overlapping, written
from tests.support.widgets import fusion_explorer, update_explorer


def weights_of(widget: FusionExplorer) -> torch.Tensor:
    """By layer, token and adapter: computed by hand from what the fusion reads."""
    model, found = widget.model, []

    def keep(attention, given, _output):
        read, changes = given
        scores = torch.einsum("...d,...nd->...n", attention.query(read), attention.key(changes))
        found.append(scores.softmax(dim=-1)[0])

    hooks = [part.attention.register_forward_hook(keep) for part in widget.fused.parts.values()]
    with torch.no_grad():
        model(model.inputs([widget.text]))
    for hook in hooks:
        hook.remove()
    return torch.stack(found)


def test_the_weights_are_those_of_each_block():
    widget = fusion_explorer()
    expected = weights_of(widget)
    torch.testing.assert_close(widget.reading.weights, expected, atol=1e-5, rtol=1e-5)
    assert not torch.allclose(expected[0], expected[1], atol=1e-2)
    for layer, of_layer in ((MEAN, expected.mean(dim=0)), ("block 0", expected[0]), ("block 1", expected[1])):
        widget.layer = layer
        mean, *rows = widget._rows()
        assert [list(row.shares) for row in rows] == [pytest.approx(each) for each in of_layer.tolist()]
        assert list(mean.shares) == pytest.approx(of_layer.mean(dim=0).tolist())
        cells = re.findall(r"--lm-share: ([\d.]+)%", widget._map.value)
        assert [float(cell) for cell in cells[3:]] == pytest.approx((100 * of_layer).flatten().tolist(), abs=0.06)
        assert f"$x$ {percent(mean.shares[0])}, <b>two</b> {percent(mean.shares[1])}" in widget.in_words()


def test_the_model_runs_once_for_all_blocks():
    widget = fusion_explorer()
    reading = widget.reading
    widget.layer = "block 1"
    assert widget.reading is reading and "block 1" in widget._title()
    widget.text = " "
    widget.layer = "block 0"
    assert "The text is empty" in widget.error and "block 1" in widget.in_words()


def test_every_token_has_a_row_and_special_ones_are_marked():
    widget = fusion_explorer(text="the $ states")
    ids = widget.model.row("the $ states").ids
    assert len(widget.reading.tokens) == len(ids) == widget.reading.weights.shape[1]
    labels = [row.label for row in widget._rows()]
    assert labels[0] == "mean" and labels[1] == "◆ [CLS]" and labels[-1] == "◆ [SEP]"
    assert labels[2] == "the" and "[UNK]:$" in labels
    assert [row.special for row in widget._rows()] == [False, True, *[False] * (len(ids) - 2), True]
    assert widget._map.value.count('class="lm-special"') == 2 and "a special token" in widget._map.value


def test_a_text_beyond_the_models_limit_is_shown_as_far_as_it_is_read():
    widget = fusion_explorer()
    widget.model.limit = 6
    widget.text = "the people of the united states and the states"
    assert widget.error == "" and widget.reading.weights.shape[1] == 6
    assert len(widget.reading.tokens) == 6
    assert (widget.reading.tokens[0], widget.reading.tokens[-1]) == ("[CLS]", "[SEP]")


def test_the_answer_is_that_of_the_fused_model_and_all_is_as_before():
    widget = fusion_explorer()
    weights = copied(widget.model)
    chances = predict_logits(widget.model, [widget.text])[0].softmax(dim=-1)
    torch.testing.assert_close(widget.reading.probabilities, chances)
    best = widget.model.classes[int(chances.argmax())]
    assert widget.in_words().splitlines()[1] == f"{best}: {percent(chances.max().item(), 1)}."
    widget.text = "union"
    assert widget.reading.tokens[1:-1] != () and widget.error == ""
    assert_same_numbers(copied(widget.model), weights)
    assert all(part.attention.keep_weights is None for part in widget.fused.parts.values())


def test_the_strongest_adapter_of_a_token_is_bold():
    rows = [TokenRow("mean", False, (0.4, 0.6)), TokenRow("◆ [CLS]", True, (0.75, 0.25))]
    table = fusion_table(rows, ("one", "two"), "Attention")
    assert "<b>60%</b>" in table and "<b>75%</b>" in table
    assert "<b>40%</b>" not in table and "<b>25%</b>" not in table


def test_what_cannot_be_shown_is_named():
    widget = fusion_explorer()
    with pytest.raises(
        ValueError, match="There is no layer 'block 2'; there are: mean over all blocks, block 0, block"
    ):
        widget.layer = "block 2"
    with pytest.raises(ValueError, match="There is no layer 'x'"):
        fusion_explorer(layer="x")
    for names in (("a", "b"), ("a", "b", "a"), ("a", "b", "c", "d")):
        with pytest.raises(
            ValueError, match="3 adapters are fused; give as many names, each another one, not 'a', 'b'"
        ):
            FusionExplorer(widget.fused, names, "the people")
    with pytest.raises(ValueError, match="What is on this model is LoRA: give what `fuse` returned"):
        FusionExplorer(update_explorer().attached, ("a", "b"), "the people")
    widget.fused.off()
    with pytest.raises(ValueError, match=r"The fusion is off\. Put it on the model: `fused\.on\(\)`"):
        FusionExplorer(widget.fused, widget.names, "the people")
    widget.text = "the people"
    assert "has no fusion of adapters on it" in widget.error
    widget.fused.on()
    widget.text = "people"
    assert widget.error == ""
    decoder = tiny_decoder("gpt2")
    freeze(decoder)
    sources = [attach(decoder, PfeifferAdapters(2)) for _number in range(1)]
    sources[0].off()
    with pytest.raises(ValueError, match="Decoder is no SentenceClassifier"):
        FusionExplorer(fuse(decoder, sources * 2), ("a", "b"), "the people")


def test_an_empty_text_and_a_long_one_are_named():
    widget = fusion_explorer()
    widget.text = " "
    assert "The text is empty" in widget.error
    widget.text = "a" * 301
    assert "the limit here is 300" in widget.error
    widget.text = "the people"
    assert widget.error == ""


def test_names_and_tokens_are_text():
    widget = fusion_explorer(text="<i>the</i> states")
    assert "<b>two" not in widget._map.value and "&lt;b&gt;two&lt;/b&gt;" in widget._map.value
    assert "<i>" not in widget._map.value
    assert overlapping(widget.picture()) == []


def test_a_picture_of_many_tokens_says_how_many_more_there_are():
    rows = token_rows(fusion_explorer().reading, None)
    rows = [rows[0], *[rows[2]] * (MOST_TOKENS + 3)]
    figure = fusion_map(rows, ("a", "b", "c"), [Bar("good", 1.0, "100%")], title="A title")
    texts = [text for text, _box in written(figure)]
    assert "… and 3 more tokens" in texts and texts.count(rows[1].label) == MOST_TOKENS


def test_recording_changes_nothing_for_another_watcher():
    widget = fusion_explorer()
    with record_fusion(widget.model) as outer:
        widget.text = "people"
        assert outer == [None, None]  # the widget's own watch took its place and gave it back
        predict_logits(widget.model, ["people"])
    torch.testing.assert_close(outer[1][0], widget.reading.weights[1])
