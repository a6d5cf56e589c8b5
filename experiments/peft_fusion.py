"""AdapterFusion in two stages: adapters that learned three tasks apart, then attention that mixes them for one task.

python -m experiments.peft_fusion reviews reviews-again names boolq --seeds 0 --threads 1
python -m experiments.peft_fusion --search continued fused fused-alone --threads 1
python -m experiments.peft_fusion [continued fused fused-alone] [--seeds 0 1 2] --threads 1

First stage, the sources: Pfeiffer adapters with a head on a frozen MiniLM, trained for 96 steps of 16 texts on 1,024 of

* reviews: positive or negative, the target task;
* reviews-again: the same reviews with other first weights, order and dropout;
* names: names of movies in reviews, a label for each word;
* boolq: questions with a passage, of 64 tokens together.

Their learning rate is what the search of `peft_methods` found for these adapters, or one of a search of their own. What
`reviews` is after this stage is the single adapter, with which the second stage is compared.

Second stage, on the same 1,024 reviews for as many steps again, everything from the head and the adapters of `reviews`:

* continued: its adapter and its head are trained on;
* fused: the frozen adapters of all three tasks, attention over them, and the head are there; attention and head are
  trained, with the penalty on the value matrices;
* fused-alone: likewise with `reviews` and `reviews-again`, which know of no other task.

A seed of the second stage draws the attention's first weights, the order and the dropout; the sources are those of seed
0. Rates are chosen on validation, in trainings of half as many steps. The test is that of `peft_methods`. Only the
sources are stored: the attention of six blocks has 2.7 million numbers, 5 MB in half precision.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

import torch
from jaxtyping import Float, Int
from torch import Tensor

from course import trained
from course.data.splits import draw
from course.fine_tuning import (
    Classifier,
    LabelledTexts,
    Recipe,
    SentenceClassifier,
    TokenClassifier,
    fine_tune,
    predict_labels,
    predict_logits,
    trained_parameters,
)
from course.fine_tuning.predictions import evaluating, like_lengths
from course.peft import (
    Attached,
    PfeifferAdapters,
    attach,
    freeze,
    fuse,
    fusion_penalty,
    record_fusion,
    save,
)
from course.peft import load as load_method
from course.peft.adapter_attention import fusion_layers
from course.pretrained import load
from course.tasks.labelled import CLASSES, NAME_LABELS, LabelledSets
from course.tasks.labelled import name_sets as names
from course.tasks.labelled import review_sets as reviews
from course.training import History
from experiments import peft_methods
from experiments.fine_tuning import measures_of, questions, span_measures, subset
from experiments.peft_methods import numbers_trained, validation_of
from experiments.running import main
from experiments.search import Grid, Setting, best, tuned

NAME = "peft_fusion"
TARGET = "reviews"
LIMIT = 128  # tokens
PAIR_LIMIT = 64  # tokens of a question with its passage, which would take five times as long with all
N_LABELS, EPOCHS, BATCH_SIZE = 1024, 1.5, 16  # 96 steps
N_TEST = 500  # questions of BoolQ, drawn
N_SHOWN = 4  # reviews whose attention is kept token by token

ADAPTERS = PfeifferAdapters()
PFEIFFER_RATE = peft_methods.RATES["pfeiffer"]
SOURCE_GRID = Grid(
    dict.fromkeys(("reviews", "reviews-again", "names", "boolq"), PFEIFFER_RATE),
    dropouts=(0.1,),
    batch_sizes=(BATCH_SIZE,),
    budget={"epochs": EPOCHS},
)
GRID = replace(  # in the middle of the first three; the search goes on beyond them where one of them is best
    SOURCE_GRID,
    middle_rates={"continued": PFEIFFER_RATE / 2, "fused": 4e-4, "fused-alone": 4e-4},
    budget={"epochs": EPOCHS / 2},
)


# --- Tasks ---


class Task(NamedTuple):
    """What an adapter learns."""

    sets: Callable[[], LabelledSets]
    classes: Sequence[str]
    limit: int
    of_words: bool = False


@functools.cache
def some_questions() -> LabelledSets:
    """BoolQ with fewer test questions."""
    training, validation, test = questions()
    return LabelledSets(training, validation, test.only(draw(range(len(test)), min(N_TEST, len(test)))))


def tasks() -> dict[str, Task]:
    return {
        "reviews": Task(reviews, CLASSES, LIMIT),
        "names": Task(names, NAME_LABELS, LIMIT, of_words=True),
        "boolq": Task(some_questions, CLASSES, PAIR_LIMIT),
    }


def training_texts(task: Task, n_labels: int) -> LabelledTexts:
    """The texts that all runs on a task are trained on: where a text has one label, as many of each class."""
    training = task.sets().training
    if task.of_words:
        return training.only(draw(range(len(training)), n_labels))
    return subset(task.sets(), n_labels, seed=0)


def classifier(task: Task, body: Any, tokenizer: Any, **options: Any) -> Classifier[Any, Any]:
    kind = TokenClassifier if task.of_words else SentenceClassifier
    return kind(body, tokenizer, task.classes, limit=task.limit, **options)


def measures(task: Task, model: Any) -> dict[str, Any]:
    """The measures of a task's test set. Of spans the error rate is 1 - F1."""
    test = task.sets().test
    if not task.of_words:
        return measures_of(predict_logits(model, test.texts), test, with_probabilities=False)
    return span_measures(test.labels, predict_labels(model, test.texts))


# --- First stage ---


@dataclass
class SourceRecipe:
    """Pfeiffer adapters on MiniLM for one task."""

    name: str
    task: str
    setting: Setting
    epochs: float = EPOCHS
    n_labels: int = N_LABELS
    seed_shift: int = 0  # what is added to every seed
    attached: Attached | None = None  # of the last training

    @property
    def family(self) -> str:
        return self.name

    def with_setting(self, setting: Setting, **budget: Any) -> Self:
        """This recipe with another setting; `budget` may hold other `epochs`."""
        return replace(self, setting=setting, **budget)

    @property
    def recipe(self) -> Recipe:
        rate, _dropout, batch_size = self.setting
        return Recipe(rate, self.epochs, batch_size)

    def new_model(self, seed: int) -> Classifier[Any, Any]:
        generator = torch.Generator().manual_seed(seed)
        options = {"dropout": self.setting.dropout, "generator": generator}
        model = classifier(tasks()[self.task], *load("minilm"), **options)
        freeze(model)
        self.attached = attach(model, ADAPTERS, generator)
        return model

    def train(self, seed: int) -> tuple[Any, History]:
        seed += self.seed_shift
        model = self.new_model(seed)
        return model, fine_tune(model, training_texts(tasks()[self.task], self.n_labels), self.recipe, seed=seed)

    def validate(self, model: Any) -> dict[str, float]:
        """The error rate and the loss on validation, of texts or of words."""
        return validation_of(model, tasks()[self.task].sets().validation)

    def tests(self, model: Any) -> dict[str, Any]:
        return measures(tasks()[self.task], model)

    def measure(self, model: Any) -> dict[str, object]:
        return {
            "task": self.task,
            "labels": self.n_labels,
            **self.setting._asdict(),
            "epochs": self.epochs,
            **numbers_trained(trained_parameters(model)),
            "tests": {"test": self.tests(model)},
        }

    def keep(self, name: str, model: Any, command: str) -> None:
        """Store the adapters with their head."""
        assert self.attached is not None
        save(self.attached, trained.place.FOLDER / f"{name}.safetensors", torch.float16)


SOURCES: Mapping[str, tuple[str, int]] = {  # the task of each, and what is added to its seeds
    "reviews": ("reviews", 0),
    "reviews-again": ("reviews", 1),
    "names": ("names", 0),
    "boolq": ("boolq", 0),
}


def source(name: str, body: Any, tokenizer: Any, **options: Any) -> Attached:
    """A stored source, on a classifier of its task around this body.

    Raises `FileNotFoundError` for one that is not stored.
    """
    file = trained.place.FOLDER / NAME / f"{name}.safetensors"
    if not file.is_file():
        command = f"python -m experiments.{NAME} {' '.join(SOURCES)} --seeds 0 --threads 1"
        raise FileNotFoundError(f"There is no {file}. Train the sources first: {command}.")
    return load_method(file, classifier(tasks()[SOURCES[name][0]], body, tokenizer, **options))


# --- Second stage ---


@dataclass
class ContinuedRecipe(SourceRecipe):
    """The target's own adapter and head, trained on."""

    def new_model(self, seed: int) -> Classifier[Any, Any]:
        body, tokenizer = load("minilm")
        body.requires_grad_(False)
        self.attached = source(TARGET, body, tokenizer, dropout=self.setting.dropout)
        model = self.attached.model
        assert isinstance(model, Classifier)
        return model


@dataclass
class FusedRecipe(SourceRecipe):
    """Frozen adapters of the sources, attention over them, and the head of the first source, the target's own."""

    sources: Sequence[str] = (TARGET, "names", "boolq")

    def new_model(self, seed: int) -> Classifier[Any, Any]:
        body, tokenizer = load("minilm")
        body.requires_grad_(False)
        sources = []
        for name in self.sources:
            sources.append(source(name, body, tokenizer, dropout=self.setting.dropout))
            sources[-1].off()
        model = sources[0].model
        assert isinstance(model, Classifier)
        self.attached = fuse(model, sources, generator=torch.Generator().manual_seed(seed))
        return model

    def train(self, seed: int) -> tuple[Any, History]:
        model = self.new_model(seed)
        texts = training_texts(tasks()[self.task], self.n_labels)
        return model, fine_tune(model, texts, self.recipe, seed=seed, penalty=lambda: fusion_penalty(model))

    def tests(self, model: Any) -> dict[str, Any]:
        test = tasks()[self.task].sets().test
        logits, self.weights, self.lengths = logits_and_attention(model, test.texts)
        return measures_of(logits, test, with_probabilities=False)

    def measure(self, model: Any) -> dict[str, object]:
        test = tasks()[self.task].sets().test
        return super().measure(model) | {
            "sources": list(self.sources),
            "attention": self.attention(),
            "value_change": trained.one_line(_from_identity(layer.value.weight) for layer in fusion_layers(model)),
            "shown": [self.shown(model, text) for text in draw(test.texts, min(N_SHOWN, len(test)))],
        }

    def attention(self) -> dict[str, Any]:
        """The mean weight on each source, over all tokens of the test, [CLS] and [SEP] among them.

        "layers" has it for each layer, first to last. "texts" has it for each text, over its tokens and the layers.
        """
        of_layers = (self.weights * self.lengths[:, None]).sum(dim=1) / self.lengths.sum()
        of_texts = self.weights.mean(dim=0)
        return {
            name: {
                source: trained.one_line(found[:, number].double().numpy().round(4).tolist())
                for number, source in enumerate(self.sources)
            }
            for name, found in (("layers", of_layers), ("texts", of_texts))
        }

    def shown(self, model: Any, text: str) -> dict[str, Any]:
        """The pieces of a text, and by source, for each layer, the weights at these pieces."""
        row = model.row(text)
        with torch.no_grad(), evaluating(model), record_fusion(model) as weights:
            model(model.batch([row]))
        kept = [of_layer[0].cpu().double().numpy().round(3) for of_layer in weights if of_layer is not None]
        return {
            "pieces": [model.tokenizer.tokens[number] for number in row.ids],
            "weights": {
                source: [trained.one_line(of_layer[:, number].tolist()) for of_layer in kept]
                for number, source in enumerate(self.sources)
            },
        }


@torch.no_grad()
def logits_and_attention(
    model: Any, texts: Sequence[str]
) -> tuple[Float[Tensor, "text class"], Float[Tensor, "layer text adapter"], Int[Tensor, " text"]]:
    """What `predict_logits` gives, the mean weight on each adapter over a text's tokens, and how many tokens it has."""
    rows = [model.row(text) for text in texts]
    lengths = torch.tensor([len(row.ids) for row in rows])
    logits: list[Tensor] = []
    found: list[Tensor] = []
    batches = like_lengths(rows, 64)
    with evaluating(model), record_fusion(model) as weights:
        for numbers in batches:
            inputs = model.batch([rows[i] for i in numbers])
            logits.append(model(inputs).cpu())
            mask = inputs.attention_mask[..., None]
            layers = torch.stack([of_layer for of_layer in weights if of_layer is not None])
            found.append(((layers * mask).sum(dim=2) / mask.sum(dim=1)).cpu())
    place = torch.tensor([i for numbers in batches for i in numbers]).argsort()
    return torch.cat(logits)[place], torch.cat(found, dim=1)[:, place], lengths


def _from_identity(value: Float[Tensor, "d_model d_model"]) -> float:
    """How far a value matrix is from the identity, as a share of the identity's norm."""
    identity = torch.eye(len(value), dtype=value.dtype, device=value.device)
    return ((value - identity).norm() / identity.norm()).item()


def recipes() -> Mapping[str, SourceRecipe]:
    """The sources and the second stage, each with the learning rate that its search found."""
    pfeiffer = best(peft_methods.NAME, "pfeiffer", "pfeiffer", peft_methods.GRID)
    of_sources = pfeiffer or Setting(PFEIFFER_RATE, SOURCE_GRID.dropouts[0], BATCH_SIZE)
    first = {name: SourceRecipe(name, task, of_sources, seed_shift=shift) for name, (task, shift) in SOURCES.items()}
    middle = {name: Setting(rate, GRID.dropouts[0], BATCH_SIZE) for name, rate in GRID.middle_rates.items()}
    second: dict[str, SourceRecipe] = {
        "continued": ContinuedRecipe("continued", TARGET, middle["continued"]),
        "fused": FusedRecipe("fused", TARGET, middle["fused"]),
        "fused-alone": FusedRecipe("fused-alone", TARGET, middle["fused-alone"], sources=(TARGET, "reviews-again")),
    }
    return tuned(NAME, first, SOURCE_GRID) | tuned(NAME, second, GRID)


if __name__ == "__main__":
    main(
        NAME,
        recipes,
        grid=GRID,
        grids=dict.fromkeys(SOURCES, SOURCE_GRID),
        keep_weights=tuple(SOURCES),
        on_request=tuple(SOURCES),
    )
