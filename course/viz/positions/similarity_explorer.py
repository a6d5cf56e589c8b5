"""How similar each scheme makes two positions, against the distance between them."""

import ipywidgets
import numpy as np
import torch
import traitlets
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from course.layers.positions import RotaryPositions, alibi_slopes, sinusoidal_table
from course.messages import _
from course.viz.kit import html
from course.viz.kit.controls import choice_slider, control_grid, int_slider
from course.viz.kit.style import QUIET, colors_for
from course.viz.kit.text import number
from course.viz.kit.traits import Choice, StateError, Whole
from course.viz.kit.widget import LessonWidget
from course.viz.positions import drawings as position_drawings
from course.viz.positions import figures
from course.viz.positions.wave_explorer import BASES

MAX_POSITION = 127
WIDTHS = (4, 8, 16, 32, 64, 128)
HEADS = (1, 2, 4, 8, 16)


class SimilarityExplorer(LessonWidget):
    """One query and the keys before it: the waves' cosine, a rotary score, ALiBi's factor, and learned vectors' cosine.

    The state is `position` (of the query), `distance` (of the key whose values are written out), `width`, `base`,
    `n_heads` and `head`; `panels` holds the curves. `learned`, if given, are a model's learned vectors for at least 128
    positions.

    The rotary score is the score of a query and a key that are the same vector, with pairs of equal length, divided by
    its value at distance 0. ALiBi's factor is e^bias, which multiplies the weight before normalization; each head has a
    line, and the value of `head` is written out.
    """

    position = Whole(MAX_POSITION, min=0, max=MAX_POSITION)
    distance = Whole(8, min=0, max=MAX_POSITION)
    width = Choice(WIDTHS, 64)
    base = Choice(BASES, 10_000)
    n_heads = Choice(HEADS, 8)
    head = Whole(0, min=0)

    def __init__(
        self,
        learned: Float[Tensor, "position d_model"] | None = None,
        *,
        position: int = MAX_POSITION,
        distance: int = 8,
        width: int = 64,
        base: int = 10_000,
        n_heads: int = 8,
        head: int = 0,
    ) -> None:
        self.learned = None if learned is None else torch.nn.functional.normalize(learned.detach(), dim=-1).numpy()
        self.panels: dict[str, list[tuple[str, np.ndarray]]] = {}
        self._head = int_slider(_("Head (ALiBi)"), 0, HEADS[-1] - 1)
        controls = {
            "position": int_slider(_("Query at position"), 0, MAX_POSITION),
            "distance": int_slider(_("Tokens back"), 0, MAX_POSITION),
            "width": choice_slider(_("Dimensions"), WIDTHS),
            "base": choice_slider(_("Base"), BASES),
            "n_heads": choice_slider(_("Heads (ALiBi)"), HEADS),
            "head": self._head,
        }
        self._heading, self._picture = ipywidgets.HTML(), ipywidgets.HTML()
        state = {"position": position, "distance": distance, "width": width, "base": base, "n_heads": n_heads}
        super().__init__([control_grid(*controls.values()), self._heading, self._picture], **state)
        self.start_with(head=head)
        for name, control in controls.items():
            traitlets.link((self, name), (control, "value"))
        self.react(self.update, *controls)

    @traitlets.validate("head")
    def _inside(self, proposal: traitlets.Bunch) -> int:
        if proposal.value >= self.n_heads:
            raise StateError(
                _("There is no head {head}: there are {count}, counted from 0.").format(
                    head=proposal.value, count=self.n_heads
                )
            )
        return proposal.value

    def update(self) -> None:
        """Compute and draw all curves."""
        self._head.max = self.n_heads - 1  # which clips `head`
        color = colors_for(["sinusoidal", "learned", "rotary", "alibi"])
        slopes = alibi_slopes(self.n_heads)
        heads = [(QUIET, np.exp(-slope * np.arange(self.position + 1))) for slope in slopes.tolist()]
        chosen = (color["alibi"], heads[self.head][1])
        self.panels = {
            _("Sinusoidal: cosine"): [(color["sinusoidal"], self._waves())],
            _("Rotary: score"): [(color["rotary"], self._rotary())],
            _("ALiBi: factor, head {head}").format(head=self.head): [*heads, chosen],
        }
        if self.learned is not None:
            self.panels[_("Learned: cosine")] = [(color["learned"], self._learned(self.learned))]
        self._heading.value = html.heading(self._where())
        self._picture.value = position_drawings.distance_panels(self.panels, self.distance, self.last)

    def _waves(self) -> Float[np.ndarray, "distance"]:
        table = sinusoidal_table(self.position + 1, self.width, float(self.base)).numpy()
        return (table @ table[-1])[::-1] / (self.width / 2)

    def _rotary(self) -> Float[np.ndarray, "distance"]:
        positions = RotaryPositions(self.position + 1, self.width, float(self.base))
        turned = positions.rotate(torch.ones(1, 1, self.position + 1, self.width))[0, 0]
        return (turned @ turned[-1]).numpy()[::-1] / self.width

    def _learned(self, table: Float[np.ndarray, "position d_model"]) -> Float[np.ndarray, "distance"]:
        return (table[: self.position + 1] @ table[self.position])[::-1]

    @property
    def last(self) -> int:
        """The distance at which the axes end: 32, 64, 96 or 128, so that they do not change under most moves."""
        return 32 * (self.position // 32 + 1)

    def _where(self) -> str:
        if self.distance > self.position:
            return _("There is no key {distance} tokens before position {query}.").format(
                distance=self.distance, query=self.position
            )
        return _("Query at position {query}, key at position {key}").format(
            query=self.position, key=self.position - self.distance
        )

    def picture(self) -> Figure:
        return figures.distance_panels(self.panels, distance=self.distance, last=self.last)

    def in_words(self) -> str:
        lines = [self._where()]
        for name, curves in self.panels.items():
            values = curves[-1][1]
            if self.distance < len(values):
                lines.append(f"{name}: {number(float(values[self.distance]))}")
        return "\n".join(lines)
