"""Exercises on score functions: the dot product, and the additive one with weights of its own."""

from course.exercises.attention.drawing import draws, like, tensor, turned
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
        (tensor([1.0, 2.0]), tensor([[3.0, 0.0], [1.0, -1.0]])),
        *draws([(3,), (3, 3)], [(2,), (2, 2)], scale=2.0),
        (tensor([1.0, 2.0]), tensor([[3.0, 0.0], [0.0, -1.0], [1.0, 1.0]])),
        (tensor([0.5, -1.0, 2.0]), tensor([[1.0, 1.0, 1.0]])),
        (tensor([0.0, 0.0]), tensor([[1.0, 2.0], [3.0, 4.0]])),
        *draws([(4,), (5, 4)], [(2,), (6, 2)], [(6,), (2, 6)], [(8,), (3, 8)], [(1,), (3, 1)], scale=3.0),
    ]


def _without_the_sum(query, keys):
    return keys * query


def _one_number_for_all(query, keys):
    return (keys * query).sum()


def _added_down(query, keys):
    return (keys * query).sum(dim=0)


def _column(query, keys):
    return (keys @ query)[:, None]


def _row(query, keys):
    return (keys @ query)[None]


def _transposed(query, keys):
    return turned(keys) @ query


def _mean(query, keys):
    return (keys * query).mean(dim=1)


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


def _over_the_querys_length(query, keys):
    return keys @ query / query.norm().clamp(min=1e-8)


def _scaled(query, keys):
    return keys @ query / query.shape[0] ** 0.5


def _scaled_by_the_keys(query, keys):
    return keys @ query / keys.shape[0] ** 0.5


def _softmaxed(query, keys):
    return (keys @ query).softmax(dim=0)


def _distance(query, keys):
    return (keys - query).norm(dim=1)


def _nearness(query, keys):
    return -((keys - query) ** 2).sum(dim=1)


def _negative(query, keys):
    return -(keys @ query)


def _without_the_sign(query, keys):
    return (keys @ query).abs()


def _negative_cut(query, keys):
    return (keys @ query).relu()


def _squared(query, keys):
    return (keys @ query) ** 2


def _whole_numbers(query, keys):
    return (keys @ query).trunc()


def _sorted(query, keys):
    return (keys @ query).sort(descending=True).values


def _from_the_last_key(query, keys):
    return keys.flip(0) @ query


def _first_key(query, keys):
    return keys[0] @ query


def _last_key(query, keys):
    return keys[-1] @ query


def _without_the_first_number(query, keys):
    return keys[:, 1:] @ query[1:]


def _without_the_last_number(query, keys):
    return keys[:, :-1] @ query[:-1]


def _keys_with_keys(query, keys):
    return keys @ keys.T


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
            _column,
            _("Your scores are right, as a **column** of shape (n, 1). The answer is one row of numbers, (n,)."),
        ),
        Mistake(
            _row,
            _("Your scores are right, with **one dimension too many**: (1, n). The answer is (n,)."),
        ),
        Mistake(
            _transposed,
            _(
                "You multiply the query into the **columns** of `keys`. A key is a row: `keys @ query`. "
                "(Where `keys` is not square, yours stops with an error.)"
            ),
        ),
        Mistake(_mean, _("You take the **mean** of the products. The dot product is their sum.")),
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
            _over_the_querys_length,
            _("You divide by the length of the **query**. The dot product keeps it: a longer query is more decided."),
        ),
        Mistake(
            _scaled,
            _("You divide by √d. That is the **scaled** dot product; here the score is the dot product as it is."),
        ),
        Mistake(
            _scaled_by_the_keys,
            _("You divide by √n, the number of **keys**. (Scaling is by √d.) Here nothing is divided."),
        ),
        Mistake(_softmaxed, _("You go on to **softmax**. It is the next step; scores come before it.")),
        Mistake(_distance, _("You compute the **distance** of query and key. The dot product is the sum of products.")),
        Mistake(
            _nearness,
            _("You compare by the squared **distance**, turned round. The dot product is the sum of products."),
        ),
        Mistake(_negative, _("Your scores have the wrong **sign**. The better the match, the larger the score.")),
        Mistake(
            _without_the_sign,
            _("Your scores are never **negative**. A key that points away from the query has a score below 0."),
        ),
        Mistake(
            _negative_cut,
            _("You turn negative scores into 0. A key that points away from the query has a score **below** 0."),
        ),
        Mistake(_squared, _("You **square** the scores. The dot product is the sum of the products as they are.")),
        Mistake(_whole_numbers, _("Your scores are **whole** numbers: what comes after the point is lost.")),
        Mistake(
            _sorted, _("You **sort** the scores. They stay in the order of the keys, or nobody knows whose is whose.")
        ),
        Mistake(_from_the_last_key, _("Your scores run from the **last** key to the first.")),
        Mistake(_first_key, _("You return the score of the **first** key alone. Every row of `keys` is a key.")),
        Mistake(_last_key, _("You return the score of the **last** key alone. Every row of `keys` is a key.")),
        Mistake(
            _without_the_first_number,
            _("The **first** number of each vector takes no part. Does an index begin at 1?"),
        ),
        Mistake(
            _without_the_last_number,
            _("The **last** number of each vector takes no part. Is a range one too short?"),
        ),
        Mistake(_keys_with_keys, _("You compare the keys with **each other**. Compare each with the query.")),
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
    square = [[(size,), (n, size), (size, size), (size, size), (size,)] for n, size in ((3, 2), (2, 2), (3, 3), (5, 4))]
    oblong = [
        [(d_query,), (n, d_key), (d_score, d_query), (d_score, d_key), (d_score,)]
        for d_query, n, d_key, d_score in ((3, 4, 2, 5), (2, 1, 3, 4), (2, 4, 2, 3), (1, 2, 1, 2), (3, 3, 2, 1))
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


def _keys_alone(query, keys, query_weight, key_weight, vector):
    return (keys @ key_weight.T).tanh() @ vector


def _query_alone(query, keys, query_weight, key_weight, vector):
    return ((query_weight @ query).tanh() @ vector).expand(len(keys))


def _key_weight_turned(query, keys, query_weight, key_weight, vector):
    return additive_scores(query, keys, query_weight, turned(key_weight), vector)


def _query_weight_turned(query, keys, query_weight, key_weight, vector):
    return additive_scores(query, keys, turned(query_weight), key_weight, vector)


def _both_turned(query, keys, query_weight, key_weight, vector):
    return additive_scores(query, keys, turned(query_weight), turned(key_weight), vector)


def _weights_exchanged(query, keys, query_weight, key_weight, vector):
    return additive_scores(query, keys, like(query_weight, key_weight), like(key_weight, query_weight), vector)


def _query_weight_for_both(query, keys, query_weight, key_weight, vector):
    return additive_scores(query, keys, query_weight, like(key_weight, query_weight), vector)


def _key_weight_for_both(query, keys, query_weight, key_weight, vector):
    return additive_scores(query, keys, like(query_weight, key_weight), key_weight, vector)


def _without_query_weight(query, keys, query_weight, key_weight, vector):
    return (like(query_weight @ query, query) + keys @ key_weight.T).tanh() @ vector


def _without_key_weight(query, keys, query_weight, key_weight, vector):
    return (query_weight @ query + like(keys @ key_weight.T, keys)).tanh() @ vector


def _without_both_weights(query, keys, query_weight, key_weight, vector):
    return (like(query_weight @ query, query) + like(keys @ key_weight.T, keys)).tanh() @ vector


def _hidden_returned(query, keys, query_weight, key_weight, vector):
    return _hidden(query, keys, query_weight, key_weight).tanh()


def _times_vector_not_added(query, keys, query_weight, key_weight, vector):
    return _hidden_returned(query, keys, query_weight, key_weight, vector) * vector


def _summed_without_vector(query, keys, query_weight, key_weight, vector):
    return _hidden_returned(query, keys, query_weight, key_weight, vector).sum(dim=1)


def _one_number_for_all(query, keys, query_weight, key_weight, vector):
    return additive_scores(query, keys, query_weight, key_weight, vector).sum()


def _added_over_the_keys(query, keys, query_weight, key_weight, vector):
    return _times_vector_not_added(query, keys, query_weight, key_weight, vector).sum(dim=0)


def _mean_over_d_score(query, keys, query_weight, key_weight, vector):
    return additive_scores(query, keys, query_weight, key_weight, vector) / len(vector)


def _over_the_root(query, keys, query_weight, key_weight, vector):
    return additive_scores(query, keys, query_weight, key_weight, vector) / len(vector) ** 0.5


def _vector_added(query, keys, query_weight, key_weight, vector):
    return (_hidden(query, keys, query_weight, key_weight) + vector).tanh().sum(dim=1)


def _softmaxed_scores(query, keys, query_weight, key_weight, vector):
    return additive_scores(query, keys, query_weight, key_weight, vector).softmax(dim=0)


def _softmax_for_tanh(query, keys, query_weight, key_weight, vector):
    return _hidden(query, keys, query_weight, key_weight).softmax(dim=1) @ vector


def _column_of_scores(query, keys, query_weight, key_weight, vector):
    return additive_scores(query, keys, query_weight, key_weight, vector)[:, None]


def _row_of_scores(query, keys, query_weight, key_weight, vector):
    return additive_scores(query, keys, query_weight, key_weight, vector)[None]


def _negative_scores(query, keys, query_weight, key_weight, vector):
    return -additive_scores(query, keys, query_weight, key_weight, vector)


def _first_key_alone(query, keys, query_weight, key_weight, vector):
    return additive_scores(query, keys, query_weight, key_weight, vector)[0]


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
        Mistake(_keys_alone, _("The **query** has no part in your scores. Every query would get the same.")),
        Mistake(_query_alone, _("The **keys** have no part in your scores. Every key would get the same.")),
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
        Mistake(_weights_exchanged, _("The two matrices are **exchanged**: `query_weight` is for the query.")),
        Mistake(_query_weight_for_both, _("You use `query_weight` for the keys **too**. They have their own.")),
        Mistake(_key_weight_for_both, _("You use `key_weight` for the query **too**. It has its own.")),
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
            _times_vector_not_added,
            _("You multiply by `vector` number by number and stop there. **Add** each row up: that is `@`."),
        ),
        Mistake(
            _summed_without_vector,
            _("You add up each row, every number alike. `vector` says **how much** each of them counts."),
        ),
        Mistake(
            _one_number_for_all,
            _("You add up over **all** keys. Each key has a score of its own."),
        ),
        Mistake(
            _added_over_the_keys,
            _("You add up over the **keys**, `dim=0`. Add along each key's row, `dim=1`."),
        ),
        Mistake(_mean_over_d_score, _("You take the **mean** over the hidden layer. The dot product is a sum.")),
        Mistake(_over_the_root, _("You divide by √d_score. Only the scaled **dot product** divides.")),
        Mistake(_vector_added, _("You **add** `vector`, like a bias. It is multiplied, after `tanh`.")),
        Mistake(_softmaxed_scores, _("You go on to **softmax**. It is the next step; scores come before it.")),
        Mistake(_softmax_for_tanh, _("You use **softmax** inside the network. Its hidden layer has `tanh`.")),
        Mistake(
            _column_of_scores,
            _("Your scores are right, as a **column** of shape (n, 1). The answer is one row of numbers, (n,)."),
        ),
        Mistake(
            _row_of_scores,
            _("Your scores are right, with **one dimension too many**: (1, n). The answer is (n,)."),
        ),
        Mistake(_negative_scores, _("Your scores have the wrong **sign**.")),
        Mistake(_first_key_alone, _("You return the score of the **first** key alone. Every row of `keys` is a key.")),
        Mistake(_last_key_for_all, _("All keys get the score of the **last** one. Each row of `keys` is a key.")),
    ),
    explanation=_(
        "It is a network with one hidden layer, which reads query and key together. Its d_score is free, and query and "
        "key may differ in size, which a dot product cannot allow."
    ),
)
