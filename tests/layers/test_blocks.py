"""The layers beside PyTorch's, with the same weights: outputs and every gradient."""

import pytest
import torch
import torch.nn.functional as F

from course.layers.blocks import DecoderLayer, EncoderLayer
from course.layers.embedding import Embedding, padding_mask
from course.layers.positions import Positions
from course.layers.torch_parity import as_torch, torch_gradients
from tests.support.torch_layers import EXACT, disturb, draw

SOURCE = torch.tensor([[5, 6, 7, 8, 9, 4], [5, 6, 7, 8, 0, 0], [5, 0, 0, 0, 0, 0]])
TARGET = torch.tensor([[5, 6, 7, 8, 9], [5, 6, 7, 0, 0], [5, 6, 0, 0, 0]])


def compare(ours, output, reference, expected, inputs, their_inputs):
    torch.testing.assert_close(output, expected, **EXACT)
    toward = draw(*expected.shape, seed=9)
    (output * toward).sum().backward()
    (expected * toward).sum().backward()
    for one, another in zip(inputs, their_inputs, strict=True):
        torch.testing.assert_close(one.grad, another.grad, **EXACT)
    their_gradients = {name: parameter.grad for name, parameter in reference.named_parameters()}
    our_gradients = torch_gradients(ours)
    assert our_gradients.keys() == their_gradients.keys()
    for name, gradient in our_gradients.items():
        # Relative to the largest of each: sums over many positions are rounded to that.
        scale = their_gradients[name].abs().max().clamp(min=1)
        torch.testing.assert_close(gradient / scale, their_gradients[name] / scale, **EXACT)


@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize("padding", [False, True])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(("activation", "eps"), [(F.relu, 1e-5), (F.gelu, 1e-12)])
def test_encoder_layer_equals_torch(norm_first, padding, causal, activation, eps):
    ours = disturb(EncoderLayer(24, 4, 40, dropout=0.0, norm_first=norm_first, norm_eps=eps, activation=activation))
    reference = as_torch(ours)
    x, their_x = draw(3, 6, 24).requires_grad_(), draw(3, 6, 24).requires_grad_()
    output = ours(x, padding_mask(SOURCE, 0) if padding else None, causal=causal)
    expected = reference(
        their_x,
        src_mask=torch.ones(6, 6, dtype=torch.bool).triu(1) if causal else None,
        src_key_padding_mask=SOURCE == 0 if padding else None,
    )
    compare(ours, output, reference, expected, [x], [their_x])


@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize("padding", [False, True])
def test_decoder_layer_equals_torch(norm_first, padding):
    ours = disturb(DecoderLayer(24, 4, 40, dropout=0.0, norm_first=norm_first))
    reference = as_torch(ours)
    inputs = [draw(3, 5, 24).requires_grad_(), draw(3, 6, 24, seed=1).requires_grad_()]
    their_inputs = [x.detach().clone().requires_grad_() for x in inputs]
    source = ours.source_attention.keys_and_values(inputs[1])
    masks = (padding_mask(SOURCE, 0), padding_mask(TARGET, 0)) if padding else (None, None)
    output = ours(inputs[0], source, *masks)
    expected = reference(
        *their_inputs,
        tgt_mask=torch.ones(5, 5, dtype=torch.bool).triu(1),
        tgt_key_padding_mask=TARGET == 0 if padding else None,
        memory_key_padding_mask=SOURCE == 0 if padding else None,
    )
    compare(ours, output, reference, expected, inputs, their_inputs)


def test_dropout_acts_in_training_only():
    layer, x = EncoderLayer(24, 4, 40, dropout=0.5), draw(1, 6, 24)
    assert not torch.equal(layer(x), layer(x))
    layer.eval()
    assert torch.equal(layer(x), layer(x))


def test_attention_dropout_alone():
    layer, x = EncoderLayer(24, 4, 40, dropout=0.0, attention_dropout=0.5), draw(1, 6, 24)
    assert not torch.equal(layer(x), layer(x))


def test_embeddings_are_multiplied_by_the_root_of_d_model():
    embedding = Embedding(10, 16, Positions(), n_positions=4, dropout=0.0)
    ids = torch.tensor([[3, 7]])
    torch.testing.assert_close(embedding(ids), 4 * embedding.tokens.weight[ids])


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("ids", "start", "error", "message"),
    [
        (torch.tensor([[0.5]]), 0, TypeError, r"not torch\.float32"),
        (torch.tensor([1, 2]), 0, ValueError, r"shape \(batch, position\).*not \(2,\)"),
        (torch.empty(1, 0, dtype=torch.long), 0, ValueError, r"not \(1, 0\)"),
        (torch.tensor([[1, 10]]), 0, ValueError, "id 10 is unknown.*0 to 9"),
        (torch.tensor([[-1, 2]]), 0, ValueError, "id -1 is unknown"),
        (torch.tensor([[1, 2, 3]]), 2, ValueError, "5 tokens are more than the model's context of 4"),
    ],
)
def test_ids_that_cannot_be_read(ids, start, error, message):
    with pytest.raises(error, match=message):
        Embedding(10, 16, Positions(), n_positions=4, dropout=0.0)(ids, start)


def test_all_that_can_be_read_is_read():
    Embedding(10, 16, Positions(), n_positions=4, dropout=0.0)(torch.tensor([[0, 9]]), 2)
