"""Rankings and scores of several systems become one."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course.rag import Hit, best_hits, reciprocal_rank_fusion, score_fusion
from tests.support.torch_layers import draw

RANKINGS = st.lists(st.lists(st.integers(0, 12), unique=True, max_size=10), min_size=1, max_size=4)


def test_ranks_count_from_1():
    first, second, third = reciprocal_rank_fusion([[7, 3], [3, 9]])
    assert first == Hit(3, 1 / 62 + 1 / 61)
    assert (second, third) == (Hit(7, 1 / 61), Hit(9, 1 / 62))
    assert reciprocal_rank_fusion([[5]], k=0) == [Hit(5, 1.0)]


@given(RANKINGS, st.integers(0, 100))
def test_the_score_is_the_sum_over_the_rankings_that_have_the_text(rankings, k):
    hits = reciprocal_rank_fusion(rankings, k=k)
    assert sorted(hit.index for hit in hits) == sorted({text for ranking in rankings for text in ranking})
    for hit in hits:
        parts = [1 / (k + ranking.index(hit.index) + 1) for ranking in rankings if hit.index in ranking]
        assert hit.score == pytest.approx(sum(parts))
    assert hits == sorted(hits, key=lambda hit: (-hit.score, hit.index))


@given(st.lists(st.integers(0, 50), unique=True), st.integers(1, 3))
def test_one_ranking_many_times_stays_as_it_is(ranking, n):
    assert [hit.index for hit in reciprocal_rank_fusion([ranking] * n)] == ranking


def test_of_equal_scores_the_lower_number_comes_first():
    assert [hit.index for hit in reciprocal_rank_fusion([[4, 2], [2, 4]])] == [2, 4]


@pytest.mark.parametrize(
    ("rankings", "k", "message"),
    [
        ([], 60, "There are no rankings to fuse"),
        ([[1], [2, 3, 2]], 60, "Ranking 1 has text 2 twice"),
        ([[1]], -1, "k is -1; it must be a number, 0 or more"),
    ],
)
def test_rankings_that_cannot_be_fused_are_refused(rankings, k, message):
    with pytest.raises(ValueError, match=message):
        reciprocal_rank_fusion(rankings, k=k)


def test_scores_are_brought_to_one_scale_and_averaged():
    dense, words = torch.tensor([0.1, 0.2, 0.3]), torch.tensor([30.0, 10.0, 0.0])
    assert score_fusion([dense, words]).tolist() == pytest.approx([0.5, (1 / 2 + 1 / 3) / 2, 0.5], abs=1e-6)
    assert score_fusion([dense, words], [3, 1]).tolist() == pytest.approx([0.25, 3 / 8 + 1 / 12, 0.75], abs=1e-6)
    assert [hit.index for hit in best_hits(score_fusion([dense, words], [3, 1]), 2)] == [2, 1]


@given(st.floats(0.01, 100), st.floats(-100, 100))
def test_a_systems_scale_and_offset_do_not_matter(scale, offset):
    one, other = draw(9).double(), draw(9, seed=1).double()
    torch.testing.assert_close(score_fusion([one * scale + offset, other]), score_fusion([one, other]))


def test_a_system_that_scores_all_alike_says_nothing():
    one = draw(5).double()
    alike = score_fusion([one, torch.full((5,), 3.0)])
    torch.testing.assert_close(alike, score_fusion([one]) / 2)


@pytest.mark.parametrize(
    ("scores", "weights", "message"),
    [
        ([], None, "There are scores of 0 systems"),
        ([[1.0, 2.0]], [0.5, 0.5], "scores of 1 systems and the weights 0.5, 0.5"),
        ([[1.0, 2.0]], [0], "give each one, not all 0"),
        ([[1.0, 2.0], [1.0, 2.0]], [2, -1], "weight is -1; it must be a number, 0 or more"),
        ([[1.0, 2.0], [1.0]], None, "System 1 must have one finite score for each of the 2 texts; it has 1"),
        ([[1.0, float("nan")]], None, "System 0 must have one finite score for each of the 2 texts; it has 1"),
        ([[]], None, "System 0 must have one finite score"),
    ],
)
@pytest.mark.usefixtures("unchecked_shapes")
def test_scores_that_cannot_be_fused_are_refused(scores, weights, message):
    with pytest.raises(ValueError, match=message):
        score_fusion([torch.tensor(each) for each in scores], weights)
