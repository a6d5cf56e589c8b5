import itertools
import math
import os
import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import safetensors.torch
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from course.decoding import greedy_search
from course.training import (
    History,
    ShuffledBatches,
    checkpoints,
    label_smoothed_loss,
    linear_schedule,
    pad_rows,
    train,
    warmup,
)
from course.training import loop as training
from course.transformer import Transformer, TransformerConfig
from tests.support.interrupts import interrupts_arrive

ROOT = Path(__file__).parents[2]
PAD, BOS, EOS = 0, 1, 2
OPTIMIZERS = {
    "Adam": lambda parameters: torch.optim.Adam(parameters, lr=1e-3, betas=(0.9, 0.98)),
    "AdamW": lambda parameters: torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0.1),
    "RMSprop": lambda parameters: torch.optim.RMSprop(parameters, lr=1e-3),
    "SGD": lambda parameters: torch.optim.SGD(parameters, lr=1e-2),
    "momentum": lambda parameters: torch.optim.SGD(parameters, lr=1e-2, momentum=0.9),
}


def words(count: int, seed: int = 0) -> list[list[int]]:
    generator = torch.Generator().manual_seed(seed)
    lengths = torch.randint(2, 7, (count,), generator=generator).tolist()
    return [torch.randint(3, 10, (length,), generator=generator).tolist() for length in lengths]


def collate(batch: list[list[int]]) -> tuple[Tensor, Tensor]:
    """The task: write the word backward."""
    return pad_rows(batch, PAD), pad_rows([[BOS, *word[::-1], EOS] for word in batch], PAD)


def loss(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
    source, target = batch
    return label_smoothed_loss(model(source, target[:, :-1]), target[:, 1:], pad_id=PAD)


def model(seed: int = 0, **changes: object) -> Transformer:
    sizes = {"d_model": 16, "n_heads": 2, "d_ff": 32, "n_layers": 1, "context_length": 16, "dropout": 0.2}
    config = TransformerConfig(10, 10, **{**sizes, "shared_embeddings": True, **changes})
    return Transformer(config, torch.Generator().manual_seed(seed))


def setup(optimizer: str = "Adam", seed: int = 0) -> tuple[Transformer, ShuffledBatches, torch.optim.Optimizer]:
    ours = model(seed)
    return ours, ShuffledBatches(words(22), 5, collate, seed=3), OPTIMIZERS[optimizer](ours.parameters())


def numbers(history: History) -> dict:
    return {name: value for name, value in vars(history).items() if name != "seconds"}


def evaluate(model: nn.Module) -> dict[str, float]:
    return {"weight": model.output.weight.sum().item()}


class Stop(Exception):
    pass


def require_equal_to_the_letter(one: object, other: object) -> None:
    """The same values of the same types, at every depth."""
    assert type(one) is type(other)
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for name in one:
            require_equal_to_the_letter(one[name], other[name])
    elif isinstance(one, list | tuple):
        assert len(one) == len(other)
        for pair in zip(one, other, strict=True):
            require_equal_to_the_letter(*pair)
    elif isinstance(one, Tensor):
        assert one.dtype is other.dtype and torch.equal(one, other)
    else:
        assert one == other or (one != one and other != other)


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(("stopped_in", "killed"), [(4, False), (7, True), (9, False), (12, True)])
def test_a_resumed_run_equals_one_without_a_break_to_the_bit(tmp_path, optimizer, stopped_in, killed):
    settings = {
        "steps": 13,
        "seed": 5,
        "learning_rate": warmup(16, 8),
        "max_gradient_norm": 1.0,
        "evaluate": evaluate,
        "evaluate_every": 4,
    }
    expected = setup(optimizer)
    history = train(expected[0], expected[1], loss, expected[2], **settings)

    settings |= {"checkpoint": tmp_path / "new" / "run.safetensors", "checkpoint_every": 3}
    calls = itertools.count(1)

    def loss_that_stops(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
        if next(calls) == stopped_in:
            raise Stop
        return loss(model, batch)

    broken = setup(optimizer)
    with pytest.raises(Stop), pytest.MonkeyPatch.context() as patch:

        def loss_before_the_end(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
            try:
                return loss_that_stops(model, batch)
            except Stop:
                if killed:
                    patch.setattr(checkpoints, "save", lambda *arguments: None)  # as nothing can be written any more
                raise

        train(broken[0], broken[1], loss_before_the_end, broken[2], **settings)
    done = (stopped_in - 1) // 3 * 3 if killed else stopped_in - 1
    resumed = setup(optimizer, seed=77)  # other first weights: all that counts is in the file
    calls = itertools.count(stopped_in + 1)
    torch.rand(7)  # and so are the random numbers
    again = train(resumed[0], resumed[1], loss_that_stops, resumed[2], **settings)

    assert next(calls) == stopped_in + 1 + 13 - done, "only what was missing was computed"
    assert numbers(again) == numbers(history)
    for (name, one), other in zip(expected[0].named_parameters(), resumed[0].parameters(), strict=True):
        assert torch.equal(one, other), name
    require_equal_to_the_letter(expected[2].state_dict(), resumed[2].state_dict())
    assert [path.name for path in settings["checkpoint"].parent.iterdir()] == ["run.safetensors"]


@pytest.mark.slow
def test_a_finished_run_is_only_read_and_more_steps_continue_it(tmp_path):
    file = tmp_path / "run.safetensors"
    ours, batches, optimizer = setup()
    train(ours, batches, loss, optimizer, steps=4, checkpoint=file)
    fresh, _batches, optimizer = setup(seed=1)
    before = file.stat().st_mtime_ns
    history = train(fresh, [], loss, optimizer, steps=4, checkpoint=file)
    assert len(history.losses) == 4 and file.stat().st_mtime_ns == before
    assert torch.equal(fresh.output.weight, ours.output.weight)
    assert len(train(fresh, batches, loss, optimizer, steps=6, checkpoint=file).losses) == 6
    untouched, batches, optimizer = setup(seed=7)
    with pytest.raises(ValueError, match="run of 6 steps, but 5 are asked for"):
        train(untouched, batches, loss, optimizer, steps=5, checkpoint=file)
    assert torch.equal(untouched.output.weight, setup(seed=7)[0].output.weight)


def test_the_seed_decides_and_other_random_numbers_stay():
    runs = [setup() for _ in range(3)]
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    one, same, other = (
        train(ours, batches, loss, optimizer, steps=5, seed=seed).losses
        for seed, (ours, batches, optimizer) in zip((1, 1, 2), runs, strict=True)
    )
    assert torch.equal(torch.rand(3), expected)
    assert one == same != other


def test_gradients_are_cut_together_and_their_length_is_kept():
    class Slope(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Parameter(torch.zeros(())), nn.Parameter(torch.zeros(()))

    def slope(model: nn.Module, batch: int) -> Tensor:
        return 30 * model.a + 40 * model.b

    for limit, expected in ((10.0, [-6, -8]), (100.0, [-30, -40]), (math.inf, [-30, -40])):
        ours = Slope()
        optimizer = torch.optim.SGD(ours.parameters(), lr=1.0)
        history = train(ours, [0], slope, optimizer, steps=1, max_gradient_norm=limit)
        torch.testing.assert_close(torch.stack((ours.a, ours.b)), torch.tensor(expected, dtype=torch.float32))
        assert history.gradient_norms == [50.0]


def test_warmup_is_the_paper_s():
    rate = warmup(512, 4000)
    assert rate(1) == pytest.approx(512**-0.5 * 4000**-1.5)
    assert rate(4000) == pytest.approx(512**-0.5 * 4000**-0.5) == max(map(rate, range(1, 9000)))
    assert rate(16_000) == pytest.approx(rate(4000) / 2)
    assert warmup(512, 4000, factor=2.0)(7) == 2 * rate(7)


def test_the_schedule_is_used_from_step_one():
    ours, batches, optimizer = setup()
    history = train(ours, batches, loss, optimizer, steps=3, learning_rate=lambda step: step / 1000)
    assert history.learning_rates == [0.001, 0.002, 0.003]
    assert train(*setup()[:2], loss, setup()[2], steps=2).learning_rates == [1e-3, 1e-3]


def test_training_in_training_mode_and_evaluation_not(capfd):
    ours, batches, optimizer = setup()
    modes = []

    def watched_loss(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
        modes.append(model.training)
        return loss(model, batch)

    def watched(model: nn.Module) -> dict[str, float]:
        modes.append((model.training, torch.is_grad_enabled()))
        return {"accuracy": 0.5}

    ours.eval()
    history = train(ours, batches, watched_loss, optimizer, steps=5, evaluate=watched, evaluate_every=2)
    quiet = (False, False)
    assert modes == [True, True, quiet, True, True, quiet, True, quiet]
    assert [found["step"] for found in history.evaluations] == [2, 4, 5]
    assert history.evaluations[0] == {"step": 2, "accuracy": 0.5}
    assert not ours.training and history.seconds > 0
    assert capfd.readouterr() == ("", ""), "no bar where there is no terminal"
    assert repr(history) == f"History(5 steps, loss {history.losses[0]:.3f} to {history.losses[-1]:.3f})"


@pytest.mark.parametrize("broken", ["loss", "gradient"])
def test_a_loss_that_is_no_number_stops_before_the_weights_are_lost(broken):
    class Root(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a = nn.Parameter(torch.tensor(1.0))

    def root(model: nn.Module, batch: float) -> Tensor:
        return (model.a * batch).sqrt() if broken == "gradient" else model.a + batch

    ours = Root()
    optimizer = torch.optim.SGD(ours.parameters(), lr=0.1)
    batches = [1.0, 0.0 if broken == "gradient" else math.inf]
    with pytest.raises(FloatingPointError, match=r"At step 2 .*lower the learning rate"):
        train(ours, batches, root, optimizer, steps=2)
    assert ours.a.item() == pytest.approx(0.95 if broken == "gradient" else 0.9)


@given(st.integers(1, 30), st.integers(1, 9), st.integers(0, 50))
def test_every_epoch_has_every_item_once_and_any_step_can_be_had_alone(count, batch_size, step):
    batches = ShuffledBatches(range(count), batch_size, list, seed=1)
    epochs = [[batches[epoch * len(batches) + i] for i in range(len(batches))] for epoch in range(2)]
    for epoch in epochs:
        assert sorted(itertools.chain(*epoch)) == list(range(count))
        assert [len(batch) for batch in epoch[:-1]] == [batch_size] * (len(batches) - 1)
    assert ShuffledBatches(range(count), batch_size, list, seed=1)[step] == batches[step]


def test_orders_differ_from_epoch_to_epoch_and_seed_to_seed():
    orders = [ShuffledBatches(range(30), 30, list, seed=seed)[epoch] for seed in (0, 1) for epoch in (0, 1)]
    assert len({tuple(order) for order in orders}) == 4
    with pytest.raises(ValueError, match="nothing to train on"):
        ShuffledBatches([], 3, list)


@given(count=st.integers(1, 60), batch_size=st.integers(1, 9), step=st.integers(0, 5))
def test_batches_of_like_length_hold_every_item_once_too(count, batch_size, step):
    def batches():
        return ShuffledBatches(range(count), batch_size, list, seed=1, length=lambda item: item % 7)

    epoch = [batches()[i] for i in range(len(batches()))]
    assert sorted(itertools.chain(*epoch)) == list(range(count))
    assert batches()[step] == batches()[step]


def test_batches_of_like_length_waste_little_and_come_in_no_order():
    lengths = np.random.default_rng(0).integers(1, 40, size=2000).tolist()
    like = ShuffledBatches(lengths, 20, list, length=lambda length: length)
    mixed = ShuffledBatches(lengths, 20, list)

    def padding(batches):
        return sum(max(batch) * len(batch) for batch in (batches[i] for i in range(100))) / sum(lengths) - 1

    assert padding(like) < 0.05 < 0.5 < padding(mixed)
    means = [np.mean(like[i]) for i in range(100)]
    assert abs(np.corrcoef(means, range(100))[0, 1]) < 0.3


@pytest.mark.parametrize(
    ("kernel", "environment", "hidden"), [(True, {}, False), (True, {"TQDM_DISABLE": "1"}, True), (False, {}, True)]
)
def test_the_bar_shows_in_a_notebook_but_not_where_it_is_built_nor_in_a_log(monkeypatch, kernel, environment, hidden):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(training, "get_ipython", lambda: SimpleNamespace(kernel=object()) if kernel else None)
    bar = training._bar(2, 5)
    assert bar.disable is hidden
    assert list(bar) == [3, 4, 5]


def test_rows_are_padded_at_their_end():
    assert pad_rows([[5], [5, 6, 7], []], 0).tolist() == [[5, 0, 0], [5, 6, 7], [0, 0, 0]]
    assert pad_rows([[], []], 0).dtype == torch.long


def written(tmp_path: Path) -> Path:
    ours, batches, optimizer = setup()
    train(ours, batches, loss, optimizer, steps=3, checkpoint=tmp_path / "run")
    return tmp_path / "run"


@pytest.mark.parametrize("damage", ["cut", "emptied", "other", "header"])
def test_a_damaged_checkpoint_is_refused(tmp_path, damage):
    file = written(tmp_path)
    data = file.read_bytes()
    file.write_bytes(
        {
            "cut": data[:-100],
            "emptied": b"",
            "other": b"PK" + data,
            "header": data.replace(rb"{\"history", rb"[\"history", 1),
        }[damage]
    )
    assert file.read_bytes() != data
    ours, _batches, optimizer = setup(seed=1)
    before = ours.output.weight.clone()
    with pytest.raises(ValueError, match=r"damaged or no checkpoint.*Delete it"):
        checkpoints.load(file, ours, optimizer)
    assert torch.equal(ours.output.weight, before)


@pytest.mark.parametrize("metadata", [None, {"format": "pt"}])
def test_another_file_of_safetensors_is_refused(tmp_path, metadata):
    ours, _batches, optimizer = setup()
    safetensors.torch.save_file({"x": torch.zeros(2)}, tmp_path / "run", metadata)
    with pytest.raises(ValueError, match="damaged or no checkpoint"):
        checkpoints.load(tmp_path / "run", ours, optimizer)


def test_a_checkpoint_of_another_model_is_refused_before_anything_changes(tmp_path):
    file = written(tmp_path)
    for changes, name in (
        ({"d_ff": 40}, r"decoder\.blocks\.0\.feed_forward\.down\.weight has the shape \(16, 32\).*\(16, 40\)"),
        ({"n_layers": 2}, r"decoder\.blocks\.1.* has the shape None"),
    ):
        other = model(9, **changes)
        before = other.output.weight.clone()
        with pytest.raises(ValueError, match=f"belongs to another model: its {name}"):
            checkpoints.load(file, other, torch.optim.Adam(other.parameters()))
        assert torch.equal(other.output.weight, before)


def test_a_checkpoint_that_only_some_processes_see_is_refused(tmp_path, monkeypatch):
    file = written(tmp_path)
    monkeypatch.setattr(training.processes, "mean", lambda found: found / 4)
    monkeypatch.setattr(training.processes, "count", lambda: 4)
    model, batches, optimizer = setup()
    before = model.output.weight.clone()
    with pytest.raises(ValueError, match=r"is there for 1 of 4 processes: put it in a folder that all machines share"):
        train(model, batches, loss, optimizer, steps=5, checkpoint=file)
    assert torch.equal(model.output.weight, before)


def test_a_write_that_fails_leaves_the_checkpoint_before_it(tmp_path, monkeypatch):
    file = written(tmp_path)
    data = file.read_bytes()
    ours, batches, optimizer = setup()

    def full_disk(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        train(ours, batches, loss, optimizer, steps=5, checkpoint=file)
    assert file.read_bytes() == data and list(tmp_path.iterdir()) == [file]


def test_a_full_disk_is_named_with_the_file(tmp_path, monkeypatch):
    def full_disk(*_arguments: object) -> None:
        raise safetensors.SafetensorError("Error while serializing: I/O error: No space (os error 28)")

    monkeypatch.setattr(safetensors.torch, "save_file", full_disk)
    with pytest.raises(OSError) as raised:
        written(tmp_path)
    assert raised.value.errno == 28 and raised.value.filename.endswith("run")


def test_shared_weights_are_stored_once(tmp_path):
    ours, batches, optimizer = setup()
    train(ours, batches, loss, optimizer, steps=1, checkpoint=tmp_path / "run")
    with safetensors.safe_open(tmp_path / "run", framework="pt") as stored:
        names = [name for name in stored.keys() if name.startswith("model.")]  # noqa: SIM118, it is no dictionary
    assert len(names) == len(list(ours.parameters()))


@pytest.mark.slow
def test_a_transformer_learns_to_write_backward():
    ours = model(d_model=32, n_heads=4, d_ff=64, dropout=0.0, norm="pre")
    optimizer = torch.optim.Adam(ours.parameters(), lr=3e-3, betas=(0.9, 0.98))
    history = train(ours, ShuffledBatches(words(2000), 64, collate), loss, optimizer, steps=300, max_gradient_norm=1.0)
    assert history.losses[-1] < history.losses[0] / 3
    test = [word for word in words(100, seed=1) if word not in words(2000)]
    written = greedy_search(ours, collate(test)[0], eos_id=EOS, max_length=8)
    right = sum(hypothesis.tokens == word[::-1] for hypothesis, word in zip(written, test, strict=True))
    assert right / len(test) > 0.9


def test_a_schedule_that_is_too_short_is_refused_before_the_first_step():
    ours, batches, optimizer = setup()
    before = ours.output.weight.clone()
    with pytest.raises(ValueError, match="steps 1 to 5, and this is step 9"):
        train(ours, batches, loss, optimizer, steps=9, learning_rate=linear_schedule(0.1, 5, 1))
    assert torch.equal(ours.output.weight, before)


def test_a_rate_that_is_no_number_changes_no_weight():
    ours, batches, optimizer = setup()
    with pytest.raises(ValueError, match="At step 2 the learning rate is nan"):
        train(ours, batches, loss, optimizer, steps=3, learning_rate=lambda step: 0.01 if step != 2 else math.nan)
    assert ours.output.weight.isfinite().all()


def test_a_checkpoint_every_0_steps_is_refused():
    with pytest.raises(ValueError, match="checkpoint_every is 0; it must be 1 or more"):
        train(*setup()[:2], loss, setup()[2], steps=2, checkpoint_every=0)


def test_an_optimizer_of_other_groups_changes_no_weight(tmp_path):
    ours, batches, optimizer = setup()
    train(ours, batches, loss, optimizer, steps=2, checkpoint=tmp_path / "run")
    other = model(seed=1)
    before = other.output.weight.clone()
    parameters = list(other.parameters())
    groups = torch.optim.Adam([{"params": parameters[:1]}, {"params": parameters[1:]}])
    with pytest.raises(ValueError, match="its optimizer has 1 groups of weights, this one 2"):
        train(other, batches, loss, groups, steps=4, checkpoint=tmp_path / "run")
    assert torch.equal(other.output.weight, before)


@pytest.mark.parametrize(
    ("resumed", "difference"),
    [
        (lambda p: torch.optim.SGD(p, lr=1e-3), "its optimizer is Adam, this one SGD"),
        (lambda p: torch.optim.AdamW(p, lr=1e-3, betas=(0.9, 0.98)), "its optimizer is Adam, this one AdamW"),
        (lambda p: torch.optim.Adam(p, lr=0.5, betas=(0.9, 0.98)), "its lr is 0.001, this one 0.5"),
        (lambda p: torch.optim.Adam(p, lr=1e-3), r"its betas is \(0.9, 0.98\), this one \(0.9, 0.999\)"),
        (lambda p: torch.optim.Adam(p, betas=(0.9, 0.98), weight_decay=0.1), "its weight_decay is 0, this one 0.1"),
        (lambda p: torch.optim.Adam(list(p)[:-1], betas=(0.9, 0.98)), "group 0 of its optimizer has .* weights, this"),
    ],
)
def test_another_optimizer_or_other_settings_are_refused_before_anything_changes(tmp_path, resumed, difference):
    ours, batches, optimizer = setup()
    train(ours, batches, loss, optimizer, steps=2, checkpoint=tmp_path / "run")
    other = model(seed=1)
    other.eval()
    weights, state = [weight.clone() for weight in other.parameters()], torch.get_rng_state()
    with pytest.raises(ValueError, match=f"belongs to another training: {difference}.*Delete it"):
        train(other, batches, loss, resumed(other.parameters()), steps=4, checkpoint=tmp_path / "run")
    assert all(map(torch.equal, weights, other.parameters()))
    assert torch.equal(torch.get_rng_state(), state) and not other.training


def test_another_schedule_is_refused_and_the_same_one_goes_on(tmp_path):
    file = tmp_path / "run"
    ours, batches, optimizer = setup()
    train(ours, batches, loss, optimizer, steps=3, learning_rate=warmup(16, 8), checkpoint=file)
    before = ours.output.weight.clone()
    with pytest.raises(ValueError, match=r"the learning rate 0\.011\w* at step 1, where this schedule has 0\.022"):
        train(ours, batches, loss, optimizer, steps=5, learning_rate=warmup(16, 8, factor=2.0), checkpoint=file)
    with pytest.raises(ValueError, match="its lr is"):
        train(ours, batches, loss, setup()[2], steps=5, checkpoint=file)
    assert torch.equal(ours.output.weight, before)
    history = train(ours, batches, loss, optimizer, steps=5, learning_rate=warmup(16, 8), checkpoint=file)
    assert history.learning_rates == [warmup(16, 8)(step) for step in range(1, 6)]


ALL_OPTIMIZERS = {
    name: each
    for name, each in vars(torch.optim).items()
    if isinstance(each, type) and issubclass(each, torch.optim.Optimizer)
    if name not in {"Optimizer", "LBFGS", "SparseAdam", "Muon"}  # a closure, sparse gradients, matrices alone
}


@pytest.mark.parametrize("name", ALL_OPTIMIZERS)
def test_an_optimizer_is_restored_to_the_letter(tmp_path, name):
    ours, batches, _adam = setup()
    optimizer = ALL_OPTIMIZERS[name](ours.parameters(), lr=1e-3)
    train(ours, batches, loss, optimizer, steps=2, checkpoint=tmp_path / "run")
    again = ALL_OPTIMIZERS[name](model(seed=1).parameters(), lr=1e-3)
    checkpoints.load(tmp_path / "run", model(seed=1), again)
    require_equal_to_the_letter(again.state_dict(), optimizer.state_dict())


def test_a_rate_that_is_a_tensor_is_restored_too(tmp_path):
    ours, batches, _adam = setup()
    optimizer = torch.optim.Adam(ours.parameters(), lr=torch.tensor(1e-3))
    history = train(ours, batches, loss, optimizer, steps=2, checkpoint=tmp_path / "run")
    assert history.learning_rates == [pytest.approx(1e-3)] * 2
    again = torch.optim.Adam(ours.parameters(), lr=torch.tensor(1e-3))
    checkpoints.load(tmp_path / "run", ours, again)
    require_equal_to_the_letter(again.state_dict(), optimizer.state_dict())


@pytest.mark.parametrize("number", [np.float32(0.5), np.float64(0.5), np.int64(1), torch.tensor(0.5), True, 3])
def test_evaluate_may_return_any_number(tmp_path, number):
    ours, batches, optimizer = setup()
    settings = {"steps": 2, "evaluate": lambda model: {"accuracy": number}, "checkpoint": tmp_path / "run"}
    found = train(ours, batches, loss, optimizer, **settings).evaluations
    assert found == [{"step": 2, "accuracy": number}] == checkpoints.history(tmp_path / "run")["evaluations"]
    assert type(found[0]["accuracy"]) in (int, float, bool)


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        ({"errors": [1, 2]}, r"one number for 'errors', not \[1, 2\]"),
        ({"accuracy": np.zeros(2)}, "one number for 'accuracy'"),
        ({"accuracy": None}, "one number for 'accuracy', not None"),
        (0.5, "numbers by name, .* not float"),
        (None, "not NoneType"),
    ],
)
def test_anything_but_numbers_is_named_and_the_steps_are_kept(tmp_path, returned, message):
    ours, batches, optimizer = setup()
    settings = {"steps": 5, "evaluate_every": 4, "checkpoint": tmp_path / "run"}
    with pytest.raises(TypeError, match=message):
        train(ours, batches, loss, optimizer, evaluate=lambda model: returned, **settings)
    assert not ours.training
    assert len(checkpoints.history(tmp_path / "run")["losses"]) == 4
    again = train(ours, batches, loss, optimizer, evaluate=evaluate, **settings)
    assert [found["step"] for found in again.evaluations] == [4, 5]


@pytest.fixture
def interrupts():
    with interrupts_arrive():
        yield


@pytest.mark.parametrize("place", ["loss", "update", "after", "evaluate"])
def test_an_interrupt_leaves_a_whole_step_and_a_model_in_eval_mode(tmp_path, interrupts, place):
    def interrupt(at: str) -> None:
        if at == place and len(steps) == 3:
            signal.raise_signal(signal.SIGINT)

    steps = []

    class Counting(torch.optim.Adam):
        def step(self, closure=None):
            steps.append(1)
            interrupt("update")
            return super().step(closure)

    def interrupted_loss(model, batch):
        value = loss(model, batch)  # draws random numbers, for dropout
        interrupt("loss")
        return value

    def interrupted_evaluation(model):
        interrupt("evaluate")
        return evaluate(model)

    Counting.__qualname__ = "Adam"

    def interrupted_after_step(step):
        interrupt("after")
        ended.append(step)

    ended = []
    settings = {"steps": 6, "evaluate_every": 3, "checkpoint": tmp_path / "run"}
    ours, batches, _adam = setup()
    with pytest.raises(KeyboardInterrupt):
        interrupted = Counting(ours.parameters(), lr=1e-3, betas=(0.9, 0.98))
        functions = {"evaluate": interrupted_evaluation, "after_step": interrupted_after_step}
        train(ours, batches, interrupted_loss, interrupted, **functions, **settings)
    assert not ours.training and ended == [1, 2, 3]
    assert len(checkpoints.history(tmp_path / "run")["losses"]) == 3
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    whole, resumed = setup(), setup(seed=1)
    expected = train(whole[0], batches, loss, whole[2], evaluate=evaluate, **settings | {"checkpoint": None})
    assert numbers(train(resumed[0], batches, loss, resumed[2], evaluate=evaluate, **settings)) == numbers(expected)
    assert all(map(torch.equal, whole[0].parameters(), resumed[0].parameters()))


def counting_model(seed: int = 0) -> Transformer:
    """With a buffer for what `after_step` remembers."""
    ours = model(seed)
    ours.register_buffer("average", torch.zeros_like(ours.output.weight))
    return ours


def average_gradients(model: nn.Module) -> None:
    """Changes the weights by what was remembered of earlier steps."""
    model.average = 0.5 * model.average + model.output.weight.grad
    with torch.no_grad():
        model.output.weight.sub_(0.01 * model.average)


def test_after_each_step_the_weights_are_new_and_the_gradients_still_there():
    ours = nn.Linear(1, 1, bias=False)
    nn.init.constant_(ours.weight, 1.0)
    seen = []

    def after_step(step: int) -> None:
        seen.append((step, ours.weight.item(), ours.weight.grad.item()))

    optimizer = torch.optim.SGD(ours.parameters(), lr=0.5)
    settings = {"steps": 2, "max_gradient_norm": 1.0, "evaluate": lambda model: {"seen": len(seen)}}
    history = train(
        ours, [torch.ones(1, 1)] * 2, lambda m, x: 4 * m(x).sum(), optimizer, **settings, after_step=after_step
    )
    assert seen == [(1, pytest.approx(0.5), pytest.approx(1.0)), (2, pytest.approx(0.0, abs=1e-6), pytest.approx(1.0))]
    assert history.evaluations == [{"step": 2, "seen": 2}]


@pytest.mark.parametrize("stopped_in", [1, 3, 4, 7])
def test_a_resumed_run_with_something_after_each_step_equals_one_without_a_break(tmp_path, stopped_in):
    def run(ours: Transformer, loss=loss, **settings: object) -> History:
        batches, optimizer = ShuffledBatches(words(22), 5, collate, seed=3), OPTIMIZERS["Adam"](ours.parameters())
        return train(
            ours, batches, loss, optimizer, steps=8, after_step=lambda step: average_gradients(ours), **settings
        )

    calls = itertools.count(1)

    def loss_that_stops(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
        if next(calls) == stopped_in:
            raise Stop
        return loss(model, batch)

    expected, broken, resumed = counting_model(), counting_model(), counting_model(seed=1)
    history = run(expected)
    with pytest.raises(Stop):
        run(broken, loss_that_stops, checkpoint=tmp_path / "run")
    assert numbers(run(resumed if stopped_in > 1 else broken, checkpoint=tmp_path / "run")) == numbers(history)
    for (name, one), other in zip(
        expected.state_dict().items(), (resumed if stopped_in > 1 else broken).state_dict().values(), strict=True
    ):
        assert torch.equal(one, other), name


@pytest.mark.parametrize("checkpoint_every", [1, 100])
def test_a_step_whose_end_fails_is_not_in_the_checkpoint(tmp_path, checkpoint_every):
    file = tmp_path / "run"

    def fail(step: int) -> None:
        if step == 3:
            raise Stop

    ours, batches, optimizer = setup()
    settings = {"steps": 4, "checkpoint": file, "checkpoint_every": checkpoint_every}
    with pytest.raises(Stop):
        train(ours, batches, loss, optimizer, **settings, after_step=fail)
    assert not ours.training
    assert len(checkpoints.history(file)["losses"]) == 2 if checkpoint_every == 1 else not file.exists()
    resumed, whole = setup(seed=1) if checkpoint_every == 1 else setup(), setup()
    expected = train(whole[0], batches, loss, whole[2], steps=4)
    assert numbers(train(resumed[0], batches, loss, resumed[2], **settings)) == numbers(expected)
    assert all(map(torch.equal, whole[0].parameters(), resumed[0].parameters()))


@pytest.mark.parametrize("stopped_in", [3, 4, 5])
def test_random_numbers_of_evaluate_do_not_change_the_training(tmp_path, stopped_in):
    def draws(model: nn.Module) -> dict[str, float]:
        return {"drawn": torch.rand(()).item()}

    calls = itertools.count(1)

    def loss_that_stops(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
        if next(calls) == stopped_in:
            raise Stop
        return loss(model, batch)

    settings = {"steps": 6, "evaluate_every": 2}
    ours, batches, optimizer = setup()
    expected = train(ours, batches, loss, optimizer, evaluate=draws, **settings)
    without, batches, optimizer = setup()
    assert train(without, batches, loss, optimizer, **settings).losses == expected.losses
    ours, batches, optimizer = setup()
    with pytest.raises(Stop):
        train(ours, batches, loss_that_stops, optimizer, evaluate=draws, checkpoint=tmp_path / "run", **settings)
    ours, batches, optimizer = setup()
    again = train(ours, batches, loss, optimizer, evaluate=draws, checkpoint=tmp_path / "run", **settings)
    assert numbers(again) == numbers(expected)


def test_a_number_named_step_is_refused():
    ours, batches, optimizer = setup()
    with pytest.raises(ValueError, match="a number named 'step'"):
        train(ours, batches, loss, optimizer, steps=2, evaluate=lambda model: {"step": 9})


@pytest.mark.parametrize("rate", [np.float32(1e-3), np.float64(1e-3), torch.tensor(1e-3), Fraction(1, 1000)])
def test_a_schedule_may_compute_with_any_number(tmp_path, rate):
    settings = {"checkpoint": tmp_path / "run", "learning_rate": lambda step: rate}
    ours, batches, optimizer = setup()
    train(ours, batches, loss, optimizer, steps=2, **settings)
    ours, batches, optimizer = setup()
    history = train(ours, batches, loss, optimizer, steps=3, **settings)
    assert history.learning_rates == [float(rate)] * 3


def test_an_optimizer_s_setting_may_be_a_number_of_numpy(tmp_path):
    def setup_with(rate: float) -> tuple[nn.Module, torch.optim.Optimizer]:
        ours = model()
        return ours, torch.optim.Adam(ours.parameters(), lr=rate)

    _model, batches, _optimizer = setup()
    ours, optimizer = setup_with(np.float32(1e-3))
    train(ours, batches, loss, optimizer, steps=2, checkpoint=tmp_path / "run")
    for rate in (np.float32(1e-3), float(np.float32(1e-3))):
        ours, optimizer = setup_with(rate)
        assert len(train(ours, batches, loss, optimizer, steps=2, checkpoint=str(tmp_path / "run")).losses) == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit on the size of a file")
@pytest.mark.slow
def test_an_interrupt_on_a_full_disk_is_still_an_interrupt(tmp_path):
    program = """
import resource, signal, sys
import torch
from course.training import GeneratedBatches, train

model = torch.nn.Linear(100, 100)
steps = []

def loss(model, batch):
    steps.append(1)
    if len(steps) == 3 and "interrupt" in sys.argv:
        signal.raise_signal(signal.SIGINT)
    return model(batch).square().mean()

signal.signal(signal.SIGINT, signal.default_int_handler)
batches = GeneratedBatches(lambda rng: torch.tensor(rng.random((2, 100)), dtype=torch.float32), 0)
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
try:
    train(model, batches, loss, torch.optim.Adam(model.parameters()), steps=4, checkpoint=sys.argv[1])
except BaseException as error:
    print(type(error).__name__, getattr(error, "errno", None), model.training)
"""
    for arguments, outcome in ((["interrupt"], "KeyboardInterrupt None False\n"), ([], "OSError 27 False\n")):
        command = [sys.executable, "-c", program, str(tmp_path / "run"), *arguments]
        assert subprocess.run(command, capture_output=True, text=True, cwd=ROOT).stdout == outcome
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"steps": -1}, "steps is -1; it must be 0 or more"),
        ({"max_gradient_norm": math.nan}, "max_gradient_norm is nan; it must be above 0"),
        ({"max_gradient_norm": 0.0}, "max_gradient_norm is 0.0"),
        ({"max_gradient_norm": -1.0}, "max_gradient_norm is -1.0"),
    ],
)
def test_settings_out_of_range_change_no_weight(setting, message):
    ours, batches, optimizer = setup()
    with pytest.raises(ValueError, match=message):
        train(ours, batches, loss, optimizer, **{"steps": 2} | setting)
    assert all(map(torch.equal, ours.parameters(), model().parameters()))


def test_a_checkpoint_without_its_random_numbers_changes_nothing(tmp_path):
    file = written(tmp_path)
    file.write_bytes(file.read_bytes().replace(b"random.cpu", b"random.xyz"))
    ours, batches, optimizer = setup(seed=1)
    with pytest.raises(ValueError, match="damaged or no checkpoint"):
        train(ours, batches, loss, optimizer, steps=9, checkpoint=file)
    assert all(map(torch.equal, ours.parameters(), model(1).parameters())) and not optimizer.state


def test_evaluations_every_0_steps_are_refused():
    with pytest.raises(ValueError, match="evaluate_every is 0; it must be 1 or more"):
        train(*setup()[:2], loss, setup()[2], steps=2, evaluate_every=0)
