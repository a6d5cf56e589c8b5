"""Objectives that ask which token was there: masked language modeling, in two languages, and the border of a span."""

from typing import ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from course.bert.corruption import SHARE, choose, choose_spans, choose_words, mask_80_10_10
from course.bert.heads import MaskedLMHead, SpanBoundaryHead
from course.bert.inputs import Corrupted, CorruptedRow, Pieces, Segments, TokenRow
from course.bert.model import Bert, BertConfig
from course.bert.objective import Objective, labels_at, mean_of
from course.messages import _


class MaskedLM(Objective):
    """Masked language modeling: 15 of 100 tokens are chosen, most of them hidden, and BERT says which they were.

    The chosen tokens that stay are in the loss, too. With `whole_words` the pieces of a word are chosen together; each
    is still predicted for itself.

    Source: Devlin et al. 2019, section 3.1, task 1; whole words: the authors' code, google-research/bert.
    """

    def __init__(
        self,
        pieces: Pieces,
        config: BertConfig,
        generator: torch.Generator | None = None,
        *,
        share: float = SHARE,
        whole_words: bool = False,
    ) -> None:
        super().__init__(pieces)
        self.share, self.whole_words = share, whole_words
        self.head = MaskedLMHead(config, generator)

    def corrupt_row(self, row: TokenRow, rng: np.random.Generator) -> CorruptedRow:
        if self.whole_words:
            chosen = [place for word in choose_words(self.pieces.words(row.ids), rng, self.share) for place in word]
        else:
            chosen = choose(self.pieces.candidates(row.ids), rng, self.share).tolist()
        read = mask_80_10_10(row.ids, [[place] for place in chosen], self.pieces, rng)
        return CorruptedRow(row._replace(ids=read), labels_at(chosen, row.ids))

    def loss(self, body: Bert, batch: Corrupted) -> Float[Tensor, ""]:
        return self.loss_of(body, body(*batch.inputs), batch)

    def loss_of(
        self, body: Bert, hidden: Float[Tensor, "batch position d_model"], batch: Corrupted
    ) -> Float[Tensor, ""]:
        """The loss of hidden states that are already there. The head sees the positions with a label alone."""
        logits = self.head(hidden[batch.has_loss], body.embedding.tokens.weight)
        return mean_of(F.cross_entropy(logits, batch.labels[batch.has_loss], reduction="none"))


class TranslationLM(MaskedLM):
    """Translation language modeling: masked language modeling on a text and its translation, side by side.

    `second` is the translation. Tokens of both are chosen; the translation's places count from 0 again, and the token
    type says which language a token is of. So a hidden word can be read off the other language.

    Source: Conneau and Lample 2019, "Cross-lingual Language Model Pretraining", section 3.4.
    """

    restart: ClassVar[bool] = True

    def corrupt(self, segments: Segments, rng: np.random.Generator) -> CorruptedRow:
        """Raises `ValueError` for a text without a translation, too."""
        if not len(segments.second):
            raise ValueError(_("There is no translation: give the text in the other language as the second segment."))
        return super().corrupt(segments, rng)


class SpanBoundary(Objective):
    """Whole spans are hidden, and each token is predicted twice: at its own place, and from the span's borders alone.

    The second question is the span boundary objective: it sees the states of the two tokens just outside of the span,
    and how far into the span the token is. The loss is the sum of both.

    Source: Joshi et al. 2020, "SpanBERT", sections 3.1 and 3.2.
    """

    def __init__(
        self, pieces: Pieces, config: BertConfig, generator: torch.Generator | None = None, *, share: float = SHARE
    ) -> None:
        super().__init__(pieces)
        self.share = share
        self.head = MaskedLMHead(config, generator)
        self.boundary_head = SpanBoundaryHead(config, generator)

    def corrupt_row(self, row: TokenRow, rng: np.random.Generator) -> CorruptedRow:
        spans = choose_spans(self.pieces.words(row.ids), rng, self.share)
        read = mask_80_10_10(row.ids, spans, self.pieces, rng)
        chosen = [place for span in spans for place in span]
        return CorruptedRow(row._replace(ids=read), labels_at(chosen, row.ids), tuple(spans))

    def loss(self, body: Bert, batch: Corrupted) -> Float[Tensor, ""]:
        hidden, embedding = body(*batch.inputs), body.embedding.tokens.weight
        own = self.head(hidden[batch.has_loss], embedding)
        labels = batch.labels[batch.has_loss]
        losses = F.cross_entropy(own, labels, reduction="none")
        return mean_of(losses) + mean_of(
            F.cross_entropy(self.boundary_logits(hidden, embedding, batch), labels, reduction="none")
        )

    def boundary_logits(
        self,
        hidden: Float[Tensor, "batch position d_model"],
        embedding: Float[Tensor, "vocab d_model"],
        batch: Corrupted,
    ) -> Float[Tensor, "token vocab"]:
        """For each chosen token the logits that its span's borders give."""
        row, place = batch.has_loss.nonzero(as_tuple=True)
        first, last = batch.spans[row, place].unbind(dim=-1)
        return self.boundary_head(hidden[row, first - 1], hidden[row, last + 1], place - first, embedding)
