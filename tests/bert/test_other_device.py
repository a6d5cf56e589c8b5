"""Every objective asks a body that is not on the CPU: the loss and its gradients are those of the CPU."""

import inspect
from dataclasses import replace

import numpy as np
import pytest
import torch

import course.bert
from course.bert import Bert, MaskedLM, MaskedPairs, NextSentence, Objective
from tests.bert.conftest import draw_segments
from tests.support.other_device import OTHER, here, other_device, there
from tests.support.torch_layers import disturb

OBJECTIVES = [
    kind
    for kind in vars(course.bert).values()
    if inspect.isclass(kind) and issubclass(kind, Objective) and not inspect.isabstract(kind)
]


@pytest.mark.parametrize("positions", ["learned", "rotary"])
@pytest.mark.parametrize("kind", OBJECTIVES, ids=lambda kind: kind.__name__)
def test_an_objective_asks_on_the_device(kind, positions, pieces, config):
    parts = (MaskedLM(pieces, config), NextSentence(pieces, config)) if kind is MaskedPairs else (pieces, config)
    objective, body = disturb(kind(*parts)), disturb(Bert(replace(config, positions=positions)))
    items = [draw_segments(seed, pieces) for seed in range(3)]
    batch = objective.batch(items, np.random.default_rng(0), torch.device("cpu"))

    def ask(objective, body, batch):
        torch.manual_seed(0)
        loss = objective.loss(body, batch)
        loss.backward()
        return loss, {name: one.grad for name, one in body.named_parameters() if one.grad is not None}

    loss, gradients = ask(objective, body, batch)
    with other_device():
        other_loss, other_gradients = ask(there(objective), there(body), there(batch))
        assert other_loss.device == OTHER and other_gradients.keys() == gradients.keys()
        torch.testing.assert_close(here(other_loss), loss.detach(), atol=1e-5, rtol=1e-5)
        for name, gradient in gradients.items():
            torch.testing.assert_close(here(other_gradients[name]), gradient, atol=1e-5, rtol=1e-4)
