"""The diagrams: nothing overlaps, texts fit, arrows join boxes, shapes are the code's, both themes are legible."""

import base64
import itertools
import re
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

import course
from course.viz import diagrams
from course.viz.diagrams.drawing import LINE, SUBSCRIPT, TEXT_STYLES, THEMES, WIDTH, Diagram, texts_of
from course.viz.kit.style import contrast

DRAWN = {name: getattr(diagrams, name)() for name in diagrams.__all__} | {
    "transformer_block post": diagrams.transformer_block("post"),
    "transformer_architecture pre": diagrams.transformer_architecture("pre"),
}
each = pytest.mark.parametrize("d", DRAWN.values(), ids=DRAWN)
DIMENSION = re.compile(r"\b(?:d_)?[a-z]+\b")


@pytest.fixture(scope="module")
def known_dimensions():
    """The names of dimensions in the shape annotations of the package, and the sizes of its configurations."""
    code = "".join(path.read_text(encoding="utf-8") for path in Path(course.__file__).parent.rglob("*.py"))
    annotated = {name for shape in re.findall(r'Tensor, "([^"]+)"\]', code) for name in DIMENSION.findall(shape)}
    return annotated | set(re.findall(r"\b(d_[a-z]+): int", code))


def width(line, style):
    """In pixels, in DejaVu, the widest of the fonts that a page may take."""
    text, style = SUBSCRIPT.sub(r"\1", line), TEXT_STYLES[style]
    family = "DejaVu Sans Mono" if style.mono else "DejaVu Sans"
    font = FontProperties(family=family, size=style.size, weight="bold" if style.bold else "normal")
    return text_to_path.get_text_width_height_descent(text, font, ismath=False)[0]


def extents(written):
    """What each line of a text covers: its text, left, top, right, bottom."""
    for row, line in enumerate(written.lines):
        wide, size = width(line, written.style), TEXT_STYLES[written.style].size
        left = written.x - wide * {"start": 0, "middle": 0.5, "end": 1}[written.anchor]
        middle = written.y + LINE * row
        yield line, left, middle - size / 2, left + wide, middle + size / 2


def edges(box):
    return box.left[0], box.top[1], box.right[0], box.bottom[1]


def cross(a, b):
    """Whether two rectangles (left, top, right, bottom) overlap."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def on_edge(point, box):
    x, y = point
    if box.kind in ("sign", "dot"):
        return abs(((x - box.x) ** 2 + (y - box.y) ** 2) ** 0.5 - box.width / 2) < 1e-6
    left, top, right, bottom = edges(box)
    return left <= x <= right and top <= y <= bottom and (x in (left, right) or y in (top, bottom))


def below_a_text(point, d):
    """Whether a line that begins here belongs to a text that names something."""
    near = point[0], point[1] - 12, point[0], point[1]
    return any(cross(near, place) for written in d.texts for _line, *place in extents(written))


def segments(line):
    """The straight parts of a line as rectangles without width."""
    for (x0, y0), (x1, y1) in itertools.pairwise(line.points):
        yield min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


@each
def test_boxes_lie_apart_and_inside_the_picture(d):
    for one, other in itertools.combinations(d.boxes, 2):
        assert not cross(edges(one), edges(other)), (one, other)
    for box in d.boxes:
        left, top, right, bottom = edges(box)
        assert left >= 1 and top >= 24 and right <= WIDTH - 1 and bottom <= d.height - 2, box


@each
def test_texts_fit_into_their_boxes(d):
    for box in d.boxes:
        margin = 0 if box.kind == "sign" else 3
        for written in texts_of(box):
            for line, left, top, right, bottom in extents(written):
                inside = edges(box)
                assert left >= inside[0] + margin and right <= inside[2] - margin, line
                assert top >= inside[1] and bottom <= inside[3], line


@each
def test_other_texts_touch_no_box_no_line_and_no_other_text(d):
    texts = [extent for written in d.texts for extent in extents(written)]
    for line, *place in texts:
        assert place[0] >= 0 and place[2] <= WIDTH and place[1] >= 0 and place[3] <= d.height, line
        assert not [box for box in d.boxes if cross(place, edges(box))], line
        assert not [drawn for drawn in d.lines for part in segments(drawn) if cross(place, part)], line
    for (one, *a), (other, *b) in itertools.combinations(texts, 2):
        assert not cross(a, b), (one, other)


@each
def test_every_arrow_begins_and_ends_at_an_edge_and_passes_no_box(d):
    assert d.lines
    for line in d.lines:
        start, end = line.points[0], line.points[-1]
        assert any(on_edge(start, box) for box in d.boxes) or (not line.head and below_a_text(start, d)), line
        assert any(on_edge(end, box) for box in d.boxes), line
        for part in segments(line):
            assert part[0] == part[2] or part[1] == part[3], f"{line} is slanted"
            assert not [box for box in d.boxes if cross(part, edges(box))], line
        last = line.points[-2:]
        assert not line.head or abs(last[0][0] - last[1][0]) + abs(last[0][1] - last[1][1]) >= 10, "room for the head"


@each
def test_every_shape_is_one_of_the_code(d, known_dimensions):
    labels = [line for box in d.boxes for written in texts_of(box) for line in written.lines]
    labels += [line for written in d.texts for line in written.lines if written.style == "shape"]
    shapes = re.findall(r"\((batch,[^)]*)\)", " ".join(labels))
    assert len(shapes) >= 1 and {name for shape in shapes for name in DIMENSION.findall(shape)} <= known_dimensions


@each
def test_the_description_says_every_word_and_shape_of_the_boxes(d):
    lines = [line for box in d.boxes for line in box.lines]
    words = {word for line in lines if not line.startswith("`") for word in re.findall(r"[a-z]{3,}", line)}
    assert not {word for word in words if word[:-1] not in d.description}
    assert {shape for line in lines for shape in re.findall(r"\(batch.*\)$", line)} <= set(
        re.findall(r"\(batch.*?\)", d.description)
    )
    assert 250 < len(d.description) < 1300


@each
def test_the_svg_is_whole_labelled_and_drawn_the_same_twice(d):
    root = ElementTree.fromstring(d.svg())
    assert root.get("role") == "img" and root.get("aria-label") == d.description
    assert root.get("viewBox") == f"0 0 {WIDTH} {d.height:g}"
    drawn = "".join(root.itertext())
    for text in [line for box in d.boxes for line in box.lines if "_{" not in line]:
        assert text.removeprefix("`") in drawn
    assert d.svg() == d.svg()


@each
def test_a_page_shows_it_as_an_image_with_its_words_and_a_terminal_prints_them(d):
    page = d._repr_html_()
    assert re.fullmatch(r'<img src="data:image/svg\+xml;base64,[\w+/=]+" alt="[^"<>]+" width="560" .*>', page)
    assert unescape(re.search(r'alt="([^"]+)"', page).group(1)) == d.description
    assert base64.b64decode(re.search(r"base64,([\w+/=]+)", page).group(1)).decode() == d.svg()
    assert repr(d) == f"{d.title}\n{d.description}"


@pytest.mark.parametrize("theme", THEMES)
def test_text_and_lines_have_contrast_in_both_themes(theme):
    colors = THEMES[theme]
    for background in ("paper", "layer", "step", "data"):
        assert contrast(colors["ink"], colors[background]) >= 7
    assert contrast(colors["quiet"], colors["paper"]) >= 4.5
    assert THEMES["light"].keys() == THEMES["dark"].keys()


def test_kinds_of_boxes_differ_in_shape_and_not_only_in_color():
    d = Diagram("t", "d", 100)
    boxes = [draw(100, 50, 60, 30, "x") for draw in (d.layer, d.step, d.data)]
    rounded = re.findall(r'class="(?:layer|step|data)"[^>]*rx="([\d.]+)"', d.svg())
    assert len(boxes) == len(set(rounded)) == 3


def test_the_legend_names_only_what_is_drawn():
    d = Diagram("t", "d", 100)
    d.layer(100, 50, 60, 30, "x")
    d.legend(90)
    assert [written.lines for written in d.texts] == [("t",), ("learned weights",)]


@pytest.mark.parametrize("draw", [diagrams.transformer_block, diagrams.transformer_architecture])
def test_an_unknown_norm_is_named(draw):
    with pytest.raises(ValueError, match=r"norm is 'none'; it must be 'pre' or 'post'\."):
        draw("none")
