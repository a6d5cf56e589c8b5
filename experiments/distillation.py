"""Distillation: a small encoder that learns from labels, from a teacher, or from both, at equal data and equal steps.

python -m experiments.distillation topics-teacher reviews-teacher costs --seeds 0 --threads 1
python -m experiments.distillation --search topics-soft-1 ... reviews-swapped --threads 1
python -m experiments.distillation [topics-labels topics-soft-1 ...] [--seeds 0 1 2 3 4] --threads 1

Two tasks of `course.tasks.distilled`: "topics", eleven classes, and "reviews", two. The student, its 2,000 labelled
texts, the order of the batches, its dropout and the number of steps are the same in all arms of a seed:

* labels: cross-entropy with the labels; smoothed: the same with label smoothing, whose targets have the mean entropy of
  the teacher's; hard: cross-entropy with the teacher's best class in the place of the label;
* soft-1, soft-2, soft-4, soft-8: the teacher's soft targets alone, at this temperature;
* both: half soft targets, half labels;
* soft-unlabelled, hard-unlabelled: soft, and hard, on the labelled texts and all others, whose labels nobody reads;
* shuffled: soft, with the teacher's logits of all classes but its best in a drawn order in each text (not of reviews:
  there is one other class); swapped: soft, with what the teacher says of another text.

The search is of the seed 0 and as long as the runs that count, so it leaves the record of each arm's best rate, too. A
seed draws the first weights, the order of the texts and the dropout. What is chosen is chosen on validation: each arm
has the same three learning rates, and the temperature of the arms that name none is that of the best of soft-1 to
soft-8. All are tested on the same texts. `costs` has the sizes of teacher and student and their processor time a text.
"""

import argparse
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import torch
import torch.nn.functional as F

from course import trained
from course.compression import (
    DistillationLoss,
    TransferSet,
    distill,
    entropy,
    shuffle_texts,
    shuffle_wrong_classes,
    smoothing_of_entropy,
    smoothing_teacher,
    soft_targets,
)
from course.data.splits import draw
from course.fine_tuning import (
    LinearClassifier,
    LinearConfig,
    Recipe,
    SentenceClassifier,
    SentenceConfig,
    predict_logits,
)
from course.layers.parameters import count_parameters
from course.pretrained import load
from course.tasks.distilled import (
    TOPICS,
    TaskName,
    class_numbers,
    measures,
    new_student,
    taught,
    teacher,
    train_topic_head,
    transfer_task,
    with_head,
)
from course.training import History
from experiments.measuring import cpu_seconds
from experiments.running import THREADS, has_record, run
from experiments.search import SEED, Grid, Setting

NAME = "distillation"
BATCH, DROPOUT = 32, 0.1
EPOCHS: Mapping[str, int] = {"topics": 6, "reviews": 4}  # over the labelled texts; with more texts as many steps
GRID = Grid({"student": 2e-3}, dropouts=(DROPOUT,), batch_sizes=(BATCH,), budget={"epochs": EPOCHS["topics"]})
RATES = (1e-3, 2e-3, 4e-3)  # of that grid; the same three for each arm, and none beyond
TEMPERATURES = (1, 2, 4, 8)
SEEDS = (0, 1, 2, 3, 4)
CONTROL_SEED = 0  # of what a control draws of the teacher's logits, the same for each student
TURNS = 15  # of the measurement of time: in each one teacher and student


@dataclass(frozen=True)
class Arm:
    """What a student learns from. The temperature is that of the best of `TEMPERATURES` where it is None."""

    share: float = 1.0
    temperature: int | None = None
    unlabelled: bool = False
    targets: str = "soft"


ARMS: Mapping[str, Arm] = {
    **{f"soft-{temperature}": Arm(temperature=temperature) for temperature in TEMPERATURES},
    "labels": Arm(share=0.0),
    "both": Arm(share=0.5),
    "soft-unlabelled": Arm(unlabelled=True),
    "hard": Arm(share=0.0, targets="hard"),
    "hard-unlabelled": Arm(share=0.0, targets="hard", unlabelled=True),
    "smoothed": Arm(temperature=1, targets="smoothed"),
    "shuffled": Arm(targets="shuffled"),
    "swapped": Arm(targets="swapped"),
}


def rows_of(name: str) -> list[dict[str, Any]]:
    """What the search tried of an arm."""
    return [row for row in trained.search(NAME) if row["model"] == name]


def best_temperature(task: str) -> int:
    """The temperature with the lowest validation error, then loss, at its best rate; 2 before there is a search."""
    scores = {
        temperature: min(map(trained.validation_score, rows))
        for temperature in TEMPERATURES
        if (rows := rows_of(f"{task}-soft-{temperature}"))
    }
    return min(scores, key=scores.__getitem__) if scores else 2


@dataclass
class StudentRecipe:
    """A student of a task, trained in the way of an arm."""

    task: TaskName
    arm: str
    searched: Setting | None = None  # what a search tries; else the best of its rows
    family: str = "student"

    @property
    def setting(self) -> Setting:
        rows = rows_of(f"{self.task}-{self.arm}")
        rate = trained.best_row(rows, f"{self.task}-{self.arm}")["learning_rate"] if rows else RATES[1]
        return self.searched or Setting(rate, DROPOUT, BATCH)

    def with_setting(self, setting: Setting, **_budget: Any) -> Self:
        return replace(self, searched=setting)

    @property
    def temperature(self) -> int:
        found = ARMS[self.arm].temperature
        return best_temperature(self.task) if found is None else found

    def transfer_set(self) -> TransferSet:
        """The texts of the arm with what is said of each."""
        arm, task = ARMS[self.arm], transfer_task(self.task)
        texts = task.training_texts if arm.unlabelled else list(task.labelled.texts)
        if self.arm == "labels":
            return TransferSet(texts, None, task.labelled.labels)
        logits = taught(self.task)[: len(texts)]  # the labelled texts are the first
        generator = torch.Generator().manual_seed(CONTROL_SEED)
        if arm.targets == "hard":
            return TransferSet(texts, None, [task.classes[number] for number in logits.argmax(dim=1).tolist()])
        if arm.targets == "smoothed":
            truth = class_numbers(task, task.labelled)
            logits = smoothing_teacher(truth, len(task.classes), self.smoothing())
        elif arm.targets == "shuffled":
            logits = shuffle_wrong_classes(logits, generator)
        elif arm.targets == "swapped":
            logits = shuffle_texts(logits, generator)
        return TransferSet(texts, logits, task.labelled.labels if self.arm == "both" else ())

    def smoothing(self) -> float:
        """The label smoothing with the mean entropy of the teacher's targets at temperature 1, on labelled texts."""
        said = taught(self.task)[: len(transfer_task(self.task).labelled)]
        return smoothing_of_entropy(entropy(soft_targets(said, 1)).mean().item(), said.shape[1])

    @property
    def steps(self) -> int:
        return Recipe(epochs=EPOCHS[self.task], batch_size=BATCH).steps(len(transfer_task(self.task).labelled))

    def train(self, seed: int) -> tuple[trained.Model, History]:
        rate, dropout, batch_size = self.setting
        student = new_student(self.task, seed, dropout=dropout)
        history = distill(
            student,
            self.transfer_set(),
            DistillationLoss(self.temperature, ARMS[self.arm].share),
            Recipe(rate, batch_size=batch_size),
            steps=self.steps,
            seed=seed,
        )
        return student, history

    def validate(self, model: trained.Model) -> dict[str, float]:
        """The error rate and the loss on validation."""
        assert isinstance(model, SentenceClassifier)
        task = transfer_task(self.task)
        logits, truth = predict_logits(model, task.validation.texts), class_numbers(task, task.validation)
        error = (logits.argmax(dim=1) != truth).float().mean().item()
        return {
            "validation_error": round(error, 6),
            "validation_loss": round(F.cross_entropy(logits, truth).item(), 6),
        }

    def measure(self, model: trained.Model) -> dict[str, object]:
        assert isinstance(model, SentenceClassifier)
        arm = ARMS[self.arm]
        found: dict[str, object] = {
            "task": self.task,
            "arm": self.arm,
            **self.setting._asdict(),
            "epochs": EPOCHS[self.task],
            "labelled": len(transfer_task(self.task).labelled),
            "texts": len(self.transfer_set().texts),
            "share": arm.share,
            "temperature": self.temperature if arm.share else None,
        }
        if arm.targets == "smoothed":
            found["smoothing"] = round(self.smoothing(), 6)
        return found | {"tests": tests(self.task, model)}


def tests(task: TaskName, model: SentenceClassifier) -> dict[str, Any]:
    """What is measured on the test texts of a task, which have its name: no model takes both tests."""
    found = transfer_task(task)
    logits, said = (predict_logits(each, found.test.texts) for each in (model, teacher(task)))
    return {task: measures(logits, class_numbers(found, found.test), said)}


@dataclass
class TeacherRecipe:
    """The teacher of a task: the head of that of the topics is trained here, that of the reviews is stored."""

    task: TaskName

    @property
    def config(self) -> LinearConfig | SentenceConfig:
        """What the stored weights have."""
        if self.task == "reviews":
            return teacher("reviews").config
        return LinearConfig(load("minilm")[0].config.d_model, TOPICS)

    def train(self, seed: int) -> tuple[trained.Model, History]:
        if self.task == "reviews":
            return teacher("reviews"), History()
        model, self.strength = train_topic_head()
        return model, History()

    def measure(self, model: trained.Model) -> dict[str, object]:
        task = transfer_task(self.task)
        head = isinstance(model, LinearClassifier)
        whole = with_head(model) if isinstance(model, LinearClassifier) else model
        assert isinstance(whole, SentenceClassifier)
        logits, said = (predict_logits(whole, some.texts) for some in (task.test, task.labelled))
        return {
            "task": self.task,
            **({"strength": self.strength} if head else {}),
            "teacher_parameters": count_parameters(whole),
            "labelled_accuracy": (said.argmax(dim=1) == class_numbers(task, task.labelled)).float().mean().item(),
            "labelled_entropy": entropy(soft_targets(said, 1)).mean().item(),
            "tests": {self.task: measures(logits, class_numbers(task, task.test), logits)},
        }


# --- Sizes and times ---


def costs() -> dict[str, Any]:
    """Sizes of teacher and student of the reviews, and their processor time for one text and for 32, in turns."""
    models = {"teacher": teacher("reviews"), "student": new_student("reviews", 0).eval()}
    texts = draw(transfer_task("reviews").test.texts, 32)
    seconds: dict[str, dict[str, list[float]]] = {name: {} for name in models}
    for _turn in range(TURNS + 1):
        for name, model in models.items():
            for batch in (1, 32):
                start = time.process_time()
                predict_logits(model, texts[:batch])
                seconds[name].setdefault(str(batch), []).append(time.process_time() - start)
    found: dict[str, Any] = {"parameters": count_parameters(models["student"]), "turns": TURNS}
    for name, model in models.items():
        found[name] = {
            "parameters": count_parameters(model),
            "bytes": sum(weight.numel() * weight.element_size() for weight in model.parameters()),
            "milliseconds": {batch: median(times[1:]) * 1000 for batch, times in seconds[name].items()},
        }
    found["times_faster"] = {
        batch: trained.one_line(
            a / b for a, b in zip(seconds["teacher"][batch][1:], seconds["student"][batch][1:], strict=True)
        )
        for batch in seconds["teacher"]
    }
    return found | {"tests": {}}


def median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


# --- Command line ---


GRIDS = {f"reviews-{arm}": replace(GRID, budget={"epochs": EPOCHS["reviews"]}) for arm in ARMS}


def recipes() -> Mapping[str, StudentRecipe | TeacherRecipe | None]:
    """The teachers, the costs (None), and each arm of each task, those with a temperature of their own first."""
    tasks: tuple[TaskName, ...] = ("topics", "reviews")
    found: dict[str, StudentRecipe | TeacherRecipe | None] = {f"{task}-teacher": TeacherRecipe(task) for task in tasks}
    found["costs"] = None
    for task in tasks:
        found |= {
            f"{task}-{arm}": StudentRecipe(task, arm) for arm in ARMS if not (task == "reviews" and arm == "shuffled")
        }
    return found


@dataclass
class Done:
    """A recipe whose training the search has done: with the best rate, and the seed 0."""

    recipe: StudentRecipe
    model: trained.Model
    history: History

    def train(self, seed: int) -> tuple[trained.Model, History]:
        return self.model, self.history

    def measure(self, model: trained.Model) -> dict[str, object]:
        return self.recipe.measure(model)


def search(name: str, recipe: StudentRecipe) -> None:
    """Try the rates that have no row; where the best is among these, its model is that of the seed 0, and measured."""
    tried = {row["learning_rate"] for row in rows_of(name)}
    found: dict[float, tuple[Done, float]] = {}
    for rate in RATES:
        if rate in tried:
            continue
        setting = Setting(rate, DROPOUT, BATCH)
        with cpu_seconds() as seconds:
            model, history = recipe.with_setting(setting).train(SEED)
            spent = seconds()
            measured = recipe.validate(model)
        row = {"model": name, **setting._asdict(), "epochs": EPOCHS[recipe.task], **measured}
        trained.add_to_search(NAME, row | {"threads": torch.get_num_threads(), "cpu_seconds": seconds()})
        print(f"search {name}: {rate:g}, {measured}", flush=True)
        found[rate] = Done(recipe, model, history), spent
    if (best := recipe.setting.learning_rate) in found:
        done, spent = found[best]
        run(NAME, name, done, SEED)
        trained.save_record(NAME, name, SEED, trained.record_of(NAME, name, SEED) | {"cpu_seconds": round(spent, 3)})


def main() -> None:
    parser = argparse.ArgumentParser(prog=f"python -m experiments.{NAME}")
    parser.add_argument("models", nargs="*", help="which models (default: all students)")
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--threads", type=int, default=THREADS)
    parser.add_argument("--missing", action="store_true", help="leave out the runs that have a record")
    parser.add_argument("--search", action="store_true", help="search for the rate on validation")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    known = recipes()
    for name in arguments.models:
        if name not in known:
            parser.error(f"there is no model {name!r}; there are: {', '.join(known)}")
    students = [name for name, recipe in known.items() if isinstance(recipe, StudentRecipe)]
    names = arguments.models or students
    if arguments.search:
        for name in names:
            if isinstance(recipe := known[name], StudentRecipe):
                search(name, recipe)
        return
    for seed in arguments.seeds:
        for name in names:
            if arguments.missing and has_record(NAME, name, seed):
                continue
            recipe = known[name]
            if recipe is None:
                command = f"python -m experiments.{NAME} {name} --seeds 0 --threads {arguments.threads}"
                trained.save_record(NAME, name, 0, {"command": command} | costs())
            else:
                run(NAME, name, recipe, seed, keep_weights=name == "topics-teacher" and seed == 0)


if __name__ == "__main__":
    main()
