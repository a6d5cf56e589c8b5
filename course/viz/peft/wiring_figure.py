"""The static picture of a model with a method on it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from course.viz.kit.layout import PAGE_WIDTH, new_figure, shortened, text_width, wrapped_within
from course.viz.kit.style import INK, ORANGE, PAPER, QUIET, SKY, drawable, in_course_style, mixed
from course.viz.peft.box_texts import PUT, is_again, is_head, lines_of, put_there, steps_of
from course.viz.peft.wiring import Box, Wiring

WIDTH = PAGE_WIDTH - 0.2  # inches
SIZE, TEXT_SIZE = 9.0, 10.0  # points: in boxes, and below them
LINE, TEXT_LINE, TITLE = 0.165, 0.2, 0.34  # inches
PAD, GAP, TO_NEXT = 0.07, 0.07, 0.24  # inches
MOST_LINES = 4  # of a sentence below a picture
FROZEN, PUT_THERE, HEAD = mixed(INK, 0.05), mixed(ORANGE, 0.35), mixed(SKY, 0.3)


@dataclass(frozen=True)
class _Frame:
    x: int | float
    y: int | float
    width: int | float
    height: int | float
    color: str


@dataclass(frozen=True)
class _Words:
    x: int | float
    y: int | float
    text: str
    weight: str = "normal"
    color: str = INK


@dataclass
class _Laid:
    """Frames and texts with their places in inches from the upper left corner, and how much room they take."""

    width: int | float = 0.0
    height: int | float = 0.0
    frames: list[_Frame] = field(default_factory=list)
    words: list[_Words] = field(default_factory=list)

    def add(self, other: "_Laid", x: int | float, y: int | float) -> None:
        self.frames += [replace(frame, x=x + frame.x, y=y + frame.y) for frame in other.frames]
        self.words += [replace(words, x=x + words.x, y=y + words.y) for words in other.words]
        self.width, self.height = max(self.width, x + other.width), max(self.height, y + other.height)


@in_course_style
def wiring_figure(wiring: Wiring, block: int, *, title: str, lines: Sequence[str] = ()) -> Figure:
    """The modules of a model around one of its blocks, in the order of computation, with `lines` below them."""
    figure = new_figure(WIDTH, 1.0)
    heading = wrapped_within(figure, drawable(title), 12.0, WIDTH - 0.1, 2, "bold")
    below = [
        part for line in lines for part in wrapped_within(figure, drawable(line), TEXT_SIZE, WIDTH - 0.1, MOST_LINES)
    ]
    drawing = _column(figure, (wiring.before, (wiring.blocks[block],), wiring.after), WIDTH - 0.1)
    top = TITLE * len(heading)
    height = top + drawing.height + GAP + TEXT_LINE * len(below) + 0.1
    figure.set_size_inches(WIDTH, height)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(height, 0))
    axes.set_axis_off()
    axes.text(0.05, 0.05, "\n".join(heading), fontsize=12.0, weight="bold", va="top")
    placed = _Laid()
    placed.add(drawing, 0.05, top)
    _draw(axes, placed)
    for place, line in enumerate(below):
        y = top + drawing.height + GAP + TEXT_LINE * (place + 0.5)
        axes.text(0.05, y, line, fontsize=TEXT_SIZE, va="center")
    return figure


def _column(figure: Figure, parts: Sequence[Sequence[Box]], room: int | float) -> _Laid:
    """Rows of boxes from the top to the bottom."""
    laid = _Laid()
    for boxes in filter(None, parts):
        if laid.height:
            laid.words.append(_Words(0.2, laid.height + TO_NEXT / 2, "↓", "bold"))
            laid.height += TO_NEXT
        laid.add(_steps(figure, boxes, room), 0.0, laid.height)
    return laid


def _steps(figure: Figure, boxes: Sequence[Box], room: int | float) -> _Laid:
    """Boxes from the left to the right, in lines as wide as there is room; those that read the same in one column."""
    laid, line, x = _Laid(), list[tuple[int | float, _Laid]](), 0.0
    for number, step in enumerate(steps_of(boxes)):
        stack = _stack([_box(figure, box, room - TO_NEXT * bool(number)) for box in step])
        if x and x + TO_NEXT + stack.width > room:
            _add_line(laid, line)
            line, x = [], 0.0
        if number:
            arrow = _Laid(TO_NEXT, LINE, words=[_Words(TO_NEXT / 2 - 0.07, LINE / 2, "→", "bold")])
            line.append((x, arrow))
            x += TO_NEXT
        line.append((x, stack))
        x += stack.width
    _add_line(laid, line)
    return laid


def _add_line(laid: _Laid, line: Sequence[tuple[int | float, _Laid]]) -> None:
    """Below what is there, each around the middle of the line."""
    top = laid.height + GAP if laid.height else 0.0
    height = max((part.height for _x, part in line), default=0.0)
    for x, part in line:
        laid.add(part, x, top + (height - part.height) / 2)


def _stack(parts: Sequence[_Laid]) -> _Laid:
    """Boxes below one another, as wide as the widest."""
    laid = _Laid()
    width = max(part.width for part in parts)
    for part in parts:
        part.frames[0] = replace(part.frames[0], width=width)
        laid.add(part, 0.0, laid.height + GAP if laid.height else 0.0)
    return laid


def _box(figure: Figure, box: Box, room: int | float) -> _Laid:
    """A module with its texts, beside them what the method put in its place, and the modules in it."""
    name = f"{PUT} {box.name}" if box.own else box.name
    laid = _Laid()
    laid.add(_written(figure, [name, *lines_of(box)], room - 2 * PAD, box.kind), PAD, PAD)
    if put := put_there(box):
        texts, panel = _written(figure, put, room - 4 * PAD), _Laid()
        panel.add(texts, PAD, PAD / 2)
        panel.width, panel.height = panel.width + PAD, panel.height + PAD / 2
        panel.frames.append(_Frame(0.0, 0.0, panel.width, panel.height, PUT_THERE))
        beside = laid.width + 0.1 + panel.width + PAD <= room
        laid.add(panel, *((laid.width + 0.1, PAD) if beside else (PAD, laid.height + GAP / 2)))
    if box.inside:
        laid.add(_steps(figure, box.inside, room - 2 * PAD), PAD, laid.height + GAP)
    laid.width, laid.height = laid.width + PAD, laid.height + PAD
    color = PUT_THERE if box.own else PAPER if is_again(box) else HEAD if is_head(box) else FROZEN
    laid.frames.insert(0, _Frame(0.0, 0.0, laid.width, laid.height, color))
    return laid


def _written(figure: Figure, lines: Sequence[str], room: int | float, kind: str = "") -> _Laid:
    """Lines of text, the first of them in bold with a kind after it."""
    kind = drawable(kind)
    kind_width = 0.06 + text_width(figure, kind, SIZE) if kind else 0.0
    first, *others = (shortened(figure, drawable(line), SIZE, room) for line in lines)
    first = shortened(figure, first, SIZE, room - kind_width, "bold")
    width = text_width(figure, first, SIZE, "bold")
    laid = _Laid(width + kind_width, LINE * len(lines), words=[_Words(0, LINE / 2, first, "bold")])
    if kind:
        laid.words.append(_Words(width + 0.06, LINE / 2, kind, color=QUIET))
    for place, line in enumerate(others, start=1):
        laid.words.append(_Words(0, (place + 0.5) * LINE, line))
        laid.width = max(laid.width, text_width(figure, line, SIZE))
    return laid


def _draw(axes: Axes, laid: _Laid) -> None:
    for frame in laid.frames:
        marked = frame.color in (PUT_THERE, HEAD)
        axes.add_patch(
            FancyBboxPatch(
                (frame.x, frame.y),
                frame.width,
                frame.height,
                boxstyle="round,pad=0,rounding_size=0.04",
                facecolor=frame.color,
                edgecolor=INK if marked else QUIET,
                linewidth=1.8 if marked else 0.7,
                linestyle="--" if frame.color == PAPER else "-",
            )
        )
    for words in laid.words:
        axes.text(
            words.x, words.y, words.text, fontsize=SIZE, weight=words.weight, color=words.color, va="center_baseline"
        )
