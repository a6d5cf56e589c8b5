"""The Transformer: an encoder that reads, a decoder that writes, and nothing but attention between positions.

Source: Vaswani et al. 2017, "Attention Is All You Need"; normalization before each sublayer: Xiong et al. 2020.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from course.layers.blocks import DecoderLayer, EncoderLayer
from course.layers.embedding import Embedding, padding_mask
from course.layers.kv_cache import KVCache
from course.layers.linear import Linear
from course.layers.multihead import KeysAndValues
from course.layers.positions import make_positions
from course.messages import _


@dataclass(frozen=True)
class TransformerConfig:
    """The sizes of a Transformer; by default those of the paper's base model. Raises `ValueError` when they don't fit.

    There are `n_layers` layers in the encoder and as many in the decoder; `d_ff` is the width inside the feed-forward
    layer; `context_length` is the most tokens in a source or a target; `norm` is "post" or "pre", `positions` one of
    `course.layers.positions.SCHEMES`; `pad_id` fills up short rows of a batch. The output layer uses the weights of the
    target's embedding; with `shared_embeddings` so does the source's embedding.
    """

    source_vocab_size: int
    target_vocab_size: int
    d_model: int = 512
    n_heads: int = 8
    d_ff: int = 2048
    n_layers: int = 6
    context_length: int = 512
    dropout: float = 0.1
    norm: str = "post"
    positions: str = "sinusoidal"
    shared_embeddings: bool = False
    pad_id: int = 0

    def __post_init__(self) -> None:
        for name in ("source_vocab_size", "target_vocab_size", "d_model", "n_heads", "d_ff", "n_layers"):
            if getattr(self, name) < 1:
                raise ValueError(
                    _("{name} is {value}; it must be above 0.").format(name=name, value=getattr(self, name))
                )
        if self.d_model % (2 * self.n_heads):
            raise ValueError(
                _("d_model {d_model} makes no {n_heads} heads of an even size: choose a multiple of {step}.").format(
                    d_model=self.d_model, n_heads=self.n_heads, step=2 * self.n_heads
                )
            )
        if self.norm not in ("pre", "post"):
            raise ValueError(_("norm is {norm!r}; it must be 'pre' or 'post'.").format(norm=self.norm))
        if self.shared_embeddings and self.source_vocab_size != self.target_vocab_size:
            raise ValueError(
                _(
                    "Shared embeddings need one vocabulary, but the source has {source} tokens and the target {target}."
                ).format(source=self.source_vocab_size, target=self.target_vocab_size)
            )

    @property
    def d_head(self) -> int:
        return self.d_model // self.n_heads

    @property
    def norm_first(self) -> bool:
        return self.norm == "pre"

    def embedding(self, vocab_size: int) -> Embedding:
        positions = make_positions(self.positions, self.context_length, self.d_model, self.n_heads)
        return Embedding(vocab_size, self.d_model, positions, self.context_length, self.dropout)

    def final_norm(self) -> nn.Module:
        """After the last layer: where the layers normalize what they read, their sum has not been normalized yet."""
        return nn.LayerNorm(self.d_model) if self.norm_first else nn.Identity()


class TransformerEncoder(nn.Module):
    """The half that reads: every position looks at every other."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        sizes = (config.d_model, config.n_heads, config.d_ff)
        self.embedding = config.embedding(config.source_vocab_size)
        self.layers = nn.ModuleList(
            EncoderLayer(*sizes, dropout=config.dropout, norm_first=config.norm_first, layer=layer)
            for layer in range(config.n_layers)
        )
        self.norm = config.final_norm()

    def forward(
        self,
        ids: Int[Tensor, "batch position"],
        mask: Bool[Tensor, "#batch #heads #position position"] | None = None,
        *,
        causal: bool = False,
    ) -> Float[Tensor, "batch position d_model"]:
        """What the last layer says of every position. With `causal`, of itself and the positions before it only."""
        x = self.embedding(ids)
        for layer in self.layers:
            x = layer(x, mask, causal=causal, positions=self.embedding.positions)
        return self.norm(x)


class TransformerDecoder(nn.Module):
    """The half that writes: every position looks at those before it, and at the source."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        sizes = (config.d_model, config.n_heads, config.d_ff)
        self.embedding = config.embedding(config.target_vocab_size)
        self.layers = nn.ModuleList(
            DecoderLayer(*sizes, dropout=config.dropout, norm_first=config.norm_first, layer=layer)
            for layer in range(config.n_layers)
        )
        self.norm = config.final_norm()

    def read(self, memory: Float[Tensor, "batch source d_model"]) -> list[KeysAndValues]:
        """What each layer looks at in what the encoder said."""
        return [layer.source_attention.keys_and_values(memory) for layer in self.layers]

    def forward(
        self,
        ids: Int[Tensor, "batch position"],
        sources: list[KeysAndValues],
        source_mask: Bool[Tensor, "batch 1 1 source"],
        cache: KVCache | None = None,
    ) -> Float[Tensor, "batch position d_model"]:
        """What the last layer says of every position. With a cache, `ids` continue what it holds, and are added."""
        start = 0 if cache is None else cache.length
        x = self.embedding(ids, start)
        for layer, source in zip(self.layers, sources, strict=True):
            x = layer(x, source, source_mask, positions=self.embedding.positions, cache=cache)
        if cache is not None:
            cache.length = start + ids.shape[1]
        return self.norm(x)


@dataclass
class DecodingState:
    """What has been read and written, for every row: the sources for each layer, their mask, and the cache."""

    sources: list[KeysAndValues]
    source_mask: Bool[Tensor, "batch 1 1 source"]
    cache: KVCache

    def select(self, rows: Int[Tensor, "chosen"]) -> "DecodingState":
        """The state of these rows, in this order; a row may be chosen more than once."""
        sources = [(keys[rows], values[rows]) for keys, values in self.sources]
        return DecodingState(sources, self.source_mask[rows], self.cache.select(rows))


class Transformer(nn.Module):
    """The encoder–decoder. `generator` draws the first weights: Glorot and Bengio's uniform, embeddings normal.

    `course.decoding` decodes it: `start` and `step`. While `record_attention(model.decoder)` watches, each layer
    gives two maps, to the written and to the source.
    """

    def __init__(self, config: TransformerConfig, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.config = config
        self.encoder = TransformerEncoder(config)
        self.decoder = TransformerDecoder(config)
        init_weights(self, generator)
        if config.shared_embeddings:
            self.encoder.embedding.tokens.weight = self.decoder.embedding.tokens.weight
        self.output = Linear(config.d_model, config.target_vocab_size)
        self.output.weight = self.decoder.embedding.tokens.weight

    def forward(
        self, source: Int[Tensor, "batch source"], target: Int[Tensor, "batch position"]
    ) -> Float[Tensor, "batch position vocab"]:
        """The logits of the token after each of `target`, which begins with the mark of the beginning.

        Rows of either may be filled up with `pad_id` at their end. Raises `TypeError` or `ValueError` for ids that are
        not whole numbers, not known, or more than the context, and for a source of nothing but padding.
        """
        mask = padding_mask(source, self.config.pad_id)
        sources = self.decoder.read(self.encoder(source, mask))
        return self.output(self.decoder(target, sources, mask))  # a target's padding is hidden: it lies in the future

    @torch.no_grad()
    def start(self, source: Int[Tensor, "batch source"], max_length: int) -> DecodingState:
        """Read the sources, and prepare to write up to `max_length` tokens for each."""
        config, weight = self.config, self.output.weight
        mask = padding_mask(source, config.pad_id)
        shape = (config.n_layers, len(source), config.n_heads, max_length, config.d_head)
        cache = KVCache(shape, dtype=weight.dtype, device=weight.device)
        return DecodingState(self.decoder.read(self.encoder(source, mask)), mask, cache)

    @torch.no_grad()
    def step(
        self, state: DecodingState, tokens: Int[Tensor, "batch"]
    ) -> tuple[Float[Tensor, "batch vocab"], DecodingState]:
        """Read one more token of each row: the log-probabilities of the next, and the state, which is changed."""
        hidden = self.decoder(tokens[:, None], state.sources, state.source_mask, state.cache)
        return self.output(hidden[:, 0]).log_softmax(dim=-1), state


class CausalTransformer(nn.Module):
    """A decoder alone: encoder layers that see no future, with the output layer of a language model.

    Of the config, the source's vocabulary counts. `generator` draws the first weights.
    """

    def __init__(self, config: TransformerConfig, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.config = config
        self.encoder = TransformerEncoder(config)
        init_weights(self, generator)
        self.output = Linear(config.d_model, config.source_vocab_size)
        self.output.weight = self.encoder.embedding.tokens.weight

    def forward(self, ids: Int[Tensor, "batch position"]) -> Float[Tensor, "batch position vocab"]:
        """The logits of the token after each position."""
        return self.output(self.encoder(ids, causal=True))


def init_weights(model: nn.Module, generator: torch.Generator | None) -> None:
    """Draw first weights: Glorot and Bengio's uniform; for embeddings, which are multiplied, normal and 1/√d_model."""
    for module in model.modules():
        if isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=module.embedding_dim**-0.5, generator=generator)
        elif isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight, generator=generator)
            nn.init.zeros_(module.bias)
