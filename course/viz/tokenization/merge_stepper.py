"""Byte-pair encoding trained on the learner's own text, one merge at a time, forward and back."""

import ipywidgets
import traitlets
from matplotlib.figure import Figure

from course.messages import _, ngettext
from course.tokenization.bpe_training import MergeStep, training_steps
from course.tokenization.byte_alphabet import print_bytes, read_bytes
from course.tokenization.pre_tokens import GPT2_PATTERN, PreTokenizer
from course.viz.figures import count_bars, merge_curve
from course.viz.kit import html
from course.viz.kit.controls import control_row, int_slider, side_by_side
from course.viz.kit.layout import stacked
from course.viz.kit.strips import token_strip_figure
from course.viz.kit.text import StripToken, hex_bytes, isolated, readable, visible
from course.viz.kit.token_strip import TokenStrip
from course.viz.kit.traits import StateError, Text, Whole
from course.viz.kit.widget import Action, LessonWidget, require_at_most, text_box

MAX_CHARACTERS = 5_000
MAX_MERGES = 20_000  # more than such a text has


def _shown(token: str) -> str:
    """A token in printed form as visible text."""
    return isolated(visible(readable(read_bytes(token))))


class MergeStepper(LessonWidget):
    """A text, the merges that BPE learns from it, and the text's tokens after any number of merges.

    The state is `text`, `n_merges` (how many to learn) and `step` (how many are applied). `steps` holds the merges and,
    if the text allows one more, the merge after them. `last_step` is how many can be applied: `n_merges`, or fewer when
    the text has no more pairs. `token_counts` holds the number of tokens after 0, 1, 2, … merges. A text of more than
    5,000 characters is an error.
    """

    text = Text()
    n_merges = Whole(30, min=1, max=MAX_MERGES)
    step = Whole(0, min=0)

    def __init__(self, text: str = "", n_merges: int = 30, step: int = 0) -> None:
        self.steps: list[MergeStep] = []
        self.token_counts = [0]
        self.last_step = 0
        self._first_words: list[list[str]] = []
        box = text_box(_("Your text"), _("Type something"))
        self._slider = int_slider(_("Merges"), 0, 0)
        self._back = Action(_("◀ Back"), layout=ipywidgets.Layout(width="auto"))
        self._forward = Action(_("Forward ▶"), layout=ipywidgets.Layout(width="auto"))
        self._back.on_click(self.guarded(self.back))
        self._forward.on_click(self.guarded(self.forward))
        self._heading, self._pairs, self._chart, self._list = (ipywidgets.HTML() for _widget in range(4))
        self.strip = TokenStrip(label=_("Tokens of the text"), empty=_("No tokens: the text is empty."))
        controls = control_row(self._back, self._slider, self._forward)
        details = side_by_side(self._pairs, self._chart, self._list)
        super().__init__([box, controls, self._heading, self.strip, details], text=text, n_merges=n_merges)
        traitlets.link((self, "text"), (box, "value"))
        traitlets.link((self, "step"), (self._slider, "value"))
        self.react(self.train, "text", "n_merges")
        self.start_with(step=step)
        self.react(self.draw, "step")

    @traitlets.validate("step")
    def _inside(self, proposal: traitlets.Bunch) -> int:
        if proposal.value > self.last_step:
            raise StateError(
                _("There is no step {step}: this training has {count} merges.").format(
                    step=proposal.value, count=self.last_step
                )
            )
        return proposal.value

    @property
    def words(self) -> list[list[str]]:
        """The tokens of each pre-token of the text after `step` merges, in printed form."""
        return self.steps[self.step - 1].words if self.step else self._first_words

    def forward(self) -> None:
        """Apply one more merge; do nothing after the last one."""
        self.step = min(self.step + 1, self.last_step)

    def back(self) -> None:
        """Undo the last merge; do nothing before the first one."""
        self.step = max(self.step - 1, 0)

    def train(self) -> None:
        """Learn the merges of the current text."""
        require_at_most(MAX_CHARACTERS, self.text)
        # One more merge than is shown: it holds the pair counts after the last one.
        steps = training_steps(self.text, self.n_merges + 1) if self.text.strip() else []
        words = PreTokenizer(GPT2_PATTERN).split(self.text)
        self.steps, self.last_step = steps, min(self.n_merges, len(steps))
        self._first_words = [list(print_bytes(word.encode())) for word in words]
        shown = [self._first_words, *(step.words for step in self.steps[: self.last_step])]
        self.token_counts = [sum(map(len, words)) for words in shown]
        self._slider.max = self.last_step  # which clips its value, and so `step`
        self.draw()

    def draw(self) -> None:
        """Show the text after `step` merges."""
        self.strip.tokens = self._strip_tokens()
        self._heading.value = html.heading(self._count(), self._last_merge())
        self._pairs.value = html.bars(
            [html.Bar(label, count, f"{count:,}", marked=i == 0) for i, (label, count) in enumerate(self.candidates)],
            self._pairs_title(),
        )
        self._chart.value = html.line_chart(
            self.token_counts, self.step, caption=_("Tokens of the text"), xlabel=_("merges")
        )
        self._list.value = html.numbered(self._merges(), _("Merges so far, newest first"), _("none yet"))
        self._back.off, self._forward.off = self.step == 0, self.step == self.last_step

    @property
    def candidates(self) -> list[tuple[str, int]]:
        """The ten most frequent pairs at this step with their counts; the first is merged next."""
        pairs = self.steps[self.step].candidates if self.step < len(self.steps) else []
        return [(f"{_shown(left)} + {_shown(right)}", count) for (left, right), count in pairs]

    def _strip_tokens(self) -> list[StripToken]:
        made_by = {step.token: number for number, step in enumerate(self.steps[: self.step], 1)}
        new = self.steps[self.step - 1].token if self.step else None
        tokens = []
        for token in (token for word in self.words for token in word):
            data = read_bytes(token)
            number = made_by.get(token)
            origin = _("made by merge {number}").format(number=number) if number else _("a single byte")
            lines = (origin, _("bytes: {data}").format(data=hex_bytes(data)))
            tokens.append(StripToken(readable(data), lines=lines, mark="new" if token == new else ""))
        return tokens

    def _count(self) -> str:
        tokens = self.token_counts[self.step]
        merges = ngettext("After {count} merge", "After {count} merges", self.step).format(count=self.step)
        return merges + ": " + ngettext("{count} token", "{count} tokens", tokens).format(count=f"{tokens:,}")

    def _merges(self) -> list[str]:
        return [
            f"{_shown(s.pair[0])} + {_shown(s.pair[1])} → {_shown(s.token)} ({s.count}×)"
            for s in self.steps[: self.step]
        ]

    def _last_merge(self) -> str:
        if self.step == 0:
            return _("Every byte is a token.")
        return _("The last merge: {merge}").format(merge=self._merges()[-1])

    def _pairs_title(self) -> str:
        return _("Pair counts; the first is merged next") if self.candidates else _("No pair is left to merge")

    def picture(self) -> Figure:
        views = [token_strip_figure({" · ".join(filter(None, (self._count(), self._last_merge()))): self.strip.tokens})]
        if self.candidates:
            labels, counts = zip(*self.candidates, strict=True)
            views.append(count_bars(labels, counts, marked=0, title=self._pairs_title(), xlabel=_("times in the text")))
        views.append(merge_curve(self.token_counts, step=self.step))
        return stacked(views)

    def in_words(self) -> str:
        pairs = ", ".join(f"{label} ({count})" for label, count in self.candidates[:3])
        return "\n".join(
            [
                f"{self._count()}. {self._last_merge()}",
                self.strip.summary(),
                f"{self._pairs_title()}: {pairs}".rstrip(": "),
            ]
        )
