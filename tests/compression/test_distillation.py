"""The loss of distillation: PyTorch's and trl's numbers and gradients, the direction, padding, the limit, faults."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course.bert.inputs import IGNORED
from course.compression import DistillationLoss, centred, distillation_loss, logit_matching_loss, teacher_logits

TOLERANCE = 1e-5
TEMPERATURES = (0.5, 1, 2, 4, 8)


def drawn(*shape, seed=0, scale=2.0):
    return scale * torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def with_gradient(logits):
    return logits.clone().requires_grad_()


def gradient(function, logits):
    student = with_gradient(logits)
    loss = function(student)
    loss.backward()
    return loss.detach(), student.grad


def torch_loss(student, teacher, temperature):
    """PyTorch's own, for rows without padding."""
    return temperature**2 * F.kl_div(
        F.log_softmax(student / temperature, dim=-1),
        F.softmax(teacher / temperature, dim=-1),
        reduction="batchmean",
    )


def gkd_loss(student, teacher, mask, temperature):
    """What trl's GKD trainer computes at β = 0, which has no T²: a sum over kept tokens, divided by their number."""
    log_student, log_teacher = ((one / temperature).log_softmax(-1) for one in (student, teacher))
    elements = F.kl_div(log_student, log_teacher, reduction="none", log_target=True)
    return elements[mask].sum() / mask.sum()


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_loss_and_gradient_are_pytorchs(temperature):
    student, teacher = drawn(7, 5), drawn(7, 5, seed=1)
    ours = gradient(lambda one: distillation_loss(one, teacher, temperature), student)
    theirs = gradient(lambda one: torch_loss(one, teacher, temperature), student)
    for found, expected in zip(ours, theirs, strict=True):
        assert torch.allclose(found, expected, atol=TOLERANCE)


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_loss_and_gradient_of_tokens_are_trls_times_the_square_of_the_temperature(temperature):
    student, teacher = drawn(3, 6, 11), drawn(3, 6, 11, seed=1)
    mask = torch.arange(6) < torch.tensor([[6], [2], [4]])
    ours = gradient(lambda one: distillation_loss(one, teacher, temperature, mask), student)
    theirs = gradient(lambda one: temperature**2 * gkd_loss(one, teacher, mask, temperature), student)
    for found, expected in zip(ours, theirs, strict=True):
        assert torch.allclose(found, expected, atol=TOLERANCE)


def test_the_mean_is_over_rows_and_not_over_classes():
    student, teacher = drawn(7, 5), drawn(7, 5, seed=1)
    over_all = F.kl_div(student.log_softmax(-1), teacher.softmax(-1), reduction="none").mean()
    assert distillation_loss(student, teacher, 1).item() == pytest.approx(5 * over_all.item(), rel=TOLERANCE)


def test_the_gradient_is_that_of_the_paper_times_the_square_of_the_temperature():
    student, teacher = drawn(4, 6), drawn(4, 6, seed=1)
    for temperature in TEMPERATURES:
        _loss, found = gradient(lambda one, t=temperature: distillation_loss(one, teacher, t), student)
        expected = temperature * ((student / temperature).softmax(-1) - (teacher / temperature).softmax(-1)) / 4
        assert torch.allclose(found, expected, atol=TOLERANCE)


def test_with_the_square_the_gradient_keeps_its_size_and_without_it_vanishes():
    student, teacher = drawn(64, 10), drawn(64, 10, seed=1)
    sizes = [
        gradient(lambda one, t=temperature: distillation_loss(one, teacher, t), student)[1].norm().item()
        for temperature in (4, 64)
    ]
    assert 0.7 < sizes[1] / sizes[0] < 1.5
    assert sizes[1] / 64**2 < 0.01 * sizes[0] / 4**2


def test_the_direction_is_from_teacher_to_student():
    """A student that rules out what the teacher holds possible pays for it; the other way round it is cheap."""
    teacher, student = torch.tensor([[0.0, 0.0]]), torch.tensor([[12.0, 0.0]])
    there, back = distillation_loss(student, teacher, 1).item(), distillation_loss(teacher, student, 1).item()
    assert there == pytest.approx(0.5 * 12 - math.log(2), rel=1e-3)
    assert back == pytest.approx(math.log(2), rel=1e-3)


def test_equal_logits_and_logits_up_to_a_constant_have_no_loss():
    logits = drawn(5, 4)
    for student in (logits, logits + 3):
        loss, found = gradient(lambda one: distillation_loss(one, logits, 2), student)
        assert loss.item() == pytest.approx(0, abs=1e-6) and found.abs().max() < 1e-6


@pytest.mark.parametrize("n_classes", [2, 11])
def test_for_high_temperatures_it_is_the_matching_of_centred_logits(n_classes):
    student, teacher = drawn(6, n_classes).double(), (drawn(6, n_classes, seed=1) + 5).double()
    matched = gradient(lambda one: logit_matching_loss(one, teacher), student)
    expected = (centred(student) - centred(teacher)) / n_classes / 6
    assert torch.allclose(matched[1], expected, atol=TOLERANCE)
    distances = []
    for temperature in (1, 10, 100, 1000, 100_000):
        hot = gradient(lambda one, t=temperature: distillation_loss(one, teacher, t), student)
        distances.append((hot[1] - expected).abs().max().item())
    assert distances == sorted(distances, reverse=True) and distances[-1] < TOLERANCE
    assert hot[0].item() == pytest.approx(matched[0].item(), rel=1e-3)


def test_logits_are_not_matched_where_they_differ_by_a_constant():
    logits = drawn(3, 4)
    assert logit_matching_loss(logits + 9, logits).item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("loss", [lambda *these: distillation_loss(*these[:2], 3, *these[2:]), logit_matching_loss])
def test_padding_changes_neither_loss_nor_gradient(loss):
    student, teacher = drawn(2, 5, 4), drawn(2, 5, 4, seed=1)
    mask = torch.tensor([[True] * 5, [True, True, False, False, False]])
    value, found = gradient(lambda one: loss(one, teacher, mask), student)
    assert (found[~mask] == 0).all() and found[mask].abs().sum(-1).min() > 0
    kept, of_kept = gradient(lambda one: loss(one, teacher[mask]), student[mask])
    assert value.item() == pytest.approx(kept.item(), rel=TOLERANCE)
    assert torch.allclose(found[mask], of_kept, atol=TOLERANCE)
    padded = teacher.clone()
    padded[~mask] = math.nan  # what a padded place says is never read
    assert loss(student, padded, mask).item() == pytest.approx(value.item(), rel=TOLERANCE)


def test_the_teacher_gets_no_gradient():
    student, teacher = with_gradient(drawn(3, 4)), with_gradient(drawn(3, 4, seed=1))
    (distillation_loss(student, teacher, 2) + logit_matching_loss(student, teacher)).backward()
    assert teacher.grad is None and student.grad is not None


class Doubtful(nn.Module):
    """A model with dropout, whose training mode shows."""

    def __init__(self):
        super().__init__()
        self.linear, self.dropout = nn.Linear(4, 3), nn.Dropout(0.5)

    def forward(self, x):
        return self.linear(self.dropout(x))


@pytest.mark.parametrize("training", [True, False])
def test_a_teacher_is_asked_in_eval_mode_without_a_gradient_and_stays_as_it_was(training):
    teacher, x = Doubtful().train(training), drawn(8, 4)
    before = {name: weight.clone() for name, weight in teacher.state_dict().items()}
    first, second = teacher_logits(teacher, x), teacher_logits(teacher, x)
    assert torch.equal(first, second) and torch.equal(first, teacher.linear(x))
    assert not first.requires_grad and teacher.training is training and teacher.dropout.training is training
    assert all(torch.equal(weight, before[name]) for name, weight in teacher.state_dict().items())


def test_a_teacher_that_fails_gets_its_mode_back():
    teacher = Doubtful().train()
    with pytest.raises(RuntimeError):
        teacher_logits(teacher, drawn(8, 9))
    assert teacher.training


def test_a_teacher_whose_logits_are_no_numbers_is_refused():
    teacher = Doubtful()
    nn.init.constant_(teacher.linear.bias, math.nan)
    with pytest.raises(ValueError, match="teacher has nan at"):
        teacher_logits(teacher, drawn(8, 4))


# --- The whole loss ---

LABELS = torch.tensor([0, 2, 1, 2])


def parts():
    return drawn(4, 3), drawn(4, 3, seed=1)


@pytest.mark.parametrize("share", [0, 0.25, 0.5, 1])
def test_the_whole_loss_is_the_weighted_sum_of_both(share):
    student, teacher = parts()
    ours = gradient(lambda one: DistillationLoss(3, share)(one, teacher, LABELS), student)
    theirs = gradient(
        lambda one: share * torch_loss(one, teacher, 3) + (1 - share) * F.cross_entropy(one, LABELS), student
    )
    for found, expected in zip(ours, theirs, strict=True):
        assert torch.allclose(found, expected, atol=TOLERANCE)


def test_rows_without_a_label_have_soft_targets_alone():
    student, teacher = parts()
    some = torch.tensor([0, IGNORED, 1, IGNORED])
    expected = 0.5 * distillation_loss(student, teacher, 2) + 0.5 * F.cross_entropy(student, some, ignore_index=IGNORED)
    assert DistillationLoss(2, 0.5)(student, teacher, some).item() == pytest.approx(expected.item(), rel=TOLERANCE)
    none = torch.full((4,), IGNORED)
    loss, found = gradient(lambda one: DistillationLoss(2, 0.5)(one, teacher, none), student)
    assert loss.item() == pytest.approx(0.5 * distillation_loss(student, teacher, 2).item(), rel=TOLERANCE)
    assert found.isfinite().all()


def test_the_mask_leaves_rows_out_of_both_parts():
    student, teacher = parts()
    mask = torch.tensor([True, False, True, False])
    expected = DistillationLoss(2, 0.5)(student[mask], teacher[mask], LABELS[mask])
    assert DistillationLoss(2, 0.5)(student, teacher, LABELS, mask).item() == pytest.approx(expected.item())


def test_a_part_that_has_no_share_is_not_needed_and_one_that_has_is():
    student, teacher = parts()
    assert DistillationLoss(2, 1)(student, teacher).isfinite()
    assert DistillationLoss(2, 0)(student, labels=LABELS).isfinite()
    with pytest.raises(ValueError, match="labels is missing"):
        DistillationLoss(2, 0.5)(student, teacher)
    with pytest.raises(ValueError, match="teacher is missing"):
        DistillationLoss(2, 0.5)(student, labels=LABELS)


@pytest.mark.parametrize("share", [-0.1, 1.1, math.nan])
def test_a_share_outside_0_to_1_is_refused(share):
    with pytest.raises(ValueError, match="share is"):
        DistillationLoss(2, share)


# --- Faults ---


@pytest.mark.parametrize("temperature", [0, -2, math.nan, math.inf, 1e-320, 9e-4, 2e6, 1e200, 10**400])
def test_a_temperature_that_is_not_above_0_or_far_from_1_is_refused(temperature):
    student, teacher = parts()
    with pytest.raises(ValueError, match="temperature is"):
        distillation_loss(student, teacher, temperature)
    with pytest.raises(ValueError, match="temperature is"):
        DistillationLoss(temperature, 0.5)


@pytest.mark.parametrize("name", ["student", "teacher"])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_logit_that_is_not_finite_is_refused(name, value):
    logits = dict(zip(("student", "teacher"), parts(), strict=True))
    logits[name][2, 1] = value
    for loss in (lambda student, teacher: distillation_loss(student, teacher, 2), logit_matching_loss):
        with pytest.raises(ValueError, match=rf"{name} has {value} at \[2, 1\]"):
            loss(**logits)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("shape", [(4, 5), (1, 3), (5, 3), (2, 2, 3)])
def test_other_shapes_are_refused_and_never_broadcast(shape):
    student, _teacher = parts()
    for loss in (lambda *these: distillation_loss(*these, 2), logit_matching_loss):
        with pytest.raises(ValueError, match=r"student has the shape .* and teacher has"):
            loss(student, drawn(*shape))


@pytest.mark.usefixtures("unchecked_shapes")
def test_a_mask_has_to_be_of_the_rows_bool_and_leave_one():
    student, teacher = parts()
    with pytest.raises(ValueError, match="leaves no row"):
        distillation_loss(student, teacher, 2, torch.zeros(4, dtype=torch.bool))
    with pytest.raises(ValueError, match="mask has the shape"):
        distillation_loss(student, teacher, 2, torch.ones(3, dtype=torch.bool))
    with pytest.raises(TypeError, match="bool"):
        distillation_loss(student, teacher, 2, torch.ones(4))
    with pytest.raises(ValueError, match="labels has the shape"):
        DistillationLoss(2, 0.5)(student, student, LABELS[:3])


def test_no_row_is_refused():
    with pytest.raises(ValueError, match="one row or more"):
        distillation_loss(torch.zeros(0, 3), torch.zeros(0, 3), 2)


@pytest.mark.parametrize("temperature", [1e-3, 32, 33, 1e3, 1e6])
def test_loss_and_gradient_in_float32_are_those_in_float64_at_any_temperature(temperature):
    student, teacher = drawn(4, 5), drawn(4, 5, seed=1)
    found = gradient(lambda one: distillation_loss(one, teacher, temperature), student)
    assert found[0].dtype == found[1].dtype == torch.float32
    in_full = gradient(lambda one: distillation_loss(one, teacher.double(), temperature), student.double())
    for ours, expected in zip(found, in_full, strict=True):
        assert torch.allclose(ours.double(), expected, rtol=1e-3, atol=1e-4)


@pytest.mark.usefixtures("unchecked_shapes")
def test_labels_have_to_be_numbers_of_classes():
    student, teacher = parts()
    loss = DistillationLoss(2, 0.5)
    for wrong in (-1, 3):
        labels = torch.tensor([0, IGNORED, wrong, 2])
        with pytest.raises(ValueError, match=f"One of labels is {wrong}; the classes are 0 to 2"):
            loss(student, teacher, labels)
        assert loss(student, teacher, labels, torch.tensor([True, True, False, True])).isfinite()
    for labels in (LABELS.float(), LABELS > 0):
        with pytest.raises(TypeError, match=f"labels is of the type {labels.dtype}"):
            loss(student, teacher, labels)
    assert loss(student, teacher, LABELS.int()) == loss(student, teacher, LABELS)
