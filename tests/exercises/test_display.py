"""The look of results, hints and solutions: complete in plain text; escaped and without scripts in HTML."""

import html
import html.parser

import pytest

from course.exercises import check, display, hint, progress, solution
from course.exercises.checking import judge
from course.exercises.display import Verdict, marked_up
from course.exercises.registry import find
from course.exercises.showing import SHOWN_CHARACTERS, show

EXERCISE = find("tokenization.split_words")
RESULTS = {
    "passed": judge(EXERCISE, EXERCISE.solution),
    "failed": judge(EXERCISE, EXERCISE.mistakes[0].wrong),
    "not attempted": judge(EXERCISE, lambda text: None),
}


class Page(html.parser.HTMLParser):
    """The tags of a page, which must be closed in order, and its text by the tag it stands in."""

    def __init__(self, source):
        super().__init__()
        self.open, self.seen, self.texts = [], [], {}
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        self.seen.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        self.texts.setdefault(self.open[-1], []).append(text)


@pytest.mark.parametrize("state", RESULTS)
def test_the_verdict_is_a_mark_and_words(state):
    result = RESULTS[state]
    words = {"passed": "✓ passed", "failed": "✗ not right yet", "not attempted": "○ not attempted"}[state]
    assert Page(result._repr_html_()).texts["strong"][0] == words
    mark, word = words.split(" ", 1)
    assert repr(result).startswith(f"{mark} {EXERCISE.title}: {word}\n")
    assert result.passed == (state == "passed") == (result.verdict is Verdict.PASSED)


@pytest.mark.parametrize("state", RESULTS)
def test_hints_are_folded_away_and_the_solution_is_not_in_the_card(state):
    """So that a saved notebook never holds a solution that nobody asked for."""
    card = RESULTS[state]._repr_html_()
    page = Page(card)
    assert page.texts.get("summary", []) == ([] if state == "passed" else ["Hint 1", "Hint 2"])
    assert all("open" not in attributes for tag, attributes in page.seen if tag == "details")
    assert "pre" not in page.texts
    for line in EXERCISE.solution_source.splitlines()[-3:]:
        assert line.strip() not in html.unescape(card)
    assert 'solution("tokenization.split_words")' in page.texts["code"][-1]


@pytest.mark.parametrize("state", RESULTS)
def test_html_runs_nothing_loads_nothing_and_sets_no_text_color(state):
    page = Page(RESULTS[state]._repr_html_())
    assert {tag for tag, _attributes in page.seen} <= {"div", "p", "strong", "code", "details", "summary", "pre"}
    styles = [attributes.pop("style", "") for _tag, attributes in page.seen]
    assert not any(attributes for _tag, attributes in page.seen)
    properties = {rule.split(":")[0].strip() for style in styles for rule in style.split(";")} - {""}
    assert properties <= {"border-left", "padding-left", "white-space"}


def test_what_the_learner_returns_is_escaped():
    attack = "<img src=x onerror=alert(1)>"
    result = judge(EXERCISE, lambda text: [attack, "`<b>`"])
    assert attack in repr(result)
    assert attack not in result._repr_html_()
    assert "<b>" not in result._repr_html_()


def test_a_message_marks_up_code_and_bold_and_nothing_else():
    assert marked_up("take `a < b`, **not** <i>") == "take <code>a &lt; b</code>, <strong>not</strong> &lt;i&gt;"
    assert marked_up("in `a**2 + b**2`") == "in <code>a**2 + b**2</code>"
    assert marked_up("`**` is **not `*`**") == "<code>**</code> is <strong>not <code>*</code></strong>"


def test_a_failed_result_shows_input_answer_and_right_answer_and_says_where_help_is():
    lines = repr(RESULTS["failed"]).splitlines()
    assert "  Input: split_words('hug the pug')" in lines
    assert "  Yours: ['hug', 'the', 'pug']" in lines
    assert "  Right: ['hug', ' the', ' pug']" in lines
    name = "tokenization.split_words"
    assert lines[-1] == f'Help: hint("{name}"), hint("{name}", 2), solution("{name}")'
    assert "Help" not in repr(RESULTS["passed"])


@pytest.fixture
def nothing_tried(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setattr(progress, "_tried", set())
    monkeypatch.setattr(display, "_asked", set())


def test_a_solution_opens_when_asked_twice(nothing_tried):
    first = solution("tokenization.split_words")
    assert first.code == "" and EXERCISE.explanation not in first.prose
    assert '`solution("tokenization.split_words")` again' in first.prose
    assert solution("tokenization.apply_merge").code == "", "of each exercise by itself"
    assert solution("tokenization.split_words").code == EXERCISE.solution_source


@pytest.mark.parametrize("kept", [True, False])
def test_a_solution_opens_after_an_attempt_of_this_session_or_before(nothing_tried, monkeypatch, kept):
    check("tokenization.split_words", lambda text: ...)
    assert solution("tokenization.split_words").code == "", "the untouched stub is no attempt"
    monkeypatch.setattr(display, "_asked", set())
    check("tokenization.split_words", lambda text: [text, ""])
    if kept:
        monkeypatch.setattr(progress, "_tried", set())  # as in a new session
    else:
        progress.progress_file().unlink()
    assert solution("tokenization.split_words").code == EXERCISE.solution_source


def test_hints_and_solution_are_shown_alone():
    solution("tokenization.split_words")
    assert repr(hint("tokenization.split_words")) == f"Hint 1: {EXERCISE.hints[0]}"
    assert repr(hint("tokenization.split_words", 2)) == f"Hint 2: {EXERCISE.hints[1]}"
    assert (
        repr(solution("tokenization.split_words")) == f"Solution: {EXERCISE.explanation}\n\n{EXERCISE.solution_source}"
    )
    assert Page(solution("tokenization.split_words")._repr_html_()).texts["pre"] == [EXERCISE.solution_source]
    assert Page(hint("tokenization.split_words")._repr_html_()).texts["strong"] == ["Hint 1"]


@pytest.mark.parametrize("number", [0, 3, -1])
def test_there_are_two_hints(number):
    with pytest.raises(ValueError, match=rf"no hint {number} for 'tokenization.split_words'; it has hints 1 to 2"):
        hint("tokenization.split_words", number)


def test_sets_are_shown_in_order_and_long_values_are_cut():
    assert show({"b", "a", "c"}) == "{'a', 'b', 'c'}"
    assert show(set()) == "set()"
    long = show("x" * 10_000)
    assert len(long) < SHOWN_CHARACTERS + 5
    assert long.endswith("…")
