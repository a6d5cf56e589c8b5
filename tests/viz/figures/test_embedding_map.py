"""A map of vectors: its ranking is that of all dimensions, and what it says of itself is counted."""

import inspect

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course.rag import exact_search
from course.viz import figures
from course.viz.figures.map_reading import read_map
from tests.support.drawn import overlapping, written


def some(n=40, width=12, seed=0):
    generator = torch.Generator().manual_seed(seed)
    vectors = torch.randn(n + 1, width, generator=generator) * torch.linspace(3, 0.2, width)
    vectors /= vectors.norm(dim=1, keepdim=True)
    return vectors[:-1], vectors[-1]


def drawn(nearest=5, title="A map", **sizes):
    vectors, query = some(**sizes)
    titles = [f"title {place}" for place in range(len(vectors))]
    texts = [f"{title}: text {place} <b>" for place, title in enumerate(titles)]
    return figures.embedding_map(vectors, query, titles, texts, "Which $x$?", n=nearest, title=title)


@pytest.mark.parametrize("seed", range(3))
def test_points_are_those_of_a_singular_value_decomposition(seed):
    vectors, query = some(seed=seed)
    reading = read_map(vectors, query, 5)
    middle = vectors.double().mean(dim=0)
    _left, sizes, right = np.linalg.svd((vectors.double() - middle).numpy(), full_matrices=False)
    expected = np.vstack([vectors.double() - middle, query.double() - middle]) @ right[:2].T
    expected *= np.sign((expected[:-1] * reading.points).sum(axis=0))  # a component has no sign of its own
    np.testing.assert_allclose(np.vstack([reading.points, reading.query]), expected, atol=1e-5)
    np.testing.assert_allclose(reading.variance, sizes[:2] ** 2 / (sizes**2).sum(), atol=1e-5)


@given(st.integers(1, 30), st.integers(2, 9), st.integers(1, 12), st.integers(0, 99))
def test_both_rankings_and_what_they_have_in_common(n_texts, width, n, seed):
    vectors, query = some(n_texts, width, seed)
    reading = read_map(vectors, query, n)
    best = [hit.index for hit in exact_search(query, vectors, n)]
    assert [hit.index for hit in reading.hits] == best
    distances = np.linalg.norm(reading.points - reading.query, axis=1)
    assert np.allclose(distances[reading.nearest_on_map], np.sort(distances)[: len(best)])
    assert len(set(reading.nearest_on_map)) == len(best) == min(n, n_texts)
    assert reading.n_in_both == sum(place in best for place in reading.nearest_on_map)


def test_nothing_is_hidden_where_there_are_two_dimensions():
    angles = torch.arange(7) / 7 * 2 * torch.pi
    vectors = torch.stack([angles.cos(), angles.sin()], dim=1)
    query = torch.tensor([1.0, 0.1])
    reading = read_map(vectors, query / query.norm(), 3)
    assert reading.n_in_both == 3 and sum(reading.variance) == pytest.approx(1)


def test_the_length_of_a_vector_counts_nothing():
    vectors, query = some()
    long = read_map(vectors * torch.arange(1, 41)[:, None], query * 7, 5)
    short = read_map(vectors, query, 5)
    assert [hit.index for hit in long.hits] == [hit.index for hit in short.hits]
    np.testing.assert_allclose(long.cosines, short.cosines, atol=1e-6)


def test_all_sides_say_how_much_the_map_shows():
    figure = drawn()
    vectors, query = some()
    reading = read_map(vectors, query, 5)
    assert 0 < reading.n_in_both < 5, "else the test sees nothing"
    said = f"Of the 5 nearest on the map, {reading.n_in_both} "
    assert said in repr(figure)
    assert said in figure.live.layout.annotations[0].text.replace("<br>", " ")
    assert any(text.startswith(said) for text, _box in written(figure.picture))
    assert said in figure.picture.get_label()
    on_map = (np.linalg.norm(reading.points - reading.query, axis=1)).argsort().tolist()
    assert figure.numbers == [
        {
            "rank": rank,
            "cosine": f"{hit.score:.2f}",
            "text": f"title {hit.index}",
            "rank on the map": 1 + on_map.index(hit.index),
        }
        for rank, hit in enumerate(reading.hits, start=1)
    ]


def test_the_nearest_have_numbers_on_the_map_and_rings():
    figure = drawn()
    vectors, query = some()
    reading = read_map(vectors, query, 5)
    rest, rings, found, asked = figure.live.data
    assert len(rest.x) == 35 and list(found.text) == [f"<b>{rank}</b>" for rank in range(1, 6)]
    best = [hit.index for hit in reading.hits]
    np.testing.assert_allclose(np.array([found.x, found.y]).T, reading.points[best], rtol=1e-3)
    np.testing.assert_allclose(np.array([rings.x, rings.y]).T, reading.points[reading.nearest_on_map], rtol=1e-3)
    np.testing.assert_allclose([asked.x[0], asked.y[0]], reading.query, rtol=1e-3)
    assert asked.hovertemplate.startswith("<b>Which &#36;x&#36;?</b>")
    assert figure.live.layout.yaxis.scaleanchor == "x", "near on the map is near for the eye"
    place = best[0]
    assert tuple(found.customdata[0]) == (f"title {place}", f"text {place} &lt;b&gt;", f"{reading.hits[0].score:.2f}")
    numbers = [note.get_text() for note in figure.picture.axes[0].texts]
    assert numbers == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize("seed", range(3))
def test_no_text_lies_over_another_though_the_nearest_are_close(seed):
    assert overlapping(drawn(8, seed=seed).picture) == []
    vectors = torch.eye(6)[:1].repeat(8, 1) + torch.randn(8, 6, generator=torch.Generator().manual_seed(seed)) * 1e-3
    vectors = torch.cat([vectors, some(30, 6)[0]])
    names = [f"a long title of a section, {place}" for place in range(38)]
    figure = figures.embedding_map(vectors, torch.eye(6)[0], names, names, "long question " * 9, n=8, title="t")
    assert overlapping(figure.picture) == []


@pytest.mark.parametrize("n_texts", [1, 2])
def test_few_texts_have_a_map_too(n_texts):
    assert f"Of the {n_texts} nearest" in repr(drawn(n=n_texts))
    same = figures.embedding_map(torch.ones(3, 4), torch.ones(4), list("abc"), list("abc"), "q", title="t")
    assert "Of the 3 nearest on the map, 3 are" in repr(same)


@pytest.mark.parametrize(
    ("vectors", "query", "message"),
    [
        (torch.ones(3, 4), torch.ones(5), r"Vectors of the shape \(3, 4\) and a query of the shape \(5,\)"),
        (torch.ones(3, 1), torch.ones(1), "with two numbers or more"),
        (torch.ones(0, 4), torch.ones(4), "There are no texts to draw"),
        (torch.tensor([[1.0, 1], [0, 0], [1, 0]]), torch.ones(2), "Vector 1 has the length 0.0"),
        (torch.tensor([[1.0, 1], [0, 1], [1, float("nan")]]), torch.ones(2), "Vector 2 has the length nan"),
    ],
)
def test_what_has_no_map_is_named(vectors, query, message):
    with pytest.raises(ValueError, match=message):
        inspect.unwrap(read_map)(vectors, query, 2)  # without the tests' check of shapes, as lessons run


def test_a_title_and_a_text_for_each_vector():
    with pytest.raises(ValueError, match="There are 2 titles for 3 vectors"):
        figures.embedding_map(torch.ones(3, 4), torch.ones(4), list("ab"), list("abc"), "q", title="t")
    with pytest.raises(ValueError, match="There are 4 texts for 3 vectors"):
        figures.embedding_map(torch.ones(3, 4), torch.ones(4), list("abc"), list("abcd"), "q", title="t")
    with pytest.raises(ValueError, match="n is 0"):
        figures.embedding_map(torch.ones(3, 4), torch.ones(4), list("abc"), list("abc"), "q", n=0, title="t")
