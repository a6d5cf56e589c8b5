"""No wrong answer to an exercise passes, and most learners hear what is wrong with theirs.

`python -m tests.exercises.trial NAME` lists the answers of one exercise that are not named.
"""

import dataclasses

import pytest

from course.exercises.calling import TIME_LIMIT
from course.exercises.checking import judge
from course.exercises.display import Verdict
from course.exercises.registry import all_exercises, find
from tests.exercises.collected import load
from tests.exercises.inputs.collected import INPUTS
from tests.exercises.trial import inputs_of, trial
from tests.exercises.ways.collected import OTHER_WAYS
from tests.exercises.wrong.collected import WRONG_WAYS

load("ways")
load("wrong")
LEAST_NAMED = 0.8
FEW = 40  # inputs

each_exercise = pytest.mark.parametrize("exercise", all_exercises(), ids=lambda exercise: exercise.name)


@pytest.mark.slow
@each_exercise
def test_no_generated_wrong_answer_passes_and_most_are_named(exercise, record_property, unchecked_shapes):
    assert exercise.name in INPUTS, "write inputs for this exercise, in tests/exercises/inputs/"
    result = trial(exercise)
    record_property("wrong answers", str(result))
    record_property("wrong answers counted", (result.wrong, len(result.passed), result.named))
    assert result.passed == []
    assert result.wrong > 20
    assert result.share_named >= LEAST_NAMED, [description for description, _result in result.unnamed]


@pytest.mark.parametrize(
    ("exercise", "way"),
    [(find(way.name), way) for way in WRONG_WAYS],
    ids=[f"{way.name}-{way.function.__name__}" for way in WRONG_WAYS],
)
def test_a_wrong_way_is_named(exercise, way, unchecked_shapes):
    result = judge(exercise, way.function, seconds=0.2 if "still running" in way.says else TIME_LIMIT)
    assert result.verdict is Verdict.FAILED
    assert way.says in result.message


@pytest.mark.parametrize(
    ("exercise", "way"),
    [(find(name), way) for name, ways in OTHER_WAYS.items() for way in ways],
    ids=[f"{name}-{way.__name__}" for name, ways in OTHER_WAYS.items() for way in ways],
)
def test_another_right_way_is_right_on_other_inputs(exercise, way, unchecked_shapes):
    others = inputs_of(exercise)[:FEW]
    assert judge(dataclasses.replace(exercise, cases=lambda: others), way).passed


@each_exercise
def test_every_exercise_has_wrong_ways(exercise):
    names = [way.function.__name__ for way in WRONG_WAYS if way.name == exercise.name]
    assert len(set(names)) == len(names) >= 10


@each_exercise
def test_inputs_are_many_and_the_same_every_time(exercise):
    inputs = inputs_of(exercise)
    assert repr(inputs) == repr(inputs_of(exercise))
    assert len(inputs) >= 300
