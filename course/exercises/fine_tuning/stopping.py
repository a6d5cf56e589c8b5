"""Exercise on early stopping: which weights are kept."""

import random

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def best_epoch(losses: list[float], patience: int) -> int:
    """The epoch whose weights early stopping keeps.

    `losses` are the validation losses after epoch 0, 1, 2 and so on, if nothing stopped the
    training. It stops when `patience` epochs in a row were no better than the best before them:
    what comes after that is never seen. Of equal losses the earlier one counts as better.

    >>> best_epoch([0.7, 0.5, 0.6, 0.55, 0.3], patience=2)
    1
    >>> best_epoch([0.7, 0.5, 0.6, 0.55, 0.3], patience=3)
    4
    """
    best = 0
    for epoch in range(len(losses)):
        if losses[epoch] < losses[best]:
            best = epoch
        if epoch - best >= patience:
            break
    return best


def _cases() -> list[tuple]:
    draw = random.Random(10)
    cases: list[tuple] = [([0.7, 0.5, 0.6, 0.55, 0.3], 2), ([0.7, 0.5, 0.6, 0.55, 0.3], 3), ([0.5], 1)]
    cases += [
        ([0.5, 0.5, 0.4], 1),
        ([0.5, 0.5, 0.4], 2),
        ([0.6, 0.4, 0.4, 0.4, 0.3], 2),
        ([0.3, 0.4, 0.2, 0.5, 0.1], 1),
    ]
    cases += [([0.6, 0.5, 0.4, 0.3], 1), ([0.2, 0.9, 0.8, 0.7, 0.1], 3), ([0.9, 0.3, 0.8, 0.7, 0.6, 0.2], 3)]
    cases += [([0.5, 0.4, 0.4], 1), ([0.7, 0.6, 0.6, 0.6], 3), ([0.9, 0.8, 0.7], 2), ([0.5, 0.6, 0.4, 0.5, 0.3], 2)]
    cases += [([0.8, 0.9, 0.7, 0.8, 0.6, 0.7, 0.5], 2), ([0.5, 0.6, 0.7, 0.4, 0.5, 0.3], 3)]
    # A loss has no upper limit.
    cases += [([2.3, 1.9, 1.6, 1.8, 1.7], 2), ([250.0, 120.0, 130.0, 110.0], 1), ([1.5, 1.4, 1.2], 3)]
    for patience in (1, 2, 2, 3, 4):
        losses = [round(0.7 - 0.05 * epoch + draw.uniform(-0.15, 0.15), 2) for epoch in range(10)]
        cases.append((losses, patience))
    return cases


def _never_stops(losses, patience):
    return losses.index(min(losses))


def _where_it_stops(losses, patience):
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch - best >= patience:
            return epoch
    return len(losses) - 1


def _rises_in_a_row(losses, patience):
    """Counts epochs worse than the one before, not than the best."""
    best, rises = 0, 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[best]:
            best = epoch
        rises = rises + 1 if losses[epoch] >= losses[epoch - 1] else 0
        if rises >= patience:
            break
    return best


def _before_the_rises(losses, patience):
    """The epoch before the rises, whether or not it was the best."""
    rises = 0
    for epoch in range(1, len(losses)):
        rises = rises + 1 if losses[epoch] > losses[epoch - 1] else 0
        if rises >= patience:
            return epoch - patience
    return len(losses) - 1


def _bar_of_one(losses, patience):
    best, lowest, waited = 0, 1.0, 0
    for epoch, loss in enumerate(losses):
        if loss < lowest:
            best, lowest, waited = epoch, loss, 0
        else:
            waited += 1
        if waited >= patience:
            break
    return best


def _never_counts_anew(losses, patience):
    best, waited = 0, 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[best]:
            best = epoch
        else:
            waited += 1
        if waited >= patience:
            break
    return best


def _one_later(losses, patience):
    return best_epoch(losses, patience + 1)


def _one_earlier(losses, patience):
    return best_epoch(losses, patience - 1)


def _equal_is_better(losses, patience):
    best = 0
    for epoch in range(len(losses)):
        if losses[epoch] <= losses[best]:
            best = epoch
        if epoch - best >= patience:
            break
    return best


def _higher_is_better(losses, patience):
    return best_epoch([-loss for loss in losses], patience)


def _first_rise(losses, patience):
    return next((epoch - 1 for epoch in range(1, len(losses)) if losses[epoch] >= losses[epoch - 1]), len(losses) - 1)


def _counted_from_one(losses, patience):
    return best_epoch(losses, patience) + 1


def _the_loss(losses, patience):
    return losses[best_epoch(losses, patience)]


def _last_epoch(losses, patience):
    return len(losses) - 1


def _one_before_the_stop(losses, patience):
    return max(0, _where_it_stops(losses, patience) - patience)


def _first_epochs_alone(losses, patience):
    return losses[:patience].index(min(losses[:patience]))


def _largest_of_all(losses, patience):
    return losses.index(max(losses))


def _patience_epochs(losses, patience):
    return min(patience, len(losses) - 1)


def _how_many_were_seen(losses, patience):
    return _where_it_stops(losses, patience) + 1


def _waits_from_the_start(losses, patience):
    best = 0
    for epoch in range(min(len(losses), patience + 1)):
        if losses[epoch] < losses[best]:
            best = epoch
    return best


def _first_is_the_bar(losses, patience):
    """Compares with the first epoch alone."""
    best = 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[0]:
            best = epoch
        if epoch - best >= patience:
            break
    return best


BEST_EPOCH = Exercise(
    name="fine_tuning.best_epoch",
    title=_("Early stopping"),
    solution=best_epoch,
    cases=_cases,
    hints=(
        _("Keep the number of the best epoch so far. How many epochs ago was it?"),
        _("After each epoch: is its loss below the best? Then it is the best. Is `epoch - best >= patience`? Stop."),
    ),
    mistakes=(
        Mistake(
            _never_stops,
            _("You take the best of **all** epochs. Those after the stop are never trained, so nobody knows them."),
        ),
        Mistake(
            _where_it_stops,
            _("You return the epoch at which training **stops**. Kept are the weights of the best one before it."),
        ),
        Mistake(
            _rises_in_a_row,
            _("You compare each epoch with the **one before** it. Compare it with the best so far."),
        ),
        Mistake(
            _before_the_rises,
            _("You keep the epoch before the **rises**. Keep the best so far, and compare each epoch with it."),
        ),
        Mistake(
            _bar_of_one,
            _("Your lowest loss begins at **1**, and losses may be above that. Begin with the first, or infinity."),
        ),
        Mistake(
            _never_counts_anew,
            _("Your count goes on after a new best. It begins **anew** there: `patience` epochs **in a row**."),
        ),
        Mistake(_one_later, _("You stop **one epoch too late**: after `patience` epochs without a better one.")),
        Mistake(_one_earlier, _("You stop **one epoch too early**: after `patience` epochs without a better one.")),
        Mistake(_equal_is_better, _("An **equal** loss is no better: use `<`.")),
        Mistake(_higher_is_better, _("You keep the **highest** loss. Less is better.")),
        Mistake(_first_rise, _("You stop at the **first** rise, whatever the patience.")),
        Mistake(_counted_from_one, _("Your number is one too high: epochs are counted from **0**.")),
        Mistake(_the_loss, _("You return the **loss** of the best epoch. Return its number.")),
        Mistake(_last_epoch, _("You keep the **last** epoch. Keep the best that was seen.")),
        Mistake(
            _one_before_the_stop,
            _("You go back `patience` epochs from the last one. Where training ran to its **end**, that is wrong."),
        ),
        Mistake(_first_epochs_alone, _("You look at the first `patience` epochs **alone**.")),
        Mistake(_largest_of_all, _("You take the **largest** loss. Less is better.")),
        Mistake(_patience_epochs, _("You return the **patience**. Return the number of the best epoch that was seen.")),
        Mistake(_how_many_were_seen, _("You return **how many** epochs were trained. Return the best one's number.")),
        Mistake(
            _waits_from_the_start,
            _("Your patience is counted from the **start**. It is counted from the best epoch so far."),
        ),
        Mistake(_first_is_the_bar, _("You compare with the **first** epoch alone. Compare with the best so far.")),
    ),
    explanation=_(
        "The weights of the best epoch were kept when it was seen. With a patience of 1 a single bad epoch ends the "
        "training; with a large one, it costs epochs that are thrown away. Neither sees the test set."
    ),
    corners=(
        Corner(
            lambda losses, patience: len(set(losses)) < len(losses),
            _("Only **equal** losses go wrong: the earlier one is kept, and an equal one is no better."),
        ),
    ),
)
