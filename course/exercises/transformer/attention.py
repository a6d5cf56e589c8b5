"""Exercises on attention: how evenly softmax shares out, split into heads, hide the future."""

import math

import torch
from torch import Tensor

from course.exercises.exercise import Exercise, Mistake
from course.messages import _


def softmax_entropy(scores: list[float]) -> float:
    """How evenly softmax shares itself out over these scores: its entropy, in nats.

    The entropy of the weights w is the sum of -w * log(w), with the natural logarithm; a weight of
    0 adds nothing. Scores may be far from 0: exp(1000) is more than a float can hold.

    >>> softmax_entropy([2.0, 2.0, 2.0, 2.0])
    1.3862943611198906
    >>> softmax_entropy([1000.0, 0.0])
    0.0
    """
    import math

    largest = max(scores)
    powers = [math.exp(score - largest) for score in scores]
    weights = [power / sum(powers) for power in powers]
    return sum(-weight * math.log(weight) for weight in weights if weight > 0)


def _softmax_entropy_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(6)
    cases = [[2.0] * 4, [0.0, 1.0], [1.0, 2.0, 3.0], [5.0], [-1.0, 0.0, 0.5, 4.0], [1000.0, 0.0], [800.0, 801.0]]
    cases += [(scale * torch.randn(8, generator=generator)).tolist() for scale in (0.5, 2.0, 8.0, 100.0)]
    return [(scores,) for scores in cases]


def _weights(scores):
    largest = max(scores)
    powers = [math.exp(score - largest) for score in scores]
    return [power / sum(powers) for power in powers]


def _in_bits(scores):
    return softmax_entropy(scores) / math.log(2)


def _without_minus(scores):
    return -softmax_entropy(scores)


def _without_the_weight(scores):
    return sum(-math.log(weight) for weight in _weights(scores) if weight > 0)


def _shares_without_exponentials(scores):
    total = sum(map(abs, scores))
    return sum(-abs(score) / total * math.log(abs(score) / total) for score in scores if score)


SOFTMAX_ENTROPY = Exercise(
    name="transformer.softmax_entropy",
    title=_("How evenly softmax shares out"),
    solution=softmax_entropy,
    cases=_softmax_entropy_cases,
    hints=(
        _("First the weights: the exponential of each score over the sum of all. Then the sum of `-w * math.log(w)`."),
        _(
            "Take the largest score from all of them before the exponentials: the weights stay the same, and the "
            "largest power is exp(0). Leave out weights of 0, whose logarithm does not exist."
        ),
    ),
    mistakes=(
        Mistake(_in_bits, _("This is the entropy in **bits**: use the natural logarithm, `math.log`, for nats.")),
        Mistake(
            _without_minus,
            _("The sign is missing. The logarithm of a weight is at most 0, and an entropy is never below 0."),
        ),
        Mistake(
            _without_the_weight,
            _("You add up the surprises `-log(w)` alike. Each counts as often as it happens: multiply it by `w`."),
        ),
        Mistake(
            _shares_without_exponentials,
            _("These weights are the scores over their sum. Softmax takes the **exponential** of each score first."),
        ),
    ),
    explanation=_(
        "Taking the largest score away changes no weight, because a factor above and below the line cancels; it keeps "
        "every power at most 1. The entropy is log(n) for n equal scores and 0 when one score wins everything."
    ),
)


def split_heads(x: "Tensor", n_heads: int) -> "Tensor":
    """Give each head its part of every vector of x.

    x: (batch, position, d_model). The answer: (batch, heads, position, d_head). Head 0 takes the
    first d_model / n_heads numbers of each vector, head 1 the next ones, and so on.

    >>> import torch
    >>> x = torch.tensor([[[1, 2, 3, 4], [5, 6, 7, 8]]])  # 1 sequence of 2 positions
    >>> split_heads(x, n_heads=2).tolist()
    [[[[1, 2], [5, 6]], [[3, 4], [7, 8]]]]
    """
    batch, position, d_model = x.shape
    return x.reshape(batch, position, n_heads, d_model // n_heads).transpose(1, 2)


def _split_heads_cases() -> list[tuple]:
    shapes = [(1, 2, 4, 2), (1, 3, 6, 2), (2, 3, 8, 4), (1, 2, 6, 3), (2, 2, 6, 3), (2, 4, 4, 1), (3, 1, 8, 8)]
    return [
        (torch.arange(batch * position * d_model).view(batch, position, d_model), n_heads)
        for batch, position, d_model, n_heads in shapes
    ]


def _without_transpose(x, n_heads):
    batch, position, d_model = x.shape
    return x.reshape(batch, position, n_heads, d_model // n_heads)


def _reshaped_at_once(x, n_heads):
    batch, position, d_model = x.shape
    return x.reshape(batch, n_heads, position, d_model // n_heads)


def _heads_take_turns(x, n_heads):
    batch, position, d_model = x.shape
    return x.reshape(batch, position, d_model // n_heads, n_heads).permute(0, 3, 1, 2)


SPLIT_HEADS = Exercise(
    name="transformer.split_heads",
    title=_("Split into heads"),
    solution=split_heads,
    cases=_split_heads_cases,
    hints=(
        _("Two steps: cut the last dimension into heads and the rest, then bring the heads before the positions."),
        _(
            "`x.reshape(batch, position, n_heads, d_model // n_heads)` cuts each vector where it stands; "
            "`.transpose(1, 2)` then swaps positions and heads."
        ),
    ),
    mistakes=(
        Mistake(
            _without_transpose,
            _(
                "Your answer has the positions before the heads. Attention is taken over the last two dimensions, "
                "which must be position and d_head: swap dimensions 1 and 2."
            ),
        ),
        Mistake(
            _reshaped_at_once,
            _(
                "The shape is right, but the numbers of **different positions** are mixed: `reshape` keeps the order "
                "in memory. Cut the vectors first, then `transpose`."
            ),
        ),
        Mistake(
            _heads_take_turns,
            _(
                "Your heads take turns through the vector: head 0 gets every n-th number. Each head takes "
                "neighbouring numbers: heads come before d_head in the reshape."
            ),
        ),
    ),
    explanation=_(
        "Nothing is computed: the same numbers are read in another order. `transpose` only notes that two dimensions "
        "are swapped. The way back is `transpose(1, 2)` and `flatten(2)`."
    ),
)


def causal_mask(n_queries: int, n_keys: int) -> list[list[bool]]:
    """Which keys each query may see: itself and those before it.

    There is a row for each query; True means visible. The queries are the **last** of the keys:
    when a text is written with a cache, the keys of the tokens read before are there as well.

    >>> causal_mask(3, 3)
    [[True, False, False], [True, True, False], [True, True, True]]
    >>> causal_mask(1, 4)
    [[True, True, True, True]]
    """
    before = n_keys - n_queries
    return [[key <= before + query for key in range(n_keys)] for query in range(n_queries)]


def _causal_mask_cases() -> list[tuple]:
    return [(3, 3), (1, 4), (2, 5), (1, 1), (4, 4), (3, 4), (5, 5), (4, 7)]


def _sees_the_future(n_queries, n_keys):
    return [[key >= n_keys - n_queries + query for key in range(n_keys)] for query in range(n_queries)]


def _blind_to_itself(n_queries, n_keys):
    return [[key < n_keys - n_queries + query for key in range(n_keys)] for query in range(n_queries)]


def _hidden_is_true(n_queries, n_keys):
    return [[key > n_keys - n_queries + query for key in range(n_keys)] for query in range(n_queries)]


def _queries_come_first(n_queries, n_keys):
    return [[key <= query for key in range(n_keys)] for query in range(n_queries)]


CAUSAL_MASK = Exercise(
    name="transformer.causal_mask",
    title=_("Hide the future"),
    solution=causal_mask,
    cases=_causal_mask_cases,
    hints=(
        _("Query number 0 is not always key number 0: there are `n_keys - n_queries` keys before it."),
        _("The entry of a query and a key is `key <= (n_keys - n_queries) + query`."),
    ),
    mistakes=(
        Mistake(
            _sees_the_future,
            _("Your mask shows each query the future and hides the past. Visible is what stands **before** it."),
        ),
        Mistake(
            _blind_to_itself,
            _(
                "Your queries do not see themselves, and the first one sees nothing, for which softmax has no answer. "
                "Use `<=`, not `<`."
            ),
        ),
        Mistake(
            _hidden_is_true,
            _("Your mask is True where a key is **hidden**, as in PyTorch's layers. Here True means visible."),
        ),
        Mistake(
            _queries_come_first,
            _(
                "With as many keys as queries this is right. With more keys, the queries are the **last** of them: "
                "a single query sees every key."
            ),
        ),
    ),
    explanation=_(
        "With `n_queries == n_keys` it is the lower triangle. With a cache the queries are moved to the right by the "
        "number of keys before them, so that a single new token sees everything."
    ),
)
