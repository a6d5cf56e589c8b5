"""AdapterFusion agrees with the library `adapters`; the adapters that it mixes stay what they were."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from course.peft import (
    AdapterFusion,
    Attached,
    FusionAttention,
    HoulsbyAdapters,
    LoRA,
    PfeifferAdapters,
    attach,
    count,
    freeze,
    fuse,
    fusion_attention,
    fusion_penalty,
    load,
    record_fusion,
    save,
)
from tests.peft.library import METHODS, library_model, ours, reference
from tests.peft.make_adapters_reference import D_MODEL, N_LAYERS, loss
from tests.peft.tiny import MODELS, hidden_states, inputs, tiny_bert
from tests.support.adapted import seeded
from tests.support.llama import TOLERANCE, difference
from tests.support.other_device import here, other_device, there

each_kind = pytest.mark.parametrize("kind", MODELS)


def trained(kind: str, *sizes: int) -> tuple[nn.Module, list[Attached]]:
    """A frozen model, and adapters for it as if they had been trained, all of them off."""
    model = MODELS[kind]()
    freeze(model)
    sources = []
    for number, size in enumerate(sizes):
        sources.append(attach(model, PfeifferAdapters(size, std=0.3), seeded(number)))
        sources[-1].off()
    return model, sources


@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
@each_kind
def test_outputs_gradients_and_attention_are_those_of_the_library(kind, training):
    model = library_model(kind)
    freeze(model)
    attached = attach(model, METHODS["fusion"])
    weights, gradients = reference(kind, "fusion", "weight"), reference(kind, "fusion", "gradient")
    assert len(gradients) == len(attached.parameters())
    assert len(weights) == len(attached.state())
    with torch.no_grad():
        for name, weight in weights.items():
            ours(attached, name).copy_(weight)
    model.train(training)
    with record_fusion(model) as maps:
        output = hidden_states(model, reference(kind, "inputs"))
    assert difference(output, reference(kind, "fusion")["output"]) < TOLERANCE
    for layer, expected in reference(kind, "fusion", "attention").items():
        assert difference(maps[int(layer)], expected) < TOLERANCE
    assert fusion_penalty(model).item() == pytest.approx(reference(kind, "fusion")["penalty"].item(), rel=1e-5)
    loss(output).backward()
    for name, gradient in gradients.items():
        found = ours(attached, name).grad
        if name.endswith("key.bias"):  # it changes the scores of all adapters alike: what is there is rounding
            assert max(found.abs().max(), gradient.abs().max()) < TOLERANCE, name
        else:
            assert difference(found, gradient) < TOLERANCE, name


def test_the_value_matrix_begins_as_in_the_library_and_is_hardly_penalized():
    layer = FusionAttention(D_MODEL)
    assert torch.equal(layer.value.weight, reference("bert", "fusion")["first_value"])
    assert not layer.query.bias.any() and not layer.key.bias.any() and layer.value.bias is None
    assert layer.penalty().item() == pytest.approx(0.01 * (D_MODEL**2 - D_MODEL) * 1e-12)
    with torch.no_grad():
        layer.value.weight += torch.randn(D_MODEL, D_MODEL, generator=seeded())
    layer.penalty().backward()
    torch.testing.assert_close(layer.value.weight.grad, 0.02 * (layer.value.weight - torch.eye(D_MODEL)))


@settings(max_examples=15)
@given(st.integers(1, 4), st.integers(1, 6), st.integers(0, 50))
def test_each_position_mixes_the_adapters_by_itself(n_adapters, d_model, seed):
    query = torch.randn(2, 3, d_model, generator=seeded(seed))
    key, value = torch.randn(2, 2, 3, n_adapters, d_model, generator=seeded(seed))
    mixed, weights = fusion_attention(query, key, value)
    for row in range(2):
        for position in range(3):
            scores = torch.tensor([query[row, position] @ each for each in key[row, position]])
            expected = scores.exp() / scores.exp().sum()
            torch.testing.assert_close(weights[row, position], expected)
            torch.testing.assert_close(mixed[row, position], expected @ value[row, position])
    order = torch.randperm(n_adapters, generator=seeded(seed))
    again, moved = fusion_attention(query, key[..., order, :], value[..., order, :])
    torch.testing.assert_close(again, mixed)
    torch.testing.assert_close(moved, weights[..., order])


def test_dropout_sets_scores_to_zero_before_softmax(monkeypatch):
    def of_the_first(scores: Tensor, share: float) -> Tensor:
        assert share == 0.25
        return scores * torch.tensor([0.0, 2.0])

    layer = FusionAttention(4, 0.25, generator=seeded())
    read, changes = torch.randn(1, 2, 4, generator=seeded()), torch.randn(1, 2, 2, 4, generator=seeded(1))
    scores = (layer.query(read)[..., None, :] * layer.key(changes)).sum(dim=-1)
    plain = nn.ModuleList([layer]).eval()
    with record_fusion(plain) as weights:
        layer(read, changes)
    torch.testing.assert_close(weights[0], scores.softmax(dim=-1))
    monkeypatch.setattr("course.peft.adapter_attention.F.dropout", of_the_first)
    plain.train()
    with record_fusion(plain) as weights:
        layer(read, changes)
    torch.testing.assert_close(weights[0], (scores * torch.tensor([0.0, 2.0])).softmax(dim=-1))


@each_kind
def test_an_adapter_that_is_fused_with_its_own_copy_computes_what_it_does_alone(kind):
    model, (source,) = trained(kind, 4)
    source.on()
    alone = hidden_states(model, inputs(kind))
    source.off()
    fuse(model, [source, source], generator=seeded())
    assert difference(hidden_states(model, inputs(kind)), alone) < 1e-4  # the value matrix is not quite the identity


def test_training_the_fusion_changes_neither_the_adapters_nor_the_model():
    model, sources = trained("bert", 4, 2)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    adapters = [{name: weight.clone() for name, weight in source.state().items()} for source in sources]
    fused = fuse(model, sources, generator=seeded())
    own = {name: weight.clone() for name, weight in fused.state().items()}
    assert count(fused) == N_LAYERS * (3 * D_MODEL**2 + 2 * D_MODEL)
    optimizer = torch.optim.Adam(fused.parameters().values(), lr=0.1)
    for _step in range(2):
        optimizer.zero_grad()
        (loss(hidden_states(model.train(), inputs("bert"))) + fusion_penalty(model)).backward()
        optimizer.step()
    changed = {name for name, weight in fused.state().items() if not torch.equal(weight, own[name])}
    assert changed == fused.parameters().keys()
    assert {name.rpartition("residual.")[2].partition(".")[0] for name in changed} == {"attention"}
    fused.off()
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())
    for source, weights in zip(sources, adapters, strict=True):
        assert all(torch.equal(weight, weights[name]) for name, weight in source.state().items())
        assert all(weight.grad is None for weight in source.parameters().values())
        assert len(source.parameters()) == 4 * N_LAYERS  # they can still be trained, apart
    sources[0].on()


def test_training_an_adapter_further_does_not_reach_the_fusion():
    model, sources = trained("bert", 4, 2)
    fused = fuse(model, sources)
    before = hidden_states(model, inputs("bert"))
    with torch.no_grad():
        for weight in sources[0].parameters().values():
            weight += 1
    assert fused.is_on and torch.equal(hidden_states(model, inputs("bert")), before)


def test_the_state_and_the_numbers_are_all_that_another_model_needs():
    model, sources = trained("bert", 4, 2)
    fused = fuse(model, sources, generator=seeded(1))
    other = MODELS["bert"]()
    state = attach(other, fused.method, seeded(9)).state()
    assert state.keys() == fused.state().keys() and not any("base" in name for name in state)
    assert not torch.equal(hidden_states(other, inputs("bert")), hidden_states(model, inputs("bert")))
    with torch.no_grad():
        for name, weight in fused.state().items():
            state[name].copy_(weight)
    assert torch.equal(hidden_states(other, inputs("bert")), hidden_states(model, inputs("bert")))


@pytest.mark.parametrize("stage", ["adapters", "fusion"])
def test_a_saved_stage_is_all_that_the_next_one_needs(stage, tmp_path):
    """Adapters are stored one by one and fused once they are loaded; the fusion is stored with them."""
    model, sources = trained("gpt2", 4, 2)
    if stage == "adapters":
        for number, source in enumerate(sources):
            save(source, tmp_path / f"{number}.safetensors")
    fused = fuse(model, sources, generator=seeded(1))
    other = MODELS["gpt2"]()
    if stage == "fusion":
        save(fused, tmp_path / "fused.safetensors")
        again = load(tmp_path / "fused.safetensors", other)
        assert again.method == fused.method and again.parameters().keys() == fused.parameters().keys()
    else:
        loaded = []
        for number in range(2):
            loaded.append(load(tmp_path / f"{number}.safetensors", other))
            loaded[-1].off()
        fuse(other, loaded, generator=seeded(1))
    assert torch.equal(hidden_states(other, inputs("gpt2")), hidden_states(model, inputs("gpt2")))


def test_what_a_token_attends_to_can_be_read():
    model, sources = trained("bert", 4, 2, 3)
    plain = hidden_states(model, inputs("bert"))
    with (
        pytest.raises(ValueError, match=r"Bert has no fusion of adapters on it. Put one on: `fuse`"),
        record_fusion(model),
    ):
        pass
    fuse(model, sources, generator=seeded())
    quiet = hidden_states(model, inputs("bert"))
    with record_fusion(model) as weights:
        assert weights == [None] * N_LAYERS
        assert torch.equal(hidden_states(model, inputs("bert")), quiet)
    batch, position = inputs("bert")["input_ids"].shape
    for each in weights:
        assert each.shape == (batch, position, 3)
        torch.testing.assert_close(each.sum(dim=-1), torch.ones(batch, position))
        assert each.std(dim=1).min() > 0  # differs from token to token
    before = list(weights)
    hidden_states(model, inputs("bert"))
    assert all(one is other for one, other in zip(weights, before, strict=True))  # no longer watched
    assert not torch.allclose(plain, quiet)


@pytest.mark.parametrize("kind", ["gpt2", "llama"])
def test_with_a_cache_a_decoder_computes_the_same(kind):
    model, sources = trained(kind, 4, 2)
    fuse(model, sources, generator=seeded())
    ids = inputs(kind)["input_ids"]
    cache = model.new_cache(ids.shape[1], len(ids))
    pieces = [model(ids[:, :4], cache), *(model(ids[:, i : i + 1], cache) for i in range(4, ids.shape[1]))]
    assert difference(torch.cat(pieces, dim=1), model(ids)) < TOLERANCE


def test_precisions_and_devices():
    model, sources = trained("bert", 4, 2)
    fuse(model, sources, generator=seeded())
    output = hidden_states(model, inputs("bert"))
    exact = MODELS["bert"]().double()
    fuse(exact, sources, generator=seeded())
    assert {parameter.dtype for parameter in exact.parameters()} == {torch.float64}
    assert difference(hidden_states(exact, inputs("bert")).float(), output) < TOLERANCE
    with other_device():
        other = there(model)
        torch.testing.assert_close(here(hidden_states(other, there(inputs("bert")))), output)
        torch.testing.assert_close(here(fusion_penalty(other)), fusion_penalty(model))


def refuses(model: nn.Module, sources: list[Attached], message: str) -> None:
    """One clear error, and nothing of the fusion is on the model."""
    tree = str(model)
    with pytest.raises(ValueError, match=message):
        fuse(model, sources)
    assert str(model) == tree


def test_what_cannot_be_fused_is_named():
    model, sources = trained("bert", 4, 2)
    refuses(model, sources[:1], "1 adapters have nothing to be fused with: give two or more")
    refuses(model, [], "0 adapters have nothing to be fused with")
    with pytest.raises(ValueError, match=r"dropout is 1\.0; it is the share"):
        fuse(model, sources, dropout=1.0)
    other = MODELS["bert"]()
    for method in (HoulsbyAdapters(4), LoRA(2)):
        wrong = attach(other, method)
        wrong.off()
        refuses(model, [sources[0], wrong], f"Only PfeifferAdapters can be fused; there is a {type(method).__name__}")
    deeper = tiny_bert(n_layers=3)
    refuses(deeper, sources, "adapters number 0 are for 2 blocks with a d_model of 16, the model has 3 with 16")
    wider = tiny_bert(d_model=20)
    refuses(wider, sources, "adapters number 0 are for 2 blocks with a d_model of 16, the model has 2 with 20")
    sources[1].on()
    refuses(model, sources, "blocks.0.feed_forward_residual already has a PfeifferResidual on it. Take that off first")
    sources[1].off()
    fuse(model, sources)
    refuses(model, sources, "blocks.0.feed_forward_residual already has a FusedResidual on it")


def test_a_list_of_adapters_is_kept_as_it_was_given():
    numbers = [PfeifferAdapters(4), PfeifferAdapters(2)]
    method = AdapterFusion(numbers)
    numbers.pop()
    assert method == AdapterFusion((PfeifferAdapters(4), PfeifferAdapters(2)))


@pytest.mark.usefixtures("unchecked_shapes")
def test_what_is_no_list_of_pfeiffers_adapters_is_named():
    with pytest.raises(ValueError, match="Only PfeifferAdapters can be fused; there is a HoulsbyAdapters"):
        AdapterFusion((PfeifferAdapters(4), HoulsbyAdapters(4)))
    with pytest.raises(TypeError, match="is no list: give two adapters or more"):
        AdapterFusion(PfeifferAdapters(4))
    model, sources = trained("bert", 4, 2)
    with pytest.raises(TypeError, match="There is one source: put two or more into a list"):
        fuse(model, sources[0])
    for numbers, message in (((0,), "d_model is 0"), ((4, 2), "dropout is 2")):
        with pytest.raises(ValueError, match=message):
            FusionAttention(*numbers)


def test_a_fusion_that_was_made_in_inference_mode_can_be_trained():
    model, sources = trained("bert", 4, 2)
    with torch.inference_mode():
        fused = fuse(model, sources)
    hidden_states(model, inputs("bert")).square().mean().backward()
    assert all(each.grad is not None for each in fused.parameters().values())
