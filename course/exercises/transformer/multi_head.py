"""Exercises on multi-head attention, within a sequence and from one to another."""

import math

import torch
from torch import Tensor

from course.exercises.compare import close
from course.exercises.exercise import Corner, Exercise, Mistake
from course.exercises.transformer.formulas import Layers, random_layers
from course.messages import _


def multi_head(x: "Tensor", layers: "Layers", n_heads: int, mask: "Tensor") -> "Tensor":
    """Multi-head self-attention: every position of x gathers from all that it may see.

    x: (batch, position, d_model). `layers` has four linear layers: `layers.query`, `layers.key` and
    `layers.value` make queries, keys and values of x. Each head attends with its part of them, by
    scaled dot products; the heads are joined again, and `layers.output` mixes them. `mask` is True
    where a position may look. The answer: (batch, position, d_model).

    >>> import torch
    >>> from types import SimpleNamespace
    >>> same, double = lambda v: v, lambda v: 2 * v
    >>> layers = SimpleNamespace(query=same, key=same, value=same, output=double)
    >>> x = torch.tensor([[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]])
    >>> multi_head(x, layers, n_heads=2, mask=torch.eye(2).bool()).tolist()
    [[[2.0, 4.0, 6.0, 8.0], [10.0, 12.0, 14.0, 16.0]]]
    """
    from torch.nn.functional import scaled_dot_product_attention

    query, key, value = (
        vectors.unflatten(2, (n_heads, -1)).transpose(1, 2)
        for vectors in (layers.query(x), layers.key(x), layers.value(x))
    )
    heads = scaled_dot_product_attention(query, key, value, mask)
    joined = heads.transpose(1, 2).flatten(2)
    return layers.output(joined)


def cross_attention(
    x: "Tensor",
    memory: "Tensor",
    layers: "Layers",
    n_heads: int,
    mask: "Tensor",
) -> "Tensor":
    """Multi-head attention from one sequence to another: x asks, and `memory` answers.

    x: (batch, position, d_model) is what the decoder has so far; memory: (batch, source, d_model)
    is what the encoder made of the source. The queries come from x, keys and values from memory.
    All else is as in `multi_head`. The answer: (batch, position, d_model).

    >>> import torch
    >>> from types import SimpleNamespace
    >>> same = lambda v: v
    >>> layers = SimpleNamespace(query=same, key=same, value=same, output=same)
    >>> x, memory = torch.tensor([[[0.0, 0.0]]]), torch.tensor([[[1.0, 2.0], [3.0, 4.0]]])
    >>> cross_attention(x, memory, layers, n_heads=1, mask=torch.tensor([[True, True]])).tolist()
    [[[2.0, 3.0]]]
    """
    from torch.nn.functional import scaled_dot_product_attention

    query, key, value = (
        vectors.unflatten(2, (n_heads, -1)).transpose(1, 2)
        for vectors in (layers.query(x), layers.key(memory), layers.value(memory))
    )
    heads = scaled_dot_product_attention(query, key, value, mask)
    joined = heads.transpose(1, 2).flatten(2)
    return layers.output(joined)


def _drawn(*shape: int, generator: torch.Generator) -> Tensor:
    return torch.randn(shape, generator=generator).round(decimals=1)


def _multi_head_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(6)
    cases = []
    for batch, positions, d_model, n_heads, causal in [
        (1, 2, 4, 2, False),
        (1, 2, 4, 2, True),
        (1, 3, 4, 2, True),
        (1, 3, 6, 3, False),
        (2, 2, 4, 2, True),
        (1, 4, 6, 2, True),
        (2, 3, 6, 3, True),
        (2, 2, 6, 2, True),
        (1, 4, 8, 4, True),
        (2, 3, 4, 1, True),
        (1, 2, 8, 2, True),
    ]:
        mask = torch.ones(positions, positions, dtype=torch.bool)
        layers = random_layers(d_model, generator)
        x = _drawn(batch, positions, d_model, generator=generator)
        cases.append((x, layers, n_heads, mask.tril() if causal else mask))
    padding = torch.tensor([[True, True, True], [True, True, False]])[:, None, None]
    cases.append((_drawn(2, 3, 4, generator=generator), random_layers(4, generator), 2, padding))
    return cases


def _cross_attention_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(7)
    cases = []
    for batch, positions, source, d_model, n_heads in [
        (1, 3, 2, 4, 2),
        (1, 2, 2, 4, 2),
        (1, 1, 2, 4, 2),
        (1, 2, 3, 4, 2),
        (1, 3, 3, 4, 2),
        (2, 2, 2, 4, 1),
        (1, 3, 3, 6, 3),
        (2, 3, 3, 4, 2),
        (1, 4, 2, 6, 2),
        (2, 2, 2, 8, 2),
        (2, 3, 4, 8, 4),
    ]:
        x, memory = (_drawn(batch, n, d_model, generator=generator) for n in (positions, source))
        cases.append((x, memory, random_layers(d_model, generator), n_heads, torch.ones(1, source, dtype=torch.bool)))
    for case in (1, 3, 4, 5, 7, 9, 10):
        x, memory, layers, n_heads, _mask = cases[case]
        padding = torch.ones(len(x), 1, 1, memory.shape[1], dtype=torch.bool)
        padding[-1, ..., -1] = False
        cases.append((x + 0.5, memory, layers, n_heads, padding[0, 0] if len(x) == 1 else padding))
    return cases


def _split(x, n_heads):
    return x.unflatten(2, (n_heads, -1)).transpose(1, 2)


def _reshaped_at_once(x, n_heads):
    batch, position, d_model = x.shape
    return x.reshape(batch, n_heads, position, d_model // n_heads)


def _taking_turns(x, n_heads):
    return x.unflatten(2, (-1, n_heads)).permute(0, 3, 1, 2)


def _join(heads):
    return heads.transpose(1, 2).flatten(2)


def _attend(query, key, value, mask, scale=None):
    scale = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    return (query @ key.mT * scale).masked_fill(~mask, -math.inf).softmax(-1) @ value


def _with(
    *,
    split=_split,
    attend=_attend,
    join=_join,
    output=True,
    source=lambda x, memory: (x, memory, memory),
    names=("query", "key", "value"),
):
    """Multi-head attention with one step done otherwise, where the shapes allow that."""

    def run(x, memory, layers, n_heads, mask):
        projected = [getattr(layers, name)(each) for name, each in zip(names, source(x, memory), strict=True)]
        query, key, value = (split(each, n_heads) for each in projected)
        try:
            joined = join(attend(query, key, value, mask))
            return layers.output(joined) if output else joined
        except RuntimeError:
            return cross_attention(x, memory, layers, n_heads, mask)

    return run


def _one_head(x, memory, layers, n_heads, mask):
    return _with()(x, memory, layers, 1, mask)


def _scaled_by_d_model(x, memory, layers, n_heads, mask):
    scale = 1 / math.sqrt(x.shape[-1])
    return _with(attend=lambda q, k, v, visible: _attend(q, k, v, visible, scale=scale))(
        x, memory, layers, n_heads, mask
    )


def _first_head_alone(x, memory, layers, n_heads, mask):
    heads = _with(join=lambda heads: heads, output=False)(x, memory, layers, n_heads, mask)
    return heads[:, 0]


def _sizes_exchanged(x, memory, layers, n_heads, mask):
    return _with(split=lambda each, n: _split(each, each.shape[-1] // n))(x, memory, layers, n_heads, mask)


def _joined_as_they_lie(x, memory, layers, n_heads, mask):
    return _with(join=lambda heads: heads.reshape(x.shape))(x, memory, layers, n_heads, mask)


def _output_before_the_join(x, memory, layers, n_heads, mask):
    return _with(output=False)(x, memory, layers, n_heads, mask) + x


def _projected_twice(x, memory, layers, n_heads, mask):
    return layers.output(_with()(x, memory, layers, n_heads, mask))


STEPS = (
    (
        "without_output",
        _with(output=False),
        _(
            "The output layer is missing: `layers.output` mixes the joined heads, which until then know "
            "nothing of each other."
        ),
    ),
    (
        "one_head",
        _one_head,
        _("You attend with the whole vectors, as one head. Split queries, keys and values into `n_heads` parts first."),
    ),
    (
        "joined_as_they_lie",
        _joined_as_they_lie,
        _(
            "Your join mixes the **positions**: `reshape` keeps the order in memory. Bring the positions back before "
            "the heads with `transpose(1, 2)`, then `flatten(2)`."
        ),
    ),
    (
        "split_as_they_lie",
        _with(split=_reshaped_at_once),
        _("Your split mixes the **positions**: cut each vector first, then `transpose(1, 2)`, as in `split_heads`."),
    ),
    (
        "heads_for_positions",
        _with(split=lambda each, n: each.unflatten(2, (n, -1)), join=lambda mixed: mixed.flatten(2)),
        _(
            "Your attention is between the **heads** of a position. Swap dimensions 1 and 2 after the cut, as "
            "`split_heads` does, so that it is between the positions of a head."
        ),
    ),
    (
        "split_without_transpose",
        _with(split=lambda each, n: each.unflatten(2, (n, -1))),
        _("Your split has the positions before the heads: swap dimensions 1 and 2 after the cut, as `split_heads`."),
    ),
    (
        "heads_take_turns",
        _with(split=_taking_turns),
        _(
            "Your heads take turns through the vector. Each takes neighbouring numbers: `(n_heads, d_head)`, "
            "in this order."
        ),
    ),
    (
        "joined_in_turns",
        _with(join=lambda heads: heads.permute(0, 2, 3, 1).flatten(2)),
        _("Your join lets the heads take turns. The numbers of one head stay together: `transpose(1, 2).flatten(2)`."),
    ),
    (
        "sizes_exchanged",
        _sizes_exchanged,
        _("You cut into d_head heads of `n_heads` numbers. There are `n_heads` heads, of d_model / n_heads numbers."),
    ),
    (
        "scaled_by_d_model",
        _scaled_by_d_model,
        _("You divide by √d_model. Each head compares d_model / n_heads numbers: divide by the root of **that**."),
    ),
    (
        "not_scaled",
        _with(attend=lambda q, k, v, mask: _attend(q, k, v, mask, scale=1)),
        _("The scores are not divided by √d_head."),
    ),
    (
        "without_mask",
        _with(attend=lambda q, k, v, mask: _attend(q, k, v, mask | True)),
        _("You do not use the mask: where it is False, a position must not look."),
    ),
    (
        "inverted_mask",
        _with(attend=lambda q, k, v, mask: _attend(q, k, v, ~mask)),
        _("You hide what is visible. In `mask`, True means that a position **may** look."),
    ),
    (
        "over_the_queries",
        _with(
            attend=lambda q, k, v, mask: (q @ k.mT / q.shape[-1] ** 0.5).masked_fill(~mask, -math.inf).softmax(-2) @ v
        ),
        _("Your weights sum to 1 over the **queries**. Softmax belongs on the last dimension, the keys."),
    ),
    (
        "without_softmax",
        _with(attend=lambda q, k, v, mask: (q @ k.mT / q.shape[-1] ** 0.5).masked_fill(~mask, 0) @ v),
        _("The softmax is missing: the scores themselves are taken for weights."),
    ),
    (
        "keys_as_values",
        _with(names=("query", "key", "key")),
        _("You mix the **keys**. What is handed over are the values, from `layers.value`."),
    ),
    (
        "keys_and_values_exchanged",
        _with(names=("query", "value", "key")),
        _("Keys and values are exchanged: the queries are compared with the keys, and the values are mixed."),
    ),
    (
        "queries_and_keys_exchanged",
        _with(names=("key", "query", "value")),
        _("Queries and keys are exchanged: `layers.query` makes what asks."),
    ),
    (
        "query_layer_for_all",
        _with(names=("query", "query", "query")),
        _("You use `layers.query` for all three. Queries, keys and values have a layer each."),
    ),
    (
        "projected_twice",
        _projected_twice,
        _("`layers.output` is used twice. Once is enough, after the join."),
    ),
    (
        "first_head_alone",
        _first_head_alone,
        _("You return the first head alone. Join all of them, and hand them to `layers.output`."),
    ),
    (
        "mean_of_heads",
        _with(join=lambda heads: heads.mean(1), output=False),
        _("You take the mean of the heads. They are **joined**, one after the other, to vectors of d_model numbers."),
    ),
    (
        "added_to_x",
        _output_before_the_join,
        _("You add `x`, and leave the output layer out. The residual connection comes later, around this function."),
    ),
)


def _named(name, function):
    function.__name__ = f"_{name}"
    return function


def _within(function):
    """The same of one sequence with itself."""
    return lambda x, layers, n_heads, mask: function(x, x, layers, n_heads, mask)


def _not_projected(x, layers, n_heads, mask):
    heads = _split(x, n_heads)
    return layers.output(_join(_attend(heads, heads, heads, mask)))


MULTI_HEAD = Exercise(
    name="transformer.multi_head",
    title=_("Multi-head attention"),
    solution=multi_head,
    cases=_multi_head_cases,
    compare=close,
    hints=(
        _(
            "Project x three times, split each with `split_heads`, call `attention`, join the heads, then the "
            "output layer."
        ),
        _(
            "The join undoes the split: `heads.transpose(1, 2)` brings the positions before the heads, `.flatten(2)` "
            "makes one vector of a position's heads."
        ),
    ),
    mistakes=(
        *(Mistake(_named(name, _within(function)), message) for name, function, message in STEPS),
        Mistake(
            _not_projected,
            _(
                "You split x itself. Queries, keys and values come from `layers.query(x)`, `layers.key(x)`, "
                "`layers.value(x)`."
            ),
        ),
    ),
    corners=(
        Corner(
            lambda x, layers, n_heads, mask: len(x) > 1,
            _("Only inputs with several sequences go wrong: the batch is the first dimension."),
        ),
        Corner(
            lambda x, layers, n_heads, mask: bool((~mask).any()),
            _("It goes wrong where the mask hides something: a hidden key's score is −∞, in every head."),
        ),
        Corner(
            lambda x, layers, n_heads, mask: n_heads > 1,
            _("One head is right, and several are not: look at how you split and how you join them."),
        ),
    ),
    explanation=_(
        "Here PyTorch's function does the attention; with your own, the line reads `attention(query, key, "
        "value, mask)`. "
        "The output layer is what lets one head's find change what another head's is worth: it mixes all "
        "d_model numbers."
    ),
)


def _from(name, source, message):
    return Mistake(_named(name, _with(source=source)), message)


CROSS_ATTENTION = Exercise(
    name="transformer.cross_attention",
    title=_("Cross-attention"),
    solution=cross_attention,
    cases=_cross_attention_cases,
    compare=close,
    hints=(
        _("It is `multi_head` with another source of keys and values."),
        _("`layers.query(x)`, but `layers.key(memory)` and `layers.value(memory)`."),
    ),
    mistakes=(
        _from(
            "self_attention",
            lambda x, memory: (x, x, x),
            _("This is self-attention of `x`. Keys and values come from `memory`."),
        ),
        _from(
            "of_the_memory",
            lambda x, memory: (memory, memory, memory),
            _("This is self-attention of `memory`. The **queries** come from x."),
        ),
        _from(
            "other_way_round",
            lambda x, memory: (memory, x, x),
            _("It is the wrong way round: `x` asks, and `memory` answers."),
        ),
        _from(
            "values_of_x",
            lambda x, memory: (x, memory, x),
            _("Your values come from `x`. What is handed over comes from `memory`, as the keys do."),
        ),
        _from(
            "keys_of_x",
            lambda x, memory: (x, x, memory),
            _("Your keys come from `x`. They come from `memory`, as the values do."),
        ),
        *(Mistake(_named(name, function), message) for name, function, message in STEPS if name != "added_to_x"),
    ),
    corners=(
        Corner(
            lambda x, memory, layers, n_heads, mask: x.shape[1] != memory.shape[1],
            _(
                "It goes wrong only where x and memory differ in **length**. Where do you take one's length "
                "for the other's?"
            ),
        ),
        Corner(
            lambda x, memory, layers, n_heads, mask: bool((~mask).any()),
            _("It goes wrong only where the mask hides something: padding of the source must not be looked at."),
        ),
        Corner(
            lambda x, memory, layers, n_heads, mask: len(x) > 1,
            _("Only inputs with several pairs of sequences go wrong: the batch is the first dimension."),
        ),
    ),
    explanation=_(
        "`cross_attention(x, x, …)` is self-attention: the same code, with one sequence in both places. "
        "Keys and values of the memory do not change while the decoder predicts, and can be computed once."
    ),
)
