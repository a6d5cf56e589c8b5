import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course.compression.quantization import (
    INT4,
    INT8,
    INT8_PER_TENSOR,
    Q4_1,
    Scheme,
    pack_nibbles,
    round_matrix,
    unpack_nibbles,
)

SCHEMES = [INT8, INT8_PER_TENSOR, INT4, Q4_1, Scheme(3, group_size=16), Scheme(4), Scheme(8, group_size=1)]


def drawn(rows: int, columns: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed))


def test_a_row_by_hand():
    quantized = round_matrix(torch.tensor([[1.27, -0.5, 0.004, 0.006]]), INT8)
    assert quantized.values.tolist() == [[127, -50, 0, 1]]
    assert quantized.scales.item() == pytest.approx(0.01)
    assert torch.allclose(quantized.dequantize(), torch.tensor([[1.27, -0.5, 0.0, 0.01]]))


def test_the_range_is_symmetric():
    quantized = round_matrix(torch.tensor([[-1.0, 0.5], [-3.0, 3.0]]), INT8)
    assert quantized.values.tolist() == [[-127, 64], [-127, 127]]


def test_one_scale_for_all_rows_loses_small_rows():
    weight = torch.tensor([[100.0, -50.0], [0.1, -0.2]])
    assert round_matrix(weight, INT8_PER_TENSOR).dequantize()[1].tolist() == [0.0, 0.0]
    assert torch.allclose(round_matrix(weight, INT8).dequantize()[1], weight[1], atol=1e-3)


@pytest.mark.parametrize("scheme", SCHEMES, ids=str)
@settings(max_examples=20, deadline=None)
@given(rows=st.integers(1, 5), columns=st.integers(1, 70), seed=st.integers(0, 99))
def test_no_weight_moves_by_more_than_half_a_step(scheme: Scheme, rows: int, columns: int, seed: int):
    weight = drawn(rows, columns, seed)
    quantized = round_matrix(weight, scheme)
    step = quantized._columns(quantized.scales)
    slack = 1e-3 * weight.abs().max() if scheme.group_size else 1e-6  # a scale in float16 may clip the largest
    assert ((quantized.dequantize() - weight).abs() <= step / 2 + slack).all()


@pytest.mark.parametrize("scheme", SCHEMES, ids=str)
def test_rounding_what_is_rounded_changes_nothing(scheme: Scheme):
    once = round_matrix(drawn(3, 50), scheme).dequantize()
    assert torch.allclose(round_matrix(once, scheme).dequantize(), once, atol=2e-3 if scheme.group_size else 1e-6)


def test_the_last_group_is_shorter():
    weight = torch.cat((torch.full((1, 32), 7.0), torch.full((1, 3), 0.7)), dim=1)
    quantized = round_matrix(weight, INT4)
    assert quantized.scales.shape == (1, 2)
    assert quantized.values.shape == (1, 18)  # 35 numbers, two a byte
    assert torch.allclose(quantized.dequantize(), weight, rtol=1e-3)


@pytest.mark.parametrize("scheme", [Scheme(8, group_size=1), Scheme(4, group_size=1)], ids=str)
def test_groups_of_one_column_keep_every_weight(scheme: Scheme):
    weight = drawn(2, 5)
    assert torch.allclose(round_matrix(weight, scheme).dequantize(), weight, rtol=1e-3)


@pytest.mark.parametrize("scheme", SCHEMES, ids=str)
def test_rows_of_zeros_stay_zeros(scheme: Scheme):
    weight = drawn(3, 33)
    weight[1] = 0.0
    assert round_matrix(weight, scheme).dequantize()[1].eq(0).all()


@pytest.mark.parametrize("scheme", SCHEMES, ids=str)
def test_the_smallest_numbers_come_out_finite(scheme: Scheme):
    assert round_matrix(torch.full((2, 3), 1e-45), scheme).dequantize().abs().max() <= 1e-7


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_finite_is_refused(value: float):
    weight = drawn(3, 4)
    weight[1, 2] = value
    with pytest.raises(ValueError, match="row 1, column 2"):
        round_matrix(weight)


@pytest.mark.parametrize("weight", [torch.ones(3), torch.ones(0, 3), torch.ones(2, 2, dtype=torch.int64)])
def test_only_a_matrix_is_rounded(weight: torch.Tensor):
    with pytest.raises((ValueError, TypeError), match=r"matrix|did not match|type hint"):
        round_matrix(weight)


def test_a_scale_that_half_precision_cannot_hold_is_refused():
    with pytest.raises(ValueError, match=r"above the 65504"):
        round_matrix(torch.full((1, 4), 1e9), INT4)
    assert round_matrix(torch.full((1, 4), 1e9), INT8).dequantize().eq(1e9).all()


def test_half_precision_is_rounded_in_float32():
    weight = drawn(4, 40).half()
    for scheme in (INT8, INT4):
        assert torch.equal(round_matrix(weight, scheme).values, round_matrix(weight.float(), scheme).values)


def test_sizes():
    weight = drawn(4, 64)
    assert round_matrix(weight, INT8).n_bytes == 4 * 64 + 4 * 4
    assert round_matrix(weight, INT8_PER_TENSOR).n_bytes == 4 * 64 + 4
    assert round_matrix(weight, INT4).n_bytes == 4 * 32 + 4 * 2 * 2
    assert round_matrix(weight, Q4_1).n_bytes == 4 * 32 + 4 * 2 * 2 * 2


def test_a_minimum_helps_where_a_group_is_to_one_side():
    weight = 1 + 0.1 * drawn(8, 32)
    of_scheme = {scheme: (round_matrix(weight, scheme).dequantize() - weight).norm() for scheme in (INT4, Q4_1)}
    assert of_scheme[Q4_1] < of_scheme[INT4] / 3


def test_what_was_rounded_with_a_minimum_is_rounded_again_without_loss():
    once = round_matrix(drawn(8, 64), Q4_1).dequantize()
    lost = {scheme: (round_matrix(once, scheme).dequantize() - once).norm() / once.norm() for scheme in (INT4, Q4_1)}
    assert lost[Q4_1] < 1e-3
    assert lost[INT4] > 0.03


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 15), min_size=1, max_size=9))
def test_two_numbers_a_byte_and_back(numbers: list[int]):
    packed = pack_nibbles(torch.tensor([numbers]))
    assert packed.shape == (1, (len(numbers) + 1) // 2)
    assert unpack_nibbles(packed, len(numbers)).tolist() == [numbers]


def test_the_first_of_two_is_in_the_lower_half():
    assert pack_nibbles(torch.tensor([[3, 10, 5]])).tolist() == [[0xA3, 0x05]]


def test_faults_of_packing():
    for wrong in (-1, 16):
        with pytest.raises(ValueError, match="0 to 15"):
            pack_nibbles(torch.tensor([[wrong]]))
    with pytest.raises(ValueError, match="take 3 bytes"):
        unpack_nibbles(torch.zeros(1, 2, dtype=torch.uint8), 5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bits": 1}, "bits is 1"),
        ({"bits": 9}, "bits is 9"),
        ({"group_size": 0}, "group_size"),
        ({"group_size": 8, "per_tensor": True}, "one of the two"),
        ({"minimum": True, "per_tensor": True}, "one of the two"),
    ],
)
def test_faults_of_schemes(options: dict, message: str):
    with pytest.raises(ValueError, match=message):
        Scheme(**options)
