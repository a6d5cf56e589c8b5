"""Exercises on weights: softmax over the keys, and softmax with some keys hidden."""

from course.exercises.attention.drawing import draws, tensor
from course.exercises.compare import close
from course.exercises.exercise import Exercise, Mistake
from course.messages import _


def attention_weights(scores):
    """The weights of several queries: softmax of each query's scores.

    scores: tensor (queries, keys), of any size, 1000 too. Returns a tensor of the same shape; every
    query's weights are above or equal to 0 and sum to 1.

    >>> import torch
    >>> attention_weights(torch.tensor([[0.0, 0.0], [1000.0, 0.0]]))
    tensor([[0.5000, 0.5000],
            [1.0000, 0.0000]])
    """
    powers = (scores - scores.max(dim=1, keepdim=True).values).exp()
    return powers / powers.sum(dim=1, keepdim=True)


def _attention_weights_cases() -> list[tuple]:
    return [
        (tensor([[0.0, 1.0, 2.0], [1.0, 1.0, 0.0]]),),
        (tensor([[0.5], [2.0], [-1.0]]),),
        *draws([(2, 3)], [(3, 2)], [(4, 5)], [(3, 3)]),
        (tensor([[1000.0, 999.0, 0.0], [100.0, 300.0, 301.0]]),),
        (tensor([[200.0, 200.0], [150.0, 100.0], [5.0, 500.0]]),),
        (tensor([[900.0, 0.0, 1.0, 2.0]]),),
    ]


def _over_the_queries(scores):
    return scores.softmax(dim=0)


def _over_everything(scores):
    return scores.flatten().softmax(dim=0).reshape(scores.shape)


def _without_the_exponential(scores):
    return scores / scores.sum(dim=1, keepdim=True)


def _overflows(scores):
    return scores.exp() / scores.exp().sum(dim=1, keepdim=True)


ATTENTION_WEIGHTS = Exercise(
    name="attention.attention_weights",
    title=_("Scores to weights"),
    solution=attention_weights,
    cases=_attention_weights_cases,
    compare=close,
    hints=(
        _("Softmax: take e to the power of each score (`.exp()`), and divide by the sum over the query's own row."),
        _(
            "e¹⁰⁰⁰ is too large for a computer. Subtract each row's largest score first: the weights stay the same. "
            "Or let `scores.softmax(dim=…)` do all of it; which dimension are the keys?"
        ),
    ),
    mistakes=(
        Mistake(
            _over_the_queries,
            _(
                "Your **columns** sum to 1: each key is shared out among the queries. It is the other way round: a "
                "query shares its attention out among the keys, so the rows must sum to 1 (`dim=1`, or `dim=-1`)."
            ),
        ),
        Mistake(
            _over_everything,
            _("All your weights together sum to 1. Each query has its own attention: every **row** must sum to 1."),
        ),
        Mistake(
            _without_the_exponential,
            _(
                "You divide the scores by their sum. Scores may be negative, and then so are your weights: "
                "take the exponential of each score first."
            ),
        ),
        Mistake(
            _overflows,
            _(
                "Small scores are right, and large ones give `nan`: e¹⁰⁰⁰ is more than a float can hold. Subtract each "
                "row's largest score before `exp`; the weights do not change."
            ),
        ),
    ),
    explanation=_(
        "Subtracting a number c from all scores multiplies every power by e⁻ᶜ, above and below the fraction line, so "
        "the weights stay. With the largest score as c, no power is above 1. `scores.softmax(dim=1)` does the same."
    ),
)


def masked_weights(scores, visible):
    """The weights when some keys are hidden: 0 there, and the others sum to 1.

    scores: tensor (queries, keys). visible: bools of the same shape, True where a query may look;
    each may look at one key at least. Returns a tensor (queries, keys).

    >>> import torch
    >>> masked_weights(torch.zeros(1, 3), torch.tensor([[True, True, False]]))
    tensor([[0.5000, 0.5000, 0.0000]])
    """
    return scores.masked_fill(~visible, float("-inf")).softmax(dim=1)


def _masked_weights_cases() -> list[tuple]:
    masks = [
        [[True, True, False]],
        [[True, False, False], [True, True, False]],
        [[True, False], [True, True], [False, True]],
        [[True, False, True, False], [True, True, True, False], [False, False, False, True]],
        [[True, True, True], [True, True, False], [True, False, False]],
    ]
    scores = draws(*([(len(mask), len(mask[0]))] for mask in masks), scale=2.0)
    cases = [(score, tensor(mask)) for (score,), mask in zip(scores, masks, strict=True)]
    return [*cases, (tensor([[-3.0, -5.0, 4.0]]), tensor([[True, True, False]]))]


def _hidden_after_softmax(scores, visible):
    return scores.softmax(dim=1) * visible


def _hidden_by_zero(scores, visible):
    return (scores * visible).softmax(dim=1)


def _upside_down(scores, visible):
    return scores.masked_fill(visible, float("-inf")).softmax(dim=1)


MASKED_WEIGHTS = Exercise(
    name="attention.masked_weights",
    title=_("Hide some keys"),
    solution=masked_weights,
    cases=_masked_weights_cases,
    compare=close,
    hints=(
        _("Which score makes a weight of exactly 0? e to the power of it must be 0."),
        _(
            "`scores.masked_fill(where, number)` writes a number wherever `where` is True. "
            "`~visible` is True at hidden keys."
        ),
    ),
    mistakes=(
        Mistake(
            _hidden_after_softmax,
            _(
                "The hidden weights are 0, and the others no longer sum to 1: they shared with the hidden ones before "
                "you took those away. Hide **before** softmax, or divide by the new sum."
            ),
        ),
        Mistake(
            _hidden_by_zero,
            _(
                "You set hidden scores to 0, and e⁰ is 1: a hidden key still has weight, more than one whose score "
                "is negative. The score must be −∞."
            ),
        ),
        Mistake(
            _upside_down,
            _("You hide what may be seen. `visible` is True where a query **may** look: hide where it is False."),
        ),
    ),
    explanation=_(
        "e to the power of −∞ is 0, so a hidden key has no part in the sum either, and softmax shares everything out "
        "among the rest. This is how padding is kept out, and in lesson 06 the future."
    ),
)
