"""Sizes, special tokens and lengths that are nonsense: one error that names the value, the limit and the remedy."""

import math

import pytest
import torch

from course.bert import BertConfig
from course.gpt import LlamaConfig
from course.layers.attention import Attention, attention_weights, causal_mask
from course.layers.kv_cache import KVCache
from course.layers.multihead import MultiHeadAttention
from course.layers.positions import (
    LearnedPositions,
    RotaryPositions,
    SinusoidalPositions,
    alibi_slopes,
    make_positions,
    sinusoidal_table,
)
from course.seq2seq import Seq2Seq, Seq2SeqConfig
from course.transformer import CausalTransformer, Transformer, TransformerConfig

IDS = torch.tensor([[3, 4, 5]])
pytestmark = pytest.mark.usefixtures("unchecked_shapes")  # as a learner runs it: without checks of types and shapes


def config(**changes):
    sizes = {"d_model": 16, "n_heads": 4, "d_ff": 32, "n_layers": 1, "context_length": 8, "dropout": 0.0}
    return TransformerConfig(9, 9, **sizes | changes)


@pytest.fixture
def model():
    return Transformer(config(), torch.Generator().manual_seed(0)).eval()


@pytest.fixture
def causal():
    return CausalTransformer(config(), torch.Generator().manual_seed(0)).eval()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: config(d_model=16.0), r"d_model is 16\.0; it must be a whole number"),
        (lambda: config(n_layers=1.5), r"n_layers is 1\.5; it must be a whole number"),
        (lambda: config(n_heads="4"), "n_heads is '4'; it must be a whole number"),
        (lambda: config(n_heads=True), "n_heads is True; it must be a whole number"),
        (lambda: config(context_length=None), "context_length is None; it must be a whole number"),
        (lambda: config(dropout="0.1"), r"dropout is '0\.1'; it is the share"),
        (lambda: config(pad_id=9), "pad_id is 9; the vocabulary has the ids 0 to 8"),
        (lambda: config(bos_id=-1), "bos_id is -1; it must be 0 or more"),
        (lambda: Seq2SeqConfig(9, 9, bos_id=9), "bos_id is 9; the vocabulary has the ids 0 to 8"),
        (lambda: Seq2SeqConfig(9, 9, d_hidden=2.0), r"d_hidden is 2\.0; it must be a whole number"),
        (lambda: BertConfig(9, 8, 16, 1, 4, 32, dropout=1.5), r"dropout is 1\.5; it is the share"),
        (lambda: BertConfig(9, 8, 16, 1, 4, 32, norm_eps=0), "norm_eps is 0; it must be a number above 0"),
        (lambda: LlamaConfig(9, 8, 16, 1, 4, 2, 32, rope_base=math.inf), "rope_base is inf; it must be a number"),
        (lambda: MultiHeadAttention(16, 4.0), r"n_heads is 4\.0; it must be a whole number"),
        (lambda: MultiHeadAttention(-16, 4), "d_model is -16; it must be 1 or more"),
        (lambda: Attention(math.nan), "dropout is nan; it is the share"),
        (lambda: make_positions("learned", 8.5, 16, 4), r"n_positions is 8\.5; it must be a whole number"),
        (lambda: make_positions("rotary", 8, 16, 0), "n_heads is 0; it must be 1 or more"),
        (lambda: RotaryPositions(8, 5), "d_head is 5; rotation turns pairs, so it must be even"),
        (lambda: RotaryPositions(8, 4, base=math.nan), "base is nan; it must be a number above 0"),
        (lambda: RotaryPositions(8, 4, scale=0), "scale is 0; it must be a number above 0"),
        (lambda: sinusoidal_table(8, 4, -1.0), r"base is -1\.0; it must be a number above 0"),
        (lambda: sinusoidal_table(-1, 4), "n_positions is -1; it must be 1 or more"),
        (lambda: alibi_slopes(2.0), r"n_heads is 2\.0; it must be a whole number"),
        (lambda: KVCache((1, 1, 4, -1, 4)), "capacity is -1; it must be 1 or more"),
        (lambda: causal_mask(3, 2), "3 queries cannot be the last of 2 keys"),
        (lambda: causal_mask(2.5, 3), r"n_queries is 2\.5; it must be a whole number"),
    ],
)
def test_sizes_that_are_none(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_ids_that_are_no_tensor(model, causal):
    for run in (
        lambda: model([[3]], IDS),
        lambda: model(IDS, [[3]]),
        lambda: causal([[3]]),
        lambda: causal.start([[3]], 1),
    ):
        with pytest.raises(TypeError, match=r"must be a tensor, not list: write `torch\.tensor\(ids\)`"):
            run()
    with pytest.raises(ValueError, match=r"shape \(batch, position\)"):
        model(IDS, IDS[0])


def test_one_target_for_each_source(model):
    recurrent = Seq2Seq(Seq2SeqConfig(9, 9, d_embedding=4, d_hidden=8))
    for each in (model, recurrent):
        for n_sources, n_targets in ((1, 2), (2, 1), (3, 2)):
            with pytest.raises(ValueError, match=f"are {n_sources} sources and {n_targets} targets: give one target"):
                each(IDS.repeat(n_sources, 1), IDS.repeat(n_targets, 1))


@pytest.mark.parametrize("length", [-1, 2.5, None, math.nan])
def test_lengths_of_an_output_that_are_none(model, causal, length):
    for each in (model, causal):
        with pytest.raises(ValueError, match=f"max_length is {length}; it must be"):
            each.start(IDS, length)


def test_masks_that_do_not_fit_the_scores():
    x = torch.randn(2, 3, 16)
    for mask in (torch.ones(2, 3), torch.ones(2, 3, 3), torch.ones(1, 1, 3, 4), torch.ones(1, 1, 1, 3, 3)):
        with pytest.raises(ValueError, match=r"does not fit the scores, whose shape is \(2, 4, 3, 3\)"):
            MultiHeadAttention(16, 4)(x, mask=mask.bool())
    with pytest.raises(ValueError, match=r"mask has the shape \(2, 2\) and does not fit"):
        attention_weights(x, x, torch.ones(2, 2).bool())


def test_positions_that_a_table_does_not_have():
    for positions in (SinusoidalPositions(4, 8), LearnedPositions(4, 8)):
        for start, length in ((4, 1), (3, 2), (-1, 1)):
            with pytest.raises(ValueError, match=f"no positions {start} to {start + length - 1}: .* 0 to 3"):
                positions.add_to_embeddings(torch.zeros(1, length, 8), start)
    with pytest.raises(ValueError, match="no positions 3 to 4"):
        RotaryPositions(4, 8).rotate(torch.zeros(1, 1, 2, 8), start=3)


def test_a_cache_of_another_model_is_refused_and_stays_as_it_was(causal):
    other = CausalTransformer(config(d_model=32))
    cache = other.new_cache(8)
    with pytest.raises(ValueError, match=r"for another model, with heads and widths of \(4, 8\); these are \(4, 4\)"):
        causal(IDS, cache)
    assert cache.length == 0 and other(IDS, cache).isfinite().all()
