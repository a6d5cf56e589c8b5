"""A drawing in pixels that is placed once and drawn twice: as SVG in the page's colors, and by matplotlib for a file.

Its parts are what a reader can go to: each has a name, words, and a box that the page makes a button of.
"""

import base64
import io
import itertools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Polygon, Rectangle
from PIL import Image

from course.viz.kit.layout import new_figure
from course.viz.kit.style import (
    BLUE,
    DPI,
    INK,
    ORANGE,
    QUIET,
    SKY,
    drawable,
    font_families,
    in_course_style,
    mixed,
)

SCALE = 1.35  # of a saved picture: its smallest letters have 11.5 · 1.35 pixels, more than ten points
Pixels = int | float


@dataclass(frozen=True)
class TextStyle:
    """How a text is written; the size in pixels."""

    size: Pixels
    bold: bool = False
    mono: bool = False
    quiet: bool = False


STYLES = {
    "title": TextStyle(14.5, bold=True),
    "plain": TextStyle(13),
    "label": TextStyle(12),
    "strong": TextStyle(12, bold=True),
    "note": TextStyle(11.5, quiet=True),
    "token": TextStyle(12, mono=True),
    "chosen": TextStyle(12, mono=True, bold=True),
    "code": TextStyle(11.5, mono=True),
}


@dataclass(frozen=True)
class ShapeStyle:
    """What fills and outlines a shape in a saved picture, "none" for nothing; the line's width in points."""

    fill: str
    outline: str
    line: float = 0.0


# The style sheet has the same names, in the colors of the page.
SHAPES = {
    "frame": ShapeStyle("none", "#999999", 0.8),
    "opened": ShapeStyle(mixed(SKY, 0.10), BLUE, 1.2),
    "at": ShapeStyle("none", BLUE, 2.0),
    "row": ShapeStyle(mixed(ORANGE, 0.22), "none"),
    "cell": ShapeStyle("none", INK, 1.4),
    "bar": ShapeStyle(SKY, INK, 0.6),
    "best": ShapeStyle(ORANGE, INK, 0.6),
}
LINES = {"flow": (INK, 1.3), "axis": (QUIET, 0.8), "stream": (BLUE, 2.2)}


@dataclass(frozen=True)
class Shape:
    x: Pixels
    y: Pixels
    width: Pixels
    height: Pixels
    kind: str


@dataclass(frozen=True)
class Written:
    """A line of text; `y` is its middle."""

    x: Pixels
    y: Pixels
    text: str
    style: str
    anchor: str


@dataclass(frozen=True)
class Line:
    points: tuple[tuple[Pixels, Pixels], ...]
    kind: str
    head: bool


@dataclass(frozen=True)
class Picture:
    """An image of `pixels` (rows, columns, red green blue alpha), of 0 to 255."""

    x: Pixels
    y: Pixels
    width: Pixels
    height: Pixels
    pixels: np.ndarray


@dataclass(frozen=True)
class Bars:
    """Bars up and down from the middle, of `values` from -1 to 1."""

    x: Pixels
    y: Pixels
    width: Pixels
    height: Pixels
    values: np.ndarray


@dataclass(frozen=True)
class Part:
    """What a reader can go to. `data` are the attributes that the page reads off it; `state` is "", "open" or "at".

    One that has no `words` is only more room for the mouse, of a part that has some.
    """

    x: Pixels
    y: Pixels
    width: Pixels
    height: Pixels
    words: str
    data: dict[str, str | int]
    state: str = ""


@dataclass
class Scene:
    """A drawing of `width` by `height` pixels, filled piece by piece; later pieces are on top."""

    width: Pixels
    height: Pixels = 0
    pieces: list[Shape | Written | Line | Picture | Bars] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)

    def shape(self, x: Pixels, y: Pixels, width: Pixels, height: Pixels, kind: str) -> None:
        """A rectangle of a kind of `SHAPES`."""
        self.pieces.append(Shape(x, y, width, height, kind))

    def text(self, x: Pixels, y: Pixels, text: str, style: str = "label", anchor: str = "start") -> None:
        """A line of text in a style of `STYLES`; `anchor` is "start", "middle" or "end"."""
        self.pieces.append(Written(x, y, text, style, anchor))

    def line(self, *points: tuple[Pixels, Pixels], kind: str = "flow", head: bool = False) -> None:
        """A line of a kind of `LINES`, an arrow with a `head`."""
        self.pieces.append(Line(points, kind, head))

    def image(self, x: Pixels, y: Pixels, width: Pixels, height: Pixels, pixels: np.ndarray) -> None:
        self.pieces.append(Picture(x, y, width, height, pixels))

    def bars(self, x: Pixels, y: Pixels, width: Pixels, height: Pixels, values: np.ndarray) -> None:
        self.pieces.append(Bars(x, y, width, height, values))

    def part(
        self, x: Pixels, y: Pixels, width: Pixels, height: Pixels, words: str, *, state: str = "", **data: str | int
    ) -> None:
        self.parts.append(Part(x, y, width, height, words, data, state))

    # --- As SVG ---

    def svg(self, words: str) -> str:
        """The drawing for the page, whose style sheet gives the colors; `words` say what it shows."""
        return "".join(
            [
                f'<svg viewBox="0 0 {self.width:g} {self.height:g}" role="group" aria-label="{escape(words)}">',
                *map(_svg, self.pieces),
                *map(_svg_part, self.parts),
                "</svg>",
            ]
        )

    # --- By matplotlib ---

    @in_course_style
    def figure(self, words: str) -> Figure:
        """The drawing on white paper, larger by `SCALE`; `words` are its alternative text."""
        figure = new_figure(SCALE * self.width / DPI, SCALE * self.height / DPI)
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, self.width), ylim=(self.height, 0))
        axes.set_axis_off()
        for piece in self.pieces:
            _draw(axes, piece)
        figure.set_label(words)
        return figure


def _svg(piece: Shape | Written | Line | Picture | Bars) -> str:
    if isinstance(piece, Written):
        return (
            f'<text class="lm-m-{piece.style}" x="{piece.x:.1f}" y="{piece.y:.1f}" text-anchor="{piece.anchor}">'
            f"{escape(piece.text)}</text>"
        )
    if isinstance(piece, Shape):
        return f'<rect class="lm-m-{piece.kind}" {_box(piece)}/>'
    if isinstance(piece, Picture):
        return f'<image {_box(piece)} preserveAspectRatio="none" href="{_data_uri(piece.pixels)}"/>'
    if isinstance(piece, Bars):
        corners = " ".join(f"M{x0:.1f} {y0:.1f}H{x1:.1f}V{y1:.1f}H{x0:.1f}z" for x0, y0, x1, y1 in _corners(piece))
        return f'<path class="lm-m-bars" d="{corners}"/>'
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in piece.points)
    head = " ".join(f"{x:.1f},{y:.1f}" for x, y in _head(*piece.points[-2:])) if piece.head else ""
    arrow = f'<polygon class="lm-m-{piece.kind}-head" points="{head}"/>' if head else ""
    return f'<polyline class="lm-m-{piece.kind}" points="{points}"/>{arrow}'


def _svg_part(part: Part) -> str:
    data = "".join(f' data-{name}="{escape(str(value))}"' for name, value in part.data.items())
    if not part.words:
        return f'<rect class="lm-part" aria-hidden="true"{data} {_box(part)} rx="3"/>'
    opened = f' aria-expanded="{"true" if part.state == "open" else "false"}"' if "part" in part.data else ""
    pressed = (
        f' aria-pressed="{"true" if part.state == "at" else "false"}"' if not {"part", "fold"} & set(part.data) else ""
    )
    return (
        f'<rect class="lm-part" tabindex="-1" role="button" aria-label="{escape(part.words)}"{opened}{pressed}{data} '
        f'{_box(part)} rx="3"/>'
    )


def _box(piece: Shape | Picture | Part) -> str:
    return f'x="{piece.x:.1f}" y="{piece.y:.1f}" width="{piece.width:.1f}" height="{piece.height:.1f}"'


def _data_uri(pixels: np.ndarray) -> str:
    png = io.BytesIO()
    Image.fromarray(pixels).save(png, format="png", compress_level=1)
    return f"data:image/png;base64,{base64.b64encode(png.getvalue()).decode('ascii')}"


def _corners(bars: Bars) -> list[tuple[Pixels, Pixels, Pixels, Pixels]]:
    """Left, top, right and bottom of each bar; none is thinner or flatter than can be seen."""
    step, middle = bars.width / len(bars.values), bars.y + bars.height / 2
    ends = middle - bars.values * bars.height / 2
    return [
        (bars.x + i * step, min(middle, end), bars.x + i * step + max(0.8 * step, 0.4), max(middle, end))
        for i, end in enumerate(ends.tolist())
    ]


def _head(before: tuple[Pixels, Pixels], end: tuple[Pixels, Pixels]) -> list[tuple[Pixels, Pixels]]:
    """The corners of the head of an arrow."""
    length = ((end[0] - before[0]) ** 2 + (end[1] - before[1]) ** 2) ** 0.5 or 1.0
    dx, dy = (end[0] - before[0]) / length, (end[1] - before[1]) / length
    base = end[0] - 6 * dx, end[1] - 6 * dy
    return [end, (base[0] - 3.5 * dy, base[1] + 3.5 * dx), (base[0] + 3.5 * dy, base[1] - 3.5 * dx)]


def _draw(axes: Axes, piece: Shape | Written | Line | Picture | Bars) -> None:
    if isinstance(piece, Written):
        style = STYLES[piece.style]
        axes.text(
            piece.x,
            piece.y,
            fitted(drawable(piece.text), piece.style, width_of(piece.text, piece.style) + 8),
            ha={"start": "left", "middle": "center", "end": "right"}[piece.anchor],
            va="center_baseline",
            color=QUIET if style.quiet else INK,
            fontproperties=FontProperties(
                family=["DejaVu Sans Mono", *font_families()] if style.mono else list(font_families()),
                size=style.size * SCALE * 72 / DPI,
                weight="bold" if style.bold else "normal",
            ),
        )
    elif isinstance(piece, Shape):
        shape = SHAPES[piece.kind]
        box = Rectangle((piece.x, piece.y), piece.width, piece.height, facecolor=shape.fill, edgecolor=shape.outline)
        box.set_linewidth(shape.line)
        axes.add_patch(box)
    elif isinstance(piece, Picture):
        extent = (piece.x, piece.x + piece.width, piece.y + piece.height, piece.y)
        axes.imshow(piece.pixels, extent=extent, aspect="auto", interpolation="nearest", zorder=1)
    elif isinstance(piece, Bars):
        boxes = [[(x0, y0), (x1, y0), (x1, y1), (x0, y1)] for x0, y0, x1, y1 in _corners(piece)]
        axes.add_collection(PolyCollection(boxes, facecolor=BLUE, edgecolor="none"))
    else:
        color, width = LINES[piece.kind]
        axes.plot(*zip(*piece.points, strict=True), color=color, linewidth=width, solid_capstyle="butt")
        if piece.head:
            axes.add_patch(Polygon(_head(*piece.points[-2:]), facecolor=color, edgecolor="none", zorder=3))


# --- Text whose width must be known before it is drawn ---


def width_of(text: str, style: str) -> Pixels:
    """How wide a line of text is at most, in pixels, in the usual fonts: counted, as no font is at hand."""
    kind = STYLES[style]
    share = 0.61 if kind.mono else 0.6 if kind.bold else 0.56
    wide = sum(1.05 if unicodedata.east_asian_width(c) in "WF" else share for c in text if not unicodedata.combining(c))
    return wide * kind.size


def fitted(text: str, style: str, width: Pixels) -> str:
    """The text, cut and with "…" at its end where it is wider than `width` pixels."""
    if width_of(text, style) <= width:
        return text
    cut = text
    while cut and width_of(cut + "…", style) > width:
        cut = cut[:-1]
    return cut.rstrip() + "…"


def broken(text: str, style: str, width: Pixels, n_lines: int) -> list[str]:
    """The text in lines broken at spaces, `n_lines` at most, "…" for what has no room."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and width_of(longer, style) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    if len(lines) > n_lines:
        lines = [*lines[: n_lines - 1], " ".join(lines[n_lines - 1 :])]
    return [fitted(line, style, width) for line in lines]


# --- Numbers as colors, over whatever paper there is ---


def signed_pixels(
    rows: np.ndarray, limit: np.ndarray | Pixels, above: Sequence[int], below: Sequence[int]
) -> np.ndarray:
    """Numbers as pixels: one color above 0, another below, the stronger the larger; `limit` has the full color."""
    share = np.clip(np.abs(rows) / np.maximum(limit, 1e-30), 0, 1) ** 0.7
    colored = np.empty((*rows.shape, 4), dtype=np.uint8)
    colored[..., :3] = np.where(rows[..., None] > 0, np.array(above), np.array(below))
    colored[..., 3] = np.round(255 * np.nan_to_num(share))
    return colored


def largest_of_bins(rows: np.ndarray, n_bins: int) -> np.ndarray:
    """Each row in `n_bins` numbers: of neighboring numbers the one that is farthest from 0."""
    n_bins = min(n_bins, rows.shape[1])
    edges = np.linspace(0, rows.shape[1], n_bins + 1).astype(int)
    parts = [rows[:, low:high] for low, high in itertools.pairwise(edges)]
    return np.stack([np.take_along_axis(p, np.abs(p).argmax(1)[:, None], 1)[:, 0] for p in parts], axis=1)
