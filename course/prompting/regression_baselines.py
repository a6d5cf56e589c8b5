"""Regression by known methods, read as a model reads: the prediction at each point from the points before it alone.

Source: Garg et al. 2022, "What Can Transformers Learn In-Context? A Case Study of Simple Function Classes", section 3
(least squares, averaging, 3 nearest neighbors); ridge: Hoerl and Kennard 1970.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from course.layers.sizes import require_not_negative, require_whole
from course.messages import _

ZERO = 1e-6  # singular values below this share of the largest are 0: inputs have the digits of single precision
Estimate = Callable[[Tensor, Tensor], Tensor]  # x, y of the examples → w for each prompt


def least_squares(
    x: Float[Tensor, "prompt point d_x"], y: Float[Tensor, "prompt point"]
) -> Float[Tensor, "prompt point"]:
    """The prediction of the w that fits the examples before each point; the shortest such w while several fit.

    Computed in float64, on the CPU, as all baselines. The first prediction, of no example, is 0.
    """

    def shortest(x: Tensor, y: Tensor) -> Tensor:
        return torch.einsum("ndk,nk->nd", torch.linalg.pinv(x, rtol=ZERO), y)

    return _predictions(x, y, shortest)


def ridge(
    x: Float[Tensor, "prompt point d_x"], y: Float[Tensor, "prompt point"], penalty: float
) -> Float[Tensor, "prompt point"]:
    """The prediction of the w that minimizes the squared error plus `penalty` · ‖w‖².

    With the penalty (noise / w_scale)² this w is the mean of all w, each weighted by how probable the labels make it:
    no estimate has a lower expected squared error. Raises `ValueError` for a penalty that is 0 (take least squares) or
    below.

    Source: Bishop 2006, "Pattern Recognition and Machine Learning", section 3.3.1.
    """
    require_not_negative(penalty, "penalty")
    if penalty == 0:
        raise ValueError(_("penalty is 0; ridge needs one above 0. Take least_squares, which has none."))

    def penalized(x: Tensor, y: Tensor) -> Tensor:
        gram = x.mT @ x + penalty * torch.eye(x.shape[2], dtype=x.dtype)
        return torch.linalg.solve(gram, (x.mT @ y[:, :, None])[:, :, 0])

    return _predictions(x, y, penalized)


def averaging(x: Float[Tensor, "prompt point d_x"], y: Float[Tensor, "prompt point"]) -> Float[Tensor, "prompt point"]:
    """The prediction of w = the mean of y·x, which is right on average where the covariance of x is the identity."""
    return _predictions(x, y, lambda x, y: (x * y[:, :, None]).mean(dim=1))


def nearest_neighbors(
    x: Float[Tensor, "prompt point d_x"], y: Float[Tensor, "prompt point"], neighbors: int = 3
) -> Float[Tensor, "prompt point"]:
    """The mean label of the nearest examples by Euclidean distance; of all where there are fewer than `neighbors`.

    Raises `ValueError` for no neighbor.
    """
    require_whole(neighbors, "neighbors")
    x, y = x.cpu().double(), y.cpu().double()
    predicted = torch.zeros_like(y)
    for k in range(1, x.shape[1]):
        distance = (x[:, :k] - x[:, k : k + 1]).norm(dim=2)
        nearest = distance.topk(min(neighbors, k), dim=1, largest=False).indices
        predicted[:, k] = y[:, :k].gather(1, nearest).mean(dim=1)
    return predicted


def _predictions(x: Tensor, y: Tensor, estimate: Estimate) -> Tensor:
    """At each point, the product of x with the w that is estimated from the points before it."""
    x, y = x.cpu().double(), y.cpu().double()
    predicted = torch.zeros_like(y)
    for k in range(1, x.shape[1]):
        predicted[:, k] = (estimate(x[:, :k], y[:, :k]) * x[:, k]).sum(dim=1)
    return predicted
