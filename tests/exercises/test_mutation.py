"""The generated wrong answers: what a mutant is, and that the trial finds a check that is too weak."""

import dataclasses

import pytest

from course.exercises.registry import find
from tests.exercises.mutation import mutants
from tests.exercises.transformation import transformed
from tests.exercises.trial import trial

SOURCE = '''
def positive_sum(numbers, start=0):
    """The sum of the positive numbers."""
    total = start
    for number in numbers[1:]:
        if number > 0 and number in numbers:
            total += number
    return total, max(numbers, key=lambda n: -n)
'''


@pytest.mark.parametrize(
    "line",
    [
        "if number >= 0 and number in numbers:",
        "if number > 1 and number in numbers:",
        "if number > 0 or number in numbers:",
        "if number > 0 and number not in numbers:",
        "if number in numbers:",
        "for number in numbers[2:]:",
        "for number in numbers[:]:",
        "for number in reversed(list(numbers[1:])):",
        "total = number",
        "total -= number",
        "return total",
        "return (max(numbers, key=lambda n: -n), total)",
        "return (total, min(numbers, key=lambda n: -n))",
        "return (total, max(numbers, key=lambda n: n))",
        "return (total, max(numbers))",
    ],
)
def test_a_mutant_differs_in_one_place(line):
    assert any(line in source.splitlines() for source in map(_stripped, _sources()))


def _sources():
    return [source for _description, source in mutants(SOURCE)]


def _stripped(source):
    return "\n".join(each.strip() for each in source.splitlines())


def test_mutants_are_functions_and_no_two_alike():
    sources = _sources()
    assert len(set(sources)) == len(sources) > 40
    assert all(
        "The sum of" not in source and source.startswith("def positive_sum(numbers, start=0)") for source in sources
    )
    for source in sources:
        compile(source, "<mutant>", "exec")


def test_a_return_slips_into_the_loop():
    assert any(
        "        total += number\n        return" in source.replace("    " * 3, "    " * 2) for source in _sources()
    )


def test_a_description_shows_the_lines_that_differ():
    descriptions = [description for description, _source in mutants(SOURCE)]
    assert "total += number → total = number" in descriptions


def test_answers_and_arguments_are_transformed():
    def positive(numbers):
        return [number for number in numbers if number > 0]

    wrong = dict(transformed(positive, [([3, -1, 2],), ([5],)]))
    assert wrong["the answer reversed"]([3, -1, 2]) == [2, 3]
    assert wrong["the answer first alone"]([3, -1, 2]) == 3
    assert wrong["the answer each negated"]([3, -1, 2]) == [-3, -2]
    assert wrong["always [3, 2]"]([5]) == [3, 2]
    assert wrong["numbers without its first"]([3, -1, 2]) == [2]
    assert wrong["the answer first alone"]([]) == []  # does not fit: the answer itself


def test_of_two_results_each_is_transformed():
    wrong = dict(transformed(lambda n: (n, -n), [(2,)]))
    assert {"result 1 negated", "result 2 doubled"} <= wrong.keys()
    assert wrong["the answer reversed"](2) == (-2, 2)


@pytest.mark.slow
def test_a_check_that_is_too_weak_is_found():
    exercise = find("start_here.softmax")
    assert trial(exercise).passed == []
    weak = dataclasses.replace(exercise, cases=lambda: [([1.5, 1.5], 1.0), ([7.0], 2.0)])
    assert any("rounded" in description for description in trial(weak).passed)


@pytest.mark.slow
def test_a_check_that_names_nothing_is_found():
    exercise = find("start_here.softmax")
    unnamed = trial(dataclasses.replace(exercise, mistakes=(), corners=())).unnamed
    assert len(unnamed) > len(trial(exercise).unnamed)


@pytest.mark.slow
def test_a_mutant_that_never_ends_is_told_so():
    results = trial(find("tokenization.apply_merge")).told
    assert {result.source for description, result in results if description == "position += 1 → pass"} == {"time"}
