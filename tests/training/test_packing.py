"""Packed windows: every token a target once in an epoch, the same batches whatever was asked for before."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course.training import Batches, PackedBatches

END = 0


def documents(lengths):
    """Documents whose tokens are all distinct, from 1 on."""
    cuts = np.cumsum([0, *lengths])
    return [np.arange(1 + a, 1 + b, dtype=np.uint16) for a, b in pairwise(cuts)]


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12), st.integers(1, 4), st.integers(1, 7), st.integers(0, 3))
def test_an_epoch_has_every_token_as_a_target_at_most_once_and_loses_less_than_a_batch(lengths, size, length, seed):
    docs = documents(lengths)
    total = sum(map(len, docs)) + len(docs)
    if (total - 1) // length < size:
        with pytest.raises(ValueError, match=f"The documents have {total} tokens, fewer than a batch of {size}"):
            PackedBatches(docs, size, length, end_id=END, seed=seed)
        return
    batches = PackedBatches(docs, size, length, end_id=END, seed=seed)
    for epoch in range(2):
        rows = [row for step in range(len(batches)) for row in batches[epoch * len(batches) + step].tolist()]
        targets = [token for row in rows for token in row[1:] if token != END]
        assert len(targets) == len(set(targets))
        assert total - len(rows) * length < size * length + length + 1
        for row in rows:  # in the order of the text, and after the last token of a document its end
            for left, right in pairwise(row):
                ends = {int(doc[-1]) for doc in docs if len(doc)}
                assert right == (END if left in ends else left + 1) or left == END


def test_a_resumed_stream_goes_on_where_it_was():
    docs = documents([5, 9, 3, 8, 2, 7])
    whole = PackedBatches(docs, 2, 3, end_id=END, seed=4)
    assert isinstance(whole, Batches)
    seen = [whole[step] for step in range(3 * len(whole))]
    for step in (0, len(whole), len(whole) - 1, 2 * len(whole) + 1):
        assert torch.equal(PackedBatches(docs, 2, 3, end_id=END, seed=4)[step], seen[step])
        assert torch.equal(whole[step], seen[step])


def test_epochs_and_seeds_differ():
    docs = documents([5, 9, 3, 8, 2, 7])
    batches = PackedBatches(docs, 2, 3, end_id=END)
    other = PackedBatches(docs, 2, 3, end_id=END, seed=1)
    assert not torch.equal(batches[0], batches[len(batches)]) and not torch.equal(batches[0], other[0])
    assert batches[0].dtype == torch.long and batches[0].shape == (2, 4)


def test_what_is_refused():
    with pytest.raises(ValueError, match="batch_size is 0; it must be 1 or more"):
        PackedBatches(documents([5]), 0, 3, end_id=END)
    with pytest.raises(IndexError, match="no batch for step -1"):
        PackedBatches(documents([5]), 1, 3, end_id=END)[-1]
