"""The nine tasks of GLUE and its diagnostic set: fields, classes, files, sizes, and what each source numbers 0, 1, 2.

Sources of the facts: the data card and the loading script of the hub's nyu-mll/glue; nyu-mll/GLUE-baselines,
src/tasks.py and download_glue_data.py; google-research/bert, run_classifier.py.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from course.messages import _

HIDDEN = -1  # the label of an item whose label is not public, on the hub
SCORE_RANGE = (0.0, 5.0)  # of STS-B
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")  # `float` reads "1_0" and " ٣ ", too


def score_in_file(text: str) -> float | None:
    """The score of STS-B that a file has; None for what is no plain number from 0 to 5."""
    number = float(text) if _NUMBER.fullmatch(text) else math.nan
    return number if SCORE_RANGE[0] <= number <= SCORE_RANGE[1] else None


@dataclass(frozen=True)
class GlueItem:
    """One text or two, and the number of the class in the hub's order, or a score; None where the label is hidden.

    `number` is the item's index: that of its row in the file, and in a test set that of its prediction.
    """

    number: int
    texts: tuple[str, ...]
    label: int | float | None


@dataclass(frozen=True)
class GlueTask:
    """A task as its files have it.

    `name` is the hub's, `short_name` GLUE's own: its folder, and its file of predictions. `fields` are the texts of
    an item on the hub, `columns` the same in GLUE's own files, whose labels are names where `names_in_files`, else
    numbers. `classes` are in the hub's order, and empty where the label is a score. `sizes` are the items of each
    split.
    """

    name: str
    short_name: str
    question: str
    fields: tuple[str, ...]
    columns: tuple[str, ...]
    label_column: str
    classes: tuple[str, ...]
    sizes: Mapping[str, int]
    names_in_files: bool = False
    other_orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def is_score(self) -> bool:
        return not self.classes

    def split(self, name: str) -> str:
        """The name, if there is such a split. Raises `ValueError` otherwise."""
        if name not in self.sizes:
            raise ValueError(
                _("{task} has no split {name!r}. It has: {known}.").format(
                    task=self.short_name, name=name, known=", ".join(self.sizes)
                )
            )
        return name

    def class_name(self, label: int | float) -> str:
        """The name of a class of this number, in the hub's order. Raises `ValueError` where there is none."""
        if self.is_score:
            raise ValueError(_("{task} has scores, and no classes.").format(task=self.short_name))
        if label not in range(len(self.classes)):
            raise ValueError(
                _("{task} has no class {label}: its classes are 0 to {last}.").format(
                    task=self.short_name, label=label, last=len(self.classes) - 1
                )
            )
        return self.classes[int(label)]


_SENTENCES = ("sentence1", "sentence2")
_NLI = ("entailment", "neutral", "contradiction")
_ENTAILED = ("entailment", "not_entailment")
_NOT_FIRST = {"baselines": ("not_entailment", "entailment")}


def _sizes(train: int, validation: int, test: int) -> dict[str, int]:
    return {"train": train, "validation": validation, "test": test}


GLUE_TASKS: Mapping[str, GlueTask] = {
    task.name: task
    for task in (
        GlueTask(
            name="cola",
            short_name="CoLA",
            question=_("Is the sentence acceptable English?"),
            fields=("sentence",),
            columns=("sentence",),
            label_column="is_acceptable",
            classes=("unacceptable", "acceptable"),
            sizes=_sizes(8_551, 1_043, 1_063),
        ),
        GlueTask(
            name="sst2",
            short_name="SST-2",
            question=_("Is the sentence of a movie review positive?"),
            fields=("sentence",),
            columns=("sentence",),
            label_column="label",
            classes=("negative", "positive"),
            sizes=_sizes(67_349, 872, 1_821),
        ),
        GlueTask(
            name="mrpc",
            short_name="MRPC",
            question=_("Do two sentences of news say the same?"),
            fields=_SENTENCES,
            columns=("#1 String", "#2 String"),
            label_column="Quality",
            classes=("not_equivalent", "equivalent"),
            sizes=_sizes(3_668, 408, 1_725),
        ),
        GlueTask(
            name="stsb",
            short_name="STS-B",
            question=_("How similar are two sentences, from 0 to 5?"),
            fields=_SENTENCES,
            columns=_SENTENCES,
            label_column="score",
            classes=(),
            sizes=_sizes(5_749, 1_500, 1_379),
        ),
        GlueTask(
            name="qqp",
            short_name="QQP",
            question=_("Do two questions ask the same?"),
            fields=("question1", "question2"),
            columns=("question1", "question2"),
            label_column="is_duplicate",
            classes=("not_duplicate", "duplicate"),
            sizes=_sizes(363_846, 40_430, 390_965),
        ),
        GlueTask(
            name="mnli",
            short_name="MNLI",
            question=_("Does the premise entail the hypothesis, contradict it, or neither?"),
            fields=("premise", "hypothesis"),
            columns=_SENTENCES,
            label_column="gold_label",
            classes=_NLI,
            sizes={
                "train": 392_702,
                "validation_matched": 9_815,
                "validation_mismatched": 9_832,
                "test_matched": 9_796,
                "test_mismatched": 9_847,
            },
            names_in_files=True,
            other_orders={
                "baselines": ("neutral", "entailment", "contradiction"),
                "bert": ("contradiction", "entailment", "neutral"),
            },
        ),
        GlueTask(
            name="qnli",
            short_name="QNLI",
            question=_("Does the sentence hold the answer to the question?"),
            fields=("question", "sentence"),
            columns=("question", "sentence"),
            label_column="label",
            classes=_ENTAILED,
            sizes=_sizes(104_743, 5_463, 5_463),
            names_in_files=True,
            other_orders=_NOT_FIRST,
        ),
        GlueTask(
            name="rte",
            short_name="RTE",
            question=_("Does the first text entail the second?"),
            fields=_SENTENCES,
            columns=_SENTENCES,
            label_column="label",
            classes=_ENTAILED,
            sizes=_sizes(2_490, 277, 3_000),
            names_in_files=True,
            other_orders=_NOT_FIRST,
        ),
        GlueTask(
            name="wnli",
            short_name="WNLI",
            question=_("Does the sentence still hold with its pronoun replaced?"),
            fields=_SENTENCES,
            columns=_SENTENCES,
            label_column="label",
            classes=("not_entailment", "entailment"),
            sizes=_sizes(635, 71, 146),
        ),
    )
}
"""The nine tasks by the hub's names, in the order of GLUE's table. WNLI is Winograd NLI, not a part of WikiText."""

DIAGNOSTIC = GlueTask(
    name="ax",
    short_name="AX",
    question=_("Does the premise entail the hypothesis, contradict it, or neither?"),
    fields=("premise", "hypothesis"),
    columns=_SENTENCES,
    label_column="label",
    classes=_NLI,
    sizes={"test": 1_104},
    names_in_files=True,
)
"""GLUE's diagnostic set: predicted by the model of MNLI, and no part of the score."""

SOURCES = ("hub", "files", "baselines", "bert")
IN_BERT = ("cola", "mnli", "mrpc")  # the tasks of GLUE that the code of Devlin et al. has a processor for


def glue_task(name: str) -> GlueTask:
    """The task, or the diagnostic set "ax". Raises `ValueError` for another name."""
    known = {**GLUE_TASKS, DIAGNOSTIC.name: DIAGNOSTIC}
    if name not in known:
        raise ValueError(
            _("There is no GLUE task named {name!r}. There are: {known}.").format(name=name, known=", ".join(known))
        )
    return known[name]


def label_order(name: str, source: str = "hub") -> tuple[str, ...]:
    """The classes of a task in the order in which a source numbers them; empty for STS-B, whose labels are scores.

    "hub": nyu-mll/glue; "files": GLUE's own files, where they hold numbers; "baselines": the authors' first code;
    "bert": the code of Devlin et al. 2019, which numbers MNLI in a third way. Raises `ValueError` for another source,
    for "files" of a task whose files hold names, and for "bert" of a task that this code does not have.
    """
    task = glue_task(name)
    if source not in SOURCES:
        raise ValueError(
            _("There is no source {name!r} of label orders. There are: {known}.").format(
                name=source, known=", ".join(SOURCES)
            )
        )
    if source == "files" and task.names_in_files:
        raise ValueError(
            _("The files of {task} hold the names of the classes, and no numbers: their order is the reader's.").format(
                task=task.short_name
            )
        )
    if source == "bert" and name not in IN_BERT:
        raise ValueError(
            _("BERT's code has no {task}. Of GLUE it has {known}.").format(
                task=task.short_name, known=", ".join(glue_task(one).short_name for one in IN_BERT)
            )
        )
    return task.other_orders.get(source, task.classes)


def sources_of(name: str) -> tuple[str, ...]:
    """The sources that number the classes of a task. Raises `ValueError` for a task that is not there."""
    task = glue_task(name)
    without = {"files": task.names_in_files, "bert": name not in IN_BERT}
    return tuple(source for source in SOURCES if not without.get(source, False))


def renumbered(name: str, labels: Sequence[int], given: str, wanted: str = "hub") -> list[int]:
    """The labels of a task as another source numbers them; hidden ones, -1, stay.

    Raises `ValueError` for a number without a class, for STS-B, and as `label_order` does.
    """
    task, names, new = glue_task(name), label_order(name, given), label_order(name, wanted)
    for one in set(labels) - {HIDDEN}:
        task.class_name(one)
    return [HIDDEN if one == HIDDEN else new.index(names[one]) for one in labels]
