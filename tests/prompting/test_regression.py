"""Regression in context: the prompts, the baselines against other ways to compute them, and what the model may see."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course.prompting import (
    TEST_PROBLEMS,
    InContextRegressor,
    LinearProblems,
    RegressionPrompts,
    RegressorConfig,
    averaging,
    least_squares,
    nearest_neighbors,
    relative_errors,
    require_training_seed,
    ridge,
    unseen_prompts,
)
from course.prompting.unseen_prompts import N_TEST, TEST_SEED, VALIDATION_SEED

TINY = RegressorConfig(d_x=3, n_points=6, d_model=16, n_layers=2, n_heads=2, d_ff=32)


def drawn(n_prompts=4, n_points=6, seed=0, **problems):
    return LinearProblems(3, **problems).draw(n_prompts, n_points, np.random.default_rng(seed))


def tiny(seed=0, config=TINY):
    return InContextRegressor(config, torch.Generator().manual_seed(seed)).eval()


# --- Prompts ---


@pytest.mark.parametrize(
    "problems",
    [
        LinearProblems(4),
        LinearProblems(4, x_scale=3.0),
        LinearProblems(4, w_scale=0.5),
        LinearProblems(4, rank=2),
        LinearProblems(4, fixed_w=(1.0, 2.0, 0.0, -1.0)),
    ],
    ids=["usual", "x_scale", "w_scale", "rank", "fixed_w"],
)
def test_a_learner_who_always_predicts_0_has_an_error_of_1(problems):
    prompts = problems.draw(4000, 5, np.random.default_rng(0))
    errors = relative_errors(torch.zeros_like(prompts.y), prompts, problems)
    assert errors.shape == (4000, 5)
    torch.testing.assert_close(errors.mean(), torch.tensor(1.0, dtype=torch.float64), atol=0.06, rtol=0)
    assert torch.equal(prompts.y, prompts.target)


def test_noise_is_in_the_labels_and_in_no_error():
    problems = LinearProblems(3, noise=0.5)
    prompts = problems.draw(2000, 6, np.random.default_rng(0))
    assert (prompts.y - prompts.target).std().item() == pytest.approx(0.5, rel=0.03)
    assert relative_errors(prompts.target, prompts, problems).abs().max() == 0
    clean = LinearProblems(3).draw(2000, 6, np.random.default_rng(0))
    assert torch.equal(clean.target, prompts.target)


def test_every_prompt_has_its_own_w_and_its_own_plane():
    prompts = drawn(50, 12, rank=2)
    ranks = torch.linalg.matrix_rank(prompts.x.double(), rtol=1e-5)
    assert (ranks == 2).all()
    joined = torch.cat((prompts.x[0], prompts.x[1])).double()
    assert torch.linalg.matrix_rank(joined, rtol=1e-5) == 3
    prompts = drawn(50, 12)
    w = torch.linalg.lstsq(prompts.x.double(), prompts.y.double()[:, :, None]).solution[:, :, 0]
    assert torch.pdist(w).min() > 1e-3
    fixed = drawn(50, 12, fixed_w=(1.0, -2.0, 0.5))
    torch.testing.assert_close(fixed.target, fixed.x @ torch.tensor([1.0, -2.0, 0.5]))


def test_easier_prompts_have_0_in_the_last_dimensions():
    x, y, _target = LinearProblems(3).draw(5, 4, np.random.default_rng(0), n_dims=2)
    assert (x[:, :, 2] == 0).all() and (x[:, :, :2] != 0).all()
    predicted = least_squares(x, y)
    torch.testing.assert_close(predicted[:, 2:], y[:, 2:].double(), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"d_x": 0}, "d_x is 0; it must be 1 or more"),
        ({"x_scale": 0.0}, "x_scale is 0.0; it must be a number above 0"),
        ({"w_scale": -1.0}, "w_scale is -1.0"),
        ({"noise": -0.1}, "noise is -0.1"),
        ({"d_x": 3, "rank": 4}, "rank is 4; a subspace of 3 dimensions has at most 3"),
        ({"rank": 0}, "rank is 0"),
        ({"d_x": 3, "fixed_w": (1.0, 2.0)}, "fixed_w has 2 numbers, and x has 3"),
    ],
)
def test_problems_that_are_none(wrong, message):
    with pytest.raises(ValueError, match=message):
        LinearProblems(**wrong)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"n_prompts": 0}, "n_prompts is 0"),
        ({"n_points": 0}, "n_points is 0"),
        ({"n_dims": 0}, "n_dims is 0"),
        ({"n_dims": 4}, "n_dims is 4; x has 3 numbers"),
    ],
)
def test_prompts_that_are_none(wrong, message):
    with pytest.raises(ValueError, match=message):
        LinearProblems(3).draw(**({"n_prompts": 2, "n_points": 2, "rng": np.random.default_rng(0)} | wrong))


def test_test_prompts_are_the_same_each_time_and_share_none_with_a_training():
    for name in TEST_PROBLEMS:
        one, again = unseen_prompts(name, 8), unseen_prompts(name, 8)
        assert all(torch.equal(*pair) for pair in zip(one, again, strict=True))
    assert len({unseen_prompts(name, 2).x[0, 0, 0].item() for name in TEST_PROBLEMS}) == len(TEST_PROBLEMS)
    assert len(unseen_prompts("as in training").x) == N_TEST
    for seed in (VALIDATION_SEED, TEST_SEED):
        with pytest.raises(ValueError, match=f"The seed {seed} draws prompts of the validation or the tests"):
            require_training_seed(seed)
    require_training_seed(0)
    with pytest.raises(ValueError, match=r"There is no test 'x'\. There are: as in training, noisy labels"):
        unseen_prompts("x")


# --- Baselines ---


@given(st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_least_squares_equals_numpy_also_where_many_w_fit(seed):
    x, y, _target = drawn(seed=seed, noise=0.3)
    predicted = least_squares(x, y)
    for prompt in range(len(x)):
        assert predicted[prompt, 0] == 0
        for k in range(1, x.shape[1]):
            w, *_rest = np.linalg.lstsq(x[prompt, :k].double().numpy(), y[prompt, :k].double().numpy())
            assert predicted[prompt, k].item() == pytest.approx(float(w @ x[prompt, k].double().numpy()), abs=1e-8)


def test_least_squares_knows_w_from_as_many_examples_as_unknowns():
    for rank, needed in ((None, 3), (2, 2)):
        problems = LinearProblems(3, rank=rank)
        prompts = problems.draw(200, 6, np.random.default_rng(1))
        errors = relative_errors(least_squares(prompts.x, prompts.y), prompts, problems)
        assert errors[:, needed:].max() < 1e-4 and errors[:, needed - 1].mean() > 0.05


def test_in_a_plane_least_squares_is_that_of_the_planes_two_coordinates_whatever_the_rounding():
    x, y, _target = drawn(20, 8, rank=2, noise=1.0)
    plane = torch.linalg.svd(x.double()).Vh[:, :2]
    expected = least_squares(x.double() @ plane.mT, y.double())
    torch.testing.assert_close(least_squares(x, y), expected, atol=1e-3, rtol=1e-3)


@given(st.integers(0, 1000), st.floats(0.01, 10))
@settings(max_examples=10, deadline=None)
def test_ridge_equals_least_squares_on_examples_that_hold_w_down(seed, penalty):
    """Ridge is least squares with √penalty · e_i, labelled 0, as further examples."""
    x, y, _target = drawn(seed=seed, noise=0.3)
    predicted = ridge(x, y, penalty)
    for prompt in range(len(x)):
        for k in range(1, x.shape[1]):
            rows = np.concatenate((x[prompt, :k].double().numpy(), np.sqrt(penalty) * np.eye(3)))
            w, *_rest = np.linalg.lstsq(rows, np.concatenate((y[prompt, :k].double().numpy(), np.zeros(3))))
            assert predicted[prompt, k].item() == pytest.approx(float(w @ x[prompt, k].double().numpy()), abs=1e-8)


def test_with_noise_no_penalty_has_a_lower_error_than_that_of_bayes():
    problems = LinearProblems(3, noise=1.0, w_scale=2.0)
    prompts = problems.draw(4000, 6, np.random.default_rng(0))

    def error(penalty):
        return relative_errors(ridge(prompts.x, prompts.y, penalty), prompts, problems).mean().item()

    best = error((1.0 / 2.0) ** 2)
    assert best < min(error(0.1), error(0.6))
    assert best < relative_errors(least_squares(prompts.x, prompts.y), prompts, problems).mean().item()


def test_averaging_and_neighbors_equal_their_definitions():
    x, y, _target = drawn(noise=0.3)
    averaged, neighbors = averaging(x, y), nearest_neighbors(x, y, 2)
    for prompt in range(len(x)):
        assert averaged[prompt, 0] == neighbors[prompt, 0] == 0
        for k in range(1, x.shape[1]):
            w = sum(float(y[prompt, i]) * x[prompt, i].double() for i in range(k)) / k
            assert averaged[prompt, k].item() == pytest.approx(float(w @ x[prompt, k].double()), abs=1e-6)
            by_distance = sorted(range(k), key=lambda i: float((x[prompt, i] - x[prompt, k]).norm()))[:2]
            mean = sum(float(y[prompt, i]) for i in by_distance) / len(by_distance)
            assert neighbors[prompt, k].item() == pytest.approx(mean, abs=1e-6)


@pytest.mark.parametrize("baseline", [least_squares, averaging, nearest_neighbors, lambda x, y: ridge(x, y, 0.5)])
def test_no_baseline_sees_a_label_of_its_own_point_or_later(baseline):
    x, y, _target = drawn()
    before = baseline(x, y)
    changed = y.clone()
    changed[:, 3:] += 100
    assert torch.equal(before[:, :4], baseline(x, changed)[:, :4])
    assert not torch.equal(before[:, 4:], baseline(x, changed)[:, 4:])


def test_arguments_that_no_baseline_takes():
    x, y, _target = drawn()
    with pytest.raises(ValueError, match="penalty is 0; ridge needs one above 0"):
        ridge(x, y, 0.0)
    with pytest.raises(ValueError, match=r"penalty is -1\.0"):
        ridge(x, y, -1.0)
    with pytest.raises(ValueError, match="neighbors is 0"):
        nearest_neighbors(x, y, 0)


# --- The model ---


def test_a_prediction_sees_its_point_and_what_is_before_it_alone():
    x, y, _target = drawn()
    model = tiny()
    with torch.no_grad():
        before = model(x, y)
        assert before.shape == y.shape
        for changed_x, changed_y, same in ((0, 100, 4), (100, 0, 3)):
            later = model(
                torch.cat((x[:, :3], x[:, 3:] + changed_x), dim=1), torch.cat((y[:, :3], y[:, 3:] + changed_y), dim=1)
            )
            torch.testing.assert_close(later[:, :same], before[:, :same], atol=1e-6, rtol=0)
            assert (later[:, same:] - before[:, same:]).abs().min() > 1e-4
        shorter = model(x[:, :4], y[:, :4])
    torch.testing.assert_close(shorter, before[:, :4], atol=1e-5, rtol=0)


def test_the_label_of_a_point_is_read_beside_its_point():
    """Two examples that swap their labels are other examples."""
    x, y, _target = drawn()
    swapped = y.clone()
    swapped[:, [0, 1]] = y[:, [1, 0]]
    with torch.no_grad():
        assert (tiny()(x, y)[:, 2:] - tiny()(x, swapped)[:, 2:]).abs().max() > 1e-3


def test_first_weights_are_drawn_by_the_generator_and_keep_the_size_of_states():
    one, same, other = tiny(0), tiny(0), tiny(1)
    assert all(torch.equal(*pair) for pair in zip(one.parameters(), same.parameters(), strict=True))
    assert not torch.equal(one.read_in.weight, other.read_in.weight)
    wide = InContextRegressor(RegressorConfig(d_model=128, d_ff=512), torch.Generator().manual_seed(0))
    block = wide.blocks[0]
    assert block.attention.query.weight.std().item() == pytest.approx(128**-0.5, rel=0.05)
    assert block.feed_forward.down.weight.std().item() == pytest.approx((512 * 6) ** -0.5, rel=0.05)
    assert all(
        (weight == 0).all() for name, weight in wide.named_parameters() if name.endswith("bias") and "norm" not in name
    )


@pytest.mark.parametrize(
    ("prompts", "message"),
    [
        (
            RegressionPrompts(torch.zeros(1, 2, 4), torch.zeros(1, 2), torch.zeros(1, 2)),
            "Each point has 4 numbers; this",
        ),
        (
            RegressionPrompts(torch.zeros(1, 7, 3), torch.zeros(1, 7), torch.zeros(1, 7)),
            "have 7 points; this model .* 6",
        ),
    ],
)
def test_prompts_that_the_model_cannot_read(prompts, message):
    with pytest.raises(ValueError, match=message):
        tiny()(prompts.x, prompts.y)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"d_x": 0}, "d_x is 0"),
        ({"n_points": 0}, "n_points is 0"),
        ({"d_model": 10, "n_heads": 4}, "d_model 10 makes no 4"),
    ],
)
def test_sizes_that_make_no_regressor(wrong, message):
    with pytest.raises(ValueError, match=message):
        RegressorConfig(**wrong)


@pytest.mark.parametrize("w", [(0.0, 0.0), (float("nan"), 1.0), (float("inf"), 1.0)])
def test_weights_that_give_no_labels_are_refused(w):
    with pytest.raises(ValueError, match="finite numbers that are not all 0"):
        LinearProblems(2, fixed_w=w)


def test_a_regressor_needs_a_point_and_a_label_for_each():
    model = InContextRegressor(TINY)
    with pytest.raises(ValueError, match="one point or more"):
        model(torch.zeros(2, 0, 3), torch.zeros(2, 0))
