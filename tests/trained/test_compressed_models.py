"""The record of models made smaller: what is counted fits, and a run makes what it says."""

import pytest
import torch

from course import trained
from course.intervals import mean_difference
from course.tasks.compressed_results import compressed_models
from course.tasks.distilled import teacher
from experiments import compressed_models as experiment

ARMS = trained.record_of("compressed_models", "reviews")["arms"]


@pytest.mark.parametrize("name", ARMS)
def test_scores_are_those_of_the_items(name):
    arm, model = ARMS[name], compressed_models()[name]
    right, exact = (trained.numbers(each["items"]["right"]) for each in (arm, ARMS["float32"]))
    assert sum(right) == arm["correct"] and model.accuracy.estimate == pytest.approx(sum(right) / len(right))
    again = mean_difference(right, exact, of="reviews")
    assert (model.difference.low, model.difference.high) == pytest.approx((again.low, again.high))
    assert model.times_as_fast[1].low <= model.times_as_fast[1].estimate


def test_zeros_are_the_share_that_was_asked_for():
    models = compressed_models()
    for way in ("layer", "global", "wanda"):
        half, most = (models[f"{way}-{percent}"].zeros for percent in (50, 90))
        assert most / half == pytest.approx(1.8, rel=0.01)
    assert models["layer-50-tuned"].zeros >= models["layer-50"].zeros
    assert models["layer-90-tuned"].zeros >= models["layer-90"].zeros
    assert models["float32-tuned"].zeros < models["layer-50"].zeros / 100


def test_dense_zeros_save_neither_memory_nor_file_and_gzip_sees_them():
    models = compressed_models()
    for name in ("layer-50", "layer-90", "wanda-90"):
        assert (models[name].file, models[name].memory) == (models["float32"].file, models["float32"].memory)
    assert models["layer-90"].zipped < models["layer-50"].zipped < models["float32"].zipped
    assert models["int8"].file < models["float32"].file


@pytest.mark.slow
def test_ways_to_prune_leave_as_many_zeros_and_the_teacher_as_it_is(monkeypatch):
    monkeypatch.setattr(experiment, "SHARES", (0.5,))
    monkeypatch.setattr(experiment, "N_READ", 2)
    exact = teacher("reviews")
    before = [weight.clone() for weight in exact.parameters()]
    found = experiment.pruned(exact)
    assert list(found) == ["layer-50", "global-50", "wanda-50"]
    for model, masks in found.values():
        assert masks.pruned_share == pytest.approx(0.5, abs=1e-3)
        for name, mask in masks.masks.items():
            weight = model.get_parameter(name)
            assert bool((weight[~mask] == 0).all()) and not any(skipped in name for skipped in experiment.LEFT)
    assert all(torch.equal(a, b) for a, b in zip(before, exact.parameters(), strict=True))
