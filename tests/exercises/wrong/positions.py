"""Wrong ways to do the exercises of the lesson `positions`."""

import math

import numpy as np
import torch

from tests.exercises.wrong.collected import wrong_way


def distances(n_queries, n_keys):
    return np.arange(n_keys - n_queries, n_keys)[:, None] - np.arange(n_keys)


@wrong_way("positions.is_equivariant", says="invariance")
def stayed_where_they_were(outputs, outputs_of_shuffled, order):
    return np.allclose(outputs, outputs_of_shuffled, rtol=0, atol=0.0001)


@wrong_way("positions.is_equivariant", says="backwards")
def follows_the_order_backwards(outputs, outputs_of_shuffled, order):
    moved = [None] * len(order)
    for i, place in enumerate(order):
        moved[place] = outputs[i]
    return np.allclose(moved, outputs_of_shuffled, rtol=0, atol=0.0001)


@wrong_way("positions.is_equivariant", says="to the last digit")
def with_torch_equal(outputs, outputs_of_shuffled, order):
    return torch.equal(torch.tensor(outputs)[order], torch.tensor(outputs_of_shuffled))


@wrong_way("positions.is_equivariant", says="as a bag")
def sorted_rows(outputs, outputs_of_shuffled, order):
    return np.allclose(sorted(outputs), sorted(outputs_of_shuffled), rtol=0, atol=0.0001)


@wrong_way("positions.is_equivariant", says="Only the first row decides")
def first_row_only(outputs, outputs_of_shuffled, order):
    for i in range(len(order)):
        return all((abs(a - b) < 0.0001 for a, b in zip(outputs[order[i]], outputs_of_shuffled[i], strict=True)))
    return True


@wrong_way("positions.is_equivariant", says="Only the last row decides")
def last_row_only(outputs, outputs_of_shuffled, order):
    same = True
    for i in range(len(order)):
        same = all((abs(a - b) < 0.0001 for a, b in zip(outputs[order[i]], outputs_of_shuffled[i], strict=True)))
    return same


@wrong_way("positions.is_equivariant", says="sums of rows")
def row_sums(outputs, outputs_of_shuffled, order):
    return all((abs(sum(outputs[o]) - sum(row)) < 0.0001 for o, row in zip(order, outputs_of_shuffled, strict=True)))


@wrong_way("positions.is_equivariant", says="tolerance is too large")
def tolerance_of_a_hundredth(outputs, outputs_of_shuffled, order):
    return np.allclose(np.array(outputs)[order], outputs_of_shuffled, rtol=0, atol=0.01)


@wrong_way("positions.is_equivariant", says="to the last digit")
def tolerance_of_numpy(outputs, outputs_of_shuffled, order):
    return np.allclose(np.array(outputs)[order], outputs_of_shuffled)


@wrong_way("positions.is_equivariant", says="tolerance is too small")
def tolerance_1e5(outputs, outputs_of_shuffled, order):
    return all(
        (
            abs(a - b) < 1e-05
            for o, row in zip(order, outputs_of_shuffled, strict=True)
            for a, b in zip(outputs[o], row, strict=True)
        )
    )


@wrong_way("positions.is_equivariant", says="add up the differences")
def all_differences_together(outputs, outputs_of_shuffled, order):
    return (
        sum(
            (
                abs(a - b)
                for o, row in zip(order, outputs_of_shuffled, strict=True)
                for a, b in zip(outputs[o], row, strict=True)
            )
        )
        < 0.0001
    )


@wrong_way("positions.is_equivariant", says="mean of the differences")
def mean_difference(outputs, outputs_of_shuffled, order):
    return float(np.abs(np.array(outputs)[order] - np.array(outputs_of_shuffled)).mean()) < 0.0001


@wrong_way("positions.is_equivariant", says="`abs(a - b)`")
def without_abs(outputs, outputs_of_shuffled, order):
    return all(
        (
            a - b < 0.0001
            for o, row in zip(order, outputs_of_shuffled, strict=True)
            for a, b in zip(outputs[o], row, strict=True)
        )
    )


@wrong_way("positions.is_equivariant", says="very first number decides")
def decides_at_the_first_number(outputs, outputs_of_shuffled, order):
    for o, row in zip(order, outputs_of_shuffled, strict=True):
        for a, b in zip(outputs[o], row, strict=True):
            return abs(a - b) < 0.0001
    return True


@wrong_way("positions.is_equivariant", says="One equal number in each row")
def any_number_of_a_row(outputs, outputs_of_shuffled, order):
    return all(
        (
            any((abs(a - b) < 0.0001 for a, b in zip(outputs[o], row, strict=True)))
            for o, row in zip(order, outputs_of_shuffled, strict=True)
        )
    )


@wrong_way("positions.is_equivariant", says="first number of each row")
def first_column(outputs, outputs_of_shuffled, order):
    return all((abs(outputs[o][0] - row[0]) < 0.0001 for o, row in zip(order, outputs_of_shuffled, strict=True)))


@wrong_way("positions.is_equivariant", says="last number of each row")
def last_column(outputs, outputs_of_shuffled, order):
    return all((abs(outputs[o][-1] - row[-1]) < 0.0001 for o, row in zip(order, outputs_of_shuffled, strict=True)))


@wrong_way("positions.is_equivariant", says="round both numbers")
def rounded_to_four_places(outputs, outputs_of_shuffled, order):
    return np.array_equal(np.round(np.array(outputs)[order], 4), np.round(outputs_of_shuffled, 4))


@wrong_way("positions.is_equivariant", says="in parts of the number")
def relative_tolerance(outputs, outputs_of_shuffled, order):
    return all(
        (
            math.isclose(a, b, rel_tol=0.0001)
            for o, row in zip(order, outputs_of_shuffled, strict=True)
            for a, b in zip(outputs[o], row, strict=True)
        )
    )


@wrong_way("positions.is_equivariant", says="True and False are exchanged")
def the_opposite(outputs, outputs_of_shuffled, order):
    return not np.allclose(np.array(outputs)[order], outputs_of_shuffled, rtol=0, atol=0.0001)


@wrong_way("positions.is_equivariant", says="leave out the last row")
def without_the_last_row(outputs, outputs_of_shuffled, order):
    return all(
        (
            abs(a - b) < 0.0001
            for i in range(len(order) - 1)
            for a, b in zip(outputs[order[i]], outputs_of_shuffled[i], strict=True)
        )
    )


@wrong_way("positions.sinusoidal_vector", says="cosine first")
def cosine_first(position, d_model, base):
    v = []
    for i in range(d_model // 2):
        a = position / base ** (2 * i / d_model)
        v.append(math.cos(a))
        v.append(math.sin(a))
    return v


@wrong_way("positions.sinusoidal_vector", says="paper's base")
def base_of_the_paper(position, d_model, base):
    pe = np.zeros(d_model)
    a = position / 10000 ** (np.arange(0, d_model, 2) / d_model)
    pe[0::2], pe[1::2] = (np.sin(a), np.cos(a))
    return pe


@wrong_way("positions.sinusoidal_vector", says="angle of its own")
def exponent_by_column(position, d_model, base):
    return [
        math.sin(position / base ** (c / d_model)) if c % 2 == 0 else math.cos(position / base ** (c / d_model))
        for c in range(d_model)
    ]


@wrong_way("positions.sinusoidal_vector", says="over the columns")
def exponent_by_doubled_column(position, d_model, base):
    return [
        math.sin(position / base ** (2 * c / d_model)) if c % 2 == 0 else math.cos(position / base ** (2 * c / d_model))
        for c in range(d_model)
    ]


@wrong_way("positions.sinusoidal_vector", says="not doubled again")
def twos_doubled(position, d_model, base):
    v = []
    for i in range(0, d_model, 2):
        a = position / base ** (2 * i / d_model)
        v += [math.sin(a), math.cos(a)]
    return v


@wrong_way("positions.sinusoidal_vector", says="**2i** / d_model")
def exponent_i_over_d(position, d_model, base):
    v = []
    for i in range(d_model // 2):
        a = position / base ** (i / d_model)
        v += [math.sin(a), math.cos(a)]
    return v


@wrong_way("positions.sinusoidal_vector", says="first published code")
def halves_as_in_tensor2tensor(position, d_model, base):
    n = d_model // 2
    inc = math.log(base) / max(n - 1, 1)
    a = position * np.exp(-inc * np.arange(n))
    return np.concatenate([np.sin(a), np.cos(a)])


@wrong_way("positions.sinusoidal_vector", says="all sines first")
def two_halves(position, d_model, base):
    a = position / base ** (torch.arange(0, d_model, 2) / d_model)
    return torch.cat([a.sin(), a.cos()])


@wrong_way("positions.sinusoidal_vector", says="take the sine twice")
def sines_only(position, d_model, base):
    return [math.sin(position / base ** (2 * (c // 2) / d_model)) for c in range(d_model)]


@wrong_way("positions.sinusoidal_vector", says="the sines alone")
def sines_alone(position, d_model, base):
    return [math.sin(position / base ** (2 * i / d_model)) for i in range(d_model // 2)]


@wrong_way("positions.sinusoidal_vector", says="one larger")
def positions_from_one(position, d_model, base):
    v = []
    for i in range(d_model // 2):
        a = (position + 1) / base ** (2 * i / d_model)
        v += [math.sin(a), math.cos(a)]
    return v


@wrong_way("positions.sinusoidal_vector", says="count the pairs from 1")
def pairs_from_one(position, d_model, base):
    v = []
    for i in range(1, d_model // 2 + 1):
        a = position / base ** (2 * i / d_model)
        v += [math.sin(a), math.cos(a)]
    return v


@wrong_way("positions.sinusoidal_vector", says="degrees")
def in_degrees(position, d_model, base):
    v = []
    for i in range(d_model // 2):
        a = math.radians(position / base ** (2 * i / d_model))
        v += [math.sin(a), math.cos(a)]
    return v


@wrong_way("positions.sinusoidal_vector", says="2π")
def whole_turns(position, d_model, base):
    v = []
    for i in range(d_model // 2):
        a = 2 * math.pi * position / base ** (2 * i / d_model)
        v += [math.sin(a), math.cos(a)]
    return v


@wrong_way("positions.sinusoidal_vector", says="get faster from pair to pair")
def multiplied(position, d_model, base):
    a = position * base ** (np.arange(0, d_model, 2) / d_model)
    return np.stack([np.sin(a), np.cos(a)], axis=1).ravel()


@wrong_way("positions.sinusoidal_vector", says="with one slash")
def whole_division(position, d_model, base):
    v = []
    for i in range(d_model // 2):
        a = position / base ** (2 * i // d_model)
        v += [math.sin(a), math.cos(a)]
    return v


@wrong_way("positions.sinusoidal_vector", says="reverse order")
def slowest_first(position, d_model, base):
    v = []
    for i in reversed(range(d_model // 2)):
        a = position / base ** (2 * i / d_model)
        v += [math.sin(a), math.cos(a)]
    return v


@wrong_way("positions.sinusoidal_vector", says="shape")
def pairs_as_rows(position, d_model, base):
    a = position / base ** (np.arange(0, d_model, 2) / d_model)
    return np.stack([np.sin(a), np.cos(a)], axis=1)


@wrong_way("positions.sinusoidal_vector", says="one list too many")
def a_row_of_a_table(position, d_model, base):
    a = position / base ** (torch.arange(0, d_model, 2) / d_model)
    return torch.stack([a.sin(), a.cos()], dim=-1).reshape(1, -1)


@wrong_way("positions.apply_rotary", says="clockwise")
def clockwise(vector, position, base):
    x = np.array(vector)
    h = len(x) // 2
    a = position * base ** (-2 * np.arange(h) / len(x))
    return np.concatenate([x[:h] * np.cos(a) + x[h:] * np.sin(a), x[h:] * np.cos(a) - x[:h] * np.sin(a)])


@wrong_way("positions.apply_rotary", says="pair neighbours")
def neighbours(vector, position, base):
    out = []
    for i in range(0, len(vector), 2):
        a = position * base ** (-i / len(vector))
        x, y = (vector[i], vector[i + 1])
        out += [x * math.cos(a) - y * math.sin(a), x * math.sin(a) + y * math.cos(a)]
    return out


@wrong_way("positions.apply_rotary", says="slow down too little")
def i_over_d(vector, position, base):
    x = np.array(vector)
    h = len(x) // 2
    a = position * base ** (-np.arange(h) / len(x))
    return np.concatenate([x[:h] * np.cos(a) - x[h:] * np.sin(a), x[h:] * np.cos(a) + x[:h] * np.sin(a)])


@wrong_way("positions.apply_rotary", says="faster and faster")
def plus_exponent(vector, position, base):
    x = np.array(vector)
    h = len(x) // 2
    a = position * base ** (2 * np.arange(h) / len(x))
    return np.concatenate([x[:h] * np.cos(a) - x[h:] * np.sin(a), x[h:] * np.cos(a) + x[:h] * np.sin(a)])


@wrong_way("positions.apply_rotary", says="slow down too much")
def four_i_over_d(vector, position, base):
    x = np.array(vector)
    h = len(x) // 2
    a = position * base ** (-2 * np.arange(h) / h)
    return np.concatenate([x[:h] * np.cos(a) - x[h:] * np.sin(a), x[h:] * np.cos(a) + x[:h] * np.sin(a)])


@wrong_way("positions.apply_rotary", says="base 10,000")
def fixed_base(vector, position, base):
    x = np.array(vector)
    h = len(x) // 2
    a = position * 10000.0 ** (-2 * np.arange(h) / len(x))
    return np.concatenate([x[:h] * np.cos(a) - x[h:] * np.sin(a), x[h:] * np.cos(a) + x[:h] * np.sin(a)])


@wrong_way("positions.apply_rotary", says="of **1**")
def forgot_position(vector, position, base):
    x = np.array(vector)
    h = len(x) // 2
    a = base ** (-2 * np.arange(h) / len(x))
    return np.concatenate([x[:h] * np.cos(a) - x[h:] * np.sin(a), x[h:] * np.cos(a) + x[:h] * np.sin(a)])


@wrong_way("positions.apply_rotary", says="the same angle")
def one_angle(vector, position, base):
    x = np.array(vector)
    h = len(x) // 2
    a = position
    return np.concatenate([x[:h] * np.cos(a) - x[h:] * np.sin(a), x[h:] * np.cos(a) + x[:h] * np.sin(a)])


@wrong_way("positions.apply_rotary", says="where the old one is meant")
def overwritten(vector, position, base):
    v = list(vector)
    h = len(v) // 2
    for i in range(h):
        a = position * base ** (-2 * i / len(v))
        v[i] = v[i] * math.cos(a) - v[i + h] * math.sin(a)
        v[i + h] = v[i] * math.sin(a) + v[i + h] * math.cos(a)
    return v


@wrong_way("positions.apply_rotary", says="written side by side")
def interleaved_result(vector, position, base):
    out, h = ([], len(vector) // 2)
    for i in range(h):
        a = position * base ** (-2 * i / len(vector))
        x, y = (vector[i], vector[i + h])
        out += [x * math.cos(a) - y * math.sin(a), x * math.sin(a) + y * math.cos(a)]
    return out


@wrong_way("positions.apply_rotary", says="minus is missing")
def no_minus(vector, position, base):
    x = np.array(vector)
    h = len(x) // 2
    a = position * base ** (-2 * np.arange(h) / len(x))
    a = np.concatenate([a, a])
    return x * np.cos(a) + np.concatenate([x[h:], x[:h]]) * np.sin(a)


@wrong_way("positions.apply_rotary", says="mirror the pair")
def mirrored(vector, position, base):
    x = np.array(vector)
    h = len(x) // 2
    a = position * base ** (-2 * np.arange(h) / len(x))
    return np.concatenate([x[:h] * np.cos(a) + x[h:] * np.sin(a), x[:h] * np.sin(a) - x[h:] * np.cos(a)])


@wrong_way("positions.apply_rotary", says="Sine and cosine are exchanged")
def sine_and_cosine_swapped(vector, position, base):
    x = np.array(vector)
    h = len(x) // 2
    a = position * base ** (-2 * np.arange(h) / len(x))
    return np.concatenate([x[:h] * np.sin(a) - x[h:] * np.cos(a), x[:h] * np.cos(a) + x[h:] * np.sin(a)])


@wrong_way("positions.apply_rotary", says="from both ends")
def mirror_partner(vector, position, base):
    v, d = (list(vector), len(vector))
    for i in range(d // 2):
        a = position * base ** (-2 * i / d)
        x, y = (vector[i], vector[d - 1 - i])
        v[i], v[d - 1 - i] = (x * math.cos(a) - y * math.sin(a), x * math.sin(a) + y * math.cos(a))
    return v


@wrong_way("positions.apply_rotary", says="turn by different angles")
def repeat_interleaved_angles(vector, position, base):
    x = torch.tensor(vector)
    h = len(vector) // 2
    a = position * base ** (-2 * torch.arange(h) / len(vector))
    a = a.repeat_interleave(2)
    return x * a.cos() + torch.cat([-x[h:], x[:h]]) * a.sin()


@wrong_way("positions.apply_rotary", says="first number of each pair changes")
def first_half_only(vector, position, base):
    v, h = (list(vector), len(vector) // 2)
    for i in range(h):
        a = position * base ** (-2 * i / len(vector))
        v[i] = vector[i] * math.cos(a) - vector[i + h] * math.sin(a)
    return v


@wrong_way("positions.apply_rotary", says="as sinusoidal positions do")
def adds_the_waves(vector, position, base):
    v, h = (list(vector), len(vector) // 2)
    for i in range(h):
        a = position * base ** (-2 * i / len(vector))
        v[i] += math.sin(a)
        v[i + h] += math.cos(a)
    return v


@wrong_way("positions.apply_rotary", says="Only the first pair turns")
def returns_in_the_loop(vector, position, base):
    v, h = (list(vector), len(vector) // 2)
    for i in range(h):
        a = position * base ** (-2 * i / len(vector))
        x, y = (vector[i], vector[i + h])
        v[i] = x * math.cos(a) - y * math.sin(a)
        v[i + h] = x * math.sin(a) + y * math.cos(a)
        return v


@wrong_way("positions.apply_rotary", says="changes its input")
def changes_its_input(vector, position, base):
    h = len(vector) // 2
    for i in range(h):
        a = position * base ** (-2 * i / len(vector))
        x, y = (vector[i], vector[i + h])
        vector[i], vector[i + h] = (x * math.cos(a) - y * math.sin(a), x * math.sin(a) + y * math.cos(a))
    return vector


@wrong_way("positions.alibi_slopes", says="from 0")
def from_zero(n_heads):
    return [2 ** (-8 * h / n_heads) for h in range(n_heads)]


@wrong_way("positions.alibi_slopes", says="those of 8 heads")
def halves(n_heads):
    return [1 / 2 ** (h + 1) for h in range(n_heads)]


@wrong_way("positions.alibi_slopes", says="**exponents**")
def evenly_spaced(n_heads):
    return np.linspace(2 ** (-8 / n_heads), 2 ** (-8), n_heads)


@wrong_way("positions.alibi_slopes", says="reverse")
def steepest_last(n_heads):
    return [2 ** (-8 * h / n_heads) for h in range(n_heads, 0, -1)]


@wrong_way("positions.alibi_slopes", says="grow beyond 1")
def positive_exponent(n_heads):
    return [2 ** (8 * h / n_heads) for h in range(1, n_heads + 1)]


@wrong_way("positions.alibi_slopes", says="sign")
def negated(n_heads):
    return [-(2 ** (-8 * h / n_heads)) for h in range(1, n_heads + 1)]


@wrong_way("positions.alibi_slopes", says="last")
def one_too_few(n_heads):
    return [2 ** (-8 * h / n_heads) for h in range(1, n_heads)]


@wrong_way("positions.alibi_slopes", says="number of the head")
def linear(n_heads):
    return [h * 2 ** (-8 / n_heads) for h in range(1, n_heads + 1)]


@wrong_way("positions.alibi_slopes", says="All your slopes are the first")
def all_alike(n_heads):
    return [2 ** (-8 / n_heads)] * n_heads


@wrong_way("positions.alibi_slopes", says="the 8 is missing")
def without_eight(n_heads):
    return [2 ** (-h / n_heads) for h in range(1, n_heads + 1)]


@wrong_way("positions.alibi_slopes", says="powers of e")
def base_e(n_heads):
    return [math.exp(-8 * h / n_heads) for h in range(1, n_heads + 1)]


@wrong_way("positions.alibi_slopes", says="n / 8")
def ratio_inverted(n_heads):
    return [2 ** (-n_heads * h / 8) for h in range(1, n_heads + 1)]


@wrong_way("positions.alibi_slopes", says="from −1 to −8")
def ends_by_linspace(n_heads):
    return 2.0 ** np.linspace(-1, -8, n_heads)


@wrong_way("positions.alibi_slopes", says="always give 8")
def always_eight_of_them(n_heads):
    return [2 ** (-8 * h / n_heads) for h in range(1, 9)]


@wrong_way("positions.alibi_slopes", says="do not round")
def whole_steps(n_heads):
    return [2.0 ** (-(8 * h // n_heads)) for h in range(1, n_heads + 1)]


@wrong_way("positions.alibi_bias", says="**first** keys")
def queries_first(n_queries, n_keys, slope):
    return -slope * np.abs(np.arange(n_queries)[:, None] - np.arange(n_keys))


@wrong_way("positions.alibi_bias", says="grow with the distance")
def positive(n_queries, n_keys, slope):
    return slope * np.abs(distances(n_queries, n_keys))


@wrong_way("positions.alibi_bias", says="**after** its query gets a reward")
def no_abs(n_queries, n_keys, slope):
    return -slope * distances(n_queries, n_keys)


@wrong_way("positions.alibi_bias", says="**before** its query gets a reward")
def no_abs_other(n_queries, n_keys, slope):
    return slope * distances(n_queries, n_keys)


@wrong_way("positions.alibi_bias", says="bare distance")
def no_slope(n_queries, n_keys, slope):
    return -np.abs(distances(n_queries, n_keys))


@wrong_way("positions.alibi_bias", says="get 0 from you")
def future_zero(n_queries, n_keys, slope):
    return [[-slope * max(n_keys - n_queries + q - k, 0) for k in range(n_keys)] for q in range(n_queries)]


@wrong_way("positions.alibi_bias", says="−∞")
def future_inf(n_queries, n_keys, slope):
    return [
        [-slope * (n_keys - n_queries + q - k) if k <= n_keys - n_queries + q else -math.inf for k in range(n_keys)]
        for q in range(n_queries)
    ]


@wrong_way("positions.alibi_bias", says="very low number")
def future_1e9(n_queries, n_keys, slope):
    return [
        [-slope * (n_keys - n_queries + q - k) if k <= n_keys - n_queries + q else -1000000000.0 for k in range(n_keys)]
        for q in range(n_queries)
    ]


@wrong_way("positions.alibi_bias", says="Rows and columns are exchanged")
def transposed(n_queries, n_keys, slope):
    return -slope * np.abs(distances(n_queries, n_keys)).T


@wrong_way("positions.alibi_bias", says="rows are too short")
def square(n_queries, n_keys, slope):
    return [[-slope * abs(q - k) for k in range(n_queries)] for q in range(n_queries)]


@wrong_way("positions.alibi_bias", says="row for each key")
def all_queries(n_queries, n_keys, slope):
    return [[-slope * abs(q - k) for k in range(n_keys)] for q in range(n_keys)]


@wrong_way("positions.alibi_bias", says="too far to the right")
def place_plus_one(n_queries, n_keys, slope):
    return -slope * np.abs(distances(n_queries, n_keys) + 1)


@wrong_way("positions.alibi_bias", says="square the distance")
def squared(n_queries, n_keys, slope):
    return -slope * distances(n_queries, n_keys) ** 2.0


@wrong_way("positions.alibi_bias", says="count from the first key")
def bloom(n_queries, n_keys, slope):
    return [[slope * k for k in range(n_keys)] for q in range(n_queries)]


@wrong_way("positions.alibi_bias", says="that of the last query")
def from_last_query(n_queries, n_keys, slope):
    return [[-slope * (n_keys - 1 - k) for k in range(n_keys)] for q in range(n_queries)]


@wrong_way("positions.alibi_bias", says="to the power")
def weights_factor(n_queries, n_keys, slope):
    return np.exp(-slope * np.abs(distances(n_queries, n_keys)))


@wrong_way("positions.alibi_bias", says="rows are joined")
def flat(n_queries, n_keys, slope):
    return [-slope * abs(n_keys - n_queries + q - k) for q in range(n_queries) for k in range(n_keys)]


@wrong_way("positions.is_equivariant", says="the **same** before and after")
def must_have_moved(outputs, outputs_of_shuffled, order):
    return outputs != outputs_of_shuffled and np.allclose(
        np.array(outputs)[order], outputs_of_shuffled, rtol=0, atol=0.0001
    )


@wrong_way("positions.sinusoidal_vector", says="only the 2 is in the exponent")
def exponent_without_parentheses(position, d_model, base):
    angles = [position / base**2 * i / d_model for i in range(d_model // 2)]
    return [wave(angle) for angle in angles for wave in (math.sin, math.cos)]


@wrong_way("positions.sinusoidal_vector", says="`d_model` is not in your exponent")
def exponent_closed_too_early(position, d_model, base):
    angles = [position / base ** (2 * i) / d_model for i in range(d_model // 2)]
    return [wave(angle) for angle in angles for wave in (math.sin, math.cos)]


@wrong_way("positions.apply_rotary", says="only the −2 is in the exponent")
def rotary_exponent_without_parentheses(vector, position, base):
    half = len(vector) // 2
    angles = torch.tensor([position * base**-2 * i / len(vector) for i in range(half)], dtype=torch.float64)
    x, y = torch.tensor(vector, dtype=torch.float64).chunk(2)
    return torch.cat([x * angles.cos() - y * angles.sin(), x * angles.sin() + y * angles.cos()])


@wrong_way("positions.apply_rotary", says="The d is not in your exponent")
def rotary_exponent_closed_too_early(vector, position, base):
    half = len(vector) // 2
    angles = torch.tensor([position * base ** (-2 * i) / len(vector) for i in range(half)], dtype=torch.float64)
    x, y = torch.tensor(vector, dtype=torch.float64).chunk(2)
    return torch.cat([x * angles.cos() - y * angles.sin(), x * angles.sin() + y * angles.cos()])
