"""The words of a figure are those of its data: every figure has some, and what is in them is in the figure."""

import re

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure

from course.viz import figures
from course.viz.attention_explorer.figures import attention_heads, attention_lines
from course.viz.figures.bars import number_bars
from course.viz.kit.alt_text import LONGEST, alt_text, at_most
from course.viz.kit.interactive import Interactive
from course.viz.kit.layout import blank, dimmed, stacked
from tests.viz.test_typed_text import AT_MOST, DRAWN, SOME, TEXTS, WITHOUT_LABELS

AXES = {"title": "Errors fall", "xlabel": "epochs", "ylabel": "error rate"}
MORE = "The picture shows more."


def words(made):
    return alt_text(made.picture if isinstance(made, Interactive) else made)


def require_words(text):
    """One line of whole sentences, not too long."""
    assert 10 <= len(text) <= LONGEST and text == " ".join(text.split()), text
    assert text.endswith((".", "…", "?", "!")) and ".." not in text and "  " not in text, text
    assert not re.search(r"\bnan\b|None|<Figure|object at|array\(|: ;|\( *,|from  to", text), text


@pytest.mark.slow
@pytest.mark.parametrize("title", ["Where it looks", "$x_1^2$ \\frac <b>안녕</b>", "x" * 300])
@pytest.mark.parametrize("name", DRAWN)
def test_every_figure_has_words_whatever_is_typed(name, title):
    require_words(words(DRAWN[name](title, SOME if name in AT_MOST else TEXTS)))


@pytest.mark.parametrize("name", DRAWN)
def test_every_figure_names_its_title_and_its_words_do_not_change(name):
    texts = [words(DRAWN[name]("A title of its own", ["one", "two"])) for _time in range(2)]
    assert texts[0] == texts[1]
    assert "A title of its own" in texts[0] or name in ("wave_matrix", "distance_panels")
    label = "two" if name == "threshold_figure" else "one"  # its axis names the class that is looked for
    assert name in WITHOUT_LABELS | {"embedding_3d", "frontier"} or label in texts[0]


def test_every_figure_function_is_tried():
    assert set(figures.__all__) - {"typo_curve"} <= set(DRAWN), "typo_curve is hover_curves"


def test_the_figures_of_the_attention_explorer_have_words():
    weights = np.array([[0.75, 0.25], [0.5, 0.5]])
    lines = alt_text(attention_lines({"head 0": weights}, ["a", "b"], ["x", "y"], query=0))
    assert lines == "Text in the picture: Where each token looks | looks | is looked at | a | b | x | 75% | y | 25%."
    grid = alt_text(attention_heads(np.stack([[weights, weights]] * 3), title="T"))
    assert grid.startswith("6 small heatmaps. Text in the picture: T | head | layer 0 | 0 | 1 | layer 1 |")


def test_a_line_says_its_ends_its_lowest_and_its_highest_point():
    runs = np.array([[0.9, 0.12, 0.95, 0.5], [0.8, 0.08, 0.95, 0.25]])
    figure = figures.curves([1, 2, 4, 8], {"gru": runs, "lstm": [0.4, 0.3, 0.2, 0.1]}, percent=True, **AXES)
    assert alt_text(figure) == (
        "Line chart: Errors fall. Horizontal axis: epochs, from 1 to 8. Vertical axis: error rate, from 20% to 80%. "
        "Band: ± 1 standard deviation over 2 seeds. "
        "gru: 85% at 1, 37.5% at 8, lowest 10% at 2, highest 95% at 4. lstm: 40% at 1, 10% at 8."
    )


def test_gaps_and_lines_that_end_alike_have_their_names():
    text = alt_text(figures.curves([1, 2, 3], {"a": [3, 1, np.nan], "b": [2, 2, 1], "c": [3, 3, 1]}, **AXES))
    assert "a: 3 at 1, 1 at 2. b: 2 at 1, 1 at 3. c: 3 at 1, 1 at 3." in text and "band" not in text


def test_bars_say_what_is_written_at_their_ends():
    text = alt_text(figures.next_token_bars([" the", " "], [0.25, 0.0001], chosen=0))
    assert text.endswith("from 0% to 100%. the: 25.0% ◀ chosen; space: <0.1%.")
    many = number_bars([f"bar {n}" for n in range(30)], np.arange(30) - 2, title="T", xlabel="score")
    assert "bar 0: −2.00; bar 1: −1.00; bar 2: 0.00;" in alt_text(many)
    assert alt_text(many).endswith("bar 11: 9.00; and 18 more bars.")
    costs = figures.tokens_per_character({"GPT-2": {"English": 0.25, "Korean": 1.5}, "ours": {"Korean": 0.5}})
    assert alt_text(costs).endswith("GPT-2: 0.25 English; GPT-2: 1.50 Korean; ours: 0.50 Korean.")


def test_a_heatmap_says_its_size_and_its_largest_entries():
    weights = np.array([[0.7, 0.2, 0.1], [0.05, 0.05, 0.9]])
    text = alt_text(figures.attention_heatmap(weights, ["a", "b"], ["x", "y", "z"], title="T", numbers=True))
    assert text == (
        "Heatmap: T. 2 rows by 3 columns. Rows: queries. Columns: keys: what is looked at. "
        "Largest (row, column): 90% (b, z); 70% (a, x); 20% (a, y). Smallest: 5% (b, y)."
    )
    heads = figures.head_grid([[1.5, -20.25], [np.nan, 3000.0]], ["layer 0", "layer 1"], title="T", label="points")
    assert "Each cell: points. Largest (row, column): 3,000.0 (layer 1, 1); 1.5 (layer 0, 0); −20.2 (layer 0, 1)." in (
        alt_text(heads)
    )


def test_panels_that_share_their_scales_say_them_once():
    maps = {name: np.eye(2) for name in ("dot", "additive")}
    text = alt_text(figures.attention_heatmaps(maps, ["a", "b"], ["x", "y"]))
    assert text.count("2 rows by 2 columns") == text.count("Rows: queries") == 1
    assert text.count("Largest") == 2 and "Heatmap: additive." in text


def test_pictures_of_pictures_keep_the_words():
    first, second = (figures.merge_curve([9, n], title=f"Merges {n}") for n in (4, 5))
    assert alt_text(stacked([first, second])) == f"{alt_text(first)} {alt_text(second)}"
    assert len(alt_text(stacked([first] * 9))) <= 2 * LONGEST
    assert alt_text(dimmed(first, "No such letter.")) == f"Text in the picture: No such letter. {alt_text(first)}"


def test_a_figure_may_have_words_of_its_own():
    figure = figures.merge_curve([9, 4])
    figure.set_label("Two numbers.")
    assert alt_text(figure) == "Two numbers."


def test_a_figure_of_somebody_elses_has_words_too():
    with matplotlib.rc_context():
        figure = Figure()
        left, right = figure.subplots(1, 2)
        left.bar(["a", "b"], [1, 2])
        left.set_title("Bars")
        right.scatter([1, 2, 3], [4, 5, 6])
        right.plot([0, 1], [5, 6], label="fit")
        right.axvline(2)
        right.fill_between([0, 1], [4, 5], [6, 7])
    assert alt_text(figure) == (
        "Bar chart: Bars. a: 1; b: 2. Line chart. fit: 5 at 0, 6 at 1. "
        "3 points, from 1 to 3 across and from 4 to 6 up. "
        "A shaded band is around each line."
    )
    assert alt_text(Figure()) == "An empty picture."


def test_error_bars_and_marks_are_sentences():
    figure = Figure()
    axes = figure.subplots()
    axes.errorbar([1, 2], [3, 4], [0.25, 0.5], label="one", capsize=2)
    axes.errorbar([1, 2], [5, 6], [0.75, np.nan], label="other")
    axes.annotate("trained up to here", (1.5, 0.9), xycoords=("data", "axes fraction"))
    axes.plot([1, 2], [7, 8])
    axes.plot([1, 2], [9, 8.5])
    axes.vlines([1, 2], 0, 1)
    assert alt_text(figure) == (
        "Line chart. At 1.5: trained up to here. one: 3 at 1, 4 at 2. other: 5 at 1, 6 at 2. "
        "2 lines without a name are between 7 and 9. Error bars: ± 0.25 to ± 0.75. There are 2 line segments."
    )
    figure = Figure()
    across, bars = figure.subplots(1, 2)
    across.errorbar([1, 2], [3, 4], xerr=0.5, fmt="none")
    bars.bar(["a", "b"], [1, 2], yerr=[0.1, 0.1])
    assert alt_text(figure) == "Scatter plot. Error bars: ± 0.5. Bar chart. a: 1; b: 2. Error bars: ± 0.1."


def test_words_that_are_too_long_end_with_a_whole_sentence():
    assert at_most("One.\n two ") == "One. two."
    text = at_most("A sentence of some length. " * 40)
    assert len(text) <= LONGEST and text.endswith(f"of some length. {MORE}")
    assert at_most("x" * 900).endswith(f"x… {MORE}") and len(at_most("x" * 900)) <= LONGEST
    assert alt_text(blank("Type something.")) == "Text in the picture: Type something."


def test_framed_cells_are_named_with_the_numbers_that_are_written_in_them():
    figure = figures.head_grid(
        [[0.5, 3.24], [0.00027, -1.0]], ["encoder", "decoder"], title="Heads", label="points", marked={(0, 1), (1, 0)}
    )
    assert alt_text(figure) == (
        "Heatmap: Heads. 2 rows by 2 columns. Columns: head. Each cell: points. "
        "Largest (row, column): 3.2 (encoder, 1); 0.5 (encoder, 0); 0.0 (decoder, 0). Smallest: −1.0 (decoder, 1). "
        "Framed: 3.2 (encoder, 1); 0.0 (decoder, 0)."
    )


def test_a_place_between_two_ticks_that_are_named_by_hand_has_no_number_of_its_own():
    figure = figures.curves(
        np.arange(4), {"a": [1.0, 2.0, 5.0, 3.0]}, title="Up", xlabel="numbers in a query", ylabel="loss"
    )
    figure.axes[0].set_xticks([0, 1, 3], [1, 2, 8])
    words = alt_text(figure)
    assert "Horizontal axis: numbers in a query, from 1 to 8." in words
    assert "a: 1 at 1, 3 at 8, highest 5 at 2 to 8." in words
