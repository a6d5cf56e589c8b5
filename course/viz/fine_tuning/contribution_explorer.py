"""What each word of a text adds to a classifier's answer, in two ways, and whether the sum can be trusted."""

import ipywidgets
import traitlets
from matplotlib.figure import Figure

from course.fine_tuning import AnyClassifier, predict_logits
from course.interpretability.contributions import TOLERANCE, Contributions, integrated_gradients, leave_one_out
from course.messages import _, ngettext
from course.viz.figures.bars import number_bars
from course.viz.kit import html
from course.viz.kit.controls import STYLE, control_grid, side_by_side
from course.viz.kit.layout import stacked
from course.viz.kit.text import number, percent
from course.viz.kit.traits import StateError, Text
from course.viz.kit.widget import LessonWidget, require_at_most, text_box

MAX_CHARACTERS = 300
TRUSTED = 10 * TOLERANCE  # in log-odds: how far the sum may be off before the view says so


class ContributionExplorer(LessonWidget):
    """A text, and what each of its words adds to the log-odds of a class.

    The state is `text` and `target`, one of the model's classes. `left_out` and `gradients` are the contributions by
    leaving out and by integrated gradients, `probability` is that of the target.
    """

    text = Text()
    target = traitlets.Unicode()
    left_out: Contributions
    gradients: Contributions
    probability: float

    def __init__(self, model: AnyClassifier, text: str, target: str | None = None) -> None:
        self.model = model
        box = text_box(_("Your text"), _("Type something"))
        box.rows = 2
        classes = ipywidgets.Dropdown(options=list(model.classes), description=_("Class"), style=STYLE)
        self._heading, self._sum = ipywidgets.HTML(), ipywidgets.HTML()
        self._bars = [ipywidgets.HTML(), ipywidgets.HTML()]
        views = [box, control_grid(classes), self._heading, side_by_side(*self._bars), self._sum]
        super().__init__(views, text=text)
        self.start_with(target=model.classes[-1] if target is None else target)
        for name, control in (("text", box), ("target", classes)):
            traitlets.link((self, name), (control, "value"))
        self.react(self.update, "text", "target")

    @traitlets.validate("target")
    def _known_class(self, proposal: traitlets.Bunch) -> str:
        if proposal.value not in self.model.classes:
            raise StateError(
                _("There is no class {name!r}; there are: {known}.").format(
                    name=proposal.value, known=", ".join(self.model.classes)
                )
            )
        return proposal.value

    def update(self) -> None:
        """Leave out each word, and integrate the gradients."""
        require_at_most(MAX_CHARACTERS, self.text)
        left_out = leave_one_out(
            lambda texts: predict_logits(self.model, texts), self.text, self.model.classes, self.target
        )
        gradients = integrated_gradients(self.model, self.text, self.target, tolerance=TRUSTED)
        logits = predict_logits(self.model, [self.text])
        self.left_out, self.gradients, self._explained = left_out, gradients, self.text
        self.probability = logits.softmax(dim=-1)[0, self.model.classes.index(self.target)].item()
        self._heading.value = html.heading(self._said())
        low, high = self._scale()
        for view, (title, found) in zip(self._bars, self._both(), strict=True):
            view.value = html.bars(_rows(found), title, high, low)
        self._sum.value = html.prose("\n".join(self._notes()))

    def _both(self) -> tuple[tuple[str, Contributions], tuple[str, Contributions]]:
        return (
            (_("Without the word, the log-odds fall by"), self.left_out),
            (_("By integrated gradients, the word adds"), self.gradients),
        )

    def _scale(self) -> tuple[float, float]:
        """From the lowest to the highest contribution of both ways: what is as long in one is as large in the other."""
        values = [value for _title, found in self._both() for value in found.values]
        return min(0.0, *values), max(0.0, *values)

    def _said(self) -> str:
        return _("{target}: {probability}, log-odds {score}").format(
            target=self.gradients.target,
            probability=percent(self.probability, 1),
            score=number(self.gradients.text_score, sign=True),
        )

    def _notes(self) -> list[str]:
        """What to know of the bars, a sentence or two a line."""
        n, n_words = self.gradients.n_unread, len(self.gradients.words)
        cut = ngettext(
            "The model reads at most {limit} tokens: {n} of the {n_words} words is beyond them, and adds nothing.",
            "The model reads at most {limit} tokens: {n} of the {n_words} words are beyond them, and add nothing.",
            n,
        ).format(limit=self.model.limit, n=n, n_words=n_words)
        return [self._completeness(), cut] if n else [self._completeness()]

    def _completeness(self) -> str:
        found = self.gradients
        assert found.baseline_score is not None and found.sum_gap is not None
        total, text, baseline = (
            number(value, 3, sign=True) for value in (sum(found.values), found.text_score, found.baseline_score)
        )
        gap = number(abs(found.sum_gap), 3)
        if abs(found.sum_gap) > TRUSTED:
            return _(
                "The integrated gradients add up to {total}; from {baseline}, all words masked, to {text} it should be "
                "{gap} more or less. Do not trust these bars."
            ).format(total=total, text=text, baseline=baseline, gap=gap)
        return _(
            "The integrated gradients add up to {total}: from {baseline}, all words masked, to {text}. The sum is off "
            "by {gap}. The words left out need not add up to anything."
        ).format(total=total, text=text, baseline=baseline, gap=gap)

    def picture(self) -> Figure:
        found, (title_left_out, _title) = self.gradients, [title for title, _found in self._both()]
        assert found.sum_gap is not None
        title_gradients = _("By integrated gradients, the word adds; the sum of {total} is off by {gap}").format(
            total=number(sum(found.values), 3, sign=True), gap=number(abs(found.sum_gap), 3)
        )
        bars = [
            number_bars(
                found.words,
                found.values,
                title=title,
                xlabel=_("log-odds of {target}").format(target=found.target),
                limits=self._scale(),
            )
            for title, found in ((title_left_out, self.left_out), (title_gradients, self.gradients))
        ]
        return stacked(bars)

    def in_words(self) -> str:
        lines = [
            f"{title} {', '.join(f'{word} {number(value, sign=True)}' for word, value in _strongest(found))}"
            for title, found in self._both()
        ]
        return "\n".join([f"{self._explained!r}", self._said(), *lines, *self._notes()])


def _strongest(found: Contributions, most: int = 4) -> list[tuple[str, float]]:
    pairs = list(zip(found.words, found.values, strict=True))
    return sorted(pairs, key=lambda pair: -abs(pair[1]))[:most]


def _rows(found: Contributions) -> list[html.Bar]:
    strongest = max(range(len(found.values)), key=lambda place: abs(found.values[place]))
    return [
        html.Bar(word, value, number(value, sign=True), marked=place == strongest)
        for place, (word, value) in enumerate(zip(found.words, found.values, strict=True))
    ]
