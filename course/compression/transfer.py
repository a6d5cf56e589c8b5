"""Training a student: on texts with what a teacher says of them, computed once, and labels where there are any."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course.bert.inputs import IGNORED
from course.compression.distillation import DistillationLoss
from course.compression.soft_targets import require_logits, soft_targets
from course.fine_tuning import Recipe, Row, SentenceClassifier, parameter_groups, predict_logits
from course.fine_tuning.inputs import require_list
from course.messages import _
from course.training import History, ShuffledBatches, linear_schedule, train


class TransferRow(NamedTuple):
    """A text as ids, the teacher's logits for it, which may be empty, and the number of its class or `IGNORED`."""

    row: Row
    logits: Tensor
    label: int


@dataclass(frozen=True, eq=False)
class TransferSet:
    """Texts to distill on: the teacher's logits for each, and its label, a class's name, or None where it has none.

    Without `logits` there is no teacher, without `labels` no label. Raises `ValueError` for no text, for other numbers
    of logits or labels than of texts, and for logits that are not finite; `TypeError` for texts or labels that are no
    list of texts, and for logits that are no tensor of floating-point numbers.
    """

    texts: Sequence[str]
    logits: Float[Tensor, "text class"] | None = None
    labels: Sequence[str | None] = field(default=())

    def __post_init__(self) -> None:
        require_list(self.texts)
        _require_texts(self.texts, _("texts"), (str,))
        _require_texts(self.labels, _("labels"), (str, type(None)))
        if self.logits is not None and not (isinstance(self.logits, Tensor) and self.logits.is_floating_point()):
            raise TypeError(
                _("logits is of the type {kind}; give a tensor of floating-point numbers: torch.tensor(...).").format(
                    kind=getattr(self.logits, "dtype", type(self.logits).__name__)
                )
            )
        if not len(self.texts):
            raise ValueError(_("There are no texts. Give one or more."))
        counts = {_("labels"): len(self.labels) or len(self.texts)}
        if self.logits is not None:
            require_logits(self.logits, "logits")
            if self.logits.ndim != 2:
                raise ValueError(
                    _("logits has the shape {shape}; give a row of logits for each text.").format(
                        shape=list(self.logits.shape)
                    )
                )
            counts[_("rows of logits")] = len(self.logits)
        for name, count in counts.items():
            if count != len(self.texts):
                raise ValueError(
                    _("There are {texts} texts and {count} {name}; each text needs one.").format(
                        texts=len(self.texts), count=count, name=name
                    )
                )

    def rows(self, student: SentenceClassifier) -> list[TransferRow]:
        """What the student's training reads. Raises `ValueError` for a label, or a number of logits, it does not have.

        A student has to have the classes of its teacher, in the same order.
        """
        if self.logits is not None and self.logits.shape[1] != len(student.classes):
            raise ValueError(
                _("The teacher has {teacher} classes and the student {student}; they must be the same.").format(
                    teacher=self.logits.shape[1], student=len(student.classes)
                )
            )
        logits = torch.empty(len(self.texts), 0) if self.logits is None else self.logits.cpu()
        labels = self.labels or [None] * len(self.texts)
        numbers = [IGNORED if label is None else student.class_number(label) for label in labels]
        return [
            TransferRow(student.row(text), of_text, number)
            for text, of_text, number in zip(self.texts, logits, numbers, strict=True)
        ]


def _require_texts(found: object, name: str, kinds: tuple[type, ...]) -> None:
    wrong = [found]
    if isinstance(found, Sequence) and not isinstance(found, str):
        wrong = [one for one in found if not isinstance(one, kinds)]
    if wrong:
        raise TypeError(
            _("{name} is or has {value}, of the type {kind}; give a list of texts.").format(
                name=name, value=repr(wrong[0])[:60], kind=type(wrong[0]).__name__
            )
        )


def distill(
    student: SentenceClassifier,
    transfer: TransferSet,
    loss: DistillationLoss,
    recipe: Recipe,
    *,
    steps: int | None = None,
    seed: int = 0,
) -> History:
    """Train a student, and leave it in eval mode. The teacher is not here: what it says is in the transfer set.

    `steps` is the number of steps in the place of the recipe's epochs, for sets of unequal sizes that shall cost the
    same. Raises `ValueError` as `TransferSet.rows` and `DistillationLoss` do.
    """
    rows = transfer.rows(student)
    batches = ShuffledBatches(rows, recipe.batch_size, list, seed=seed, length=lambda item: len(item.row.ids))
    steps = math.ceil(recipe.epochs * len(batches)) if steps is None else steps

    def loss_of(_model: nn.Module, batch: list[TransferRow]) -> Tensor:
        logits = student(student.batch([item.row for item in batch]))
        taught = None if transfer.logits is None else torch.stack([item.logits for item in batch]).to(logits.device)
        labels = torch.tensor([item.label for item in batch], device=logits.device)
        return loss(logits, taught, labels if transfer.labels else None)

    return train(
        student,
        batches,
        loss_of,
        torch.optim.AdamW(parameter_groups(student, recipe.weight_decay), lr=recipe.learning_rate, fused=True),
        steps=steps,
        seed=seed,
        learning_rate=linear_schedule(recipe.learning_rate, steps, max(1, round(recipe.warmup * steps))),
        max_gradient_norm=recipe.max_gradient_norm,
    )


class SideBySide(NamedTuple):
    """What teacher and student say of one text at a temperature: probabilities, in the order of `classes`."""

    classes: tuple[str, ...]
    teacher: Float[Tensor, "class"]
    student: Float[Tensor, "class"]


def side_by_side(
    text: str, teacher: SentenceClassifier, student: SentenceClassifier, temperature: int | float
) -> SideBySide:
    """The soft targets of both for a text: the order of the classes stays as the temperature changes.

    Raises `ValueError` for a temperature that is not above 0, and for models of other classes.
    """
    if teacher.classes != student.classes:
        raise ValueError(
            _("The teacher's classes are {teacher} and the student's {student}; give two models of the same.").format(
                teacher=", ".join(teacher.classes), student=", ".join(student.classes)
            )
        )
    both = [soft_targets(predict_logits(model, [text])[0], temperature) for model in (teacher, student)]
    return SideBySide(teacher.classes, *both)
