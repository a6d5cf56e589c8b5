"""Learning rates, step by step."""

from collections.abc import Callable


def warmup(d_model: int, warmup_steps: int = 4000, factor: float = 1.0) -> Callable[[int], float]:
    """The paper's learning rate for each step from 1: it rises for `warmup_steps`, then falls as 1/√step.

    Source: Vaswani et al. 2017, section 5.3, equation 3, times `factor`.
    """
    return lambda step: factor * d_model**-0.5 * min(step**-0.5, step * warmup_steps**-1.5)
