"""Exercise on SimPO: mean log-probabilities, and no reference."""

import torch
from torch import Tensor

from course.exercises.compare import close
from course.exercises.exercise import Exercise, Mistake
from course.exercises.peft.drawing import drawn
from course.messages import _


def simpo_loss(
    chosen: "Tensor",
    rejected: "Tensor",
    n_chosen: "Tensor",
    n_rejected: "Tensor",
    beta: float,
    margin: float,
) -> "Tensor":
    """The loss of SimPO, which needs no reference.

    All tensors: (pairs,). chosen, rejected: the log-probabilities of the answers under the policy,
    summed over their tokens. n_chosen, n_rejected: how many tokens they have. The reward of an
    answer is beta times the mean log-probability of its tokens. The chosen answer should be ahead
    by `margin`: a pair costs -log sigmoid(reward of the chosen - reward of the rejected - margin).
    The loss is the mean over the pairs.

    >>> import torch
    >>> chosen, rejected, n = torch.tensor([-4.0]), torch.tensor([-9.0]), torch.tensor([2])
    >>> round(float(simpo_loss(chosen, rejected, n, n + 1, beta=2.0, margin=2.0)), 4)
    0.6931
    """
    import torch.nn.functional as F

    difference = chosen / n_chosen - rejected / n_rejected
    return -F.logsigmoid(beta * difference - margin).mean()


def _simpo_loss_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(1505)
    cases: list[tuple] = []
    for n, beta, margin in [
        (1, 2.0, 0.5),
        (2, 2.5, 1.0),
        (2, 0.5, 0.25),
        (3, 1.5, 0.75),
        (3, 2.0, 0.0),
        (4, 3.0, 1.5),
        (5, 0.75, 0.3),
        (6, 2.0, 1.2),
        (4, 1.25, 0.6),
        (3, 4.0, 2.0),
        (2, 0.8, 0.4),
    ]:
        lengths = torch.randint(2, 12, (2, n), generator=generator)
        log_p = -(2 + drawn(generator, 2, n)).abs() * lengths
        cases.append((*log_p, *lengths, beta, margin))
    return cases


def _of_logits(logits):
    return -torch.nn.functional.logsigmoid(logits).mean()


def _difference(chosen, rejected, n_chosen, n_rejected):
    return chosen / n_chosen - rejected / n_rejected


def _of_difference(change):
    def loss(*arguments):
        *pair, beta, margin = arguments
        return change(_difference(*pair), beta, margin)

    return loss


def _sums(*arguments):
    chosen, rejected, _n_chosen, _n_rejected, beta, margin = arguments
    return _of_logits(beta * (chosen - rejected) - margin)


def _lengths_exchanged(*arguments):
    chosen, rejected, n_chosen, n_rejected, beta, margin = arguments
    return simpo_loss(chosen, rejected, n_rejected, n_chosen, beta, margin)


def _length_of_chosen(*arguments):
    chosen, rejected, n_chosen, _n_rejected, beta, margin = arguments
    return simpo_loss(chosen, rejected, n_chosen, n_chosen, beta, margin)


def _length_of_rejected(*arguments):
    chosen, rejected, _n_chosen, n_rejected, beta, margin = arguments
    return simpo_loss(chosen, rejected, n_rejected, n_rejected, beta, margin)


def _both_lengths(*arguments):
    chosen, rejected, n_chosen, n_rejected, beta, margin = arguments
    return _of_logits(beta * (chosen - rejected) / (n_chosen + n_rejected) - margin)


def _times_lengths(*arguments):
    chosen, rejected, n_chosen, n_rejected, beta, margin = arguments
    return _of_logits(beta * (chosen * n_chosen - rejected * n_rejected) - margin)


def _margin_added(*arguments):
    return _of_difference(lambda difference, beta, margin: _of_logits(beta * difference + margin))(*arguments)


def _margin_times_beta(*arguments):
    return _of_difference(lambda difference, beta, margin: _of_logits(beta * (difference - margin)))(*arguments)


def _without_margin(*arguments):
    return _of_difference(lambda difference, beta, margin: _of_logits(beta * difference))(*arguments)


def _without_beta(*arguments):
    return _of_difference(lambda difference, beta, margin: _of_logits(difference - margin))(*arguments)


def _divided_by_beta(*arguments):
    return _of_difference(lambda difference, beta, margin: _of_logits(difference / beta - margin))(*arguments)


def _without_both(*arguments):
    return _of_difference(lambda difference, beta, margin: _of_logits(difference))(*arguments)


def _exchanged(chosen, rejected, n_chosen, n_rejected, beta, margin):
    return simpo_loss(chosen, rejected, n_chosen, n_rejected, margin, beta)


def _turned_round(*arguments):
    return _of_difference(lambda difference, beta, margin: _of_logits(-beta * difference - margin))(*arguments)


def _all_turned_round(*arguments):
    return _of_difference(lambda difference, beta, margin: _of_logits(margin - beta * difference))(*arguments)


def _margin_outside(*arguments):
    return _of_difference(lambda difference, beta, margin: _of_logits(beta * difference) - margin)(*arguments)


def _hinge(*arguments):
    def loss(difference, beta, margin):
        return (margin - beta * difference).relu().mean()

    return _of_difference(loss)(*arguments)


def _squared(*arguments):
    return _of_difference(lambda difference, beta, margin: ((beta * difference - margin) ** 2).mean())(*arguments)


def _without_logarithm(*arguments):
    return _of_difference(lambda difference, beta, margin: -(beta * difference - margin).sigmoid().mean())(*arguments)


def _probability(*arguments):
    return _of_difference(lambda difference, beta, margin: (beta * difference - margin).sigmoid().mean())(*arguments)


def _logit(*arguments):
    return _of_difference(lambda difference, beta, margin: -(beta * difference - margin).mean())(*arguments)


def _without_minus(*arguments):
    return -simpo_loss(*arguments)


def _summed(*arguments):
    return simpo_loss(*arguments) * len(arguments[0])


def _of_pairs(*arguments):
    *pair, beta, margin = arguments
    return -torch.nn.functional.logsigmoid(beta * _difference(*pair) - margin)


def _mean_first(*arguments):
    return _of_difference(lambda difference, beta, margin: _of_logits(beta * difference.mean() - margin))(*arguments)


def _chosen_alone(*arguments):
    chosen, _rejected, n_chosen, _n_rejected, beta, margin = arguments
    return _of_logits(beta * chosen / n_chosen - margin)


def _product(*arguments):
    chosen, rejected, n_chosen, n_rejected, beta, margin = arguments
    return _of_logits(beta * (chosen / n_chosen) * (rejected / n_rejected) - margin)


def _rejected_alone(*arguments):
    _chosen, rejected, _n_chosen, n_rejected, beta, margin = arguments
    return _of_logits(beta * rejected / n_rejected - margin)


def _beta_added(*arguments):
    return _of_difference(lambda difference, beta, margin: _of_logits(beta + difference - margin))(*arguments)


def _margin_multiplied(*arguments):
    return _of_difference(lambda difference, beta, margin: _of_logits(beta * difference * margin))(*arguments)


def _rejected_is_its_length(*arguments):
    chosen, _rejected, n_chosen, n_rejected, beta, margin = arguments
    return _of_logits(beta * (chosen / n_chosen - n_rejected) - margin)


def _chosen_minus_length(*arguments):
    chosen, rejected, n_chosen, n_rejected, beta, margin = arguments
    return _of_logits(beta * (chosen - n_chosen - rejected / n_rejected) - margin)


def _chosen_times_length(*arguments):
    chosen, rejected, n_chosen, n_rejected, beta, margin = arguments
    return _of_logits(beta * (chosen * n_chosen - rejected / n_rejected) - margin)


def _changed(**changes):
    names = ("chosen", "rejected", "n_chosen", "n_rejected", "beta", "margin")

    def wrong(*arguments):
        return simpo_loss(*(value + changes.get(name, 0) for name, value in zip(names, arguments, strict=True)))

    return wrong


def _more_in_chosen(*arguments):
    return _changed(n_chosen=1)(*arguments)


def _less_in_chosen(*arguments):
    return _changed(n_chosen=-1)(*arguments)


def _more_in_rejected(*arguments):
    return _changed(n_rejected=1)(*arguments)


def _less_in_rejected(*arguments):
    return _changed(n_rejected=-1)(*arguments)


def _beta_too_large(*arguments):
    return _changed(beta=1)(*arguments)


def _beta_too_small(*arguments):
    return _changed(beta=-1)(*arguments)


def _margin_too_large(*arguments):
    return _changed(margin=1)(*arguments)


def _margin_too_small(*arguments):
    return _changed(margin=-1)(*arguments)


def _chosen_too_large(*arguments):
    return _changed(chosen=1)(*arguments)


def _chosen_too_small(*arguments):
    return _changed(chosen=-1)(*arguments)


def _rejected_too_large(*arguments):
    return _changed(rejected=1)(*arguments)


def _rejected_too_small(*arguments):
    return _changed(rejected=-1)(*arguments)


SIMPO_LOSS = Exercise(
    name="dpo.simpo_loss",
    title=_("Without a reference"),
    solution=simpo_loss,
    cases=_simpo_loss_cases,
    hints=(
        _(
            "Divide each answer's log-probability by its own number of tokens. Subtract, multiply by beta, subtract "
            "the margin: that is the logit. The rest is as in DPO."
        ),
        _(
            "`difference = chosen / n_chosen - rejected / n_rejected`, then "
            "`-torch.nn.functional.logsigmoid(beta * difference - margin).mean()`."
        ),
    ),
    mistakes=(
        Mistake(_sums, _("You do not divide by the **lengths**: the reward is of the mean log-probability.")),
        Mistake(_lengths_exchanged, _("The two **lengths** are exchanged: each answer is divided by its own.")),
        Mistake(_length_of_chosen, _("You divide **both** by the length of the chosen answer: each has its own.")),
        Mistake(_length_of_rejected, _("You divide **both** by the length of the rejected answer: each has its own.")),
        Mistake(_both_lengths, _("You divide by **both** lengths together: each answer is divided by its own.")),
        Mistake(_times_lengths, _("You **multiply** by the lengths: divide.")),
        Mistake(
            _margin_added, _("You **add** the margin: subtract it, since the chosen answer should be ahead by it.")
        ),
        Mistake(_margin_times_beta, _("Beta multiplies the **margin**, too, in yours: subtract the margin last.")),
        Mistake(_without_margin, _("You do not use the **margin**: subtract it inside the sigmoid.")),
        Mistake(_without_beta, _("You do not use **beta**: the difference is multiplied by it.")),
        Mistake(_divided_by_beta, _("You **divide** by beta: multiply the difference by it.")),
        Mistake(_without_both, _("You use neither **beta** nor the **margin**.")),
        Mistake(_exchanged, _("**Beta** and `margin` are exchanged.")),
        Mistake(_turned_round, _("Your policy learns the **rejected** answer: chosen minus rejected.")),
        Mistake(_all_turned_round, _("Your logit has the wrong **sign**: beta * difference - margin.")),
        Mistake(_margin_outside, _("Your margin is **outside** the logarithm: it belongs inside the sigmoid.")),
        Mistake(_hinge, _("That is a **hinge** loss: wanted is -log sigmoid.")),
        Mistake(_squared, _("That is a **squared** distance, as in IPO: wanted is -log sigmoid.")),
        Mistake(_without_logarithm, _("The **logarithm** is missing: a pair costs -log of the sigmoid.")),
        Mistake(_probability, _("You return the mean **probability**: a pair costs minus its logarithm.")),
        Mistake(_logit, _("You return the **logit**: the sigmoid and its logarithm are missing.")),
        Mistake(_without_minus, _("The **minus** is missing: a logarithm of a probability is below 0, a loss above.")),
        Mistake(_summed, _("You **add up** the pairs: the loss is their mean.")),
        Mistake(_of_pairs, _("You return the loss of **each pair**: return the mean.")),
        Mistake(_mean_first, _("You average the **differences** first: each pair has its own logarithm.")),
        Mistake(_chosen_alone, _("You do not use the **rejected** answer: subtract its reward.")),
        Mistake(_product, _("You **multiply** the two means: subtract that of the rejected answer.")),
        Mistake(_rejected_alone, _("You use the **rejected** answer alone: chosen minus rejected.")),
        Mistake(_beta_added, _("You **add** beta: the difference is multiplied by it.")),
        Mistake(_margin_multiplied, _("You **multiply** by the margin: subtract it.")),
        Mistake(_rejected_is_its_length, _("You subtract the **length** of the rejected answer, not its mean.")),
        Mistake(_chosen_minus_length, _("You **subtract** the length of the chosen answer: divide by it.")),
        Mistake(_chosen_times_length, _("You **multiply** by the length of the chosen answer: divide by it.")),
        Mistake(_more_in_chosen, _("Your **n_chosen** is 1 too large: the end token is counted in it already.")),
        Mistake(_less_in_chosen, _("Your **n_chosen** is 1 too small: the end token counts, too.")),
        Mistake(_more_in_rejected, _("Your **n_rejected** is 1 too large: the end token is counted in it already.")),
        Mistake(_less_in_rejected, _("Your **n_rejected** is 1 too small: the end token counts, too.")),
        Mistake(_beta_too_large, _("Your beta is **1 too large**.")),
        Mistake(_beta_too_small, _("Your beta is **1 too small**.")),
        Mistake(_margin_too_large, _("Your margin is **1 too large**.")),
        Mistake(_margin_too_small, _("Your margin is **1 too small**.")),
        Mistake(_chosen_too_large, _("Your `chosen` is **1 too large**.")),
        Mistake(_chosen_too_small, _("Your `chosen` is **1 too small**.")),
        Mistake(_rejected_too_large, _("Your `rejected` is **1 too large**.")),
        Mistake(_rejected_too_small, _("Your `rejected` is **1 too small**.")),
    ),
    explanation=_(
        "Summed over its tokens, the log-probability of a long answer is low whatever it says; a mean has no such "
        "handicap. Without a reference its forward passes are saved, and nothing in the loss says where the policy "
        "began: a small learning rate and few steps have to hold it."
    ),
    compare=close,
)
