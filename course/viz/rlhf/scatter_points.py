"""The points of a training run by its distance from the reference and its rewards, each with samples to read."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor

from course.messages import _
from course.rlhf import Iteration, Responses, Rollout

Decode = Callable[[list[int]], str]
Measure = Callable[[Responses], Float[Tensor, "row"]]


class ScatterSample(NamedTuple):
    """A prompt, the answer that the policy drew, and its rewards; `gold` is None where it was not measured."""

    prompt: str
    answer: str
    proxy: int | float
    gold: int | float | None = None


class ScatterPoint(NamedTuple):
    """An iteration: KL from the reference in nats per response, mean rewards, and some of its samples."""

    kl: int | float
    proxy: int | float
    gold: int | float | None = None
    series: str = "PPO"
    iteration: int = 0
    samples: tuple[ScatterSample, ...] = ()


def require_point(point: ScatterPoint) -> None:
    """Raises `ValueError` for a number that no place of the chart can show."""
    for name, value in (("kl", point.kl), ("proxy", point.proxy), ("gold", point.gold)):
        if value is not None and not math.isfinite(value):
            raise ValueError(
                _("{name} of iteration {iteration} is {value}; it must be a finite number.").format(
                    name=name, iteration=point.iteration, value=value
                )
            )


def point_of(
    iteration: Iteration,
    rollout: Rollout,
    decode: Decode,
    *,
    series: str,
    gold: Measure | None,
    n_samples: int,
) -> ScatterPoint:
    """What an iteration of `train_ppo` or `train_grpo` becomes; its samples are the first of the rollout."""
    responses = rollout.responses
    golds = None if gold is None else gold(responses)
    prompts = responses.ids[:n_samples, : responses.n_prompt]
    samples = []
    for row, answer in enumerate(responses.lists()[:n_samples]):
        prompt = prompts[row, int(responses.padding[row]) :].tolist()
        measured = None if golds is None else golds[row].item()
        samples.append(ScatterSample(decode(prompt), decode(answer), rollout.scores[row].item(), measured))
    mean = None if golds is None else golds.mean().item()
    return ScatterPoint(iteration.kl, iteration.score, mean, series, iteration.number, tuple(samples))


def names_of(points: Sequence[ScatterPoint]) -> list[str]:
    """The series, in the order in which they came."""
    return list(dict.fromkeys(point.series for point in points))
