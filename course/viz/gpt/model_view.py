"""One view of a whole model on the learner's text: from its tokens to the next one, every part to be unfolded."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import torch
import traitlets
from matplotlib.figure import Figure

from course.interpretability.whole_pass import BlockSteps, WholePass, read_pass
from course.layers.language_model import CausalLanguageModel
from course.messages import _
from course.tokenization import ByteLevelBPE, Tokenizer
from course.viz.attention.number_table import number_table
from course.viz.attention_explorer.copying import picture_bytes
from course.viz.attention_explorer.readers import EXAMPLE, require_some_tokens, tokenize
from course.viz.attention_explorer.view import CopyButtons, joined
from course.viz.gpt.parts import MODEL, PAIRS, PARTS, TOUR, Look
from course.viz.gpt.tables import part_table
from course.viz.gpt.whole_model import whole_model
from course.viz.kit import html
from course.viz.kit.controls import STYLE, control_grid, control_row, float_slider, int_slider
from course.viz.kit.text import isolated, percent, readable, visible
from course.viz.kit.traits import Choice, Flag, Number, StateError, Text, Whole
from course.viz.kit.widget import Action, LessonWidget, require_at_most, text_box

STATIC = Path(__file__).parent
MAX_CHARACTERS = 2_000
PLACES = ("block", "head", "token", "key")  # state that counts something, from 0
WORDS = {  # of the page, with placeholders that it fills in
    "vector": _("{token}: length {length}, largest number {largest} (number {place})"),
    "pair": _("{query} → {key}: {value}"),
    "stack": _("{token} after block {block}: length {length}"),
    "hidden": "−∞",
}


def model_view(
    model: CausalLanguageModel, tokenizer: Tokenizer, text: str = EXAMPLE, *, name: str = "", **state: Any
) -> "ModelView":
    """One view of a whole model, called `name`; for the `state` see `ModelView`."""
    return ModelView({name or type(model).__name__: (model, tokenizer)}, text, **state)


class ModelDrawing(anywidget.AnyWidget):
    """The drawing on the page. `picture` holds its SVG, and the numbers that it shows of what is pointed at.

    A message is a dictionary of the state that it asks for: {"part": "weights", "token": 3}, or of steps from what is
    there, {"by": {"token": 1}}; these are answered by an empty message, before which the page sends no others.
    """

    _esm = joined("attention_drawing.js") + "\n" + (STATIC / "model_view.js").read_text(encoding="utf-8")
    _css = STATIC / "model_view.css"

    picture = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict(WORDS).tag(sync=True)


class ModelView(LessonWidget):
    """A text, a decoder-only model, and every number between the two.

    `models` maps a name to (model, tokenizer), the pair that `course.pretrained.load` returns; any `course.gpt.Decoder`
    is such a model. The state, set from Python or by hand:

    - `model` (a name), `text`;
    - `block` and `head`, `token` (the one whose numbers are shown, and the query) and `key` (the one that it is
      compared with), all counted from 0; `token` is the last one if none is given, and then follows the end of the
      text;
    - `part`, the opened one, a key of `course.viz.gpt.parts.PARTS`, or "" for none; `unfolded`, whether the block is
      shown;
    - `temperature`, by which the logits are divided.

    `look` holds what is shown: `look.vectors["between"]` is the residual stream after attention, `look.steps` every
    step of the block, `look.whole` the pass. `go_on()` and `go_back()` are the guided steps. A text that is empty or
    has more than 128 tokens, or more than the model reads, is an error; what was read before stays, dimmed.
    """

    model = Text()
    text = Text()
    block = Whole(0, min=0)
    head = Whole(0, min=0)
    token = Whole(0, min=0)
    key = Whole(0, min=0)
    part = Choice(("", *PARTS), "")
    unfolded = Flag(True)
    temperature = Number(1.0, min=0, max=2)

    def __init__(
        self,
        models: Mapping[str, tuple[CausalLanguageModel, Tokenizer]],
        text: str = EXAMPLE,
        *,
        model: str | None = None,
        token: int | None = None,
        **state: Any,
    ) -> None:
        if not models:
            raise ValueError(_("There is no model to look into: give one, with its tokenizer."))
        self.models = dict(models)
        self.look: Look | None = None
        self._read: tuple[WholePass, tuple[str, ...]] | None = None  # the latest pass, and its tokens
        self._read_of = ("", "")  # model and text
        self._steps: tuple[WholePass, int, BlockSteps] | None = None
        self._drawn: tuple[Any, ...] = ()
        box = text_box(_("Your text"), _("Type something"))
        box.rows = 2
        names = ipywidgets.Dropdown(options=list(self.models), description=_("Model"), style=STYLE)
        names.layout.display = None if len(self.models) > 1 else "none"
        self._sliders = {"block": int_slider(_("Block"), 0, 1), "head": int_slider(_("Head"), 0, 1)}
        warmth = float_slider(_("Temperature"), 0.0, 2.0, step=0.05, digits=2)
        self._back, self._next = Action(_("◀ Back")), Action(_("Next ▶"))
        self._back.on_click(self.guarded(self.go_back))
        self._next.on_click(self.guarded(self.go_on))
        self._said, self._table = ipywidgets.HTML(), ipywidgets.HTML()
        self._table.add_class("lm-model-table")
        self._table.tabbable = True  # it scrolls
        self.drawing, self.copy_buttons = ModelDrawing(), CopyButtons(name="model")
        self.drawing.on_msg(lambda _view, content, _buffers: self._asked(content))
        self.copy_buttons.on_msg(lambda _view, content, _buffers: self._send_picture(content["format"]))
        views = ipywidgets.Box([self.drawing, self._table]).add_class("lm-model-views")
        controls = control_grid(names, *self._sliders.values(), warmth)
        steps = control_row(self._back, self._next)
        super().__init__([box, controls, steps, self._said, views, self.copy_buttons], text=text)
        self.start_with(model=next(iter(self.models)) if model is None else model)
        for name, control in {"text": box, "model": names, "temperature": warmth}.items():
            traitlets.link((self, name), (control, "value"))
        self.react(self.update, "text", "model", *PLACES, "part", "unfolded", "temperature")
        for name, slider in self._sliders.items():
            traitlets.link((self, name), (slider, "value"))
        self.start_with(**state, **({} if token is None else {"token": token}))

    @traitlets.validate("model")
    def _known(self, proposal: traitlets.Bunch) -> str:
        if proposal.value not in self.models:
            raise StateError(
                _("There is no model {name!r}; there are: {known}.").format(
                    name=proposal.value, known=", ".join(self.models)
                )
            )
        return proposal.value

    @traitlets.validate(*PLACES)
    def _inside(self, proposal: traitlets.Bunch) -> int:
        count = self._sizes().get(proposal.trait.name, proposal.value + 1)
        if proposal.value >= count:
            raise StateError(
                _("There is no {what} {number}: there are {count}, counted from 0.").format(
                    what=proposal.trait.name, number=proposal.value, count=count
                )
            )
        return proposal.value

    @traitlets.validate("part")
    def _of_the_model(self, proposal: traitlets.Bunch) -> str:
        if self.look is not None and proposal.value and proposal.value not in self.look.parts:
            raise StateError(
                _("{model} has no part {name!r}. Its parts are: {known}.").format(
                    model=self.model, name=proposal.value, known=", ".join(self.look.parts)
                )
            )
        return proposal.value

    def _sizes(self) -> dict[str, int]:
        """How many there are of what the state counts, in the latest pass."""
        if self._read is None:
            return {}
        whole, tokens = self._read
        return {"block": whole.n_blocks, "head": len(whole.weights[0]), "token": len(tokens), "key": len(tokens)}

    # --- Actions ---

    def update(self) -> None:
        """Run the model on the text, if it has not read it yet, and draw what one looks at."""
        if self._read is None or self._read_of != (self.model, self.text) or not self._read[0].is_current:
            self._run()
        assert self._read is not None
        whole, tokens = self._read
        if self._steps is None or self._steps[0] is not whole or self._steps[1] != self.block:
            self._steps = whole, self.block, whole.block(self.block)
        looked_at = (self.block, self.head, self.token, self.key, self.temperature)
        if self.look is None or self.look.whole is not whole or self._drawn[: len(looked_at)] != looked_at:
            tokenizer = self.models[self.model][1]
            self.look = Look(self.model, whole, self._steps[2], tokenizer, tokens, labels(tokenizer), *looked_at)
            self._drawn = ()
        if self.part not in ("", *self.look.parts):
            self.part = ""  # this change calls `update` again
        if self._drawn != (*looked_at, self.part, self.unfolded):
            self._drawn = (*looked_at, self.part, self.unfolded)
            self._draw(self.look)

    def _run(self) -> None:
        """Read the text, and fit the state to the sizes of what was read."""
        require_at_most(MAX_CHARACTERS, self.text)
        model, tokenizer = self.models[self.model]
        ids, tokens, _special = tokenize(tokenizer, self.text)
        require_some_tokens(ids)
        whole = read_pass(model, torch.tensor(ids, device=next(model.parameters()).device))
        at_end = self._read is None or self.token == len(self._read[1]) - 1
        self._read, self._read_of = (whole, tuple(tokens)), (self.model, self.text)
        sizes = self._sizes()
        with self.hold_trait_notifications():
            for name in PLACES:
                setattr(self, name, min(getattr(self, name), sizes[name] - 1))
            if at_end:
                self.token = sizes["token"] - 1
        for name, slider in self._sliders.items():
            slider.max = sizes[name] - 1

    def go_on(self) -> None:
        """Open the part of the next guided step, or of the first."""
        self._go(1)

    def go_back(self) -> None:
        """Open the part of the guided step before."""
        self._go(-1)

    def _go(self, by: int) -> None:
        if self.look is None:
            return
        tour, parts = self.tour, list(self.look.parts)
        at = parts.index(self.part) if self.part else -1 if by > 0 else len(parts)
        ahead = [name for name in tour[::by] if (parts.index(name) - at) * by > 0]
        if ahead:
            self._open({"part": ahead[0]})

    @property
    def tour(self) -> list[str]:
        """The parts of the guided steps, in their order."""
        return [] if self.look is None else [name for name in TOUR if name in self.look.parts]

    def _open(self, state: Mapping[str, Any]) -> None:
        """Set some of the state at once; a part of a block unfolds it."""
        part = state.get("part", "")
        with self.hold_trait_notifications():
            for name, value in state.items():
                self.set_trait(name, value)
            if part and PARTS[part].band != MODEL:
                self.unfolded = True

    def _asked(self, state: Mapping[str, Any]) -> None:
        """What the page asks for, as far as it still makes sense: it may not have heard of another text yet."""
        sizes, steps = self._sizes(), state.get("by", {})
        asked = {**state, **{name: getattr(self, name) + by for name, by in steps.items() if name in sizes}}
        fitting = {
            name: max(0, min(value, sizes[name] - 1)) if name in sizes else value
            for name, value in asked.items()
            if name in sizes or name in ("part", "unfolded")
        }
        try:
            self._open(fitting)
        except StateError as error:
            self.show_error(error)
        finally:
            if steps:
                self.drawing.send({})

    def _send_picture(self, file_format: str) -> None:
        """Answer the buttons with the picture of what is shown, or with an empty message when it cannot be drawn."""
        try:
            content = [picture_bytes([self.figure()], file_format)]
        except Exception as error:
            self.show_error(error)
            content = []
        self.copy_buttons.send({"format": file_format}, content)

    # --- Views ---

    def _draw(self, look: Look) -> None:
        scene = whole_model(look, self.part, unfolded=self.unfolded)
        self.drawing.picture = {"svg": scene.svg(_title(look)), "tokens": list(look.tokens), **numbers(look)}
        self._said.value = self._step_in_words(look)
        self._table.value = number_table(part_table(look, self.part), total=False)
        tour = self.tour
        self._back.off = not self.part or self.part == tour[0]
        self._next.off = self.part == tour[-1]

    def _step_in_words(self, look: Look) -> str:
        if not self.part:
            return html.heading(_("Next begins the guided steps."), look.sentence("chances"))
        title = PARTS[self.part].name
        if self.part in self.tour:
            number = self.tour.index(self.part) + 1
            title = _("{number} of {count}: {title}").format(number=number, count=len(self.tour), title=title)
        return html.heading(f"{title}.", look.sentence(self.part))

    def picture(self) -> Figure:
        assert self.look is not None
        scene = whole_model(self.look, self.part, unfolded=self.unfolded, in_words=True)
        return scene.figure(self.in_words())

    def in_words(self) -> str:
        assert self.look is not None
        look = self.look
        candidates = [f"{isolated(token)} {percent(chance, 1)}" for token, _id, _logit, chance in look.best(5)]
        after = _("Most probable after {token}: {candidates}").format(
            token=look.named(look.token), candidates=", ".join(candidates)
        )
        opened = [f"{PARTS[self.part].name}: {look.sentence(self.part)}"] if self.part else []
        return "\n".join([_title(look), *opened, look.sentence("blocks"), after])


def _title(look: Look) -> str:
    return _(
        "{model} on {count} tokens: {blocks} blocks of {heads} heads; shown are block {block} and head {head}"
    ).format(
        model=look.name,
        count=look.n,
        blocks=look.whole.n_blocks,
        heads=look.n_heads,
        block=look.block,
        head=look.head,
    )


def labels(tokenizer: Tokenizer) -> Callable[[int], str]:
    """What writes a token's id as text; an id that only the model knows is its number."""

    def label(token: int) -> str:
        if token >= tokenizer.vocab_size:
            return f"#{token}"
        if isinstance(tokenizer, ByteLevelBPE):
            return visible(readable(tokenizer.decode_bytes([token])))
        return visible(tokenizer.tokens[token])

    return label


def numbers(look: Look) -> dict[str, Any]:
    """What the page says of what is pointed at, in float32: of vectors length, largest number and its place."""
    rows, cells = {}, {"blocks": look.stream_lengths[2::2].T.contiguous().numpy().tobytes()}
    for name, values in look.vectors.items():
        if name in PAIRS:
            cells[name] = values.contiguous().numpy().tobytes()
        else:
            places = values.abs().argmax(dim=-1)
            largest = values.gather(1, places[:, None])[:, 0]
            rows[name] = torch.stack([values.norm(dim=-1), largest, places.float()], dim=1).numpy().tobytes()
    return {"rows": rows, "cells": cells}
