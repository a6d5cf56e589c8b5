"""PPO and GRPO against what `trl` computed of the same numbers: see `make_trl_ppo.py` and `make_trl_grpo.py`.

PPO is compared with trl 0.11.4, the last with its first PPOTrainer, GRPO with trl 1.16.0. What differs by design:

- Where there is no token, ours is 0; trl leaves numbers there that its masks hide later. Only tokens are compared.
- trl's first PPOTrainer puts the score on the last token, as ours does; its second one (and the code of Huang et al.
  2024) puts it one place after, where there is room.
- trl multiplies the value loss by its coefficient (0.1) before it returns it; our trainer does it afterwards.
- trl sets the loss to 0 where the mean ratio is above 10. Ours goes on: the clip has limited it already.
- `approximate_kl` is k3 of the old against the new policy; trl's "approxkl" is k2.
- trl 0.11.4 can whiten rewards before it computes advantages, padding included: the padding's reward is then not 0 and
  leaks into the advantages before it. Our trainer whitens no rewards.
- trl divides logits by the temperature + 1e-7 in its second PPOTrainer, by the temperature in GRPO, as ours.
- GRPO's clip fraction is in trl the share of all tokens; ours is with "grpo" the mean over rows, as its loss is.
- By default trl 1.16.0 multiplies k3 by the ratio, with its gradient, so that its gradient is that of the divergence
  from the reference. Ours is the formula of DeepSeekMath, without that: trl's with `use_bias_correction_kl=False`.
- With "dapo" trl divides by the tokens of all rows that were drawn together, ours by those of the rows of the step.
- Other loss types than "grpo", "dapo" and "dr_grpo" are not offered.
- trl's GRPO gives the model no positions, so a GPT-2 counts the padding on the left as places; ours does not. The
  models that are compared are Llamas, for which only distances matter.
- trl's second PPOTrainer subtracts a penalty from the score of a response that did not end; `require_end` puts a fixed
  score in its place, as the code of Huang et al. 2024 does.
- A reward that is not a number is an advantage of 0 in trl and an error in ours.
"""

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from course.rlhf import (
    AdaptiveKL,
    RewardModel,
    ValueModel,
    as_responses,
    bradley_terry_loss,
    gae,
    group_advantages,
    grpo_loss,
    k1,
    k2,
    k3,
    masked_mean,
    policy_loss,
    response_log_probabilities,
    sequence_kl,
    token_rewards,
    token_scores,
    value_loss,
    whiten,
)
from tests.rlhf import make_trl_grpo, make_trl_ppo
from tests.support.llama import llama_name
from tests.support.trl import ANSWERS, PAD, PROMPTS, decoder, part_of

PPO, GRPO = load_file(make_trl_ppo.FILE), load_file(make_trl_grpo.FILE)
GIVEN, OF_GRPO = part_of(PPO, "given/"), part_of(GRPO, "given/")
IS_TOKEN = GIVEN["is_token"]
BETA = make_trl_ppo.BETA
RESPONSES = as_responses(PROMPTS, ANSWERS, pad_id=PAD)


def close(ours: Tensor, theirs: Tensor, where: Tensor | None = None) -> None:
    """Equal to 1e-5, at the tokens alone if `where` says which they are, and 0 elsewhere."""
    if where is not None:
        assert (ours[~where] == 0).all()
        ours, theirs = ours[where], theirs[where] if theirs.shape == where.shape else theirs
    torch.testing.assert_close(ours, theirs.to(ours.dtype), rtol=1e-5, atol=1e-5)


def varying(name: str, given: dict[str, Tensor] = GIVEN) -> Tensor:
    return given[name].clone().requires_grad_()


def test_the_stored_numbers_reach_every_side_of_the_clips():
    for given, advantages in ((GIVEN, GIVEN["advantages"]), (OF_GRPO, OF_GRPO["advantages"][:, None])):
        ratio = (given["new"] - given["old"]).exp()
        for sign in (1, -1):
            signed = given["is_token"] & (sign * advantages > 0)
            assert (signed & (ratio > 1.2)).any() and (signed & (ratio < 0.8)).any()
    assert not IS_TOKEN.all() and (GIVEN["new"][~IS_TOKEN] != 0).all()


@pytest.mark.parametrize("name", make_trl_ppo.CLIPS)
def test_the_policy_loss_of_ppo(name):
    clip, _ = make_trl_ppo.CLIPS[name]
    new = varying("new")
    found = policy_loss(new, GIVEN["old"], GIVEN["advantages"], IS_TOKEN, clip=clip)
    found.loss.backward()
    close(found.loss, PPO[f"loss/{name}/policy"])
    close(new.grad, PPO[f"loss/{name}/policy/gradient"], IS_TOKEN)
    close(found.clip_fraction, PPO[f"loss/{name}/policy/clipfrac"])
    close(found.ratio, PPO[f"loss/{name}/ratio"][IS_TOKEN].mean())
    close(masked_mean(k2(new - GIVEN["old"]), IS_TOKEN), PPO[f"loss/{name}/policy/approxkl"])


@pytest.mark.parametrize("name", make_trl_ppo.CLIPS)
def test_the_value_loss_of_ppo(name):
    _, clip = make_trl_ppo.CLIPS[name]
    values = varying("values")
    found = value_loss(values, GIVEN["old_values"], GIVEN["returns"], IS_TOKEN, clip=clip)
    found.backward()
    coefficient = make_trl_ppo.VALUE_COEFFICIENT
    close(coefficient * found, PPO[f"loss/{name}/value"])
    close(coefficient * values.grad, PPO[f"loss/{name}/value/gradient"], IS_TOKEN)


def test_the_rewards_of_tokens_and_the_divergence():
    log_ratios = GIVEN["new"] - GIVEN["reference"]
    close(token_rewards(GIVEN["scores"], log_ratios, IS_TOKEN, BETA), PPO["rewards/kl"], IS_TOKEN)
    close(k1(log_ratios), PPO["penalty/kl"])
    close(k2(log_ratios), PPO["penalty/mse"])
    close(sequence_kl(log_ratios, IS_TOKEN), PPO["sequence_kl"])


@pytest.mark.parametrize("name", make_trl_ppo.DISCOUNTS)
def test_advantages_and_returns(name):
    gamma, lam = make_trl_ppo.DISCOUNTS[name]
    rewards = token_rewards(GIVEN["scores"], GIVEN["new"] - GIVEN["reference"], IS_TOKEN, BETA)
    found = gae(rewards, GIVEN["old_values"], IS_TOKEN, gamma=gamma, lam=lam)
    close(found.returns, PPO[f"gae/{name}/returns"], IS_TOKEN)
    close(found.advantages, PPO[f"gae/{name}/returns"] - GIVEN["old_values"], IS_TOKEN)
    close(whiten(found.advantages, IS_TOKEN), PPO[f"gae/{name}/whitened"], IS_TOKEN)


@pytest.mark.parametrize("shift", [True, False])
def test_whitening_and_its_gradient(shift):
    values = varying("returns")
    found = whiten(values, IS_TOKEN, shift_mean=shift)
    (found * GIVEN["old"]).sum().backward()
    close(found, PPO[f"whitened/{shift}"], IS_TOKEN)
    close(values.grad, PPO[f"whitened/{shift}/gradient"], IS_TOKEN)
    close(masked_mean(values, IS_TOKEN), PPO["mean"])
    close(values[IS_TOKEN].var(), PPO["variance"])


def test_whitened_rewards_leak_from_the_padding_in_trl_alone():
    """With rows of equal length ours is the same; with padding trl's rewards of no token reach the tokens."""
    for name, is_token, leaks in (("full", torch.ones_like(IS_TOKEN), False), ("padded", IS_TOKEN, True)):
        rewards = whiten(PPO["rewards/kl"], is_token, shift_mean=False)
        found = gae(rewards, GIVEN["old_values"], is_token)
        theirs = PPO[f"white rewards/{name}/returns"]
        if not leaks:
            close(found.returns, theirs, is_token)
            close(whiten(found.advantages, is_token), PPO[f"white rewards/{name}/whitened"], is_token)
        else:
            apart = (found.returns - theirs).abs() > 1e-3
            assert apart[is_token].any() and not apart[IS_TOKEN.sum(1) == IS_TOKEN.shape[1]].any()


def test_the_weight_of_the_penalty_follows_the_divergence():
    control = AdaptiveKL(**make_trl_ppo.ADAPTIVE)
    betas = []
    for kl in make_trl_ppo.KLS:
        control.update(kl, 64)
        betas.append(control.beta)
    close(torch.tensor(betas, dtype=torch.float64), PPO["adaptive"])


def test_the_loss_of_reward_models():
    chosen, rejected = varying("chosen"), varying("rejected")
    found = bradley_terry_loss(chosen, rejected)
    found.backward()
    close(found, PPO["bradley_terry"])
    close(chosen.grad, PPO["bradley_terry/chosen"])
    close(rejected.grad, PPO["bradley_terry/rejected"])


def with_head(model: nn.Module) -> nn.Module:
    model.head.load_state_dict({"weight": PPO["model/head"], "bias": PPO["model/bias"]})
    return model


def test_rewards_are_read_at_the_last_token():
    model = with_head(RewardModel(decoder(PPO, "policy")))
    close(model(RESPONSES) - PPO["model/bias"], PPO["model/judged"])  # a head of `transformers` has no bias
    assert RESPONSES.last.tolist() == PPO["model/last"].tolist()


def test_an_iteration_of_ppo_with_models():
    """Of the policy and the critic trl makes one model with two heads, so its gradient is the sum of our two."""
    policy, critic = decoder(PPO, "policy"), with_head(ValueModel(decoder(PPO, "policy")))
    is_token = RESPONSES.is_token
    with torch.no_grad():
        old = response_log_probabilities(decoder(PPO, "old"), RESPONSES)
        reference = response_log_probabilities(decoder(PPO, "reference"), RESPONSES)
        old_values = with_head(ValueModel(decoder(PPO, "old")))(RESPONSES)
    rewards = token_rewards(PPO["model/scores"], old - reference, is_token, BETA)
    advantages, returns = gae(rewards, old_values, is_token)
    advantages = whiten(advantages, is_token)
    (new, entropies), values = token_scores(policy, RESPONSES), critic(RESPONSES)
    every = {"new": new, "old": old, "reference": reference, "values": values, "old_values": old_values}
    every |= {"rewards": rewards, "advantages": advantages, "returns": returns}
    for name, ours in every.items():
        close(ours, PPO[f"model/{name}"], is_token)
    close(masked_mean(entropies, is_token), PPO["model/entropy"])
    of_policy = policy_loss(new, old, advantages, is_token)
    of_critic = make_trl_ppo.VALUE_COEFFICIENT * value_loss(values, old_values, returns, is_token)
    (of_policy.loss + of_critic).backward()
    close(of_policy.loss, PPO["model/policy_loss"])
    close(of_critic, PPO["model/value_loss"])
    assert of_policy.clip_fraction > 0, "the policy has moved beyond the clip"
    theirs = part_of(PPO, "model/gradient/")
    close(critic.head.weight.grad, theirs["v_head.summary.weight"])
    close(critic.head.bias.grad, theirs["v_head.summary.bias"])
    bodies = dict(critic.body.named_parameters())
    for name, weight in policy.named_parameters():
        read_by_critic = bodies[name].grad
        gradient = weight.grad if read_by_critic is None else weight.grad + read_by_critic
        close(gradient, theirs[llama_name(name)])


@pytest.mark.parametrize("name", ["grpo", "grpo with KL", "dapo with KL", "dr_grpo"])
def test_the_loss_of_grpo(name):
    kind, beta, clip, _ = make_trl_grpo.SETTINGS[name]
    new, is_token = varying("new", OF_GRPO), OF_GRPO["is_token"]
    found = grpo_loss(
        new,
        OF_GRPO["old"],
        OF_GRPO["reference"],
        OF_GRPO["advantages"],
        is_token,
        clip=clip,
        beta=beta,
        normalization=kind,
        max_length=make_trl_grpo.LONGEST if kind == "dr_grpo" else None,
    )
    found.loss.backward()
    close(found.loss, GRPO[f"{name}/loss"])
    close(new.grad, GRPO[f"{name}/gradient"], is_token)
    if kind != "grpo":
        close(found.clip_fraction, GRPO[f"{name}/clipped"])
    if beta:
        close(masked_mean(k3(new - OF_GRPO["reference"]), is_token), GRPO[f"{name}/k3"])


def test_the_default_of_trl_multiplies_k3_by_the_ratio():
    """That is the loss without KL, and of each token β · ratio · k3; the ratio is not clipped there."""
    _, beta, clip, _ = make_trl_grpo.SETTINGS["grpo with corrected KL"]
    new, is_token = varying("new", OF_GRPO), OF_GRPO["is_token"]
    found = grpo_loss(new, OF_GRPO["old"], OF_GRPO["reference"], OF_GRPO["advantages"], is_token, clip=clip).loss
    penalty = ((new - OF_GRPO["old"]).exp() * k3(new - OF_GRPO["reference"])).where(is_token, 0.0)
    found = found + beta * (penalty.sum(dim=1) / is_token.sum(dim=1)).mean()
    found.backward()
    close(found, GRPO["grpo with corrected KL/loss"])
    close(new.grad, GRPO["grpo with corrected KL/gradient"], is_token)


@pytest.mark.parametrize("size", make_trl_grpo.GROUPS)
@pytest.mark.parametrize("scale", [True, False])
def test_the_advantages_of_groups(size, scale):
    found = group_advantages(GRPO[f"scores/{size}"], size, scale=scale)
    close(found, GRPO[f"advantages/{size}/{'group' if scale else 'none'}"])


def test_a_step_of_grpo_with_models():
    """Padding, temperature, entropies, log-probabilities, advantages, and the gradient of each weight."""
    temperature, theirs = make_trl_grpo.TEMPERATURE, part_of(GRPO, "model/")
    policy, is_token = decoder(GRPO, "policy"), RESPONSES.is_token
    assert torch.equal(is_token, theirs["is_token"])
    with torch.no_grad():
        old = response_log_probabilities(decoder(GRPO, "old"), RESPONSES, temperature)
        reference = response_log_probabilities(decoder(GRPO, "reference"), RESPONSES, temperature)
    new, entropies = token_scores(policy, RESPONSES, temperature)
    advantages = group_advantages(torch.tensor(make_trl_grpo.SCORES), make_trl_grpo.GROUP)
    found = grpo_loss(new, old, reference, advantages, is_token, clip=0.1, beta=0.3)
    found.loss.backward()
    for name, ours in {"new": new, "old": old, "reference": reference, "entropies": entropies}.items():
        close(ours, theirs[name], is_token)
    close(advantages, theirs["advantages"])
    close(found.loss, theirs["loss"])
    assert found.clip_fraction > 0, "the policy has moved beyond the clip"
    for name, weight in policy.named_parameters():
        close(weight.grad, theirs[f"gradient/{llama_name(name)}"])
