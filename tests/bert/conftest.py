"""A small vocabulary, a tiny BERT, and documents whose segments can be told from each other by their words."""

import numpy as np
import pytest
import torch

from course.bert import Bert, BertConfig, Pieces, Segments
from course.tokenization import WordPiece
from course.tokenization.wordpiece import SPECIAL_TOKENS
from tests.support.torch_layers import disturb

WORDS = ["[unused0]", *(f"word{number}" for number in range(60)), *(f"##piece{number}" for number in range(20))]


@pytest.fixture(scope="session")
def tokenizer():
    return WordPiece([*SPECIAL_TOKENS, *WORDS])


@pytest.fixture(scope="session")
def pieces(tokenizer):
    return Pieces(tokenizer)


@pytest.fixture(scope="session")
def config(tokenizer):
    return BertConfig(tokenizer.vocab_size, context_length=60, d_model=32, n_layers=2, n_heads=4, d_ff=48, dropout=0.0)


@pytest.fixture
def body(config):
    return disturb(Bert(config)).eval()


def draw_segments(seed: int, pieces: Pieces, first: int = 20, second: int = 20) -> Segments:
    """Random ids, unknown words among them; the first piece of a segment begins a word."""
    rng = np.random.default_rng(seed)
    known = np.array([*pieces.ordinary, pieces.tokenizer.unknown_id])

    def some(n: int) -> list[int]:
        return [int(pieces.ordinary[0]), *rng.choice(known, n - 1).tolist()] if n else []

    return Segments(some(first), some(second), some(second))


@pytest.fixture
def items(pieces):
    """Segments of different lengths, so that a batch is padded."""
    return [draw_segments(seed, pieces, 4 + 3 * seed, 20 - 3 * seed + seed**2 // 2) for seed in range(5)]


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def device():
    return torch.device("cpu")
