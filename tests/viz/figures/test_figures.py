"""The figures are labelled, nothing overlaps, and bad input is named."""

import numpy as np
import pytest
from matplotlib.text import Text

from course.viz import figures
from course.viz.figures.bars import number_bars
from course.viz.figures.curves import whole_numbers
from course.viz.figures.error_by_length import error_by_length
from course.viz.kit.layout import apart, new_figure, stacked, text_width, wrapped
from course.viz.kit.strips import token_strip_figure
from course.viz.kit.style import SHARPNESS
from course.viz.kit.text import StripToken
from tests.support.drawn import overlapping, written

TYPOS = np.arange(6)


def falling(speed: float) -> np.ndarray:
    """Three seeds of a falling curve."""
    return np.clip(1 - speed * TYPOS + np.array([[0.02], [0.0], [-0.02]]), 0, 1)


def typo_curve():
    names = {"word": 0.2, "character": 0.0, "BPE": 0.060, "WordPiece": 0.061, "Unigram": 0.062, "한국어 BPE": 0.063}
    return figures.typo_curve(TYPOS, {name: falling(speed) for name, speed in names.items()}).picture


def next_token_bars():
    tokens = [" Paris", " the", "\n", "서울", "🎉", " a very long token that takes much room"]
    return figures.next_token_bars(tokens, [0.5, 0.2, 0.1, 0.05, 0.01, 0.001], chosen=2)


FIGURES = {
    "typo_curve": typo_curve,
    "merge_curve": lambda: figures.merge_curve([120 - 2 * i for i in range(31)], step=10),
    "next_token_bars": next_token_bars,
    "count_bars": lambda: figures.count_bars(["e + r", "␣ + w"], [1200, 3], title="Pairs", xlabel="times", marked=0),
    "tokens_per_character": lambda: figures.tokens_per_character(
        {"SmolLM2": {"English": 0.21, "Korean": 1.7}, "MiniLM": {"English": 0.18, "Korean": 1.35}}
    ),
    "error_by_length": lambda: (
        error_by_length(
            [4, 5, 8.5, 12, 13, 16], {"LSTM": falling(0.1), "LSTM + attention": falling(0.12)}, title="By length"
        ).picture
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES)
def test_axes_are_labelled_and_no_text_lies_over_another(draw):
    figure = draw()
    axes = figure.axes[0]
    assert axes.get_title(loc="left")
    assert axes.get_xlabel()
    assert overlapping(figure) == []
    assert all(box.height > 6 for _name, box in written(figure))


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES)
def test_pages_are_white_and_opaque(draw):
    assert draw().get_facecolor() == (1, 1, 1, 1)


def test_overlap_would_be_found():
    figure = new_figure(4.0, 3.0)
    figure.text(0.5, 0.5, "one")
    figure.text(0.5, 0.5, "other")
    assert overlapping(figure) == [("one", "other")]


def test_curves_name_every_line_at_its_end_in_the_order_of_the_ends():
    labels = {name: box.y0 for name, box in written(typo_curve())}
    heights = [labels[name] for name in ("character", "BPE", "WordPiece", "Unigram", "한국어 BPE", "word")]
    assert heights == sorted(heights, reverse=True)


def test_curves_show_the_spread_over_seeds():
    axes = figures.typo_curve(TYPOS, {"BPE": falling(0.1)}).picture.axes[0]
    lower, upper = (
        np.split(axes.collections[0].get_paths()[0].vertices[1:-2, 1], [7])[0].min(),
        axes.lines[0].get_ydata(),
    )
    assert lower < upper.min()
    assert np.allclose(upper, falling(0.1).mean(axis=0))


def test_a_band_that_is_not_over_seeds_says_what_it_is_over():
    series = {"words": np.arange(6.0).reshape(2, 3)}
    labels = {"title": "T", "xlabel": "x", "ylabel": "y"}
    over_seeds, over_groups = (
        [text.get_text() for text in figures.curves(range(3), series, band=band, **labels).axes[0].texts]
        for band in (None, "Band: 2 groups of words")
    )
    assert "Band: ± 1 standard deviation over 2 seeds" in over_seeds
    assert "Band: 2 groups of words" in over_groups
    assert not any("seeds" in text for text in over_groups)


def test_the_stroke_from_a_line_to_its_name_runs_under_no_name():
    falling = np.exp(-np.arange(12) / 2)
    series = {"with a warm-up": falling, "without a warm-up": 1.01 * falling, "third": 1.02 * falling}
    figure = figures.curves(range(12), series, title="T", xlabel="x", ylabel="y")
    figure.canvas.draw()
    names = [text for text in figure.axes[0].texts if text.arrow_patch]
    assert len(names) == 3
    left = min(Text.get_window_extent(text).x0 for text in names)  # without the stroke
    strokes = [text.arrow_patch.get_path().vertices for text in names]
    assert max(stroke[:, 0].max() for stroke in strokes) <= left + 1


def test_curves_on_logarithmic_axes():
    labels = {"title": "T", "xlabel": "x", "ylabel": "y"}
    [axes] = figures.curves([256, 1024, 4096], {"a": [1.0, 10.0, 100.0]}, log_x=True, log_y=True, **labels).axes
    steps = np.diff(axes.transData.transform([(256, 1), (1024, 10), (4096, 100)]), axis=0)
    assert np.allclose(steps[0], steps[1]), "equal factors are equal distances"
    assert list(axes.get_xticks()) == [256, 1024, 4096] and len(axes.get_xticks(minor=True)) == 0
    for options in ({"log_x": True}, {"log_y": True}):
        with pytest.raises(ValueError, match="0 is not above 0, so it has no place on a logarithmic axis"):
            figures.curves([0, 1], {"a": [0.0, 1.0]}, **options, **labels)


def test_a_band_on_a_logarithmic_axis_stays_above_zero():
    runs = [[1.0, 2.0], [1.0, 2.0], [9.0, 2.0]]  # mean 3.7, deviation 4.6
    [axes] = figures.curves([1, 2], {"a": runs}, log_y=True, title="T", xlabel="x", ylabel="y").axes
    [band] = axes.collections
    assert band.get_paths()[0].vertices[:, 1].min() == 1.0


def test_curves_name_a_wrong_shape():
    with pytest.raises(ValueError, match=r"'BPE' has the shape \(1, 3\); 6 x-values"):
        figures.typo_curve(TYPOS, {"BPE": [1, 2, 3]})


def test_next_token_bars_marks_the_chosen_one_by_more_than_color():
    texts = [text for text, _box in written(next_token_bars())]
    assert [text for text in texts if "◀" in text] == ["10.0%  ◀ chosen"]
    assert "↵" in texts and "␣Paris" in texts


def test_next_token_bars_names_a_wrong_shape():
    with pytest.raises(ValueError, match="2 tokens need 2 probabilities"):
        figures.next_token_bars(["a", "b"], [1.0])


def test_bars_of_nothing_are_an_empty_figure():
    assert written(figures.next_token_bars([], []))


# The token strip.


def strip():
    words = ["Natural", "language", "processing", "is", "interesting", "and", "sometimes", "unbelievable"]
    return token_strip_figure(
        {
            "BPE   8 tokens": [StripToken(" " + word, note=str(10_000 + i)) for i, word in enumerate(words * 3)],
            "한국어": [
                "안녕",
                "하세요",
                StripToken("뷁", mark="unknown", note="0"),
                "🎉",
                "\n",
                StripToken("<|im_end|>", mark="special"),
            ],
            "empty": [],
        }
    )


def test_strip_wraps_and_nothing_overlaps():
    figure = strip()
    assert overlapping(figure) == []
    right_edge = figure.get_window_extent().x1
    assert all(box.x1 <= right_edge for _text, box in written(figure))


def test_strip_shows_spaces_marks_and_emptiness():
    texts = [text for text, _box in written(strip())]
    assert {"␣language", "? 뷁", "U+1F389", "↵", "◆ <|im_end|>", "no tokens", "한국어"} <= set(texts)


def test_strip_of_many_tokens_says_how_many_are_left_out():
    texts = [text for text, _box in written(token_strip_figure({"": ["tok"] * 1300}))]
    assert "… and 1,180 more" in texts


def test_strip_cuts_a_token_wider_than_the_page():
    figure = token_strip_figure({"": ["x" * 500]})
    [(text, box)] = written(figure)
    assert text.endswith("…") and box.x1 <= figure.get_window_extent().x1


def test_strip_outlines_the_selected_token():
    widths = [patch.get_linewidth() for patch in token_strip_figure({"": ["a", "b", "c"]}, selected=1).axes[0].patches]
    assert widths[1] > widths[0] == widths[2]


def test_stacked_figures_keep_their_size():
    one, other = token_strip_figure({"": ["a"] * 40}), next_token_bars()
    stack = stacked([one, other])
    assert len(stack.axes) == 2
    top, bottom = (axes.get_window_extent() for axes in stack.axes)
    assert not top.overlaps(bottom.padded(-1))
    for axes in stack.axes:  # one picture element for one pixel of what is saved: text stays sharp
        height = SHARPNESS * axes.get_window_extent().height
        assert axes.images[0].get_array().shape[0] == pytest.approx(height, abs=0.01)


# Layout.


@pytest.mark.parametrize("wanted", [[1.0, 1.0, 1.0], [5.0, 4.5, 4.9], [9.0, 9.9, 10.0], [0.0, 0.0, 10.0]])
def test_apart(wanted):
    placed = apart(wanted, gap=1.0, low=0.0, high=10.0)
    assert min(np.diff(sorted(placed))) >= 1 - 1e-9
    assert min(placed) >= 0 and max(placed) <= 10
    assert np.argsort(placed, kind="stable").tolist() == np.argsort(wanted, kind="stable").tolist()


def test_apart_leaves_alone_what_has_room():
    assert apart([1.0, 5.0, 3.0], gap=1.0, low=0.0, high=10.0) == [1.0, 5.0, 3.0]


def test_apart_says_when_there_is_no_room():
    with pytest.raises(ValueError, match="5 labels do not fit"):
        apart([1.0] * 5, gap=1.0, low=0.0, high=3.0)


def test_wrapped_lines_fit():
    figure = new_figure(4.0, 3.0)
    lines = wrapped(figure, "BERT and pre-training objectives", 9.0, 1.2).split("\n")
    assert len(lines) > 1 and all(text_width(figure, line, 9.0) <= 1.2 for line in lines)


def test_error_rates_by_length_are_percents_of_phonemes():
    figure = error_by_length([4, 8], {"LSTM": [[0.1, 0.2]]}, title="By length", ylim=(0.0, 0.5), words=[900, 4])
    axes = figure.picture.axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("letters in the word", "phoneme error rate")
    assert axes.get_ylim() == (0.0, 0.5) and axes.yaxis.get_major_formatter()(0.25, 0) == "25%"
    assert figure.live.data[-1].name == "words" and figure.live.data[-1].customdata == (900, 4)


# What hides what, and where an axis ends.


def test_a_line_over_another_is_dashed_so_that_both_are_seen():
    over = {"gru": [0.9, 0.5, 0.3, 0.2], "lstm": [0.1, 0.5, 0.3, 0.2], "transformer": [0.0, 0.1, 0.2, 0.3]}
    figure = figures.hover_curves([1, 2, 3, 4], over, title="t", xlabel="x", ylabel="y")
    assert [line.get_linestyle() for line in figure.picture.axes[0].lines] == ["-", "--", "-"]
    assert [bool(trace.line.dash) for trace in figure.live.data] == [False, True, False]


def test_probabilities_have_an_axis_to_100_percent():
    axes = figures.next_token_bars(["a", "b"], [0.5, 0.2]).axes[0]
    assert axes.get_xlim() == (0, 1)


def test_bars_of_numbers_below_0_go_to_the_left_from_0():
    axes = number_bars(["a", "b"], [-1.0, 2.0], title="t", xlabel="x").axes[0]
    assert axes.get_xlim() == (-1, 2)
    assert [(bar.get_x(), bar.get_width()) for bar in axes.patches] == [(0, -1), (0, 2)]


def test_error_rates_have_an_axis_from_0():
    assert error_by_length([4, 8], {"LSTM": [0.1, 0.2]}, title="t").picture.axes[0].get_ylim()[0] == 0


def test_long_numbers_on_an_axis_have_separators_and_years_have_none():
    assert [whole_numbers(1999)(value, 0) for value in (1990, 0.5)] == ["1990", "0.5"]
    assert [whole_numbers(20_000)(value, 0) for value in (2500, 20_000)] == ["2,500", "20,000"]


@pytest.mark.parametrize("n", [5, 30])
def test_the_names_of_curves_are_at_their_ends_however_many_points_there_are(n):
    x = np.arange(n)
    ends = {"low": 0.0, "high": 0.9}
    figure = figures.curves(
        x, {name: np.linspace(0.5, end, n) for name, end in ends.items()}, title="", xlabel="x", ylabel="y"
    )
    figure.canvas.draw()
    axes = figure.axes[0]
    named = {text.get_text(): text for text in axes.texts if text.get_text() in ends}
    for name, end in ends.items():
        height = axes.transData.transform((n - 1, end))[1]
        box = named[name].get_window_extent()
        assert abs((box.y0 + box.y1) / 2 - height) < 3, name
