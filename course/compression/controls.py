"""Controls for distillation: teachers that know less, to see which part of the soft targets a student gains from."""

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

from course.compression.soft_targets import require_logits
from course.layers.sizes import require_whole
from course.messages import _


def smoothing_of_entropy(entropy: float, n_classes: int) -> float:
    """The label smoothing ε whose targets have this entropy, in nats.

    The targets are 1 − ε for the label plus ε / the number of classes for each class. Raises `ValueError` for fewer
    than two classes, and for an entropy outside 0 to ln of their number, which ε = 1 has.
    """
    require_whole(n_classes, "n_classes", least=2)
    most = math.log(n_classes)
    if not 0 <= entropy <= most:
        raise ValueError(
            _("The entropy is {value} nats; of {n} classes it is from 0 to {most:.4g}.").format(
                value=entropy, n=n_classes, most=most
            )
        )
    low, high = 0.0, 1.0
    for _halving in range(60):
        middle = (low + high) / 2
        other = middle / n_classes
        label = 1 - middle + other
        found = -label * math.log(label) - ((n_classes - 1) * other * math.log(other) if other else 0.0)
        low, high = (middle, high) if found < entropy else (low, middle)
    return (low + high) / 2


def smoothing_teacher(labels: Int[Tensor, "row"], n_classes: int, smoothing: float) -> Float[Tensor, "row class"]:
    """The logits of a teacher who knows the label and nothing else: distilled at temperature 1, it is label smoothing.

    Raises `ValueError` for a smoothing outside 0 to 1, both excluded, and for a label that is no class.
    """
    require_whole(n_classes, "n_classes", least=2)
    if not 0 < smoothing < 1:
        raise ValueError(_("smoothing is {value}; it must be above 0 and below 1.").format(value=smoothing))
    if ((labels < 0) | (labels >= n_classes)).any():
        raise ValueError(_("The labels are not all from 0 to {last}.").format(last=n_classes - 1))
    other = smoothing / n_classes
    logits = torch.full((len(labels), n_classes), math.log(other))
    logits[torch.arange(len(labels)), labels] = math.log(1 - smoothing + other)
    return logits


def shuffle_wrong_classes(
    logits: Float[Tensor, "row class"], generator: torch.Generator | None = None
) -> Float[Tensor, "row class"]:
    """Each row with its best class as it is and the logits of all others in a drawn order.

    So confidence and entropy stay, and what the teacher knows of the other classes is gone. With two classes it
    changes nothing. Raises `ValueError` as `require_logits` does.
    """
    require_logits(logits, "logits")
    n_rows, n_classes = logits.shape
    best = logits.argmax(dim=1)
    others = torch.stack([torch.arange(n_classes) != number for number in best.tolist()]).nonzero()[:, 1]
    others = others.reshape(n_rows, n_classes - 1)
    order = torch.rand(n_rows, n_classes - 1, generator=generator).argsort(dim=1)
    shuffled = logits.clone()
    return shuffled.scatter_(1, others, logits.gather(1, others.gather(1, order)))


def shuffle_texts(
    logits: Float[Tensor, "row class"], generator: torch.Generator | None = None
) -> Float[Tensor, "row class"]:
    """The rows in a drawn order, each the teacher's word on another text: what is left is how often it says what.

    Raises `ValueError` as `require_logits` does.
    """
    require_logits(logits, "logits")
    return logits[torch.randperm(len(logits), generator=generator)]
