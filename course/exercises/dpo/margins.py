"""Mistakes in the margin, which DPO, its gradient and IPO share: one log-probability missing, one too large, …"""

from collections.abc import Callable

from torch import Tensor

from course.exercises.exercise import Mistake
from course.messages import _


def _product(chosen, rejected, chosen_reference, rejected_reference):
    return (chosen - chosen_reference) * (rejected - rejected_reference)


def _rejected_alone(chosen, rejected, chosen_reference, rejected_reference):
    return rejected - rejected_reference


def _chosen_missing(chosen, rejected, chosen_reference, rejected_reference):
    return chosen_reference - (rejected - rejected_reference)


def _rejected_missing(chosen, rejected, chosen_reference, rejected_reference):
    return chosen - chosen_reference - rejected_reference


def _one_too_large(chosen, rejected, chosen_reference, rejected_reference):
    return (chosen - chosen_reference) - (rejected - rejected_reference) + 1


def _one_too_small(chosen, rejected, chosen_reference, rejected_reference):
    return (chosen - chosen_reference) - (rejected - rejected_reference) - 1


def margin_mistakes(answer: Callable[[Tensor, float], Tensor]) -> tuple[Mistake, ...]:
    """The same mistakes for an exercise whose right answer is `answer(margin, beta)`."""

    def of(margin: Callable[..., Tensor]) -> Callable[..., Tensor]:
        def wrong(*arguments):
            *log_p, beta = arguments
            return answer(margin(*log_p), beta)

        wrong.__name__ = margin.__name__
        return wrong

    return (
        Mistake(of(_product), _("You **multiply** the two log-ratios: subtract that of the rejected answer.")),
        Mistake(of(_rejected_alone), _("Your margin has the **rejected** answer alone, and with the wrong sign.")),
        Mistake(of(_chosen_missing), _("The policy's log-probability of the **chosen** answer is missing.")),
        Mistake(of(_rejected_missing), _("The policy's log-probability of the **rejected** answer is missing.")),
        Mistake(of(_one_too_large), _("Your margin is **1 too large**: it has no constant.")),
        Mistake(of(_one_too_small), _("Your margin is **1 too small**: it has no constant.")),
    )
