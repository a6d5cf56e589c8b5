"""Other right ways to do the exercises of the lesson `positions`."""

import cmath
import itertools
import math

import numpy as np
import torch

from tests.exercises.ways.collected import other_way


@other_way("positions.is_equivariant")
def with_tensors(outputs, outputs_of_shuffled, order):
    moved = torch.tensor(outputs)[order]
    return torch.allclose(moved, torch.tensor(outputs_of_shuffled), rtol=0, atol=1e-4)


@other_way("positions.is_equivariant")
def with_the_usual_relative_part_of_the_tolerance(outputs, outputs_of_shuffled, order):
    return torch.allclose(torch.tensor(outputs)[order], torch.tensor(outputs_of_shuffled), atol=1e-4)


@other_way("positions.is_equivariant")
def by_the_largest_difference(outputs, outputs_of_shuffled, order):
    return np.abs(np.array(outputs)[order] - np.array(outputs_of_shuffled)).max(initial=0) < 1e-4


@other_way("positions.is_equivariant")
def moved_back(outputs, outputs_of_shuffled, order):
    back = np.argsort(order)
    return bool((np.abs(np.array(outputs_of_shuffled)[back] - outputs) < 1e-4).all())


@other_way("positions.is_equivariant")
def by_a_permutation_matrix(outputs, outputs_of_shuffled, order):
    permutation = torch.eye(len(order), dtype=torch.float64)[order]
    moved = permutation @ torch.tensor(outputs, dtype=torch.float64)
    return ((moved - torch.tensor(outputs_of_shuffled)).abs() < 1e-4).all()


@other_way("positions.is_equivariant")
def token_by_token(outputs, outputs_of_shuffled, order):
    if not order:
        return True
    if any(abs(a - b) >= 1e-4 for a, b in zip(outputs[order[0]], outputs_of_shuffled[0], strict=True)):
        return False
    return token_by_token(outputs, outputs_of_shuffled[1:], order[1:])


@other_way("positions.is_equivariant")
def by_counting_what_differs(outputs, outputs_of_shuffled, order):
    differ = 0
    for i, place in enumerate(order):
        for k in range(len(outputs[place])):
            differ += not math.isclose(outputs[place][k], outputs_of_shuffled[i][k], rel_tol=0, abs_tol=1e-4)
    return differ == 0


@other_way("positions.sinusoidal_vector")
def as_complex_numbers(position, d_model, base):
    points = [cmath.exp(1j * position * base ** (-2 * i / d_model)) for i in range(d_model // 2)]
    return torch.tensor([part for point in points for part in (point.imag, point.real)])


@other_way("positions.sinusoidal_vector")
def filled_in(position, d_model, base):
    vector = torch.zeros(d_model)
    frequencies = torch.exp(torch.arange(0, d_model, 2).float() * (-math.log(base) / d_model))
    vector[0::2] = torch.sin(position * frequencies)
    vector[1::2] = torch.cos(position * frequencies)
    return vector


@other_way("positions.sinusoidal_vector")
def column_by_column(position, d_model, base):
    columns = np.arange(d_model)
    angles = position / np.power(base, 2 * (columns // 2) / d_model)
    return np.where(columns % 2 == 0, np.sin(angles), np.cos(angles))


@other_way("positions.sinusoidal_vector")
def sines_moved_by_a_quarter_turn(position, d_model, base):
    for column in range(d_model):
        odd = column % 2
        yield math.sin(position / base ** ((column - odd) / d_model) + odd * math.pi / 2)


@other_way("positions.sinusoidal_vector")
def step_after_step(position, d_model, base):
    steps = [cmath.rect(1, base ** (-2 * i / d_model)) for i in range(d_model // 2)]
    points = [1 + 0j] * len(steps)
    for _position in range(position):
        points = [point * step for point, step in zip(points, steps, strict=True)]
    return tuple(itertools.chain.from_iterable((point.imag, point.real) for point in points))


@other_way("positions.sinusoidal_vector")
def in_float32(position, d_model, base):
    pairs = np.arange(0, d_model, 2, dtype=np.float32)
    angles = np.float32(position) / np.float32(base) ** (pairs / np.float32(d_model))
    return np.stack([np.sin(angles), np.cos(angles)], axis=1).reshape(-1)


@other_way("positions.apply_rotary")
def by_complex_product(vector, position, base):
    half = len(vector) // 2
    angles = position * base ** (-2 * torch.arange(half) / len(vector))
    x = torch.tensor(vector)
    turned = torch.complex(x[:half], x[half:]) * torch.polar(torch.ones(half), angles)
    return torch.cat((turned.real, turned.imag))


@other_way("positions.apply_rotary")
def by_half_turned_vectors(vector, position, base):
    x, half = torch.tensor(vector), len(vector) // 2
    frequencies = 1.0 / (base ** (torch.arange(0, len(vector), 2).float() / len(vector)))
    angles = torch.cat((position * frequencies, position * frequencies))
    return x * angles.cos() + torch.cat((-x[half:], x[:half])) * angles.sin()


@other_way("positions.apply_rotary")
def by_one_matrix(vector, position, base):
    d, half = len(vector), len(vector) // 2
    matrix = np.zeros((d, d))
    for i in range(half):
        angle = position / base ** (i / half)
        matrix[i, i] = matrix[i + half, i + half] = math.cos(angle)
        matrix[i, i + half] = -math.sin(angle)
        matrix[i + half, i] = math.sin(angle)
    return (matrix @ np.array(vector)).tolist()


@other_way("positions.apply_rotary")
def in_polar_coordinates(vector, position, base):
    firsts, seconds, half = [], [], len(vector) // 2
    for i, (x, y) in enumerate(zip(vector[:half], vector[half:], strict=True)):
        direction = math.atan2(y, x) + position * math.exp(-2 * i / len(vector) * math.log(base))
        firsts.append(math.hypot(x, y) * math.cos(direction))
        seconds.append(math.hypot(x, y) * math.sin(direction))
    return firsts + seconds


@other_way("positions.apply_rotary")
def by_einsum(vector, position, base):
    half = len(vector) // 2
    angles = position * base ** (-2 * torch.arange(half, dtype=torch.float64) / len(vector))
    cos, sin = angles.cos(), angles.sin()
    turns = torch.stack([torch.stack([cos, -sin]), torch.stack([sin, cos])])
    return torch.einsum("abi,bi->ai", turns, torch.tensor(vector, dtype=torch.float64).view(2, half)).flatten()


@other_way("positions.apply_rotary")
def one_position_at_a_time(vector, position, base):
    if position == 0:
        return tuple(vector)
    before, half = one_position_at_a_time(vector, position - 1, base), len(vector) // 2
    points = [complex(before[i], before[i + half]) * cmath.rect(1, base ** (-i / half)) for i in range(half)]
    return [point.real for point in points] + [point.imag for point in points]


@other_way("positions.alibi_slopes")
def by_repeated_product(n_heads):
    step = 2 ** (-8 / n_heads)
    slopes = [step]
    while len(slopes) < n_heads:
        slopes.append(slopes[-1] * step)
    return tuple(slopes)


@other_way("positions.alibi_slopes")
def as_a_power_of_a_tensor(n_heads):
    return torch.pow(2, -8 * torch.arange(1, n_heads + 1) / n_heads)


@other_way("positions.alibi_slopes")
def evenly_in_logarithms(n_heads):
    return np.logspace(-8 / n_heads, -8, n_heads, base=2)


@other_way("positions.alibi_slopes")
def roots_of_the_last(n_heads):
    return [(1 / 256) ** ((head + 1) / n_heads) for head in range(n_heads)]


@other_way("positions.alibi_slopes")
def as_a_running_product(n_heads):
    return torch.full((n_heads,), 2 ** (-8 / n_heads)).cumprod(0)


@other_way("positions.alibi_slopes")
def one_after_the_other(n_heads):
    for head in range(n_heads):
        yield math.exp(-8 * math.log(2) * (head + 1) / n_heads)


@other_way("positions.alibi_slopes")
def of_the_authors(n_heads):

    def power_of_2(n):
        start = 2 ** (-(2 ** (-(math.log2(n) - 3))))
        return [start * start**i for i in range(n)]

    if math.log2(n_heads).is_integer():
        return power_of_2(n_heads)
    closest = 2 ** math.floor(math.log2(n_heads))
    return power_of_2(closest) + of_the_authors(2 * closest)[0::2][: n_heads - closest]


@other_way("positions.alibi_bias")
def as_a_table(n_queries, n_keys, slope):
    places = torch.arange(n_keys)
    return -slope * (places[-n_queries:, None] - places).abs()


@other_way("positions.alibi_bias")
def with_numpy(n_queries, n_keys, slope):
    return -slope * np.abs(np.subtract.outer(np.arange(n_keys - n_queries, n_keys), np.arange(n_keys)))


@other_way("positions.alibi_bias")
def the_last_rows_of_a_square(n_queries, n_keys, slope):
    square = [[-slope * max(query - key, key - query) for key in range(n_keys)] for query in range(n_keys)]
    return square[-n_queries:]


@other_way("positions.alibi_bias")
def pieces_of_one_line(n_queries, n_keys, slope):
    line = [-slope * abs(distance) for distance in range(-n_keys, n_keys)]
    return tuple(tuple(line[n_queries - query :][:n_keys]) for query in range(n_queries))


@other_way("positions.alibi_bias")
def left_and_right_of_the_query(n_queries, n_keys, slope):
    rows = []
    for place in range(n_keys - n_queries, n_keys):
        left = [-slope * distance for distance in range(place, 0, -1)]
        right = [-slope * distance for distance in range(n_keys - place)]
        rows.append(left + right)
    return rows


@other_way("positions.alibi_bias")
def as_distances_of_points(n_queries, n_keys, slope):
    points = torch.arange(n_keys, dtype=torch.float32)[:, None]
    return -slope * torch.cdist(points[-n_queries:], points, p=1)
