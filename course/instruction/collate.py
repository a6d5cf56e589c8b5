"""Conversations of unequal lengths as one batch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Int
from torch import Tensor

from course.instruction.loss_mask import EncodedConversation
from course.layers.sizes import require_whole
from course.messages import _
from course.training import pad_rows

NOT_TRAINED = -100  # the target of a position that the loss does not count: `ignore_index` of PyTorch's cross-entropy


@dataclass(frozen=True)
class Fitted:
    """The conversations that are left: of `n_cut` of them the end is missing, and `n_dropped` are not among them."""

    conversations: list[EncodedConversation]
    n_cut: int
    n_dropped: int


def fit(conversations: Iterable[EncodedConversation], limit: int) -> Fitted:
    """Cut off what is beyond `limit` positions, and drop a conversation that then has nothing to train on.

    A conversation of `limit + 1` tokens fits: its last token is predicted and not read. What a cut leaves of an answer
    has no end token, so the model does not learn to stop where the limit is. Raises `ValueError` for a limit below 1.
    """
    require_whole(limit, "limit")
    kept, n_cut, n_dropped = [], 0, 0
    for conversation in conversations:
        ids, is_trained, roles = conversation
        short = EncodedConversation(ids[: limit + 1], is_trained[: limit + 1], roles[: limit + 1])
        if not any(short.is_trained[1:]):
            n_dropped += 1
            continue
        n_cut += len(short.ids) < len(conversation.ids)
        kept.append(short)
    return Fitted(kept, n_cut, n_dropped)


def next_tokens(conversation: EncodedConversation) -> list[int]:
    """For each token but the last, the one that follows it where that is trained, otherwise `NOT_TRAINED`.

    Raises `ValueError` where no token is trained.
    """
    pairs = zip(conversation.ids[1:], conversation.is_trained[1:], strict=True)
    targets = [token if trained else NOT_TRAINED for token, trained in pairs]
    if not any(conversation.is_trained[1:]):
        raise ValueError(
            _("No token of this conversation of {n} tokens is trained: leave it out, as `fit` does.").format(
                n=len(conversation.ids)
            )
        )
    return targets


def collate(conversations: Sequence[EncodedConversation], pad_id: int) -> Int[Tensor, "row 2 position"]:
    """A batch: `rows[:, 0]` are the ids to be read, `rows[:, 1]` the tokens that they are to predict.

    A target is `NOT_TRAINED` where the next token does not count, and after the end of a short row, which `pad_id`
    fills up. That id may occur in a conversation: what counts is known by place, not by id. Raises `ValueError` for no
    conversations, and as `next_tokens` does.
    """
    ids = pad_rows([list(conversation.ids[:-1]) for conversation in conversations], pad_id)
    targets = pad_rows([next_tokens(conversation) for conversation in conversations], NOT_TRAINED)
    return torch.stack((ids, targets), dim=1)
