"""While its gate is 0 the adapter changes nothing, to the bit; `peft` agrees where the gate is open."""

import math

import pytest
import torch
from peft import AdaptionPromptConfig, TaskType, get_peft_model

from course.peft import LLaMAAdapter, attach, count, freeze
from tests.peft.prompted import MODELS, put_on, read, text
from tests.support.gpt2 import as_gpt2, tiny_gpt2
from tests.support.llama import TOLERANCE, as_llama, difference, tiny_config, tiny_model
from tests.support.torch_layers import draw


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("gate", ["tanh", "scalar"])
def test_with_the_gate_closed_the_model_is_what_it_was(name, gate):
    model, ids = MODELS[name](), text()
    freeze(model)
    before = read(model, ids)
    attached = attach(model, LLaMAAdapter(5, gate=gate), torch.Generator().manual_seed(0))
    assert torch.equal(read(model, ids), before)
    read(model, ids).pow(2).mean().backward()
    for place, parameter in attached.parameters().items():  # the gate opens first: the prompt has no gradient yet
        assert (parameter.grad.abs().sum() > 0) == place.endswith("gate")


@torch.no_grad()
@pytest.mark.parametrize("gate", ["tanh", "scalar"])
def test_written_out(gate):
    """Keys and values are the frozen matrices' of the prompt as it is: no norm, no rotation; the query is rotated."""
    model, ids = tiny_model(tiny_config(n_layers=1)), text()
    layer = model.blocks[0].attention
    x = model.blocks[0].attention_residual.norm(model.embedding(ids))
    positions = model.embedding.positions.for_attention(0, 9)
    alone = layer(x, causal=True, positions=positions)
    attached = attach(model, LLaMAAdapter(5, gate=gate), torch.Generator().manual_seed(0))
    prompt, gates = attached.parameters().values()
    gates.copy_(torch.tensor([0.5, -1.0, 2.0, 0.1][: len(gates)]))
    assert gates.shape == ((4,) if gate == "tanh" else (1,))
    opened = (torch.tanh(gates) if gate == "tanh" else gates).expand(4)
    query = positions.rotate(layer.query(x).unflatten(-1, (4, 8)).transpose(1, 2))
    mixed = []
    for head in range(4):  # two query heads share a key head
        rows = slice(8 * (head // 2), 8 * (head // 2) + 8)
        key, value = prompt @ layer.key.weight[rows].T, prompt @ layer.value.weight[rows].T
        mixed.append(opened[head] * (query[:, head] @ key.T / math.sqrt(8)).softmax(dim=-1) @ value)
    expected = alone + layer.output(torch.cat(mixed, dim=-1))
    torch.testing.assert_close(layer(x, causal=True, positions=positions), expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", ["gpt2", "llama"])
def test_peft_agrees(name):
    """For GPT-2, `peft` leaves the output layer out on the way from the prompt: here that layer changes nothing."""
    ids = text()
    model = tiny_model(tiny_gpt2(n_layers=3) if name == "gpt2" else tiny_config(n_layers=3))
    if name == "gpt2":
        with torch.no_grad():
            for block in model.blocks:
                block.attention.output.weight.copy_(torch.eye(32))
                block.attention.output.bias.zero_()
    theirs = (as_gpt2 if name == "gpt2" else as_llama)(model)
    theirs = get_peft_model(
        theirs, AdaptionPromptConfig(task_type=TaskType.CAUSAL_LM, adapter_len=4, adapter_layers=2)
    ).eval()
    of_theirs = [each for key, each in theirs.named_parameters() if "adaption_" in key]
    attached = attach(model, LLaMAAdapter(4, n_layers=2, gate="scalar"))
    of_ours = list(attached.parameters().values())
    assert len(of_ours) == len(of_theirs) == 4 and count(attached) == 2 * (4 * 32 + 1)
    with torch.no_grad():
        for number, (one, other) in enumerate(zip(of_ours, of_theirs, strict=True)):
            if one.ndim == 1:
                other.fill_(0.4 + number)
            one.copy_(other.squeeze(0) if one.ndim == 2 else other)
    found, reference = model(ids), theirs(ids).logits
    assert difference(found, reference) < TOLERANCE
    toward = draw(*found.shape)
    (found * toward).sum().backward()
    (reference * toward).sum().backward()
    for one, other in zip(of_ours, of_theirs, strict=True):
        assert difference(one.grad, other.grad.reshape(one.shape)) < TOLERANCE


def test_only_the_upper_layers_have_prompts():
    model = tiny_model(tiny_config(n_layers=4))
    attached = attach(model, LLaMAAdapter(3, n_layers=2))
    assert [place for place in attached.parts if place.startswith("blocks")] == [
        "blocks.2.attention.attention",
        "blocks.3.attention.attention",
    ]
    attached.off()
    assert len(attach(model, LLaMAAdapter(3)).parameters()) == 8


def test_the_first_prompts_are_normal():
    model = tiny_model(tiny_config())
    attached = attach(model, LLaMAAdapter(40), torch.Generator().manual_seed(0))
    prompts = torch.cat([each.flatten() for key, each in attached.state().items() if key.endswith("prompt")])
    assert prompts.std().item() == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("name", ["llama", "bert"])
def test_the_prompts_take_no_places(name):
    model = MODELS[name]()
    put_on(model, "adapter")
    assert read(model, text(length=48)).shape[1] == 48


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"length": 0}, "length is 0; it must be 1 or more"),
        ({"n_layers": 0}, "n_layers is 0; it must be 1 or more"),
        ({"gate": "sigmoid"}, "no gate 'sigmoid'. There are: tanh, scalar"),
    ],
)
def test_bad_numbers_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        LLaMAAdapter(**options)


def test_more_layers_than_there_are_change_nothing():
    model = tiny_model(tiny_config())
    modules = str(model)
    with pytest.raises(ValueError, match="n_layers is 3; this body has 2 layers"):
        attach(model, LLaMAAdapter(3, n_layers=3))
    assert str(model) == modules
