"""Other right ways to do the exercises of the lesson `positions`."""

import cmath

import torch

from tests.exercises.ways.collected import other_way


@other_way("positions.is_equivariant")
def with_tensors(outputs, outputs_of_shuffled, order):
    moved = torch.tensor(outputs)[order]
    return torch.allclose(moved, torch.tensor(outputs_of_shuffled), rtol=0, atol=1e-4)


@other_way("positions.sinusoidal_vector")
def as_complex_numbers(position, d_model, base):
    points = [cmath.exp(1j * position * base ** (-2 * i / d_model)) for i in range(d_model // 2)]
    return torch.tensor([part for point in points for part in (point.imag, point.real)])


@other_way("positions.apply_rotary")
def by_complex_product(vector, position, base):
    half = len(vector) // 2
    angles = position * base ** (-2 * torch.arange(half) / len(vector))
    x = torch.tensor(vector)
    turned = torch.complex(x[:half], x[half:]) * torch.polar(torch.ones(half), angles)
    return torch.cat((turned.real, turned.imag))


@other_way("positions.alibi_slopes")
def by_repeated_product(n_heads):
    step = 2 ** (-8 / n_heads)
    slopes = [step]
    while len(slopes) < n_heads:
        slopes.append(slopes[-1] * step)
    return tuple(slopes)


@other_way("positions.alibi_bias")
def as_a_table(n_queries, n_keys, slope):
    places = torch.arange(n_keys)
    return -slope * (places[-n_queries:, None] - places).abs()
