"""Arguments for the exercises of the lesson `scaling`."""

import math
import statistics

from course.exercises.scaling.interval import best_size, mean_loss
from tests.exercises.inputs.collected import inputs


@inputs("scaling.parameters")
def sizes_of_models(random):
    while True:
        width = random.choice([1, 2, 3, 8, 16, 48, 128])
        yield (
            random.choice([1, 2, 50, 512, 4096]),
            width,
            random.randint(1, 9),
            random.choice([1, width, 4 * width, 40]),
        )


@inputs("scaling.training_flops")
def models_and_tokens(random):
    while True:
        layers, width, length = (
            random.choice([0, 1, 2, 5]),
            random.choice([1, 4, 16, 96]),
            random.choice([1, 2, 64, 256]),
        )
        yield round(10 ** random.uniform(0, 9)), round(10 ** random.uniform(0, 9)), layers, width, length


@inputs("scaling.predicted_loss")
def runs_and_laws(random):
    """Also of a single parameter or token, and of exponents up to 1."""
    while True:
        size, tokens = (random.choice([1.0, 2.0, 10 ** random.uniform(1, 9)]) for _number in "ND")
        least, by_size, by_data = random.uniform(0.1, 3), random.uniform(0.5, 400), random.uniform(0.5, 900)
        yield size, tokens, least, by_size, by_data, random.uniform(0.1, 1), random.uniform(0.1, 1)


@inputs("scaling.huber_log_error")
def losses_and_deltas(random):
    """Some predictions are right; losses of less than 1 have a logarithm below 0."""
    while True:
        n, delta = random.choice([0, 1, 2, 4, 7]), random.choice([0.01, 0.1, 0.5, 1.0, 2.0])
        measured = [random.uniform(0.2, 6) for _run in range(n)]
        yield [loss * random.choice([1.0, math.exp(random.gauss(0, 2 * delta))]) for loss in measured], measured, delta


@inputs("scaling.best_split")
def budgets_and_laws(random):
    while True:
        by_size, by_data = random.uniform(0.5, 400), random.uniform(0.5, 900)
        alpha, beta = random.uniform(0.2, 1), random.choice([0.5, random.uniform(0.2, 1)])
        yield 10 ** random.uniform(6, 26), by_size, by_data, alpha, beta


@inputs("scaling.parabola_minimum")
def lines_of_equal_cost(random):
    """Some open downward, some have their lowest point outside, some sizes are there twice; none is nearly straight."""
    while True:
        n, center = random.choice([3, 3, 4, 6]), random.uniform(6, 13)
        square = random.choice([1, 1, 1, -1]) * random.uniform(0.05, 0.3)
        logs = [random.uniform(7, 12) for _run in range(n)]
        sizes = [round(math.exp(log)) for log in logs] + random.choice([[], [round(math.exp(logs[0]))]])
        if min(abs(a - b) for i, a in enumerate(logs) for b in logs[:i]) > 0.3:
            noise = 0.002 if n == 3 else 0.005
            yield sizes, [15 + square * (math.log(size) - center) ** 2 + random.gauss(0, noise) for size in sizes]


@inputs("scaling.bootstrap_interval")
def runs_and_resamples(random):
    while True:
        n, times = random.choice([1, 2, 4, 6]), random.choice([1, 2, 3, 8, 21, 30])
        resamples = [random.choices(range(n), k=n) for _time in range(times)]
        if random.random() < 0.7:
            estimate = random.choice([sum, max, statistics.fmean, statistics.median])
            yield [random.randint(-9, 9) / random.choice([1, 4]) for _run in range(n)], estimate, resamples
        else:
            runs = [(random.randint(10, 99), random.uniform(2, 4)) for _run in range(n)]
            yield runs, random.choice([best_size, mean_loss]), resamples
