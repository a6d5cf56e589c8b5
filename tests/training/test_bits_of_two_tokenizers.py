"""One distribution of texts, cut into tokens in several ways: bits per byte is one number, loss per token is not."""

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course.training.bits_per_byte import score

ALPHABET = "aé한"  # one, two and three bytes


def in_blocks(length: int) -> dict[str, int]:
    """The ids of a tokenizer whose tokens are all texts of `length` characters; two special tokens come after them."""
    return {"".join(block): number for number, block in enumerate(itertools.product(ALPHABET, repeat=length))}


def measured(text: str, length: int, chances: dict[str, float], special_at: set[int]) -> tuple[float, float]:
    """Bits per byte and bits per token, where every character is drawn by itself with its chance."""
    ids = in_blocks(length)
    start, pad = len(ids), len(ids) + 1
    logits = torch.tensor([sum(math.log(chances[letter]) for letter in token) for token in ids] + [-60.0, -60.0])
    sizes = torch.tensor([len(token.encode()) for token in ids] + [0, 0])
    document = [ids[text[at : at + length]] for at in range(0, len(text), length)]
    n_tokens = len(document)
    for place in sorted(special_at, reverse=True):
        document.insert(min(place, len(document)), start)
    found = score(
        lambda ids: logits.expand(*ids.shape, -1), [document], sizes, length=5, start_id=start, pad_id=pad, batch_size=3
    )
    assert found.bytes.tolist() == [len(text.encode())]
    return found.bits_per_byte, found.bits.item() / n_tokens


@settings(max_examples=30)
@given(
    st.text(ALPHABET, min_size=1, max_size=5).map(lambda text: 6 * text),
    st.lists(st.integers(1, 20), min_size=3, max_size=3),
    st.sets(st.integers(0, 30), max_size=3),
)
def test_two_tokenizers_of_one_distribution_compare(text, weights, special_at):
    chances = {letter: weight / sum(weights) for letter, weight in zip(ALPHABET, weights, strict=True)}
    by_hand = -sum(math.log2(chances[letter]) for letter in text) / len(text.encode())
    per_token = []
    for length in (1, 2, 3):
        per_byte, of_token = measured(text, length, chances, special_at)
        assert per_byte == pytest.approx(by_hand, rel=1e-4)
        per_token.append(of_token)
    assert per_token[1:] == pytest.approx([2 * per_token[0], 3 * per_token[0]], rel=1e-4), "longer tokens, more bits"
