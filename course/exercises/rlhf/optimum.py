"""Exercise on the optimum: the policy that is best for a reward and a KL penalty."""

import torch
from torch import Tensor

from course.exercises.compare import close
from course.exercises.exercise import Corner, Exercise, Mistake
from course.exercises.peft.drawing import drawn
from course.messages import _


def optimal_policy(reference: "Tensor", rewards: "Tensor", beta: float) -> "Tensor":
    """The policy that is best when beta times its KL divergence from the reference is charged.

    reference, rewards: (answers,), the reference's probability of each answer and its reward. The
    best policy is proportional to reference * exp(reward / beta), and sums to 1. It must be right
    for rewards of 100 and a beta of 0.1, too, where exp(reward / beta) is beyond all numbers of
    the computer. Answers that the reference never gives stay at 0.

    >>> import torch
    >>> reference, rewards = torch.tensor([0.5, 0.25, 0.25]), torch.tensor([100.0, 100.0, 0.0])
    >>> [round(p, 2) for p in optimal_policy(reference, rewards, beta=0.1).tolist()]
    [0.67, 0.33, 0.0]
    """
    return (reference.log() + rewards / beta).softmax(dim=0)


def _optimal_policy_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(1407)
    cases: list[tuple] = [(torch.tensor([0.5, 0.5]), torch.tensor([1.0, 0.0]), 0.5)]
    for n, beta in [(2, 2.0), (3, 0.5), (3, 3.0), (4, 0.4), (4, 1.5), (5, 0.25), (5, 2.0), (6, 0.7)]:
        cases.append((_distribution(generator, n), drawn(generator, n), beta))
    for n, beta in [(3, 0.5), (4, 2.0)]:
        reference = _distribution(generator, n)
        reference[-1], reference[0] = 0.0, reference[0] + reference[-1]
        cases.append((reference, drawn(generator, n), beta))
    for n, beta in [(2, 0.1), (3, 0.2), (4, 0.1), (4, 0.5)]:
        cases.append((_distribution(generator, n), 200 + beta * drawn(generator, n), beta))
    return cases


def _distribution(generator, n):
    weights = torch.randint(1, 10, (n,), generator=generator).float()
    return weights / weights.sum()


def _overflows(reference, rewards, beta):
    weights = reference * (rewards / beta).exp()
    return weights / weights.sum()


def _not_normalized(reference, rewards, beta):
    return reference * (rewards / beta).exp()


def _multiplied_by_beta(reference, rewards, beta):
    return (reference.log() + rewards * beta).softmax(dim=0)


def _without_beta(reference, rewards, beta):
    return (reference.log() + rewards).softmax(dim=0)


def _without_reference(reference, rewards, beta):
    return (rewards / beta).softmax(dim=0)


def _without_logarithm(reference, rewards, beta):
    return (reference + rewards / beta).softmax(dim=0)


def _logarithms(reference, rewards, beta):
    return (reference.log() + rewards / beta).log_softmax(dim=0)


def _summed_logarithms(reference, rewards, beta):
    return reference.log() + rewards / beta


def _minus(reference, rewards, beta):
    return (reference.log() - rewards / beta).softmax(dim=0)


def _sum_divided(reference, rewards, beta):
    return ((reference.log() + rewards) / beta).softmax(dim=0)


def _reference_weighted(reference, rewards, beta):
    return (beta * reference.log() + rewards).softmax(dim=0)


def _reference_weighted_rewards_divided(reference, rewards, beta):
    return (beta * reference.log() + rewards / beta).softmax(dim=0)


def _without_exp(reference, rewards, beta):
    weights = reference * rewards / beta
    return weights / (weights.sum() + (weights.sum() == 0))


def _greedy(reference, rewards, beta):
    return torch.nn.functional.one_hot(rewards.argmax(), len(rewards)).float()


def _best_alone(reference, rewards, beta):
    best = (reference.log() + rewards / beta).argmax()
    return torch.nn.functional.one_hot(best, len(rewards)).float()


def _reference_divided(reference, rewards, beta):
    return (rewards / beta - (reference + (reference == 0)).log()).softmax(dim=0)


def _mixed(reference, rewards, beta):
    return (reference + (rewards / beta).softmax(dim=0)) / 2


def _softmax_times_reference(reference, rewards, beta):
    return reference * (rewards / beta).softmax(dim=0)


def _sigmoid(reference, rewards, beta):
    return (reference.log() + rewards / beta).sigmoid()


def _by_largest(reference, rewards, beta):
    weights = optimal_policy(reference, rewards, beta)
    return weights / weights.max()


def _advantage(reference, rewards, beta):
    return rewards - (reference * rewards).sum()


def _value(reference, rewards, beta):
    return beta * (reference.log() + rewards / beta).logsumexp(dim=0)


def _logs_multiplied(reference, rewards, beta):
    return (reference.clamp(min=1e-30).log() * rewards / beta).softmax(dim=0)


def _exp_of_reference(reference, rewards, beta):
    return (reference.exp() + rewards / beta).softmax(dim=0)


def _rewards_sorted(reference, rewards, beta):
    return optimal_policy(reference, rewards.sort().values, beta)


def _beta_too_large(reference, rewards, beta):
    return optimal_policy(reference, rewards, beta + 1)


OPTIMAL_POLICY = Exercise(
    name="rlhf.optimal_policy",
    title=_("The best that there is"),
    solution=optimal_policy,
    cases=_optimal_policy_cases,
    hints=(
        _(
            "Take the logarithm of what the policy is proportional to: a product becomes a sum, and exp goes away. "
            "What brings logarithms back to numbers that sum to 1, without overflow, is a softmax."
        ),
        _("`(reference.log() + rewards / beta).softmax(dim=0)`. The logarithm of 0 is -inf, which a softmax makes 0."),
    ),
    mistakes=(
        Mistake(
            _overflows,
            _(
                "Your exp **overflows** for large rewards: infinity divided by infinity is no number. Add logarithms "
                "and take a softmax."
            ),
        ),
        Mistake(_not_normalized, _("Your numbers do not **sum to 1**: divide by their sum, or take a softmax.")),
        Mistake(_multiplied_by_beta, _("You **multiply** by beta: a small penalty lets the reward count more.")),
        Mistake(_without_beta, _("You do not use **beta**: divide the rewards by it.")),
        Mistake(_without_reference, _("You do not use the **reference**: its log-probability is added.")),
        Mistake(_without_logarithm, _("You add **probabilities** to rewards: take the reference's logarithm first.")),
        Mistake(_logarithms, _("You return **logarithms**: return probabilities, `softmax`.")),
        Mistake(_summed_logarithms, _("You return the **exponents**: a softmax is missing.")),
        Mistake(_minus, _("Your **sign** is turned round: a high reward raises an answer.")),
        Mistake(_sum_divided, _("You divide the **reference's** logarithm by beta, too: divide the rewards alone.")),
        Mistake(
            _reference_weighted, _("You multiply the **reference's** logarithm by beta: divide the rewards by it.")
        ),
        Mistake(
            _reference_weighted_rewards_divided,
            _("Your beta is **twice** there: divide the rewards by it, and leave the reference as it is."),
        ),
        Mistake(_without_exp, _("The **exp** is missing: reference * exp(reward / beta).")),
        Mistake(_greedy, _("You take the answer with the highest **reward** alone: the penalty spreads the policy.")),
        Mistake(_best_alone, _("You take the **best** answer alone: each has a probability.")),
        Mistake(_reference_divided, _("You **divide** by the reference: multiply by it.")),
        Mistake(_mixed, _("You **average** the reference and a softmax: multiply them.")),
        Mistake(
            _softmax_times_reference,
            _("You multiply a **softmax** by the reference: the product does not sum to 1. Divide by its sum."),
        ),
        Mistake(_sigmoid, _("You took a **sigmoid** of each: a softmax makes them sum to 1.")),
        Mistake(_by_largest, _("You divide by the **largest**: divide by the sum.")),
        Mistake(_advantage, _("You return rewards minus their **mean**: wanted is a distribution.")),
        Mistake(_value, _("You return **beta log Z**, what the best policy is worth: wanted is the policy.")),
        Mistake(_logs_multiplied, _("You **multiply** by the reference's logarithm: add it.")),
        Mistake(_exp_of_reference, _("You took **exp** of the reference: take its logarithm.")),
        Mistake(_rewards_sorted, _("You **sort** the rewards: each belongs to its answer.")),
        Mistake(_beta_too_large, _("Your beta is **1 too large**.")),
    ),
    corners=(
        Corner(
            lambda reference, rewards, beta: bool((reference == 0).any()),
            _("Only answers that the reference **never gives** go wrong: their probability stays 0."),
        ),
        Corner(
            lambda reference, rewards, beta: float((rewards / beta).max()) > 88,
            _("Only **large** rewards go wrong: exp overflows. Add logarithms and take a softmax."),
        ),
    ),
    explanation=_(
        "With a large beta the policy stays with the reference, with a small one it goes to the answers with the "
        "highest reward. What the reference never gives, no reward brings. Here all answers can be counted; a language "
        "model has too many for Z, the sum that is divided by, and so PPO is trained on samples."
    ),
    compare=close,
)
