"""The sets of requests, the catalogs, and what is read in each setting."""

import pytest
import torch

from course.data.api_calls import KINDS, Answer, CallTask, api_call_tasks
from course.tasks import tool_calls as task
from course.tasks.renamed_functions import new_name
from course.tasks.tool_calls import (
    MOST_TOKENS,
    SETTINGS,
    call_sets,
    catalog_of,
    document,
    is_usable,
    one_of_each,
    rankings,
    readings,
    right_call,
    right_function,
    training_catalog,
    whole_catalog,
)
from course.tools import Catalog, Function, Outcome, Parameter, check_text


def made(number, name, *others, question="How far is it?", description="", required=False):
    function = Function(name, description, (Parameter("x", "integer", "", required),))
    return CallTask(
        str(number), question, (*(Function(other) for other in others), function), (Answer(name, {"x": (1, "")}),)
    )


# --- Sets ---


def test_no_function_is_in_two_sets():
    names = [{name for one in of_set for name in one.names} for of_set in call_sets()]
    assert all(names) and not any(names[i] & names[j] for i, j in ((0, 1), (0, 2), (1, 2)))


def test_no_document_of_a_training_is_a_function_of_the_test_or_of_validation():
    held_out = {name for of_set in call_sets()[1:] for one in of_set for name in one.names}
    assert held_out.isdisjoint(training_catalog().names)


def test_held_out_requests_are_of_different_functions():
    for of_set in call_sets()[1:]:
        names = [one.answers[0].name for one in of_set]
        assert len(names) == len(set(names)) > 40


def test_one_task_of_each_function_is_drawn_whatever_the_order():
    tasks = [made(number, name) for number, name in enumerate(["f", "g", "f", "f", "g"])]
    drawn = one_of_each(tasks)
    assert [one.answers[0].name for one in drawn] in (["f", "g"], ["g", "f"])
    assert {one.id for one in one_of_each(tasks[::-1])} == {one.id for one in drawn}
    assert [one.id for one in drawn] == sorted(one.id for one in drawn)


def test_every_task_is_short_and_has_a_call_that_answers():
    for of_set in call_sets():
        for one in of_set:
            catalog = Catalog([right_function(one)])
            assert check_text(right_call(one), catalog, one.answers).outcome is Outcome.RIGHT


@pytest.mark.parametrize(
    "changes",
    [
        {"question": "far " * (MOST_TOKENS["question"] + 1)},
        {"name": "f" + "_far" * (MOST_TOKENS["document"] // 2 + 1)},
    ],
)
def test_what_is_too_long_is_left_out(changes):
    assert is_usable(made(0, "f"))
    assert not is_usable(made(0, changes.pop("name", "f"), **changes))


def test_a_task_that_no_call_answers_is_left_out():
    function = Function("f", "", (Parameter("x", "integer", "", True),))
    assert not is_usable(CallTask("0", "How far?", (function,), (Answer("f", {"x": ()}),)))


# --- Catalogs and documents ---


def test_the_catalog_has_every_name_once_in_the_version_of_the_task_that_it_answers():
    assert {name for kind in KINDS for one in api_call_tasks(kind) for name in one.names} == {*whole_catalog().names}
    for of_set in call_sets()[1:]:
        assert all(whole_catalog()[one.answers[0].name] == right_function(one) for one in of_set)


def test_a_function_that_answers_goes_before_one_that_stands_beside():
    first, second = made(0, "f", "g"), made(1, "g", description="The right one.")
    assert catalog_of([first, second])["g"].description == "The right one."
    assert catalog_of([second], [made(2, "g")])["g"].description == "The right one."


def test_a_document_is_one_line_with_the_first_sentence():
    function = Function("f", "Adds two\n numbers. Then it stops.", (Parameter("x", "integer", "a number", True),))
    assert document(function) == "f(x: int)  # Adds two numbers"
    assert document(Function("f", "word " * 40)).count("word") == task.DESCRIPTION_WORDS
    assert all("\n" not in document(one) for one in whole_catalog())


# --- Search and settings ---

FEW = Catalog(
    [
        Function("get_weather", "The weather of a city."),
        Function("book_hotel", "Book a hotel in a city."),
        Function("add_numbers", "Add numbers."),
        Function("paint_wall", "Paint a wall."),
    ]
)


class Encoder:
    """Vectors by the letters of a text."""

    def encode(self, texts):
        rows = [[text.lower().count(letter) + 0.1 for letter in "abcdefghijklmnopqrstuvwxyz"] for text in texts]
        return torch.nn.functional.normalize(torch.tensor(rows), dim=-1)


@pytest.mark.parametrize("method", task.METHODS)
def test_a_search_finds_the_function_whose_text_is_asked_for(method, monkeypatch):
    monkeypatch.setattr(task, "sentence_encoder", Encoder)
    task.catalog_vectors.cache_clear()
    questions = [task.searched_text(one) for one in FEW]
    found = rankings(questions, FEW, method, 2)
    assert [of_question[0] for of_question in found] == list(FEW) and {len(one) for one in found} == {2}


def test_a_method_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match=r"no method 'google'.*bm25, dense"):
        rankings(["a"], FEW, "google", 1)


TASKS = [
    CallTask("0", "What is the weather in the city?", (FEW["get_weather"],), (Answer("get_weather", {}),)),
    CallTask("1", "Paint it.", (FEW["paint_wall"],), (Answer("paint_wall", {}),)),
]


def names_read(setting):
    return [[one.name for one in read.documents] for read in readings(TASKS, setting, FEW, k=2)]


def test_each_setting_reads_what_it_says():
    assert names_read("none") == [[], []]
    assert names_read("oracle") == [["get_weather"], ["paint_wall"]]
    retrieved, bad = names_read("retrieved"), names_read("bad")
    assert retrieved[0] == ["get_weather", "book_hotel"] and retrieved[1][0] == "paint_wall"
    assert all(len(of_task) == 2 for of_task in bad)
    assert "get_weather" not in bad[0] and bad[0][0] == "book_hotel" and "paint_wall" not in bad[1]
    with pytest.raises(ValueError, match="no setting 'all'"):
        readings(TASKS, "all", FEW)


def test_bad_documents_are_as_many_where_the_right_one_was_not_found(monkeypatch):
    monkeypatch.setattr(task, "rankings", lambda questions, *_: [list(FEW)[1:4]] * len(questions))
    assert names_read("bad")[0] == ["book_hotel", "add_numbers"]


def test_a_changed_catalog_has_no_old_name_and_its_answers_are_right_in_it():
    tasks = call_sets().test
    before, after = (readings(tasks, setting, whole_catalog()) for setting in ("oracle", "changed"))
    old = {*whole_catalog().names}
    assert len(after[0].catalog) == len(whole_catalog())
    for old_read, read in zip(before, after, strict=True):
        assert read.answer.name == new_name(old_read.answer.name, "call") != old_read.answer.name
        assert read.documents[0].name == read.answer.name and read.question == old_read.question
        assert check_text(read.reference, read.catalog, [read.answer]).right
        old_call = check_text(old_read.reference, read.catalog, [read.answer]).outcome
        assert old_call is (Outcome.WRONG_CALL if old_read.answer.name in read.catalog else Outcome.HALLUCINATED)
    assert len({read.answer.name for read in after} & old) < len(after) / 20


@pytest.mark.parametrize("setting", [each for each in SETTINGS if each not in ("retrieved", "bad")])
def test_the_right_call_is_right_in_every_setting(setting):
    for read in readings(call_sets().test, setting, whole_catalog()):
        assert check_text(read.reference, read.catalog, [read.answer]).right
