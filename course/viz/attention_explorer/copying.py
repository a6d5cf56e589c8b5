"""The shown figures as one file: a PNG for the clipboard, or an SVG that needs nothing but itself."""

import io
import re
from collections.abc import Sequence

import matplotlib
from matplotlib.figure import Figure

from course.viz.kit.layout import stacked
from course.viz.kit.style import PAPER

FORMATS = ("png", "svg")
PNG_DPI = 200


def picture_bytes(figures: Sequence[Figure], file_format: str) -> bytes:
    """The figures, one below the other, as a file. Raises `ValueError` for another format than PNG and SVG."""
    if file_format not in FORMATS:
        raise ValueError(f"There is no format {file_format!r}; the formats are {', '.join(FORMATS)}.")
    if file_format == "svg":
        return _stacked_svg([_svg(figure) for figure in figures]).encode()
    png = io.BytesIO()
    figure = figures[0] if len(figures) == 1 else stacked(figures)
    figure.savefig(png, format="png", dpi=PNG_DPI, bbox_inches="tight", facecolor=PAPER)
    return png.getvalue()


def _svg(figure: Figure) -> str:
    """One figure as an `<svg>` element; its letters are outlines, so no font is needed to show it."""
    text = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "path"}):
        figure.savefig(text, format="svg", bbox_inches="tight", facecolor=PAPER, metadata={"Date": None})
    return text.getvalue()[text.getvalue().index("<svg") :]


def _stacked_svg(pictures: Sequence[str]) -> str:
    """Several `<svg>` elements inside one, each below the other; sizes in points."""
    sizes = [tuple(float(size) for size in re.findall(r'(?:width|height)="([\d.]+)pt"', one[:600])) for one in pictures]
    width, height = max(size[0] for size in sizes), sum(size[1] for size in sizes)
    parts, top = [], 0.0
    for picture, (_width, high) in zip(pictures, sizes, strict=True):
        parts.append(picture.replace("<svg", f'<svg y="{top:.2f}"', 1).replace('pt"', '"'))
        top += high
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.2f}pt" height="{height:.2f}pt"'
    body = "\n".join(parts)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{head} viewBox="0 0 {width:.2f} {height:.2f}">\n{body}\n</svg>\n'
