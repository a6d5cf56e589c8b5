"""How large a model is, counted three ways, and what a token of its training costs.

Which parameters are counted decides the exponent that a law has: the embeddings are most of a small model and next to
nothing of a large one, so that two counts of the same models are not proportional.
"""

from typing import NamedTuple

from torch import nn

from course.gpt import Decoder
from course.gpt.attention_cost import seen_pairs
from course.layers.multihead import MultiHeadAttention
from course.layers.parameters import count_parameters
from course.layers.sizes import require_whole
from course.messages import _

COUNTINGS = ("all", "without_lookup", "body")
FLOPS_PER_PARAMETER = 6  # two, a multiplication and an addition, forward, and twice as many backward


def require_counting(counting: str) -> None:
    """Raises `ValueError` for a way to count that is none of `COUNTINGS`."""
    if counting not in COUNTINGS:
        raise ValueError(
            _("There is no counting {counting!r}. There are: {known}.").format(
                counting=counting, known=", ".join(COUNTINGS)
            )
        )


class ParameterCounts(NamedTuple):
    """The parameters of one model, counted three ways.

    `all` are all of them. `without_lookup` leaves out tables that are only looked up, of tokens or of positions, which
    multiply nothing; an output layer that shares the tokens' table keeps it in. `body` leaves out the output layer too,
    shared or not: blocks and norms alone.
    """

    all: int
    without_lookup: int
    body: int


def count(model: Decoder) -> ParameterCounts:
    """Count a decoder's parameters three ways.

    Source of `body`: Kaplan et al. 2020, section 1.3, who leave out "all vocabulary and positional embeddings"; of
    `all`: Hoffmann et al. 2022, appendix F. Pearce and Song 2024 attribute much of the difference between their
    exponents to this, together with the small size of Kaplan et al.'s models.
    """
    total = count_parameters(model)
    body = count_parameters(model.blocks) + count_parameters(model.norm)
    return ParameterCounts(total, body + count_parameters(model.output), body)


class TokenFlops(NamedTuple):
    """Floating-point operations for one token of training, forward and backward.

    `body` are the products of the blocks' linear layers, `attention` those of queries with keys and of weights with
    values, `head` those of the output layer.
    """

    body: int
    attention: int
    head: int

    @property
    def total(self) -> int:
        return self.body + self.attention + self.head

    @property
    def forward(self) -> int:
        """Those of the forward pass alone, a third of all."""
        return self.total // 3


def flops_per_token(model: Decoder, length: int) -> TokenFlops:
    """What a token costs in windows of `length` tokens: a multiplication and an addition are two operations.

    Every product of the forward pass has two of its size in the backward pass. Attention counts all `length` keys of
    every query, also those in the future, as 12 · layers · length · d_model does: what a dense product computes. A
    layer with a window counts the pairs that are seen. Norms, activations, softmax and biases are left out, as usual.

    Raises `ValueError` for a length below 1 or beyond the model's context.

    Source: Kaplan et al. 2020, section 2.1 (6N); with attention and the output layer: Hoffmann et al. 2022, appendix F,
    who also count the look-up of tokens as a product, and softmax.
    """
    require_whole(length, "length")
    limit = model.config.context_length
    if length > limit:
        raise ValueError(
            _("A window of {length} tokens is longer than the model's context of {limit}.").format(
                length=length, limit=limit
            )
        )
    layers = [layer for layer in model.blocks.modules() if isinstance(layer, MultiHeadAttention)]
    body = FLOPS_PER_PARAMETER * _weights(model.blocks)
    attention = sum(2 * FLOPS_PER_PARAMETER * _pairs(layer, length) * _width(layer) for layer in layers)
    return TokenFlops(body, round(attention / length), FLOPS_PER_PARAMETER * _weights(model.output))


def six_n(n_parameters: int) -> int:
    """The usual estimate of a token's cost, 6N; that of a training is 6ND. Raises `ValueError` for less than 1."""
    require_whole(n_parameters, "n_parameters")
    return FLOPS_PER_PARAMETER * n_parameters


def _weights(module: nn.Module) -> int:
    """The weights of the linear layers: each is multiplied once for each token."""
    return sum(layer.weight.numel() for layer in module.modules() if isinstance(layer, nn.Linear))


def _width(layer: MultiHeadAttention) -> int:
    return layer.n_heads * layer.d_head


def _pairs(layer: MultiHeadAttention, length: int) -> int:
    """The pairs of a query and a key that are multiplied in a window."""
    window = layer.attention.window
    return length * length if window is None or window >= length else seen_pairs(length, window)
