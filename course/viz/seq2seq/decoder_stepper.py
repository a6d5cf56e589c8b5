"""A decoder that generates one symbol at a time: its state, its candidates, and the learner's own choices."""

import random
from collections.abc import Iterable, Mapping
from typing import Any

import ipywidgets
import numpy as np
import traitlets
from matplotlib.figure import Figure

from course.decoding import DecodableModule
from course.messages import _, ngettext
from course.tasks import Task, Vocabulary
from course.tasks.task import Symbols
from course.viz.figures import next_token_bars
from course.viz.kit import html
from course.viz.kit.controls import STYLE, control_grid, control_row, float_slider, int_slider, side_by_side
from course.viz.kit.layout import stacked
from course.viz.kit.strips import token_strip_figure
from course.viz.kit.text import StripToken, number, percent, visible
from course.viz.kit.token_strip import TokenStrip
from course.viz.kit.traits import Number, StateError, Text, Whole
from course.viz.kit.widget import Action, LessonWidget, TextLine, require_at_most
from course.viz.seq2seq.decoder_path import Choice, Moment, Numbers, decode
from course.viz.seq2seq.figures import state_strips
from course.viz.seq2seq.number_strips import number_strips

MAX_CHARACTERS, TOP = 60, 6
PARTS = (_("Hidden state"), _("Cell state"))
BEGINNING, END = (Vocabulary(()).symbols[i] for i in (Vocabulary.bos_id, Vocabulary.eos_id))


class DecoderStepper(LessonWidget):
    """A source, and the output of a model for it, forward and back, symbol by symbol.

    The state is `text` (the source), `step` (how many symbols are written), `choices` (index in the output → the symbol
    chosen by hand) and `teacher_forcing` (the share of positions where the right symbol replaces the model's own, drawn
    with a fixed seed; it requires a text from the task's examples). `moments` holds every step. Any model of
    `course.decoding.search` with its task will do. A text of more than 60 characters is an error.
    """

    text = Text()
    step = Whole(0, min=0)
    choices: "traitlets.Dict[int, str]" = traitlets.Dict(key_trait=traitlets.Int(), value_trait=traitlets.Unicode())
    teacher_forcing = Number(0.0, min=0, max=1)

    def __init__(
        self, model: DecodableModule[Any], task: Task, text: str = "", step: int = 0, teacher_forcing: float = 0.0
    ) -> None:
        self.model, self.task = model, task
        self.moments: list[Moment] = []
        self._shown: tuple[str, Symbols] = ("", ())  # the text of the moments, and its symbols
        self.context: Numbers = ()
        parts = (task.train, task.validation, *task.tests.values())
        self._known = {example.source: example.targets[0] for part in parts for example in part}
        box, force = self._make_controls()
        self._heading, self._whole, self._title, self._state = (ipywidgets.HTML() for _widget in range(4))
        self.strip = TokenStrip(label=_("Symbols written"), empty=_("nothing written yet"))
        self._buttons = [ipywidgets.Button(layout=ipywidgets.Layout(width="5.5em")) for _row in range(TOP + 2)]
        self._bars = [ipywidgets.HTML() for _button in self._buttons]
        middle = ipywidgets.Layout(align_items="center", grid_gap="8px")
        rows = [ipywidgets.HBox(pair, layout=middle) for pair in zip(self._buttons, self._bars, strict=True)]
        self._state.add_class("lm-wide")
        for place, button in enumerate(self._buttons):
            button.on_click(self.guarded(lambda place=place: self.choose(self.candidates[place][0])))
        views = side_by_side(ipywidgets.VBox([self._title, *rows]), self._state)
        controls = control_row(self._back, self._slider, self._forward)
        children = [box, controls, control_grid(force), self._whole, self._heading, self.strip, views]
        super().__init__(children, text=text, teacher_forcing=teacher_forcing)
        traitlets.link((self, "text"), (box, "value"))
        traitlets.link((self, "step"), (self._slider, "value"))
        traitlets.link((self, "teacher_forcing"), (force, "value"))
        self.react(self.read, "text")
        self.start_with(step=step)
        self.observe(self.guarded(self.write), ("choices", "teacher_forcing"))
        self.react(self.draw, "step")

    def _make_controls(self) -> tuple[ipywidgets.Widget, ipywidgets.Widget]:
        auto = ipywidgets.Layout(width="auto")
        box = TextLine(
            description=_("Your text"),
            placeholder=_("Type something"),
            layout=ipywidgets.Layout(width="auto"),
            style=STYLE,
        )
        self._slider = int_slider(_("Written"), 0, 0)
        self._back = Action(_("◀ Back"), layout=auto)
        self._forward = Action(_("Forward ▶"), layout=auto)
        self._back.on_click(self.guarded(self.back))
        self._forward.on_click(self.guarded(self.forward))
        return box, float_slider(_("Teacher forcing"), 0.0, 1.0, step=0.25, digits=2)

    @traitlets.validate("step")
    def _inside(self, proposal: traitlets.Bunch) -> int:
        if proposal.value > len(self.moments):
            raise StateError(
                _("There is no step {step}: this output has {count} symbols, with its end.").format(
                    step=proposal.value, count=len(self.moments)
                )
            )
        return proposal.value

    @property
    def source(self) -> list[str]:
        """The symbols of the text that is shown; a capital letter that the task does not know becomes lower-case."""
        return list(self._shown[1])

    @property
    def right(self) -> Symbols | None:
        """The right output with the end symbol; None when the text is not among the task's examples."""
        target = self._known.get(self._shown[1])
        return None if target is None else (*target, END)

    @property
    def output(self) -> list[str]:
        """The whole output, without the end symbol."""
        return [moment.given for moment in self.moments if moment.given != END]

    @property
    def candidates(self) -> list[tuple[str, float]]:
        """The most probable symbols at this step, the written one and the right one, with their probabilities."""
        if self.step == len(self.moments):
            return []
        moment, symbols = self.moments[self.step], self.task.target.symbols
        best = [symbols[i] for i in np.argsort(-moment.probabilities, kind="stable")[:TOP]]
        right = self.right[self.step : self.step + 1] if self.right else ()
        shown = dict.fromkeys([*best, moment.given, *right])
        return [(symbol, float(moment.probabilities[symbols.index(symbol)])) for symbol in shown]

    def forward(self) -> None:
        """Write one more symbol; do nothing at the end."""
        self.step = min(self.step + 1, len(self.moments))

    def back(self) -> None:
        """Undo the last symbol; do nothing at the beginning."""
        self.step = max(self.step - 1, 0)

    def choose(self, symbol: str) -> None:
        """Write `symbol` at this step instead of the model's own, and let the model continue from there."""
        earlier = {place: chosen for place, chosen in self.choices.items() if place < self.step}
        self.choices = {**earlier, self.step: symbol}
        self.forward()

    def read(self) -> None:
        """Start with a new text: no choices, nothing written."""
        require_at_most(MAX_CHARACTERS, self.text)
        shown = self.text, self.task.symbols_from(self.text)
        context, moments = decode(self.model, self.task, shown[1], self._choice(shown[1], {}))
        self._shown = shown
        self.set_trait("choices", {})
        self._show(context, moments, step=0)

    def write(self) -> None:
        """Decode from the beginning, with the choices and the forced symbols."""
        source = self._shown[1]
        self._show(*decode(self.model, self.task, source, self._choice(source, self.choices)), step=self.step)

    def _show(self, context: Numbers, moments: list[Moment], *, step: int) -> None:
        self.context, self.moments = context, moments
        self._slider.max = len(moments)  # which clips its value, and so `step`
        self.step = min(step, len(moments))
        self.draw()

    def _choice(self, source: Symbols, choices: Mapping[int, str]) -> Choice:
        """A choice by hand has priority, then a forced right symbol, then the model's own."""
        generator, right = random.Random(0), (*self._known[source], END) if source in self._known else ()

        def choice(place: int, own: str) -> tuple[str, str]:
            forced = generator.random() < self.teacher_forcing
            if place in choices:
                return choices[place], _("chosen by hand")
            if forced and place < len(right):
                return right[place], _("the right symbol, forced")
            return own, _("the model's own choice")

        return choice

    def draw(self) -> None:
        """Show the output after `step` symbols."""
        self.strip.tokens = [self._strip_token(moment) for moment in self.moments[: self.step]]
        self._heading.value = html.heading(self._count(), self._total())
        self._whole.value = html.prose(self._lines())
        self._title.value = html.heading(self._candidates_title())
        candidates = self.candidates
        for place, (button, bar) in enumerate(zip(self._buttons, self._bars, strict=True)):
            button.layout.display = None if place < len(candidates) else "none"
            button.description, bar.value = "", ""
            if place < len(candidates):
                symbol, probability = candidates[place]
                button.description, bar.value = (
                    visible(symbol),
                    html.bar(probability, self._bar_text(symbol, probability)),
                )
        self._state.value = "".join(
            number_strips(labels, rows, title) for title, labels, rows in self._states()
        ) or html.prose(self._no_state())
        self._back.off, self._forward.off = self.step == 0, self.step == len(self.moments)

    def _states(self) -> list[tuple[str, list[str], np.ndarray]]:
        """For each part of the state: its name, row labels, and its values after the source and each symbol read."""
        shown = self.moments[: self.step + 1]
        labels = [_("the source"), BEGINNING, *(visible(moment.given) for moment in self.moments[: self.step])][
            : len(shown) + 1
        ]
        parts = zip(PARTS, zip(self.context, *(moment.state for moment in shown), strict=True), strict=False)
        return [(title, labels, np.stack(rows)) for title, rows in parts]

    def _strip_token(self, moment: Moment) -> StripToken:
        probability = float(moment.probabilities[self.task.target.symbols.index(moment.given)])
        lines = [moment.by, _("probability {probability}").format(probability=percent(probability, 1))]
        if moment.own != moment.given:
            lines.append(_("the model itself would predict {symbol}").format(symbol=visible(moment.own)))
        note = percent(probability) if moment.own == moment.given else f"≠ {visible(moment.own)}"
        return StripToken(moment.given, note=note, lines=tuple(lines), strength=probability)

    def _count(self) -> str:
        return ngettext("{count} symbol written", "{count} symbols written", self.step).format(count=self.step)

    def _total(self) -> str:
        symbols = self.task.target.symbols
        chances = [m.probabilities[symbols.index(m.given)] for m in self.moments[: self.step]]
        total = _("log-probability so far: {total}").format(total=number(float(np.log(chances).sum())))
        return total + (". " + _("The end.") if self.moments and self.step == len(self.moments) else "")

    def _lines(self) -> str:
        """The whole output, and the right one."""
        written = _("The whole output: {symbols}").format(symbols=_row(self.output))
        if self.right is None:
            return written + "\n" + _("The examples do not have this text: there is no right output to force.")
        return written + "\n" + _("The right output: {symbols}").format(symbols=_row(self.right[:-1]))

    def _candidates_title(self) -> str:
        return _("Next might be; press one to write it") if self.candidates else _("Nothing more to decode")

    def _bar_text(self, symbol: str, probability: float) -> str:
        notes = [_("◀ next")] if symbol == self.moments[self.step].given else []
        if self.right and self.right[self.step : self.step + 1] == (symbol,):
            notes.append(_("right"))
        return "  ".join([percent(probability, 1), *notes])

    def _no_state(self) -> str:
        if not self.moments:
            return ""
        return _("This model keeps no state of fixed size: at each step it looks at all symbols again.")

    def picture(self) -> Figure:
        views = [token_strip_figure({f"{self._shown[0]}   {self._count()}; {self._total()}": self.strip.tokens})]
        if candidates := self.candidates:
            symbols, values = zip(*candidates, strict=True)
            chosen = symbols.index(self.moments[self.step].given)
            views.append(next_token_bars(symbols, values, chosen=chosen, title=_("What could come next")))
        views += [state_strips(labels, rows, title=title) for title, labels, rows in self._states()]
        return stacked(views)

    def in_words(self) -> str:
        best = ", ".join(f"{visible(symbol)} {percent(probability)}" for symbol, probability in self.candidates[:3])
        lines = [f"{self._shown[0]}: {self._count()}", self.strip.summary(), self._lines()]
        return "\n".join([*lines, f"{self._candidates_title()}: {best}".rstrip(": ")])


def _row(symbols: Iterable[str]) -> str:
    """Symbols separated by spaces; symbols that are spaces are made visible."""
    return " ".join(map(visible, symbols))
