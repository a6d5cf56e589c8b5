"""What looks inside one model looks inside every other: heads, residual stream and logit lens on real ones too."""

import itertools

import pytest
import torch
import torch.nn.functional as F

from course.bert import encode_batch
from course.interpretability.ablation import attention_layers, measure_heads, without_heads
from course.interpretability.residual_stream import logit_lens, record_stream
from course.layers.attention import record_attention
from course.pretrained import load
from course.seq2seq import Seq2Seq, Seq2SeqConfig
from course.transformer import CausalTransformer, TransformerConfig
from tests.support.llama import tiny_config, tiny_model
from tests.support.torch_layers import EXACT, disturb

TEXT = "The animal didn't cross the street because it was too tired."


@pytest.fixture(scope="module")
def smollm2():
    model, tokenizer = load("smollm2")
    return model, torch.tensor([tokenizer.encode(TEXT)])


@pytest.fixture(scope="module")
def minilm():
    model, tokenizer = load("minilm")
    return model, encode_batch(tokenizer, [TEXT])[0]


def causal_transformer():
    sizes = TransformerConfig(9, 9, d_model=16, n_heads=2, d_ff=24, n_layers=2, context_length=24, norm="pre")
    return disturb(CausalTransformer(sizes, torch.Generator().manual_seed(0))).eval()


@pytest.mark.slow
@pytest.mark.parametrize(("name", "n_layers", "n_heads"), [("smollm2", 30, 9), ("minilm", 6, 12)])
def test_every_head_of_a_real_model_can_be_silenced(request, name, n_layers, n_heads):
    model, ids = request.getfixturevalue(name)
    layers = attention_layers(model)
    assert [layer.n_heads for layer in layers] == [n_heads] * n_layers
    with torch.no_grad(), record_attention(model) as before:
        whole = model(ids)
    number, head = n_layers // 2, 5
    with torch.no_grad(), without_heads(model, {(number, head)}), record_attention(model) as after:
        silenced = model(ids)
    assert not torch.allclose(silenced, whole, atol=1e-3)
    assert all(torch.equal(a, b) for a, b in zip(before[: number + 1], after[: number + 1], strict=True))
    assert not torch.allclose(before[-1], after[-1], atol=1e-4)
    layer = layers[number]
    columns = slice(head * layer.d_head, (head + 1) * layer.d_head)
    kept = layer.output.weight.detach().clone()
    try:
        with torch.no_grad():
            layer.output.weight[:, columns] = 0
            torch.testing.assert_close(model(ids), silenced, atol=1e-4, rtol=1e-4)
    finally:
        with torch.no_grad():
            layer.output.weight.copy_(kept)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "n_layers"), [("smollm2", 30), ("minilm", 6)])
def test_the_stream_of_a_real_model_adds_up(request, name, n_layers):
    model, ids = request.getfixturevalue(name)
    with torch.no_grad(), record_stream(model) as passages:
        model(ids)
    assert len(passages) == 2 * n_layers
    for one, following in itertools.pairwise(passages):
        assert torch.equal(one.after, following.before)


@pytest.mark.slow
def test_the_logit_lens_ends_at_smollm2s_own_logits(smollm2):
    model, ids = smollm2
    readings = logit_lens(model, ids)
    with torch.no_grad():
        logits = model(ids)
    assert len(readings) == 61
    torch.testing.assert_close(readings[-1], logits, atol=1e-3, rtol=1e-4)
    right = [F.cross_entropy(reading[0, :-1], ids[0, 1:]).item() for reading in readings]
    assert right[-1] < 0.6 * right[30] < right[0], "the next token is read off better the later"


@pytest.mark.slow
def test_the_logit_lens_on_minilm_compares_with_its_embeddings(minilm):
    model, ids = minilm
    readings = logit_lens(model, ids)
    assert len(readings) == 13 and readings[0].shape == (1, ids.shape[1], model.config.vocab_size)
    # The embedding's normalization leaves each token nearest to itself, scaled by the token's own norm.
    with torch.no_grad():
        torch.testing.assert_close(readings[-1], model(ids) @ model.embedding.tokens.weight.T, atol=1e-3, rtol=1e-4)


@pytest.mark.parametrize("make", [causal_transformer, lambda: tiny_model(tiny_config(vocab_size=9))])
def test_heads_of_small_models_are_measured(make):
    model, ids = make(), torch.tensor([[3, 4, 5, 6, 7]])

    def loss(each):
        with torch.no_grad():
            return F.cross_entropy(each(ids)[0, :-1], ids[0, 1:]).item()

    whole, losses = loss(model), measure_heads(model, loss)
    assert losses.shape == (2, model.config.n_heads)
    assert ((losses - whole).abs() > 1e-6).all(), "every head of a random model matters"
    torch.testing.assert_close(logit_lens(model, ids)[-1], model(ids), **EXACT)


def test_a_model_without_heads_or_stream_is_named():
    model = Seq2Seq(Seq2SeqConfig(5, 5, d_embedding=3, d_hidden=4))
    with pytest.raises(ValueError, match="Seq2Seq has no multi-head attention"):
        measure_heads(model, lambda each: 0.0)
    with pytest.raises(ValueError, match="Seq2Seq has no residual stream"), record_stream(model):
        pass
