"""Soft targets: the softmax at a temperature, what is refused, and the limits."""

import itertools
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course.compression import centred, entropy, log_soft_targets, soft_targets

TOLERANCE = 1e-5
LOGITS = torch.tensor([[2.0, 1.0, -3.0, 0.5], [0.0, 0.0, 4.0, -1.0]])


@pytest.mark.parametrize("temperature", [0.5, 1, 2, 8.0])
def test_they_are_the_softmax_of_the_divided_logits(temperature):
    expected = torch.softmax(LOGITS / temperature, dim=-1)
    assert torch.allclose(soft_targets(LOGITS, temperature), expected, atol=TOLERANCE)
    assert torch.allclose(log_soft_targets(LOGITS, temperature), expected.log(), atol=TOLERANCE)


@given(
    st.lists(st.floats(-30, 30, width=32), min_size=2, max_size=12),
    st.floats(0.1, 100),
    st.floats(-50, 50, width=32),
)
def test_they_add_up_to_1_keep_the_order_and_do_not_see_a_constant(values, temperature, constant):
    logits = torch.tensor(values, dtype=torch.float64)
    found = soft_targets(logits, temperature)
    assert found.sum().item() == pytest.approx(1, abs=1e-9)
    order = logits.argsort(stable=True)
    assert (found[order].diff() >= -1e-12).all()
    assert torch.allclose(soft_targets(logits + constant, temperature), found, atol=1e-9)


def test_a_higher_temperature_is_flatter_and_ends_at_equal_shares():
    entropies = [entropy(soft_targets(LOGITS, temperature)) for temperature in (0.5, 1, 2, 4, 8)]
    assert all((after > before).all() for before, after in itertools.pairwise(entropies))
    assert torch.allclose(soft_targets(LOGITS, 1e6), torch.full((2, 4), 0.25), atol=TOLERANCE)
    assert torch.allclose(soft_targets(LOGITS, 1e-3)[1], torch.tensor([0.0, 0.0, 1.0, 0.0]))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_computed_in_full(dtype):
    assert soft_targets(LOGITS.to(dtype), 4).dtype == torch.float32
    assert centred(LOGITS.to(dtype)).dtype == torch.float32
    large = torch.tensor([[60000.0, -60000.0, 0.0]], dtype=torch.float16)
    assert soft_targets(large, 0.5).isfinite().all() and centred(large).isfinite().all()


def test_float64_stays():
    assert soft_targets(LOGITS.double(), 2).dtype == torch.float64


def test_centred_logits_have_the_mean_0_and_the_same_softmax():
    found = centred(LOGITS + 7)
    assert torch.allclose(found.mean(dim=-1), torch.zeros(2), atol=TOLERANCE)
    assert torch.allclose(found.softmax(-1), LOGITS.softmax(-1), atol=TOLERANCE)


def test_entropy_of_known_distributions():
    rows = torch.tensor([[1.0, 0.0, 0.0, 0.0], [0.25, 0.25, 0.25, 0.25], [0.5, 0.5, 0.0, 0.0]])
    assert torch.allclose(entropy(rows), torch.tensor([0.0, math.log(4), math.log(2)]), atol=TOLERANCE)


@pytest.mark.parametrize("rows", [[[0.5, 0.6]], [[1.5, -0.5]], [[2.0, 1.0]], [[math.nan, 1.0]]])
def test_entropy_refuses_what_is_no_distribution(rows):
    with pytest.raises(ValueError, match="no probabilities"):
        entropy(torch.tensor(rows))


@pytest.mark.parametrize("temperature", [0, -1.0, math.nan, math.inf, 1e-320, 9e-4, 2e6, 10**400])
def test_a_temperature_that_is_not_above_0_is_refused(temperature):
    with pytest.raises(ValueError, match="temperature is"):
        soft_targets(LOGITS, temperature)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_logit_that_is_not_finite_is_named_with_its_place(value):
    logits = LOGITS.clone()
    logits[1, 2] = value
    for function in (centred, lambda one: soft_targets(one, 2)):
        with pytest.raises(ValueError, match=rf"logits has {value} at \[1, 2\]"):
            function(logits)


@pytest.mark.parametrize("shape", [(3, 1), (0, 4), (2, 0)])
def test_no_row_and_a_single_class_are_refused(shape):
    with pytest.raises(ValueError, match="one row or more, of two classes or more"):
        soft_targets(torch.zeros(shape), 1)


def test_logits_too_large_for_the_temperature_are_refused():
    large = torch.tensor([[1e37, 0.0]])
    assert soft_targets(large, 1).tolist() == [[1, 0]]
    with pytest.raises(ValueError, match=r"One of the logits is 1e\+37: divided by the temperature 0.01"):
        soft_targets(large, 0.01)
