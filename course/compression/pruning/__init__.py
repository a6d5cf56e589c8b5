"""Pruning: which weights of a model become 0, and how they stay 0 while the others learn."""

from course.compression.pruning.magnitude import magnitude_mask, magnitude_masks
from course.compression.pruning.masks import Masks, linear_layers
from course.compression.pruning.wanda import input_norms, wanda_mask, wanda_masks

__all__ = [
    "Masks",
    "input_norms",
    "linear_layers",
    "magnitude_mask",
    "magnitude_masks",
    "wanda_mask",
    "wanda_masks",
]
