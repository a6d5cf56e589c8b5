"""Several methods for one base model, of which one at a time is on, each with the head that it was trained with.

A base model is in memory once. Each method belongs to a model of its own, a classifier with its own head for example,
and all these models have the same body: `load(file, SentenceClassifier(body, tokenizer, classes))`.
"""

import contextlib
from collections.abc import Generator, Mapping

from torch import nn

from course.messages import _
from course.peft.attaching import Attached, body_of
from course.peft.places import require_bare


class Switch:
    """Methods by name, for one body. `to` puts one on and takes the others off; no weight of the body is written to.

    What is on when the switch is made stays on. Raises `ValueError` where there is no method, and where the models of
    two have another body.
    """

    def __init__(self, methods: Mapping[str, Attached]) -> None:
        self.methods = dict(methods)
        if not self.methods:
            raise ValueError(_("There is no method to switch to: give one or more, by their names."))
        first, *others = self.methods
        self.body = body_of(self.methods[first].model)
        for name in others:
            if body_of(self.methods[name].model) is not self.body:
                raise ValueError(
                    _(
                        "{name!r} is on another body than {first!r}. Attach or load all methods onto models that share "
                        "one body."
                    ).format(name=name, first=first)
                )

    @property
    def is_on(self) -> str | None:
        """The name of the method that is on; the first of them where there are several, None where there is none."""
        return next((name for name, attached in self.methods.items() if attached.is_on), None)

    def to(self, name: str | None) -> nn.Module:
        """The model of this method, which is now on, with its head; with None the body, with none of them on.

        A method that was merged comes back apart. Raises `ValueError` for a name that is not known, and, with the
        methods on that were on before, where one that is not of this switch is on the body, wherever it is.
        """
        if name is not None and name not in self.methods:
            raise ValueError(
                _("There is no method {name!r}; there are: {known}.").format(name=name, known=", ".join(self.methods))
            )
        chosen = None if name is None else self.methods[name]
        with contextlib.ExitStack() as undo:  # all or nothing
            for attached in self.methods.values():
                if attached is not chosen and attached.is_on:
                    attached.off()
                    undo.callback(attached.on)
            if chosen is None or not chosen.is_on:
                require_bare(self.body)
            if chosen is not None:
                chosen.on()
            undo.pop_all()
        return self.body if chosen is None else chosen.model

    @contextlib.contextmanager
    def using(self, name: str | None) -> Generator[nn.Module]:
        """`to`, and afterwards, also after an error, what was on before is on again."""
        before = [attached for attached in self.methods.values() if attached.is_on]
        model = self.to(name)
        try:
            yield model
        finally:
            self.to(None)
            for attached in before:
                attached.on()
