import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from course.layers.attention import Attention, causal_mask, record_attention, scaled_dot_product_attention
from course.layers.kv_cache import KVCache


def draw(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def qkv(heads: int = 4, key_heads: int = 4, queries: int = 5, keys: int = 5) -> tuple[torch.Tensor, ...]:
    return draw(2, heads, queries, 8), draw(2, key_heads, keys, 8, seed=1), draw(2, key_heads, keys, 8, seed=2)


@st.composite
def masks(draw_value) -> torch.Tensor:
    """Any mask that leaves each of 5 queries one of 6 keys to look at, for 2 sequences and 3 heads."""
    bits = draw_value(st.lists(st.booleans(), min_size=2 * 3 * 5 * 6, max_size=2 * 3 * 5 * 6))
    mask = torch.tensor(bits).view(2, 3, 5, 6)
    mask[..., 2] |= ~mask.any(dim=-1)
    return mask


def test_one_query_by_hand():
    query, key = torch.tensor([[[[2.0, 0.0, 0.0, 0.0]]]]), torch.eye(4)[None, None, :2]
    value = torch.tensor([[[[10.0], [20.0]]]])
    mix, weights = scaled_dot_product_attention(query, key, value)
    first = math.e / (math.e + 1)  # scores 2 · 1 / √4 = 1 and 0
    torch.testing.assert_close(weights.flatten(), torch.tensor([first, 1 - first]))
    torch.testing.assert_close(mix.flatten(), torch.tensor([10 * first + 20 * (1 - first)]))


@pytest.mark.slow
@given(masks())
def test_plain_and_fused_agree_and_hide_what_the_mask_hides(mask):
    query, key, value = draw(2, 3, 5, 8), draw(2, 3, 6, 8, seed=1), draw(2, 3, 6, 8, seed=2)
    mix, weights = scaled_dot_product_attention(query, key, value, mask)
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(2, 3, 5))
    assert (weights[~mask] == 0).all() and (weights[mask] > 0).all()
    torch.testing.assert_close(mix, F.scaled_dot_product_attention(query, key, value, attn_mask=mask))
    torch.testing.assert_close(Attention()(query, key, value, mask), mix)


def test_a_hidden_key_and_value_change_nothing():
    query, key, value = qkv()
    mask = torch.ones(1, 1, 1, 5, dtype=torch.bool)
    mask[..., 3] = False
    layer = Attention()
    before = layer(query, key, value, mask)
    key[:, :, 3], value[:, :, 3] = 100.0, -100.0
    assert torch.equal(layer(query, key, value, mask), before)


@pytest.mark.parametrize("recording", [False, True])
def test_a_query_that_may_look_nowhere_is_an_error(recording):
    query, key, value = qkv()
    mask = torch.ones(2, 4, 5, 5, dtype=torch.bool)
    mask[1, 2, 3] = False
    layer = Attention()
    layer.keep_weights = (lambda weights: None) if recording else None
    for attend in (layer, scaled_dot_product_attention):
        with pytest.raises(ValueError, match=r"from query 3 \(batch 1, head 2\)"):
            attend(query, key, value, mask)


def test_causal_mask_aligns_the_queries_with_the_last_keys():
    assert causal_mask(2, 4).tolist() == [[True, True, True, False], [True, True, True, True]]
    assert torch.equal(causal_mask(3, 3), torch.ones(3, 3).tril().bool())


@pytest.mark.parametrize(("queries", "keys"), [(5, 5), (2, 5), (1, 5), (1, 1)])
@pytest.mark.parametrize("key_heads", [4, 2, 1])
@pytest.mark.parametrize("with_mask", [False, True])
def test_causal_grouped_attention_equals_the_plain_form_on_repeated_heads(queries, keys, key_heads, with_mask):
    query, key, value = qkv(4, key_heads, queries, keys)
    mask = torch.arange(keys)[None, None, None] != 1 if with_mask and keys > 1 else None
    visible = causal_mask(queries, keys)[None, None]
    repeated = [x.repeat_interleave(4 // key_heads, dim=1) for x in (key, value)]
    expected, weights = scaled_dot_product_attention(query, *repeated, visible if mask is None else visible & mask)
    layer = Attention()
    torch.testing.assert_close(layer(query, key, value, mask, causal=True), expected)
    with record_attention(layer) as maps:
        torch.testing.assert_close(layer(query, key, value, mask, causal=True), expected)
    assert torch.equal(maps[0], weights)


class TwoLayers(nn.Module):
    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.first, self.second = Attention(dropout), Attention(dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.second(x, x, self.first(x, x, x), causal=True)


def test_recording_gives_one_map_per_layer_of_the_latest_pass_and_then_stops():
    model = TwoLayers()
    with record_attention(model) as maps:
        assert maps == [None, None]
        model(draw(1, 1, 2, 4))
        x = draw(1, 1, 3, 4)
        recorded = model(x)
    kept = list(maps)
    torch.testing.assert_close(model(x), recorded)  # the fused form again
    assert maps == kept and [tuple(weights.shape) for weights in maps] == [(1, 1, 3, 3)] * 2
    assert (maps[1].triu(1) == 0).all() and (maps[0].triu(1) > 0).any()


def test_recorders_nest_and_end_with_an_error():
    model, x = TwoLayers(), draw(1, 1, 3, 4)
    with record_attention(model) as outer:
        with pytest.raises(ZeroDivisionError), record_attention(model.second) as inner:
            model(x)
            raise ZeroDivisionError
        assert outer[1] is None and inner[0] is not None
        model(x)
    assert torch.equal(outer[1], inner[0]) and model.second.keep_weights is None


def test_weights_are_recorded_before_dropout_which_the_mix_feels():
    model, x = TwoLayers(dropout=0.5).train(), draw(2, 3, 6, 4)
    torch.manual_seed(0)
    with record_attention(model.first) as maps:
        mix = model.first(x, x, x)
    torch.testing.assert_close(maps[0].sum(dim=-1), torch.ones(2, 3, 6))
    assert not torch.allclose(mix, maps[0] @ x)
    torch.manual_seed(0)
    torch.testing.assert_close(mix, F.dropout(maps[0], 0.5) @ x)
    assert not torch.equal(model.first(x, x, x), model.first(x, x, x)), "the fused form drops out as well"
    model.eval()
    torch.testing.assert_close(model.first(x, x, x), maps[0] @ x)


def test_recorded_weights_carry_gradients():
    x = draw(1, 1, 3, 4).requires_grad_()
    layer = Attention()
    with record_attention(layer) as maps:
        layer(x, x, x)
    maps[0][0, 0, 0, 1].backward()
    assert x.grad.abs().sum() > 0


def test_a_model_without_attention_cannot_be_watched():
    with pytest.raises(ValueError, match="Linear has no attention layer"), record_attention(nn.Linear(2, 2)):
        pass


def test_the_cache_returns_old_and_new_and_reserves_its_memory_once():
    cache = KVCache((2, 1, 3, 5, 4))
    memory = cache.keys[1].data_ptr()
    old_key, old_value = draw(1, 3, 2, 4), draw(1, 3, 2, 4, seed=1)
    cache.store(1, old_key, old_value)
    cache.length = 2
    new_key, new_value = draw(1, 3, 3, 4, seed=2), draw(1, 3, 3, 4, seed=3)
    keys, values = cache.store(1, new_key, new_value)
    assert torch.equal(keys, torch.cat((old_key, new_key), dim=2))
    assert torch.equal(values, torch.cat((old_value, new_value), dim=2))
    assert cache.keys[1].data_ptr() == memory and keys.untyped_storage().data_ptr() == memory
