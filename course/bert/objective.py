"""What all pre-training objectives have in common: they corrupt the input and ask a question that the text answers.

An objective is a module with its own head. `corrupt` makes a row of `Segments`, with a label where there is a question;
`batch` does so for several; `loss` asks a body. What is drawn depends on the generator of random numbers alone.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from course.bert.inputs import IGNORED, Corrupted, CorruptedRow, Pieces, Segments, TokenRow
from course.bert.model import Bert
from course.messages import _


class Objective(nn.Module, ABC):
    """A corruption of the input and the loss of the question that it asks. `restart`: see `Pieces.row`."""

    restart: ClassVar[bool] = False

    def __init__(self, pieces: Pieces) -> None:
        super().__init__()
        self.pieces = pieces

    def corrupt(self, segments: Segments, rng: np.random.Generator) -> CorruptedRow:
        """The segments as a row, corrupted, with its labels. Raises `ValueError` for segments that have no tokens."""
        if not len(segments.first):
            raise ValueError(_("The first segment is empty: there is nothing to corrupt."))
        return self.corrupt_row(self.pieces.row(segments, restart=self.restart), rng)

    @abstractmethod
    def corrupt_row(self, row: TokenRow, rng: np.random.Generator) -> CorruptedRow:
        """The row, corrupted, with the label of each position."""

    @abstractmethod
    def loss(self, body: Bert, batch: Corrupted) -> Float[Tensor, ""]:
        """The mean over all positions that have a label; 0 where none has."""

    def batch(
        self, items: Sequence[Segments], rng: np.random.Generator, device: torch.device | None = None
    ) -> Corrupted:
        """The items, each corrupted, as one batch on `device` or else on the course's."""
        return self.pieces.batch([self.corrupt(item, rng) for item in items], device)


def mean_of(losses: Float[Tensor, " token"]) -> Float[Tensor, ""]:
    """The mean; of nothing it is 0, not NaN: a batch of empty texts changes no weight.

    It is summed in float32 at least: the sum of some thousand losses is beyond what half precision can hold.
    """
    return losses.sum(dtype=torch.promote_types(losses.dtype, torch.float32)) / max(1, len(losses))


def labels_at(
    places: Sequence[int] | Int[np.ndarray, "_"], values: Int[np.ndarray, " position"]
) -> Int[np.ndarray, " position"]:
    """The values at these places, and `IGNORED` everywhere else."""
    labels = np.full(len(values), IGNORED)
    labels[list(places)] = values[list(places)]
    return labels
