"""One text through every objective: what the model reads, the label under each token, which positions carry loss."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import ipywidgets
import numpy as np
import torch
import traitlets
from matplotlib.figure import Figure

from course.bert import (
    IGNORED,
    BertConfig,
    MaskedLanguageModel,
    MaskedLM,
    NextSentence,
    Objective,
    Pieces,
    RandomTokenSubstitution,
    ReplacedTokenDetection,
    Segments,
    SentenceOrder,
    ShuffledTokenDetection,
    SpanBoundary,
    TranslationLM,
    split_sentences,
)
from course.bert.detection_objectives import CHANGED
from course.messages import _
from course.tokenization import WordPiece
from course.viz.kit import html
from course.viz.kit.controls import STYLE, control_grid, int_slider
from course.viz.kit.strips import token_strip_figure
from course.viz.kit.text import StripToken
from course.viz.kit.token_strip import TokenStrip
from course.viz.kit.traits import Choice, Text, Whole
from course.viz.kit.widget import LessonWidget, require_at_most, text_box

MAX_CHARACTERS = 400
MOST_DRAWS = 50
OWN_OR_CHANGED, KEPT_OR_MOVED = (_("own"), _("changed")), (_("in place"), _("moved"))
DETECTED = (OWN_OR_CHANGED, KEPT_OR_MOVED)  # the second label is one of few


class Kind(NamedTuple):
    """An objective of the menu. `labels` name the labels; without them a label is a token."""

    make: Callable[[Pieces, BertConfig], Objective]
    question: str
    labels: tuple[str, str] | None = None


KINDS: Mapping[str, Kind] = {
    _("masked language model"): Kind(MaskedLM, _("Which token was here?")),
    _("next sentence prediction"): Kind(
        NextSentence, _("Does the second text follow the first?"), (_("follows"), _("does not follow"))
    ),
    _("sentence order prediction"): Kind(
        SentenceOrder, _("Are the two texts in their order?"), (_("in order"), _("swapped"))
    ),
    _("random token substitution"): Kind(
        RandomTokenSubstitution, _("Is this token the text's own, or a random one?"), OWN_OR_CHANGED
    ),
    _("replaced token detection"): Kind(
        ReplacedTokenDetection, _("Is this token the text's own, or the generator's?"), OWN_OR_CHANGED
    ),
    _("shuffled token detection"): Kind(
        ShuffledTokenDetection, _("Is this token in its own place, or moved?"), KEPT_OR_MOVED
    ),
    _("span boundary objective"): Kind(SpanBoundary, _("Which tokens were between the two borders?")),
    _("translation language model"): Kind(TranslationLM, _("Which token was here? The other language may tell.")),
}
NAMES = tuple(KINDS)


class ObjectiveExplorer(LessonWidget):
    """The learner's text, corrupted as an objective does, with the label under each token that carries loss.

    The text's first sentence is the first segment, the rest the second; a text of one sentence is cut in the middle.
    `unrelated` is a text of another document, `translation` a text in another language, for the objectives that need
    them; `generator` fills masks for replaced token detection. The state is `text`, `objective` (one of `NAMES`) and
    `draw`, which numbers the random numbers. `tokens` holds what is shown.
    """

    text = Text()
    objective = Choice(NAMES, NAMES[0])
    draw = Whole(0, min=0, max=MOST_DRAWS)

    def __init__(
        self,
        generator: MaskedLanguageModel,
        tokenizer: WordPiece,
        *,
        text: str,
        unrelated: str,
        translation: str,
        objective: str = NAMES[0],
        draw: int = 0,
    ) -> None:
        self.generator, self.pieces = generator, Pieces(tokenizer)
        self._other = tokenizer.encode(unrelated)
        self._translated = tokenizer.encode(translation)
        self._objectives: dict[str, Objective] = {}
        self.tokens: list[StripToken] = []
        box = text_box(_("Your text"), _("Type two sentences"))
        box.rows = 2
        names = ipywidgets.Dropdown(options=list(NAMES), description=_("Objective"), style=STYLE)
        slider = int_slider(_("Draw"), 0, MOST_DRAWS)
        self._heading = ipywidgets.HTML()
        self.strip = TokenStrip(label=_("What the model reads, and the labels"), empty=_("No tokens."))
        super().__init__([box, control_grid(names, slider), self._heading, self.strip], text=text)
        self.start_with(objective=objective, draw=draw)
        for name, control in (("text", box), ("objective", names), ("draw", slider)):
            traitlets.link((self, name), (control, "value"))
        self.react(self.update, "text", "objective", "draw")

    def _segments(self) -> Segments:
        encode = self.pieces.tokenizer.encode
        first, *rest = split_sentences(self.text) or [""]
        one, other = encode(first), encode(" ".join(rest))
        if not other:
            one, other = one[: (len(one) + 1) // 2], one[(len(one) + 1) // 2 :]
        if self.objective == NAMES[-1]:
            return Segments([*one, *other], self._translated)
        return Segments(one, other, self._other[: max(1, len(other))])

    def update(self) -> None:
        """Corrupt the text."""
        require_at_most(MAX_CHARACTERS, self.text)
        kind = KINDS[self.objective]
        if self.objective not in self._objectives:
            self._objectives[self.objective] = kind.make(self.pieces, self.generator.body.config)
        objective = self._objectives[self.objective]
        batch = objective.batch([self._segments()], np.random.default_rng(self.draw))
        if isinstance(objective, ReplacedTokenDetection):
            with torch.no_grad():
                logits = self.generator.unembed(self.generator.body(*batch.inputs)[batch.has_loss])
            device = logits.device
            objective.to(device)
            batch = objective.replaced(batch, logits, torch.Generator(device).manual_seed(self.draw))
        ids, labels = batch.inputs.ids[0].tolist(), batch.labels[0].tolist()
        self.tokens = [self._shown(token, label, kind) for token, label in zip(ids, labels, strict=True)]
        self._question, self._counted = kind.question, sum(label != IGNORED for label in labels)
        self._name = self.objective
        self.strip.tokens = self.tokens
        self._heading.value = html.heading(self._question, self._said())

    def _shown(self, token: int, label: int, kind: Kind) -> StripToken:
        names = self.pieces.tokenizer.tokens
        if label == IGNORED:
            return StripToken(names[token], lines=(_("no loss here"),), strength=0.0)
        note = names[label] if kind.labels is None else kind.labels[label]
        found = kind.labels in DETECTED and label == CHANGED  # it is to be seen among the others
        strength = 1.0 if found else 0.5
        return StripToken(names[token], note=note, lines=(_("label: {label}").format(label=note),), strength=strength)

    def _said(self) -> str:
        return _("{counted} of {total} positions carry loss: those with a label below.").format(
            counted=self._counted, total=len(self.tokens)
        )

    def picture(self) -> Figure:
        return token_strip_figure({f"{self._name}: {self._question} {self._said()}": self.tokens})

    def in_words(self) -> str:
        read = " ".join(f"{one.text}/{one.note}" if one.note else one.text for one in self.tokens)
        return f"{self._name}: {self._question}\n{self._said()}\n{read}"
