"""Names in a column beside their points: each as near to its point as the others let it."""

import numpy as np
from jaxtyping import Float


def spread(heights: Float[np.ndarray, "name"], gap: float, low: float, high: float) -> Float[np.ndarray, "name"]:
    """Where names go that belong to these heights: at least `gap` apart, from `low` to `high`, in the same order.

    The sum of squared moves is the least possible one. Where there is no room for all, they are evenly apart.
    """
    n = len(heights)
    if n > 1:
        gap = min(gap, (high - low) / (n - 1))
    steps = gap * np.arange(n)
    order = np.argsort(heights, kind="stable")
    pools: list[tuple[float, int]] = []  # mean and size; names that touch move together
    for value in (heights[order] - steps).tolist():
        size = 1
        while pools and pools[-1][0] > value:
            mean, more = pools.pop()
            value, size = (mean * more + value * size) / (size + more), size + more
        pools.append((value, size))
    found = np.concatenate([np.full(size, value) for value, size in pools]) if pools else np.empty(0)
    places = np.empty(n)
    places[order] = found.clip(low, max(low, high - gap * max(n - 1, 0))) + steps
    return places
