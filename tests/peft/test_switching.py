"""One base, several methods: each answers as it did alone, and the base stays what it was."""

import pytest
import torch

from course.peft import BitFit, HoulsbyAdapters, LoRA, Part, PromptTuning, Switch, attach, freeze, load, merge, save
from tests.support.adapted import (
    TEXTS,
    TOKENIZER,
    assert_same_numbers,
    copied,
    disturb_own,
    seeded,
    tiny_bert,
    tiny_classifier,
)

METHODS = {"LoRA": LoRA(rank=2), "prompt": PromptTuning(3), "adapters": HoulsbyAdapters(4)}


def base():
    return tiny_bert(vocab_size=TOKENIZER.vocab_size)


def answers(model):
    with torch.no_grad():
        return model(model.inputs(TEXTS))


def trained(body, method, seed):
    """A classifier on this body with a method and a head of its own, as after training, and what it says."""
    model = tiny_classifier(body)
    freeze(model)
    attached = attach(model, method, seeded(seed))
    disturb_own(attached, seed)
    with torch.no_grad():
        model.head.weight.normal_(generator=seeded(seed))
    return attached, answers(model)


def make():
    """A switch on one body with all methods off, and what each of them says."""
    body, methods, said = base(), {}, {}
    for seed, (name, method) in enumerate(METHODS.items()):
        methods[name], said[name] = trained(body, method, seed)
        methods[name].off()
    return Switch(methods), said


def test_each_method_answers_with_its_own_head_and_the_base_is_untouched():
    switch, said = make()
    modules, before = list(switch.body.named_modules()), copied(switch.body)
    for name in (*METHODS, *reversed(METHODS), None, "prompt", "LoRA"):
        model = switch.to(name)
        assert switch.is_on == name
        if name is not None:
            assert torch.equal(answers(model), said[name])
            assert model is switch.methods[name].model
    assert switch.to(None) is switch.body
    assert list(switch.body.named_modules()) == modules
    assert_same_numbers(copied(switch.body), before)


def test_the_base_is_in_memory_once_and_limits_come_back():
    switch, _said = make()
    model = switch.methods["prompt"].model
    limit = model.limit
    assert all(attached.model.body is switch.body for attached in switch.methods.values())
    switch.to("prompt")
    assert model.limit == limit - 3
    switch.to("LoRA")
    assert model.limit == limit


def test_stored_methods_are_switched(tmp_path):
    said = {}
    for seed, (name, method) in enumerate(METHODS.items()):
        attached, said[name] = trained(base(), method, seed)
        save(attached, tmp_path / name)
    body, methods = base(), {}
    for name in METHODS:
        methods[name] = load(tmp_path / name, tiny_classifier(body))
        methods[name].off()
    switch = Switch(methods)
    for name in METHODS:
        assert torch.equal(answers(switch.to(name)), said[name])


def test_using_brings_back_what_was_on_also_after_an_error():
    switch, said = make()
    switch.to("LoRA")
    with switch.using("prompt") as model:
        assert torch.equal(answers(model), said["prompt"]) and switch.is_on == "prompt"
    assert switch.is_on == "LoRA"
    with pytest.raises(RuntimeError, match="of a caller"), switch.using(None):
        assert switch.is_on is None
        raise RuntimeError("of a caller")
    assert switch.is_on == "LoRA" and torch.equal(answers(switch.methods["LoRA"].model), said["LoRA"])


def test_where_another_method_is_in_the_way_nothing_changes():
    switch, said = make()
    switch.to("prompt")
    other = attach(switch.body, LoRA(rank=1))
    modules = list(switch.body.named_modules())
    with pytest.raises(ValueError, match="already has a LoRALinear on it"):
        switch.to("LoRA")
    assert switch.is_on == "prompt" and list(switch.body.named_modules()) == modules
    other.off()
    assert torch.equal(answers(switch.to("LoRA")), said["LoRA"])


def test_a_method_that_cannot_be_taken_off_stays_on():
    switch, _said = make()
    attached = switch.methods["LoRA"]
    switch.to("LoRA")
    merge(attached)
    above = attach(switch.body, BitFit(("query",)))
    with pytest.raises(ValueError, match="has something else on it now"):
        switch.to("prompt")
    assert switch.is_on == "LoRA" and above.is_on
    above.off()
    switch.to(None)
    assert not any(isinstance(module, Part) for module in switch.body.modules())


def test_methods_of_two_bodies_no_methods_and_unknown_names():
    switch, _said = make()
    with pytest.raises(ValueError, match="There is no method to switch to"):
        Switch({})
    with pytest.raises(ValueError, match="'b' is on another body than 'a'"):
        Switch({"a": trained(base(), LoRA(rank=2), 0)[0], "b": trained(base(), LoRA(rank=2), 0)[0]})
    switch.to("LoRA")
    for wrong in (switch.to, lambda name: switch.using(name).__enter__()):
        with pytest.raises(ValueError, match="There is no method 'x'; there are: LoRA, prompt, adapters"):
            wrong("x")
        assert switch.is_on == "LoRA"
