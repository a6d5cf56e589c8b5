import contextlib
import copy
import math
import subprocess
import sys

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import GPT2Config as TheirConfig

from course.gpt import GPT2_SMALL, Decoder, GPT2Config, LlamaConfig
from course.layers.attention import record_attention
from course.layers.norm import RMSNorm
from course.layers.parameters import count_parameters
from course.syllabus.lessons import ROOT
from tests.support.gpt2 import TINY_GPT2S, as_gpt2, their_weights, tiny_gpt2
from tests.support.llama import (
    TINY_CONFIGS,
    TOLERANCE,
    as_llama,
    difference,
    llama_name,
    random_ids,
    tiny_config,
    tiny_model,
    two_threads,
)

CONFIG = tiny_config()


@pytest.mark.parametrize("config", TINY_CONFIGS, ids=str)
def test_logits_and_gradients_equal_transformers(config):
    model, ids = tiny_model(config), random_ids(config)
    llama = as_llama(model)
    logits, reference = model(ids), llama(ids).logits
    assert difference(logits, reference) < TOLERANCE
    for output in (logits, reference):
        F.cross_entropy(output[:, :-1].flatten(0, 1), ids[:, 1:].flatten()).backward()
    expected = dict(llama.named_parameters())
    compared = {
        llama_name(name): difference(p.grad, expected[llama_name(name)].grad) for name, p in model.named_parameters()
    }
    assert compared.keys() == expected.keys()
    assert max(compared.values()) < TOLERANCE, compared


@pytest.mark.parametrize("config", TINY_GPT2S, ids=str)
def test_logits_and_gradients_equal_those_of_gpt2(config):
    model, ids = tiny_model(config), random_ids(config)
    gpt2 = as_gpt2(model)
    logits, reference = model(ids), gpt2(ids).logits
    assert difference(logits, reference) < TOLERANCE
    for output in (logits, reference):
        F.cross_entropy(output[:, :-1].flatten(0, 1), ids[:, 1:].flatten()).backward()
    gradients = their_weights({name: parameter.grad for name, parameter in model.named_parameters()})
    compared = {name: difference(gradients[name], p.grad) for name, p in gpt2.named_parameters()}
    assert compared.keys() == gradients.keys()
    assert max(compared.values()) < TOLERANCE, compared


def test_gpt2_small_has_the_published_sizes():
    with torch.device("meta"):
        assert count_parameters(Decoder(GPT2_SMALL)) == 124_439_808  # of openai-community/gpt2
    theirs = TheirConfig()
    sizes = (theirs.vocab_size, theirs.n_positions, theirs.n_embd, theirs.n_layer, theirs.n_head, 4 * theirs.n_embd)
    assert GPT2Config(*sizes, norm_eps=theirs.layer_norm_epsilon) == GPT2_SMALL


@pytest.mark.parametrize("config", TINY_CONFIGS, ids=str)
def test_attention_weights_equal_transformers(config):
    model, ids = tiny_model(config), random_ids(config)
    plain = model(ids)
    with record_attention(model) as maps:
        recorded = model(ids)
    reference = as_llama(model)(ids, output_attentions=True).attentions
    assert len(maps) == len(reference) == config.n_layers
    for weights, expected in zip(maps, reference, strict=True):
        assert difference(weights, expected) < TOLERANCE
        torch.testing.assert_close(weights.sum(dim=-1), torch.ones(weights.shape[:-1]))
        assert (weights.triu(1) == 0).all()
    assert difference(recorded, plain) < TOLERANCE


@pytest.mark.slow
@settings(max_examples=12)
@given(st.sampled_from(TINY_CONFIGS), st.lists(st.integers(1, 6), min_size=1, max_size=6), st.booleans())
def test_reading_in_parts_with_a_cache_equals_reading_at_once(config, lengths, threads):
    model, ids = tiny_model(config), random_ids(config, length=sum(lengths))
    cache = model.new_cache(sum(lengths), batch=2)
    with two_threads() if threads else contextlib.nullcontext(), torch.no_grad():
        parts = [model(part, cache) for part in ids.split(lengths, dim=1)]
        assert difference(torch.cat(parts, dim=1), model(ids)) < TOLERANCE
        assert cache.length == sum(lengths)


def test_a_cache_set_back_forgets():
    model, ids = tiny_model(CONFIG), random_ids(CONFIG, batch=1)
    cache = model.new_cache(30)
    with torch.no_grad():
        expected = model(ids, cache)[:, -3:]
        model(random_ids(CONFIG, batch=1, seed=1, length=5), cache)
        cache.length = ids.shape[1] - 3
        assert difference(model(ids[:, -3:], cache), expected) < TOLERANCE


@pytest.mark.slow
@given(st.data())
def test_a_changed_future_token_changes_no_earlier_logit(data):
    config = data.draw(st.sampled_from(TINY_CONFIGS))
    model, ids = tiny_model(config), random_ids(config)
    at = data.draw(st.integers(0, ids.shape[1] - 1))
    changed = ids.clone()
    changed[:, at] = (changed[:, at] + 1) % config.vocab_size
    with torch.no_grad():
        before, after = model(ids), model(changed)
    assert torch.equal(before[:, :at], after[:, :at])
    assert not torch.equal(before[:, at:], after[:, at:])


def test_a_batch_equals_its_rows_alone():
    model, ids = tiny_model(CONFIG), random_ids(CONFIG, batch=5)
    with torch.no_grad():
        batch = model(ids)
        for row in range(5):
            assert difference(model(ids[row : row + 1])[0], batch[row]) < TOLERANCE


def test_next_token_logits_are_those_of_the_last_position():
    model, ids = tiny_model(CONFIG), random_ids(CONFIG)
    assert difference(model.next_token_logits(ids), model(ids)[:, -1]) < TOLERANCE


def test_weights_laid_out_by_columns_train_save_and_load_like_any_others(tmp_path):
    model = tiny_model(CONFIG)
    by_columns = copy.deepcopy(model)
    for parameter in by_columns.parameters():
        if parameter.ndim == 2:
            parameter.data = parameter.data.T.contiguous().T
    assert not by_columns.embedding.tokens.weight.is_contiguous()
    ids = random_ids(CONFIG)
    for trained in (model, by_columns):
        optimizer = torch.optim.AdamW(trained.parameters(), lr=0.01)
        for _step in range(3):
            optimizer.zero_grad()
            F.cross_entropy(trained(ids)[:, :-1].flatten(0, 1), ids[:, 1:].flatten()).backward()
            optimizer.step()
    assert difference(by_columns(ids), model(ids)) < TOLERANCE
    torch.save(by_columns.state_dict(), tmp_path / "weights.pt")
    fresh = Decoder(CONFIG)
    fresh.load_state_dict(torch.load(tmp_path / "weights.pt", weights_only=True))
    assert all(torch.equal(a, b) for a, b in zip(fresh.parameters(), by_columns.parameters(), strict=True))


def test_first_weights_follow_the_generator():
    first, again, other = (Decoder(CONFIG, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), again.parameters(), strict=True))
    assert not torch.equal(first.embedding.tokens.weight, other.embedding.tokens.weight)
    assert 0.018 < first.embedding.tokens.weight.std() < 0.022
    loss = F.cross_entropy(first(random_ids(CONFIG)).flatten(0, 1), random_ids(CONFIG, seed=1).flatten())
    assert abs(loss.item() - math.log(CONFIG.vocab_size)) < 0.05, "a fresh model knows nothing"


@pytest.mark.parametrize("config", [tiny_gpt2(n_layers=8, d_model=128), tiny_config(n_layers=8, d_model=128)], ids=str)
def test_first_weights_that_add_to_the_stream_are_smaller_by_the_square_root_of_their_number(config):
    model = Decoder(config, torch.Generator().manual_seed(0))
    for name, parameter in model.named_parameters():
        if parameter.ndim == 2:
            added = name.endswith(("attention.output.weight", "feed_forward.down.weight"))
            assert parameter.std().item() == pytest.approx(0.02 / 4 if added else 0.02, rel=0.06), name
        else:
            assert (parameter == (0 if name.endswith("bias") else 1)).all(), name


COMPILED = """
import torch
from tests.support.gpt2 import tiny_gpt2
from tests.support.llama import TOLERANCE, difference, random_ids, tiny_config, tiny_model
for config in (tiny_gpt2(), tiny_config(), tiny_gpt2(windows=(None, 4))):
    model, ids = tiny_model(config), random_ids(config)
    compiled = torch.compile(model, backend="eager", fullgraph=True)
    assert difference(compiled(ids), model(ids)) < TOLERANCE, config
"""


@pytest.mark.slow
def test_a_model_compiles_whole():
    """In a process of its own: here, every call's shapes are checked, which PyTorch's compiler cannot read."""
    subprocess.run([sys.executable, "-c", COMPILED], check=True, cwd=ROOT)


def test_tied_models_share_one_matrix():
    tied, untied = Decoder(CONFIG), Decoder(tiny_config(tied=False))
    assert tied.output.weight is tied.embedding.tokens.weight
    assert len(list(untied.parameters())) == len(list(tied.parameters())) + 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_layers": 0}, "n_layers is 0; it must be 1 or more"),
        ({"rope_base": -1.0}, "rope_base is -1.0"),
        ({"d_model": 36}, "d_model 36 makes no 4 heads of an even size: choose a multiple of 8"),
        ({"n_kv_heads": 3}, "3 key and value heads cannot serve 4 query heads"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        tiny_config(**changes)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("ids", "error", "message"),
    [
        (torch.zeros(1, 4), TypeError, r"must be whole numbers \(torch.long\), not torch.float32"),
        (torch.zeros(4, dtype=torch.long), ValueError, r"shape \(batch, position\).* not \(4,\)"),
        (torch.zeros(1, 0, dtype=torch.long), ValueError, r"not \(1, 0\)"),
        (torch.tensor([[3, 61]]), ValueError, "Token id 61 is unknown: .* 0 to 60"),
        (torch.tensor([[3, -1]]), ValueError, "Token id -1 is unknown"),
        (torch.zeros(1, 49, dtype=torch.long), ValueError, "49 tokens are more than the model's context of 48"),
    ],
)
def test_ids_that_cannot_be_read_are_refused(ids, error, message):
    with pytest.raises(error, match=message):
        Decoder(CONFIG)(ids)


def test_a_full_cache_is_refused_and_left_as_it_was():
    model, ids = tiny_model(CONFIG), random_ids(CONFIG, batch=1, length=4)
    cache = model.new_cache(6)
    model(ids, cache)
    with pytest.raises(ValueError, match="room for 6 positions, 4 in use: 3 more don't fit"):
        model(ids[:, :3], cache)
    assert cache.length == 4
    long = model.new_cache(100)
    model(random_ids(CONFIG, batch=1, length=40), long)
    with pytest.raises(ValueError, match="49 tokens are more than the model's context of 48"):
        model(random_ids(CONFIG, batch=1, length=9), long)


def test_a_cache_for_other_rows_is_refused():
    model = tiny_model(CONFIG)
    with pytest.raises(ValueError, match="made for 2 rows, and there are 1"):
        model(random_ids(CONFIG, batch=1), model.new_cache(30, batch=2))


def test_a_config_cannot_be_changed():
    with pytest.raises(AttributeError):
        CONFIG.n_layers = 3
    assert LlamaConfig(**{**CONFIG.__dict__}) == CONFIG


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("config", TINY_CONFIGS[::3], ids=str)
def test_in_half_precision_logits_are_those_of_transformers(config, dtype):
    model, ids = tiny_model(config).to(dtype), random_ids(config)
    llama = as_llama(model, "sdpa").to(dtype)
    with torch.no_grad():
        logits, reference = model(ids).float(), llama(ids).logits.float()
        precise = tiny_model(config)(ids)
    assert logits.dtype is torch.float32 and logits.isfinite().all()
    # Rounding in another order of operations; both are about as far from the logits in float32.
    assert difference(logits, reference) < 1.5 * difference(reference, precise)
    assert difference(logits, precise) < 1.5 * difference(reference, precise)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_large_activations_are_normalized_in_half_precision(dtype):
    norm = RMSNorm(64, 1e-5).to(dtype)
    x = (300 * torch.randn(4, 64, generator=torch.Generator().manual_seed(0))).to(dtype)  # squares: past 65,504
    expected = x.float() * torch.rsqrt(x.float().square().mean(dim=-1, keepdim=True) + 1e-5)
    torch.testing.assert_close(norm(x).float(), expected, atol=0.02, rtol=0.01)
