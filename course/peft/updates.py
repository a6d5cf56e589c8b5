"""ΔW of a trained LoRA: its singular values, and the model with every ΔW cut to a lower rank and scaled."""

import math
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course.layers.sizes import require_not_negative, require_whole
from course.messages import _
from course.peft.attaching import Attached
from course.peft.lora import LoRALinear


class Decomposed(NamedTuple):
    """ΔW = U · diag(values) · V, in double precision on the CPU: the values fall, U's columns and V's rows are unit."""

    left: Float[Tensor, "d_out rank"]
    values: Float[Tensor, "rank"]
    right: Float[Tensor, "rank d_in"]


@torch.no_grad()
def decomposed(part: LoRALinear) -> Decomposed:
    """The singular value decomposition of ΔW, scale included, from its two thin matrices: ΔW itself is not computed.

    Raises `ValueError` where an entry of ΔW is no finite number.
    """
    if not all(matrix.isfinite().all() for matrix in (part.up, part.down)):
        raise ValueError(_("ΔW has entries that are no numbers: the training diverged. Train with a lower rate."))
    up, r_up = torch.linalg.qr(part.up.cpu().double())
    down, r_down = torch.linalg.qr(part.down.T.cpu().double())
    left, values, right = torch.linalg.svd(part.scale * r_up @ r_down.T)
    return Decomposed(up @ left, values, right @ down.T)


def singular_values(part: LoRALinear) -> Float[Tensor, "rank"]:
    """The r largest singular values of ΔW, falling; all others are 0. The root of the sum of their squares is ‖ΔW‖."""
    return decomposed(part).values


def cut_update(part: LoRALinear, rank: int) -> tuple[Float[Tensor, "d_out kept"], Float[Tensor, "kept d_in"]]:
    """B and A of the matrix of this rank that is nearest to ΔW: what its largest singular values make of it.

    Their type and device are those of the part's own, and so is the scale that they are to be multiplied by. Raises
    `ValueError` for a rank that is no whole number from 0 to the part's.

    Source: Eckart and Young 1936, "The approximation of one matrix by another of lower rank".
    """
    _require_rank(rank, len(part.down))
    left, values, right = decomposed(part)
    up = left[:, :rank] * (values[:rank] / part.scale if part.scale else 0.0)  # with the scale 0 any B will do
    return up.to(part.up), right[:rank].to(part.down)


def kept_share(values: Iterable[Float[Tensor, "rank"]], rank: int) -> float:
    """The share of ‖ΔW‖², over all matrices together, that their `rank` largest singular values hold.

    `values` are those of each matrix, falling. Raises `ValueError` where all are 0, and for a rank that is no whole
    number of 0 or more.
    """
    require_whole(rank, "rank", least=0)
    squares = [each.double().square() for each in values]
    whole = math.fsum(each.sum().item() for each in squares)
    if not whole:
        raise ValueError(_("ΔW is 0 in every matrix, so there is nothing to keep. Train the LoRA first."))
    return math.fsum(each[:rank].sum().item() for each in squares) / whole


@contextmanager
def changed_updates(attached: Attached, *, rank: int, factor: int | float = 1.0) -> Generator[None]:
    """In the block every ΔW has at most this rank and is `factor` times as large; then LoRA's own matrices are back.

    With rank 0 the model is the frozen one. What changes meanwhile in the parts' matrices is lost. Raises `ValueError`,
    before anything changes, for a rank that is no whole number from 0 to LoRA's, a factor that is no number of 0 or
    more, another method than LoRA, and one that is off or merged.
    """
    parts = lora_parts(attached)
    require_not_negative(factor, "factor")
    for part in parts.values():
        _require_rank(rank, len(part.down))
    _require_in_place(attached, parts)
    before = [(part, part.up, part.down, part.scale) for part in parts.values()]
    try:
        for part, up, down, scale in before:
            if rank < len(down):
                new_up, new_down = cut_update(part, rank)
                part.up = nn.Parameter(new_up, requires_grad=up.requires_grad)
                part.down = nn.Parameter(new_down, requires_grad=down.requires_grad)
            part.scale = factor * scale
        yield
    finally:
        for part, up, down, scale in before:
            part.up, part.down, part.scale = up, down, scale


def lora_parts(attached: Attached) -> dict[str, LoRALinear]:
    """The parts of a LoRA, by place. Raises `ValueError` for another method; DoRA, which adds more than ΔW, is one."""
    parts = {place: part for place, part in attached.parts.items() if type(part) is LoRALinear}
    if len(parts) < len(attached.parts):
        raise ValueError(
            _("What {method} adds to a matrix is no product of two thin ones alone: give a LoRA.").format(
                method=type(attached.method).__name__
            )
        )
    return parts


def _require_rank(rank: int, largest: int) -> None:
    require_whole(rank, "rank", least=0)
    if rank > largest:
        raise ValueError(
            _("rank is {rank}; the rank of this LoRA is {largest}, so choose at most that.").format(
                rank=rank, largest=largest
            )
        )


def _require_in_place(attached: Attached, parts: Mapping[str, LoRALinear]) -> None:
    there = set(attached.model.modules())
    for place, part in parts.items():
        if part not in there:
            raise ValueError(
                _(
                    "{place} does not have its LoRA on it now: that is off, or merged. Put it back: `attached.off()`, "
                    "then `attached.on()`."
                ).format(place=place)
            )
