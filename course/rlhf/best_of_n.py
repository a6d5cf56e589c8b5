"""Best of n: draw n responses, keep the one that the reward model likes best. Nothing is trained."""

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

from course.layers.sizes import require_whole
from course.messages import _
from course.rlhf.shapes import require_same_shape


def best_of_n_kl(n: int) -> float:
    """ln n − (n − 1) / n, in nats: how far the best of n is from the policy that drew them, at most.

    It is the KL divergence itself where no two responses are alike and none has a large probability. Raises
    `ValueError` for an n that is no whole number above 0.

    Source: Beirami et al. 2024, "Theoretical guarantees on the best-of-n alignment policy", which shows that the often
    used formula is an upper bound.
    """
    require_whole(n, "n")
    return math.log(n) - (n - 1) / n


def best_of_n(scores: Float[Tensor, "prompt sample"], n: int) -> Int[Tensor, "prompt"]:
    """For each prompt, which of its first `n` samples has the highest score; of equal ones the first.

    Raises `ValueError` for an n below 1 or above the number of samples, for scores without a row for each prompt, and
    for one that is not finite.
    """
    _require_samples(scores, n)
    return scores[:, :n].argmax(dim=1)


def expected_best_of_n(
    scores: Float[Tensor, "prompt sample"], measured: Float[Tensor, "prompt sample"], n: int
) -> Float[Tensor, "prompt"]:
    """For each prompt, the mean of `measured` of the best by `scores`, over all choices of `n` of the samples.

    With N samples the one of rank r, counted from 0 at the lowest, is the best of n in (r choose n − 1) of the
    (N choose n) choices. So all samples are used, not the first n alone. Equal scores share their ranks' weights: of a
    group of equal ones each is as likely. Raises `ValueError` as `best_of_n` does, for a measured value that is not
    finite, and for shapes that differ.
    """
    _require_samples(scores, n)
    require_same_shape(2, scores=scores, measured=measured)
    _require_finite(measured)
    n_samples = scores.shape[1]
    weights = torch.tensor(
        [math.comb(rank, n - 1) / math.comb(n_samples, n) for rank in range(n_samples)],
        dtype=torch.float64,
        device=scores.device,
    )
    found = []
    for of_prompt, values in zip(scores, measured, strict=True):
        _levels, level = of_prompt.unique(return_inverse=True)
        order = of_prompt.argsort(stable=True)
        by_level = torch.zeros(int(level.max()) + 1, dtype=torch.float64, device=scores.device)
        by_level.index_add_(0, level[order], weights)
        shared = by_level[level] / level.bincount()[level]
        found.append((shared * values.double()).sum())
    dtype = measured.dtype if measured.is_floating_point() else torch.get_default_dtype()
    return torch.stack(found).to(measured.device, dtype)


def _require_samples(scores: Float[Tensor, "prompt sample"], n: int) -> None:
    require_whole(n, "n")
    require_same_shape(2, scores=scores)
    if n > scores.shape[1]:
        raise ValueError(
            _("There are {samples} samples to a prompt, and the best of {n} is asked for. Draw more.").format(
                samples=scores.shape[1], n=n
            )
        )
    _require_finite(scores)


def _require_finite(values: Float[Tensor, "prompt sample"]) -> None:
    if not values.isfinite().all():
        raise ValueError(_("A score or a measured value is NaN or infinite: look at what gave it, or leave it out."))
