"""Exercises on what comes out: the weighted sum, and attention of one query from end to end."""

from course.exercises.attention.drawing import draws, tensor
from course.exercises.compare import close
from course.exercises.exercise import Exercise, Mistake
from course.messages import _


def weighted_sum(weights, values):
    """What a query takes home: the values, each as much as its weight says, added up.

    weights: tensor (n,), which sums to 1. values: tensor (n, d). Returns a tensor (d,).

    >>> import torch
    >>> values = torch.tensor([[2.0, 0.0], [4.0, 2.0], [9.0, 9.0]])
    >>> weighted_sum(torch.tensor([0.5, 0.5, 0.0]), values)
    tensor([3., 1.])
    """
    return weights @ values


def _weighted_sum_cases() -> list[tuple]:
    drawn = draws([(3,), (3, 2)], [(4,), (4, 4)], [(2,), (2, 5)], [(5,), (5, 3)], [(6,), (6, 2)], [(3,), (3, 3)])
    return [
        (tensor([0.5, 0.5, 0.0]), tensor([[2.0, 0.0], [4.0, 2.0], [9.0, 9.0]])),
        (tensor([1.0]), tensor([[3.0, -2.0]])),
        *((scores.softmax(dim=0), values) for scores, values in drawn),
    ]


def _only_the_best(weights, values):
    return values[weights.argmax()]


def _without_the_sum(weights, values):
    return weights[:, None] * values


def _mean(weights, values):
    return (weights[:, None] * values).mean(dim=0)


WEIGHTED_SUM = Exercise(
    name="attention.weighted_sum",
    title=_("The weighted sum"),
    solution=weighted_sum,
    cases=_weighted_sum_cases,
    compare=close,
    hints=(
        _("Each value is a row. Multiply each row by its own weight, and add the rows up."),
        _(
            "`weights[:, None]` is a column, which multiplies each row of `values` by one number. "
            "A vector times a matrix, `@`, does both steps at once."
        ),
    ),
    mistakes=(
        Mistake(
            _only_the_best,
            _(
                "You return the one value with the largest weight, as an ordinary dictionary does. Attention is the "
                "**soft** one: every value has a part in the answer, as large as its weight."
            ),
        ),
        Mistake(
            _without_the_sum,
            _("You weight the rows and do not add them up. The answer is one vector: sum over the rows (`dim=0`)."),
        ),
        Mistake(
            _mean,
            _(
                "You divide by the number of values. The weights sum to 1 already, so the sum is an average: "
                "add up, and divide by nothing."
            ),
        ),
    ),
    explanation=_(
        "`weights @ values` adds up weight times row. With weights 1, 0, 0 it returns the first row, as a dictionary "
        "would; with equal weights, the mean of all."
    ),
)


def attend(query, keys, values, combine):
    """All four steps for one query: scores, softmax, weighted sum, and what the output layer reads.

    The scores are dot products. The last step is tanh(combine · [context; query]), context first.

    query: tensor (d,). keys: (n, d). values: (n, d_value). combine: (d_out, d_value + d).
    Returns a tensor (d_out,).

    >>> import torch
    >>> query, keys = torch.tensor([0.0]), torch.tensor([[1.0], [2.0]])
    >>> attend(query, keys, torch.tensor([[4.0], [-4.0]]), torch.tensor([[1.0, 1.0]]))
    tensor([0.])
    """
    weights = (keys @ query).softmax(dim=0)
    context = weights @ values
    both = query.new_empty(len(context) + len(query))
    both[: len(context)], both[len(context) :] = context, query
    return (combine @ both).tanh()


def _attend_cases() -> list[tuple]:
    square = ([(2,), (3, 2), (3, 2), (2, 4)], [(3,), (4, 3), (4, 3), (3, 6)], [(3,), (2, 3), (2, 3), (1, 6)])
    return draws(
        *square, [(2,), (5, 2), (5, 2), (3, 4)], [(2,), (3, 2), (3, 4), (2, 6)], [(4,), (2, 4), (2, 3), (5, 7)]
    )


def _query_first(query, keys, values, combine):
    context = (keys @ query).softmax(dim=0) @ values
    return (combine[:, : len(query)] @ query + combine[:, len(query) :] @ context).tanh()


def _without_tanh(query, keys, values, combine):
    context = (keys @ query).softmax(dim=0) @ values
    return combine[:, : len(context)] @ context + combine[:, len(context) :] @ query


def _without_softmax(query, keys, values, combine):
    context = (keys @ query) @ values
    return (combine[:, : len(context)] @ context + combine[:, len(context) :] @ query).tanh()


ATTEND = Exercise(
    name="attention.attend",
    title=_("Attention of one query"),
    solution=attend,
    cases=_attend_cases,
    compare=close,
    hints=(
        _("You have written the first three steps already: scores, softmax over the keys, weighted sum of the values."),
        _("`torch.cat((context, query))` puts one behind the other. Then `combine @ …`, and `.tanh()` of the result."),
    ),
    mistakes=(
        Mistake(
            _query_first,
            _(
                "The query stands first in your concatenation. The order is [context; query], "
                "and `combine` relies on it."
            ),
        ),
        Mistake(
            _without_tanh, _("The last `tanh` is missing: the output layer reads tanh(combine · [context; query]).")
        ),
        Mistake(
            _without_softmax,
            _(
                "You weight the values by the **scores**. They do not sum to 1 and may be negative: "
                "softmax comes first."
            ),
        ),
    ),
    explanation=_(
        "In a lesson one writes `torch.cat((context, query))`; here it is spelled out, so that the solution needs "
        "nothing around it. Keys and values may differ, in number of columns too: the scores see only the keys."
    ),
)
