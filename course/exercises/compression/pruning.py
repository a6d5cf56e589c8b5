"""Exercise on magnitude pruning: which weights of a matrix stay when the smallest are set to 0."""

import torch
from torch import Tensor

from course.exercises.exercise import Corner, Exercise, Mistake
from course.exercises.peft.drawing import drawn
from course.messages import _


def prune_mask(weight: "Tensor", share: float) -> "Tensor":
    """Which weights stay, when a share of them is pruned: those of the smallest magnitude.

    weight: (rows, columns). share: from 0 to 1. Of the n weights of the whole matrix,
    round(share * n) are pruned, no more and no less; share * n is never halfway between two
    whole numbers. The magnitude is the absolute value. Of equal ones, the first in the order of
    reading is pruned first, row by row. Returns (rows, columns): True where a weight stays.

    >>> import torch
    >>> prune_mask(torch.tensor([[0.3, -2.0, 0.1], [-0.2, 0.1, 1.0]]), 0.5).tolist()
    [[True, True, False], [False, False, True]]
    >>> prune_mask(torch.tensor([[1.0, -1.0, 1.0]]), 0.34).tolist()
    [[False, True, True]]
    """
    order = weight.abs().flatten().argsort(stable=True)
    ranks = order.argsort()
    return (ranks >= round(share * weight.numel())).reshape(weight.shape)


def _prune_mask_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(1806)
    cases: list[tuple] = [
        (torch.tensor([[0.3, -2.0, 0.1], [-0.2, 0.1, 1.0]]), 0.5),
        (torch.tensor([[1.5, -0.5, 2.0], [-3.0, 0.25, 0.75]]), 0.34),
    ]
    for rows, columns, share in [(3, 4, 0.5), (2, 5, 0.3), (4, 4, 0.75), (3, 3, 0.2), (5, 3, 0.6), (2, 4, 0.9)]:
        cases.append((drawn(generator, rows, columns), share))
    cases += [(drawn(generator, 3, 5) + 1, 0.4), (drawn(generator, 4, 3) - 1, 0.65), (drawn(generator, 1, 8), 0.5)]
    skewed = drawn(generator, 3, 6) * torch.tensor([[0.2], [1.0], [5.0]])
    cases += [(skewed, 0.5), (skewed.mT.contiguous(), 0.45)]
    signs = torch.tensor([[1.0, -1.0, 1.0, -1.0], [-1.0, 1.0, 1.0, -1.0]])
    cases += [(signs, 0.375), (2 * signs[:, :3], 0.7), (drawn(generator, 4, 4).round(), 0.55)]
    zeros = torch.tensor([[0.0, 3.0, 0.0], [-2.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    for share in (0.35, 0.8, 0.2, 0.1):
        cases.append((zeros, share))
    cases += [(drawn(generator, 3, 8).round(), 0.4), (drawn(generator, 4, 7).round(), 0.3)]
    cases += [(drawn(generator, 2, 3), 0.0), (drawn(generator, 2, 3), 1.0)]
    return [*cases, (drawn(generator, 3, 3), 0.04), (drawn(generator, 2, 2), 0.97)]


def _count(weight, share):
    return round(share * weight.numel())


def _mask(order, n, shape):
    """False at the first `n` places of an order, True elsewhere."""
    mask = torch.ones(len(order), dtype=torch.bool)
    mask[order[:n]] = False
    return mask.reshape(shape)


def _order(weight):
    return weight.abs().flatten().argsort(stable=True)


def _where_pruned(weight, share):
    return ~prune_mask(weight, share)


def _largest_pruned(weight, share):
    order = weight.abs().flatten().argsort(stable=True, descending=True)
    return _mask(order, _count(weight, share), weight.shape)


def _share_kept(weight, share):
    return _mask(_order(weight), weight.numel() - _count(weight, share), weight.shape)


def _largest_kept_share(weight, share):
    order = weight.abs().flatten().argsort(stable=True, descending=True)
    return _mask(order, weight.numel() - _count(weight, share), weight.shape)


def _with_sign(weight, share):
    return _mask(weight.flatten().argsort(stable=True), _count(weight, share), weight.shape)


def _ties_from_the_end(weight, share):
    sizes = weight.abs().flatten()
    order = (len(sizes) - 1) - sizes.flip(0).argsort(stable=True)
    return _mask(order, _count(weight, share), weight.shape)


def _ties_column_by_column(weight, share):
    return prune_mask(weight.mT.contiguous(), share).mT


def _ties_pruned(weight, share):
    n = _count(weight, share)
    return weight.abs() > weight.abs().flatten().sort().values[n - 1] if n else torch.ones_like(weight) > 0


def _ties_kept(weight, share):
    n = _count(weight, share)
    ordered = torch.cat([weight.abs().flatten().sort().values, torch.tensor([torch.inf])])
    return weight.abs() >= ordered[n]


def _by_quantile(weight, share):
    return weight.abs() > weight.abs().quantile(share)


def _by_quantile_kept(weight, share):
    return weight.abs() >= weight.abs().quantile(share)


def _share_of_largest(weight, share):
    return weight.abs() > share * weight.abs().max()


def _below_share(weight, share):
    return weight.abs() > share


def _of_rows(weight, share):
    order = weight.abs().argsort(dim=1, stable=True)[:, : round(share * weight.shape[1])]
    return torch.ones_like(weight, dtype=torch.bool).scatter(1, order, value=False)


def _of_columns(weight, share):
    order = weight.abs().argsort(dim=0, stable=True)[: round(share * weight.shape[0])]
    return torch.ones_like(weight, dtype=torch.bool).scatter(0, order, value=False)


def _whole_rows(weight, share):
    order = weight.norm(dim=1).argsort(stable=True)
    mask = torch.ones_like(weight, dtype=torch.bool)
    mask[order[: round(share * len(weight))]] = False
    return mask


def _whole_columns(weight, share):
    return _whole_rows(weight.mT, share).mT


def _rounded_down(weight, share):
    return _mask(_order(weight), int(share * weight.numel() + 1e-6), weight.shape)


def _rounded_up(weight, share):
    return _mask(_order(weight), -int(-share * weight.numel() - 1 + 1e-6), weight.shape)


def _one_more(weight, share):
    return _mask(_order(weight), _count(weight, share) + 1, weight.shape)


def _one_less(weight, share):
    return _mask(_order(weight), max(_count(weight, share) - 1, 0), weight.shape)


def _half(weight, share):
    return _mask(_order(weight), weight.numel() // 2, weight.shape)


def _of_one_row(weight, share):
    return _mask(_order(weight), round(share * weight.shape[1]), weight.shape)


def _number_of_rows(weight, share):
    return _mask(_order(weight), round(share * weight.shape[0]), weight.shape)


def _first_ones(weight, share):
    return _mask(torch.arange(weight.numel()), _count(weight, share), weight.shape)


def _last_ones(weight, share):
    return _mask(torch.arange(weight.numel() - 1, -1, -1), _count(weight, share), weight.shape)


def _order_for_ranks(weight, share):
    return (_order(weight) >= _count(weight, share)).reshape(weight.shape)


def _order_for_ranks_without_sizes(weight, share):
    return (weight.flatten().argsort(stable=True) >= _count(weight, share)).reshape(weight.shape)


def _zeros_are_free(weight, share):
    return _mask(_order(weight), round(share * int((weight != 0).sum())), weight.shape)


def _zeros_stay(weight, share):
    return prune_mask(weight, share) | (weight == 0)


def _zeros_always_go(weight, share):
    return prune_mask(weight, share) & (weight != 0)


def _flat(weight, share):
    return prune_mask(weight, share).flatten()


def _transposed(weight, share):
    return prune_mask(weight, share).mT


def _pruned(weight, share):
    return weight * prune_mask(weight, share)


def _pruned_weights(weight, share):
    return weight * ~prune_mask(weight, share)


def _kept_weights(weight, share):
    return weight[prune_mask(weight, share)]


def _places_kept(weight, share):
    return prune_mask(weight, share).nonzero()


def _places_pruned(weight, share):
    return _order(weight)[: _count(weight, share)]


def _threshold(weight, share):
    return weight.abs().flatten().sort().values[max(_count(weight, share) - 1, 0)]


def _how_many(weight, share):
    return prune_mask(weight, share).sum()


def _share_that_stays(weight, share):
    return prune_mask(weight, share).float().mean()


def _all_stay(weight, share):
    return torch.ones_like(weight, dtype=torch.bool)


def _all_that_is_not_zero(weight, share):
    return weight != 0


def _from_the_middle(weight, share):
    order = (weight.flatten() - weight.mean()).abs().argsort(stable=True)
    return _mask(order, _count(weight, share), weight.shape)


def _above_mean(weight, share):
    return weight.abs() > weight.abs().mean()


def _each_row_its_threshold(weight, share):
    return weight.abs() > weight.abs().quantile(share, dim=1, keepdim=True)


PRUNE_MASK = Exercise(
    name="compression.prune_mask",
    title=_("Pruning the smallest weights"),
    solution=prune_mask,
    cases=_prune_mask_cases,
    hints=(
        _(
            "Put the weights in one row and order their places by the absolute value, the smallest first. The first "
            "round(share * n) places of this order are pruned."
        ),
        _(
            "`weight.abs().flatten().argsort(stable=True)` keeps equal ones in the order of reading. `argsort` of "
            "this order gives each weight's rank; the lowest ranks are pruned. Give the mask the weight's shape again."
        ),
    ),
    mistakes=(
        Mistake(_where_pruned, _("Your mask is True where a weight is **pruned**: it is True where one stays.")),
        Mistake(_largest_pruned, _("You prune the **largest** weights: prune the smallest.")),
        Mistake(_share_kept, _("`share` is the part that **stays** in yours: it is the part that is pruned.")),
        Mistake(_largest_kept_share, _("`share` is the part of the **largest** that stays in yours: it is pruned.")),
        Mistake(_with_sign, _("You order the weights with their **sign**: take absolute values.")),
        Mistake(
            _ties_from_the_end,
            _("Of **equal** weights you prune the last first: the first in the order of reading goes."),
        ),
        Mistake(
            _ties_column_by_column, _("You go through equal weights **column by column**: the order is row by row.")
        ),
        Mistake(
            _ties_pruned,
            _("You prune **all** weights that equal the largest pruned one: exactly round(share * n) are pruned."),
        ),
        Mistake(
            _ties_kept, _("You keep **all** weights that equal the smallest that stays: some of them may have to go.")
        ),
        Mistake(
            _by_quantile, _("A **quantile** is a threshold, which prunes too many or too few where weights are equal.")
        ),
        Mistake(_by_quantile_kept, _("A **quantile** with `>=` keeps too many: count round(share * n) weights.")),
        Mistake(_share_of_largest, _("You prune below a share of the **largest** weight: `share` counts weights.")),
        Mistake(_below_share, _("You compare the weights with **`share`** itself: it says how many are pruned.")),
        Mistake(_of_rows, _("You prune a share of each **row**: the whole matrix has one order.")),
        Mistake(_of_columns, _("You prune a share of each **column**: the whole matrix has one order.")),
        Mistake(_whole_rows, _("You prune **whole rows**: single weights are pruned.")),
        Mistake(_whole_columns, _("You prune **whole columns**: single weights are pruned.")),
        Mistake(_rounded_down, _("You round the number of pruned weights **down**: `round` takes the nearest.")),
        Mistake(_rounded_up, _("You round the number of pruned weights **up**: `round` takes the nearest.")),
        Mistake(_one_more, _("You prune **one weight too many**.")),
        Mistake(_one_less, _("You prune **one weight too few**.")),
        Mistake(_half, _("You prune **half** of the weights, whatever `share` is.")),
        Mistake(_of_one_row, _("You count the weights of **one row**: n is `weight.numel()`.")),
        Mistake(_number_of_rows, _("You count the **rows**: n is `weight.numel()`, the number of weights.")),
        Mistake(_first_ones, _("You prune the **first** weights: their size decides.")),
        Mistake(_last_ones, _("You prune the **last** weights: their size decides.")),
        Mistake(
            _order_for_ranks,
            _("`argsort` says **which** weight is the smallest, not the rank of each: use it as places."),
        ),
        Mistake(
            _order_for_ranks_without_sizes,
            _("`argsort` says which weight is the smallest, not the **rank** of each; and magnitudes count."),
        ),
        Mistake(_zeros_are_free, _("Your share is of the weights that are not **0**: it is of all.")),
        Mistake(_zeros_stay, _("Weights of **0** stay in yours: they are the smallest.")),
        Mistake(_zeros_always_go, _("You prune **all** zeros, also beyond round(share * n) weights.")),
        Mistake(_flat, _("Your mask is **flat**: give it the weight's shape.")),
        Mistake(_transposed, _("Your mask is **transposed**.")),
        Mistake(_pruned, _("You return the pruned **weights**: return the mask.")),
        Mistake(_pruned_weights, _("You return the weights that **go**: return the mask of those that stay.")),
        Mistake(_kept_weights, _("You return the weights that **stay**: return the mask.")),
        Mistake(_places_kept, _("You return the **places** that stay: return True and False.")),
        Mistake(_places_pruned, _("You return the **places** that go: return True and False.")),
        Mistake(_threshold, _("You return the **threshold**: return the mask.")),
        Mistake(_how_many, _("You return **how many** stay: return the mask.")),
        Mistake(_share_that_stays, _("You return the **share** that stays: return the mask.")),
        Mistake(_all_stay, _("**All** weights stay in yours.")),
        Mistake(_all_that_is_not_zero, _("You prune only what is **0** already.")),
        Mistake(_from_the_middle, _("You prune what is nearest to the **mean**: nearest to 0 is asked for.")),
        Mistake(_above_mean, _("You keep what is above the **mean** magnitude: `share` says how many go.")),
        Mistake(
            _each_row_its_threshold, _("Each **row** has a threshold of its own in yours: the matrix has one order.")
        ),
    ),
    corners=(
        Corner(
            lambda weight, share: weight.abs().unique().numel() < weight.numel() / 2,
            _("Only matrices with many **equal** magnitudes go wrong: the first in the order of reading goes first."),
        ),
        Corner(
            lambda weight, share: round(share * weight.numel()) in (0, weight.numel()),
            _("Only shares that prune **nothing**, or all, go wrong."),
        ),
    ),
    explanation=_(
        "A count, and not a threshold, decides how many weights go, so that two methods can be compared at the same "
        "share. The matrix has as many numbers as before: zeros alone save no memory and, with usual kernels, no time. "
        "A weight that is set to 0 once can come back with the next step of the optimizer: apply the mask again."
    ),
)
