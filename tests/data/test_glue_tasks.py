"""The facts of GLUE's tasks: sizes, orders of classes, and what each source numbers how."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.data import GLUE_TASKS, glue_task, label_order
from course.data.glue_tasks import DIAGNOSTIC, IN_BERT, SOURCES, renumbered, sources_of

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
        ("mrpc", "bert", ("not_equivalent", "equivalent")),
        ("stsb", "hub", ()),
    ],
)
def test_each_source_numbers_the_classes_in_its_order(name, source, order):
    assert label_order(name, source) == order


@pytest.mark.parametrize("name", ["mnli", "qnli", "rte"])
def test_where_the_files_hold_names_they_have_no_order(name):
    with pytest.raises(ValueError, match="hold the names of the classes"):
        label_order(name, "files")


@pytest.mark.parametrize("name", [name for name in (*GLUE_TASKS, "ax") if name not in IN_BERT])
def test_berts_code_has_an_order_for_its_own_tasks_alone(name):
    with pytest.raises(ValueError, match=f"BERT's code has no {glue_task(name).short_name}.* CoLA, MNLI, MRPC"):
        label_order(name, "bert")


def test_the_sources_of_a_task_are_those_that_tell_its_order():
    for name in (*GLUE_TASKS, "ax"):
        for source in SOURCES:
            if source in sources_of(name):
                label_order(name, source)
            else:
                with pytest.raises(ValueError, match=r"hold the names|has no"):
                    label_order(name, source)


@given(
    st.sampled_from(
        [(name, one) for name, task in GLUE_TASKS.items() if task.classes for one in sources_of(name) if one != "files"]
    ),
    st.lists(st.integers(-1, 1)),
)
def test_renumbered_labels_mean_the_same_and_come_back(case, labels):
    name, source = case
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
