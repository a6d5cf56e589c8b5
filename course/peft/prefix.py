"""A prefix: keys and values that every query of a layer sees beside those of the text."""

import math

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn

from course.layers.attention import Attention, causal_mask
from course.peft.reading import AttentionPart
from course.peft.text_positions import TextPositions

KeysAndValues = tuple[Float[Tensor, "kv_heads length d_head"], Float[Tensor, "kv_heads length d_head"]]


class Prefix(nn.Module):
    """The keys and values of one layer, trained as they are."""

    def __init__(
        self, keys: Float[Tensor, "kv_heads length d_head"], values: Float[Tensor, "kv_heads length d_head"]
    ) -> None:
        super().__init__()
        self.keys, self.values = nn.Parameter(keys), nn.Parameter(values)

    def forward(self) -> KeysAndValues:
        return self.keys, self.values


class DrawnLinear(nn.Linear):
    """A linear layer whose first numbers are drawn as those of `nn.Linear`, but from `generator`."""

    def __init__(self, d_in: int, d_out: int, generator: torch.Generator | None) -> None:
        super().__init__(d_in, d_out)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -1 / math.sqrt(d_in), 1 / math.sqrt(d_in), generator=generator)

    def reset_parameters(self) -> None:
        """Draw nothing: `__init__` does."""


class PrefixHidden(nn.Module):
    """What all layers' prefixes are computed from: a vector for each place, a linear layer, tanh."""

    def __init__(self, length: int, d_model: int, width: int, generator: torch.Generator | None) -> None:
        super().__init__()
        self.vectors = nn.Parameter(torch.empty(length, d_model).normal_(generator=generator))
        self.layer = DrawnLinear(d_model, width, generator)

    def forward(self) -> Float[Tensor, "length width"]:
        return self.layer(self.vectors).tanh()


class ComputedPrefix(nn.Module):
    """The keys and values of one layer, computed by a linear layer of its own from what all layers share."""

    def __init__(self, hidden: PrefixHidden, n_heads: int, d_head: int, generator: torch.Generator | None) -> None:
        super().__init__()
        self._hidden = (hidden,)  # in a tuple: its parameters are counted where it is, once
        self.sizes = (2, n_heads, d_head)
        self.layer = DrawnLinear(hidden.layer.out_features, 2 * n_heads * d_head, generator)

    def forward(self) -> KeysAndValues:
        both = self.layer(self._hidden[0]()).unflatten(-1, self.sizes)  # (length, 2, kv_heads, d_head)
        keys, values = both.permute(1, 2, 0, 3)
        return keys, values


class PrefixAttention(AttentionPart):
    """Attention to a prefix and the text. No mask hides the prefix, and a window is of the text's keys alone.

    Weights that `record_attention` keeps have the prefix's columns first, then the text's. Where the model adds a bias
    to the scores (ALiBi), a prefix key has that of a token so far before the text.
    """

    def __init__(self, base: Attention, positions: TextPositions, prefix: nn.Module) -> None:
        super().__init__(base)
        self.prefix = prefix
        self._positions = (positions,)  # in a tuple: it has a place of its own

    def forward(
        self,
        query: Float[Tensor, "batch heads query d_head"],
        key: Float[Tensor, "batch kv_heads key d_head"],
        value: Float[Tensor, "batch kv_heads key d_head"],
        mask: Bool[Tensor, "#batch #heads #query #key"] | None = None,
        *,
        causal: bool = False,
        bias: Float[Tensor, "#batch #heads query key"] | None = None,
    ) -> Float[Tensor, "batch heads query d_head"]:
        """What `Attention` says, with the prefix in front of keys and values."""
        keys, values = self.prefix()
        n_queries, n_keys, length = query.shape[2], key.shape[2], keys.shape[1]
        if causal and self.window is not None:
            visible = causal_mask(n_queries, n_keys, query.device, self.window)[None, None]
            mask, causal = visible if mask is None else mask & visible, False
        if mask is not None:
            mask = F.pad(mask.expand(*mask.shape[:-1], n_keys), (length, 0), value=True)
        if bias is not None:
            bias = bias.expand(len(query), -1, -1, -1)
            bias = torch.cat((self._before(bias, length), bias), dim=-1)
        key, value = (torch.cat((x.expand(len(query), -1, -1, -1), y), 2) for x, y in ((keys, key), (values, value)))
        return self.base(query, key, value, mask, causal=causal, bias=bias)

    def _before(
        self, bias: Float[Tensor, "batch heads query key"], length: int
    ) -> Float[Tensor, "batch heads query length"]:
        """The bias of the text's first key and, added, that of the way from there to each place of the prefix."""
        [positions] = self._positions
        way = positions.score_bias(1, length + 1)
        assert way is not None
        if positions.padding is None:
            first = bias[..., :1]
        else:
            column = positions.padding.clamp(max=bias.shape[-1] - 1)  # while only padding has been read, any
            first = bias.gather(-1, column[:, None, None, None].expand(-1, *bias.shape[1:3], 1))
        return first + way[..., :length]
