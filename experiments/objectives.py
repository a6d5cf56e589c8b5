"""What each pre-training objective teaches: equal bodies, equal tokens, and the same four probes on the frozen body.

python -m experiments.objectives --search masked next order substituted replaced shuffled spans
python -m experiments.objectives [untrained] [start] [masked] [next] [order] … [--seeds 0 1 2]

Every model starts from `both` of the experiment "bert" (seed 0), which knows words from masked language modeling, and
then learns from one objective alone for the same number of steps on the same batches of pairs, with the best learning
rate of a search of its own: the lowest loss of its own question on validation pairs. A seed draws the head, the order
of the pairs and what is corrupted.

Three controls: `untrained` is a body with its first weights, `start` has no second training, `masked` goes on as
before, as long as the others. A probe is a logistic regression on what the frozen body gives: its [CLS] state beside
the mean of all states.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

import course
from course import trained
from course.bert import (
    Bert,
    BertConfig,
    CorruptedRow,
    MaskedLanguageModel,
    MaskedLM,
    NextSentence,
    Objective,
    Pieces,
    RandomTokenSubstitution,
    ReplacedTokenDetection,
    Segments,
    SentenceOrder,
    ShuffledTokenDetection,
    SpanBoundary,
    mean_states,
)
from course.bert.pair_objectives import RIGHT, WRONG, PairObjective
from course.data import encyclopedia, movie_reviews, split_by_movie, split_by_title
from course.data.splits import draw
from course.fine_tuning import LinearClassifier
from course.tasks.masked_pretraining import LENGTH, SMALL, pretrain_bert, small_pairs, small_tokenizer
from course.training import History
from experiments.running import main
from experiments.search import Grid, Setting, tuned

NAME = "objectives"
STEPS, BATCH_SIZE = 700, 32  # 1.4 million tokens at most, about a minute of a core
GRID = Grid({"encoder": 5e-4}, dropouts=(0.0,), batch_sizes=(BATCH_SIZE,), budget={"steps": 150})
MIDDLE = Setting(GRID.middle_rates["encoder"], 0.0, BATCH_SIZE)  # before there was a search
N_JUDGED = 32  # batches of validation pairs, each corrupted once, that judge a row of the search
SIZES = {"train": 2000, "validation": 500, "test": 1000}  # of each probe of texts, at most
PAIR_SIZES = SIZES | {"test": 4000}  # of pairs: with a thousand, three points could not be told from none
STRENGTHS = (0.001, 0.01, 0.1)

OBJECTIVES: Mapping[str, Callable[[Pieces, BertConfig, torch.Generator], Objective]] = {
    "masked": MaskedLM,
    "next": NextSentence,
    "order": SentenceOrder,
    "substituted": RandomTokenSubstitution,
    "replaced": ReplacedTokenDetection,
    "shuffled": ShuffledTokenDetection,
    "spans": SpanBoundary,
}


class ProbeSet(NamedTuple):
    """Rows that a body reads, and the class of each."""

    rows: Sequence[CorruptedRow]
    targets: Int[Tensor, " row"]


@functools.cache
def pieces() -> Pieces:
    return Pieces(small_tokenizer())


def pair_probe(kind: type[PairObjective]) -> dict[str, ProbeSet]:
    """Pairs of held-out documents too, each right or wrong by a coin that is the same for all models."""
    objective, found = kind(pieces(), SMALL), {}
    for number, (part, size) in enumerate(PAIR_SIZES.items()):
        pairs = small_pairs(part)
        some, rng = draw(pairs, min(size, len(pairs))), np.random.default_rng(number)
        labels = rng.choice([RIGHT, WRONG], len(some))
        rows = [objective.labelled(pair, label) for pair, label in zip(some, labels, strict=True)]
        found[part] = ProbeSet(rows, torch.from_numpy(labels))
    return found


def text_probe(parts: Mapping[str, Sequence[tuple[str, str]]]) -> dict[str, ProbeSet]:
    """Texts with their class."""
    classes = sorted({label for some in parts.values() for _text, label in some})
    found = {}
    for part, some in parts.items():
        chosen = draw(some, min(SIZES[part], len(some)))
        rows = []
        for text, _label in chosen:
            row = pieces().row(Segments(small_tokenizer().encode(text)[: LENGTH - 2]))
            rows.append(CorruptedRow(row, np.zeros(len(row.ids), dtype=int)))
        found[part] = ProbeSet(rows, torch.tensor([classes.index(label) for _text, label in chosen]))
    return found


def sentiment_probe() -> dict[str, ProbeSet]:
    train, (validation, test) = split_by_movie(movie_reviews())
    parts = {"train": train, "validation": validation, "test": test}
    return text_probe({part: [(one.text, str(one.positive)) for one in some] for part, some in parts.items()})


def topic_probe() -> dict[str, ProbeSet]:
    train, (validation, test) = split_by_title(encyclopedia())
    parts = {"train": train, "validation": validation, "test": test}
    return text_probe({part: [(one.text, one.topic) for one in some] for part, some in parts.items()})


@functools.cache
def probes() -> Mapping[str, Mapping[str, ProbeSet]]:
    return {
        "next sentence": pair_probe(NextSentence),
        "sentence order": pair_probe(SentenceOrder),
        "sentiment": sentiment_probe(),
        "topic": topic_probe(),
    }


@torch.no_grad()
def states(body: Bert, rows: Sequence[CorruptedRow]) -> Float[Tensor, "row width"]:
    """What the frozen body gives of each row: its [CLS] state beside the mean of all states."""
    found = []
    for first in range(0, len(rows), 64):
        inputs = pieces().batch(rows[first : first + 64]).inputs
        hidden = body(*inputs)
        found.append(torch.cat((hidden[:, 0], mean_states(hidden, inputs.attention_mask)), dim=1).cpu())
    return torch.cat(found)


def probe(body: Bert, sets: Mapping[str, ProbeSet]) -> dict[str, object]:
    """Logistic regression on the states, its strength chosen on validation; errors on the test, item by item."""
    x = {part: states(body, some.rows) for part, some in sets.items()}
    mean, std = x["train"].mean(dim=0), x["train"].std(dim=0) + 1e-6
    x = {part: (values - mean) / std for part, values in x.items()}
    n_classes = int(sets["train"].targets.max()) + 1
    found = []
    for strength in STRENGTHS:
        classifier = LinearClassifier(x["train"].shape[1], tuple(map(str, range(n_classes))))
        classifier.fit(x["train"], sets["train"].targets, strength=strength, most_iterations=100)
        with torch.no_grad():
            loss = F.cross_entropy(classifier(x["validation"]), sets["validation"].targets).item()
            found.append((loss, strength, (classifier(x["test"]).argmax(dim=1) != sets["test"].targets).int()))
    _loss, strength, wrong = min(found, key=lambda one: one[:2])
    most_frequent = torch.bincount(sets["train"].targets).argmax()
    return {
        "error_rate": wrong.double().mean().item(),
        "baseline_error_rate": (sets["test"].targets != most_frequent).double().mean().item(),
        "strength": strength,
        "items": {"errors": trained.one_line(wrong.tolist()), "symbols": trained.one_line([1] * len(wrong))},
    }


@dataclass
class ObjectiveRecipe:
    """A body trained on by one objective, or not at all: that of the stored model `start`, or one with new weights."""

    objective: str | None
    start: str | None = "bert/both"
    setting: Setting = MIDDLE
    steps: int = STEPS
    trained_objective: Objective | None = None  # of the last training, with its head
    family = "encoder"

    def with_setting(self, setting: Setting, **budget: Any) -> Self:
        """This recipe with another setting; `budget` may hold fewer `steps`."""
        return replace(self, setting=setting, **budget)

    def train(self, seed: int) -> tuple[MaskedLanguageModel, History]:
        generator = torch.Generator().manual_seed(seed)
        if self.start is None:
            new = MaskedLanguageModel(Bert(SMALL, generator), generator).to(course.device())
            return new.eval(), History()
        model = trained.load(self.start)
        assert isinstance(model, MaskedLanguageModel)
        if self.objective is None:
            return model, History()
        objective = OBJECTIVES[self.objective](pieces(), SMALL, generator)
        if isinstance(objective, MaskedLM | SpanBoundary):
            objective.head = model.head  # it goes on where it was
        self.trained_objective = objective
        rate, _dropout, batch_size = self.setting
        options = {"steps": self.steps, "learning_rate": rate, "batch_size": batch_size}
        return model, pretrain_bert(model.body, objective, small_pairs("train"), seed=seed, **options)

    @torch.no_grad()
    def validate(self, model: trained.Model) -> dict[str, float]:
        """The mean loss that the objective trains, over batches of validation pairs, the same for every rate.

        Of replaced token detection it is the sum of both losses, though a worse generator makes detection easier.
        Raises `ValueError` for a recipe without a training.
        """
        assert isinstance(model, MaskedLanguageModel)
        objective = self.trained_objective
        if objective is None:
            raise ValueError("A body that is not trained on has no learning rate to search for.")
        known = small_pairs("validation")
        pairs = draw(known, min(N_JUDGED * BATCH_SIZE, len(known)))
        torch.manual_seed(0)  # of what a generator draws
        losses = [
            objective.loss(model.body, objective.batch(pairs[first : first + BATCH_SIZE], np.random.default_rng(first)))
            for first in range(0, len(pairs), BATCH_SIZE)
        ]
        return {"validation_loss": round(float(torch.stack(losses).mean()), 6)}

    def measure(self, model: trained.Model) -> dict[str, object]:
        assert isinstance(model, MaskedLanguageModel)
        return {
            "objective": self.objective or "none",
            **self.setting._asdict(),
            "tests": {name: probe(model.body, sets) for name, sets in probes().items()},
        }


def recipes() -> Mapping[str, ObjectiveRecipe]:
    """The recipes by their names, each with the setting that its search found; the controls have none."""
    controls = {"untrained": ObjectiveRecipe(None, start=None), "start": ObjectiveRecipe(None)}
    return tuned(NAME, controls | {name: ObjectiveRecipe(name) for name in OBJECTIVES}, GRID)


if __name__ == "__main__":
    main(NAME, recipes, grid=GRID, keep_weights=False)
