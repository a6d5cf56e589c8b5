"""What BERT reads and what it learns from: rows of token ids, the words in them, and the label of each position."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Int
from torch import Tensor

import course
from course.messages import _
from course.tokenization import WordPiece
from course.tokenization.wordpiece_training import CONTINUES
from course.training import pad_rows

IGNORED = -100  # the label of a position that has none: PyTorch's cross-entropy leaves it out
UNUSED = "[unused"  # how BERT's vocabulary names entries that no text has


class Inputs(NamedTuple):
    """Rows side by side, padded at their end. `attention_mask` is True where there is a token.

    `positions` are places that don't count from 0 to the end of the row, where there are such.
    """

    ids: Int[Tensor, "batch position"]
    attention_mask: Bool[Tensor, "batch position"]
    token_types: Int[Tensor, "batch position"]
    positions: Int[Tensor, "batch position"] | None = None


class Segments(NamedTuple):
    """What all objectives read: two consecutive pieces of a document, as ids without special tokens.

    `unrelated` is a piece of another document: what next sentence prediction shows in the place of `second`. `second`
    is empty where there is one text alone; in translation language modeling it is the translation.
    """

    first: Sequence[int]
    second: Sequence[int] = ()
    unrelated: Sequence[int] = ()

    def alike(self) -> "Segments":
        """With `second` and `unrelated` cut to the shorter one's length, so that their length tells nothing."""
        n = min(len(self.second), len(self.unrelated))
        return self._replace(second=self.second[:n], unrelated=self.unrelated[:n])


class TokenRow(NamedTuple):
    """One input, not yet padded: ids, which of the two segments each is of, and its place."""

    ids: Int[np.ndarray, " position"]
    token_types: Int[np.ndarray, " position"]
    positions: Int[np.ndarray, " position"]


class CorruptedRow(NamedTuple):
    """A row as the model reads it, and the label of each position, `IGNORED` where there is no loss.

    Where spans were masked, `spans` are their positions, from the first to the one after the last.
    """

    row: TokenRow
    labels: Int[np.ndarray, " position"]
    spans: tuple[range, ...] = ()


class Corrupted(NamedTuple):
    """A batch of corrupted rows. `spans` is the first and last position of the span that a position is in, else 0."""

    inputs: Inputs
    labels: Int[Tensor, "batch position"]
    spans: Int[Tensor, "batch position 2"]

    @property
    def has_loss(self) -> Bool[Tensor, "batch position"]:
        return self.labels != IGNORED


class Pieces:
    """What a corruption has to know of a vocabulary: special tokens, pieces that continue a word, what may be drawn.

    Raises `ValueError` when nothing but special tokens is in the vocabulary, `TypeError` for a tokenizer of another
    kind: it has neither [MASK] nor pieces that begin with ##.
    """

    def __init__(self, tokenizer: WordPiece) -> None:
        if not isinstance(tokenizer, WordPiece):
            raise TypeError(
                _("BERT's pieces are those of a WordPiece tokenizer, not {kind}.").format(kind=type(tokenizer).__name__)
            )
        special = tokenizer.special.ids
        self.tokenizer = tokenizer
        self.pad_id, self.cls_id, self.sep_id = (special[name] for name in ("[PAD]", "[CLS]", "[SEP]"))
        self.mask_id = special["[MASK]"]
        self.special = np.zeros(tokenizer.vocab_size, dtype=bool)
        self.special[list(special.values())] = True
        self.special[tokenizer.unknown_id] = True
        self.continues = np.array([token.startswith(CONTINUES) for token in tokenizer.tokens])
        unused = np.array([token.startswith(UNUSED) for token in tokenizer.tokens])
        self.never_drawn = self.special | unused  # nor guessed
        self.ordinary = np.flatnonzero(~self.never_drawn)  # a token drawn at random is one of these
        if not len(self.ordinary):
            raise ValueError(_("The vocabulary has special tokens alone: there is nothing to draw a token from."))

    def row(self, segments: Segments, *, restart: bool = False) -> TokenRow:
        """[CLS] first [SEP] second [SEP], or [CLS] first [SEP]. The second text and its [SEP] have the token type 1.

        With `restart` the places of the second text count from 0 again. Raises `TypeError` for ids that are no whole
        numbers, `ValueError` for one that the vocabulary does not have.
        """
        first = [self.cls_id, *segments.first, self.sep_id]
        second = [*segments.second, self.sep_id] if len(segments.second) else []
        places = [*range(len(first)), *range(len(second))] if restart else range(len(first) + len(second))
        types = [0] * len(first) + [1] * len(second)
        ids = np.array(first + second)
        if ids.dtype.kind not in "iu":
            raise TypeError(_("Token ids must be whole numbers; these texts hold {kind}.").format(kind=ids.dtype))
        if ids.min() < 0 or ids.max() >= len(self.special):
            raise ValueError(
                _("Token id {id} is unknown: this vocabulary has the ids 0 to {last}.").format(
                    id=ids.min() if ids.min() < 0 else ids.max(), last=len(self.special) - 1
                )
            )
        return TokenRow(ids, np.array(types), np.array(places))

    def candidates(self, ids: Int[np.ndarray, " position"]) -> Int[np.ndarray, "_"]:
        """The positions that may be corrupted: all but special tokens, [UNK] among them."""
        return np.flatnonzero(~self.special[ids])

    def words(self, ids: Int[np.ndarray, " position"]) -> list[range]:
        """The positions of each word: a piece that begins it, and those that continue it. No special tokens."""
        words: list[range] = []
        for place in self.candidates(ids).tolist():
            if words and self.continues[ids[place]] and words[-1].stop == place:
                words[-1] = range(words[-1].start, place + 1)
            else:
                words.append(range(place, place + 1))
        return words

    def batch(self, rows: Sequence[CorruptedRow], device: torch.device | None = None) -> Corrupted:
        """The rows as one batch, on `device` or else on the course's. Padding has no label."""
        device = device or course.device()
        ids = pad_rows([one.row.ids.tolist() for one in rows], self.pad_id)
        lengths = torch.tensor([[len(one.row.ids)] for one in rows])
        spans = torch.zeros(*ids.shape, 2, dtype=torch.long)
        for number, one in enumerate(rows):
            for span in one.spans:
                spans[number, span.start : span.stop] = torch.tensor([span.start, span.stop - 1])
        inputs = Inputs(
            ids.to(device),
            (torch.arange(ids.shape[1]) < lengths).to(device),
            pad_rows([one.row.token_types.tolist() for one in rows], 0).to(device),
            pad_rows([one.row.positions.tolist() for one in rows], 0).to(device),
        )
        return Corrupted(inputs, pad_rows([one.labels.tolist() for one in rows], IGNORED).to(device), spans.to(device))


def one_sided(inputs: Inputs, side: str) -> Inputs:
    """The inputs with a mask of what each position may look at: the "left", the "right" or "both" sides, and itself.

    Every position sees itself, where it is [MASK] or padding, too. Raises `ValueError` for another side.
    """
    n = inputs.ids.shape[1]
    everything = torch.ones(n, n, dtype=torch.bool, device=inputs.ids.device)
    sides = {"left": everything.tril(), "right": everything.triu(), "both": everything}
    if side not in sides:
        raise ValueError(_("There is no side {side!r}. There are: {known}.").format(side=side, known=", ".join(sides)))
    itself = torch.eye(n, dtype=torch.bool, device=inputs.ids.device)
    return inputs._replace(attention_mask=sides[side] & inputs.attention_mask[:, None] | itself)
