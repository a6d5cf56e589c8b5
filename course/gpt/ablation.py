"""Between GPT-2 and the modern decoder: GPT-2's layers with some of the five changes, at an equal number of weights."""

from dataclasses import dataclass, replace
from functools import partial

from torch import nn

from course.gpt.config import GPT2Config, LinearWithBias, tanh_gelu
from course.gpt.model import Decoder
from course.layers.embedding import Embedding
from course.layers.feed_forward import FeedForward, SwiGLU
from course.layers.linear import Linear
from course.layers.multihead import MultiHeadAttention
from course.layers.norm import RMSNorm
from course.layers.parameters import count_parameters
from course.layers.positions import RotaryPositions
from course.layers.sizes import require_kv_heads
from course.messages import _

CHANGES = ("rotary", "rms_norm", "swiglu", "no_biases", "shared_keys")


@dataclass(frozen=True)
class ChangedConfig(GPT2Config):
    """GPT-2's layers but for `changes`; with all five, those of `LlamaConfig`.

    "rotary": rotary positions for learned ones; "rms_norm": no mean is taken off; "swiglu": gates for GELU;
    "no_biases": none anywhere; "shared_keys": `n_kv_heads` key and value heads for all query heads. Raises `ValueError`
    for a change that is none of these.
    """

    changes: tuple[str, ...] = ()
    n_kv_heads: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        for change in self.changes:
            if change not in CHANGES:
                raise ValueError(
                    _("There is no change {change!r}. There are: {known}.").format(
                        change=change, known=", ".join(CHANGES)
                    )
                )
        require_kv_heads(self.n_heads, self.n_kv_heads)

    @property
    def linear(self) -> partial[Linear] | type[Linear]:
        return Linear if "no_biases" in self.changes else LinearWithBias

    def embedding(self) -> Embedding:
        if "rotary" not in self.changes:
            return super().embedding()
        positions = RotaryPositions(self.context_length, self.d_model // self.n_heads)
        return Embedding(
            self.vocab_size, self.d_model, positions, self.context_length, dropout=self.dropout, scaled=False
        )

    def norm(self) -> nn.Module:
        if "rms_norm" in self.changes:
            return RMSNorm(self.d_model, self.norm_eps)
        return nn.LayerNorm(self.d_model, self.norm_eps, bias="no_biases" not in self.changes)

    def attention(self, layer: int) -> MultiHeadAttention:
        return MultiHeadAttention(
            self.d_model,
            self.n_heads,
            n_kv_heads=self.n_kv_heads if "shared_keys" in self.changes else self.n_heads,
            dropout=self.dropout,
            layer=layer,
            linear=self.linear,
            window=self.windows[layer % len(self.windows)],
        )

    def feed_forward(self) -> nn.Module:
        if "swiglu" in self.changes:
            return SwiGLU(self.d_model, self.d_ff, linear=self.linear)
        return FeedForward(self.d_model, self.d_ff, tanh_gelu, linear=self.linear)


def of_size(config: ChangedConfig, n_parameters: int) -> ChangedConfig:
    """The same with the `d_ff` that brings the number of weights nearest to `n_parameters`.

    Raises `ValueError` where even `d_ff` 1 is too much.
    """
    narrow, wider = (count_parameters(Decoder(replace(config, d_ff=d_ff))) for d_ff in (1, 2))
    d_ff = 1 + round((n_parameters - narrow) / (wider - narrow))
    if d_ff < 1:
        raise ValueError(
            _("{wanted} weights are fewer than these layers have at the least, {least}.").format(
                wanted=f"{n_parameters:,}", least=f"{narrow:,}"
            )
        )
    return replace(config, d_ff=d_ff)
