"""Objectives that ask of every token whether it is the text's own: random, shuffled, or drawn by a small generator."""

from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from course.bert.corruption import SHARE, choose, choose_words, shuffle_words, substitute
from course.bert.heads import DetectionHead, MaskedLMHead
from course.bert.inputs import IGNORED, Corrupted, CorruptedRow, Pieces, TokenRow
from course.bert.model import Bert, BertConfig
from course.bert.objective import Objective, labels_at, mean_of
from course.messages import _

REAL, CHANGED = 0, 1  # the labels


class Detection(Objective):
    """A label for each position, special tokens included: is the token the text's own, or was it changed?

    Source: Clark et al. 2020, "ELECTRA", section 2.
    """

    def __init__(
        self, pieces: Pieces, config: BertConfig, generator: torch.Generator | None = None, *, share: float = SHARE
    ) -> None:
        super().__init__(pieces)
        self.share = share
        self.head = DetectionHead(config, generator)

    def loss(self, body: Bert, batch: Corrupted) -> Float[Tensor, ""]:
        logits = self.head(body(*batch.inputs))[batch.has_loss]
        wanted = batch.labels[batch.has_loss].to(logits.dtype)
        return mean_of(F.binary_cross_entropy_with_logits(logits, wanted, reduction="none"))


class RandomTokenSubstitution(Detection):
    """15 of 100 tokens are replaced by random ones, and BERT says which. No generator is needed.

    A random token that is the one that was there counts as the text's own.

    Source: Di Liello et al. 2022, "Effective Pretraining Objectives for Transformer-based Autoencoders".
    """

    def corrupt_row(self, row: TokenRow, rng: np.random.Generator) -> CorruptedRow:
        read = substitute(row.ids, choose(self.pieces.candidates(row.ids), rng, self.share).tolist(), self.pieces, rng)
        return CorruptedRow(row._replace(ids=read), np.where(read == row.ids, REAL, CHANGED))


class ShuffledTokenDetection(Detection):
    """About 15 of 100 tokens, in whole words, change places among themselves, and BERT says which.

    Words stay in their segment, and two at least are drawn of each that has two, so in segments of less than about
    thirty tokens the share is higher. A word that comes to the place of an equal word counts as the text's own.

    Source: Panda et al. 2021, "Shuffled-token Detection for Refining Pre-trained RoBERTa": a model that was pre-trained
    before is refined.
    """

    def corrupt_row(self, row: TokenRow, rng: np.random.Generator) -> CorruptedRow:
        read, labels = row.ids, np.full(len(row.ids), REAL)
        all_words = self.pieces.words(row.ids)
        for segment in np.unique(row.token_types):
            words = [word for word in all_words if row.token_types[word.start] == segment]
            chosen = choose_words(words, rng, self.share, least=2)
            read, places = shuffle_words(read, chosen, rng)
            for before, now in zip(chosen, places, strict=True):
                same = np.array_equal(row.ids[before.start : before.stop], read[now.start : now.stop])
                labels[now.start : now.stop] = REAL if same else CHANGED
        return CorruptedRow(row._replace(ids=read), labels)


class ReplacedTokenDetection(Detection):
    """ELECTRA: a small generator fills what was masked, and the body says which tokens are not the text's own.

    The generator learns masked language modeling; its loss and `weight` times that of detection are added. What it
    draws carries no gradient. A drawn token that is the one that was there counts as the text's own. No special token,
    [MASK] among them, and no unused entry of the vocabulary is drawn.

    All chosen tokens are masked, as in the paper; the authors' code leaves 15 of 100 of them. The generator has
    embeddings of its own, a quarter as wide as the body's, where the paper's shares them.

    Source: Clark et al. 2020, section 2; the width of the generator: section 3.2; weight 50: appendix A.
    """

    def __init__(
        self,
        pieces: Pieces,
        config: BertConfig,
        generator: torch.Generator | None = None,
        *,
        share: float = SHARE,
        weight: float = 50.0,
    ) -> None:
        super().__init__(pieces, config, generator, share=share)
        self.weight = weight
        small = generator_config(config)
        self.generator = Bert(small, generator)
        self.generator_head = MaskedLMHead(small, generator)
        self.register_buffer("never_drawn", torch.from_numpy(pieces.never_drawn), persistent=False)

    def corrupt_row(self, row: TokenRow, rng: np.random.Generator) -> CorruptedRow:
        """What the generator reads, and which tokens it is to predict. `replaced` makes of it what the body reads."""
        chosen = choose(self.pieces.candidates(row.ids), rng, self.share)
        read = row.ids.copy()
        read[chosen] = self.pieces.mask_id
        return CorruptedRow(row._replace(ids=read), labels_at(chosen.tolist(), row.ids))

    def generator_logits(self, batch: Corrupted) -> Float[Tensor, "token vocab"]:
        """The generator's, for each masked token, of all tokens: `replaced` leaves some out."""
        hidden = self.generator(*batch.inputs)[batch.has_loss]
        return self.generator_head(hidden, self.generator.embedding.tokens.weight)

    @torch.no_grad()
    def replaced(
        self,
        batch: Corrupted,
        logits: Float[Tensor, "token vocab"],
        generator: torch.Generator | None = None,
    ) -> Corrupted:
        """The batch with tokens drawn from the generator's logits in the place of the masks, and a label everywhere."""
        drawn = torch.multinomial(
            logits.masked_fill(self.never_drawn, -torch.inf).softmax(dim=-1), num_samples=1, generator=generator
        )[:, 0]
        ids, labels = batch.inputs.ids.clone(), torch.full_like(batch.labels, REAL)
        ids[batch.has_loss] = drawn
        labels[batch.has_loss] = torch.where(drawn == batch.labels[batch.has_loss], REAL, CHANGED)
        labels[~batch.inputs.attention_mask] = IGNORED
        return Corrupted(batch.inputs._replace(ids=ids), labels, batch.spans)

    def loss(self, body: Bert, batch: Corrupted) -> Float[Tensor, ""]:
        logits = self.generator_logits(batch)
        of_generator = mean_of(F.cross_entropy(logits, batch.labels[batch.has_loss], reduction="none"))
        return of_generator + self.weight * super().loss(body, self.replaced(batch, logits))


def generator_config(config: BertConfig) -> BertConfig:
    """A quarter of the width and of the heads, as deep as the body. Raises `ValueError` where that is no BERT."""
    try:
        return replace(
            config,
            d_model=config.d_model // 4,
            d_ff=config.d_ff // 4,
            n_heads=max(1, config.n_heads // 4),
        )
    except ValueError as error:
        raise ValueError(
            _(
                "A quarter of the body's sizes makes no generator (d_model {d_model}, d_ff {d_ff}, n_heads {n_heads}). "
                "{reason}"
            ).format(d_model=config.d_model, d_ff=config.d_ff, n_heads=config.n_heads, reason=error)
        ) from None
