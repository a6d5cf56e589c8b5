"""Curves, leaderboard, frontier and space: both sides show the numbers they were given, and bad input is named."""

import inspect
import math

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.text import Text

from course.viz import figures
from course.viz.figures.embedding_3d import AZIMUTH, ELEVATION
from course.viz.figures.frontier import on_frontier
from course.viz.figures.hover_curves import live_curves
from course.viz.kit.style import colors_for, png_base64
from tests.support.drawn import overlapping, written

X = [1, 2, 4, 8]
RUNS = {"lstm": np.array([[0.1, 0.2, 0.3, 0.45], [0.1, 0.4, 0.5, 0.55]]), "한국어 <b>": [0.4, 0.3, 0.2, 0.1]}
SCORES = {"gru": [0.086, 0.084], "transformer": [0.07], "lstm": [0.081, 0.08, 0.079]}
MODELS, COST, QUALITY = ["tiny", "small", "poor", "large"], [1, 10, 20, 1000], [0.5, 0.7, 0.6, 0.9]


def curves():
    return figures.hover_curves(
        X, RUNS, title="Errors", xlabel="letters", ylabel="rate", percent=True, counts={"words": [9, 80, 7000, 1]}
    )


def board(lower_is_better=True):
    return figures.leaderboard(SCORES, title="Best", xlabel="errors", percent=True, lower_is_better=lower_is_better)


def front(**options):
    return figures.frontier(
        MODELS, COST, QUALITY, title="Value", xlabel="weights", ylabel="right", percent=True, log_x=True, **options
    )


def space(**options):
    turns = np.linspace(0, 9, 40)
    groups = {"one": np.column_stack((turns, np.cos(turns), np.sin(turns))), "other": np.zeros((3, 3))}
    return figures.embedding_3d(groups, title="Words", axes=("first", "second", "third"), **options)


FIGURES = {"curves": curves, "board": board, "front": front, "space": space}


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES)
def test_pictures_are_white_and_no_text_lies_over_another(draw):
    picture = draw().picture
    assert picture.get_facecolor() == (1, 1, 1, 1)
    assert overlapping(picture) == []


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES)
def test_both_sides_have_one_title_and_say_it(draw):
    figure = draw()
    title = figure.live.layout.title.text
    assert title in [text for text, _box in written(figure.picture)]
    assert repr(figure).startswith(title) and figure.numbers


def lines(figure: go.Figure) -> dict[str, go.Scatter]:
    return {trace.name: trace for trace in figure.data if trace.name is not None}


def test_hover_says_mean_and_deviation_of_every_line_at_once():
    live = curves().live
    lstm = lines(live)["lstm"]
    assert live.layout.hovermode == "x unified"
    assert (lstm.x, lstm.y) == ((1, 2, 4, 8), (0.1, 0.3, 0.4, 0.5))
    np.testing.assert_allclose(lstm.customdata, RUNS["lstm"].std(axis=0, ddof=1), rtol=1e-3)
    assert lstm.hovertemplate == "%{y:.1%} ± %{customdata:.1%}"
    alone = lines(live)["한국어 &lt;b&gt;"]
    assert alone.hovertemplate == "%{y:.1%}" and alone.customdata is None
    assert lstm.line.color == colors_for(RUNS)["lstm"]
    assert lines(live)["words"].customdata == (9, 80, 7000, 1) and not lines(live)["words"].showlegend
    assert curves().numbers[2]["words"] == 7000 and str(curves().numbers[2]["lstm"]) == "40.0 ± 14.1 %"


def test_the_band_goes_up_one_deviation_and_comes_back_below():
    band = next(trace for trace in curves().live.data if trace.fill == "toself")
    np.testing.assert_allclose(np.add(band.y[:4], band.y[:3:-1]), 2 * RUNS["lstm"].mean(axis=0), atol=1e-3)
    assert band.hoverinfo == "skip" and band.legendgroup == "lstm" and band.x == (1, 2, 4, 8, 8, 4, 2, 1)


def test_a_mark_stands_at_its_place():
    live = live_curves(range(9), {"gru": np.arange(9.0)}, title="t", xlabel="x", ylabel="y", marks={"here": 4})
    assert live.layout.shapes[0].x0 == live.layout.shapes[0].x1 == live.layout.annotations[0].x == 4


def test_curves_name_what_does_not_fit():
    with pytest.raises(ValueError, match=r"'a' has the shape \(1, 2\); 4 x-values"):
        figures.hover_curves(X, {"a": [1, 2]}, title="", xlabel="", ylabel="")
    with pytest.raises(ValueError, match="'words' has 2 counts for 4 points"):
        figures.hover_curves(X, {"a": X}, title="", xlabel="", ylabel="", counts={"words": [1, 2]})


@pytest.mark.parametrize("lower", [True, False])
def test_the_best_is_on_top_on_both_sides(lower):
    figure = board(lower)
    order = ["transformer", "lstm", "gru"] if lower else ["gru", "lstm", "transformer"]
    assert [row["model"] for row in figure.numbers] == order
    assert list(figure.live.layout.yaxis.categoryarray)[::-1] == order, "plotly counts from below"
    heights = {text: box.y0 for text, box in written(figure.picture)}
    assert sorted(order, key=heights.get, reverse=True) == order


def test_every_run_is_a_dot_and_the_mean_a_stroke():
    dots, stroke = [trace for trace in board().live.data if trace.y[0] == "lstm"]
    assert dots.x == (0.081, 0.08, 0.079) and dots.text == ("run 0", "run 1", "run 2")
    assert stroke.x == (0.08,) and stroke.error_x.array == (0.001,)
    assert "lstm: 8.0 ± 0.1 %" in stroke.hovertemplate
    assert [str(row["errors"]) for row in board().numbers] == ["7.0 %", "8.0 ± 0.1 %", "8.5 ± 0.1 %"]


@pytest.mark.parametrize("scores", [[], [[0.1, 0.2]]])
def test_a_model_without_runs_is_named(scores):
    with pytest.raises(ValueError, match="'gru' has scores of the shape"):
        figures.leaderboard({"gru": scores}, title="", xlabel="")


POINTS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=12)


@given(POINTS, st.booleans())
def test_on_the_frontier_is_who_is_beaten_by_none(points, lower):
    def beats(a, b):
        gain = (b[1] - a[1]) if lower else (a[1] - b[1])
        return a[0] <= b[0] and gain >= 0 and a != b

    cost, quality = zip(*points, strict=True)
    expected = [not any(beats(other, point) for other in points) for point in points]
    assert on_frontier(cost, quality, lower_is_better=lower).tolist() == expected


def test_the_frontier_is_joined_from_cheap_to_dear():
    beaten, best = front().live.data
    assert (beaten.text, best.text) == (("poor",), ("tiny", "small", "large"))
    assert best.x == (1, 10, 1000) and best.line.shape == "hv"
    texts = [text for text, _box in written(front().picture)]
    assert {"tiny", "small", "large"} <= set(texts) and "poor" not in texts
    assert [row["on the frontier"] for row in front().numbers] == [True, True, False, True]
    assert front(lower_is_better=True).live.data[1].text == ("tiny",)


def test_a_frontier_has_bars_where_there_are_intervals():
    ends = [(0.4, 0.6), (0.6, 0.9), (0.55, 0.65), (0.8, 0.95)]
    beaten, best = front(ends=ends).live.data
    assert beaten.error_y.array == pytest.approx([0.05]) and best.error_y.arrayminus == pytest.approx([0.1] * 3)
    assert best.customdata == ("[40.0%, 60.0%]", "[60.0%, 90.0%]", "[80.0%, 95.0%]")
    assert [row["interval"] for row in front(ends=ends).numbers][2] == "[55.0%, 65.0%]"
    assert "tiny: 1, 50.0% [40.0%, 60.0%]" in front(ends=ends).description
    assert overlapping(front(ends=ends, name_all=True).picture) == []
    assert front().live.data[1].error_y.array is None and "interval" not in front().numbers[0]
    said = refused(front, ends=[(0.4, 0.6), (0.71, 0.9), (0.55, 0.65), (0.8, 0.95)])
    assert said == "'small' has the quality 0.7, which is outside its interval from 0.71 to 0.9."
    assert "4 models need 4 intervals of two ends" in refused(front, ends=[(0.4, 0.6)])


def test_the_first_name_has_room_at_the_left_of_its_point():
    figure = figures.frontier(
        ["a model with a very long name", "b"], [5, 6], [1, 2], title="t", xlabel="x", ylabel="y"
    ).picture
    [name] = [box for text, box in written(figure) if text.startswith("a model")]
    assert name.x0 >= figure.axes[0].get_window_extent().x0


@pytest.mark.parametrize(("cost", "quality"), [([1], [1, 2]), ([1, 2], [1]), ([[1], [2]], [1, 2])])
def test_a_frontier_names_a_wrong_shape(cost, quality):
    with pytest.raises(ValueError, match="2 models need 2 costs and 2 qualities"):
        figures.frontier(["a", "b"], cost, quality, title="", xlabel="", ylabel="")


def test_space_is_seen_from_one_side():
    figure = space(joined=True)
    eye = figure.live.layout.scene.camera.eye
    assert np.degrees(np.arctan2(eye.y, eye.x)) == pytest.approx(AZIMUTH, abs=0.1)
    assert np.degrees(np.arctan2(eye.z, np.hypot(eye.x, eye.y))) == pytest.approx(ELEVATION, abs=0.1)
    box = figure.picture.axes[0]
    assert (box.elev, box.azim) == (ELEVATION, AZIMUTH)


def test_points_have_their_labels_and_paths_are_joined():
    labels = {"one": [f"w{i}" for i in range(40)], "other": ["<x>", "y", "z"]}
    one, other = space(labels=labels).live.data
    assert one.mode == "markers" and one.text[39] == "w39" and other.text[0] == "&lt;x&gt;"
    assert other.hovertemplate.startswith("<b>%{text}</b><br>first: ")
    assert {trace.mode for trace in space(joined=True).live.data} == {"lines"}
    np.testing.assert_allclose(one.y, np.cos(np.linspace(0, 9, 40)), atol=1e-3)


def test_space_names_what_does_not_fit():
    with pytest.raises(ValueError, match=r"'a' has the shape \(2, 2\), not \(n, 3\)"):
        figures.embedding_3d({"a": np.zeros((2, 2))}, title="", axes=("x", "y", "z"))
    with pytest.raises(ValueError, match="'a' has 2 points and 1 labels"):
        figures.embedding_3d({"a": np.zeros((2, 3))}, title="", axes=("x", "y", "z"), labels={"a": ["p"]})


AXES = {"title": "t", "xlabel": "x", "ylabel": "y"}
SPACE = {"title": "t", "axes": ("x", "y", "z")}


def refused(draw, *args, **options):
    """What a figure says of bad input; without the tests' check of types, as lessons run."""
    with pytest.raises(ValueError) as caught:
        inspect.unwrap(draw)(*args, **options)
    return str(caught.value)


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("bad", ["cost", "quality"])
def test_a_model_that_no_point_can_show_is_named(value, bad):
    numbers = {"cost": [1, 0.5, 2], "quality": [5, 7, 6]}
    numbers[bad][1] = value
    said = refused(figures.frontier, ["a", "b", "c"], *numbers.values(), **AXES)
    assert f"'b' has {value}" in said and "Leave the model out" in said


def test_a_logarithmic_axis_names_the_cost_that_it_cannot_show():
    said = refused(figures.frontier, ["a", "b"], [1, 0], [5, 6], **AXES, log_x=True)
    assert said == "'b' has 0.0 as 'x'; a logarithmic axis needs numbers above 0. Set log_x=False."
    figures.frontier(["a", "b"], [1, 0], [5, 6], **AXES)


@pytest.mark.parametrize(
    ("draw", "args", "options", "name"),
    [
        (figures.hover_curves, ([1, 2], {"a": [1, 2]}), AXES | {"counts": {"a": [5, 6]}}, "a"),
        (figures.hover_curves, ([1, 2], {"x": [1, 2]}), AXES, "x"),
        (figures.frontier, (["a"], [1], [2]), AXES | {"ylabel": "x"}, "x"),
        (figures.frontier, (["a"], [1], [2]), AXES | {"xlabel": "model"}, "model"),
        (figures.leaderboard, ({"a": [1.0]},), {"title": "t", "xlabel": "runs"}, "runs"),
        (figures.embedding_3d, ({"a": np.zeros((1, 3))},), {"title": "t", "axes": ("x", "y", "x")}, "x"),
    ],
)
def test_a_name_that_is_there_twice_is_an_error(draw, args, options, name):
    assert refused(draw, *args, **options).startswith(f"{name!r} names two columns")


def test_nan_is_a_gap_on_both_sides_and_in_words():
    runs = np.array([[1, np.nan, 3, 4, np.nan], [2, 2, 4, 5, 6]])
    figure = figures.hover_curves([1, 2, 3, 4, 5], {"a": runs}, **AXES)
    assert lines(figure.live)["a"].y == (1.5, None, 3.5, 4.5, None)
    band = next(trace for trace in figure.live.data if trace.fill == "toself")
    assert band.x == (1, 1, None, 3, 4, 4, 3) and band.y[:2] == (0.7929, 2.207)
    assert [str(row["a"]) for row in figure.numbers] == ["1.50 ± 0.71", "–", "3.50 ± 0.71", "4.50 ± 0.71", "–"]
    assert repr(figure).endswith("a: 1.50 ± 0.71 at 1, – at 5, highest 4.50 ± 0.71 at 4.")
    [name] = [text for text in figure.picture.axes[0].texts if text.get_text() == "a"]
    assert name.xy == (4, 4.5), "the name stands at the last point that there is"
    assert "a" in [text for text, _box in written(figure.picture)]


def test_words_name_a_lowest_and_a_highest_point_between_the_ends():
    series = {"a": [3, 0, 1, 0], "b": [1, 5, 2, 5], "c": [1, 0, 3, 2]}
    assert repr(figures.hover_curves([1, 2, 3, 4], series, **AXES)).splitlines()[1:] == [
        "a: 3.00 at 1, 0.000 at 4.",
        "b: 1.00 at 1, 5.00 at 4.",
        "c: 1.00 at 1, 2.00 at 4, lowest 0.000 at 2, highest 3.00 at 3.",
    ]


def test_a_curve_that_cannot_be_drawn_is_named():
    assert refused(figures.hover_curves, [1, 2], {"a": [1, math.inf]}, **AXES).startswith("'a' is inf at 2,")
    assert refused(figures.hover_curves, [1, 2], {"a": [math.nan] * 2}, **AXES).startswith("'a' is NaN at every x")
    assert refused(figures.hover_curves, [1, math.nan], {"a": [1, 2]}, **AXES).startswith("An x-value is nan")
    for x, series in (([], {"a": []}), ([1], {})):
        assert refused(figures.hover_curves, x, series, **AXES).startswith("There is nothing to draw")
    for count in (math.nan, 1.5):
        said = refused(figures.hover_curves, [1, 2], {"a": [1, 2]}, **AXES, counts={"words": [1, count]})
        assert said.startswith(f"The count 'words' is {count} at 2.")
    assert refused(figures.hover_curves, [1], {3: [1]}, **AXES) == "The name 3 is not text. Write '3' instead."


def test_small_numbers_are_not_zero_in_words():
    figure = figures.hover_curves([1, 2], {"lr": [3e-4, 1e-5]}, **AXES)
    assert repr(figure).endswith("lr: 0.000300 at 1, 1.00e−05 at 2.")


def test_what_has_no_rank_is_named():
    assert refused(figures.leaderboard, {}, title="", xlabel="x").startswith("There is no model")
    assert refused(figures.leaderboard, {"a": [1, math.nan]}, title="", xlabel="x").startswith("'a' has the score nan")
    assert refused(figures.leaderboard, {1: [1.0]}, title="", xlabel="x").startswith("The name 1 is not text")


def test_what_has_no_place_in_space_is_named():
    assert refused(figures.embedding_3d, {}, **SPACE).startswith("There is no group")
    assert refused(figures.embedding_3d, {"a": np.zeros((0, 3))}, **SPACE).startswith("'a' has no points")
    assert refused(figures.embedding_3d, {"a": [[0, 0, 0], [0, math.nan, 0]]}, **SPACE).startswith("Point 1 of 'a'")
    assert refused(figures.embedding_3d, {"a": np.zeros((1, 3))}, **SPACE, labels={}).startswith("'a' has no labels")
    assert refused(figures.embedding_3d, {1: np.zeros((1, 3))}, **SPACE).startswith("The name 1 is not text")


def test_a_long_name_is_cut_in_the_picture_and_whole_for_who_points_at_it():
    long = "a model with a name that says all of its settings, one after the other, " * 2
    for figure in (
        figures.hover_curves([1, 2], {long: [1, 2]}, **AXES),
        figures.leaderboard({long: [1.0, 2.0], "b": [1.5]}, title="t", xlabel="x"),
        figures.frontier([long, "b"], [1, 2], [1, 2], **AXES),
    ):
        [drawn] = [text for text, _box in written(figure.picture) if text.startswith("a model")]
        assert drawn.endswith("…") and long.startswith(drawn[:-1]) and len(drawn) > 20
        assert figure.picture.axes[0].get_position().width > 0.2
        assert long in str(figure.numbers) + repr(figure) and long in figure.live.to_json()


@pytest.mark.parametrize("name", ["$x^$", "$$", "a $5 b $6"])
def test_a_dollar_is_drawn_as_typed(name):
    labels = {"title": name, "xlabel": name + "x", "ylabel": name + "y"}
    for figure in (
        figures.hover_curves([1, 2], {name: [1, 2]}, **labels),
        figures.leaderboard({name: [1.0]}, title=name, xlabel=name + "x"),
        figures.frontier([name, "b"], [1, 20], [1, 2], **labels, log_x=True),
        figures.embedding_3d({name: np.zeros((1, 3))}, title=name, axes=(name + "x", "y", "z")),
    ):
        ours = [text for text in figure.picture.findobj(Text) if name in text.get_text()]
        assert len(ours) >= 3 and not any(text.get_parse_math() for text in ours)
        png_base64(figure.picture)


def test_powers_of_ten_are_still_drawn_as_such():
    ticks = front().picture.axes[0].get_xticklabels(which="both")
    assert any("10^" in tick.get_text() for tick in ticks) and all(tick.get_parse_math() for tick in ticks)
