"""The facts of GLUE's tasks: sizes, orders of classes, and what each source numbers how."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.data import GLUE_TASKS, glue_task, label_order
from course.data.glue_tasks import DIAGNOSTIC, SOURCES, renumbered

SUBMISSION_ROWS = 426_309  # of all eleven files, by the README of ColeFang/CERT


def test_there_are_nine_tasks_with_ten_test_sets_and_one_for_diagnosis():
    assert [task.short_name for task in GLUE_TASKS.values()] == (
        ["CoLA", "SST-2", "MRPC", "STS-B", "QQP", "MNLI", "QNLI", "RTE", "WNLI"]
    )
    tests = [n for task in (*GLUE_TASKS.values(), DIAGNOSTIC) for split, n in task.sizes.items() if "test" in split]
    assert len(tests) == 11
    assert sum(tests) == SUBMISSION_ROWS


@pytest.mark.parametrize(
    ("name", "source", "order"),
    [
        ("rte", "hub", ("entailment", "not_entailment")),
        ("rte", "baselines", ("not_entailment", "entailment")),
        ("qnli", "hub", ("entailment", "not_entailment")),
        ("qnli", "baselines", ("not_entailment", "entailment")),
        ("wnli", "hub", ("not_entailment", "entailment")),
        ("wnli", "baselines", ("not_entailment", "entailment")),
        ("wnli", "files", ("not_entailment", "entailment")),
        ("mnli", "hub", ("entailment", "neutral", "contradiction")),
        ("mnli", "baselines", ("neutral", "entailment", "contradiction")),
        ("mnli", "bert", ("contradiction", "entailment", "neutral")),
        ("ax", "hub", ("entailment", "neutral", "contradiction")),
        ("mrpc", "hub", ("not_equivalent", "equivalent")),
        ("qqp", "files", ("not_duplicate", "duplicate")),
        ("cola", "baselines", ("unacceptable", "acceptable")),
        ("sst2", "bert", ("negative", "positive")),
        ("stsb", "hub", ()),
    ],
)
def test_each_source_numbers_the_classes_in_its_order(name, source, order):
    assert label_order(name, source) == order


@pytest.mark.parametrize("name", ["mnli", "qnli", "rte"])
def test_where_the_files_hold_names_they_have_no_order(name):
    with pytest.raises(ValueError, match="hold the names of the classes"):
        label_order(name, "files")


@given(
    st.sampled_from([task.name for task in GLUE_TASKS.values() if task.classes]),
    st.sampled_from([source for source in SOURCES if source != "files"]),
    st.lists(st.integers(-1, 1)),
)
def test_renumbered_labels_mean_the_same_and_come_back(name, source, labels):
    there = renumbered(name, labels, "hub", source)
    assert renumbered(name, there, source) == labels
    ours, theirs = (*label_order(name), "hidden"), (*label_order(name, source), "hidden")
    assert [ours[one] for one in labels] == [theirs[one] for one in there]


def test_mnli_of_the_baselines_in_the_hubs_numbers():
    assert renumbered("mnli", [0, 1, 2, -1], "baselines") == [1, 0, 2, -1]
    assert renumbered("mnli", [0, 1, 2], "bert") == [2, 0, 1]


@pytest.mark.parametrize(
    ("do", "says"),
    [
        (lambda: glue_task("WNLI"), "no GLUE task named 'WNLI'. There are: cola, sst2, .*ax"),
        (lambda: label_order("rte", "web"), "no source 'web'.*hub, files, baselines, bert"),
        (lambda: renumbered("rte", [0, 2], "baselines"), "RTE has no class 2: its classes are 0 to 1"),
        (lambda: renumbered("stsb", [3], "baselines"), "STS-B has scores, and no classes"),
        (lambda: glue_task("rte").class_name(0.5), "no class 0.5"),
        (lambda: glue_task("mnli").split("validation"), "MNLI has no split 'validation'. It has: train, .*_mismatched"),
    ],
)
def test_what_there_is_not_is_refused_by_name(do, says):
    with pytest.raises(ValueError, match=says):
        do()
