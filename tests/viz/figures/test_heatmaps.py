"""Attention maps: every label is readable, the cells are the weights, and a wrong shape is named."""

import numpy as np
import pytest

from course.viz import figures
from course.viz.kit.layout import PAGE_WIDTH
from tests.support.drawn import overlapping, written

DATE, KOREAN = list("Tuesday, March 5, 2024"), list("2024년 3월 5일 화요일")
ENDED = [*KOREAN, "(end)"]
WORDS = [
    "The",
    "animal",
    "did",
    "n't",
    "cross",
    "the",
    "street",
    "because",
    "it",
    "was",
    "too",
    "tired",
    "거리",
    "🎉",
    ".",
]


def weights(queries, keys):
    scores = np.exp(np.random.default_rng(0).normal(size=(len(queries), len(keys))) * 3)
    return scores / scores.sum(axis=1, keepdims=True)


DRAWN = {
    "date": lambda: figures.attention_heatmap(weights(KOREAN, DATE), KOREAN, DATE, selected=3),
    "word": lambda: figures.attention_heatmap(weights("ABC", "through"), "ABC", "through", numbers=True),
    "one of each": lambda: figures.attention_heatmap([[1.0]], ["a"], ["b"], title="A title that is wider than the map"),
    "many words": lambda: figures.attention_heatmap(weights(WORDS * 3, WORDS * 3), WORDS * 3, WORDS * 3),
    "four maps": lambda: figures.attention_heatmaps(
        {name: weights(KOREAN, DATE) for name in ("dot", "scaled dot", "general", "additive")}, KOREAN, DATE
    ),
    "four maps with an end": lambda: figures.attention_heatmaps(
        {name: weights(ENDED, DATE) for name in ("dot", "scaled dot", "general", "additive")},
        ENDED,
        DATE,
        xlabel="English date",
        ylabel="Korean date",
    ),
    "three narrow maps": lambda: figures.attention_heatmaps(
        {f"a name that is long {i}": weights("AB", "abcd") for i in range(3)}, "AB", "abcd", columns=2
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
def test_every_label_stands_alone_and_inside_the_page(draw):
    figure = draw()
    page = figure.get_window_extent().padded(1)
    assert overlapping(figure) == []
    for text, box in written(figure):
        assert page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1, text


def test_the_cells_are_the_weights_and_tokens_are_written_out():
    table = weights(KOREAN, DATE)
    axes = figures.attention_heatmap(table, KOREAN, DATE).axes[0]
    assert np.array_equal(axes.images[0].get_array(), table)
    assert axes.images[0].get_clim() == (0, 1)
    assert [label.get_text() for label in axes.get_yticklabels()][4:6] == ["년", "␣"]
    assert "".join(label.get_text() for label in axes.get_xticklabels()) == "Tuesday,␣March␣5,␣2024"
    assert axes.get_ylim()[0] > axes.get_ylim()[1]  # the first query is the top row


def test_numbers_are_whole_percent_and_nothing_where_there_is_none():
    axes = figures.attention_heatmap([[0.996, 0.004], [0.25, 0.75]], "AB", "ab", numbers=True).axes[0]
    assert [text.get_text() for text in axes.texts] == ["100", "25", "75"]


def test_the_selected_row_is_framed():
    (frame,) = figures.attention_heatmap(weights("ABC", "ab"), "ABC", "ab", selected=1).axes[0].patches
    assert (frame.get_xy(), frame.get_width(), frame.get_height()) == ((-0.5, 0.5), 2, 1)


def test_four_maps_of_a_date_are_two_in_a_row_so_that_they_are_on_one_screen():
    figure = DRAWN["four maps with an end"]()
    maps = [axes.get_position() for axes in figure.axes if axes.images]
    assert len(maps) == 4 and len({place.x0 for place in maps}) == len({place.y0 for place in maps}) == 2
    width, height = figure.get_size_inches()
    assert width <= PAGE_WIDTH and height < 10


def test_each_map_has_its_name_and_its_own_weights():
    maps = {"dot": [[1, 0], [0, 1]], "general": [[0, 1], [1, 0]]}
    first, second, _bar = figures.attention_heatmaps(maps, "AB", "ab").axes
    assert [axes.get_title(loc="left") for axes in (first, second)] == ["dot", "general"]
    assert first.images[0].get_array()[0, 0] == 1 and second.images[0].get_array()[0, 0] == 0


def test_a_wrong_shape_is_named():
    with pytest.raises(ValueError, match=r"3 queries and 2 keys need weights of the shape \(3, 2\), not \(2, 3\)"):
        figures.attention_heatmap(np.ones((2, 3)), "ABC", "ab")
