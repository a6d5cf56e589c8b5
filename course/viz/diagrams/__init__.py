"""Labelled diagrams of the models, with the shapes of what flows through them. Each is the value of a cell."""

from course.viz.diagrams.attention import attention_steps
from course.viz.diagrams.positions import self_attention_bridge
from course.viz.diagrams.seq2seq import encoder_decoder, lstm_cell
from course.viz.diagrams.transformer import multi_head, transformer_architecture, transformer_block

__all__ = [
    "attention_steps",
    "encoder_decoder",
    "lstm_cell",
    "multi_head",
    "self_attention_bridge",
    "transformer_architecture",
    "transformer_block",
]
