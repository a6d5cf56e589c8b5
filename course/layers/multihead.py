"""Multi-head attention: several attentions at once, each over projections of its own."""

from jaxtyping import Bool, Float
from torch import Tensor, nn

from course.layers.attention import Attention
from course.layers.kv_cache import KVCache, last_keys
from course.layers.linear import MakeLinear
from course.layers.positions import AttentionPositions
from course.layers.sizes import require_heads, require_kv_heads

KeysAndValues = tuple[Float[Tensor, "batch kv_heads key d_head"], Float[Tensor, "batch kv_heads key d_head"]]


class MultiHeadAttention(nn.Module):
    """Every position of a sequence looks at the positions of the same or of another sequence, in several heads.

    Each head compares its own projections of queries and keys, `d_model / n_heads` numbers each, and mixes its own
    projection of the values; the output layer joins the heads. With `n_kv_heads` below `n_heads`, neighboring heads
    share keys and values. `linear` makes the four projections. `layer` is the number of this layer in its stack, and so
    its place in a cache. `window` is the most keys that causal attention sees, as in `Attention`. Raises `ValueError`
    for heads that don't divide evenly.

    Source: Vaswani et al. 2017, section 3.2.2; shared keys and values: Ainslie et al. 2023, section 2.2.
    """

    def __init__(
        self,
        d_model: int,
        n_heads: int,
        *,
        n_kv_heads: int | None = None,
        dropout: float = 0.0,
        layer: int = 0,
        linear: MakeLinear = nn.Linear,
        window: int | None = None,
    ) -> None:
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        require_heads(d_model, n_heads)
        require_kv_heads(n_heads, n_kv_heads)
        self.n_heads = n_heads
        self.d_head = d_model // n_heads
        self.layer = layer
        self.n_kv_heads = n_kv_heads
        d_kv = n_kv_heads * self.d_head
        self.query = linear(d_model, d_model)
        self.key = linear(d_model, d_kv)
        self.value = linear(d_model, d_kv)
        self.output = linear(d_model, d_model)
        self.attention = Attention(dropout, window)

    def forward(
        self,
        x: Float[Tensor, "batch query d_model"],
        other: KeysAndValues | None = None,
        mask: Bool[Tensor, "#batch #heads #query key"] | None = None,
        *,
        causal: bool = False,
        positions: AttentionPositions | None = None,
        cache: KVCache | None = None,
    ) -> Float[Tensor, "batch query d_model"]:
        """What each position of `x` gathers from `x` itself, or from the `keys_and_values` of another sequence.

        `mask` is True where a query may look; `causal` also hides the positions after it. With a cache, `x` continues
        the sequence that the cache holds. `positions` are those of `x`, from `Positions.for_attention`; they mean
        nothing between two sequences: there, neither they nor the cache are used.
        """
        query = self._heads(self.query(x))
        if other is not None:
            return self._join(self.attention(query, *other, mask, causal=causal))
        key, value = self.keys_and_values(x)
        bias = None
        if positions is not None:
            query, key, bias = positions.rotate(query), positions.rotate(key), positions.bias
        if cache is not None:
            key, value = cache.store(self.layer, key, value)
            mask, bias = (last_keys(table, key.shape[2]) for table in (mask, bias))
        return self._join(self.attention(query, key, value, mask, causal=causal, bias=bias))

    def keys_and_values(self, x: Float[Tensor, "batch key d_model"]) -> KeysAndValues:
        """What this layer's heads look at in `x`: computed once, it serves any number of queries."""
        return self._heads(self.key(x)), self._heads(self.value(x))

    def _heads(self, x: Float[Tensor, "batch position width"]) -> Float[Tensor, "batch heads position d_head"]:
        return x.reshape(*x.shape[:2], -1, self.d_head).transpose(1, 2)

    def _join(self, mixed: Float[Tensor, "batch heads query d_head"]) -> Float[Tensor, "batch query d_model"]:
        return self.output(mixed.transpose(1, 2).flatten(2))
