"""The recurrent encoder–decoder: one network reads a sequence, another generates one, with or without attention."""

from course.seq2seq.cells import CellWeights, Recurrent, gru_cell, lstm_cell
from course.seq2seq.model import Seq2Seq, Seq2SeqConfig, Seq2SeqState
from course.seq2seq.scores import (
    SCORES,
    SourceAttention,
    additive_scores,
    dot_scores,
    general_scores,
    scaled_dot_scores,
)

__all__ = [
    "SCORES",
    "CellWeights",
    "Recurrent",
    "Seq2Seq",
    "Seq2SeqConfig",
    "Seq2SeqState",
    "SourceAttention",
    "additive_scores",
    "dot_scores",
    "general_scores",
    "gru_cell",
    "lstm_cell",
    "scaled_dot_scores",
]
