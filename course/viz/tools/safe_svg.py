"""Pictures that a tool has drawn: only the shapes, attributes and movements that are listed here reach the page."""

import re
from html import escape
from xml.etree import ElementTree

from course.tools.execution import Result

NAMESPACE = "{http://www.w3.org/2000/svg}"
SHAPES = {"svg", "title", "g", "path", "circle", "ellipse", "animateTransform"}
ATTRIBUTES = {
    *("viewBox", "width", "height", "role", "transform", "d", "cx", "cy", "r", "rx", "ry"),
    *("fill", "stroke", "stroke-width", "stroke-linecap"),
    *("attributeName", "type", "values", "dur", "begin", "repeatCount"),
}
PLAIN = re.compile(r"[A-Za-z0-9 .,;#()+-]*")
LONGEST = 2_000  # characters: what a result is cut to


def drawing(result: Result) -> ElementTree.Element | None:
    """The picture that a tool has returned; None where it returned something else, or there is more in it than shapes.

    Refused are scripts, links, styles, foreign elements, entities, and the movement of anything but `transform`.
    """
    text = result.value or ""
    if not text.startswith("<svg ") or len(text) > LONGEST or "<!" in text or "<?" in text or "url(" in text.lower():
        return None
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return None
    return root if all(map(_is_plain, root.iter())) else None


def _is_plain(element: ElementTree.Element) -> bool:
    name = name_of(element)
    values = element.attrib.items()
    moves = name != "animateTransform" or element.get("attributeName") == "transform"
    plain = all(key in ATTRIBUTES and PLAIN.fullmatch(value) for key, value in values)
    return element.tag.startswith(NAMESPACE) and name in SHAPES and moves and plain


def name_of(element: ElementTree.Element) -> str:
    """What kind of element it is, such as "path"."""
    return element.tag.removeprefix(NAMESPACE)


def written(element: ElementTree.Element) -> str:
    """The picture as markup for a page, written anew from what was read."""
    attributes = "".join(f' {key}="{escape(value)}"' for key, value in element.attrib.items())
    text = escape(element.text or "") if name_of(element) == "title" else ""
    inside = text + "".join(map(written, element))
    return f"<{name_of(element)}{attributes}>{inside}</{name_of(element)}>"


def title(element: ElementTree.Element) -> str:
    """What the picture shows, as it says itself."""
    return element.findtext(f"{NAMESPACE}title") or ""
