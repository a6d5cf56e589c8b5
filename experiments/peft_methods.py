"""Parameter-efficient fine-tuning: each method on the same reviews, with as many steps, at a learning rate of its own.

python -m experiments.peft_methods --search head full bitfit lora dora adalora prompt prefix llama-adapter houlsby
    pfeiffer query key value output all-four --threads 1
python -m experiments.peft_methods [the same names] [--seeds 0 1 2] --threads 1
python -m experiments.peft_methods --search smollm2-lora smollm2-adalora smollm2-prompt smollm2-prefix
    smollm2-llama-adapter smollm2-full --threads 1
python -m experiments.peft_methods smollm2-hard [the same names] --threads 1

On MiniLM the task is a head for the whole text, trained for 96 steps on 1,024 reviews whatever the method; "head"
trains nothing else, "full" everything. `query`, `key`, `value`, `output` and `all-four` are LoRA on other matrices with
as many trained numbers as `lora`, which is on query and value. On SmolLM2 there is no head: the model is asked for a
word after a prompt. `smollm2-hard` trains nothing: it has the best of `PROMPTS` on validation, and so have the others,
which then train for 32 steps on 128 reviews. Rates and prompts are chosen on validation; the test reviews are those
of lesson 10.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import torch

from course import trained
from course.data.splits import draw
from course.fine_tuning import (
    Classifier,
    LabelledTexts,
    Recipe,
    SentenceClassifier,
    WordClassifier,
    fine_tune,
    predict_logits,
    train_only,
    trained_parameters,
)
from course.fine_tuning.recipe import loss_and_accuracy, rows_with_targets
from course.peft import (
    AdaLoRA,
    Attached,
    BitFit,
    DoRA,
    HoulsbyAdapters,
    LLaMAAdapter,
    LoRA,
    Method,
    PfeifferAdapters,
    PrefixTuning,
    PromptTuning,
    RankAllocator,
    attach,
    freeze,
    save,
)
from course.pretrained import load
from course.tasks.labelled import CLASSES, LabelledSets
from course.tasks.labelled import review_sets as reviews
from course.training import History
from experiments.fine_tuning import measures_of, subset
from experiments.running import main
from experiments.search import Grid, Setting, tuned

NAME = "peft_methods"
LIMIT = 128  # tokens
RANK, LENGTH = 8, 16  # of LoRA, and of prompts and prefixes
MINILM = {"n_labels": 1024, "epochs": 1.5, "batch_size": 16}
SMOLLM2 = {"n_labels": 128, "epochs": 1, "batch_size": 4}
N_VALIDATION, N_TEST = 100, 500  # reviews that SmolLM2 reads of each, drawn
WORDS = {"negative": " bad", "positive": " good"}
PROMPTS = (
    "A review of a film: {text}\nThe film is",
    "Review: {text}\nIn one word, the film was",
    "{text}\nAll in all, the movie was",
    "Is this review good or bad? {text}\nIt is",
)


def adalora(steps: int) -> AdaLoRA:
    """As peft's defaults: ranks of 12, of which 8 are kept; the choice begins after a tenth of the steps."""
    return AdaLoRA(steps, initial_steps=steps // 10, final_steps=steps // 3)


def steps_of(budget: Mapping[str, Any]) -> int:
    return Recipe(epochs=budget["epochs"], batch_size=budget["batch_size"]).steps(budget["n_labels"])


LORA_ELSEWHERE: Mapping[str, Method] = {  # as many trained numbers as `lora`, on other matrices
    "query": LoRA(2 * RANK, targets=("query",)),
    "key": LoRA(2 * RANK, targets=("key",)),
    "value": LoRA(2 * RANK, targets=("value",)),
    "output": LoRA(2 * RANK, targets=("output",)),
    "all-four": LoRA(RANK // 2, targets=("query", "key", "value", "output")),
}
METHODS: Mapping[str, Method | None] = {  # and two that are no method: all but the head frozen, and nothing
    "head": None,
    "full": None,
    "bitfit": BitFit(),
    "lora": LoRA(RANK),
    "dora": DoRA(RANK),
    "adalora": adalora(steps_of(MINILM)),
    "prompt": PromptTuning(LENGTH),
    "prefix": PrefixTuning(LENGTH),
    "llama-adapter": LLaMAAdapter(LENGTH),
    "houlsby": HoulsbyAdapters(),
    "pfeiffer": PfeifferAdapters(),
    **LORA_ELSEWHERE,
}
ON_SMOLLM2: Mapping[str, Method | None] = {
    "hard": None,
    "full": None,
    "lora": METHODS["lora"],
    "adalora": adalora(steps_of(SMOLLM2)),
    "prompt": METHODS["prompt"],
    "prefix": METHODS["prefix"],
    "llama-adapter": METHODS["llama-adapter"],
}
STORED = (*(name for name in METHODS if name not in LORA_ELSEWHERE), "smollm2-lora", "smollm2-prompt")
# In the middle of the first three of the search, by what is trained; it goes on beyond them where one of them is best.
RATES = {
    "full": 1e-4,
    "head": 1e-2,
    "bitfit": 2e-3,
    "prompt": 3e-2,
    "prefix": 1e-2,
    "llama-adapter": 1e-2,
    "houlsby": 1e-3,
    "pfeiffer": 1e-3,
}
LORA_RATE = 2e-3
GRID = Grid(
    {name: RATES.get(name, LORA_RATE) for name in METHODS},
    dropouts=(0.1,),
    batch_sizes=(MINILM["batch_size"],),
    budget={"epochs": MINILM["epochs"]},
)
SMOLLM2_GRID = replace(
    GRID,
    middle_rates={name: RATES.get(name, LORA_RATE) / (10 if name == "full" else 1) for name in ON_SMOLLM2},
    dropouts=(0.0,),  # there is no head, in front of which it would be
    batch_sizes=(SMOLLM2["batch_size"],),
    budget={"epochs": SMOLLM2["epochs"]},
)
GRIDS = {f"smollm2-{name}": SMOLLM2_GRID for name in ON_SMOLLM2}


@functools.cache
def some_reviews() -> LabelledSets:
    """What SmolLM2 reads: fewer reviews of validation and test."""
    training, validation, test = reviews()
    parts = ((validation, N_VALIDATION), (test, N_TEST))
    return LabelledSets(training, *(of_part.only(draw(range(len(of_part)), n)) for of_part, n in parts))


@functools.cache
def best_prompt() -> str:
    """The hard prompt with the fewest validation errors, and of those the lowest loss."""
    return min(PROMPTS, key=lambda prompt: tuple(validation_of(asking(prompt), some_reviews().validation).values()))


def asking(prompt: str) -> WordClassifier:
    """SmolLM2, asked with a prompt."""
    body, tokenizer = load("smollm2")
    return WordClassifier(body, tokenizer, WORDS, prompt=prompt, limit=LIMIT)


def validation_of(model: Classifier[Any, Any], texts: LabelledTexts) -> dict[str, float]:
    found = loss_and_accuracy(model, rows_with_targets(model, texts))
    return {"validation_error": round(1 - found["accuracy"], 6), "validation_loss": round(found["loss"], 6)}


def numbers_trained(weights: Mapping[str, torch.Tensor]) -> dict[str, int]:
    """How many numbers these trained weights are, the head's apart, as records have them."""
    head = sum(weight.numel() for name, weight in weights.items() if name.startswith("head."))
    everything = sum(weight.numel() for weight in weights.values())
    return {"trained_parameters": everything - head, "head_parameters": head}


@dataclass
class MethodRecipe:
    """One method on MiniLM with a head."""

    name: str
    method: Method | None
    setting: Setting
    epochs: float
    n_labels: int
    seed: int = 0  # of the last training
    attached: Attached | None = None  # of the last training
    allocator: RankAllocator | None = None

    @property
    def family(self) -> str:
        return self.name

    @property
    def config(self) -> Any:
        """What a model of this recipe is: the stored head alone has the same."""
        return self.new_model(0).config

    def with_setting(self, setting: Setting, **budget: Any) -> Self:
        """This recipe with another setting; `budget` may hold other `epochs`."""
        return replace(self, setting=setting, **budget)

    def sets(self) -> LabelledSets:
        return reviews()

    def frozen_model(self, generator: torch.Generator) -> Classifier[Any, Any]:
        body, tokenizer = load("minilm")
        options = {"limit": LIMIT, "dropout": self.setting.dropout, "generator": generator}
        return SentenceClassifier(body, tokenizer, CLASSES, **options)

    def new_model(self, seed: int) -> Classifier[Any, Any]:
        """The model with the method on it. The head's first weights are the same for all methods."""
        generator = torch.Generator().manual_seed(seed)
        model = self.frozen_model(generator)
        self.attached = self.allocator = None
        if self.name == "head":
            train_only(model, 0)
        elif self.name == "hard":
            model.requires_grad_(False)
        elif self.method is not None:
            freeze(model)
            self.attached = attach(model, self.method, generator)
            if isinstance(self.method, AdaLoRA):
                self.allocator = RankAllocator(self.attached)
        return model

    def train(self, seed: int) -> tuple[Any, History]:
        self.seed, model = seed, self.new_model(seed)
        if not trained_parameters(model):
            return model, History()
        rate, _dropout, batch_size = self.setting
        followed: dict[str, Any] = {}
        if self.allocator is not None:
            followed = {"after_step": self.allocator.after_step, "penalty": self.allocator.penalty}
        recipe = Recipe(rate, self.epochs, batch_size)
        return model, fine_tune(model, subset(self.sets(), self.n_labels, seed), recipe, seed=seed, **followed)

    def validate(self, model: Any) -> dict[str, float]:
        """The error rate and the loss on validation."""
        return validation_of(model, self.sets().validation)

    def measure(self, model: Any) -> dict[str, object]:
        test = self.sets().test
        found: dict[str, object] = {
            "method": repr(self.method),
            "labels": self.n_labels,
            **self.setting._asdict(),
            "epochs": self.epochs,
            **numbers_trained(trained_parameters(model)),
            "tests": {"test": measures_of(predict_logits(model, test.texts), test, with_probabilities=False)},
        }
        if self.allocator is not None:
            steps, ranks = zip(*self.allocator.ranks_over_steps, strict=True)
            found["allocated_after"] = trained.one_line(steps)
            found["ranks"] = {place: trained.one_line(of[place] for of in ranks) for place in self.allocator.parts}
        return found

    def keep(self, name: str, model: Any, command: str) -> None:
        """Store what was trained, but not a model that was trained whole."""
        if self.attached is not None:
            save(self.attached, trained.place.FOLDER / f"{name}.safetensors", torch.float16)
        elif self.name == "head":
            trained.save(name, model, command)


@dataclass
class AskedRecipe(MethodRecipe):
    """One method on SmolLM2, which is asked for a word with the best hard prompt."""

    def sets(self) -> LabelledSets:
        return some_reviews()

    def frozen_model(self, generator: torch.Generator) -> WordClassifier:
        return asking(best_prompt())

    def measure(self, model: Any) -> dict[str, object]:
        return super().measure(model) | {"prompt": best_prompt()}


def recipes() -> Mapping[str, MethodRecipe]:
    """Every method, with the learning rate that its search found."""
    found: dict[str, MethodRecipe] = {}
    for name, method in METHODS.items():
        middle = Setting(GRID.middle_rates[name], GRID.dropouts[0], GRID.batch_sizes[0])
        found[name] = MethodRecipe(name, method, middle, MINILM["epochs"], MINILM["n_labels"])
    asked: dict[str, MethodRecipe] = {}
    for name, method in ON_SMOLLM2.items():
        middle = Setting(SMOLLM2_GRID.middle_rates[name], SMOLLM2_GRID.dropouts[0], SMOLLM2_GRID.batch_sizes[0])
        recipe = AskedRecipe(name, method, middle, SMOLLM2["epochs"], SMOLLM2["n_labels"])
        asked[f"smollm2-{name}"] = recipe
    return tuned(NAME, found, GRID) | tuned(NAME, asked, SMOLLM2_GRID)


if __name__ == "__main__":
    main(NAME, recipes, grid=GRID, grids=GRIDS, keep_weights=STORED)
