"""What the exercises of the lesson `scaling` ask for is what the course computes."""

import math

import numpy as np
import pytest

from course import scaling
from course.exercises.scaling.flops import TRAINING_FLOPS, training_flops
from course.exercises.scaling.huber import HUBER_LOG_ERROR, huber_log_error
from course.exercises.scaling.interval import BOOTSTRAP_INTERVAL, bootstrap_interval
from course.exercises.scaling.loss import PREDICTED_LOSS, predicted_loss
from course.exercises.scaling.parabola import PARABOLA_MINIMUM, parabola_minimum
from course.exercises.scaling.parameters import parameters
from course.exercises.scaling.split import BEST_SPLIT, best_split
from course.gpt import Decoder, LlamaConfig
from course.scaling.robust import huber
from tests.exercises.trial import inputs_of

FEW = 100
SIZES = [(512, 16, 2, 40), (512, 128, 5, 344), (50, 8, 1, 8)]


def arguments_of(exercise):
    return [*exercise.cases(), *inputs_of(exercise)[:FEW]]


def decoder_of(vocab, width, layers, hidden):
    return Decoder(LlamaConfig(vocab, 64, width, layers, 2, 2, hidden, tied=False))


def gains_of(width, layers):
    return (2 * layers + 1) * width


@pytest.mark.parametrize("sizes", SIZES)
def test_parameters_are_those_of_the_course_without_the_gains(sizes):
    found = parameters(*sizes)
    counted = scaling.count(decoder_of(*sizes))._asdict()
    assert {name: number + gains_of(*sizes[1:3]) for name, number in found.items()} == counted


@pytest.mark.parametrize("sizes", SIZES)
def test_operations_are_those_of_the_course(sizes):
    _vocab, width, layers, _hidden = sizes
    expected = scaling.flops_per_token(decoder_of(*sizes), 64).total
    multiplied = parameters(*sizes)["without_lookup"]
    assert training_flops(multiplied, 1000, layers, width, 64) == 1000 * expected


def test_without_layers_the_operations_are_6_n_d():
    for n_parameters, n_tokens, _layers, width, length in arguments_of(TRAINING_FLOPS):
        expected = scaling.six_n(n_parameters) * n_tokens
        assert training_flops(n_parameters, n_tokens, 0, width, length) == expected


def test_the_law_is_that_of_the_course():
    for N, D, *numbers in arguments_of(PREDICTED_LOSS):
        assert predicted_loss(N, D, *numbers) == pytest.approx(float(scaling.Law(*numbers).loss(N, D)), rel=1e-12)


def test_the_objective_is_that_of_the_course():
    for predicted, measured, delta in arguments_of(HUBER_LOG_ERROR):
        expected = huber(np.log(np.array(predicted, float)) - np.log(np.array(measured, float)), delta).sum()
        assert huber_log_error(predicted, measured, delta) == pytest.approx(float(expected), rel=1e-12, abs=1e-15)


def test_the_best_split_is_that_of_the_course():
    for flops, A, B, alpha, beta in arguments_of(BEST_SPLIT):
        expected = scaling.optimum(scaling.Law(1.0, A, B, alpha, beta), flops)
        assert best_split(flops, A, B, alpha, beta) == pytest.approx((expected.parameters, expected.tokens), rel=1e-9)


@pytest.mark.parametrize("factor", [0.9, 0.99, 1.01, 1.1])
def test_no_other_split_of_the_budget_has_a_lower_loss(factor):
    for flops, A, B, alpha, beta in BEST_SPLIT.cases():
        N, D = best_split(flops, A, B, alpha, beta)
        assert pytest.approx(flops) == 6 * N * D
        best = predicted_loss(N, D, 0.0, A, B, alpha, beta)
        assert predicted_loss(factor * N, D / factor, 0.0, A, B, alpha, beta) > best


def test_the_lowest_point_is_that_of_the_course():
    for sizes, losses in arguments_of(PARABOLA_MINIMUM):
        found, expected = parabola_minimum(sizes, losses), scaling.parabola(1.0, sizes, losses)
        if expected.coefficients[0] > 0:
            assert found == pytest.approx(expected.parameters, rel=1e-6)
        else:
            assert math.isnan(found)


def test_the_interval_is_that_of_the_course():
    for runs, estimate, resamples in arguments_of(BOOTSTRAP_INTERVAL):
        values = [estimate([runs[i] for i in numbers]) for numbers in resamples]
        assert bootstrap_interval(runs, estimate, resamples) == pytest.approx(scaling.percentiles(values), rel=1e-12)
