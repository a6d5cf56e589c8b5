import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import LlamaConfig
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding, apply_rotary_pos_emb

from course.positions import RotaryPositions, rotate


def draw(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def test_each_pair_turns_by_position_times_its_frequency():
    positions = RotaryPositions(n_positions=4, d_head=4, base=100.0)
    turned = rotate(torch.tensor([1.0, 1.0, 0.0, 0.0]).expand(1, 1, 4, 4), *positions(0, 4))[0, 0]
    for position in range(4):
        fast, slow = float(position), position / 10  # base^0 and base^(-1/2)
        expected = [math.cos(fast), math.cos(slow), math.sin(fast), math.sin(slow)]
        torch.testing.assert_close(turned[position], torch.tensor(expected))


@pytest.mark.parametrize("base", [10_000.0, 100_000.0])
def test_equal_to_transformers_at_every_position(base):
    config = LlamaConfig(
        hidden_size=64, num_attention_heads=1, rope_parameters={"rope_type": "default", "rope_theta": base}
    )
    x = draw(1, 2, 8192, 64)
    cos, sin = LlamaRotaryEmbedding(config)(x, torch.arange(8192)[None])
    expected, _key = apply_rotary_pos_emb(x, x, cos, sin)
    assert torch.equal(rotate(x, *RotaryPositions(8192, 64, base)(0, 8192)), expected)


@given(st.integers(0, 90), st.integers(0, 90), st.integers(0, 37))
def test_the_product_depends_on_the_distance_alone(query_at, key_at, shift):
    positions = RotaryPositions(n_positions=128, d_head=16)
    query, key = draw(1, 1, 1, 16), draw(1, 1, 1, 16, seed=1)

    def product(query_at: int, key_at: int) -> torch.Tensor:
        turned_query = rotate(query, *positions(query_at, query_at + 1))
        return (turned_query * rotate(key, *positions(key_at, key_at + 1))).sum()

    torch.testing.assert_close(product(query_at, key_at), product(query_at + shift, key_at + shift), atol=1e-4, rtol=0)


def test_lengths_stay_as_they_are():
    x = draw(2, 3, 50, 8)
    turned = rotate(x, *RotaryPositions(50, 8)(0, 50))
    torch.testing.assert_close(turned.norm(dim=-1), x.norm(dim=-1))
    assert torch.equal(turned[:, :, 0], x[:, :, 0]), "position 0 turns by nothing"


def test_the_tables_are_not_saved_and_exist_even_for_a_model_without_memory():
    with torch.device("meta"):
        positions = RotaryPositions(8, 4)
    assert not positions.state_dict() and positions.cos.device.type == "cpu"
    assert torch.equal(positions.cos, RotaryPositions(8, 4).cos)
