"""Click words of your text to hide them, and see what each model guesses in their place."""

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

import ipywidgets
import torch
import traitlets
from matplotlib.figure import Figure

from course.bert import MaskedLanguageModel, Pieces, one_sided
from course.bert.inputs import CorruptedRow, Segments
from course.bert.objective import labels_at
from course.messages import _
from course.tokenization import WordPiece
from course.viz.bert.figures import Guesses, guess_panels
from course.viz.kit import html
from course.viz.kit.controls import side_by_side
from course.viz.kit.text import StripToken, percent
from course.viz.kit.token_strip import TokenStrip
from course.viz.kit.traits import StateError, Text
from course.viz.kit.widget import LessonWidget, require_at_most, text_box

MAX_CHARACTERS = 400
N_GUESSES = 5


class MaskedWordExplorer(LessonWidget):
    """A text, the words of it that are hidden, and the guesses of each model for the last one that was clicked.

    `models` are masked language models with one tokenizer, each with the side that it sees: "left", "right" or "both".
    The state is `text` and `masked`: the places of the hidden tokens, in the order of the clicks; the guesses are for
    the last of them. A word of several tokens is hidden as a whole, and stays hidden when the text beside it changes.
    `guesses` holds what is shown.
    """

    text = Text()
    masked = traitlets.Tuple()

    def __init__(
        self,
        models: Mapping[str, tuple[MaskedLanguageModel, str]],
        tokenizer: WordPiece,
        *,
        text: str,
        masked: tuple[int, ...] = (),
    ) -> None:
        if not models:
            raise ValueError(_("There is no model to guess: give one or more."))
        self.models = dict(models)
        self.pieces = Pieces(tokenizer)
        self.guesses: dict[str, Guesses] = {}
        self._tokens: list[str] = []
        self._read: tuple[str, list[str]] = text, []  # the text that `masked` is about, and its tokens
        box = text_box(_("Your text"), _("Type something"))
        box.rows = 2
        self.strip = TokenStrip(
            label=_("Words of your text: Enter hides a word, or shows it again"),
            empty=_("No tokens: the text is empty."),
            press_only=True,
        )
        self._heading = ipywidgets.HTML()
        self._charts = {name: ipywidgets.HTML() for name in self.models}
        super().__init__([box, self.strip, self._heading, side_by_side(*self._charts.values())], text=text)
        self.start_with(masked=masked)
        traitlets.link((self, "text"), (box, "value"))
        self.strip.observe(self.guarded(self._clicked), "selected")
        self.react(self.update, "text", "masked")

    @traitlets.validate("masked")
    def _places(self, proposal: traitlets.Bunch) -> tuple[int, ...]:
        for place in proposal.value:
            if isinstance(place, bool) or not isinstance(place, int) or place < 0:
                raise StateError(
                    _("masked is {value!r}; it must be places of tokens, counted from 0.").format(value=proposal.value)
                )
        return tuple(dict.fromkeys(proposal.value))

    def _clicked(self) -> None:
        place = self.strip.selected
        if place is None:
            return
        self.strip.selected = None
        word = self._word_of(place)
        hidden = set(self.masked) & set(word)
        rest = [one for one in self.masked if one not in word]
        self.masked = tuple(rest) if hidden else (*rest, *self._whole_word(place))

    def _whole_word(self, place: int) -> list[int]:
        """The pieces of a word, that at `place` last."""
        return [*[one for one in self._word_of(place) if one != place], place]

    def _word_of(self, place: int) -> range:
        ids = self._row().ids
        return next(
            (range(word.start - 1, word.stop - 1) for word in self.pieces.words(ids) if place + 1 in word),
            range(place, place + 1),
        )

    def _row(self) -> Any:
        return self.pieces.row(Segments(self.pieces.tokenizer.encode(self.text)))

    def update(self) -> None:
        """Hide the words and ask each model. Places beyond the text's end are forgotten."""
        require_at_most(MAX_CHARACTERS, self.text)
        row = self._row()
        ids = row.ids[1:-1]
        tokens = [self.pieces.tokenizer.tokens[i] for i in ids]
        inside = tuple(place for place in self._carried(tokens) if place < len(ids))
        self._read = self.text, tokens
        if inside != self.masked:
            self.masked = inside  # this change calls `update` again
            return
        read = row.ids.copy()
        read[[place + 1 for place in inside]] = self.pieces.mask_id
        batch = self.pieces.batch([CorruptedRow(row._replace(ids=read), labels_at([], row.ids))])
        guesses: dict[str, Guesses] = {}
        for name, (model, side) in self.models.items():
            if inside:
                guesses[name] = self._of(model, one_sided(batch.inputs, side), inside[-1] + 1)
        self.guesses, self._tokens, self._hidden = guesses, tokens, inside
        self.strip.tokens = [
            StripToken("[MASK]" if place in inside else token, note=token if place in inside else "", mark="")
            for place, token in enumerate(self._tokens)
        ]
        self._heading.value = html.heading(self._said())
        for name, chart in self._charts.items():
            rows = [
                html.Bar(token, chance, percent(chance), marked=token == self._wanted())
                for token, chance in guesses.get(name, ())
            ]
            chart.value = html.bars(rows, name, full=1.0) if rows else ""

    def _carried(self, tokens: Sequence[str]) -> list[int]:
        """Where the hidden words are in a text that was changed; as they were in one that was not."""
        before, tokens_before = self._read
        if self.text == before:
            return list(self.masked)
        place_of: dict[int, int] = {}
        matcher = SequenceMatcher(None, tokens_before, tokens, autojunk=False)
        for _what, start, stop, first, last in matcher.get_opcodes():
            place_of.update(zip(range(start, stop), range(first, last), strict=False))
        found = [place_of[place] for place in self.masked if place in place_of]
        pieces = [one for place in found for one in self._whole_word(place)]
        return list(dict.fromkeys(reversed(pieces)))[::-1]  # of a place that is there twice, the last

    @torch.no_grad()
    def _of(self, model: MaskedLanguageModel, inputs: Any, place: int) -> Guesses:
        logits = model.unembed(model.body(*inputs)[0, place])
        never = torch.from_numpy(self.pieces.never_drawn).to(logits.device)
        found = logits.masked_fill(never, -torch.inf).softmax(dim=-1).topk(N_GUESSES)
        return [
            (self.pieces.tokenizer.tokens[i], chance)
            for i, chance in zip(found.indices.tolist(), found.values.tolist(), strict=True)
        ]

    def _wanted(self) -> str:
        return self._tokens[self._hidden[-1]] if self._hidden else ""

    def _said(self) -> str:
        if not self._hidden:
            return _("Nothing is hidden yet: click a word.")
        return _("Guesses for “{token}”, which is hidden.").format(token=self._wanted())

    def picture(self) -> Figure:
        if not self.guesses:
            return self.strip.figure()
        return guess_panels(self.guesses, title=f"{self._said()}\n{self._shown()}", right=self._wanted())

    def _shown(self) -> str:
        return " ".join(token.text for token in self.strip.tokens)

    def in_words(self) -> str:
        lines = [self._said(), self._shown()]
        for name, of_model in self.guesses.items():
            lines.append(f"{name}: " + ", ".join(f"{token} {percent(chance)}" for token, chance in of_model))
        return "\n".join(lines)
