"""One pair of entries of a query and a key, rotated by their positions as rotary position embeddings do."""

import math
from typing import Any

import ipywidgets
import traitlets
from matplotlib.figure import Figure

from course.messages import _
from course.viz.kit import html
from course.viz.kit.controls import choice_slider, control_grid, control_row, int_slider
from course.viz.kit.text import number
from course.viz.kit.traits import Choice, Number, Whole
from course.viz.kit.widget import Action, LessonWidget
from course.viz.positions import drawings as position_drawings
from course.viz.positions import figures
from course.viz.positions.wave_explorer import BASES

MAX_POSITION = 64
D_HEAD = 16


class RotatingPair(LessonWidget):
    """Two arrows: a query and a key of length 1, dotted at position 0 and solid at their own positions.

    The state is `query_position`, `key_position`, `pair` (index of the pair in a head of 16 dimensions) and `base`;
    `score` is the dot product of the two arrows. `query_angle` and `key_angle` are angles at position 0, in degrees.
    """

    query_position = Whole(0, min=0, max=MAX_POSITION)
    key_position = Whole(0, min=0, max=MAX_POSITION)
    pair = Whole(0, min=0, max=D_HEAD // 2 - 1)
    base = Choice(BASES, 10_000)
    query_angle = Number(70.0)
    key_angle = Number(20.0)

    def __init__(
        self,
        query_position: int = 5,
        key_position: int = 2,
        *,
        pair: int = 1,
        base: int = 10_000,
        query_angle: float = 70.0,
        key_angle: float = 20.0,
    ) -> None:
        controls = {
            "query_position": int_slider(_("Query at position"), 0, MAX_POSITION),
            "key_position": int_slider(_("Key at position"), 0, MAX_POSITION),
            "pair": int_slider(_("Pair"), 0, D_HEAD // 2 - 1),
            "base": choice_slider(_("Base"), BASES),
        }
        narrow = ipywidgets.Layout(width="auto")
        self._back = Action(_("◀ Both one back"), layout=narrow)
        self._further = Action(_("Both one further ▶"), layout=narrow)
        self._back.on_click(self.guarded(lambda: self.move(-1)))
        self._further.on_click(self.guarded(lambda: self.move(1)))
        self._heading, self._picture = ipywidgets.HTML(), ipywidgets.HTML()
        rows = [control_grid(*controls.values()), control_row(self._back, self._further)]
        state: dict[str, Any] = {"query_position": query_position, "key_position": key_position, "pair": pair}
        state |= {"base": base, "query_angle": query_angle, "key_angle": key_angle}
        super().__init__([*rows, self._heading, self._picture], **state)
        for name, control in controls.items():
            traitlets.link((self, name), (control, "value"))
        self.react(self.draw, *state)

    def move(self, by: int) -> None:
        """Move both positions by the same amount; do nothing at an end of a slider."""
        moved = (self.query_position + by, self.key_position + by)
        if all(0 <= position <= MAX_POSITION for position in moved):
            with self.hold_trait_notifications():
                self.query_position, self.key_position = moved

    @property
    def angles(self) -> tuple[float, float]:
        """The angles of query and key at position 0, in radians."""
        return math.radians(self.query_angle), math.radians(self.key_angle)

    @property
    def frequency(self) -> float:
        """The rotation of this pair per position, in radians."""
        return self.base ** (-2 * self.pair / D_HEAD)

    @property
    def turned(self) -> tuple[float, float]:
        """The angles of query and key at their positions, in radians."""
        return (
            self.angles[0] + self.query_position * self.frequency,
            self.angles[1] + self.key_position * self.frequency,
        )

    @property
    def score(self) -> float:
        """Query · key, each of length 1: the cosine of the angle between them."""
        query, key = self.turned
        return math.cos(query - key)

    def draw(self) -> None:
        """Draw the arrows at their positions."""
        self._heading.value = html.heading(self._score())
        self._picture.value = position_drawings.two_arrows(
            self.angles, self.turned, (_("query"), _("key")), self._legend()
        )
        low, high = sorted((self.query_position, self.key_position))
        self._back.off, self._further.off = low == 0, high == MAX_POSITION

    def _score(self) -> str:
        return _("Distance {distance}: score {score}").format(
            distance=number(self.query_position - self.key_position, 0), score=number(self.score, 3, sign=True)
        )

    def _legend(self) -> list[tuple[str, str]]:
        query, key = (f"{math.degrees(place * self.frequency):,.1f}°" for place in self._positions())
        between = math.degrees(math.acos(max(-1.0, min(1.0, self.score))))
        return [
            (_("dotted: at position 0"), ""),
            (_("a position turns by"), f"{math.degrees(self.frequency):.2f}°"),
            (_("blue, the query: turned by"), query),
            (_("orange, the key: turned by"), key),
            (_("the arc, the angle between them"), f"{between:.1f}°"),
            (_("its cosine, the score"), number(self.score, 3)),
        ]

    def _angle(self) -> str:
        degrees = [f"{math.degrees(position * self.frequency):,.1f}°" for position in self._positions()]
        return _("· {per_position}° a position; query turned by {query}, key by {key}").format(
            per_position=f"{math.degrees(self.frequency):.2f}", query=degrees[0], key=degrees[1]
        )

    def _positions(self) -> tuple[int, int]:
        return self.query_position, self.key_position

    def picture(self) -> Figure:
        return figures.two_arrows(
            self.angles, self.turned, (_("query"), _("key")), title=self._score(), legend=self._legend()
        )

    def in_words(self) -> str:
        where = _("Query at position {query}, key at position {key}, pair {pair}, base {base}").format(
            query=self.query_position, key=self.key_position, pair=self.pair, base=f"{self.base:,}"
        )
        return f"{where}\n{self._score()} {self._angle()}"
