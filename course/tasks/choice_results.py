"""What the reward models of real choices got right, and how far they go by length, from the records of the experiment.

Pairs about the same question are drawn together in every interval. One run of each model: other training pairs are not
covered.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from course import trained
from course.intervals import Interval, mean_difference, mean_over_items
from course.messages import _
from course.tasks.real_choices import TITLES

EXPERIMENT = "reward_models"
RESAMPLES = 4_000
COMPARED = {  # the models that `accuracies` shows: what the lesson calls each
    "length": _("the longer answer"),
    "tfidf": _("words of the answer"),
    "base": _("head on the base model"),
    "smollm2": _("head on SmolLM2"),
    "likelihood": _("SmolLM2's likelihood"),
}
CONTROLS = {
    "smollm2": _("as it is"),
    "smollm2-balanced": _("lengths balanced"),
    "smollm2-fewer": _("as many pairs, any lengths"),
    "smollm2-without-length": _("without length"),
}

Statistic = Callable[[Float[np.ndarray, "draw pair"]], Float[np.ndarray, "draw"]]


class LengthBias(NamedTuple):
    """How far a reward model goes by length.

    `correlation` is that of reward and tokens, of the two answers of a pair about their means; `longer` and `shorter`
    the accuracy where the right answer has more characters and where it has fewer; `gap` is the first minus the other.
    """

    correlation: Interval
    longer: Interval
    shorter: Interval
    gap: Interval


class RankedPairs(NamedTuple):
    """What a record has of the test pairs of a data set, [pair] each; the lengths are the right answer's surplus."""

    right: np.ndarray
    margin: np.ndarray
    characters: np.ndarray
    tokens: np.ndarray
    group: np.ndarray


def _pairs(model: str, data_set: str) -> RankedPairs:
    def line(of: str, score: str) -> np.ndarray:
        return trained.item_scores(EXPERIMENT, of, data_set, score)[0]

    def surplus(of: str, chosen: str, rejected: str) -> np.ndarray:
        return line(of, chosen) - line(of, rejected)

    return RankedPairs(
        1 - line(model, "errors"),
        surplus(model, "chosen", "rejected"),
        surplus("length", "chosen", "rejected"),
        surplus("length", "tokens_chosen", "tokens_rejected"),
        line("length", "group").astype(int),
    )


def accuracies(models: Mapping[str, str] = COMPARED) -> dict[str, dict[str, Interval]]:
    """The share of test pairs that each model ranks right, by data set and model; half for equal rewards.

    Both are by the names that the lesson gives them. Raises `ValueError` for a model without a record.
    """
    return {
        title: {shown: accuracy(name, data_set) for name, shown in models.items()} for data_set, title in TITLES.items()
    }


def accuracy(model: str, data_set: str) -> Interval:
    """The share of the test pairs of a data set that a model ranks right."""
    pairs = _pairs(model, data_set)
    return mean_over_items(pairs.right, "%", of=_("pairs"), clusters=pairs.group.tolist())


def accuracy_difference(a: str, b: str, data_set: str) -> Interval:
    """The accuracy of model a minus that of b on the test pairs of a data set, paired."""
    of_a, of_b = _pairs(a, data_set), _pairs(b, data_set)
    return mean_difference(of_a.right, of_b.right, "points", of=_("pairs"), clusters=of_a.group.tolist())


def length_bias(model: str, data_set: str) -> LengthBias:
    """How far a model goes by length on the test pairs of a data set."""
    pairs = _pairs(model, data_set)

    def part(chosen: np.ndarray) -> Interval:
        groups = pairs.group[chosen].tolist()
        return mean_over_items(pairs.right[chosen], "%", of=_("pairs"), clusters=groups)

    return LengthBias(
        _over_groups(_correlation(pairs), pairs.group),
        part(pairs.characters > 0),
        part(pairs.characters < 0),
        _over_groups(_gap(pairs), pairs.group, "points"),
    )


def controls(data_set: str) -> list[dict[str, str | Interval]]:
    """A row for each way to train the head on SmolLM2: its accuracy on a data set, and how far it goes by length."""
    rows: list[dict[str, str | Interval]] = []
    for model, shown in CONTROLS.items():
        bias = length_bias(model, data_set)
        rows.append(
            {
                _("trained"): shown,
                _("pairs ranked right"): accuracy(model, data_set),
                _("the right one is longer"): bias.longer,
                _("the right one is shorter"): bias.shorter,
                _("gap"): bias.gap,
                _("reward and tokens, correlation"): bias.correlation,
            }
        )
    return rows


def bias_change(a: str, b: str, data_set: str) -> tuple[Interval, Interval]:
    """Model a minus model b: the correlation of reward and tokens, and the gap of `length_bias`, paired."""
    of_a, of_b = _pairs(a, data_set), _pairs(b, data_set)

    def difference(measure: Callable[[RankedPairs], Statistic]) -> Statistic:
        return lambda weights: measure(of_a)(weights) - measure(of_b)(weights)

    return (
        _over_groups(difference(_correlation), of_a.group),
        _over_groups(difference(_gap), of_a.group, "points"),
    )


def _correlation(pairs: RankedPairs) -> Statistic:
    """Of reward and tokens about the mean of each pair, so that it is the same whichever answer comes first."""
    x, y = pairs.margin, pairs.tokens
    return lambda weights: (weights @ (x * y)) / np.sqrt((weights @ x**2) * (weights @ y**2))


def _gap(pairs: RankedPairs) -> Statistic:
    longer, shorter = (pairs.characters > 0).astype(float), (pairs.characters < 0).astype(float)
    return lambda weights: (
        (weights @ (longer * pairs.right)) / (weights @ longer)
        - (weights @ (shorter * pairs.right)) / (weights @ shorter)
    )


def _over_groups(statistic: Statistic, group: np.ndarray, unit: str = "") -> Interval:
    """A statistic of weighted pairs, with the percentile interval of a bootstrap that draws whole groups."""
    n = int(group.max()) + 1
    drawn = np.random.default_rng(0).multinomial(n, np.full(n, 1 / n), size=RESAMPLES)
    value = float(statistic(np.ones((1, len(group))))[0])
    low, high = np.quantile(statistic(drawn[:, group].astype(float)), [0.025, 0.975])
    of = _("{pairs} pairs in {groups} groups").format(pairs=len(group), groups=n)
    return Interval(value, min(float(low), value), max(float(high), value), of, unit)
