"""From one query and one key to the weight between them, and to what the value adds: every number on the way."""

import math
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from course.layers.attention import Attention, causal_mask
from course.layers.sizes import require_whole
from course.messages import _


class AttentionInputs(NamedTuple):
    """What one attention layer compared and mixed for one text: its weights follow from it.

    Queries and keys are those that were compared, after any rotation by their positions. Neighboring query heads may
    share a key head. `mask` is True where a query may look, `bias` is added to the scores; both may be None.
    """

    layer: Attention
    query: Float[Tensor, "heads query d_head"]
    key: Float[Tensor, "kv_heads key d_head"]
    value: Float[Tensor, "kv_heads key d_value"]
    mask: Bool[Tensor, "#heads #query key"] | None
    bias: Float[Tensor, "#heads query key"] | None


@contextmanager
def record_attention_inputs(model: nn.Module) -> Generator[list[AttentionInputs | None]]:
    """Watch what the attention layers of `model` read: `with record_attention_inputs(model) as layers:` and run it.

    `layers[i]` belongs to the i-th attention layer, in the order of `record_attention`: its latest pass, first text of
    the batch. Raises `ValueError` when `model` has no attention layer.
    """
    watched = [module for module in model.modules() if isinstance(module, Attention)]
    if not watched:
        raise ValueError(_("{model} has no attention layer to watch.").format(model=type(model).__name__))
    layers: list[AttentionInputs | None] = [None] * len(watched)
    hooks = [
        layer.register_forward_pre_hook(partial(_keep, layers, index), with_kwargs=True)
        for index, layer in enumerate(watched)
    ]
    try:
        yield layers
    finally:
        for hook in hooks:
            hook.remove()


def _keep(
    layers: list[AttentionInputs | None], index: int, layer: Attention, args: tuple[Any, ...], options: dict[str, Any]
) -> None:
    query, key, value, *rest = args
    mask, bias = rest[0] if rest else options.get("mask"), options.get("bias")
    if options.get("causal"):
        visible = causal_mask(query.shape[-2], key.shape[-2], query.device, layer.window)[None, None]
        mask = visible if mask is None else mask & visible
    shared = (None if table is None else table[0] for table in (mask, bias))
    layers[index] = AttentionInputs(layer, query[0], key[0], value[0], *shared)


@dataclass(frozen=True)
class PairSteps:
    """How one query of one head comes to its weight on one key, in float64.

    The `terms`, one per dimension, sum to `product`; `product / divisor + bias` is `score`; the softmax over the
    `scores` for all keys (-inf where the query may not look) is `weights`. `value` is mixed in with the weight, and
    `output` is the sum over all keys.

    The terms are query × key, except for the additive score of `course.seq2seq`, which multiplies no query by a key:
    there, `query` and `key` are W · query and U · key, and a term is vᵢ · tanh(queryᵢ + keyᵢ). For the general score
    `query` is query · W.
    """

    score_function: str  # one of `course.seq2seq.SCORES`
    place: int  # of the key among the keys
    query: Float[Tensor, "d_head"]
    key: Float[Tensor, "d_head"]
    terms: Float[Tensor, "d_head"]
    divisor: float
    bias: float
    scores: Float[Tensor, "key"]
    weights: Float[Tensor, "key"]
    value: Float[Tensor, "d_value"]
    output: Float[Tensor, "d_value"]

    @property
    def product(self) -> float:
        return self.terms.sum().item()

    @property
    def score(self) -> float:
        return self.scores[self.place].item()

    @property
    def highest(self) -> float:
        """The highest score of the query: softmax subtracts it from all, which changes no weight."""
        return self.scores.max().item()

    @property
    def exponential(self) -> float:
        """e to the power of `score - highest`."""
        return math.exp(self.score - self.highest)

    @property
    def total(self) -> float:
        """The sum of the exponentials of all keys."""
        return (self.scores - self.highest).exp().sum().item()

    @property
    def weight(self) -> float:
        return self.weights[self.place].item()

    @property
    def rank(self) -> int:
        """1 for the key with the largest weight; keys of equal weight share a rank."""
        return 1 + int((self.weights > self.weights[self.place]).sum())

    @property
    def weighted(self) -> Float[Tensor, "d_value"]:
        """The value times its weight: what this key adds to the head's output."""
        return self.weight * self.value

    @property
    def share(self) -> float:
        """The part of the head's output that this key adds, measured along the output.

        The shares of all keys sum to 1. One is negative where a value points away from the sum, and can be above 1.
        """
        return ((self.weighted @ self.output) / (self.output @ self.output).clamp_min(1e-30)).item()


@torch.no_grad()
def pair_steps(inputs: AttentionInputs, head: int, query: int, key: int) -> PairSteps:
    """The steps between a query and a key, by their places, in one head of a recorded layer.

    Raises `ValueError` for a head, a query or a key that is not there.
    """
    sizes = inputs.query.shape[0], inputs.query.shape[1], inputs.key.shape[1]
    for name, number, count in zip(("head", "query", "key"), (head, query, key), sizes, strict=True):
        require_whole(number, name, least=0)
        if number >= count:
            raise ValueError(
                _("{name} is {number}; there are {count}, counted from 0.").format(
                    name=name, number=number, count=count
                )
            )
    group = inputs.query.shape[0] // inputs.key.shape[0]
    keys, values = _exact(inputs.key[head // group]), _exact(inputs.value[head // group])
    score_function = getattr(inputs.layer, "score", "scaled_dot")
    score_weights = [_exact(weight) for weight in getattr(inputs.layer, "score_weights", ())]
    compared, keys, terms = _compared(score_function, _exact(inputs.query[head, query]), keys, score_weights)
    divisor = math.sqrt(keys.shape[-1]) if score_function == "scaled_dot" else 1.0
    bias = torch.zeros(len(keys)) if inputs.bias is None else _exact(_row(inputs.bias, head, query))
    scores = terms.sum(dim=-1) / divisor + bias
    if inputs.mask is not None:
        scores = scores.masked_fill(~_row(inputs.mask, head, query).cpu(), -math.inf)
    weights = scores.softmax(dim=-1)
    steps = compared, keys[key], terms[key], divisor, bias[key].item(), scores, weights, values[key], weights @ values
    return PairSteps(score_function, key, *steps)


def _exact(numbers: Tensor) -> Tensor:
    """In float64, and on the CPU, as some devices have none."""
    return numbers.detach().cpu().double()


def _compared(
    score_function: str,
    query: Float[Tensor, "d_query"],
    keys: Float[Tensor, "key d_key"],
    score_weights: list[Tensor],
) -> tuple[Float[Tensor, "d"], Float[Tensor, "key d"], Float[Tensor, "key d"]]:
    """The query and the keys as they are compared, and the terms of each score, one per dimension."""
    if score_function == "additive":
        query_weight, key_weight, vector = score_weights
        query, keys = query_weight @ query, keys @ key_weight.T
        return query, keys, vector * (query + keys).tanh()
    if score_function == "general":
        query = query @ score_weights[0]
    return query, keys, query * keys


def _row(table: Tensor, head: int, query: int) -> Tensor:
    """The row of a query in a table for all heads and queries, or for one that serves them all."""
    return table[min(head, table.shape[0] - 1), min(query, table.shape[1] - 1)]
