"""The measures of heads, on weights whose measures are known."""

import pytest
import torch

from course.interpretability.head_measures import MEASURES, entropy, first_token_share, mean_distance


def test_known_heads():
    n = 8
    alike, itself, before = torch.full((n, n), 1 / n), torch.eye(n), torch.eye(n).roll(-1, dims=1)
    heads = torch.stack((alike, itself, before))[None]  # one layer
    assert entropy(heads)[0].tolist() == pytest.approx([3, 0, 0])
    distances = [sum(abs(i - j) for i in range(n) for j in range(n)) / n**2, 0, (7 + 7) / n]
    assert mean_distance(heads)[0].tolist() == pytest.approx(distances)
    assert first_token_share(heads)[0].tolist() == pytest.approx([1 / n, 1 / n, 1 / n])


def test_each_is_one_number_a_head():
    weights = torch.rand(2, 3, 4, 5).softmax(-1)
    for measure in MEASURES.values():
        assert measure(weights).shape == (2, 3) and measure(weights).isfinite().all()
    assert first_token_share(weights)[1, 2] == pytest.approx(weights[1, 2, :, 0].mean().item())
