"""No wrong answer to an exercise passes, and most learners hear what is wrong with theirs.

`python -m tests.exercises.trial NAME` lists the answers of one exercise that are not named. What became of them is
stored (`tests/exercises/tried.py`): an exercise for which nothing has changed is not tried again, but for a few, unless
`--all-wrong-answers` asks for it.
"""

import dataclasses

import pytest

from course.exercises.calling import TIME_LIMIT
from course.exercises.checking import judge
from course.exercises.display import Verdict
from course.exercises.registry import all_exercises, find
from tests.exercises import tried
from tests.exercises.collected import load
from tests.exercises.inputs.collected import INPUTS
from tests.exercises.trial import inputs_of, trial
from tests.exercises.ways.collected import OTHER_WAYS
from tests.exercises.wrong.collected import WRONG_WAYS

load("ways")
load("wrong")
LEAST_NAMED = 0.8
FEW = 40  # inputs
TRIED_ANYWAY = [exercise.name for exercise in all_exercises()[::12]]  # as what is stored says

each_exercise = pytest.mark.parametrize("exercise", all_exercises(), ids=lambda exercise: exercise.name)


@pytest.mark.slow
@each_exercise
def test_no_generated_wrong_answer_passes_and_most_are_named(exercise, record_property, request, unchecked_shapes):
    assert exercise.name in INPUTS, "write inputs for this exercise, in tests/exercises/inputs/"
    found, how = tried.stored(exercise), "as stored"
    if found is None or exercise.name in TRIED_ANYWAY or request.config.getoption("--all-wrong-answers"):
        result = trial(exercise)
        assert result.passed == []
        assert result.share_named >= LEAST_NAMED, [description for description, _result in result.unnamed]
        known, found, how = found, tried.Tried.of(result), f"{result.seconds:.1f} s"
        if known is not None:
            assert (found.wrong, found.equivalent) == (known.wrong, known.equivalent), "tried.json is of something else"
    record_property("wrong answers", f"{exercise.name:32} {found}; {how}")
    record_property("wrong answers counted", (found.wrong, found.passed, found.named))
    assert found.passed == 0 and found.wrong > 20
    assert found.share_named >= LEAST_NAMED


def test_what_is_stored_is_of_the_exercises_that_there_are_and_what_has_changed_is_tried(tmp_path, monkeypatch):
    exercise = find("tokenization.pair_score")
    assert {"course/exercises/tokenization/pair_score.py", "tests/exercises/inputs/tokenization.py"} <= set(
        names := tried.files("tokenization")
    )
    assert {"course/exercises/relations.py", "course/exercises/compare.py", "tests/exercises/mutation.py"} <= set(names)
    assert not [name for name in names if "/peft" in name or "syllabus" in name]
    monkeypatch.setattr(tried, "FILE", tmp_path / "tried.json")
    assert tried.stored(exercise) is None
    tried.store({exercise.name: (some := tried.Tried({"mistake": 30, "not named": 4}, 2))})
    assert tried.stored(exercise) == some
    assert (some.wrong, some.named, str(some)) == (
        34,
        30,
        "   34 wrong, 0 passed,  88.2% named (mistake 30, not named 4); 2 equivalent",
    )
    monkeypatch.setattr(tried, "fingerprint", lambda exercise: "another")
    assert tried.stored(exercise) is None


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
