"""Exercise on AdapterFusion: attention over adapters."""

import math

import torch
from torch import Tensor

from course.exercises.compare import close
from course.exercises.exercise import Exercise, Mistake
from course.exercises.peft.drawing import drawn
from course.messages import _


def fusion(
    x: "Tensor",
    outputs: "Tensor",
    query: "Tensor",
    key: "Tensor",
    value: "Tensor",
) -> "tuple[Tensor, Tensor]":
    """Mix what several adapters say at each position: attention over the adapters.

    x: (position, d_model), what all adapters read. outputs: (adapter, position, d_model), what each
    of them would add. `query`, `key` and `value` are matrices, (d_model, d_model): at each position
    the query is `query` times x, each adapter's key is `key` times its output, and its value is
    `value` times its output. Scores are dot products, not divided by √d.
    The weights are a softmax over the adapters, for each position alone.
    Returns the mix, (position, d_model), and the weights, (adapter, position).

    >>> import torch
    >>> one, outputs = torch.eye(1), torch.tensor([[[2.0]], [[4.0]]])
    >>> mix, weights = fusion(torch.ones(1, 1), outputs, query=0 * one, key=one, value=2 * one)
    >>> mix.item(), weights[:, 0].tolist()
    (6.0, [0.5, 0.5])
    """
    scores = ((x @ query.T) * (outputs @ key.T)).sum(dim=-1)
    weights = scores.softmax(dim=0)
    mix = (weights[:, :, None] * (outputs @ value.T)).sum(dim=0)
    return mix, weights


def _fusion_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(15)
    cases = []
    for adapters, position, d_model in [(2, 1, 2), (3, 2, 2), (2, 2, 3), (2, 3, 2), (3, 3, 3), (4, 3, 2), (3, 2, 4)]:
        x, outputs = drawn(generator, position, d_model), drawn(generator, adapters, position, d_model)
        cases.append((x, outputs, *(drawn(generator, d_model, d_model) for _matrix in range(3))))
    return cases


def _scores(x, outputs, query, key):
    return ((x @ query.T) * (outputs @ key.T)).sum(dim=-1)


def _mix(weights, outputs, value):
    return (weights[:, :, None] * (outputs @ value.T)).sum(dim=0)


def _weighted(weights, outputs, value):
    return _mix(weights, outputs, value), weights


def _over_positions(x, outputs, query, key, value):
    return _weighted(_scores(x, outputs, query, key).softmax(dim=1), outputs, value)


def _over_everything(x, outputs, query, key, value):
    scores = _scores(x, outputs, query, key)
    return _weighted(scores.flatten().softmax(dim=0).view_as(scores), outputs, value)


def _without_softmax(x, outputs, query, key, value):
    return _weighted(_scores(x, outputs, query, key), outputs, value)


def _sigmoid(x, outputs, query, key, value):
    return _weighted(_scores(x, outputs, query, key).sigmoid(), outputs, value)


def _divided_by_root(x, outputs, query, key, value):
    return _weighted((_scores(x, outputs, query, key) / math.sqrt(x.shape[-1])).softmax(dim=0), outputs, value)


def _mean_over_numbers(x, outputs, query, key, value):
    return _weighted((_scores(x, outputs, query, key) / x.shape[-1]).softmax(dim=0), outputs, value)


def _logarithms(x, outputs, query, key, value):
    return _weighted(_scores(x, outputs, query, key).log_softmax(dim=0), outputs, value)


def _equal_parts(x, outputs, query, key, value):
    return _weighted(torch.full(outputs.shape[:2], 1 / len(outputs)), outputs, value)


def _best_alone(x, outputs, query, key, value):
    scores = _scores(x, outputs, query, key)
    return _weighted((scores == scores.amax(dim=0)).float(), outputs, value)


def _outputs_as_values(x, outputs, query, key, value):
    return _weighted(_scores(x, outputs, query, key).softmax(dim=0), outputs, torch.eye(x.shape[-1]))


def _outputs_as_keys(x, outputs, query, key, value):
    return fusion(x, outputs, query, torch.eye(x.shape[-1]), value)


def _x_as_query(x, outputs, query, key, value):
    return fusion(x, outputs, torch.eye(x.shape[-1]), key, value)


def _no_matrices(x, outputs, query, key, value):
    return fusion(x, outputs, *(torch.eye(x.shape[-1]) for _matrix in range(3)))


def _key_and_value_exchanged(x, outputs, query, key, value):
    return fusion(x, outputs, query, value, key)


def _query_and_key_exchanged(x, outputs, query, key, value):
    return fusion(x, outputs, key, query, value)


def _keys_as_values(x, outputs, query, key, value):
    return fusion(x, outputs, query, key, key)


def _values_as_keys(x, outputs, query, key, value):
    return fusion(x, outputs, query, value, value)


def _query_not_transposed(x, outputs, query, key, value):
    return fusion(x, outputs, query.T, key, value)


def _key_not_transposed(x, outputs, query, key, value):
    return fusion(x, outputs, query, key.T, value)


def _value_not_transposed(x, outputs, query, key, value):
    return fusion(x, outputs, query, key, value.T)


def _none_transposed(x, outputs, query, key, value):
    return fusion(x, outputs, query.T, key.T, value.T)


def _query_of_outputs(x, outputs, query, key, value):
    scores = ((outputs @ query.T) * (outputs @ key.T)).sum(dim=-1)
    return _weighted(scores.softmax(dim=0), outputs, value)


def _values_of_x(x, outputs, query, key, value):
    weights = _scores(x, outputs, query, key).softmax(dim=0)
    return (weights[:, :, None] * (x @ value.T)).sum(dim=0), weights


def _keys_alone(x, outputs, query, key, value):
    return _weighted((outputs @ key.T).sum(dim=-1).softmax(dim=0), outputs, value)


def _residual(x, outputs, query, key, value):
    mix, weights = fusion(x, outputs, query, key, value)
    return x + mix, weights


def _positions_first(x, outputs, query, key, value):
    mix, weights = fusion(x, outputs, query, key, value)
    return mix, weights.T


def _mean_of_positions(x, outputs, query, key, value):
    scores = _scores(x, outputs, query, key).mean(dim=1, keepdim=True).expand(outputs.shape[:2])
    return _weighted(scores.softmax(dim=0), outputs, value)


def _not_summed(x, outputs, query, key, value):
    weights = _scores(x, outputs, query, key).softmax(dim=0)
    return weights[:, :, None] * (outputs @ value.T), weights


def _mean_of_weighted(x, outputs, query, key, value):
    mix, weights = fusion(x, outputs, query, key, value)
    return mix / len(outputs), weights


def _scores_returned(x, outputs, query, key, value):
    mix, _weights = fusion(x, outputs, query, key, value)
    return mix, _scores(x, outputs, query, key)


def _per_number(x, outputs, query, key, value):
    weights = ((x @ query.T) * (outputs @ key.T)).softmax(dim=0)
    return (weights * (outputs @ value.T)).sum(dim=0), weights


FUSION = Exercise(
    name="peft.fusion",
    title=_("Attention over adapters"),
    solution=fusion,
    cases=_fusion_cases,
    hints=(
        _(
            "At each position one query, and of each adapter a key and a value. `outputs @ key.T` gives all keys, "
            "(adapter, position, d_model); a dot product with the queries leaves (adapter, position)."
        ),
        _(
            "`scores = ((x @ query.T) * (outputs @ key.T)).sum(dim=-1)`, `weights = scores.softmax(dim=0)`; the mix is "
            "the sum over dimension 0 of `weights[:, :, None] * (outputs @ value.T)`."
        ),
    ),
    mistakes=(
        Mistake(
            _over_positions,
            _("Your weights add up to 1 over the **positions**: they do so over the adapters, dimension 0."),
        ),
        Mistake(_over_everything, _("All your weights **together** add up to 1: they do so for each position alone.")),
        Mistake(_without_softmax, _("The **softmax** is missing: these weights are the scores.")),
        Mistake(_sigmoid, _("You took a **sigmoid**: the adapters share 1 among them by softmax.")),
        Mistake(
            _divided_by_root, _("You divided by **√d**, as attention between tokens does: AdapterFusion does not.")
        ),
        Mistake(_mean_over_numbers, _("You took the **mean** over the products: a dot product is their sum.")),
        Mistake(_logarithms, _("Your weights are **logarithms**: take `softmax`, not `log_softmax`.")),
        Mistake(
            _equal_parts,
            _("All adapters have the **same** weight: the keys are of their outputs, and the scores differ."),
        ),
        Mistake(_best_alone, _("You take the **best** adapter alone: the softmax mixes all of them.")),
        Mistake(_outputs_as_values, _("You mix the **outputs** themselves: they pass the matrix `value` first.")),
        Mistake(_outputs_as_keys, _("You compare with the **outputs** themselves: they pass the matrix `key` first.")),
        Mistake(_x_as_query, _("You compare **x** itself: it passes the matrix `query` first.")),
        Mistake(_no_matrices, _("You use **no matrix**: x passes `query`, the outputs pass `key` and `value`.")),
        Mistake(
            _key_and_value_exchanged, _("`key` and `value` are **exchanged**: keys are compared, values are mixed.")
        ),
        Mistake(
            _query_and_key_exchanged,
            _("`query` and `key` are **exchanged**: the query is of x, the keys of the outputs."),
        ),
        Mistake(_keys_as_values, _("You mix the **keys**: mix the values, `outputs @ value.T`.")),
        Mistake(_values_as_keys, _("You compare with the **values**: compare with the keys, `outputs @ key.T`.")),
        Mistake(
            _query_not_transposed, _("`query` is **not transposed**: for rows, the matrix times x is `x @ query.T`.")
        ),
        Mistake(_key_not_transposed, _("`key` is **not transposed**: for rows it is `outputs @ key.T`.")),
        Mistake(_value_not_transposed, _("`value` is **not transposed**: for rows it is `outputs @ value.T`.")),
        Mistake(
            _none_transposed,
            _("The **three matrices** are not transposed: for rows, the matrix times x is `x @ query.T`."),
        ),
        Mistake(_query_of_outputs, _("Your queries are of the **outputs**: there is one at each position, of x.")),
        Mistake(_values_of_x, _("Your values are of **x**: mix what the adapters say.")),
        Mistake(
            _keys_alone,
            _(
                "Your **queries** do not count: multiply them by the keys. Added, a query is the same for each "
                "adapter, and softmax takes it out."
            ),
        ),
        Mistake(_residual, _("You added x: the **residual** is added later, outside.")),
        Mistake(_positions_first, _("Your weights are **transposed**: they are (adapter, position).")),
        Mistake(_mean_of_positions, _("All positions have the **same** weights: each has its own.")),
        Mistake(_not_summed, _("Your mix is not **summed** over the adapters: dimension 0.")),
        Mistake(
            _mean_of_weighted,
            _("You took a **mean** over the adapters: the weights add up to 1 already, so it is a sum."),
        ),
        Mistake(_scores_returned, _("You return the **scores**: return the weights, after softmax.")),
        Mistake(_per_number, _("You weigh each **number** on its own: sum the products over d_model before softmax.")),
    ),
    results=("mix", "weights"),
    explanation=_(
        "The adapters were trained one by one, each for its task, and are frozen here: what is trained is which of "
        "them to listen to, token by token. The weights of a position add up to 1 over the adapters, so they can be "
        "read as shares."
    ),
    compare=close,
)
