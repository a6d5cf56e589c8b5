"""A small test set that the learner labels blind: how far do person, gold labels and model agree?"""

from collections.abc import Sequence
from html import escape
from typing import Any

import ipywidgets
import traitlets
from matplotlib.figure import Figure

from course.data.splits import draw
from course.layers.sizes import require_whole
from course.messages import _, ngettext
from course.tasks.leaderboard import column_of
from course.tasks.leaderboard_entries import Column
from course.viz.evaluation.item_page import items_page, on_one_line
from course.viz.evaluation.judgements import Item, Judgement, judge, read_items, written_kappa
from course.viz.kit import html
from course.viz.kit.controls import control_row
from course.viz.kit.traits import StateError, Text, Whole, refuse
from course.viz.kit.widget import Action, LessonWidget, require_at_most, text_box
from course.viz.rag.text_figure import Paragraph, text_figure

N_TEXTS, MAX_CHARACTERS, LONGEST, SHOWN = 20, 20_000, 600, 8


class JudgeYourself(LessonWidget):
    """Texts to label blind, one after another; when all are labelled, what the labels are worth.

    The state is `labels`, one for each text so far; `seed`, which says what texts are drawn; and `own`, lines
    `label | text` that are labelled instead, by a person who has not written them. `items` are the texts, and
    `judgement` is None until all are labelled. Nothing is kept anywhere else.
    """

    labels: Any = traitlets.TraitType(())
    seed = Whole(0, min=0, max=10_000)
    own = Text("")
    items: list[Item]
    judgement: Judgement | None
    _source: tuple[int, str] | None = None  # of the items: the seed and the own texts
    _is_begun = False

    def __init__(
        self,
        column: Column | str = "reviews-500",
        model: str | None = None,
        *,
        names: Sequence[str] = ("negative", "positive"),
        n_texts: int = N_TEXTS,
        **state: Any,
    ) -> None:
        """`names` are those of the classes 0, 1, … of the column, and `model` is one on it: without it, the best.

        Raises `ValueError` for a column without texts or without the classes of its items, a model that is not there,
        `n_texts` that is no whole number above 0, and names that cannot be told apart in a line of `own`, or are fewer
        than the classes.
        """
        self.column = column if isinstance(column, Column) else column_of(column)
        if self.column.texts is None:
            raise ValueError(_("The column {name!r} has no texts to label.").format(name=self.column.name))
        real = [entry for entry in self.column.entries if not entry.is_trivial]
        best = max(real, key=lambda entry: self.column.right(entry).mean())
        self.model = best if model is None else self.column.entry(model)
        require_whole(n_texts, "n_texts")
        self.names, self._n = _distinct(names), min(n_texts, len(self.column))
        _require_classes(self.column, len(self.names))
        self.items, self.judgement, self._given = [], None, ()
        self._buttons = [Action(name) for name in self.names]
        back, others = Action(_("Back")), Action(_("Other texts"))
        for name, button in zip(self.names, self._buttons, strict=True):
            button.on_click(self.guarded(lambda name=name: self.give(name)))
        back.on_click(self.guarded(self.take_back))
        others.on_click(self.guarded(self.other_texts))
        hint = _("{name} | a text that someone else labels").format(name=self.names[-1])
        box = text_box(_("Your own texts, a line each"), hint)
        box.continuous_update = False
        self._heading, self._text, self._result = (ipywidgets.HTML() for _view in range(3))
        buttons = control_row(*self._buttons, back, others)
        super().__init__([self._heading, self._text, buttons, self._result, box])
        self.start_with(**{name: value for name, value in state.items() if name != "labels"})
        self.start_with(**{name: value for name, value in state.items() if name == "labels"})
        traitlets.link((self, "own"), (box, "value"))
        self.react(self.update, "labels", "seed", "own")

    @traitlets.validate("labels")
    def _known_labels(self, proposal: traitlets.Bunch) -> tuple[str, ...]:
        value: Any = proposal.value
        labels = () if isinstance(value, str) or not hasattr(value, "__iter__") else tuple(value)
        if isinstance(value, str) or not hasattr(value, "__iter__") or not all(isinstance(one, str) for one in labels):
            raise refuse(proposal.trait.name, value, _("a list of labels"))
        for one in labels:
            if one not in self.names:
                raise StateError(
                    _("There is no label {label!r}. The labels are {names}.").format(
                        label=one[:60], names=", ".join(self.names)
                    )
                )
        return labels

    # --- Actions ---

    def give(self, label: str) -> None:
        """Label the text that is shown. Raises `ValueError` when all texts are labelled."""
        if len(self.labels) >= len(self.items):
            raise ValueError(_("All texts are labelled. Go back, or take other texts."))
        self.labels = (*self.labels, label)

    def take_back(self) -> None:
        """Take the last label back."""
        self.labels = self.labels[:-1]

    def other_texts(self) -> None:
        """Draw other texts, and begin again."""
        with self.hold_trait_notifications():
            self.labels, self.own, self.seed = (), "", (self.seed + 1) % 10_001

    def update(self) -> None:
        """Show the next text or, when all are labelled, what the labels are worth."""
        is_first, self._is_begun = not self._is_begun, True
        require_at_most(MAX_CHARACTERS, self.own)
        if self._source != (self.seed, self.own):
            self.items = read_items(self.own, self.names) if self.own.strip() else self._drawn()
            self._source = (self.seed, self.own)
            if self.labels and not is_first:  # they are of other texts
                self.labels = ()
                return
        if len(self.labels) > len(self.items):
            raise ValueError(
                _("There are {labels} labels for {n} texts. Take some back.").format(
                    labels=len(self.labels), n=len(self.items)
                )
            )
        self._given = self.labels
        self.judgement = judge(self.items, self._given) if len(self._given) == len(self.items) else None
        for button in self._buttons:
            button.off = self.judgement is not None
        self._heading.value = html.heading(self._where())
        self._text.value = html.prose(self._current())
        self._result.value = self._result_page()

    def _drawn(self) -> list[Item]:
        assert self.column.texts is not None
        texts = self.column.texts()
        numbers = draw(range(len(self.column)), self._n, seed=self.seed)
        return [
            Item(
                texts[number],
                self.names[int(self.column.true[number])],
                self.names[int(self.model.predicted[number])],
            )
            for number in numbers
        ]

    # --- What is shown ---

    def _where(self) -> str:
        given, n = len(self._given), len(self.items)
        if self.judgement is not None:
            return ngettext("{n} text is labelled.", "All {n} texts are labelled.", n).format(n=n)
        return _("Text {place} of {n}: {names}?").format(place=given + 1, n=n, names=" / ".join(self.names))

    def _current(self) -> str:
        if self.judgement is not None:
            return _("The result is below. “Back” takes the last label back, “Other texts” begins again.")
        return on_one_line(self.items[len(self._given)].text, LONGEST)

    def _said(self) -> list[str]:
        found = self.judgement
        if found is None:
            return [_("How right the labels are is told when all texts are labelled.")]
        lines = [
            _("You: {accuracy} right; Cohen's kappa with the gold labels: {kappa}.").format(
                accuracy=found.accuracy, kappa=written_kappa(found.kappa)
            )
        ]
        if found.agreement is not None and found.test is not None and found.model_kappa is not None:
            lines += [
                _("{model}: {accuracy} right on the same texts.").format(
                    model=self.model.name, accuracy=found.model_accuracy
                ),
                _("You and the model give the same label to {agreement}; Cohen's kappa: {kappa}.").format(
                    agreement=found.agreement, kappa=written_kappa(found.model_kappa)
                ),
                _("You alone were right on {a}, the model alone on {b}; McNemar's test: p = {p}.").format(
                    a=found.test.only_a, b=found.test.only_b, p=f"{found.test.p_value:.2g}"
                ),
            ]
        return lines

    def _disputed(self) -> list[tuple[str, str]]:
        """What was said of each text on which learner, gold and model are not of one mind, and the text."""
        if self.judgement is None:
            return []
        lines = []
        for item, given in zip(self.items, self._given, strict=True):
            if {item.gold, item.model or item.gold} == {given}:
                continue
            sign = "✓" if given == item.gold else "✗"
            said = _("{sign} you: {given}, gold: {gold}").format(sign=sign, given=given, gold=item.gold)
            if item.model is not None:
                said = _("{said}, model: {model}").format(said=said, model=item.model)
            lines.append((said, on_one_line(item.text, LONGEST)))
        return lines

    def _result_page(self) -> str:
        if self.judgement is None:
            return ""
        lines = "".join(f"<div>{escape(line)}</div>" for line in self._said())
        disputed = items_page(self._disputed())
        above = _("Where you, the gold labels and the model differ") if disputed else _("All are of one mind.")
        return f"{lines}{html.heading(above)}{disputed}"

    def picture(self) -> Figure:
        if self.judgement is None:
            paragraphs = [Paragraph(self._where(), self._current(), True)]
        else:
            paragraphs = [Paragraph(said, text) for said, text in self._disputed()[:SHOWN]]
        return text_figure(
            paragraphs, title=_("Judge it yourself: {where}").format(where=self._where()), said=self._said()
        )

    def in_words(self) -> str:
        lines = [self._where(), *self._said()]
        if self.judgement is None:
            lines.insert(1, self._current()[:200])
        return "\n".join(lines)


def _require_classes(column: Column, n_names: int) -> None:
    classes = sorted(set(column.true.tolist()))
    if len(classes) < 2:
        raise ValueError(
            _(
                "The column {name!r} knows of an answer only whether it was right, so there is no gold label to "
                "compare with. Give a column with the classes of its items, such as 'reviews-500'."
            ).format(name=column.name)
        )
    if classes[-1] >= n_names:
        raise ValueError(
            _("The column {name!r} has the classes 0 to {last}, and there are {n} names: give one for each.").format(
                name=column.name, last=classes[-1], n=n_names
            )
        )


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """The names, if a line `name | text` says which of them it is."""
    found = tuple(names)
    usable = [isinstance(name, str) and name == name.strip() and bool(name) and "|" not in name for name in found]
    if len(found) < 2 or not all(usable) or len(set(found)) < len(found):
        raise ValueError(
            _("names is {names}; give two or more different ones, without “|” and without spaces around them.").format(
                names=", ".join(map(repr, found)) or "()"
            )
        )
    return found
