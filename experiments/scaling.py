"""Loss against size, data and operations: small decoders on lines of equal cost, and one larger run foretold.

python -m experiments.scaling [2x32-1e12 4x64-4e12 target ...] [--seeds 0] [--budget 4e12]
python -m experiments.scaling --search [2x32 4x64 ...]
python -m experiments.scaling tokenizer
python -m experiments.scaling predict

A run is named after its layers, its width and its floating-point operations: "4x64-1e12" has 4 layers of width 64 and
trains until 10^12 operations are spent, counted by `course.scaling.flops_per_token`. On each line of equal cost all
sizes run whose tokens are from `FEWEST` to `MOST`. Without names it is all lines up to `--budget` operations a run:
4e12 takes about a quarter of an hour of one core, after a search of as long; each doubling adds one line, as dear as
all before it.

Every run has a schedule of its own, which rises for a tenth of the steps and falls to 0 in a line until the run's own
end, so that no point is a stop on the way of a longer run. All read batches of 8 windows of 64 tokens, and no text more
than `EPOCHS` times. The learning rate is searched for once for each size, at one length, and serves all
lengths: `SEARCH_STEPS`.

`predict` fits the law to the runs of the default budget, under each way to count parameters, and writes down what it
says of `target` before that is trained. The way whose fit to the sweep is closest is the prediction. Its interval is
that of resampled runs, and in "of_run" with the error of a single run added: what a run missed the law by, drawn too.
`target` refuses to start without a prediction, and its record keeps the prediction's digest.
"""

import functools
import hashlib
import math
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import torch

import course
from course import trained
from course.data.splits import draw
from course.files import written_whole
from course.gpt import Decoder, LlamaConfig
from course.scaling import COUNTINGS, bootstrap, count, flops_per_token, percentiles, runs_of
from course.tasks import pretraining
from course.tasks.corpus import END, Documents, corpus, encoded, training_text
from course.tasks.pretraining import Plan
from course.tokenization import ByteLevelBPE
from course.training import History, PackedBatches
from course.training.bits_per_byte import token_bytes, token_losses
from experiments.running import has_record, main
from experiments.search import Grid, Setting, best

NAME = "scaling"
TOKENIZER_COMMAND = f"python -m experiments.{NAME} tokenizer"
SOURCES = ("encyclopedia", "passages")
VOCAB_SIZE, WINDOW, BATCH_SIZE = 512, 64, 8
TOKENS_A_STEP = WINDOW * BATCH_SIZE
HELD_OUT = {"validation": 100, "test": 300}  # documents of each source
LEAST_FLOPS, LINES, DEFAULT_BUDGET = 2.5e11, 12, 4e12
FEWEST, MOST = 50_000, 7_000_000  # tokens of a run; `MOST` grows with the budget beyond the default
TEXT_TOKENS = 5_200_000  # of all training documents
EPOCHS = 4  # more passes over one text than that are worth less than new text
# layers, width, heads: the width inside the feed-forward layer is 8/3 of the width, in steps of 8
SIZES = {
    f"{layers}x{width}": (layers, width, heads)
    for layers, width, heads in (
        (2, 16, 2),
        (2, 32, 2),
        (3, 48, 3),
        (4, 64, 4),
        (4, 96, 6),
        (5, 128, 4),
        (6, 160, 5),
        (8, 256, 8),
        (10, 384, 12),
    )
}
IN_SWEEP = 6  # sizes of the default budget
MIDDLE_RATE = 8e-3
# The length at which a size's learning rate is searched for: about the geometric middle of its runs; the target's and
# that of larger sizes is shorter, for its cost.
SEARCH_STEPS = {"2x16": 6332, "2x32": 3277, "3x48": 2584, "4x64": 1252, "4x96": 603, "5x128": 405}
OTHER_STEPS = 300
TARGET, TARGET_FLOPS = "6x160", 1.6e13
RESAMPLES = 1000


def config_of(size: str) -> LlamaConfig:
    """The decoder of this size. Its output layer has weights of its own, so that the three ways to count differ."""
    layers, width, heads = SIZES[size]
    d_ff = 8 * round(width / 3)
    return LlamaConfig(VOCAB_SIZE, WINDOW, width, layers, heads, heads, d_ff, tied=False)


@functools.cache
def flops_a_token(size: str) -> int:
    return flops_per_token(Decoder(config_of(size)), WINDOW).total


def steps_of(size: str, flops: float) -> int:
    """The steps after which a size has spent so many operations."""
    return round(flops / flops_a_token(size) / TOKENS_A_STEP)


@functools.cache
def documents() -> Mapping[str, Documents]:
    return corpus(*SOURCES)


@functools.cache
def tokenizer() -> ByteLevelBPE:
    return ByteLevelBPE.load(trained.place.FOLDER / NAME / trained.TOKENIZER)


@functools.cache
def training_ids() -> pretraining.Documents:
    return encoded([text for one in documents().values() for text in one.train], tokenizer())


@functools.cache
def held_out(part: str) -> pretraining.Documents:
    texts = [text for one in documents().values() for text in draw(getattr(one, part), HELD_OUT[part])]
    return encoded(texts, tokenizer())


def learn_tokenizer() -> None:
    """Learn the tokenizer from all training documents and store it."""
    started = time.process_time()
    learned = pretraining.learn_tokenizer(training_text(documents()), VOCAB_SIZE)
    file = trained.place.FOLDER / NAME / trained.TOKENIZER
    file.parent.mkdir(exist_ok=True)
    with written_whole(file) as fresh:
        learned.save(fresh, command=TOKENIZER_COMMAND)
    print(f"{TOKENIZER_COMMAND}: {learned.vocab_size} tokens, {time.process_time() - started:.0f} s", flush=True)


def lines() -> list[float]:
    """The operations of each line of equal cost, each twice the one before."""
    return [LEAST_FLOPS * 2**line for line in range(LINES)]


def short(flops: float) -> str:
    """Operations as a name has them: "2.5e11"."""
    digits, exponent = f"{flops:.3e}".split("e")
    return f"{float(digits):g}e{int(exponent)}"


@functools.cache
def runs() -> dict[str, tuple[str, float]]:
    """The size and the operations of every run, by its name."""
    found = {}
    for flops in lines():
        default = flops <= DEFAULT_BUDGET
        most = MOST if default else EPOCHS * TEXT_TOKENS
        for size in list(SIZES)[: IN_SWEEP if default else None]:
            if FEWEST <= steps_of(size, flops) * TOKENS_A_STEP <= most:
                found[f"{size}-{short(flops)}"] = (size, flops)
    return found


def default_runs(budget: float = DEFAULT_BUDGET) -> list[str]:
    """The names of all runs of at most so many operations."""
    return [name for name, (_size, flops) in runs().items() if flops <= budget]


def search_steps(size: str) -> int:
    return SEARCH_STEPS.get(size, OTHER_STEPS)


# The same first rates for every size.
GRIDS = {
    size: Grid(
        {"decoder": MIDDLE_RATE}, dropouts=(0.0,), batch_sizes=(BATCH_SIZE,), budget={"steps": search_steps(size)}
    )
    for size in SIZES
}
GRID = GRIDS[TARGET]


class HeldOutLoss(NamedTuple):
    """Of the held-out windows: nats a token, bits a byte, and how many tokens were predicted."""

    loss: float
    bits_per_byte: float
    tokens: int


@torch.no_grad()
def held_out_loss(model: torch.nn.Module, part: str) -> HeldOutLoss:
    """Held-out documents packed as those of the training are, in the same windows for every model."""
    batches = PackedBatches(held_out(part), 64, WINDOW, end_id=tokenizer().special.ids[END])
    sizes = token_bytes(tokenizer())
    nats, nats_of_text, n_bytes, n_tokens = 0.0, 0.0, 0, 0
    device = next(model.parameters()).device
    for batch in (batches[index] for index in range(len(batches))):
        targets = batch[:, 1:]
        losses = token_losses(model(batch[:, :-1].to(device)), targets.to(device)).double().cpu()
        nats += losses.sum().item()
        nats_of_text += losses[sizes[targets] > 0].sum().item()
        n_bytes += int(sizes[targets].sum())
        n_tokens += targets.numel()
    return HeldOutLoss(nats / n_tokens, nats_of_text / math.log(2) / n_bytes, n_tokens)


@dataclass(frozen=True)
class ScalingRecipe:
    """A decoder of one size, trained for so many steps with a schedule that ends there."""

    size: str
    setting: Setting
    steps: int
    family = "decoder"

    @property
    def config(self) -> LlamaConfig:
        return config_of(self.size)

    @property
    def tokens(self) -> int:
        return self.steps * TOKENS_A_STEP

    def with_setting(self, setting: Setting, **budget: Any) -> Self:
        """This recipe with another setting; `budget` may hold fewer `steps`."""
        return replace(self, setting=setting, **budget)

    def train(self, seed: int) -> tuple[Decoder, History]:
        end_id = tokenizer().special.ids[END]
        require_epochs(self.tokens, sum(len(ids) + 1 for ids in training_ids()))
        model = Decoder(self.config, torch.Generator().manual_seed(seed)).to(course.device())
        rate, _dropout, batch_size = self.setting
        plan = Plan(self.steps, rate, batch_size, warmup_steps=max(1, self.steps // 10), seed=seed)
        return model, pretraining.pretrain(model, training_ids(), plan, end_id=end_id)

    def validate(self, model: trained.Model) -> dict[str, float]:
        return {"validation_loss": round(held_out_loss(model, "validation").loss, 6)}

    def measure(self, model: trained.Model) -> dict[str, object]:
        assert isinstance(model, Decoder)
        cost = flops_per_token(model, WINDOW)
        found = held_out_loss(model, "test")
        return {
            **self.setting._asdict(),
            "size": self.size,
            "tokens": self.tokens,
            "epochs_of_text": round(self.tokens / sum(len(ids) + 1 for ids in training_ids()), 4),
            "counts": count(model)._asdict(),
            "flops_per_token": {**cost._asdict(), "total": cost.total},
            "flops": cost.total * self.tokens,
            "tests": {
                "held-out text": {
                    "loss": round(found.loss, 6),
                    "bits_per_byte": round(found.bits_per_byte, 6),
                    "tokens": found.tokens,
                }
            },
        }


def require_epochs(n_tokens: int, n_text: int) -> None:
    """Raises `ValueError` where a run would read the text more than `EPOCHS` times."""
    if n_tokens > EPOCHS * n_text:
        raise ValueError(
            f"{n_tokens:,} tokens are more than {EPOCHS} times the text of {n_text:,}: "
            "repeated text bends the curve. Choose a larger model or fewer operations."
        )


class TargetRecipe(ScalingRecipe):
    """The run that is foretold. It keeps the digest of the prediction, and so cannot be older than that."""

    def train(self, seed: int) -> tuple[Decoder, History]:
        prediction_digest()
        return super().train(seed)

    def measure(self, model: trained.Model) -> dict[str, object]:
        return {**super().measure(model), "prediction": prediction_digest()}


class Prediction:
    """What `predict` makes: a record that is not a training."""


def sweep_records() -> list[dict[str, Any]]:
    """The records of the default budget, seed 0. Raises `ValueError` naming the runs that are missing."""
    missing = [name for name in default_runs() if not has_record(NAME, name)]
    if missing:
        raise ValueError(f"These runs have no record yet: {', '.join(missing)}.")
    return [trained.record_of(NAME, name) for name in default_runs()]


def predicted(records: Sequence[Mapping[str, Any]], counting: str) -> dict[str, Any]:
    """What the law of these records says of the target, in nats a token."""
    runs, model = runs_of(records, counting), Decoder(config_of(TARGET))
    size, tokens = getattr(count(model), counting), models()["target"].tokens
    found = bootstrap(runs, RESAMPLES)
    of_law = found.losses(size, tokens)
    missed = found.fit.residuals * math.sqrt(len(runs.losses) / (len(runs.losses) - 5))  # five numbers were fitted
    of_run = of_law * np.exp(np.random.default_rng(0).choice(missed, size=len(of_law)))
    return {
        "law": {name: getattr(found.fit.law, name) for name in ("E", "A", "B", "alpha", "beta")},
        "objective": found.fit.objective,
        "size_exponent": found.fit.law.size_exponent,
        "size_exponent_interval": found.interval("size_exponent"),
        "parameters": size,
        "loss": round(float(found.fit.law.loss(size, tokens)), 6),
        "of_law": [round(value, 6) for value in percentiles(of_law)],
        "of_run": [round(value, 6) for value in percentiles(of_run)],
    }


def predict() -> None:
    """Write down what the sweep says of the target. Raises `ValueError` for a run without a record, and after it."""
    if has_record(NAME, "target"):
        raise ValueError("The target has been trained: what is written now would be no prediction.")
    records = sweep_records()
    of_counting = {counting: predicted(records, counting) for counting in COUNTINGS}
    chosen = min(of_counting, key=lambda counting: of_counting[counting]["objective"])
    target = models()["target"]
    found = {
        "command": f"python -m experiments.{NAME} predict --seeds 0 --threads 1",
        "target": {"size": TARGET, "tokens": target.tokens, "flops": flops_a_token(TARGET) * target.tokens},
        "resamples": RESAMPLES,
        "level": 0.95,
        "counting": chosen,
        "prediction": of_counting[chosen],
        "of_counting": of_counting,
        "runs": {one["model"]: one["tests"]["held-out text"]["loss"] for one in records},
    }
    trained.save_record(NAME, "predict", 0, found)
    print(f"predict: {of_counting[chosen]}, digest {prediction_digest()}", flush=True)


def prediction_file() -> Path:
    return trained.place.FOLDER / NAME / "predict-0.json"


def prediction_digest() -> str:
    """The SHA-256 of the prediction's record. Raises `FileNotFoundError` where nothing was predicted yet."""
    file = prediction_file()
    if not file.is_file():
        raise FileNotFoundError(
            f"There is no prediction: run `python -m experiments.{NAME} predict` before the target is trained."
        )
    return hashlib.sha256(file.read_bytes()).hexdigest()


def models() -> dict[str, Any]:
    """All recipes before the search: the short training of each size, every run, the target and its prediction."""
    middle = Setting(MIDDLE_RATE, 0.0, BATCH_SIZE)
    return {
        **{size: ScalingRecipe(size, middle, search_steps(size)) for size in SIZES},
        **{name: ScalingRecipe(size, middle, steps_of(size, flops)) for name, (size, flops) in runs().items()},
        "target": TargetRecipe(TARGET, middle, steps_of(TARGET, TARGET_FLOPS)),
        "predict": Prediction(),
    }


def recipes() -> dict[str, Any]:
    """The same with the learning rate that each size's search found."""
    settings = {size: best(NAME, size, "decoder", GRIDS[size]) for size in SIZES}

    def tuned(recipe: Any) -> Any:
        setting = settings[recipe.size] if isinstance(recipe, ScalingRecipe) else None
        return recipe if setting is None else recipe.with_setting(setting)

    return {name: tuned(recipe) for name, recipe in models().items()}


def take_budget(arguments: list[str]) -> float:
    """Take `--budget` and its number out of the command line."""
    if "--budget" not in arguments:
        return DEFAULT_BUDGET
    at = arguments.index("--budget")
    value = float(arguments[at + 1])
    del arguments[at : at + 2]
    return value


if __name__ == "__main__":
    if "tokenizer" in sys.argv[1:]:
        learn_tokenizer()
    elif "predict" in sys.argv[1:]:
        predict()
    else:
        allowed = set(default_runs(take_budget(sys.argv)))
        if "--search" in sys.argv:
            later = set(list(SIZES)[IN_SWEEP:])
            allowed = set(SIZES) - (later - {TARGET})
        main(NAME, recipes, seeds=(0,), grid=GRID, grids=GRIDS, keep_weights=False, on_request=set(models()) - allowed)
