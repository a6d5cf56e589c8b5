"""Losses that several lessons use for training."""

import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor


def label_smoothed_loss(
    logits: Float[Tensor, "batch position vocab"],
    target: Int[Tensor, "batch position"],
    *,
    pad_id: int,
    smoothing: float = 0.1,
) -> Float[Tensor, ""]:
    """Cross-entropy against 1 − `smoothing` for the right token plus `smoothing` spread evenly over all tokens.

    Returns the mean over the tokens of `target` that are not padding; NaN where all are, as PyTorch does.

    Source: Szegedy et al. 2016, section 7; Vaswani et al. 2017, section 5.4.
    """
    return F.cross_entropy(logits.flatten(0, 1), target.flatten(), ignore_index=pad_id, label_smoothing=smoothing)
