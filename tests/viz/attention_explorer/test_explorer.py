"""The attention explorer shows the model's own attention, whether its state is set by hand or from Python."""

import io
import re
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
import traitlets
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from matplotlib.image import imread

from course.bert import Bert, BertConfig
from course.gpt import Decoder, LlamaConfig
from course.interpretability.head_measures import MEASURES
from course.layers.attention import record_attention
from course.pretrained import load
from course.tasks.task import Example, Task
from course.tasks.vocabulary import Vocabulary
from course.tokenization import ByteLevelBPE, WordPiece
from course.transformer import Transformer, TransformerConfig
from course.viz.attention_explorer.explorer import AttentionExplorer
from course.viz.attention_explorer.readers import EXAMPLE, reader, tokenize
from course.viz.kit.text import percent
from tests.support.speed import require_quick

TEXT = "the cat and the dog saw the other cat " * 20
SENTENCE = "the cat saw the dog"


def loud(model):
    """Far from uniform."""
    for parameter in model.parameters():
        parameter.data *= 4
    return model.eval()


@pytest.fixture(scope="module")
def models():
    generator = torch.Generator().manual_seed(0)
    word_pieces, tokenizer = WordPiece.train(TEXT, 60), ByteLevelBPE.train(TEXT, n_merges=30)
    bert = Bert(BertConfig(word_pieces.vocab_size, 200, d_model=16, n_layers=3, n_heads=4, d_ff=32), generator)
    sizes = {"d_model": 16, "n_layers": 5, "n_heads": 2, "n_kv_heads": 1, "d_ff": 16}
    decoder = Decoder(LlamaConfig(tokenizer.vocab_size, 64, **sizes), generator)
    pair = Example(tuple("abc"), (tuple("xy"),))
    task = Task("letters", Vocabulary("abcdef"), Vocabulary("xyz"), [], [pair], {}, 12)
    config = TransformerConfig(len(task.source), len(task.target), d_model=16, n_heads=2, d_ff=16, n_layers=2)
    pairs = (loud(bert), word_pieces), (loud(decoder), tokenizer), (Transformer(config, generator).eval(), task)
    return dict(zip(("BERT", "decoder", "Transformer"), pairs, strict=True))


@pytest.fixture
def explorer(models):
    return AttentionExplorer(models, SENTENCE)


def drawn(explorer):
    """The maps as the page gets them: (map, query, key)."""
    picture = explorer.plot.picture
    shape = (len(picture["names"]), len(picture["queries"]), len(picture["keys"]))
    return np.frombuffer(picture["maps"], "<u2").reshape(shape) / 65_535


def test_the_page_gets_the_weights_of_the_model(explorer, models):
    weights = reader(*models["BERT"]).read(SENTENCE)["self"].weights.numpy()
    for explorer.layer, explorer.head in [(0, 0), (2, 3), (1, 2)]:
        np.testing.assert_allclose(drawn(explorer)[0], weights[explorer.layer, explorer.head], atol=1e-5)
        np.testing.assert_allclose(drawn(explorer).sum(-1), 1, atol=1e-3)
    explorer.average = "heads"
    np.testing.assert_allclose(drawn(explorer)[0], weights[1].mean(0), atol=1e-5)
    explorer.average = "layers"
    np.testing.assert_allclose(drawn(explorer)[0], weights.mean((0, 1)), atol=1e-5)
    small = np.frombuffer(explorer.grid.picture["maps"], np.uint8).reshape(weights.shape)
    np.testing.assert_allclose(small / 255, np.sqrt(weights), atol=0.003)


def test_hidden_keys_leave_rows_that_sum_to_1(explorer):
    before = explorer.weights
    explorer.hide_special = True
    last = len(explorer.maps.keys) - 1
    assert explorer.plot.picture["hidden"] == [0, last]
    after = explorer.weights
    assert after[:, [0, last]].abs().max() == 0
    torch.testing.assert_close(after.sum(-1), torch.ones(last + 1))
    torch.testing.assert_close(after[:, 1] / after[:, 2], before[:, 1] / before[:, 2])
    lost = before[:, [0, last]].sum(-1)
    np.testing.assert_allclose(explorer.plot.picture["lost"], lost, atol=1e-4)
    assert f"Hidden: [CLS] [SEP], with {lost.mean():.0%} of the weight" in explorer._heading.value
    assert "scaled up to 1" in repr(explorer)


def test_without_its_first_key_the_first_row_of_a_decoder_is_empty(explorer):
    explorer.model, explorer.hide_first = "decoder", True
    assert explorer.weights[0].sum() == 0 and explorer.weights[1, 1] == 1
    assert "1 token has nothing left." in repr(explorer)
    assert (1, 1) not in [link[:2] for link in explorer.links(50)]  # it had no choice
    explorer.query = 1
    assert [link[:2] for link in explorer.links(50)] == [(1, 1)]


def test_the_causal_mask_is_for_encoders_alone(explorer, models):
    explorer.causal = True
    expected = reader(*models["BERT"]).read(SENTENCE, causal=True)["self"].weights
    torch.testing.assert_close(explorer.maps.weights, expected)
    assert explorer.plot.picture["causal"] and "No token sees those after it." in repr(explorer)
    explorer.model = "decoder"
    assert explorer._controls["causal"].layout.display == "none" and explorer.maps.causal
    explorer.model, explorer.causal = "BERT", False
    assert not explorer.maps.causal and explorer._controls["causal"].layout.display == "flex"


def test_pinned_heads_are_drawn_beside_the_chosen_one(explorer):
    explorer.pinned = [(0, 1), (2, 0)]
    assert explorer.plot.picture["names"] == ["layer 0, head 0", "layer 0, head 1", "layer 2, head 0"]
    np.testing.assert_allclose(drawn(explorer)[2], explorer.maps.weights[2, 0], atol=1e-5)
    explorer.layer = 1
    explorer.pin()
    assert explorer.pinned == explorer.grid.pinned == [(0, 1), (2, 0), (1, 0)]
    explorer._controls["pin"].click()
    assert explorer.error.startswith("3 heads are pinned")
    explorer._controls["unpin"].click()
    assert explorer.pinned == [] and len(drawn(explorer)) == 1


def test_controls_page_and_traits_are_one(explorer):
    for name, value in {"text": "a cat", "view": "heatmap", "average": "heads", "threshold": 0.2}.items():
        explorer._controls[name].value = value
        assert getattr(explorer, name) == value
    explorer._controls["layer"].value = 2
    assert explorer.layer == explorer.grid.layer == 2
    explorer.grid.head = 3  # as a click does
    assert explorer.head == explorer._controls["head"].value == 3
    explorer.plot.query = 1
    assert explorer.query == 1
    explorer.grid.pinned = [[0, 1]]
    assert explorer.pinned == [(0, 1)]
    assert explorer.plot.view == "heatmap" and explorer.plot.threshold == 0.2
    explorer.view = "heads"
    assert explorer.grid.large and explorer.plot.layout.display == "none"
    assert explorer.error == ""


def test_all_of_the_state_can_be_given_at_once(models):
    state = {"layer": 3, "head": 1, "view": "heatmap", "average": "heads", "query": 2, "hide_first": True}
    explorer = AttentionExplorer(models, SENTENCE, model="decoder", causal=True, **state)
    assert {name: getattr(explorer, name) for name in state} == state
    assert explorer.plot.picture["label"] == "decoder, layer 3, mean of its heads"


def test_another_model_takes_the_text_along_where_it_can(explorer):
    explorer.layer, explorer.head, explorer.pinned, explorer.query = 2, 3, [(2, 3), (0, 0)], 6
    explorer.model = "decoder"
    assert explorer.text == SENTENCE
    assert (explorer.layer, explorer.head, explorer.pinned) == (2, 1, [(0, 0)]) and explorer.query is None
    assert explorer._controls["layer"].max == 4
    explorer.model = "Transformer"
    assert explorer.text == "abc" and explorer.layer == 1
    explorer.text = "fed"
    explorer.model = "BERT"
    assert explorer.text == SENTENCE
    explorer.model = "Transformer"
    assert explorer.text == "fed" and explorer.maps.keys == tuple("fed")


def test_an_encoder_decoder_has_three_kinds_of_attention(explorer):
    explorer.model = "Transformer"
    assert [value for _name, value in explorer._controls["kind"].options] == ["source", "encoder", "decoder"]
    assert explorer.kind == "source" and "decoder: output to source" in repr(explorer)
    for explorer.kind in ("encoder", "decoder", "source"):
        assert explorer.maps is explorer.reading[explorer.kind]
        assert len(explorer.plot.picture["keys"]) == len(explorer.maps.keys)
    explorer.model = "BERT"
    assert explorer.kind == "self" and explorer._controls["kind"].layout.display == "none"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("layer", 3, "no layer 3 with a head 0: 3 layers with 4 heads"),
        ("head", 4, "no layer 0 with a head 4"),
        ("pinned", [(3, 0)], "no layer 3"),
        ("query", 7, "no token 7: there are 7"),
        ("model", "GPT-5", "'GPT-5' is not one of BERT, decoder, Transformer"),
        ("kind", "source", "'source' is not one of self"),
    ],
)
def test_what_is_not_there_is_named(explorer, name, value, message):
    with pytest.raises(traitlets.TraitError, match=message):
        setattr(explorer, name, value)


@pytest.mark.parametrize("text", ["", " \n ", "the " * 127, "the " * 600])
def test_a_text_that_cannot_be_shown_is_an_error_and_the_next_is_not(explorer, text):
    explorer.query, explorer.pair = 6, (6, 2)
    before, summary = (explorer.plot.picture, explorer.grid.picture, explorer.pair_view.picture), repr(explorer)
    explorer.text = text
    assert "empty" in explorer.error or "limit here" in explorer.error
    assert (explorer.plot.picture, explorer.grid.picture, explorer.pair_view.picture) == before
    assert explorer._message.stale and repr(explorer) == f"{explorer.error}\n{summary}"
    assert explorer.figure().axes
    explorer.layer = 1  # the last text can still be looked at
    assert explorer.error and explorer.plot.picture["label"] == "BERT, layer 1, head 0"
    explorer.text = "a dog"
    assert explorer.error == "" and explorer.query is explorer.pair is None and explorer.maps.keys[2] == "dog"
    assert not explorer._message.stale


def test_a_first_text_that_cannot_be_shown_leaves_nothing_to_show(models):
    explorer = AttentionExplorer(models, "")
    assert explorer.plot.picture == explorer.grid.picture == {} and repr(explorer) == explorer.error
    assert "The text is empty." in explorer.figure().texts[0].get_text()


def test_a_text_that_another_model_cannot_read(explorer):
    explorer.model = "Transformer"
    explorer.text = "xyz"
    assert "'x', at position 1, is not known here" in explorer.error
    explorer.model = "BERT"
    assert explorer.error == "" and explorer.text == SENTENCE


@pytest.mark.slow
@pytest.mark.parametrize("text", ["고양이 🐈", "<script>alert(1)</script>", "a\tb", "x"])
@pytest.mark.parametrize("model", ["BERT", "decoder"])
def test_odd_texts(explorer, model, text):
    explorer.model, explorer.text, explorer.hide_first = model, text, True
    assert explorer.error == "" and "<script>" not in explorer._heading.value
    assert explorer.figure().axes and repr(explorer)


def test_the_static_view(explorer, models):
    explorer.query, explorer.layer = 2, 1
    bundle = explorer._repr_mimebundle_()
    again = AttentionExplorer(models, SENTENCE, layer=1, query=2)._repr_mimebundle_()
    assert bundle["text/plain"] == again["text/plain"] and bundle["text/html"] == again["text/html"]
    lines = bundle["text/plain"].splitlines()
    assert lines[0] == "BERT, layer 1, head 0: 7 tokens"
    link = explorer.links(1)[0]
    assert lines[-1].startswith(f"The strongest links: cat → {explorer.maps.named(link)[1]} {link.weight:.0%}")
    assert link.weight == pytest.approx(explorer.weights[2].max().item())
    explorer.view = "heads"
    assert explorer._repr_mimebundle_()["text/html"] != bundle["text/html"]


@pytest.mark.timed
def test_it_answers_in_under_100_ms(record_property):
    text = " ".join([EXAMPLE] * 3)
    explorer = AttentionExplorer({"MiniLM": load("minilm")}, text)
    assert len(explorer.maps.keys) >= 40

    def latencies():
        for layer in range(6):
            explorer.layer = layer
            yield explorer.latency_ms
        for view in ("heads", "heatmap", "lines"):
            explorer.view = view
            yield explorer.latency_ms
        for hide in (True, False):
            explorer.hide_special = hide
            yield explorer.latency_ms

    require_quick(latencies, record_property, typical=max)

    def typed():
        for end in range(len(text) - 4, len(text)):
            explorer.text = text[:end]
            yield explorer.latency_ms

    require_quick(typed, record_property)


# --- All heads of a layer, sorted heads, parts of a text, several tokens, copies ---


def test_all_heads_of_a_layer_are_drawn_and_can_be_taken_away(explorer):
    explorer.view, explorer.layer = "layer", 2
    assert explorer.plot.view == "lines" and explorer.plot.picture["overlaid"]
    assert explorer.plot.picture["names"] == [f"head {head}" for head in range(4)]
    np.testing.assert_allclose(drawn(explorer), explorer.maps.weights[2], atol=1e-5)
    everything = len(line_colors(explorer))
    explorer.plot.muted = [1]  # as a click on the legend does
    assert explorer.muted == [1]
    assert 0 < len(line_colors(explorer)) < everything
    assert "#d55e00" not in line_colors(explorer) and "#0072b2" in line_colors(explorer)


def line_colors(explorer):
    """The color of each line of the figure."""
    [figure] = explorer.figures()
    collections = figure.findobj(LineCollection)
    return [to_hex(color) for lines in collections for color in lines.get_colors()]


def test_heads_are_sorted_by_a_measure_and_each_says_its_number(explorer):
    for explorer.order in ("entropy", "distance", "first"):
        picture = explorer.grid.picture
        values = MEASURES[explorer.order](explorer.maps.weights).flatten()
        assert sorted(picture["order"]) == list(range(12))
        assert values[picture["order"]].diff().min() >= 0
        assert len(picture["numbers"]) == 12
    assert picture["numbers"][5] == f"{explorer.maps.weights[1, 1, :, 0].mean():.0%}"
    smallest = divmod(picture["order"][0], 4)
    assert "Heads by share on the first token: layer {}, head {} (".format(*smallest) in repr(explorer)
    explorer.order = "layer"
    assert explorer.grid.picture["order"] == explorer.grid.picture["numbers"] == []


@pytest.mark.parametrize("between", ["a_to_b", "b_to_a", "within"])
def test_two_texts_and_the_weights_between_them(explorer, models, between):
    explorer.second, explorer.threshold = "the dog", 0.0
    maps, model = explorer.maps, models["BERT"][0]
    assert maps.keys == ("[CLS]", "the", "cat", "saw", "the", "dog", "[SEP]", "the", "dog", "[SEP]")
    ids = torch.tensor([[*tokenize(models["BERT"][1], SENTENCE).ids, *tokenize(models["BERT"][1], "the dog").ids[1:]]])
    types = torch.tensor([[0] * 7 + [1] * 3])
    with torch.no_grad(), record_attention(model) as recorded:
        model(ids, token_types=types)
    torch.testing.assert_close(maps.weights, torch.cat(recorded))
    whole = explorer.weights
    explorer.between = between
    in_b = torch.arange(10) >= 7
    inside = {
        "a_to_b": ~in_b[:, None] & in_b,
        "b_to_a": in_b[:, None] & ~in_b,
        "within": in_b[:, None] == in_b,
    }[between]
    torch.testing.assert_close(explorer.weights, whole * inside)
    np.testing.assert_allclose(drawn(explorer)[0], whole * inside, atol=1e-5)
    assert all(inside[link.query, link.key] for link in explorer.links(30))
    share = (whole * inside).sum() / whole.sum()
    assert f": {share:.0%} of the weight. B begins at “the”." in repr(explorer)
    for explorer.pair in ((1, 2), (1, 8), (8, 1), (8, 9)):
        left_out = "The drawing leaves this pair out" in explorer.pair_view.picture["note"]
        assert left_out == (not inside[explorer.pair])


def test_the_learner_splits_a_text_for_other_models(explorer):
    explorer.model = "decoder"
    assert explorer._controls["second"].layout.display == explorer._controls["between"].layout.display == "none"
    explorer._controls["split"].value = 3
    assert explorer.split == explorer.first_of_b == 3 and explorer._controls["between"].layout.display == "flex"
    explorer.between = "b_to_a"
    assert explorer.weights[:3].sum() == explorer.weights[:, 3:].sum() == 0 < explorer.weights[3:, :3].sum()
    explorer.model = "Transformer"
    assert explorer.kind == "source" and explorer._controls["split"].layout.display == "none"
    assert explorer.weights.sum() > 0  # the filter is for one text alone
    explorer.model, explorer.text = "decoder", "the"
    assert explorer.split == 0 and explorer.error == ""


def test_an_empty_second_text_is_no_text(explorer):
    before = explorer.maps
    explorer.second = "  "
    torch.testing.assert_close(explorer.maps.weights, before.weights)
    assert explorer.maps.split is None
    explorer.second = "the " * 125
    assert "limit here is 128" in explorer.error


def test_several_tokens_are_one_selection(explorer):
    explorer.plot.query, explorer.plot.others = 5, [2]  # as Shift+click does
    assert explorer.queries == [2, 5]
    assert {link.query for link in explorer.links(14)} == {2, 5} and len(explorer.links(99)) == 14
    [figure] = explorer.figures()
    mean = explorer.weights[[2, 5]].mean(0)
    texts = [text.get_text() for text in figure.axes[0].texts]
    shown = [percent(weight) for weight in mean.tolist() if weight >= explorer.threshold]
    assert [text for text in texts if text.endswith("%")] == shown
    explorer.text = "a cat"
    assert explorer.queries == [2]
    with pytest.raises(traitlets.TraitError, match="no token 9"):
        explorer.others = [9]


@pytest.mark.slow
@pytest.mark.parametrize("view", ["lines", "layer", "heatmap", "heads"])
def test_copies(explorer, view):
    explorer.view, explorer.pair = view, (2, 1)
    sent = []
    explorer.copy_buttons.send = lambda content, buffers: sent.append((content, *buffers))
    for file_format in ("png", "svg"):
        explorer.copy_buttons._handle_custom_msg({"format": file_format}, [])
    (asked, png), (_asked, svg) = sent
    assert asked == {"format": "png"} and imread(io.BytesIO(png)).shape[0] > 600
    root = ElementTree.fromstring(svg)
    inner = root.findall("{http://www.w3.org/2000/svg}svg")
    tops, heights = ([float(one.get(name, 0)) for one in inner] for name in ("y", "height"))
    assert len(inner) == 2 and tops[1] == pytest.approx(heights[0], abs=0.01)
    assert float(root.get("height").removesuffix("pt")) == pytest.approx(sum(heights), abs=0.02)
    places = re.findall(r'(?:href|src)="([^"]+)"|url\(([^)]+)\)', svg.decode())
    assert all(place.startswith(("#", "data:")) for pair in places for place in pair if place)  # it stands alone
    assert b"font-family" not in svg and b"<script" not in svg


def test_a_copy_that_fails_says_so(explorer, monkeypatch):
    sent = []
    explorer.copy_buttons.send = lambda content, buffers: sent.append(buffers)
    explorer.copy_buttons._handle_custom_msg({"format": "gif"}, [])
    assert sent == [[]] and "no format 'gif'" in explorer.error
