"""Exercises on score functions: the dot product, and the additive one with weights of its own."""

from course.exercises.attention.drawing import draws, tensor
from course.exercises.compare import close
from course.exercises.exercise import Exercise, Mistake
from course.messages import _


def dot_scores(query, keys):
    """How well a query matches each key: their dot product.

    query: tensor (d,). keys: tensor (n, d). Returns a tensor (n,), one score for each key.

    >>> import torch
    >>> dot_scores(torch.tensor([1.0, 2.0]), torch.tensor([[3.0, 0.0], [0.0, -1.0], [1.0, 1.0]]))
    tensor([ 3., -2.,  3.])
    """
    return keys @ query


def _dot_scores_cases() -> list[tuple]:
    return [
        (tensor([1.0, 2.0]), tensor([[3.0, 0.0], [0.0, -1.0], [1.0, 1.0]])),
        (tensor([0.5, -1.0, 2.0]), tensor([[1.0, 1.0, 1.0]])),
        (tensor([0.0, 0.0]), tensor([[1.0, 2.0], [3.0, 4.0]])),
        *draws([(3,), (3, 3)], [(4,), (5, 4)], [(2,), (6, 2)], [(6,), (2, 6)], [(8,), (3, 8)], scale=2.0),
    ]


def _without_the_sum(query, keys):
    return keys * query


def _cosine(query, keys):
    return keys @ query / (keys.norm(dim=1) * query.norm()).clamp(min=1e-8)


def _scaled(query, keys):
    return keys @ query / query.shape[0] ** 0.5


DOT_SCORES = Exercise(
    name="attention.dot_scores",
    title=_("Scores by dot product"),
    solution=dot_scores,
    cases=_dot_scores_cases,
    compare=close,
    hints=(
        _("The dot product of two vectors: multiply them number by number, and add the products up."),
        _("Each row of `keys` needs its dot product with `query`: that is what a matrix times a vector gives."),
    ),
    mistakes=(
        Mistake(
            _without_the_sum,
            _(
                "You multiply number by number and stop there: a whole row for each key. "
                "A score is **one** number: add each row up."
            ),
        ),
        Mistake(
            _cosine,
            _(
                "You divide by the lengths of the vectors, which gives the cosine of the angle between them. "
                "The dot product keeps the lengths: a longer key scores higher."
            ),
        ),
        Mistake(
            _scaled,
            _("You divide by √d. That is the **scaled** dot product; here the score is the dot product as it is."),
        ),
    ),
    explanation=_(
        "`keys @ query` is the dot product of each row with the query. "
        "`(keys * query).sum(dim=1)` says the same in two steps."
    ),
)


def additive_scores(query, keys, query_weight, key_weight, vector):
    """How well a query matches each key, by a small network.

    The score of a key k is vector · tanh(query_weight · query + key_weight · k).

    query: tensor (d_query,). keys: (n, d_key). query_weight: (d_score, d_query).
    key_weight: (d_score, d_key). vector: (d_score,). Returns a tensor (n,).

    >>> import torch
    >>> eye = torch.eye(2)
    >>> keys = torch.tensor([[0.0, 0.0], [99.0, -99.0]])
    >>> additive_scores(torch.tensor([0.0, 0.0]), keys, eye, eye, torch.tensor([2.0, 1.0]))
    tensor([0., 1.])
    """
    hidden = (query_weight @ query + keys @ key_weight.T).tanh()
    return hidden @ vector


def _additive_scores_cases() -> list[tuple]:
    square = ([(2,), (3, 2), (2, 2), (2, 2), (2,)], [(3,), (3, 3), (3, 3), (3, 3), (3,)])
    oblong = ([(3,), (4, 2), (5, 3), (5, 2), (5,)], [(2,), (1, 3), (4, 2), (4, 3), (4,)])
    return draws(*square, *oblong, [(4,), (5, 4), (4, 4), (4, 4), (4,)], [(2,), (4, 2), (3, 2), (3, 2), (3,)])


def _without_tanh(query, keys, query_weight, key_weight, vector):
    return (query_weight @ query + keys @ key_weight.T) @ vector


def _tanh_of_each(query, keys, query_weight, key_weight, vector):
    return ((query_weight @ query).tanh() + (keys @ key_weight.T).tanh()) @ vector


def _multiplied(query, keys, query_weight, key_weight, vector):
    return ((query_weight @ query) * (keys @ key_weight.T)).tanh() @ vector


ADDITIVE_SCORES = Exercise(
    name="attention.additive_scores",
    title=_("Additive scores"),
    solution=additive_scores,
    cases=_additive_scores_cases,
    compare=close,
    hints=(
        _("Bring both to one size first: `query_weight @ query` is (d_score,), `keys @ key_weight.T` (n, d_score)."),
        _("Add the two: PyTorch adds the query's row to each key's. Then `tanh`, and the dot product with `vector`."),
    ),
    mistakes=(
        Mistake(
            _without_tanh,
            _(
                "The `tanh` is missing. Without it the query adds the same number to every score, "
                "and softmax does not see it: all queries would look alike."
            ),
        ),
        Mistake(
            _tanh_of_each,
            _(
                "You take `tanh` of query and key one by one, and add afterwards. Then neither sees the other: "
                "add first, and take `tanh` of the **sum**."
            ),
        ),
        Mistake(_multiplied, _("You multiply the two. The score is called additive because they are **added**.")),
    ),
    explanation=_(
        "It is a network with one hidden layer, which reads query and key together. Its d_score is free, and query and "
        "key may differ in size, which a dot product cannot allow."
    ),
)
