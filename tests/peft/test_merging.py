"""What is merged computes the same, comes off again, and is never out of date."""

import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from course.decoding import greedy_search
from course.layers.linear import Linear
from course.peft import DoRA, LoRA, LoRALinear, Part, attach, merge
from tests.peft.test_attaching import AtPlaces
from tests.support.adapted import (
    MODELS,
    assert_same_numbers,
    attach_disturbed,
    copied,
    disturb_own,
    ids_for,
    tiny_bert,
    tiny_decoder,
)
from tests.support.llama import difference
from tests.support.torch_layers import draw

MERGED = 1e-6  # relative to the largest number
METHODS = pytest.mark.parametrize("method", [LoRA, DoRA])
EVERYWHERE = ("query", "key", "value", "output", "up", "down")


@METHODS
@pytest.mark.parametrize("name", MODELS)
def test_a_merged_model_computes_the_same_has_no_trace_and_can_be_taken_apart_again(name, method):
    model = MODELS[name]()
    ids, before, modules = ids_for(model), copied(model), list(model.named_modules())
    plain = model(ids)
    attached = attach_disturbed(model, method(rank=3, alpha=2, targets=EVERYWHERE))
    apart = model(ids)
    state = attached.state()
    assert difference(plain, apart) > 0.01
    merge(attached)
    assert not any(isinstance(module, Part) for module in model.modules())
    assert {key: tensor.shape for key, tensor in copied(model).items()} == {key: t.shape for key, t in before.items()}
    assert not any(parameter.requires_grad for parameter in model.parameters())
    assert difference(model(ids), apart) < MERGED
    merge(attached)  # twice is once
    assert difference(model(ids), apart) < MERGED
    attached.off()
    attached.off()
    assert list(model.named_modules()) == modules
    assert_same_numbers(copied(model), before)
    attached.on()
    assert torch.equal(model(ids), apart)
    assert_same_numbers(attached.state(), state)


def test_training_a_merged_model_does_not_write_to_the_base():
    model = tiny_bert()
    before = copied(model)
    attached = attach_disturbed(model, LoRA(rank=2))
    merge(attached)
    model.requires_grad_(True)
    merged = [model.get_submodule(place) for place in attached.parts]
    with torch.no_grad():
        for layer in merged:
            layer.weight.add_(1)
            layer.bias.add_(1)
    attached.off()
    assert_same_numbers(copied(model), before)


@settings(max_examples=25)
@given(
    sizes=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    rank=st.integers(1, 8),
    alpha=st.floats(0.1, 64),
    bias=st.booleans(),
    method=st.sampled_from([LoRA, DoRA]),
    seed=st.integers(0, 999),
)
def test_one_layer_merged_equals_it_apart(sizes, rank, alpha, bias, method, seed):
    torch.manual_seed(seed)
    base = Linear(*sizes, bias=bias)
    part = method.layer(base, rank, method(rank=rank, alpha=alpha).scale).eval()
    nn.init.normal_(part.up)
    x = draw(7, sizes[0], seed=seed)
    merged = part.merged()
    assert type(merged) is Linear
    terms = base(x).abs().max() + LoRALinear.branch(part, x).abs().max()  # which may nearly cancel
    longer = part.ratio().abs().max() if method is DoRA else 1
    assert (merged(x) - part(x)).abs().max() < MERGED * terms * max(1, longer)


@METHODS
def test_only_eval_without_gradients_is_merged(method, monkeypatch):
    model = tiny_bert()
    ids = ids_for(model)
    attached = attach_disturbed(model, method(rank=2))
    apart = []
    merges = []
    for part in attached.parts.values():
        monkeypatch.setattr(part, "apart", lambda x, original=part.apart: apart.append(x) or original(x))
        monkeypatch.setattr(part, "merged", lambda original=part.merged: merges.append(1) or original())

    def calls(training: bool, gradients: bool) -> tuple[int, int]:
        apart.clear(), merges.clear()
        model.train(training)
        with torch.set_grad_enabled(gradients):
            model(ids)
        return len(apart), len(merges)

    assert calls(training=False, gradients=True) == (4, 0)
    assert calls(training=True, gradients=True) == (4, 0)
    assert calls(training=True, gradients=False) == (4, 0)
    assert calls(training=False, gradients=False) == (0, 4)
    assert calls(training=False, gradients=False) == (0, 0)  # kept
    calls(training=True, gradients=True)
    assert calls(training=False, gradients=False) == (0, 4)
    attached.off()
    attached.on()
    assert calls(training=False, gradients=False) == (0, 4)


def step(attached, part):
    optimizer = torch.optim.SGD(attached.parameters().values(), lr=0.5)
    attached.model(ids_for(attached.model)).pow(2).sum().backward()
    optimizer.step()


def replace_data(attached, part):
    part.up.data = part.up.data + 1


def write_through_data(attached, part):
    part.up.data.add_(1)


def write_in_place(attached, part):
    with torch.no_grad():
        part.down.mul_(2)


def load(attached, part, assign=False):
    state = {name: tensor + 0.1 for name, tensor in part.state_dict().items()}
    part.load_state_dict(state, assign=assign)


def write_to_the_base(attached, part):
    with torch.no_grad():
        part.base.weight.mul_(1.5)


def write_to_the_bias(attached, part):
    with torch.no_grad():
        part.base.bias.add_(1)


def replace_data_of_the_base(attached, part):
    part.base.weight.data = part.base.weight.data * 1.5


def transpose_data_of_the_base(attached, part):
    part.base.weight.data = part.base.weight.data.T


def replace_the_weight(attached, part):
    part.base.weight = nn.Parameter(part.base.weight.detach() * 1.5)


def write_through_data_of_the_base(attached, part):
    part.base.weight.data.mul_(1.5)
    attached.model.train().eval()


def scale(attached, part):
    part.scale = 7.0


def to_half_precision_and_back(attached, part):
    attached.model.bfloat16().float()


def to_double(attached, part):
    attached.model.double()


def to_half_precision_while_off(attached, part):
    attached.off()
    attached.model.bfloat16().float()
    attached.on()


CHANGES = [
    step,
    replace_data,
    write_through_data,
    write_in_place,
    load,
    lambda attached, part: load(attached, part, assign=True),
    write_to_the_base,
    write_to_the_bias,
    replace_data_of_the_base,
    transpose_data_of_the_base,
    replace_the_weight,
    write_through_data_of_the_base,
    scale,
    to_half_precision_and_back,
    to_double,
    to_half_precision_while_off,
]


@METHODS
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_no_merged_layer_is_out_of_date(method, change):
    model = tiny_bert(n_layers=1)
    ids = ids_for(model)
    attached = attach_disturbed(model, method(rank=2, targets=["value"]))
    (part,) = attached.parts.values()
    with torch.no_grad():
        before = model(ids)
        change(attached, part) if change is not step else None
    if change is step:
        step(attached, part)
    with torch.no_grad():
        after = model(ids)
    torch.testing.assert_close(after, model(ids).detach(), rtol=1e-5, atol=1e-5)
    if change is not to_double:
        assert difference(after, before) > 1e-4


def test_a_copy_merges_what_is_its_own():
    model = tiny_bert(n_layers=1)
    ids = ids_for(model)
    attached = attach_disturbed(model, LoRA(rank=2))
    with torch.no_grad():
        before = model(ids)
        other = copy.deepcopy(attached)
        disturb_own(other, seed=4)
        for part in other.parts.values():
            part.base.weight.mul_(1.5)
        after = other.model(ids)
        assert difference(model(ids), before) == 0
    torch.testing.assert_close(after, other.model(ids).detach(), rtol=1e-5, atol=1e-5)
    assert difference(after, before) > 1e-3


def test_in_inference_mode_and_after_it():
    model = tiny_bert(n_layers=1)
    ids = ids_for(model)
    attached = attach_disturbed(model, LoRA(rank=2))
    with torch.inference_mode():
        first = model(ids)
    with torch.no_grad():
        torch.testing.assert_close(model(ids), first.clone())
    step(attached, None)
    with torch.inference_mode():
        second = model(ids)
        merge(attached)
    torch.testing.assert_close(model(ids), second.clone())
    assert difference(first.clone(), second.clone()) > 1e-4
    assert not any(parameter.is_inference() for parameter in model.parameters())


def test_a_base_that_was_made_in_inference_mode_is_never_out_of_date():
    with torch.inference_mode():
        base = nn.Linear(3, 2)
    part = LoRALinear(base, 1, 1.0).eval()
    x = draw(4, 3)
    with torch.inference_mode():
        before = part(x)
        base.weight.mul_(2)
        torch.testing.assert_close(part(x), base(x))
        assert not torch.equal(part(x), before)


@METHODS
def test_in_half_precision_a_prediction_is_that_of_training(method):
    model = tiny_bert().bfloat16()
    attach_disturbed(model, method(rank=2))
    ids = ids_for(model)
    with torch.no_grad():
        predicted = model(ids)
    assert torch.equal(predicted, model(ids))


def test_merged_in_half_precision_a_small_update_would_be_lost():
    base = nn.Linear(2, 1, bias=False).bfloat16()
    part = LoRALinear(base, 1, 1.0).eval()
    with torch.no_grad():
        base.weight.fill_(1.0)
        part.up.fill_(0.03)
        part.down.copy_(torch.tensor([[0.03, -0.03]]))
        x = torch.tensor([[1.0, -1.0]]).bfloat16()
        assert part.merged()(x) == 0
        assert part(x) > 0.001


def test_what_is_no_matrix_is_not_merged_and_nothing_changes():
    model = tiny_bert()
    attached = attach(model, AtPlaces(("blocks.0.attention.query", "blocks.0.feed_forward")))
    modules = list(model.named_modules())
    with pytest.raises(ValueError, match=r"AtPlaces puts on blocks\.0\.attention\.query .* cannot be merged"):
        merge(attached)
    assert list(model.named_modules()) == modules


def test_merging_what_is_off_puts_it_on_where_no_other_method_is():
    model = tiny_bert()
    first = attach_disturbed(model, LoRA(rank=2))
    expected = model(ids_for(model))
    first.off()
    other = attach(model, LoRA(rank=1))
    with pytest.raises(ValueError, match="already has a LoRALinear"):
        merge(first)
    other.off()
    merge(first)
    torch.testing.assert_close(model(ids_for(model)), expected)


@METHODS
def test_a_decoder_generates_with_its_cache_as_without(method):
    model = tiny_decoder("llama")
    attached = attach_disturbed(model, method(rank=2, targets=("query", "value", "down")))
    ids = ids_for(model)[:1]
    generated = tokens(model, ids)
    with torch.no_grad():
        cache = model.new_cache(ids.shape[1])
        parts = [model(piece, cache) for piece in ids.split(5, dim=1)]
        torch.testing.assert_close(torch.cat(parts, dim=1), model(ids), rtol=1e-4, atol=1e-4)
    merge(attached)
    assert tokens(model, ids) == generated
    attached.off()
    assert tokens(model, ids) != generated


def tokens(model, ids):
    return [found.tokens for found in greedy_search(model, ids, eos_id=None, max_length=8)]


@METHODS
def test_under_autocast_nothing_is_merged_so_nothing_rounded_is_kept(method):
    model, other = tiny_bert(n_layers=1), tiny_bert(n_layers=1)
    ids = ids_for(model)
    attached = attach_disturbed(model, method(rank=2))
    attach_disturbed(other, method(rank=2))
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        predicted = model(ids)
    assert torch.equal(predicted, autocast_apart(model, ids))
    with torch.no_grad():
        assert torch.equal(model(ids), other(ids))
        expected = attached.parts["blocks.0.attention.query"].merged().weight
        with torch.autocast("cpu", torch.bfloat16):
            assert torch.equal(attached.parts["blocks.0.attention.query"].merged().weight, expected)


def autocast_apart(model, ids):
    """What the model says under autocast while gradients are recorded."""
    with torch.autocast("cpu", torch.bfloat16):
        return model(ids).detach()


@METHODS
def test_a_model_that_moves_while_it_is_merged_takes_its_frozen_layers_with_it(method):
    model = tiny_bert()
    model.blocks[0].attention.query.bias.data = model.blocks[0].attention.query.bias.data.double()
    before = copied(model)
    attached = attach_disturbed(model, method(rank=2))
    merge(attached)
    model.blocks.bfloat16()
    attached.off()
    there = {tensor.dtype for name, tensor in model.state_dict().items() if name.startswith("blocks")}
    assert there == {torch.bfloat16}
    attached.on()
    merge(attached)
    model.float()
    attached.off()
    assert_same_numbers(copied(model.bfloat16()), {name: tensor.bfloat16() for name, tensor in before.items()})


def test_merging_again_neither_doubles_the_update_nor_loses_what_was_put_on_top():
    model = tiny_bert()
    ids = ids_for(model)
    attached = attach_disturbed(model, LoRA(rank=2))
    expected = model(ids)
    merge(attached)
    merge(attached)
    torch.testing.assert_close(model(ids), expected)
    above = attach_disturbed(model, LoRA(rank=1, targets=["query"]))
    modules = list(model.named_modules())
    with pytest.raises(ValueError, match=r"query has something else on it now. Take that off first"):
        merge(attached)
    assert list(model.named_modules()) == modules
    above.off()
    attached.off()


def test_where_one_layer_cannot_be_merged_none_is(monkeypatch):
    model = tiny_bert()
    attached = attach_disturbed(model, LoRA(rank=2))
    *_others, last = attached.parts.values()
    monkeypatch.setattr(last, "merged_weight", lambda: 1 / 0)
    modules = list(model.named_modules())
    with pytest.raises(ZeroDivisionError):
        merge(attached)
    assert attached.is_on and list(model.named_modules()) == modules
    attached.off()
    with pytest.raises(ZeroDivisionError):
        merge(attached)
    assert not attached.is_on


@pytest.mark.usefixtures("unchecked_shapes")
def test_what_is_no_linear_layer_and_a_rank_that_is_none_are_named():
    for base in (nn.Embedding(3, 3), LoRALinear(nn.Linear(3, 3), 1, 1.0)):
        with pytest.raises(TypeError, match=f"{type(base).__name__} is no linear layer"):
            LoRALinear(base, 2, 1.0)
    for rank in (0, -1, 1.5):
        with pytest.raises(ValueError, match=f"rank is {rank}; it must be"):
            LoRALinear(nn.Linear(3, 3), rank, 1.0)
