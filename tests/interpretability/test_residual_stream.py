"""The recorded residual stream adds up, and its end gives the model's own output."""

import itertools

import pytest
import torch

from course.interpretability.residual_stream import Passage, added_share, logit_lens, record_stream
from course.layers.blocks import Residual
from course.transformer import Transformer, TransformerConfig
from tests.support.torch_layers import EXACT, disturb

SOURCE, TARGET = torch.tensor([[3, 4, 5, 0], [6, 7, 8, 9]]), torch.tensor([[1, 4, 5], [1, 6, 7]])


@pytest.fixture
def model():
    config = TransformerConfig(10, 12, d_model=24, n_heads=4, d_ff=40, n_layers=2, context_length=8, norm="pre")
    return disturb(Transformer(config, torch.Generator().manual_seed(0))).eval()


def test_each_sublayer_takes_up_where_the_one_before_ended(model):
    with record_stream(model.decoder) as passages, torch.no_grad():
        logits = model(SOURCE, TARGET)
        start = model.decoder.embedding(TARGET)
    assert len(passages) == 6
    assert torch.equal(passages[0].before, start)
    for one, following in itertools.pairwise(passages):
        assert torch.equal(one.after, following.before)
    torch.testing.assert_close(model.output(model.decoder.norm(passages[-1].after)), logits, **EXACT)


def test_nothing_is_watched_afterwards(model):
    with record_stream(model) as passages:
        pass
    model(SOURCE, TARGET)
    assert passages == []
    assert all(not module._forward_hooks for module in model.modules() if isinstance(module, Residual))


def test_the_last_reading_is_the_models_own(model):
    readings = logit_lens(model, SOURCE, TARGET)
    assert len(readings) == 7
    torch.testing.assert_close(readings[-1], model(SOURCE, TARGET), **EXACT)
    assert not any(torch.allclose(reading, readings[-1], atol=1e-2) for reading in readings[:-1])


def test_the_first_reading_is_that_of_the_embedding_and_each_next_one_sublayer_further(model):
    readings = logit_lens(model, SOURCE, TARGET)
    with torch.no_grad(), record_stream(model.decoder) as passages:
        model(SOURCE, TARGET)
        torch.testing.assert_close(readings[0], model.unembed(model.decoder.embedding(TARGET)), **EXACT)
        for reading, passage in zip(readings[1:], passages, strict=True):
            torch.testing.assert_close(reading, model.unembed(passage.after), **EXACT)


def test_the_first_reading_knows_nothing_of_the_source(model):
    one, other = logit_lens(model, SOURCE, TARGET), logit_lens(model, SOURCE.flip(0), TARGET)
    assert torch.equal(one[1], other[1])  # after the first self-attention
    assert not torch.allclose(one[2], other[2], atol=1e-3)  # after the first look at the source


def test_the_share_is_that_of_the_length():
    before = torch.tensor([[[3.0, 0.0]]])
    assert added_share(Passage(before, torch.tensor([[[3.0, 4.0]]]))).item() == pytest.approx(4 / 5)
