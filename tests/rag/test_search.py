"""Exact search finds what sorting all texts would, in milliseconds."""

import time

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course.rag import Hit, best_hits, exact_search, exact_searches
from tests.support.speed import Pace
from tests.support.torch_layers import draw

FEW = st.integers(-2, 2).map(float)  # so that many scores are equal


@given(st.lists(FEW, min_size=1, max_size=40), st.integers(1, 45))
def test_the_best_are_those_of_a_sort_and_of_equal_ones_the_first(scores, k):
    expected = sorted(enumerate(scores), key=lambda item: (-item[1], item[0]))[:k]
    assert best_hits(torch.tensor(scores), k) == [Hit(*item) for item in expected]


@given(
    st.integers(1, 4).flatmap(
        lambda width: st.tuples(
            st.lists(FEW, min_size=width, max_size=width),
            st.lists(st.lists(FEW, min_size=width, max_size=width), min_size=1, max_size=20),
        )
    ),
    st.integers(1, 22),
)
def test_the_score_is_the_inner_product(given_numbers, k):
    query, vectors = given_numbers
    scores = [sum(a * b for a, b in zip(query, vector, strict=True)) for vector in vectors]
    expected = sorted(range(len(vectors)), key=lambda index: (-scores[index], index))[:k]
    hits = exact_search(torch.tensor(query), torch.tensor(vectors), k)
    assert [(hit.index, hit.score) for hit in hits] == [(index, scores[index]) for index in expected]


def test_many_queries_are_searched_as_each_alone():
    vectors, queries = draw(50, 8), draw(600, 8, seed=1)
    for query, hits in zip(queries, exact_searches(queries, vectors, 5), strict=True):
        alone = exact_search(query, vectors, 5)
        assert [hit.index for hit in hits] == [hit.index for hit in alone]
        assert [hit.score for hit in hits] == pytest.approx([hit.score for hit in alone], abs=1e-5)


def test_the_query_takes_the_precision_of_the_vectors():
    vectors = draw(6, 4).double()
    assert exact_search(draw(4, seed=1), vectors, 3) == exact_search(draw(4, seed=1).double(), vectors, 3)


@pytest.mark.parametrize(("place", "value"), [(0, "nan"), (2, "inf"), (1, "-inf")])
def test_a_number_that_is_not_finite_is_refused(place, value):
    vectors, query = draw(3, 4), draw(4, seed=1).abs() + 0.1
    vectors[place, 1] = float(value)
    with pytest.raises(ValueError, match=rf"Text {place} has the score {value}"):
        exact_search(query, vectors, 1)
    with pytest.raises(ValueError, match="Text 0 has the score nan: its vector or the query's"):
        exact_search(torch.full((4,), torch.nan), draw(3, 4), 1)


@pytest.mark.usefixtures("unchecked_shapes")
def test_shapes_that_cannot_be_compared_are_refused():
    with pytest.raises(ValueError, match=r"shape \(3,\) cannot be compared with vectors of the shape \(5, 4\)"):
        exact_search(draw(3), draw(5, 4), 1)
    with pytest.raises(ValueError, match=r"shape \(4, 4\) cannot be compared"):
        exact_search(draw(4, 4), draw(5, 4), 1)
    with pytest.raises(ValueError, match=r"vectors of the shape \(4,\)"):
        exact_search(draw(4), draw(4), 1)


@pytest.mark.parametrize(
    ("k", "message"), [(0, "k is 0; it must be 1 or more"), (True, "k is True; it must be a whole")]
)
def test_a_k_that_asks_for_nothing_is_refused(k, message):
    with pytest.raises(ValueError, match=message):
        exact_search(draw(4), draw(3, 4), k)


def test_no_texts_are_refused():
    with pytest.raises(ValueError, match="There are no texts to search"):
        exact_search(draw(4), torch.empty(0, 4), 1)


@pytest.mark.timed
def test_a_query_among_12_000_vectors_takes_10_ms(unchecked_shapes, record_property):
    vectors = torch.nn.functional.normalize(draw(12_000, 384), dim=-1)
    pace, taken = Pace(), []
    for query in vectors[:100]:
        start = time.perf_counter()
        exact_search(query, vectors, 10)
        taken.append(time.perf_counter() - start)
    median = 1000 * sorted(taken)[50]
    record_property("timed", f"{median:.1f} ms; the limit is {10 * pace.ended():.0f} ms")
    assert median < 10 * pace.slow_by
