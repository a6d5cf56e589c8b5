"""What holds our layers against PyTorch's: it says "the same" where they are, and only there.

That the layers are the same is for `test_multihead.py` and `test_blocks.py` to say, which are built on it.
"""

import pytest
import torch

from course.layers.blocks import DecoderLayer, EncoderLayer
from course.layers.multihead import MultiHeadAttention
from course.layers.torch_parity import as_torch, same_gradients, torch_gradients, torch_weights
from tests.support.torch_layers import EXACT, disturb, draw

MODULES = {
    "attention": lambda: MultiHeadAttention(8, 2),
    "encoder": lambda: EncoderLayer(8, 2, 16, norm_first=True),
    "decoder": lambda: DecoderLayer(8, 2, 16),
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
