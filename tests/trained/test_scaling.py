"""The sweep of the scaling laws: lines of equal cost, a schedule for each run, a prediction older than its run."""

import hashlib
import json
import math
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from course import trained
from course.data import overlap
from course.gpt import Decoder
from course.scaling import COUNTINGS, count, fit_law, flops_per_token, runs_of
from course.tasks.corpus import END, runs
from experiments import scaling as experiment

KEPT = trained.results(experiment.NAME) if trained.has_results(experiment.NAME) else []
RUNS = [record for record in KEPT if "size" in record]
SWEEP = [record for record in RUNS if record["model"] != "target"]
TARGETS = [record for record in RUNS if record["model"] == "target"]
needs_prediction = pytest.mark.skipif(not experiment.prediction_file().is_file(), reason="nothing is predicted yet")
needs_target = pytest.mark.skipif(not TARGETS, reason="the target is not trained yet")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr("course.trained.place.FOLDER", tmp_path)
    return tmp_path


@pytest.fixture
def plans(monkeypatch):
    """Trains nothing; holds the plan of each training that would have been."""
    found = []
    monkeypatch.setattr(
        experiment.pretraining, "pretrain", lambda model, documents, plan, **options: found.append(plan)
    )
    monkeypatch.setattr(experiment, "training_ids", lambda: [np.zeros(10_000_000, np.uint16)])
    monkeypatch.setattr(
        experiment, "tokenizer", lambda: SimpleNamespace(special=SimpleNamespace(ids={END: 0}), vocab_size=512)
    )
    return found


def record_for(name, loss=3.0):
    """What a run of this name leaves, but for its loss."""
    recipe = experiment.models()[name]
    return {
        "counts": count(Decoder(recipe.config))._asdict(),
        "tokens": recipe.tokens,
        "tests": {"held-out text": {"loss": loss}},
    }


def made_up_loss(record):
    return 1.5 + 40 / record["counts"]["all"] ** 0.35 + 300 / record["tokens"] ** 0.4


def keep_a_sweep():
    for number, name in enumerate(experiment.default_runs()):
        record = record_for(name)
        record["tests"]["held-out text"]["loss"] = made_up_loss(record) * (1 + 0.003 * math.sin(number))
        trained.save_record(experiment.NAME, name, 0, record)


def test_every_run_of_a_line_costs_the_same():
    per_line = Counter()
    for name, (size, flops) in experiment.runs().items():
        recipe = experiment.models()[name]
        assert recipe.tokens * experiment.flops_a_token(size) == pytest.approx(flops, rel=0.01), name
        per_line[flops] += 1
    default = [n for flops, n in per_line.items() if flops <= experiment.DEFAULT_BUDGET]
    assert len(default) == 5 and min(default) >= 4


def test_sizes_are_a_factor_of_fifty_apart_and_the_target_is_beyond_all():
    sizes = [count(Decoder(experiment.config_of(size))).all for size in experiment.SIZES]
    assert sizes == sorted(sizes) and sizes[0] < 25_000 and 1e6 < sizes[experiment.IN_SWEEP - 1] < 1.2e6
    target = experiment.models()["target"]
    assert count(Decoder(target.config)).all > 1.7 * sizes[experiment.IN_SWEEP - 1]
    cost = experiment.flops_a_token(experiment.TARGET) * target.tokens
    assert cost == pytest.approx(4 * experiment.DEFAULT_BUDGET, rel=0.01)


def test_three_countings_differ_in_every_model():
    for size in experiment.SIZES:
        found = count(Decoder(experiment.config_of(size)))
        assert found.all > found.without_lookup > found.body


@pytest.mark.parametrize("name", ["2x16-5e11", "5x128-4e12"])
def test_the_schedule_of_a_run_ends_where_the_run_ends(name, plans):
    recipe = experiment.models()[name]
    recipe.train(3)
    (plan,) = plans
    rates = [plan.schedule()(step) for step in range(1, plan.steps + 1)]
    assert (plan.steps, plan.seed, plan.batch_size) == (recipe.steps, 3, experiment.BATCH_SIZE)
    assert max(rates) == rates[plan.steps // 10 - 1] == plan.learning_rate and rates[-1] < 2 * max(rates) / plan.steps


def test_no_run_reads_the_text_more_than_four_times(plans):
    for recipe in experiment.models().values():
        if isinstance(recipe, experiment.ScalingRecipe):
            assert recipe.tokens <= experiment.EPOCHS * experiment.TEXT_TOKENS
    recipe = experiment.models()["2x16-5e11"]
    experiment.require_epochs(recipe.tokens, recipe.tokens // 4 + 1)
    with pytest.raises(ValueError, match="more than 4 times the text of 1,000,000"):
        experiment.require_epochs(4_000_001, 1_000_000)


def test_a_budget_asks_for_more_lines_and_more_sizes():
    default, more = experiment.default_runs(), experiment.default_runs(6.4e13)
    assert set(default) < set(more) and any(name.startswith(experiment.TARGET) for name in more)
    arguments = ["scaling", "--budget", "1e13", "--seeds", "1"]
    assert experiment.take_budget(arguments) == 1e13 and arguments == ["scaling", "--seeds", "1"]
    assert experiment.take_budget(arguments) == experiment.DEFAULT_BUDGET


def test_names_say_the_operations():
    assert [experiment.short(flops) for flops in (2.5e11, 1e12, 1.28e14)] == ["2.5e11", "1e12", "1.28e14"]


def test_the_loss_of_a_model_that_knows_nothing_is_that_of_its_vocabulary():
    class Uniform(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(1))

        def forward(self, ids):
            return torch.zeros(*ids.shape, experiment.VOCAB_SIZE)

    found = experiment.held_out_loss(Uniform(), "validation")
    assert found.loss == pytest.approx(math.log(experiment.VOCAB_SIZE)) and found.tokens > 40_000
    assert 9 / 3 < found.bits_per_byte < 9 / 1.5  # a token has about two bytes


@pytest.mark.slow
def test_held_out_text_is_in_no_training_text():
    training = [text for one in experiment.documents().values() for text in one.train]
    known = {run for text in training for run in runs(text)}
    for part in experiment.HELD_OUT:
        texts = [text for one in experiment.documents().values() for text in getattr(one, part)]
        assert not any(overlap.refused(training, texts))
        assert not any(run in known for text in texts for run in runs(text))


def test_the_target_is_not_trained_before_it_is_predicted(folder, plans):
    with pytest.raises(FileNotFoundError, match="There is no prediction"):
        experiment.models()["target"].train(0)
    assert plans == []


def test_a_prediction_needs_all_runs_and_no_target(folder):
    with pytest.raises(ValueError, match="have no record yet"):
        experiment.predict()
    trained.save_record(experiment.NAME, "target", 0, record_for("target"))
    with pytest.raises(ValueError, match="would be no prediction"):
        experiment.predict()


def test_a_law_that_holds_predicts_the_target_inside_its_interval(folder, monkeypatch, capsys):
    monkeypatch.setattr(experiment, "RESAMPLES", 60)
    keep_a_sweep()
    experiment.predict()
    found = trained.record_of(experiment.NAME, "predict")
    true = made_up_loss(record_for("target"))
    low, high = found["of_counting"]["all"]["of_run"]
    assert low < true < high and high - low < 0.1
    assert (
        found["of_counting"]["all"]["of_law"][0] >= low
        and found["prediction"] == found["of_counting"][found["counting"]]
    )
    assert found["counting"] == min(COUNTINGS, key=lambda name: found["of_counting"][name]["objective"])
    digest = hashlib.sha256((folder / experiment.NAME / "predict-0.json").read_bytes()).hexdigest()
    assert experiment.prediction_digest() == digest and digest in capsys.readouterr().out


def test_every_record_has_the_cost_and_the_countings_of_its_model():
    for record in RUNS:
        model = Decoder(experiment.config_of(record["size"]))
        cost = flops_per_token(model, experiment.WINDOW)
        assert record["counts"] == count(model)._asdict() and record["parameters"] == record["counts"]["all"]
        assert record["flops_per_token"] == {**cost._asdict(), "total": cost.total}
        assert record["flops"] == cost.total * record["tokens"]
        assert record["tokens"] == record["steps"] * experiment.TOKENS_A_STEP
        assert record["epochs_of_text"] <= experiment.EPOCHS


@needs_prediction
def test_the_prediction_is_what_the_records_of_the_sweep_say():
    found = trained.record_of(experiment.NAME, "predict")
    kept = {one["model"]: one for one in SWEEP if one["seed"] == 0}
    assert list(found["runs"]) == experiment.default_runs()
    assert found["runs"] == {name: kept[name]["tests"]["held-out text"]["loss"] for name in found["runs"]}
    for counting in COUNTINGS:
        fitted = fit_law(runs_of([kept[name] for name in found["runs"]], counting))
        of_counting = found["of_counting"][counting]
        assert fitted.objective == pytest.approx(of_counting["objective"], rel=1e-4)
        loss = fitted.law.loss(of_counting["parameters"], found["target"]["tokens"])
        assert float(loss) == pytest.approx(of_counting["loss"], abs=2e-3)


@needs_target
def test_the_target_was_trained_after_the_prediction_was_written():
    digest = hashlib.sha256(experiment.prediction_file().read_bytes()).hexdigest()
    assert {record["prediction"] for record in TARGETS} == {digest}
    predicted = json.loads(experiment.prediction_file().read_text(encoding="utf-8"))
    for record in TARGETS:
        assert record["tokens"] == predicted["target"]["tokens"] and record["size"] == predicted["target"]["size"]
