"""Runs as the experiment `scaling` records them, made from a law with noise, and without one."""

from typing import Any

import numpy as np

from course import trained
from course.scaling import Law

LAW = Law(2.0, 100.0, 300.0, 0.5, 0.45)
SIZES = {"a": 6_000, "b": 30_000, "c": 120_000, "d": 500_000}


def record(name: str, size: str, body: int, flops: float, loss_noise: float = 0.0, seed: int = 0) -> dict[str, Any]:
    counts = {"body": body, "without_lookup": body + 8_000, "all": body + 16_000}
    tokens = flops / 6 / counts["all"]
    return {
        "model": name,
        "seed": seed,
        "size": size,
        "tokens": tokens,
        "counts": counts,
        "flops": flops,
        "cpu_seconds": flops / 2e10,
        "tests": {"held-out text": {"loss": float(LAW.loss(counts["all"], tokens)) * float(np.exp(loss_noise))}},
    }


def scaling_runs(noise: float = 0.0) -> list[dict[str, Any]]:
    """Four sizes at each of three budgets, where a token costs 6N of all parameters."""
    rng = np.random.default_rng(0)
    return [
        record(f"{size}-{flops:g}", size, body, flops, noise * rng.normal())
        for flops in (1e11, 1e12, 1e13)
        for size, body in SIZES.items()
    ]


def foretold(low: float = 2.9, high: float = 3.2) -> dict[str, Any]:
    """A prediction as the experiment records it, of a run that costs ten times as much."""
    names = ("E", "A", "B", "alpha", "beta")
    return {
        "model": "predict",
        "seed": 0,
        "counting": "all",
        "target": {"size": "e", "tokens": 1e7, "flops": 1e14},
        "prediction": {"law": {name: getattr(LAW, name) for name in names}, "loss": 3.05, "of_run": [low, high]},
    }


def target(loss: float, seed: int = 0) -> dict[str, Any]:
    found = record("target", "e", 1_500_000, 1e14, seed=seed)
    return found | {"prediction": "digest", "tests": {"held-out text": {"loss": loss}}}


def sweep() -> list[dict[str, Any]]:
    """The course's own sweep with one seed, as its prediction was made of."""
    names = trained.record_of("scaling", "predict")["runs"]
    return [trained.record_of("scaling", name) for name in names]
