"""`python -m course.training`: settings from TOML and flags, a run that goes on where it was stopped, clear errors."""

import os
import re
import runpy
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import torch

from course import files, trained
from course.tasks import pretraining, pretraining_command
from course.tasks.corpus import SPECIAL_TOKENS
from course.tasks.pretraining_command import STRETCH, Settings, divided, main, read_documents, read_settings
from course.tokenization import ByteLevelBPE
from course.training import checkpoints

ROOT = Path(__file__).parents[2]
SMALL = """
vocab_size = 300
context_length = 16
d_model = 8
n_layers = 1
n_heads = 2
n_kv_heads = 1
d_ff = 12
steps = 4
batch_size = 4
micro_batch_size = 2
warmup_steps = 2
evaluate_every = 2
checkpoint_every = 1
held_out = 0.3
"""


@pytest.fixture
def config(tmp_path):
    """A TOML file for a tiny model, and texts for it."""
    (tmp_path / "texts").mkdir()
    for number in range(12):
        words = " ".join(f"word{number} and {number * step}" for step in range(60))
        (tmp_path / "texts" / f"{number}.txt").write_text(words, encoding="utf-8")
    file = tmp_path / "small.toml"
    here = tmp_path.as_posix()  # in TOML, a backslash is an escape
    file.write_text(f'texts = ["{here}/texts"]\nfolder = "{here}/model"\n{SMALL}', encoding="utf-8-sig")
    return file


def test_flags_win_over_the_file(config):
    settings = read_settings([str(config), "--steps", "9", "--shard", "--texts", "a.txt", "b.txt"])
    assert (settings.steps, settings.shard, settings.texts) == (9, True, ("a.txt", "b.txt"))
    assert (settings.d_model, settings.held_out, settings.learning_rate) == (8, 0.3, 3e-3)
    assert settings.config.n_kv_heads == 1 and settings.plan.micro_batch_size == 2


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("layers = 3", r"sets layers, which is no setting. The settings are: texts, folder"),
        ('n_layers = "3"', r"sets n_layers to '3'; it must be of the kind int"),
        ("n_layers = true", r"sets n_layers to True; it must be of the kind int"),
        ("learning_rate = [1]", r"sets learning_rate to \[1\]; it must be of the kind float"),
        ("texts = [3]", r"sets texts to \[3\]; it must be of the kind list"),
        ("= 3", r"small.toml cannot be read as TOML"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path, line, error):
    file = tmp_path / "small.toml"
    file.write_text(f'folder = "x"\n{line}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=error):
        read_settings([str(file), "--texts", "a.txt"])


def test_what_has_no_default_must_be_given():
    with pytest.raises(ValueError, match="folder is missing: give it as a flag"):
        read_settings(["--texts", "a.txt"])


def test_documents_are_cut_between_paragraphs(tmp_path):
    paragraphs = [f"{number} " + "x" * 900 for number in range(5)]
    (tmp_path / "one.txt").write_text("\n\n".join(paragraphs), encoding="utf-8")
    (tmp_path / "other.md").write_text("not read", encoding="utf-8")
    documents = read_documents([str(tmp_path)])
    assert documents == ["\n\n".join(paragraphs[:3]), "\n\n".join(paragraphs[3:])]
    assert len(documents[0]) >= STRETCH
    assert read_documents([str(tmp_path / "other.md")]) == ["not read"]
    (tmp_path / "other.md").write_text("with a byte order mark", encoding="utf-8-sig")
    assert read_documents([str(tmp_path / "other.md")]) == ["with a byte order mark"]


def test_a_folder_that_is_named_like_a_text_is_none(tmp_path):
    (tmp_path / "chapters.txt").mkdir()
    (tmp_path / "chapters.txt" / "1.txt").write_text("a text", encoding="utf-8")
    assert read_documents([str(tmp_path)]) == ["a text"]


def test_no_text_is_on_both_sides():
    documents = [f"text {number}" for number in range(50)] * 2
    train, held_out = divided(documents, 0.2)
    assert len(train) + len(held_out) == 50 and not {*train} & {*held_out} and 3 < len(held_out) < 20


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (["--texts", "nowhere.txt"], "nowhere.txt"),
        (["--held-out", "0"], "are too few to hold out 0.0%: give more text, with empty lines"),
        (["--learning-rate", "nan"], "learning_rate is nan; it must be a number above 0"),
        (["--learning-rate", "-1"], "learning_rate is -1.0; it must be a number above 0"),
        (["--weight-decay", "-1"], "weight_decay is -1.0; it must be a number, 0 or more"),
        (["--weight-decay", "nan"], "weight_decay is nan; it must be a number, 0 or more"),
        (["--seed", "-1"], "seed is -1; it must be 0 or more"),
        (["--context-length", "1"], "context_length is 1; it must be 2 or more"),
        (["--n-heads", "3"], "d_model 8 makes no 3 heads"),
        (["--vocab-size", "200"], "vocab_size is 200; special tokens and bytes alone are 261"),
        (["--steps", "-1"], "steps is -1; it must be 1 or more"),
        (["--batch-size", "0"], "batch_size is 0; it must be 1 or more"),
        (["--checkpoint-every", "0"], "checkpoint_every is 0; it must be 1 or more"),
    ],
)
def test_a_mistake_is_one_sentence_and_nothing_is_written(config, change, error, capsys):
    assert main([str(config), *change]) == 1
    assert error in capsys.readouterr().err
    assert not (config.parent / "model").exists()


def test_a_run_leaves_a_model_that_no_other_settings_go_on_with(config, capsys):
    assert main([str(config)]) == 0
    folder = config.parent / "model"
    printed = capsys.readouterr().out
    assert re.findall(r"held-out text: \d\.\d{3} bits a byte", printed)[1:] and "4 steps" in printed
    model = trained.load_from(folder / "model.safetensors")
    tokenizer = ByteLevelBPE.load(folder / "tokenizer.json")
    assert tuple(tokenizer.special.ids) == SPECIAL_TOKENS and tokenizer.vocab_size == model.config.vocab_size <= 300

    kept = [folder / name for name in ("checkpoint.safetensors", "settings.json", "tokenizer.json")]
    before = [file.read_bytes() for file in kept]
    for change, error in {
        "--n-heads 4 --n-kv-heads 2": "has n_heads 2, and 4 is asked for",  # weights of the same shapes
        "--context-length 8": "has context_length 16, and 8 is asked for",
        "--dropout 0.1": "has dropout 0.0, and 0.1 is asked for",
        "--batch-size 2": "has batch_size 4, and 2 is asked for",
        "--seed 1": "has seed 0, and 1 is asked for",
        "--held-out 0.4": "has held_out 0.3, and 0.4 is asked for",
        "--vocab-size 299": "has vocab_size 300, and 299 is asked for",
        "--steps 5": "has steps 4, and 5 is asked for",
        f"--texts {config.parent / 'texts' / '1.txt'} {config.parent / 'texts'}": "has read other texts than these",
    }.items():
        assert main([str(config), *change.split()]) == 1
        assert error in capsys.readouterr().err
    assert main([str(config), "--micro-batch-size", "4", "--checkpoint-every", "3"]) == 0
    assert [file.read_bytes() for file in kept] == before


@pytest.mark.parametrize("name", ["settings.json", "tokenizer.json"])
@pytest.mark.parametrize("content", [None, "[1]", '{"d_model": '])
def test_a_damaged_file_of_a_training_is_named(config, name, content, capsys):
    assert main([str(config)]) == 0
    file = config.parent / "model" / name
    file.unlink()
    if content is not None:
        file.write_text(content, encoding="utf-8")
    capsys.readouterr()
    assert main([str(config)]) == 1
    assert str(file) in capsys.readouterr().err


def test_two_trainings_do_not_mix_in_one_folder(config, monkeypatch, capsys):
    """The second one waits, and then is refused for its other settings, as if it had come later."""
    if files.fcntl is None:
        pytest.skip("no locks that end with a process")
    real, others = pretraining.next_token_total, []

    def another_comes(model, rows):
        if not others:
            others.append(threading.Thread(target=lambda: codes.append(main([str(config), "--vocab-size", "299"]))))
            others[0].start()
            deadline = time.monotonic() + 20
            while not waiting.is_set() and time.monotonic() < deadline and others[0].is_alive():
                time.sleep(0.01)
        return real(model, rows)

    codes, waiting, real_locked = [], threading.Event(), files._locked

    def locked(folder, wait=False):
        if wait:
            waiting.set()
        return real_locked(folder, wait)

    monkeypatch.setattr(files, "_locked", locked)
    monkeypatch.setattr(pretraining, "next_token_total", another_comes)
    assert main([str(config)]) == 0
    others[0].join()
    said = capsys.readouterr().err
    assert codes == [1] and "Another training is writing to" in said
    assert "has vocab_size 300, and 299 is asked for" in said
    model = trained.load_from(config.parent / "model" / "model.safetensors")
    assert ByteLevelBPE.load(config.parent / "model" / "tokenizer.json").vocab_size == model.config.vocab_size


KILLED = """
import os, signal, sys
from course.tasks import pretraining, pretraining_command

real, calls = pretraining.next_token_total, []

def killed(model, rows):
    calls.append(rows)
    if len(calls) == 8:  # in the fourth step, each of two parts
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    return real(model, rows)

pretraining.next_token_total = killed
pretraining_command.main(sys.argv[1:])
"""


@pytest.mark.slow
def test_a_killed_run_goes_on_from_its_last_checkpoint(config):
    whole, killed = (config.parent / name for name in ("whole", "killed"))
    assert main([str(config), "--folder", str(whole)]) == 0
    command = [str(config), "--folder", str(killed), "--checkpoint-every", "2"]
    environ = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", KILLED, *command], cwd=ROOT, env=environ, capture_output=True)
    assert done.returncode != 0
    assert len(checkpoints.history(killed / "checkpoint.safetensors")["losses"]) == 2  # of three steps that were done
    assert main(command) == 0
    once, again = (checkpoints.history(folder / "checkpoint.safetensors") for folder in (whole, killed))
    assert again["losses"] == once["losses"] and again["evaluations"] == once["evaluations"]
    one, other = (
        dict(trained.load_from(folder / "model.safetensors").named_parameters()) for folder in (whole, killed)
    )
    assert all(torch.equal(weight, other[name]) for name, weight in one.items())


def test_a_run_that_is_stopped_by_hand_says_that_it_goes_on(config, monkeypatch, capsys):
    def stopped(model, rows):
        raise KeyboardInterrupt

    monkeypatch.setattr(pretraining, "next_token_total", stopped)
    assert main([str(config)]) == 130
    assert capsys.readouterr().err == "Stopped. The same command goes on.\n"


BOTH_WAYS = """
import sys
from course.tasks.pretraining_command import read_settings, run
from course.training import processes

with processes.joined() as device:
    for folder, how in ((sys.argv[2], "--no-shard"), (sys.argv[3], "--shard")):
        run(read_settings([sys.argv[1], "--folder", folder, how]), device)
"""


@pytest.mark.slow
def test_two_processes_leave_the_model_of_one(config, tmp_path):
    script, *folders = (tmp_path / name for name in ("both_ways.py", "replicated", "sharded"))
    script.write_text(BOTH_WAYS, encoding="utf-8")
    environ = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    subprocess.run([*command, script, config, *folders], check=True, cwd=ROOT, env=environ)
    assert main([str(config)]) == 0
    alone = config.parent / "model"
    one = checkpoints.history(alone / "checkpoint.safetensors")
    for folder in folders:
        two = checkpoints.history(folder / "checkpoint.safetensors")
        assert two["losses"] == pytest.approx(one["losses"], rel=1e-5)
        assert two["evaluations"][-1] == pytest.approx(one["evaluations"][-1], rel=1e-4)
        for name, weight in trained.load_from(folder / "model.safetensors").named_parameters():
            expected = trained.load_from(alone / "model.safetensors").get_parameter(name)
            torch.testing.assert_close(weight, expected, atol=1e-3, rtol=1e-2)  # in half precision


def test_the_command_is_a_module(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["course.training", "--texts", "nowhere.txt", "--folder", "nowhere"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("course.training", run_name="__main__")
    assert ended.value.code == 1 and "nowhere.txt" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", ["course.training", "--help"])
    with pytest.raises(SystemExit):
        runpy.run_module("course.training", run_name="__main__")
    printed = capsys.readouterr().out
    assert "python -m course.training" in printed and "--learning-rate" in printed and "default: 0.003" in printed


def test_rows_that_processes_cannot_share_are_refused_first(config, monkeypatch):
    monkeypatch.setattr(pretraining_command.processes, "count", lambda: 3)
    with pytest.raises(ValueError, match="batch_size is 4, which 3 processes cannot share evenly"):
        pretraining_command.run(read_settings([str(config)]), torch.device("cpu"))
    assert not (config.parent / "model").exists()


def test_settings_have_one_kind_each():
    assert all(
        field.type in (int, float, str, bool)
        for name, field in Settings.__dataclass_fields__.items()
        if name != "texts"
    )
