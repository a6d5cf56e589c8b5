"""Parameters counted three ways, and a token's operations against the multiplications of a real pass."""

import math

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from course.gpt import Decoder
from course.layers.attention import record_attention
from course.layers.parameters import count_parameters
from course.scaling import COUNTINGS, count, flops_per_token, six_n
from tests.support.gpt2 import tiny_gpt2
from tests.support.llama import TINY_CONFIGS, random_ids, tiny_config

BATCH, LENGTH = 3, 17
CONFIGS = {
    "tied": tiny_config(),
    "untied": tiny_config(tied=False),
    "no shared keys": tiny_config(n_kv_heads=4, n_layers=3),
    "GPT-2": tiny_gpt2(),
    "GPT-2, untied": tiny_gpt2(tied=False),
}


@pytest.fixture(params=CONFIGS.values(), ids=CONFIGS)
def model(request):
    return Decoder(request.param, torch.Generator().manual_seed(0))


def counted(model, *, backward):
    """The operations of PyTorch's products in a pass over a batch, for each token.

    Attention runs in its plain form: the fused kernel's products are not seen from outside.
    """
    ids = random_ids(model.config, BATCH, LENGTH)
    with record_attention(model), FlopCounterMode(display=False) as counter:
        loss = model(ids).square().sum()
        if backward:
            loss.backward()
    return counter.get_total_flops() / ids.numel()


def test_a_token_costs_what_a_pass_multiplies(model):
    cost = flops_per_token(model, LENGTH)
    assert counted(model, backward=False) == cost.forward
    assert counted(model, backward=True) == cost.total == cost.body + cost.attention + cost.head


@pytest.mark.parametrize("config", TINY_CONFIGS)
def test_every_combination_of_sizes_is_counted(config):
    model = Decoder(config)
    assert counted(model, backward=False) == flops_per_token(model, LENGTH).forward


def test_attention_is_twelve_times_layers_length_and_width():
    model = Decoder(tiny_config(n_kv_heads=2))
    config = model.config
    assert flops_per_token(model, LENGTH).attention == 12 * config.n_layers * LENGTH * config.d_model


def test_a_window_counts_the_pairs_that_are_seen():
    dense, banded = (Decoder(tiny_gpt2(windows=windows)) for windows in ((None,), (None, 4)))
    whole, part = (flops_per_token(model, 20).attention for model in (dense, banded))
    seen = 4 * 5 // 2 + 16 * 4
    assert part == whole // 2 + round(12 * seen / 20 * dense.config.d_model)


def test_three_countings_of_a_model_whose_output_layer_is_its_own(model):
    config, found = model.config, count(model)
    assert found._fields == COUNTINGS and found.all == count_parameters(model)
    table = config.vocab_size * config.d_model
    assert found.without_lookup - found.body == table
    positions = count_parameters(model.embedding.positions)
    assert found.all - found.without_lookup == positions + (0 if config.tied else table)


def test_the_countings_of_small_and_of_large_models_are_not_proportional():
    small, large = (count(Decoder(tiny_config(d_model=width, d_ff=2 * width, tied=False))) for width in (8, 128))
    assert small.all / small.body > 1.7 > 1.1 > large.all / large.body


def test_six_n_leaves_out_attention_and_counts_norms():
    model = Decoder(tiny_config(tied=False))
    cost, found = flops_per_token(model, LENGTH), count(model)
    norms = (2 * model.config.n_layers + 1) * model.config.d_model
    assert cost.total - cost.attention == six_n(found.without_lookup - norms)


@pytest.mark.parametrize(("length", "message"), [(0, "length is 0"), (49, "longer than the model's context of 48")])
def test_a_window_that_cannot_be(length, message):
    with pytest.raises(ValueError, match=message):
        flops_per_token(Decoder(tiny_config()), length)


def test_six_n_of_nothing():
    with pytest.raises(ValueError, match="n_parameters is 0"):
        six_n(0)
    assert math.isclose(six_n(70_000_000_000) * 1.4e12, 5.88e23)  # Chinchilla's
