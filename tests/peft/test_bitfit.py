"""BitFit trains the model's biases and nothing else, and the model's own stay as they were."""

import copy

import pytest
import torch
from torch import nn

from course.layers.linear import Linear
from course.peft import QUERY_AND_UP, BitFit, attach, count, freeze, load, save
from course.peft.bitfit import TrainedBias
from tests.peft.make_adapters_reference import D_FF, D_MODEL, N_LAYERS, loss
from tests.peft.tiny import MODELS, hidden_states, inputs
from tests.support.llama import two_threads
from tests.support.other_device import here, other_device, there

each_kind = pytest.mark.parametrize("kind", ["bert", "gpt2"])


def is_trained(name: str) -> bool:
    return name.endswith(".bias") and "pooler" not in name


@each_kind
def test_gradients_are_those_of_the_models_own_biases(kind):
    model, open_model = MODELS[kind](), MODELS[kind]()
    freeze(model)
    attached = attach(model, BitFit())
    outputs = [hidden_states(each, inputs(kind)) for each in (model, open_model)]
    assert torch.equal(*outputs)
    for output in outputs:
        loss(output).backward()
    expected = {name: weight.grad for name, weight in open_model.named_parameters() if is_trained(name)}
    assert attached.parameters().keys() == expected.keys()
    for name, weight in attached.parameters().items():
        assert torch.equal(weight.grad, expected[name]), name
    assert {name for name, weight in model.named_parameters() if weight.grad is not None} == set(expected)


@each_kind
def test_three_steps_are_those_of_training_the_biases_in_place(kind):
    model, open_model = MODELS[kind](), MODELS[kind]()
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    freeze(model)
    attached = attach(model, BitFit())
    own = {name: weight for name, weight in open_model.named_parameters() if is_trained(name)}
    for each, weights in ((model, attached.parameters()), (open_model, own)):
        optimizer = torch.optim.AdamW(weights.values(), lr=0.01)
        for _step in range(3):
            optimizer.zero_grad()
            loss(hidden_states(each.train(), inputs(kind))).backward()
            optimizer.step()
    for name, weight in attached.parameters().items():
        torch.testing.assert_close(weight, own[name])
        assert not torch.equal(weight, before[name])
    attached.off()
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())


def test_the_papers_two_are_the_query_and_the_first_feed_forward_layer():
    attached = attach(MODELS["bert"](), BitFit(QUERY_AND_UP))
    places = {place.partition(".")[2].partition(".")[2] for place in attached.parts}
    assert places == {"attention.query", "feed_forward.up"}
    assert count(attached) == N_LAYERS * (D_MODEL + D_FF)


def test_a_pooler_is_trained_when_it_is_named():
    assert "pooler.bias" not in attach(MODELS["bert"](), BitFit()).parameters()
    model = MODELS["bert"]()
    attached = attach(model, BitFit(["pooler"]))
    model.pool(hidden_states(model, inputs("bert"))).sum().backward()
    assert attached.parameters()["pooler.bias"].grad.abs().sum() > 0


@pytest.mark.parametrize(
    ("kind", "targets", "message"),
    [
        ("llama", None, "Decoder has no biases, so BitFit has nothing to train"),
        ("llama", ["query"], "Decoder has no biases, so BitFit has nothing to train"),
        ("bert", ["gate"], "Bert has no layer 'gate' with a bias. It has: norm, query"),
        ("bert", ["tokens"], "Bert has no layer 'tokens' with a bias"),
        ("bert", [], "There are no targets. Give one or more of: norm, query"),
    ],
)
def test_what_has_no_bias_is_named(kind, targets, message):
    model = MODELS[kind]()
    tree = str(model)
    with pytest.raises(ValueError, match=message):
        attach(model, BitFit(targets))
    assert str(model) == tree


@pytest.mark.parametrize("targets", [None, ["query", "up"]])
def test_saved_biases_are_loaded_into_another_model(targets, tmp_path):
    model = MODELS["bert"]()
    attached = attach(model, BitFit(targets))
    with torch.no_grad():
        for weight in attached.parameters().values():
            weight += 0.5
    save(attached, tmp_path / "biases.safetensors")
    other = MODELS["bert"]()
    assert load(tmp_path / "biases.safetensors", other).method == attached.method
    assert torch.equal(hidden_states(other, inputs("bert")), hidden_states(model, inputs("bert")))


def test_one_name_is_no_list():
    with pytest.raises(TypeError, match=r"The targets are one name: put it into a list, \('query',\)"):
        attach(MODELS["bert"](), BitFit("query"))


def test_the_layer_is_computed_as_before_with_the_trained_bias():
    layer = Linear(8, 6, bias=True)
    part = TrainedBias(layer)
    with torch.no_grad():
        part.bias += 1
    row = torch.randn(1, 1, 8)
    with two_threads():  # a single row goes another way
        torch.testing.assert_close(part(row), layer(row) + 1)


def test_copies_precisions_and_devices():
    model = MODELS["bert"]()
    attached = attach(model, BitFit())
    with torch.no_grad():
        for weight in attached.parameters().values():
            weight += 0.5
    output = hidden_states(model, inputs("bert"))
    assert torch.equal(hidden_states(copy.deepcopy(model), inputs("bert")), output)
    with other_device():
        torch.testing.assert_close(here(hidden_states(there(model), there(inputs("bert")))), output)
    assert (
        attach(MODELS["bert"]().double(), BitFit()).parameters()["blocks.0.attention.query.bias"].dtype is torch.float64
    )
    assert not any(isinstance(module, nn.Dropout) and module.training for module in model.modules())
