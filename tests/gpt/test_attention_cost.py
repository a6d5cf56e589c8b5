import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course.gpt import attention_costs, seen_pairs
from course.layers.attention import causal_mask


@given(st.integers(1, 60), st.none() | st.integers(1, 70))
def test_pairs_are_those_that_the_mask_leaves(n, window):
    assert seen_pairs(n, window) == int(causal_mask(n, n, window=window).sum())


def test_every_way_is_timed_at_every_length_with_its_pairs():
    costs = attention_costs([8, 40], 8, n_heads=1, d_head=4, turns=1)
    assert [(cost.way, cost.n_tokens) for cost in costs] == [
        (way, n) for n in (8, 40) for way in ("dense", "masked", "blocks")
    ]
    dense, masked, blocks = costs[3:]
    assert (dense.seen, dense.computed) == (820, 820)
    assert (masked.seen, masked.computed) == (36 + 32 * 8, 1600), "a mask hides what was computed"
    assert (blocks.seen, blocks.computed) == (36 + 32 * 8, 36 + 4 * 8 * 16)
    assert all(cost.seconds > 0 for cost in costs)


def test_what_is_refused():
    with pytest.raises(ValueError, match="n_tokens is -1; it must be 0 or more"):
        seen_pairs(-1)
    with pytest.raises(ValueError, match="window is 0; it must be 1 or more"):
        seen_pairs(5, 0)
    for name in ("n_heads", "d_head", "turns"):
        with pytest.raises(ValueError, match=f"{name} is 0; it must be 1 or more"):
            attention_costs([8], 2, **{name: 0})
    with pytest.raises(ValueError, match="window is 0; it must be 1 or more"):
        attention_costs([8], 0)


@pytest.mark.slow
@pytest.mark.timed
def test_only_skipping_blocks_saves_time(record_property):
    """The least of up to three measurements of each way, since other processes only make one slower."""
    torch.set_num_threads(1)
    least = dict.fromkeys(("dense", "masked", "blocks"), math.inf)
    for _measurement in range(3):
        least |= {cost.way: min(cost.seconds, least[cost.way]) for cost in attention_costs([4096], 64)}
        saved, masks = least["blocks"] / least["dense"], least["dense"] / least["masked"]
        if saved < 1 / 2 and masks < 1.5:
            break
    told = f"blocks {saved:.2f} times dense, less than 0.5; dense {masks:.2f} times masked, less than 1.5"
    record_property("timed", f"{max(2 * saved, masks / 1.5):4.0%} of the limit: {told}")
    assert saved < 1 / 2 and masks < 1.5, told


def test_a_length_below_1_is_refused():
    with pytest.raises(ValueError, match="n_tokens is 0; it must be 1 or more"):
        attention_costs([0], 4)
