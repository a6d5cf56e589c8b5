"""Right answers in other styles, for the exercises of the lesson `rlhf`."""

import math

import numpy as np
import torch
import torch.nn.functional as F

from tests.exercises.ways.collected import other_way


@other_way("rlhf.bradley_terry_loss")
def loss_by_softplus(chosen, rejected):
    return F.softplus(rejected - chosen).mean()


@other_way("rlhf.bradley_terry_loss")
def loss_as_binary_cross_entropy(chosen, rejected):
    return F.binary_cross_entropy_with_logits(chosen - rejected, torch.ones_like(chosen))


@other_way("rlhf.bradley_terry_loss")
def loss_as_cross_entropy_of_two(chosen, rejected):
    return F.cross_entropy(torch.stack([chosen, rejected], dim=1), torch.zeros(len(chosen), dtype=torch.long))


@other_way("rlhf.bradley_terry_loss")
def loss_in_numpy(chosen, rejected):
    return np.logaddexp(0, rejected.double().numpy() - chosen.double().numpy()).mean()


@other_way("rlhf.bradley_terry_loss")
def loss_in_a_loop(chosen, rejected):
    total = 0.0
    for one, other in zip(chosen.tolist(), rejected.tolist(), strict=True):
        difference = one - other
        total += max(-difference, 0) + math.log1p(math.exp(-abs(difference)))
    return total / len(chosen)


@other_way("rlhf.best_of_n")
def best_in_a_loop(scores, n):
    return [max(range(n), key=lambda sample: row[sample]) for row in scores.tolist()]


@other_way("rlhf.best_of_n")
def best_in_numpy(scores, n):
    return np.argmax(scores.numpy()[:, :n], axis=1)


@other_way("rlhf.best_of_n")
def best_by_index(scores, n):
    return [row[:n].index(max(row[:n])) for row in scores.tolist()]


@other_way("rlhf.best_of_n")
def best_of_the_rest_hidden(scores, n):
    hidden = scores.clone()
    hidden[:, n:] = -torch.inf
    return hidden.argmax(dim=-1)


@other_way("rlhf.best_of_n")
def best_by_narrowing(scores, n):
    return torch.max(scores.narrow(1, 0, n), dim=1).indices


@other_way("rlhf.optimal_policy")
def optimum_by_logsumexp(reference, rewards, beta):
    exponents = torch.log(reference) + rewards / beta
    return (exponents - exponents.logsumexp(0)).exp()


@other_way("rlhf.optimal_policy")
def optimum_without_the_largest_reward(reference, rewards, beta):
    weights = reference * ((rewards - rewards.max()) / beta).exp()
    return weights / weights.sum() if weights.sum() > 0 else (reference.log() + rewards / beta).softmax(0)


@other_way("rlhf.optimal_policy")
def optimum_in_numpy(reference, rewards, beta):
    reference, rewards = reference.double().numpy(), rewards.double().numpy()
    weights = reference * np.exp((rewards - rewards[reference > 0].max()) / beta)
    return weights / weights.sum()


@other_way("rlhf.optimal_policy")
def optimum_in_lists(reference, rewards, beta):
    possible = [reward for p, reward in zip(reference.tolist(), rewards.tolist(), strict=True) if p]
    weights = [
        p * math.exp((reward - max(possible)) / beta) if p else 0.0
        for p, reward in zip(reference.tolist(), rewards.tolist(), strict=True)
    ]
    return [weight / sum(weights) for weight in weights]


@other_way("rlhf.optimal_policy")
def optimum_by_log_softmax(reference, rewards, beta):
    return F.log_softmax(reference.double().log() + rewards.double() / beta, dim=0).exp()


@other_way("rlhf.token_rewards")
def rewards_row_by_row(scores, policy, reference, is_token, beta):
    rewards = torch.zeros_like(policy)
    for row, n in enumerate(is_token.sum(1).tolist()):
        rewards[row, :n] = beta * (reference[row, :n] - policy[row, :n])
        rewards[row, n - 1] += scores[row]
    return rewards


@other_way("rlhf.token_rewards")
def rewards_by_scattering(scores, policy, reference, is_token, beta):
    rewards = (beta * (reference - policy)).masked_fill(~is_token, 0.0)
    return rewards.scatter_add(1, is_token.sum(1, keepdim=True) - 1, scores[:, None])


@other_way("rlhf.token_rewards")
def rewards_by_marking_the_last(scores, policy, reference, is_token, beta):
    is_last = is_token & ~F.pad(is_token[:, 1:], (0, 1))
    return -beta * (policy - reference) * is_token + scores[:, None] * is_last


@other_way("rlhf.token_rewards")
def rewards_in_numpy(scores, policy, reference, is_token, beta):
    rewards = np.where(is_token.numpy(), -beta * (policy - reference).numpy(), 0)
    rewards[np.arange(len(rewards)), is_token.numpy().sum(axis=1) - 1] += scores.numpy()
    return rewards


@other_way("rlhf.token_rewards")
def rewards_in_lists(scores, policy, reference, is_token, beta):
    answer = []
    for score, *row in zip(scores.tolist(), policy.tolist(), reference.tolist(), is_token.tolist(), strict=True):
        n = sum(row[2])
        charged = [
            -beta * (new - old) if place < n else 0.0 for place, (new, old, _is) in enumerate(zip(*row, strict=True))
        ]
        charged[n - 1] += score
        answer.append(charged)
    return answer


@other_way("rlhf.advantages")
def advantages_by_double_sum(rewards, values, is_token, gamma, lam):
    rewards, values = rewards * is_token, values * is_token
    deltas = rewards + gamma * F.pad(values[:, 1:], (0, 1)) - values
    width = rewards.shape[1]
    weights = torch.zeros(width, width)
    for early in range(width):
        for late in range(early, width):
            weights[late, early] = (gamma * lam) ** (late - early)
    return deltas @ weights


@other_way("rlhf.advantages")
def advantages_row_by_row(rewards, values, is_token, gamma, lam):
    found = torch.zeros_like(rewards)
    for row, n in enumerate(is_token.sum(1).tolist()):
        later = 0.0
        for place in range(n - 1, -1, -1):
            after = values[row, place + 1] if place + 1 < n else 0.0
            later = rewards[row, place] + gamma * after - values[row, place] + gamma * lam * later
            found[row, place] = later
    return found


@other_way("rlhf.advantages")
def advantages_by_stacking(rewards, values, is_token, gamma, lam):
    later, after, found = 0.0, 0.0, []
    for reward, value, token in list(zip(rewards.T, values.T, is_token.T, strict=True))[::-1]:
        value = torch.where(token, value, 0.0)
        later = torch.where(token, reward, 0.0) + gamma * after - value + gamma * lam * later
        after = value
        found.insert(0, later)
    return torch.stack(found, dim=1)


@other_way("rlhf.advantages")
def advantages_in_numpy(rewards, values, is_token, gamma, lam):
    mask = is_token.numpy()
    rewards, values = np.where(mask, rewards.numpy(), 0.0), np.where(mask, values.numpy(), 0.0)
    deltas = rewards + gamma * np.pad(values[:, 1:], ((0, 0), (0, 1))) - values
    found = np.zeros((len(deltas), deltas.shape[1] + 1))
    for place in range(deltas.shape[1])[::-1]:
        found[:, place] = deltas[:, place] + gamma * lam * found[:, place + 1]
    return found[:, :-1]


@other_way("rlhf.advantages")
def advantages_by_returns(rewards, values, is_token, gamma, lam):
    """The λ-return minus the value: G = r + γ((1 − λ) V' + λ G')."""
    rewards, values = rewards * is_token, values * is_token
    values_and_end = torch.cat([values, torch.zeros(len(values), 1)], dim=1)
    returns = torch.zeros_like(values_and_end)
    for place in range(values.shape[1] - 1, -1, -1):
        ahead = (1 - lam) * values_and_end[:, place + 1] + lam * returns[:, place + 1]
        returns[:, place] = rewards[:, place] + gamma * ahead
    return returns[:, :-1] - values


@other_way("rlhf.clipped_loss")
def clipped_by_masking(new, old, advantages, is_token, clip):
    ratio = torch.exp(new - old)
    losses = torch.max(-advantages * ratio, -advantages * torch.clip(ratio, 1 - clip, 1 + clip))
    return (losses * is_token).sum() / is_token.sum()


@other_way("rlhf.clipped_loss")
def clipped_by_sign(new, old, advantages, is_token, clip):
    ratio = (new - old).exp()
    bounded = torch.where(advantages > 0, ratio.clamp(max=1 + clip), ratio.clamp(min=1 - clip))
    return -(bounded * advantages)[is_token].mean()


@other_way("rlhf.clipped_loss")
def clipped_in_numpy(new, old, advantages, is_token, clip):
    mask = is_token.numpy()
    ratio, advantage = np.exp((new - old).numpy()[mask]), advantages.numpy()[mask]
    return -np.minimum(ratio * advantage, np.clip(ratio, 1 - clip, 1 + clip) * advantage).mean()


@other_way("rlhf.clipped_loss")
def clipped_in_a_loop(new, old, advantages, is_token, clip):
    found = []
    for a, b, advantage, token in zip(*(x.flatten().tolist() for x in (new, old, advantages, is_token)), strict=True):
        if token:
            ratio = math.exp(a) / math.exp(b)
            found.append(min(ratio * advantage, min(max(ratio, 1 - clip), 1 + clip) * advantage))
    return -sum(found) / len(found)


@other_way("rlhf.clipped_loss")
def clipped_of_the_tokens_first(new, old, advantages, is_token, clip):
    new, old, advantages = new[is_token], old[is_token], advantages[is_token]
    ratio = new.exp() / old.exp()
    both = torch.stack([ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages])
    return both.min(dim=0).values.mean().neg()


@other_way("rlhf.group_advantages")
def group_by_group(scores, group_size):
    parts = [(part - part.mean()) / (part.std() + 0.0001) for part in scores.split(group_size)]
    return torch.cat(parts)


@other_way("rlhf.group_advantages")
def group_in_numpy(scores, group_size):
    groups = scores.double().numpy().reshape(-1, group_size)
    centered = groups - groups.mean(axis=1, keepdims=True)
    return (centered / (groups.std(axis=1, ddof=1, keepdims=True) + 1e-4)).ravel()


@other_way("rlhf.group_advantages")
def group_repeated(scores, group_size):
    groups = scores.view(len(scores) // group_size, group_size)
    mean, std = groups.mean(-1).repeat_interleave(group_size), groups.std(-1).repeat_interleave(group_size)
    return (scores - mean) / (std + 1e-4)


@other_way("rlhf.group_advantages")
def group_in_lists(scores, group_size):
    answer, values = [], scores.tolist()
    for begin in range(0, len(values), group_size):
        group = values[begin : begin + group_size]
        mean = sum(group) / group_size
        spread = math.sqrt(sum((value - mean) ** 2 for value in group) / (group_size - 1))
        answer += [(value - mean) / (spread + 1e-4) for value in group]
    return answer


@other_way("rlhf.group_advantages")
def group_by_unfolding(scores, group_size):
    groups = scores.unfold(0, group_size, group_size).double()
    spread, mean = torch.std_mean(groups, dim=1, keepdim=True)
    return torch.div(groups - mean, spread + 1e-4).reshape(-1)
