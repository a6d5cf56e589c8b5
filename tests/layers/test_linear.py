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


LARGE = [(64, 96, 192), (5, 576, 1024), (720, 33, 47)]


@pytest.mark.parametrize(("n_rows", "d_in", "d_out"), LARGE)
@pytest.mark.parametrize("by_columns", [False, True])
@pytest.mark.parametrize("bias", [False, True])
def test_a_large_product_without_gradients_equals_the_ordinary_one(n_rows, d_in, d_out, by_columns, bias):
    layer, x = Linear(d_in, d_out, bias), torch.randn(d_in, n_rows).T
    if by_columns:
        layer.weight.data = layer.weight.data.T.contiguous().T
    expected = F.linear(x, layer.weight, layer.bias).detach()
    for shape in [(n_rows,), (1, n_rows), (n_rows, 1)]:
        with torch.no_grad():
            outputs = layer(x.reshape(*shape, d_in))
        torch.testing.assert_close(outputs, expected.view(*shape, d_out), rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(torch.inference_mode()(layer)(x), expected, rtol=1e-5, atol=1e-5)


def calls_of_one_dnn(monkeypatch, run):
    calls, product = [], torch.ops.mkldnn._linear_pointwise
    with monkeypatch.context() as patch:
        patch.setattr(torch.ops.mkldnn, "_linear_pointwise", lambda *arguments: calls.append(1) or product(*arguments))
        run()
    return len(calls)


@pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="PyTorch was built without oneDNN")
def test_a_large_product_is_one_dnns_only_where_it_is_the_same(monkeypatch):
    layer, x = Linear(96, 192), torch.randn(64, 96)
    assert calls_of_one_dnn(monkeypatch, lambda: layer(x)) == 0, "it has no gradient"
    with torch.no_grad():
        assert calls_of_one_dnn(monkeypatch, lambda: layer(x)) == 1
        assert calls_of_one_dnn(monkeypatch, lambda: layer(x[:20])) == 0, "it is small"
        assert calls_of_one_dnn(monkeypatch, lambda: layer.double()(x.double())) == 0
        layer.float()
        with torch.autocast("cpu", torch.bfloat16):
            assert calls_of_one_dnn(monkeypatch, lambda: layer(x)) == 0
            assert layer(x).dtype is torch.bfloat16
        with monkeypatch.context() as patch:
            patch.setattr(torch.backends.mkldnn, "enabled", False)
            assert calls_of_one_dnn(monkeypatch, lambda: layer(x)) == 0
        with pytest.raises(RuntimeError, match="dtype"):
            layer.half()(x)


def test_a_large_product_passes_its_gradient_on():
    layer, x = Linear(96, 192, bias=True), torch.randn(64, 96, requires_grad=True)
    weights = [layer.weight, layer.bias, x]
    for found, expected in zip(
        torch.autograd.grad(layer(x).square().sum(), weights),
        torch.autograd.grad(F.linear(x, layer.weight, layer.bias).square().sum(), weights),
        strict=True,
    ):
        torch.testing.assert_close(found, expected)


def test_rms_norm_equals_torch():
    norm, x = RMSNorm(16, eps=1e-5), torch.randn(2, 3, 16)
    norm.weight.data = torch.randn(16)
    torch.testing.assert_close(norm(x), F.rms_norm(x, (16,), norm.weight, 1e-5))
