"""How well a language model predicts a text, in bits per byte: comparable between tokenizers, as loss per token is not.

Bits of the predicted tokens, divided by the bytes of UTF-8 that these tokens stand for. Special tokens have no bytes:
their loss is in neither sum. Source: nanochat's `loss_eval.py`.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from course.layers.sizes import require_whole
from course.tokenization import ByteLevelBPE
from course.training.batches import pad_rows


class Score(NamedTuple):
    """Of each document, the bits of its tokens and their bytes."""

    bits: Float[np.ndarray, "document"]
    bytes: Int[np.ndarray, "document"]

    @property
    def bits_per_byte(self) -> float:
        return float(self.bits.sum() / self.bytes.sum())


def token_bytes(tokenizer: ByteLevelBPE) -> Int[Tensor, "vocab"]:
    """The number of bytes that each token stands for, 0 for a special token."""
    special = {*tokenizer.special.ids.values()}
    return torch.tensor([0 if i in special else len(tokenizer.decode_bytes([i])) for i in range(tokenizer.vocab_size)])


class Window(NamedTuple):
    """A stretch of document number `document`; the loss of its tokens from position `first` on counts."""

    document: int
    ids: list[int]
    first: int


def windows(document: Sequence[int], length: int, start_id: int, number: int = 0) -> list[Window]:
    """The document after `start_id`, in windows of at most `length + 1` tokens, each token to be counted once.

    Each window but the first begins with half a window that was counted before, so that no token is predicted from
    less than half a window of context, but those at the beginning. Raises `ValueError` for a length below 2.
    """
    require_whole(length, "length", least=2)
    ids = [start_id, *map(int, document)]
    found, done = [], 1
    while done < len(ids):
        begin = 0 if done == 1 else done - length // 2 - 1
        end = min(begin + length + 1, len(ids))
        found.append(Window(number, ids[begin:end], done - begin))
        done = end
    return found


@torch.no_grad()
def score(
    model: Callable[[Tensor], Tensor] | nn.Module,
    documents: Sequence[Sequence[int]],
    sizes: Int[Tensor, "vocab"],
    *,
    length: int,
    start_id: int,
    pad_id: int,
    batch_size: int = 32,
) -> Score:
    """The bits and bytes of each document: see `windows`. `sizes` are those of `token_bytes`, on the model's device.

    `length` is the most tokens that the model reads at once. The model is used as it is: put it in eval mode. Raises
    `ValueError` for a length below 2 and a `batch_size` below 1.
    """
    require_whole(batch_size, "batch_size")
    cut = [window for number, ids in enumerate(documents) for window in windows(ids, length, start_id, number)]
    cut.sort(key=lambda window: len(window.ids))  # windows of a length share a batch: less padding
    bits, n_bytes = np.zeros(len(documents)), np.zeros(len(documents), dtype=np.int64)
    for at in range(0, len(cut), batch_size):
        batch = cut[at : at + batch_size]
        ids = pad_rows([window.ids for window in batch], pad_id).to(sizes.device)
        counted = torch.arange(ids.shape[1], device=ids.device) >= torch.tensor([[w.first] for w in batch]).to(
            ids.device
        )
        of_token = (sizes[ids] * counted)[:, 1:]
        nats = token_losses(model(ids[:, :-1]), ids[:, 1:]) * (of_token > 0)
        numbers = [window.document for window in batch]
        np.add.at(bits, numbers, nats.double().sum(dim=1).cpu().numpy() / math.log(2))
        np.add.at(n_bytes, numbers, of_token.sum(dim=1).cpu().numpy())
    return Score(bits, n_bytes)


def token_losses(
    logits: Float[Tensor, "batch position vocab"], targets: Int[Tensor, "batch position"]
) -> Float[Tensor, "batch position"]:
    """The cross-entropy of each target, in nats, computed in float32 at least."""
    precise = logits.float() if logits.dtype.itemsize < 4 else logits
    return F.cross_entropy(precise.flatten(0, 1), targets.flatten(), reduction="none").view(targets.shape)
