"""What can be read off a vector: a linear reader for each position of the input, fitted by least squares.

A probe that reads a symbol shows that a matrix can pick it out of the vector, not that the model uses it; one that does
not may have had too few vectors to fit, or the wrong form. Compare with the most frequent symbol, and with the same
probe on a model that was never trained.

Source: Alain and Bengio 2016, "Understanding intermediate layers using linear classifier probes", section 3.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from course.interpretability.residual_stream import read_streams
from course.layers.sizes import require_positive
from course.messages import _
from course.tasks import Example, Task
from course.transformer import Transformer


def linear_probe(
    vectors: Float[Tensor, "train d"],
    symbols: Int[Tensor, "train place"],
    test_vectors: Float[Tensor, "test d"],
    test_symbols: Int[Tensor, "test place"],
    *,
    penalty: float = 10.0,
) -> Bool[Tensor, "test place"]:
    """Whether the symbol at each position of the input is read right off the vector that stands for the whole of it.

    For each position a linear reader is fitted on the first pair of tensors, by ridge regression to one-hot symbols
    with this `penalty` on standardized numbers, and tried on the second. Raises `ValueError` for fewer than two vectors
    to fit on, none to test on, tensors whose shapes do not belong together, ids below 0, a penalty that is not above 0,
    and numbers that are not finite.
    """
    _require_table("vectors", vectors, symbols)
    _require_table("test_vectors", test_vectors, test_symbols)
    if vectors.shape[1:] != test_vectors.shape[1:] or symbols.shape[1:] != test_symbols.shape[1:]:
        raise ValueError(
            _(
                "The vectors to fit on are {fit} and those to test on {test}; their symbols are {fit_symbols} and "
                "{test_symbols}. Only the number of rows may differ."
            ).format(
                fit=tuple(vectors.shape),
                test=tuple(test_vectors.shape),
                fit_symbols=tuple(symbols.shape),
                test_symbols=tuple(test_symbols.shape),
            )
        )
    require_positive(penalty, "penalty")
    if len(vectors) < 2 or not len(test_vectors):
        raise ValueError(
            _("There are {fit} vectors to fit on and {test} to test on; give 2 and 1, or more.").format(
                fit=len(vectors), test=len(test_vectors)
            )
        )
    if not (vectors.isfinite().all() and test_vectors.isfinite().all()):
        raise ValueError(_("A vector has a number that is not finite: nothing can be read off it. Leave it out."))
    mean, spread = vectors.mean(dim=0), vectors.std(dim=0) + 1e-6

    def inputs(some: Float[Tensor, "row d"]) -> Float[Tensor, "row d_and_1"]:
        numbers = ((some - mean) / spread).double()
        return torch.cat((numbers, torch.ones_like(numbers[:, :1])), dim=1)

    count = int(torch.maximum(symbols.max(), test_symbols.max())) + 1
    wanted = torch.nn.functional.one_hot(symbols, count).double().flatten(1)  # (train, place · symbol)
    x = inputs(vectors)
    weights = torch.linalg.solve(
        x.T @ x + penalty * torch.eye(x.shape[1], dtype=x.dtype, device=x.device), x.T @ wanted
    )
    read = (inputs(test_vectors) @ weights).unflatten(1, (-1, count)).argmax(dim=-1)
    return read == test_symbols


def _require_table(name: str, vectors: Float[Tensor, "row d"], symbols: Int[Tensor, "row place"]) -> None:
    """Raises `ValueError` for vectors and symbols that are no tables with as many rows, and for ids that are none."""
    if vectors.ndim != 2 or symbols.ndim != 2 or len(vectors) != len(symbols) or not symbols.shape[1]:
        raise ValueError(
            _(
                "{name} have the shape {vectors} and their symbols {symbols}; they must be (rows, numbers) and "
                "(rows, places), with as many rows and a place or more."
            ).format(name=name, vectors=tuple(vectors.shape), symbols=tuple(symbols.shape))
        )
    if not vectors.is_floating_point() or symbols.dtype is not torch.long:
        raise ValueError(
            _("{name} are {vectors} and their symbols {symbols}; they must be floating point and torch.long.").format(
                name=name, vectors=vectors.dtype, symbols=symbols.dtype
            )
        )
    if symbols.numel() and symbols.min() < 0:
        raise ValueError(
            _("A symbol of {name} is {value}; ids are 0 or more.").format(name=name, value=symbols.min().item())
        )


class LettersAround(NamedTuple):
    """The encoder's stream at some letters, and the letters around each; `words` are the numbers of their words."""

    streams: list[Float[Tensor, "letter d_model"]]  # before the first sublayer, and after each
    letters: Int[Tensor, "letter offset"]
    words: list[int]


def letters_around(
    model: Transformer, task: Task, examples: Sequence[Example], offsets: Sequence[int]
) -> LettersAround:
    """The encoder's stream at every letter that has a letter at each of `offsets` from it, and those letters' ids.

    Raises `ValueError` for no offsets, and where no letter has letters at all of them.
    """
    if not offsets:
        raise ValueError(_("There are no offsets; give one or more, such as (-1, 0, 1)."))
    ids = task.sources([example.source for example in examples])
    lengths = (ids != model.config.pad_id).sum(dim=1, keepdim=True)
    place = torch.arange(ids.shape[1], device=ids.device)
    rows, columns = ((place + min(offsets) >= 0) & (place + max(offsets) < lengths)).nonzero(as_tuple=True)
    if not len(rows):
        raise ValueError(
            _("None of these {count} words has letters at all of the offsets {offsets}.").format(
                count=len(examples), offsets=", ".join(map(str, offsets))
            )
        )
    streams = [stream[rows, columns] for stream in read_streams(model.encoder, ids)]
    letters = torch.stack([ids[rows, columns + offset] for offset in offsets], dim=1)
    return LettersAround(streams, letters, rows.tolist())
