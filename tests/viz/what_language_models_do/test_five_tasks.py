"""One text through five systems: each is asked once, says what it cannot read, and is held against a right answer."""

import re

import ipywidgets
import pytest

from course.tasks.language_tasks import TASKS, Answer, Text, results
from course.tasks.language_tasks.task import each
from course.viz.kit.traits import StateError
from course.viz.what_language_models_do.right_answer import as_right, judged
from course.viz.what_language_models_do.task_bench import Outcome, Reached, TaskBench, reached_on_test
from course.viz.what_language_models_do.task_page import task_page
from course.viz.what_language_models_do.text_examples import EXAMPLES, FIRST
from tests.support.drawn import overlapping
from tests.support.widgets import five_tasks, task_systems

NAMES = Text("Maria Santos of <b> Lisbon.")
LABELS = ("B-PER", "I-PER", "O", "O", "O", "O", "B-LOC", "O")
TESTED = Reached("F1", 0.5, 0.25)


def counting(asked):
    def systems(task, by):
        system = task_systems(task, by)
        return lambda texts: asked.append((task, by, texts[0])) or system(texts)

    return systems


def test_every_text_is_read_once_and_a_summary_by_both_is_one():
    asked = []
    widget = five_tasks(systems=counting(asked), question="who")
    assert [task for task, _by, _text in asked] == ["classification", "names", "summary", "questions"]
    assert {task: by for task, by, _text in asked} == {
        "classification": "course",
        "names": "course",
        "summary": "prompt",
        "questions": "prompt",
    }
    widget.by = "prompt"
    assert [(task, by) for task, by, _text in asked[4:]] == [("classification", "prompt"), ("names", "prompt")]
    widget.question = "what"
    assert [(task, text.question) for task, _by, text in asked[6:]] == [("questions", "what")]
    widget.by, widget.question = "course", "who"
    assert len(asked) == 7


def test_a_task_is_asked_with_what_it_reads():
    bench = TaskBench(task_systems)
    text = "A line.\n 첫째 줄 \nApple은 기업"
    assert bench.outcome("translation", "course", text, "why").source == Text("첫째 줄 Apple은 기업")
    assert bench.outcome("questions", "course", text, "why").source == Text(text, "why")
    assert bench.outcome("summary", "course", text, "why").source == Text(text)


@pytest.mark.parametrize("text", ["Apple", "日本語", "12 🎉"])
def test_without_a_korean_letter_or_a_question_there_is_a_reason(text):
    widget = five_tasks(text=text, question=" ")
    assert widget.error == ""
    assert widget.outcomes["translation"].reason.startswith("The translator reads Korean only")
    assert widget.outcomes["questions"].reason == "There is no question. Type one above."
    assert widget.outcomes["summary"].answer is not None


def test_what_a_system_refuses_is_said_in_its_row_and_a_fault_leaves_the_last_page():
    def refuse(_text):
        raise ValueError("Too\nlong.")

    widget = five_tasks(systems=lambda task, by: each(refuse) if task == "names" else task_systems(task, by))
    assert widget.outcomes["names"].reason == "Too long." and "Too long." in widget._pages["names"].value
    assert widget.error == "" and widget.outcomes["summary"].answer is not None

    def systems(task, by):
        if by == "prompt" and task == "names":
            raise FileNotFoundError("x.bin")
        return task_systems(task, by)

    widget = five_tasks(systems=systems)
    before = {task: page.value for task, page in widget._pages.items()}
    widget.by = "prompt"
    assert "x.bin" in widget.error
    assert {task: page.value for task, page in widget._pages.items()} == before


def test_quick_answers_are_shown_while_a_slow_one_computes():
    seen = {}

    def systems(task, by):
        def answer(text):
            seen[task] = [page.value for page in widget[0]._pages.values()] if widget else []
            return task_systems(task, by)([text])[0]

        return each(answer)

    widget = []
    widget.append(five_tasks(systems=systems))
    widget[0].text = "the union"
    assert (
        "computing" not in seen["summary"][0] and "computing" in seen["summary"][3] and "computing" in seen["names"][3]
    )
    assert not any("computing" in page.value for page in widget[0]._pages.values())


def test_names_are_marked_in_the_text_as_it_was_typed():
    page = task_page("names", Outcome(NAMES, Answer(LABELS, 0.5)), TESTED)
    assert "<mark>Maria Santos</mark> <small>(person)</small> of &lt;b&gt; <mark>Lisbon</mark>" in page
    nothing = task_page("names", Outcome(NAMES, Answer(("O",) * 8)), TESTED)
    assert "geometric" in task_page("names", Outcome(NAMES, Answer(LABELS, 0.5)), TESTED, by="prompt")
    assert (
        "geometric" not in page
        and "It finds no name." in nothing
        and "<mark>" not in nothing
        and "50%" in nothing
        and "25%" in nothing
    )


@pytest.mark.parametrize(
    ("task", "value", "typed", "source", "score", "kinds"),
    [
        ("classification", "positive", "Negative ", Text("a"), 0, ["extra", "miss"]),
        ("names", LABELS, "Maria Santos: person", NAMES, 2 / 3, ["hit", "extra"]),
        ("names", LABELS, "none", NAMES, 0, ["extra", "extra"]),
        ("questions", "the old Tom", "Tom", Text("a", "who"), 2 / 3, ["extra", "hit"]),
        ("summary", "a b", "b c", Text("a"), 1 / 2, ["extra", "hit", "miss"]),
    ],
)
def test_a_right_answer_is_counted_as_the_measure_does(task, value, typed, source, score, kinds):
    found = judged(task, Answer(value), typed, source)
    assert found.score == pytest.approx(score) and [one.kind for one in found.marks] == kinds


def test_a_missed_name_is_written_with_its_type_as_one_types_it():
    found = judged("names", Answer(LABELS), "Lisbon: place; Maria: person", NAMES)
    assert [(one.text, one.kind) for one in found.marks] == [
        ("Maria Santos (person)", "extra"),
        ("Lisbon (place)", "hit"),
        ("Maria (person)", "miss"),
    ]


def test_a_perfect_translation_has_the_highest_bleu():
    found = judged("translation", Answer("The device was not found."), "The device was not found.", Text("기기"))
    assert found.score == pytest.approx(100) and {one.kind for one in found.marks} == {"hit"}


@pytest.mark.parametrize(
    ("task", "typed"),
    [
        ("classification", "good"),
        ("names", "Rome: place"),
        ("names", "Maria"),
        ("names", "Maria: foo"),
        ("names", "Maria Santos: person, Lisbon: place"),
        ("names", "Maria (NY): person"),
    ],
)
def test_a_right_answer_that_cannot_be_is_one_sentence(task, typed):
    with pytest.raises(ValueError, match=re.escape(typed)):
        as_right(task, typed, NAMES)


def test_no_name_of_the_right_ones_is_passed_over_in_silence():
    with pytest.raises(ValueError, match=r"The right name 'Rome: place' is not read.* one of the types person, place"):
        as_right("names", "Maria Santos: person; Rome: place", NAMES)


@pytest.mark.parametrize(
    "typed",
    [
        "Maria Santos: PER; Lisbon: LOC",
        "Maria Santos (person)\nLisbon (City).",
        ";Maria Santos: people;; Lisbon: place;",
    ],
)
def test_types_are_typed_in_words_or_as_labels(typed):
    assert as_right("names", typed, NAMES) == LABELS


@pytest.mark.parametrize("typed", ["none", "None.", "No names"])
def test_no_name_is_a_right_answer(typed):
    assert set(as_right("names", typed, NAMES)) == {"O"}


def test_right_answers_are_shown_and_forgotten_with_the_text():
    widget = five_tasks(question="who", right_classification="negative", right_summary="the states")
    assert (
        "accuracy of this answer: 0.00. missed: negative; not wanted: positive" in widget._pages["classification"].value
    )
    assert "hit: " in widget._pages["summary"].value
    widget.right_questions = "x"
    widget.question = "what"
    assert widget.right_questions == "" and widget.right_summary == "the states"
    widget.right_classification = "good"
    assert "the labels here are" in widget._pages["classification"].value and widget.error == ""
    widget.text = "the union"
    assert {widget.right_classification, widget.right_summary} == {""}
    assert "not wanted" not in widget._pages["classification"].value


def test_an_example_sets_text_and_question_together():
    asked = []
    widget = five_tasks(systems=counting(asked), question="who")
    assert widget._examples.value == ""
    asked.clear()
    widget._examples.value = next(iter(EXAMPLES))
    assert (widget.text, widget.question) == FIRST and widget._examples.value == next(iter(EXAMPLES))
    assert [task for task, _by, _text in asked] == list(TASKS), "no task is asked twice"
    widget.text = "the union"
    assert widget._examples.value == ""
    widget._examples.value = next(iter(EXAMPLES))
    assert widget.text == FIRST.text


def test_what_was_reached_is_from_the_records():
    for task in TASKS:
        found = reached_on_test(task, "course")
        scale = 100 if found.is_in_points else 1
        scores = results.scores(task)
        assert scale * found.system == scores["model"].estimate and scale * found.baseline == scores["trivial"].estimate
        assert 0 <= found.baseline < found.system <= 1
        assert scale * reached_on_test(task, "prompt").system == scores["prompt-0"].estimate
    assert Reached("BLEU", 0.195, 0.056, True).written(0.195) == "19.5" and TESTED.written(0.5) == "50%"


def test_the_picture_has_every_task_and_nothing_lies_on_anything():
    figure = five_tasks(text=FIRST.text, question="$x$ <b>", right_names="I: person").picture()
    assert overlapping(figure) == []


@pytest.mark.parametrize(("trait", "limit"), [("text", 1_000), ("question", 200)])
def test_too_long_a_text_is_an_error_over_the_last_picture(trait, limit):
    widget = five_tasks()
    before = widget.in_words()
    setattr(widget, trait, "x" * (limit + 1))
    assert f"the limit here is {limit:,}" in widget.error and widget.in_words() == before


def test_who_answers_is_one_of_two():
    with pytest.raises(StateError, match="by"):
        five_tasks().by = "magic"


def test_the_lines_for_right_answers_are_folded_away_until_they_are_wanted():
    def boxes(widget):
        return next(one for one in widget.children if isinstance(one, ipywidgets.Checkbox)), widget._lines_box.layout

    fold, layout = boxes(five_tasks())
    assert not fold.value and layout.display == "none"
    fold.value = True
    assert layout.display == ""
    fold, layout = boxes(five_tasks(right_summary="the states"))
    assert fold.value and layout.display == ""
