"""Bits that one moves: the staircase over a layer's weights, the error of its outputs, and the first label to go."""

from collections.abc import Sequence

import ipywidgets
import numpy as np
import traitlets
from matplotlib.figure import Figure

from course.compression.pruning import linear_layers
from course.compression.quantization.scheme import FEWEST_BITS, MOST_BITS
from course.fine_tuning import SentenceClassifier, predict_logits
from course.messages import _, ngettext
from course.viz.compression.layer_rounding import (
    SHARED_BY,
    LayerRounding,
    first_flip,
    labels_by_bits,
    layer_inputs,
    round_layer,
)
from course.viz.compression.stairs_figure import stairs_figure
from course.viz.kit import chart, html
from course.viz.kit.controls import STYLE, control_grid, control_row, int_slider
from course.viz.kit.text import number, percent
from course.viz.kit.traits import Choice, Text, Whole
from course.viz.kit.widget import Action, LessonWidget, require_at_most, text_box

MAX_CHARACTERS, MOST_TEXTS, N_BINS = 2_000, 12, 48
MOST_STOPS = 24  # levels that can be told apart as lines


class QuantizationStairs(LessonWidget):
    """A layer of a classifier, how many bits its weights have, what shares a scale, and texts of the learner's own.

    The state is `layer` (a place in the model), `bits`, `shared_by` ("matrix", "row" or "32" neighbours) and `texts`,
    one a line. `rounding` has one row of the layer and the errors of its outputs on the texts. `find_flip` rounds all
    layers, from 8 bits down, until a text has another label: `flip` is the bits and the numbers of the texts, or None.
    """

    layer = Text()
    bits = Whole(4, min=FEWEST_BITS, max=MOST_BITS)
    shared_by = Choice(SHARED_BY, "row")
    texts = Text()
    rounding: LayerRounding
    flip: tuple[int, list[int]] | None

    def __init__(
        self,
        model: SentenceClassifier,
        *,
        texts: str | Sequence[str],
        layer: str | None = None,
        bits: int = 4,
        shared_by: str = "row",
        skip: Sequence[str] = (),
    ) -> None:
        """Raises `ValueError` for a layer that the model does not have, and for another state."""
        self._model, self._places = model, list(linear_layers(model, skip))
        self._read: tuple[str, str] | None = None
        self._asked: tuple[str, str, str] | None = None
        menu = ipywidgets.Dropdown(options=self._places, description=_("Layer"), style=STYLE)
        slider = int_slider(_("Bits"), FEWEST_BITS, MOST_BITS)
        shares = ipywidgets.ToggleButtons(
            options=[(_("the matrix"), "matrix"), (_("each row"), "row"), (_("32 neighbours"), "32")],
            description=_("One scale for"),
            style=STYLE,
        )
        box = text_box(_("Texts"), _("One text a line"))
        button = Action(_("Round all layers"), button_style="primary")
        self._heading, self._stairs, self._weights, self._flipped = (ipywidgets.HTML() for _view in range(4))
        super().__init__(
            [
                control_row(menu),
                control_grid(slider),
                shares,
                box,
                self._heading,
                self._stairs,
                self._weights,
                control_row(button),
                self._flipped,
            ],
            message_below=box,
        )
        self.start_with(
            texts=texts if isinstance(texts, str) else "\n".join(texts),
            layer=self._places[0] if layer is None else layer,
            bits=bits,
            shared_by=shared_by,
        )
        for name, control in {"layer": menu, "bits": slider, "shared_by": shares, "texts": box}.items():
            traitlets.link((self, name), (control, "value"))
        self.react(self.update, "layer", "bits", "shared_by", "texts")
        button.on_click(self.guarded(self.find_flip))

    @traitlets.validate("layer")
    def _known(self, proposal: traitlets.Bunch) -> str:
        if proposal.value not in self._places:
            raise traitlets.TraitError(
                _("The model has no linear layer {name!r}. There are: {known}.").format(
                    name=proposal.value, known=", ".join(self._places)
                )
            )
        return proposal.value

    def lines(self) -> list[str]:
        """The texts, without empty lines. Raises `ValueError` for none, and for too many."""
        require_at_most(MAX_CHARACTERS, self.texts)
        found = [line.strip() for line in self.texts.splitlines() if line.strip()]
        if not found:
            raise ValueError(_("There is no text. Type one a line."))
        if len(found) > MOST_TEXTS:
            raise ValueError(
                _("There are {n} texts; at most {most} are read here. Delete some.").format(
                    n=len(found), most=MOST_TEXTS
                )
            )
        return found

    def update(self) -> None:
        """Round the layer; the texts are read again only when they, or the layer, have changed."""
        lines = self.lines()
        layer = linear_layers(self._model)[self.layer]
        if self._read != (self.texts, self.layer):
            self._x = layer_inputs(self._model, layer, lines)
            self._read = (self.texts, self.layer)
        self.rounding = round_layer(layer, self._x, self.bits, self.shared_by)
        self._shown = (self.layer, self.bits, tuple(layer.weight.shape))
        if self._asked != (self.texts, self.shared_by, ""):
            self.flip, self._asked, self._said_of_labels = None, None, []
        self._heading.value = html.heading(self._said())
        self._stairs.value = chart.svg(self._stairs_chart())
        self._weights.value = chart.svg(self._weights_chart(), height=150)
        self._flipped.value = "".join(html.heading("", line) for line in self._said_of_labels)

    def find_flip(self) -> None:
        """Round all layers of the model to 8 bits, 7, and so on, until a text has another label."""
        lines = self.lines()
        exact = [self._model.classes[int(predict_logits(self._model, [text]).argmax())] for text in lines]
        by_bits = labels_by_bits(self._model, lines, self.shared_by, self._places, FEWEST_BITS)
        self.flip, self._asked = first_flip(exact, by_bits), (self.texts, self.shared_by, "")
        self._said_of_labels = self._about_labels(lines, exact, by_bits)
        self._flipped.value = "".join(html.heading("", line) for line in self._said_of_labels)

    # --- What is shown ---

    def _about_labels(self, lines: Sequence[str], exact: Sequence[str], by_bits: dict[int, list[str]]) -> list[str]:
        if self.flip is None:
            return [_("All layers rounded: every label stays, down to {bits} bits.").format(bits=FEWEST_BITS)]
        bits, places = self.flip
        head = ngettext(
            "All layers rounded: at {bits} bits {n} label is another one, the first.",
            "All layers rounded: at {bits} bits {n} labels are other ones, the first.",
            len(places),
        ).format(bits=bits, n=len(places))
        return [
            head,
            *(
                _("“{text}”: {before} becomes {after}").format(
                    text=lines[place], before=exact[place], after=by_bits[bits][place]
                )
                for place in places
            ),
        ]

    def _said(self) -> str:
        layer, bits, (n_rows, n_columns) = self._shown
        return ngettext(
            "{layer}, {rows} × {columns}, {bits} bits: {levels} level in this row; outputs are off by {error}, "
            "the worst of them by {worst}",
            "{layer}, {rows} × {columns}, {bits} bits: {levels} levels in this row; outputs are off by {error}, "
            "the worst of them by {worst}",
            self.rounding.n_levels,
        ).format(
            layer=layer,
            rows=f"{n_rows:,}",
            columns=f"{n_columns:,}",
            bits=bits,
            levels=self.rounding.n_levels,
            error=percent(self.rounding.error, 1),
            worst=percent(self.rounding.worst, 1),
        )

    def _limits(self) -> tuple[float, float]:
        most = float(self.rounding.exact.abs().max())
        return -1.05 * most, 1.05 * most

    def _stairs_chart(self) -> chart.Chart:
        """What each weight of the row becomes, joined in order; the thin line is no rounding."""
        order = self.rounding.exact.argsort()
        exact, rounded = (each[order].tolist() for each in (self.rounding.exact, self.rounding.rounded))
        steps: list[tuple[int | float, int | float]] = []
        for x, y in zip(exact, rounded, strict=True):
            if steps and steps[-1][1] != y:
                steps.append((x, steps[-1][1]))
            if not steps or steps[-1][1] != y or x == exact[-1]:
                steps.append((x, y))
        low, high = self._limits()
        return chart.Chart(
            _("One row of the layer"),
            _("a weight"),
            _("and what it becomes"),
            (low, high),
            (low, high),
            [chart.Line([(low, low), (high, high)], "faint"), chart.Line(steps)],
            words=self._said(),
        )

    def histogram(self) -> tuple[list[int], list[float]]:
        """How many weights of the row are in each bin, and the edges of the bins."""
        counts, edges = np.histogram(self.rounding.exact.numpy(), bins=N_BINS, range=self._limits())
        return counts.tolist(), edges.tolist()

    def _weights_chart(self) -> chart.Chart:
        counts, edges = self.histogram()
        outline: list[tuple[int | float, int | float]] = []
        for count, left, right in zip(counts, edges, edges[1:], strict=False):
            outline += [(left, count), (right, count)]
        levels = self.rounding.rounded.unique().tolist()
        return chart.Chart(
            _("The row's weights"),
            _("a weight; dotted lines are the levels") if len(levels) <= MOST_STOPS else _("a weight"),
            _("how many"),
            self._limits(),
            (0, 1.1 * max(counts)),
            [chart.Line(outline)],
            stops=levels if len(levels) <= MOST_STOPS else (),
            words=_("Histogram of {n} weights").format(n=sum(counts)),
        )

    def picture(self) -> Figure:
        return stairs_figure(
            [self._stairs_chart(), self._weights_chart()], title=self._said(), lines=self._said_of_labels
        )

    def in_words(self) -> str:
        counts, edges = self.histogram()
        inside = max(range(len(counts)), key=counts.__getitem__)
        most = _("Most of the row's weights are near {middle}.").format(
            middle=number((edges[inside] + edges[inside + 1]) / 2, 3)
        )
        return "\n".join([self._said(), most, *self._said_of_labels])
