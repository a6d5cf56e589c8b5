"""Where a method sits in a model: drawn from the modules of the loaded model, with the method on it."""

from collections.abc import Mapping

import ipywidgets
import traitlets
from matplotlib.figure import Figure
from torch import nn

from course.messages import _, ngettext
from course.peft import Method
from course.viz.kit import html
from course.viz.kit.controls import STYLE, control_grid, int_slider
from course.viz.kit.text import percent
from course.viz.kit.traits import StateError, Whole
from course.viz.kit.widget import LessonWidget
from course.viz.peft.box_texts import legend, put_in_words, ranges
from course.viz.peft.wiring import Wiring, require_blocks, wiring_of
from course.viz.peft.wiring_figure import wiring_figure
from course.viz.peft.wiring_page import wiring_page

NOTHING = _("nothing")


class WiringExplorer(LessonWidget):
    """A model, and what a method puts where in it: one block, and what comes before and after the blocks.

    The state is `model` (a key of `models`), `method` (a key of `methods`, or "nothing") and `block`. `wiring` is what
    is drawn. The method is put on the model only while it is read; afterwards the model is as before. Raises
    `ValueError` for no models and for one without blocks.
    """

    model = traitlets.Unicode()
    method = traitlets.Unicode()
    block = Whole(0, min=0)
    wiring: Wiring

    def __init__(
        self,
        models: Mapping[str, nn.Module],
        methods: Mapping[str, Method],
        *,
        model: str | None = None,
        method: str | None = None,
        block: int = 0,
    ) -> None:
        if not models:
            raise ValueError(_("There is no model to put a method on: give one."))
        self.models = dict(models)
        self.methods: dict[str, Method | None] = {NOTHING: None} | dict(methods)
        self._counts = {name: require_blocks(each) for name, each in self.models.items()}
        self._known: tuple[tuple[str, str], Wiring] | None = None
        names = ipywidgets.Dropdown(options=list(self.models), description=_("Model"), style=STYLE)
        puts = ipywidgets.Dropdown(options=list(self.methods), description=_("Put on it"), style=STYLE)
        self._block = int_slider(_("Block"), 0, 1)
        self._heading, self._page, self._sums = ipywidgets.HTML(), ipywidgets.HTML(), ipywidgets.HTML()
        controls = control_grid(names, puts, self._block)
        views = [self._heading, self._page, self._sums]  # higher than a screen: below them no error would be seen
        super().__init__([controls, *views], message_below=controls)
        first = next(iter(methods), NOTHING)
        self.start_with(model=next(iter(self.models)) if model is None else model)
        self._fit_slider()
        self.start_with(method=first if method is None else method, block=block)
        for name, control in (("model", names), ("method", puts), ("block", self._block)):
            traitlets.link((self, name), (control, "value"))
        self.observe(lambda _change: self._fit_slider(), ["model"])
        self.react(self.update, "model", "method", "block")

    @traitlets.validate("model", "method")
    def _known_name(self, proposal: traitlets.Bunch) -> str:
        known = self.models if proposal.trait.name == "model" else self.methods
        if proposal.value not in known:
            raise StateError(
                _("There is no {what} {name!r}; there are: {known}.").format(
                    what=proposal.trait.name, name=proposal.value, known=", ".join(known)
                )
            )
        return proposal.value

    @traitlets.validate("block")
    def _inside(self, proposal: traitlets.Bunch) -> int:
        count = self._counts[self.model]
        if proposal.value >= count:
            raise StateError(
                _("There is no {what} {number}: there are {count}, counted from 0.").format(
                    what=proposal.trait.name, number=proposal.value, count=count
                )
            )
        return proposal.value

    def _fit_slider(self) -> None:
        """Give the slider the model's number of blocks, which clips `block`."""
        last = self._counts[self.model] - 1
        self.block = min(self.block, last)
        self._block.max = last

    def update(self) -> None:
        """Put the method on the model, read its modules, and take the method off."""
        key = (self.model, self.method)
        if self._known is None or self._known[0] != key:
            self._known = (key, wiring_of(self.models[self.model], self.methods[self.method]))
        self.wiring, self._shown = self._known[1], self.block
        self._title = _("{model} with {method} on it, block {block}").format(
            model=self.model, method=self.method, block=self.block
        )
        self._heading.value = html.heading(self._title)
        self._page.value = wiring_page(self.wiring, self._shown)
        self._sums.value = html.prose("\n".join(self._lines()))

    def _lines(self) -> list[str]:
        """What is trained, where the method is, and which other blocks look like this one."""
        return [self._trained(), *self._where(), self._alike()]

    def _trained(self) -> str:
        found = self.wiring
        whole = found.method + found.head + found.frozen
        said = [
            _("Trained by the method: {n}, {share} of all {whole} numbers.").format(
                n=f"{found.method:,}", share=percent(found.method / whole, 2), whole=f"{whole:,}"
            )
        ]
        if found.head:
            said.append(_("Trained in the head: {n}.").format(n=f"{found.head:,}"))
        return " ".join([*said, _("Frozen: {n}.").format(n=f"{found.frozen:,}")])

    def _where(self) -> list[str]:
        inside, n = self.wiring.places_in_blocks, len(self.wiring.places)
        n_inside = sum(inside.values())
        if not n:
            return []
        if n_inside == n:
            said = ngettext(
                "The method is in {n} place, in {n_blocks} of {count} blocks.",
                "The method is in {n} places, in {n_blocks} of {count} blocks.",
                n,
            )
        elif n_inside:
            said = _(
                "The method is in {n} places: {n_inside} in {n_blocks} of {count} blocks, {outside} outside of them."
            )
        else:
            said = ngettext(
                "The method is in {n} place, in none of {count} blocks.",
                "The method is in {n} places, in none of {count} blocks.",
                n,
            )
        return [
            said.format(
                n=n,
                n_inside=n_inside,
                n_blocks=len(inside),
                count=len(self.wiring.blocks),
                outside=n - n_inside,
            )
        ]

    def _alike(self) -> str:
        alike = self.wiring.alike(self._shown)
        if len(alike) == 1:
            return _("No other block is wired as block {block} is.").format(block=self._shown)
        return _("Wired alike: blocks {blocks}.").format(blocks=ranges(alike))

    def picture(self) -> Figure:
        return wiring_figure(self.wiring, self._shown, title=self._title, lines=[*legend(self.wiring), *self._lines()])

    def in_words(self) -> str:
        found = self.wiring
        boxes = (*found.before, found.blocks[self._shown], *found.after)
        put = [put_in_words(box) for top in boxes for box in top.all() if box.part]
        return "\n".join([self._title, *self._lines(), *put])
