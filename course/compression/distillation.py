"""The loss of distillation: a student learns what a teacher says of all classes, and the label where there is one."""

from dataclasses import dataclass
from numbers import Real
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from course.bert.inputs import IGNORED
from course.compression.soft_targets import centred, log_soft_targets, require_logits, require_temperature
from course.layers.attention import require_bool
from course.messages import _

MOST_IN_FLOAT32 = 32  # the highest temperature; beyond, T² times what is rounded off would be seen


def distillation_loss(
    student: Float[Tensor, "*row class"],
    teacher: Float[Tensor, "*row class"],
    temperature: int | float,
    mask: Bool[Tensor, "*row"] | None = None,
) -> Float[Tensor, ""]:
    """T² · KL(teacher ‖ student) of the soft targets at temperature T: summed over classes, the mean over rows.

    A row is a text, or a token of a text; only rows where `mask` is True count, so that padding does not. The
    gradients of soft targets shrink as 1 / T²: T² makes up for it, and a share of the loss means the same at each T.
    The mean is that of PyTorch's "batchmean"; "mean" would divide by the number of classes, too. The student alone
    gets a gradient.

    Raises `ValueError` as `require_temperature` does, for logits of unequal shapes or not finite, and for a mask that
    leaves no row.

    Source: Hinton, Vinyals and Dean 2015, section 2.
    """
    require_temperature(temperature)
    student, teacher = _rows(student, teacher, mask)
    if temperature > MOST_IN_FLOAT32:
        dtype = torch.promote_types(student.dtype, torch.float32)
        return _divergence(student.double(), teacher.double(), temperature).to(dtype)
    return _divergence(student, teacher, temperature)


def _divergence(student: Tensor, teacher: Tensor, temperature: int | float) -> Tensor:
    log_student, log_teacher = (log_soft_targets(logits, temperature) for logits in (student, teacher))
    divergence = (log_teacher.exp() * (log_teacher - log_student)).sum(dim=-1)
    return temperature**2 * divergence.mean()


def logit_matching_loss(
    student: Float[Tensor, "*row class"],
    teacher: Float[Tensor, "*row class"],
    mask: Bool[Tensor, "*row"] | None = None,
) -> Float[Tensor, ""]:
    """½ · the squared distance of the centred logits, the mean over classes and rows: `distillation_loss` for T → ∞.

    The gradient of a row of N classes is (z − v) / N, with z and v the centred logits of student and teacher. Raises
    `ValueError` as `distillation_loss` does.

    Source: Hinton, Vinyals and Dean 2015, section 2.1, equation 4 (there without T²).
    """
    student, teacher = _rows(student, teacher, mask)
    return (centred(student) - centred(teacher)).square().mean() / 2


@dataclass(frozen=True)
class DistillationLoss:
    """`share` · the distillation loss at a temperature + (1 − `share`) · cross-entropy with labels, at temperature 1.

    With a share of 1 no label is read, with 0 no teacher. Raises `ValueError` as `require_temperature` does and for a
    share outside 0 to 1.
    """

    temperature: int | float
    share: int | float

    def __post_init__(self) -> None:
        require_temperature(self.temperature)
        if not isinstance(self.share, Real) or not 0 <= self.share <= 1:
            raise ValueError(
                _("share is {value!r}; it is the part of the soft targets in the loss, from 0 to 1.").format(
                    value=self.share
                )
            )

    def __call__(
        self,
        student: Float[Tensor, "*row class"],
        teacher: Float[Tensor, "*row class"] | None = None,
        labels: Int[Tensor, "*row"] | None = None,
        mask: Bool[Tensor, "*row"] | None = None,
    ) -> Float[Tensor, ""]:
        """The loss of a batch. Rows whose label is `IGNORED` have soft targets alone.

        Cross-entropy is the mean over the rows with a label, and 0 where no row has one. Raises `ValueError` for a part
        of the loss that is missing, a label without a class, and as `distillation_loss` does, and `TypeError` for
        labels that are no whole numbers.
        """
        parts = []
        if self.share > 0:
            parts.append(self.share * distillation_loss(student, _given(teacher, "teacher"), self.temperature, mask))
        if self.share < 1:
            parts.append((1 - self.share) * _cross_entropy(student, _given(labels, "labels"), mask))
        return torch.stack(parts).sum()


def teacher_logits(teacher: nn.Module, *inputs: Any) -> Float[Tensor, "*row class"]:
    """What a teacher says of inputs: in eval mode, since dropout would change its mind at each step, and no gradient.

    Neither its weights nor its mode are changed. Raises `ValueError` for a logit that is not finite.
    """
    was_training = teacher.training
    teacher.eval()
    try:
        with torch.no_grad():
            logits = teacher(*inputs)
    finally:
        teacher.train(was_training)
    require_logits(logits, "teacher")
    return logits


def _given(part: Tensor | None, name: str) -> Tensor:
    if part is None:
        raise ValueError(
            _("{name} is missing: a share of 1 needs no labels, one of 0 no teacher, any other both.").format(name=name)
        )
    return part


def _cross_entropy(student: Tensor, labels: Tensor, mask: Tensor | None) -> Tensor:
    require_logits(student, "student")
    if labels.shape != student.shape[:-1]:
        raise ValueError(
            _("labels has the shape {shape} and student has {student}; give one label for each row.").format(
                shape=list(labels.shape), student=list(student.shape)
            )
        )
    if labels.is_floating_point() or labels.is_complex() or labels.dtype == torch.bool:
        raise TypeError(
            _("labels is of the type {dtype}; give the numbers of the classes: torch.long.").format(dtype=labels.dtype)
        )
    counted = labels != IGNORED
    if mask is not None:
        counted = counted & _checked(mask, student)
    if not counted.any():
        return student.sum() * 0.0
    student, labels = student[counted], labels[counted].long()
    wrong = labels[(labels < 0) | (labels >= student.shape[-1])]
    if len(wrong):
        raise ValueError(
            _("One of labels is {label}; the classes are 0 to {last}, and {ignored} is no label.").format(
                label=wrong[0].item(), last=student.shape[-1] - 1, ignored=IGNORED
            )
        )
    return F.cross_entropy(student.float(), labels)


def _rows(student: Tensor, teacher: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
    """The rows that count, the teacher's without a gradient. Raises `ValueError` before anything is computed."""
    if student.shape != teacher.shape:
        raise ValueError(
            _(
                "student has the shape {student} and teacher has {teacher}; give logits of the same rows and classes."
            ).format(student=list(student.shape), teacher=list(teacher.shape))
        )
    if mask is not None:
        mask = _checked(mask, student)
        student, teacher = student[mask], teacher[mask]
    require_logits(student, "student")
    require_logits(teacher, "teacher")
    return student, teacher.detach()


def _checked(mask: Tensor, student: Tensor) -> Tensor:
    require_bool(mask)
    if mask.shape != student.shape[:-1]:
        raise ValueError(
            _("mask has the shape {mask} and student has {student}; give one True or False for each row.").format(
                mask=list(mask.shape), student=list(student.shape)
            )
        )
    if not mask.any():
        raise ValueError(_("The mask leaves no row: a mean over none is no number."))
    return mask
