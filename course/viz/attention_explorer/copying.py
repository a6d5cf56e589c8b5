"""The shown figures as one file: a PNG for the clipboard, or an SVG that needs nothing but itself."""

import io
import re
from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.image import imread, imsave

from course.messages import _
from course.viz.kit.style import PAPER

PNG_DPI = 200


def picture_bytes(figures: Sequence[Figure], file_format: str) -> bytes:
    """The figures, one below the other, as "png" or "svg". Raises `ValueError` for another format."""
    makers = {"png": _stacked_png, "svg": _stacked_svg}
    if file_format not in makers:
        raise ValueError(
            _("There is no format {asked!r}; the formats are {known}.").format(
                asked=file_format, known=", ".join(makers)
            )
        )
    return makers[file_format](figures)


def _stacked_png(figures: Sequence[Figure]) -> bytes:
    pictures = []
    for figure in figures:
        png = io.BytesIO()
        options = {"bbox_inches": "tight", "facecolor": PAPER, "pil_kwargs": {"compress_level": 1}}
        figure.savefig(png, format="png", dpi=PNG_DPI, **options)
        pictures.append(imread(io.BytesIO(png.getvalue())))
    width = max(picture.shape[1] for picture in pictures)
    white = [np.pad(one, ((0, 0), (0, width - one.shape[1]), (0, 0)), constant_values=1) for one in pictures]
    png = io.BytesIO()
    imsave(png, np.concatenate(white), format="png", dpi=PNG_DPI)
    return png.getvalue()


def _stacked_svg(figures: Sequence[Figure]) -> bytes:
    """Each figure an `<svg>` element inside one, placed below the one before; sizes in points."""
    pictures = [_svg(figure) for figure in figures]
    sizes = [tuple(float(size) for size in re.findall(r'(?:width|height)="([\d.]+)pt"', one[:600])) for one in pictures]
    width, height = max(size[0] for size in sizes), sum(size[1] for size in sizes)
    parts, top = [], 0.0
    for picture, (_width, high) in zip(pictures, sizes, strict=True):
        parts.append(picture.replace("<svg", f'<svg y="{top:.2f}"', 1).replace('pt"', '"', 2))
        top += high
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.2f}pt" height="{height:.2f}pt"'
    box = f'viewBox="0 0 {width:.2f} {height:.2f}"'
    return "\n".join(['<?xml version="1.0" encoding="utf-8"?>', f"{head} {box}>", *parts, "</svg>\n"]).encode()


def _svg(figure: Figure) -> str:
    """One figure as an `<svg>` element; its letters are outlines, so no font is needed to show it."""
    text = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "path"}):
        figure.savefig(text, format="svg", bbox_inches="tight", facecolor=PAPER, metadata={"Date": None})
    return text.getvalue()[text.getvalue().index("<svg") :]
