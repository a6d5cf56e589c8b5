"""How large a model is."""

from torch import nn


def count_parameters(module: nn.Module) -> int:
    """The number of trained numbers in a module; one that is used in several places counts once."""
    return sum(parameter.numel() for parameter in module.parameters())
