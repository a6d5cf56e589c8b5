"""The Transformer: an encoder that reads, a decoder that predicts, and nothing but attention between positions.

Source: Vaswani et al. 2017, "Attention Is All You Need"; normalization before each sublayer: Xiong et al. 2020.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from course.layers.blocks import CausalBlock, DecoderBlock, EncoderBlock, Residual
from course.layers.embedding import Embedding, padding_mask
from course.layers.feed_forward import FeedForward
from course.layers.kv_cache import KVCache
from course.layers.language_model import CausalLanguageModel, log_probabilities
from course.layers.linear import Linear
from course.layers.multihead import KeysAndValues, MultiHeadAttention
from course.layers.positions import make_positions, require_scheme
from course.layers.sizes import require_dropout, require_heads, require_positive
from course.layers.token_ids import require_context
from course.messages import _


@dataclass(frozen=True)
class TransformerConfig:
    """The sizes of a Transformer; by default those of the paper's base model. Raises `ValueError` when they don't fit.

    There are `n_layers` blocks in the encoder and as many in the decoder; `d_ff` is the width inside the feed-forward
    layer; `context_length` is the most tokens in a source or a target; `norm` is "post" or "pre", `positions` one of
    `course.layers.positions.SCHEMES`; `pad_id` fills up short rows of a batch, `bos_id` begins every target. The output
    layer uses the weights of the target's embedding; with `shared_embeddings` so does the source's embedding.
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
    bos_id: int = 1

    def __post_init__(self) -> None:
        sizes = ("source_vocab_size", "target_vocab_size", "d_model", "n_heads", "d_ff", "n_layers", "context_length")
        require_positive(self, *sizes)
        require_heads(self.d_model, self.n_heads, even=self.positions == "rotary")  # it turns pairs
        require_scheme(self.positions)
        require_dropout(self.dropout)
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

    def embedding(self, vocab_size: int) -> Embedding:
        positions = make_positions(self.positions, self.context_length, self.d_model, self.n_heads)
        return Embedding(vocab_size, self.d_model, positions, self.context_length, dropout=self.dropout)

    def attention(self, layer: int = 0) -> MultiHeadAttention:
        return MultiHeadAttention(self.d_model, self.n_heads, layer=layer)

    def feed_forward(self) -> FeedForward:
        return FeedForward(self.d_model, self.d_ff)

    def residual(self) -> Residual:
        return Residual(nn.LayerNorm(self.d_model), norm_first=self.norm == "pre", dropout=self.dropout)

    def encoder_block(self) -> EncoderBlock:
        return EncoderBlock(self.attention(), self.feed_forward(), self.residual)

    def causal_block(self, layer: int = 0) -> CausalBlock:
        return CausalBlock(self.attention(layer), self.feed_forward(), self.residual)

    def decoder_block(self, layer: int = 0) -> DecoderBlock:
        return DecoderBlock(self.attention(layer), self.attention(), self.feed_forward(), self.residual)

    def final_norm(self) -> nn.Module:
        """After the last block: where sublayers normalize their input, their sum has not been normalized yet."""
        return nn.LayerNorm(self.d_model) if self.norm == "pre" else nn.Identity()


class TransformerEncoder(nn.Module):
    """The half that reads: every position looks at every other."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.embedding = config.embedding(config.source_vocab_size)
        self.blocks = nn.ModuleList(config.encoder_block() for _layer in range(config.n_layers))
        self.norm = config.final_norm()

    def forward(
        self,
        ids: Int[Tensor, "batch position"],
        mask: Bool[Tensor, "#batch #heads #position position"] | None = None,
    ) -> Float[Tensor, "batch position d_model"]:
        """The hidden state of every position after the last block. `mask` is True where a position may look."""
        x = self.embedding(ids)
        positions = self.embedding.positions.for_attention(0, ids.shape[1])
        for block in self.blocks:
            x = block(x, mask, positions=positions)
        return self.norm(x)


class TransformerDecoder(nn.Module):
    """The half that predicts: every position looks at those before it, and at the source."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.embedding = config.embedding(config.target_vocab_size)
        self.blocks = nn.ModuleList(config.decoder_block(layer) for layer in range(config.n_layers))
        self.norm = config.final_norm()

    def read(self, memory: Float[Tensor, "batch source d_model"]) -> list[KeysAndValues]:
        """The keys and values that each block looks at in the encoder's output."""
        return [block.source_attention.keys_and_values(memory) for block in self.blocks]

    def forward(
        self,
        ids: Int[Tensor, "batch position"],
        sources: list[KeysAndValues],
        source_mask: Bool[Tensor, "batch 1 1 source"],
        cache: KVCache | None = None,
    ) -> Float[Tensor, "batch position d_model"]:
        """The hidden state of every position after the last block.

        With a cache, `ids` continue what it holds, and are added to it.
        """
        start = 0 if cache is None else cache.length
        end = start + ids.shape[1]
        x = self.embedding(ids, start)
        if cache is not None:
            cache.require_room(end - start, rows=len(ids))
        positions = self.embedding.positions.for_attention(start, end)
        for block, source in zip(self.blocks, sources, strict=True):
            x = block(x, source, source_mask, positions=positions, cache=cache)
        if cache is not None:
            cache.length = end
        return self.norm(x)


@dataclass
class DecodingState:
    """What has been read and predicted, for every row: the sources for each block, their mask, and the cache."""

    sources: list[KeysAndValues]
    source_mask: Bool[Tensor, "batch 1 1 source"]
    cache: KVCache

    def select(self, rows: Int[Tensor, "chosen"]) -> "DecodingState":
        """The state of these rows, in this order; a row may be chosen more than once."""
        sources = [(keys[rows], values[rows]) for keys, values in self.sources]
        return DecodingState(sources, self.source_mask[rows], self.cache.select(rows))


class Transformer(nn.Module):
    """The encoder–decoder. `generator` draws the first weights: Glorot and Bengio's uniform, embeddings normal.

    `course.decoding` decodes it. While `record_attention(model.decoder)` watches, each block gives two maps, to its own
    tokens and to the source.
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
        """The logits of the token after each of `target`, which begins with `bos_id`.

        Rows of either may be filled up with `pad_id` at their end. Raises `TypeError` or `ValueError` for ids that are
        not integers, not known, or more than the context, and for a source of nothing but padding.
        """
        mask = padding_mask(source, self.config.pad_id)
        sources = self.decoder.read(self.encoder(source, mask))
        return self.output(self.decoder(target, sources, mask))  # a target's padding is hidden: it is in the future

    def unembed(self, stream: Float[Tensor, "batch position d_model"]) -> Float[Tensor, "batch position vocab"]:
        """The logits if the decoder's residual stream ended here: its last norm, then the output layer."""
        return self.output(self.decoder.norm(stream))

    def require_room(self, n_source: int, max_length: int) -> None:
        """Raises `ValueError` when a source of `n_source` tokens or an output of `max_length` exceeds the context."""
        limit = self.config.context_length
        require_context(n_source, limit)
        if max_length > limit:
            raise ValueError(
                _("{new} new tokens are more than the model's context of {limit}: ask for at most {limit}.").format(
                    new=max_length, limit=limit
                )
            )

    @torch.no_grad()
    def start(
        self, source: Int[Tensor, "batch source"], max_length: int
    ) -> tuple[Float[Tensor, "batch vocab"], DecodingState]:
        """Read the sources: the log-probabilities of the first token, and a state for outputs of `max_length`."""
        config, weight = self.config, self.output.weight
        self.require_room(source.shape[-1], max_length)
        mask = padding_mask(source, config.pad_id)
        shape = (config.n_layers, len(source), config.n_heads, max(1, max_length), config.d_head)
        cache = KVCache(shape, dtype=weight.dtype, device=weight.device)
        state = DecodingState(self.decoder.read(self.encoder(source, mask)), mask, cache)
        return self.step(state, torch.full((len(source),), config.bos_id, device=source.device))

    @torch.no_grad()
    def step(
        self, state: DecodingState, tokens: Int[Tensor, "batch"]
    ) -> tuple[Float[Tensor, "batch vocab"], DecodingState]:
        """Read one more token of each row: the log-probabilities of the next, and the state, which is changed."""
        hidden = self.decoder(tokens[:, None], state.sources, state.source_mask, state.cache)
        return log_probabilities(self.output(hidden[:, 0])), state


class CausalTransformer(CausalLanguageModel):
    """A decoder alone, of the first Transformer's parts: no source to look at, and no future.

    Of the config, the source's vocabulary counts. `generator` draws the first weights.
    """

    def __init__(self, config: TransformerConfig, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.config = config
        self.embedding = config.embedding(config.source_vocab_size)
        self.blocks = nn.ModuleList(config.causal_block(layer) for layer in range(config.n_layers))
        self.norm = config.final_norm()
        init_weights(self, generator)
        self.output = Linear(config.d_model, config.source_vocab_size)
        self.output.weight = self.embedding.tokens.weight


def init_weights(model: nn.Module, generator: torch.Generator | None) -> None:
    """Draw first weights: Glorot and Bengio's uniform; for embeddings, which are multiplied, normal and 1/√d_model."""
    for module in model.modules():
        if isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=module.embedding_dim**-0.5, generator=generator)
        elif isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight, generator=generator)
            nn.init.zeros_(module.bias)
