"""What models find of a conversation: the loss of each of its tokens, and which of them a training would count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from course.fine_tuning.predictions import evaluating
from course.instruction import ChatTemplate, Message, Role, encode_conversation
from course.layers.language_model import CausalLanguageModel, log_probabilities
from course.layers.token_ids import require_context
from course.messages import _
from course.tokenization import ByteLevelBPE
from course.viz.kit.text import readable

LossOn = Literal["answer", "everything"]
Models = Mapping[str, CausalLanguageModel]


class SaidToken(NamedTuple):
    """One token of a conversation: its text, whose turn it is in, what it is, and what each model loses on it.

    `is_trained` is what `encode_conversation` says. `losses` are in nats, one for each model; the first token of a
    conversation has none, since nothing comes before it.
    """

    text: str
    role: Role
    is_special: bool
    is_trained: bool
    losses: tuple[float, ...]


@dataclass(frozen=True)
class ConversationReading:
    """The tokens of a conversation, read by the models of these names."""

    names: tuple[str, ...]
    tokens: tuple[SaidToken, ...]

    def counted(self, loss_on: LossOn) -> tuple[bool, ...]:
        """Of each token, whether the loss counts it. Nothing predicts the first, so it never counts."""
        return tuple(bool(token.losses) and (token.is_trained or loss_on == "everything") for token in self.tokens)

    def means(self, chosen: Sequence[bool]) -> tuple[float, ...]:
        """The mean loss of the chosen tokens in nats, for each model. Some token that has a loss must be chosen."""
        losses = [token.losses for token, is_chosen in zip(self.tokens, chosen, strict=True) if is_chosen]
        return tuple(sum(of_model) / len(losses) for of_model in zip(*losses, strict=True))


def read_conversation(
    models: Models, tokenizer: ByteLevelBPE, template: ChatTemplate, messages: Sequence[Message]
) -> ConversationReading:
    """The tokens of a conversation that ends with an answer, and each model's loss of each of them.

    Raises `ValueError` as `encode_conversation` does, for a conversation beyond a model's context, and where a loss is
    NaN or infinite.
    """
    encoded = encode_conversation(tokenizer, template, messages)
    columns = [_losses(model, encoded.ids).tolist() for model in models.values()]
    losses = [(), *(tuple(of_token) for of_token in zip(*columns, strict=True))]
    special = set(tokenizer.special.ids.values())
    tokens = tuple(
        SaidToken(readable(tokenizer.decode_bytes([token])), role, token in special, is_trained, of_token)
        for token, is_trained, role, of_token in zip(*encoded, losses, strict=True)
    )
    return ConversationReading(tuple(models), tokens)


@torch.no_grad()
def _losses(model: CausalLanguageModel, ids: Sequence[int]) -> Float[Tensor, "predicted"]:
    """The cross-entropy of every token but the first, in nats."""
    require_context(len(ids) - 1, model.embedding.n_positions)  # the last is predicted, and not read
    row = torch.tensor(ids, device=model.embedding.tokens.weight.device)
    with evaluating(model):
        found = log_probabilities(model(row[None, :-1]))[0]
    losses = -found.gather(1, row[1:, None])[:, 0]
    if not losses.isfinite().all():
        raise ValueError(_("The model's losses are NaN or infinite: its weights or its logits are."))
    return losses


def turns(reading: ConversationReading, loss_on: LossOn) -> list[tuple[Role, list[tuple[SaidToken, bool]]]]:
    """The tokens turn by turn, each with whether the loss counts it."""
    pairs = zip(reading.tokens, reading.counted(loss_on), strict=True)
    return [(role, list(of_turn)) for role, of_turn in groupby(pairs, lambda pair: pair[0].role)]
