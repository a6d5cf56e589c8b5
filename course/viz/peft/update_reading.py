"""What a trained LoRA adds to a matrix, cut and scaled, and what becomes of a text's answer."""

from collections.abc import Mapping
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from course.fine_tuning import AnyClassifier, predict_logits
from course.messages import _
from course.peft import Attached
from course.peft.updates import changed_updates, kept_share, lora_parts, singular_values
from course.viz.peft.place_names import readable_place

WITHOUT, CHANGED, TRAINED = _("without LoRA"), _("cut and scaled"), _("as trained")


class UpdateReading(NamedTuple):
    """ΔW of one matrix beside those of the others, and the logits of a text without it, with it changed, and with it.

    `values` are the singular values as trained; the first `rank` of them are kept, and ΔW is then `factor` times as
    large. `share` is what that rank keeps of ‖ΔW‖² over all `n_places` matrices, before scaling, `largest` the largest
    singular value of any of them, and the norms are Frobenius's.
    """

    place: str  # in words
    values: tuple[float, ...]
    rank: int
    factor: float
    share: float
    n_places: int
    largest: float
    frozen_norm: float
    classes: tuple[str, ...]
    logits: Mapping[str, Float[Tensor, "class"]]

    @property
    def probabilities(self) -> dict[str, list[float]]:
        """Of each class, in the three states of the model."""
        return {state: logits.softmax(dim=-1).tolist() for state, logits in self.logits.items()}

    @property
    def place_share(self) -> float | None:
        """What the rank keeps of ‖ΔW‖² of this matrix alone; None where that is 0."""
        squares = [value**2 for value in self.values]
        return sum(squares[: self.rank]) / sum(squares) if any(squares) else None

    @property
    def trained_norm(self) -> float:
        """‖ΔW‖ of this matrix as trained."""
        return torch.tensor(self.values, dtype=torch.double).norm().item()

    @property
    def changed_norm(self) -> float:
        """‖ΔW‖ of this matrix, cut and scaled."""
        return self.factor * torch.tensor(self.values[: self.rank], dtype=torch.double).norm().item()


class ChangedAnswers:
    """The logits of a classifier with every ΔW cut and scaled, each computed once while text and weights stay."""

    def __init__(self, attached: Attached, model: AnyClassifier) -> None:
        self.attached, self.model = attached, model
        self._of: tuple[object, ...] | None = None
        self._known: dict[tuple[int, float], Float[Tensor, "class"]] = {}

    def logits(self, text: str, rank: int, factor: int | float) -> Float[Tensor, "class"]:
        """Raises `ValueError` as `changed_updates` does."""
        now = (
            text,
            *map(_version, self.model.parameters()),
            *(part.scale for part in lora_parts(self.attached).values()),
        )
        if now != self._of:
            self._of, self._known = now, {}
        key = (rank, float(factor))
        if key not in self._known:
            with changed_updates(self.attached, rank=rank, factor=factor):
                self._known[key] = predict_logits(self.model, [text])[0]
        return self._known[key]


def _version(weight: Tensor) -> tuple[int, int]:
    """Another one after a change in place, which a tensor of inference mode does not count."""
    return id(weight), 0 if weight.is_inference() else weight._version


def read_update(answers: ChangedAnswers, text: str, *, place: str, rank: int, factor: int | float) -> UpdateReading:
    """Compute all of it; the LoRA is as before afterwards. Raises `ValueError` as `changed_updates` does."""
    parts = lora_parts(answers.attached)
    values = {name: singular_values(part) for name, part in parts.items()}
    whole = max(map(len, values.values()))
    states = {WITHOUT: (whole, 0), CHANGED: (rank, factor), TRAINED: (whole, 1)}
    logits = {state: answers.logits(text, kept, times) for state, (kept, times) in states.items()}
    return UpdateReading(
        place=readable_place(place),
        values=tuple(values[place].tolist()),
        rank=rank,
        factor=float(factor),
        share=kept_share(values.values(), rank),
        n_places=len(parts),
        largest=max(each[0].item() for each in values.values()),
        frozen_norm=parts[place].base.weight.detach().float().norm().item(),
        classes=answers.model.classes,
        logits=logits,
    )
