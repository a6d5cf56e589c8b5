"""PPO's losses by hand: which side is flat for either sign of the advantage, and that padding counts nowhere."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course.rlhf import clipped_objective, policy_loss, value_loss
from tests.rlhf.drawn_responses import LENGTHS, numbers, places

GARBAGE = [1e9, math.nan, math.inf]
garbage = pytest.mark.parametrize("beyond", GARBAGE)

# The ratio, the advantage, the objective with a clip of 0.2, and its slope in the ratio.
SIDES = [
    (1.5, 2.0, 2.4, 0.0),  # above, and good: nothing to gain by going further
    (0.5, 2.0, 1.0, 2.0),  # below, and good: it comes back
    (1.1, 2.0, 2.2, 2.0),
    (1.5, -2.0, -3.0, -2.0),  # above, and bad: it comes back
    (0.5, -2.0, -1.6, 0.0),  # below, and bad: nothing to gain by going further
    (0.9, -2.0, -1.8, -2.0),
]


@pytest.mark.parametrize(("ratio", "advantage", "objective", "slope"), SIDES)
def test_the_objective_is_flat_on_one_side_for_each_sign(ratio, advantage, objective, slope):
    at = torch.tensor(ratio, requires_grad=True)
    found = clipped_objective(at, torch.tensor(advantage), 0.2)
    found.backward()
    assert found.item() == pytest.approx(objective, abs=1e-6) and at.grad.item() == slope


def test_the_policy_loss_counts_what_is_clipped():
    ratios, advantages = (torch.tensor([[side[i] for side in SIDES]]) for i in (0, 1))
    old = torch.full((1, 6), -2.0)
    new = (old + ratios.log()).requires_grad_()
    found = policy_loss(new, old, advantages, places([6]))
    found.loss.backward()
    assert found.loss.item() == pytest.approx(-sum(side[2] for side in SIDES) / 6, abs=1e-6)
    assert found.clip_fraction.item() == pytest.approx(2 / 6)
    assert found.ratio.item() == pytest.approx(1.0, abs=1e-6)
    kl = sum(ratio - 1 - math.log(ratio) for ratio, *_rest in SIDES) / 6
    assert found.approximate_kl.item() == pytest.approx(kl, abs=1e-6)
    # The slope in the log-probability is the ratio times that in the ratio; a minus, for it is a loss.
    slopes = torch.tensor([[-ratio * slope / 6 for ratio, _advantage, _objective, slope in SIDES]])
    torch.testing.assert_close(new.grad, slopes)


@garbage
def test_padding_reaches_neither_loss_nor_gradient(beyond):
    is_token = places()
    new, old, values = (numbers(is_token, seed, beyond) for seed in (0, 1, 2))
    advantages, returns = numbers(is_token, 3, beyond), numbers(is_token, 4, beyond)
    new.requires_grad_()
    values.requires_grad_()
    found = policy_loss(new, old, advantages, is_token)
    of_values = value_loss(values, old, returns, is_token)
    (found.loss + of_values).backward()
    objectives, errors = [], []
    for row, length in enumerate(LENGTHS):
        for t in range(length):
            ratio = math.exp(new[row, t].item() - old[row, t].item())
            advantage = advantages[row, t].item()
            objectives.append(min(ratio * advantage, min(max(ratio, 0.8), 1.2) * advantage))
            value, before, target = (part[row, t].item() for part in (values, old, returns))
            clipped = before + min(max(value - before, -0.2), 0.2)
            errors.append(max((value - target) ** 2, (clipped - target) ** 2) / 2)
    assert found.loss.item() == pytest.approx(-sum(objectives) / 8, abs=1e-5)
    assert of_values.item() == pytest.approx(sum(errors) / 8, abs=1e-5)
    assert all(part.isfinite() for part in found)
    for part in (new, values):
        assert part.grad.isfinite().all() and (part.grad[~is_token] == 0).all()


@given(st.lists(st.integers(1, 6), min_size=1, max_size=4), st.integers(0, 99))
def test_a_policy_that_has_not_changed_has_ratio_1_and_the_gradient_of_the_advantages(lengths, seed):
    is_token = places(lengths)
    old, advantages = numbers(is_token, seed), numbers(is_token, seed + 100)
    new = old.clone().requires_grad_()
    found = policy_loss(new, old, advantages, is_token)
    found.loss.backward()
    assert found.ratio == 1 and found.clip_fraction == 0 and found.approximate_kl == 0
    torch.testing.assert_close(new.grad, -advantages / sum(lengths))


# The value, the old one, the return, half the squared error, and its slope in the value, with a clip of 0.2.
VALUES = [
    (1.0, 0.0, 2.0, 1.62, 0.0),  # it went towards the return by more than the clip: the clipped error is larger, flat
    (-1.0, 0.0, 2.0, 4.5, -3.0),  # it went away from the return: its own error is larger
    (0.1, 0.0, 2.0, 1.805, -1.9),
]


@pytest.mark.parametrize(("value", "old", "target", "loss", "slope"), VALUES)
def test_a_value_that_moved_too_far_is_not_pulled_further(value, old, target, loss, slope):
    at = torch.tensor([[value]], requires_grad=True)
    found = value_loss(at, torch.tensor([[old]]), torch.tensor([[target]]), places([1]))
    found.backward()
    assert found.item() == pytest.approx(loss, abs=1e-6) and at.grad.item() == pytest.approx(slope, abs=1e-6)


@pytest.mark.parametrize("clip", [0.0, -0.2, math.nan])
def test_a_clip_that_is_not_above_0_is_refused(clip):
    one = torch.zeros(1, 1)
    with pytest.raises(ValueError, match="clip is"):
        policy_loss(one, one, one, places([1]), clip=clip)
    with pytest.raises(ValueError, match="clip is"):
        value_loss(one, one, one, places([1]), clip=clip)


def test_no_token_is_refused():
    one, none = torch.zeros(1, 1), torch.zeros(1, 1, dtype=torch.bool)
    with pytest.raises(ValueError, match="There is no token"):
        policy_loss(one, one, one, none)
    with pytest.raises(ValueError, match="There is no token"):
        value_loss(one, one, one, none)
