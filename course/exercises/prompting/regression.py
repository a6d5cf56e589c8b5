"""Exercise on regression in context: the least-squares prediction from the examples of a prompt."""

import torch
from torch import Tensor

from course.exercises.compare import close
from course.exercises.exercise import Corner, Exercise, Mistake
from course.exercises.prompting.drawing import drawn
from course.messages import _


def least_squares(xs: "Tensor", ys: "Tensor", query: "Tensor") -> float:
    """What the examples of a prompt say of another x, when y = w · x without noise.

    xs: (k, d), ys: (k,), query: (d,). Of all w with the smallest sum of squared errors on the k
    examples, take the one with the smallest norm (there are many such w when k < d, and without
    examples it is 0). The answer is w · query. Compute in float64.

    >>> import torch
    >>> xs, ys = torch.tensor([[1.0, 1.0]]), torch.tensor([2.0])
    >>> round(least_squares(xs, ys, torch.tensor([3.0, 0.0])), 4)
    3.0
    """
    import torch

    xs, ys, query = xs.double(), ys.double(), query.double()
    w = torch.linalg.pinv(xs) @ ys
    return float(w @ query)


def _least_squares_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(116)
    cases: list[tuple] = [(torch.tensor([[1.0, 1.0]]), torch.tensor([2.0]), torch.tensor([3.0, 0.0]))]
    for k, d in [
        (1, 2),
        (1, 2),
        (2, 2),
        (4, 2),
        (2, 3),
        (3, 3),
        (6, 3),
        (1, 4),
        (3, 5),
        (8, 4),
        (2, 1),
        (0, 2),
        (0, 3),
    ]:
        cases.append((drawn(generator, k, d), drawn(generator, k), drawn(generator, d)))
    repeated = torch.tensor([[1.0, 2.0, 0.0], [1.0, 2.0, 0.0], [0.0, 1.0, 1.0]])
    cases.append((repeated, torch.tensor([1.0, 3.0, -1.0]), torch.tensor([2.0, 0.5, 1.0])))
    unused = torch.tensor([[1.0, 0.0], [2.0, 0.0], [-1.0, 0.0]])
    cases.append((unused, torch.tensor([2.0, 3.0, -1.0]), torch.tensor([1.0, 4.0])))
    return cases


def _double(*tensors):
    return [tensor.double() for tensor in tensors]


def _ridge_of(penalty, xs, ys, query):
    xs, ys, query = _double(xs, ys, query)
    gram = xs.T @ xs + penalty * torch.eye(xs.shape[1], dtype=xs.dtype)
    return float(torch.linalg.solve(gram, xs.T @ ys) @ query)


def _ridge(xs, ys, query):
    return _ridge_of(1.0, xs, ys, query)


def _weak_ridge(xs, ys, query):
    return _ridge_of(0.1, xs, ys, query)


def _faint_ridge(xs, ys, query):
    return _ridge_of(0.01, xs, ys, query)


def _averaging(xs, ys, query):
    xs, ys, query = _double(xs, ys, query)
    return float((ys[:, None] * xs).sum(dim=0) @ query) / max(len(xs), 1)


def _added_up(xs, ys, query):
    xs, ys, query = _double(xs, ys, query)
    return float((ys[:, None] * xs).sum(dim=0) @ query)


def _with_intercept(xs, ys, query):
    xs, ys, query = _double(xs, ys, query)
    one = torch.ones(len(xs), 1, dtype=xs.dtype)
    return float(torch.linalg.pinv(torch.cat((xs, one), dim=1)) @ ys @ torch.cat((query, one.new_ones(1))))


def _centered(xs, ys, query):
    xs, ys, query = _double(xs, ys, query)
    if not len(xs):
        return 0.0
    w = torch.linalg.pinv(xs - xs.mean(dim=0)) @ (ys - ys.mean())
    return float(w @ (query - xs.mean(dim=0)) + ys.mean())


def _mean_label(xs, ys, query):
    return float(ys.double().mean()) if len(ys) else 0.0


def _nearest(xs, ys, query):
    return float(ys[(xs - query).norm(dim=1).argmin()]) if len(ys) else 0.0


def _last_label(xs, ys, query):
    return float(ys[-1]) if len(ys) else 0.0


def _last_example(xs, ys, query):
    return least_squares(xs[-1:], ys[-1:], query)


def _first_example(xs, ys, query):
    return least_squares(xs[:1], ys[:1], query)


def _without_last(xs, ys, query):
    return least_squares(xs[:-1], ys[:-1], query)


def _without_first(xs, ys, query):
    return least_squares(xs[1:], ys[1:], query)


def _labels_sorted(xs, ys, query):
    return least_squares(xs, ys.sort().values, query)


def _inputs_sorted(xs, ys, query):
    return least_squares(xs.sort(dim=0).values, ys, query)


def _query_sorted(xs, ys, query):
    return least_squares(xs, ys, query.sort().values)


def _not_more_than_d(xs, ys, query):
    return least_squares(xs[: xs.shape[1]], ys[: xs.shape[1]], query)


def _zero_below_d(xs, ys, query):
    return least_squares(xs, ys, query) if len(xs) >= xs.shape[1] else 0.0


def _shortest_missing(xs, ys, query):
    """Of the w that fit, one that uses the first inputs alone."""
    k, d = xs.shape
    return least_squares(xs[:, :k], ys, query[:k]) if k < d else least_squares(xs, ys, query)


def _attention_without_softmax(xs, ys, query):
    xs, ys, query = _double(xs, ys, query)
    return float((xs @ query).softmax(dim=0) @ ys)


def _w(xs, ys, query):
    return (torch.linalg.pinv(xs.double()) @ ys.double()).tolist()


def _products(xs, ys, query):
    return [w * x for w, x in zip(_w(xs, ys, query), query.tolist(), strict=True)]


def _residual(xs, ys, query):
    xs, ys = _double(xs, ys)
    return float(((xs @ (torch.linalg.pinv(xs) @ ys) - ys) ** 2).sum())


def _fitted(xs, ys, query):
    xs, ys = _double(xs, ys)
    return (xs @ (torch.linalg.pinv(xs) @ ys)).tolist()


def _mean_of_products(xs, ys, query):
    return least_squares(xs, ys, query) / len(query)


def _w_added_to_query(xs, ys, query):
    return float(sum(_w(xs, ys, query))) + float(query.double().sum())


def _query_subtracted(xs, ys, query):
    return float(sum(_w(xs, ys, query))) - float(query.double().sum())


def _sum_of_w(xs, ys, query):
    return float(sum(_w(xs, ys, query)))


def _absolute(xs, ys, query):
    return abs(least_squares(xs, ys, query))


def _leave_w_open(xs, ys, query):
    return len(xs) == 0 or int(torch.linalg.matrix_rank(xs.double())) < len(query)


LEAST_SQUARES = Exercise(
    name="prompting.least_squares",
    title=_("What the examples say of another x"),
    solution=least_squares,
    cases=_least_squares_cases,
    hints=(
        _(
            "The pseudoinverse of `xs`, multiplied by `ys`, is the w with the smallest error, and of several such w "
            "the shortest. It is there for k < d as well, where `xs.T @ xs` has no inverse."
        ),
        _("With all three in float64, `w = torch.linalg.pinv(xs) @ ys`, and the answer is `float(w @ query)`."),
    ),
    mistakes=(
        Mistake(_ridge, _("That is **ridge** regression with the penalty 1: least squares has none.")),
        Mistake(_weak_ridge, _("That is **ridge** regression with the penalty 0.1: least squares has none.")),
        Mistake(_faint_ridge, _("That is **ridge** regression with the penalty 0.01: least squares has none.")),
        Mistake(_averaging, _("That is **averaging**, w = the mean of y x: it is right only for inputs of one kind.")),
        Mistake(_added_up, _("Your w is the sum of **y x**: the inverse of `xs.T @ xs` is missing, or `pinv`.")),
        Mistake(_with_intercept, _("You fit an **intercept** as well: here y is w · x, and 0 where x is 0.")),
        Mistake(_centered, _("You subtract the **means**, which fits an intercept: here y is 0 where x is 0.")),
        Mistake(_mean_label, _("You return the **mean** of `ys`: it says nothing of the query.")),
        Mistake(_nearest, _("You return the label of the **nearest** example: wanted is w · query.")),
        Mistake(_last_label, _("You return the **last** label: wanted is w · query.")),
        Mistake(_last_example, _("You use the **last** example alone: w comes of all of them.")),
        Mistake(_first_example, _("You use the **first** example alone: w comes of all of them.")),
        Mistake(_without_last, _("The **last** example is missing: w comes of all of them.")),
        Mistake(_without_first, _("The **first** example is missing: w comes of all of them.")),
        Mistake(_labels_sorted, _("You **sort** `ys`: each label belongs to its example, so leave them in order.")),
        Mistake(_inputs_sorted, _("You **sort** each column of `xs`: the entries of an example belong together.")),
        Mistake(_query_sorted, _("You **sort** the query: its entries belong to those of w, in order.")),
        Mistake(_not_more_than_d, _("You use **d** examples at most: where there are more, w comes of all of them.")),
        Mistake(
            _zero_below_d,
            _("You answer 0 for **k < d**: several w fit there, and the one with the smallest norm is wanted."),
        ),
        Mistake(
            _shortest_missing,
            _("For k < d your w fits, but it is not the **shortest**: `pinv` gives that, or `lstsq` with `gelsd`."),
        ),
        Mistake(
            _attention_without_softmax,
            _("You **weight** the labels by a softmax, as attention does: wanted is w · query."),
        ),
        Mistake(_w, _("You return **w**: multiply it by the query.")),
        Mistake(_products, _("You multiply w and the query **entry by entry**: add up, `w @ query`.")),
        Mistake(_residual, _("You return the **error** on the examples: wanted is w · query.")),
        Mistake(_fitted, _("You return predictions for the **examples**: wanted is that for the query.")),
        Mistake(_mean_of_products, _("You take the **mean** of the products: w · query is their sum.")),
        Mistake(_w_added_to_query, _("You **add** w and the query: multiply entry by entry, then add up.")),
        Mistake(_query_subtracted, _("You **subtract** the query from w: multiply entry by entry, then add up.")),
        Mistake(_sum_of_w, _("You add up **w** without the query: wanted is w · query.")),
        Mistake(_absolute, _("Your answer has lost its **sign**: there is an `abs` or a norm too much.")),
    ),
    corners=(
        Corner(
            lambda xs, ys, query: len(xs) == 0,
            _("Only prompts **without examples** go wrong: the shortest w is 0 there, and so is the answer."),
        ),
        Corner(
            _leave_w_open,
            _(
                "Only prompts whose examples **leave w open** go wrong, such as those with k < d: take the shortest of "
                "the w that fit."
            ),
        ),
    ),
    explanation=_(
        "With k ≥ d and independent inputs one w is left, and without noise it is the true one. With k < d the part of "
        "w that no example has touched is taken to be 0. For w from a normal distribution around 0 that is its mean, "
        "so no prediction has a smaller expected squared error: a model that was trained on such prompts can do as "
        "well, but not better."
    ),
    compare=close,
)
