"""The figures of lesson 03: every number has its color, every position its letter, and no texts overlap."""

import base64
import io

import numpy as np
import pytest
from matplotlib.image import imread

from course.viz.kit.alt_text import alt_text
from course.viz.kit.style import contrast
from course.viz.seq2seq.figures import ABOVE, BELOW, COLUMNS, linear_probe_curves, state_strips
from course.viz.seq2seq.number_strips import number_strips
from tests.support.drawn import overlapping, written

ROWS = np.array([[0.5, -1.5, 0.0], [1.5, 0.0, -0.5]])


def probe_figure():
    return linear_probe_curves({n: 1 - 0.1 * np.minimum(np.arange(n), np.arange(n)[::-1]) for n in (4, 6, 8, 12)})


FIGURES = {
    "state_strips": lambda: state_strips(["<s>", "자음"], ROWS, title="Two states"),
    "a long state": lambda: state_strips(list("abcdefghij"), np.zeros((10, 300)), title="Nothing"),
    "linear_probe_curves": probe_figure,
}


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES)
def test_axes_are_labelled_and_no_text_lies_over_another(draw):
    figure = draw()
    axes = figure.axes[0]
    assert axes.get_title(loc="left") and axes.get_xlabel()
    assert overlapping(figure) == []


def test_the_colors_of_a_state_say_sign_and_size():
    image = state_strips(["a", "b"], ROWS, title="").axes[0].images[0]
    red, _green, blue, _alpha = image.cmap(image.norm(np.array([-1.5, 0.0, 1.5]))).T
    assert red[0] > blue[0] and blue[2] > red[2] and red[1] == pytest.approx(blue[1], abs=0.01)


def test_strips_on_a_page_have_the_figures_colors():
    page = number_strips(["<s>", "b"], ROWS, "State")
    assert "&lt;s&gt;" in page and "<s>" not in page and "−1.5" in page
    pictures = [part.split('"')[0] for part in page.split("base64,")[1:]]
    shown = np.stack([imread(io.BytesIO(base64.b64decode(picture)))[0] for picture in pictures])
    colors, opacity = shown[..., :3], shown[..., 3:]
    image = state_strips(["a", "b"], ROWS, title="").axes[0].images[0]
    on_white = colors * opacity + (1 - opacity)
    np.testing.assert_allclose(on_white, image.cmap(image.norm(ROWS))[..., :3], atol=0.01)
    assert (opacity[ROWS == 0] == 0).all()  # 0 is the color of the page, light or dark


@pytest.mark.parametrize("page", ["#ffffff", "#111111"])
def test_both_ends_of_the_scale_stand_out_on_a_light_and_a_dark_page(page):
    assert min(contrast(BELOW, page), contrast(ABOVE, page)) >= 3


def test_a_state_of_zeros_is_white():
    image = state_strips(["a"], np.zeros((1, 2)), title="").axes[0].images[0]
    assert np.allclose(image.cmap(image.norm(np.zeros(1)))[0, :3], 1.0, atol=0.04)


def test_of_a_long_state_the_first_numbers_are_shown_and_the_figure_says_so():
    rows = np.arange(600, dtype=float).reshape(2, 300)
    axes = state_strips(["a", "b"], rows, title="").axes[0]
    np.testing.assert_array_equal(axes.images[0].get_array(), rows[:, :COLUMNS])
    assert axes.get_xlabel() == f"the first {COLUMNS} of 300 numbers"
    page = number_strips(["a", "b"], rows, "State")
    assert f"State, the first {COLUMNS} of 300 numbers" in page
    (first, _second) = (part.split('"')[0] for part in page.split("base64,")[1:])
    assert imread(io.BytesIO(base64.b64decode(first))).shape[:2] == (1, COLUMNS)
    assert "of" not in state_strips(["a"], np.ones((1, COLUMNS)), title="").axes[0].get_xlabel().split()[:1]


def test_answers_word_by_word_are_drawn_as_shares_with_their_standard_error():
    read = np.array([[True] * 16, [True] * 8 + [False] * 8])
    axes = linear_probe_curves({2: read}, {2: np.array([0.5, 0.25])}).axes[0]
    line, (*_caps,), (bars,) = axes.containers[0]
    np.testing.assert_allclose(line.get_ydata(), [1.0, 0.5])
    np.testing.assert_allclose([np.ptp(part[:, 1]) for part in bars.get_segments()], [0.0, 2 * 0.125])
    (dotted,) = [each for each in axes.lines if each.get_linestyle() == ":"]
    np.testing.assert_allclose(dotted.get_ydata(), [0.5, 0.25])
    assert "Bars: ± 1 standard error. Dotted: untrained." in [text.get_text() for text in axes.texts]


def test_what_a_probe_figure_does_not_have_is_not_explained():
    shares, read = np.array([1.0, 0.5]), np.array([[True] * 16, [True] * 8 + [False] * 8])
    notes = [
        [text.get_text() for text in linear_probe_curves(*drawn).axes[0].texts if "letters" not in text.get_text()]
        for drawn in (({2: shares},), ({2: read},), ({2: shares}, {2: shares}))
    ]
    assert notes == [[], ["Bars: ± 1 standard error"], ["Dotted: untrained"]]


def test_the_words_of_a_probe_figure_are_sentences():
    rng = np.random.default_rng(0)
    middle = {n: 1 - 0.97 * np.minimum(np.arange(n), np.arange(n)[::-1]) / n for n in (4, 8, 12)}
    read = {n: rng.random((n, 700)) < shares[:, None] for n, shares in middle.items()}
    words = alt_text(linear_probe_curves(read, {n: shares * 0.876 for n, shares in middle.items()}))
    for part in (
        "Bars: ± 1 standard error. Dotted: untrained.",
        "12 letters: 100% at 1, 100% at 12, lowest",
        "12, untrained: 87.6% at 1, 87.6% at 12, lowest 52.2% at 6.",
    ):
        assert part in words, words
    assert words.endswith("Error bars: ± 0% to ± 1.9%."), words


def test_every_length_is_named_at_the_end_of_its_line():
    texts = dict(written(probe_figure()))
    places = [texts[f"{n} letters"].x0 for n in (4, 6, 8, 12)]
    assert places == sorted(places)


def test_rows_and_places_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match="3 labels need as many rows"):
        state_strips(["a", "b", "c"], ROWS, title="")
    with pytest.raises(ValueError, match="4 positions need as many shares"):
        linear_probe_curves({4: np.zeros(3)})
