"""The opened pair: the numbers that are shown add up to the weight that the model used, for every model."""

import math
import re

import pytest

from course import trained
from course.pretrained import load
from course.tasks.dates import date_task
from course.viz.attention_explorer.explorer import AttentionExplorer
from tests.support import tasks
from tests.support.widgets import attention_explorer

MODELS = {
    "MiniLM": lambda: load("minilm"),
    "SmolLM2": lambda: load("smollm2"),
    "Transformer, pronunciation": lambda: (trained.load("pronunciation/transformer"), tasks.pronunciation()),
    "Transformer, dates": lambda: (trained.load("dates/transformer"), date_task()),
    **{
        f"LSTM, {score}": lambda score=score: (trained.load(f"dates/lstm-{score}"), date_task())
        for score in ("dot", "scaled_dot", "general", "additive")
    },
}
NUMBER = r"[−-]?\d+\.\d+"


def numbers(text):
    return [float(one.replace("−", "-")) for one in re.findall(NUMBER, text)]


def weight_from_bars(picture):
    """What a reader finds who adds up the bars: from q × k to the weight."""
    query, key, terms = (row["values"] for row in picture["rows"][:3])
    if picture["rows"][2]["name"].endswith("q × k") or picture["rows"][2]["name"] == "q W × k":
        assert terms == pytest.approx([q * k for q, k in zip(query, key, strict=True)], abs=1e-9)
    score = sum(terms) / picture["divisor"] + picture["bias"]
    shown = picture["scores"][picture["place"]]
    assert shown is None or score == pytest.approx(shown, abs=1e-6)
    total = sum(math.exp(one) for one in picture["scores"] if one is not None)
    return 0.0 if shown is None else math.exp(score) / total


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_the_numbers_add_up_in_every_model(name):
    explorer = AttentionExplorer({name: MODELS[name]()})
    for kind in explorer.reading:
        explorer.kind = kind
        weights = explorer.maps.weights
        n_layers, n_heads, n_queries, n_keys = weights.shape
        for number in range(8):
            explorer.layer, explorer.head = 7 * number % n_layers, 5 * number % n_heads
            query, key = (n_queries - 1 - number) % n_queries, 3 * number % n_keys
            explorer.pair = query, key
            used = weights[explorer.layer, explorer.head, query, key].item()
            picture = explorer.pair_view.picture
            assert weight_from_bars(picture) == pytest.approx(used, abs=1e-5)
            assert picture["weights"][key] == pytest.approx(used, abs=1e-5)
            lines = dict(picture["lines"])
            if picture["scores"][key] is None:
                assert "may not look" in lines["mask"] and used == 0
            else:
                power, total, weight = numbers(lines["softmax"])[:3]
                assert power / total == pytest.approx(used, abs=1e-5) and weight == pytest.approx(used, abs=1e-6)
                score, highest, power = numbers(lines["exponential"])[:3]
                assert math.exp(score - highest) == pytest.approx(power, abs=2e-5)
            value, weighted = (row["values"] for row in picture["rows"][3:5])
            assert weighted == pytest.approx([used * one for one in value], abs=1e-4)
    if name == "LSTM, additive":
        assert "there is no q × k" in lines["score"]


def test_a_click_on_a_line_opens_its_pair():
    explorer = attention_explorer(text="the people of the states", pinned=[(1, 2)])
    explorer.plot._handle_custom_msg({"open": [0, 3, 1]}, [])
    assert explorer.pair == (3, 1) and explorer.plot.pair == [3, 1]
    assert explorer.pair_view.picture["title"] == "layer 0, head 0: of looks at the (1)"
    explorer.plot._handle_custom_msg({"open": [1, 3, 1]}, [])  # on the line of the pinned head: they change places
    assert (explorer.layer, explorer.head, explorer.pinned) == (1, 2, [(0, 0)])
    assert explorer.pair_view.picture["title"].startswith("layer 1, head 2")
    assert explorer.steps.weight == pytest.approx(explorer.maps.weights[1, 2, 3, 1].item(), abs=1e-6)
    explorer.view = "layer"
    explorer.plot._handle_custom_msg({"open": [3, 2, 2]}, [])
    assert (explorer.layer, explorer.head, explorer.pair) == (1, 3, (2, 2))
    explorer.pair_view._handle_custom_msg({"open": None}, [])
    assert explorer.pair is None and explorer.pair_view.picture == {}
    for late in ([0, 9, 0], [0, 0, 9], [9, 0, 0]):  # of a longer text, or of another model
        explorer.plot._handle_custom_msg({"open": late}, [])
        assert explorer.pair is None


def test_the_pair_follows_the_head_and_goes_with_the_tokens():
    explorer = attention_explorer(text="the people of the states", pair=(5, 4))
    before = explorer.pair_view.picture
    explorer.head = 1
    assert explorer.pair_view.picture["title"].startswith("layer 0, head 1") and explorer.pair == (5, 4)
    assert explorer.pair_view.picture["rows"][0] != before["rows"][0]
    explorer.text = "the people"
    assert explorer.pair is None and explorer.pair_view.picture == {}


def test_what_is_drawn_otherwise_is_said():
    explorer = attention_explorer(pair=(1, 2))
    assert explorer.pair_view.picture["note"] == ""
    explorer.average = "heads"
    assert "The drawing shows a mean" in explorer.pair_view.picture["note"]
    explorer.average, explorer.hide_special = "none", True
    assert "those of the model" in explorer.pair_view.picture["note"]


def test_the_static_view_has_the_pair():
    explorer = attention_explorer(text="the people of the states")
    height, words = explorer.figure().get_figheight(), repr(explorer)
    explorer.pair = 1, 2
    assert explorer.figure().get_figheight() > height + 2
    assert repr(explorer).startswith(words) and "softmax: " in repr(explorer) and "÷ √4 = " in repr(explorer)
    explorer.model = "decoder"
    assert "This query may not look at this key" in repr(explorer)
