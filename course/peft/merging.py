"""Parts that add to a linear layer what a linear layer can hold: merged, a prediction is one product as before."""

import copy
from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course.layers.sizes import require_whole
from course.messages import _
from course.peft.attaching import Attached
from course.peft.autocast import casts, without_casts
from course.peft.method import Part


class MergeablePart(Part):
    """A frozen linear layer and what a method adds to it.

    In training, and wherever gradients are recorded, the two are computed apart. In eval mode without gradients one
    layer takes their place, with the sum of their matrices. That layer is kept until a tensor that it was made of has
    changed, or the part is trained again or taken off. Below float32, and under autocast, the two stay apart: the
    rounded sum can lose what the method adds. So they do where writes to the frozen matrix are not counted, as it was
    made in inference mode.
    """

    base: nn.Linear
    scale: int | float  # a number that the matrix depends on

    def __init__(self, base: nn.Linear, rank: int) -> None:
        """Raises `TypeError` for another layer, `ValueError` for a rank that is no whole number above 0."""
        if not isinstance(base, nn.Linear):
            raise TypeError(_("{kind} is no linear layer: give an `nn.Linear`.").format(kind=type(base).__name__))
        require_whole(rank, "rank")
        super().__init__(base)
        self._kept: _Kept | None = None

    @abstractmethod
    def merged_weight(self) -> Float[Tensor, "d_out d_in"]:
        """The matrix of the merged layer."""

    @abstractmethod
    def apart(self, x: Float[Tensor, "*batch d_in"]) -> Float[Tensor, "*batch d_out"]:
        """The output, the frozen layer and the addition computed apart."""

    def forward(self, x: Float[Tensor, "*batch d_in"]) -> Float[Tensor, "*batch d_out"]:
        frozen = self.base.weight
        in_half = frozen.dtype.itemsize < torch.float32.itemsize
        if self.training or torch.is_grad_enabled() or in_half or casts(frozen) or frozen.is_inference():
            return self.apart(x)
        if self._kept is None or not self._kept.is_of(self):
            self._kept = _Kept.of(self)
        return self._kept.layer(x)

    def merged(self) -> nn.Linear:
        """A linear layer of its own that computes the same, the frozen one's bias copied."""
        with torch.inference_mode(False), torch.no_grad(), without_casts(self.base.weight):
            weight = nn.Parameter(self.merged_weight().clone(), requires_grad=self.base.weight.requires_grad)
            return copy.deepcopy(self.base, {id(self.base.weight): weight})

    def train(self, mode: bool = True) -> "MergeablePart":
        if mode:
            self._kept = None
        return super().train(mode)

    def leave(self, model: nn.Module) -> None:
        self._kept = None

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_kept": None}


@dataclass(frozen=True)
class _Kept:
    """A merged layer, and what it was made of, to tell when it is out of date.

    The part's own tensors are small and compared number by number. Those of the frozen layer are known by their memory,
    which `frozen` holds so that no other tensor can take its place, and by the number of writes to them. PyTorch counts
    no write through `.data`: after one to a frozen layer, call `train()` and `eval()`.
    """

    layer: nn.Linear
    scale: int | float
    own: tuple[Tensor, ...]
    frozen: tuple[Tensor, ...]
    writes: tuple[int, ...]

    @classmethod
    def of(cls, part: MergeablePart) -> "_Kept":
        frozen = _tensors(part.base)
        return cls(
            part.merged().eval(),
            part.scale,
            tuple(tensor.detach().clone() for tensor in _tensors(part)),
            tuple(tensor.detach() for tensor in frozen),
            tuple(tensor._version for tensor in frozen),
        )

    def is_of(self, part: MergeablePart) -> bool:
        own, frozen = _tensors(part), _tensors(part.base)
        return (
            self.scale == part.scale
            and tuple(tensor._version for tensor in frozen) == self.writes
            and all(new.is_set_to(old) for new, old in zip(frozen, self.frozen, strict=True))
            and all(
                (new.dtype, new.device) == (old.dtype, old.device) and torch.equal(new, old)
                for new, old in zip(own, self.own, strict=True)
            )
        )


def merge(attached: Attached) -> None:
    """Put plain layers in the places of the parts: a model without a trace of the method, `attached.off()` undoes it.

    Training the parts no longer changes the model. In half precision the merged matrix is rounded, and what the method
    adds may be lost. Raises `ValueError`, before anything changes, where a part cannot be merged, and where another
    method is in its place.
    """
    parts = _mergeable(attached)
    was_on = attached.is_on
    attached.on()
    try:
        attached.put({place: part.merged() for place, part in parts.items()})
    except BaseException:
        if not was_on:
            attached.off()
        raise


def _mergeable(attached: Attached) -> dict[str, MergeablePart]:
    """The parts. Raises `ValueError` where one cannot be merged."""
    parts: dict[str, MergeablePart] = {}
    for place, part in attached.parts.items():
        if not isinstance(part, MergeablePart):
            raise ValueError(
                _("What {method} puts on {place} is no part of a matrix: it cannot be merged.").format(
                    method=type(attached.method).__name__, place=place
                )
            )
        parts[place] = part
    return parts


def _tensors(module: nn.Module) -> list[Tensor]:
    """The parameters and buffers of a module itself, in a fixed order."""
    tensors = (*module._parameters.values(), *module._buffers.values())
    return [tensor for tensor in tensors if tensor is not None]
