import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import LlamaConfig
from transformers.models.bloom.modeling_bloom import build_alibi_tensor
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding, apply_rotary_pos_emb

from course.layers.positions import (
    SCHEMES,
    ALiBi,
    LearnedPositions,
    RotaryPositions,
    SinusoidalPositions,
    alibi_slopes,
    make_positions,
    rotate,
    sinusoidal_table,
)


def draw(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def test_each_pair_turns_by_position_times_its_frequency():
    positions = RotaryPositions(n_positions=4, d_head=4, base=100.0)
    turned = rotate(torch.tensor([1.0, 1.0, 0.0, 0.0]).expand(1, 1, 4, 4), *positions.rotation(0, 4))[0, 0]
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
    assert torch.equal(rotate(x, *RotaryPositions(8192, 64, base).rotation(0, 8192)), expected)


@given(st.integers(0, 90), st.integers(0, 90), st.integers(0, 37))
def test_the_product_depends_on_the_distance_alone(query_at, key_at, shift):
    positions = RotaryPositions(n_positions=128, d_head=16)
    query, key = draw(1, 1, 1, 16), draw(1, 1, 1, 16, seed=1)

    def product(query_at: int, key_at: int) -> torch.Tensor:
        turned_query = rotate(query, *positions.rotation(query_at, query_at + 1))
        return (turned_query * rotate(key, *positions.rotation(key_at, key_at + 1))).sum()

    torch.testing.assert_close(product(query_at, key_at), product(query_at + shift, key_at + shift), atol=1e-4, rtol=0)


def test_lengths_stay_as_they_are():
    x = draw(2, 3, 50, 8)
    turned = rotate(x, *RotaryPositions(50, 8).rotation(0, 50))
    torch.testing.assert_close(turned.norm(dim=-1), x.norm(dim=-1))
    assert torch.equal(turned[:, :, 0], x[:, :, 0]), "position 0 turns by nothing"


def test_the_tables_are_not_saved_and_exist_even_for_a_model_without_memory():
    with torch.device("meta"):
        positions = RotaryPositions(8, 4)
    assert not positions.state_dict() and positions.cos.device.type == "cpu"
    assert torch.equal(positions.cos, RotaryPositions(8, 4).cos)


def test_the_waves_are_those_of_the_paper():
    table = sinusoidal_table(50, 12)
    for position in (0, 1, 7, 49):
        for i in range(6):
            angle = position / 10_000 ** (2 * i / 12)
            assert table[position, 2 * i].item() == pytest.approx(math.sin(angle), abs=1e-5)
            assert table[position, 2 * i + 1].item() == pytest.approx(math.cos(angle), abs=1e-5)
    assert sinusoidal_table(3, 5).shape == (3, 5), "an odd width ends with a sine"


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 39))
def test_the_likeness_of_two_patterns_depends_on_their_distance_alone(one, another, shift):
    table = sinusoidal_table(100, 16)
    likeness = table[one] @ table[another]
    torch.testing.assert_close(likeness, table[one + shift] @ table[another + shift], atol=1e-4, rtol=0)


def test_learned_positions_are_parameters_and_sinusoids_are_not():
    assert [p.shape for p in LearnedPositions(7, 4).parameters()] == [(7, 4)]
    for scheme in (SinusoidalPositions(7, 4), ALiBi(2)):
        assert not list(scheme.parameters()) and not scheme.state_dict()


@pytest.mark.parametrize("n_heads", [1, 2, 3, 5, 6, 7, 8, 12, 16, 20])
def test_alibi_equals_that_of_transformers(n_heads):
    theirs = build_alibi_tensor(torch.ones(1, 9), n_heads, torch.float32)  # slope · key: the query's share cancels
    keys = theirs.view(1, n_heads, 1, 9)
    ours = ALiBi(n_heads).score_bias(9, 9)
    for query in range(9):
        expected = keys[..., : query + 1] - keys[..., query : query + 1]
        torch.testing.assert_close(ours[:, :, query : query + 1, : query + 1], expected)


@pytest.mark.parametrize("n_heads", [1, 2, 4, 8, 32])
def test_alibi_slopes_of_a_power_of_two_are_the_formula_of_the_paper(n_heads):
    expected = torch.tensor([2 ** (-8 * head / n_heads) for head in range(1, n_heads + 1)])
    torch.testing.assert_close(alibi_slopes(n_heads), expected)


def test_alibi_needs_a_head():
    with pytest.raises(ValueError, match="n_heads is 0; it must be 1 or more"):
        alibi_slopes(0)


def test_interpolated_positions_equal_those_of_transformers():
    parameters = {"rope_type": "linear", "rope_theta": 10_000.0, "factor": 4.0}
    config = LlamaConfig(hidden_size=32, num_attention_heads=1, rope_parameters=parameters)
    x = draw(1, 1, 512, 32)
    cos, sin = LlamaRotaryEmbedding(config)(x, torch.arange(512)[None])
    expected, _key = apply_rotary_pos_emb(x, x, cos, sin)
    ours = rotate(x, *RotaryPositions(512, 32, scale=1 / 4).rotation(0, 512))
    torch.testing.assert_close(ours, expected, atol=1e-4, rtol=0)
    plain = RotaryPositions(128, 32)
    torch.testing.assert_close(RotaryPositions(512, 32, scale=1 / 4).cos[::4], plain.cos)


def test_alibi_counts_both_sides_alike_and_its_slopes_are_those_of_the_paper():
    torch.testing.assert_close(alibi_slopes(8), torch.tensor([2.0**-i for i in range(1, 9)]))
    bias = ALiBi(8).score_bias(5, 5)
    assert torch.equal(bias, bias.transpose(2, 3)) and (bias.diagonal(dim1=2, dim2=3) == 0).all()
    assert bias[0, 0, 4, 1] == -1.5


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_sequence_read_in_two_parts_has_the_same_positions(scheme):
    positions = make_positions(scheme, n_positions=9, d_model=12, n_heads=3)
    x, heads = draw(2, 9, 12), draw(2, 3, 9, 4)
    torch.testing.assert_close(positions.add_to_embeddings(x)[:, 5:], positions.add_to_embeddings(x[:, 5:], 5))
    torch.testing.assert_close(positions.rotate(heads)[:, :, 5:], positions.rotate(heads[:, :, 5:], 5))
    whole, part = positions.score_bias(9, 9), positions.score_bias(4, 9)
    assert (whole is None and part is None) or torch.equal(whole[:, :, 5:], part)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_scheme_works_in_one_place_and_none_in_no_place(scheme):
    positions = make_positions(scheme, n_positions=9, d_model=12, n_heads=3)
    x, heads = draw(2, 9, 12), draw(2, 3, 9, 4)
    adds = not torch.equal(positions.add_to_embeddings(x), x)
    turns = not torch.equal(positions.rotate(heads), heads)
    biases = positions.score_bias(9, 9) is not None
    assert (adds, turns, biases) == (scheme in ("sinusoidal", "learned"), scheme == "rotary", scheme == "alibi")


def test_positions_that_there_are_not():
    with pytest.raises(ValueError, match=r"no positions 'absolute'.*sinusoidal, learned, rotary, alibi, none"):
        make_positions("absolute", 8, 4, 2)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_positions_that_are_given_are_those_that_are_counted(scheme):
    """Two texts in a row: each has what it has alone, and within it every scheme knows the same distances."""
    positions, x = make_positions(scheme, 16, 8, n_heads=2), draw(2, 7, 8)
    places = torch.arange(7).expand(2, 7)
    torch.testing.assert_close(positions.add_places(x, places), positions.add_to_embeddings(x))
    counted, given_places = positions.for_attention(0, 7), positions.for_places(places)
    query = draw(2, 2, 7, 4)
    torch.testing.assert_close(given_places.rotate(query), counted.rotate(query))
    assert (given_places.bias is None) == (counted.bias is None)
    if counted.bias is not None:
        torch.testing.assert_close(given_places.bias, counted.bias.expand(2, -1, -1, -1))

    apart = torch.tensor([[0, 1, 2, 3, 0, 1, 2]] * 2)
    second = positions.add_places(x, apart)[:, 4:]
    torch.testing.assert_close(second, positions.add_to_embeddings(x[:, 4:]))
    if scheme == "alibi":
        bias = positions.for_places(apart).bias
        torch.testing.assert_close(bias[:, :, 4:, 4:], positions.score_bias(3, 3).expand(2, -1, -1, -1))
