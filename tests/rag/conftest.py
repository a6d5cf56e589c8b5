"""A small vocabulary, a tiny BERT that reads it, and texts of unequal lengths."""

import pytest
import torch

from course.bert import Bert, BertConfig
from course.tokenization import WordPiece
from tests.support.torch_layers import disturb

TEXTS = [
    "The Nile is a river in Africa.",
    "Rivers",
    "A river that flows north, through eleven countries, to the sea; the longest one, or the second longest.",
    "Who measured the Nile?",
    "In Africa there are deserts, too: the Sahara is the largest hot one of the world.",
]


@pytest.fixture(scope="session")
def tokenizer():
    return WordPiece.train(" ".join(TEXTS), 90)


@pytest.fixture
def body(tokenizer):
    """Its weights are large, so that a token that is read by mistake is no rounding error; it would train."""
    config = BertConfig(tokenizer.vocab_size, context_length=80, d_model=24, n_layers=2, n_heads=3, d_ff=40)
    return disturb(Bert(config, torch.Generator().manual_seed(0)))
