"""What can be read off a vector: a linear reader for each place of the input, fitted by least squares.

Source: Alain and Bengio 2016, "Understanding intermediate layers using linear classifier probes", section 3.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from course.interpretability.residual_stream import record_stream
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
    """Whether the symbol at each place of the input is read right off the vector that stands for the whole of it.

    For each place a linear reader is fitted on the first pair of tensors, by ridge regression to one-hot symbols with
    this `penalty` on numbers of spread 1, and tried on the second.
    """
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


class LettersAround(NamedTuple):
    """The encoder's stream at some letters, and the letters around each; `words` are the numbers of their words."""

    streams: list[Float[Tensor, "letter d_model"]]  # before the first sublayer, and after each
    letters: Int[Tensor, "letter offset"]
    words: list[int]


@torch.no_grad()
def letters_around(
    model: Transformer, task: Task, examples: Sequence[Example], offsets: Sequence[int]
) -> LettersAround:
    """The encoder's stream at every letter that has a letter at each of `offsets` from it, and those letters' ids."""
    ids = task.sources([example.source for example in examples])
    with record_stream(model.encoder) as passages:
        model.encoder(ids)
    lengths = (ids != model.config.pad_id).sum(dim=1, keepdim=True)
    place = torch.arange(ids.shape[1], device=ids.device)
    rows, columns = ((place + min(offsets) >= 0) & (place + max(offsets) < lengths)).nonzero(as_tuple=True)
    streams = [passages[0].before, *(passage.after for passage in passages)]
    letters = torch.stack([ids[rows, columns + offset] for offset in offsets], dim=1)
    return LettersAround([stream[rows, columns] for stream in streams], letters, rows.tolist())
