"""Exercise on the reward of each token: a penalty everywhere, and the score at the end."""

import torch
from torch import Tensor

from course.exercises.compare import close
from course.exercises.exercise import Exercise, Mistake
from course.exercises.peft.drawing import drawn
from course.exercises.rlhf.drawing import mask_of
from course.messages import _


def token_rewards(
    scores: "Tensor",
    policy: "Tensor",
    reference: "Tensor",
    is_token: "Tensor",
    beta: float,
) -> "Tensor":
    """The reward of each token of some responses.

    scores: (rows,), one for each response. policy, reference: (rows, places), log-probabilities
    of its tokens. is_token: (rows, places), True where there is a token: the first places of a
    row, one at least; what is in the others means nothing. Each token is charged beta times its
    log-probability under the policy minus that under the reference. The last token of a row gets
    the row's score as well. Where there is no token, the reward is 0.

    >>> import torch
    >>> policy, reference = torch.tensor([[-1.0, -2.0, 7.0]]), torch.tensor([[-2.0, -4.0, 0.0]])
    >>> is_token = torch.tensor([[True, True, False]])
    >>> token_rewards(torch.tensor([3.0]), policy, reference, is_token, beta=0.5).tolist()
    [[-0.5, 2.0, 0.0]]
    """
    import torch

    rewards = torch.where(is_token, -beta * (policy - reference), 0.0)
    last = is_token.sum(dim=1) - 1
    rewards[torch.arange(len(scores)), last] += scores
    return rewards


def _token_rewards_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(1402)
    cases: list[tuple] = []
    for lengths, width, beta in [
        ((2,), 3, 0.5),
        ((3,), 3, 0.8),
        ((1,), 3, 0.35),
        ((3,), 3, 0.25),
        ((1, 3), 4, 0.5),
        ((2, 4), 4, 0.1),
        ((4, 2, 3), 5, 0.75),
        ((1, 2, 5), 6, 0.4),
        ((3, 1), 3, 2.0),
        ((5, 4, 2, 1), 5, 0.3),
        ((2, 2), 4, 0.6),
        ((4, 3), 6, 1.5),
        ((1, 1), 3, 0.2),
        ((3, 2), 4, 0.0),
    ]:
        scores, policy, reference = drawn(generator, len(lengths)), *drawn(generator, 2, len(lengths), width)
        cases.append((3 * scores, policy - 2, reference - 2, mask_of(lengths, width), beta))
    return cases


def _penalty(policy, reference, is_token, beta):
    return torch.where(is_token, -beta * (policy - reference), 0.0)


def _at(places, scores, is_token):
    found = torch.zeros(is_token.shape)
    found[torch.arange(len(scores)), places] = scores
    return found


def _last(is_token):
    return is_token.sum(dim=1) - 1


def _bonus(scores, policy, reference, is_token, beta):
    return token_rewards(scores, policy, reference, is_token, -beta)


def _in_last_place(scores, policy, reference, is_token, beta):
    return _penalty(policy, reference, is_token, beta) + _at(-1, scores, is_token)


def _one_too_far(scores, policy, reference, is_token, beta):
    places = is_token.sum(dim=1).clamp(max=is_token.shape[1] - 1)
    return _penalty(policy, reference, is_token, beta) + _at(places, scores, is_token)


def _one_too_early(scores, policy, reference, is_token, beta):
    return _penalty(policy, reference, is_token, beta) + _at(_last(is_token) - 1, scores, is_token)


def _at_first(scores, policy, reference, is_token, beta):
    return _penalty(policy, reference, is_token, beta) + _at(0, scores, is_token)


def _everywhere(scores, policy, reference, is_token, beta):
    return (_penalty(policy, reference, is_token, beta) + scores[:, None]) * is_token


def _shared_out(scores, policy, reference, is_token, beta):
    return _everywhere(scores / is_token.sum(dim=1), policy, reference, is_token, beta)


def _padding_charged(scores, policy, reference, is_token, beta):
    return -beta * (policy - reference) + _at(_last(is_token), scores, is_token)


def _without_beta(scores, policy, reference, is_token, beta):
    return token_rewards(scores, policy, reference, is_token, 1.0)


def _without_score(scores, policy, reference, is_token, beta):
    return _penalty(policy, reference, is_token, beta)


def _without_penalty(scores, policy, reference, is_token, beta):
    return _at(_last(is_token), scores, is_token)


def _all_at_the_end(scores, policy, reference, is_token, beta):
    total = scores + _penalty(policy, reference, is_token, beta).sum(dim=1)
    return _at(_last(is_token), total, is_token)


def _score_in_place_of_penalty(scores, policy, reference, is_token, beta):
    rewards = _penalty(policy, reference, is_token, beta)
    rewards[torch.arange(len(scores)), _last(is_token)] = scores
    return rewards


def _score_weighted(scores, policy, reference, is_token, beta):
    return token_rewards(beta * scores, policy, reference, is_token, beta)


def _score_weighted_alone(scores, policy, reference, is_token, beta):
    return token_rewards(beta * scores, policy, reference, is_token, 1.0)


def _score_subtracted(scores, policy, reference, is_token, beta):
    return token_rewards(-scores, policy, reference, is_token, beta)


def _of_shape(change):
    def rewards(scores, policy, reference, is_token, beta):
        charged = torch.where(is_token, -beta * change(policy, reference), 0.0)
        return charged + _at(_last(is_token), scores, is_token)

    return rewards


def _absolute(*arguments):
    return _of_shape(lambda policy, reference: (policy - reference).abs())(*arguments)


def _k2(*arguments):
    return _of_shape(lambda policy, reference: (policy - reference) ** 2 / 2)(*arguments)


def _k3(*arguments):
    return _of_shape(lambda policy, reference: (reference - policy).exp() - 1 + policy - reference)(*arguments)


def _probabilities(*arguments):
    return _of_shape(lambda policy, reference: policy.exp() - reference.exp())(*arguments)


def _ratio(*arguments):
    return _of_shape(lambda policy, reference: (policy - reference).exp())(*arguments)


def _weighted(*arguments):
    return _of_shape(lambda policy, reference: policy.exp() * (policy - reference))(*arguments)


def _never_negative(*arguments):
    return _of_shape(lambda policy, reference: (policy - reference).relu())(*arguments)


def _policy_alone(*arguments):
    return _of_shape(lambda policy, reference: policy)(*arguments)


def _reference_alone(*arguments):
    return _of_shape(lambda policy, reference: -reference)(*arguments)


def _averaged(scores, policy, reference, is_token, beta):
    charged = _penalty(policy, reference, is_token, beta) / is_token.sum(dim=1, keepdim=True)
    return charged + _at(_last(is_token), scores, is_token)


def _of_rows(scores, policy, reference, is_token, beta):
    return token_rewards(scores, policy, reference, is_token, beta).sum(dim=1)


def _still_to_come(scores, policy, reference, is_token, beta):
    return token_rewards(scores, policy, reference, is_token, beta).flip(1).cumsum(1).flip(1) * is_token


def _inverted(scores, policy, reference, is_token, beta):
    return _penalty(policy, reference, ~is_token, beta) + _at(_last(is_token), scores, is_token)


def _product(*arguments):
    return _of_shape(lambda policy, reference: policy * reference)(*arguments)


def _one_too_much(*arguments):
    return _of_shape(lambda policy, reference: policy - reference + 1)(*arguments)


def _one_too_little(*arguments):
    return _of_shape(lambda policy, reference: policy - reference - 1)(*arguments)


def _reference_charged(*arguments):
    return _of_shape(lambda policy, reference: reference)(*arguments)


def _beta_for_each(*arguments):
    return _of_shape(lambda policy, reference: torch.ones_like(policy))(*arguments)


def _paid_without_beta(scores, policy, reference, is_token, beta):
    return token_rewards(scores, policy, reference, is_token, -1.0)


def _beta_added(scores, policy, reference, is_token, beta):
    return torch.where(is_token, policy - reference - beta, 0.0) + _at(_last(is_token), scores, is_token)


def _beta_too_large(scores, policy, reference, is_token, beta):
    return token_rewards(scores, policy, reference, is_token, beta + 1)


def _beta_too_small(scores, policy, reference, is_token, beta):
    return token_rewards(scores, policy, reference, is_token, beta - 1)


def _padding_is_1(scores, policy, reference, is_token, beta):
    return token_rewards(scores, policy, reference, is_token, beta) + ~is_token


def _at_second(scores, policy, reference, is_token, beta):
    return _penalty(policy, reference, is_token, beta) + _at(1, scores, is_token)


def _multiplied(scores, policy, reference, is_token, beta):
    rewards = _penalty(policy, reference, is_token, beta)
    rewards[torch.arange(len(scores)), _last(is_token)] *= scores
    return rewards


def _score_too_large(scores, policy, reference, is_token, beta):
    return token_rewards(scores + 1, policy, reference, is_token, beta)


TOKEN_REWARDS = Exercise(
    name="rlhf.token_rewards",
    title=_("A reward for each token"),
    solution=token_rewards,
    cases=_token_rewards_cases,
    hints=(
        _(
            "First the charges: `-beta * (policy - reference)` where there is a token, 0 elsewhere. Then the number "
            "of tokens of a row says which one is its last, and only there the score is added."
        ),
        _(
            "`torch.where(is_token, charges, 0.0)`, then `last = is_token.sum(dim=1) - 1`, and "
            "`rewards[torch.arange(len(scores)), last] += scores`."
        ),
    ),
    mistakes=(
        Mistake(
            _bonus,
            _(
                "Your **sign** is turned round: a token that the policy likes more than the reference does is charged. "
                "In yours it is paid, and the policy would run away from the reference."
            ),
        ),
        Mistake(
            _in_last_place,
            _("Your score is in the **last place** of the row, which may hold no token: the last *token* gets it."),
        ),
        Mistake(_one_too_far, _("Your score comes **one place too late**: the last token is at `sum - 1`.")),
        Mistake(_one_too_early, _("Your score comes **one place too early**: the last token is at `sum - 1`.")),
        Mistake(_at_first, _("Your score is at the **first** token: it belongs to the last one.")),
        Mistake(_everywhere, _("**Every** token gets the score in yours: only the last one does.")),
        Mistake(_shared_out, _("You **share** the score out among the tokens: all of it goes to the last one.")),
        Mistake(_padding_charged, _("Places **without a token** are charged in yours: their reward is 0.")),
        Mistake(_without_beta, _("You do not use **beta**: it is the weight of the penalty.")),
        Mistake(_without_score, _("The **score** is missing: the last token of each row gets it.")),
        Mistake(_without_penalty, _("The **penalty** is missing: each token is charged.")),
        Mistake(
            _all_at_the_end,
            _("You charge the **last** token for all of them: each token is charged for its own."),
        ),
        Mistake(
            _score_in_place_of_penalty,
            _("At the last token your score **replaces** the penalty: it is added to it, `+=`."),
        ),
        Mistake(_score_weighted, _("You multiply the **score** by beta, too: beta weighs the penalty alone.")),
        Mistake(_score_weighted_alone, _("Your beta weighs the **score**: it weighs the penalty.")),
        Mistake(_score_subtracted, _("You **subtract** the score: it is added.")),
        Mistake(
            _absolute,
            _("You charge the **absolute** difference: it may be negative, or its mean would be no KL divergence."),
        ),
        Mistake(_k2, _("You charge **half the square** of the difference: the difference itself is charged.")),
        Mistake(_k3, _("You charge the estimate **k3**: the difference itself is charged.")),
        Mistake(_probabilities, _("You subtract **probabilities**: subtract the log-probabilities as they are.")),
        Mistake(_ratio, _("You charge the **ratio** of the probabilities: its logarithm is charged.")),
        Mistake(
            _weighted,
            _(
                "You multiply by the **probability** of the token: the tokens were drawn with it, so a mean over "
                "them has it already."
            ),
        ),
        Mistake(_never_negative, _("Your charge is never **negative**: a token may be paid as well.")),
        Mistake(_policy_alone, _("You do not use the **reference**: subtract its log-probability.")),
        Mistake(_reference_alone, _("You charge by the **reference** alone: the policy's log-probability is missing.")),
        Mistake(_averaged, _("You divide the charges by the **number of tokens**: each is charged in full.")),
        Mistake(_of_rows, _("You return one reward for a **row**: each token has its own.")),
        Mistake(_still_to_come, _("You **add up** the rewards to come: return the reward of each token.")),
        Mistake(_inverted, _("Your mask is **inverted**: True is where there is a token.")),
        Mistake(_product, _("You **multiply** the two log-probabilities: subtract them.")),
        Mistake(_one_too_much, _("Each charge is **beta too much**: it is beta times the difference as it is.")),
        Mistake(_one_too_little, _("Each charge is **beta too little**: it is beta times the difference as it is.")),
        Mistake(_reference_charged, _("You charge the **reference's** log-probability: the policy's is missing.")),
        Mistake(_beta_for_each, _("Each token is charged **beta**, whatever its log-probabilities are.")),
        Mistake(_paid_without_beta, _("There is no **beta** in yours, and the sign is turned round: `-beta * …`.")),
        Mistake(_beta_added, _("You **subtract** beta: the difference is multiplied by it, with a minus.")),
        Mistake(_beta_too_large, _("Your beta is **1 too large**: the difference is charged once more, in full.")),
        Mistake(_beta_too_small, _("Your beta is **1 too small**: the difference is added once, in full.")),
        Mistake(_padding_is_1, _("Where there is no token, your reward is **1**: it is 0.")),
        Mistake(_at_second, _("Your score is at the **second** place of every row: it belongs to the last token.")),
        Mistake(_multiplied, _("You **multiply** by the score at the last token: add it.")),
        Mistake(_score_too_large, _("Your score is **1 too large**.")),
    ),
    explanation=_(
        "The sum of a row's rewards is its score minus beta times the log-ratio of the whole response. The mean of "
        "that log-ratio over responses drawn from the policy is the KL divergence from the reference. So a policy "
        "that maximizes the rewards maximizes the score, and pays for how far it moves."
    ),
    compare=close,
)
