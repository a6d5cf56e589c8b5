"""One instruction, answered by a base model and a tuned one, token by token, beside each other."""

from collections.abc import Mapping
from html import escape
from itertools import starmap

import ipywidgets
import traitlets
from matplotlib.figure import Figure

from course.layers.language_model import CausalLanguageModel
from course.layers.sizes import require_whole
from course.messages import _, ngettext
from course.tokenization import ByteLevelBPE
from course.viz.instruction.answers_figure import AnswerColumn, answers_figure
from course.viz.instruction.stepwise_answer import (
    AnswerStep,
    PromptForm,
    PromptPiece,
    StepwiseAnswer,
    answer_stepwise,
    first_difference,
    form_name,
)
from course.viz.kit import html
from course.viz.kit.controls import control_row, int_slider
from course.viz.kit.text import MARKS, NEWLINE, StripToken, percent, visible
from course.viz.kit.token_strip import TokenStrip
from course.viz.kit.traits import StateError, Text, Whole
from course.viz.kit.widget import Action, LessonWidget, require_at_most, text_box

MAX_CHARACTERS = 2_000  # of the instruction, and of the input
REMEMBERED = 16  # instructions whose answers are kept
DIFFERS = "≠"
Model = tuple[CausalLanguageModel, ByteLevelBPE, PromptForm]
Asked = tuple[str, str]  # the instruction and the input


class SideBySide(LessonWidget):
    """The greedy answers of two models or more to one instruction, and the most probable tokens of a step of each.

    `models`: name → model, its tokenizer, and the form of its prompts: a `ChatTemplate`, or `PlainText` for a model
    that knows no turns. The state is `instruction`, `input` (may be empty) and `step`, counted from 1. An answer ends
    with a special token, or after `limit` tokens. `answers` is what is shown, `differences` the step in which each
    first differs from the others. The boxes ask when they are left, and so does the button. The model's weights must
    stay as they are. Raises `ValueError` for fewer than two models, and for a limit below 1.
    """

    instruction = Text()
    input = Text()
    step = Whole(1, min=1)

    def __init__(
        self,
        models: Mapping[str, Model],
        instruction: str = "",
        input: str = "",
        *,
        step: int = 1,
        limit: int = 24,
    ) -> None:
        if len(models) < 2:
            raise ValueError(_("There is nothing to compare: give two models or more, by their names."))
        require_whole(limit, "limit")
        self.models, self.limit = dict(models), limit
        self.answers: dict[str, StepwiseAnswer] = {}
        self.differences: tuple[int | None, ...] | None = None
        self._asked: Asked = ("", "")
        self._known: dict[Asked, dict[str, StepwiseAnswer]] = {}
        boxes = {
            "instruction": text_box(_("Instruction"), _("Type an instruction")),
            "input": text_box(_("Input"), _("May be empty")),
        }
        for box in boxes.values():
            box.rows, box.continuous_update = 2, False
        ask = Action(_("Answer"), button_style="primary")
        self._slider = int_slider(_("Token"), 1, 1)
        self._heading = ipywidgets.HTML()
        self._prompts = {name: ipywidgets.HTML() for name in models}
        self._bars = {name: ipywidgets.HTML() for name in models}
        self.strips = {name: TokenStrip(label=_("Answer of {name}").format(name=name)) for name in models}
        columns = [ipywidgets.VBox([self._prompts[name], self.strips[name], self._bars[name]]) for name in self.models]
        answers = ipywidgets.Box(columns).add_class("lm-answers")
        views = [control_row(ask, self._slider), self._heading, answers]
        super().__init__([*boxes.values(), *views], instruction=instruction, input=input)
        for name, box in boxes.items():
            traitlets.link((self, name), (box, "value"))
        self.react(self.update, "instruction", "input", "step")
        self.start_with(step=step)
        traitlets.link((self, "step"), (self._slider, "value"))
        ask.on_click(self.guarded(self.update))
        for strip in self.strips.values():
            strip.observe(self._go, "selected")

    @property
    def n_steps(self) -> int:
        """The steps of the longest answer, and 1 where there is none."""
        return max((len(answer.steps) for answer in self.answers.values()), default=1)

    @traitlets.validate("step")
    def _inside(self, proposal: traitlets.Bunch) -> int:
        if proposal.value > self.n_steps:
            raise StateError(
                _("There is no step {step}: the longest answer has {count}, counted from 1.").format(
                    step=proposal.value, count=self.n_steps
                )
            )
        return proposal.value

    def _go(self, change: traitlets.Bunch) -> None:
        """A token that is selected in an answer is the step that is shown of all."""
        if change.new is not None:
            self.step = change.new + 1

    def update(self) -> None:
        """Ask all models, unless they have been asked this already, and show the step."""
        asked = (self.instruction, self.input)
        for text in asked:
            require_at_most(MAX_CHARACTERS, text)
        if asked != self._asked:
            self._show(asked, self._known.get(asked) or self._answers(*asked))
        elif not self.answers:
            raise ValueError(_("There is nothing to answer. Type an instruction."))
        self._draw_step()

    def _answers(self, instruction: str, text: str) -> dict[str, StepwiseAnswer]:
        if not (instruction.strip() or text.strip()):
            raise ValueError(_("There is nothing to answer. Type an instruction."))
        said = "\n\n".join(part for part in (instruction, text) if part.strip())
        return {
            name: answer_stepwise(model, tokenizer, form, said, self.limit)
            for name, (model, tokenizer, form) in self.models.items()
        }

    def _show(self, asked: Asked, answers: dict[str, StepwiseAnswer]) -> None:
        """Show other answers, from their first step on."""
        self._known.pop(asked, None)
        self._known[asked] = answers
        while len(self._known) > REMEMBERED:
            del self._known[next(iter(self._known))]
        self._asked, self.answers = asked, answers
        self.differences = first_difference(list(answers.values()))
        self._heading.value = html.heading(self._said())
        for name, answer in answers.items():
            self._prompts[name].value = self._prompt_page(name, answer)
            self.strips[name].tokens = self._strip_tokens(name)
        self.step = 1
        self._slider.max = self.n_steps

    def _draw_step(self) -> None:
        for name, answer in self.answers.items():
            inside = self.step <= len(answer.steps)
            self.strips[name].selected = self.step - 1 if inside else None
            self._bars[name].value = self._bars_page(name) if inside else f"<div>{escape(self._over(name))}</div>"

    # --- What is shown ---

    def _differs_at(self, name: str) -> int | None:
        """The step in which this answer first differs from another."""
        return None if self.differences is None else self.differences[list(self.answers).index(name)]

    def _said(self) -> str:
        places = [(name, self._differs_at(name)) for name in self.answers]
        named = ", ".join(
            _("token {step} of {name}").format(step=step, name=name) for name, step in places if step is not None
        )
        if named:
            return _("The answers first differ at {sign} {places}.").format(sign=DIFFERS, places=named)
        if all(answer.has_ended for answer in self.answers.values()):
            return _("The answers are the same, to the end.")
        return _("The answers are the same, as far as they go.")

    def _size(self, name: str) -> str:
        """How long an answer is, and what ended it."""
        answer = self.answers[name]
        n = len(answer.steps)
        if answer.has_ended:
            said = ngettext("{n} token, the last a special token.", "{n} tokens, the last a special token.", n)
        else:
            said = ngettext("{n} token, cut at the limit.", "{n} tokens, cut at the limit.", n)
        return said.format(n=n)

    def _over(self, name: str) -> str:
        n = len(self.answers[name].steps)
        return ngettext(
            "This answer has {n} token: nothing comes here.", "This answer has {n} tokens: nothing comes here.", n
        ).format(n=n)

    def _prompt_page(self, name: str, answer: StepwiseAnswer) -> str:
        written = "".join(map(_piece_page, answer.prompt))
        label = escape(_("Prompt of {name}").format(name=name))
        prompt = f'<div class="lm-prose" dir="auto" tabindex="0" role="region" aria-label="{label}">{written}</div>'
        return f"{html.heading(name, form_name(self.models[name][2]))}{prompt}<div>{escape(self._size(name))}</div>"

    def _strip_tokens(self, name: str) -> list[StripToken]:
        differs = self._differs_at(name)
        return [_strip_token(step, number == differs) for number, step in enumerate(self.answers[name].steps, start=1)]

    def _bars_title(self) -> str:
        return _("Most probable at token {step}").format(step=self.step)

    def _bars_page(self, name: str) -> str:
        top = self.answers[name].steps[self.step - 1].top
        bars = [
            html.Bar(visible(text), share, percent(share, 1), marked=place == 0, note="◀" if place == 0 else "")
            for place, (text, share) in enumerate(top)
        ]
        return html.bars(bars, self._bars_title(), full=1.0)

    def picture(self) -> Figure:
        columns = []
        for name, answer in self.answers.items():
            inside = self.step <= len(answer.steps)
            columns.append(
                AnswerColumn(
                    name,
                    form_name(self.models[name][2]),
                    "".join(starmap(_piece_text, answer.prompt)),
                    self._strip_tokens(name),
                    self._size(name),
                    answer.steps[self.step - 1].top if inside else (),
                    self._over(name),
                )
            )
        return answers_figure(columns, title=self._said(), caption=self._bars_title(), selected=self.step - 1)

    def in_words(self) -> str:
        lines = [self._said()]
        for name, answer in self.answers.items():
            prompt = "".join(starmap(_piece_text, answer.prompt)).replace("\n", NEWLINE)
            lines.append(
                _("{name}, {form}: {prompt}").format(name=name, form=form_name(self.models[name][2]), prompt=prompt)
            )
            text = answer.text.replace("\n", NEWLINE)
            lines.append(_("{name} answers: {text} ({size})").format(name=name, text=text, size=self._size(name)))
        lines.append(f"{self._bars_title()}:")
        for name, answer in self.answers.items():
            if self.step > len(answer.steps):
                lines.append(f"{name}: {self._over(name)}")
            else:
                top = answer.steps[self.step - 1].top
                lines.append(f"{name}: {', '.join(f'{visible(text)} {percent(share, 1)}' for text, share in top)}")
        return "\n".join(lines)


def _piece_text(text: str, is_special: bool) -> str:
    return f"{MARKS['special'][0]}{text}" if is_special else text


def _piece_page(piece: PromptPiece) -> str:
    text = escape(_piece_text(*piece))
    return f"<b>{text}</b>" if piece.is_special else text


def _strip_token(step: AnswerStep, differs: bool) -> StripToken:
    probability = step.top[0][1]
    lines = [_("probability {probability}").format(probability=percent(probability, 1))]
    if differs:
        lines.append(_("Here the answers first differ."))
    return StripToken(
        step.text,
        note=f"{DIFFERS} {percent(probability)}" if differs else percent(probability),
        lines=tuple(lines),
        mark="special" if step.is_end else "",
        strength=min(probability, 1.0),
    )
