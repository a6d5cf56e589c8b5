"""BERT: the Transformer's encoder alone, reading a text from both sides at once.

What differs from the encoder of `course.transformer`: learned positions, an embedding that tells two texts apart, GELU,
and embeddings that are normalized instead of multiplied by √d_model. Positions may be rotary instead, as in encoders of
today; `experiments/bert.py` compares the two.

Source: Devlin et al. 2019, section 3; rotary positions in an encoder: Warner et al. 2024 ("ModernBERT"), section 2.1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

import course
from course.layers.attention import require_bool
from course.layers.blocks import EncoderBlock, Residual
from course.layers.feed_forward import FeedForward
from course.layers.multihead import MultiHeadAttention
from course.layers.positions import make_positions
from course.layers.sizes import require_dropout, require_heads, require_positive, require_sizes
from course.layers.token_ids import require_context, require_numbers, require_token_ids
from course.messages import _
from course.tokenization import WordPiece
from course.training import pad_rows

POSITIONS = ("learned", "rotary")


@dataclass(frozen=True)
class BertConfig:
    """The sizes of a BERT; `d_ff` is the width inside the feed-forward layer. Raises `ValueError` when they don't fit.

    `context_length` is the most tokens it can read, `n_token_types` how many texts it can tell apart in one input;
    `dropout` acts on the attention weights too. `positions` are "learned" or "rotary".
    """

    vocab_size: int
    context_length: int
    d_model: int
    n_layers: int
    n_heads: int
    d_ff: int
    n_token_types: int = 2
    norm_eps: float = 1e-12
    dropout: float = 0.1
    positions: str = "learned"

    def __post_init__(self) -> None:
        sizes = ("vocab_size", "context_length", "d_model", "n_layers", "n_heads", "d_ff", "n_token_types")
        require_sizes(self, *sizes)
        require_dropout(self.dropout)
        require_positive(self.norm_eps, "norm_eps")
        require_heads(self.d_model, self.n_heads, even=self.positions == "rotary")
        if self.positions not in POSITIONS:
            raise ValueError(
                _("A BERT has no positions {value!r}. There are: {known}.").format(
                    value=self.positions, known=", ".join(POSITIONS)
                )
            )

    def block(self) -> EncoderBlock:
        return EncoderBlock(
            MultiHeadAttention(self.d_model, self.n_heads, dropout=self.dropout),
            FeedForward(self.d_model, self.d_ff, F.gelu),
            lambda: Residual(nn.LayerNorm(self.d_model, self.norm_eps), norm_first=False, dropout=self.dropout),
        )


class BertEmbedding(nn.Module):
    """The sum of three vectors, for the token, its position and the text it belongs to; then layer normalization.

    Rotary positions are no part of the sum: attention rotates its queries and keys.
    """

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.tokens = nn.Embedding(config.vocab_size, config.d_model)
        self.positions = make_positions(config.positions, config.context_length, config.d_model, config.n_heads)
        self.token_types = nn.Embedding(config.n_token_types, config.d_model)
        self.norm = nn.LayerNorm(config.d_model, config.norm_eps)
        self.dropout = nn.Dropout(config.dropout)

    def forward(
        self,
        ids: Int[Tensor, "batch position"],
        token_types: Int[Tensor, "batch position"],
        positions: Int[Tensor, "batch position"] | None = None,
    ) -> Float[Tensor, "batch position d_model"]:
        """`positions` are the number of each token's place where they don't count from 0 to the end of the row."""
        x = self.tokens(ids) + self.token_types(token_types)
        x = self.positions.add_to_embeddings(x) if positions is None else self.positions.add_places(x, positions)
        return self.dropout(self.norm(x))


class Bert(nn.Module):
    """The encoder with its pooler. `generator` draws the first weights: normal, standard deviation 0.02."""

    def __init__(self, config: BertConfig, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.config = config
        self.embedding = BertEmbedding(config)
        self.blocks = nn.ModuleList(config.block() for _layer in range(config.n_layers))
        self.pooler = nn.Linear(config.d_model, config.d_model)
        for module in self.modules():
            if isinstance(module, nn.Embedding | nn.Linear):
                nn.init.normal_(module.weight, std=0.02, generator=generator)
            if isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)

    def forward(
        self,
        ids: Int[Tensor, "batch position"],
        attention_mask: Bool[Tensor, "batch position"] | Bool[Tensor, "batch query position"] | None = None,
        token_types: Int[Tensor, "batch position"] | None = None,
        positions: Int[Tensor, "batch position"] | None = None,
    ) -> Float[Tensor, "batch position d_model"]:
        """The hidden state of every position after the last block.

        `attention_mask` is True where there is a token, False where padding fills up a short row; with a row for each
        query it says what each position may look at, as `one_sided` makes it. `token_types` is 0 for a first text and 1
        for a second. `positions` are places to use instead of 0, 1, 2, … Raises `TypeError` for ids, token types and
        positions that are not integers and for a mask that is not bool, `ValueError` for those that are not known or
        more than the context, and for shapes that do not fit.
        """
        require_token_ids(ids, self.config.vocab_size)
        require_context(ids.shape[1], self.config.context_length)
        if token_types is None:
            token_types = torch.zeros_like(ids)
        else:
            require_numbers(token_types, "token_types", ids, self.config.n_token_types)
        if positions is not None:
            require_numbers(positions, "positions", ids, self.config.context_length)
        mask = attention_mask
        if mask is not None:  # (batch, 1, 1, key), or (batch, 1, query, key)
            if mask.ndim not in (2, 3):
                raise ValueError(
                    _(
                        "The attention mask has the shape {shape}; give (batch, position) or (batch, query, position)."
                    ).format(shape=tuple(mask.shape))
                )
            mask = mask[:, None, None] if mask.ndim == 2 else mask[:, None]
        x = self.embedding(ids, token_types, positions)
        places = self.embedding.positions
        rotation = places.for_attention(0, ids.shape[1]) if positions is None else places.for_places(positions)
        for block in self.blocks:
            x = block(x, mask, positions=rotation)
        return x

    def unembed(self, stream: Float[Tensor, "batch position d_model"]) -> Float[Tensor, "batch position vocab"]:
        """How well a residual stream matches each token's embedding, in the place of logits: this model has no head."""
        return F.linear(stream, self.embedding.tokens.weight)

    def pool(self, hidden: Float[Tensor, "batch position d_model"]) -> Float[Tensor, "batch d_model"]:
        """One vector for the whole input, from its first token, [CLS]: what pre-training's next-sentence task read."""
        return torch.tanh(self.pooler(hidden[:, 0]))


def encode_batch(
    tokenizer: WordPiece, texts: Sequence[str], device: torch.device | None = None
) -> tuple[Int[Tensor, "batch position"], Bool[Tensor, "batch position"]]:
    """The ids of the texts, each between [CLS] and [SEP], filled up with [PAD]; and the attention mask.

    They are on `device`, or else on the course's. Raises `ValueError` when there is no text, `TypeError` for a text
    that is in no list.
    """
    device = device or course.device()
    if isinstance(texts, str):
        raise TypeError(_("The texts are one text: put it into a list, or each character would be a text."))
    if not texts:
        raise ValueError(_("There is no text to encode. Give one or more."))
    special = tokenizer.special.ids
    rows = [[special["[CLS]"], *tokenizer.encode(text), special["[SEP]"]] for text in texts]
    ids = pad_rows(rows, special["[PAD]"]).to(device)
    lengths = torch.tensor([[len(row)] for row in rows], device=device)
    return ids, torch.arange(ids.shape[1], device=device) < lengths


def mean_states(
    hidden: Float[Tensor, "batch position d_model"], attention_mask: Bool[Tensor, "batch position"]
) -> Float[Tensor, "batch d_model"]:
    """One vector per row: the mean over its tokens, without the padding.

    Raises `TypeError` for a mask that is not bool, `ValueError` for one of another shape and for a row that is all
    padding.

    Source: Reimers and Gurevych 2019, section 3 (mean pooling).
    """
    require_bool(attention_mask)
    if attention_mask.shape != hidden.shape[:-1]:
        raise ValueError(
            _("The attention mask has the shape {shape}; these hidden states need {wanted}.").format(
                shape=tuple(attention_mask.shape), wanted=tuple(hidden.shape[:-1])
            )
        )
    if not attention_mask.any(dim=1).all():
        row = attention_mask.any(dim=1).tolist().index(False)
        raise ValueError(_("Row {row} is all padding: it has no tokens to take the mean of.").format(row=row))
    kept = attention_mask[..., None]
    return hidden.masked_fill(~kept, 0).sum(dim=1) / kept.sum(dim=1)


def sentence_embeddings(
    hidden: Float[Tensor, "batch position d_model"], attention_mask: Bool[Tensor, "batch position"]
) -> Float[Tensor, "batch d_model"]:
    """The `mean_states`, each scaled to length 1: a dot product of two is then their cosine."""
    return F.normalize(mean_states(hidden, attention_mask), dim=-1)
