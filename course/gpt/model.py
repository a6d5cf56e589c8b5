"""The decoder: a causal language model, whose config says which layers it is made of.

In both architectures each sublayer reads a normalized copy of its input and is added to it, and one more normalization
comes before the output layer.
"""

import math
from typing import Any, ClassVar, Protocol, runtime_checkable

import torch
from torch import nn

from course.layers.blocks import CausalBlock, Residual
from course.layers.embedding import Embedding
from course.layers.language_model import CausalLanguageModel
from course.layers.linear import Linear
from course.layers.multihead import MultiHeadAttention

FIRST_STD = 0.02
ADDED_TO_STREAM = ("attention.output.weight", "feed_forward.down.weight")


@runtime_checkable
class Architecture(Protocol):
    """What a decoder is built from: `GPT2Config`, `LlamaConfig`, or one of these with a method of your own."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def vocab_size(self) -> int: ...
    @property
    def context_length(self) -> int: ...
    @property
    def d_model(self) -> int: ...
    @property
    def n_layers(self) -> int: ...
    @property
    def n_heads(self) -> int: ...
    @property
    def dropout(self) -> float: ...
    @property
    def tied(self) -> bool: ...
    def embedding(self) -> Embedding: ...
    def norm(self) -> nn.Module: ...
    def attention(self, layer: int) -> MultiHeadAttention: ...
    def feed_forward(self) -> nn.Module: ...


class Decoder(CausalLanguageModel):
    """A causal language model of the layers that `config` makes. `generator` draws the first weights."""

    def __init__(self, config: Architecture, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.config = config
        self.embedding = config.embedding()
        self.blocks = nn.ModuleList(self._block(layer) for layer in range(config.n_layers))
        self.norm = config.norm()
        self.output = Linear(config.d_model, config.vocab_size)
        if config.tied:
            self.output.weight = self.embedding.tokens.weight
        init_weights(self, generator)

    def _block(self, layer: int) -> CausalBlock:
        config = self.config
        return CausalBlock(
            config.attention(layer),
            config.feed_forward(),
            lambda: Residual(config.norm(), norm_first=True, dropout=config.dropout),
        )


def init_weights(model: Decoder, generator: torch.Generator | None) -> None:
    """Draw first weights: normal, standard deviation 0.02; biases 0; what adds to the residual stream smaller.

    Every block adds to the stream twice. Were each of the 2 · layers sums as large as the first, the stream would grow
    with the depth; their weights are divided by √(2 · layers).

    Source: Radford et al. 2019, section 2.3; 0.02: Radford et al. 2018, section 4.1.
    """
    for name, parameter in model.named_parameters():
        if parameter.is_meta:
            continue
        if parameter.ndim == 2:
            shrink = math.sqrt(2 * len(model.blocks)) if name.endswith(ADDED_TO_STREAM) else 1.0
            nn.init.normal_(parameter, std=FIRST_STD / shrink, generator=generator)
        elif name.endswith(".bias"):
            nn.init.zeros_(parameter)
