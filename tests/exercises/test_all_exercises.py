"""Every exercise: the stub fails, the solution and another right way pass, each typical mistake gets its message."""

import ast
import copy
import doctest
import itertools
import re
from collections import Counter

import pytest

from course.exercises import check
from course.exercises.checking import judge
from course.exercises.compare import same
from course.exercises.display import Verdict
from course.exercises.registry import all_exercises, exercises_of
from course.syllabus.lessons import lesson
from tests.exercises.collected import load
from tests.exercises.ways.collected import OTHER_WAYS

EXERCISES = {exercise.name: exercise for exercise in all_exercises()}
MISTAKES = [(name, mistake) for name, exercise in EXERCISES.items() for mistake in exercise.mistakes]
load("ways")
WAYS = [(EXERCISES[name], way) for name, ways in OTHER_WAYS.items() for way in ways]

each_exercise = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
each_mistake = pytest.mark.parametrize(
    ("exercise", "mistake"),
    [(EXERCISES[name], mistake) for name, mistake in MISTAKES],
    ids=[f"{name}-{mistake.wrong.__name__.strip('_')}" for name, mistake in MISTAKES],
)


@each_exercise
def test_every_exercise_has_other_ways(exercise):
    """Loops, comprehensions, other libraries, recursion, generators: a right answer is not a matter of style."""
    ways = OTHER_WAYS[exercise.name]
    assert len(ways) >= 5
    assert len({way.__name__ for way in ways}) == len(ways)


@each_exercise
def test_name_is_lesson_and_function(exercise):
    slug, _dot, function = exercise.name.partition(".")
    assert exercise in exercises_of(lesson(slug))
    assert function == exercise.function_name == exercise.solution.__name__


@each_exercise
def test_untouched_stub_is_not_attempted(exercise):
    namespace = {}
    exec(exercise.stub, namespace)
    assert check(exercise.name, namespace[exercise.function_name]).verdict is Verdict.NOT_ATTEMPTED


@each_exercise
def test_stub_does_not_give_the_solution_away(exercise):
    body = ast.parse(exercise.stub).body[0].body
    assert len(body) == 2
    assert isinstance(body[0].value.value, str)
    assert body[1].value.value is Ellipsis


@each_exercise
def test_stub_fits_a_notebook_page(exercise):
    assert max(map(len, exercise.cell.splitlines())) <= 100


@each_exercise
def test_solution_as_shown_passes(exercise):
    namespace = {}
    exec(exercise.solution_source, namespace)
    assert check(exercise.name, namespace[exercise.function_name]).passed


@each_exercise
def test_examples_in_the_docstring_are_true(exercise):
    finder = doctest.DocTestFinder(recurse=False)
    (test,) = finder.find(exercise.solution, exercise.function_name, globs={exercise.function_name: exercise.solution})
    assert test.examples
    assert doctest.DocTestRunner().run(test).failed == 0


@pytest.mark.parametrize(("exercise", "way"), WAYS, ids=[f"{each.name}-{way.__name__}" for each, way in WAYS])
def test_another_right_way_passes(exercise, way):
    result = check(exercise.name, way)
    assert result.passed, result


@each_exercise
def test_cases_are_the_same_every_time_and_no_two_alike(exercise):
    cases = exercise.cases()
    assert same(cases, exercise.cases())
    assert not any(same(cases[i], cases[j]) for i, j in itertools.combinations(range(len(cases)), 2))
    assert len(cases) >= 5


@each_exercise
def test_texts_are_there_and_differ(exercise):
    assert len(exercise.hints) == 2
    assert len(exercise.mistakes) >= 2
    texts = [exercise.title, *exercise.hints, exercise.explanation, *(mistake.message for mistake in exercise.mistakes)]
    assert len(set(texts)) == len(texts)
    assert all(text.strip() == text and text and "!" not in text for text in texts)


@each_mistake
def test_mistake_differs_from_the_solution(exercise, mistake):
    wrong = [
        c for c in exercise.cases() if not exercise.compare(exercise.solution(*copy.deepcopy(c)), mistake.wrong(*c))
    ]
    assert len(wrong) >= 3


@each_mistake
def test_mistake_gets_its_own_message(exercise, mistake):
    result = judge(exercise, mistake.wrong)
    assert result.verdict is Verdict.FAILED
    assert result.message == mistake.message
    shown = result.example
    assert exercise.compare(shown.answer, mistake.wrong(*shown.arguments))
    assert not exercise.compare(shown.answer, shown.expected)


@each_mistake
def test_mistake_is_named_although_one_more_case_is_wrong(exercise, mistake):
    last = exercise.cases()[-1]

    def careless(*arguments):
        return "nothing" if same(arguments, last) else mistake.wrong(*arguments)

    assert judge(exercise, careless).message == mistake.message


CORNERS = [(exercise, corner) for exercise in EXERCISES.values() for corner in exercise.corners]
each_corner = pytest.mark.parametrize(
    ("exercise", "corner"),
    CORNERS,
    ids=[f"{exercise.name}-{exercise.corners.index(corner)}" for exercise, corner in CORNERS],
)


@each_corner
def test_corner_is_named_when_it_alone_goes_wrong(exercise, corner):
    inside = [arguments for arguments in exercise.cases() if corner.holds(*arguments)]
    assert 0 < len(inside) < len(exercise.cases())

    def careless(*arguments):
        return {"an": "odd answer"} if corner.holds(*arguments) else exercise.solution(*arguments)

    result = judge(exercise, careless)
    assert (result.source, result.message) == ("corner", corner.message)
    assert corner.holds(*result.example.arguments)


@each_corner
def test_corner_is_not_named_when_other_inputs_go_wrong_too(exercise, corner):
    outside = [arguments for arguments in exercise.cases() if not corner.holds(*arguments)]

    def wrong(*arguments):
        alone = corner.holds(*arguments) or same(arguments, outside[0])
        return {"an": "odd answer"} if alone else exercise.solution(*arguments)

    assert judge(exercise, wrong).message != corner.message


@pytest.mark.parametrize(
    ("name", "function", "mistake"),
    [
        ("tokenization.split_words", lambda text: text.split(), "_loses_spaces"),
        ("tokenization.split_words", lambda text: re.findall(r"\S+\s*", text), "_space_behind"),
        ("tokenization.split_words", lambda text: re.split(r"(\s)", text), "_space_alone"),
        (
            "tokenization.byte_fallback",
            lambda text, known: [c if c in known else "<unk>" for c in text],
            "_unknown_in_angle_brackets",
        ),
        ("tokenization.byte_fallback", lambda text, known: [c if c in known else hex(ord(c)) for c in text], None),
        (
            "tokenization.count_pairs",
            lambda words: Counter(p for w in words for p in itertools.pairwise(w)),
            "_each_word_once",
        ),
        (
            "tokenization.apply_merge",
            lambda s, pair: list(" ".join(s).replace(" ".join(pair), "".join(pair)).split(" ")),
            "_replaces_text",
        ),
    ],
)
def test_mistake_is_named_however_it_is_written(name, function, mistake):
    messages = {each.wrong.__name__: each.message for each in EXERCISES[name].mistakes}
    found = judge(EXERCISES[name], function).message
    assert found == messages[mistake] if mistake else found not in messages.values()


@pytest.mark.slow
@each_exercise
def test_a_slip_in_one_case_is_not_taken_for_a_mistake(exercise):
    for case in exercise.cases():

        def slipping(*arguments, case=case):
            return exercise.mistakes[0].wrong(*arguments) if same(arguments, case) else exercise.solution(*arguments)

        result = judge(exercise, slipping)
        assert result.message not in [mistake.message for mistake in exercise.mistakes]


@each_exercise
def test_wrong_in_no_known_way_shows_input_expected_and_got(exercise):
    def odd(*arguments):
        answer = exercise.solution(*arguments)
        return type(answer)([*answer, "odd"]) if isinstance(answer, list | tuple) else odd_value(answer)

    def odd_value(answer):
        match answer:
            case dict():
                return {**answer, ("o", "dd"): 1}
            case set():
                return {*answer, "odd"}
            case str():
                return f"odd {answer} odd"
        return answer * 3 + 7

    result = judge(exercise, odd)
    assert result.verdict is Verdict.FAILED
    assert result.message not in [mistake.message for mistake in exercise.mistakes]
    labels = [label for label, _code in result.example.lines]
    assert labels == ["Input", "Yours", "Right"]
    assert exercise.function_name in repr(result)
