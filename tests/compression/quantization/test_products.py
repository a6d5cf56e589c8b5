"""Layers in whole numbers against the same in plain steps, and the sums that do not fit into 16 bits."""

import copy
import os
import subprocess
import sys

import pytest
import torch
from torch import nn

from course.compression.quantization import (
    INT4,
    INT8,
    INT8_PER_TENSOR,
    Q4_1,
    PackedMatrix,
    QuantizedLinear,
    QuantizedWeight,
    Scheme,
    channel_errors,
    largest_that_fits,
    output_error,
    round_matrix,
    saturated_product,
    whole_product,
)
from course.compression.quantization import linear as linear_file
from course.layers.linear import Linear

needs_kernel = pytest.mark.skipif(largest_that_fits() is None, reason="no packed kernel on this processor")


def quantized(layer: nn.Linear, scheme: Scheme) -> QuantizedLinear:
    bias = None if layer.bias is None else layer.bias.detach()
    return QuantizedLinear(QuantizedWeight(round_matrix(layer.weight, scheme)), bias)


def drawn_layer(n_in: int, n_out: int, *, bias: bool = True) -> Linear:
    torch.manual_seed(0)
    return Linear(n_in, n_out, bias=bias)


@needs_kernel
@pytest.mark.parametrize("scheme", [INT8, INT8_PER_TENSOR], ids=str)
@pytest.mark.parametrize(("n_rows", "n_in", "n_out"), [(1, 64, 16), (1, 33, 7), (5, 64, 48), (3, 1, 1), (40, 17, 130)])
def test_the_kernel_computes_what_is_written_out(scheme: Scheme, n_rows: int, n_in: int, n_out: int):
    matrix = round_matrix(torch.randn(n_out, n_in), scheme)
    x = torch.randn(n_rows, n_in)
    for largest in (127, 63):
        if largest <= (largest_that_fits() or 0):
            packed = PackedMatrix(matrix.values, matrix.scales, largest)
            expected = whole_product(x, matrix.values, matrix.scales, largest)
            assert torch.allclose(packed.product(x), expected, atol=1e-5 * expected.abs().max().item())


def test_a_layer_without_kernel_gives_the_same(monkeypatch: pytest.MonkeyPatch):
    layer = quantized(drawn_layer(48, 20), INT8)
    x = torch.randn(3, 48)
    with torch.no_grad():
        fast = layer(x)
        monkeypatch.setattr(linear_file, "largest_that_fits", lambda: None)
        plain = copy.deepcopy(quantized(drawn_layer(48, 20), INT8))(x)
    if largest_that_fits() == 127:
        assert torch.allclose(fast, plain, atol=1e-5)
    assert plain.shape == (3, 20)


@pytest.mark.parametrize("scheme", [INT4, Q4_1, Scheme(8, weights_only=True)], ids=str)
@pytest.mark.parametrize("shape", [(33,), (1, 33), (2, 3, 33)])
def test_rounded_weights_alone_are_a_float_product(scheme: Scheme, shape: tuple[int, ...]):
    layer = quantized(drawn_layer(33, 7), scheme)
    x = torch.randn(*shape)
    assert torch.allclose(layer(x), nn.functional.linear(x, layer.weight, layer.bias), atol=1e-6)


def test_a_row_does_not_depend_on_the_others():
    layer = quantized(drawn_layer(64, 32), INT8)
    x = torch.randn(4, 64)
    x[0] *= 1e4
    together = layer(x)
    for row in range(4):
        assert torch.allclose(layer(x[row]), together[row], rtol=1e-4, atol=1e-5)


def test_rows_of_zeros_give_the_bias():
    layer = quantized(drawn_layer(16, 4), INT8)
    for rows in (1, 3):
        assert torch.allclose(layer(torch.zeros(rows, 16)), layer.bias.expand(rows, 4))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("n_rows", [1, 3])
def test_activations_that_are_no_numbers_do_not_become_numbers(value: float, n_rows: int):
    layer = quantized(drawn_layer(16, 4), INT8)
    x = torch.ones(n_rows, 16)
    x[0, 3] = value
    output = layer(x)
    assert not output[0].isfinite().any()
    assert output[1:].isfinite().all()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("scheme", [INT8, INT4], ids=str)
def test_half_precision_in_half_precision_out(dtype: torch.dtype, scheme: Scheme):
    layer = quantized(drawn_layer(40, 8), scheme)
    x = torch.randn(3, 40)
    output = layer(x.to(dtype))
    assert output.dtype is dtype
    assert torch.allclose(output.float(), layer(x), atol=0.05)


def test_no_rows_give_no_outputs():
    assert quantized(drawn_layer(16, 4), INT8)(torch.empty(0, 16)).shape == (0, 4)


@pytest.mark.parametrize("scheme", [INT8, INT4], ids=str)
def test_who_asks_for_a_gradient_is_told(scheme: Scheme):
    layer = quantized(drawn_layer(16, 4), scheme)
    x = torch.randn(2, 16, requires_grad=True)
    with pytest.raises(RuntimeError, match="passes no gradient"):
        layer(x)
    with torch.no_grad():
        assert not layer(x).requires_grad
    assert not list(layer.parameters())


def test_loaded_numbers_are_packed_anew():
    one, other = quantized(drawn_layer(16, 4), INT8), drawn_layer(16, 4)
    nn.init.ones_(other.weight)
    other = quantized(other, INT8)
    x = torch.randn(2, 16)
    one(x)
    one.load_state_dict(other.state_dict())
    assert torch.allclose(one(x), other(x))
    assert torch.allclose(copy.deepcopy(one)(x), other(x))


# --- Sums in 16 bits ---


def test_large_sums_are_cut_off_with_8_bits_and_fit_with_7():
    weight = torch.full((1, 4), 127, dtype=torch.int8)
    for largest, right in ((255, False), (127, True)):
        x = torch.full((1, 4), largest, dtype=torch.uint8)
        exact = x.int() @ weight.int().T
        assert torch.equal(saturated_product(x, weight).int(), exact) is right
    assert saturated_product(torch.full((1, 4), 255, dtype=torch.uint8), weight).item() == 2 * 32767


@needs_kernel
@pytest.mark.slow
@pytest.mark.skipif(largest_that_fits() != 127, reason="this processor has no VNNI itself")
def test_without_vnni_the_kernel_is_found_out():
    program = """
import torch
from course.compression.quantization import PackedMatrix, largest_that_fits, whole_product
weight, scales, x = torch.full((16, 64), 127, dtype=torch.int8), torch.ones(1, 1), torch.ones(1, 64)
for largest in (127, 63):
    expected = whole_product(x, weight, scales, largest)
    print(torch.allclose(PackedMatrix(weight, scales, largest).product(x), expected))
print(largest_that_fits())
"""
    environment = os.environ | {"FBGEMM_ENABLE_INSTRUCTIONS": "AVX2"}
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "True", "63"]


# --- Errors of outputs ---


def test_errors_are_those_of_outputs():
    layer = drawn_layer(32, 6, bias=False)
    with torch.no_grad():
        layer.weight[0] *= 1000
    x = torch.randn(50, 32)
    per_tensor = channel_errors(layer, quantized(layer, INT8_PER_TENSOR), x)
    per_channel = channel_errors(layer, quantized(layer, INT8), x)
    assert per_tensor[0] < 0.02
    assert (per_tensor[1:] > 0.5).all()
    assert (per_channel < 0.02).all()
    exact, rounded = layer(x), quantized(layer, INT8)(x)
    by_hand = ((rounded - exact)[:, 2].norm() / exact[:, 2].norm()).item()
    assert per_channel[2].item() == pytest.approx(by_hand, rel=1e-4)
    assert output_error(layer, layer, x) == 0.0
    assert output_error(layer, lambda x: torch.zeros(len(x), 6), x) == pytest.approx(1.0)


def test_an_input_that_is_always_0_hides_an_error_of_weights():
    layer = drawn_layer(4, 2, bias=False)
    wrong = copy.deepcopy(layer)
    with torch.no_grad():
        wrong.weight[:, 3] += 5.0
    x = torch.randn(9, 4)
    x[:, 3] = 0.0
    assert output_error(layer, wrong, x) < 1e-6
