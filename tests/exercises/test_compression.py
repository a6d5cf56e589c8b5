"""What the exercises of the lesson `compression` ask for is what the course computes, or what trying all finds."""

import itertools
from fractions import Fraction
from random import Random

import pytest
import torch

from course import compression
from course.compression import quantization
from course.exercises.compression.loss import distillation_loss
from course.exercises.compression.nibbles import pack_nibbles
from course.exercises.compression.pruning import prune_mask
from course.exercises.compression.rows import quantize_rows
from course.exercises.compression.targets import soft_targets
from course.exercises.compression.tasks import two_tasks
from course.exercises.compression.wanda import wanda_mask
from course.instruction import NOT_TRAINED
from course.tokenization import ByteLevelBPE
from tests.exercises.inputs.compression import (
    logits_and_temperatures,
    numbers_of_4_bits,
    questions_labels_and_rationales,
    students_and_teachers,
    weights_and_shares,
    weights_inputs_and_shares,
    weights_to_quantize,
)

SOME = 60


def some(inputs, n=SOME):
    return [arguments for arguments, _number in zip(inputs(Random(1)), range(n), strict=False)]


def test_soft_targets_are_those_of_the_course():
    for logits, temperature in some(logits_and_temperatures):
        torch.testing.assert_close(soft_targets(logits, temperature), compression.soft_targets(logits, temperature))


def test_the_loss_of_distillation_and_its_gradient_are_those_of_the_course():
    for student, teacher, temperature in some(students_and_teachers):
        losses, gradients = [], []
        for loss in (distillation_loss, compression.distillation_loss):
            own = student.clone().requires_grad_()
            losses.append(loss(own, teacher, temperature))
            losses[-1].backward()
            gradients.append(own.grad)
        torch.testing.assert_close(*losses, rtol=1e-5, atol=1e-5)
        torch.testing.assert_close(*gradients, rtol=1e-5, atol=1e-5)


def test_at_a_high_temperature_the_loss_matches_centred_logits():
    student, teacher = torch.randn(2, 4, 5, dtype=torch.double, generator=torch.Generator().manual_seed(0))
    found = distillation_loss(student, teacher, 1e4)
    torch.testing.assert_close(found, compression.logit_matching_loss(student, teacher), rtol=1e-3, atol=0)


def test_the_two_tasks_are_those_of_the_course():
    """But for white space, of which the course makes one space, and for the line break before an output."""
    tokenizer = ByteLevelBPE.train("how many", n_merges=2, special_tokens=["<pad>", "<end>"])
    pad_id, end_id = (tokenizer.special.ids[name] for name in ("<pad>", "<end>"))
    for question, label, rationale in some(questions_labels_and_rationales):
        pairs = two_tasks(question, label, rationale)
        batch = compression.two_tasks(
            tokenizer, [compression.Reasoned(question, label, rationale)], end_id=end_id, pad_id=pad_id
        )
        rows = [rows for rows in batch if rows is not None]
        assert len(rows) == len(pairs)
        for ((read, written),), (text, target) in zip(rows, pairs, strict=True):
            asked = tokenizer.encode(text[:9] + " ".join(text[9:].split()) + "\n")
            assert read.tolist()[: len(asked)] == asked
            answer = tokenizer.encode(" ".join(target.split()))
            assert [token for token in written.tolist() if token != NOT_TRAINED] == [*answer, end_id]


def test_numbers_and_scales_are_those_of_the_course():
    for (weight,) in some(weights_to_quantize):
        numbers, scales = quantize_rows(weight)
        rounded = quantization.round_matrix(weight)
        assert torch.equal(numbers, rounded.numbers().int())
        zero = (weight == 0).all(dim=1)
        torch.testing.assert_close(scales[~zero], rounded.scales[~zero, 0])
        assert (scales[zero] == 1).all()
        torch.testing.assert_close(numbers * scales[:, None], rounded.dequantize())


def test_an_error_of_rounding_is_at_most_half_a_scale():
    for (weight,) in some(weights_to_quantize):
        numbers, scales = quantize_rows(weight)
        assert (numbers.abs().amax(dim=1) == 127 * weight.any(dim=1)).all()
        assert ((weight - numbers * scales[:, None]).abs() <= 0.501 * scales[:, None]).all()


def test_bytes_are_those_of_the_course():
    for (values,) in some(numbers_of_4_bits):
        packed = torch.tensor(pack_nibbles(values), dtype=torch.uint8)
        bits = torch.tensor(values, dtype=torch.int) & 15
        assert torch.equal(packed, quantization.pack_nibbles(bits))
        again = quantization.unpack_nibbles(packed, len(values)).int()
        assert torch.where(again > 7, again - 16, again).tolist() == values


def test_the_pruned_weights_are_the_first_of_all_in_the_order_of_magnitude():
    """The course has no function of its own yet: here each weight is compared with every other."""
    for weight, share in some(weights_and_shares):
        sizes = weight.abs().flatten().tolist()
        n = round(share * len(sizes))
        stays = [sum((other, j) < (size, i) for j, other in enumerate(sizes)) >= n for i, size in enumerate(sizes)]
        assert prune_mask(weight, share).flatten().tolist() == stays
        assert stays.count(False) == n


def test_wanda_prunes_what_changes_an_output_least():
    """Of all ways to prune so many of a row, each weight taken alone, the mask has the least change of the outputs."""
    for weight, inputs, share in some(weights_inputs_and_shares):
        mask = wanda_mask(weight, inputs, share)
        n = round(share * weight.shape[1])
        columns = range(weight.shape[1])
        for row, stays in zip(weight.tolist(), mask.tolist(), strict=True):
            changes = [sum((Fraction(row[j]) * Fraction(x)) ** 2 for x in inputs[:, j].tolist()) for j in columns]
            pruned = min(itertools.combinations(columns, n), key=lambda some: sum(changes[j] for j in some))
            least = sorted(columns, key=lambda j: changes[j])[:n]
            assert [not one for one in stays] == [j in least for j in columns]
            assert sum(changes[j] for j in pruned) == sum(changes[j] for j in least)


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 1.0])
def test_alike_inputs_make_wanda_the_magnitude_of_each_row(share):
    weight = torch.randn(3, 8, generator=torch.Generator().manual_seed(3)) * torch.tensor([[0.1], [1.0], [10.0]])
    rows = torch.cat([prune_mask(row[None], share) for row in weight])
    assert torch.equal(wanda_mask(weight, torch.ones(5, 8), share), rows)
