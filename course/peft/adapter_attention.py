"""Attention over adapters: at each position, how much of what each of them would add."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from course.layers.sizes import require_dropout, require_whole
from course.messages import _

FIRST_STD = 0.02  # of query and key, as of BERT's weights
NEXT_TO_IDENTITY = 1e-6  # what the value matrix has at first beside its diagonal of ones
PENALTY = 0.01


def fusion_attention(
    query: Float[Tensor, "*batch d_model"],
    key: Float[Tensor, "*batch adapter d_model"],
    value: Float[Tensor, "*batch adapter d_model"],
    dropout: float = 0.0,
) -> tuple[Float[Tensor, "*batch d_model"], Float[Tensor, "*batch adapter"]]:
    """Mix the values of the adapters by how well each key matches the query, at every position by itself.

    Returns the mix and the weights, which sum to 1. The scores are not divided by √d. `dropout` is the share of scores
    that are set to 0 before softmax: such an adapter is not left out, its weight is that of a score of 0.

    Source: Pfeiffer et al. 2021, section 3.2; dropout: `BertFusion` of the library `adapters`.
    """
    scores = F.dropout((query[..., None, :] * key).sum(dim=-1), dropout)
    weights = scores.softmax(dim=-1)
    return (weights[..., None] * value).sum(dim=-2), weights


class FusionAttention(nn.Module):
    """`fusion_attention` with its three matrices: query and key with biases, value without.

    The value matrix is at first the identity (and 0.000001 beside the diagonal), so that adapters are mixed as they
    are. `dropout` acts in training, `generator` draws the first weights of query and key. Raises `ValueError` for
    numbers out of their range.

    Source: `BertFusion` of the library `adapters`; the value matrix: Pfeiffer et al. 2021, section 4.1.
    """

    def __init__(self, d_model: int, dropout: int | float = 0.0, *, generator: torch.Generator | None = None) -> None:
        super().__init__()
        require_whole(d_model, "d_model")
        require_dropout(dropout)
        self.query = nn.Linear(d_model, d_model)
        self.key = nn.Linear(d_model, d_model)
        self.value = nn.Linear(d_model, d_model, bias=False)
        self.dropout = dropout
        self.keep_weights: Callable[[Tensor], None] | None = None  # set by record_fusion
        for layer in (self.query, self.key):
            nn.init.normal_(layer.weight, std=FIRST_STD, generator=generator)
            nn.init.zeros_(layer.bias)
        nn.init.constant_(self.value.weight, NEXT_TO_IDENTITY)
        with torch.no_grad():
            self.value.weight.fill_diagonal_(1.0)

    def forward(
        self, read: Float[Tensor, "*batch d_model"], changes: Float[Tensor, "*batch adapter d_model"]
    ) -> Float[Tensor, "*batch d_model"]:
        """The mix of the adapters' `changes`, for what they all have `read`."""
        dropout = self.dropout if self.training else 0.0
        mixed, weights = fusion_attention(self.query(read), self.key(changes), self.value(changes), dropout)
        if self.keep_weights is not None:
            self.keep_weights(weights)
        return mixed

    def penalty(self) -> Float[Tensor, ""]:
        """0.01 · Σ (V − I)², which keeps the value matrix close to the identity.

        Source: `get_fusion_regularization_loss` of the library `adapters`.
        """
        value = self.value.weight
        identity = torch.eye(len(value), dtype=value.dtype, device=value.device)
        return PENALTY * (value - identity).square().sum()


def fusion_layers(model: nn.Module) -> list[FusionAttention]:
    """The attentions over adapters in a model. Raises `ValueError` when no fusion is on it."""
    layers = [module for module in model.modules() if isinstance(module, FusionAttention)]
    if not layers:
        raise ValueError(
            _("{model} has no fusion of adapters on it. Put one on: `fuse`.").format(model=type(model).__name__)
        )
    return layers


def fusion_penalty(model: nn.Module) -> Float[Tensor, ""]:
    """The penalties of all layers, to be added to the loss. Raises `ValueError` when no fusion is on the model."""
    return torch.stack([layer.penalty() for layer in fusion_layers(model)]).sum()


@contextmanager
def record_fusion(model: nn.Module) -> Generator[list[Float[Tensor, "batch position adapter"] | None]]:
    """Watch the attention over adapters: `with record_fusion(model) as weights:` and run the model.

    `weights[i]` are those of the i-th layer in its latest forward pass (None before the first); at each position they
    sum to 1. They stay part of the graph where the pass computes gradients. Raises `ValueError` when no fusion is on
    the model.
    """
    layers = fusion_layers(model)
    weights: list[Tensor | None] = [None] * len(layers)
    before = [layer.keep_weights for layer in layers]
    try:
        for index, layer in enumerate(layers):
            layer.keep_weights = partial(weights.__setitem__, index)
        yield weights
    finally:
        for layer, keep_weights in zip(layers, before, strict=True):
            layer.keep_weights = keep_weights
