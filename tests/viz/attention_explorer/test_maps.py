"""The numbers behind the attention explorer: hidden keys, strongest links, thumbnails, bytes for the page."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from course.viz.attention_explorer.maps import AttentionMaps, Link, hide_keys, packed, strongest, thumbnails


@given(st.integers(0, 2**32), st.sets(st.integers(0, 5), max_size=6))
def test_what_is_left_sums_to_1_and_what_is_lost_is_counted(seed, hidden):
    weights = torch.randn(2, 3, 4, 6, generator=torch.Generator().manual_seed(seed)).softmax(-1)
    shown, lost = hide_keys(weights, hidden)
    kept = [key for key in range(6) if key not in hidden]
    torch.testing.assert_close(shown.sum(-1), torch.full((2, 3, 4), float(bool(kept))))
    torch.testing.assert_close(shown[..., kept] * (1 - lost)[..., None], weights[..., kept], atol=1e-6, rtol=1e-4)
    assert (shown[..., list(hidden)] == 0).all()


def test_the_strongest_links():
    weights = torch.tensor([[1.0, 0, 0], [0.3, 0.7, 0], [0.5, 0.1, 0.4]])
    visible = torch.ones(3, 3, dtype=torch.bool).tril()
    found = strongest(weights, visible, 3)
    assert [link[:2] for link in found] == [(1, 1), (2, 0), (2, 2)]  # not (0, 0): it had no choice
    assert strongest(weights, visible, 9, query=0) == [Link(0, 0, 1.0)]
    assert len(strongest(weights, visible, 99)) == 5


def test_a_small_picture_keeps_what_is_strong():
    weights = torch.zeros(1, 2, 100, 60)
    weights[0, 1, 99, 59] = 1.0
    weights[0, 0, 0, 30] = 0.25
    small = thumbnails(weights, 20)
    assert small.shape == (1, 2, 20, 20)
    assert small[0, 1, 19, 19] == 255 and small[0, 0, 0, 10] == 128 and small.count_nonzero() == 2
    assert thumbnails(weights[..., :5], 20).shape == (1, 2, 20, 5)


def test_the_bytes_of_two_maps():
    maps = [torch.tensor([[0.0, 1.0]]), torch.tensor([[0.5, 1e-5]])]
    assert np.frombuffer(packed(torch.stack(maps)), "<u2").tolist() == [0, 65535, 32768, 1]


def test_averages():
    weights = torch.rand(2, 3, 4, 4)
    maps = AttentionMaps(("a",) * 4, ("a", "b", "a", "c"), weights, causal=True)
    assert maps.named(Link(3, 1, 0.5)) == ("a (3)", "b")
    torch.testing.assert_close(maps.chosen(1, 2), weights[1, 2])
    torch.testing.assert_close(maps.chosen(1, 2, "heads"), (weights[1, 0] + weights[1, 1] + weights[1, 2]) / 3)
    torch.testing.assert_close(maps.chosen(1, 2, "layers"), weights.flatten(0, 1).mean(0))
    assert maps.visible({1}).tolist()[2] == [True, False, True, False]
