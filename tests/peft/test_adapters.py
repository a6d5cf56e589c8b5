"""Adapters agree with the library `adapters`, and with the paper where the library differs from it."""

import copy

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from course.interpretability.residual_stream import record_stream
from course.layers.blocks import Residual
from course.peft import Adapter, Attached, BitFit, HoulsbyAdapters, LoRA, PfeifferAdapters, attach, count, freeze
from course.peft.adapters import HoulsbyResidual, PfeifferResidual
from course.seq2seq import Seq2Seq, Seq2SeqConfig
from course.transformer import Transformer, TransformerConfig
from tests.peft.library import METHODS, library_model, ours, reference
from tests.peft.make_adapters_reference import D_MODEL, N_LAYERS, loss
from tests.peft.tiny import MODELS, hidden_states, inputs
from tests.support.adapted import seeded
from tests.support.llama import TOLERANCE, difference
from tests.support.other_device import here, other_device, there

BOTH = (HoulsbyAdapters(4, std=0.3), PfeifferAdapters(4, std=0.3))  # far from the identity
each_kind = pytest.mark.parametrize("kind", MODELS)
each_method = pytest.mark.parametrize("method", BOTH, ids=lambda method: type(method).__name__)


def on(kind: str, method: object) -> tuple[nn.Module, Attached]:
    model = MODELS[kind]()
    freeze(model)
    return model, attach(model, method, seeded())


def snapshot(model: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
@pytest.mark.parametrize("name", ["double", "seq_bn"])
@each_kind
def test_outputs_and_gradients_are_those_of_the_library(kind, name, training):
    model = library_model(kind)
    freeze(model)
    attached = attach(model, METHODS[name])
    weights, gradients = reference(kind, name, "weight"), reference(kind, name, "gradient")
    assert len(weights) == len(gradients) == len(attached.parameters())
    with torch.no_grad():
        for place, weight in weights.items():
            ours(attached, place).copy_(weight)
    model.train(training)
    output = hidden_states(model, reference(kind, "inputs"))
    assert difference(output, reference(kind, name)["output"]) < TOLERANCE
    loss(output).backward()
    for place, gradient in gradients.items():
        assert difference(ours(attached, place).grad, gradient) < TOLERANCE, place


@settings(max_examples=25)
@given(st.integers(1, 12), st.integers(1, 12), st.sampled_from([("relu", F.relu), ("gelu", F.gelu), ("swish", F.silu)]))
def test_an_adapter_adds_what_its_bottleneck_makes_of_its_input(d_model, bottleneck, activation):
    name, function = activation
    adapter = Adapter(d_model, bottleneck, name, std=1.0, generator=seeded())
    x = torch.randn(3, d_model, generator=seeded(1))
    change = function(x @ adapter.down.weight.T + adapter.down.bias) @ adapter.up.weight.T + adapter.up.bias
    torch.testing.assert_close(adapter.change(x), change)
    torch.testing.assert_close(adapter(x), x + change)


@settings(max_examples=15)
@given(st.sampled_from([1e-3, 0.02]), st.integers(0, 50))
def test_an_adapter_is_at_first_nearly_the_identity(std, seed):
    adapter = Adapter(32, 8, "gelu", std=std, generator=seeded(seed))
    assert not adapter.down.bias.any() and not adapter.up.bias.any()
    for weight in (adapter.down.weight, adapter.up.weight):
        assert 0 < weight.abs().max() < 2.001 * std
        assert weight.std().item() == pytest.approx(0.88 * std, rel=0.25)  # of a normal distribution cut off at two
    x = torch.randn(100, 32, generator=seeded(seed))
    assert adapter.change(x).norm() < 1000 * std**2 * x.norm()


def test_first_weights_depend_on_the_generator_alone():
    one, same, other = (attach(MODELS["bert"](), PfeifferAdapters(4), seeded(seed)).state() for seed in (0, 0, 1))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not all(torch.equal(one[name], other[name]) for name in one)


class Doubled(nn.Module):
    """In the place of dropout: it can be seen where it acted."""

    def forward(self, x: Tensor) -> Tensor:
        return 2 * x


@pytest.mark.parametrize("norm_first", [False, True])
def test_dropout_comes_before_the_adapter_and_the_sum_after_it(norm_first):
    residual = Residual(nn.LayerNorm(6), norm_first=norm_first)
    residual.dropout = Doubled()
    adapter = Adapter(6, 3, "gelu", std=1.0, generator=seeded())
    x, sublayer = torch.randn(1, 4, 6, generator=seeded()), torch.tanh
    given, norm = (residual.norm(x), nn.Identity()) if norm_first else (x, residual.norm)
    added = 2 * sublayer(given)
    houlsby = HoulsbyResidual(residual, adapter).train()
    torch.testing.assert_close(houlsby(x, sublayer), norm(x + adapter(added)))
    pfeiffer = PfeifferResidual(residual, adapter).train()
    torch.testing.assert_close(pfeiffer(x, sublayer), norm(x + added + adapter.change(norm(x + added))))


@pytest.mark.parametrize(("kind", "n_norms"), [("bert", 1 + 2 * N_LAYERS), ("gpt2", 1 + 2 * N_LAYERS)])
def test_houlsby_trains_two_adapters_a_block_and_every_normalization(kind, n_norms):
    adapters = 2 * N_LAYERS * (2 * D_MODEL * 4 + D_MODEL + 4)
    assert count(on(kind, HoulsbyAdapters(4))[1]) == adapters + n_norms * 2 * D_MODEL
    assert count(on(kind, HoulsbyAdapters(4, trained_norms=False))[1]) == adapters
    assert count(on(kind, PfeifferAdapters(4))[1]) == adapters // 2


@each_kind
def test_the_trained_normalizations_get_the_gradients_of_the_models_own(kind):
    model, attached = on(kind, BOTH[0])
    loss(hidden_states(model, inputs(kind))).backward()
    frozen_copies = attach(plain := MODELS[kind](), HoulsbyAdapters(4, std=0.3, trained_norms=False), seeded())
    loss(hidden_states(plain, inputs(kind))).backward()
    gradients = {name.replace("base.", ""): weight.grad for name, weight in plain.named_parameters()}
    norms = {name: weight for name, weight in attached.parameters().items() if ".norm." in name}
    assert norms and frozen_copies.is_on
    for name, weight in norms.items():
        assert difference(weight.grad, gradients[name.replace("norm.norm.", "norm.")]) < TOLERANCE, name


@each_method
@each_kind
def test_training_leaves_the_model_as_it_was_once_the_method_is_off(kind, method):
    model = MODELS[kind]()
    before, tree = snapshot(model), str(model)
    output = hidden_states(model, inputs(kind))
    freeze(model)
    attached = attach(model, method, seeded())
    optimizer = torch.optim.Adam(attached.parameters().values(), lr=0.1)
    for _step in range(2):
        optimizer.zero_grad()
        loss(hidden_states(model.train(), inputs(kind))).backward()
        optimizer.step()
    assert all(parameter.grad is not None for parameter in attached.parameters().values())
    assert all(parameter.grad is None for parameter in model.parameters() if not parameter.requires_grad)
    changed = hidden_states(model.eval(), inputs(kind))
    attached.off()
    assert str(model) == tree
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert torch.equal(hidden_states(model, inputs(kind)), output)
    attached.on()
    assert torch.equal(hidden_states(model, inputs(kind)), changed)
    assert not torch.allclose(changed, output)


@each_method
def test_the_state_is_all_that_another_model_needs(method):
    model, attached = on("bert", method)
    copied = attach(other := MODELS["bert"](), method, seeded(5))
    state = copied.state()
    assert not torch.equal(hidden_states(other, inputs("bert")), hidden_states(model, inputs("bert")))
    assert state.keys() == attached.state().keys() and not any("base" in name for name in state)
    with torch.no_grad():
        for name, tensor in attached.state().items():
            state[name].copy_(tensor)
    assert torch.equal(hidden_states(other, inputs("bert")), hidden_states(model, inputs("bert")))


@each_method
@pytest.mark.parametrize("kind", ["gpt2", "llama"])
def test_with_a_cache_a_decoder_computes_the_same(kind, method):
    model, _attached = on(kind, method)
    ids = inputs(kind)["input_ids"]
    cache = model.new_cache(ids.shape[1], len(ids))
    pieces = [model(ids[:, :4], cache), *(model(ids[:, i : i + 1], cache) for i in range(4, ids.shape[1]))]
    assert difference(torch.cat(pieces, dim=1), model(ids)) < TOLERANCE


@each_method
def test_copies_precisions_and_devices(method):
    model, _attached = on("bert", method)
    output = hidden_states(model, inputs("bert"))
    assert torch.equal(hidden_states(copy.deepcopy(model), inputs("bert")), output)
    exact = MODELS["bert"]().double()
    attach(exact, method, seeded())
    assert {parameter.dtype for parameter in exact.parameters()} == {torch.float64}
    assert difference(hidden_states(exact, inputs("bert")).float(), output) < TOLERANCE
    with other_device():
        torch.testing.assert_close(here(hidden_states(there(model), there(inputs("bert")))), output)


def test_an_encoder_decoder_has_an_adapter_after_each_of_five_sublayers():
    config = TransformerConfig(9, 9, d_model=16, n_heads=2, d_ff=24, n_layers=1, context_length=24)
    model = Transformer(config, seeded()).eval()
    source, target = torch.tensor([[3, 4, 5]]), torch.tensor([[1, 4]])
    before = model(source, target)
    attached = attach(model, HoulsbyAdapters(4, std=0.3, trained_norms=False), seeded())
    assert len(attached.parts) == 5
    assert not torch.allclose(model(source, target), before)


@each_method
def test_the_residual_stream_can_still_be_watched(method):
    model, _attached = on("gpt2", method)
    with record_stream(model) as passages:
        hidden_states(model, inputs("gpt2"))
    assert len(passages) == 2 * N_LAYERS
    assert torch.equal(passages[0].after, passages[1].before)
    assert torch.equal(model.norm(passages[-1].after), hidden_states(model, inputs("gpt2")))


@pytest.mark.parametrize("kind", [HoulsbyAdapters, PfeifferAdapters])
@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"bottleneck": 0}, "bottleneck is 0; it must be 1 or more"),
        ({"bottleneck": 2.5}, "bottleneck is 2.5; it must be a whole number"),
        ({"activation": "sine"}, "activation is 'sine'; give one of 'relu', 'gelu', 'swish'"),
        ({"std": 0.0}, "std is 0.0; it must be a number above 0"),
    ],
)
def test_numbers_out_of_range_are_named(kind, numbers, message, unchecked_shapes):
    with pytest.raises(ValueError, match=message):
        kind(**numbers)


def refuses(model: nn.Module, method: object, message: str) -> None:
    """One clear error, and nothing of the method is on the model."""
    tree = str(model)
    with pytest.raises(ValueError, match=message):
        attach(model, method)
    assert str(model) == tree


def test_a_model_that_the_method_does_not_fit():
    for method in (HoulsbyAdapters(D_MODEL + 1), PfeifferAdapters(D_MODEL + 1)):
        refuses(MODELS["bert"](), method, "bottleneck of 17 is wider than the model, whose d_model is 16")
        recurrent = Seq2Seq(Seq2SeqConfig(9, 9, d_embedding=5, d_hidden=6, cell="gru", attention=None), seeded())
        refuses(recurrent, method, "Seq2Seq has no residual connections")
    assert count(attach(MODELS["bert"](), PfeifferAdapters(D_MODEL))) > 0


def test_two_methods_in_one_place_in_either_order():
    inside = "blocks.0.attention_residual already has a TrainedBias on it. Take that off first"
    model, _attached = on("bert", BitFit())
    refuses(model, HoulsbyAdapters(4, trained_norms=False), inside)
    refuses(model, HoulsbyAdapters(4), "embedding.norm already has a TrainedBias on it")
    model, adapters = on("bert", PfeifferAdapters(4))
    refuses(model, BitFit(["norm"]), "blocks.0.feed_forward_residual.norm already has a PfeifferResidual on it")
    refuses(
        model,
        HoulsbyAdapters(4, trained_norms=False),
        "blocks.0.feed_forward_residual already has a PfeifferResidual on it",
    )
    attach(model, LoRA(2))  # in other places
    adapters.off()
    attach(model, BitFit(["norm"]))


@pytest.mark.usefixtures("unchecked_shapes")
def test_a_bottleneck_of_ones_own_is_checked_as_well():
    for numbers, message in (((4, 2, "x"), "activation is 'x'"), ((4, 0, "relu"), "bottleneck is 0")):
        with pytest.raises(ValueError, match=message):
            Adapter(*numbers, std=0.1)
    with pytest.raises(ValueError, match="std is -1"):
        Adapter(4, 2, "relu", std=-1)
