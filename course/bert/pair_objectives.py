"""Objectives that ask whether two texts belong together, alone and beside masked language modeling."""

from abc import abstractmethod

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from course.bert.heads import PairHead
from course.bert.inputs import IGNORED, Corrupted, CorruptedRow, Pieces, Segments, TokenRow
from course.bert.masked_objectives import MaskedLM
from course.bert.model import Bert, BertConfig
from course.bert.objective import Objective
from course.messages import _

RIGHT, WRONG = 0, 1  # the labels: the second text is what it should be, or not


class PairObjective(Objective):
    """A label for the whole pair, at [CLS]. Whether it is a right pair is drawn anew each time, with even chances."""

    def __init__(self, pieces: Pieces, config: BertConfig, generator: torch.Generator | None = None) -> None:
        super().__init__(pieces)
        self.head = PairHead(config, generator)

    def corrupt(self, segments: Segments, rng: np.random.Generator) -> CorruptedRow:
        label = RIGHT if rng.random() < 0.5 else WRONG
        return self.labelled(segments, label)

    def labelled(self, segments: Segments, label: int) -> CorruptedRow:
        """The right pair or the wrong one. Raises `ValueError` where one of its texts is missing."""
        shown = segments if label == RIGHT else self.wrong(segments)
        if not (len(shown.first) and len(shown.second)):
            raise ValueError(_("A pair needs two texts, and one of these is empty."))
        row = self.pieces.row(shown)
        labels = np.full(len(row.ids), IGNORED)
        labels[0] = label
        return CorruptedRow(row, labels)

    @abstractmethod
    def wrong(self, segments: Segments) -> Segments:
        """The pair that is to be told from the right one."""

    def corrupt_row(self, row: TokenRow, rng: np.random.Generator) -> CorruptedRow:
        raise TypeError(_("This objective corrupts a pair of segments, not a row: call `corrupt`."))

    def logits(self, body: Bert, hidden: Float[Tensor, "batch position d_model"]) -> Float[Tensor, "batch 2"]:
        return self.head(body.pool(hidden))

    def loss(self, body: Bert, batch: Corrupted) -> Float[Tensor, ""]:
        return F.cross_entropy(self.logits(body, body(*batch.inputs)), batch.labels[:, 0])


class NextSentence(PairObjective):
    """Next sentence prediction: is the second segment the first one's continuation, or is it of another document?

    Both are shown equally long: a longer one would give itself away.

    Source: Devlin et al. 2019, section 3.1, task 2.
    """

    def labelled(self, segments: Segments, label: int) -> CorruptedRow:
        return super().labelled(segments.alike(), label)

    def wrong(self, segments: Segments) -> Segments:
        return segments._replace(second=segments.unrelated)


class SentenceOrder(PairObjective):
    """Sentence order prediction: two consecutive segments, in order or swapped. What they are about gives no hint.

    Both are whole, as they were cut from the document: one that was shortened at its end could be told by that.

    Source: Lan et al. 2020, "ALBERT", section 3.1.
    """

    def wrong(self, segments: Segments) -> Segments:
        return segments._replace(first=segments.second, second=segments.first)


class MaskedPairs(Objective):
    """Masked language modeling and a question about the pair, on the same input: how BERT and ALBERT were pre-trained.

    `labels` are those of the tokens, but for [CLS], whose label is the pair's.

    Source: Devlin et al. 2019, section 3.1 and appendix A.2 (the loss is the sum); Lan et al. 2020, section 3.1.
    """

    def __init__(self, masked: MaskedLM, pair: PairObjective) -> None:
        super().__init__(masked.pieces)
        self.masked, self.pair = masked, pair

    def corrupt(self, segments: Segments, rng: np.random.Generator) -> CorruptedRow:
        shown = self.pair.corrupt(segments, rng)
        hidden = self.masked.corrupt_row(shown.row, rng)
        hidden.labels[0] = shown.labels[0]
        return hidden

    def corrupt_row(self, row: TokenRow, rng: np.random.Generator) -> CorruptedRow:
        return self.pair.corrupt_row(row, rng)

    def loss(self, body: Bert, batch: Corrupted) -> Float[Tensor, ""]:
        hidden, labels = body(*batch.inputs), batch.labels.clone()
        labels[:, 0] = IGNORED
        of_pair = F.cross_entropy(self.pair.logits(body, hidden), batch.labels[:, 0])
        return self.masked.loss_of(body, hidden, batch._replace(labels=labels)) + of_pair
