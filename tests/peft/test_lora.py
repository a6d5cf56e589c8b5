"""LoRA and DoRA are those of the library `peft`, outputs and gradients."""

import math

import peft
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course.peft import DoRA, DoRALinear, LoRA, LoRALinear, attach, count
from course.peft.targets import linear_layers
from tests.support.adapted import MODELS, attach_disturbed, ids_for, seeded, tiny_bert, tiny_decoder
from tests.support.gpt2 import as_gpt2
from tests.support.llama import TOLERANCE, difference
from tests.support.peft_library import output_of, with_lora
from tests.support.torch_layers import draw

ATTENTION = ("query", "key", "value", "output")
TARGETS = {  # GPT-2's query, key and value are one matrix in the reference: see the test of their own
    "bert": (("query", "value"), (*ATTENTION, "up", "down")),
    "gpt2": (("output", "down"), ("output", "up", "down")),
    "llama": (("query", "value"), (*ATTENTION, "gate", "up", "down")),
}


def assert_equals_the_library(name, method, **config):
    model = MODELS[name]()
    ids = ids_for(model)
    attached = attach_disturbed(model, method)
    attached.off()
    theirs, parameters = with_lora(model, attached.parts, r=method.rank, lora_alpha=method.alpha, **config)
    attached.on()
    assert parameters.keys() == attached.parameters().keys()
    assert theirs.get_nb_trainable_parameters()[0] == count(attached)
    ours, expected = model(ids), output_of(theirs, ids)
    assert difference(ours, expected) < TOLERANCE
    with torch.no_grad():
        assert difference(model(ids), expected) < TOLERANCE  # merged
    toward = draw(*ours.shape)
    (ours * toward).sum().backward()
    (expected * toward).sum().backward()
    for place, parameter in attached.parameters().items():
        assert difference(parameter.grad, parameters[place].grad) < TOLERANCE, place


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("rank_stabilized", [False, True])
def test_lora_equals_the_library(name, which, rank_stabilized):
    method = LoRA(rank=3, alpha=5, targets=TARGETS[name][which], rank_stabilized=rank_stabilized)
    assert_equals_the_library(name, method, use_rslora=rank_stabilized)


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_dora_equals_the_library(name):
    assert_equals_the_library(name, DoRA(rank=3, alpha=5, targets=TARGETS[name][1]), use_dora=True)


def test_the_librarys_lora_on_gpt2s_fused_matrix_is_ours_with_one_a_for_query_key_and_value():
    model = tiny_decoder("gpt2")
    ids = ids_for(model)
    config = peft.LoraConfig(r=3, lora_alpha=5, target_modules=["c_attn"], fan_in_fan_out=True)
    theirs = peft.get_peft_model(as_gpt2(model), config).eval()
    attached = attach_disturbed(model, LoRA(rank=3, alpha=5, targets=("query", "key", "value")))
    fused = [block.attn.c_attn for block in theirs.base_model.model.transformer.h]
    with torch.no_grad():
        for block, layer in zip(model.blocks, fused, strict=True):
            parts = [block.attention.query, block.attention.key, block.attention.value]
            for part in parts:
                part.down.copy_(parts[0].down)
            layer.lora_A["default"].weight.copy_(parts[0].down)
            layer.lora_B["default"].weight.copy_(torch.cat([part.up for part in parts]))
    ours, expected = model(ids), theirs(ids).logits
    assert difference(ours, expected) < TOLERANCE
    toward = draw(*ours.shape)
    (ours * toward).sum().backward()
    (expected * toward).sum().backward()
    for block, layer in zip(model.blocks, fused, strict=True):
        parts = [block.attention.query, block.attention.key, block.attention.value]
        up = torch.cat([part.up.grad for part in parts])
        assert difference(sum(part.down.grad for part in parts), layer.lora_A["default"].weight.grad) < TOLERANCE
        assert difference(up, layer.lora_B["default"].weight.grad) < TOLERANCE
    assert count(attached) > theirs.get_nb_trainable_parameters()[0]


@pytest.mark.parametrize("kind", [LoRALinear, DoRALinear])
def test_dropout_acts_in_the_branch_alone_as_in_the_library(kind):
    base = nn.Linear(6, 5)
    part = kind(base, 2, 2.5, dropout=0.5)
    with torch.no_grad():
        part.up.normal_(generator=seeded())
    config = peft.LoraConfig(r=2, lora_alpha=5, lora_dropout=0.5, target_modules=["query"], use_dora=kind is DoRALinear)
    twin = nn.ModuleDict({"query": nn.Linear(6, 5)})
    twin["query"].load_state_dict(base.state_dict())
    theirs = peft.get_peft_model(twin, config).base_model.model["query"]
    with torch.no_grad():
        theirs.lora_A["default"].weight.copy_(part.down)
        theirs.lora_B["default"].weight.copy_(part.up)
    x = draw(4, 6)
    for module in (theirs, part):
        module.train()
    outputs = []
    for module in (theirs, part):
        torch.manual_seed(3)
        outputs.append(module(x))
    torch.testing.assert_close(outputs[1], outputs[0])
    if kind is LoRALinear:
        torch.manual_seed(3)
        torch.testing.assert_close(outputs[1], base(x) + 2.5 * F.dropout(x, 0.5) @ part.down.T @ part.up.T)
    assert not torch.equal(part(x), outputs[1])  # another draw
    part.eval()
    torch.testing.assert_close(part(x), part.merged()(x))


@pytest.mark.parametrize("method", [LoRA, DoRA])
def test_first_weights(method):
    model = tiny_bert()
    attached = attach(model, method(rank=4), seeded(7))
    for part in attached.parts.values():
        bound = 1 / math.sqrt(16)
        assert part.down.abs().max() <= bound
        assert part.down.std().item() == pytest.approx(bound / math.sqrt(3), rel=0.3)
        assert not part.up.any()
    again = attach(tiny_bert(seed=1), method(rank=4), seeded(7))
    other = attach(tiny_bert(seed=1), method(rank=4), seeded(8))
    downs = [torch.cat([part.down for part in each.parts.values()]) for each in (attached, again, other)]
    assert torch.equal(downs[0], downs[1]) and not torch.equal(downs[0], downs[2])


def test_the_factor():
    assert LoRA(rank=16, alpha=8).scale == 0.5
    assert LoRA(rank=16, alpha=8, rank_stabilized=True).scale == 2
    assert LoRA(rank=16).scale == 1


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rank": 0}, "rank is 0"),
        ({"rank": 2.5}, r"rank is 2\.5"),
        ({"alpha": -8}, "alpha is -8"),
        ({"alpha": 0}, "alpha is 0"),
        ({"alpha": math.nan}, "alpha is nan"),
        ({"alpha": "8"}, "alpha is '8'"),
        ({"dropout": 1.0}, r"dropout is 1\.0"),
    ],
)
@pytest.mark.parametrize("method", [LoRA, DoRA])
def test_numbers_out_of_range_are_refused(method, settings, message):
    with pytest.raises(ValueError, match=message):
        method(**settings)


def test_a_method_is_its_settings():
    assert LoRA(targets=["query"]) == LoRA(targets=("query",)) != DoRA(targets=("query",))
    assert hash(LoRA(targets=["query"])) == hash(LoRA(targets=("query",)))


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("bert", {*ATTENTION, "up", "down"}),
        ("gpt2", {*ATTENTION, "up", "down"}),
        ("llama", {*ATTENTION, "gate", "up", "down"}),
    ],
)
def test_the_layers_that_can_be_adapted(name, names):
    model = MODELS[name]()
    found = linear_layers(model)
    assert {place.rpartition(".")[2] for place in found} == names
    assert len(found) == len(names) * len(model.blocks)
    attach(model, LoRA(targets=sorted(names), rank=1))
    assert linear_layers(model) == found


def test_doras_rows_are_as_long_as_their_magnitudes():
    part = DoRALinear(nn.Linear(6, 5), 2, 1.5, generator=seeded())
    torch.testing.assert_close(part.merged_weight(), part.base.weight)
    with torch.no_grad():
        part.up.normal_(generator=seeded(1))
        part.magnitude.copy_(torch.tensor([1.0, 2.0, 0.0, -3.0, 0.5]))
    torch.testing.assert_close(part.merged_weight().norm(dim=1), part.magnitude.abs())


def test_a_row_of_zeros_has_no_direction_and_gives_no_nan():
    base = nn.Linear(6, 5)
    with torch.no_grad():
        base.weight[2] = 0
    part = DoRALinear(base, 2, 1.0)
    x = draw(3, 6)
    torch.testing.assert_close(part(x), base(x))
    part(x).sum().backward()
    assert all(each.grad.isfinite().all() for each in (part.up, part.down, part.magnitude))
