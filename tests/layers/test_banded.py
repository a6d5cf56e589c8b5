import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from course.layers.attention import attention_weights, causal_mask
from course.layers.banded import banded_attention


def masked(query, key, value, window):
    group = query.shape[1] // key.shape[1]
    visible = causal_mask(query.shape[2], key.shape[2], window=window)[None, None]
    weights = attention_weights(query, key.repeat_interleave(group, dim=1), visible)
    return weights @ value.repeat_interleave(group, dim=1)


def drawn(n_heads, n_kv_heads, n, d_value=5, seed=0):
    generator = torch.Generator().manual_seed(seed)
    shapes = (2, n_heads, n, 8), (2, n_kv_heads, n, 8), (2, n_kv_heads, n, d_value)
    return [torch.randn(shape, generator=generator).requires_grad_() for shape in shapes]


@settings(max_examples=80)
@given(st.integers(1, 40), st.integers(1, 45), st.sampled_from([(1, 1), (4, 4), (6, 2)]))
def test_the_band_is_what_the_mask_leaves(n, window, heads):
    tensors = drawn(*heads, n)
    output, expected = banded_attention(*tensors, window), masked(*tensors, window)
    torch.testing.assert_close(output, expected, atol=1e-5, rtol=1e-5)
    gradients = [torch.autograd.grad(result.square().sum(), tensors) for result in (output, expected)]
    for ours, theirs in zip(*gradients, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-5)


def test_the_work_grows_with_the_length_and_not_with_its_square():
    def computed(n: int) -> int:
        with FlopCounterMode(display=False) as counter:
            banded_attention(*drawn(1, 1, n), 8)
        return counter.get_total_flops()

    assert computed(800) / computed(400) == pytest.approx(2, rel=0.02)


@pytest.mark.parametrize("window", [0, -3])
def test_a_window_that_sees_nothing_is_refused(window):
    with pytest.raises(ValueError, match=f"window is {window}; it must be 1 or more"):
        banded_attention(*drawn(1, 1, 4), window)


@given(st.integers(1, 30), st.integers(0, 30), st.integers(1, 40))
def test_each_query_sees_itself_and_the_keys_before_it_in_its_window(n_queries, n_before, window):
    mask = causal_mask(n_queries, n_before + n_queries, window=window)
    for query, row in enumerate(mask.tolist()):
        place = n_before + query
        assert [key for key, seen in enumerate(row) if seen] == [*range(max(0, place - window + 1), place + 1)]
