"""The decoder: a stack of blocks that reads tokens and gives, at each position, a score for every next token.

The modern form: normalization before each sublayer by root mean square, rotary positions, grouped-query attention,
a SwiGLU feed-forward layer, no biases. SmolLM2 and Llama are models of this form.
"""

from dataclasses import asdict, dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from course.layers.attention import Attention
from course.layers.feed_forward import SwiGLU
from course.layers.kv_cache import KVCache
from course.layers.linear import Linear
from course.layers.norm import RMSNorm
from course.layers.positions import RotaryPositions, Rotation, rotate
from course.layers.token_ids import require_context, require_token_ids
from course.messages import _


@dataclass(frozen=True)
class DecoderConfig:
    """The sizes of a decoder. Raises `ValueError` when they don't fit together.

    `n_kv_heads` key and value heads serve `n_heads` query heads; `d_ff` is the width inside the feed-forward layer;
    `context_length` is the most tokens it can read; with `tied`, the output layer uses the embedding's weights.
    """

    vocab_size: int
    context_length: int
    d_model: int
    n_layers: int
    n_heads: int
    n_kv_heads: int
    d_ff: int
    rope_base: float = 10_000.0
    norm_eps: float = 1e-5
    tied: bool = True

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if name != "tied" and not value > 0:
                raise ValueError(_("{name} is {value}; it must be above 0.").format(name=name, value=value))
        if self.d_model % (2 * self.n_heads):
            raise ValueError(
                _("d_model {d_model} makes no {n_heads} heads of an even size: choose a multiple of {step}.").format(
                    d_model=self.d_model, n_heads=self.n_heads, step=2 * self.n_heads
                )
            )
        if self.n_heads % self.n_kv_heads:
            raise ValueError(
                _(
                    "{n_kv_heads} key and value heads cannot serve {n_heads} query heads evenly: choose a divisor."
                ).format(n_kv_heads=self.n_kv_heads, n_heads=self.n_heads)
            )

    @property
    def d_head(self) -> int:
        return self.d_model // self.n_heads


class SelfAttention(nn.Module):
    """Every position looks at itself and the positions before it, in several heads at once.

    Source: Vaswani et al. 2017, section 3.2.2; grouped key and value heads: Ainslie et al. 2023, section 2.2.
    """

    def __init__(self, config: DecoderConfig, layer: int) -> None:
        super().__init__()
        self.layer = layer
        self.d_head = config.d_head
        self.query = Linear(config.d_model, config.n_heads * config.d_head)
        self.key = Linear(config.d_model, config.n_kv_heads * config.d_head)
        self.value = Linear(config.d_model, config.n_kv_heads * config.d_head)
        self.output = Linear(config.n_heads * config.d_head, config.d_model)
        self.attention = Attention()

    def forward(
        self,
        x: Float[Tensor, "batch position d_model"],
        rotation: Rotation,
        cache: KVCache | None,
    ) -> Float[Tensor, "batch position d_model"]:
        # (batch, position, heads · d_head) -> (batch, heads, position, d_head)
        query, key, value = (
            project(x).view(*x.shape[:2], -1, self.d_head).transpose(1, 2)
            for project in (self.query, self.key, self.value)
        )
        query, key = rotate(query, *rotation), rotate(key, *rotation)
        if cache is not None:
            key, value = cache.store(self.layer, key, value)
        mixed = self.attention(query, key, value, causal=True)
        return self.output(mixed.transpose(1, 2).flatten(2))


class Block(nn.Module):
    """Attention, then the feed-forward layer, each on a normalized copy and added to what came in."""

    def __init__(self, config: DecoderConfig, layer: int) -> None:
        super().__init__()
        self.attention_norm = RMSNorm(config.d_model, config.norm_eps)
        self.attention = SelfAttention(config, layer)
        self.feed_forward_norm = RMSNorm(config.d_model, config.norm_eps)
        self.feed_forward = SwiGLU(config.d_model, config.d_ff)

    def forward(
        self,
        x: Float[Tensor, "batch position d_model"],
        rotation: Rotation,
        cache: KVCache | None,
    ) -> Float[Tensor, "batch position d_model"]:
        x = x + self.attention(self.attention_norm(x), rotation, cache)
        return x + self.feed_forward(self.feed_forward_norm(x))


class Decoder(nn.Module):
    """A causal language model. `generator` draws the first weights: normal, standard deviation 0.02."""

    def __init__(self, config: DecoderConfig, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding.from_pretrained(torch.empty(config.vocab_size, config.d_model), freeze=False)
        self.positions = RotaryPositions(config.context_length, config.d_head, config.rope_base)
        self.blocks = nn.ModuleList(Block(config, layer) for layer in range(config.n_layers))
        self.norm = RMSNorm(config.d_model, config.norm_eps)
        self.output = Linear(config.d_model, config.vocab_size)
        if config.tied:
            self.output.weight = self.embedding.weight
        for parameter in self.parameters():
            if parameter.ndim == 2 and not parameter.is_meta:
                nn.init.normal_(parameter, std=0.02, generator=generator)

    def forward(
        self, ids: Int[Tensor, "batch position"], cache: KVCache | None = None
    ) -> Float[Tensor, "batch position vocab"]:
        """The logits at every position. With a cache, `ids` continue what it holds, and are added to it.

        Raises `TypeError` when `ids` are not whole numbers, `ValueError` when they are not a table of known ids, or
        with what the cache holds are longer than the context or the cache.
        """
        return self.output(self.hidden_states(ids, cache))

    def next_token_logits(
        self, ids: Int[Tensor, "batch position"], cache: KVCache | None = None
    ) -> Float[Tensor, "batch vocab"]:
        """The logits at the last position only: what generation needs, without a vocabulary's worth for the others."""
        return self.output(self.hidden_states(ids, cache)[:, -1])

    def new_cache(self, capacity: int, batch: int = 1) -> KVCache:
        """An empty cache for `capacity` positions of this model."""
        config, weight = self.config, self.embedding.weight
        shape = (config.n_layers, batch, config.n_kv_heads, capacity, config.d_head)
        return KVCache(shape, dtype=weight.dtype, device=weight.device)

    def hidden_states(
        self, ids: Int[Tensor, "batch position"], cache: KVCache | None = None
    ) -> Float[Tensor, "batch position d_model"]:
        """What the last block says of every position, normalized: the input of the output layer."""
        self._check(ids, cache)
        start = 0 if cache is None else cache.length
        end = start + ids.shape[1]
        x = self.embedding(ids)
        rotation = self.positions(start, end)
        for block in self.blocks:
            x = block(x, rotation, cache)
        if cache is not None:
            cache.length = end
        return self.norm(x)

    def _check(self, ids: Tensor, cache: KVCache | None) -> None:
        require_token_ids(ids, self.config.vocab_size)
        used, new = (0 if cache is None else cache.length), ids.shape[1]
        require_context(used + new, self.config.context_length)
        if cache is not None and used + new > cache.capacity:
            raise ValueError(
                _(
                    "The cache has room for {capacity} positions, {used} in use: {new} more don't fit. "
                    "Make one of a larger capacity."
                ).format(capacity=cache.capacity, used=used, new=new)
            )
