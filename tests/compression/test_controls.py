"""The controls: smoothing of a given entropy, and teachers whose knowledge is shuffled."""

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from course.compression import (
    distillation_loss,
    entropy,
    shuffle_texts,
    shuffle_wrong_classes,
    smoothing_of_entropy,
    smoothing_teacher,
    soft_targets,
)

LABELS = torch.tensor([0, 3, 2, 2, 1])


@given(st.floats(0.01, 0.99), st.integers(2, 20))
def test_the_smoothing_has_the_entropy(share, n_classes):
    wanted = share * math.log(n_classes)
    smoothing = smoothing_of_entropy(wanted, n_classes)
    targets = soft_targets(smoothing_teacher(torch.tensor([0, 1]), n_classes, smoothing), 1)
    assert torch.allclose(entropy(targets.double()), torch.tensor(wanted, dtype=torch.float64), atol=1e-4)
    assert targets[0, 0].item() == pytest.approx(1 - smoothing + smoothing / n_classes, abs=1e-5)


def test_the_ends_of_the_entropy():
    assert smoothing_of_entropy(0.0, 4) == pytest.approx(0, abs=1e-9)
    assert smoothing_of_entropy(math.log(4), 4) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("smoothing", [0.1, 0.5])
def test_distilled_at_temperature_1_the_smoothing_teacher_is_label_smoothing(smoothing):
    logits = torch.randn(5, 4, generator=torch.Generator().manual_seed(0))
    gradients = []
    for loss in (
        lambda one: distillation_loss(one, smoothing_teacher(LABELS, 4, smoothing), 1),
        lambda one: F.cross_entropy(one, LABELS, label_smoothing=smoothing),
    ):
        student = logits.clone().requires_grad_()
        loss(student).backward()
        gradients.append(student.grad)
    assert torch.allclose(*gradients, atol=1e-6)


def drawn(n_rows=200, n_classes=6):
    return torch.randn(n_rows, n_classes, generator=torch.Generator().manual_seed(0))


def test_shuffled_wrong_classes_keep_the_best_class_and_the_numbers_and_lose_their_places():
    logits = drawn()
    found = shuffle_wrong_classes(logits, torch.Generator().manual_seed(1))
    assert torch.equal(found.argmax(1), logits.argmax(1)) and torch.equal(found.amax(1), logits.amax(1))
    assert torch.equal(found.sort(1).values, logits.sort(1).values)
    second = (found.topk(2).indices[:, 1] == logits.topk(2).indices[:, 1]).float().mean().item()
    assert abs(second - 1 / 5) < 0.1  # each of five places is as likely
    assert torch.equal(found, shuffle_wrong_classes(logits, torch.Generator().manual_seed(1)))


def test_of_two_classes_nothing_is_shuffled():
    logits = drawn(n_classes=2)
    assert torch.equal(shuffle_wrong_classes(logits), logits)


def test_a_tie_of_the_best_moves_nothing_out_of_the_row():
    logits = torch.tensor([[1.0, 1.0, 0.0]]).repeat(50, 1)
    assert torch.equal(shuffle_wrong_classes(logits).sort(1).values, logits.sort(1).values)


def test_shuffled_texts_are_the_rows_in_another_order():
    logits = drawn()
    found = shuffle_texts(logits, torch.Generator().manual_seed(1))
    assert torch.equal(found.sum(1).sort().values, logits.sum(1).sort().values)
    assert (found == logits).all(1).sum() < 10


def test_faults():
    for value in (-0.1, 1.5, math.nan):
        with pytest.raises(ValueError, match="The entropy is"):
            smoothing_of_entropy(value, 4)
    with pytest.raises(ValueError, match="n_classes is 1"):
        smoothing_of_entropy(0.0, 1)
    for smoothing in (0.0, 1.0, math.nan):
        with pytest.raises(ValueError, match="smoothing is"):
            smoothing_teacher(LABELS, 4, smoothing)
    with pytest.raises(ValueError, match="not all from 0 to 2"):
        smoothing_teacher(LABELS, 3, 0.1)
    for shuffle in (shuffle_texts, shuffle_wrong_classes):
        with pytest.raises(ValueError, match="logits has nan at"):
            shuffle(torch.tensor([[0.0, math.nan]]))
