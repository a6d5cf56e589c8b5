"""Exercise on DPO: the loss itself."""

import torch
from torch import Tensor

from course.exercises.compare import close
from course.exercises.dpo.drawing import drawn_pairs, pairs_of_margin
from course.exercises.dpo.margins import margin_mistakes
from course.exercises.exercise import Exercise, Mistake
from course.messages import _


def dpo_loss(
    chosen: "Tensor",
    rejected: "Tensor",
    chosen_reference: "Tensor",
    rejected_reference: "Tensor",
    beta: float,
) -> "Tensor":
    """The loss of direct preference optimization.

    All tensors: (pairs,), log-probabilities of whole answers: of the chosen and the rejected one
    under the policy, and of the same two under the reference. The policy's reward for an answer
    is beta times (log-probability - log-probability under the reference). The loss is that of a
    reward model: minus the logarithm of sigmoid(reward of the chosen - reward of the rejected),
    as a mean over the pairs. It must be finite for a difference of 500, too.

    >>> import torch
    >>> one, other = torch.tensor([-9.0]), torch.tensor([-8.0])
    >>> [round(float(dpo_loss(one, one, x, one, beta=1.0)), 4) for x in (one, other)]
    [0.6931, 1.3133]
    """
    import torch.nn.functional as F

    margin = (chosen - chosen_reference) - (rejected - rejected_reference)
    return -F.logsigmoid(beta * margin).mean()


def _dpo_loss_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(1502)
    settings = [(1, 0.5), (2, 0.1), (2, 1.5), (3, 0.25), (3, 0.5), (4, 0.1), (5, 0.75), (6, 0.3), (4, 2.0)]
    cases: list[tuple] = [(*drawn_pairs(generator, n), beta) for n, beta in settings]
    cases += [(*drawn_pairs(generator, n, moved=0.0), beta) for n, beta in ((1, 0.1), (3, 0.5))]
    for n, margin, beta in ((1, -400.0, 0.5), (2, -500.0, 0.5), (3, -300.0, 2.0), (4, -2000.0, 0.1)):
        cases.append((*pairs_of_margin(generator, n, margin), beta))
    return cases


def _of_logits(logits):
    return -torch.nn.functional.logsigmoid(logits).mean()


def _margin(chosen, rejected, chosen_reference, rejected_reference):
    return (chosen - chosen_reference) - (rejected - rejected_reference)


def _infinite(*arguments):
    *log_p, beta = arguments
    return -(beta * _margin(*log_p)).sigmoid().log().mean()


def _without_beta(*arguments):
    *log_p, _beta = arguments
    return _of_logits(_margin(*log_p))


def _divided_by_beta(*arguments):
    *log_p, beta = arguments
    return _of_logits(_margin(*log_p) / beta)


def _beta_outside(*arguments):
    *log_p, beta = arguments
    return beta * _of_logits(_margin(*log_p))


def _beta_twice(*arguments):
    *log_p, beta = arguments
    return beta * _of_logits(beta * _margin(*log_p))


def _beta_for_the_policy(*arguments):
    chosen, rejected, chosen_reference, rejected_reference, beta = arguments
    return _of_logits(beta * (chosen - rejected) - (chosen_reference - rejected_reference))


def _without_reference(*arguments):
    chosen, rejected, _chosen, _rejected, beta = arguments
    return _of_logits(beta * (chosen - rejected))


def _reference_added(*arguments):
    chosen, rejected, chosen_reference, rejected_reference, beta = arguments
    return _of_logits(beta * (chosen - rejected + chosen_reference - rejected_reference))


def _rejected_added(*arguments):
    chosen, rejected, chosen_reference, rejected_reference, beta = arguments
    return _of_logits(beta * (chosen - chosen_reference + rejected - rejected_reference))


def _turned_round(*arguments):
    *log_p, beta = arguments
    return _of_logits(-beta * _margin(*log_p))


def _chosen_alone(*arguments):
    chosen, _rejected, chosen_reference, _reference, beta = arguments
    return _of_logits(beta * (chosen - chosen_reference))


def _each_alone(*arguments):
    chosen, rejected, chosen_reference, rejected_reference, beta = arguments
    return _of_logits(beta * (chosen - chosen_reference)) + _of_logits(beta * (rejected_reference - rejected))


def _without_minus(*arguments):
    return -dpo_loss(*arguments)


def _summed(*arguments):
    return dpo_loss(*arguments) * len(arguments[0])


def _of_pairs(*arguments):
    *log_p, beta = arguments
    return -torch.nn.functional.logsigmoid(beta * _margin(*log_p))


def _mean_first(*arguments):
    *log_p, beta = arguments
    return _of_logits(beta * _margin(*log_p).mean())


def _without_logarithm(*arguments):
    *log_p, beta = arguments
    return -(beta * _margin(*log_p)).sigmoid().mean()


def _probability(*arguments):
    *log_p, beta = arguments
    return (beta * _margin(*log_p)).sigmoid().mean()


def _margin_alone(*arguments):
    *log_p, beta = arguments
    return -(beta * _margin(*log_p)).mean()


def _accuracy(*arguments):
    *log_p, _beta = arguments
    return (_margin(*log_p) > 0).float().mean()


def _hinge(*arguments):
    *log_p, beta = arguments
    return (1 - beta * _margin(*log_p)).relu().mean()


def _likelihood(*arguments):
    return -arguments[0].mean()


def _of_probabilities(*arguments):
    chosen, rejected, chosen_reference, rejected_reference, beta = arguments
    return _of_logits(beta * ((chosen - chosen_reference).exp() - (rejected - rejected_reference).exp()))


def _beta_added(*arguments):
    *log_p, beta = arguments
    return _of_logits(beta + _margin(*log_p))


def _beta_too_large(chosen, rejected, chosen_reference, rejected_reference, beta):
    return dpo_loss(chosen, rejected, chosen_reference, rejected_reference, beta + 1)


def _beta_too_small(chosen, rejected, chosen_reference, rejected_reference, beta):
    return dpo_loss(chosen, rejected, chosen_reference, rejected_reference, beta - 1)


DPO_LOSS = Exercise(
    name="dpo.dpo_loss",
    title=_("Preferences without a reward model"),
    solution=dpo_loss,
    cases=_dpo_loss_cases,
    hints=(
        _(
            "Two log-ratios: the policy's log-probability minus the reference's, of the chosen and of the rejected "
            "answer. Their difference is the margin, beta times the margin is the logit, and the rest is the loss "
            "of the reward model."
        ),
        _(
            "`margin = (chosen - chosen_reference) - (rejected - rejected_reference)`, then "
            "`-torch.nn.functional.logsigmoid(beta * margin).mean()`."
        ),
    ),
    mistakes=(
        Mistake(
            _infinite,
            _(
                "Your loss is **infinite** for a large negative difference: the sigmoid is rounded to 0. Use "
                "`logsigmoid`, which computes both at once."
            ),
        ),
        Mistake(_without_beta, _("You do not use **beta**: the margin is multiplied by it.")),
        Mistake(_divided_by_beta, _("You **divide** by beta: multiply the margin by it.")),
        Mistake(_beta_outside, _("Your beta multiplies the **loss**: it multiplies the margin, inside the sigmoid.")),
        Mistake(_beta_twice, _("Your beta is there **twice**: it multiplies the margin alone, not the loss.")),
        Mistake(_beta_for_the_policy, _("Beta multiplies the **policy's** part alone in yours: put it around both.")),
        Mistake(
            _without_reference,
            _("You do not use the **reference**: without it nothing holds the policy where it was."),
        ),
        Mistake(
            _reference_added,
            _("You **add** the reference's log-probabilities, or its two are exchanged: subtract each from its own."),
        ),
        Mistake(_rejected_added, _("You **add** the rejected answer's log-ratio: subtract it from the chosen one's.")),
        Mistake(_turned_round, _("Your policy learns the **rejected** answer: the margin is chosen minus rejected.")),
        Mistake(_chosen_alone, _("You do not use the **rejected** answer: subtract its log-ratio.")),
        Mistake(_each_alone, _("You judge **each answer by itself**: subtract the two log-ratios first.")),
        Mistake(_without_minus, _("The **minus** is missing: a logarithm of a probability is below 0, a loss above.")),
        Mistake(_summed, _("You **add up** the pairs: the loss is their mean.")),
        Mistake(_of_pairs, _("You return the loss of **each pair**: return the mean.")),
        Mistake(_mean_first, _("You average the **margins** first: each pair has its own logarithm.")),
        Mistake(_without_logarithm, _("The **logarithm** is missing: a pair costs -log of the sigmoid.")),
        Mistake(_probability, _("You return the mean **probability**: a pair costs minus its logarithm.")),
        Mistake(_margin_alone, _("You return the **margin**: the sigmoid and its logarithm are missing.")),
        Mistake(_accuracy, _("That is the **share** of pairs in the right order: it has no gradient.")),
        Mistake(_hinge, _("That is a **hinge** loss: wanted is -log sigmoid.")),
        Mistake(
            _likelihood, _("That is fine-tuning on the **chosen** answers: DPO compares them with the rejected ones.")
        ),
        Mistake(_of_probabilities, _("You compare **ratios** of probabilities: compare their logarithms.")),
        *margin_mistakes(lambda margin, beta: _of_logits(beta * margin)),
        Mistake(_beta_added, _("You **add** beta: the margin is multiplied by it.")),
        Mistake(_beta_too_large, _("Your beta is **1 too large**.")),
        Mistake(_beta_too_small, _("Your beta is **1 too small**.")),
    ),
    explanation=_(
        "It is the loss of the reward model, with beta times a log-ratio in place of the reward. That log-ratio is "
        "the reward for which the policy would be the best one, but for a number that is the same for all answers to "
        "a prompt, and the difference of a pair takes it away. Where policy and reference are equal, it is ln 2."
    ),
    compare=close,
)
