"""Multi-head attention beside `torch.nn.MultiheadAttention` with the same weights."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from course.layers.attention import causal_mask, record_attention
from course.layers.multihead import MultiHeadAttention
from course.layers.positions import SCHEMES, make_positions
from course.layers.torch_parity import as_torch, torch_gradients
from tests.support.torch_layers import EXACT, disturb, draw

VISIBLE = torch.tensor([[True] * 6, [True] * 4 + [False] * 2, [True] + [False] * 5])  # 3 sequences, padded


def layer(d_model: int = 24, n_heads: int = 4, seed: int = 0) -> MultiHeadAttention:
    return disturb(MultiHeadAttention(d_model, n_heads), seed)


def assert_same(ours: MultiHeadAttention, x: Tensor, y: Tensor | None, padding: bool, causal: bool) -> None:
    """Output, weights, and the gradients of inputs and parameters."""
    reference = as_torch(ours)
    inputs = [t.clone().requires_grad_() for t in (x, y) if t is not None]
    their_inputs = [t.clone().requires_grad_() for t in (x, y) if t is not None]
    mask = VISIBLE[:, None, None] if padding else None

    with record_attention(ours) as maps:
        other = None if y is None else ours.keys_and_values(inputs[1])
        recorded = ours(inputs[0], other, mask, causal=causal)
    other = None if y is None else ours.keys_and_values(inputs[1])
    fused = ours(inputs[0], other, mask, causal=causal)
    expected, weights = reference(
        their_inputs[0],
        their_inputs[-1],
        their_inputs[-1],
        key_padding_mask=~VISIBLE if padding else None,
        attn_mask=~causal_mask(x.shape[1], their_inputs[-1].shape[1]) if causal else None,
        average_attn_weights=False,
    )
    torch.testing.assert_close(recorded, expected, **EXACT)
    torch.testing.assert_close(fused, expected, **EXACT)
    torch.testing.assert_close(maps[0], weights, **EXACT)

    toward = draw(*expected.shape, seed=9)
    (fused * toward).sum().backward()
    (expected * toward).sum().backward()
    for one, another in zip(inputs, their_inputs, strict=True):
        torch.testing.assert_close(one.grad, another.grad, **EXACT)
    their_gradients = {name: parameter.grad for name, parameter in reference.named_parameters()}
    for name, gradient in torch_gradients(ours).items():
        torch.testing.assert_close(gradient, their_gradients[name], **EXACT)


@pytest.mark.parametrize("padding", [False, True])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(("d_model", "n_heads"), [(24, 4), (24, 1), (30, 5)])
def test_self_attention_equals_torch(d_model, n_heads, causal, padding):
    assert_same(layer(d_model, n_heads), draw(3, 6, d_model), None, padding, causal)


@pytest.mark.parametrize("padding", [False, True])
def test_attention_to_another_sequence_equals_torch(padding):
    assert_same(layer(), draw(3, 5, 24), draw(3, 6, 24, seed=1), padding, causal=False)


@given(st.integers(0, 5), st.integers(0, 5), st.sampled_from(SCHEMES))
def test_a_hidden_position_changes_nothing_and_a_visible_one_does(hidden, looks, scheme):
    ours, x = layer(), draw(1, 6, 24)
    mask = torch.ones(1, 1, 1, 6, dtype=torch.bool)
    mask[..., hidden] = False
    changed = x.clone()
    changed[:, hidden] += 10 * draw(24, seed=1)
    positions = make_positions(scheme, 6, 24, 4)
    before, after = ours(x, mask=mask, positions=positions), ours(changed, mask=mask, positions=positions)
    if looks != hidden:
        assert torch.equal(before[:, looks], after[:, looks])
        assert not torch.allclose(ours(x)[:, looks], ours(changed)[:, looks], atol=1e-3)


@given(st.integers(1, 5), st.sampled_from(SCHEMES))
def test_causal_never_sees_the_future(cut, scheme):
    ours, x = layer(), draw(2, 6, 24)
    positions = make_positions(scheme, 6, 24, 4)
    changed = x.clone()
    changed[:, cut:] = draw(2, 6 - cut, 24, seed=1)
    before, after = (ours(t, causal=True, positions=positions) for t in (x, changed))
    torch.testing.assert_close(before[:, :cut], after[:, :cut], atol=1e-6, rtol=0)
    assert not torch.allclose(before[:, cut:], after[:, cut:], atol=1e-3)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("causal", [False, True])
def test_the_recorded_weights_are_those_used(scheme, causal):
    ours, x = layer(), draw(3, 6, 24)
    mask, positions = VISIBLE[:, None, None], make_positions(scheme, 6, 24, 4)
    fused = ours(x, mask=mask, causal=causal, positions=positions)
    with record_attention(ours) as maps:
        torch.testing.assert_close(ours(x, mask=mask, causal=causal, positions=positions), fused, **EXACT)
    torch.testing.assert_close(maps[0].sum(dim=-1), torch.ones(3, 4, 6))
    assert (maps[0][1, :, :, 4:] == 0).all()
    assert not causal or (maps[0].triu(1) == 0).all()
    _key, value = ours.keys_and_values(x)
    mixed = (maps[0] @ value).transpose(1, 2).flatten(2)
    torch.testing.assert_close(ours.output(mixed), fused, **EXACT)


def test_a_head_that_is_not_heard_hands_on_nothing_and_is_not_fetched_from_the_others():
    ours, x = layer(), draw(3, 6, 24)
    everything = ours(x)
    parts = []
    for head in range(4):
        ours.head_mask = (torch.arange(4) == head)[:, None, None]
        parts.append(ours(x) - ours.output.bias)
    torch.testing.assert_close(sum(parts) + ours.output.bias, everything, **EXACT)
