"""Exercise on DPO's gradient: which pairs the policy learns from."""

import torch
from torch import Tensor

from course.exercises.compare import close
from course.exercises.dpo.drawing import drawn_pairs
from course.exercises.dpo.margins import margin_mistakes
from course.exercises.exercise import Exercise, Mistake
from course.messages import _


def gradient_weights(
    chosen: "Tensor",
    rejected: "Tensor",
    chosen_reference: "Tensor",
    rejected_reference: "Tensor",
    beta: float,
) -> "Tensor":
    """How much each pair counts in DPO's gradient.

    All tensors: (pairs,), log-probabilities of whole answers, as in the loss. The gradient of a
    pair's loss with respect to `chosen` is -beta * weight, and beta * weight with respect to
    `rejected`. Returns the weights: (pairs,). They are near 1 for a pair in the wrong order, and
    near 0 for one that is clearly in the right order.

    >>> import torch
    >>> log_p = torch.tensor([-5.0, -5.0])
    >>> gradient_weights(log_p + torch.tensor([0.0, 99.0]), log_p, log_p, log_p, beta=1.0).tolist()
    [0.5, 0.0]
    """
    margin = (chosen - chosen_reference) - (rejected - rejected_reference)
    return (-beta * margin).sigmoid()


def _gradient_weights_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(1503)
    settings = [(1, 0.5), (2, 0.1), (2, 1.5), (3, 0.25), (3, 0.5), (4, 0.1), (5, 0.75), (6, 0.3), (4, 2.0), (3, 0.05)]
    cases: list[tuple] = [(*drawn_pairs(generator, n), beta) for n, beta in settings]
    return [*cases, (*drawn_pairs(generator, 2, moved=0.0), 0.5)]


def _margin(chosen, rejected, chosen_reference, rejected_reference):
    return (chosen - chosen_reference) - (rejected - rejected_reference)


def _of_margin(change):
    def weights(*arguments):
        *log_p, beta = arguments
        return change(_margin(*log_p), beta)

    return weights


def _turned_round(*arguments):
    return _of_margin(lambda margin, beta: (beta * margin).sigmoid())(*arguments)


def _without_beta(*arguments):
    return _of_margin(lambda margin, beta: (-margin).sigmoid())(*arguments)


def _divided_by_beta(*arguments):
    return _of_margin(lambda margin, beta: (-margin / beta).sigmoid())(*arguments)


def _beta_in_front(*arguments):
    return _of_margin(lambda margin, beta: beta * (-beta * margin).sigmoid())(*arguments)


def _beta_in_front_alone(*arguments):
    return _of_margin(lambda margin, beta: beta * (-margin).sigmoid())(*arguments)


def _whole_gradient(*arguments):
    return _of_margin(lambda margin, beta: -beta * (-beta * margin).sigmoid())(*arguments)


def _slope_of_sigmoid(*arguments):
    def slope(margin, beta):
        return (beta * margin).sigmoid() * (-beta * margin).sigmoid()

    return _of_margin(slope)(*arguments)


def _losses(*arguments):
    return _of_margin(lambda margin, beta: -torch.nn.functional.logsigmoid(beta * margin))(*arguments)


def _logarithms(*arguments):
    return _of_margin(lambda margin, beta: torch.nn.functional.logsigmoid(-beta * margin))(*arguments)


def _wrongly_ordered(*arguments):
    return _of_margin(lambda margin, beta: (margin < 0).float())(*arguments)


def _exponentials(*arguments):
    return _of_margin(lambda margin, beta: (-beta * margin).exp())(*arguments)


def _sum_to_1(*arguments):
    return _of_margin(lambda margin, beta: (-beta * margin).softmax(dim=0))(*arguments)


def _divided_by_sum(*arguments):
    weights = gradient_weights(*arguments)
    return weights / weights.sum()


def _divided_by_pairs(*arguments):
    return gradient_weights(*arguments) / len(arguments[0])


def _mean(*arguments):
    return gradient_weights(*arguments).mean()


def _negative(*arguments):
    return -gradient_weights(*arguments)


def _margins(*arguments):
    return _of_margin(lambda margin, beta: beta * margin)(*arguments)


def _tanh(*arguments):
    return _of_margin(lambda margin, beta: (-beta * margin).tanh())(*arguments)


def _cut_off(*arguments):
    return _of_margin(lambda margin, beta: (-beta * margin).clamp(0, 1))(*arguments)


def _without_reference(*arguments):
    chosen, rejected, _chosen, _rejected, beta = arguments
    return (beta * (rejected - chosen)).sigmoid()


def _chosen_alone(*arguments):
    chosen, _rejected, chosen_reference, _reference, beta = arguments
    return (beta * (chosen_reference - chosen)).sigmoid()


def _rejected_alone(*arguments):
    _chosen, rejected, _reference, rejected_reference, beta = arguments
    return (beta * (rejected - rejected_reference)).sigmoid()


def _reference_added(*arguments):
    chosen, rejected, chosen_reference, rejected_reference, beta = arguments
    return (-beta * (chosen - rejected + chosen_reference - rejected_reference)).sigmoid()


def _log_ratios_added(*arguments):
    chosen, rejected, chosen_reference, rejected_reference, beta = arguments
    return (-beta * (chosen - chosen_reference + rejected - rejected_reference)).sigmoid()


def _beta_subtracted(*arguments):
    return _of_margin(lambda margin, beta: (margin - beta).sigmoid())(*arguments)


def _sigmoid_of_margin(*arguments):
    return _of_margin(lambda margin, beta: margin.sigmoid())(*arguments)


def _logit(*arguments):
    return _of_margin(lambda margin, beta: -beta * margin)(*arguments)


def _beta_too_large(chosen, rejected, chosen_reference, rejected_reference, beta):
    return gradient_weights(chosen, rejected, chosen_reference, rejected_reference, beta + 1)


def _beta_too_small(chosen, rejected, chosen_reference, rejected_reference, beta):
    return gradient_weights(chosen, rejected, chosen_reference, rejected_reference, beta - 1)


GRADIENT_WEIGHTS = Exercise(
    name="dpo.gradient_weights",
    title=_("Which pairs teach"),
    solution=gradient_weights,
    cases=_gradient_weights_cases,
    hints=(
        _(
            "The loss of a pair is -log sigmoid(z), with z = beta * margin. Its derivative with respect to z is "
            "sigmoid(z) - 1, which is -sigmoid(-z); the chain rule adds the factor beta, which is not part of the "
            "weight."
        ),
        _(
            "`margin = (chosen - chosen_reference) - (rejected - rejected_reference)`, and the weight is "
            "`(-beta * margin).sigmoid()`."
        ),
    ),
    mistakes=(
        Mistake(
            _turned_round,
            _("Your weight is large for pairs in the **right** order: it is the sigmoid of **minus** beta * margin."),
        ),
        Mistake(_without_beta, _("You do not use **beta**: the margin is multiplied by it.")),
        Mistake(_divided_by_beta, _("You **divide** by beta: multiply the margin by it.")),
        Mistake(_beta_in_front, _("The factor **beta** in front is not part of the weight: the gradient adds it.")),
        Mistake(_beta_in_front_alone, _("Your beta is in **front** of the sigmoid: it belongs inside.")),
        Mistake(_whole_gradient, _("You return the **gradient** of the chosen answer: divide it by -beta.")),
        Mistake(
            _slope_of_sigmoid,
            _("That is the slope of the **sigmoid**: wanted is that of its logarithm, which has one factor less."),
        ),
        Mistake(_losses, _("You return the **losses**: wanted is their slope.")),
        Mistake(_logarithms, _("There is a **logarithm** too much: the weight is a sigmoid.")),
        Mistake(
            _wrongly_ordered, _("You mark the pairs in the **wrong order**: the weight falls smoothly, a sigmoid.")
        ),
        Mistake(_exponentials, _("You took **exp**: the weight is a sigmoid, 1 at most.")),
        Mistake(_sum_to_1, _("You took a **softmax** over the pairs: each pair has a sigmoid of its own.")),
        Mistake(_divided_by_sum, _("You divide by the **sum**: each pair's weight is its own.")),
        Mistake(_divided_by_pairs, _("You divide by the **number of pairs**: wanted are the weights as they are.")),
        Mistake(_mean, _("You return the **mean**: return a weight for each pair.")),
        Mistake(_negative, _("Your **sign** is turned round: a weight is above 0.")),
        Mistake(_margins, _("You return **beta * margin**: a sigmoid of its negative is missing.")),
        Mistake(_tanh, _("You took the **tanh**: the weight is a sigmoid.")),
        Mistake(_cut_off, _("You **cut off** at 0 and 1: the weight is a sigmoid.")),
        Mistake(_without_reference, _("You do not use the **reference**: the margin is of log-ratios.")),
        Mistake(_chosen_alone, _("You do not use the **rejected** answer: subtract its log-ratio.")),
        Mistake(_rejected_alone, _("You do not use the **chosen** answer: the margin begins with its log-ratio.")),
        Mistake(_reference_added, _("You **add** the reference's log-probabilities: subtract them.")),
        Mistake(_log_ratios_added, _("You **add** the two log-ratios: subtract that of the rejected answer.")),
        *margin_mistakes(lambda margin, beta: (-beta * margin).sigmoid()),
        Mistake(_beta_subtracted, _("You **subtract** beta: the margin is multiplied by -beta.")),
        Mistake(_sigmoid_of_margin, _("**Beta** and the minus are missing: it is the sigmoid of -beta * margin.")),
        Mistake(_logit, _("The **sigmoid** is missing: you return -beta * margin.")),
        Mistake(_beta_too_large, _("Your beta is **1 too large**.")),
        Mistake(_beta_too_small, _("Your beta is **1 too small**.")),
    ),
    explanation=_(
        "The step raises the chosen answer and lowers the rejected one by the same factor, and that factor is how "
        "wrong the policy's own rewards are about the pair. At the start all weights are one half. A pair that the "
        "policy has clearly learned counts no more, unlike in fine-tuning on the chosen answers alone."
    ),
    compare=close,
)
