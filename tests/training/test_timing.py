"""Timing of training steps: what is timed is a training step, and the least time of fair turns counts."""

import pytest
import torch
from torch import nn

from course.training import timing


def test_a_step_trains():
    model = nn.Sequential(nn.Linear(2, 1), nn.Dropout(0.5)).eval()
    batch = (torch.ones(4, 2), torch.zeros(4, 1))
    before = model[0].weight.clone()

    def loss(model, batch):
        assert model.training
        x, y = batch
        return (model(x) - y).square().mean()

    step = timing.training_step(model, batch, loss)
    step()
    once = model[0].weight.clone()
    step()
    assert not torch.equal(once, before) and not torch.equal(model[0].weight, once)


def test_gradients_of_an_earlier_step_are_gone():
    model = nn.Linear(2, 1)
    step = timing.training_step(model, torch.ones(1, 2), lambda model, x: model(x).sum())
    for _step in range(3):
        step()
        assert model.weight.grad.tolist() == [[1.0, 1.0]]


def test_functions_take_turns_and_the_least_time_counts(monkeypatch):
    clock, order = [0.0], []
    takes = {"a": iter([5.0, 2.0, 3.0]), "b": iter([1.0, 7.0, 0.5])}

    def function(name):
        def step():
            order.append(name)
            clock[0] += next(takes[name])

        return step

    monkeypatch.setattr(timing.time, "perf_counter", lambda: clock[0])
    found = timing.fastest_of({name: function(name) for name in takes}, turns=3)
    assert found == pytest.approx({"a": 2.0, "b": 0.5})
    assert order == ["a", "b"] * 3
