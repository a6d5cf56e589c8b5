"""A character language model that is trained on short texts and tested on long ones: its data and its losses.

The text is that of the presidents' messages. Every tenth message is for the test, and every tenth, five before it, for
validation.
"""

import functools
import math
import string
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from course import data
from course.data.overlap import Sets, disjoint
from course.messages import _
from course.tokenization import CharacterTokenizer
from course.training import GeneratedBatches

TRAIN_LENGTH = 64  # characters that the models were trained to look back on, at most
TEST_LENGTHS = (64, 96, 128, 256)
HELD_OUT_EVERY = 10  # one message of so many is for the test, and as many for validation

# Letters, digits, signs, the space and the line end; what else there is (one character of 5,000) is `<unk>`.
TOKENIZER = CharacterTokenizer([*string.digits, *string.ascii_letters, *string.punctuation, " ", "\n"])


def training_text() -> Int[Tensor, "character"]:
    """The ids of the messages to train on, one after the other."""
    return _ids(_messages().train)


def held_out_windows(n_windows: int = 512, length: int = TEST_LENGTHS[-1]) -> Int[Tensor, "window character"]:
    """The test: stretches of `length + 1` characters, evenly spread over its messages."""
    _validation, test = _messages().held_out
    return _windows(test, n_windows, length)


def validation_windows(n_windows: int = 512, length: int = TRAIN_LENGTH) -> Int[Tensor, "window character"]:
    """What settings are chosen on: stretches of `length + 1` characters, evenly spread over its messages."""
    validation, _test = _messages().held_out
    return _windows(validation, n_windows, length)


@functools.cache
def _messages() -> Sets[str]:
    """The texts to train on, for validation and for the test: no message is in two of them, nor a part of another."""
    texts = [message.text for message in data.presidential_messages()]
    half = HELD_OUT_EVERY // 2
    train = [text for number, text in enumerate(texts, 1) if number % half]
    return disjoint(train, texts[half - 1 :: HELD_OUT_EVERY], texts[HELD_OUT_EVERY - 1 :: HELD_OUT_EVERY])


def _windows(texts: Sequence[str], n_windows: int, length: int) -> Int[Tensor, "window character"]:
    ids = _ids(texts)
    starts = torch.linspace(0, len(ids) - length - 1, n_windows).long()
    return ids[starts[:, None] + torch.arange(length + 1)]


def _ids(texts: Sequence[str]) -> Int[Tensor, "character"]:
    return torch.tensor(TOKENIZER.encode("\n\n".join(texts)))


def random_windows(
    ids: Int[Tensor, "character"], batch_size: int, length: int, seed: int
) -> GeneratedBatches[Int[Tensor, "batch character"]]:
    """Batches for `course.training.train`: stretches of `length + 1` characters from anywhere in the text.

    Raises `ValueError` for a text that is shorter than a stretch.
    """
    n_starts = len(ids) - length
    if n_starts < 1:
        raise ValueError(
            _("The text has {count} characters, fewer than a window of {width}: choose a longer text.").format(
                count=len(ids), width=length + 1
            )
        )

    def make(rng: np.random.Generator) -> Int[Tensor, "batch character"]:
        starts = torch.from_numpy(rng.integers(n_starts, size=batch_size))
        return ids[starts[:, None] + torch.arange(length + 1)]

    return GeneratedBatches(make, seed)


def next_character_loss(
    model: nn.Module, windows: Int[Tensor, "batch character"], reduction: str = "mean"
) -> Float[Tensor, "*losses"]:
    """Cross-entropy of each next character, in bits: their mean, or with `reduction="none"` all, row after row."""
    windows = windows.to(next(model.parameters()).device)
    logits = model(windows[:, :-1])
    nats = F.cross_entropy(logits.flatten(0, 1), windows[:, 1:].flatten(), reduction=reduction)
    return nats / math.log(2)


@torch.no_grad()
def loss_by_position(
    model: nn.Module, windows: Int[Tensor, "window character"], batch_size: int = 64
) -> Float[Tensor, "position"]:
    """The mean loss, in bits, of the character after each position.

    A causal model's output at a position does not depend on what comes later: the first `n` numbers are those of
    windows that end after `n` characters.
    """
    rows = [next_character_loss(model, some, "none").cpu().view(len(some), -1) for some in windows.split(batch_size)]
    return torch.cat(rows).mean(dim=0)


def shuffle_before_last(
    windows: Int[Tensor, "window character"], generator: torch.Generator
) -> Int[Tensor, "window character"]:
    """The windows with their characters in a random order, but for the last one read and the one to predict."""
    order = torch.rand(windows.shape[0], windows.shape[1] - 2, generator=generator).argsort(dim=1)
    return torch.cat((windows[:, :-2].gather(1, order), windows[:, -2:]), dim=1)


def last_loss(model: nn.Module, windows: Int[Tensor, "window character"]) -> float:
    """The mean loss, in bits, of the last character of each window alone."""
    return loss_by_position(model, windows)[-1].item()


def recorded_losses(records: Sequence[Mapping[str, Any]], model: str) -> Float[np.ndarray, "seed position"]:
    """What `loss_by_position` gave for each seed of a model, from `course.trained.results("positions")`.

    Raises `ValueError` when no run is of that model.
    """
    rows = [record["loss_by_position"] for record in records if record["model"] == model]
    if not rows:
        raise ValueError(_("There is no run of {model!r} among these results.").format(model=model))
    return np.array(rows)


def mean_up_to(
    by_position: Float[np.ndarray, "seed position"], lengths: Sequence[int]
) -> Float[np.ndarray, "seed length"]:
    """The mean loss over a text of each of these lengths."""
    return np.stack([by_position[:, :length].mean(axis=1) for length in lengths], axis=1)
