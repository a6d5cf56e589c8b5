"""Silencing a head equals zeroing its columns of the output layer, and is undone afterwards."""

import pytest
import torch

from course.interpretability.ablation import attention_layers, measure_heads, without_heads
from course.layers.attention import record_attention
from course.layers.multihead import MultiHeadAttention
from course.transformer import Transformer, TransformerConfig
from tests.support.torch_layers import EXACT, disturb, draw

SOURCE, TARGET = torch.tensor([[3, 4, 5, 0], [6, 7, 8, 9]]), torch.tensor([[1, 4, 5], [1, 6, 7]])


@pytest.fixture
def model():
    config = TransformerConfig(10, 12, d_model=24, n_heads=4, d_ff=40, n_layers=2, context_length=8)
    return disturb(Transformer(config, torch.Generator().manual_seed(0))).eval()


def test_a_silent_head_is_one_whose_columns_of_the_output_layer_are_0():
    layer, x = disturb(MultiHeadAttention(24, 4)), draw(2, 5, 24)
    with without_heads(layer, {(0, 1), (0, 3)}):
        silenced = layer(x)
    assert not torch.allclose(silenced, layer(x), atol=1e-3)
    with torch.no_grad():
        layer.output.weight[:, 6:12] = 0
        layer.output.weight[:, 18:24] = 0
    torch.testing.assert_close(silenced, layer(x), **EXACT)


def test_layers_have_the_numbers_of_their_maps(model):
    layers = attention_layers(model)
    decoder = model.decoder.blocks
    assert layers == [
        *(layer.attention for layer in model.encoder.blocks),
        *(each for layer in decoder for each in (layer.self_attention, layer.source_attention)),
    ]
    with record_attention(model) as maps, torch.no_grad():
        model(SOURCE, TARGET)
    assert [tuple(one.shape[-2:]) for one in maps] == [(4, 4)] * 2 + [(3, 3), (3, 4)] * 2


@pytest.mark.parametrize("head", [(0, 0), (1, 3), (2, 1), (5, 2)])
def test_every_head_counts_and_comes_back(model, head):
    before = model(SOURCE, TARGET)
    with without_heads(model, {head}):
        assert not torch.allclose(model(SOURCE, TARGET), before, atol=1e-4)
    assert torch.equal(model(SOURCE, TARGET), before)


def test_heads_come_back_after_an_error_and_silences_add_up(model):
    before = model(SOURCE, TARGET)
    with without_heads(model, {(0, 0), (1, 1)}):
        both = model(SOURCE, TARGET)
    with without_heads(model, {(0, 0)}), without_heads(model, {(1, 1)}):
        assert torch.equal(model(SOURCE, TARGET), both)
    with pytest.raises(KeyError), without_heads(model, {(0, 0)}):
        raise KeyError
    assert torch.equal(model(SOURCE, TARGET), before)


def test_without_any_head_a_source_says_nothing(model):
    every_head = {(layer, head) for layer in (3, 5) for head in range(4)}
    with without_heads(model, every_head):
        one, other = model(SOURCE, TARGET), model(SOURCE.flip(0), TARGET)
    assert torch.equal(one, other)


@pytest.mark.parametrize("head", [(6, 0), (0, 4), (-1, 0)])
def test_a_head_that_is_not_there_is_named(model, head):
    layer, number = head
    with (
        pytest.raises(ValueError, match=rf"no head {number} in layer {layer}. Heads by layer: 0: 4, .*5: 4\."),
        without_heads(model, {head}),
    ):
        pass


def test_every_head_is_measured_without_and_alone(model):
    seen, inputs, layers = [], [], attention_layers(model)

    def measure(each):
        given = [layer.output.register_forward_pre_hook(lambda _o, x: inputs.append(x[0])) for layer in layers]
        inputs.clear()
        each(SOURCE, TARGET)
        for hook in given:
            hook.remove()
        by_head = [x.unflatten(-1, (4, -1)).abs().amax(dim=(0, 1, 3)) for x in inputs]
        seen.append([(number, head) for number, sizes in enumerate(by_head) for head in range(4) if sizes[head] == 0])
        return float(len(seen))

    assert measure_heads(model, measure).tolist() == [
        [4.0 * row + column + 1 for column in range(4)] for row in range(6)
    ]
    assert seen == [[(layer, head)] for layer in range(6) for head in range(4)]
    seen.clear()
    measure_heads(model, measure, alone=True)
    assert seen[5] == [(1, 0), (1, 2), (1, 3)]


@pytest.mark.parametrize("heads", [(0, 1), None, {(0, 1.5)}, {("a", 0)}, {(0, 0, 0)}, 3])
@pytest.mark.usefixtures("unchecked_shapes")
def test_what_names_no_heads(heads):
    layer = MultiHeadAttention(16, 4)
    with pytest.raises(ValueError, match="are no heads; give pairs of two whole numbers"), without_heads(layer, heads):
        pass
