"""The optimizer of pre-training and fine-tuning."""

import torch
from torch import nn

from course.layers.sizes import require_not_negative


def adamw(
    model: nn.Module,
    *,
    learning_rate: float = 1e-3,
    weight_decay: float = 0.1,
    betas: tuple[float, float] = (0.9, 0.95),
) -> torch.optim.AdamW:
    """AdamW whose weight decay spares what has one dimension: the weights of norms, and biases.

    On a GPU all weights are updated by one kernel. Source: Loshchilov and Hutter 2019; betas and what is spared: Brown
    et al. 2020, appendix B, and nanoGPT's `configure_optimizers`. Raises `ValueError` for a rate or a decay below 0:
    PyTorch looks at the default alone, not at the decay of a group.
    """
    require_not_negative(weight_decay, "weight_decay")
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    groups = [
        {"params": [weight for weight in weights if weight.ndim >= 2], "weight_decay": weight_decay},
        {"params": [weight for weight in weights if weight.ndim < 2], "weight_decay": 0.0},
    ]
    fused = all(weight.is_cuda for weight in weights)
    return torch.optim.AdamW(
        [group for group in groups if group["params"]], lr=learning_rate, betas=betas, fused=fused or None
    )
