"""Exercise on the implicit reward: what a policy says of answers, read back from its probabilities."""

import torch
from torch import Tensor

from course.exercises.compare import close
from course.exercises.exercise import Corner, Exercise, Mistake
from course.exercises.peft.drawing import drawn
from course.messages import _


def reward_from_policy(policy: "Tensor", reference: "Tensor", beta: float) -> "Tensor":
    """The rewards for which a policy would be the best one, with a mean of 0.

    policy, reference: (answers,), log-probabilities of several answers to one prompt. The best
    policy is proportional to the reference's probability times exp(reward / beta). So the rewards
    follow from the two, up to a number that is the same for all answers. Choose it so that the
    mean of the rewards, each answer counting once, is 0.

    >>> import torch
    >>> policy, reference = torch.tensor([0.75, 0.25]).log(), torch.tensor([0.25, 0.75]).log()
    >>> [round(r, 4) for r in reward_from_policy(policy, reference, beta=2.0).tolist()]
    [2.1972, -2.1972]
    """
    rewards = beta * (policy - reference)
    return rewards - rewards.mean()


def _reward_from_policy_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(1506)
    settings = [(2, 2.0), (3, 0.5), (3, 0.1), (4, 1.5), (4, 0.25), (5, 3.0), (5, 0.4), (6, 0.1), (4, 0.75), (1, 0.5)]
    cases: list[tuple] = []
    for n, beta in settings:
        reference = drawn(generator, n).log_softmax(dim=0)
        cases.append(((reference + drawn(generator, n)).log_softmax(dim=0), reference, beta))
    for n, beta in [(3, 0.3), (5, 0.6)]:
        reference = 3 * drawn(generator, n) - 20
        cases.append((reference + 2 * drawn(generator, n) + 1, reference, beta))
    same = drawn(generator, 3).log_softmax(dim=0)
    return [*cases, (same, same.clone(), 0.5)]


def _centered(rewards):
    return rewards - rewards.mean()


def _not_centered(policy, reference, beta):
    return beta * (policy - reference)


def _without_beta(policy, reference, beta):
    return _centered(policy - reference)


def _divided_by_beta(policy, reference, beta):
    return _centered((policy - reference) / beta)


def _turned_round(policy, reference, beta):
    return _centered(beta * (reference - policy))


def _without_reference(policy, reference, beta):
    return _centered(beta * policy)


def _reference_added(policy, reference, beta):
    return _centered(beta * (policy + reference))


def _beta_for_policy(policy, reference, beta):
    return _centered(beta * policy - reference)


def _ratios(policy, reference, beta):
    return _centered(beta * (policy - reference).exp())


def _probabilities(policy, reference, beta):
    return _centered(beta * (policy.exp() - reference.exp()))


def _ratio_of_logs(policy, reference, beta):
    return _centered(beta * policy / reference)


def _under_the_policy(policy, reference, beta):
    rewards = beta * (policy - reference)
    return rewards - (policy.softmax(dim=0) * rewards).sum()


def _under_the_reference(policy, reference, beta):
    rewards = beta * (policy - reference)
    return rewards - (reference.softmax(dim=0) * rewards).sum()


def _centered_before_beta(policy, reference, beta):
    return beta * policy - reference - (policy - reference).mean()


def _mean_before_beta(policy, reference, beta):
    return beta * (policy - reference) - (policy - reference).mean()


def _by_standard_deviation(policy, reference, beta):
    rewards = _not_centered(policy, reference, beta)
    return _centered(rewards) / (rewards.std() + 1e-8) if len(rewards) > 1 else _centered(rewards)


def _first_is_0(policy, reference, beta):
    rewards = _not_centered(policy, reference, beta)
    return rewards - rewards[0]


def _lowest_is_0(policy, reference, beta):
    rewards = _not_centered(policy, reference, beta)
    return rewards - rewards.min()


def _best_is_0(policy, reference, beta):
    rewards = _not_centered(policy, reference, beta)
    return rewards - rewards.max()


def _sum_subtracted(policy, reference, beta):
    rewards = _not_centered(policy, reference, beta)
    return rewards - rewards.sum()


def _mean_added(policy, reference, beta):
    rewards = _not_centered(policy, reference, beta)
    return rewards + rewards.mean()


def _softmax(policy, reference, beta):
    return _not_centered(policy, reference, beta).softmax(dim=0)


def _log_softmax(policy, reference, beta):
    return _not_centered(policy, reference, beta).log_softmax(dim=0)


def _sigmoid(policy, reference, beta):
    return _not_centered(policy, reference, beta).sigmoid()


def _mean(policy, reference, beta):
    return _not_centered(policy, reference, beta).mean()


REWARD_FROM_POLICY = Exercise(
    name="dpo.reward_from_policy",
    title=_("The reward inside a policy"),
    solution=reward_from_policy,
    cases=_reward_from_policy_cases,
    hints=(
        _(
            "Take the logarithm of the best policy: log policy = log reference + reward / beta - log Z. Solve for the "
            "reward. The last term is the same for all answers, so it does not matter which it is: subtract the mean."
        ),
        _("`rewards = beta * (policy - reference)`, and `rewards - rewards.mean()`."),
    ),
    mistakes=(
        Mistake(_not_centered, _("The **mean** of your rewards is not 0: subtract it.")),
        Mistake(_without_beta, _("You do not use **beta**: the log-ratio is multiplied by it.")),
        Mistake(
            _divided_by_beta,
            _("You **divide** by beta: the policy has reward / beta in it, so the reward is beta times that."),
        ),
        Mistake(_turned_round, _("Your **sign** is turned round: what the policy has raised has a high reward.")),
        Mistake(_without_reference, _("You do not use the **reference**: what was likely before is no merit.")),
        Mistake(_reference_added, _("You **add** the reference: subtract its log-probabilities.")),
        Mistake(_beta_for_policy, _("Beta multiplies the **policy's** part alone in yours: put it around both.")),
        Mistake(_ratios, _("You took the **ratio** of the probabilities: take its logarithm, the difference.")),
        Mistake(_probabilities, _("You subtract **probabilities**: subtract their logarithms.")),
        Mistake(_ratio_of_logs, _("You **divide** log-probabilities: subtract them.")),
        Mistake(
            _under_the_policy,
            _("Your mean is weighted by the **policy**: each answer counts once."),
        ),
        Mistake(_under_the_reference, _("Your mean is weighted by the **reference**: each answer counts once.")),
        Mistake(_centered_before_beta, _("Beta multiplies **one part** alone: multiply the log-ratio, then center.")),
        Mistake(_mean_before_beta, _("You subtract the mean of the **log-ratios**: subtract that of the rewards.")),
        Mistake(_by_standard_deviation, _("You divide by the **standard deviation**: only subtract the mean.")),
        Mistake(_first_is_0, _("You subtract the **first** reward: subtract the mean.")),
        Mistake(_lowest_is_0, _("You subtract the **lowest** reward: subtract the mean.")),
        Mistake(_best_is_0, _("You subtract the **highest** reward: subtract the mean.")),
        Mistake(_sum_subtracted, _("You subtract the **sum**: subtract the mean.")),
        Mistake(_mean_added, _("You **add** the mean: subtract it.")),
        Mistake(_softmax, _("You took a **softmax**: rewards are no distribution.")),
        Mistake(_log_softmax, _("You took a **log-softmax**: subtract the mean instead.")),
        Mistake(_sigmoid, _("You took a **sigmoid**: return the rewards as they are.")),
        Mistake(_mean, _("You return the **mean**, which is what you should subtract.")),
    ),
    corners=(
        Corner(
            lambda policy, reference, beta: len(policy) == 1,
            _("Only a **single** answer goes wrong: with nothing to compare, its reward is 0."),
        ),
    ),
    explanation=_(
        "Every policy that gives each answer a probability is the best one for some rewards, and these are they. "
        "Preferences compare answers to one prompt, so the missing number never matters. That is why DPO can fit a "
        "reward model without having one: the policy is the reward model."
    ),
    compare=close,
)
