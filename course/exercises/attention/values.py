"""Exercises on what comes out: the weighted sum, and attention of one query from end to end."""

from course.exercises.attention.drawing import draws, like, tensor, turned
from course.exercises.compare import close
from course.exercises.exercise import Corner, Exercise, Mistake
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
    drawn = draws([(2,), (2, 2)], [(3,), (3, 3)], [(4,), (4, 4)], [(3,), (3, 3)], [(2,), (2, 2)], [(5,), (5, 3)])
    softened = [(scores.softmax(dim=0), values) for scores, values in drawn]
    return [
        *softened[:5],
        (tensor([0.5, 0.5, 0.0]), tensor([[2.0, 0.0], [4.0, 2.0], [9.0, 9.0]])),
        (tensor([1.0]), tensor([[3.0, -2.0]])),
        *softened[5:],
        (tensor([0.25, 0.75]), tensor([[-20.0], [4.0]])),
    ]


def _only_the_best(weights, values):
    return values[weights.argmax()]


def _only_the_best_weighted(weights, values):
    return weights.max() * values[weights.argmax()]


def _best_two(weights, values):
    top = weights.topk(min(2, len(weights)))
    return top.values @ values[top.indices]


def _without_the_sum(weights, values):
    return weights[:, None] * values


def _mean(weights, values):
    return (weights[:, None] * values).mean(dim=0)


def _along_the_rows(weights, values):
    return (weights[:, None] * values).sum(dim=1)


def _transposed(weights, values):
    return weights @ turned(values)


def _columns_weighted(weights, values):
    return values.sum(dim=0) * (weights if values.shape[0] == values.shape[1] else 1)


def _not_weighted(weights, values):
    return values.sum(dim=0)


def _plain_mean(weights, values):
    return values.mean(dim=0)


def _softmax_again(weights, values):
    return weights.softmax(dim=0) @ values


def _weights_squared(weights, values):
    return weights**2 @ values


def _one_minus_weights(weights, values):
    return (1 - weights) @ values


def _added_to_the_values(weights, values):
    return (weights[:, None] + values).sum(dim=0)


def _divided_by_the_weights(weights, values):
    return (values / weights[:, None].clamp(min=1e-6)).sum(dim=0)


def _first_value(weights, values):
    return weights[0] * values[0]


def _last_value(weights, values):
    return weights[-1] * values[-1]


def _without_the_first(weights, values):
    return weights[1:] @ values[1:]


def _without_the_last(weights, values):
    return weights[:-1] @ values[:-1]


def _largest_of_each_column(weights, values):
    return (weights[:, None] * values).amax(dim=0)


def _rows_multiplied(weights, values):
    return (weights[:, None] * values).prod(dim=0)


def _through_tanh(weights, values):
    return (weights @ values).tanh()


def _values_without_sign(weights, values):
    return weights @ values.abs()


def _begins_with_the_first(weights, values):
    return values[0] + weights @ values


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
            _only_the_best_weighted,
            _("Only the value with the **largest** weight is in your answer. Every value has a part in it."),
        ),
        Mistake(
            _best_two,
            _("Only the values with the **two** largest weights are in your answer. Every value has a part in it."),
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
        Mistake(
            _along_the_rows,
            _("You add up along each **row**, `dim=1`: one number a value. Add the rows to each other, `dim=0`."),
        ),
        Mistake(
            _transposed,
            _(
                "You multiply the weights into the **rows**: `values @ weights`. A weight belongs to a whole row: "
                "`weights @ values`. (Where `values` is not square, yours stops with an error.)"
            ),
        ),
        Mistake(
            _columns_weighted,
            _(
                "`weights * values` weights the **columns**, since PyTorch lines up the last dimensions. "
                "A weight belongs to a row: make a column of the weights, `weights[:, None]`."
            ),
        ),
        Mistake(_not_weighted, _("You add up the values **without** their weights.")),
        Mistake(_plain_mean, _("You take the plain mean of the values. The **weights** say how much each counts.")),
        Mistake(
            _softmax_again,
            _("You take softmax of the weights. They have been through it, and a second time makes them more alike."),
        ),
        Mistake(_weights_squared, _("The weights are in your answer **twice**: multiply by them once.")),
        Mistake(
            _one_minus_weights,
            _("You weight by **one minus** the weight: the keys that match worst would count most."),
        ),
        Mistake(
            _added_to_the_values, _("You **add** the weights to the values. Multiply: half of a value is 0.5 times it.")
        ),
        Mistake(_divided_by_the_weights, _("You **divide** by the weights. A larger weight makes a value count more.")),
        Mistake(
            _first_value,
            _("Only the **first** value is in your answer. Is there a `return` inside the loop?"),
        ),
        Mistake(
            _last_value,
            _("Only the **last** value is in your answer: each overwrites the one before. Add them up: `total + …`."),
        ),
        Mistake(_without_the_first, _("The **first** value takes no part. Does an index begin at 1?")),
        Mistake(_without_the_last, _("The **last** value takes no part. Is a range one too short?")),
        Mistake(_largest_of_each_column, _("You take the **largest** of each column. Add the weighted rows up.")),
        Mistake(_rows_multiplied, _("You **multiply** the weighted rows. Add them up.")),
        Mistake(_through_tanh, _("You take `tanh` of the answer. That comes one step later, in the output layer.")),
        Mistake(_values_without_sign, _("Your values have lost their **sign**: negative ones take away from the sum.")),
        Mistake(
            _begins_with_the_first,
            _("Your sum begins with the **first value**, which is then added again. Begin with 0."),
        ),
    ),
    corners=(
        Corner(
            lambda weights, values: len(weights) == 1,
            _("Only a **single** value goes wrong. Its weight is 1, and the answer is the value, of shape (d,)."),
        ),
        Corner(
            lambda weights, values: values.shape[0] != values.shape[1],
            _("It goes wrong unless there are as many values as numbers in each. Which dimension is which?"),
        ),
    ),
    explanation=_(
        "`weights @ values` adds up weight times row. With weights 1, 0, 0 it returns the first row, as a dictionary "
        "would; with equal weights, the mean of all."
    ),
)


def attend(query, keys, values, combine):
    """All four steps for one query: scores, softmax, weighted sum, and what the output layer reads.

    The scores are dot products. `combine` is W_c of the last step, which reads the context first.

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
    alike = [[(2,), (3, 2), (3, 2), (2, 4)], [(3,), (4, 3), (4, 3), (3, 6)], [(2,), (2, 2), (2, 2), (4, 4)]]
    also = [[(3,), (2, 3), (2, 3), (1, 6)], [(2,), (3, 2), (3, 2), (2, 4)], [(1,), (1, 1), (1, 1), (1, 2)]]
    unlike = [[(2,), (3, 2), (3, 4), (2, 6)], [(4,), (2, 4), (2, 3), (5, 7)], [(2,), (5, 2), (5, 1), (3, 3)]]
    large = tensor([[90.0, 0.0], [0.0, 95.0], [100.0, -5.0]])
    others = draws([(3, 2), (2, 4)], [(3, 1), (2, 3)], [(3, 3), (1, 5)])
    return [
        *draws(*alike, *also, *unlike),
        *((tensor([1.0, 2.0]), large, values, combine) for values, combine in others),
    ]


def _output(context, query, combine):
    """What the output layer reads, from the context and the query."""
    both = query.new_empty(len(context) + len(query))
    both[: len(context)], both[len(context) :] = context, query
    return (combine @ both).tanh()


def _by_weights(weigh):
    """The mistake of other weights: `weigh` makes them of the scores."""

    def wrong(query, keys, values, combine):
        return _output(weigh(keys @ query) @ values, query, combine)

    return wrong


def _context(query, keys, values):
    return (keys @ query).softmax(dim=0) @ values


def _query_first(query, keys, values, combine):
    context = _context(query, keys, values)
    return (combine[:, : len(query)] @ query + combine[:, len(query) :] @ context).tanh()


def _without_tanh(query, keys, values, combine):
    context = _context(query, keys, values)
    return combine[:, : len(context)] @ context + combine[:, len(context) :] @ query


def _tanh_first(query, keys, values, combine):
    context = _context(query, keys, values)
    return combine[:, : len(context)] @ context.tanh() + combine[:, len(context) :] @ query.tanh()


def _tanh_of_the_context(query, keys, values, combine):
    context = _context(query, keys, values)
    return combine[:, : len(context)] @ context.tanh() + combine[:, len(context) :] @ query


def _tanh_twice(query, keys, values, combine):
    return _output(_context(query, keys, values).tanh(), query.tanh(), combine)


def _sigmoid_at_the_end(query, keys, values, combine):
    return _without_tanh(query, keys, values, combine).sigmoid()


def _softmax_at_the_end(query, keys, values, combine):
    return _without_tanh(query, keys, values, combine).softmax(dim=0)


def _relu_at_the_end(query, keys, values, combine):
    return _without_tanh(query, keys, values, combine).relu()


def _without_softmax(query, keys, values, combine):
    return _by_weights(lambda scores: scores)(query, keys, values, combine)


def _scores_over_their_sum(query, keys, values, combine):
    return _by_weights(lambda scores: scores / scores.sum())(query, keys, values, combine)


def _overflows(query, keys, values, combine):
    return _by_weights(lambda scores: scores.exp() / scores.exp().sum())(query, keys, values, combine)


def _exponentials(query, keys, values, combine):
    return _by_weights(lambda scores: scores.exp())(query, keys, values, combine)


def _sigmoids(query, keys, values, combine):
    return _by_weights(lambda scores: scores.sigmoid())(query, keys, values, combine)


def _log_weights(query, keys, values, combine):
    return _by_weights(lambda scores: scores.log_softmax(dim=0))(query, keys, values, combine)


def _softmax_twice(query, keys, values, combine):
    return _by_weights(lambda scores: scores.softmax(dim=0).softmax(dim=0))(query, keys, values, combine)


def _only_the_best_value(query, keys, values, combine):
    return _output(values[(keys @ query).argmax()], query, combine)


def _plain_sum_of_values(query, keys, values, combine):
    return _output(values.sum(dim=0), query, combine)


def _mean_of_the_weighted(query, keys, values, combine):
    return _output(_context(query, keys, values) / len(values), query, combine)


def _scaled(query, keys, values, combine):
    return attend(query, keys / len(query) ** 0.5, values, combine)


def _cosine(query, keys, values, combine):
    scores = keys @ query / (keys.norm(dim=1) * query.norm()).clamp(min=1e-8)
    return _output(scores.softmax(dim=0) @ values, query, combine)


def _softmax_of_the_keys(query, keys, values, combine):
    return _output((keys.softmax(dim=0) @ query) @ values, query, combine)


def _context_alone(query, keys, values, combine):
    return _output(_context(query, keys, values), 0 * query, combine)


def _context_twice(query, keys, values, combine):
    context = _context(query, keys, values)
    return _output(context, like(query, context), combine)


def _query_twice(query, keys, values, combine):
    return _output(like(values[0], query), query, combine)


def _context_returned(query, keys, values, combine):
    return _context(query, keys, values)


def _weights_returned_early(query, keys, values, combine):
    return (keys @ query).softmax(dim=0)


def _joined(query, keys, values, combine):
    context = _context(query, keys, values)
    both = query.new_empty(len(context) + len(query))
    both[: len(context)], both[len(context) :] = context, query
    return both


def _joined_through_tanh(query, keys, values, combine):
    return _joined(query, keys, values, combine).tanh()


ATTEND = Exercise(
    name="attention.attend",
    title=_("Attention of one query"),
    solution=attend,
    cases=_attend_cases,
    compare=close,
    hints=(
        _("You have written the first three steps already: scores, softmax over the keys, weighted sum of the values."),
        _("`torch.cat((context, query))` joins the two. Then `combine @ …`, and `.tanh()` of the result."),
    ),
    mistakes=(
        Mistake(
            _query_first,
            _("The query is first in your concatenation. The order is [context; query], and `combine` relies on it."),
        ),
        Mistake(
            _without_tanh, _("The last `tanh` is missing: the output layer reads tanh(combine · [context; query]).")
        ),
        Mistake(
            _tanh_first,
            _("You take `tanh` **before** `combine`. It comes after it, last of all."),
        ),
        Mistake(
            _tanh_of_the_context,
            _("You take `tanh` of the **context**. It comes after `combine`, last of all."),
        ),
        Mistake(_tanh_twice, _("You take `tanh` **twice**. Context and query go into `combine` as they are.")),
        Mistake(_sigmoid_at_the_end, _("You end with **sigmoid**. The last step is `tanh`.")),
        Mistake(
            _softmax_at_the_end,
            _("You end with **softmax**. It is taken of the scores; the last step is `tanh`."),
        ),
        Mistake(_relu_at_the_end, _("You end with **relu**. The last step is `tanh`.")),
        Mistake(
            _without_softmax,
            _(
                "You weight the values by the **scores**. They do not sum to 1 and may be negative: "
                "softmax comes first."
            ),
        ),
        Mistake(
            _scores_over_their_sum,
            _("You divide the scores by their sum. Softmax takes the **exponential** of each first."),
        ),
        Mistake(
            _overflows,
            _(
                "Small scores are right, and large ones give `nan`: e¹⁰⁰ is more than a float can hold. "
                "Use `softmax(dim=0)`, or subtract the largest score first."
            ),
        ),
        Mistake(
            _exponentials,
            _("Your weights are the exponentials of the scores. **Divide** them by their sum: that is softmax."),
        ),
        Mistake(
            _sigmoids,
            _("You take **sigmoid** of each score. Softmax lets the keys share one attention: the weights sum to 1."),
        ),
        Mistake(_log_weights, _("You weight by the **logarithms** of the weights: `log_softmax` for `softmax`.")),
        Mistake(
            _softmax_twice,
            _("You take softmax of the weights **again**, which makes them more alike. Once is enough."),
        ),
        Mistake(
            _only_the_best_value,
            _("You take the value with the largest score **alone**. Attention mixes all of them by softmax."),
        ),
        Mistake(
            _plain_sum_of_values,
            _("You add up the values **without** weights. The scores of the keys say how much each counts."),
        ),
        Mistake(
            _mean_of_the_weighted,
            _("You divide the weighted sum by the number of values. The weights sum to 1: divide by **nothing**."),
        ),
        Mistake(
            _scaled,
            _("You divide the scores by √d. That is the **scaled** dot product; here it is the plain one."),
        ),
        Mistake(
            _cosine,
            _("Your scores are the **cosine** of query and key. The dot product is not divided by their lengths."),
        ),
        Mistake(
            _softmax_of_the_keys,
            _("You take softmax of the **keys**. It is taken of the scores, over the keys."),
        ),
        Mistake(
            _context_alone,
            _("The **query** is missing in the last step. `combine` reads both, context and query."),
        ),
        Mistake(_context_twice, _("You join the context with **itself**. The second half is the query.")),
        Mistake(_query_twice, _("You join the query with **itself**. The first half is the context.")),
        Mistake(
            _context_returned,
            _("You return the **context**, after the third step. Join it with the query, and go on to `combine`."),
        ),
        Mistake(
            _weights_returned_early,
            _("You return the **weights**, after the second step. Mix the values by them, and go on to `combine`."),
        ),
        Mistake(
            _joined,
            _("You return context and query joined. The fourth step goes on: times `combine`, and `tanh`."),
        ),
        Mistake(
            _joined_through_tanh,
            _("You take `tanh` of context and query joined, without `combine`. Multiply by that matrix first."),
        ),
    ),
    corners=(
        Corner(
            lambda query, keys, values, combine: keys.shape[1] != values.shape[1],
            _("It goes wrong only where values and keys differ in **size**. Where do you take one for the other?"),
        ),
        Corner(
            lambda query, keys, values, combine: (keys @ query).max() > 80,
            _("Only **large** scores go wrong: e to their power is more than a float can hold."),
        ),
    ),
    explanation=_(
        "In a lesson one writes `torch.cat((context, query))`; here it is spelled out, so that the solution needs "
        "nothing around it. Keys and values may differ, in number of columns too: the scores see only the keys."
    ),
)
