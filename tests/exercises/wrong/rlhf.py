"""Wrong answers as learners give them, for the exercises of the lesson `rlhf`."""

import math

import numpy as np
import torch
import torch.nn.functional as F

from tests.exercises.wrong.collected import wrong_way


@wrong_way("rlhf.bradley_terry_loss", says="**infinite**")
def loss_of_a_rounded_sigmoid(chosen, rejected):
    return torch.log(1 + torch.exp(rejected - chosen)).mean()


@wrong_way("rlhf.bradley_terry_loss", says="when the **rejected** answer wins")
def loss_of_the_rejected(chosen, rejected):
    return F.softplus(chosen - rejected).mean()


@wrong_way("rlhf.bradley_terry_loss", says="The **minus** is missing")
def loss_below_0(chosen, rejected):
    return F.logsigmoid(chosen - rejected).mean()


@wrong_way("rlhf.bradley_terry_loss", says="You **add up** the pairs")
def loss_summed(chosen, rejected):
    return F.binary_cross_entropy_with_logits(chosen - rejected, torch.ones_like(chosen), reduction="sum")


@wrong_way("rlhf.bradley_terry_loss", says="loss of **each pair**")
def loss_of_pairs(chosen, rejected):
    return [-value for value in F.logsigmoid(chosen - rejected).tolist()]


@wrong_way("rlhf.bradley_terry_loss", says="**logarithm** is missing")
def loss_without_log(chosen, rejected):
    return -torch.sigmoid(chosen - rejected).mean()


@wrong_way("rlhf.bradley_terry_loss", says="**each reward by itself**")
def loss_with_labels(chosen, rejected):
    good = F.binary_cross_entropy_with_logits(chosen, torch.ones_like(chosen))
    return good + F.binary_cross_entropy_with_logits(rejected, torch.zeros_like(rejected))


@wrong_way("rlhf.bradley_terry_loss", says="**each answer by itself**")
def loss_with_labels_of_all(chosen, rejected):
    rewards = torch.cat([chosen, rejected])
    return F.binary_cross_entropy_with_logits(rewards, torch.cat([torch.ones_like(chosen), torch.zeros_like(rejected)]))


@wrong_way("rlhf.bradley_terry_loss", says="average the **rewards** first")
def loss_of_means(chosen, rejected):
    return -F.logsigmoid(chosen.mean() - rejected.mean())


@wrong_way("rlhf.bradley_terry_loss", says="**hinge**")
def loss_with_hinge(chosen, rejected):
    return F.margin_ranking_loss(chosen, rejected, torch.ones_like(chosen), margin=1.0)


@wrong_way("rlhf.bradley_terry_loss", says="**every** chosen answer")
def loss_over_a_table(chosen, rejected):
    return -F.logsigmoid(chosen.unsqueeze(1) - rejected.unsqueeze(0)).mean()


@wrong_way("rlhf.best_of_n", says="among **all** samples")
def best_of_all(scores, n):
    return [int(np.argmax(row)) for row in scores.numpy()]


@wrong_way("rlhf.best_of_n", says="the **worst**")
def worst_of_n(scores, n):
    return torch.argmin(scores[:, :n], dim=1)


@wrong_way("rlhf.best_of_n", says="the highest **score**")
def best_score(scores, n):
    return scores[:, :n].max(dim=1).values


@wrong_way("rlhf.best_of_n", says="You compare **prompts**")
def best_prompt_of_each(scores, n):
    return scores[:, :n].argmax(0)


@wrong_way("rlhf.best_of_n", says="first n **prompts**")
def best_of_n_prompts(scores, n):
    return scores[:n].argmax(-1)


@wrong_way("rlhf.best_of_n", says="**last** n samples")
def best_of_last(scores, n):
    return scores[:, -n:].argmax(1)


@wrong_way("rlhf.best_of_n", says="You count from **1**")
def best_from_1(scores, n):
    return 1 + scores[:, :n].argmax(1)


@wrong_way("rlhf.best_of_n", says="**n + 1** samples")
def best_of_one_more(scores, n):
    return torch.stack([row[: n + 1].argmax() for row in scores])


@wrong_way("rlhf.best_of_n", says="You return **one** number")
def best_of_everything(scores, n):
    return torch.argmax(scores[:, :n]).item()


@wrong_way("rlhf.best_of_n", says="the **n best**")
def n_best(scores, n):
    return scores.argsort(dim=1, descending=True)[:, :n]


@wrong_way("rlhf.best_of_n", says="**equal** scores")
def last_best(scores, n):
    return [max(range(n), key=lambda sample: (row[sample], sample)) for row in scores.tolist()]


@wrong_way("rlhf.optimal_policy", says="**overflows**")
def optimum_by_exp(reference, rewards, beta):
    weights = reference * torch.exp(rewards / beta)
    return weights / weights.sum()


@wrong_way("rlhf.optimal_policy", says="do not **sum to 1**")
def optimum_without_z(reference, rewards, beta):
    return reference * torch.exp(rewards / beta)


@wrong_way("rlhf.optimal_policy", says="You **multiply** by beta")
def optimum_times_beta(reference, rewards, beta):
    return F.softmax(torch.log(reference) + beta * rewards, dim=0)


@wrong_way("rlhf.optimal_policy", says="You do not use **beta**")
def optimum_without_beta(reference, rewards, beta):
    return F.softmax(torch.log(reference) + rewards, dim=0)


@wrong_way("rlhf.optimal_policy", says="You do not use the **reference**")
def optimum_of_rewards(reference, rewards, beta):
    return F.softmax(rewards / beta, dim=0)


@wrong_way("rlhf.optimal_policy", says="You add **probabilities** to rewards")
def optimum_of_a_sum(reference, rewards, beta):
    return F.softmax(reference + rewards / beta, dim=0)


@wrong_way("rlhf.optimal_policy", says="You return **logarithms**")
def optimum_as_logs(reference, rewards, beta):
    return F.log_softmax(reference.log() + rewards / beta, dim=0)


@wrong_way("rlhf.optimal_policy", says="You return the **exponents**")
def optimum_as_logits(reference, rewards, beta):
    return reference.log() + rewards / beta


@wrong_way("rlhf.optimal_policy", says="**sign** is turned round")
def optimum_of_costs(reference, rewards, beta):
    return F.softmax(reference.log() - rewards / beta, dim=0)


@wrong_way("rlhf.optimal_policy", says="**reference's** logarithm by beta, too")
def optimum_without_brackets(reference, rewards, beta):
    return F.softmax((reference.log() + rewards) / beta, dim=0)


@wrong_way("rlhf.optimal_policy", says="the **best** answer alone")
def optimum_of_one(reference, rewards, beta):
    exponents = reference.log() + rewards / beta
    return (exponents == exponents.max()).float()


def zeros_and(is_token, values):
    return torch.where(is_token, values, torch.zeros_like(values))


@wrong_way("rlhf.token_rewards", says="Your **sign** is turned round")
def rewards_with_bonus(scores, policy, reference, is_token, beta):
    rewards = zeros_and(is_token, beta * (policy - reference))
    rewards[torch.arange(len(scores)), is_token.sum(1) - 1] += scores
    return rewards


@wrong_way("rlhf.token_rewards", says="in the **last place** of the row")
def rewards_at_minus_1(scores, policy, reference, is_token, beta):
    rewards = zeros_and(is_token, -beta * (policy - reference))
    rewards[:, -1] += scores
    return rewards


@wrong_way("rlhf.token_rewards", says="**one place too late**")
def rewards_after_the_end(scores, policy, reference, is_token, beta):
    rewards = zeros_and(is_token, -beta * (policy - reference))
    for row, n in enumerate(is_token.sum(1).tolist()):
        rewards[row, min(n, rewards.shape[1] - 1)] += scores[row]
    return rewards


@wrong_way("rlhf.token_rewards", says="at the **first** token")
def rewards_at_once(scores, policy, reference, is_token, beta):
    rewards = zeros_and(is_token, -beta * (policy - reference))
    rewards[:, 0] += scores
    return rewards


@wrong_way("rlhf.token_rewards", says="**Every** token gets the score")
def rewards_for_all(scores, policy, reference, is_token, beta):
    return zeros_and(is_token, scores[:, None] - beta * (policy - reference))


@wrong_way("rlhf.token_rewards", says="Places **without a token** are charged")
def rewards_without_mask(scores, policy, reference, is_token, beta):
    rewards = -beta * (policy - reference)
    rewards[torch.arange(len(scores)), is_token.sum(1) - 1] += scores
    return rewards


@wrong_way("rlhf.token_rewards", says="You do not use **beta**")
def rewards_without_beta(scores, policy, reference, is_token, beta):
    rewards = zeros_and(is_token, reference - policy)
    rewards[torch.arange(len(scores)), is_token.sum(1) - 1] += scores
    return rewards


@wrong_way("rlhf.token_rewards", says="The **score** is missing")
def rewards_without_score(scores, policy, reference, is_token, beta):
    return zeros_and(is_token, -beta * (policy - reference))


@wrong_way("rlhf.token_rewards", says="You charge the **last** token for all")
def rewards_as_a_bandit(scores, policy, reference, is_token, beta):
    rewards = torch.zeros_like(policy)
    kl = zeros_and(is_token, policy - reference).sum(1)
    rewards[torch.arange(len(scores)), is_token.sum(1) - 1] = scores - beta * kl
    return rewards


@wrong_way("rlhf.token_rewards", says="**replaces** the penalty")
def rewards_overwritten(scores, policy, reference, is_token, beta):
    rewards = zeros_and(is_token, -beta * (policy - reference))
    for row, n in enumerate(is_token.sum(1).tolist()):
        rewards[row, n - 1] = scores[row]
    return rewards


@wrong_way("rlhf.token_rewards", says="estimate **k3**")
def rewards_with_k3(scores, policy, reference, is_token, beta):
    log_ratio = policy - reference
    rewards = zeros_and(is_token, -beta * (torch.expm1(-log_ratio) + log_ratio))
    rewards[torch.arange(len(scores)), is_token.sum(1) - 1] += scores
    return rewards


@wrong_way("rlhf.token_rewards", says="**absolute** difference")
def rewards_with_abs(scores, policy, reference, is_token, beta):
    rewards = zeros_and(is_token, -beta * torch.abs(policy - reference))
    rewards[torch.arange(len(scores)), is_token.sum(1) - 1] += scores
    return rewards


def gae(rewards, values, gamma, factor, gamma_in_delta=None):
    """The recursion in lists of columns, with what learners change in it."""
    n_rows, width = rewards.shape
    found, later, after = torch.zeros(n_rows, width), torch.zeros(n_rows), torch.zeros(n_rows)
    for place in range(width - 1, -1, -1):
        step = gamma if gamma_in_delta is None else gamma_in_delta
        later = rewards[:, place] + step * after - values[:, place] + factor * later
        after = values[:, place]
        found[:, place] = later
    return found


@wrong_way("rlhf.advantages", says="You go **forwards**")
def advantages_forwards(rewards, values, is_token, gamma, lam):
    rewards, values = rewards * is_token, values * is_token
    deltas = rewards + gamma * F.pad(values[:, 1:], (0, 1)) - values
    sums, earlier = [], 0.0
    for delta in deltas.T:
        earlier = delta + gamma * lam * earlier
        sums.append(earlier)
    return torch.stack(sums, dim=1) * is_token


@wrong_way("rlhf.advantages", says="You do not use **lam**")
def advantages_of_all_rewards(rewards, values, is_token, gamma, lam):
    return gae(rewards * is_token, values * is_token, gamma, gamma)


@wrong_way("rlhf.advantages", says="You return **delta** alone")
def advantages_of_one_step(rewards, values, is_token, gamma, lam):
    return gae(rewards * is_token, values * is_token, gamma, 0.0)


@wrong_way("rlhf.advantages", says="You do not use **gamma**")
def advantages_without_gamma(rewards, values, is_token, gamma, lam):
    return gae(rewards * is_token, values * is_token, 1.0, lam)


@wrong_way("rlhf.advantages", says="**Gamma** is missing in delta")
def advantages_without_gamma_in_delta(rewards, values, is_token, gamma, lam):
    return gae(rewards * is_token, values * is_token, gamma, gamma * lam, gamma_in_delta=1.0)


@wrong_way("rlhf.advantages", says="**Gamma** is missing in the sum")
def advantages_without_gamma_in_sum(rewards, values, is_token, gamma, lam):
    return gae(rewards * is_token, values * is_token, gamma, lam)


@wrong_way("rlhf.advantages", says="That is the **return**")
def advantages_as_returns(rewards, values, is_token, gamma, lam):
    rewards, values = rewards * is_token, values * is_token
    return gae(rewards, values, gamma, gamma * lam) + values


@wrong_way("rlhf.advantages", says="You do not use **values**")
def advantages_without_critic(rewards, values, is_token, gamma, lam):
    return gae(rewards * is_token, 0 * values, gamma, gamma)


@wrong_way("rlhf.advantages", says="Places **without a token** count")
def advantages_without_mask(rewards, values, is_token, gamma, lam):
    return gae(rewards, values, gamma, gamma * lam)


@wrong_way("rlhf.advantages", says="before the loop, not after it")
def advantages_masked_at_the_end(rewards, values, is_token, gamma, lam):
    return gae(rewards, values, gamma, gamma * lam) * is_token


@wrong_way("rlhf.advantages", says="The **next value** is missing")
def advantages_without_next_value(rewards, values, is_token, gamma, lam):
    return gae(rewards * is_token, values * is_token, gamma, gamma * lam, gamma_in_delta=0.0)


@wrong_way("rlhf.advantages", says="You **whiten**")
def advantages_whitened(rewards, values, is_token, gamma, lam):
    found = gae(rewards * is_token, values * is_token, gamma, gamma * lam)
    mean, std = found[is_token].mean(), found[is_token].std()
    return torch.where(is_token, (found - mean) / (std + 1e-8), 0.0)


@wrong_way("rlhf.clipped_loss", says="You never **clip**")
def clipped_never(new, old, advantages, is_token, clip):
    return -(torch.exp(new - old) * advantages)[is_token].mean()


@wrong_way("rlhf.clipped_loss", says="You take the **clipped** product always")
def clipped_always(new, old, advantages, is_token, clip):
    ratio = torch.clip(torch.exp(new - old), 1 - clip, 1 + clip)
    return -(ratio * advantages)[is_token].mean()


@wrong_way("rlhf.clipped_loss", says="You take the **larger** product")
def clipped_with_max(new, old, advantages, is_token, clip):
    ratio = torch.exp(new - old)
    both = torch.stack([ratio * advantages, ratio.clip(1 - clip, 1 + clip) * advantages])
    return -both.amax(0)[is_token].mean()


@wrong_way("rlhf.clipped_loss", says="You take the **larger** product")
def clipped_with_min_of_losses(new, old, advantages, is_token, clip):
    """A minus in front of both products, and the minimum kept."""
    ratio = torch.exp(new - old)
    return torch.min(-ratio * advantages, -ratio.clip(1 - clip, 1 + clip) * advantages)[is_token].mean()


@wrong_way("rlhf.clipped_loss", says="The **minus** is missing")
def clipped_objective(new, old, advantages, is_token, clip):
    ratio = torch.exp(new - old)
    return torch.min(ratio * advantages, ratio.clip(1 - clip, 1 + clip) * advantages)[is_token].mean()


@wrong_way("rlhf.clipped_loss", says="Places **without a token**")
def clipped_without_mask(new, old, advantages, is_token, clip):
    ratio = torch.exp(new - old)
    return -torch.min(ratio * advantages, ratio.clip(1 - clip, 1 + clip) * advantages).mean()


@wrong_way("rlhf.clipped_loss", says="You divide by the number of **places**")
def clipped_with_zeros(new, old, advantages, is_token, clip):
    ratio = torch.exp(new - old)
    objective = torch.min(ratio * advantages, ratio.clip(1 - clip, 1 + clip) * advantages)
    return -(objective * is_token).mean()


@wrong_way("rlhf.clipped_loss", says="**within each row** first")
def clipped_by_rows(new, old, advantages, is_token, clip):
    ratio = torch.exp(new - old)
    objective = torch.min(ratio * advantages, ratio.clip(1 - clip, 1 + clip) * advantages) * is_token
    return -(objective.sum(1) / is_token.sum(1)).mean()


@wrong_way("rlhf.clipped_loss", says="**difference of logarithms**")
def clipped_without_exp(new, old, advantages, is_token, clip):
    ratio = new - old
    return -torch.min(ratio * advantages, ratio.clip(1 - clip, 1 + clip) * advantages)[is_token].mean()


@wrong_way("rlhf.clipped_loss", says="**upside down**")
def clipped_turned_round(new, old, advantages, is_token, clip):
    ratio = torch.exp(old - new)
    return -torch.min(ratio * advantages, ratio.clip(1 - clip, 1 + clip) * advantages)[is_token].mean()


@wrong_way("rlhf.clipped_loss", says="You divide **log-probabilities**")
def clipped_of_divided_logs(new, old, advantages, is_token, clip):
    ratio = new / torch.where(old == 0, 1.0, old)
    return -torch.min(ratio * advantages, ratio.clip(1 - clip, 1 + clip) * advantages)[is_token].mean()


@wrong_way("rlhf.clipped_loss", says="the smaller **ratio**")
def clipped_smaller_ratio(new, old, advantages, is_token, clip):
    ratio = torch.exp(new - old).clip(max=1 + clip)
    return -(ratio * advantages)[is_token].mean()


@wrong_way("rlhf.group_advantages", says="You do not **divide**")
def group_centered(scores, group_size):
    return torch.cat([part - part.mean() for part in scores.split(group_size)])


@wrong_way("rlhf.group_advantages", says="You compare with **all** responses")
def group_of_the_batch(scores, group_size):
    return (scores - torch.mean(scores)) / (torch.std(scores) + 1e-4)


@wrong_way("rlhf.group_advantages", says="Your mean is over **all** responses")
def group_with_mean_of_all(scores, group_size):
    return torch.cat([(part - scores.mean()) / (part.std() + 1e-4) for part in scores.split(group_size)])


@wrong_way("rlhf.group_advantages", says="Your standard deviation is over **all**")
def group_with_std_of_all(scores, group_size):
    return torch.cat([(part - part.mean()) / (scores.std() + 1e-4) for part in scores.split(group_size)])


@wrong_way("rlhf.group_advantages", says="You divide by **n**")
def group_in_numpy(scores, group_size):
    groups = scores.numpy().reshape(-1, group_size)
    return ((groups - groups.mean(1, keepdims=True)) / (groups.std(1, keepdims=True) + 1e-4)).flatten()


@wrong_way("rlhf.group_advantages", says="You divide by the **variance**")
def group_by_variance(scores, group_size):
    return torch.cat([(part - part.mean()) / (part.var() + 1e-4) for part in scores.split(group_size)])


@wrong_way("rlhf.group_advantages", says="The **0.0001** is missing")
def group_without_constant(scores, group_size):
    return torch.cat([(part - part.mean()) / part.std() for part in scores.split(group_size)])


@wrong_way("rlhf.group_advantages", says="Your groups take **turns**")
def group_by_turns(scores, group_size):
    groups = scores.view(group_size, -1)
    return ((groups - groups.mean(0)) / (groups.std(0) + 1e-4)).flatten()


@wrong_way("rlhf.group_advantages", says="You do not subtract the **mean**")
def group_not_centered(scores, group_size):
    return torch.cat([part / (part.std() + 1e-4) for part in scores.split(group_size)])


@wrong_way("rlhf.group_advantages", says="You return a **table**")
def group_table(scores, group_size):
    return torch.stack([(part - part.mean()) / (part.std() + 1e-4) for part in scores.split(group_size)])


@wrong_way("rlhf.group_advantages", says="with the **other** responses")
def group_leave_one_out(scores, group_size):
    answer = []
    for part in scores.split(group_size):
        answer += [score - (part.sum() - score) / (group_size - 1) for score in part]
    return torch.stack(answer)


@wrong_way("rlhf.group_advantages", says="You subtract the **best**")
def group_from_the_best(scores, group_size):
    values = []
    for part in scores.split(group_size):
        spread = math.sqrt(part.var().item()) + 1e-4
        values += [(score - max(part.tolist())) / spread for score in part.tolist()]
    return values
