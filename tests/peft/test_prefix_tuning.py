"""A prefix of real tokens' keys and values is these tokens, read before; `peft` agrees; the MLP leaves no trace."""

import math

import pytest
import torch
import torch.nn.functional as F
from peft import PrefixTuningConfig, TaskType, get_peft_model

from course.gpt import Decoder
from course.layers.attention import Attention
from course.layers.positions import SCHEMES, ALiBi
from course.peft import LoRA, PrefixTuning, PromptTuning, attach, count, without_mlp
from course.peft.prefix import PrefixAttention
from tests.peft.prompted import CAUSAL, TOKENS, VOCAB, before, bert, put_on, text, transformer
from tests.support.gpt2 import as_gpt2, tiny_gpt2
from tests.support.llama import TOLERANCE, as_llama, difference, tiny_config, tiny_model
from tests.support.torch_layers import draw

N = len(TOKENS)


@pytest.mark.parametrize("name", ["gpt2", "llama", *SCHEMES])
@torch.no_grad()
def test_a_prefix_of_real_tokens_is_these_tokens(name):
    """For rotary positions, the keys are those that were rotated at their positions; nothing rotates them again."""
    model, ids = CAUSAL[name]() if name in CAUSAL else transformer(name), text()
    reference = model(before(ids))
    attach(model, PrefixTuning(N, start=TOKENS))
    assert difference(model(ids), reference[:, N:]) < TOLERANCE


@torch.no_grad()
def test_a_prefix_from_tokens_is_what_a_cache_holds_of_them():
    model = tiny_model(tiny_config())
    cache = model.new_cache(N)
    model(torch.tensor([TOKENS]), cache)
    attached = attach(model.train(), PrefixTuning(N, start=TOKENS))
    state = attached.state()
    for layer in range(2):
        place = f"blocks.{layer}.attention.attention.prefix"
        torch.testing.assert_close(state[f"{place}.keys"], cache.keys[layer][0])
        torch.testing.assert_close(state[f"{place}.values"], cache.values[layer][0])
    assert model.training


@torch.no_grad()
def test_bert_with_a_prefix():
    """Written out for one layer: the text's queries see the prefix and the text; the text begins at position 3."""
    model, ids = bert(), text()
    attached = put_on(model, "prefix")
    mask = torch.ones_like(ids, dtype=torch.bool)
    mask[1, 5:] = False
    places = torch.arange(9).expand(2, -1)
    assert difference(model(ids, None, None, places), model(ids)) < TOLERANCE
    embedded = model.embedding(ids, torch.zeros_like(ids))
    layer = model.blocks[0].attention
    state = attached.state()
    x = model.embedding.tokens(ids) + model.embedding.token_types.weight[0]
    x = model.embedding.norm(x + model.embedding.positions.base.table.weight[3 : 3 + 9])
    torch.testing.assert_close(embedded, x)
    query, (key, value) = layer.query(x).unflatten(-1, (2, 8)).transpose(1, 2), layer.keys_and_values(x)
    prefix = [state[f"blocks.0.attention.attention.prefix.{name}"].expand(2, -1, -1, -1) for name in ("keys", "values")]
    key, value = torch.cat((prefix[0], key), dim=2), torch.cat((prefix[1], value), dim=2)
    scores = query @ key.transpose(-1, -2) / math.sqrt(8)
    scores = scores.masked_fill(~F.pad(mask, (3, 0), value=True)[:, None, None], -math.inf)
    expected = layer.output((scores.softmax(dim=-1) @ value).transpose(1, 2).flatten(2))
    torch.testing.assert_close(layer(x, mask=mask[:, None, None]), expected, atol=1e-5, rtol=1e-5)
    with pytest.raises(ValueError, match="positions has the number 45; this model knows 0 to 44"):
        model(ids, None, None, torch.full_like(ids, 45))


@pytest.mark.parametrize("length", [3, 4, 5, 9, 20])
@torch.no_grad()
def test_a_window_is_of_the_texts_keys_alone(length):
    model = tiny_model(tiny_config(windows=(4,), n_layers=1))
    wide = tiny_model(tiny_config(n_layers=1))
    ids = text(length=length)
    for each in (model, wide):
        put_on(each, "prefix")
    band = torch.ones(length, length, dtype=torch.bool).triu(-3)[None, None]
    assert difference(model.hidden_states(ids), wide.hidden_states(ids, None, band)) < TOLERANCE


def of_numbers(model, encoder):
    """Each of our parameters, theirs, and how to find ours in it: keys and values of all layers are in its columns."""

    def pick(layer, number):
        sizes = (-1, 2, layer.n_kv_heads, layer.d_head)
        return lambda matrix: matrix.unflatten(-1, sizes)[:, layer.layer, number].transpose(0, 1)

    return [
        (parameter, encoder.embedding.weight, pick(block.attention, number))
        for block in model.blocks
        for number, parameter in enumerate(block.attention.attention.prefix.parameters())
    ]


def of_mlp(model, encoder):
    """The same where the numbers are computed: each layer has its rows of their last matrix."""
    hidden, last = model.embedding.positions.hidden, encoder.transform[2]
    pairs = [
        (hidden.vectors, encoder.embedding.weight, lambda matrix: matrix),
        (hidden.layer.weight, encoder.transform[0].weight, lambda matrix: matrix),
        (hidden.layer.bias, encoder.transform[0].bias, lambda vector: vector),
    ]
    for number, block in enumerate(model.blocks):
        own = block.attention.attention.prefix.layer
        for parameter, of_theirs in ((own.weight, last.weight), (own.bias, last.bias)):
            pairs.append((parameter, of_theirs, lambda rows, n=number: rows.chunk(len(model.blocks))[n]))
    return pairs


@pytest.mark.parametrize("name", ["gpt2", "llama"])
@pytest.mark.parametrize("width", [None, 7])
def test_peft_agrees(name, width):
    ids = text()  # for shared key heads, the vectors of `peft`'s MLP are as wide as these heads: no parity there
    model = tiny_model(tiny_gpt2() if name == "gpt2" else tiny_config(n_kv_heads=2 if width is None else 4))
    theirs = (as_gpt2 if name == "gpt2" else as_llama)(model)
    options = {} if width is None else {"prefix_projection": True, "encoder_hidden_size": width}
    theirs = get_peft_model(
        theirs, PrefixTuningConfig(task_type=TaskType.CAUSAL_LM, num_virtual_tokens=4, **options)
    ).eval()
    encoder = theirs.prompt_encoder["default"]
    attached = attach(model, PrefixTuning(4, mlp_width=width))
    pairs = of_numbers(model, encoder) if width is None else of_mlp(model, encoder)
    with torch.no_grad():
        for parameter, of_theirs, pick in pairs:
            parameter.copy_(pick(of_theirs))
    assert count(attached) == sum(parameter.numel() for parameter in encoder.parameters())
    found, reference = model(ids), theirs(ids).logits
    assert difference(found, reference) < TOLERANCE
    toward = draw(*found.shape)
    (found * toward).sum().backward()
    (reference * toward).sum().backward()
    for parameter, of_theirs, pick in pairs:
        assert difference(parameter.grad, pick(of_theirs.grad)) < TOLERANCE


@pytest.mark.parametrize("name", ["gpt2", "llama", "bert"])
def test_without_the_mlp_nothing_changes(name):
    model = {"gpt2": CAUSAL["gpt2"], "llama": CAUSAL["llama"], "bert": bert}[name]()
    ids = text()
    attached = put_on(model, "computed prefix")
    on, n_kv = model(ids), model.blocks[0].attention.n_kv_heads * model.blocks[0].attention.d_head
    assert {key.rpartition(".prefix.")[2] for key in attached.state() if ".prefix." in key} == {
        "layer.weight",
        "layer.bias",
    }
    without_mlp(attached)
    assert torch.equal(model(ids), on)
    assert attached.method == PrefixTuning(3) and count(attached) == 2 * 2 * 3 * n_kv
    assert {key.rpartition(".")[2] for key in attached.state()} == {"keys", "values"}
    assert all(parameter.requires_grad for parameter in attached.parameters().values())
    with pytest.raises(ValueError, match="Only a prefix that is computed"):
        without_mlp(attached)
    attached.off()
    with pytest.raises(ValueError, match="Only a prefix that is computed"):
        without_mlp(attach(model, LoRA(2)))


def test_what_all_layers_share_is_counted_once():
    model = tiny_model(tiny_config())
    attached = attach(model, PrefixTuning(3, mlp_width=7))
    assert count(attached) == 3 * 32 + (32 * 7 + 7) + 2 * (7 * 32 + 32)
    assert len({id(parameter) for parameter in attached.parameters().values()}) == len(attached.parameters())


def test_the_first_numbers():
    """As `peft` draws them: normal; and the layers of the MLP as `nn.Linear` draws its own."""
    model = tiny_model(tiny_gpt2())

    def state(method, seed=0):
        attached = attach(model, method, torch.Generator().manual_seed(seed))
        found = attached.state()
        attached.off()
        return found

    numbers = torch.cat([each.flatten() for each in state(PrefixTuning(20)).values()])
    assert numbers.mean().item() == pytest.approx(0, abs=0.1) and numbers.std().item() == pytest.approx(1, abs=0.1)
    computed = state(PrefixTuning(20, mlp_width=64))
    assert computed["embedding.positions.hidden.vectors"].std().item() == pytest.approx(1, abs=0.1)
    for name, width in (("embedding.positions.hidden", 32), ("blocks.1.attention.attention.prefix", 64)):
        weight = computed[f"{name}.layer.weight"]
        assert weight.abs().max() <= width**-0.5 and weight.std().item() == pytest.approx((3 * width) ** -0.5, rel=0.1)
    again, other = state(PrefixTuning(20, mlp_width=64)), state(PrefixTuning(20, mlp_width=64), seed=1)
    assert all(torch.equal(computed[name], again[name]) for name in computed)
    assert not any(torch.equal(computed[name], other[name]) for name in computed)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"length": 0}, "length is 0; it must be 1 or more"),
        ({"mlp_width": 0}, "mlp_width is 0; it must be 1 or more"),
        ({"length": 2, "start": (1, 2, 3)}, "The start has 3 tokens, and the prefix 2 places"),
        ({"length": 2, "start": (1, 2), "mlp_width": 4}, "leave out either `mlp_width` or `start`"),
    ],
)
def test_bad_numbers_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        PrefixTuning(**options)


def test_a_start_that_the_model_does_not_know_changes_nothing():
    model = tiny_model(tiny_config()).train()
    modules = str(model)
    with pytest.raises(ValueError, match=f"id {VOCAB} is unknown"):
        attach(model, PrefixTuning(1, start=(VOCAB,)))
    assert str(model) == modules and model.training
    assert not any(module._forward_pre_hooks for module in model.modules())


def test_alibi_within_a_window_is_refused():
    model = transformer("alibi")
    assert isinstance(model.embedding.positions, ALiBi)
    model.blocks[1].attention.attention = Attention(window=4)
    with pytest.raises(ValueError, match="ALiBi is computed within a window"):
        attach(model, PrefixTuning(3))


def test_the_prefix_is_seen_in_the_tree_of_the_model():
    model = Decoder(tiny_config())
    attach(model, PrefixTuning(3))
    assert sum(isinstance(module, PrefixAttention) for module in model.modules()) == 2
    assert "PrefixAttention" in str(model) and "TextPositions" in str(model)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("kind", [PromptTuning, PrefixTuning])
@pytest.mark.parametrize("start", [5, None, ["a", "b"], [1.5, 2], [True, False]])
def test_a_start_that_is_no_list_of_ids_is_refused_before_a_model_is_there(kind, start):
    with pytest.raises(TypeError, match=r"start is .*; give a list of token ids, each a whole number"):
        kind(2, start=start)


def test_without_the_mlp_in_inference_mode_a_prefix_can_still_be_trained():
    attached = attach(bert(), PrefixTuning(2, mlp_width=3))
    with torch.inference_mode():
        without_mlp(attached)
    assert not any(each.is_inference() for each in attached.parameters().values())
