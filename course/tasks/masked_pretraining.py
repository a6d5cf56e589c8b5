"""Pre-training small BERTs on Wikipedia's text, and measuring how well they fill what was hidden."""

import functools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

import course
from course import trained
from course.bert import (
    Bert,
    BertConfig,
    Corrupted,
    CorruptedRow,
    Inputs,
    MaskedLanguageModel,
    Objective,
    Pieces,
    Segments,
    segment_pairs,
    sentence_ids,
)
from course.bert.objective import labels_at
from course.messages import _
from course.tasks.corpus import corpus, training_text
from course.tokenization import WordPiece
from course.training import History, adamw, linear_schedule, train
from course.training.batches import require_step

SOURCES = ("encyclopedia", "passages")  # both of Wikipedia: documents of several sentences about one subject
VOCABULARY = "vocab.txt"  # beside the records of the experiment "bert"
VOCAB_SIZE = 8192
LENGTH = 64  # tokens of an input, special ones included
SMALL = BertConfig(VOCAB_SIZE, context_length=LENGTH, d_model=128, n_layers=2, n_heads=4, d_ff=512, dropout=0.0)


def learn_vocabulary() -> WordPiece:
    """A WordPiece vocabulary of `VOCAB_SIZE` tokens, from the training documents of `SOURCES`.

    Letters that occur fewer than ten times in the text are left out of it, as signs of all the world's scripts would
    otherwise take up a part of the vocabulary: a word with such a letter is [UNK].
    """
    text = training_text(corpus(*SOURCES))
    rare = {letter for letter, count in Counter(text).items() if count < 10}
    return WordPiece.train("".join(letter for letter in text if letter not in rare), VOCAB_SIZE)


@functools.cache
def small_tokenizer() -> WordPiece:
    """The vocabulary that `learn_vocabulary` made, as it is stored."""
    return WordPiece.from_vocab(trained.place.FOLDER / "bert" / VOCABULARY)
