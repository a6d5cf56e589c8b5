"""What is kept of a text's beginning changes nothing: after any edit, everything equals a pass over the whole text."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course.gpt import Decoder, LlamaConfig
from course.interpretability.ablation import without_heads
from course.interpretability.attention_pair import record_attention_inputs
from course.interpretability.kept_prefix import KeptPrefix
from course.layers.attention import record_attention
from course.layers.positions import SCHEMES
from course.pretrained import load
from course.transformer import CausalTransformer, TransformerConfig

N_IDS = 12
texts = st.lists(st.integers(0, N_IDS - 1), min_size=1, max_size=20)


def loud(model):
    generator = torch.Generator().manual_seed(1)
    for parameter in model.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator) / 2
    return model.eval()


def decoder():
    return loud(Decoder(LlamaConfig(N_IDS, 20, d_model=16, n_layers=3, n_heads=4, n_kv_heads=2, d_ff=16)))


def causal(scheme):
    config = TransformerConfig(N_IDS, N_IDS, d_model=16, n_heads=2, d_ff=16, n_layers=2, positions=scheme)
    return loud(CausalTransformer(config))


MODELS = [decoder(), *map(causal, SCHEMES)]


@torch.no_grad()
def whole_pass(model, ids):
    with record_attention(model) as maps, record_attention_inputs(model) as layers:
        model.hidden_states(torch.tensor([ids]))
    return torch.cat(maps), layers


def require_equal(model, prefix, ids):
    weights, layers = prefix.read(ids)
    expected, recorded = whole_pass(model, ids)
    torch.testing.assert_close(weights, expected, atol=1e-5, rtol=0)
    for one, other in zip(layers, recorded, strict=True):
        for mine, theirs in zip(one[1:4], other[1:4], strict=True):  # query, key, value
            torch.testing.assert_close(mine, theirs, atol=1e-5, rtol=1e-5)
        assert torch.equal(one.mask, other.mask[:1].expand_as(one.mask))
        assert (one.bias is None) == (other.bias is None)
        assert one.bias is None or torch.equal(one.bias, other.bias)


@st.composite
def edits(draw):
    """A text, and texts that come from it by inserting, deleting or replacing some tokens somewhere."""
    text = draw(texts)
    history = [text]
    for _edit in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, len(text)))
        new = draw(st.lists(st.integers(0, N_IDS - 1), max_size=4))
        text = (text[:start] + new + text[end:])[:20] or [0]
        history.append(text)
    return history


@pytest.mark.parametrize("model", MODELS, ids=["decoder", *SCHEMES])
@settings(max_examples=10)
@given(history=edits())
def test_after_any_edits_all_is_as_in_one_pass(model, history):
    prefix = KeptPrefix(model)
    for ids in history:
        require_equal(model, prefix, ids)


def test_only_what_follows_an_edit_is_computed():
    model = decoder()
    prefix, computed = KeptPrefix(model), []
    for ids in ([1, 2, 3, 4], [1, 2, 3, 4, 5], [1, 2, 9, 4, 5], [1, 2, 9], [1, 2, 9], [7]):
        prefix.read(ids)
        computed.append(prefix.n_computed)
    assert computed == [4, 1, 3, 0, 0, 1]


def test_what_was_returned_does_not_change_afterwards():
    prefix = KeptPrefix(decoder())
    weights, layers = prefix.read([1, 2, 3, 4])
    before = [weights.clone(), layers[0].key.clone(), layers[2].query.clone(), layers[1].value.clone()]
    prefix.read([1, 9, 9, 9, 9])
    for one, other in zip((weights, layers[0].key, layers[2].query, layers[1].value), before, strict=True):
        assert torch.equal(one, other)


def test_a_model_that_has_changed_is_read_anew():
    model = decoder()
    prefix = KeptPrefix(model)
    prefix.read([1, 2, 3])
    with torch.no_grad():
        model.blocks[0].attention.query.weight.mul_(2)
    require_equal(model, prefix, [1, 2, 3, 4])
    model.blocks[1].attention.key = type(model.blocks[1].attention.key)(16, 8)  # as an adapter would
    require_equal(model, prefix, [1, 2, 3, 4, 5])
    with without_heads(model, {(0, 1)}):
        weights, _layers = prefix.read([1, 2, 3, 4, 5])
        torch.testing.assert_close(weights, whole_pass(model, [1, 2, 3, 4, 5])[0], atol=1e-5, rtol=0)
    require_equal(model, prefix, [1, 2, 3, 4, 5])


def test_a_text_that_is_refused_leaves_what_was_right():
    model = decoder()
    prefix = KeptPrefix(model)
    prefix.read([1, 2, 3])
    for wrong in ([1, 2, N_IDS], [1, 2, *range(N_IDS), *range(N_IDS)]):
        with pytest.raises(ValueError, match=r"12|context"):
            prefix.read(wrong)
        require_equal(model, prefix, [1, 2, 3, 4])


@pytest.mark.slow
def test_smollm2_typed_letter_by_letter():
    model, tokenizer = load("smollm2")
    prefix, text = KeptPrefix(model), "The animal didn't cross the street because it was too tired"
    prefix.read(tokenizer.encode(text[:40]))
    for end in range(41, len(text) + 1, 3):
        weights, _layers = prefix.read(tokenizer.encode(text[:end]))
        assert prefix.n_computed <= 3
    expected, _layers = whole_pass(model, tokenizer.encode(text))
    torch.testing.assert_close(weights, expected, atol=1e-5, rtol=0)
