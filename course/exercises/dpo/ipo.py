"""Exercise on IPO: a margin with a goal."""

import torch
from torch import Tensor

from course.exercises.compare import close
from course.exercises.dpo.drawing import drawn_pairs
from course.exercises.dpo.margins import margin_mistakes
from course.exercises.exercise import Exercise, Mistake
from course.messages import _


def ipo_loss(
    chosen: "Tensor",
    rejected: "Tensor",
    chosen_reference: "Tensor",
    rejected_reference: "Tensor",
    beta: float,
) -> "Tensor":
    """The loss of IPO, which wants a margin of 1 / (2 * beta), and not more.

    All tensors: (pairs,), log-probabilities of whole answers, as in DPO. The margin is the
    log-ratio of the chosen answer minus that of the rejected one, where a log-ratio is the
    log-probability under the policy minus that under the reference. The loss is the mean over the
    pairs of the squared difference between the margin and 1 / (2 * beta).

    >>> import torch
    >>> policy, reference = torch.tensor([-9.0, -9.0]), torch.tensor([-10.0, -11.0])
    >>> float(ipo_loss(policy, policy, reference, policy, beta=0.25))
    0.5
    """
    margin = (chosen - chosen_reference) - (rejected - rejected_reference)
    return ((margin - 1 / (2 * beta)) ** 2).mean()


def _ipo_loss_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(1504)
    settings = [(1, 0.5), (2, 0.1), (2, 2.0), (3, 0.25), (3, 0.4), (4, 0.1), (5, 0.75), (6, 0.3), (4, 1.0), (3, 0.05)]
    cases: list[tuple] = [(*drawn_pairs(generator, n), beta) for n, beta in settings]
    return [*cases, (*drawn_pairs(generator, 2, moved=0.0), 0.2)]


def _of_margin(change):
    def loss(*arguments):
        chosen, rejected, chosen_reference, rejected_reference, beta = arguments
        return change((chosen - chosen_reference) - (rejected - rejected_reference), beta)

    return loss


def _goal_of(goal):
    return _of_margin(lambda margin, beta: ((margin - goal(beta)) ** 2).mean())


def _goal_without_half(*arguments):
    return _goal_of(lambda beta: 1 / beta)(*arguments)


def _half_beta(*arguments):
    return _goal_of(lambda beta: beta / 2)(*arguments)


def _beta_as_goal(*arguments):
    return _goal_of(lambda beta: beta)(*arguments)


def _twice_beta(*arguments):
    return _goal_of(lambda beta: 2 * beta)(*arguments)


def _goal_one_half(*arguments):
    return _goal_of(lambda beta: 0.5)(*arguments)


def _goal_0(*arguments):
    return _goal_of(lambda beta: 0.0)(*arguments)


def _goal_negative(*arguments):
    return _goal_of(lambda beta: -1 / (2 * beta))(*arguments)


def _beta_times_margin(*arguments):
    return _of_margin(lambda margin, beta: ((beta * margin - 1 / (2 * beta)) ** 2).mean())(*arguments)


def _scaled_by_beta(*arguments):
    return _of_margin(lambda margin, beta: ((beta * margin - 0.5) ** 2).mean())(*arguments)


def _one_side(*arguments):
    return _of_margin(lambda margin, beta: ((1 / (2 * beta) - margin).relu() ** 2).mean())(*arguments)


def _hinge(*arguments):
    return _of_margin(lambda margin, beta: (1 / (2 * beta) - margin).relu().mean())(*arguments)


def _absolute(*arguments):
    return _of_margin(lambda margin, beta: (margin - 1 / (2 * beta)).abs().mean())(*arguments)


def _not_squared(*arguments):
    return _of_margin(lambda margin, beta: (margin - 1 / (2 * beta)).mean())(*arguments)


def _mean_first(*arguments):
    return _of_margin(lambda margin, beta: (margin.mean() - 1 / (2 * beta)) ** 2)(*arguments)


def _squares_subtracted(*arguments):
    return _of_margin(lambda margin, beta: (margin**2 - 1 / (2 * beta)).mean())(*arguments)


def _summed(*arguments):
    return ipo_loss(*arguments) * len(arguments[0])


def _of_pairs(*arguments):
    return _of_margin(lambda margin, beta: (margin - 1 / (2 * beta)) ** 2)(*arguments)


def _halved(*arguments):
    return ipo_loss(*arguments) / 2


def _root(*arguments):
    return ipo_loss(*arguments) ** 0.5


def _dpo(*arguments):
    return _of_margin(lambda margin, beta: -torch.nn.functional.logsigmoid(beta * margin).mean())(*arguments)


def _without_reference(*arguments):
    chosen, rejected, _chosen, _rejected, beta = arguments
    return ((chosen - rejected - 1 / (2 * beta)) ** 2).mean()


def _chosen_alone(*arguments):
    chosen, _rejected, chosen_reference, _reference, beta = arguments
    return ((chosen - chosen_reference - 1 / (2 * beta)) ** 2).mean()


def _reference_added(*arguments):
    chosen, rejected, chosen_reference, rejected_reference, beta = arguments
    return ipo_loss(chosen, rejected, -chosen_reference, -rejected_reference, beta)


def _log_ratios_added(*arguments):
    chosen, rejected, chosen_reference, rejected_reference, beta = arguments
    return ipo_loss(chosen, -rejected, chosen_reference, -rejected_reference, beta)


def _goal_1(*arguments):
    return _goal_of(lambda beta: 1.0)(*arguments)


def _beta_added(*arguments):
    return _goal_of(lambda beta: 1 / (2 + beta))(*arguments)


def _goal_rounded_down(*arguments):
    return _goal_of(lambda beta: 1 // (2 * beta))(*arguments)


def _third_of_goal(*arguments):
    return _goal_of(lambda beta: 1 / (3 * beta))(*arguments)


def _times_goal(*arguments):
    return _of_margin(lambda margin, beta: ((margin / (2 * beta)) ** 2).mean())(*arguments)


def _cubed(*arguments):
    return _of_margin(lambda margin, beta: ((margin - 1 / (2 * beta)) ** 3).mean())(*arguments)


def _doubled_not_squared(*arguments):
    return _of_margin(lambda margin, beta: ((margin - 1 / (2 * beta)) * 2).mean())(*arguments)


def _beta_too_large(chosen, rejected, chosen_reference, rejected_reference, beta):
    return ipo_loss(chosen, rejected, chosen_reference, rejected_reference, beta + 1)


IPO_LOSS = Exercise(
    name="dpo.ipo_loss",
    title=_("A margin with a goal"),
    solution=ipo_loss,
    cases=_ipo_loss_cases,
    hints=(
        _("The margin is that of DPO. Subtract the goal, 1 / (2 * beta), square, and take the mean, in this order."),
        _(
            "`margin = (chosen - chosen_reference) - (rejected - rejected_reference)`, then "
            "`((margin - 1 / (2 * beta)) ** 2).mean()`."
        ),
    ),
    mistakes=(
        Mistake(_goal_without_half, _("Your goal is **1 / beta**: it is 1 / (2 * beta).")),
        Mistake(
            _half_beta,
            _("Your goal is **beta / 2**: in Python `1 / 2 * beta` divides first. Write `1 / (2 * beta)`."),
        ),
        Mistake(_beta_as_goal, _("Your goal is **beta**: it is 1 / (2 * beta), so a small beta wants a wide margin.")),
        Mistake(_twice_beta, _("Your goal is **2 * beta**: it is 1 divided by that.")),
        Mistake(_goal_one_half, _("Your goal is **one half** for every beta: it is 1 / (2 * beta).")),
        Mistake(_goal_0, _("Your goal is **0**: the policy would learn to stay as it is. It is 1 / (2 * beta).")),
        Mistake(
            _goal_negative,
            _("You **add** the goal, or your margin is rejected minus chosen: chosen minus rejected, minus the goal."),
        ),
        Mistake(
            _beta_times_margin, _("You multiply the margin by **beta**, as in DPO: here beta is in the goal alone.")
        ),
        Mistake(
            _scaled_by_beta,
            _("You multiply **all** by beta before you square: the minimum is the same, the loss is not."),
        ),
        Mistake(
            _one_side,
            _("A margin **beyond** the goal costs nothing in yours: it does cost, on either side."),
        ),
        Mistake(_hinge, _("That is a **hinge** loss: wanted is the squared distance from the goal.")),
        Mistake(_absolute, _("You take the **absolute** distance from the goal: square it.")),
        Mistake(_not_squared, _("The **square** is missing: too little and too much would cancel.")),
        Mistake(_mean_first, _("You average the **margins** first: square the distance of each pair, then average.")),
        Mistake(_squares_subtracted, _("You square the **margin**: subtract the goal first, then square.")),
        Mistake(_summed, _("You **add up** the pairs: the loss is their mean.")),
        Mistake(_of_pairs, _("You return the loss of **each pair**: return the mean.")),
        Mistake(_halved, _("There is a **half** too much: the mean of the squares, as they are.")),
        Mistake(_root, _("There is a **root** too much: the mean of the squares, as they are.")),
        Mistake(_dpo, _("That is the loss of **DPO**: IPO has the squared distance from a goal.")),
        Mistake(_without_reference, _("You do not use the **reference**: the margin is of log-ratios.")),
        Mistake(_chosen_alone, _("You do not use the **rejected** answer: subtract its log-ratio.")),
        Mistake(_reference_added, _("You **add** the reference's log-probabilities: subtract them.")),
        Mistake(_log_ratios_added, _("You **add** the two log-ratios: subtract that of the rejected answer.")),
        *margin_mistakes(lambda margin, beta: ((margin - 1 / (2 * beta)) ** 2).mean()),
        Mistake(_goal_1, _("Your goal is **1** for every beta: it is 1 / (2 * beta).")),
        Mistake(_beta_added, _("Your goal is **1 / (2 + beta)**: it is 1 / (2 * beta).")),
        Mistake(_goal_rounded_down, _("Your goal is **rounded down**: divide with `/`, not with `//`.")),
        Mistake(_third_of_goal, _("Your goal is **1 / (3 * beta)**: it is 1 / (2 * beta).")),
        Mistake(_times_goal, _("You **multiply** the margin by the goal: subtract it.")),
        Mistake(_cubed, _("You took the **third** power: square the distance.")),
        Mistake(_doubled_not_squared, _("You **double** the distance, `* 2`: square it, `** 2`.")),
        Mistake(_beta_too_large, _("Your beta is **1 too large**.")),
    ),
    explanation=_(
        "Where the same answer always wins, DPO's loss falls with every further nat of margin, whatever beta is: "
        "nothing holds the policy near the reference any more. Here a margin beyond the goal costs as much as one "
        "below it, so the policy stops. The smaller beta, the farther away the goal."
    ),
    compare=close,
)
