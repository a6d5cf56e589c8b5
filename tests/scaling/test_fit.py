"""The fit finds the coefficients that the losses were made with, whatever the noise, and says how sure it is."""

import math

import numpy as np
import pytest

from course.scaling import BESIROGLU, HOFFMANN, Law, Runs, bootstrap, fit_law, percentiles, runs_of
from course.scaling.robust import huber, log_loss, refine, starts

NAMES = ("E", "A", "B", "alpha", "beta")
LAWS = {
    "Hoffmann": HOFFMANN,
    "Besiroglu": BESIROGLU,
    "alpha above beta": Law(2.0, 900.0, 40.0, 0.6, 0.2),
    "small models": Law(1.2, 60.0, 250.0, 0.4, 0.42),
}


def grid(law, noise=0.0, seed=0, n=6):
    """Runs of all pairs of n sizes and n lengths."""
    sizes, lengths = np.meshgrid(np.logspace(6.5, 10, n), np.logspace(8, 11.5, n))
    sizes, lengths = sizes.ravel(), lengths.ravel()
    errors = noise * np.random.default_rng(seed).normal(size=sizes.shape)
    return Runs(sizes, lengths, law.loss(sizes, lengths) * np.exp(errors))


def numbers(law):
    return [getattr(law, name) for name in NAMES]


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_without_noise_the_coefficients_come_back(law):
    found = fit_law(grid(law))
    assert numbers(found.law) == pytest.approx(numbers(law), rel=1e-5)
    assert np.abs(found.residuals).max() < 1e-8 and found.n_converged > 100


def test_scales_of_parameters_and_tokens_move_the_factors_alone():
    runs = grid(BESIROGLU, noise=0.003)
    found = fit_law(runs).law
    scaled = fit_law(Runs(runs.parameters / 1e6, runs.tokens / 1e9, runs.losses)).law
    assert (scaled.alpha, scaled.beta, scaled.E) == pytest.approx((found.alpha, found.beta, found.E), rel=1e-4)
    assert math.log(scaled.A) == pytest.approx(math.log(found.A) - found.alpha * math.log(1e6), abs=1e-3)


def test_one_run_that_went_wrong_does_not_move_the_fit():
    runs = grid(BESIROGLU, noise=0.002)
    spoiled = runs._replace(losses=np.where(np.arange(36) == 20, 2 * runs.losses, runs.losses))
    robust, square = (fit_law(spoiled, delta=delta).law for delta in (1e-3, 1e3))
    assert robust.size_exponent == pytest.approx(BESIROGLU.size_exponent, abs=0.01)
    assert abs(square.size_exponent - BESIROGLU.size_exponent) > 0.03


def test_no_neighbor_of_the_fit_is_lower():
    runs = grid(BESIROGLU, noise=0.01, seed=3)
    found = fit_law(runs)
    law = found.law
    logs = np.log(runs.parameters), np.log(runs.tokens), np.log(runs.losses)
    best = np.array([math.log(law.A), math.log(law.B), math.log(law.E), law.alpha, law.beta])
    near = best + 1e-3 * np.random.default_rng(0).normal(size=(2000, 5))
    objectives = huber(log_loss(near, *logs[:2])[0] - logs[2], 1e-3).sum(axis=1)
    assert found.objective == pytest.approx(huber(found.residuals, 1e-3).sum())
    assert objectives.min() >= found.objective * (1 - 1e-6)


def test_the_objective_never_rises():
    runs = grid(BESIROGLU, noise=0.02)
    logs = np.log(runs.parameters), np.log(runs.tokens), np.log(runs.losses)
    first = starts(*logs, np.ones(36))
    weights, before = np.ones((len(first), 36)), np.full(len(first), np.inf)
    for steps in (0, 1, 2, 5, 20, 100):
        _theta, objective, _done = refine(first, *logs, weights, 1e-3, steps)
        assert (objective <= before).all()
        before = objective


def test_derivatives_of_the_log_loss():
    theta = np.array([[6.0, 7.0, 0.5, 0.3, 0.4], [4.0, 9.0, 0.1, 0.5, 0.2]])
    log_n, log_d = np.array([14.0, 18.0, 22.0]), np.array([19.0, 17.0, 25.0])
    _loss, slopes = log_loss(theta, log_n, log_d)
    for index in range(5):
        step = np.zeros(5)
        step[index] = 1e-6
        change = log_loss(theta + step, log_n, log_d)[0] - log_loss(theta - step, log_n, log_d)[0]
        np.testing.assert_allclose(slopes[..., index], change / 2e-6, rtol=1e-5, atol=1e-9)


def test_huber_is_half_a_square_and_then_a_line():
    assert huber(np.array([0.0, 0.5, -1.0, 3.0]), 1.0).tolist() == [0.0, 0.125, 0.5, 2.5]


def test_weights_count_a_run_as_often():
    runs = grid(BESIROGLU, noise=0.01)
    logs = np.log(runs.parameters), np.log(runs.tokens), np.log(runs.losses)
    counts = np.random.default_rng(1).integers(0, 3, size=36).astype(float)
    repeated = Runs(*(np.repeat(values, counts.astype(int)) for values in runs[:3]))
    first = starts(*logs, counts)
    theta, objective, _done = refine(first, *logs, np.tile(counts, (len(first), 1)), 1e-3)
    expected = fit_law(repeated)
    assert objective.min() == pytest.approx(expected.objective, rel=1e-6)
    assert theta[objective.argmin(), 3] == pytest.approx(expected.law.alpha, rel=1e-3)


def test_the_interval_is_as_wide_as_the_noise_and_narrower_with_more_runs():
    few, many = (bootstrap(grid(BESIROGLU, 0.01, n=n), 60).interval("size_exponent") for n in (4, 9))
    less = bootstrap(grid(BESIROGLU, 0.001, n=4), 60).interval("size_exponent")
    assert few[1] - few[0] > 1.3 * (many[1] - many[0])
    assert few[1] - few[0] > 4 * (less[1] - less[0])


@pytest.mark.slow
def test_nine_in_ten_intervals_cover_the_truth():
    covered = []
    for seed in range(30):
        low, high = bootstrap(grid(BESIROGLU, 0.005, seed=seed, n=5), 40, seed=seed).interval("size_exponent", 0.9)
        covered.append(low <= BESIROGLU.size_exponent <= high)
    assert 0.75 <= np.mean(covered) <= 0.99


def test_resamples_are_drawn_alike_for_a_seed():
    runs = grid(BESIROGLU, 0.01, n=4)
    one, same, other = (bootstrap(runs, 5, seed=seed) for seed in (0, 0, 1))
    assert one.laws == same.laws != other.laws
    assert one.losses(1e9, 1e11).shape == (5,)


def test_one_run_less():
    runs = grid(BESIROGLU, n=3)
    assert len(runs.without(4).losses) == 8 and runs.losses[4] not in runs.without(4).losses
    with pytest.raises(ValueError, match="no run number 9"):
        runs.without(9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"parameters": np.full(9, 1e6)}, "All runs have 1,000,000 parameters"),
        ({"tokens": np.full(9, 1e6)}, "All runs have 1,000,000 tokens"),
        ({"losses": np.array([math.nan] + [2.0] * 8)}, "losses has the value nan"),
        ({"tokens": np.array([0.0] + [2.0] * 8)}, "tokens has the value 0.0"),
        ({"tokens": np.ones(8)}, "tokens has 8 numbers for 9 losses"),
    ],
)
def test_runs_that_determine_no_law(change, message):
    with pytest.raises(ValueError, match=message):
        fit_law(grid(BESIROGLU, n=3)._replace(**change))


def test_too_few_runs():
    with pytest.raises(ValueError, match="4 runs do not determine five numbers"):
        fit_law(grid(BESIROGLU, n=2))


def test_a_record_is_read_under_each_counting():
    record = {
        "counts": {"all": 300, "without_lookup": 200, "body": 100},
        "tokens": 5000,
        "tests": {"held-out text": {"loss": 3.5}},
    }
    assert runs_of([record], "body") == (np.array([100.0]), np.array([5000.0]), np.array([3.5]), "body")
    with pytest.raises(ValueError, match="no counting 'embeddings'"):
        runs_of([record], "embeddings")


def test_percentiles():
    assert percentiles(range(101), 0.9) == pytest.approx((5, 95))
    with pytest.raises(ValueError, match="level is 95"):
        percentiles([1.0], 95)


def test_from_near_by_each_resample_ends_where_it_does_from_everywhere():
    runs = grid(BESIROGLU, noise=0.005)
    whole, fewer = fit_law(runs), runs.without(7)
    cold, warm = bootstrap(fewer, 40), bootstrap(fewer, 40, near=whole)
    assert numbers(warm.fit.law) == pytest.approx(numbers(cold.fit.law), rel=1e-4)
    of_cold, of_warm = (np.array([law.size_exponent for law in each.laws]) for each in (cold, warm))
    assert np.abs(of_cold - of_warm).max() < 5e-3 and np.median(np.abs(of_cold - of_warm)) < 1e-5


def test_copies_of_few_runs_do_not_determine_a_law():
    runs = grid(BESIROGLU, n=2)
    copies = Runs(*(np.tile(values, 3) for values in runs[:3]))
    for fit in (fit_law, bootstrap):
        with pytest.raises(ValueError, match="4 of the 12 runs differ in size or length"):
            fit(copies)


def test_runs_with_one_loss_do_not_determine_a_law():
    runs = grid(BESIROGLU)
    with pytest.raises(ValueError, match="All runs have the loss 3: "):
        fit_law(runs._replace(losses=np.full(36, 3.0)))


def test_losses_of_no_law_say_so():
    runs = grid(HOFFMANN, n=3)
    with pytest.raises(ValueError, match=r"The nearest law has E = .* give runs whose loss falls"):
        fit_law(runs._replace(losses=runs.losses[::-1].copy()))


@pytest.mark.parametrize("measure", ["foo", "counting", "loss"])
def test_an_interval_of_what_is_no_number_of_a_law(measure):
    with pytest.raises(ValueError, match=rf"no number {measure!r}\. It has: E, A, B, alpha, beta, size_exponent"):
        bootstrap(grid(BESIROGLU, n=3), 2).interval(measure)


@pytest.mark.parametrize("values", [[], [1.0, math.nan]])
def test_percentiles_of_no_numbers(values):
    with pytest.raises(ValueError, match="values are numbers: percentiles need one or more, and no NaN"):
        percentiles(values)


def test_a_seed_that_is_none():
    with pytest.raises(ValueError, match="seed is -1"):
        bootstrap(grid(BESIROGLU, n=3), 2, seed=-1)


def test_a_test_that_the_records_do_not_have():
    record = {"counts": {"all": 10}, "tokens": 10, "tests": {"held-out text": {"loss": 2.0}}}
    with pytest.raises(ValueError, match=r"no test 'foo'\. It has: held-out text"):
        runs_of([record], test="foo")


def test_five_runs_have_no_interval():
    runs = Runs(*(values[:5] for values in grid(BESIROGLU, noise=0.1, n=3)[:3]))
    assert fit_law(runs).n_converged > 0
    with pytest.raises(ValueError, match=r"Every resample of 5 different runs has all of them: .* at least 6"):
        bootstrap(runs, 20)
