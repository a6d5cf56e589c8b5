"""Right answers in other styles, for the exercises of the lesson `scaling`."""

import itertools
import math
from fractions import Fraction

import numpy as np
import torch

from course.scaling import Law, optimum, parabola, percentiles
from course.scaling.robust import huber
from tests.exercises.ways.collected import other_way


@other_way("scaling.parameters")
def parameters_of_shapes(vocab, width, layers, hidden):
    block = [(width, width)] * 4 + [(width, hidden)] * 2 + [(hidden, width)]
    body = layers * sum(rows * columns for rows, columns in block)
    return {"body": body, "without_lookup": body + vocab * width, "all": body + 2 * vocab * width}


@other_way("scaling.parameters")
def parameters_from_all(vocab, width, layers, hidden):
    counts = {"all": 2 * vocab * width}
    for _layer in range(layers):
        counts["all"] += width * (4 * width + 3 * hidden)
    counts["without_lookup"] = counts["all"] - vocab * width
    counts["body"] = counts["all"] - 2 * vocab * width
    return counts


@other_way("scaling.parameters")
def parameters_of_a_module(vocab, width, layers, hidden):
    def linear(rows, columns):
        return torch.nn.Linear(rows, columns, bias=False, device="meta")

    def block():
        matrices = [linear(width, width) for _matrix in range(4)]
        return torch.nn.ModuleList([*matrices, *(linear(width, hidden) for _matrix in range(3))])

    def size(module):
        return sum(parameter.numel() for parameter in module.parameters())

    body = layers * size(block())
    head = size(linear(width, vocab))
    return {"all": body + 2 * head, "without_lookup": body + head, "body": body}


@other_way("scaling.parameters")
def parameters_in_numpy(vocab, width, layers, hidden):
    counts = layers * (4 * width**2 + 3 * width * hidden) + np.array([2, 1, 0], dtype=np.int64) * vocab * width
    return dict(zip(("all", "without_lookup", "body"), counts, strict=True))


@other_way("scaling.parameters")
def parameters_accumulated(vocab, width, layers, hidden):
    attention, feed_forward, table = 4 * width * width, 3 * width * hidden, vocab * width
    counts = list(itertools.accumulate([layers * (attention + feed_forward), table, table]))
    return {"body": counts[0], "without_lookup": counts[1], "all": counts[2]}


@other_way("scaling.training_flops")
def flops_of_two_parts(n_parameters, n_tokens, layers, width, length):
    parameters = 6 * n_parameters * n_tokens
    attention = 12 * layers * length * width * n_tokens
    return parameters + attention


@other_way("scaling.training_flops")
def flops_forward_and_backward(n_parameters, n_tokens, layers, width, length):
    forward = 2 * n_parameters
    for _layer in range(layers):
        for _product in ("scores", "values"):
            forward += 2 * length * width
    backward = 2 * forward
    return (forward + backward) * n_tokens


@other_way("scaling.training_flops")
def flops_as_numbers_with_a_point(n_parameters, n_tokens, layers, width, length):
    return 6.0 * n_tokens * (n_parameters + 2.0 * layers * length * width)


@other_way("scaling.training_flops")
def flops_as_a_product_of_lists(n_parameters, n_tokens, layers, width, length):
    parts = [(6, n_parameters), (12, layers * length * width)]
    return sum(n_tokens * math.prod(part) for part in parts)


@other_way("scaling.training_flops")
def flops_in_numpy(n_parameters, n_tokens, layers, width, length):
    per_token = np.dot([6.0, 12.0], [float(n_parameters), float(layers * length * width)])
    return np.float64(n_tokens) * per_token


@other_way("scaling.predicted_loss")
def loss_of_negative_exponents(N, D, E, A, B, alpha, beta):
    return E + A * N**-alpha + B * D ** (-beta)


@other_way("scaling.predicted_loss")
def loss_of_logarithms(N, D, E, A, B, alpha, beta):
    return E + math.exp(math.log(A) - alpha * math.log(N)) + math.exp(math.log(B) - beta * math.log(D))


@other_way("scaling.predicted_loss")
def loss_of_the_course(N, D, E, A, B, alpha, beta):
    return Law(E, A, B, alpha, beta).loss(N, D)


@other_way("scaling.predicted_loss")
def loss_in_torch(N, D, E, A, B, alpha, beta):
    sizes, exponents = torch.tensor([N, D], dtype=torch.double), torch.tensor([alpha, beta], dtype=torch.double)
    return E + (torch.tensor([A, B], dtype=torch.double) / sizes.pow(exponents)).sum()


@other_way("scaling.predicted_loss")
def loss_term_by_term(N, D, E, A, B, alpha, beta):
    loss = E
    for size, factor, exponent in ((N, A, alpha), (D, B, beta)):
        loss += factor / pow(size, exponent)
    return loss


@other_way("scaling.predicted_loss")
def loss_as_log_sum_exp(N, D, E, A, B, alpha, beta):
    terms = np.log([E, A, B]) - np.array([0.0, alpha * np.log(N), beta * np.log(D)])
    return np.exp(np.logaddexp.reduce(terms))


@other_way("scaling.huber_log_error")
def huber_of_the_course(predicted, measured, delta):
    return huber(np.log(np.array(predicted, float)) - np.log(np.array(measured, float)), delta).sum()


@other_way("scaling.huber_log_error")
def huber_of_torch(predicted, measured, delta):
    logs = [torch.tensor(losses, dtype=torch.double).log() for losses in (predicted, measured)]
    return torch.nn.functional.huber_loss(*logs, reduction="sum", delta=delta).item()


@other_way("scaling.huber_log_error")
def huber_of_quotients(predicted, measured, delta):
    errors = [abs(math.log(a / b)) for a, b in zip(predicted, measured, strict=True)]
    return math.fsum(0.5 * e * e if e <= delta else delta * e - delta**2 / 2 for e in errors)


@other_way("scaling.huber_log_error")
def huber_of_a_cut(predicted, measured, delta):
    total = 0
    for i in range(len(predicted)):
        size = abs(math.log(predicted[i]) - math.log(measured[i]))
        inside = min(size, delta)
        total += inside**2 / 2 + delta * (size - inside)
    return total


@other_way("scaling.huber_log_error")
def huber_with_strictly_less(predicted, measured, delta):
    def one(error):
        if -delta < error < delta:
            return error**2 / 2
        return delta * (abs(error) - delta / 2)

    return sum(one(math.log(a) - math.log(b)) for a, b in zip(predicted, measured, strict=True))


@other_way("scaling.huber_log_error")
def huber_of_measured_minus_predicted(predicted, measured, delta):
    errors = np.abs(np.log(np.asarray(measured, float)) - np.log(np.asarray(predicted, float)))
    small = errors <= delta
    return (errors[small] ** 2).sum() / 2 + (delta * (errors[~small] - delta / 2)).sum()


@other_way("scaling.best_split")
def split_of_the_course(flops, A, B, alpha, beta):
    found = optimum(Law(1.0, A, B, alpha, beta), flops)
    return found.parameters, found.tokens


@other_way("scaling.best_split")
def split_of_two_powers(flops, A, B, alpha, beta):
    G = (alpha * A / beta / B) ** (1 / (alpha + beta))
    a, b = beta / (alpha + beta), alpha / (alpha + beta)
    return [G * (flops / 6) ** a, (flops / 6) ** b / G]


@other_way("scaling.best_split")
def split_of_logarithms(flops, A, B, alpha, beta):
    units = math.log(flops) - math.log(6)
    size = (math.log(alpha * A) - math.log(beta * B) + beta * units) / (alpha + beta)
    return math.exp(size), math.exp(units - size)


@other_way("scaling.best_split")
def split_by_bisection(flops, A, B, alpha, beta):
    """Where the loss neither rises nor falls with the log of the size."""
    low, high, units = -100.0, 200.0, math.log(flops / 6)
    for _step in range(200):
        middle = (low + high) / 2
        if beta * B * math.exp(-beta * (units - middle)) > alpha * A * math.exp(-alpha * middle):
            high = middle
        else:
            low = middle
    return math.exp(low), math.exp(units - low)


@other_way("scaling.best_split")
def split_by_search(flops, A, B, alpha, beta):
    """By thirds, on the logarithm: as near as the loss can tell."""
    units = math.log(flops / 6)

    def loss(size):
        return A * math.exp(-alpha * size) + B * math.exp(-beta * (units - size))

    low, high = -60.0, 120.0
    while high - low > 1e-7:
        first, second = low + (high - low) / 3, high - (high - low) / 3
        if loss(first) < loss(second):
            high = second
        else:
            low = first
    return math.exp(low), math.exp(units - low)


@other_way("scaling.best_split")
def split_from_the_tokens(flops, A, B, alpha, beta):
    tokens = (beta * B / (alpha * A) * (flops / 6) ** alpha) ** (1 / (alpha + beta))
    return np.array([flops / (6 * tokens), tokens])


@other_way("scaling.parabola_minimum")
def minimum_of_the_course(sizes, losses):
    found = parabola(1.0, sizes, losses)
    return found.parameters if found.coefficients[0] > 0 else math.nan


@other_way("scaling.parabola_minimum")
def minimum_by_least_squares(sizes, losses):
    x = torch.tensor(sizes, dtype=torch.double).log()
    columns = torch.stack((x**2, x, torch.ones_like(x)), dim=1)
    a, b, _c = torch.linalg.lstsq(columns, torch.tensor(losses, dtype=torch.double)[:, None]).solution[:, 0].tolist()
    return math.exp(-b / (2 * a)) if a > 0 else float("nan")


@other_way("scaling.parabola_minimum")
def minimum_by_normal_equations(sizes, losses):
    logs = [math.log(size) for size in sizes]
    center = sum(logs) / len(logs)
    columns = np.array([[(x - center) ** 2, x - center, 1.0] for x in logs])
    a, b, _c = np.linalg.solve(columns.T @ columns, columns.T @ np.array(losses))
    if a <= 0:
        return math.nan
    return math.exp(center - b / (2 * a))


@other_way("scaling.parabola_minimum")
def minimum_of_a_polynomial(sizes, losses):
    fitted = np.polynomial.Polynomial.fit(np.log(sizes), losses, 2).convert()
    if not fitted.coef[2] > 0:
        return np.nan
    return np.exp(fitted.deriv().roots()[0])


@other_way("scaling.parabola_minimum")
def minimum_in_base_10(sizes, losses):
    square, slope, _level = np.polyfit(np.log10(np.array(sizes)), np.array(losses), 2)
    return 10 ** (-slope / 2 / square) if square > 0 else np.nan


@other_way("scaling.parabola_minimum")
def minimum_of_fractions(sizes, losses):
    """The normal equations without any rounding, by Cramer's rule."""
    logs, found = [Fraction(math.log(size)) for size in sizes], [Fraction(loss) for loss in losses]
    powers = [sum(x**k for x in logs) for k in range(5)]
    right = [sum(y * x**k for x, y in zip(logs, found, strict=True)) for k in range(3)]
    rows = [[powers[i + j] for j in range(3)] for i in range(3)]

    def determinant(m):
        return sum(
            m[0][i] * (m[1][(i + 1) % 3] * m[2][(i + 2) % 3] - m[1][(i + 2) % 3] * m[2][(i + 1) % 3]) for i in range(3)
        )

    def replaced(column):
        return [[right[i] if j == column else rows[i][j] for j in range(3)] for i in range(3)]

    square, slope = (determinant(replaced(column)) / determinant(rows) for column in (2, 1))
    return math.exp(-slope / (2 * square)) if square > 0 else math.nan


@other_way("scaling.bootstrap_interval")
def interval_of_the_course(runs, estimate, resamples):
    return percentiles(estimate([runs[i] for i in numbers]) for numbers in resamples)


@other_way("scaling.bootstrap_interval")
def interval_of_percentiles(runs, estimate, resamples):
    values = []
    for numbers in resamples:
        drawn = []
        for number in numbers:
            drawn.append(runs[number])
        values.append(estimate(drawn))
    return np.percentile(values, 2.5), np.percentile(values, 97.5)


@other_way("scaling.bootstrap_interval")
def interval_by_hand(runs, estimate, resamples):
    values = sorted(estimate([runs[i] for i in numbers]) for numbers in resamples)

    def at(percent):
        place = percent / 100 * (len(values) - 1)
        below = math.floor(place)
        above = min(below + 1, len(values) - 1)
        return values[below] + (place - below) * (values[above] - values[below])

    return at(2.5), at(97.5)


@other_way("scaling.bootstrap_interval")
def interval_in_torch(runs, estimate, resamples):
    values = torch.tensor([float(estimate([runs[i] for i in numbers])) for numbers in resamples], dtype=torch.double)
    return torch.quantile(values, torch.tensor([0.025, 0.975], dtype=torch.double))


@other_way("scaling.bootstrap_interval")
def interval_by_interpolation(runs, estimate, resamples):
    values = sorted(map(estimate, ([runs[i] for i in numbers] for numbers in resamples)))
    places = [share * (len(values) - 1) for share in (0.025, 0.975)]
    return list(np.interp(places, range(len(values)), values))
