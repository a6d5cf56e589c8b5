"""What is drawn is what the model's modules are: their names, sizes, order, and what a method put where."""

import pytest
import torch

from course.bert import MaskedLanguageModel
from course.fine_tuning import DecoderClassifier, TokenClassifier
from course.peft import (
    AdaLoRA,
    AdapterFusion,
    BitFit,
    DoRA,
    HoulsbyAdapters,
    LLaMAAdapter,
    LoRA,
    Part,
    PfeifferAdapters,
    PrefixTuning,
    PromptTuning,
    attach,
    count,
    freeze,
)
from course.viz import WiringExplorer
from course.viz.peft.box_texts import ranges, steps_of
from course.viz.peft.wiring import wiring_of
from tests.support.adapted import MODELS, TOKENIZER, assert_same_numbers, copied, tiny_bert, tiny_classifier
from tests.support.drawn import overlapping
from tests.support.widgets import wiring_explorer

METHODS = {
    "nothing": None,
    "LoRA": LoRA(2),
    "DoRA": DoRA(2),
    "AdaLoRA": AdaLoRA(9, initial_rank=3, target_rank=2),
    "Houlsby": HoulsbyAdapters(4),
    "Pfeiffer": PfeifferAdapters(4),
    "fusion": AdapterFusion([PfeifferAdapters(4), PfeifferAdapters(3)]),
    "prompt": PromptTuning(3),
    "prefix": PrefixTuning(3),
    "computed prefix": PrefixTuning(3, mlp_width=5),
    "LLaMA-Adapter": LLaMAAdapter(3, n_layers=1),
    "BitFit": BitFit(),
}
KINDS = {
    **MODELS,
    "classifier": tiny_classifier,
    "masked": lambda: MaskedLanguageModel(tiny_bert()).eval(),
    "words": lambda: TokenClassifier(tiny_bert(vocab_size=TOKENIZER.vocab_size), TOKENIZER, ("a", "b")).eval(),
    "decoder with head": lambda: DecoderClassifier(MODELS["gpt2"](), TOKENIZER, ("a", "b")).eval(),
}

PAIRS = [
    (kind, name)
    for kind in KINDS
    for name in (METHODS if kind in ("classifier", "llama") else ("LoRA", "Houlsby", "computed prefix", "prompt"))
]


def state_of(model):
    """All that could be changed: modules, numbers, what is trained, modes, hooks, methods of the object itself."""
    return (
        list(model.named_modules()),
        [weight.requires_grad for weight in model.parameters()],
        [weight.grad for weight in model.parameters()],
        [module.training for module in model.modules()],
        [(len(module._forward_hooks), len(module._forward_pre_hooks)) for module in model.modules()],
        [sorted(vars(module)) for module in model.modules()],
        getattr(model, "limit", None),
    )


def boxes_of(wiring, block=0):
    return [box for top in (*wiring.before, wiring.blocks[block], *wiring.after) for box in top.all()]


def named(wiring, place, block=0):
    [box] = [box for box in boxes_of(wiring, block) if box.place == place and box.note != "again"]
    return box


def order_of(box):
    return [each.name for each in box.inside]


@pytest.mark.parametrize(("kind", "name"), PAIRS)
def test_every_number_is_counted_once_and_the_model_is_as_before(kind, name):
    method = METHODS[name]
    model = KINDS[kind]()
    freeze(model)
    before, numbers, random = state_of(model), copied(model), torch.get_rng_state()
    size = sum(weight.numel() for weight in model.parameters())
    try:
        wiring = wiring_of(model, method)
    except ValueError as error:
        assert kind == "llama" and isinstance(method, BitFit) and "has no biases" in str(error)
    else:
        assert torch.equal(torch.get_rng_state(), random)
        every = [*wiring.before, *wiring.blocks, *wiring.after]
        assert sum(box.frozen for box in every) == wiring.frozen
        assert sum(box.trained for box in every) == wiring.method + wiring.head
        put = [box.place for top in every for box in top.all() if box.part]
        assert sorted(put) == sorted(wiring.places)
        if method is not None:
            attached = attach(model, method, torch.Generator())
            assert wiring.method == count(attached) and list(wiring.places) == list(attached.parts)
            added = sum(weight.numel() for weight in model.parameters()) - size
            attached.off()
            assert wiring.frozen + wiring.method + wiring.head == size + added
        else:
            assert wiring.method == 0 and wiring.frozen + wiring.head == size
    assert state_of(model) == before
    assert_same_numbers(copied(model), numbers)


def test_a_model_that_trains_goes_on_training():
    model = tiny_classifier().train()
    model.body.pooler.requires_grad_(False)
    before = state_of(model)
    wiring_of(model, LoRA(2))
    assert state_of(model) == before and model.training


def test_an_error_in_the_pass_takes_the_method_off():
    model = tiny_bert()

    def fail(*_inputs):
        raise RuntimeError("of the model")

    model.blocks[1].register_forward_pre_hook(fail)
    before = state_of(model)
    with pytest.raises(RuntimeError, match="of the model"):
        wiring_of(model, PromptTuning(3))
    assert state_of(model) == before
    assert not any(isinstance(module, Part) for module in model.modules())


def test_boxes_are_in_the_order_of_computation():
    after, before = wiring_of(MODELS["bert"](), None), wiring_of(MODELS["llama"](), None)
    assert order_of(named(after, "blocks.0")) == ["attention_residual", "feed_forward_residual"]
    assert order_of(named(after, "blocks.0.attention_residual")) == ["attention", "norm"]
    assert order_of(named(before, "blocks.0.attention_residual")) == ["norm", "attention"]
    attention = [[box.name for box in step] for step in steps_of(named(after, "blocks.0.attention").inside)]
    assert attention == [["query", "key", "value"], ["attention"], ["output"]]
    gated = [[box.name for box in step] for step in steps_of(named(before, "blocks.0.feed_forward").inside)]
    assert gated == [["gate", "up"], ["down"]]
    embedding = [[box.name for box in step] for step in steps_of(named(after, "embedding").inside)]
    assert embedding == [["tokens", "positions.table", "token_types"], ["norm"]]


def test_the_last_block_of_another_number_is_drawn_from_its_own_modules():
    wiring = wiring_of(tiny_bert(n_layers=3), LLaMAAdapter(3, n_layers=1))
    assert [box.name for box in wiring.blocks] == ["blocks.0", "blocks.1", "blocks.2"]
    assert wiring.alike(0) == [0, 1] and wiring.alike(2) == [2]
    assert wiring.places_in_blocks == {2: 1}
    step = named(wiring, "blocks.2.attention.attention", 2)
    assert step.part == "AdapterAttention" and step.added == ("prompt 3 × 16", "gate 4")
    assert [(box.name, box.note, box.trained + box.frozen) for box in step.inside] == [
        ("attention.key", "again", 0),
        ("attention.value", "again", 0),
    ]


def test_lora_is_beside_the_matrix_that_it_is_put_on():
    wiring = wiring_of(tiny_classifier(), LoRA(2))
    query, key = (named(wiring, f"blocks.0.attention.{name}") for name in ("query", "key"))
    assert (query.kind, query.size, query.part, query.added) == (
        "Linear",
        "16 → 16 + bias",
        "LoRALinear",
        ("down 2 × 16", "up 16 × 2"),
    )
    assert (query.frozen, query.trained) == (16 * 16 + 16, 64) and (key.part, key.trained) == ("", 0)
    head, pooler = wiring.after
    assert (head.name, head.trained, head.frozen) == ("head", 16 * 2 + 2, 0)
    assert (pooler.name, pooler.note) == ("pooler", "not used")


def test_adapters_are_where_they_compute():
    houlsby = wiring_of(MODELS["bert"](), HoulsbyAdapters(4))
    inside = named(houlsby, "blocks.0.attention_residual")
    assert inside.part == "HoulsbyResidual" and order_of(inside) == ["attention", "adapter", "norm"]
    assert [each.own for each in inside.inside] == [False, True, False]
    norm = inside.inside[-1]
    assert norm.part == "TrainedNorm" and norm.note == "the frozen one is not used"
    pfeiffer = named(wiring_of(MODELS["bert"](), PfeifferAdapters(4)), "blocks.0.feed_forward_residual")
    assert [(each.name, each.note) for each in pfeiffer.inside] == [
        ("feed_forward", ""),
        ("norm", ""),
        ("adapter", ""),
        ("feed_forward_residual.norm", "again"),
    ]


def test_fusion_reads_frozen_adapters_side_by_side():
    wiring = wiring_of(MODELS["bert"](), AdapterFusion([PfeifferAdapters(4), PfeifferAdapters(3)]))
    fused = named(wiring, "blocks.0.feed_forward_residual")
    steps = [[box.name for box in step] for step in steps_of(fused.inside)]
    assert steps[2:4] == [["adapters.0", "adapters.1"], ["attention"]]
    adapters, attention = steps_of(fused.inside)[2], fused.inside[-2]
    assert all(box.own and box.frozen and not box.trained for box in adapters)
    assert attention.own and attention.trained and not attention.frozen
    assert len(steps_of(attention.inside)) == 1, "query, key and value read what the attention is given"


def test_a_tied_output_names_the_tensor_that_it_shares():
    model = MODELS["llama"]()
    assert model.output.weight is model.embedding.tokens.weight
    norm, output = wiring_of(model, None).after
    assert norm.name == "norm" and output.frozen == 0 and output.note == "shared with embedding.tokens"


def test_what_a_computed_prefix_shares_is_counted_where_it_is():
    wiring = wiring_of(MODELS["bert"](), PrefixTuning(3, mlp_width=5))
    assert wiring.alike(0) == [0, 1]
    hidden = named(wiring, "embedding.positions.hidden")
    assert hidden.trained == 3 * 16 + 16 * 5 + 5
    prefix = named(wiring, "blocks.0.attention.attention")
    [again] = [box for box in prefix.all() if box.place == "embedding.positions.hidden"]
    assert again.note == "again" and again.trained == 0 and again.name == "embedding.positions.hidden"


def test_the_sentences_under_the_picture():
    widget = wiring_explorer()
    sizes = sum(weight.numel() for weight in widget.models[widget.model].body.parameters())
    words = widget.in_words()
    assert "Trained by the method: 256, " in words and "Trained in the head: 34." in words
    assert f"Frozen: {sizes:,}." in words
    assert "The method is in 4 places, in 2 of 2 blocks." in words and "Wired alike: blocks 0, 1." in words
    assert "blocks.0.attention.query: LoRALinear (down 2 × 16, up 16 × 2)" in words
    widget.method = "<b>adapters</b>"
    assert "The method is in 9 places: 8 in 2 of 2 blocks, 1 outside of them." in widget.in_words()
    assert "HoulsbyResidual (down 16 → 4 + bias, up 4 → 16 + bias)" in widget.in_words()
    widget.method = "prompt"
    assert "The method is in 1 place, in none of 2 blocks." in widget.in_words()
    widget.method = "nothing"
    assert "The method is" not in widget.in_words() and "Trained by the method: 0, " in widget.in_words()
    assert "lm-put" not in widget._page.value and "lm-head" in widget._page.value


def test_a_method_that_does_not_fit_is_named_and_the_next_one_clears_it():
    widget = wiring_explorer(model="decoder")
    before = widget._page.value
    widget.method = "BitFit"
    assert "has no biases, so BitFit has nothing to train" in widget.error
    assert widget._page.value == before
    assert not any(isinstance(module, Part) for module in widget.models["decoder"].modules())
    widget.method = "$LoRA$"
    assert widget.error == ""
    assert widget.children.index(widget._message) == 1, "above the picture, which is higher than a screen"
    first = wiring_explorer(model="decoder", method="BitFit")
    assert "has no biases" in first.error and "has no biases" in first.summary()


def test_the_method_is_read_once_for_all_blocks():
    widget = wiring_explorer()
    wiring = widget.wiring
    widget.block = 1
    assert widget.wiring is wiring and "blocks.1" in widget._page.value and "blocks.0" not in widget._page.value
    assert "block 1" in widget.summary()


def test_another_model_has_fewer_blocks():
    widget = WiringExplorer({"three": tiny_bert(n_layers=3), "two": tiny_bert()}, {"LoRA": LoRA(2)}, block=2)
    widget.model = "two"
    assert widget.block == 1 and widget._block.max == 1 and widget.error == ""


def test_names_that_are_not_there_and_models_that_cannot_be_drawn():
    for state, message in (
        ({"model": "x"}, "There is no model 'x'; there are: "),
        ({"method": "y"}, "There is no method 'y'; there are: nothing, "),
    ):
        with pytest.raises(ValueError, match=message):
            wiring_explorer(**state)
    with pytest.raises(ValueError, match="There is no model to put a method on"):
        WiringExplorer({}, {})
    with pytest.raises(ValueError, match="Linear has no blocks to draw"):
        WiringExplorer({"a": torch.nn.Linear(2, 2)}, {})
    model = tiny_bert()
    attach(model, LoRA(2))
    assert "already has a LoRALinear on it" in WiringExplorer({"a": model}, {"prompt": PromptTuning(2)}).error


def test_names_are_text_in_the_page():
    widget = wiring_explorer(method="<b>adapters</b>")
    assert "<b>adapters" not in widget._heading.value and "&lt;i&gt;BERT" in widget._heading.value


@pytest.mark.slow
@pytest.mark.parametrize("method", ["nothing", "$LoRA$", "<b>adapters</b>", "BitFit", "prompt"])
def test_no_text_of_the_picture_lies_over_another(method):
    assert overlapping(wiring_explorer(method=method).picture()) == []


def test_runs_of_numbers_are_shortened():
    assert ranges([0]) == "0" and ranges([0, 1]) == "0, 1" and ranges([0, 1, 2, 3, 5, 7, 8]) == "0–3, 5, 7, 8"
