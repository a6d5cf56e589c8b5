"""The linear layer that models are put together from."""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

MakeLinear = Callable[[int, int], nn.Module]  # inputs, outputs → a layer that maps the last dimension


MANY = 2**20  # multiplications: with fewer, what oneDNN does before its product costs more than it saves


class Linear(nn.Linear):
    """A linear layer with faster products in float32 on a CPU; without bias unless asked for one.

    PyTorch leaves the product of one row with a matrix to one thread, and generation is made of such products; a batch
    of products is shared out. So the matrix is cut into one piece of its memory per thread: of a matrix that is stored
    row by row, each piece gives some of the outputs; of one that is stored column by column, a part of every output.

    Where no gradients are recorded, larger products are oneDNN's instead of MKL's. They take half the time on an AMD
    processor, where MKL does without AVX-512; the two round differently, in the last digits.
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = False) -> None:
        super().__init__(in_features, out_features, bias)

    def forward(self, x: Float[Tensor, "*batch d_in"]) -> Float[Tensor, "*batch d_out"]:
        if x.is_cpu and x.dtype is self.weight.dtype is torch.float32:
            if x.numel() == self.in_features:
                return self._of_one_row(x)
            if x.numel() * self.out_features >= MANY and _has_one_dnn():
                return torch.ops.mkldnn._linear_pointwise(x, self.weight, self.bias, "none", [], "")
        return F.linear(x, self.weight, self.bias)

    def _of_one_row(self, x: Float[Tensor, "*batch d_in"]) -> Float[Tensor, "*batch d_out"]:
        weight = self.weight
        by_rows = weight.is_contiguous()
        n_pieces = math.gcd(self.out_features if by_rows else self.in_features, torch.get_num_threads())
        if n_pieces == 1:
            return F.linear(x, weight, self.bias)
        if by_rows:
            row = x.reshape(1, 1, -1).expand(n_pieces, -1, -1)
            outputs = torch.bmm(row, weight.view(n_pieces, -1, self.in_features).mT)
        else:
            outputs = torch.bmm(x.reshape(n_pieces, 1, -1), weight.T.view(n_pieces, -1, self.out_features)).sum(dim=0)
        outputs = outputs.view(*x.shape[:-1], self.out_features)
        return outputs if self.bias is None else outputs + self.bias


def _has_one_dnn() -> bool:
    """Whether a product of oneDNN can be had here and now: it records no gradient, and knows no autocast."""
    return (
        not torch.is_grad_enabled()
        and torch.backends.mkldnn.is_available()
        and bool(torch.backends.mkldnn.enabled)
        and not torch.is_autocast_enabled("cpu")
        and not torch.compiler.is_compiling()
    )
