"""A bag of words: it does not know the order, and rare words count more."""

import numpy as np
import pytest

from course.tasks.bag_of_words import best_threshold, overlap, rarity


def test_rare_tokens_weigh_more_and_one_that_is_everywhere_nothing():
    weights = rarity([[0, 1], [0, 2], [0, 2, 2]], 4)
    assert weights[0] == 0 and weights[3] > weights[1] > weights[2] > 0
    assert weights[1] == pytest.approx(np.log(4 / 2))
    with pytest.raises(ValueError, match="no documents"):
        rarity([], 3)


def test_the_overlap_is_a_cosine_and_the_same_both_ways():
    weights = np.array([0.0, 1.0, 2.0, 1.0])
    assert overlap([1, 2], [2, 1], weights) == pytest.approx(1)
    assert overlap([1], [2, 3], weights) == 0
    assert overlap([0], [0], weights) == 0
    assert overlap([1, 2, 2], [3, 2], weights) == pytest.approx(overlap([2, 3], [2, 1, 2], weights))
    assert overlap([1, 2], [1, 3], weights) == pytest.approx(1 / (np.sqrt(5) * np.sqrt(2)))


def test_the_threshold_separates():
    assert best_threshold([0.7, 0.9], [0.1, 0.3]) == 0.7
    with pytest.raises(ValueError, match="both kinds"):
        best_threshold([], [1.0])


@pytest.mark.parametrize("wrong", [-1, 4])
def test_an_id_that_is_not_in_the_vocabulary(wrong):
    for ask in (lambda: rarity([[0, wrong]], 4), lambda: overlap([0], [1, wrong], np.ones(4))):
        with pytest.raises(ValueError, match=f"Token id {wrong} is unknown"):
            ask()
