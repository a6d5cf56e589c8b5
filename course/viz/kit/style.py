"""The look of every figure of the course: one matplotlib style, one set of colors, one pair of fonts."""

import base64
import functools
import html
import io
import re
import unicodedata
import warnings
from collections.abc import Callable, Iterable
from typing import Any, ParamSpec, TypeVar

import matplotlib
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.rcsetup import cycler
from PIL import Image

from course.data import AssetError, korean_font
from course.messages import _
from course.viz.kit.text import FIRST_STRONG_ISOLATE, POP_ISOLATE

P = ParamSpec("P")
R = TypeVar("R")

INK = "#222222"  # text and axes
DPI = 100  # pixels of the page to an inch
SHARPNESS = 2  # pixels of a picture for each on the page: letters stay sharp at 150 % and on dense screens
N_COLORS = 256  # of a picture
QUIET = "#767676"  # less important parts, such as grid labels or what is not selected; 4.5:1 on white
PAPER = "#ffffff"

# Eight colors that color-blind readers can distinguish. Source: Okabe and Ito 2008, "Color universal design".
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILLION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
# For areas with an outline. Lines and points have none and need 3:1 on white: WCAG 2.2, success criterion 1.4.11.
DARK_ORANGE, DARK_SKY = "#C48830", "#2B95D0"

# The same thing has the same color in every lesson. A tokenizer has the color of the model family that uses it.
COLORS: dict[str, str] = {
    "word": BLACK,
    "character": DARK_ORANGE,
    "bpe": BLUE,
    "wordpiece": VERMILLION,
    "unigram": GREEN,
    "gpt": BLUE,
    "bert": VERMILLION,
    "t5": GREEN,
    "rnn": PURPLE,
    "lstm": PURPLE,
    "lstmattention": DARK_ORANGE,
    "gru": BLUE,
    "attention": DARK_ORANGE,
    "transformer": BLACK,
    "smollm2": DARK_SKY,
    "minilm": VERMILLION,
    "gpt2": PURPLE,
    "sinusoidal": BLUE,
    "learned": DARK_ORANGE,
    "rotary": GREEN,
    "alibi": VERMILLION,
    "none": BLACK,
    "english": BLUE,
    "korean": VERMILLION,
}
UNNAMED = (BLUE, VERMILLION, GREEN, PURPLE, DARK_ORANGE, DARK_SKY, BLACK, QUIET)

# Backgrounds of neighboring tokens cycle through these, mixed into the page's own background.
TOKEN_HUES = (SKY, ORANGE, GREEN, PURPLE)


def colors_for(names: Iterable[str]) -> dict[str, str]:
    """A distinct color for each name: its own from `COLORS` ("GPT-2" is "gpt2"), else the next unused one.

    Raises `ValueError` when there are more names than colors.
    """
    names = list(names)
    chosen: dict[str, str] = {}
    for name in names:
        own = COLORS.get(re.sub(r"[\W_]", "", name.lower()))
        if own and own not in chosen.values():
            chosen[name] = own
    free = iter([color for color in UNNAMED if color not in chosen.values()])
    for name in names:
        if name not in chosen:
            color = next(free, None)
            if color is None:
                raise ValueError(f"{len(names)} names need more colors than there are. Split the figure in two.")
            chosen[name] = color
    return {name: chosen[name] for name in names}


def mixed(color: str, share: float) -> str:
    """`color` mixed into white: `share` 0 is white, 1 is the color itself."""
    red, green, blue = (1 - share * (1 - c) for c in matplotlib.colors.to_rgb(color))
    return matplotlib.colors.to_hex((red, green, blue))


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two opaque colors, from 1 to 21; text needs 4.5. Source: WCAG 2.2, success criterion 1.4.3."""

    def luminance(color: str) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in matplotlib.colors.to_rgb(color)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


def ink_on(background: str) -> str:
    """The text color, dark or white, with the better contrast on `background`."""
    return max((INK, PAPER), key=lambda color: contrast(color, background))


def course_style() -> dict[str, Any]:
    """The matplotlib settings of the course: an opaque white page, text of at least 10 points, few lines."""
    return {
        "figure.facecolor": PAPER,
        "figure.dpi": DPI,
        "figure.figsize": (8.0, 4.0),
        "savefig.facecolor": PAPER,
        "savefig.dpi": "figure",
        "axes.facecolor": PAPER,
        "font.family": list(font_families()),
        "font.size": 11.0,
        "axes.titlesize": 13.0,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.titlepad": 12.0,
        "axes.labelsize": 11.0,
        "xtick.labelsize": 10.0,
        "ytick.labelsize": 10.0,
        "legend.fontsize": 10.0,
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.grid": False,
        "grid.color": "#dddddd",
        "lines.linewidth": 2.0,
        "axes.unicode_minus": True,
        "axes.prop_cycle": cycler(color=UNNAMED),
    }


def in_course_style(draw: Callable[P, R]) -> Callable[P, R]:
    """Decorator: the function draws in the course's style, whatever the notebook's settings are."""

    @functools.wraps(draw)
    def styled(*args: P.args, **kwargs: P.kwargs) -> R:
        with matplotlib.rc_context(course_style() | {"text.parse_math": False}):  # a "$" in a token is a "$"
            return draw(*args, **kwargs)

    return styled


@functools.cache
def font_families() -> tuple[str, ...]:
    """DejaVu Sans for Latin text, then NanumGothic for Korean. Without the latter, a warning says how to get it."""
    try:
        path = korean_font()
    except AssetError as error:
        message = _("Korean text in figures is shown as code points. {error}").format(error=error)
        warnings.warn(message, stacklevel=2)
        return ("DejaVu Sans",)
    name = font_manager.FontProperties(fname=path).get_name()
    for weight in (400, 700):  # one file for both weights, so that bold Latin text can contain Korean words
        entry = font_manager.FontEntry(fname=str(path), name=name, style="normal", weight=weight, size="scalable")
        font_manager.fontManager.ttflist.insert(0, entry)
    return ("DejaVu Sans", name)


@functools.cache
def _drawable_codes() -> frozenset[int]:
    fonts = (font_manager.get_font(font_manager.findfont(family)) for family in font_families())
    return frozenset(code for font in fonts for code in font.get_charmap())


def drawable(text: str) -> str:
    """`text` with each character that the figures' fonts lack (many emoji) replaced by its code point: U+1F389.

    The isolates of `course.viz.kit.text.isolated` are left out: figures are drawn from left to right.
    """
    codes = _drawable_codes()
    text = text.replace(FIRST_STRONG_ISOLATE, "").replace(POP_ISOLATE, "")
    return "".join(c if ord(c) in codes and unicodedata.category(c) != "Cf" else f"U+{ord(c):04X}" for c in text)


def pixels(figure: Figure, sharpness: int = SHARPNESS) -> Image.Image:
    """The figure as a picture with `sharpness` pixels for each one that it takes on the page."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=sharpness * figure.dpi, bbox_inches="tight")
    return Image.open(buffer).convert("RGB")


def png_base64(figure: Figure, sharpness: int = SHARPNESS) -> str:
    """The figure as base64-encoded PNG, as notebooks store it; the same figure gives the same bytes.

    A palette makes it smaller than a picture of half the sharpness in full colors, and no color is off by more than a
    few of 255 steps.
    """
    palette = pixels(figure, sharpness).quantize(N_COLORS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    buffer = io.BytesIO()
    palette.save(buffer, format="png")
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def picture_html(png_base64: str, words: str) -> str:
    """A picture of `png_base64` as HTML, of its size on the page, with `words` as its alternative text.

    JupyterLab (4.6) and the page that nbconvert makes (7.17) give the picture of an output of type image/png no
    alternative text, whatever its metadata say.
    """
    size = page_size(png_base64)
    return (
        f'<img src="data:image/png;base64,{png_base64}" alt="{html.escape(words)}" width="{size["width"]}" '
        f'height="{size["height"]}" style="max-width: 100%; height: auto">'
    )


def page_size(png_base64: str) -> dict[str, int]:
    """How wide and high a picture of `png_base64` is on the page, in pixels."""
    header = base64.b64decode(png_base64[:32])
    width, height = (int.from_bytes(header[start : start + 4]) for start in (16, 20))
    return {"width": round(width / SHARPNESS), "height": round(height / SHARPNESS)}
