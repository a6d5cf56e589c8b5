"""The figures of lines and of all heads show the given data, and nothing overlaps."""

import numpy as np
import pytest
from matplotlib.collections import LineCollection

from course.viz.attention_explorer.figures import attention_heads, attention_lines, shade_hidden
from course.viz.figures import attention_heatmap
from tests.support.drawn import overlapping, written

QUERIES = ["[CLS]", "the", "고양이", "🐈", "␣a long token that takes much room"]
KEYS = ["one", "two", "three"]
WEIGHTS = np.array([[0.9, 0.06, 0.04], [0.0, 1.0, 0.0], [0.2, 0.3, 0.5], [0.01, 0.04, 0.95], [0.3, 0.3, 0.4]])


def lines(figure):
    return [
        (segment, width)
        for collection in figure.findobj(LineCollection)
        for segment, width in zip(collection.get_segments(), collection.get_linewidths(), strict=True)
    ]


def test_each_weight_from_the_threshold_on_has_a_line():
    for threshold in (0.05, 0.3, 0.0):
        figure = attention_lines({"head": WEIGHTS}, QUERIES, KEYS, threshold=threshold)
        assert len(lines(figure)) == ((threshold <= WEIGHTS) & (WEIGHTS > 0)).sum()


def test_a_line_goes_from_its_query_to_its_key():
    weights = np.zeros((5, 3))
    weights[3, 1] = 0.5
    figure = attention_lines({"head": weights}, QUERIES, KEYS)
    [(segment, _width)] = lines(figure)
    rows = {text.get_text(): text.get_position() for text in figure.axes[0].texts}
    assert segment[0][1] == pytest.approx(rows["U+1F408"][1]) and segment[1][1] == pytest.approx(rows["two"][1])
    assert segment[0][0] < segment[1][0]


def test_a_query_has_its_lines_alone_and_its_weights_as_numbers():
    figure = attention_lines({"one": WEIGHTS, "other": 1 - WEIGHTS}, QUERIES, KEYS, query=0)
    assert len(lines(figure)) == 2 + 3
    texts = [text for text, _box in written(figure)]
    assert [text for text in texts if text.endswith("%")] == ["90%", "10%", "6%", "94%", "4%", "96%"]
    assert {"one", "other"} <= set(texts)
    widths = [width for _segment, width in lines(figure)]
    assert max(widths) > 2 * min(widths)


@pytest.mark.parametrize("query", [None, 2])
def test_nothing_lies_over_anything_else(query):
    maps = {f"layer {layer}, head 1": WEIGHTS for layer in range(4)}
    figure = attention_lines(maps, QUERIES, KEYS, query=query, title="한국어: a title that is rather long, too")
    assert overlapping(figure) == []
    figure = attention_heads(np.random.default_rng(0).random((3, 12, 4, 4)), title="MiniLM", marked=[(0, 0), (2, 11)])
    assert overlapping(figure) == [] and len(figure.axes[0].images) == 36


def test_every_head_is_where_it_belongs():
    maps = np.zeros((2, 3, 4, 4))
    maps[1, 2, 3, 0] = 0.25
    images = attention_heads(maps).axes[0].images
    assert [image.get_array().max() for image in images] == [0, 0, 0, 0, 0, 0.5]
    assert images[5].get_extent()[0] > images[4].get_extent()[0] and images[5].get_array()[3, 0] == 0.5


def test_hidden_cells_are_gray_and_the_others_as_they_were():
    figure = attention_heatmap(WEIGHTS, QUERIES, KEYS)
    shade_hidden(figure.axes[0], WEIGHTS > 0)
    gray = figure.axes[0].images[1].get_array()
    assert (gray[..., 3] == (WEIGHTS == 0)).all()


def test_what_cannot_be_drawn_is_an_error():
    with pytest.raises(ValueError, match=r"'head' has weights of the shape \(3, 5\), not \(5, 3\)"):
        attention_lines({"head": WEIGHTS.T}, QUERIES, KEYS)
    with pytest.raises(ValueError, match="5 heads were given"):
        attention_lines({str(n): WEIGHTS for n in range(5)}, QUERIES, KEYS)
    with pytest.raises(ValueError, match="must be \\(layers, heads, queries, keys\\)"):
        attention_heads(WEIGHTS)
