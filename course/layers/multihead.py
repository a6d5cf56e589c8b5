"""Multi-head attention: several attentions at once, each over projections of its own."""

from jaxtyping import Bool, Float
from torch import Tensor, nn

from course.layers.attention import Attention
from course.layers.kv_cache import KVCache
from course.layers.positions import Positions

KeysAndValues = tuple[Float[Tensor, "batch heads key d_head"], Float[Tensor, "batch heads key d_head"]]


class MultiHeadAttention(nn.Module):
    """Every position of one sequence looks at the positions of the same or of another sequence, in several heads.

    Each head compares its own projections of queries and keys, `d_model / n_heads` numbers each, and mixes its own
    projection of the values; the output layer joins the heads. `layer` is the number of this layer in its stack, and so
    its place in a cache. `course.interpretability.ablation` can silence heads.

    Source: Vaswani et al. 2017, section 3.2.2.
    """

    def __init__(self, d_model: int, n_heads: int, *, dropout: float = 0.0, layer: int = 0) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.layer = layer
        self.query = nn.Linear(d_model, d_model)
        self.key = nn.Linear(d_model, d_model)
        self.value = nn.Linear(d_model, d_model)
        self.output = nn.Linear(d_model, d_model)
        self.attention = Attention(dropout)
        self.head_mask: Bool[Tensor, "heads 1 1"] | None = None  # set by ablation: False for a silent head

    def forward(
        self,
        x: Float[Tensor, "batch query d_model"],
        other: KeysAndValues | None = None,
        mask: Bool[Tensor, "#batch #heads #query key"] | None = None,
        *,
        causal: bool = False,
        positions: Positions | None = None,
        cache: KVCache | None = None,
    ) -> Float[Tensor, "batch query d_model"]:
        """What each position of `x` gathers from `x` itself, or from the `keys_and_values` of another sequence.

        `mask` is True where a query may look; `causal` also hides the positions after it. With a cache, `x` continues
        the sequence that the cache holds. `positions` say where queries and keys stand; they mean nothing between two
        sequences, and are not used there.
        """
        query = self._heads(self.query(x))
        if other is not None:
            return self._output(self.attention(query, *other, mask, causal=causal))
        key, value = self.keys_and_values(x)
        bias = None
        if positions is not None:
            start = 0 if cache is None else cache.length
            query, key = positions.turn(query, start), positions.turn(key, start)
            bias = positions.bias(x.shape[1], start + x.shape[1])
        if cache is not None:
            key, value = cache.store(self.layer, key, value)
        return self._output(self.attention(query, key, value, mask, causal=causal, bias=bias))

    def keys_and_values(self, x: Float[Tensor, "batch key d_model"]) -> KeysAndValues:
        """What this layer's heads look at in `x`: computed once, it serves any number of queries."""
        return self._heads(self.key(x)), self._heads(self.value(x))

    def _heads(self, x: Float[Tensor, "batch position d_model"]) -> Float[Tensor, "batch heads position d_head"]:
        return x.unflatten(-1, (self.n_heads, -1)).transpose(1, 2)

    def _output(self, mixed: Float[Tensor, "batch heads query d_head"]) -> Float[Tensor, "batch query d_model"]:
        if self.head_mask is not None:
            mixed = mixed * self.head_mask
        return self.output(mixed.transpose(1, 2).flatten(2))
