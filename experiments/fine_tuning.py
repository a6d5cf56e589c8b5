"""The experiment on fine-tuning: reviews of movies, with 16 to all labels, pretrained and from scratch.

python -m experiments.fine_tuning [tfidf-16 frozen-16 scratch-16 full-16 tfidf-64 ... full-all] [--seeds 0 1 2 3 4]
python -m experiments.fine_tuning upper-all over-256 boolq entities --seeds 0
python -m experiments.fine_tuning --search full-1024 scratch-1024 full-all scratch-all

Ways to a classifier, at 16, 64, 256, 1,024 and all labels:

* tfidf: TF-IDF of words and neighbors, and logistic regression;
* frozen: MiniLM as it is, and logistic regression on the mean of its last states;
* scratch: MiniLM's architecture with random weights, all of it trained;
* full: MiniLM, all of it trained;
* upper: MiniLM, its last two blocks trained (on request; the weights of `upper-all` are kept, those of `full` are not).

A seed draws the training subset, balanced and inside the next larger one, the first weights of what is new, the order
and the dropout. All are tested on the same reviews. What is chosen is chosen on validation: the strength of each
logistic regression at every size, and by the search, with 1,024 labels, the learning rate of the others. At 16 labels a
validation set of 1,000 is more than anybody would have, so the numbers of epochs are fixed. With all labels it is not:
there `full` and `scratch` have a search of their own, for the rate and for 1.5 or 3 epochs.

On request: `over-256` trains on 256 labels for far too long, and is tested as it was then and as early stopping would
have left it; `boolq` reads pairs of a question and a passage; `entities` labels words, on sentences of news in which
people marked the names, five times trained and tested on reports that it was not trained on; `full-1024-decay` and
`full-1024-first` are `full-1024` with a smaller rate for each lower block, and with [CLS] in the place of the mean:
rows for the search.
"""

import copy
import functools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Self, cast

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

import course
from course import trained
from course.bert import Bert
from course.data import YesNoQuestion, split_by_passage, yes_no_questions
from course.data.splits import Role, draw
from course.evaluation import confusion_matrix, expected_calibration_error, span_scores
from course.evaluation.calibration import Bins
from course.fine_tuning import (
    EarlyStopping,
    LabelledTexts,
    LinearClassifier,
    Pooling,
    Recipe,
    SentenceClassifier,
    SentenceConfig,
    TfidfFeatures,
    TokenClassifier,
    features,
    fine_tune,
    nested_subsets,
    predict_labels,
    predict_logits,
    train_only,
    trained_parameters,
)
from course.fine_tuning.recipe import loss_and_accuracy, rows_with_targets
from course.layers.parameters import count_parameters
from course.pretrained import load
from course.tasks.labelled import CLASSES, ENTITY_LABELS, Fold, LabelledSets, entity_folds
from course.tasks.labelled import review_sets as reviews
from course.training import History
from experiments.running import main
from experiments.search import Grid, Setting, best, best_run

LIMIT = 128  # tokens; the longest review has 78
SIZES = (16, 64, 256, 1024)
EPOCHS: Mapping[int | None, float] = {16: 30, 64: 12, 256: 6, 1024: 3, None: 1.5}  # None: all labels
STRENGTHS = (0.01, 0.1, 1.0, 10.0, 100.0)
SEARCHED = 1024  # labels
GRID = Grid(
    {"full": 1e-4, "scratch": 4e-4, "upper": 2e-4},
    dropouts=(0.1,),
    batch_sizes=(32,),
    budget={"epochs": EPOCHS[SEARCHED]},
)
GRIDS = {  # of models with a search of their own
    f"{way}-all": replace(
        GRID, budget={"epochs": EPOCHS[None]}, full_budget={"epochs": 3}, finalists=1, searches_length=True
    )
    for way in ("full", "scratch")
}
SEEDS = (0, 1, 2, 3, 4)
BINS: tuple[Bins, ...] = ("width", "mass")  # of calibration
N_UPPER = 2  # blocks
N_WATCHED = 300  # validation reviews that are measured after each epoch of `over-256`
KEPT = ("upper-all",)
ON_REQUEST = ("over-256", "boolq", "entities", "full-1024-decay", "full-1024-first")

Way = Literal["full", "scratch", "upper"]


@functools.cache
def questions() -> LabelledSets:
    """BoolQ: pairs of a question and a passage. The most frequent answer is right for about 62 of 100."""
    training, (validation, test) = split_by_passage([one for one in yes_no_questions() if one.answer is not None])

    def labelled(some: Sequence[YesNoQuestion], n: int, role: Role) -> LabelledTexts:
        drawn = draw(some, min(n, len(some)))
        pairs = [(one.question, one.passage) for one in drawn]
        return LabelledTexts(pairs, [CLASSES[bool(one.answer)] for one in drawn], role)

    return LabelledSets(
        labelled(training, 2000, "training"), labelled(validation, 500, "validation"), labelled(test, 1000, "test")
    )


def subset(data: LabelledSets, n_labels: int | None, seed: int) -> LabelledTexts:
    """The training texts of a run: so many, balanced, inside those of every larger number."""
    if n_labels is None:
        return data.training
    return data.training.only(nested_subsets(data.training.labels, (n_labels,), seed)[n_labels])


# --- Heads on MiniLM, pretrained or not ---


@dataclass
class EncoderRecipe:
    """MiniLM's architecture with a head for the whole text, trained on `n_labels` texts; None is all of them."""

    way: Way
    n_labels: int | None
    setting: Setting
    epochs: float
    layer_decay: float = 1.0
    pooling: Pooling = "mean"
    limit: int = LIMIT
    data: Callable[[], LabelledSets] = reviews
    seed: int = 0  # of the last training

    @property
    def family(self) -> str:
        return self.way

    @property
    def config(self) -> SentenceConfig:
        """What a model of this recipe is: stored weights have the same."""
        return self.new_model(seed=0).config

    def with_setting(self, setting: Setting, **budget: Any) -> Self:
        """This recipe with another setting; `budget` may hold other `epochs`."""
        return replace(self, setting=setting, **budget)

    @property
    def recipe(self) -> Recipe:
        rate, _dropout, batch_size = self.setting
        return Recipe(rate, self.epochs, batch_size, layer_decay=self.layer_decay)

    def new_model(self, seed: int) -> SentenceClassifier:
        generator = torch.Generator().manual_seed(seed)
        body, tokenizer = load("minilm")
        if self.way == "scratch":
            body = Bert(body.config, generator).to(course.device())
        options = {"limit": self.limit, "dropout": self.setting.dropout, "generator": generator}
        model = SentenceClassifier(body, tokenizer, CLASSES, pooling=self.pooling, **options)
        if self.way == "upper":
            train_only(model, N_UPPER)
        return model

    def train(self, seed: int) -> tuple[trained.Model, History]:
        self.seed, model = seed, self.new_model(seed)
        return model, fine_tune(model, subset(self.data(), self.n_labels, seed), self.recipe, seed=seed)

    def validate(self, model: trained.Model) -> dict[str, float]:
        """The error rate and the loss on validation."""
        assert isinstance(model, SentenceClassifier)
        found = loss_and_accuracy(model, rows_with_targets(model, self.data().validation))
        error, loss = 1 - found["accuracy"], found["loss"]
        return {"validation_error": round(error, 6), "validation_loss": round(loss, 6)}

    def tests(self, model: trained.Model) -> dict[str, Any]:
        """What is measured on the test set; with all labels and seed 0, on validation too, to choose a threshold by."""
        assert isinstance(model, SentenceClassifier)
        sets = {"test": self.data().test}
        if self.seed == 0 and self.n_labels is None:
            sets["validation"] = self.data().validation
        return {
            name: measures_of(predict_logits(model, some.texts), some, with_probabilities=self.seed == 0)
            for name, some in sets.items()
        }

    def measure(self, model: trained.Model) -> dict[str, object]:
        return {
            "way": self.way,
            "labels": len(subset(self.data(), self.n_labels, self.seed)),
            **self.setting._asdict(),
            "epochs": self.epochs,
            "layer_decay": self.layer_decay,
            "pooling": self.pooling,
            "trained_parameters": sum(weight.numel() for weight in trained_parameters(model).values()),
            "tests": self.tests(model),
        }


class BestKept(EarlyStopping):
    """Early stopping that does not stop, and keeps the last weights too."""

    def __init__(self, model: SentenceClassifier) -> None:
        super().__init__(model, "loss", patience=1_000_000)
        self.last: dict[str, Tensor] = {}

    def restore(self) -> None:
        self.last = {name: weight.detach().clone() for name, weight in trained_parameters(self.model).items()}
        super().restore()


@dataclass
class OverfittingRecipe(EncoderRecipe):
    """Far too many epochs on a few labels, with validation after each."""

    def train(self, seed: int) -> tuple[trained.Model, History]:
        self.seed, model = seed, self.new_model(seed)
        training, validation = subset(self.data(), self.n_labels, seed), self.data().validation
        self.stop = BestKept(model)
        self.history = fine_tune(
            model,
            training,
            self.recipe,
            seed=seed,
            validation=validation.only(draw(range(len(validation)), N_WATCHED)),
            evaluate_every=math.ceil(len(training) / self.setting.batch_size),
            stop=self.stop,
        )
        return model, self.history

    def tests(self, model: trained.Model) -> dict[str, Any]:
        """The model as early stopping leaves it, "test", and as it was at the end, "last"."""
        stopped = super().tests(model)["test"]
        with torch.no_grad():
            for name, weight in trained_parameters(model).items():
                weight.copy_(self.stop.last[name].half())
        return {"test": stopped, "last": super().tests(model)["test"]}

    def measure(self, model: trained.Model) -> dict[str, object]:
        evaluations = self.history.evaluations
        return super().measure(model) | {
            "best_step": self.stop.best_step,
            "losses": trained.one_line(self.history.losses),
            "evaluated_steps": trained.one_line(one["step"] for one in evaluations),
            "validation_losses": trained.one_line(one["loss"] for one in evaluations),
            "validation_accuracies": trained.one_line(one["accuracy"] for one in evaluations),
        }


@dataclass
class EntitiesRecipe:
    """MiniLM with a head on every token, all of it trained: once for each fold of the sentences, tested on the others.

    The model that is returned is that of the last fold; what is kept are the predictions of all.
    """

    setting: Setting
    epochs: float = 10
    folds: Callable[[], Sequence[Fold]] = entity_folds

    def train(self, seed: int) -> tuple[trained.Model, History]:
        rate, dropout, batch_size = self.setting
        recipe = Recipe(rate, self.epochs, batch_size)
        self.true: list[list[str]] = []
        self.predicted: list[list[str]] = []
        model: TokenClassifier | None = None
        history = History()
        for training, test, _reports in self.folds():
            generator = torch.Generator().manual_seed(seed)
            options = {"limit": LIMIT, "dropout": dropout, "generator": generator}
            model = TokenClassifier(*load("minilm"), ENTITY_LABELS, **options)
            history = fine_tune(model, training, recipe, seed=seed)
            self.true += test.labels
            self.predicted += predict_labels(model, test.texts)
        return cast(trained.Model, model), history

    def measure(self, model: trained.Model) -> dict[str, object]:
        return {
            **self.setting._asdict(),
            "epochs": self.epochs,
            "tests": {"test": span_measures(self.true, self.predicted)},
        }


# --- Baselines ---


@functools.cache
def frozen_features() -> tuple[Tensor, Tensor, Tensor]:
    """The features of all training, validation and test reviews, computed once."""
    model = SentenceClassifier(*load("minilm"), CLASSES, limit=LIMIT)
    training, validation, test = (features(model, some.texts) for some in reviews())
    return training, validation, test


@dataclass
class LinearRecipe:
    """Logistic regression on counted words or on frozen features, its strength chosen on validation."""

    kind: Literal["tfidf", "frozen"]
    n_labels: int | None
    seed: int = 0  # of the last training

    def train(self, seed: int) -> tuple[trained.Model, History]:
        self.seed, data = seed, reviews()
        training = subset(data, self.n_labels, seed)
        if self.kind == "tfidf":
            extract = TfidfFeatures(training.texts)
            x, of_validation, self.of_test = (extract(some.texts) for some in (training, data.validation, data.test))
        else:
            of_all, of_validation, self.of_test = frozen_features()
            place = {text: number for number, text in enumerate(data.training.texts)}
            x = of_all[[place[text] for text in training.texts]]
        targets, held_out = numbers_of(training), numbers_of(data.validation)
        found: list[tuple[float, float, LinearClassifier]] = []
        model = LinearClassifier(x.shape[1], CLASSES)
        for strength in STRENGTHS:
            model = copy.deepcopy(model)  # starts where the weaker one ended
            model.fit(x, targets, strength=strength)
            with torch.no_grad():
                found.append((F.cross_entropy(model(of_validation), held_out).item(), strength, model))
        _loss, self.strength, model = min(found, key=lambda one: one[:2])
        return model, History()

    def measure(self, model: trained.Model) -> dict[str, object]:
        assert isinstance(model, LinearClassifier)
        with torch.no_grad():
            logits = model(self.of_test)
        return {
            "way": self.kind,
            "labels": len(subset(reviews(), self.n_labels, self.seed)),
            "strength": self.strength,
            "trained_parameters": count_parameters(model),
            "tests": {"test": measures_of(logits, reviews().test, with_probabilities=self.seed == 0)},
        }


# --- Both ---


def numbers_of(some: LabelledTexts) -> Tensor:
    return torch.tensor([CLASSES.index(label) for label in some.labels])


def measures_of(
    logits: Float[Tensor, "text class"], texts: LabelledTexts, *, with_probabilities: bool
) -> dict[str, Any]:
    """The measures of a set, and of each text whether it was wrong and, where wanted, the probability of "positive"."""
    truth, predicted, probabilities = numbers_of(texts), logits.argmax(dim=-1), logits.softmax(dim=-1)
    table = confusion_matrix(truth, predicted, range(len(CLASSES)))
    right, confidence = (predicted == truth).numpy(), probabilities.amax(dim=-1).numpy()
    items = {"errors": trained.one_line((~right).astype(int).tolist()), "symbols": trained.one_line([1] * len(right))}
    if with_probabilities:
        items["probability"] = trained.one_line(probabilities[:, 1].double().numpy().round(4).tolist())
    return {
        "accuracy": table.accuracy(),
        "error_rate": 1 - table.accuracy(),
        "f1": {name: table.f1(number) for number, name in enumerate(CLASSES)},
        "confusion": table.counts.tolist(),
        "log_loss": F.cross_entropy(logits, truth).item(),
        "calibration_error": {bins: expected_calibration_error(right, confidence, bins=bins) for bins in BINS},
        "items": items,
    }


def span_measures(true: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> dict[str, Any]:
    """F1 of all spans in labels of words; of each text those that are right, predicted and true.

    Missed and invented spans are the errors, predicted and true ones the symbols: their rate is 1 minus F1.
    """
    scores = [span_scores([labels], [said])["all"] for labels, said in zip(true, predicted, strict=True)]
    counts = {name: [getattr(one, name) for one in scores] for name in ("right", "predicted", "true")}
    both = [one.predicted + one.true for one in scores]
    of_all = span_scores(true, predicted)
    words = [pair for labels, said in zip(true, predicted, strict=True) for pair in zip(labels, said, strict=True)]
    return {
        "accuracy": sum(label == said for label, said in words) / len(words),
        "error_rate": 1 - of_all["all"].f1,
        "f1": {kind: found.f1 for kind, found in of_all.items()},
        "items": {
            "errors": trained.one_line(n - 2 * one.right for n, one in zip(both, scores, strict=True)),
            "symbols": trained.one_line(both),
            **{name: trained.one_line(values) for name, values in counts.items()},
        },
    }


def setting_of(way: Way) -> Setting:
    """The setting that the search found, or the middle of the grid before there was one."""
    middle = Setting(GRID.middle_rates[way], GRID.dropouts[0], GRID.batch_sizes[0])
    return best("fine_tuning", f"{way}-{SEARCHED}", way, GRID) or middle


def run_of(way: Way, n_labels: int | None) -> tuple[Setting, float]:
    """The setting and the epochs of a way: those of its own search with so many labels, where there was one."""
    name = f"{way}-all"
    if n_labels is None and name in GRIDS and (found := best_run("fine_tuning", name, way, GRIDS[name])):
        return found.setting, found.budget["epochs"]
    return setting_of(way), EPOCHS[n_labels]


def recipes() -> Mapping[str, EncoderRecipe | LinearRecipe | EntitiesRecipe]:
    """Each way at each number of labels, the smallest first, and what is run on request."""
    ways: tuple[Way, ...] = ("scratch", "full", "upper")
    settings = {way: setting_of(way) for way in ways}
    found: dict[str, EncoderRecipe | LinearRecipe | EntitiesRecipe] = {}
    for n_labels in (*SIZES, None):
        size = "all" if n_labels is None else n_labels
        found |= {f"tfidf-{size}": LinearRecipe("tfidf", n_labels), f"frozen-{size}": LinearRecipe("frozen", n_labels)}
        for way in ways:
            found[f"{way}-{size}"] = EncoderRecipe(way, n_labels, *run_of(way, n_labels))
    searched = EncoderRecipe("full", SEARCHED, settings["full"], EPOCHS[SEARCHED])
    return found | {
        "full-1024-decay": replace(searched, layer_decay=0.8),
        "full-1024-first": replace(searched, pooling="first"),
        "over-256": OverfittingRecipe("full", 256, settings["full"], epochs=20),
        "boolq": EncoderRecipe("full", None, settings["full"], epochs=2, limit=LIMIT, data=questions),
        "entities": EntitiesRecipe(settings["full"]),
    }


def on_request() -> list[str]:
    """What is run only when it is named."""
    return [name for name in recipes() if name.startswith("upper") or name in ON_REQUEST]


if __name__ == "__main__":
    main("fine_tuning", recipes, SEEDS, grid=GRID, grids=GRIDS, keep_weights=KEPT, on_request=on_request())
