"""A checkpoint goes on with the run that wrote it alone: other pairs, another loss, another seed are refused."""

from dataclasses import replace

import pytest
import torch

from course.dpo import dpo_loss, ipo_loss, simpo_loss
from course.training import linear_schedule
from course.training import train as train_alone
from tests.dpo.drawn_pairs import END, PAIRS
from tests.dpo.test_pair_training import SETTINGS, models, same, train, weights
from tests.rlhf.test_ppo_training import models as models_of_ppo
from tests.rlhf.test_ppo_training import train as train_by_ppo
from tests.support.llama import tiny_config, tiny_model


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pairs": PAIRS[:2]}, r"another pairs\.number: 3 in the file, 2 here"),
        ({"pairs": [*PAIRS[:2], PAIRS[2]._replace(chosen=(5, END))]}, r"another pairs\.hash: "),
        ({"loss": lambda pairs: dpo_loss(pairs, 0.2)}, "another loss: "),
        ({"loss": lambda pairs: dpo_loss(pairs, 0.1, label_smoothing=0.1)}, "another loss: "),
        ({"loss": lambda pairs: ipo_loss(pairs, 0.1)}, "another loss: "),
        ({"loss": lambda pairs: simpo_loss(pairs, 0.1)}, "another loss: "),
        ({"seed": 1}, "another seed: 0 in the file, 1 here"),
        ({"settings": replace(SETTINGS, batch_size=3)}, r"another settings\.batch_size: 2 in the file, 3 here"),
        (
            {"settings": replace(SETTINGS, max_gradient_norm=2.0)},
            r"another settings\.max_gradient_norm: 1.0 in the file, 2.0 here",
        ),
    ],
)
def test_what_differs_is_named_before_anything_changes(tmp_path, change, message):
    file = tmp_path / "run.safetensors"
    train(*models(), checkpoint=file)
    before = file.read_bytes()
    policy, reference = models()
    start = weights(policy)
    with pytest.raises(ValueError, match=message) as error:
        train(policy, reference, checkpoint=file, **change)
    assert "Give another file" in str(error.value) and str(file) in str(error.value)
    assert same(weights(policy), start) and file.read_bytes() == before


def test_another_reference_is_refused(tmp_path):
    train(*models(), checkpoint=tmp_path / "run")
    policy, _reference = models()
    other = tiny_model(tiny_config(), seed=3).requires_grad_(False)
    with pytest.raises(ValueError, match="another reference: "):
        train(policy, other, checkpoint=tmp_path / "run")


def test_the_same_run_goes_on_from_weights_that_have_moved(tmp_path):
    """In one process, as after an interrupt in a notebook."""
    policy, reference = models()
    train(policy, reference, checkpoint=tmp_path / "run")
    expected = weights(policy)
    history = train(policy, reference, checkpoint=tmp_path / "run")
    assert len(history.losses) == SETTINGS.steps and same(weights(policy), expected)


def test_a_file_of_ppo_is_refused(tmp_path):
    train_by_ppo(*models_of_ppo(), checkpoint=tmp_path / "run")
    with pytest.raises(ValueError, match="a training of another kind: it has no learning rates of single steps"):
        train(*models(), checkpoint=tmp_path / "run")


def test_a_file_of_another_training_is_refused(tmp_path):
    policy, reference = models()
    train_alone(
        policy,
        [torch.tensor([[3, 1]])] * 6,
        lambda model, ids: model.hidden_states(ids).square().mean(),
        torch.optim.Adam(policy.parameters(), lr=1e-3),
        steps=6,
        learning_rate=linear_schedule(1e-3, 6, 1),
        checkpoint=tmp_path / "run",
    )
    with pytest.raises(ValueError, match=r"another kind of run: pairs\.number is known of one of the two alone"):
        train(policy, reference, checkpoint=tmp_path / "run")
