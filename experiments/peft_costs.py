"""What each method of `peft_methods` costs, and what many adapters on one base cost: measured, not computed.

python -m experiments.peft_costs [minilm smollm2] --seeds 0 --threads 1

Of every method, on the first steps of its training in `peft_methods` (16 reviews each on MiniLM, 4 on SmolLM2):

* the processor's seconds for a step, all methods in turns on the same batch, so that what else the machine does meets
  all of them; and how many times those of full fine-tuning in the same turn;
* the memory of the process without a model, with one ready to be trained, and its peak in two steps of training;
* the size of the file that keeps what was trained, in half precision, and how many numbers are trained.

Of LoRA adapters, all on one base, against as many full copies as fit in 4 GB: memory, and how long it takes to get from
one to another. Each measurement of memory is in a process of its own. Weights are in float32.
"""

import copy
import resource
import statistics
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor, nn

from course import peft, trained
from course.fine_tuning import Classifier, SentenceClassifier, WordClassifier, train_only, trained_parameters
from course.fine_tuning.recipe import parameter_groups, rows_with_targets
from course.layers.tensor_files import save_tensors
from course.peft import AdaLoRA, Attached, LoRA, Method, RankAllocator, attach, freeze
from course.pretrained import load
from course.tasks.labelled import CLASSES
from course.tasks.labelled import review_sets as reviews
from course.training import History, ShuffledBatches
from experiments.fine_tuning import subset
from experiments.measuring import cpu_seconds, in_fresh_process, peak_bytes, resident_bytes
from experiments.peft_methods import (
    LIMIT,
    LORA_ELSEWHERE,
    METHODS,
    MINILM,
    ON_SMOLLM2,
    PROMPTS,
    RANK,
    SMOLLM2,
    WORDS,
    numbers_trained,
)
from experiments.running import main

NAME = "peft_costs"
RATE, WEIGHT_DECAY, MAX_NORM = 1e-4, 0.01, 1.0  # of steps whose results nobody reads
N_ADAPTERS = (1, 8, 64)
MEMORY = 4e9  # bytes that full copies may take
N_SWITCHES, N_LOADS = 100, 5


@dataclass(frozen=True)
class Base:
    """A frozen model, the methods that are put on it, and how many steps are measured."""

    name: str
    methods: Mapping[str, Method | None]
    budget: Mapping[str, Any]
    timed_steps: int
    watched_steps: int = 2  # in the second, AdamW has its averages


BASES = {
    "minilm": Base("minilm", {name: METHODS[name] for name in METHODS if name not in LORA_ELSEWHERE}, MINILM, 8),
    "smollm2": Base("smollm2", {name: ON_SMOLLM2[name] for name in ON_SMOLLM2 if name != "hard"}, SMOLLM2, 4),
}


def pretrained(base: Base) -> tuple[Any, Any]:
    """The body and its tokenizer."""
    return load("minilm") if base.name == "minilm" else load("smollm2")


def loaded(base: Base) -> tuple[Any, Any]:
    """The same, the weights in the process's own memory and no longer in a file that is mapped."""
    body, tokenizer = pretrained(base)
    return copy.deepcopy(body), tokenizer


def bytes_without_model(base: Base) -> int:
    """The memory of this process, with all in it that is imported when a first model is loaded, and no model."""
    pretrained(base)
    return resident_bytes()


def classifier(base: Base, body: Any, tokenizer: Any) -> Classifier[Any, Any]:
    """MiniLM with a head, SmolLM2 asked for a word."""
    if base.name == "minilm":
        return SentenceClassifier(body, tokenizer, CLASSES, limit=LIMIT)
    return WordClassifier(body, tokenizer, WORDS, prompt=PROMPTS[0], limit=LIMIT)


def batches(base: Base, model: Any, n: int) -> list[Any]:
    """The first batches of the training in `peft_methods`."""
    items = rows_with_targets(model, subset(reviews(), base.budget["n_labels"], seed=0))
    shuffled = ShuffledBatches(items, base.budget["batch_size"], list, seed=0, length=lambda item: len(item[0].ids))
    return [shuffled[step] for step in range(n)]


# --- Training ---


class Training:
    """A method on a model, ready for its first step."""

    def __init__(self, base: Base, name: str, model: Classifier[Any, Any]) -> None:
        self.model = model
        self.attached: Attached | None = None
        self.allocator: RankAllocator | None = None
        method = base.methods[name]
        if name == "head":
            train_only(model, 0)
        elif method is not None:
            freeze(model)
            self.attached = attach(model, method, torch.Generator().manual_seed(0))
            if isinstance(method, AdaLoRA):
                self.allocator = RankAllocator(self.attached)
        self.optimizer = torch.optim.AdamW(parameter_groups(model, WEIGHT_DECAY), lr=RATE, fused=True)
        self.trained = trained_parameters(model)
        self.steps = 0

    def off(self) -> None:
        """Take the method off, where there is one."""
        if self.attached is not None:
            self.attached.off()

    @contextmanager
    def on(self) -> Generator[None]:
        """The method is on in the block, and the model in train mode."""
        if self.attached is not None:
            self.attached.on()
        self.model.train()
        yield
        self.off()

    def step(self, batch: Any) -> None:
        """What `fine_tune` does in a step."""
        self.optimizer.zero_grad()
        loss = self.model.loss(batch)
        if self.allocator is not None:
            loss = loss + self.allocator.penalty()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), MAX_NORM)
        self.optimizer.step()
        self.steps += 1
        if self.allocator is not None:
            self.allocator.after_step(self.steps)

    def save(self, file: Path) -> None:
        """Keep what was trained, in half precision: of a method with its head, of others the weights themselves."""
        if self.attached is not None:
            peft.save(self.attached, file, torch.float16)
        else:
            save_tensors(_in_half(self.trained), file, {})


def _in_half(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: weight.detach().half().contiguous() for name, weight in weights.items()}


def step_seconds(base: Base, n_threads: int) -> dict[str, list[float]]:
    """The seconds of every step of each method. All but full fine-tuning share a frozen body, and take turns on it."""
    torch.set_num_threads(n_threads)
    body, tokenizer = loaded(base)
    trainings: dict[str, Training] = {}
    for name in base.methods:
        own = copy.deepcopy(body).requires_grad_(True) if name == "full" else body.requires_grad_(False)
        trainings[name] = Training(base, name, classifier(base, own, tokenizer))
        trainings[name].off()
    found: dict[str, list[float]] = {name: [] for name in trainings}
    for batch in batches(base, trainings["full"].model, base.timed_steps):
        for name, training in trainings.items():
            with training.on(), cpu_seconds() as seconds:
                training.step(batch)
            found[name].append(seconds())
    return found


def training_costs(base: Base, name: str, n_threads: int) -> dict[str, int]:
    """The memory of a training, the size of what it leaves, and how many numbers it trains."""
    torch.set_num_threads(n_threads)
    before = bytes_without_model(base)
    training = Training(base, name, classifier(base, *loaded(base)))
    some = batches(base, training.model, base.watched_steps)
    training.model.train()
    ready = resident_bytes()
    with peak_bytes() as peak:
        for batch in some:
            training.step(batch)
        most = peak()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "trained.safetensors"
        training.save(file)
        size = file.stat().st_size
    return {
        **numbers_trained(training.trained),
        "process_bytes": before,
        "ready_bytes": ready,
        "peak_bytes": most,
        "file_bytes": size,
    }


# --- Serving ---


def new_adapter(model: nn.Module, seed: int) -> Attached:
    """A LoRA adapter, put on and taken off again, whose matrices are drawn as if it had been trained."""
    adapter = attach(model, LoRA(RANK), torch.Generator().manual_seed(seed))
    with torch.no_grad():
        for weight in adapter.parameters().values():
            weight.normal_(std=0.01, generator=torch.Generator().manual_seed(seed))
    adapter.off()
    return adapter


def adapters_bytes(base: Base, n: int) -> int:
    """The memory of one body with so many adapters."""
    before = bytes_without_model(base)
    body, _tokenizer = loaded(base)
    adapters = [new_adapter(body, seed) for seed in range(n)]
    taken = resident_bytes() - before
    assert len(adapters) == n  # they were in memory until here
    return taken


def copies_bytes(base: Base, n: int) -> int:
    """The memory of so many bodies."""
    before = bytes_without_model(base)
    body, _tokenizer = loaded(base)
    copies = [copy.deepcopy(body) for _ in range(n - 1)]
    taken = resident_bytes() - before
    assert len(copies) == n - 1
    return taken


def switch_seconds(base: Base, n_threads: int) -> dict[str, float]:
    """How long it takes until another adapter, or all weights of another full copy, are in place.

    "switch" is between two adapters in memory. The first prediction afterwards merges the adapter into its matrices:
    "first_prediction" and "next_prediction" are of one text. "load_adapter" and "load_full" are from files that the
    system has just read, so no disk is measured; all weights are in float32.
    """
    torch.set_num_threads(n_threads)
    model = classifier(base, *loaded(base)).eval()
    model.requires_grad_(False)
    adapters = [new_adapter(model, seed) for seed in (0, 1)]
    with cpu_seconds() as seconds:
        for number in range(N_SWITCHES):
            adapters[number % 2].on()
            adapters[number % 2].off()
    found = {"switch": seconds() / N_SWITCHES}
    inputs = model.inputs([reviews().test.texts[0]])
    predictions: dict[str, list[float]] = {"first_prediction": [], "next_prediction": []}
    with torch.no_grad():
        model(inputs)
        for number in range(2 * N_LOADS):
            adapters[number % 2].on()
            for spent in predictions.values():
                with cpu_seconds() as seconds:
                    model(inputs)
                spent.append(seconds())
            adapters[number % 2].off()
    found |= {name: statistics.median(spent) for name, spent in predictions.items()}
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder) / "adapter.safetensors", Path(folder) / "full.safetensors"
        peft.save(adapters[0], small)
        save_tensors({name: weight.detach().contiguous() for name, weight in model.body.named_parameters()}, large, {})
        spent_on: dict[str, list[float]] = {"load_adapter": [], "load_full": []}
        for _ in range(N_LOADS):
            with cpu_seconds() as seconds:
                fresh = peft.load(small, model)
            fresh.off()
            spent_on["load_adapter"].append(seconds())
            with cpu_seconds() as seconds, torch.no_grad():
                for name, weight in safetensors.torch.load_file(large).items():
                    model.body.get_parameter(name).copy_(weight)
            spent_on["load_full"].append(seconds())
    return found | {name: statistics.median(spent) for name, spent in spent_on.items()}


def copies_that_fit(n_parameters: int) -> list[int]:
    """Of `N_ADAPTERS` those numbers of full copies that fit in `MEMORY`, and the largest number that does."""
    most = max(1, int(MEMORY // (4 * n_parameters)))
    return sorted({n for n in N_ADAPTERS if n <= most} | {min(most, max(N_ADAPTERS))})


# --- The record ---


@dataclass
class CostRecipe:
    """All measurements on one base, each in a fresh process. Nothing is trained to its end."""

    base: Base

    def train(self, seed: int) -> tuple[Any, History]:
        body, _tokenizer = pretrained(self.base)
        return body.requires_grad_(False), History()

    def measure(self, model: Any) -> dict[str, object]:
        base, threads = self.base, torch.get_num_threads()
        before = _seconds_of_children()
        timed = in_fresh_process(step_seconds, base, threads)
        methods: dict[str, dict[str, Any]] = {}
        for name, seconds in timed.items():
            ratios = [one / full for one, full in zip(seconds, timed["full"], strict=True)]
            methods[name] = {
                "step_seconds": trained.one_line(seconds),
                "seconds_per_step": statistics.median(seconds),
                "times_full": statistics.median(ratios),
                **in_fresh_process(training_costs, base, name, threads),
            }
        copies = copies_that_fit(sum(weight.numel() for weight in model.parameters()))
        serving = {
            "adapters_bytes": {
                str(n): in_fresh_process(adapters_bytes, base, n) for n in sorted({*N_ADAPTERS, *copies})
            },
            "copies_bytes": {str(n): in_fresh_process(copies_bytes, base, n) for n in copies},
            "seconds": in_fresh_process(switch_seconds, base, threads),
        }
        return {
            "cpu_seconds": round(_seconds_of_children() - before, 3),
            "batch_size": base.budget["batch_size"],
            "timed_steps": base.timed_steps,
            "watched_steps": base.watched_steps,
            "methods": methods,
            "serving": serving,
        }


def _seconds_of_children() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def recipes() -> Mapping[str, CostRecipe]:
    return {name: CostRecipe(base) for name, base in BASES.items()}


if __name__ == "__main__":
    main(NAME, recipes, seeds=(0,), keep_weights=False)
