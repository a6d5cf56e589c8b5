"""Two tasks to distill on, with teacher and student: the topic of a description, eleven classes; reviews, two.

A task has texts with a label, others whose label nobody reads, and validation and test texts. The teacher of the topics
is MiniLM with a head on its mean state, trained on the labelled texts alone: what it says of the others it has not been
told. That of the reviews was fine-tuned on all of their training set, the unlabelled ones with their labels among them.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

import course
from course import trained
from course.bert import Bert, BertConfig
from course.data.encyclopedia import Article, encyclopedia
from course.data.overlap import disjoint, without_held_out
from course.data.splits import draw, split
from course.evaluation import expected_calibration_error
from course.fine_tuning import LabelledTexts, LinearClassifier, SentenceClassifier, features, predict_logits
from course.messages import _
from course.pretrained import load
from course.tasks.labelled import CLASSES, review_sets
from course.tokenization import WordPiece

TaskName = Literal["topics", "reviews"]
TOPICS = (
    "Arts",
    "Biology and health sciences",
    "Everyday life",
    "Geography",
    "History",
    "Mathematics",
    "People",
    "Philosophy and religion",
    "Physical sciences",
    "Society and social sciences",
    "Technology",
)
N_LABELLED = 2000  # texts of either task that have a label
LIMIT = 64  # tokens that teacher and student read
N_PIECES = 2000  # of the student's vocabulary
STRENGTHS = (0.01, 0.03, 0.1, 0.3, 1.0)  # of the head's logistic regression, one chosen on validation
TEACHERS = {"topics": "distillation/topics-teacher", "reviews": "fine_tuning/upper-all"}


@dataclass(frozen=True)
class TransferTask:
    """The texts of a task. `unlabelled` are training texts, too: no label of theirs is ever read."""

    classes: tuple[str, ...]
    labelled: LabelledTexts
    unlabelled: Sequence[str]
    validation: LabelledTexts
    test: LabelledTexts

    @property
    def training_texts(self) -> list[str]:
        """All texts that a student may read: those with a label first."""
        return [*self.labelled.texts, *self.unlabelled]


@functools.cache
def transfer_task(name: TaskName) -> TransferTask:
    """One of the two tasks. Raises `AssetError` when its data cannot be fetched, `ValueError` for another name."""
    if name not in TEACHERS:
        raise ValueError(
            _("There is no task {name!r}. There are: {known}.").format(name=name, known=", ".join(TEACHERS))
        )
    return _topics() if name == "topics" else _reviews()


def _topics() -> TransferTask:
    """Descriptions of articles ("Species of flatfish"), each once, none in two sets; those without a topic left out.

    Of articles that share a description the first counts.
    """
    first: dict[str, Article] = {}
    for article in encyclopedia():
        if article.description and article.topic in TOPICS:
            first.setdefault(article.description.casefold(), article)
    train, validation, test = split(
        first.values(), lambda article: article.description.casefold(), validation=0.1, test=0.25
    )

    def text(article: Article) -> str:
        return article.description

    train, (validation, test) = disjoint(
        without_held_out(train, validation, test, text=text),
        validation,
        test,
        text=text,
        names=("training", "validation", "test"),
    )
    labelled, unlabelled = _some_labelled(train)
    return TransferTask(
        TOPICS,
        LabelledTexts([text(one) for one in labelled], [one.topic for one in labelled], "training"),
        [text(one) for one in unlabelled],
        LabelledTexts([text(one) for one in validation], [one.topic for one in validation], "validation"),
        LabelledTexts([text(one) for one in test], [one.topic for one in test], "test"),
    )


def _reviews() -> TransferTask:
    sets = review_sets()
    numbers = list(range(len(sets.training)))
    labelled, unlabelled = _some_labelled(numbers)
    return TransferTask(
        CLASSES,
        sets.training.only(labelled),
        [sets.training.texts[number] for number in unlabelled],
        sets.validation,
        sets.test,
    )


def _some_labelled(items: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    places = draw(range(len(items)), N_LABELLED)
    chosen = set(places)
    return [items[place] for place in places], [item for place, item in enumerate(items) if place not in chosen]


# --- Teachers ---


def train_topic_head() -> tuple[LinearClassifier, float]:
    """Logistic regression on MiniLM's mean states of the labelled descriptions, and its strength.

    The strength is that with the lowest loss on validation.
    """
    task = transfer_task("topics")
    body = _on_minilm()
    x, held_out = (features(body, some.texts) for some in (task.labelled, task.validation))
    found: list[tuple[float, float, LinearClassifier]] = []
    for strength in STRENGTHS:
        head = LinearClassifier(x.shape[1], TOPICS)
        head.fit(x, class_numbers(task, task.labelled), strength=strength)
        with torch.no_grad():
            loss = F.cross_entropy(head(held_out), class_numbers(task, task.validation)).item()
        found.append((loss, strength, head))
    _loss, strength, head = min(found, key=lambda one: one[:2])
    return head, strength


def with_head(head: LinearClassifier) -> SentenceClassifier:
    """MiniLM with this head of more than two classes."""
    model = _on_minilm()
    with torch.no_grad():
        cast(torch.nn.Linear, model.head).weight.copy_(head.weight)
        cast(torch.nn.Linear, model.head).bias.copy_(head.bias)
    return model


def _on_minilm() -> SentenceClassifier:
    return SentenceClassifier(*load("minilm"), TOPICS, limit=LIMIT, dropout=0.0).eval()


@functools.cache
def teacher(name: TaskName) -> SentenceClassifier:
    """The teacher of a task, in eval mode, with the weights that are stored; none of them asks for a gradient."""
    found = trained.load(TEACHERS[name])
    model = with_head(found) if isinstance(found, LinearClassifier) else cast(SentenceClassifier, found)
    return model.requires_grad_(False).eval()


@functools.cache
def taught(name: TaskName) -> Float[Tensor, "text class"]:
    """The teacher's logits of all training texts, the labelled ones first: computed once in a process."""
    return predict_logits(teacher(name), transfer_task(name).training_texts)


# --- Students ---


@functools.cache
def student_tokenizer(name: TaskName) -> WordPiece:
    """A vocabulary of `N_PIECES`, learned from the training texts of the task, with a label or without."""
    return WordPiece.train("\n".join(transfer_task(name).training_texts), N_PIECES)


def new_student(name: TaskName, seed: int, *, dropout: float = 0.1) -> SentenceClassifier:
    """An encoder of two blocks, 128 wide, its weights drawn: about half a million, a fortieth of the teacher's."""
    generator = torch.Generator().manual_seed(seed)
    tokenizer = student_tokenizer(name)
    config = BertConfig(tokenizer.vocab_size, LIMIT, d_model=128, n_layers=2, n_heads=4, d_ff=256, dropout=dropout)
    body = Bert(config, generator).to(course.device())
    classes = transfer_task(name).classes
    return SentenceClassifier(body, tokenizer, classes, limit=LIMIT, dropout=dropout, generator=generator)


# --- Measures ---


def class_numbers(task: TransferTask, some: LabelledTexts) -> Tensor:
    """The number of each label's class."""
    return torch.tensor([task.classes.index(label) for label in some.labels])


def measures(
    logits: Float[Tensor, "text class"], truth: Tensor, of_teacher: Float[Tensor, "text class"]
) -> dict[str, Any]:
    """Accuracy, loss and calibration, how often student and teacher agree, and each text's errors, for intervals.

    `second_agreement` is how often both have the same class in the second place, of the texts where they agree on the
    first: what a student can only know from the ranking of the wrong classes. `teacher_divergence` is KL(teacher ‖
    student) at temperature 1.
    """
    predicted, said = logits.argmax(dim=-1), of_teacher.argmax(dim=-1)
    confidence = logits.softmax(dim=-1).amax(dim=-1).numpy()
    right, agree = (predicted == truth).numpy(), (predicted == said).numpy()
    second = (logits.topk(2).indices == of_teacher.topk(2).indices).all(dim=-1).numpy()
    divergence = F.kl_div(logits.log_softmax(-1), of_teacher.log_softmax(-1), reduction="batchmean", log_target=True)
    return {
        "accuracy": float(right.mean()),
        "error_rate": float(1 - right.mean()),
        "log_loss": F.cross_entropy(logits, truth).item(),
        "calibration_error": expected_calibration_error(right, confidence, bins="mass"),
        "mean_confidence": float(confidence.mean()),
        "agreement": float(agree.mean()),
        "second_agreement": float(second.sum() / max(agree.sum(), 1)),
        "teacher_divergence": divergence.item(),
        "items": {
            "errors": trained.one_line((~right).astype(int).tolist()),
            "symbols": trained.one_line([1] * len(right)),
            "disagreements": trained.one_line((~agree).astype(int).tolist()),
            "confidence": trained.one_line(confidence.astype(float).round(4).tolist()),
        },
    }
