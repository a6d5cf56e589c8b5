"""The experiment on regression in context, with few steps of a tiny model."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from course import trained
from course.prompting import LinearProblems, RegressorConfig, relative_errors, unseen_prompts
from course.prompting.unseen_prompts import TEST_PROBLEMS, TEST_SEED, VALIDATION_SEED
from experiments import in_context_regression as experiment
from experiments import running
from experiments.search import Setting

TINY = RegressorConfig(5, 11, d_model=16, n_layers=2, n_heads=2, d_ff=32)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr("course.trained.place.FOLDER", tmp_path)
    monkeypatch.setattr(experiment, "unseen_prompts", lambda name: unseen_prompts(name, 20))
    return tmp_path


def small(name, steps=4):
    return replace(experiment.recipes()[name], config=TINY, steps=steps)


def test_a_run_leaves_the_errors_of_every_test_and_weights_that_give_them_again(folder):
    running.run(experiment.NAME, "clean", small("clean"), 0, keep_weights=True)
    record = trained.record_of(experiment.NAME, "clean")
    assert record["steps"] == 4 and list(record["tests"]) == list(TEST_PROBLEMS)
    model = trained.load(f"{experiment.NAME}/clean")
    for name, problems in TEST_PROBLEMS.items():
        prompts = unseen_prompts(name, 20)
        with torch.no_grad():
            expected = relative_errors(model(prompts.x, prompts.y), prompts, problems)
        found = record["tests"][name]
        assert trained.numbers(found["by_examples"]) == pytest.approx(expected.mean(dim=0).tolist(), rel=1e-4)
        assert found["relative_error"] == pytest.approx(expected[:, 10].mean().item(), rel=1e-4)
        kept = trained.items(experiment.NAME, "clean", name)
        assert kept.errors[0] == pytest.approx(expected[:, 10].tolist(), rel=1e-3) and kept.items == "prompts"
        assert kept.rates[0] == pytest.approx(found["relative_error"], rel=1e-3)


def test_controls_have_the_same_sizes_and_no_way_to_learn_from_a_prompt(folder):
    found = experiment.recipes()
    assert list(found) == ["clean", "noisy", "one-w", "untrained", "longer"]
    assert found["longer"].steps == 5 * found["clean"].steps and found["longer"].setting == found["clean"].setting
    assert len({recipe.config for recipe in found.values()}) == 1
    first = small("untrained").train(0)[0]
    again, history = small("untrained").train(0)
    assert history.losses == [] and not again.training
    assert all(torch.equal(*pair) for pair in zip(first.parameters(), again.parameters(), strict=True))
    batches = experiment.PromptBatches(small("one-w").problems, 4, 11, 0, seed=0)
    w = torch.tensor(small("one-w").problems.fixed_w)
    for step in (0, 7):
        torch.testing.assert_close(batches[step].y, batches[step].x @ w)


def test_training_prompts_grow_and_are_new_at_every_step_and_with_every_seed():
    batches = experiment.PromptBatches(LinearProblems(5), 3, 11, easier_for=8, seed=0)
    sizes = [batches.size(step) for step in range(10)]
    assert sizes[0] == (1, 3) and sizes[-1] == (5, 11) and sizes == sorted(sizes)
    assert batches[0].x.shape == (3, 3, 5) and (batches[0].x[:, :, 1:] == 0).all()
    assert torch.equal(batches[9].x, batches[9].x)
    other = replace(batches, seed=1)
    drawn = [each.x[0, 0, 0].item() for each in (batches[8], batches[9], other[8], other[9])]
    assert len(set(drawn)) == 4
    assert experiment.PromptBatches(LinearProblems(5), 3, 11, easier_for=0, seed=0).size(0) == (5, 11)
    with pytest.raises(IndexError, match="There is no batch for step -1"):
        batches[-1]


@pytest.mark.parametrize("seed", [VALIDATION_SEED, TEST_SEED])
def test_no_training_has_the_seed_of_validation_or_test(seed):
    with pytest.raises(ValueError, match="draws prompts of the validation or the tests"):
        small("clean").train(seed)


def test_the_search_reads_validation_prompts_alone(folder, monkeypatch):
    monkeypatch.setattr(experiment, "unseen_prompts", lambda *_: pytest.fail("a test prompt"))
    recipe = small("noisy").with_setting(Setting(1e-3, 0.0, 8), steps=2)
    model, history = recipe.train(0)
    assert len(history.losses) == 2 and max(history.learning_rates) == 1e-3
    found = recipe.validate(model)["validation_loss"]
    prompts = recipe.problems.draw(500, 11, np.random.default_rng([VALIDATION_SEED, 0]))
    with torch.no_grad():
        expected = relative_errors(model(prompts.x, prompts.y), prompts, recipe.problems).mean().item()
    assert found == pytest.approx(expected, abs=1e-5)
    with pytest.raises(ValueError, match="no learning rate to search for"):
        small("untrained").validate(model)


@pytest.mark.slow
def test_a_short_training_on_two_numbers_learns_to_read_its_prompt():
    problems = LinearProblems(2)
    config = RegressorConfig(2, 5, d_model=32, n_layers=2, n_heads=2, d_ff=64)
    recipe = experiment.RegressionRecipe(problems, Setting(8e-3, 0.0, 32), steps=600, config=config)
    model, _history = recipe.train(0)
    prompts = problems.draw(400, 5, np.random.default_rng(TEST_SEED))
    errors = experiment.errors_on(model, prompts, problems).mean(dim=0)
    assert errors[0] > 0.8 and errors[4] < 0.5
