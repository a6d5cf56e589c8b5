"""The interface of the five tasks: items, folds, levels."""

import pytest

from course.tasks.language_tasks import LEVELS, MEASURES, TASKS, Answer, Item, LanguageTask, Text, results
from course.tasks.language_tasks.task import each, one_fold

NAMES = tuple(TASKS)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_task_is_whole(name):
    task = TASKS[name]()
    assert task.name == name and len(task.items) >= 100
    assert tuple(task.systems) == LEVELS and dict(task.measures) == dict(MEASURES[name])
    assert len(task.wordings) == len(set(task.wordings)) == 3
    assert all("{text}" in wording for wording in task.wordings)
    assert all(("{question}" in wording) == (name == "questions") for wording in task.wordings)
    assert len({(item.source.text, item.source.question) for item in task.items}) >= 0.97 * len(task.items)
    groups = [group for fold in task.folds for group in fold]
    assert len(groups) == len(set(groups)) and {item.group for item in task.items} <= set(groups)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "level"), [(name, "trivial") for name in NAMES] + [("names", "simple")])
def test_a_record_has_what_its_system_says(name, level):
    task = TASKS[name]()
    answers = [answer.value for answer in task.tested(level)]
    for measure, compute in task.measures.items():
        kept = results.scores(name, measure)[level].estimate
        assert compute([item.right for item in task.items], answers) == pytest.approx(kept, abs=1e-5)


def test_a_level_that_is_not_there(small_task):
    with pytest.raises(ValueError, match=r"no level 'best'\. There are: trivial, simple, model"):
        small_task.system("best")


def test_each_item_is_answered_by_a_system_that_has_not_seen_its_group(small_task):
    assert [answer.value for answer in small_task.tested("model")] == ["not a", "not b", "not a"]


@pytest.fixture
def small_task():
    def told(held_out):
        return each(lambda _text: Answer("not " + "".join(sorted(held_out))))

    items = tuple(Item(Text(text), "", group) for text, group in (("1", "a"), ("2", "b"), ("3", "a")))
    assert one_fold(items) == (frozenset("ab"),)
    systems = dict.fromkeys(LEVELS, told)
    folds = (frozenset("a"), frozenset("b"), frozenset("c"))
    return LanguageTask("small", "Small", items, {}, systems, folds, ("{text}",))
