"""Exercise on the reward model: the loss that it learns from pairs of answers."""

import math

import torch
from torch import Tensor

from course.exercises.compare import close
from course.exercises.exercise import Exercise, Mistake
from course.exercises.peft.drawing import drawn
from course.messages import _


def bradley_terry_loss(chosen: "Tensor", rejected: "Tensor") -> "Tensor":
    """How surprised a reward model is, on average, by the answers that people chose.

    chosen, rejected: (pairs,), the rewards of the two answers of each pair. The model says that
    the first one wins with probability sigmoid(chosen - rejected), and a pair costs minus the
    natural logarithm of it. The loss is the mean over the pairs. It must be finite for a
    difference of 500, too.

    >>> import torch
    >>> float(bradley_terry_loss(torch.tensor([0.0, 3.0]), torch.tensor([500.0, 3.0])))
    250.34657287597656
    """
    import torch.nn.functional as F

    return -F.logsigmoid(chosen - rejected).mean()


def _bradley_terry_loss_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(1401)
    cases: list[tuple] = [(torch.tensor([0.0]), torch.tensor([0.0])), (torch.tensor([2.0]), torch.tensor([1.0]))]
    cases += [(2 * drawn(generator, n), 2 * drawn(generator, n)) for n in (2, 2, 3, 3, 4, 5, 6)]
    cases += [(2 * drawn(generator, n) + 20, 2 * drawn(generator, n) + 20) for n in (3, 4)]
    for n, difference in ((1, 150.0), (2, 500.0), (3, 200.0), (4, 1000.0)):
        rejected = drawn(generator, n)
        rejected[-1] += difference
        cases.append((drawn(generator, n), rejected))
    return cases


def _logs(differences):
    return torch.nn.functional.logsigmoid(differences)


def _infinite(chosen, rejected):
    return -(chosen - rejected).sigmoid().log().mean()


def _exchanged(chosen, rejected):
    return -_logs(rejected - chosen).mean()


def _without_minus(chosen, rejected):
    return _logs(chosen - rejected).mean()


def _summed(chosen, rejected):
    return -_logs(chosen - rejected).sum()


def _each_pair(chosen, rejected):
    return -_logs(chosen - rejected)


def _without_logarithm(chosen, rejected):
    return -(chosen - rejected).sigmoid().mean()


def _probability(chosen, rejected):
    return (chosen - rejected).sigmoid().mean()


def _one_minus(chosen, rejected):
    return (rejected - chosen).sigmoid().mean()


def _log_of_mean(chosen, rejected):
    return -(chosen - rejected).sigmoid().mean().log()


def _means_first(chosen, rejected):
    return -_logs(chosen.mean() - rejected.mean())


def _accuracy(chosen, rejected):
    return (chosen > rejected).float().mean()


def _hinge(chosen, rejected):
    return (1 - (chosen - rejected)).relu().mean()


def _squared(chosen, rejected):
    return ((1 - (chosen - rejected)) ** 2).mean()


def _difference(chosen, rejected):
    return -(chosen - rejected).mean()


def _chosen_alone(chosen, rejected):
    return -_logs(chosen).mean()


def _each_alone(chosen, rejected):
    return -(_logs(chosen) + _logs(-rejected)).mean()


def _each_alone_halved(chosen, rejected):
    return _each_alone(chosen, rejected) / 2


def _all_against_all(chosen, rejected):
    return -_logs(chosen[:, None] - rejected).mean()


def _ratio(chosen, rejected):
    return -(chosen / (chosen + rejected + (chosen + rejected == 0))).abs().clamp(min=1e-9).log().mean()


def _tanh(chosen, rejected):
    return -(chosen - rejected).tanh().mean()


def _smallest(chosen, rejected):
    return -_logs(chosen - rejected).min()


def _bits(chosen, rejected):
    return -_logs(chosen - rejected).mean() / math.log(2)


def _product(chosen, rejected):
    return -_logs(chosen * rejected).mean()


def _sum_of_rewards(chosen, rejected):
    return -_logs(chosen + rejected).mean()


def _rejected_alone(chosen, rejected):
    return -_logs(-rejected).mean()


def _ahead_by_1(chosen, rejected):
    return -_logs(chosen - rejected - 1).mean()


def _behind_by_1(chosen, rejected):
    return -_logs(chosen - rejected + 1).mean()


def _size_of_difference(chosen, rejected):
    return -_logs((chosen - rejected).abs()).mean()


BRADLEY_TERRY_LOSS = Exercise(
    name="rlhf.bradley_terry_loss",
    title=_("What a reward model learns from"),
    solution=bradley_terry_loss,
    cases=_bradley_terry_loss_cases,
    hints=(
        _(
            "Subtract the rewards pair by pair. The loss of a pair is the logarithm of a sigmoid, with a minus in "
            "front; take the mean last. A sigmoid of -500 is 0 in the computer, and 0 has no logarithm."
        ),
        _("`torch.nn.functional.logsigmoid` computes both at once and stays finite: `-logsigmoid(difference).mean()`."),
    ),
    mistakes=(
        Mistake(
            _infinite,
            _(
                "Your loss is **infinite** where the rejected answer is far ahead: the sigmoid is rounded to 0. Use "
                "`logsigmoid`, which computes both at once."
            ),
        ),
        Mistake(_exchanged, _("Your model is rewarded when the **rejected** answer wins: `chosen - rejected`.")),
        Mistake(_without_minus, _("The **minus** is missing: a logarithm of a probability is below 0, a loss above.")),
        Mistake(_summed, _("You **add up** the pairs: the loss is their mean.")),
        Mistake(_each_pair, _("You return the loss of **each pair**: return the mean.")),
        Mistake(_without_logarithm, _("The **logarithm** is missing: a pair costs -log of the sigmoid.")),
        Mistake(_probability, _("You return the mean **probability**: a pair costs minus its logarithm.")),
        Mistake(_one_minus, _("A pair costs **1 - p** in yours: it is -log(p), far more than 1 where p is small.")),
        Mistake(_log_of_mean, _("You take the **mean first**, then the logarithm: each pair has its own logarithm.")),
        Mistake(_means_first, _("You average the **rewards** first: compare the two of each pair, then average.")),
        Mistake(_accuracy, _("That is the **share** of pairs in the right order: it has no gradient to learn from.")),
        Mistake(_hinge, _("That is a **hinge** loss, 0 from a difference of 1 on: wanted is -log sigmoid.")),
        Mistake(_squared, _("That is a **squared** error from a difference of 1: wanted is -log sigmoid.")),
        Mistake(_difference, _("You return the **difference** itself: the sigmoid and its logarithm are missing.")),
        Mistake(_chosen_alone, _("You do not use the **rejected** answer: only the difference means anything.")),
        Mistake(_rejected_alone, _("You do not use the **chosen** answer: only the difference means anything.")),
        Mistake(_product, _("You **multiply** the two rewards: subtract them.")),
        Mistake(_sum_of_rewards, _("You **add** the two rewards: subtract them.")),
        Mistake(_ahead_by_1, _("There is a **1** too much: the chosen answer need not be ahead by more than nothing.")),
        Mistake(_behind_by_1, _("There is a **1** too much: it is the difference as it is.")),
        Mistake(
            _each_alone,
            _("You judge **each reward by itself**, as if 0 meant something: subtract the two of a pair first."),
        ),
        Mistake(
            _each_alone_halved,
            _("You judge **each answer by itself** and average over answers: subtract the two of a pair first."),
        ),
        Mistake(
            _all_against_all,
            _("You compare **every** chosen answer with every rejected one: only the two of a pair are compared."),
        ),
        Mistake(_ratio, _("You divide the **rewards** by their sum: they may be negative. Use the sigmoid.")),
        Mistake(_tanh, _("You took the **tanh** of the difference: it is -log of the sigmoid.")),
        Mistake(_smallest, _("You return the loss of **one** pair: return the mean of all.")),
        Mistake(_bits, _("Your logarithm is to **base 2**: use the natural one.")),
        Mistake(_size_of_difference, _("You lost the **sign** of the difference: it says which answer is ahead.")),
    ),
    explanation=_(
        "It is the binary cross-entropy of the question which of the two was chosen, with the difference of the "
        "rewards as its logit. A number added to all rewards changes nothing, so a reward by itself has no meaning. "
        "For a pair that is far out of order the loss grows with the difference, and its gradient stays at 1."
    ),
    compare=close,
)
