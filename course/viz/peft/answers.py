"""What a base model with one method after another on it says of a text."""

import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from course.fine_tuning import AnyClassifier, Classifier, predict_logits, trained_parameters
from course.messages import _
from course.peft import Attached, Switch, count
from course.peft.attaching import body_of

Row = AnyClassifier | Attached


@dataclass(frozen=True)
class Answer:
    """What one row says of a text.

    `log_odds` are those of the last class. `trained` counts the numbers that were trained, those of the head among
    them. `milliseconds` is how long the method took to be put on and the one before it to be taken off; None for a
    model that is in memory beside the base.
    """

    name: str
    probabilities: tuple[float, ...]
    log_odds: float
    trained: int
    milliseconds: float | None = field(compare=False)


class Rows:
    """Methods on one base model, each with its head, and classifiers; by their names. All have the same `classes`.

    A classifier whose body is the base is that with nothing on it. Raises `ValueError` for no rows, other classes, what
    is no classifier, and methods that are on several base models.
    """

    def __init__(self, rows: Mapping[str, Row]) -> None:
        if not rows:
            raise ValueError(_("There is nothing to switch between: give a method that is on a classifier."))
        self.models: dict[str, AnyClassifier] = {}
        for name, row in rows.items():
            model = row.model if isinstance(row, Attached) else row
            if not isinstance(model, Classifier):
                raise ValueError(
                    _("{name!r} is on a {kind}: give methods that are on classifiers.").format(
                        name=name, kind=type(model).__name__
                    )
                )
            self.models[name] = model
        first, *others = self.models
        self.classes: tuple[str, ...] = self.models[first].classes
        for name in others:
            if self.models[name].classes != self.classes:
                raise ValueError(
                    _("{name!r} has the classes {classes}, and {first!r} has {known}: give rows of one task.").format(
                        name=name,
                        classes=", ".join(map(repr, self.models[name].classes)),
                        first=first,
                        known=", ".join(map(repr, self.classes)),
                    )
                )
        self._attached = {name: row for name, row in rows.items() if isinstance(row, Attached)}
        self._switch = Switch(self._attached) if self._attached else None

    def answers(self, text: str) -> tuple[Answer, ...]:
        """Each row's answer, in their order. Afterwards on is what was on before, also after an error."""
        before = contextlib.nullcontext() if self._switch is None else self._switch.using(None)
        with before:
            return tuple(self._answer(name, text) for name in self.models)

    def _answer(self, name: str, text: str) -> Answer:
        model = self.models[name]
        start = time.perf_counter()
        if self._switch is not None and self._on_base(name):
            self._switch.to(name if name in self._attached else None)
            milliseconds = 1000 * (time.perf_counter() - start)
        else:
            milliseconds = None
        [logits] = predict_logits(model, [text]).double()
        log_odds = logits[-1] - logits[:-1].logsumexp(dim=0)
        probabilities = tuple(logits.softmax(dim=0).tolist())
        return Answer(name, probabilities, log_odds.item(), self._trained(name), milliseconds)

    def _on_base(self, name: str) -> bool:
        return self._switch is not None and body_of(self.models[name]) is self._switch.body

    def _trained(self, name: str) -> int:
        model = self.models[name]
        if not self._on_base(name):
            return sum(weight.numel() for weight in trained_parameters(model).values())
        head = sum(weight.numel() for weight in model.head.parameters())
        return head + (count(self._attached[name]) if name in self._attached else 0)
