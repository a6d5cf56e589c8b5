"""A prompt, a model's answer token by token, and the alternatives to each token."""

import threading
import time

import ipywidgets
import torch
import traitlets
from matplotlib.figure import Figure

from course.decoding import Step, generate, probabilities
from course.gpt import Decoder
from course.messages import _, ngettext
from course.pretrained import chat_ids
from course.tokenization.bpe import ByteLevelBPE
from course.viz.figures import next_token_bars
from course.viz.kit import html
from course.viz.kit.controls import STYLE, control_grid, control_row, float_slider, int_slider
from course.viz.kit.layout import stacked
from course.viz.kit.strips import token_strip_figure
from course.viz.kit.text import NEWLINE, StripToken, percent, readable, visible
from course.viz.kit.token_strip import TokenStrip
from course.viz.kit.traits import Flag, Number, StateError, Text, Whole
from course.viz.kit.widget import Action, LessonWidget, text_box

TOP = 10
MAX_SEED = 999_999


def prompt_ids(tokenizer: ByteLevelBPE, prompt: str, *, chat: bool) -> list[int]:
    """The ids of the prompt, alone or inside the chat template.

    Only the template's own control tokens become control tokens; whatever the user typed remains plain text.
    Raises `ValueError` for an empty prompt.
    """
    if not prompt.strip():
        raise ValueError(_("The prompt is empty. Type something for the model to answer."))
    return chat_ids(tokenizer, prompt) if chat else tokenizer.encode(prompt)


class PromptExplorer(LessonWidget):
    """A prompt box, buttons to generate and stop, the growing answer, and the alternatives to the selected token.

    The state is `prompt`, `chat` (True for the chat template, False to continue the raw text), `temperature`,
    `max_new_tokens`, `seed`, and `selected`, the index of the token whose alternatives are shown. `run()` generates in
    the calling thread, the button in a background thread; `stop()` ends either, and `running` is True meanwhile, when
    another start is an error.
    `steps` holds the tokens with their logits, `answer` the text, `tokens_per_second` the speed after the first token.
    """

    prompt = Text()
    chat = Flag(True)
    temperature = Number(0.0, min=0, max=2)
    max_new_tokens = Whole(40, min=1, max=200)
    seed = Whole(0, min=0, max=MAX_SEED)
    selected = Whole(None, min=0, allow_none=True)
    running = traitlets.Bool(False)
    answer = traitlets.Unicode("")
    tokens_per_second = traitlets.Float(0.0)

    def __init__(self, model: Decoder, tokenizer: ByteLevelBPE, prompt: str = "", **state: object) -> None:
        self.model, self.tokenizer = model, tokenizer
        self.steps: list[Step] = []
        self._asked: tuple[object, ...] | None = None  # the settings of the answer that is shown
        self._stop, self._starting = threading.Event(), threading.Lock()
        self._speed, self._answer, self._bars = (ipywidgets.HTML() for _widget in range(3))
        self._speed.add_class("lm-silent")  # it changes with each token
        self.strip = TokenStrip(label=_("Tokens of the answer"), empty="")
        super().__init__([*self._controls(), self._speed, self._answer, self.strip, self._bars], prompt=prompt)
        self.start_with(**state)
        for name, control in self._linked.items():
            traitlets.link((self, name), (control, "value"))
        traitlets.link((self, "selected"), (self.strip, "selected"))
        self.react(self.draw_buttons, "running")
        self.react(self.draw_alternatives, "selected")
        self.react(self.draw_heading, *self._linked)
        self.react(self.draw_temperature, "temperature")

    def _controls(self) -> list[ipywidgets.Widget]:
        box = text_box(_("Prompt"))
        modes = [(_("Chat"), True), (_("Continue the text"), False)]
        mode = ipywidgets.ToggleButtons(description=_("Mode"), options=modes, style=STYLE)
        mode.style.button_width = "auto"
        temperature = float_slider(_("Temperature"), 0.0, 2.0, step=0.1, digits=1)
        longest = int_slider(_("Most tokens"), 1, 200)
        seed = ipywidgets.BoundedIntText(description=_("Seed"), max=MAX_SEED, style=STYLE)
        self._linked = {
            "prompt": box,
            "chat": mode,
            "temperature": temperature,
            "max_new_tokens": longest,
            "seed": seed,
        }
        self._generate_button = Action(_("Generate"), button_style="primary")
        self._stop_button = Action(_("Stop"))
        self._generate_button.on_click(self.guarded(self.start))
        self._stop_button.on_click(self.guarded(self.stop))
        buttons = control_row(self._generate_button, self._stop_button, mode)
        return [box, buttons, control_grid(temperature, longest, seed)]

    def start(self) -> threading.Thread:
        """Generate in the background, so that the page stays responsive. Raises `RuntimeError` if already running."""
        self._begin()
        thread = threading.Thread(target=self._generate, daemon=True)
        thread.start()
        return thread

    def run(self) -> str:
        """Generate an answer in this thread and return it, "" when an error is shown and kept in `error`.

        Raises `RuntimeError` if already running.
        """
        self._begin()
        return self._generate()

    def stop(self) -> None:
        """End the generation after the current token; do nothing when there is none."""
        self._stop.set()

    def _begin(self) -> None:
        with self._starting:
            if self.running:
                raise RuntimeError(_("The model is still generating. Stop it first."))
            self._stop.clear()
            self.running = True

    def _generate(self) -> str:
        """Generate until the end or until `stop`. An error before the first token leaves the last answer in place."""
        self.forget_error()
        self._speed.value = html.heading(_("Reading the prompt …"))
        failed = None
        try:
            self._write()
        except Exception as error:
            failed = error
        self.running = False
        if self.steps and self.selected is None:
            self.selected = 0
        self.draw_heading()
        if failed is not None:
            self.show_error(failed)
            return ""
        self.forget_error()  # "still writing", which is no longer so
        return self.answer

    def _write(self) -> None:
        asked = self._settings
        steps = generate(
            self.model,
            prompt_ids(self.tokenizer, self.prompt, chat=self.chat),
            self.max_new_tokens,
            temperature=self.temperature,
            stop=self.tokenizer.special.ids.values(),  # a control token ends the answer
            generator=torch.Generator(next(self.model.parameters()).device).manual_seed(self.seed),
        )
        newest = next(steps, None)
        self.selected, self.answer, self.strip.tokens, self.tokens_per_second = None, "", [], 0.0
        self.steps, self._asked, self._answer.value = [], asked, ""
        first = time.perf_counter()
        while newest is not None:
            self.steps.append(newest)
            if len(self.steps) > 1:
                self.tokens_per_second = (len(self.steps) - 1) / (time.perf_counter() - first)
            self._draw_answer()
            newest = None if self._stop.is_set() else next(steps, None)

    def _draw_answer(self) -> None:
        """Show the newest token, the text and the speed so far."""
        self.strip.tokens = [*self.strip.tokens, self._strip_token(self.steps[-1])]
        self.answer = self.tokenizer.decode([step.token for step in self.steps])
        self._answer.value = html.prose(self.answer)
        self.draw_heading()

    @property
    def _settings(self) -> tuple[object, ...]:
        """What the answer depends on."""
        return self.prompt, self.chat, self.temperature, self.max_new_tokens, self.seed

    def draw_heading(self) -> None:
        """Show the number of tokens and the speed, and whether the answer is that of an earlier prompt or setting."""
        earlier = _("· to an earlier prompt or setting; press Generate for a new answer")
        outdated = self._asked is not None and self._asked != self._settings and not self.running
        shown = self._asked is not None or self.running
        detail = " ".join(filter(None, [self._rate(), earlier if outdated else ""]))
        self._speed.value = html.heading(self._count(), detail) if shown else ""

    def draw_temperature(self) -> None:
        """Show all probabilities at the temperature of the slider."""
        self.strip.tokens = [self._strip_token(step) for step in self.steps]
        self.draw_alternatives()

    def _strip_token(self, step: Step) -> StripToken:
        probability = self._distribution(step)[step.token].item()
        rank = 1 + int((step.log_probabilities > step.log_probabilities[step.token]).sum())
        lines = (
            _("id {id}").format(id=step.token),
            _("probability {probability}").format(probability=percent(probability, 1)),
            _("number {rank} of the model's guesses").format(rank=f"{rank:,}"),
        )
        return StripToken(self._text(step.token), note=percent(probability), lines=lines, strength=probability)

    def _distribution(self, step: Step) -> torch.Tensor:
        return probabilities(step.log_probabilities, temperature=self.temperature or 1.0)

    def _text(self, token: int) -> str:
        return readable(self.tokenizer.decode_bytes([token]))

    @traitlets.validate("selected")
    def _inside(self, proposal: traitlets.Bunch) -> int | None:
        if proposal.value is not None and proposal.value >= len(self.steps):
            raise StateError(
                _("There is no token {place}: the answer has {count}, counted from 0.").format(
                    place=proposal.value, count=len(self.steps)
                )
            )
        return proposal.value

    @property
    def _chosen(self) -> int | None:
        """The token at the selected place; None when no place is selected."""
        return None if self.selected is None else self.steps[self.selected].token

    @property
    def alternatives(self) -> list[tuple[int, float]]:
        """The ten most probable tokens at the selected place, and the chosen one, as (id, probability).

        They are those of the temperature of the slider, and at 0 those of 1.
        """
        if self.selected is None:
            return []
        step = self.steps[self.selected]
        distribution = self._distribution(step)
        best = distribution.topk(min(TOP, len(distribution)))
        tokens = list(zip(best.indices.tolist(), best.values.tolist(), strict=True))
        if step.token not in best.indices:
            tokens.append((step.token, distribution[step.token].item()))
        return tokens

    def draw_buttons(self) -> None:
        """Enable only the buttons that have an effect."""
        self._generate_button.off, self._stop_button.off = self.running, not self.running

    def draw_alternatives(self) -> None:
        """Show the bars of the selected token."""
        bars = [
            html.Bar(visible(self._text(token)), p, percent(p, 1), marked=chosen, note=_("◀ chosen") if chosen else "")
            for token, p in self.alternatives
            for chosen in [token == self._chosen]
        ]
        self._bars.value = html.bars(bars, self._bars_title(), full=1.0) if bars else ""

    def _bars_title(self) -> str:
        if self.temperature == 0:
            return _("What could have come at position {place}; temperature 0.0 takes the first").format(
                place=self.selected + 1
            )
        return _("What could have come at position {place}, at temperature {temperature}").format(
            place=self.selected + 1, temperature=f"{self.temperature:.1f}"
        )

    def _count(self) -> str:
        return ngettext("{count} token", "{count} tokens", len(self.steps)).format(count=len(self.steps))

    def _rate(self) -> str:
        return _("{rate} tokens/s").format(rate=f"{self.tokens_per_second:.1f}") if self.tokens_per_second else ""

    def _prompt_in_words(self) -> str:
        """The prompt of the answer that is shown."""
        prompt = self.prompt if self._asked is None else str(self._asked[0])
        return _("Prompt: {prompt}").format(prompt=prompt.replace("\n", NEWLINE))

    def picture(self) -> Figure:
        views = [token_strip_figure({self._prompt_in_words(): self.strip.tokens}, selected=self.selected)]
        if alternatives := self.alternatives:
            tokens, values = zip(*alternatives, strict=True)
            chosen = tokens.index(self._chosen)
            texts = [self._text(token) for token in tokens]
            views.append(next_token_bars(texts, values, chosen=chosen, title=self._bars_title()))
        return stacked(views)

    def in_words(self) -> str:
        lines = [
            self._prompt_in_words(),
            _("Answer: {answer}").format(answer=self.answer.replace("\n", NEWLINE)),
        ]
        if alternatives := self.alternatives:
            best = ", ".join(f"{visible(self._text(token))} {percent(share)}" for token, share in alternatives[:3])
            lines.append(f"{self._bars_title()}: {best}")
        return "\n".join(lines)
