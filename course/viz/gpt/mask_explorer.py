"""Dense and locally banded layers on the learner's text: who sees whom, and what arrives after several layers."""

import math
from collections.abc import Mapping
from html import escape

import ipywidgets
import numpy as np
import traitlets
from jaxtyping import Bool
from matplotlib.figure import Figure

from course.gpt import seen_pairs
from course.layers.attention import causal_mask
from course.messages import _
from course.tokenization.bpe import ByteLevelBPE
from course.viz.gpt.figures import mask_pictures
from course.viz.gpt.scene import fitted
from course.viz.kit import html
from course.viz.kit.controls import STYLE, control_grid, int_slider
from course.viz.kit.style import SKY
from course.viz.kit.text import readable, visible
from course.viz.kit.traits import Choice, StateError, Text, Whole
from course.viz.kit.widget import LessonWidget, require_at_most, text_box

MAX_CHARACTERS, MAX_TOKENS, MAX_LAYERS = 400, 32, 6
DENSE, ALTERNATING, BANDED = _("all dense"), _("alternating"), _("all banded")
CELL, SIDE, LINE = 14, 288, 13  # pixels of a square, of all in a row at most, and of a line of text
NAMES, TOP, PANEL = 82, 18, 270  # pixels left of the squares, above them, and for the words over a drawing


class MaskExplorer(LessonWidget):
    """A text in tokens, and the masks of its layers: dense, banded, or one after the other as in GPT-3.

    The state is `tokenizer` (a key of `tokenizers`), `text`, `pattern`, `window` and `n_layers`. `masks` has which keys
    each query sees in the first and in the second layer; `reach` which tokens can have had an effect on each after all
    layers.
    """

    tokenizer = traitlets.Unicode()
    text = Text()
    pattern = Choice((DENSE, ALTERNATING, BANDED), ALTERNATING)
    window = Whole(4, min=1, max=MAX_TOKENS)
    n_layers = Whole(2, min=1, max=MAX_LAYERS)

    def __init__(
        self, tokenizers: Mapping[str, ByteLevelBPE], text: str, *, tokenizer: str | None = None, **state: object
    ) -> None:
        if not tokenizers:
            raise ValueError(_("There is no tokenizer: give one."))
        self.tokenizers = dict(tokenizers)
        box = text_box(_("Your text"))
        box.rows = 2
        names = ipywidgets.Dropdown(options=list(self.tokenizers), description=_("Tokenizer"), style=STYLE)
        patterns = ipywidgets.Dropdown(options=[DENSE, ALTERNATING, BANDED], description=_("Layers"), style=STYLE)
        window, layers = int_slider(_("Window"), 1, MAX_TOKENS), int_slider(_("Number of layers"), 1, MAX_LAYERS)
        self._heading, self._grids = ipywidgets.HTML(), ipywidgets.HTML()
        super().__init__([box, control_grid(names, patterns, window, layers), self._heading, self._grids], text=text)
        self.start_with(tokenizer=next(iter(self.tokenizers)) if tokenizer is None else tokenizer, **state)
        controls = {"text": box, "tokenizer": names, "pattern": patterns, "window": window, "n_layers": layers}
        for name, control in controls.items():
            traitlets.link((self, name), (control, "value"))
        self.react(self.update, *controls)

    @traitlets.validate("tokenizer")
    def _known_tokenizer(self, proposal: traitlets.Bunch) -> str:
        if proposal.value not in self.tokenizers:
            raise StateError(
                _("There is no tokenizer {name!r}; there are: {known}.").format(
                    name=proposal.value, known=", ".join(self.tokenizers)
                )
            )
        return proposal.value

    def update(self) -> None:
        """Cut the text into tokens, make the masks, follow what passes through the layers."""
        require_at_most(MAX_CHARACTERS, self.text)
        tokenizer = self.tokenizers[self.tokenizer]
        ids = tokenizer.encode(self.text)
        if not 1 <= len(ids) <= MAX_TOKENS:
            raise ValueError(
                _("The text has {count} tokens; from 1 to {limit} can be shown. Change it.").format(
                    count=len(ids), limit=MAX_TOKENS
                )
            )
        self.tokens = [visible(readable(tokenizer.decode_bytes([token]))) for token in ids]
        layers = [self._mask(layer) for layer in range(self.n_layers)]
        reach = layers[0]
        for mask in layers[1:]:
            reach = (mask.astype(int) @ reach.astype(int)) > 0
        self.masks, self.reach = layers[:2], reach
        self._heading.value = html.heading(self._said())
        drawings = "".join(_grid(name, mask, self.tokens) for name, mask in self._named().items())
        room = max(PANEL, _width(len(ids)))  # side by side only where none is made smaller
        self._grids.value = f'<div class="lm-panels" style="--lm-panel: {room:.0f}px">{drawings}</div>'

    def _banded(self, layer: int) -> bool:
        return self.pattern == BANDED or (self.pattern == ALTERNATING and layer % 2 == 1)

    def _mask(self, layer: int) -> Bool[np.ndarray, "query key"]:
        n = len(self.tokens)
        return causal_mask(n, n, window=self.window if self._banded(layer) else None).numpy()

    def _named(self) -> dict[str, Bool[np.ndarray, "query key"]]:
        kinds = [_("banded") if self._banded(layer) else _("dense") for layer in range(len(self.masks))]
        found = {
            _("layer {layer}, {kind}").format(layer=layer, kind=kind): mask
            for layer, (kind, mask) in enumerate(zip(kinds, self.masks, strict=True))
        }
        return found | {_("reached after {n} layers").format(n=self.n_layers): self.reach}

    def _said(self) -> str:
        n = len(self.tokens)
        seen = sum(seen_pairs(n, self.window if self._banded(layer) else None) for layer in range(self.n_layers))
        dense = self.n_layers * seen_pairs(n)
        pairs = _("{n} tokens, {layers} layers: {seen} pairs are seen, {share} of those of dense layers.").format(
            n=n, layers=self.n_layers, seen=f"{seen:,}", share=f"{seen / dense:.0%}"
        )
        last = _("The last token can know of {count} of {n} tokens.").format(count=int(self.reach[-1].sum()), n=n)
        return f"{pairs} {last}"

    def picture(self) -> Figure:
        return mask_pictures(self._named(), self.tokens)

    def in_words(self) -> str:
        return self._said()


def _cell(n: int) -> int | float:
    """The side of a square in pixels, where there are n of them in a row."""
    return min(CELL, SIDE / n)


def _width(n: int) -> int | float:
    """The width of a drawing in pixels."""
    return NAMES + max(n * _cell(n), 60)


def _grid(name: str, mask: Bool[np.ndarray, "query key"], tokens: list[str]) -> str:
    """A mask as squares: filled where a query (row) sees a key (column). A row has its token where there is room."""
    n = len(tokens)
    cell = _cell(n)
    every = math.ceil(LINE / cell)
    cells = "".join(
        f'<rect x="{NAMES + key * cell:.1f}" y="{TOP + query * cell:.1f}" width="{cell - 1:.1f}" '
        f'height="{cell - 1:.1f}" style="fill: '
        f'{SKY if mask[query, key] else "color-mix(in srgb, var(--lm-ink) 8%, transparent)"}"/>'
        for query in range(n)
        for key in range(n)
    )
    names = "".join(
        f'<text x="{NAMES - 5}" y="{TOP + (query + 0.5) * cell + 4:.1f}" text-anchor="end">'
        f"{escape(fitted(token, 'token', NAMES - 8))}</text>"
        for query, token in enumerate(tokens)
        if query % every == 0
    )
    down, across = escape(_("queries ↓")), escape(_("keys →"))
    words = _("{name}: {seen} pairs").format(name=name, seen=f"{int(mask.sum()):,}")
    width = _width(n)
    return (
        f'<figure class="lm-chart"><figcaption>{escape(words)}</figcaption>'
        f'<svg viewBox="0 0 {width:.1f} {TOP + n * cell:.1f}" style="max-width: {width:.1f}px" role="img" '
        f'aria-label="{escape(words)}">'
        f'<text x="{NAMES - 5}" y="{TOP - 6}" text-anchor="end">{down}</text>'
        f'<text x="{NAMES}" y="{TOP - 6}">{across}</text>{cells}{names}</svg></figure>'
    )
