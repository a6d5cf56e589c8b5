import pytest
import torch
import torch.nn.functional as F

from course.layers.linear import Linear
from course.layers.norm import RMSNorm
from tests.support.llama import two_threads


@pytest.mark.parametrize(("d_in", "d_out"), [(32, 48), (48, 32), (33, 7)])
@pytest.mark.parametrize("by_columns", [False, True])
def test_a_single_row_on_two_threads_equals_the_ordinary_product(d_in, d_out, by_columns):
    layer, x = Linear(d_in, d_out), torch.randn(1, 1, d_in)
    if by_columns:
        layer.weight.data = layer.weight.data.T.contiguous().T
    expected, (gradient,) = (
        F.linear(x, layer.weight),
        torch.autograd.grad(F.linear(x, layer.weight).sum(), layer.weight),
    )
    with two_threads():
        for shape in [(1, 1, d_in), (1, d_in), (d_in,)]:
            torch.testing.assert_close(layer(x.view(shape)), expected.view(*shape[:-1], d_out))
        torch.testing.assert_close(torch.autograd.grad(layer(x).sum(), layer.weight)[0], gradient)


@pytest.mark.parametrize("by_columns", [False, True])
def test_a_single_row_is_shared_out_over_the_threads(monkeypatch, by_columns):
    layer, batches = Linear(32, 48), []
    if by_columns:
        layer.weight.data = layer.weight.data.T.contiguous().T
    multiply = torch.bmm
    monkeypatch.setattr(torch, "bmm", lambda rows, pieces: batches.append(pieces) or multiply(rows, pieces))
    layer(torch.randn(1, 1, 32)), layer(torch.randn(1, 2, 32))
    assert len(batches) == (torch.get_num_threads() > 1)
    batches.clear()
    with two_threads():
        layer(torch.randn(1, 1, 32)), layer(torch.randn(1, 2, 32))
    (pieces,) = batches
    assert len(pieces) == 2 and pieces.untyped_storage().data_ptr() == layer.weight.untyped_storage().data_ptr()


def test_rms_norm_equals_torch():
    norm, x = RMSNorm(16, eps=1e-5), torch.randn(2, 3, 16)
    norm.weight.data = torch.randn(16)
    torch.testing.assert_close(norm(x), F.rms_norm(x, (16,), norm.weight, 1e-5))
