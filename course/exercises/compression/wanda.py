"""Exercise on Wanda: pruning by weights times the norm of what they are multiplied with, in each output's row."""

import torch
from torch import Tensor

from course.exercises.exercise import Corner, Exercise, Mistake
from course.exercises.peft.drawing import drawn
from course.messages import _


def wanda_mask(weight: "Tensor", inputs: "Tensor", share: float) -> "Tensor":
    """Which weights of a linear layer stay, when a share of each row is pruned as in Wanda.

    weight: (outputs, columns). inputs: (tokens, columns), what the layer reads on some texts;
    column j of the weight is multiplied with column j of the inputs. The score of a weight is
    its absolute value times the norm of its column of the inputs, the root of the sum of
    squares. In each row, the round(share * columns) weights of the lowest score are pruned, of
    equal ones the first; share * columns is never halfway between two whole numbers. Returns
    (outputs, columns): True where a weight stays.

    >>> import torch
    >>> weight = torch.tensor([[3.0, -2.0, 1.0], [0.1, 0.2, -0.3]])
    >>> wanda_mask(weight, torch.tensor([[0.1, 3.0, 0.0], [0.0, -4.0, 1.0]]), 0.34).tolist()
    [[False, True, True], [False, True, True]]
    """
    scores = weight.abs() * inputs.norm(dim=0)
    order = scores.argsort(dim=1, stable=True)
    ranks = order.argsort(dim=1)
    return ranks >= round(share * weight.shape[1])


def _wanda_mask_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(1807)
    first = torch.tensor([[3.0, -2.0, 1.0], [0.1, 0.2, -0.3]])
    cases: list[tuple] = [(first, torch.tensor([[0.1, 3.0, 0.0], [0.0, -4.0, 1.0]]), 0.34)]
    shapes = [(2, 4, 3, 0.5), (3, 4, 4, 0.25), (3, 5, 2, 0.6), (4, 6, 5, 0.5), (2, 8, 3, 0.3), (3, 3, 3, 0.67)]
    shapes += [(4, 4, 2, 0.75), (5, 4, 6, 0.5), (1, 6, 3, 0.45), (3, 6, 1, 0.5), (2, 5, 7, 0.35)]
    for rows, columns, tokens, share in shapes:
        sizes = 3.0 ** torch.randint(-2, 3, (columns,), generator=generator)
        weight, inputs = drawn(generator, rows, columns), drawn(generator, tokens, columns) * sizes
        cases.append((apart(weight, inputs), inputs, share))
    rows = drawn(generator, 3, 4) * torch.tensor([[0.1], [1.0], [10.0]])
    cases.append((apart(rows, seen := drawn(generator, 4, 4)), seen, 0.5))
    silent = drawn(generator, 3, 6)
    silent[:, [1, 2, 5]] = 0
    cases.append((apart(drawn(generator, 2, 6), silent), silent, 0.35))
    silent = silent.roll(1, dims=1)
    cases.append((apart(drawn(generator, 3, 6), silent), silent, 0.35))
    cases.append((torch.tensor([[0.0, 2.0, 0.0, 0.0], [0.0, 0.0, 0.0, -1.0]]), drawn(generator, 3, 4), 0.5))
    cases.append((torch.tensor([[0.0, 0.0, 1.0, 0.0, 3.0]]), drawn(generator, 2, 5), 0.4))
    many = drawn(generator, 1, 28).round() * torch.arange(28).remainder(3).clamp(max=1)
    cases.append((many.sign() * many.ne(0), torch.ones(2, 28), 0.3))
    cases.append((many * 0 + torch.arange(28).remainder(2), torch.ones(3, 28), 0.4))
    # Columns with one large input, with alike ones, and with ones that cancel out.
    kinds = torch.tensor([[6.0, 0, 0, 0, 0, 0], [2.0, 2, 2, 2, 2, 2], [3.0, -3, 3, -3, 3, -3], [4.0, 0, 4, 0, 0, 0]]).mT
    for rows, share in [(4, 0.5), (5, 0.25), (6, 0.75)]:
        weight = 1 + drawn(generator, rows, 4) / 3
        cases.append((apart(weight, kinds), kinds, share))
    weight, inputs = drawn(generator, 3, 4), drawn(generator, 2, 4)
    return [*cases, (apart(weight, inputs), inputs, 0.0), (weight, inputs, 1.0), (weight[:2], inputs, 0.9)]


def apart(weight: Tensor, inputs: Tensor) -> Tensor:
    """The weights, some enlarged, so that no two scores of a row are nearly equal, but for those of 0."""
    weight = weight.clone()
    norms = inputs.norm(dim=0)
    for row in weight:
        for _round in range(100):
            scores = row.abs() * norms
            ordered, order = scores.sort()
            near = (ordered[1:] - ordered[:-1] < 0.01 * ordered[1:]) & (ordered[1:] > 0)
            if not near.any():
                break
            row[order[1:][near]] *= 1.5
    return weight


def _scores(weight, inputs):
    return weight.abs() * inputs.norm(dim=0)


def _count(weight, share):
    return round(share * weight.shape[1])


def _mask(scores, n, dim=1):
    """False at the n lowest scores along a dimension."""
    order = scores.argsort(dim=dim, stable=True).narrow(dim, 0, min(n, scores.shape[dim]))
    return torch.ones_like(scores, dtype=torch.bool).scatter(dim, order, value=False)


def _where_pruned(weight, inputs, share):
    return ~wanda_mask(weight, inputs, share)


def _largest_pruned(weight, inputs, share):
    return _mask(-_scores(weight, inputs), _count(weight, share))


def _share_kept(weight, inputs, share):
    return _mask(_scores(weight, inputs), weight.shape[1] - _count(weight, share))


def _largest_kept_share(weight, inputs, share):
    return _mask(-_scores(weight, inputs), weight.shape[1] - _count(weight, share))


def _magnitude(weight, inputs, share):
    return _mask(weight.abs(), _count(weight, share))


def _magnitude_of_the_matrix(weight, inputs, share):
    return _mask(weight.abs().reshape(1, -1), round(share * weight.numel())).reshape(weight.shape)


def _inputs_alone(weight, inputs, share):
    return _mask(inputs.norm(dim=0).expand_as(weight), _count(weight, share))


def _of_the_matrix(weight, inputs, share):
    return _mask(_scores(weight, inputs).reshape(1, -1), round(share * weight.numel())).reshape(weight.shape)


def _of_columns(weight, inputs, share):
    return _mask(_scores(weight, inputs), round(share * len(weight)), dim=0)


def _with_sign(weight, inputs, share):
    return _mask(weight * inputs.norm(dim=0), _count(weight, share))


def _squared_norms(weight, inputs, share):
    return _mask(weight.abs() * inputs.square().sum(dim=0), _count(weight, share))


def _squared_weights(weight, inputs, share):
    return _mask(weight.square() * inputs.norm(dim=0), _count(weight, share))


def _sums_of_sizes(weight, inputs, share):
    return _mask(weight.abs() * inputs.abs().sum(dim=0), _count(weight, share))


def _largest_inputs(weight, inputs, share):
    return _mask(weight.abs() * inputs.abs().amax(dim=0), _count(weight, share))


def _means(weight, inputs, share):
    return _mask(weight.abs() * inputs.mean(dim=0).abs(), _count(weight, share))


def _sums_with_sign(weight, inputs, share):
    return _mask(weight.abs() * inputs.sum(dim=0), _count(weight, share))


def _spread(weight, inputs, share):
    return _mask(weight.abs() * inputs.std(dim=0, correction=0), _count(weight, share))


def _first_token(weight, inputs, share):
    return _mask(weight.abs() * inputs[0].abs(), _count(weight, share))


def _last_token(weight, inputs, share):
    return _mask(weight.abs() * inputs[-1].abs(), _count(weight, share))


def _divided(weight, inputs, share):
    return _mask(weight.abs() / inputs.norm(dim=0), _count(weight, share))


def _added(weight, inputs, share):
    return _mask(weight.abs() + inputs.norm(dim=0), _count(weight, share))


def _times_norm_of_rows(weight, inputs, share):
    return _mask(_scores(weight, inputs) / weight.norm(dim=0).clamp(min=1e-6), _count(weight, share))


def _ties_from_the_end(weight, inputs, share):
    return _mask(_scores(weight, inputs).flip(1), _count(weight, share)).flip(1)


def _ties_pruned(weight, inputs, share):
    scores, n = _scores(weight, inputs), _count(weight, share)
    return scores > scores.sort(dim=1).values[:, n - 1 : n] if n else torch.ones_like(weight) > 0


def _ties_kept(weight, inputs, share):
    scores, n = _scores(weight, inputs), _count(weight, share)
    if n == weight.shape[1]:
        return torch.zeros_like(weight, dtype=torch.bool)
    return scores >= scores.sort(dim=1).values[:, n : n + 1]


def _by_quantile(weight, inputs, share):
    scores = _scores(weight, inputs)
    return scores > scores.quantile(share, dim=1, keepdim=True)


def _by_quantile_kept(weight, inputs, share):
    scores = _scores(weight, inputs)
    return scores >= scores.quantile(share, dim=1, keepdim=True)


def _rounded_down(weight, inputs, share):
    return _mask(_scores(weight, inputs), int(share * weight.shape[1] + 1e-6))


def _rounded_up(weight, inputs, share):
    return _mask(_scores(weight, inputs), -int(-share * weight.shape[1] - 1 + 1e-6))


def _one_more(weight, inputs, share):
    return _mask(_scores(weight, inputs), _count(weight, share) + 1)


def _one_less(weight, inputs, share):
    return _mask(_scores(weight, inputs), max(_count(weight, share) - 1, 0))


def _half(weight, inputs, share):
    return _mask(_scores(weight, inputs), weight.shape[1] // 2)


def _number_of_rows(weight, inputs, share):
    return _mask(_scores(weight, inputs), round(share * len(weight)))


def _number_of_tokens(weight, inputs, share):
    return _mask(_scores(weight, inputs), round(share * len(inputs)))


def _number_of_weights(weight, inputs, share):
    return _mask(_scores(weight, inputs), round(share * weight.numel()))


def _order_for_ranks(weight, inputs, share):
    return _scores(weight, inputs).argsort(dim=1, stable=True) >= _count(weight, share)


def _whole_columns(weight, inputs, share):
    return _mask(_scores(weight, inputs).sum(dim=0).expand_as(weight), _count(weight, share))


def _first_row_for_all(weight, inputs, share):
    return wanda_mask(weight[:1], inputs, share).expand_as(weight)


def _first_ones(weight, inputs, share):
    return (torch.arange(weight.shape[1]) >= _count(weight, share)).expand_as(weight)


def _transposed(weight, inputs, share):
    return wanda_mask(weight, inputs, share).mT


def _flat(weight, inputs, share):
    return wanda_mask(weight, inputs, share).flatten()


def _pruned(weight, inputs, share):
    return weight * wanda_mask(weight, inputs, share)


def _pruned_outputs(weight, inputs, share):
    return inputs @ (weight * wanda_mask(weight, inputs, share)).mT


def _scores_returned(weight, inputs, share):
    return _scores(weight, inputs)


def _kept_scores(weight, inputs, share):
    return _scores(weight, inputs) * wanda_mask(weight, inputs, share)


def _places_pruned(weight, inputs, share):
    return _scores(weight, inputs).argsort(dim=1, stable=True)[:, : _count(weight, share)]


def _how_many(weight, inputs, share):
    return wanda_mask(weight, inputs, share).sum(dim=1)


def _all_stay(weight, inputs, share):
    return torch.ones_like(weight, dtype=torch.bool)


def _below_share(weight, inputs, share):
    return _scores(weight, inputs) > share


WANDA_MASK = Exercise(
    name="compression.wanda_mask",
    title=_("Pruning by weights and inputs"),
    solution=wanda_mask,
    cases=_wanda_mask_cases,
    hints=(
        _(
            "The norms of the inputs' columns are one number for each column of the weight: multiply each row's "
            "absolute values by them. Then prune in each row by itself."
        ),
        _(
            "`weight.abs() * inputs.norm(dim=0)` are the scores. `argsort(dim=1, stable=True)` is the order in each "
            "row; `argsort` of this order gives each weight's rank, and the lowest ranks are pruned."
        ),
    ),
    mistakes=(
        Mistake(_where_pruned, _("Your mask is True where a weight is **pruned**: it is True where one stays.")),
        Mistake(_largest_pruned, _("You prune the **highest** scores: prune the lowest.")),
        Mistake(_share_kept, _("`share` is the part that **stays** in yours: it is the part that is pruned.")),
        Mistake(_largest_kept_share, _("`share` is the part of the **highest** scores in yours: it is pruned.")),
        Mistake(_magnitude, _("You prune by the **weights** alone: multiply by the norms of the inputs' columns.")),
        Mistake(
            _magnitude_of_the_matrix,
            _("You prune the smallest weights of the whole **matrix**: score them with the inputs, row by row."),
        ),
        Mistake(_inputs_alone, _("You prune by the **inputs** alone: multiply by the absolute weights.")),
        Mistake(_of_the_matrix, _("You compare the scores of the whole **matrix**: each row is pruned by itself.")),
        Mistake(_of_columns, _("You prune a share of each **column**: each row is pruned by itself, `dim=1`.")),
        Mistake(_with_sign, _("You take weights with their **sign**: take absolute values.")),
        Mistake(_squared_norms, _("You multiply by the **squared** norms: a root is missing.")),
        Mistake(_squared_weights, _("You **square** the weights, but not the norms: take absolute values.")),
        Mistake(_sums_of_sizes, _("You add up **absolute** inputs: the norm is the root of the sum of squares.")),
        Mistake(_largest_inputs, _("You take the **largest** input of each column: take the norm.")),
        Mistake(_means, _("You take the **mean** of each column, in which inputs cancel out: take the norm.")),
        Mistake(_sums_with_sign, _("You **add up** the inputs of each column: take the norm.")),
        Mistake(_spread, _("You take the **standard deviation** of each column, without its mean: take the norm.")),
        Mistake(_first_token, _("You look at the **first** token alone: the norm is over all tokens.")),
        Mistake(_last_token, _("You look at the **last** token alone: the norm is over all tokens.")),
        Mistake(_divided, _("You **divide** by the norms: multiply by them.")),
        Mistake(_added, _("You **add** the norms: multiply by them.")),
        Mistake(_times_norm_of_rows, _("You divide by the norms of the **weight's** columns, too.")),
        Mistake(_ties_from_the_end, _("Of **equal** scores you prune the last first: the first goes.")),
        Mistake(_ties_pruned, _("You prune **all** scores that equal the highest pruned one: count them.")),
        Mistake(_ties_kept, _("You keep **all** scores that equal the lowest that stays: count them.")),
        Mistake(_by_quantile, _("A **quantile** is a threshold, which prunes another number of weights: count them.")),
        Mistake(_by_quantile_kept, _("A **quantile** with `>=` keeps too many: count round(share * columns) weights.")),
        Mistake(_rounded_down, _("You round the number of pruned weights **down**: `round` takes the nearest.")),
        Mistake(_rounded_up, _("You round the number of pruned weights **up**: `round` takes the nearest.")),
        Mistake(_one_more, _("You prune **one weight too many** in each row.")),
        Mistake(_one_less, _("You prune **one weight too few** in each row.")),
        Mistake(_half, _("You prune **half** of each row, whatever `share` is.")),
        Mistake(_number_of_rows, _("You count the **rows**: a row has `weight.shape[1]` weights.")),
        Mistake(_number_of_tokens, _("You count the **tokens**: a row has `weight.shape[1]` weights.")),
        Mistake(_number_of_weights, _("You count the weights of the whole **matrix**: a row has `weight.shape[1]`.")),
        Mistake(
            _order_for_ranks,
            _("`argsort` says **which** weight has the lowest score, not the rank of each: take `argsort` of it."),
        ),
        Mistake(_whole_columns, _("You prune **whole columns**: each row decides by itself.")),
        Mistake(_first_row_for_all, _("The **first** row decides for all in yours: each row decides by itself.")),
        Mistake(_first_ones, _("You prune the **first** columns: the scores decide.")),
        Mistake(_transposed, _("Your mask is **transposed**.")),
        Mistake(_flat, _("Your mask is **flat**: give it the weight's shape.")),
        Mistake(_pruned, _("You return the pruned **weights**: return the mask.")),
        Mistake(_pruned_outputs, _("You return the layer's **outputs**: return the mask.")),
        Mistake(_scores_returned, _("You return the **scores**: return the mask.")),
        Mistake(_kept_scores, _("You return the **scores** of what stays: return the mask.")),
        Mistake(_places_pruned, _("You return the **places** that go: return True and False.")),
        Mistake(_how_many, _("You return **how many** stay in each row: return the mask.")),
        Mistake(_all_stay, _("**All** weights stay in yours.")),
        Mistake(_below_share, _("You compare the scores with **`share`** itself: it says how many are pruned.")),
    ),
    corners=(
        Corner(
            lambda weight, inputs, share: bool(((_scores(weight, inputs) == 0).sum(dim=1) > 1).any()),
            _("Only rows with several scores of **0** go wrong: of equal ones, the first is pruned first."),
        ),
        Corner(
            lambda weight, inputs, share: _count(weight, share) in (0, weight.shape[1]),
            _("Only shares that prune **nothing**, or all, go wrong."),
        ),
    ),
    explanation=_(
        "A small weight of a column whose inputs are large can change the output more than a large weight whose inputs "
        "are nearly 0. The score is what the output loses when this weight alone is gone: the norm, over tokens, of "
        "the weight times its inputs. Each output compares its own weights only, and nothing is trained."
    ),
)
