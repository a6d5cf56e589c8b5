"""Questions are read from data files, whole or with an error that names file and question, and lessons ask them."""

import ast
import io
import re
from collections import Counter

import jupytext
import pytest

from course.exercises import ask
from course.exercises.questions import FOLDER, Question, all_questions, extract, questions_of, read_questions
from course.syllabus.lessons import LESSONS

KEY = """
[key]
question = "Which?"
options = ["this", "that"]
right = 1
replies = ["No: ...", "Yes: ..."]
"""
WITH_QUESTIONS = [lesson for lesson in LESSONS if lesson.source.exists()]


def changed(old, new):
    assert KEY.count(old) == 1
    return KEY.replace(old, new)


def test_a_question_is_a_table_of_its_lessons_file(tmp_path):
    (tmp_path / "attention.toml").write_text(KEY, encoding="utf-8")
    question = Question("attention.key", "Which?", ("this", "that"), 1, ("No: ...", "Yes: ..."))
    assert read_questions(tmp_path) == {"attention": (question,)}
    assert repr(question) == "Which?\nA. this\nB. that\nRun the cell in JupyterLab to answer."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (KEY + "[key\n", "cannot be read"),
        (KEY + KEY, "cannot be read"),
        ('key = "text"', "needs question, options, right and replies"),
        (changed("right = 1\n", ""), "needs question, options, right and replies"),
        (changed("right", "left"), "needs question, options, right and replies"),
        (KEY + 'why = "so"', "nothing else"),
        (changed('"Which?"', '" "'), "question must be a text"),
        (changed('"this", "that"', '"this", 2'), "lists of texts"),
        (changed('"this", "that"', '"this", ""'), "lists of texts"),
        (changed('["this", "that"]', '"this"'), "lists of texts"),
        (changed('"this", "that"', '"this"'), "has 1 options; a question has 2 to 5"),
        (changed('"this"', '"a", "b", "c", "d", "e"'), "has 6 options; a question has 2 to 5"),
        (changed('"this"', '"that"'), "options are the same"),
        (changed('"this"', '"this", "those"'), "has 2 replies for 3 options"),
        (changed("1", "2"), "right option is 2; .* from 0 to 1"),
        (changed("1", "-1"), "right option is -1"),
        (changed("1", "true"), "right option is True"),
        (changed("1", '"that"'), "right option is 'that'"),
        (changed("[key]", '["the key"]'), "letters, digits and underscores"),
    ],
)
def test_a_broken_question_is_named_with_its_file(tmp_path, text, message):
    (tmp_path / "attention.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=rf"attention\.toml.*{message}"):
        read_questions(tmp_path)


def test_a_file_of_no_lesson_is_named(tmp_path):
    (tmp_path / "attentoin.toml").write_text(KEY, encoding="utf-8")
    with pytest.raises(ValueError, match=r"attentoin\.toml has questions of a lesson that is not there"):
        read_questions(tmp_path)


def test_texts_are_extracted_with_what_a_translator_must_know():
    assert list(extract(io.BytesIO(KEY.encode()), None, None, None)) == [
        (2, None, "Which?", ["key: question"]),
        (2, None, "this", ["key: option, wrong"]),
        (2, None, "No: ...", ["key: reply to 'this'"]),
        (2, None, "that", ["key: option, right"]),
        (2, None, "Yes: ...", ["key: reply to 'that'"]),
    ]


@pytest.fixture
def three(monkeypatch):
    """A course with three questions."""
    names = ("attention.hidden_key", "attention.longest", "seq2seq.last")
    made = {}
    for name in names:
        question = Question(name, "Which?", ("this", "that"), 1, ("No", "Yes"))
        made[name.partition(".")[0]] = (*made.get(name.partition(".")[0], ()), question)
    monkeypatch.setattr("course.exercises.questions._by_lesson", lambda: made)


@pytest.mark.usefixtures("three")
def test_a_question_is_asked_by_its_name():
    assert ask("seq2seq.last").name == "seq2seq.last"
    assert [question.name for question in all_questions()] == [
        "seq2seq.last",
        "attention.hidden_key",
        "attention.longest",
    ]


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("attention.hiden_key", "'attention.hiden_key'. Did you mean 'attention.hidden_key'"),
        ("attention", "Did you mean 'attention.hidden_key', 'attention.longest'"),
        ("gpt.nothing_like_it", "A question's name is"),
        ("", "There is no question ''"),
        (3, "There is no question 3"),
        (None, "There is no question None"),
    ],
)
def test_a_name_that_is_not_there_is_named_with_the_nearest(name, message):
    with pytest.raises(ValueError, match=message):
        ask(name)


# --- The questions of the lessons ---


def asked(lesson):
    """The names that the lesson's cells ask for, in their order; an `ask` that is no cell's last expression fails."""
    names = []
    for cell in jupytext.read(lesson.source, fmt="py:percent").cells:
        if cell.cell_type != "code" or "ask(" not in cell.source:
            continue
        tree = ast.parse(cell.source)
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "ask"]
        assert all(call is getattr(tree.body[-1], "value", None) for call in calls), cell.source
        names += [ast.literal_eval(call.args[0]) for call in calls]
    return names


def test_every_file_is_read_and_named_after_a_lesson():
    files = {file.stem for file in FOLDER.glob("*")}
    assert {lesson.slug for lesson in WITH_QUESTIONS} <= files <= {lesson.slug for lesson in LESSONS}


@pytest.mark.parametrize("lesson", WITH_QUESTIONS, ids=lambda lesson: lesson.name)
def test_a_lesson_asks_each_of_its_questions_once_and_no_other(lesson):
    assert asked(lesson) == [question.name for question in questions_of(lesson)]


@pytest.mark.parametrize("lesson", WITH_QUESTIONS, ids=lambda lesson: lesson.name)
def test_a_lesson_has_three_questions_or_more(lesson):
    assert len(questions_of(lesson)) >= 3


def test_a_reply_leaves_the_verdict_to_the_card():
    """The card writes "Right." or "Not right." in front of each."""
    replies = [reply for question in all_questions() for reply in question.replies]
    assert [
        reply for reply in replies if re.match(r"(not |all )?(right|wrong|correct|yes|no)\b[.:,!]", reply, re.I)
    ] == []


def test_no_place_has_most_of_the_right_options():
    places = Counter(question.right for question in all_questions())
    assert places.total() < 9 or max(places.values()) <= 0.6 * places.total()


def test_no_reply_is_the_right_one_by_its_length():
    """Who chooses the longest option every time should not be right more often than not."""
    guessed = [
        max(range(len(question.options)), key=lambda place, question=question: len(question.options[place]))
        == question.right
        for question in all_questions()
    ]
    assert len(guessed) < 9 or sum(guessed) <= 0.6 * len(guessed)
