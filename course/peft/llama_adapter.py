"""LLaMA-Adapter: prompts in the upper layers, whose share of attention is a gate that starts at 0."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from course.layers.attention import Attention, attention_weights
from course.layers.language_model import CausalLanguageModel
from course.layers.multihead import MultiHeadAttention
from course.layers.positions import Positions
from course.layers.sizes import require_whole
from course.messages import _
from course.peft.method import Method, Part
from course.peft.reading import AttentionPart, attention_layers, bare_as, readable
from course.peft.text_positions import TextPositions

GATES = ("tanh", "scalar")


@dataclass(frozen=True)
class LLaMAAdapter(Method):
    """`length` trained vectors for each of the last `n_layers` layers (None: for all), seen apart from the text.

    Each layer's own frozen matrices make keys and values of them, without position or normalization. A softmax over
    these alone, times the gate, is added to attention over the text: while the gate is 0, the model is what it was.
    `gate` is "tanh" for the tanh of one number a head, as in the paper, or "scalar" for one number a layer as it is, as
    in `peft`. The prompts take no places of the context. Raises `ValueError` for sizes that are no whole numbers above
    0 and another gate.

    Source: R. Zhang et al. 2023, section 3.2, the tanh and a gate a head from the paper's later version on (ICLR 2024);
    prompts normal with standard deviation 1 at first: the authors' code, OpenGVLab/LLaMA-Adapter.
    """

    length: int = 10
    n_layers: int | None = None
    gate: str = "tanh"

    def __post_init__(self) -> None:
        require_whole(self.length, "length")
        if self.n_layers is not None:
            require_whole(self.n_layers, "n_layers")
        if self.gate not in GATES:
            raise ValueError(
                _("There is no gate {value!r}. There are: {known}.").format(value=self.gate, known=", ".join(GATES))
            )

    def parts(self, body: nn.Module, generator: torch.Generator | None = None) -> Mapping[str, Part]:
        """Raises `ValueError` for more layers than the body has."""
        reader = readable(body)
        layers = list(attention_layers(reader).items())
        n_layers = len(layers) if self.n_layers is None else self.n_layers
        if n_layers > len(layers):
            raise ValueError(
                _("n_layers is {value}; this body has {count} layers.").format(value=n_layers, count=len(layers))
            )
        bounded = self.gate == "tanh"
        like = next(reader.parameters()).detach()
        parts: dict[str, Part] = {}
        if isinstance(reader, CausalLanguageModel):  # whose rows may begin with padding
            parts["embedding.positions"] = TextPositions(bare_as(Positions, reader.embedding.positions))
        for place, layer in layers[len(layers) - n_layers :]:
            prompt = torch.empty(self.length, layer.n_heads * layer.d_head).normal_(generator=generator).to(like)
            gate = like.new_zeros(layer.n_heads if bounded else 1)
            step = AdapterAttention(bare_as(Attention, layer.attention), layer, prompt, gate, bounded=bounded)
            parts[f"{place}.attention"] = step
        return parts


class AdapterAttention(AttentionPart):
    """Attention to the text and, apart, to a prompt of the layer's own, times a gate.

    Weights that `record_attention` keeps are those of the text alone, each row summing to 1. With `bounded` the tanh of
    the gate counts.
    """

    def __init__(
        self,
        base: Attention,
        layer: MultiHeadAttention,
        prompt: Float[Tensor, "length d_model"],
        gate: Float[Tensor, "gates"],
        *,
        bounded: bool,
    ) -> None:
        super().__init__(base)
        self.bounded = bounded
        self.prompt = nn.Parameter(prompt)
        self.gate = nn.Parameter(gate)
        self._layer = (layer,)  # in a tuple: this module is inside of it

    def forward(
        self,
        query: Float[Tensor, "batch heads query d_head"],
        key: Float[Tensor, "batch kv_heads key d_head"],
        value: Float[Tensor, "batch kv_heads key d_head"],
        mask: Bool[Tensor, "#batch #heads #query key"] | None = None,
        *,
        causal: bool = False,
        bias: Float[Tensor, "#batch #heads #query key"] | None = None,
    ) -> Float[Tensor, "batch heads query d_head"]:
        """What `Attention` says, and what the query gathers from the prompt, times the gate."""
        mixed = self.base(query, key, value, mask, causal=causal, bias=bias)
        [layer] = self._layer
        group = layer.n_heads // layer.n_kv_heads
        keys, values = (x.repeat_interleave(group, dim=1) for x in layer.keys_and_values(self.prompt[None]))
        weights = attention_weights(query, keys.expand(len(query), -1, -1, -1))
        gate = self.gate.tanh() if self.bounded else self.gate
        return mixed + gate[:, None, None] * (weights @ values)
