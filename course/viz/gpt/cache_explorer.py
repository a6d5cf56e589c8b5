"""The same text generated with the cache and without it: the same tokens, the time and the positions of each."""

import threading
import time
from collections.abc import Iterator, Mapping
from html import escape
from statistics import median

import ipywidgets
import torch
import traitlets
from matplotlib.figure import Figure

from course.decoding import Step, generate
from course.gpt import Decoder
from course.messages import _
from course.tokenization.bpe import ByteLevelBPE
from course.viz.gpt.figures import token_times
from course.viz.kit import html
from course.viz.kit.controls import STYLE, control_grid, control_row, int_slider
from course.viz.kit.style import BLUE, VERMILLION
from course.viz.kit.text import NEWLINE
from course.viz.kit.traits import StateError, Text, Whole
from course.viz.kit.widget import Action, LessonWidget, require_at_most, text_box

MAX_CHARACTERS, MAX_NEW = 600, 60
WIDTH, LEFT, RIGHT, TOP, BOTTOM = 460, 44, 450, 66, 176  # pixels of the chart, and where its axes are
LINES = {True: (BLUE, ""), False: (VERMILLION, "6 4")}  # by whether there is a cache: color, and the dashes of the line


class CacheExplorer(LessonWidget):
    """A text, a button, and the time of each new token with the cache and without.

    The state is `model` (a key of `models`), `text` and `max_new_tokens`; the tokens are the most probable ones.
    `run()` generates in the calling thread, the button in one of its own; `stop()` ends either. `times` has the
    milliseconds of each token, by whether there was a cache; `tokens` the ids, `answer` the text.
    """

    model = traitlets.Unicode()
    text = Text()
    max_new_tokens = Whole(16, min=1, max=MAX_NEW)
    running = traitlets.Bool(False)
    answer = traitlets.Unicode("")

    def __init__(
        self,
        models: Mapping[str, tuple[Decoder, ByteLevelBPE]],
        text: str,
        *,
        model: str | None = None,
        max_new_tokens: int = 16,
    ) -> None:
        if not models:
            raise ValueError(_("There is no model to time: give one, with its tokenizer."))
        self.models = dict(models)
        self.times: dict[bool, list[float]] = {True: [], False: []}
        self.tokens: dict[bool, list[int]] = {True: [], False: []}
        self.n_prompt = 0
        self._asked: tuple[object, ...] | None = None
        self._readable = ""  # the last prompt that could be read
        self._stop, self._starting = threading.Event(), threading.Lock()
        box = text_box(_("Prompt"))
        box.rows = 2
        names = ipywidgets.Dropdown(options=list(self.models), description=_("Model"), style=STYLE)
        longest = int_slider(_("New tokens"), 1, MAX_NEW)
        self._button, self._stop_button = Action(_("Generate both ways"), button_style="primary"), Action(_("Stop"))
        self._button.on_click(self.guarded(self.start))
        self._stop_button.on_click(self.guarded(self.stop))
        self._heading, self._answer, self._chart = (ipywidgets.HTML() for _view in range(3))
        controls = [control_grid(names, longest), control_row(self._button, self._stop_button)]
        super().__init__([box, *controls, self._heading, self._answer, self._chart], text=text)
        self.start_with(model=next(iter(self.models)) if model is None else model, max_new_tokens=max_new_tokens)
        for name, control in (("text", box), ("model", names), ("max_new_tokens", longest)):
            traitlets.link((self, name), (control, "value"))
        self.react(self.draw, "text", "model", "max_new_tokens", "running")

    @traitlets.validate("model")
    def _known_model(self, proposal: traitlets.Bunch) -> str:
        if proposal.value not in self.models:
            raise StateError(
                _("There is no model {name!r}; there are: {known}.").format(
                    name=proposal.value, known=", ".join(self.models)
                )
            )
        return proposal.value

    @property
    def _settings(self) -> tuple[object, ...]:
        return self.model, self.text, self.max_new_tokens

    def _prompt(self) -> list[int]:
        require_at_most(MAX_CHARACTERS, self.text)
        ids = self.models[self.model][1].encode(self.text)
        if not ids:
            raise ValueError(_("The prompt is empty. Type something for the model to continue."))
        self.models[self.model][0].require_room(len(ids), self.max_new_tokens)
        self._readable = self.text
        return ids

    def start(self) -> threading.Thread:
        """Generate in the background. Raises `RuntimeError` if already running."""
        self._begin()
        thread = threading.Thread(target=self._generate, daemon=True)
        thread.start()
        return thread

    def run(self) -> str:
        """Generate in this thread and return the text, "" when an error is shown. Raises `RuntimeError` if running."""
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
        self.forget_error()
        try:
            self._measure()
        except Exception as error:
            self.running = False
            self.show_error(error)
            return ""
        self.running = False
        return self.answer

    def _measure(self) -> None:
        prompt, asked = self._prompt(), self._settings
        model, tokenizer = self.models[self.model]
        self.times, self.tokens = {True: [], False: []}, {True: [], False: []}
        self._asked, self.n_prompt = asked, len(prompt)
        for cached in (True, False):
            steps: Iterator[Step] = generate(model, prompt, self.max_new_tokens, use_cache=cached)
            while not self._stop.is_set():
                begun = time.perf_counter()
                step = next(steps, None)
                if step is None:
                    break
                if next(model.parameters()).is_cuda:
                    torch.cuda.synchronize()
                self.times[cached].append(1000 * (time.perf_counter() - begun))
                self.tokens[cached].append(step.token)
                if cached:
                    self.answer = tokenizer.decode(self.tokens[True])
                self.draw()

    def positions(self, cached: bool) -> int:
        """How many positions the model has computed for the tokens so far."""
        n = len(self.tokens[cached])
        if not n:
            return 0
        return self.n_prompt + n - 1 if cached else n * self.n_prompt + n * (n - 1) // 2

    def draw(self) -> None:
        """Show what there is so far."""
        self._button.off, self._stop_button.off = self.running, not self.running
        earlier = self._asked is not None and self._asked != self._settings and not self.running
        note = _("· of an earlier prompt or setting; press the button for new times") if earlier else ""
        self._heading.value = html.heading(self._counts(), note) if self.tokens[True] else ""
        self._answer.value = html.prose(self.answer) if self.answer else ""
        self._chart.value = self._lines() if self.tokens[True] else ""
        if not self.running:
            self._prompt()  # an empty or too long prompt is said before the button is pressed

    def _counts(self) -> str:
        if not self.tokens[False]:
            return _("With the cache, {n} tokens: {with_cache} positions computed.").format(
                n=len(self.tokens[True]), with_cache=f"{self.positions(True):,}"
            )
        return _("Positions computed for {n} tokens: {with_cache} with the cache, {without} without.").format(
            n=len(self.tokens[False]), with_cache=f"{self.positions(True):,}", without=f"{self.positions(False):,}"
        )

    def _lines(self) -> str:
        """Both times as lines, each with its median in words above them, different in color and dashes."""
        up, across = escape(_("milliseconds")), escape(_("new token"))
        top = max([*self.times[True], *self.times[False], 1.0])
        most = max(len(self.times[True]), len(self.times[False]), 2)
        parts, words = [], []
        for cached, name in ((True, _("with the cache")), (False, _("without the cache"))):
            values = self.times[cached]
            if not values:
                continue
            points = " ".join(
                f"{LEFT + i / (most - 1) * (RIGHT - LEFT):.1f},{BOTTOM - value / top * (BOTTOM - TOP):.1f}"
                for i, value in enumerate(values)
            )
            typical = _("{name}: {ms} ms a token after the first (median)").format(
                name=name, ms=f"{median(values[1:] or values):.0f}"
            )
            words.append(typical)
            y, (color, dashes) = 18 * len(words) - 4, LINES[cached]
            style = f"stroke: {color}; stroke-dasharray: {dashes or 'none'}"
            parts.append(
                f'<polyline points="{points}" style="{style}"/>'
                f'<path d="M{LEFT},{y - 4} h26" style="{style}; stroke-width: 2"/>'
                f'<text x="{LEFT + 32}" y="{y}">{escape(typical)}</text>'
            )
        return (
            f'<figure class="lm-chart"><svg viewBox="0 0 {WIDTH} {BOTTOM + 36}" width="{WIDTH}" role="img" '
            f'aria-label="{escape("; ".join(words))}">'
            f'<path class="lm-axis" d="M{LEFT},{TOP - 4} V{BOTTOM} H{RIGHT}"/>{"".join(parts)}'
            f'<text x="{LEFT}" y="{TOP - 12}">{up}</text>'
            f'<text x="{LEFT - 6}" y="{TOP + 4}" text-anchor="end">{top:,.0f}</text>'
            f'<text x="{LEFT - 6}" y="{BOTTOM + 4}" text-anchor="end">0</text>'
            f'<text x="{LEFT}" y="{BOTTOM + 15}">1</text>'
            f'<text x="{RIGHT}" y="{BOTTOM + 15}" text-anchor="end">{most}</text>'
            f'<text x="{(LEFT + RIGHT) / 2}" y="{BOTTOM + 30}" text-anchor="middle">{across}'
            "</text></svg></figure>"
        )

    def picture(self) -> Figure:
        return token_times(self.times[True], self.times[False], title=_("The time of each new token"))

    def in_words(self) -> str:
        prompt = self._asked[1] if self._asked else self._readable
        lines = [_("Prompt: {prompt}").format(prompt=str(prompt).replace("\n", NEWLINE))]
        if self.tokens[True]:
            lines += [_("Answer: {answer}").format(answer=self.answer.replace("\n", NEWLINE)), self._counts()]
        if self.tokens[False]:
            same = self.tokens[True][: len(self.tokens[False])] == self.tokens[False]
            lines.append(_("Both ways gave the same tokens.") if same else _("The two ways gave other tokens."))
        return "\n".join(lines)
