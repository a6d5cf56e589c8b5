"""Training stops when validation gets no better, and the model is then the one that was best."""

import pytest
import torch
from torch import nn

from course.fine_tuning import EarlyStopping, LabelledTexts, Recipe, SentenceClassifier, fine_tune
from course.fine_tuning.recipe import loss_and_accuracy, rows_with_targets
from course.training import train
from tests.fine_tuning.conftest import BAD, GOOD, body


def asked(measures, **options):
    """After which evaluation it says stop, and the step of the best."""
    stop = EarlyStopping(nn.Linear(1, 1), "loss", **options)
    evaluations = []
    for step, value in enumerate(measures, 1):
        evaluations.append({"step": step, "loss": value})
        if stop(evaluations):
            return step, stop.best_step
    return None, stop.best_step


def test_it_waits_for_patience_evaluations_without_improvement():
    assert asked([5, 4, 4, 3, 4, 5], patience=2) == (6, 4)
    assert asked([5, 4, 4, 3, 4, 5], patience=1) == (3, 2)
    assert asked([5, 4, 3], patience=1) == (None, 3)
    assert asked([1, 2, 2, 1], patience=2, higher_is_better=True) == (4, 2)
    assert asked([float("nan"), 2, 3], patience=2) == (None, 2)


def test_the_weights_of_the_best_evaluation_come_back():
    model = nn.Linear(1, 1)
    stop = EarlyStopping(model, "loss", patience=2)
    evaluations = []
    for step, (value, weight) in enumerate(zip([3, 1, 2], [0.3, 0.1, 0.2], strict=True)):
        nn.init.constant_(model.weight, weight)
        evaluations.append({"step": step, "loss": value})
        stop(evaluations)
    stop.restore()
    assert model.weight.item() == pytest.approx(0.1)


def test_the_buffers_of_the_best_evaluation_come_back_too_and_what_is_frozen_is_not_copied():
    model = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1).requires_grad_(False))
    model.register_buffer("mask", torch.tensor([True, True]))
    stop = EarlyStopping(model, "loss", patience=2)
    stop([{"step": 1, "loss": 1.0}])
    assert set(stop._weights) == {"0.weight", "0.bias", "mask"}
    model.mask = torch.tensor([True, False])
    stop([{"step": 1, "loss": 1.0}, {"step": 2, "loss": 2.0}])
    stop.restore()
    assert model.mask.tolist() == [True, True]


def test_another_training_is_not_measured_by_the_one_before():
    model = nn.Linear(1, 1)
    stop = EarlyStopping(model, "loss", patience=1)
    stop([{"step": 1, "loss": 0.1}])
    nn.init.constant_(model.weight, 5.0)
    assert not stop([{"step": 2, "loss": 0.9}])
    nn.init.constant_(model.weight, 6.0)
    stop.restore()
    assert model.weight.item() == 5.0 and stop.best_step == 2


def test_a_training_ends_when_it_is_told_to():
    model = nn.Linear(1, 1)
    losses = iter([3.0, 2.0, 2.5, 1.0])
    stop = EarlyStopping(model, "loss", patience=1)
    history = train(
        model,
        [torch.ones(1, 1)] * 40,
        lambda model, x: model(x).square().sum(),
        torch.optim.SGD(model.parameters(), lr=0.1),
        steps=40,
        evaluate=lambda model: {"loss": next(losses)},
        evaluate_every=5,
        stop=stop,
    )
    assert len(history.losses) == 15 and stop.best_step == 10 and not model.training


def test_overfitting_is_stopped_on_validation(tokenizer):
    # Labels without rhyme or reason: what is learned helps nobody.
    texts = GOOD + BAD
    training = LabelledTexts(texts, ["good", "bad"] * 6, "training")
    validation = LabelledTexts([f"{text} indeed" for text in texts], ["bad", "good"] * 6, "validation")
    recipe = Recipe(3e-3, epochs=40, batch_size=6)
    model = SentenceClassifier(body(tokenizer), tokenizer, ("bad", "good"))
    stop = EarlyStopping(model, "loss", patience=3)
    history = fine_tune(model, training, recipe, validation=validation, evaluate_every=4, stop=stop)
    assert len(history.losses) < 80 and history.evaluations[-1]["loss"] > history.evaluations[0]["loss"]
    best = min(evaluation["loss"] for evaluation in history.evaluations)
    now = loss_and_accuracy(model, rows_with_targets(model, validation))
    assert now["loss"] == pytest.approx(best)
    assert stop.best_step == next(one["step"] for one in history.evaluations if one["loss"] == best)


def test_bad_use_is_named(tmp_path):
    model = nn.Linear(1, 1)
    with pytest.raises(ValueError, match="patience is 0"):
        EarlyStopping(model, "loss", patience=0)
    stop = EarlyStopping(model, "f1", patience=1)
    with pytest.raises(ValueError, match="No evaluation was seen yet"):
        stop.restore()
    with pytest.raises(ValueError, match="no 'f1'; it has step, loss"):
        stop([{"step": 1, "loss": 0.5}])
    rest = (model, [torch.ones(1, 1)], lambda model, x: model(x).sum(), torch.optim.SGD(model.parameters(), lr=0.1))
    for options in ({}, {"evaluate": lambda model: {"f1": 1.0}, "checkpoint": tmp_path / "run"}):
        with pytest.raises(ValueError, match="`stop` needs `evaluate`"):
            train(*rest, steps=1, stop=stop, **options)
    with pytest.raises(ValueError, match="`stop` needs `evaluate_every`"):
        train(*rest, steps=1, stop=stop, evaluate=lambda model: {"f1": 1.0})


def test_without_a_finite_measure_none_is_the_best():
    stop = EarlyStopping(nn.Linear(1, 1), "loss", patience=2)
    assert not stop([{"step": 1, "loss": float("nan")}])
    assert stop([{"step": 1, "loss": float("nan")}, {"step": 2, "loss": float("inf")}])
    with pytest.raises(ValueError, match="'loss' was infinite or NaN"):
        stop.restore()
