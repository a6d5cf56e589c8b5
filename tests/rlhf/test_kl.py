"""Estimators of the KL divergence by exact sums over a small vocabulary, and what controls its weight."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course.rlhf import AdaptiveKL, FixedKL, k1, k2, k3, sequence_kl
from tests.rlhf.drawn_responses import numbers, places

logits = st.lists(st.floats(-3, 3), min_size=4, max_size=4)


def distributions(one, other):
    return (torch.tensor(each, dtype=torch.float64).log_softmax(0) for each in (one, other))


@given(logits, logits)
def test_k1_and_k3_have_the_divergence_as_their_mean(one, other):
    policy, reference = distributions(one, other)
    ratio, chances = policy - reference, policy.exp()
    exact = (chances * ratio).sum().item()
    assert (chances * k1(ratio)).sum().item() == exact
    assert (chances * k3(ratio)).sum().item() == pytest.approx(exact, abs=1e-12)


def test_k2_is_biased():
    policy, reference = distributions([2.0, 0, 0, 0], [0.0, 0, 0, 2.0])
    ratio, chances = policy - reference, policy.exp()
    exact = (chances * ratio).sum().item()
    assert (chances * k2(ratio)).sum().item() == pytest.approx((chances * ratio**2).sum().item() / 2)
    assert (chances * k2(ratio)).sum().item() > 1.2 * exact


@given(logits, logits)
def test_as_a_loss_k2_has_the_gradient_of_the_divergence_and_k1_none(one, other):
    """Of a loss averaged over drawn tokens: the chances with which they were drawn are held."""
    free = torch.tensor(one, dtype=torch.float64, requires_grad=True)
    reference = torch.tensor(other, dtype=torch.float64).log_softmax(0)

    def gradient(loss):
        return torch.autograd.grad(loss, free)[0]

    policy = free.log_softmax(0)
    ratio, held = policy - reference, policy.exp().detach()
    exact = gradient((policy.exp() * (policy - reference)).sum())
    policy = free.log_softmax(0)
    ratio = policy - reference
    torch.testing.assert_close(gradient((held * k2(ratio)).sum()), exact, rtol=1e-9, atol=1e-12)
    ratio = free.log_softmax(0) - reference
    torch.testing.assert_close(gradient((held * k1(ratio)).sum()), torch.zeros_like(exact), rtol=0, atol=1e-12)


@given(st.floats(-5, 5))
def test_k3_is_never_below_0_and_k1_can_be(log_ratio):
    ratio = torch.tensor(log_ratio, dtype=torch.float64)
    assert k3(ratio) >= 0 and k2(ratio) >= 0 and k1(ratio) == ratio


@pytest.mark.parametrize("log_ratio", [1e-2, 1e-3, -1e-3])
def test_k3_of_a_small_ratio_keeps_its_digits_in_float32(log_ratio):
    """exp(−x) − 1 + x would not: its terms are thousands of times as large as their sum."""
    log_ratio = torch.tensor(log_ratio)
    torch.testing.assert_close(k3(log_ratio), k3(log_ratio.double()).float(), rtol=1e-3, atol=0)


@pytest.mark.parametrize("beyond", [0.0, 1e9, math.nan])
def test_the_divergence_of_responses_is_the_mean_of_their_sums(beyond):
    log_ratios = numbers(places(), 0, beyond)
    expected = sum(log_ratios[row, :length].sum().item() for row, length in enumerate([2, 5, 1])) / 3
    assert sequence_kl(log_ratios, places()).item() == pytest.approx(expected, abs=1e-6)


def test_no_responses_have_no_divergence():
    with pytest.raises(ValueError, match="There are no responses"):
        sequence_kl(torch.zeros(0, 3), torch.zeros(0, 3, dtype=torch.bool))


@pytest.mark.parametrize(
    ("kl", "factor"),
    [(6.0, 1.0), (6.6, 1.01), (12.0, 1.02), (600.0, 1.02), (5.4, 0.99), (0.0, 0.98), (-1.0, 0.98)],
)
def test_the_weight_follows_the_divergence(kl, factor):
    """β · (1 + K · clip(kl / target − 1, −0.2, 0.2)), with K = 64 / 640 = 0.1."""
    control = AdaptiveKL(0.5, target=6.0, horizon=640)
    control.update(kl, 64)
    assert control.beta == pytest.approx(0.5 * factor)
    control.update(kl, 64)
    assert control.beta == pytest.approx(0.5 * factor**2)


def test_a_fixed_weight_stays():
    control = FixedKL(0.5)
    control.update(1e6, 64)
    assert control.beta == 0.5


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"beta": 0.0}, "beta"),
        ({"target": -1.0}, "target"),
        ({"horizon": 0}, "horizon"),
        ({"beta": math.nan}, "beta"),
    ],
)
def test_what_controls_nothing_is_refused(settings, name):
    with pytest.raises(ValueError, match=f"{name} is"):
        AdaptiveKL(**{"beta": 0.1, "target": 6.0, "horizon": 640} | settings)


def test_a_weight_below_0_and_a_divergence_that_is_no_number_are_refused():
    with pytest.raises(ValueError, match=r"beta is -0\.1"):
        FixedKL(-0.1)
    control = AdaptiveKL(0.1, target=6.0, horizon=640)
    with pytest.raises(ValueError, match="The KL divergence is nan"):
        control.update(math.nan, 64)
    assert control.beta == 0.1
