"""Instruction tuning: conversations as training data, and the loss on what the assistant says."""

from course.instruction.answer_loss import answer_total, masked_loss, n_trained
from course.instruction.chat_template import MINIMAL, SMOLLM2, ChatTemplate, Conversation, ConversationPart
from course.instruction.collate import NOT_TRAINED, Fitted, collate, fit
from course.instruction.loss_mask import (
    EncodedConversation,
    encode_conversation,
    encode_prompt,
    end_id,
    padding_id,
)
from course.instruction.messages import Message, Role, require_messages
from course.instruction.mixture import mixed_batches, mixture_rates
from course.instruction.packing import block_mask, first_fit, pack

__all__ = [
    "MINIMAL",
    "NOT_TRAINED",
    "SMOLLM2",
    "ChatTemplate",
    "Conversation",
    "ConversationPart",
    "EncodedConversation",
    "Fitted",
    "Message",
    "Role",
    "answer_total",
    "block_mask",
    "collate",
    "encode_conversation",
    "encode_prompt",
    "end_id",
    "first_fit",
    "fit",
    "masked_loss",
    "mixed_batches",
    "mixture_rates",
    "n_trained",
    "pack",
    "padding_id",
    "require_messages",
]
