"""The course's style: fixed, distinguishable colors, and fonts that have the glyphs."""

import base64
import io
import itertools
import warnings

import matplotlib
import numpy as np
import pytest
from PIL import Image

from course.viz.kit import style
from course.viz.kit.strips import token_strip_figure
from course.viz.kit.text import isolated


def test_a_name_has_the_same_color_whatever_stands_beside_it():
    assert style.colors_for(["BPE"])["BPE"] == style.colors_for(["word", "Unigram", "BPE"])["BPE"] == style.BLUE
    assert style.colors_for(["GPT-2"])["GPT-2"] == style.colors_for(["gpt2"])["gpt2"]


def test_unnamed_series_get_colors_that_are_still_free():
    colors = style.colors_for(["BPE", "mine", "yours", "WordPiece"])
    assert len(set(colors.values())) == 4
    assert list(colors) == ["BPE", "mine", "yours", "WordPiece"]


def test_no_two_series_of_a_figure_share_a_color():
    colors = style.colors_for(["WordPiece", "MiniLM"])  # MiniLM is WordPiece's color where it stands alone
    assert colors["WordPiece"] == style.colors_for(["MiniLM"])["MiniLM"] != colors["MiniLM"]


def test_more_series_than_colors_is_an_error():
    with pytest.raises(ValueError, match="20 names"):
        style.colors_for([f"series {i}" for i in range(20)])


def test_contrast_is_that_of_wcag():
    assert style.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert style.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # the standard's well-known near miss
    assert style.contrast(style.QUIET, style.PAPER) >= 4.5


def test_token_colors_carry_ink():
    for hue in style.TOKEN_HUES:
        assert style.contrast(style.INK, style.mixed(hue, 0.35)) >= 4.5
    assert style.contrast(style.INK, style.mixed(style.SKY, 0.85)) >= 4.5


# Machado, Oliveira and Fernandes 2009, table 1, severity 1.0: how a color looks without one kind of cone.
COLOR_BLINDNESS = {
    "no red cones": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "no green cones": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}


def seen(color: str, matrix: list[list[float]]) -> list[float]:
    rgb = matplotlib.colors.to_rgb(color)
    return [sum(weight * channel for weight, channel in zip(row, rgb, strict=True)) for row in matrix]


@pytest.mark.parametrize("matrix", COLOR_BLINDNESS.values(), ids=COLOR_BLINDNESS)
def test_tokenizers_stay_apart_for_color_blind_readers(matrix):
    colors = [style.COLORS[name] for name in ("word", "character", "bpe", "wordpiece", "unigram")]
    for one, other in itertools.combinations(colors, 2):
        distance = sum((a - b) ** 2 for a, b in zip(seen(one, matrix), seen(other, matrix), strict=True)) ** 0.5
        assert distance > 0.15, (one, other)


def test_drawable_keeps_what_the_fonts_have():
    assert style.drawable("naïve ␣↵⇥ 한국어 <b>") == "naïve ␣↵⇥ 한국어 <b>"
    assert style.drawable("🎉") == "U+1F389"
    assert style.drawable("a\u200db") == "aU+200Db"
    assert style.drawable(isolated("##ים")) == "##ים"  # matplotlib has no use for isolates


def test_korean_is_drawn_in_nanum_gothic_and_latin_in_dejavu():
    assert style.font_families()[0] == "DejaVu Sans"
    assert "Nanum" in style.font_families()[1]
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of a missing glyph
        style.png_base64(token_strip_figure({"한국어 토큰": ["자연어", "처리", "🎉"]}))


def test_without_the_korean_font_figures_are_still_drawn(monkeypatch):
    def missing():
        raise style.AssetError("Fetch it with `python -m course fetch`.")

    monkeypatch.setattr(style, "korean_font", missing)
    with pytest.warns(UserWarning, match="code points.*course fetch"):
        assert style.font_families.__wrapped__() == ("DejaVu Sans",)


def test_figures_leave_the_notebooks_own_settings_alone():
    with matplotlib.rc_context({"font.size": 23.0}):
        figure = token_strip_figure({"row": ["a"]})
        assert matplotlib.rcParams["font.size"] == 23.0
    assert max(text.get_fontsize() for text in figure.axes[0].texts) < 23


def test_lines_stand_out_on_white():
    """Lines and points have no outline, as bars have. WCAG 2.2, success criterion 1.4.11: 3 to 1."""
    for color in {*style.COLORS.values(), *style.UNNAMED}:
        assert style.contrast(color, style.PAPER) >= 3, color


def test_a_picture_is_sharp_and_small_and_its_colors_are_right():
    figure = token_strip_figure({"row": ["a", "b"]})
    picture = style.png_base64(figure)
    size = style.page_size(picture)
    stored = Image.open(io.BytesIO(base64.b64decode(picture)))
    assert (stored.width, stored.height) == (2 * size["width"], 2 * size["height"])
    exact, shown = (np.asarray(image.convert("RGB")).astype(int) for image in (style.pixels(figure), stored))
    assert np.abs(exact - shown).max() <= 12, "of 255 steps"
    full = io.BytesIO()
    style.pixels(figure).save(full, format="png")
    assert len(base64.b64decode(picture)) < 0.7 * len(full.getvalue())


def test_a_picture_has_the_same_bytes_each_time():
    pictures = {style.png_base64(token_strip_figure({"row": ["a", "b"]})) for _time in range(2)}
    assert len(pictures) == 1
