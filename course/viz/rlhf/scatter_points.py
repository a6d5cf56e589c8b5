"""The points of a training run by its distance from the reference and its rewards, each with samples to read."""

import math
from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any, NamedTuple

from jaxtyping import Float
from torch import Tensor

from course.layers.sizes import require_whole
from course.messages import _
from course.rlhf import Iteration, Responses, Rollout
from course.viz.kit.traits import refuse

Decode = Callable[[list[int]], str]
Measure = Callable[[Responses], Float[Tensor, "row"]]
LISTED = (list, tuple)


class ScatterSample(NamedTuple):
    """A prompt, the answer that the policy drew, and its rewards; each is None where it was not kept."""

    prompt: str
    answer: str
    proxy: int | float | None = None
    gold: int | float | None = None


class ScatterPoint(NamedTuple):
    """An iteration: KL from the reference in nats per response, mean rewards, and some of its samples."""

    kl: int | float
    proxy: int | float
    gold: int | float | None = None
    series: str = "PPO"
    iteration: int = 0
    samples: tuple[ScatterSample, ...] = ()


def points_from(values: Any) -> tuple[ScatterPoint, ...]:
    """Points as the chart takes them; tuples with the same fields become points and samples.

    Raises `StateError` for what is no list of points, and for a field that the chart cannot show.
    """
    if not isinstance(values, LISTED):
        raise refuse(_("points"), values, _("a list of ScatterPoint"))
    return tuple(_point_from(value) for value in values)


def _point_from(value: Any) -> ScatterPoint:
    if not _has_fields_of(ScatterPoint, value):
        raise refuse(_("a point"), value, _("a ScatterPoint, or a tuple with its fields"))
    point = ScatterPoint(*value)
    require_whole(point.iteration, "iteration", least=0)
    owner = _("iteration {iteration}").format(iteration=point.iteration)
    if not isinstance(point.samples, LISTED):
        raise refuse(_of("samples", owner), point.samples, _("a list of ScatterSample"))
    return point._replace(
        kl=_finite(_of("kl", owner), point.kl),
        proxy=_finite(_of("proxy", owner), point.proxy),
        gold=None if point.gold is None else _finite(_of("gold", owner), point.gold),
        series=_text(_of("series", owner), point.series),
        samples=tuple(_sample_from(sample, owner) for sample in point.samples),
    )


def _sample_from(value: Any, iteration: str) -> ScatterSample:
    owner = _("a sample of {owner}").format(owner=iteration)
    if not _has_fields_of(ScatterSample, value):
        raise refuse(owner, value, _("a ScatterSample, or a tuple with its fields"))
    sample = ScatterSample(*value)
    return ScatterSample(
        _text(_of("prompt", owner), sample.prompt),
        _text(_of("answer", owner), sample.answer),
        None if sample.proxy is None else _finite(_of("proxy", owner), sample.proxy),
        None if sample.gold is None else _finite(_of("gold", owner), sample.gold),
    )


def _has_fields_of(kind: Any, value: Any) -> bool:
    least = len(kind._fields) - len(kind._field_defaults)
    return isinstance(value, LISTED) and least <= len(value) <= len(kind._fields)


def _of(field: str, owner: str) -> str:
    return _("{field} of {owner}").format(field=field, owner=owner)


def _finite(name: str, value: Any) -> int | float:
    if isinstance(value, bool) or not (isinstance(value, Real) and math.isfinite(value)):
        raise refuse(name, value, _("a finite number"))
    return float(value)


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise refuse(name, value, _("text"))
    return value


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
    mean = None if golds is None else golds.float().mean().item()
    return ScatterPoint(iteration.kl, iteration.score, mean, series, iteration.number, tuple(samples))


def names_of(points: Sequence[ScatterPoint]) -> list[str]:
    """The series, in the order in which they came."""
    return list(dict.fromkeys(point.series for point in points))
