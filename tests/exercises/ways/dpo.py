"""Right answers in other styles, for the exercises of the lesson `dpo`."""

import math

import numpy as np
import torch
import torch.nn.functional as F

from tests.exercises.ways.collected import other_way


@other_way("dpo.reward_from_policy")
def reward_of_centered_log_ratios(policy, reference, beta):
    log_ratios = policy - reference
    return beta * (log_ratios - log_ratios.mean())


@other_way("dpo.reward_from_policy")
def reward_in_numpy(policy, reference, beta):
    rewards = beta * (policy.double().numpy() - reference.double().numpy())
    return rewards - np.mean(rewards)


@other_way("dpo.reward_from_policy")
def reward_in_lists(policy, reference, beta):
    rewards = [beta * (p - r) for p, r in zip(policy.tolist(), reference.tolist(), strict=True)]
    return [reward - sum(rewards) / len(rewards) for reward in rewards]


@other_way("dpo.reward_from_policy")
def reward_by_both_means(policy, reference, beta):
    return beta * policy - beta * reference - beta * (policy.mean() - reference.mean())


@other_way("dpo.reward_from_policy")
def reward_by_a_matrix(policy, reference, beta):
    n = len(policy)
    return (torch.eye(n) - torch.full((n, n), 1 / n)) @ (beta * (policy - reference))


@other_way("dpo.sequence_log_probability")
def sequence_by_cross_entropy(logits, ids, is_answer):
    losses = F.cross_entropy(logits[:, :-1].transpose(1, 2), ids[:, 1:], reduction="none")
    return -(losses * is_answer[:, 1:]).sum(-1)


@other_way("dpo.sequence_log_probability")
def sequence_in_loops(logits, ids, is_answer):
    sums = []
    for row in range(len(ids)):
        total = 0.0
        for place in range(1, ids.shape[1]):
            if is_answer[row, place]:
                total += logits[row, place - 1].log_softmax(0)[ids[row, place]].item()
        sums.append(total)
    return sums


@other_way("dpo.sequence_log_probability")
def sequence_by_labels(logits, ids, is_answer):
    labels = ids.masked_fill(~is_answer, -100)[:, 1:]
    log_p = F.log_softmax(logits[:, :-1], dim=-1)
    found = torch.gather(log_p, -1, labels.clamp(min=0).unsqueeze(-1)).squeeze(-1)
    return torch.where(labels != -100, found, 0.0).sum(dim=-1)


@other_way("dpo.sequence_log_probability")
def sequence_by_logsumexp(logits, ids, is_answer):
    chosen = logits.roll(1, dims=1).gather(-1, ids[..., None]).squeeze(-1)
    return ((chosen - logits.roll(1, dims=1).logsumexp(-1)) * is_answer).sum(1)


@other_way("dpo.sequence_log_probability")
def sequence_by_one_hot(logits, ids, is_answer):
    picked = F.one_hot(ids[:, 1:], logits.shape[-1]) * is_answer[:, 1:, None]
    return torch.einsum("rpv,rpv->r", logits[:, :-1].log_softmax(-1), picked.to(logits))


def log_ratios(chosen, rejected, chosen_reference, rejected_reference):
    return chosen - chosen_reference, rejected - rejected_reference


@other_way("dpo.dpo_loss")
def dpo_by_softplus(chosen, rejected, chosen_reference, rejected_reference, beta):
    ahead, behind = log_ratios(chosen, rejected, chosen_reference, rejected_reference)
    return F.softplus(beta * behind - beta * ahead).mean()


@other_way("dpo.dpo_loss")
def dpo_as_in_the_original_code(chosen, rejected, chosen_reference, rejected_reference, beta):
    policy, reference = chosen - rejected, chosen_reference - rejected_reference
    return -F.logsigmoid(beta * (policy - reference)).mean()


@other_way("dpo.dpo_loss")
def dpo_as_binary_cross_entropy(chosen, rejected, chosen_reference, rejected_reference, beta):
    logits = beta * (chosen - chosen_reference - rejected + rejected_reference)
    return F.binary_cross_entropy_with_logits(logits, torch.ones_like(logits))


@other_way("dpo.dpo_loss")
def dpo_as_cross_entropy_of_two(chosen, rejected, chosen_reference, rejected_reference, beta):
    rewards = beta * torch.stack(log_ratios(chosen, rejected, chosen_reference, rejected_reference), dim=1)
    return -rewards.log_softmax(dim=1)[:, 0].mean()


@other_way("dpo.dpo_loss")
def dpo_in_numpy(chosen, rejected, chosen_reference, rejected_reference, beta):
    a, b, c, d = (x.double().numpy() for x in (chosen, rejected, chosen_reference, rejected_reference))
    return np.logaddexp(0, -beta * (a - c - b + d)).mean()


@other_way("dpo.gradient_weights")
def weights_of_rewards(chosen, rejected, chosen_reference, rejected_reference, beta):
    ahead, behind = log_ratios(chosen, rejected, chosen_reference, rejected_reference)
    return torch.sigmoid(beta * behind - beta * ahead)


@other_way("dpo.gradient_weights")
def weights_as_one_minus(chosen, rejected, chosen_reference, rejected_reference, beta):
    return 1 - (beta * ((chosen - rejected) - (chosen_reference - rejected_reference))).sigmoid()


@other_way("dpo.gradient_weights")
def weights_by_autograd(chosen, rejected, chosen_reference, rejected_reference, beta):
    leaf = chosen.clone().requires_grad_()
    margin = leaf - chosen_reference - (rejected - rejected_reference)
    (gradient,) = torch.autograd.grad(-F.logsigmoid(beta * margin).sum(), leaf)
    return -gradient / beta


@other_way("dpo.gradient_weights")
def weights_in_numpy(chosen, rejected, chosen_reference, rejected_reference, beta):
    a, b, c, d = (x.double().numpy() for x in (chosen, rejected, chosen_reference, rejected_reference))
    return 1 / (1 + np.exp(beta * (a - c - b + d)))


@other_way("dpo.gradient_weights")
def weights_in_a_loop(chosen, rejected, chosen_reference, rejected_reference, beta):
    pairs = zip(*(x.tolist() for x in (chosen, rejected, chosen_reference, rejected_reference)), strict=True)
    return [1 / (1 + math.exp(beta * ((a - c) - (b - d)))) for a, b, c, d in pairs]


@other_way("dpo.ipo_loss")
def ipo_by_mse(chosen, rejected, chosen_reference, rejected_reference, beta):
    ahead, behind = log_ratios(chosen, rejected, chosen_reference, rejected_reference)
    return F.mse_loss(ahead - behind, torch.full_like(ahead, 0.5 / beta))


@other_way("dpo.ipo_loss")
def ipo_by_power(chosen, rejected, chosen_reference, rejected_reference, beta):
    margin = (chosen - rejected) - (chosen_reference - rejected_reference)
    return torch.mean(torch.pow(margin - 1 / (2 * beta), 2))


@other_way("dpo.ipo_loss")
def ipo_in_numpy(chosen, rejected, chosen_reference, rejected_reference, beta):
    a, b, c, d = (x.double().numpy() for x in (chosen, rejected, chosen_reference, rejected_reference))
    return np.square((a - c) - (b - d) - 1 / beta / 2).mean()


@other_way("dpo.ipo_loss")
def ipo_in_a_loop(chosen, rejected, chosen_reference, rejected_reference, beta):
    total = 0.0
    for a, b, c, d in zip(*(x.tolist() for x in (chosen, rejected, chosen_reference, rejected_reference)), strict=True):
        total += ((a - c) - (b - d) - 1 / (2 * beta)) ** 2
    return total / len(chosen)


@other_way("dpo.ipo_loss")
def ipo_by_a_norm(chosen, rejected, chosen_reference, rejected_reference, beta):
    distance = 1 / (2 * beta) - (chosen - chosen_reference) + (rejected - rejected_reference)
    return distance @ distance / len(distance)


@other_way("dpo.simpo_loss")
def simpo_by_softplus(chosen, rejected, n_chosen, n_rejected, beta, margin):
    return F.softplus(margin - beta * (chosen / n_chosen - rejected / n_rejected)).mean()


@other_way("dpo.simpo_loss")
def simpo_with_rewards(chosen, rejected, n_chosen, n_rejected, beta, margin):
    ahead, behind = beta * chosen / n_chosen, beta * rejected / n_rejected
    return F.logsigmoid(ahead - behind - margin).mean().neg()


@other_way("dpo.simpo_loss")
def simpo_with_the_margin_inside_beta(chosen, rejected, n_chosen, n_rejected, beta, margin):
    difference = chosen.div(n_chosen) - rejected.div(n_rejected)
    return -F.logsigmoid(beta * (difference - margin / beta)).mean()


@other_way("dpo.simpo_loss")
def simpo_in_numpy(chosen, rejected, n_chosen, n_rejected, beta, margin):
    a, b, n, m = (x.double().numpy() for x in (chosen, rejected, n_chosen, n_rejected))
    return np.logaddexp(0, margin - beta * (a / n - b / m)).mean()


@other_way("dpo.simpo_loss")
def simpo_in_a_loop(chosen, rejected, n_chosen, n_rejected, beta, margin):
    total = 0.0
    for a, b, n, m in zip(*(x.tolist() for x in (chosen, rejected, n_chosen, n_rejected)), strict=True):
        total += math.log1p(math.exp(margin - beta * (a / n - b / m)))
    return total / len(chosen)
