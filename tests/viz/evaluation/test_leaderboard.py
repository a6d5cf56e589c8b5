"""The leaderboard: its numbers are those of the course's tests, and two models are chosen by menu, click and name."""

import time

import numpy as np
import pytest

from course.intervals import holm, mcnemar
from course.tasks.leaderboard import board
from course.viz import Leaderboard
from course.viz.evaluation import leaderboard as module
from course.viz.evaluation.ranked_models import RankedModels
from course.viz.kit.traits import StateError
from tests.support.drawn import overlapping, written
from tests.support.widgets import columns, leaderboard

BEST, SECOND = "<b>best</b> $x$", "second 한국어"


@pytest.fixture
def column():
    return columns()["letters $x$"]


@pytest.mark.parametrize("score", ["accuracy", "F1", "Matthews", "ECE"])
def test_scores_and_order_are_those_of_the_board(column, score):
    ranked, other = RankedModels.of(column, score), board(column, score, n_resamples=500, n_permutations=50)
    assert ranked.names == other.names
    assert [repr(one) for one in ranked.intervals] == [repr(row.score) for row in other.rows]
    np.testing.assert_array_equal(ranked.ranks.shares, other.ranks.shares)


@pytest.mark.parametrize("score", ["accuracy", "ECE"])
def test_the_ranks_of_a_resample_are_those_of_its_scores(column, score):
    ranked = RankedModels.of(column, score)
    for draw in (0, 1, 7):
        scores, ranks = ranked.scores_of(draw), ranked.ranks_of(draw)
        better = scores[:, None] < scores if score != "ECE" else scores[:, None] > scores
        assert ranks.tolist() == (1 + better.sum(axis=1)).tolist()
    assert ranked.ranks_of(0).tolist()[0] == 1
    assert any((ranked.ranks_of(draw) != ranked.ranks_of(0)).any() for draw in range(1, 30))


def test_two_models_are_compared_by_mcnemar_with_holm_over_all_pairs(column):
    ranked = RankedModels.of(column, "accuracy")
    test = ranked.pair(BEST, SECOND)
    right = {one.name: column.right(one) for one in column.entries}
    assert sorted([*test.only_first, *test.only_second]) == column.differing(BEST, SECOND)
    assert test.p_value == mcnemar(right[BEST], right[SECOND]).p_value
    names = list(right)
    pairs = [(a, b) for place, a in enumerate(names) for b in names[place + 1 :]]
    corrected = dict(zip(pairs, holm([mcnemar(right[a], right[b]).p_value for a, b in pairs]), strict=True))
    assert test.p_corrected == pytest.approx(corrected[BEST, SECOND]) and test.n_pairs == len(pairs) == 6
    accuracy = {name: float(one.mean()) for name, one in right.items()}
    assert test.difference.estimate == pytest.approx(accuracy[BEST] - accuracy[SECOND])
    turned = ranked.pair(SECOND, BEST)
    assert (turned.only_first, turned.only_second) == (test.only_second, test.only_first)
    assert turned.difference.estimate == -test.difference.estimate and turned.p_value == test.p_value
    with pytest.raises(ValueError, match="compared with itself"):
        ranked.pair(BEST, BEST)


def test_the_items_that_differ_are_told_with_their_texts():
    widget = leaderboard(first=BEST, second=SECOND)
    numbers = columns()["letters $x$"].differing(BEST, SECOND)
    shown = widget._differing()
    assert len(shown) == min(len(numbers), module.PAGE)
    assert [above.split(":")[0] for above, _text in shown] == [f"Item {n}" for n in numbers[: module.PAGE]]
    assert shown[0][1] == f"The $people$ of <b>state</b> {numbers[0]} 한국어"
    assert "&lt;b&gt;state&lt;/b&gt;" in widget._items.value and "<b>state" not in widget._items.value
    widget.more_items()
    assert widget.page == 1 and f"Item {numbers[module.PAGE]}:" in widget._items.value
    widget.second = "third"
    assert widget.page == 0, "of other models, the first items"


def test_a_click_and_a_menu_choose_models():
    widget = leaderboard()
    assert (widget.first, widget.second) == widget.ranked.names[:2]
    widget.chart.selected = 3
    widget.chart.turn += 1
    assert (widget.first, widget.second) == (widget.ranked.names[1], widget.ranked.names[3])
    assert [row["mark"] for row in widget.chart.rows] == ["", "A", "", "B"]
    widget._menus["first"].value = widget.ranked.names[0]
    assert widget.first == widget.ranked.names[0] and widget.chart.rows[0]["mark"] == "A"
    assert widget._menus["second"].value == widget.second
    widget.chart.turn += 1
    assert widget.second == widget.ranked.names[3], "the same row again changes nothing"


def test_another_task_or_score_keeps_what_is_there():
    widget = leaderboard(first="third", second=SECOND)
    widget.column = "choices"
    assert widget.error == "" and widget.score == "accuracy"
    assert widget.first == "third" and widget.second in ("one", "two")
    assert list(widget._menus["score"].options) == ["accuracy"]
    assert "The records have no text of this item." in widget._items.value
    widget._menus["column"].value = "letters $x$"
    widget.score = "ECE"
    assert "third" not in widget.ranked.names and widget.first != "third" and widget.error == ""
    assert list(widget._menus["first"].options) == list(widget.ranked.names)


def test_the_slider_shows_a_resample_and_the_button_the_next():
    widget = leaderboard()
    assert "All items." in widget.in_words()
    widget.draw_again()
    assert widget.draw == 1 and "Resample 1, in orange:" in widget.in_words()
    low, high = widget._limits()
    at = [low + row["at"] * (high - low) for row in widget.chart.rows]
    assert at == pytest.approx(widget.ranked.scores_of(1).tolist())
    widget.draw = module.N_DRAWS
    widget.draw_again()
    assert widget.draw == 1


def test_one_model_twice_is_an_error_over_the_last_picture():
    widget = leaderboard()
    before = widget.in_words()
    widget.second = widget.first
    assert "is compared with itself. Choose two models." in widget.error and widget.in_words() == before
    widget.second = widget.ranked.names[2]
    assert widget.error == ""


def test_where_one_model_is_given_the_other_is_not_the_same():
    names = leaderboard().ranked.names
    for given in names:
        for one, other in (("first", "second"), ("second", "first")):
            widget = leaderboard(**{one: given})
            assert getattr(widget, one) == given != getattr(widget, other)
            assert widget.error == "" and given in widget.in_words()
    for given in ("one", "two", "third"):
        widget = leaderboard(column="choices", second=given)
        assert widget.second == given != widget.first and widget.error == ""
    with pytest.raises(ValueError, match=r"'third' is compared with itself\. Choose two models"):
        leaderboard(first="third", second="third")


def test_names_that_are_not_there_are_refused():
    widget = leaderboard()
    for trait, known in (("column", "There is no task 'x'"), ("score", "There is no score 'x'")):
        with pytest.raises(StateError, match=known):
            setattr(widget, trait, "x")
    with pytest.raises(StateError, match="no model 'x' on the board"):
        widget.first = "x"
    with pytest.raises(ValueError, match="no column to show"):
        Leaderboard({})


def test_baselines_are_marked_and_the_picture_has_no_overlap():
    widget = leaderboard(draw=2)
    [row] = [row for row in widget.chart.rows if row["trivial"]]
    assert row["name"] == "always 1 (baseline)"
    texts = [text for text, _box in written(widget.picture())]
    assert {"A", "B"} <= set(texts) and "always 1 (baseline)" in texts
    assert overlapping(widget.picture()) == []


@pytest.mark.slow
@pytest.mark.timed
def test_all_models_of_the_course_answer_at_once():
    widget = Leaderboard(["reviews-500"])
    assert len(widget.ranked.names) >= 30
    times = []
    for name, value in (("draw", 3), ("score", "F1"), ("second", widget.ranked.names[9]), ("draw", 4)):
        start = time.perf_counter()
        setattr(widget, name, value)
        times.append(time.perf_counter() - start)
    assert widget.error == "" and max(times) < 0.3
