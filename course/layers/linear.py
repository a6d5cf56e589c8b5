"""The linear layer that models are put together from."""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

MakeLinear = Callable[[int, int], nn.Module]  # inputs, outputs → a layer that maps the last dimension


class Linear(nn.Linear):
    """A linear layer without bias that computes a single row on all CPU threads.

    PyTorch leaves the product of one row with a matrix to one thread, and generation is made of such products; a batch
    of products is shared out. So the matrix is cut into one piece of its memory per thread: of a matrix that is stored
    row by row, each piece gives some of the outputs; of one that is stored column by column, a part of every output.
    """

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__(in_features, out_features, bias=False)

    def forward(self, x: Float[Tensor, "*batch d_in"]) -> Float[Tensor, "*batch d_out"]:
        weight = self.weight
        by_rows = weight.is_contiguous()
        n_pieces = math.gcd(self.out_features if by_rows else self.in_features, torch.get_num_threads())
        if n_pieces == 1 or x.numel() != self.in_features or not x.is_cpu or x.dtype is not torch.float32:
            return F.linear(x, weight)
        if by_rows:
            row = x.reshape(1, 1, -1).expand(n_pieces, -1, -1)
            outputs = torch.bmm(row, weight.view(n_pieces, -1, self.in_features).mT)
        else:
            outputs = torch.bmm(x.reshape(n_pieces, 1, -1), weight.T.view(n_pieces, -1, self.out_features)).sum(dim=0)
        return outputs.view(*x.shape[:-1], self.out_features)
