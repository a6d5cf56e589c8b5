"""The pencil of the diagrams: boxes, signs, arrows, frames and labels, placed in pixels, and the SVG made of them.

A diagram is shown as an HTML image whose source is the SVG itself: that passes the sanitizers of JupyterLab (which
clears a notebook of everything else before it is trusted) and of code hosts, takes the words as its alternative text,
and stays sharp at any zoom. Inside an image the SVG sees neither the page's style nor its fonts. So it brings its own
paper, follows the color scheme that the page passes on (JupyterLab's theme, or the system's), and its texts have room
for the widest usual font.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from course.messages import _
from course.viz.kit.style import INK, PAPER

WIDTH = 560  # pixels that a page of 700 has for an output
FONT, MONO = "system-ui, 'DejaVu Sans', Verdana, sans-serif", "ui-monospace, 'DejaVu Sans Mono', Menlo, monospace"
LINE = 17  # pixels from one line of a text to the next
SIGN_RADIUS, DOT_RADIUS, CORNER = 11, 3, 6
HEAD_LENGTH, HEAD_WIDTH = 8, 8  # of an arrow
SUBSCRIPT = re.compile(r"_\{(.+?)\}")

Pixels = int | float
Point = tuple[Pixels, Pixels]


@dataclass(frozen=True)
class TextStyle:
    """How a text is written; sizes in pixels. The page's own text has 14, its code 13."""

    size: Pixels
    bold: bool = False
    mono: bool = False
    quiet: bool = False


TEXT_STYLES = {
    "title": TextStyle(15, bold=True),
    "part": TextStyle(14, bold=True),
    "label": TextStyle(14),
    "note": TextStyle(13, quiet=True),
    "shape": TextStyle(12, mono=True),
}

# The light and the dark theme. `layer`, `step` and `data` fill boxes, whose kind can be seen from their shape too.
THEMES = {
    "light": {
        "paper": PAPER,
        "ink": INK,
        "quiet": "#595959",
        "layer": "#d5ebf8",
        "step": "#fdf0cf",
        "data": PAPER,
    },
    "dark": {
        "paper": "#111111",
        "ink": "#e6e6e6",
        "quiet": "#b3b3b3",
        "layer": "#1c4763",
        "step": "#4d3d10",
        "data": "#111111",
    },
}


@dataclass(frozen=True)
class Box:
    """A box around its middle (x, y). Its kind is its shape:

    "layer": rounded, with a thick outline: has learned weights. "step": half-round sides: computes without weights.
    "data": sharp corners: symbols or a tensor. "sign": a circle with one sign. "dot": where a line branches.
    """

    x: Pixels
    y: Pixels
    width: Pixels
    height: Pixels
    kind: str
    lines: tuple[str, ...] = ()

    @property
    def left(self) -> Point:
        return self.x - self.width / 2, self.y

    @property
    def right(self) -> Point:
        return self.x + self.width / 2, self.y

    @property
    def top(self) -> Point:
        return self.x, self.y - self.height / 2

    @property
    def bottom(self) -> Point:
        return self.x, self.y + self.height / 2

    def top_at(self, x: Pixels) -> Point:
        """The point of the upper edge above or below `x`."""
        return x, self.top[1]

    def bottom_at(self, x: Pixels) -> Point:
        return x, self.bottom[1]


@dataclass(frozen=True)
class Written:
    """Lines of text; (x, y) is the middle of the first line, at its start, middle or end as `anchor` says."""

    x: Pixels
    y: Pixels
    lines: tuple[str, ...]
    style: str
    anchor: str


@dataclass(frozen=True)
class Line:
    """A line through points, with a head at its end if it is an arrow."""

    points: tuple[Point, ...]
    head: bool
    dashed: bool


@dataclass(frozen=True)
class Frame:
    """A dashed frame around a part of the diagram, from its left upper to its right lower corner."""

    x0: Pixels
    y0: Pixels
    x1: Pixels
    y1: Pixels


@dataclass(repr=False)
class Diagram:
    """A drawing of `WIDTH` by `height` pixels under its title. `description` says in words all that it shows.

    Texts may have several lines ("\\n"); "_{...}" is a subscript. A line of a box that begins with "`" is code or a
    shape, and is set as code.
    """

    title: str
    description: str
    height: Pixels
    boxes: list[Box] = field(default_factory=list)
    texts: list[Written] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.text(WIDTH / 2, 14, self.title, style="title")

    def layer(self, x: Pixels, y: Pixels, width: Pixels, height: Pixels, text: str) -> Box:
        """A box that has learned weights."""
        return self._box(Box(x, y, width, height, "layer", tuple(text.split("\n"))))

    def step(self, x: Pixels, y: Pixels, width: Pixels, height: Pixels, text: str) -> Box:
        """A box that computes without weights of its own."""
        return self._box(Box(x, y, width, height, "step", tuple(text.split("\n"))))

    def data(self, x: Pixels, y: Pixels, width: Pixels, height: Pixels, text: str) -> Box:
        """A box that holds symbols or a tensor."""
        return self._box(Box(x, y, width, height, "data", tuple(text.split("\n"))))

    def sign(self, x: Pixels, y: Pixels, text: str) -> Box:
        """A circle with "+" or "×"."""
        return self._box(Box(x, y, 2 * SIGN_RADIUS, 2 * SIGN_RADIUS, "sign", (text,)))

    def dot(self, x: Pixels, y: Pixels) -> Box:
        """Where a line branches."""
        return self._box(Box(x, y, 2 * DOT_RADIUS, 2 * DOT_RADIUS, "dot"))

    def text(self, x: Pixels, y: Pixels, text: str, *, style: str = "label", anchor: str = "middle") -> None:
        self.texts.append(Written(x, y, tuple(text.split("\n")), style, anchor))

    def arrow(self, *points: Point, dashed: bool = False) -> None:
        """From the edge of one box, through points between, to the edge of another."""
        self.lines.append(Line(points, head=True, dashed=dashed))

    def line(self, *points: Point) -> None:
        """As `arrow`, without a head."""
        self.lines.append(Line(points, head=False, dashed=False))

    def frame(self, x0: Pixels, y0: Pixels, x1: Pixels, y1: Pixels) -> None:
        self.frames.append(Frame(x0, y0, x1, y1))

    def legend(self, y: Pixels) -> None:
        """What the shapes of the boxes mean that the diagram has so far."""
        meanings = {"layer": _("learned weights"), "step": _("no weights"), "data": _("symbols or a tensor")}
        used = [kind for kind in meanings if any(box.kind == kind for box in self.boxes)]
        for x, kind in zip((18, 204, 356), used, strict=False):
            self._box(Box(x, y, 30, 16, kind))
            self.text(x + 22, y, meanings[kind], style="note", anchor="start")

    def _box(self, box: Box) -> Box:
        self.boxes.append(box)
        return box

    def svg(self) -> str:
        """The picture. It is the same for the same drawing."""
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height:g}" width="{WIDTH}" '
            f'height="{self.height:g}" role="img" aria-label="{escape(self.description)}">',
            f"<style>{_style()}</style>",
            f'<rect class="paper" width="{WIDTH}" height="{self.height:g}"/>',
        ]
        parts += [
            f'<rect class="frame" x="{f.x0:g}" y="{f.y0:g}" width="{f.x1 - f.x0:g}" height="{f.y1 - f.y0:g}" rx="8"/>'
            for f in self.frames
        ]
        parts += [_line(line) for line in self.lines]
        parts += [_box(box) for box in self.boxes]
        parts += [_text(written) for box in self.boxes for written in texts_of(box)]
        parts += [_text(written) for written in self.texts]
        return "".join([*parts, "</svg>"])

    def _repr_html_(self) -> str:
        source = base64.b64encode(self.svg().encode()).decode("ascii")
        return (
            f'<img src="data:image/svg+xml;base64,{source}" alt="{escape(self.description)}" '
            f'width="{WIDTH}" height="{self.height:g}" style="max-width: 100%; height: auto">'
        )

    def __repr__(self) -> str:
        return f"{self.title}\n{self.description}"


def texts_of(box: Box) -> list[Written]:
    """The lines of a box, one below the other around its middle."""
    top = box.y - LINE * (len(box.lines) - 1) / 2
    styles = ["shape" if line.startswith("`") else "label" for line in box.lines]
    return [
        Written(box.x, top + LINE * row, (line.removeprefix("`"),), style, "middle")
        for row, (line, style) in enumerate(zip(box.lines, styles, strict=True))
    ]


def _style() -> str:
    """The style sheet: shapes and types once, colors for each theme."""
    texts = [
        f".{name}{{font-family:{MONO if style.mono else FONT};font-size:{style.size:g}px;"
        f"fill:var(--{'quiet' if style.quiet else 'ink'}){';font-weight:bold' if style.bold else ''}}}"
        for name, style in TEXT_STYLES.items()
    ]
    colors = {
        theme: "".join(f"--{name}:{color};" for name, color in colors.items()) for theme, colors in THEMES.items()
    }
    return "".join(
        [
            f"svg{{{colors['light']}}}@media(prefers-color-scheme:dark){{svg{{{colors['dark']}}}}}",
            ".paper,.sign{fill:var(--paper)}.sign,.layer,.step,.data{stroke:var(--ink);stroke-width:1.2}",
            ".layer{fill:var(--layer);stroke-width:2.2}.step{fill:var(--step)}.data{fill:var(--data)}",
            ".line{fill:none;stroke:var(--ink);stroke-width:1.5;stroke-linejoin:round}.head,.dot{fill:var(--ink)}",
            ".frame{fill:none;stroke:var(--quiet);stroke-dasharray:2 3}.dashed{stroke-dasharray:5 4}",
            "text{dominant-baseline:central}",
            *texts,
        ]
    )


def _box(box: Box) -> str:
    if box.kind in ("sign", "dot"):
        return f'<circle class="{box.kind}" cx="{box.x:g}" cy="{box.y:g}" r="{box.width / 2:g}"/>'
    radius = {"layer": CORNER, "step": min(box.height, 40) / 2, "data": 0}[box.kind]
    return (
        f'<rect class="{box.kind}" x="{box.left[0]:g}" y="{box.top[1]:g}" width="{box.width:g}" '
        f'height="{box.height:g}" rx="{radius:g}"/>'
    )


def _text(written: Written) -> str:
    lines = []
    for row, line in enumerate(written.lines):
        markup = SUBSCRIPT.sub(r'<tspan dy="4" font-size="75%">\1</tspan><tspan dy="-4">&#8203;</tspan>', escape(line))
        lines.append(
            f'<text class="{written.style}" x="{written.x:g}" y="{written.y + LINE * row:g}" '
            f'text-anchor="{written.anchor}">{markup}</text>'
        )
    return "".join(lines)


def _line(line: Line) -> str:
    points = list(line.points)
    head = ""
    if line.head:
        points[-1], corners = _head(points[-2], points[-1])
        head = f'<polygon class="head" points="{_joined(corners)}"/>'
    kind = "line dashed" if line.dashed else "line"
    return f'<polyline class="{kind}" points="{_joined(points)}"/>{head}'


def _head(before: Point, end: Point) -> tuple[Point, list[Point]]:
    """Where the line ends in the head of an arrow from `before` to `end`, and the three corners of the head."""
    length = ((end[0] - before[0]) ** 2 + (end[1] - before[1]) ** 2) ** 0.5
    dx, dy = (end[0] - before[0]) / length, (end[1] - before[1]) / length
    base = end[0] - HEAD_LENGTH * dx, end[1] - HEAD_LENGTH * dy
    half = HEAD_WIDTH / 2
    return base, [end, (base[0] - half * dy, base[1] + half * dx), (base[0] + half * dy, base[1] - half * dx)]


def _joined(points: Sequence[Point]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)
