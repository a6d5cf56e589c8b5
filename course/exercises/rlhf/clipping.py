"""Exercise on PPO: the loss of the policy, which ends where the policy has moved far enough."""

import torch
from torch import Tensor

from course.exercises.compare import close
from course.exercises.exercise import Exercise, Mistake
from course.exercises.peft.drawing import drawn
from course.exercises.rlhf.drawing import mask_of
from course.messages import _


def clipped_loss(
    new: "Tensor",
    old: "Tensor",
    advantages: "Tensor",
    is_token: "Tensor",
    clip: float,
) -> "Tensor":
    """PPO's loss of the policy.

    All tensors: (rows, places). is_token is True where there is a token; what is in the other
    places means nothing. new, old: log-probabilities of the tokens under the policy and under the
    one that drew them; the ratio is the new probability divided by the old one. Of two products
    the smaller one counts: ratio * advantage, and the ratio clipped to [1 - clip, 1 + clip],
    times the advantage. The loss is minus its mean over all tokens of all rows.

    >>> import torch
    >>> new, old = torch.tensor([[2.0, 2.0, 1.0]]).log(), torch.tensor([[1.0, 1.0, 7.0]]).log()
    >>> advantages, is_token = torch.tensor([[1.0, -2.0, 5.0]]), torch.tensor([[True, True, False]])
    >>> round(float(clipped_loss(new, old, advantages, is_token, clip=0.5)), 4)
    1.25
    """
    import torch

    ratio = (new - old).exp()
    objective = torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages)
    return -objective[is_token].mean()


def _clipped_loss_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(1404)
    cases: list[tuple] = []
    for lengths, width, clip in [
        ((2,), 3, 0.2),
        ((3,), 3, 0.3),
        ((3,), 3, 0.1),
        ((2,), 3, 0.5),
        ((4,), 4, 0.5),
        ((2, 4), 4, 0.3),
        ((3, 5), 6, 0.1),
        ((5, 2, 4), 5, 0.2),
        ((1, 6), 6, 0.4),
        ((4, 3, 2), 5, 0.25),
        ((6, 3), 7, 0.15),
        ((2, 5, 5), 5, 0.35),
        ((4, 6), 6, 0.2),
        ((7, 3), 8, 0.3),
    ]:
        new, moved, advantages = drawn(generator, 3, len(lengths), width)
        cases.append((new - 3, new - 3 + 0.6 * moved, 2 * advantages, mask_of(lengths, width), clip))
    return cases


def _loss(objective, is_token):
    return -objective[is_token].mean()


def _min_clipped(ratio, advantages, clipped):
    return torch.minimum(ratio * advantages, clipped * advantages)


def _unclipped(new, old, advantages, is_token, clip):
    return _loss((new - old).exp() * advantages, is_token)


def _clipped_alone(new, old, advantages, is_token, clip):
    return _loss((new - old).exp().clamp(1 - clip, 1 + clip) * advantages, is_token)


def _larger(new, old, advantages, is_token, clip):
    ratio = (new - old).exp()
    return _loss(torch.maximum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages), is_token)


def _without_minus(new, old, advantages, is_token, clip):
    return -clipped_loss(new, old, advantages, is_token, clip)


def _total(new, old, advantages, is_token, clip):
    return clipped_loss(new, old, advantages, is_token, clip) * is_token.sum()


def _padding_counts(new, old, advantages, is_token, clip):
    return clipped_loss(new, old, advantages, torch.ones_like(is_token), clip)


def _divided_by_all_places(new, old, advantages, is_token, clip):
    return clipped_loss(new, old, advantages, is_token, clip) * is_token.float().mean()


def _divided_by_rows(new, old, advantages, is_token, clip):
    return clipped_loss(new, old, advantages, is_token, clip) * is_token.sum() / len(new)


def _rows_first(new, old, advantages, is_token, clip):
    rows = zip(new, old, advantages, is_token, strict=True)
    return torch.stack([clipped_loss(*row, clip) for row in rows]).mean()


def _of_rows(new, old, advantages, is_token, clip):
    rows = zip(new, old, advantages, is_token, strict=True)
    return torch.stack([clipped_loss(*row, clip) for row in rows])


def _of_tokens(new, old, advantages, is_token, clip):
    ratio = (new - old).exp()
    return -_min_clipped(ratio, advantages, ratio.clamp(1 - clip, 1 + clip)) * is_token


def _ratio_turned_round(new, old, advantages, is_token, clip):
    return clipped_loss(old, new, advantages, is_token, clip)


def _without_exp(new, old, advantages, is_token, clip):
    ratio = new - old
    return _loss(_min_clipped(ratio, advantages, ratio.clamp(1 - clip, 1 + clip)), is_token)


def _log_ratio_clipped(new, old, advantages, is_token, clip):
    ratio = new - old
    return _loss(_min_clipped(ratio, advantages, ratio.clamp(-clip, clip)), is_token)


def _clipped_before_exp(new, old, advantages, is_token, clip):
    ratio = new - old
    return _loss(_min_clipped(ratio.exp(), advantages, ratio.clamp(-clip, clip).exp()), is_token)


def _divided_logs(new, old, advantages, is_token, clip):
    ratio = new / (old + (old == 0))
    return _loss(_min_clipped(ratio, advantages, ratio.clamp(1 - clip, 1 + clip)), is_token)


def _above_alone(new, old, advantages, is_token, clip):
    ratio = (new - old).exp()
    return _loss(_min_clipped(ratio, advantages, ratio.clamp(max=1 + clip)), is_token)


def _below_alone(new, old, advantages, is_token, clip):
    ratio = (new - old).exp()
    return _loss(_min_clipped(ratio, advantages, ratio.clamp(min=1 - clip)), is_token)


def _around_0(new, old, advantages, is_token, clip):
    ratio = (new - old).exp()
    return _loss(_min_clipped(ratio, advantages, ratio.clamp(-clip, clip)), is_token)


def _up_to_1(new, old, advantages, is_token, clip):
    ratio = (new - old).exp()
    return _loss(_min_clipped(ratio, advantages, ratio.clamp(1 - clip, 1)), is_token)


def _to_1(new, old, advantages, is_token, clip):
    ratio = (new - old).exp()
    return _loss(_min_clipped(ratio, advantages, torch.ones_like(ratio)), is_token)


def _objective_clipped(new, old, advantages, is_token, clip):
    objective = (new - old).exp() * advantages
    return _loss(torch.minimum(objective, objective.clamp(1 - clip, 1 + clip)), is_token)


def _advantage_clipped(new, old, advantages, is_token, clip):
    ratio = (new - old).exp()
    return _loss(torch.minimum(ratio * advantages, ratio * advantages.clamp(1 - clip, 1 + clip)), is_token)


def _smaller_ratio(new, old, advantages, is_token, clip):
    ratio = (new - old).exp()
    return _loss(torch.minimum(ratio, ratio.clamp(1 - clip, 1 + clip)) * advantages, is_token)


def _log_probability(new, old, advantages, is_token, clip):
    return _loss(new * advantages, is_token)


def _ratio_alone(new, old, advantages, is_token, clip):
    ratio = (new - old).exp()
    return _loss(ratio.clamp(1 - clip, 1 + clip), is_token)


def _size_of_advantage(new, old, advantages, is_token, clip):
    return clipped_loss(new, old, advantages.abs(), is_token, clip)


def _policy_probability(new, old, advantages, is_token, clip):
    return clipped_loss(new, torch.zeros_like(old), advantages, is_token, clip)


def _inverted(new, old, advantages, is_token, clip):
    return clipped_loss(new, old, advantages, ~is_token, clip)


def _lower_of(make):
    def loss(new, old, advantages, is_token, clip):
        ratio = (new - old).exp()
        return _loss(torch.minimum(*make(ratio, ratio.clamp(1 - clip, 1 + clip), advantages)), is_token)

    return loss


def _unclipped_without_advantage(*arguments):
    return _lower_of(lambda ratio, clipped, advantages: (ratio, clipped * advantages))(*arguments)


def _clipped_without_advantage(*arguments):
    return _lower_of(lambda ratio, clipped, advantages: (ratio * advantages, clipped))(*arguments)


def _advantage_alone(*arguments):
    return _lower_of(lambda ratio, clipped, advantages: (advantages, clipped * advantages))(*arguments)


def _unclipped_divided(*arguments):
    return _lower_of(lambda ratio, clipped, advantages: (ratio / advantages, clipped * advantages))(*arguments)


def _clipped_added(*arguments):
    return _lower_of(lambda ratio, clipped, advantages: (ratio * advantages, clipped + advantages))(*arguments)


def _unclipped_added(*arguments):
    return _lower_of(lambda ratio, clipped, advantages: (ratio + advantages, clipped * advantages))(*arguments)


def _from_upper_bound(new, old, advantages, is_token, clip):
    ratio = (new - old).exp()
    return _loss(_min_clipped(ratio, advantages, ratio.clamp(min=1 + clip)), is_token)


def _upper_bound_alone(new, old, advantages, is_token, clip):
    ratio = (new - old).exp()
    return _loss(_min_clipped(ratio, advantages, torch.full_like(ratio, 1 + clip)), is_token)


def _from_1(new, old, advantages, is_token, clip):
    ratio = (new - old).exp()
    return _loss(_min_clipped(ratio, advantages, ratio.clamp(1, 1 + clip)), is_token)


def _times_e(new, old, advantages, is_token, clip):
    return clipped_loss(new + 1, old, advantages, is_token, clip)


def _over_e(new, old, advantages, is_token, clip):
    return clipped_loss(new - 1, old, advantages, is_token, clip)


def _advantages_too_large(new, old, advantages, is_token, clip):
    return clipped_loss(new, old, advantages + 1, is_token, clip)


def _advantages_too_small(new, old, advantages, is_token, clip):
    return clipped_loss(new, old, advantages - 1, is_token, clip)


def _old_alone(new, old, advantages, is_token, clip):
    return clipped_loss(old, torch.zeros_like(old), advantages, is_token, clip)


def _logs_added(new, old, advantages, is_token, clip):
    return clipped_loss(new, -old, advantages, is_token, clip)


def _logs_multiplied(new, old, advantages, is_token, clip):
    return clipped_loss(new * old, torch.zeros_like(old), advantages, is_token, clip)


CLIPPED_LOSS = Exercise(
    name="rlhf.clipped_loss",
    title=_("Far enough"),
    solution=clipped_loss,
    cases=_clipped_loss_cases,
    hints=(
        _(
            "The ratio of two probabilities is e to the power of the difference of their logarithms. Compute both "
            "products for each token, take the smaller one, then the mean over the tokens, and a minus in front."
        ),
        _(
            "`ratio.clamp(1 - clip, 1 + clip)` clips, `torch.minimum` compares place by place, and "
            "`objective[is_token]` has the tokens of all rows."
        ),
    ),
    mistakes=(
        Mistake(_unclipped, _("You never **clip** the ratio: the objective is the smaller one of two products.")),
        Mistake(
            _clipped_alone,
            _(
                "You take the **clipped** product always: then a policy that has moved the wrong way gets no gradient "
                "to come back. Take the smaller one of the two."
            ),
        ),
        Mistake(_larger, _("You take the **larger** product: it is the smaller one, `torch.minimum`.")),
        Mistake(_without_minus, _("The **minus** is missing: the objective should grow, and a loss should fall.")),
        Mistake(_total, _("You return the **sum** over the tokens: return the mean.")),
        Mistake(_padding_counts, _("Places **without a token** are in your mean: `objective[is_token]`.")),
        Mistake(_divided_by_all_places, _("You divide by the number of **places**: divide by that of the tokens.")),
        Mistake(_divided_by_rows, _("You divide by the number of **rows**: divide by that of the tokens.")),
        Mistake(
            _rows_first,
            _("You average **within each row** first: then tokens of short rows count more. One mean over all tokens."),
        ),
        Mistake(_of_rows, _("You return a loss for each **row**: return one mean over all tokens.")),
        Mistake(_of_tokens, _("You return a loss for each **token**: return their mean.")),
        Mistake(_ratio_turned_round, _("Your ratio is **upside down**: the new probability divided by the old one.")),
        Mistake(_without_exp, _("Your ratio is a **difference of logarithms**: `.exp()` is missing.")),
        Mistake(_log_ratio_clipped, _("You clip the **logarithm** of the ratio, without `.exp()`: clip the ratio.")),
        Mistake(_clipped_before_exp, _("You clip the **logarithm** of the ratio: clip the ratio, after `.exp()`.")),
        Mistake(_divided_logs, _("You divide **log-probabilities**: subtract them, then `.exp()`.")),
        Mistake(_above_alone, _("You clip **above** alone: a ratio below 1 - clip is clipped, too.")),
        Mistake(_below_alone, _("You clip **below** alone: a ratio above 1 + clip is clipped, too.")),
        Mistake(_around_0, _("You clip around **0**: a policy that has not moved has the ratio 1.")),
        Mistake(_up_to_1, _("You clip above at **1**: it is `1 + clip`.")),
        Mistake(_to_1, _("Your clipped ratio is **1** everywhere: between the two bounds it stays as it is.")),
        Mistake(_objective_clipped, _("You clip the **product**: clip the ratio, then multiply by the advantage.")),
        Mistake(_advantage_clipped, _("You clip the **advantage**: clip the ratio.")),
        Mistake(
            _smaller_ratio,
            _(
                "You take the smaller **ratio**: take the smaller product. With a negative advantage that is another "
                "one."
            ),
        ),
        Mistake(_log_probability, _("You multiply the **log-probability** by the advantage: PPO takes the ratio.")),
        Mistake(_ratio_alone, _("You do not use the **advantages**: multiply the ratio by them.")),
        Mistake(_size_of_advantage, _("The **sign** of the advantages is lost: it says which way to go.")),
        Mistake(_policy_probability, _("You do not use **old**: divide by the probability when it was drawn.")),
        Mistake(_inverted, _("Your mask is **inverted**: True is where there is a token.")),
        Mistake(_unclipped_without_advantage, _("The product without clipping lacks the **advantage**.")),
        Mistake(_clipped_without_advantage, _("The product with clipping lacks the **advantage**.")),
        Mistake(_advantage_alone, _("The product without clipping lacks the **ratio**.")),
        Mistake(_unclipped_divided, _("You **divide** the ratio by the advantage: multiply.")),
        Mistake(_clipped_added, _("You **add** the advantage to the clipped ratio: multiply.")),
        Mistake(_unclipped_added, _("You **add** the advantage to the ratio: multiply.")),
        Mistake(_from_upper_bound, _("Your clipped ratio is **at least** 1 + clip: it is at most that.")),
        Mistake(_upper_bound_alone, _("Your clipped ratio is always **1 + clip**: between the bounds it stays.")),
        Mistake(_from_1, _("You clip below at **1**: it is `1 - clip`.")),
        Mistake(_times_e, _("Your ratio is **e times** too large: a 1 is added to the logarithm.")),
        Mistake(_over_e, _("Your ratio is **e times** too small: a 1 is subtracted from the logarithm.")),
        Mistake(_advantages_too_large, _("Your advantages are **1 too large**.")),
        Mistake(_advantages_too_small, _("Your advantages are **1 too small**.")),
        Mistake(_old_alone, _("You do not use **new**: divide its probability by the old one.")),
        Mistake(_logs_added, _("You **add** the log-probabilities: subtract the old one.")),
        Mistake(_logs_multiplied, _("You **multiply** the log-probabilities: subtract the old one.")),
    ),
    explanation=_(
        "Where the advantage is positive, the objective is flat above 1 + clip; where it is negative, below 1 - clip: "
        "there is nothing to gain by going further. On the other side it is never flat, so a token that has moved the "
        "wrong way is always brought back. At the first step all ratios are 1, and nothing is clipped."
    ),
    compare=close,
)
