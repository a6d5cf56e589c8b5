"""How often each task of a multi-task mixture is drawn: by its size, tempered so that large tasks do not crowd out."""

import math
from collections.abc import Callable, Mapping, Sequence
from numbers import Real
from typing import TypeVar

import numpy as np

from course.layers.sizes import require_whole
from course.messages import _
from course.training import GeneratedBatches

Item = TypeVar("Item")
Batch = TypeVar("Batch")


def mixture_rates(
    sizes: Mapping[str, int], *, temperature: int | float = 1.0, limit: int | None = None
) -> dict[str, float]:
    """The share of draws that each task gets, given how many examples it has: min(n, `limit`)^(1/T), normalized.

    At the temperature 1 the shares are proportional to the sizes, which `limit` bounds; the higher the temperature, the
    more alike they are, and at `math.inf` they are equal. Raises `ValueError` for no tasks, a size or a limit that is
    no whole number above 0, and a temperature below 1.

    Source: Raffel et al. 2020, section 3.5.2: "examples-proportional mixing" with its limit K, "temperature-scaled
    mixing", "equal mixing".
    """
    if not sizes:
        raise ValueError(_("There are no tasks to mix: give one or more, each with the number of its examples."))
    for name, size in sizes.items():
        require_whole(size, name)
    if limit is not None:
        require_whole(limit, "limit")
    if not (isinstance(temperature, Real) and temperature >= 1):
        raise ValueError(
            _(
                "temperature is {value!r}; it must be 1 or more: 1 keeps the proportions of the sizes, math.inf makes "
                "all shares equal."
            ).format(value=temperature)
        )
    logs = {name: math.log(size if limit is None else min(size, limit)) for name, size in sizes.items()}
    largest = max(logs.values())  # whose weight is 1: a size of any number of digits has one
    weights = {name: math.exp((log - largest) / temperature) for name, log in logs.items()}
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


def mixed_batches(
    examples: Mapping[str, Sequence[Item]],
    batch_size: int,
    collate: Callable[[list[Item]], Batch],
    *,
    temperature: int | float = 1.0,
    limit: int | None = None,
    seed: int = 0,
) -> GeneratedBatches[Batch]:
    """Batches without end for `train`: for each row, a task is drawn by its rate, then one of its examples.

    Both are drawn with replacement, and `batches[step]` depends on `seed` and the step alone. Each batch mixes tasks;
    its loss is a mean over tokens, so a task with long answers weighs more than its rate. Raises `ValueError` as
    `mixture_rates` does (a task without examples has the size 0), and for a batch size below 1.
    """
    require_whole(batch_size, "batch_size")
    rates = mixture_rates(
        {name: len(of_task) for name, of_task in examples.items()}, temperature=temperature, limit=limit
    )
    tasks, shares = list(examples.values()), list(rates.values())

    def make(rng: np.random.Generator) -> Batch:
        drawn = [tasks[task] for task in rng.choice(len(tasks), size=batch_size, p=shares)]
        return collate([of_task[rng.integers(len(of_task))] for of_task in drawn])

    return GeneratedBatches(make, seed)
