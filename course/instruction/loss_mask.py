"""Which tokens of a conversation the loss counts: those of the assistant's answers, and the token that ends each.

A model that is trained to write the user's part as well learns to ask instead of to answer; one whose end token is left
out does not learn to stop.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from course.instruction.chat_template import ChatTemplate, Conversation, ConversationPart
from course.instruction.messages import Message, Role
from course.messages import _
from course.tokenization import ByteLevelBPE


class EncodedConversation(NamedTuple):
    """Of each token of a conversation: its id, whether the loss counts it, and in whose turn it is."""

    ids: tuple[int, ...]
    is_trained: tuple[bool, ...]
    roles: tuple[Role, ...]


def encode_conversation(
    tokenizer: ByteLevelBPE, template: ChatTemplate, messages: Sequence[Message]
) -> EncodedConversation:
    """The tokens of a conversation that ends with an answer, and which of them the loss counts.

    What is between two special tokens of the template is encoded in one piece; a special token that a content spells is
    plain text. The ids that `encode_prompt` gives for the messages before an answer are those before the answer here,
    and some token before the first answer is not counted, so the share of counted tokens is above 0 and below 1.

    Raises `ValueError` as `ChatTemplate.render` does, for a conversation that ends without an answer, for a special
    token that the tokenizer lacks, and for an answer that has no tokens, or whose first token would have a part of the
    template in it: the model could never generate it.
    """
    conversation = template.render(messages)
    if messages[-1].role != "assistant":
        raise ValueError(
            _(
                "The last message is the {role}'s: to be trained on, a conversation ends with an answer of the "
                "assistant. Use encode_prompt for what a model is to answer."
            ).format(role=messages[-1].role)
        )
    return _encode(tokenizer, template, conversation)


def encode_prompt(tokenizer: ByteLevelBPE, template: ChatTemplate, messages: Sequence[Message]) -> list[int]:
    """The ids after which the assistant's answer is generated. Raises `ValueError` as `encode_conversation` does."""
    return list(_encode(tokenizer, template, template.render(messages, for_answer=True)).ids)


def end_id(tokenizer: ByteLevelBPE, template: ChatTemplate) -> int:
    """The id of the token that ends each turn, at which generation stops."""
    return _special_id(tokenizer, template, template.end)


def padding_id(tokenizer: ByteLevelBPE, template: ChatTemplate) -> int:
    """The id of the token that fills up short rows. It is never that of the end of a turn."""
    return _special_id(tokenizer, template, template.padding)


def _encode(tokenizer: ByteLevelBPE, template: ChatTemplate, conversation: Conversation) -> EncodedConversation:
    encoded: list[tuple[int, bool, Role]] = []
    for special, parts in groupby(conversation.parts, lambda part: part.kind == "special token"):
        for run in ([part] for part in parts) if special else [list(parts)]:
            text, role, trained = _text(conversation, run), run[-1].role, run[-1].trained
            ids = [_special_id(tokenizer, template, text)] if special else tokenizer.encode(text)
            n_before = 0 if special or not trained else _n_before(tokenizer, conversation, run, ids)
            encoded += [(token, trained and place >= n_before, role) for place, token in enumerate(ids)]
    ids, is_trained, roles = zip(*encoded, strict=True)
    return EncodedConversation(ids, is_trained, roles)


def _text(conversation: Conversation, parts: Sequence[ConversationPart]) -> str:
    return conversation.text[parts[0].start : parts[-1].end]


def _n_before(
    tokenizer: ByteLevelBPE, conversation: Conversation, run: Sequence[ConversationPart], ids: Sequence[int]
) -> int:
    """How many of the `ids` of a header and an answer are the header's."""
    header = tokenizer.encode(_text(conversation, run[:-1])) if len(run) > 1 else []
    answer = _text(conversation, run[-1:])
    if list(ids[: len(header)]) != header:
        raise ValueError(
            _(
                "The answer {answer!r} has a token in common with the template's text before it, so the prompt's "
                "tokens are not the first of these. Begin the answer without white space."
            ).format(answer=answer[:40])
        )
    if len(ids) == len(header):
        raise ValueError(
            _("The answer {answer!r} has no tokens in this vocabulary: leave the conversation out.").format(
                answer=answer[:40]
            )
        )
    return len(header)


def _special_id(tokenizer: ByteLevelBPE, template: ChatTemplate, token: str) -> int:
    if token not in tokenizer.special.ids:
        raise ValueError(
            _(
                "The template {name} needs the special token {token!r}, which the tokenizer lacks. It has: {known}."
            ).format(name=template.name, token=token, known=", ".join(tokenizer.special.ids) or _("none"))
        )
    return tokenizer.special.ids[token]
