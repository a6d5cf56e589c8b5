"""GPT-2 from files as the hub has them, written here by `transformers` for a small model."""

import json

import pytest
import safetensors.torch
import torch
from transformers import GPT2LMHeadModel

from course.layers.parameters import count_parameters
from course.pretrained import load_gpt2
from tests.support.gpt2 import as_gpt2, tiny_gpt2
from tests.support.llama import TOLERANCE, difference, random_ids, tiny_model

CONFIGS = [tiny_gpt2(d_ff=128), tiny_gpt2(n_heads=3, n_layers=3, d_model=24, d_ff=50, norm_eps=1e-3, dropout=0.1)]


@pytest.fixture(params=CONFIGS, ids=str)
def written(request, tmp_path) -> tuple[GPT2LMHeadModel, object]:
    gpt2 = as_gpt2(tiny_model(request.param))
    gpt2.save_pretrained(tmp_path)
    return gpt2, tmp_path


def rewrite(folder, change) -> None:
    """Change the tensors of the file."""
    file = folder / "model.safetensors"
    tensors = safetensors.torch.load_file(file)
    change(tensors)
    safetensors.torch.save_file(tensors, file)


def test_logits_are_those_of_transformers(written):
    gpt2, folder = written
    model = load_gpt2(folder)
    ids = random_ids(model.config)
    with torch.no_grad():
        assert difference(model(ids), gpt2(ids).logits) < TOLERANCE
    assert not model.training and model.output.weight is model.embedding.tokens.weight
    assert model.config.d_ff == gpt2.transformer.h[0].mlp.c_fc.weight.shape[1]
    assert count_parameters(model) == gpt2.num_parameters()


def test_the_names_of_the_hub_s_own_file_are_read(written):
    """openai-community/gpt2 holds the body alone, without a prefix, and each layer's causal mask; no n_inner."""
    gpt2, folder = written

    def as_published(tensors):
        for name in list(tensors):
            tensors[name.removeprefix("transformer.")] = tensors.pop(name)
        for layer in range(gpt2.config.n_layer):
            tensors[f"h.{layer}.attn.bias"] = torch.ones(1, 1, 48, 48).tril()
        tensors.pop("lm_head.weight", None)

    rewrite(folder, as_published)
    settings = json.loads((folder / "config.json").read_text())
    if settings["n_inner"] == 4 * settings["n_embd"]:
        del settings["n_inner"]
    del settings["tie_word_embeddings"]
    (folder / "config.json").write_text(json.dumps(settings))
    assert set(safetensors.torch.load_file(folder / "model.safetensors")) >= {"wte.weight", "h.0.attn.c_attn.weight"}
    ids = random_ids(CONFIGS[0])
    with torch.no_grad():
        assert difference(load_gpt2(folder)(ids), gpt2(ids).logits) < TOLERANCE


def test_weights_in_half_precision_are_read_in_single(written):
    _gpt2, folder = written
    rewrite(folder, lambda tensors: tensors.update({name: tensor.half() for name, tensor in tensors.items()}))
    model = load_gpt2(folder)
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors"])
def test_a_missing_file_is_named_with_the_remedy(written, missing):
    _gpt2, folder = written
    (folder / missing).unlink()
    with pytest.raises(FileNotFoundError, match=f"There is no {missing} in .* Download config.json and model.safe"):
        load_gpt2(folder)


def test_a_damaged_file_is_named(written):
    _gpt2, folder = written
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(ValueError, match=r"model\.safetensors is damaged .*Fetch it again"):
        load_gpt2(folder)


def test_files_of_two_models_are_told_apart(written):
    _gpt2, folder = written
    rewrite(folder, lambda tensors: tensors.pop("transformer.h.0.mlp.c_fc.bias"))
    with pytest.raises(
        ValueError, match=r"does not fit .*: blocks.0.feed_forward.up.bias should have the shape .* None"
    ):
        load_gpt2(folder)


@pytest.mark.parametrize(
    ("name", "value"),
    [("model_type", "llama"), ("activation_function", "relu"), ("scale_attn_by_inverse_layer_idx", True)],
)
def test_another_kind_of_model_is_refused(written, name, value):
    _gpt2, folder = written
    settings = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(settings | {name: value}))
    with pytest.raises(ValueError, match=f"a model whose {name} is {value!r}"):
        load_gpt2(folder)
