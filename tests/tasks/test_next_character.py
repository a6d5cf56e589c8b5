"""The character language models of lesson 05: their data, the loss at each position, the recorded losses."""

import math
from collections import Counter

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from course import trained
from course.data import presidential_messages
from course.layers.positions import SCHEMES
from course.tasks import next_character
from course.tasks.next_character import (
    TOKENIZER,
    held_out_windows,
    loss_by_position,
    random_windows,
    shuffle_before_last,
)
from course.transformer import CausalTransformer, TransformerConfig


@pytest.fixture(scope="module")
def windows():
    return held_out_windows(8, 60)


@pytest.fixture(scope="module")
def model():
    sizes = (TOKENIZER.vocab_size, TOKENIZER.vocab_size)
    config = TransformerConfig(*sizes, d_model=16, n_heads=2, d_ff=32, n_layers=1, context_length=64, dropout=0.0)
    return CausalTransformer(config, torch.Generator().manual_seed(0)).eval()


@pytest.mark.slow
def test_windows_are_of_held_out_messages_alone(windows):
    texts = [message.text for message in presidential_messages()]
    held_out = "\n\n".join(texts[9::10])
    trained_on = "\n\n".join(text for i, text in enumerate(texts) if i % 10 not in (4, 9))
    validation = "\n\n".join(texts[4::10])
    pieces = [TOKENIZER.decode(row.tolist()) for row in windows]
    assert windows.shape == (8, 61) and len(set(pieces)) == 8
    assert held_out.startswith(pieces[0]) and held_out.endswith(pieces[-1])
    assert not any(piece in trained_on for piece in pieces[1:]), "the first begins with a form of address"
    assert len(next_character.training_text()) == len(trained_on)
    others = [TOKENIZER.decode(row.tolist()) for row in next_character.validation_windows(8, 60)]
    assert validation.startswith(others[0]) and validation.endswith(others[-1])
    assert not any(piece in trained_on or piece in held_out for piece in others[1:-1]), "the last is a signature"


def test_a_step_has_its_own_windows_whenever_it_is_asked_for():
    ids = torch.arange(1000)
    batches = random_windows(ids, 4, 20, seed=1)
    first = batches[7]
    assert first.shape == (4, 21) and (first.diff(dim=1) == 1).all()
    assert torch.equal(batches[7], first)
    assert not torch.equal(batches[8], first) and not torch.equal(random_windows(ids, 4, 20, seed=2)[7], first)


@pytest.mark.parametrize(
    ("seed", "step", "starts"),
    [(0, 0, [848, 635, 509, 268]), (1, 7, [775, 358, 514, 614]), (2, 2999, [428, 735, 731, 464])],
)
def test_windows_are_those_that_the_kept_runs_were_trained_on(seed, step, starts):
    assert random_windows(torch.arange(1000), 4, 3, seed)[step][:, 0].tolist() == starts


def test_a_text_shorter_than_a_window_is_refused():
    assert random_windows(torch.arange(4), 2, 3, 0)[0].tolist() == [[0, 1, 2, 3]] * 2
    with pytest.raises(ValueError, match="3 characters, fewer than a window of 4"):
        random_windows(torch.arange(3), 2, 3, 0)


def test_every_stretch_of_the_text_can_be_drawn():
    seen = {tuple(row) for step in range(40) for row in random_windows(torch.arange(6), 4, 3, 0)[step].tolist()}
    assert seen == {(0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5)}


def test_the_loss_is_the_cross_entropy_in_bits_at_each_position(model, windows):
    with torch.no_grad():
        log_probabilities = model(windows[:, :-1]).log_softmax(dim=-1) / math.log(2)
    expected = [
        -sum(log_probabilities[row, at, windows[row, at + 1]] for row in range(8)).item() / 8 for at in range(60)
    ]
    np.testing.assert_allclose(loss_by_position(model, windows, batch_size=3), expected, atol=1e-5)
    mean = next_character.next_character_loss(model, windows).item()
    assert mean == pytest.approx(np.mean(expected), abs=1e-5)
    assert mean == pytest.approx(
        F.cross_entropy(model(windows[:, :-1]).mT, windows[:, 1:]).item() / math.log(2), abs=1e-5
    )


def test_the_first_losses_are_those_of_shorter_windows(model, windows):
    short = loss_by_position(model, windows[:, :11])
    torch.testing.assert_close(loss_by_position(model, windows)[:10], short)


def test_shuffling_keeps_the_characters_and_the_last_two_places(windows):
    shuffled = shuffle_before_last(windows, torch.Generator().manual_seed(0))
    assert torch.equal(shuffled[:, -2:], windows[:, -2:])
    for before, after in zip(windows.tolist(), shuffled.tolist(), strict=True):
        assert Counter(before) == Counter(after) and before != after


def test_records_are_read_by_model():
    records = [
        {"model": "rotary", "loss_by_position": [1.0, 2.0, 6.0]},
        {"model": "none", "loss_by_position": [5.0, 5.0, 5.0]},
        {"model": "rotary", "loss_by_position": [3.0, 4.0, 5.0]},
    ]
    found = next_character.recorded_losses(records, "rotary")
    assert found.shape == (2, 3)
    np.testing.assert_allclose(next_character.mean_up_to(found, [1, 3]), [[1, 3], [3, 4]])
    with pytest.raises(ValueError, match="no run of 'alibi'"):
        next_character.recorded_losses(records, "alibi")


def test_the_kept_runs_are_complete():
    records = trained.results("positions")
    for model in (*SCHEMES, "none-1layer", "rotary-1layer"):
        assert next_character.recorded_losses(records, model).shape == (3, next_character.TEST_LENGTHS[-1])
        assert {record["steps"] for record in records if record["model"] == model} == {3000}
        assert trained.load(f"positions/{model}").config.positions == model.removesuffix("-1layer")


@pytest.mark.slow
def test_the_kept_weights_are_those_of_the_record():
    windows = held_out_windows()
    recorded = next(r for r in trained.results("positions") if (r["model"], r["seed"]) == ("none-1layer", 0))
    found = loss_by_position(trained.load("positions/none-1layer"), windows)
    np.testing.assert_allclose(found, recorded["loss_by_position"], atol=1e-4)
