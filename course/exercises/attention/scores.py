"""Exercises on score functions: the dot product, and the additive one with weights of its own."""

from course.exercises.attention.drawing import draws, like, tensor, turned
from course.exercises.compare import close
from course.exercises.exercise import Corner, Exercise, Mistake
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
        (tensor([1.0, 2.0]), tensor([[3.0, 0.0], [1.0, -1.0]])),
        *draws([(3,), (3, 3)], [(2,), (2, 2)], [(4,), (4, 4)], [(3,), (3, 3)], scale=2.0),
        (tensor([1.0, 2.0]), tensor([[3.0, 0.0], [0.0, -1.0], [1.0, 1.0]])),
        (tensor([0.125, -1.0, 2.75]), tensor([[1.0, 1.0, -0.375]])),
        (tensor([0.0, 0.0]), tensor([[1.0, 2.0], [3.0, 4.0]])),
        *draws([(4,), (5, 4)], [(2,), (6, 2)], scale=3.0),
    ]


def _without_the_sum(query, keys):
    return keys * query


def _one_number_for_all(query, keys):
    return (keys * query).sum()


def _added_down(query, keys):
    return (keys * query).sum(dim=0)


def _transposed(query, keys):
    return turned(keys) @ query


def _largest_product(query, keys):
    return (keys * query).amax(dim=1)


def _last_product(query, keys):
    return (keys * query)[:, -1]


def _products_multiplied(query, keys):
    return (keys * query).prod(dim=1)


def _sums(query, keys):
    return (keys + query).sum(dim=1)


def _cosine(query, keys):
    return keys @ query / (keys.norm(dim=1) * query.norm()).clamp(min=1e-8)


def _over_the_keys_length(query, keys):
    return keys @ query / keys.norm(dim=1)


def _scaled(query, keys):
    return keys @ query / query.shape[0] ** 0.5


def _scaled_by_the_keys(query, keys):
    return keys @ query / keys.shape[0] ** 0.5


def _distance(query, keys):
    return (keys - query).norm(dim=1)


def _nearness(query, keys):
    return -((keys - query) ** 2).sum(dim=1)


def _whole_numbers(query, keys):
    return (keys @ query).trunc()


def _without_the_first_number(query, keys):
    return keys[:, 1:] @ query[1:]


def _without_the_last_number(query, keys):
    return keys[:, :-1] @ query[:-1]


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
            _one_number_for_all,
            _("You add up the products of **all** keys. Each key has a score of its own: add along its row, `dim=1`."),
        ),
        Mistake(
            _added_down,
            _("You add up down the **columns**, over the keys. Add along each row: `dim=1`, or `dim=-1`."),
        ),
        Mistake(
            _transposed,
            _(
                "You multiply the query into the **columns** of `keys`. A key is a row: `keys @ query`. "
                "(Where `keys` is not square, yours stops with an error.)"
            ),
        ),
        Mistake(_largest_product, _("You take the **largest** of the products. The dot product is their sum.")),
        Mistake(
            _last_product,
            _("Your score is the **last** product alone: each overwrites the one before. Add them up: `+=`."),
        ),
        Mistake(_products_multiplied, _("You **multiply** the products. The dot product adds them up.")),
        Mistake(_sums, _("You **add** query and key. The dot product multiplies them number by number first.")),
        Mistake(
            _cosine,
            _(
                "You divide by the lengths of the vectors, which gives the cosine of the angle between them. "
                "The dot product keeps the lengths: a longer key scores higher."
            ),
        ),
        Mistake(
            _over_the_keys_length,
            _("You divide by the length of each **key**. The dot product keeps it: a longer key scores higher."),
        ),
        Mistake(
            _scaled,
            _("You divide by √d. That is the **scaled** dot product; here the score is the dot product as it is."),
        ),
        Mistake(
            _scaled_by_the_keys,
            _("You divide by √n, the number of **keys**. (Scaling is by √d.) Here nothing is divided."),
        ),
        Mistake(_distance, _("You compute the **distance** of query and key. The dot product is the sum of products.")),
        Mistake(
            _nearness,
            _("You compare by the squared **distance**, turned round. The dot product is the sum of products."),
        ),
        Mistake(_whole_numbers, _("Your scores are **whole** numbers: what comes after the point is lost.")),
        Mistake(
            _without_the_first_number,
            _("The **first** number of each vector takes no part. Does an index begin at 1?"),
        ),
        Mistake(
            _without_the_last_number,
            _("The **last** number of each vector takes no part. Is a range one too short?"),
        ),
    ),
    corners=(
        Corner(
            lambda query, keys: len(keys) == 1,
            _("Only a **single** key goes wrong. Its score is still a tensor, of shape (1,)."),
        ),
        Corner(
            lambda query, keys: keys.shape[0] != keys.shape[1],
            _("It goes wrong unless there are as many keys as numbers in each. Which dimension is which?"),
        ),
    ),
    explanation=_(
        "`keys @ query` is the dot product of each row with the query. "
        "`(keys * query).sum(dim=1)` says the same in two steps."
    ),
)


def additive_scores(query, keys, query_weight, key_weight, vector):
    """How well a query matches each key, by a small network.

    Its hidden layer, with tanh, reads the query by one matrix and a key by the other, and adds the
    two; `vector` makes the score of the hidden layer. The shapes say how they fit.

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
    square = [
        [(size,), (n, size), (size, size), (size, size), (size,)]
        for n, size in ((3, 2), (2, 2), (3, 3), (5, 4), (4, 3), (1, 2))
    ]
    oblong = [
        [(d_query,), (n, d_key), (d_score, d_query), (d_score, d_key), (d_score,)]
        for d_query, n, d_key, d_score in ((3, 4, 2, 5), (2, 1, 3, 4), (2, 4, 2, 3), (3, 3, 2, 1))
    ]
    return draws(*square, *oblong)


def _hidden(query, keys, query_weight, key_weight):
    """What goes into tanh: a row for each key."""
    return query_weight @ query + keys @ key_weight.T


def _without_tanh(query, keys, query_weight, key_weight, vector):
    return _hidden(query, keys, query_weight, key_weight) @ vector


def _tanh_of_each(query, keys, query_weight, key_weight, vector):
    return ((query_weight @ query).tanh() + (keys @ key_weight.T).tanh()) @ vector


def _tanh_of_the_keys(query, keys, query_weight, key_weight, vector):
    return (query_weight @ query + (keys @ key_weight.T).tanh()) @ vector


def _tanh_of_the_query(query, keys, query_weight, key_weight, vector):
    return ((query_weight @ query).tanh() + keys @ key_weight.T) @ vector


def _tanh_first(query, keys, query_weight, key_weight, vector):
    return _hidden(query.tanh(), keys.tanh(), query_weight, key_weight) @ vector


def _tanh_last(query, keys, query_weight, key_weight, vector):
    return _without_tanh(query, keys, query_weight, key_weight, vector).tanh()


def _sigmoid_last(query, keys, query_weight, key_weight, vector):
    return additive_scores(query, keys, query_weight, key_weight, vector).sigmoid()


def _tanh_again(query, keys, query_weight, key_weight, vector):
    return additive_scores(query, keys, query_weight, key_weight, vector).tanh()


def _vector_inside_tanh(query, keys, query_weight, key_weight, vector):
    return (_hidden(query, keys, query_weight, key_weight) * vector).tanh().sum(dim=1)


def _sigmoid(query, keys, query_weight, key_weight, vector):
    return _hidden(query, keys, query_weight, key_weight).sigmoid() @ vector


def _relu(query, keys, query_weight, key_weight, vector):
    return _hidden(query, keys, query_weight, key_weight).relu() @ vector


def _multiplied(query, keys, query_weight, key_weight, vector):
    return ((query_weight @ query) * (keys @ key_weight.T)).tanh() @ vector


def _subtracted(query, keys, query_weight, key_weight, vector):
    return (query_weight @ query - keys @ key_weight.T).tanh() @ vector


def _dot_product(query, keys, query_weight, key_weight, vector):
    return (keys @ key_weight.T) @ (query_weight @ query)


def _key_weight_turned(query, keys, query_weight, key_weight, vector):
    return additive_scores(query, keys, query_weight, turned(key_weight), vector)


def _query_weight_turned(query, keys, query_weight, key_weight, vector):
    return additive_scores(query, keys, turned(query_weight), key_weight, vector)


def _both_turned(query, keys, query_weight, key_weight, vector):
    return additive_scores(query, keys, turned(query_weight), turned(key_weight), vector)


def _without_query_weight(query, keys, query_weight, key_weight, vector):
    return (like(query_weight @ query, query) + keys @ key_weight.T).tanh() @ vector


def _without_key_weight(query, keys, query_weight, key_weight, vector):
    return (query_weight @ query + like(keys @ key_weight.T, keys)).tanh() @ vector


def _without_both_weights(query, keys, query_weight, key_weight, vector):
    return (like(query_weight @ query, query) + like(keys @ key_weight.T, keys)).tanh() @ vector


def _hidden_returned(query, keys, query_weight, key_weight, vector):
    return _hidden(query, keys, query_weight, key_weight).tanh()


def _added_over_the_keys(query, keys, query_weight, key_weight, vector):
    return (_hidden_returned(query, keys, query_weight, key_weight, vector) * vector).sum(dim=0)


def _vector_added(query, keys, query_weight, key_weight, vector):
    return (_hidden(query, keys, query_weight, key_weight) + vector).tanh().sum(dim=1)


def _softmax_for_tanh(query, keys, query_weight, key_weight, vector):
    return _hidden(query, keys, query_weight, key_weight).softmax(dim=1) @ vector


def _last_key_for_all(query, keys, query_weight, key_weight, vector):
    return additive_scores(query, keys[-1:].expand_as(keys), query_weight, key_weight, vector)


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
        Mistake(
            _tanh_of_the_keys,
            _("You take `tanh` of the **keys** alone. Add the query's row first, and take `tanh` of the sum."),
        ),
        Mistake(
            _tanh_of_the_query,
            _("You take `tanh` of the **query** alone. Add the keys' rows first, and take `tanh` of the sum."),
        ),
        Mistake(
            _tanh_first,
            _("You take `tanh` before the **matrices**. First the matrices, then the sum, then `tanh`."),
        ),
        Mistake(
            _tanh_last,
            _("You take `tanh` of the **score**. It belongs before `vector`, on each number of the hidden layer."),
        ),
        Mistake(_sigmoid_last, _("You take **sigmoid** of the score. It has no limits; softmax comes next.")),
        Mistake(_tanh_again, _("You take `tanh` twice. The score itself has no limits: `tanh` comes before `vector`.")),
        Mistake(
            _vector_inside_tanh,
            _("You multiply by `vector` **inside** `tanh`. It weights what comes out of it."),
        ),
        Mistake(_sigmoid, _("You use **sigmoid**. Bahdanau's hidden layer has `tanh`, which may be negative.")),
        Mistake(_relu, _("You use **relu**. Bahdanau's hidden layer has `tanh`, which may be negative.")),
        Mistake(_multiplied, _("You multiply the two. The score is called additive because they are **added**.")),
        Mistake(_subtracted, _("You **subtract** the keys. The score is called additive because the two are added.")),
        Mistake(
            _dot_product,
            _("You take the **dot product** of the two. They are added, and `vector` makes the score."),
        ),
        Mistake(
            _key_weight_turned,
            _(
                "`.T` is missing: `keys @ key_weight` multiplies by the wrong side of the matrix. "
                "For keys in rows it is `keys @ key_weight.T`. (Where the matrix is not square, yours stops.)"
            ),
        ),
        Mistake(
            _query_weight_turned,
            _(
                "You multiply the query by the wrong side of its matrix: it is `query_weight @ query`. "
                "(Where the matrix is not square, yours stops with an error.)"
            ),
        ),
        Mistake(
            _both_turned,
            _(
                "You multiply by the wrong side of **both** matrices: `query_weight @ query` and "
                "`keys @ key_weight.T`, since each row of them makes one number of the hidden layer."
            ),
        ),
        Mistake(_without_query_weight, _("The query comes in without its **matrix**, `query_weight`.")),
        Mistake(_without_key_weight, _("The keys come in without their **matrix**, `key_weight`.")),
        Mistake(
            _without_both_weights,
            _("Query and keys come in without their **matrices**. They bring both to one size, d_score."),
        ),
        Mistake(
            _hidden_returned,
            _("You return the **hidden layer**, a row for each key. `vector` makes one number of each row."),
        ),
        Mistake(
            _added_over_the_keys,
            _("You add up over the **keys**, `dim=0`. Add along each key's row, `dim=1`."),
        ),
        Mistake(_vector_added, _("You **add** `vector`, like a bias. It is multiplied, after `tanh`.")),
        Mistake(_softmax_for_tanh, _("You use **softmax** inside the network. Its hidden layer has `tanh`.")),
        Mistake(_last_key_for_all, _("All keys get the score of the **last** one. Each row of `keys` is a key.")),
    ),
    corners=(
        Corner(
            lambda query, keys, query_weight, key_weight, vector: len(query) != keys.shape[1],
            _("It goes wrong only where query and keys differ in **size**. Each has its own matrix."),
        ),
        Corner(
            lambda query, keys, query_weight, key_weight, vector: len({len(query), keys.shape[1], len(vector)}) > 1,
            _("It goes wrong only where a matrix is not **square**. Does each multiply on its right side?"),
        ),
        Corner(
            lambda query, keys, query_weight, key_weight, vector: len(keys) == 1,
            _("Only a **single** key goes wrong. Its score is still a tensor, of shape (1,)."),
        ),
    ),
    explanation=_(
        "It is a network with one hidden layer, which reads query and key together. Its d_score is free, and query and "
        "key may differ in size, which a dot product cannot allow."
    ),
)
