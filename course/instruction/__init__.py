"""Instruction tuning: conversations as training data, the loss on what the assistant says, and Self-Instruct."""

from course.instruction.answer_loss import answer_total, masked_loss, n_trained
from course.instruction.chat_template import MINIMAL, SMOLLM2, ChatTemplate, Conversation, ConversationPart
from course.instruction.collate import NOT_TRAINED, Fitted, collate, fit
from course.instruction.instances import CONTRADICTION, INSTANCE_RULES, Instance, KeptInstances, kept_instances
from course.instruction.instruction_pool import LIMIT, TOO_SIMILAR, Filters, InstructionPool, Neighbor, Verdict
from course.instruction.instruction_rules import RULES, Rule, in_one_line
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
    "CONTRADICTION",
    "INSTANCE_RULES",
    "LIMIT",
    "MINIMAL",
    "NOT_TRAINED",
    "RULES",
    "SMOLLM2",
    "TOO_SIMILAR",
    "ChatTemplate",
    "Conversation",
    "ConversationPart",
    "EncodedConversation",
    "Filters",
    "Fitted",
    "Instance",
    "InstructionPool",
    "KeptInstances",
    "Message",
    "Neighbor",
    "Role",
    "Rule",
    "Verdict",
    "answer_total",
    "block_mask",
    "collate",
    "encode_conversation",
    "encode_prompt",
    "end_id",
    "first_fit",
    "fit",
    "in_one_line",
    "kept_instances",
    "masked_loss",
    "mixed_batches",
    "mixture_rates",
    "n_trained",
    "pack",
    "padding_id",
    "require_messages",
]
