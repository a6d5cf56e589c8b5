"""Measures of rankings: by hand, in their bounds, and nDCG as scikit-learn has it."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

from course.evaluation import hit_at, ndcg_at, recall_at, reciprocal_rank

RANKINGS = st.lists(st.integers(0, 12), unique=True, max_size=13)
GAINS = st.dictionaries(st.integers(0, 12), st.sampled_from([0, 0.5, 1, 2, 3]), min_size=1).filter(
    lambda gains: any(gains.values())
)
K = st.integers(1, 15)


def test_hit_is_not_recall_where_several_are_relevant():
    ranking, relevant = ["c", "a", "x", "b"], {"a", "b", "d"}
    assert [hit_at(ranking, relevant, k) for k in (1, 2, 4)] == [0, 1, 1]
    assert [recall_at(ranking, relevant, k) for k in (1, 2, 4, 9)] == [0, 1 / 3, 2 / 3, 2 / 3]
    assert reciprocal_rank(ranking, relevant) == 1 / 2
    assert reciprocal_rank(ranking, {"y"}) == 0


def test_ndcg_by_hand():
    gains = {"a": 3, "b": 2, "c": 0, "d": 1}
    found = ndcg_at(["b", "x", "a"], gains, 3)
    assert found == pytest.approx((2 + 3 / 2) / (3 + 2 / math.log2(3) + 1 / 2))
    found = ndcg_at(["b", "x", "a"], gains, 3, exponential=True)
    assert found == pytest.approx((3 + 7 / 2) / (7 + 3 / math.log2(3) + 1 / 2))
    assert ndcg_at(["a", "b"], gains, 1) == 1


@given(st.permutations(range(13)), GAINS, K)
def test_ndcg_is_that_of_scikit_learn(ranking, gains, k):
    truth = [gains.get(text, 0) for text in range(13)]
    scores = np.empty(13)
    scores[list(ranking)] = np.arange(13)[::-1]
    assert ndcg_at(ranking, gains, k) == pytest.approx(ndcg_score([truth], [scores], k=k), abs=1e-12)
    exponential = [2**gain - 1 for gain in truth]
    expected = ndcg_score([exponential], [scores], k=k)
    assert ndcg_at(ranking, gains, k, exponential=True) == pytest.approx(expected, abs=1e-12)


@given(RANKINGS, GAINS, K, st.booleans())
def test_every_measure_is_from_0_to_1(ranking, gains, k, exponential):
    relevant = {text for text, gain in gains.items() if gain}
    found = ndcg_at(ranking, gains, k, exponential=exponential)
    assert 0 <= found <= 1 + 1e-12
    best = sorted(gains, key=lambda text: -gains[text])
    assert ndcg_at(best, gains, k, exponential=exponential) == pytest.approx(1)
    hit, recall = hit_at(ranking, relevant, k), recall_at(ranking, relevant, k)
    assert 0 <= recall <= hit <= 1 and hit in (0, 1)
    assert (found > 0) == (hit == 1) == (reciprocal_rank(ranking[:k], relevant) > 0)


@given(RANKINGS, st.integers(0, 12), K)
def test_with_one_relevant_text_hit_is_recall(ranking, text, k):
    assert hit_at(ranking, [text], k) == recall_at(ranking, [text], k)
    if text in ranking:
        assert reciprocal_rank(ranking, [text]) == 1 / (ranking.index(text) + 1)


@given(st.permutations(range(8)), GAINS, K)
def test_a_better_text_further_up_never_lowers_a_measure(ranking, gains, k):
    relevant = [text for text, gain in gains.items() if gain]
    for place, (upper, lower) in enumerate(pairwise(ranking)):
        better = sorted((upper, lower), key=lambda text: -gains.get(text, 0))
        swapped = [*ranking[:place], *better, *ranking[place + 2 :]]
        assert ndcg_at(swapped, gains, k) >= ndcg_at(ranking, gains, k) - 1e-12
        assert recall_at(swapped, relevant, k) >= recall_at(ranking, relevant, k)
        assert reciprocal_rank(swapped, relevant) >= reciprocal_rank(ranking, relevant)


def test_gains_of_0_and_1_are_the_same_in_both_forms():
    ranking, gains = [4, 2, 7, 1], {1: 1, 2: 1, 9: 1, 7: 0}
    assert ndcg_at(ranking, gains, 4) == ndcg_at(ranking, gains, 4, exponential=True)


def test_an_empty_ranking_found_nothing():
    assert (hit_at([], [1], 5), recall_at([], [1], 5), reciprocal_rank([], [1]), ndcg_at([], {1: 1}, 5)) == (0, 0, 0, 0)


def of_k(ranking, relevant, k=3):
    """Each measure with these arguments."""
    gains = dict.fromkeys(relevant, 1)
    return [
        lambda: hit_at(ranking, relevant, k),
        lambda: recall_at(ranking, relevant, k),
        lambda: ndcg_at(ranking, gains, k),
    ]


@pytest.mark.parametrize("k", [0, -1, 2.0, True])
@pytest.mark.usefixtures("unchecked_shapes")
def test_a_k_that_looks_at_nothing_is_refused(k):
    for measure in of_k([1, 2], [1], k):
        with pytest.raises(ValueError, match=f"k is {k}; it must be a whole number, 1 or more"):
            measure()


def test_a_text_twice_in_a_ranking_is_refused():
    for measure in [*of_k([4, 2, 4], [4]), lambda: reciprocal_rank([4, 2, 4], [4])]:
        with pytest.raises(ValueError, match="The ranking has 4 twice"):
            measure()


def test_a_question_without_a_relevant_text_is_refused():
    for measure in [*of_k([4, 2], []), lambda: reciprocal_rank([4], []), lambda: ndcg_at([4], {4: 0}, 1)]:
        with pytest.raises(ValueError, match="No text is relevant to this question"):
            measure()


@pytest.mark.parametrize("gain", [-1, math.nan, math.inf])
def test_a_gain_that_is_no_gain_is_refused(gain):
    with pytest.raises(ValueError, match=f"The gain of 'a' is {gain}; it must be a finite number, 0 or more"):
        ndcg_at(["a"], {"a": gain, "b": 1}, 1)


def test_one_id_in_the_place_of_a_list_is_refused():
    for ranking, relevant in ((["nile"], "nile"), ("nile", ["nile"])):
        with pytest.raises(TypeError, match="put a single id into a list"):
            recall_at(ranking, relevant, 1)
