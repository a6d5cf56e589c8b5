"""Numbers for the cases: drawn the same each time, with one decimal, so that a learner can read them.

PyTorch is imported when the first are drawn, so that a list of the course's exercises does not wait for it.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def tensor(values: Sequence) -> "Tensor":
    """A float32 tensor of these numbers, or one of bools."""
    import torch

    made = torch.tensor(values)
    return made if made.dtype == torch.bool else made.float()


def draws(*cases: Sequence[tuple[int, ...]], scale: float = 1.0) -> list[tuple["Tensor", ...]]:
    """For each case, given as the shapes of its arguments, a tuple of tensors: normal numbers times `scale`."""
    import torch

    generator = torch.Generator().manual_seed(4)
    return [
        tuple((10 * scale * torch.randn(shape, generator=generator)).round() / 10 for shape in shapes)
        for shapes in cases
    ]


def turned(matrix: "Tensor") -> "Tensor":
    """A square matrix transposed, for the mistake of a forgotten `.T`, which shows only there; others as they are."""
    return matrix.T if matrix.shape[0] == matrix.shape[1] else matrix


def like(right: "Tensor", taken: "Tensor") -> "Tensor":
    """What is taken for the right tensor by mistake, where its shape fits; the right one elsewhere."""
    return taken if taken.shape == right.shape else right
