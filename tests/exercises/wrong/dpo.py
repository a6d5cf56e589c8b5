"""Wrong answers as learners give them, for the exercises of the lesson `dpo`."""

import math

import torch
import torch.nn.functional as F

from tests.exercises.wrong.collected import wrong_way


@wrong_way("dpo.reward_from_policy", says="**mean** of your rewards is not 0")
def reward_as_it_is(policy, reference, beta):
    return beta * policy - beta * reference


@wrong_way("dpo.reward_from_policy", says="You do not use **beta**")
def reward_without_beta(policy, reference, beta):
    log_ratio = policy - reference
    return log_ratio - log_ratio.mean()


@wrong_way("dpo.reward_from_policy", says="You **divide** by beta")
def reward_over_beta(policy, reference, beta):
    rewards = (policy - reference) / beta
    return rewards - rewards.mean()


@wrong_way("dpo.reward_from_policy", says="Your **sign** is turned round")
def reward_of_the_reference(policy, reference, beta):
    rewards = beta * (reference - policy)
    return rewards - rewards.mean()


@wrong_way("dpo.reward_from_policy", says="You do not use the **reference**")
def reward_of_likelihood(policy, reference, beta):
    return beta * (policy - policy.mean())


@wrong_way("dpo.reward_from_policy", says="**ratio** of the probabilities")
def reward_of_ratios(policy, reference, beta):
    rewards = beta * policy.exp() / reference.exp()
    return rewards - rewards.mean()


@wrong_way("dpo.reward_from_policy", says="You subtract **probabilities**")
def reward_of_probabilities(policy, reference, beta):
    rewards = beta * (torch.exp(policy) - torch.exp(reference))
    return rewards - torch.mean(rewards)


@wrong_way("dpo.reward_from_policy", says="weighted by the **reference**")
def reward_centered_by_reference(policy, reference, beta):
    rewards = beta * (policy - reference)
    weights = reference.exp() / reference.exp().sum()
    return rewards - rewards @ weights


@wrong_way("dpo.reward_from_policy", says="**first** reward")
def reward_from_the_first(policy, reference, beta):
    rewards = beta * (policy - reference)
    return rewards - rewards[0]


@wrong_way("dpo.reward_from_policy", says="**standard deviation**")
def reward_whitened(policy, reference, beta):
    rewards = beta * (policy - reference)
    return (rewards - rewards.mean()) / (rewards.std(correction=1) + 1e-8) if len(rewards) > 1 else 0 * rewards


@wrong_way("dpo.reward_from_policy", says="You return the **mean**")
def reward_mean(policy, reference, beta):
    return torch.mean(beta * (policy - reference))


@wrong_way("dpo.sequence_log_probability", says="**own** position")
def sequence_in_place(logits, ids, is_answer):
    log_p = logits.log_softmax(-1).gather(-1, ids.unsqueeze(-1)).squeeze(-1)
    return torch.where(is_answer, log_p, 0.0).sum(1)


@wrong_way("dpo.sequence_log_probability", says="**mask** is not shifted")
def sequence_with_old_mask(logits, ids, is_answer):
    log_p = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:].unsqueeze(-1)).squeeze(-1)
    return torch.where(is_answer[:, :-1], log_p, 0.0).sum(1)


@wrong_way("dpo.sequence_log_probability", says="shift the **other way**")
def sequence_backwards(logits, ids, is_answer):
    log_p = logits[:, 1:].log_softmax(-1).gather(-1, ids[:, :-1].unsqueeze(-1)).squeeze(-1)
    return torch.where(is_answer[:, :-1], log_p, 0.0).sum(1)


def of_next(logits, ids):
    return -F.cross_entropy(logits[:, :-1].transpose(1, 2), ids[:, 1:], reduction="none")


@wrong_way("dpo.sequence_log_probability", says="the **mean** over the answer's tokens")
def sequence_mean(logits, ids, is_answer):
    mask = is_answer[:, 1:]
    return (of_next(logits, ids) * mask).sum(1) / mask.sum(1)


@wrong_way("dpo.sequence_log_probability", says="You do not use **is_answer**")
def sequence_of_everything(logits, ids, is_answer):
    return of_next(logits, ids).sum(1)


@wrong_way("dpo.sequence_log_probability", says="The **prompt** counts")
def sequence_with_prompt(logits, ids, is_answer):
    found = []
    for row in range(len(ids)):
        last = int(is_answer[row].nonzero()[-1])
        found.append(of_next(logits, ids)[row, :last].sum())
    return torch.stack(found)


@wrong_way("dpo.sequence_log_probability", says="The **padding** counts")
def sequence_with_padding(logits, ids, is_answer):
    found = []
    for row in range(len(ids)):
        first = int(is_answer[row].nonzero()[0])
        found.append(of_next(logits, ids)[row, first - 1 :].sum())
    return torch.stack(found)


@wrong_way("dpo.sequence_log_probability", says="You add up **logits**")
def sequence_of_logits(logits, ids, is_answer):
    picked = logits[:, :-1].gather(-1, ids[:, 1:].unsqueeze(-1)).squeeze(-1)
    return torch.where(is_answer[:, 1:], picked, 0.0).sum(1)


@wrong_way("dpo.sequence_log_probability", says="You add up **probabilities**")
def sequence_of_probabilities(logits, ids, is_answer):
    picked = logits[:, :-1].softmax(-1).gather(-1, ids[:, 1:].unsqueeze(-1)).squeeze(-1)
    return torch.where(is_answer[:, 1:], picked, 0.0).sum(1)


@wrong_way("dpo.sequence_log_probability", says="that is a loss")
def sequence_loss(logits, ids, is_answer):
    return -(of_next(logits, ids) * is_answer[:, 1:]).sum(1)


@wrong_way("dpo.sequence_log_probability", says="The **last** token of the answer is missing")
def sequence_without_end(logits, ids, is_answer):
    mask = is_answer.clone()
    for row in mask:
        row[int(row.nonzero()[-1])] = False
    return (of_next(logits, ids) * mask[:, 1:]).sum(1)


def logit(chosen, rejected, chosen_reference, rejected_reference, beta):
    return beta * (chosen - chosen_reference) - beta * (rejected - rejected_reference)


@wrong_way("dpo.dpo_loss", says="**infinite**")
def dpo_by_log_of_sigmoid(*arguments):
    return -torch.log(torch.sigmoid(logit(*arguments))).mean()


@wrong_way("dpo.dpo_loss", says="You do not use **beta**")
def dpo_without_beta(*arguments):
    return F.softplus(-logit(*arguments[:4], 1.0)).mean()


@wrong_way("dpo.dpo_loss", says="You do not use the **reference**")
def dpo_without_reference(chosen, rejected, chosen_reference, rejected_reference, beta):
    return F.softplus(beta * (rejected - chosen)).mean()


@wrong_way("dpo.dpo_loss", says="learns the **rejected** answer")
def dpo_turned_round(*arguments):
    return F.softplus(logit(*arguments)).mean()


@wrong_way("dpo.dpo_loss", says="You **add** the rejected answer's log-ratio")
def dpo_without_brackets(chosen, rejected, chosen_reference, rejected_reference, beta):
    return F.softplus(-beta * (chosen - chosen_reference + (rejected - rejected_reference))).mean()


@wrong_way("dpo.dpo_loss", says="its two are exchanged")
def dpo_with_references_exchanged(chosen, rejected, chosen_reference, rejected_reference, beta):
    return F.softplus(-logit(chosen, rejected, rejected_reference, chosen_reference, beta)).mean()


@wrong_way("dpo.dpo_loss", says="The **minus** is missing")
def dpo_below_0(*arguments):
    return F.logsigmoid(logit(*arguments)).mean()


@wrong_way("dpo.dpo_loss", says="You **add up** the pairs")
def dpo_summed(*arguments):
    return F.softplus(-logit(*arguments)).sum()


@wrong_way("dpo.dpo_loss", says="loss of **each pair**")
def dpo_of_pairs(*arguments):
    return F.softplus(-logit(*arguments)).tolist()


@wrong_way("dpo.dpo_loss", says="Beta multiplies the **policy's** part alone")
def dpo_with_beta_in_one_place(chosen, rejected, chosen_reference, rejected_reference, beta):
    return F.softplus(chosen_reference - rejected_reference - beta * (chosen - rejected)).mean()


@wrong_way("dpo.dpo_loss", says="**each answer by itself**")
def dpo_with_two_labels(chosen, rejected, chosen_reference, rejected_reference, beta):
    good, bad = beta * (chosen - chosen_reference), beta * (rejected - rejected_reference)
    return (F.softplus(-good) + F.softplus(bad)).mean()


@wrong_way("dpo.gradient_weights", says="pairs in the **right** order")
def weights_of_the_sure(*arguments):
    return torch.sigmoid(logit(*arguments))


@wrong_way("dpo.gradient_weights", says="You do not use **beta**")
def weights_without_beta(*arguments):
    return torch.sigmoid(-logit(*arguments[:4], 1.0))


@wrong_way("dpo.gradient_weights", says="factor **beta** in front")
def weights_with_beta_in_front(*arguments):
    return arguments[-1] * (1 - torch.sigmoid(logit(*arguments)))


@wrong_way("dpo.gradient_weights", says="You return the **gradient**")
def weights_as_gradient(chosen, rejected, chosen_reference, rejected_reference, beta):
    leaf = chosen.clone().requires_grad_()
    F.softplus(-logit(leaf, rejected, chosen_reference, rejected_reference, beta)).sum().backward()
    return leaf.grad


@wrong_way("dpo.gradient_weights", says="slope of the **sigmoid**")
def weights_as_slope_of_sigmoid(*arguments):
    p = torch.sigmoid(logit(*arguments))
    return p * (1 - p)


@wrong_way("dpo.gradient_weights", says="You return the **losses**")
def weights_as_losses(*arguments):
    return F.softplus(-logit(*arguments))


@wrong_way("dpo.gradient_weights", says="pairs in the **wrong order**")
def weights_of_errors(*arguments):
    return [float(value < 0) for value in logit(*arguments)]


@wrong_way("dpo.gradient_weights", says="You took a **softmax**")
def weights_by_softmax(*arguments):
    return F.softmax(-logit(*arguments), dim=0)


@wrong_way("dpo.gradient_weights", says="You do not use the **reference**")
def weights_without_reference(chosen, rejected, chosen_reference, rejected_reference, beta):
    return torch.sigmoid(-beta * (chosen - rejected))


@wrong_way("dpo.gradient_weights", says="**number of pairs**")
def weights_of_the_mean(chosen, rejected, chosen_reference, rejected_reference, beta):
    leaf = chosen.clone().requires_grad_()
    F.softplus(-logit(leaf, rejected, chosen_reference, rejected_reference, beta)).mean().backward()
    return -leaf.grad / beta


@wrong_way("dpo.gradient_weights", says="You return the **mean**")
def weights_averaged(*arguments):
    return torch.sigmoid(-logit(*arguments)).mean()


def margin_of(*arguments):
    return logit(*arguments[:4], 1.0)


@wrong_way("dpo.ipo_loss", says="Your goal is **1 / beta**")
def ipo_with_twice_the_goal(*arguments):
    return F.mse_loss(margin_of(*arguments), torch.full_like(arguments[0], 1 / arguments[-1]))


@wrong_way("dpo.ipo_loss", says="Your goal is **beta / 2**")
def ipo_without_brackets(*arguments):
    return ((margin_of(*arguments) - 1 / 2 * arguments[-1]) ** 2).mean()


@wrong_way("dpo.ipo_loss", says="Your goal is **one half**")
def ipo_with_half(*arguments):
    return ((margin_of(*arguments) - 0.5) ** 2).mean()


@wrong_way("dpo.ipo_loss", says="You multiply the margin by **beta**")
def ipo_with_beta_margin(*arguments):
    return ((logit(*arguments) - 1 / (2 * arguments[-1])) ** 2).mean()


@wrong_way("dpo.ipo_loss", says="A margin **beyond** the goal")
def ipo_one_sided(*arguments):
    return (F.relu(1 / (2 * arguments[-1]) - margin_of(*arguments)) ** 2).mean()


@wrong_way("dpo.ipo_loss", says="**absolute** distance")
def ipo_absolute(*arguments):
    return F.l1_loss(margin_of(*arguments), torch.full_like(arguments[0], 0.5 / arguments[-1]))


@wrong_way("dpo.ipo_loss", says="You average the **margins** first")
def ipo_of_the_mean(*arguments):
    return (margin_of(*arguments).mean() - 1 / (2 * arguments[-1])) ** 2


@wrong_way("dpo.ipo_loss", says="You **add up** the pairs")
def ipo_summed(*arguments):
    return ((margin_of(*arguments) - 1 / (2 * arguments[-1])) ** 2).sum()


@wrong_way("dpo.ipo_loss", says="loss of **each pair**")
def ipo_of_pairs(*arguments):
    return ((margin_of(*arguments) - 1 / (2 * arguments[-1])) ** 2).tolist()


@wrong_way("dpo.ipo_loss", says="loss of **DPO**")
def ipo_as_dpo(*arguments):
    return F.softplus(-logit(*arguments)).mean()


@wrong_way("dpo.ipo_loss", says="You do not use the **reference**")
def ipo_without_reference(chosen, rejected, chosen_reference, rejected_reference, beta):
    return ((chosen - rejected - 1 / (2 * beta)) ** 2).mean()


@wrong_way("dpo.ipo_loss", says="You **add** the goal")
def ipo_turned_round(chosen, rejected, chosen_reference, rejected_reference, beta):
    margin = (rejected - rejected_reference) - (chosen - chosen_reference)
    return ((margin - 1 / (2 * beta)) ** 2).mean()


@wrong_way("dpo.simpo_loss", says="You do not divide by the **lengths**")
def simpo_of_sums(chosen, rejected, n_chosen, n_rejected, beta, margin):
    return F.softplus(margin - beta * (chosen - rejected)).mean()


@wrong_way("dpo.simpo_loss", says="The two **lengths** are exchanged")
def simpo_with_lengths_exchanged(chosen, rejected, n_chosen, n_rejected, beta, margin):
    return F.softplus(margin - beta * (chosen / n_rejected - rejected / n_chosen)).mean()


@wrong_way("dpo.simpo_loss", says="You **add** the margin")
def simpo_with_margin_added(chosen, rejected, n_chosen, n_rejected, beta, margin):
    return F.softplus(-margin - beta * (chosen / n_chosen - rejected / n_rejected)).mean()


@wrong_way("dpo.simpo_loss", says="Beta multiplies the **margin**, too")
def simpo_with_margin_in_brackets(chosen, rejected, n_chosen, n_rejected, beta, margin):
    return F.softplus(-beta * (chosen / n_chosen - rejected / n_rejected - margin)).mean()


@wrong_way("dpo.simpo_loss", says="You do not use the **margin**")
def simpo_without_margin(chosen, rejected, n_chosen, n_rejected, beta, margin):
    return F.softplus(-beta * (chosen / n_chosen - rejected / n_rejected)).mean()


@wrong_way("dpo.simpo_loss", says="You do not use **beta**")
def simpo_without_beta(chosen, rejected, n_chosen, n_rejected, beta, margin):
    return F.softplus(margin - (chosen / n_chosen - rejected / n_rejected)).mean()


@wrong_way("dpo.simpo_loss", says="learns the **rejected** answer")
def simpo_turned_round(chosen, rejected, n_chosen, n_rejected, beta, margin):
    return F.softplus(margin + beta * (chosen / n_chosen - rejected / n_rejected)).mean()


@wrong_way("dpo.simpo_loss", says="**outside** the logarithm")
def simpo_with_margin_outside(chosen, rejected, n_chosen, n_rejected, beta, margin):
    return F.softplus(-beta * (chosen / n_chosen - rejected / n_rejected)).mean() - margin


@wrong_way("dpo.simpo_loss", says="The **minus** is missing")
def simpo_below_0(chosen, rejected, n_chosen, n_rejected, beta, margin):
    return F.logsigmoid(beta * (chosen / n_chosen - rejected / n_rejected) - margin).mean()


@wrong_way("dpo.simpo_loss", says="You **add up** the pairs")
def simpo_summed(chosen, rejected, n_chosen, n_rejected, beta, margin):
    pairs = zip(chosen.tolist(), rejected.tolist(), n_chosen.tolist(), n_rejected.tolist(), strict=True)
    return sum(math.log1p(math.exp(margin - beta * (a / n - b / m))) for a, b, n, m in pairs)


@wrong_way("dpo.simpo_loss", says="**hinge**")
def simpo_with_hinge(chosen, rejected, n_chosen, n_rejected, beta, margin):
    return F.relu(margin - beta * (chosen / n_chosen - rejected / n_rejected)).mean()
