"""Perplexity: among how many equally likely tokens a language model hesitates; of any model and any window.

Per token it is no comparison between tokenizers: a token of eight letters is harder to guess than one of two, and there
are fewer of them. Per word and in bits per byte, the text is the same for all. `course.training.bits_per_byte` scores
many documents in batches for training; here the window's step is free, and each token's context is counted.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from course.layers.sizes import require_whole
from course.messages import _
from course.training.bits_per_byte import Window, token_losses

Predictor = Callable[[Int[Tensor, "row position"]], Float[Tensor, "row position vocab"]]


class TextPrediction(NamedTuple):
    """How well each token of a text was predicted, from how much: nats, and the tokens before it that were read.

    The words (between white space) and the bytes are those of the tokens that count.
    """

    nats: Float[np.ndarray, "token"]
    context: Int[np.ndarray, "token"]
    n_words: int
    n_bytes: int

    @property
    def perplexity(self) -> float:
        """Per token: comparable between models of one tokenizer alone."""
        return math.exp(self.nats.mean())

    @property
    def word_perplexity(self) -> float:
        return math.exp(self.nats.sum() / self.n_words)

    @property
    def bits_per_byte(self) -> float:
        return float(self.nats.sum() / math.log(2) / self.n_bytes)


def sliding_windows(document: Sequence[int], length: int, stride: int, start_id: int | None = None) -> list[Window]:
    """Windows of at most `length` tokens to read, each `stride` tokens on, in which every token counts once.

    A small stride gives every token much context and reads the text `length / stride` times; with a stride of `length`
    the windows do not overlap, and the first token of each has no context but one token. The first token of the text
    is predicted from `start_id`; without one, nothing is before it, and it does not count. Raises `ValueError` for a
    length or a stride below 1, and for a stride beyond the length, which would leave tokens out.

    Source: Hugging Face, "Perplexity of fixed-length models" (documentation of transformers).
    """
    require_whole(length, "length")
    require_whole(stride, "stride")
    if stride > length:
        raise ValueError(
            _("stride is {stride} and length is {length}: tokens between the windows would not count.").format(
                stride=stride, length=length
            )
        )
    ids = [*map(int, document)] if start_id is None else [start_id, *map(int, document)]
    found, done = [], 1
    while done < len(ids):
        begin = 0 if done == 1 else done + stride - length - 1
        end = min(begin + length + 1, len(ids))
        found.append(Window(0, ids[begin:end], done - begin))
        done = end
    return found


@torch.no_grad()
def predict_text(
    model: Predictor | nn.Module,
    ids: Sequence[int],
    pieces: Sequence[bytes],
    *,
    length: int,
    stride: int | None = None,
    start_id: int | None = None,
    batch_size: int = 16,
) -> TextPrediction:
    """Predict each token of a text from the tokens before it, by windows: see `sliding_windows`.

    `model` gives logits or log-probabilities of the token after each position, [row, position, vocab]. `pieces[i]` are
    the bytes that token i stands for: `tokenizer.decode_bytes([id])`, or b"" for a special token, which does not count.
    `length` is the most tokens that the model reads at once; the stride is half of it unless given. The model is used
    as it is: put it in eval mode. Raises `ValueError` for a text without a token that counts, for not one piece for
    each token, for logits of another shape, of fewer tokens than the text has, or NaN, and as `sliding_windows` does.
    """
    require_whole(batch_size, "batch_size")
    if len(pieces) != len(ids):
        raise ValueError(
            _("There are {ids} tokens and {pieces} pieces; give the bytes of each token.").format(
                ids=len(ids), pieces=len(pieces)
            )
        )
    require_whole(length, "length")
    windows = sliding_windows(ids, length, max(1, length // 2) if stride is None else stride, start_id)
    first = 1 if start_id is None else 0  # of the tokens that are predicted
    counts = np.array([len(piece) > 0 for piece in pieces[first:]], dtype=bool)
    if not counts.any():
        raise ValueError(
            _("No token of the text counts: there are {n}, and the first one needs a start_id.").format(n=len(ids))
        )
    nats, context = [], []
    for rows in _same_length(windows, batch_size):
        read = torch.tensor([window.ids for window in rows], device=_device(model))
        logits = model(read[:, :-1])
        _require_logits(logits, read)
        losses = token_losses(logits, read[:, 1:]).double().cpu().numpy()
        if np.isnan(losses).any():
            raise ValueError(_("The model's logits give NaN as the loss of a token; each must be a number below ∞."))
        for window, row in zip(rows, losses, strict=True):
            nats.append(row[window.first - 1 :])
            context.append(np.arange(window.first, len(window.ids)))
    text = b"".join(piece for piece in pieces[first:]).decode("utf-8", errors="replace")
    n_bytes = sum(map(len, pieces[first:]))
    return TextPrediction(np.concatenate(nats)[counts], np.concatenate(context)[counts], len(text.split()), n_bytes)


def _require_logits(logits: Tensor, read: Int[Tensor, "row position_and_1"]) -> None:
    due = (len(read), read.shape[1] - 1)
    if logits.ndim != 3 or tuple(logits.shape[:2]) != due:
        raise ValueError(
            _(
                "The model gives logits of the shape {shape}; for {rows} rows of {positions} tokens it must give {due}."
            ).format(shape=tuple(logits.shape), rows=due[0], positions=due[1], due=(*due, "vocab"))
        )
    low, high = (extreme.item() for extreme in read[:, 1:].aminmax())
    if low < 0 or high >= logits.shape[-1]:
        raise ValueError(
            _(
                "The text has the token id {id}, and the model's logits are of the ids 0 to {last}. Give the text as "
                "the model's own tokenizer splits it."
            ).format(id=low if low < 0 else high, last=logits.shape[-1] - 1)
        )


def _same_length(windows: Sequence[Window], batch_size: int) -> list[list[Window]]:
    """The windows in order, in batches of one length each, so that nothing is padded."""
    batches: list[list[Window]] = []
    for window in windows:
        if batches and len(batches[-1]) < batch_size and len(batches[-1][0].ids) == len(window.ids):
            batches[-1].append(window)
        else:
            batches.append([window])
    return batches


def _device(model: object) -> torch.device | None:
    first = next(model.parameters(), None) if isinstance(model, nn.Module) else None
    return None if first is None else first.device
