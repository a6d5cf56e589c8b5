"""What a classifier says of texts: without dropout, in batches of like length, in the order of the texts."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course.fine_tuning.heads import AnyClassifier, TokenClassifier
from course.fine_tuning.inputs import Inputs, Row, require_list
from course.layers.sizes import require_whole
from course.messages import _

OUTSIDE = "O"


@torch.no_grad()
def predict_logits(model: AnyClassifier, texts: Sequence[Any], *, batch_size: int = 64) -> Float[Tensor, "text class"]:
    """The logits of each text, on the CPU.

    Raises `ValueError` when there is no text and for a model that labels words, `TypeError` for one text alone.
    """
    return _of_each(model, model, texts, batch_size)


@torch.no_grad()
def features(model: AnyClassifier, texts: Sequence[Any], *, batch_size: int = 64) -> Float[Tensor, "text d_model"]:
    """What the head reads of each text, on the CPU: of a frozen body, computed once, it serves any number of heads.

    Raises as `predict_logits` does.
    """
    return _of_each(model, model.states, texts, batch_size)


@torch.no_grad()
def predict_labels(model: TokenClassifier, texts: Sequence[Sequence[str]], *, batch_size: int = 64) -> list[list[str]]:
    """A label for each word of each text. Words that the model's limit cut off are outside: they were not found.

    Raises `ValueError` for a model that labels whole texts, `TypeError` for one text alone.
    """
    if not isinstance(model, TokenClassifier):
        raise ValueError(_("This model labels whole texts, not words: use `predict_logits`."))
    require_list(texts)
    texts = list(texts)
    rows = [model.row(text) for text in texts]
    found: list[list[str]] = [[] for _text in texts]
    with evaluating(model):
        for numbers in like_lengths(rows, batch_size):
            best = model(model.batch([rows[i] for i in numbers])).argmax(dim=-1).tolist()
            for number, of_row in zip(numbers, best, strict=True):
                labels = [model.classes[of_row[place]] for place in rows[number].first_pieces]
                found[number] = labels + [OUTSIDE] * (len(texts[number]) - len(labels))
    return found


def _of_each(
    model: AnyClassifier, read: Callable[[Inputs], Tensor], texts: Sequence[Any], batch_size: int
) -> Float[Tensor, "text width"]:
    if isinstance(model, TokenClassifier):
        raise ValueError(_("This model labels each word, and has no one answer for a text: use `predict_labels`."))
    require_list(texts)
    rows = [model.row(text) for text in texts]
    if not rows:
        raise ValueError(_("There are no texts. Give one or more."))
    batches = like_lengths(rows, batch_size)
    with evaluating(model):
        found = torch.cat([read(model.batch([rows[i] for i in numbers])).cpu() for numbers in batches])
    in_order = torch.empty_like(found)
    in_order[[i for numbers in batches for i in numbers]] = found
    return in_order


def like_lengths(rows: Sequence[Row], batch_size: int) -> list[list[int]]:
    """The numbers of the rows in batches of like length, which need little padding.

    Raises `ValueError` for a `batch_size` below 1.
    """
    require_whole(batch_size, "batch_size")
    order = sorted(range(len(rows)), key=lambda number: len(rows[number].ids))
    return [order[first : first + batch_size] for first in range(0, len(order), batch_size)]


@contextmanager
def evaluating(model: nn.Module) -> Generator[None]:
    """Without dropout in the block; afterwards the model trains on, if it did before."""
    was_training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(was_training)
