"""Two processes, and micro-batches, give the gradient of one process with the whole batch."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from course.training import TokenMean, adamw, train
from tests.training.joint_run import CONFIG, Decoder, counted, rows, run, total

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def alone():
    return run("alone", None)


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    """What two processes found, started as `torchrun` starts them."""
    folder = tmp_path_factory.mktemp("together")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    environ = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*command, "-m", "tests.training.joint_run", str(folder)], cwd=ROOT, env=environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads((folder / "found.json").read_text(encoding="utf-8"))


def same(found, expected):
    for name in ("losses", "norms", "weights"):
        assert found[name] == pytest.approx(expected[name], rel=1e-4, abs=1e-6), name
    assert found["evaluations"][-1] == pytest.approx(expected["evaluations"][-1], rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize(
    "how",
    ["replicated None", "replicated 1", "sharded None", "sharded 1", "replicated resumed", "sharded resumed"],
)
def test_two_processes_train_as_one(alone, together, how):
    same(together[how], alone)


@pytest.mark.parametrize("size", [1, 3, 8])
def test_micro_batches_train_as_one_batch(alone, size):
    same(run("alone", size), alone)


def test_a_mean_of_means_would_be_another_loss(alone):
    model = Decoder(CONFIG, torch.Generator().manual_seed(0))
    means = [total(model, row) / counted(row) for row in rows().split(1)]
    assert torch.stack(means).mean().item() != pytest.approx(alone["losses"][0], rel=1e-3)
    assert TokenMean(total, counted)(model, rows()).item() == pytest.approx(alone["losses"][0])


def test_the_checkpoint_of_one_process_serves_two(alone, tmp_path):
    file = tmp_path / "run.safetensors"
    run("alone", 2, steps=2, checkpoint=file)
    same(run("alone", 1, checkpoint=file), alone)


def test_what_is_refused(monkeypatch):
    model = Decoder(CONFIG)
    with pytest.raises(ValueError, match="micro_batch_size is 0; it must be 1 or more"):
        TokenMean(total, counted, 0)
    with pytest.raises(ValueError, match="No token of this batch counts"):
        TokenMean(total, counted).backward(model, torch.zeros(2, 3, dtype=torch.long))
    with pytest.raises(ValueError, match="No token of this batch counts"):
        TokenMean(total, counted)(model, torch.zeros(2, 3, dtype=torch.long))
    monkeypatch.setattr("course.training.processes.count", lambda: 3)
    with pytest.raises(ValueError, match="8 rows cannot be shared out evenly over 3 processes"):
        TokenMean(total, counted).backward(model, rows())


def test_adamw_decays_matrices_alone():
    decayed, spared = adamw(Decoder(CONFIG), weight_decay=0.3).param_groups
    assert decayed["weight_decay"] == 0.3 and all(weight.ndim == 2 for weight in decayed["params"])
    assert spared["weight_decay"] == 0 and len(spared["params"]) == 2 * CONFIG.n_layers + 1
    assert decayed["betas"] == (0.9, 0.95)
    for weight_decay in (-0.1, float("nan")):
        with pytest.raises(ValueError, match=r"weight_decay is .*; it must be a number, 0 or more"):
            adamw(Decoder(CONFIG), weight_decay=weight_decay)


def test_a_plain_loss_still_trains():
    model = Decoder(CONFIG, torch.Generator().manual_seed(0))
    plain = train(model, [rows()], lambda model, batch: total(model, batch) / counted(batch), adamw(model), steps=1)
    assert plain.losses == pytest.approx(run("alone", None)["losses"][:1])
