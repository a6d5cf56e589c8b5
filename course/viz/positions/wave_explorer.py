"""The matrix of sinusoidal positions: waves along the columns, a distinct pattern for each position along the rows."""

import ipywidgets
import numpy as np
import traitlets
from jaxtyping import Float
from matplotlib.figure import Figure

from course.layers.positions import sinusoidal_table
from course.messages import _
from course.viz.kit import html
from course.viz.kit.controls import choice_slider, control_grid, int_slider
from course.viz.kit.text import isolated, number, visible
from course.viz.kit.traits import Choice, StateError, Text, Whole, refuse
from course.viz.kit.widget import LessonWidget, require_at_most, text_box
from course.viz.positions import drawings as position_drawings
from course.viz.positions import figures

MAX_LENGTH, MAX_DIMENSIONS = 128, 128
MAX_CHARACTERS = 2_000
BASES = (10, 100, 1_000, 10_000, 100_000)
LONGEST_LABEL = 12


class WaveExplorer(LessonWidget):
    """The sinusoidal table of any length, width and base, with one position and one dimension selected.

    The state is `text`, `length`, `d_model`, `base`, `position` and `dimension`. The words of `text` label the first
    positions, and a text with more words than positions extends the table to its length. `table` holds the waves. A
    text of more than 2,000 characters or 128 words is an error.
    """

    text = Text()
    length = Whole(32, min=2, max=MAX_LENGTH)
    d_model = Whole(32, min=2, max=MAX_DIMENSIONS)
    base = Choice(BASES, 10_000)
    position = Whole(0, min=0)
    dimension = Whole(0, min=0)

    def __init__(
        self,
        text: str = "",
        *,
        length: int = 32,
        d_model: int = 32,
        base: int = 10_000,
        position: int = 0,
        dimension: int = 0,
    ) -> None:
        self.table: Float[np.ndarray, "position d_model"] = np.zeros((0, 0), dtype=np.float32)
        self.words: list[str] = []
        box = text_box(_("Your text"), _("Its words name the positions"))
        sizes = {
            "length": int_slider(_("Positions"), 2, MAX_LENGTH),
            "d_model": int_slider(_("Dimensions"), 2, MAX_DIMENSIONS, step=2),
            "base": choice_slider(_("Base"), BASES),
        }
        self._picks = {"position": int_slider(_("Position"), 0, 1), "dimension": int_slider(_("Dimension"), 0, 1)}
        self._heading, self._picture = ipywidgets.HTML(), ipywidgets.HTML()
        sliders = control_grid(*sizes.values(), *self._picks.values())
        state = {"text": text, "length": length, "d_model": d_model, "base": base}
        super().__init__([box, sliders, self._heading, self._picture], **state)
        traitlets.link((self, "text"), (box, "value"))
        for name, control in sizes.items():
            traitlets.link((self, name), (control, "value"))
        self.react(self.compute, "length", "d_model", "base")
        self.react(self.read, "text")
        self.start_with(position=position, dimension=dimension)
        for name, control in self._picks.items():
            traitlets.link((self, name), (control, "value"))
        self.react(self.draw, "position", "dimension")

    @traitlets.validate("position", "dimension")
    def _inside(self, proposal: traitlets.Bunch) -> int:
        name, place = proposal.trait.name, proposal.value
        if place >= (self.length if name == "position" else self.d_model):
            raise StateError(
                _("There is no {name} {place}: the table has {length} positions and {d_model} dimensions.").format(
                    name=name, place=place, length=self.length, d_model=self.d_model
                )
            )
        return place

    @traitlets.validate("d_model")
    def _even(self, proposal: traitlets.Bunch) -> int:
        if proposal.value % 2:
            raise refuse(proposal.trait.name, proposal.value, _("even: a sine and a cosine for each wave"))
        return proposal.value

    def read(self) -> None:
        """Name the positions by the words of the text; a text with more words makes the table longer."""
        require_at_most(MAX_CHARACTERS, self.text)
        words = self.text.split()
        if len(words) > MAX_LENGTH:
            raise ValueError(
                _("The text has {count} words; the limit here is {limit}. Shorten it.").format(
                    count=len(words), limit=MAX_LENGTH
                )
            )
        self.words = words
        if len(words) > self.length:
            self.length = len(words)  # this change calls `compute`
        else:
            self.draw()

    def compute(self) -> None:
        """Compute the table again, and clip the selected position and dimension to it."""
        self.table = sinusoidal_table(self.length, self.d_model, float(self.base)).numpy()
        self.position, self.dimension = min(self.position, self.length - 1), min(self.dimension, self.d_model - 1)
        self._picks["position"].max, self._picks["dimension"].max = self.length - 1, self.d_model - 1
        self.draw()

    def draw(self) -> None:
        """Draw the table with the selected position and dimension."""
        self._heading.value = html.heading(self._wave(), self._nearest())
        self._picture.value = position_drawings.wave_matrix(self.table, self._labels(), self.position, self.dimension)

    @property
    def wavelength(self) -> float:
        """The wavelength of the selected dimension in positions: 2π · base^(2i/d_model)."""
        return 2 * np.pi * self.base ** (self.dimension // 2 * 2 / self.d_model)

    @property
    def nearest(self) -> tuple[int, float]:
        """The position whose vector is nearest to the selected position's, and its Euclidean distance."""
        distances = np.linalg.norm(self.table - self.table[self.position], axis=1)
        distances[self.position] = np.inf
        return int(distances.argmin()), float(distances.min())

    def _labels(self) -> list[str]:
        words = [
            visible(word if len(word) <= LONGEST_LABEL else word[: LONGEST_LABEL - 1] + "…") for word in self.words
        ]
        return [f"{isolated(word)} {place}" for place, word in enumerate([*words, *[""] * self.length][: self.length])]

    def _wave(self) -> str:
        return _("Dimension {dimension}: a wave {length} positions long").format(
            dimension=self.dimension, length=f"{self.wavelength:,.1f}"
        )

    def _nearest(self) -> str:
        place, distance = self.nearest
        return _("· The pattern most like that of position {position} is that of {other}, {distance} away.").format(
            position=self.position, other=place, distance=number(distance)
        )

    def picture(self) -> Figure:
        labels = self._labels()
        return figures.wave_matrix(self.table, labels, position=self.position, dimension=self.dimension)

    def in_words(self) -> str:
        size = _("{length} positions, {d_model} dimensions, base {base}").format(
            length=self.length, d_model=self.d_model, base=f"{self.base:,}"
        )
        vector = " ".join(number(float(value), sign=True) for value in self.table[self.position, :8])
        label = self._labels()[self.position].strip()
        return f"{size}\n{self._wave()} {self._nearest()}\n{label}: {vector}" + (" …" if self.d_model > 8 else "")
