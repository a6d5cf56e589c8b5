"""What holds our layers against PyTorch's: it says "the same" where they are, and only there.

That the layers are the same is for `test_multihead.py` and `test_blocks.py` to say, which are built on it.
"""

import pytest
import torch

from course.layers.blocks import CausalBlock, DecoderBlock, EncoderBlock
from course.layers.multihead import MultiHeadAttention
from course.layers.torch_parity import as_torch, same_as_torch, same_gradients, torch_gradients, torch_weights
from tests.support.torch_layers import EXACT, disturb, draw, make_block

MODULES = {
    "attention": lambda: MultiHeadAttention(8, 2),
    "encoder": lambda: make_block(EncoderBlock, norm_first=True),
    "causal": lambda: make_block(CausalBlock),
    "decoder": lambda: make_block(DecoderBlock),
}


@pytest.mark.parametrize("make", MODULES.values(), ids=MODULES)
def test_every_weight_of_both_sides_has_its_name(make):
    ours = disturb(make())
    reference = as_torch(ours)
    assert torch_weights(ours).keys() == dict(reference.named_parameters()).keys()
    assert sum(p.numel() for p in reference.parameters()) == sum(p.numel() for p in ours.parameters())
    assert all(module.p == 0 for module in reference.modules() if isinstance(module, torch.nn.Dropout))


def test_the_copy_is_a_copy():
    ours = disturb(MultiHeadAttention(8, 2))
    reference = as_torch(ours)
    x = draw(1, 3, 8)
    torch.testing.assert_close(ours(x), reference(x, x, x)[0], **EXACT)
    with torch.no_grad():
        ours.query.weight += 1
    assert not torch.allclose(ours(x), reference(x, x, x)[0], atol=1e-3)


def test_gradients_that_differ_are_seen():
    ours = disturb(MultiHeadAttention(8, 2))
    reference, x = as_torch(ours), draw(1, 3, 8)
    ours(x).square().sum().backward()
    reference(x, x, x)[0].square().sum().backward()
    assert same_gradients(ours, reference)
    assert torch.equal(torch_gradients(ours)["in_proj_bias"][8:16], ours.key.bias.grad)
    ours.value.bias.grad[3] += 1e-3
    assert not same_gradients(ours, reference)
    assert same_gradients(ours, reference, tolerance=1e-2)


@pytest.mark.usefixtures("unchecked_shapes")
def test_what_has_no_counterpart_in_pytorch():
    with pytest.raises(ValueError, match="Linear has no counterpart here: give a `MultiHeadAttention` or a block"):
        as_torch(torch.nn.Linear(2, 2))
    with pytest.raises(ValueError, match="a key head for each of the 4 heads, and here are 2"):
        as_torch(MultiHeadAttention(16, 4, n_kv_heads=2))


def test_gradients_need_a_backward_of_both():
    ours = MultiHeadAttention(8, 2)
    reference = as_torch(ours)
    for backward in (lambda: None, lambda: ours(torch.randn(1, 3, 8)).sum().backward()):
        backward()
        with pytest.raises(ValueError, match="no gradients yet: call `backward` on the loss of both modules first"):
            same_gradients(ours, reference)


def test_outputs_and_gradients_are_judged_apart():
    ours = disturb(MultiHeadAttention(8, 2))
    x = draw(1, 3, 8)
    for factor, gradients in ((1.0, True), (1.001, False)):
        reference = as_torch(ours)
        ours.zero_grad()
        expected, _weights = reference(x, x, x)
        found = same_as_torch(ours, reference, factor * ours(x), expected)
        assert found == {"outputs": factor == 1.0, "gradients": gradients}
    ours.zero_grad()
    reference = as_torch(ours)
    expected, _weights = reference(x, x, x)
    assert same_as_torch(ours, reference, ours(x) + 0.0 * x, expected + 1.0) == {"outputs": False, "gradients": False}
