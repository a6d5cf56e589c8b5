"""A method is put on a model and taken off as a whole, and the model's own weights are never written to."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from course.peft import (
    AdaLoRA,
    Attached,
    BitFit,
    DoRA,
    HoulsbyAdapters,
    LLaMAAdapter,
    LoRA,
    Method,
    Part,
    PrefixTuning,
    PromptTuning,
    attach,
    count,
    freeze,
    load,
    merge,
    save,
)
from course.peft.attaching import body_of
from course.seq2seq import Seq2Seq, Seq2SeqConfig
from tests.support.adapted import (
    MODELS,
    TEXTS,
    assert_same_numbers,
    attach_disturbed,
    copied,
    disturb_own,
    ids_for,
    seeded,
    tiny_bert,
    tiny_classifier,
    tiny_decoder,
)
from tests.support.other_device import OTHER, here, other_device, there

EVERY = pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
EACH_KIND = [
    LoRA(rank=2),
    DoRA(rank=2),
    AdaLoRA(steps=9, initial_rank=3, target_rank=2),
    BitFit(),
    HoulsbyAdapters(4),
    PromptTuning(3),
    PrefixTuning(3),
    PrefixTuning(3, mlp_width=4),
    LLaMAAdapter(3),
]
ALL_OF_BERT = ("query", "key", "value", "output", "up", "down")


class Doubling(Part):
    """Doubles what the module gives, and remembers when the model was entered and left."""

    def __init__(self, base: nn.Module) -> None:
        super().__init__(base)
        self.factor = nn.Parameter(torch.tensor([2.0]))
        self.events: list[str] = []

    def enter(self, model: nn.Module) -> None:
        self.events.append("enter")

    def leave(self, model: nn.Module) -> None:
        self.events.append("leave")

    def forward(self, *inputs, **options):
        return self.factor * self.base(*inputs, **options)


class Refusing(Doubling):
    def enter(self, model: nn.Module) -> None:
        raise ValueError("not this one")


@dataclass(frozen=True)
class AtPlaces(Method):
    """A part in each of the places, in this order; `refusing` is the one whose part refuses."""

    places: tuple[str, ...]
    refusing: str | None = None

    def parts(self, body: nn.Module, generator: torch.Generator | None = None) -> Mapping[str, Part]:
        kinds = {place: Refusing if place == self.refusing else Doubling for place in self.places}
        return {place: kind(body.get_submodule(place)) for place, kind in kinds.items()}


def modules_of(model: nn.Module) -> list[tuple[str, nn.Module]]:
    return list(model.named_modules())


def step(model: nn.Module, ids: torch.Tensor, parameters) -> None:
    """One step of training on whatever."""
    optimizer = torch.optim.AdamW(parameters, lr=0.1, weight_decay=0.1)
    model.train()(ids).pow(2).mean().backward()
    optimizer.step()
    model.eval()


@EVERY
def test_a_new_method_changes_no_output_and_taking_it_off_leaves_the_model_as_it_was(make):
    model = make()
    ids, before, modules = ids_for(model), copied(model), modules_of(model)
    expected = model(ids)
    freeze(model)
    attached = attach(model, LoRA(rank=2), seeded())
    assert attached.is_on
    torch.testing.assert_close(model(ids), expected)
    step(model, ids, attached.parameters().values())
    assert not torch.allclose(model(ids), expected)
    attached.off()
    assert not attached.is_on
    assert modules_of(model) == modules
    assert_same_numbers(copied(model), before)
    assert torch.equal(model(ids), expected)


@EVERY
def test_several_methods_are_switched_on_one_base(make):
    model = make()
    ids, before = ids_for(model), copied(model)
    freeze(model)
    answers = {}
    for number in range(3):
        attached = attach_disturbed(model, LoRA(rank=number + 1), seed=number)
        step(model, ids, attached.parameters().values())
        answers[attached] = model(ids).detach()
        attached.off()
    for attached in [*answers, *reversed(answers)]:
        attached.on()
        with torch.no_grad():
            torch.testing.assert_close(model(ids), answers[attached], rtol=1e-5, atol=1e-5)
        attached.off()
    one, two, three = answers.values()
    assert not torch.allclose(one, two) and not torch.allclose(two, three)
    assert_same_numbers(copied(model), before)


@settings(max_examples=25)
@given(actions=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["on", "off"])), max_size=12))
def test_whatever_is_switched_at_most_one_is_on_and_the_base_stays(actions):
    model = tiny_bert(n_layers=1)
    before, modules = copied(model), modules_of(model)
    everything = []
    for number in range(3):
        everything.append(attach_disturbed(model, LoRA(rank=1), seed=number))
        everything[-1].off()
    for number, action in actions:
        chosen, others = everything[number], [each for each in everything if each is not everything[number]]
        if action == "on" and any(other.is_on for other in others):
            with pytest.raises(ValueError, match="already has a LoRALinear"):
                chosen.on()
            assert not chosen.is_on
        else:
            getattr(chosen, action)()
            assert chosen.is_on == (action == "on")
        assert sum(isinstance(module, Part) for module in model.modules()) == 2 * sum(each.is_on for each in everything)
    for each in everything:
        each.off()
    assert modules_of(model) == modules
    assert_same_numbers(copied(model), before)


def test_two_methods_in_one_place_are_refused_and_nothing_is_half_attached():
    model = tiny_bert()
    first = attach(model, LoRA(targets=["value"], rank=2))
    modules = modules_of(model)
    with pytest.raises(ValueError, match=r"blocks\.0\.attention\.value already has a LoRALinear.*off"):
        attach(model, LoRA(targets=["query", "value"], rank=2))
    assert modules_of(model) == modules
    first.off()
    attach(model, LoRA(targets=["query", "value"], rank=2))


def test_methods_in_different_places_add_up_and_come_off_in_any_order():
    model = tiny_bert()
    ids = ids_for(model)
    plain = model(ids)
    query = attach_disturbed(model, LoRA(targets=["query"], rank=2), seed=1)
    query_alone = model(ids)
    down = attach_disturbed(model, LoRA(targets=["down"], rank=2), seed=2)
    assert not torch.allclose(model(ids), query_alone)
    query.off()
    down_alone = model(ids)
    assert not torch.allclose(down_alone, plain)
    query.on()
    down.off()
    torch.testing.assert_close(model(ids), query_alone)
    query.off()
    assert torch.equal(model(ids), plain)


@pytest.mark.parametrize("first", ["blocks.0.attention", "blocks.0.attention.query"])
def test_a_place_inside_of_another_method_or_around_it_is_refused(first):
    model = tiny_bert()
    places = {"blocks.0.attention", "blocks.0.attention.query"}
    attached = attach(model, AtPlaces((first,)))
    modules = modules_of(model)
    other = Attached(model, LoRA(), {place: Doubling(nn.Identity()) for place in places - {first}})
    with pytest.raises(ValueError, match="already has a Doubling"):
        other.on()
    assert modules_of(model) == modules
    attached.off()


@pytest.mark.parametrize("method", [LoRA(rank=2, targets=ALL_OF_BERT), AtPlaces(("blocks.1.attention",))])
def test_a_method_around_another_is_refused_in_either_order(method):
    model = tiny_bert()
    both = [method, AtPlaces(("blocks.1.attention",)) if isinstance(method, LoRA) else LoRA(rank=2)]
    attach(model, both[0])
    with pytest.raises(ValueError, match="already has a"):
        attach(model, both[1])


def test_parts_of_one_method_may_be_inside_of_each_other():
    model = tiny_bert()
    ids, modules, plain = ids_for(model), modules_of(model), model(ids_for(model))
    attached = attach(model, AtPlaces(("blocks.0.attention.query", "blocks.0.attention", "blocks.0")))
    assert count(attached) == 3
    assert list(attached.state()) == [f"{place}.factor" for place in attached.parts]
    assert not torch.allclose(model(ids), plain)
    attached.off()
    assert modules_of(model) == modules
    attached.on()
    attached.off()
    assert modules_of(model) == modules


def test_an_error_in_the_middle_takes_back_what_was_done():
    model = tiny_bert()
    modules = modules_of(model)
    places = ("blocks.0.attention.query", "blocks.0.attention.key", "blocks.0.attention.value")
    for method in (
        AtPlaces(places, refusing=places[1]),
        AtPlaces(("blocks.0.attention", "blocks.0.attention.query")),  # the second is no longer where it was
    ):
        parts = method.parts(model)
        attached = Attached(model, method, parts)
        with pytest.raises((ValueError, AttributeError), match=r"not this one|query"):
            attached.on()
        assert not attached.is_on
        assert modules_of(model) == modules
        entered = [part.events for part in parts.values()]
        assert entered == ([["enter", "leave"], [], []] if method.refusing else [["enter", "leave"]] * 2)


def test_parts_are_told_when_the_method_is_put_on_and_taken_off():
    model = tiny_classifier()
    attached = attach(model, AtPlaces(("blocks.0.attention",)))
    (part,) = attached.parts.values()
    attached.on()
    assert part.events == ["enter"]
    attached.off()
    attached.off()
    assert part.events == ["enter", "leave"]


@pytest.mark.parametrize(
    ("make", "method", "message"),
    [
        (tiny_bert, LoRA(targets=["c_attn"]), "Bert has no layer 'c_attn'.*query, key, value, output, up, down"),
        (tiny_bert, LoRA(targets=["gate"]), "Bert has no layer 'gate'"),
        (tiny_bert, LoRA(targets=[]), "no targets.*query"),
        (tiny_bert, LoRA(rank=17), r"Rank 17 is above that of blocks.0.attention.query, .* 16 × 16: .* at most 16"),
        (lambda: tiny_decoder("llama"), LoRA(rank=20), "above that of blocks.0.attention.value, .* 16 × 32.* most 16"),
        (
            lambda: Seq2Seq(Seq2SeqConfig(9, 9, d_embedding=5, d_hidden=6, cell="lstm", attention=None)),
            LoRA(),
            "Seq2Seq has no layer 'query'.*none that could be adapted",
        ),
        (lambda: nn.Linear(3, 3), LoRA(), "Linear has no layer 'query'.*none"),
    ],
)
def test_a_method_that_does_not_fit_is_refused_before_anything_changes(make, method, message):
    model = make()
    modules, before = modules_of(model), copied(model)
    with pytest.raises(ValueError, match=message):
        attach(model, method)
    assert modules_of(model) == modules
    assert_same_numbers(copied(model), before)


def test_one_name_is_not_a_list_of_its_letters():
    with pytest.raises(TypeError, match=r"\('query',\)"):
        attach(tiny_bert(), LoRA(targets="query"))


def test_the_head_is_trained_and_not_counted():
    model = tiny_classifier()
    freeze(model)
    attached = attach(model, LoRA(rank=2), seeded())
    trained = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    own = {f"body.{name}" for name in attached.parameters()}
    assert trained == own | {"head.weight", "head.bias"}
    assert count(attached) == 2 * 2 * (16 * 2 + 16 * 2)  # blocks, layers, A and B
    rows = [model.row(text) for text in TEXTS]
    head = model.head.weight.clone()
    optimizer = torch.optim.SGD([each for each in model.parameters() if each.requires_grad], lr=0.1)
    model.train().loss(list(zip(rows, [0, 1, 0, 1], strict=True))).backward()
    optimizer.step()
    assert not torch.equal(model.head.weight, head)
    assert all(parameter.grad is None for parameter in model.parameters() if not parameter.requires_grad)


def test_classifiers_that_share_a_body_have_a_head_and_a_method_each():
    body = tiny_classifier().body
    moods, lengths = tiny_classifier(body), tiny_classifier(body, ("short", "long", "none"))
    before = copied(body)
    mood = attach_disturbed(moods, LoRA(rank=2), seed=1)
    answer = moods(moods.inputs(TEXTS))
    with pytest.raises(ValueError, match="already has"):
        attach(lengths, LoRA(rank=1))
    mood.off()
    length = attach_disturbed(lengths, LoRA(rank=1), seed=2)
    assert lengths(lengths.inputs(TEXTS)).shape == (4, 3)
    length.off()
    mood.on()
    torch.testing.assert_close(moods(moods.inputs(TEXTS)), answer)
    mood.off()
    assert_same_numbers(copied(body), before)


def test_the_names_of_the_state_are_places_and_hold_no_weight_of_the_model():
    model = tiny_bert()
    attached = attach(model, LoRA(rank=2, targets=["up"]))
    assert {name: tuple(tensor.shape) for name, tensor in attached.state().items()} == {
        f"blocks.{block}.feed_forward.up.{name}": shape
        for block in range(2)
        for name, shape in (("down", (2, 16)), ("up", (24, 2)))
    }


class Sharing(Doubling):
    """Holds another part, an own module with the name of the model's, and a parameter that it shares with the other."""

    def __init__(self, base: nn.Module) -> None:
        super().__init__(base)
        self.inner = Doubling(base)
        self.inner.factor = self.factor
        self.own_module = nn.ModuleDict({"base": nn.Linear(2, 3)})
        self.register_buffer("mask", torch.ones(5))


def test_what_is_the_models_is_told_by_the_tensor_and_not_by_its_name():
    model = tiny_bert()
    place = "blocks.0.attention.query"
    attached = Attached(model, LoRA(), {place: Sharing(model.get_submodule(place))})
    names = {"factor", "inner.factor", "own_module.base.weight", "own_module.base.bias", "mask"}
    assert attached.state().keys() == {f"{place}.{name}" for name in names}
    assert count(attached) == 1 + 2 * 3 + 3  # the shared one once
    attached.on()
    attached.off()


def test_a_copy_of_an_attached_method_has_a_model_of_its_own():
    model = tiny_bert()
    attached = attach_disturbed(model, LoRA(rank=2))
    ids = ids_for(model)
    expected = model(ids).detach()
    other = copy.deepcopy(attached)
    with torch.no_grad():
        disturb_own(other, seed=5)
        assert not torch.allclose(other.model(ids), expected)
    torch.testing.assert_close(model(ids), expected)
    other.off()
    assert not any(isinstance(module, Part) for module in other.model.modules())
    assert attached.is_on and any(isinstance(module, Part) for module in model.modules())


def test_a_copy_of_the_model_answers_as_the_model_does():
    model = tiny_bert()
    attached = attach_disturbed(model, LoRA(rank=2))
    other = copy.deepcopy(model)
    ids = ids_for(model)
    torch.testing.assert_close(other(ids), model(ids))
    attached.off()
    assert not torch.allclose(other(ids), model(ids))


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_a_method_follows_its_model_to_another_precision_on_or_off(dtype):
    model = tiny_bert()
    on, off = [attach_disturbed(model, LoRA(rank=2, targets=[name])) for name in ("query", "down")]
    own = list(off.parameters().values())
    off.off()
    model.to(dtype)
    off.on()
    assert list(off.parameters().values()) == own  # an optimizer still has them
    for attached in (on, off):
        assert {tensor.dtype for tensor in attached.state().values()} == {dtype}
    assert model(ids_for(model)).dtype == dtype
    attach(model, LoRA(rank=2, targets=["up"]))
    assert model(ids_for(model)).dtype == dtype


def test_a_base_in_two_precisions_keeps_both():
    model = tiny_bert().to(torch.bfloat16)
    model.blocks[0].attention.query.bias.data = model.blocks[0].attention.query.bias.data.float()
    before = {name: tensor.dtype for name, tensor in model.state_dict().items()}
    attached = attach(model, AtPlaces(("blocks.0", "blocks.1.attention.attention")))
    assert {tensor.dtype for tensor in attached.state().values()} == {torch.bfloat16}
    attached.off()
    assert {name: tensor.dtype for name, tensor in model.state_dict().items()} == before


def test_on_another_device():
    model = tiny_bert()
    ids = ids_for(model)
    attached = attach_disturbed(model, LoRA(rank=2))
    with torch.no_grad():
        expected = model(ids)
    attached.off()
    with other_device():
        other = there(model)
        attached = attach(other, LoRA(rank=2), seeded())
        assert {tensor.device for tensor in attached.state().values()} == {OTHER}
        disturb_own_there(attached)
        torch.testing.assert_close(here(other(there(ids))), expected, rtol=1e-5, atol=1e-5)
        with torch.no_grad():
            torch.testing.assert_close(here(other(there(ids))), expected, rtol=1e-5, atol=1e-5)


def disturb_own_there(attached: Attached) -> None:
    generator = seeded()
    with torch.no_grad():
        for parameter in attached.parameters().values():
            parameter += there(0.2 * torch.randn(parameter.shape, generator=generator))


@pytest.mark.parametrize("training", [True, False])
def test_what_is_put_in_and_what_comes_back_is_in_the_models_mode(training):
    model = tiny_bert().train(training)
    attached = attach(model, LoRA(rank=2))
    assert all(module.training is training for module in model.modules())
    model.train(not training)
    attached.off()
    assert all(module.training is not training for module in model.modules())


def test_freezing_leaves_the_head_and_freezes_what_is_on():
    model = tiny_classifier()
    attach(model, LoRA(rank=2))
    freeze(model)
    assert {name for name, each in model.named_parameters() if each.requires_grad} == {"head.weight", "head.bias"}


def test_a_method_made_for_a_layer_that_is_merged_now_is_refused():
    model = tiny_bert()
    first = attach_disturbed(model, LoRA(rank=2))
    first.off()
    second = attach_disturbed(model, LoRA(rank=2), seed=1)
    merge(second)
    with pytest.raises(ValueError, match="no longer the layer that the method was made for"):
        first.on()
    third = attach(model, LoRA(rank=2))
    with pytest.raises(ValueError, match="something else on it now"):
        second.off()
    assert second.is_on and third.is_on
    third.off()
    second.off()
    first.on()


def test_the_body():
    model = tiny_classifier()
    assert body_of(model) is model.body
    assert body_of(model.body) is model.body


def test_a_move_that_fails_leaves_the_part_with_its_base(monkeypatch):
    model = tiny_bert()
    attached = attach_disturbed(model, LoRA(rank=2))
    expected = model(ids_for(model))
    attached.off()
    part = next(iter(attached.parts.values()))
    with monkeypatch.context() as failing, pytest.raises(ZeroDivisionError):
        failing.setattr(part, "to", lambda _weight: 1 / 0)
        attached.on()
    assert not attached.is_on
    attached.on()
    assert torch.equal(model(ids_for(model)), expected)


@pytest.mark.parametrize("method", EACH_KIND, ids=lambda method: type(method).__name__)
@pytest.mark.parametrize("way", ["attach", "load", "on"])
def test_what_was_put_on_in_inference_mode_can_be_trained(method, way, tmp_path):
    model = tiny_classifier()
    if way == "load":
        save(attach(tiny_classifier(), method), tmp_path / "one")
    with torch.inference_mode():
        attached = load(tmp_path / "one", model) if way == "load" else attach(model, method)
    if way == "on":
        attached.off()
        model.double()
        with torch.inference_mode():
            attached.on()
    model(model.inputs(TEXTS)).pow(2).mean().backward()
    own = attached.parameters().values()
    assert any(each.grad is not None for each in own) and not any(each.is_inference() for each in own)


@pytest.mark.usefixtures("unchecked_shapes")
def test_what_is_no_model_and_no_method_is_named():
    for model, method in ((LoRA(), tiny_bert()), (tiny_bert(), LoRA), (None, LoRA())):
        with pytest.raises(TypeError, match="no model and a method: give a model, then LoRA"):
            attach(model, method)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("kind", [LoRA, BitFit, lambda targets: AdaLoRA(steps=9, targets=targets)])
@pytest.mark.parametrize("targets", [5, [1], "query"])
def test_targets_in_no_list_are_refused_before_anything_is_trained(kind, targets):
    with pytest.raises(TypeError, match=r"targets is .*; give a list of names|put it into a list"):
        kind(targets=targets)
