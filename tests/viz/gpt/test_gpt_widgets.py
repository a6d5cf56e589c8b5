"""The widgets of lesson 07: what they show is what the model says, and the tree, the cuts and the masks are right."""

import itertools
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex

from course.decoding import generate, probabilities
from course.viz.gpt.mask_explorer import ALTERNATING, BANDED, DENSE
from course.viz.gpt.next_token_tree import MAX_INDENTS, cuts
from course.viz.kit.style import contrast
from tests.support.widgets import cache_explorer, mask_explorer, next_token_tree


def test_the_bars_are_the_models_probabilities():
    widget = next_token_tree(temperature=0.7, top_k=0)
    model, tokenizer = widget.models["decoder"]
    with torch.no_grad():
        logits = model(torch.tensor([tokenizer.encode(widget.text)]))[0, -1]
    torch.testing.assert_close(widget.cuts.bent, probabilities(logits, temperature=0.7))


def test_what_is_removed_and_what_is_left_add_up():
    scores = torch.tensor([0.5, 0.25, 0.125, 0.125]).log()
    found = cuts(scores, 1.0, 3, 0.6)
    assert found.removed_by_k == pytest.approx(0.125)
    assert found.n_left == 2  # of 4/7, 2/7, 1/7 the first two reach 0.6
    assert found.removed_by_p == pytest.approx(0.125)
    assert found.after_p.sum() == pytest.approx(1.0)
    whole = cuts(scores, 1.0, 0, 1.0)
    assert whole.removed_by_k == whole.removed_by_p == 0.0 and whole.n_left == 4


def test_a_taken_token_is_read_and_taken_again_is_the_same_node():
    widget = next_token_tree()
    model, tokenizer = widget.models["decoder"]
    first = widget.shown[1]
    widget.take(first)
    with torch.no_grad():
        logits = model(torch.tensor([[*tokenizer.encode(widget.text), first]]))[0, -1]
    torch.testing.assert_close(widget.cuts.bent, logits.softmax(dim=-1))
    widget.back()
    widget.take(first)
    assert len(widget.nodes) == 2 and widget.at == 1 and widget.taken(1) == [first]


def test_two_branches_are_a_tree_and_a_new_text_begins_a_new_one():
    widget = next_token_tree()
    one, other = widget.shown[:2]
    widget.take(one)
    widget.at = 0
    widget.take(other)
    widget.draw()
    assert [node.parent for node in widget.nodes] == [None, 0, 0, 2]
    assert [depth for depth, _place in widget.rows()] == [0, 1, 1, 2]
    assert "◀" in widget._tree.value and "Tree: " in widget.in_words()
    widget.text = "the union"
    assert len(widget.nodes) == 1 and widget.at == 0 and widget.error == ""


def test_a_new_branch_stays_where_it_is_though_the_list_of_branches_is_new():
    widget = next_token_tree()
    for number in range(3):  # each after the one before, so that the list has another choice than its first
        widget.take(widget.shown[number])
        assert widget.at == len(widget.nodes) - 1 == widget._branch.value
    widget._branch.value = 1
    assert widget.at == 1


def test_a_click_on_a_token_takes_it():
    widget = next_token_tree()
    token = widget.shown[2]
    widget.strip.selected = 2
    assert widget.taken(widget.at) == [token] and widget.strip.selected is None


def test_a_drawn_token_is_one_that_the_cuts_left():
    widget = next_token_tree(top_k=2)
    left = set(widget.cuts.after_p.nonzero()[:, 0].tolist())
    widget.draw()
    assert len(left) == 2 and widget.nodes[1].token in left
    again = next_token_tree(top_k=2)
    again.draw()
    assert again.nodes == widget.nodes


def test_a_wrong_token_changes_nothing():
    widget = next_token_tree()
    with pytest.raises(ValueError, match="There is no token -1"):
        widget.take(-1)
    assert len(widget.nodes) == 1


def test_both_ways_are_timed_and_give_greedy_tokens():
    widget = cache_explorer()
    widget.run()
    model, tokenizer = widget.models["decoder"]
    greedy = [step.token for step in generate(model, tokenizer.encode(widget.text), 4)]
    assert widget.tokens == {True: greedy, False: greedy}
    assert [len(times) for times in widget.times.values()] == [4, 4]
    n = len(tokenizer.encode(widget.text))
    assert (widget.positions(True), widget.positions(False)) == (n + 3, 4 * n + 6)
    assert "same tokens" in widget.in_words() and "ms" not in widget.in_words()
    widget.text = "the union"
    assert "earlier" in widget._heading.value


def test_a_running_generation_cannot_be_started_twice():
    widget = cache_explorer()
    widget._begin()
    with pytest.raises(RuntimeError, match="still generating"):
        widget.run()


@pytest.mark.parametrize("pattern", [DENSE, ALTERNATING, BANDED])
def test_the_masks_and_what_arrives(pattern):
    widget = mask_explorer(pattern=pattern, window=2, n_layers=3)
    n = len(widget.tokens)
    dense = np.tri(n, dtype=bool)
    band = dense & ~np.tri(n, k=-2, dtype=bool)
    layers = {DENSE: [dense] * 3, ALTERNATING: [dense, band, dense], BANDED: [band] * 3}[pattern]
    for mask, wanted in zip(widget.masks, layers[:2], strict=True):
        assert (mask == wanted).all()
    assert widget.reach[-1].sum() == (min(n, 4) if pattern == BANDED else n)  # 1 + layers · (window − 1)
    assert f"{sum(int(mask.sum()) for mask in layers):,} pairs" in widget.in_words()


RIGHT_TO_LEFT = "שלום the people"


def test_a_right_to_left_text_turns_no_number_beside_it():
    widget = next_token_tree(text=RIGHT_TO_LEFT)
    for _turn in range(2):
        widget.take(widget.shown[0])
    for text in (widget._heading.value, widget.in_words(), widget._tree.value):
        assert text.count("שלום") == len(re.findall("\u2068[^\u2068\u2069]*שלום[^\u2068\u2069]*\u2069", text)) > 0


def test_what_a_heading_has_no_room_for_is_said_to_be_missing():
    assert "“the states”" in next_token_tree(text="the states").in_words()
    widget = next_token_tree(text="the people of the united states and of the union")
    assert "“…e of the united states and of the union”" in widget.in_words()


def test_the_tree_is_lists_in_lists_and_the_present_token_is_the_current_item():
    widget = next_token_tree()
    for number in range(2):
        widget.take(widget.shown[number])
    root = ElementTree.fromstring(widget._tree.value.replace('aria-current="true"', 'current="1"'))
    deepest = root.find("./li/ul/li/ul/li")
    assert deepest is not None and [item for item in root.iter("li") if item.get("current")] == [deepest]


def test_a_deep_tree_stays_on_the_page():
    widget = next_token_tree()
    for _turn in range(20):
        widget.take(widget.shown[0])
    root = ElementTree.fromstring(widget._tree.value)
    assert sum("style" not in inner.attrib for inner in root.iter("ul")) == 1 + MAX_INDENTS


def test_the_two_lines_differ_in_more_than_color_and_stand_out():
    widget = cache_explorer()
    widget.run()
    chart = ElementTree.fromstring(widget._chart.value)
    styles = [line.get("style") for line in chart.iter("polyline")]
    assert ["dasharray: none" in style for style in styles] == [True, False]
    words = ["".join(text.itertext()) for text in chart.iter("text")]
    assert {"milliseconds", "new token", "0", "1", "4"} <= set(words)
    axes = widget.picture().axes[0]
    drawn = [line for line in axes.lines if len(line.get_xdata()) == 4]
    assert len({line.get_linestyle() for line in drawn}) == 2
    assert all(contrast(to_hex(line.get_color()), "#ffffff") >= 3 for line in drawn)


def test_a_mask_names_its_axes_and_its_tokens():
    widget = mask_explorer()
    for svg in ElementTree.fromstring(widget._grids.value).iter("svg"):
        words = ["".join(text.itertext()) for text in svg.iter("text")]
        assert words == ["queries ↓", "keys →", *widget.tokens]
    for axes in widget.picture().axes:
        assert (axes.get_xlabel(), axes.get_ylabel()) == ("keys", "queries")


@pytest.mark.parametrize("text", ["the " * 31, "한국어 한국", "w" * 32, "e"])
def test_the_words_of_a_mask_overlap_nothing(text):
    widget = mask_explorer(text=text)
    assert not widget.error
    for svg in ElementTree.fromstring(widget._grids.value).iter("svg"):
        width = float(svg.get("viewBox").split()[2])
        places = [float(words.get("y")) for words in list(svg.iter("text"))[2:]]
        assert all(after - before >= 12 for before, after in itertools.pairwise(places))
        assert all(float(one.get("x")) + float(one.get("width")) <= width for one in svg.iter("rect"))
        assert width <= 382  # two beside each other in a widget of 784 pixels
