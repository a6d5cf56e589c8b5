"""Each change is the modern layer, all five are the modern model, and the number of weights stays."""

from dataclasses import replace

import pytest
import torch

from course.gpt import Decoder, GPT2Config, LlamaConfig
from course.gpt.ablation import CHANGES, ChangedConfig, of_size
from course.layers.parameters import count_parameters

SIZES = {"vocab_size": 60, "context_length": 16, "d_model": 16, "n_layers": 2, "n_heads": 4, "d_ff": 32}
IDS = torch.arange(24).view(2, 12)


def same_logits(one, other):
    other.load_state_dict(one.state_dict())
    with torch.no_grad():
        return torch.equal(one(IDS), other(IDS))


def test_without_a_change_it_is_gpt2():
    assert same_logits(Decoder(GPT2Config(**SIZES)), Decoder(ChangedConfig(**SIZES)))


def test_with_all_five_it_is_the_modern_decoder():
    modern = Decoder(LlamaConfig(**SIZES, n_kv_heads=2))
    assert same_logits(modern, Decoder(ChangedConfig(**SIZES, changes=CHANGES, n_kv_heads=2)))


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_alone_changes_the_layers_that_it_names(change):
    changed = Decoder(ChangedConfig(**SIZES, changes=(change,)))
    names = set(dict(changed.named_parameters()))
    plain = set(dict(Decoder(GPT2Config(**SIZES)).named_parameters()))
    gone = {
        "rotary": lambda name: name == "embedding.positions.weight" or "positions" in name,
        "rms_norm": lambda name: name.endswith(("norm.bias",)),
        "swiglu": lambda name: False,
        "no_biases": lambda name: name.endswith(".bias"),
        "shared_keys": lambda name: False,
    }[change]
    assert plain - names == {name for name in plain if gone(name)}
    added = names - plain
    assert all("feed_forward.gate" in name for name in added) and bool(added) == (change == "swiglu")
    assert changed.blocks[0].attention.n_kv_heads == (1 if change == "shared_keys" else 4)


@pytest.mark.parametrize("changes", [(), *((change,) for change in CHANGES), CHANGES])
def test_the_number_of_weights_stays(changes):
    config = replace(ChangedConfig(**SIZES), d_ff=64)
    target = count_parameters(Decoder(config))
    found = count_parameters(Decoder(of_size(replace(config, changes=changes), target)))
    assert abs(found - target) <= 0.5 * 2 * (3 * 16 + 2)  # half of one unit's weights in both layers


def test_what_is_not_there_is_named():
    with pytest.raises(ValueError, match=r"There is no change 'moe'\. There are: rotary, "):
        ChangedConfig(**SIZES, changes=("moe",))
    with pytest.raises(ValueError, match="10 weights are fewer than"):
        of_size(ChangedConfig(**SIZES), 10)
