"""Losses on pairs against what `trl` computed of the same numbers: see `make_trl_dpo.py`.

DPO, IPO and SimPO are compared with trl 1.16.0, smoothed DPO and IPO of sums with trl 0.11.4. What differs by design:

- The DPO loss of trl 1.16.0 has no label smoothing: its `label_smoothing` belongs to the losses "robust" and others.
  cDPO, ours, was in it before. "robust" is another formula of the same two terms, which is not offered.
- trl 1.16.0 divides IPO's log-ratios by the lengths of the answers, as `per="token"` does; the paper's and the default
  here is the sum. The loss function of trl 0.11.4 was given sums or means.
- SimPO's margin is a goal of β · difference in both; trl writes it as γ / β inside. trl's CPOTrainer adds a loss of
  the chosen answer unless `cpo_alpha` is 0, and SimPO alone is what is compared.
- A tie counts one half in `preference_accuracy`, 0 in trl. There is none among the numbers.
- Answers have to be given with their end token; trl appends one that is missing (not to those of a conversation).
"""

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor

from course.dpo import (
    PairLogProbabilities,
    dpo_loss,
    gradient_weights,
    implicit_rewards,
    ipo_loss,
    pair_log_probabilities,
    preference_accuracy,
    reference_log_probabilities,
    simpo_loss,
    with_reference,
)
from course.rlhf import PreferencePair
from tests.dpo.make_trl_dpo import BETAS, FILE, N_CHOSEN, N_REJECTED, REJECTED, ROLES, SIMPO_MARGIN, SMOOTHING
from tests.support.llama import llama_name
from tests.support.trl import ANSWERS, PAD, PROMPTS, decoder, part_of

THEIRS = load_file(FILE)
GIVEN = part_of(THEIRS, "given/")
PAIRS = [PreferencePair(*map(tuple, pair)) for pair in zip(PROMPTS, ANSWERS, REJECTED, strict=True)]


def close(ours: Tensor, theirs: Tensor) -> None:
    torch.testing.assert_close(ours, theirs.to(ours.dtype), rtol=1e-5, atol=1e-5)


def pairs() -> PairLogProbabilities:
    chosen, rejected, *reference = (GIVEN[role].clone() for role in ROLES)
    lengths = torch.tensor(N_CHOSEN), torch.tensor(N_REJECTED)
    return PairLogProbabilities(chosen.requires_grad_(), rejected.requires_grad_(), *reference, *lengths)


def compare(given: PairLogProbabilities, loss: Tensor, name: str) -> None:
    """The loss, and its gradients with respect to the policy's two log-probabilities of each pair."""
    loss.backward()
    close(loss, THEIRS[f"{name}/loss"])
    close(torch.stack([given.chosen.grad, given.rejected.grad]), THEIRS[f"{name}/gradients"])


def test_the_stored_margins_are_of_both_signs_and_of_answers_of_other_lengths():
    margin = pairs().margin
    assert (margin > 0).any() and (margin < 0).any() and not (margin == 0).any()
    assert set(map(bool, (n > m for n, m in zip(N_CHOSEN, N_REJECTED, strict=True)))) == {True, False}


@pytest.mark.parametrize("beta", BETAS)
@pytest.mark.parametrize("name", ["new/sigmoid", "old/dpo"])
def test_dpo(beta, name):
    given = pairs()
    compare(given, dpo_loss(given, beta), f"{name}/{beta}")
    close(-F.logsigmoid(beta * given.margin), THEIRS[f"{name}/{beta}/losses"])


@pytest.mark.parametrize("beta", BETAS)
def test_dpo_with_label_smoothing(beta):
    given = pairs()
    compare(given, dpo_loss(given, beta, label_smoothing=SMOOTHING), f"old/cdpo/{beta}")


@pytest.mark.parametrize("beta", BETAS)
def test_robust_dpo_is_another_formula(beta):
    """Its two terms are those of the smoothed loss, but the flipped one is subtracted, and the whole is divided."""
    given = pairs()
    flipped = given._replace(
        **dict(
            zip(ROLES, (given.rejected, given.chosen, given.rejected_reference, given.chosen_reference), strict=True)
        )
    )
    robust = (1 - SMOOTHING) * dpo_loss(given, beta) - SMOOTHING * dpo_loss(flipped, beta)
    compare(given, robust / (1 - 2 * SMOOTHING), f"new/robust/{beta}")
    smoothed = dpo_loss(given, beta, label_smoothing=SMOOTHING)
    assert (smoothed - THEIRS[f"new/robust/{beta}/loss"]).abs() > 0.01


@pytest.mark.parametrize("beta", BETAS)
def test_ipo(beta):
    for per, name in (("token", "new"), ("sequence", "old")):
        given = pairs()
        compare(given, ipo_loss(given, beta, per=per), f"{name}/ipo/{beta}")


@pytest.mark.parametrize("beta", [*BETAS, 2.0])
def test_simpo(beta):
    given = pairs()
    compare(given, simpo_loss(given, beta, SIMPO_MARGIN), f"simpo/{beta}")


@pytest.mark.parametrize("beta", BETAS)
def test_implicit_rewards_and_accuracy(beta):
    given = pairs()
    for name in ("new/sigmoid", "old/dpo"):
        close(torch.stack(implicit_rewards(given, beta)), THEIRS[f"{name}/{beta}/rewards"])
    close(preference_accuracy(given), THEIRS[f"new/sigmoid/{beta}/accuracy"])


@pytest.mark.parametrize("beta", BETAS)
def test_the_weight_of_a_pair_is_in_its_gradient(beta):
    weights = gradient_weights(pairs(), beta) * beta / len(N_CHOSEN)
    close(torch.stack([-weights, weights]), THEIRS[f"new/sigmoid/{beta}/gradients"])


def test_losses_and_gradients_with_models():
    """From ids to the gradient of each weight: who is shifted, what is padded, what is summed, is trl's."""
    policy = decoder(THEIRS, "policy")
    reference = reference_log_probabilities(decoder(THEIRS, "reference"), PAIRS, pad_id=PAD)
    found = pair_log_probabilities(policy, PAIRS, pad_id=PAD)
    given = with_reference(found, reference)
    close(torch.stack([found.chosen, found.rejected]), THEIRS["model/sums"])
    close(reference.T, THEIRS["model/reference_sums"])
    close(ipo_loss(given, 0.7, per="token"), THEIRS["model/ipo"])
    close(simpo_loss(given, 2.0, SIMPO_MARGIN), THEIRS["model/simpo"])
    loss = dpo_loss(given, 0.7)
    loss.backward()
    close(loss, THEIRS["model/sigmoid"])
    for name, weight in policy.named_parameters():
        close(weight.grad, THEIRS[f"model/gradient/{llama_name(name)}"])
