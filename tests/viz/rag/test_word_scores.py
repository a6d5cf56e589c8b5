"""BM25 taken apart: what the words add is the score, and the passage shows where they are."""

import pytest

from course.rag import BM25
from course.viz import WordScores
from tests.support.drawn import written
from tests.support.widgets import DOCUMENTS, word_scores

TEXTS = [f"{one.title}: {one.text}" for one in DOCUMENTS]


@pytest.mark.parametrize("place", [1, 2])
@pytest.mark.parametrize(("k1", "b"), [(1.2, 0.75), (0, 0.75), (3, 0), (0.5, 1)])
def test_contributions_are_the_score_of_the_passage(place, k1, b):
    widget = word_scores(place=place, k1=k1, b=b)
    hit = BM25(TEXTS, k1=k1, b=b).search("the people of the union", 10)[place - 1]
    assert widget.hits[place - 1] == hit
    assert sum(widget.contributions.values()) == pytest.approx(hit.score)
    assert f"Place {place}, score {hit.score:.2f}" in widget.in_words()


def test_the_words_of_the_passage_are_as_strong_as_what_they_add():
    widget = word_scores()
    most = max(widget.contributions.values())
    tokens = {token.text: token for token in widget._tokens()}
    assert tokens["the"].strength == pytest.approx(widget.contributions["the"] / most)
    assert tokens["union,"].strength == pytest.approx(widget.contributions["union"] / most)
    assert tokens["and"].strength == 0 and tokens["and"].note == ""
    assert tokens["union,"].note == f"{widget.contributions['union']:.2f}"


def test_the_table_says_idf_and_counts():
    widget = word_scores()
    index = BM25(TEXTS)
    assert f"union {widget.contributions['union']:.2f} (in 2, idf {index.idf('union'):.2f}, 12×)" in widget.in_words()
    assert "in 2, idf" in widget._bars.value and "12×" in widget._bars.value
    assert any("in 2, idf" in text for text, _box in written(widget._bars_figure()))


def test_a_place_that_no_passage_has_is_an_error_over_the_last_picture():
    widget = word_scores()
    before = widget.in_words()
    widget.place = 3
    assert widget.error == "2 passages have a word of the question: there is none at place 3."
    assert widget.in_words() == before
    widget.question = "rope"
    assert widget.error == "1 passage has a word of the question: there is none at place 3."
    widget.place = 1
    assert widget.error == "" and "Place 1" in widget.in_words()


@pytest.mark.parametrize("question", ["", "  ", "?!"])
def test_a_question_without_words_is_an_error(question):
    widget = word_scores()
    widget.question = question
    assert widget.error
    widget.question = "rope"
    assert widget.error == "" and list(widget.contributions) == ["rope"]


def test_what_is_out_of_range_is_refused():
    with pytest.raises(ValueError, match="There are 1 titles for 3 texts"):
        WordScores(TEXTS, titles=["one"], question="the")
    for wrong in ({"k1": -1}, {"b": 1.5}, {"place": 0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            word_scores(**wrong)
