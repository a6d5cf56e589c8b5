"""Labels that a learner gives, against the gold labels and those of a model: accuracy, agreement, and what differs."""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from course.evaluation import UndefinedScoreWarning, cohen_kappa
from course.intervals import Interval, McNemar, mcnemar, share
from course.messages import _

MOST_ITEMS = 50


@dataclass(frozen=True)
class Item:
    """A text with its gold label and that of a model, which is None where no model has read it."""

    text: str
    gold: str
    model: str | None = None


@dataclass(frozen=True)
class Judgement:
    """What a learner's labels come to: of all items, `accuracy` and `kappa` with the gold labels.

    Those of the model, and how far the learner agrees with it, are None where no model has read the items. Kappa is
    NaN where it is undefined.
    """

    accuracy: Interval
    kappa: float
    model_accuracy: Interval | None = None
    model_kappa: float | None = None
    agreement: Interval | None = None
    test: McNemar | None = None


def judge(items: Sequence[Item], given: Sequence[str]) -> Judgement:
    """Compare one label for each item with the gold labels and the model's. Raises `ValueError` for no items."""
    gold = [item.gold for item in items]
    right = [one == true for one, true in zip(given, gold, strict=True)]
    accuracy, kappa = share(sum(right), len(right), of=_("texts")), kappa_or_nan(given, gold)
    models = [item.model for item in items if item.model is not None]
    if len(models) < len(items):
        return Judgement(accuracy, kappa)
    model_right = [one == true for one, true in zip(models, gold, strict=True)]
    agreed = sum(one == other for one, other in zip(given, models, strict=True))
    return Judgement(
        accuracy,
        kappa,
        share(sum(model_right), len(items), of=_("texts")),
        kappa_or_nan(given, models),
        share(agreed, len(items), of=_("texts")),
        mcnemar(right, model_right),
    )


def kappa_or_nan(first: Sequence[str], second: Sequence[str]) -> float:
    """Cohen's kappa without a warning: what it says is in the number."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndefinedScoreWarning)
        return cohen_kappa(first, second)


def written_kappa(kappa: float) -> str:
    """Two decimals, or why there are none."""
    if math.isnan(kappa):
        return _("undefined, since both give one label to all")
    return f"{kappa + 0.0:.2f}".replace("-", "−")


def read_items(text: str, names: Sequence[str]) -> list[Item]:
    """The items of lines `label | text`; empty lines are skipped.

    Raises `ValueError` for a line without a bar, without a text or with another label, and for too many lines.
    """
    items = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        label, bar, said = (part.strip() for part in line.partition("|"))
        if not bar or not said:
            raise ValueError(
                _("Line {number} is {line!r}; write `label | text`, with one of the labels {names}.").format(
                    number=number, line=line[:60], names=", ".join(names)
                )
            )
        if label not in names:
            raise ValueError(
                _("Line {number} has the label {label!r}; the labels are {names}.").format(
                    number=number, label=label[:60], names=", ".join(names)
                )
            )
        items.append(Item(said, label))
    if len(items) > MOST_ITEMS:
        raise ValueError(
            _("There are {n} texts; the limit here is {limit}. Leave some out.").format(n=len(items), limit=MOST_ITEMS)
        )
    return items
