"""The best of n: its KL divergence against an enumeration of all draws, its estimate against all subsets."""

import math
from itertools import combinations, product

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course.rlhf import best_of_n, best_of_n_kl, expected_best_of_n


def divergence_by_enumeration(chances, n):
    """KL of the best of n from what drew, over all draws of n outcomes whose rank is their number."""
    best = [0.0] * len(chances)
    for draws in product(range(len(chances)), repeat=n):
        best[max(draws)] += math.prod(chances[draw] for draw in draws)
    return math.fsum(b * math.log(b / p) for b, p in zip(best, chances, strict=True) if b)


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_the_formula_is_an_upper_bound(n):
    for chances in ([0.25] * 4, [0.7, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.7], [0.4, 0.3, 0.2, 0.1]):
        assert divergence_by_enumeration(chances, n) <= best_of_n_kl(n) + 1e-12


def test_of_n_that_are_as_likely_as_a_lot_of_others_it_is_the_divergence():
    """The best of n of 2,000 equally likely outcomes is rank r with the chance ((r + 1)ⁿ − rⁿ) / 2000ⁿ."""
    many = 2000
    for n in (2, 4, 16, 64):
        best = [((rank + 1) / many) ** n - (rank / many) ** n for rank in range(many)]
        exact = math.fsum(b * math.log(b * many) for b in best if b)
        assert exact == pytest.approx(best_of_n_kl(n), rel=0.01) and exact < best_of_n_kl(n)


def test_one_sample_is_not_selected():
    assert best_of_n_kl(1) == 0
    assert best_of_n_kl(4) == pytest.approx(0.6363, abs=1e-4)


@pytest.mark.parametrize("n", [0, -1])
def test_n_below_1_is_refused(n):
    scores = torch.zeros(1, 3)
    for call in (
        lambda: best_of_n_kl(n),
        lambda: best_of_n(scores, n),
        lambda: expected_best_of_n(scores, scores, n),
    ):
        with pytest.raises(ValueError, match=f"n is {n}"):
            call()


def test_the_best_of_the_first_n_is_selected_and_of_equal_ones_the_first():
    scores = torch.tensor([[1.0, 3.0, 3.0, 9.0], [2.0, -1.0, 0.0, 5.0]])
    assert best_of_n(scores, 3).tolist() == [1, 0]
    assert best_of_n(scores, 4).tolist() == [3, 3]
    assert best_of_n(scores, 1).tolist() == [0, 0]


def by_subsets(scores, measured, n):
    """The mean over all choices of n; equal best ones share the choice."""
    found = []
    for chosen in combinations(range(len(scores)), n):
        highest = max(scores[place] for place in chosen)
        best = [measured[place] for place in chosen if scores[place] == highest]
        found.append(sum(best) / len(best))
    return sum(found) / len(found)


scores_with_ties = st.lists(st.integers(-2, 2), min_size=1, max_size=7)


@given(scores_with_ties, st.data())
def test_the_expectation_is_the_mean_over_all_choices(scores, data):
    measured = data.draw(st.lists(st.floats(-5, 5), min_size=len(scores), max_size=len(scores)))
    n = data.draw(st.integers(1, len(scores)))
    found = expected_best_of_n(
        torch.tensor([scores], dtype=torch.float64), torch.tensor([measured], dtype=torch.float64), n
    )
    assert found.item() == pytest.approx(by_subsets(scores, measured, n), abs=1e-9)


def test_each_prompt_is_for_itself():
    generator = torch.Generator().manual_seed(0)
    scores, measured = torch.randn(3, 6, generator=generator), torch.randn(3, 6, generator=generator)
    found = expected_best_of_n(scores, measured, 4)
    expected = [by_subsets(s, m, 4) for s, m in zip(scores.tolist(), measured.tolist(), strict=True)]
    torch.testing.assert_close(found, torch.tensor(expected))


def test_of_all_samples_it_is_the_best_and_of_one_the_mean():
    generator = torch.Generator().manual_seed(1)
    scores, measured = torch.randn(4, 50, generator=generator), torch.randn(4, 50, generator=generator)
    torch.testing.assert_close(expected_best_of_n(scores, measured, 1), measured.mean(dim=1))
    best = measured.gather(1, best_of_n(scores, 50)[:, None])[:, 0]
    torch.testing.assert_close(expected_best_of_n(scores, measured, 50), best)


def test_hundreds_of_samples_stay_finite():
    """(512 choose 256) is about 10¹⁵³: the weights are quotients of whole numbers."""
    scores = torch.randn(1, 2000, generator=torch.Generator().manual_seed(2))
    found = expected_best_of_n(scores, scores, 1000)
    assert found.isfinite().all() and found < scores.max()
    assert expected_best_of_n(scores, torch.ones(1, 2000), 1000).item() == pytest.approx(1)


def test_more_than_there_are_is_refused():
    for call in (best_of_n, lambda scores, n: expected_best_of_n(scores, scores, n)):
        with pytest.raises(ValueError, match="There are 3 samples to a prompt, and the best of 4 is asked for"):
            call(torch.zeros(2, 3), 4)


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_a_score_that_is_not_finite_is_refused(wrong):
    scores = torch.tensor([[0.0, wrong]])
    for call in (best_of_n, lambda scores, n: expected_best_of_n(scores, torch.zeros(1, 2), n)):
        with pytest.raises(ValueError, match="NaN or infinite"):
            call(scores, 1)


def test_what_is_measured_may_not_be_nan():
    with pytest.raises(ValueError, match="NaN or infinite"):
        expected_best_of_n(torch.zeros(1, 2), torch.tensor([[0.0, math.nan]]), 1)
