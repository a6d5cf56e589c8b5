"""Bits per byte: each token counted once, special tokens in neither sum, padding and batch mates without effect."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course.gpt import Decoder, LlamaConfig
from course.tokenization import ByteLevelBPE
from course.training.bits_per_byte import score, token_bytes, windows

SPECIAL = ("<|end|>", "<|pad|>")
TEXT = "the cat sat on the mat; the café was shut — the cat sat outside. " * 3
TOKENIZER = ByteLevelBPE.train(TEXT, n_merges=30, special_tokens=SPECIAL)
END, PAD = (TOKENIZER.special.ids[token] for token in SPECIAL)
SIZES = token_bytes(TOKENIZER)


def uniform(ids):
    """A model that knows nothing."""
    return torch.zeros(*ids.shape, TOKENIZER.vocab_size)


def scored(model, texts, length=8, batch_size=32):
    documents = [TOKENIZER.encode(text) for text in texts]
    return score(model, documents, SIZES, length=length, start_id=END, pad_id=PAD, batch_size=batch_size)


def test_a_token_has_the_bytes_that_it_stands_for():
    assert SIZES[END] == SIZES[PAD] == 0
    ids = TOKENIZER.encode("café — the")
    assert SIZES[ids].sum() == len("café — the".encode()) != len("café — the")


def test_of_a_model_that_knows_nothing_it_is_what_it_must_be():
    texts = ["the cat", TEXT, "é"]
    found = scored(uniform, texts)
    assert found.bytes.tolist() == [len(text.encode()) for text in texts]
    bits = [len(TOKENIZER.encode(text)) * math.log2(TOKENIZER.vocab_size) for text in texts]
    assert found.bits == pytest.approx(bits)
    assert found.bits_per_byte == pytest.approx(sum(bits) / sum(found.bytes))


def test_special_tokens_are_in_neither_sum():
    plain, ended = TOKENIZER.encode("the cat"), [*TOKENIZER.encode("the cat"), END]
    found = score(uniform, [plain, ended, [END]], SIZES, length=8, start_id=END, pad_id=PAD)
    assert found.bits[0] == found.bits[1] and found.bytes[0] == found.bytes[1] == 7
    assert found.bits[2] == found.bytes[2] == 0


@given(st.integers(0, 60), st.integers(2, 12))
def test_windows_count_every_token_once_and_give_it_context(n_tokens, length):
    document = list(range(100, 100 + n_tokens))
    cut = windows(document, length, start_id=7)
    assert [token for window in cut for token in window.ids[window.first :]] == document
    for number, window in enumerate(cut):
        assert 2 <= len(window.ids) <= length + 1
        assert window.ids[: window.first] == [7, *document][: window.first] or number > 0
        if number:
            assert window.first == length // 2 + 1
            at = document.index(window.ids[window.first])
            assert window.ids[: window.first] == [7, *document][at + 1 - window.first : at + 1]


def test_padding_and_batch_mates_change_nothing():
    config = LlamaConfig(TOKENIZER.vocab_size, 8, d_model=8, n_layers=1, n_heads=2, n_kv_heads=1, d_ff=8)
    model = Decoder(config, torch.Generator().manual_seed(0)).eval()
    texts = ["the cat sat", TEXT, "a", "on the mat " * 4]
    together = scored(model, texts)
    alone = [scored(model, [text], batch_size=1) for text in texts]
    assert together.bits == pytest.approx(np.concatenate([one.bits for one in alone]), rel=1e-5)
    assert together.bytes.tolist() == [int(one.bytes[0]) for one in alone]


def test_windows_that_would_never_end_are_refused():
    with pytest.raises(ValueError, match="length is 0; it must be 2 or more"):
        windows([1, 2, 3], 0, start_id=0)


@pytest.mark.parametrize("batch_size", [0, -1])
def test_batches_of_nothing_are_refused(batch_size):
    with pytest.raises(ValueError, match=f"batch_size is {batch_size}; it must be 1 or more"):
        score(uniform, [[1]], torch.ones(300, dtype=torch.long), length=8, start_id=0, pad_id=0, batch_size=batch_size)


def test_what_is_refused():
    with pytest.raises(ValueError, match="length is 1; it must be 2 or more"):
        scored(uniform, ["a"], length=1)
