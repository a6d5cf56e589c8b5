"""What the exercises of the lesson `evaluation` ask for is what the course computes."""

import math
import warnings
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course import evaluation, intervals
from course.evaluation.correlation import average_ranks as ranks_of_the_course
from course.evaluation.perplexity import TextPrediction
from course.exercises.evaluation.bits import BITS_PER_BYTE, bits_per_byte
from course.exercises.evaluation.calibration import CALIBRATION_ERROR, calibration_error
from course.exercises.evaluation.clipped import CLIPPED_PRECISION, clipped_precision
from course.exercises.evaluation.holm import HOLM, holm
from course.exercises.evaluation.matthews import MATTHEWS, matthews
from course.exercises.evaluation.mcnemar import MCNEMAR, mcnemar
from course.exercises.evaluation.ranks import AVERAGE_RANKS, average_ranks
from course.exercises.evaluation.win_rate import WIN_RATE, win_rate
from tests.exercises.trial import inputs_of

FEW = 100


def arguments_of(exercise):
    return [*exercise.cases(), *inputs_of(exercise)[:FEW]]


def test_matthews_is_that_of_the_course():
    for truth, predicted in arguments_of(MATTHEWS):
        if truth:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", evaluation.UndefinedScoreWarning)
                expected = evaluation.matthews(truth, predicted)
            assert matthews(truth, predicted) == pytest.approx(expected, abs=1e-12)


def test_ranks_are_those_of_the_course():
    for (values,) in arguments_of(AVERAGE_RANKS):
        assert average_ranks(values) == ranks_of_the_course(np.array(values, dtype=float)).tolist()


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=2, max_size=9))
def test_spearman_is_the_correlation_of_these_ranks(pairs):
    true, predicted = (list(map(float, numbers)) for numbers in zip(*pairs, strict=True))
    if len(set(true)) > 1 and len(set(predicted)) > 1:
        of_ranks = evaluation.pearson(average_ranks(true), average_ranks(predicted))
        assert evaluation.spearman(true, predicted) == pytest.approx(of_ranks, abs=1e-12)


def test_matches_and_totals_are_those_of_bleu():
    measure = evaluation.bleu_measure(tokenize="none")
    for hypothesis, references, n in arguments_of(CLIPPED_PRECISION):
        row = measure.table([[" ".join(one) for one in references]], [" ".join(hypothesis)])[0]
        assert clipped_precision(hypothesis, references, n) == (row[1 + n], row[5 + n])


def test_bits_per_byte_are_those_of_the_course():
    for log_probs, text in arguments_of(BITS_PER_BYTE):
        nats = -np.array(log_probs)
        expected = TextPrediction(nats, np.arange(len(nats)), len(text.split()), len(text.encode()))
        assert bits_per_byte(log_probs, text) == pytest.approx(expected.bits_per_byte)


def test_the_calibration_error_is_that_of_the_course():
    for confidences, right, n_bins in arguments_of(CALIBRATION_ERROR):
        expected = evaluation.expected_calibration_error(np.array(right), np.array(confidences), n_bins=n_bins)
        assert calibration_error(confidences, right, n_bins) == pytest.approx(expected, abs=1e-12)


def test_mcnemar_is_that_of_the_course():
    for first_right, second_right in arguments_of(MCNEMAR):
        if first_right:
            expected = intervals.mcnemar(first_right, second_right).p_value
            assert mcnemar(first_right, second_right) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_the_win_rate_is_that_of_the_paired_bootstrap(seed):
    random, parts = Random(seed), [1, 1, 2, 4, 8][seed]
    first, second = ([random.randint(0, parts) / parts for _item in range(12)] for _model in "ab")
    drawn = []

    def mean(items, scores):
        drawn.append(items)
        return math.fsum(scores) / len(scores)

    found = intervals.score_difference(mean, list(range(12)), first, second, n_resamples=200, seed=seed)
    resamples = drawn[2::2]  # after all items, each resample of both models
    assert len(resamples) == 200
    tied = 1 - found.a_better - found.b_better
    assert win_rate(first, second, resamples) == pytest.approx(found.a_better + tied / 2)
    assert win_rate(second, first, resamples) == pytest.approx(found.b_better + tied / 2)


def test_the_win_rates_of_both_models_add_up_to_1():
    for first, second, resamples in arguments_of(WIN_RATE):
        assert win_rate(first, second, resamples) + win_rate(second, first, resamples) == pytest.approx(1)


def test_holm_is_that_of_the_course():
    for (p_values,) in arguments_of(HOLM):
        if p_values:
            assert holm(p_values) == pytest.approx(intervals.holm(p_values).tolist(), rel=1e-12)
