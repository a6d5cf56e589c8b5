"""A question is answered by a click, keeps its answer, and gives none away before."""

import json

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from course.exercises import progress
from course.exercises.questions import Question
from course.viz import use_course_style
from course.viz.kit.question_card import QuestionCard
from course.viz.kit.static_view import WIDGET_VIEW
from course.viz.kit.traits import StateError

QUESTION = Question(
    "attention.trial",
    "What does `softmax` make of **equal** scores $x$?",
    ("the largest `score`, twice", "equal <b>weights</b>", "가중치 없음"),
    1,
    ("It **keeps** no score.", "Each gets `1/n`.", "It always gives weights."),
)


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    file = tmp_path / "progress.json"
    monkeypatch.setenv("COURSE_PROGRESS", str(file))
    return file


def labels(card):
    return [button.description for button in card._buttons]


def replies(card):
    return [reply.value for reply in card._replies]


def test_it_begins_without_an_answer(file):
    card = QuestionCard(QUESTION)
    assert labels(card) == ["A. the largest score, twice", "B. equal <b>weights</b>", "C. 가중치 없음"]
    assert replies(card) == ["", "", ""] and not file.exists()


def test_a_wrong_click_says_why_and_a_right_one_too():
    card = QuestionCard(QUESTION)
    card._buttons[0].click()
    assert labels(card) == ["✗ A. the largest score, twice", "B. equal <b>weights</b>", "C. 가중치 없음"]
    assert replies(card) == ["<strong>Not right.</strong> It <strong>keeps</strong> no score.", "", ""]
    card._buttons[1].click()
    assert labels(card)[:2] == ["✗ A. the largest score, twice", "✓ B. equal <b>weights</b>"]
    assert replies(card)[1] == "<strong>Right.</strong> Each gets <code>1/n</code>." and replies(card)[0]
    assert "lm-tried" in card._buttons[1]._dom_classes and "lm-tried" not in card._buttons[2]._dom_classes


def test_the_first_answer_is_kept_and_the_right_one_is_never_taken_back(file):
    card = QuestionCard(QUESTION)
    card._buttons[2].click()
    assert progress.answered(QUESTION.name) == progress.Answered(right=False, at_first=False)
    card._buttons[1].click()
    card._buttons[0].click()
    assert progress.answered(QUESTION.name) == progress.Answered(right=True, at_first=False)
    assert json.loads(file.read_text()) == {"attention.trial?": True, "attention.trial?first": False}


def test_the_next_day_it_begins_with_the_right_answer_and_writes_nothing(file):
    QuestionCard(QUESTION)._buttons[1].click()
    before = file.stat().st_mtime_ns
    card = QuestionCard(QUESTION)
    assert card.chosen == 1 and labels(card)[1].startswith("✓") and replies(card)[0] == ""
    assert progress.answered(QUESTION.name).at_first and file.stat().st_mtime_ns == before


def test_the_next_day_a_wrong_answer_may_be_mended_and_was_still_the_first():
    QuestionCard(QUESTION)._buttons[0].click()
    card = QuestionCard(QUESTION)
    assert card.chosen is None and replies(card) == ["", "", ""]
    card.chosen = 1
    assert progress.answered(QUESTION.name) == progress.Answered(right=True, at_first=False)


def test_an_option_that_is_not_there_is_refused():
    card = QuestionCard(QUESTION)
    with pytest.raises(StateError, match="There is no option 3: there are 3, counted from 0"):
        card.chosen = 3
    with pytest.raises(ValueError, match="chosen is -1"):
        QuestionCard(QUESTION, chosen=-1)
    assert progress.answered(QUESTION.name) is None


def test_a_progress_that_cannot_be_kept_is_said_and_the_reply_is_there(file):
    progress._warn.cache_clear()
    card = QuestionCard(QUESTION)
    file.mkdir()
    card._buttons[0].click()
    assert "could not be kept" in card.error and replies(card)[0]


def test_a_page_without_a_kernel_shows_question_and_options_and_no_answer():
    bundle = QuestionCard(QUESTION)._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", WIDGET_VIEW}
    for shown in (bundle["text/html"], bundle["text/plain"], repr(QUESTION)):
        assert all(word in shown for word in ("equal", "twice", "weights", "가중치", "$x$"))
        assert not any(word in shown for word in ("keeps", "Each gets", "always gives", "✓", "✗"))
    assert "equal &lt;b&gt;weights&lt;/b&gt;" in bundle["text/html"] and "mathjax_ignore" in bundle["text/html"]
    assert "Run the cell to answer." in bundle["text/html"]
    for letter, option in zip(
        "ABC", ("the largest", "equal", "가중치"), strict=True
    ):  # a sanitizer leaves no <ol type="A">
        assert f"{letter}. {option}" in bundle["text/html"] and f"{letter}. {option}" in bundle["text/plain"]
    assert "<code>softmax</code>" in bundle["text/html"] and "softmax make of equal" in bundle["text/plain"]


def test_its_words_are_its_state():
    card = QuestionCard(QUESTION, chosen=0)
    assert "✗ A. the largest score, twice\n   Not right. It keeps no score.\nB." in card.summary()
    assert "✗ A. the largest" in card.static_view()["text/html"] and "keeps" in card.static_view()["text/html"]
    assert card.figure().texts


def test_in_a_lesson_a_question_is_a_widget():
    shell = InteractiveShell.instance()
    with capture_output() as captured:
        use_course_style()
        data, _metadata = shell.display_formatter.format(QUESTION)
    assert data == {}, "the widget shows itself"
    (_style, shown) = captured.outputs
    assert WIDGET_VIEW in shown.data
