"""Layers that see a window: any way of reading a text gives the same logits, and nothing outside the window counts."""

import copy
import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course.decoding import generate, sample
from course.gpt import Decoder, GPT2Config, LlamaConfig
from course.interpretability.kept_prefix import KeptPrefix
from course.layers.attention import record_attention
from tests.support.gpt2 import tiny_gpt2
from tests.support.llama import TOLERANCE, difference, random_ids, tiny_config, tiny_model

N = 21
WINDOWS = [(None, 3), (1,), (4,), (5, None, 2), (7,), (N,)]
CONFIGS = [make(n_layers=3, windows=windows) for windows in WINDOWS for make in (tiny_gpt2, tiny_config)]
every_config = pytest.mark.parametrize(
    "config", CONFIGS, ids=lambda config: f"{type(config).__name__}-{config.windows}"
)


@pytest.fixture(scope="module")
def models():
    return {config: tiny_model(config) for config in CONFIGS}


@pytest.mark.slow
@settings(max_examples=40)
@given(st.sampled_from(CONFIGS), st.sets(st.integers(1, N - 1)))
def test_any_split_into_chunks_gives_the_logits_of_one_pass(models, config, cuts):
    model, ids = models[config], random_ids(config, length=N)
    bounds = [0, *sorted(cuts), N]
    lengths = [end - start for start, end in itertools.pairwise(bounds)]
    cache = model.new_cache(N, batch=2)
    with torch.no_grad():
        parts = [model(part, cache) for part in ids.split(lengths, dim=1)]
        assert difference(torch.cat(parts, dim=1), model(ids)) < TOLERANCE


@every_config
def test_a_cache_stores_the_window_and_no_more(models, config):
    cache = models[config].new_cache(N, batch=2)
    windows = [config.windows[layer % len(config.windows)] for layer in range(3)]
    assert [keys.shape[2] for keys in cache.keys] == [N if window is None else window for window in windows]
    models[config](random_ids(config, length=N), cache)
    assert [values.shape[2] for values in cache.values] == [N if window is None else window for window in windows]


def test_a_prefill_sees_window_plus_new_minus_1_keys():
    model, seen = tiny_model(tiny_config(windows=(4,))), []
    model.blocks[0].attention.attention.register_forward_pre_hook(lambda _layer, args: seen.append(args[1].shape[2]))
    ids, cache = random_ids(model.config, length=20), model.new_cache(20, batch=2)
    for part in ids.split([9, 5, 1, 2, 3], dim=1):
        model(part, cache)
    assert seen == [9, 4 + 5 - 1, 4, 4 + 2 - 1, 4 + 3 - 1]


@every_config
def test_each_query_sees_as_many_keys_as_its_window_has(models, config):
    model, ids = models[config], random_ids(config, length=N)
    with record_attention(model) as maps, torch.no_grad():
        recorded = model(ids)
    for layer, weights in enumerate(maps):
        window = config.windows[layer % len(config.windows)] or N
        assert [int((row > 0).sum()) for row in weights[0, 0]] == [min(i + 1, window) for i in range(N)]
    with torch.no_grad():
        assert difference(recorded, model(ids)) < TOLERANCE


@pytest.mark.parametrize("make", [tiny_gpt2, tiny_config])
def test_a_window_as_long_as_the_text_is_dense(make):
    dense, wide = tiny_model(make()), tiny_model(make(windows=(N,)))
    ids = random_ids(dense.config, length=N)
    assert torch.equal(wide(ids), dense(ids))
    narrow = tiny_model(make(windows=(N - 1,)))
    assert not torch.equal(narrow(ids)[:, -1], dense(ids)[:, -1]), "one key less"
    torch.testing.assert_close(narrow(ids)[:, :-1], dense(ids)[:, :-1])


def test_what_left_every_window_changes_nothing():
    model = tiny_model(tiny_config(n_layers=2, windows=(4,)))
    ids = random_ids(model.config, length=N)
    changed = ids.clone()
    changed[:, 5] = (changed[:, 5] + 1) % model.config.vocab_size
    with torch.no_grad():
        before, after = model(ids), model(changed)
    reach = 5 + 2 * (4 - 1)  # through two layers
    assert torch.equal(before[:, reach + 1 :], after[:, reach + 1 :])
    assert not torch.equal(before[:, reach], after[:, reach])


def test_gradients_of_the_band_are_those_of_the_mask():
    config = tiny_config(windows=(None, 3), n_layers=4)
    banded, ids = tiny_model(config), random_ids(config, length=N)
    masked = copy.deepcopy(banded)
    banded(ids).square().sum().backward()
    with record_attention(masked):  # the plain form: masked
        masked(ids).square().sum().backward()
    for (name, ours), theirs in zip(banded.named_parameters(), masked.parameters(), strict=True):
        assert difference(ours.grad, theirs.grad) < TOLERANCE, name


@every_config
def test_the_cache_changes_no_token(models, config):
    def tokens(use_cache: bool) -> list[int]:
        generator = torch.Generator().manual_seed(1)
        steps = generate(models[config], [1, 2, 3], 20, temperature=1.0, generator=generator, use_cache=use_cache)
        return [step.token for step in steps]

    assert tokens(True) == tokens(False)


def test_rows_are_chosen_from_a_cache_with_windows(models):
    config = CONFIGS[0]
    model, ids = models[config], random_ids(config, length=N)
    cache = model.new_cache(N, batch=2)
    with torch.no_grad():
        model(ids[:, :-2], cache)
        swapped = model(ids[[1, 0, 1]][:, -2:], cache.select(torch.tensor([1, 0, 1])))
        assert difference(swapped, model(ids)[[1, 0, 1], -2:]) < TOLERANCE
    drawn = sample(model, ids[:, :4], eos_id=7, max_length=15, n_samples=3, generator=torch.Generator().manual_seed(0))
    assert drawn.tokens.shape[0] == 6


def test_a_cache_whose_window_dropped_positions_cannot_go_back(models):
    config = CONFIGS[0]
    model, ids = models[config], random_ids(config, batch=1, length=N)
    cache = model.new_cache(N)
    with torch.no_grad():
        model(ids[:, :3], cache)
        cache.length = 1  # nothing was dropped so far
        model(ids[:, 1:9], cache)
        with pytest.raises(ValueError, match="cannot go back from 9 positions to 8: its windows dropped"):
            cache.length = 8
        assert difference(model(ids[:, 9:], cache), model(ids)[:, 9:]) < TOLERANCE


@every_config
def test_an_edited_text_is_read_as_a_new_one(models, config):
    model, ids = models[config], random_ids(config, batch=1, length=N)[0].tolist()
    kept = KeptPrefix(model)
    for text in (ids[:9], ids, [*ids[:6], 3, *ids[7:15]]):
        weights, layers = kept.read(text)
        with record_attention(model) as maps, torch.no_grad():
            model(torch.tensor([text]))
        assert difference(weights, torch.cat(maps)) < TOLERANCE
        assert all(
            layer.mask.sum(dim=-1)[0].tolist() == [min(i + 1, layer.layer.window or N) for i in range(len(text))]
            for layer in layers
        )


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("windows", [(), (0,), (None, -1), (2.5,)])
def test_windows_that_see_nothing_are_refused(windows):
    with pytest.raises(ValueError, match="give 1 or more, each a number of keys above 0"):
        tiny_gpt2(windows=windows)


@pytest.mark.parametrize("config", [tiny_gpt2(windows=(None, 4)), tiny_config(windows=(None, 4))], ids=str)
def test_a_config_read_from_json_is_the_same(config):
    kind = type(config)
    assert kind in (GPT2Config, LlamaConfig)
    assert kind(**{**vars(config), "windows": [None, 4]}) == config
    assert [block.attention.attention.window for block in Decoder(config).blocks] == [None, 4]


@pytest.mark.parametrize("windows", [4, None, "ab", (), (True,), (0,), (2.0,)])
@pytest.mark.usefixtures("unchecked_shapes")
def test_windows_that_are_none_are_refused(windows):
    with pytest.raises(ValueError, match="give 1 or more, each a number of keys above 0 or None"):
        tiny_config(windows=windows)
