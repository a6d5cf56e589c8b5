"""Ranks over the steps: each row shows the ranks that it was given, for as long as they lasted."""

import numpy as np
import pytest

from course.peft import AdaLoRA, RankAllocator, attach, freeze
from course.viz.kit.alt_text import alt_text
from course.viz.kit.layout import PAGE_WIDTH
from course.viz.kit.style import DPI
from course.viz.peft.figures import ranks_over_steps
from course.viz.peft.place_names import readable_place
from tests.support.adapted import tiny_classifier
from tests.support.drawn import overlapping, written

STEPS = [0, 4, 6]
RANKS = {
    "blocks.0.attention.query": [3, 2, 0],
    "blocks.0.attention.value": [3, 3, 3],
    "blocks.1.attention.query": [3, 1, 1],
    "blocks.1.attention.value": [3, 3, 2],
}


def many(n_blocks: int) -> dict[str, list[int]]:
    rng = np.random.default_rng(0)
    places = [f"blocks.{block}.attention.{kind}" for block in range(n_blocks) for kind in ("query", "value")]
    return {place: [12, int(rng.integers(13)), int(rng.integers(13))] for place in places}


def panels(figure):
    return {axes.get_title("left"): axes for axes in figure.axes if axes.images}


def test_each_row_shows_its_ranks_for_as_long_as_they_last():
    figure = ranks_over_steps(STEPS, RANKS, until=9)
    found = panels(figure)
    assert list(found) == ["query", "value"]
    query, value = (axes.images[0].get_array().filled(-1).tolist() for axes in found.values())
    assert query == [[3, 3, 3, 3, 2, 2, 0, 0, 0, 0], [3, 3, 3, 3, 1, 1, 1, 1, 1, 1]]
    assert value == [[3] * 10, [3, 3, 3, 3, 3, 3, 2, 2, 2, 2]]
    assert found["query"].images[0].get_extent() == [-0.5, 9.5, 1.5, -0.5]
    assert [label.get_text() for label in found["query"].get_yticklabels()] == ["block 0", "block 1"]
    assert [text.get_text() for text in found["query"].texts] == ["0", "1"]
    assert [text.get_text() for text in found["value"].texts] == ["3", "2"]
    assert {axes.get_xlabel() for axes in found.values()} == {"step"}


def test_the_line_is_the_sum_of_all_ranks():
    figure = ranks_over_steps(STEPS, RANKS)
    [line] = [line for axes in figure.axes for line in axes.lines]
    assert line.get_drawstyle() == "steps-post"
    assert line.get_xydata().tolist() == [[0, 12], [4, 9], [6, 6], [6, 6]]
    assert [text.get_text() for text in line.axes.texts] == ["12", "6"]


def test_it_is_said_in_words():
    words = alt_text(ranks_over_steps(STEPS, RANKS, until=9))
    assert "ranks of 4 matrices, steps 0 to 9" in words and "12 at first, 6 in the end" in words
    assert "the highest first: block 0 value: 3; block 1 value: 2; block 1 query: 1; block 0 query: 0." in words


@pytest.mark.slow
@pytest.mark.parametrize("n_blocks", [6, 30])
def test_no_text_is_over_another_and_all_are_on_the_page(n_blocks):
    figure = ranks_over_steps([0, 40, 300], many(n_blocks), until=400)
    assert overlapping(figure) == []
    texts = [text for text, _box in written(figure)]
    assert texts.count(f"block {n_blocks - 1}") == 1
    assert figure.get_tightbbox().width <= PAGE_WIDTH + 0.1 and figure.bbox.height / DPI < 9


def test_matrices_of_many_kinds_and_blocks_without_some():
    kinds = ("query", "key", "value", "output", "up")
    ranks = {f"blocks.{block}.attention.{kind}": [2, block] for block in range(2) for kind in kinds}
    ranks |= {"blocks.1.feed_forward.down": [2, 2], "head": [1, 1]}
    figure = ranks_over_steps([0, 5], ranks)
    found = panels(figure)
    assert list(found) == [*kinds, "down", ""]
    assert np.isnan(found["down"].images[0].get_array().filled(np.nan)[0]).all(), "block 0 has none"
    assert [text.get_text() for text in found["down"].texts] == ["2"]
    assert overlapping(figure) == []


def test_a_single_allocation_is_drawn():
    figure = ranks_over_steps([0], {"blocks.0.attention.query": [0]})
    assert panels(figure)["query"].images[0].get_array().tolist() == [[0]] and overlapping(figure) == []


def test_what_an_allocator_has_can_be_drawn():
    model = tiny_classifier()
    freeze(model)
    allocator = RankAllocator(attach(model, AdaLoRA(10, initial_rank=3, target_rank=2)))
    steps, ranks = zip(*allocator.ranks_over_steps, strict=True)
    figure = ranks_over_steps(steps, {place: [of[place] for of in ranks] for place in allocator.parts}, until=10)
    assert list(panels(figure)) == ["query", "value"]


@pytest.mark.parametrize(
    ("steps", "ranks", "until", "message"),
    [
        ([], {"a": []}, None, "There is nothing to draw: 0 allocations, 1 matrices"),
        ([1], {}, None, "There is nothing to draw: 1 allocations, 0 matrices"),
        ([0, 4, 4], RANKS, None, "Step 4 comes after step 4: put the allocations in their order"),
        ([0, 4, 3], RANKS, None, "Step 3 comes after step 4"),
        (STEPS, RANKS, 5, "until is 5, before the last allocation, which is after step 6"),
        (STEPS, RANKS | {"x": [1]}, None, "x has 1 ranks for 3 allocations"),
        (STEPS, RANKS | {"x": [1, -1, 1]}, None, "A rank of x is -1; it must be 0 or more"),
    ],
)
def test_what_cannot_be_drawn_is_named(steps, ranks, until, message):
    with pytest.raises(ValueError, match=message):
        ranks_over_steps(steps, ranks, until=until)


def test_places_are_called_as_people_do():
    assert readable_place("blocks.3.attention.query") == "block 3, query"
    assert readable_place("blocks.11.feed_forward.down") == "block 11, down"
    assert readable_place("blocks.0.feed_forward_residual") == "block 0, feed_forward_residual"
    assert readable_place("embedding.tokens") == "embedding.tokens"
