"""A constant guess tells the order of classes from a validation set, and admits where it does not."""

import numpy as np
import pytest

from course.data import GLUE_TASKS, HiddenLabelsError, label_order
from course.data.glue_tasks import renumbered, sources_of
from course.evaluation.glue import constant_guess
from course.evaluation.glue.constant_guess import VALIDATION_COUNTS

SETS = [(name, part) for name, sets in VALIDATION_COUNTS.items() for part in range(len(sets))]
NUMBERED = [(*one, source) for one in SETS for source in sources_of(one[0])]


def labels_of(name, part=0):
    return [label for label, n in enumerate(VALIDATION_COUNTS[name][part]) for _repeat in range(n)]


@pytest.mark.parametrize(("name", "part", "source"), NUMBERED)
def test_a_whole_validation_set_tells_its_order(name, part, source):
    labels = renumbered(name, labels_of(name, part), "hub", source)
    found = constant_guess(name, labels)
    assert found.told == [label_order(name, source)]
    assert source in found.sources[label_order(name, source)]
    assert found.accuracy == {one: labels.count(one) / len(labels) for one in range(len(found.accuracy))}


def test_the_counts_fill_the_validation_sets():
    for name, part in SETS:
        sizes = [n for split, n in GLUE_TASKS[name].sizes.items() if split.startswith("validation")]
        assert sum(VALIDATION_COUNTS[name][part]) == sizes[part]


def test_a_source_without_the_task_is_not_named():
    named = {
        name: {one for sources in constant_guess(name, [0, 1]).sources.values() for one in sources}
        for name in ("rte", "mrpc")
    }
    assert named == {"rte": {"hub", "baselines"}, "mrpc": {"hub", "files", "baselines", "bert"}}


def test_a_constant_guess_is_as_good_as_reported():
    assert constant_guess("rte", labels_of("rte")).accuracy[0] == pytest.approx(0.5271, abs=5e-5)
    assert constant_guess("qnli", labels_of("qnli")).accuracy[1] == pytest.approx(0.5054, abs=5e-5)


def test_a_large_part_tells_and_a_small_one_does_not():
    rng = np.random.default_rng(0)
    labels = renumbered("mnli", labels_of("mnli"), "hub", "bert")
    assert constant_guess("mnli", rng.choice(labels, 8_000, replace=False)).told == [label_order("mnli", "bert")]
    assert len(constant_guess("mnli", rng.choice(labels, 100, replace=False)).told) == 3


def test_labels_that_no_order_explains_tell_nothing():
    assert constant_guess("rte", [0] * 1249 + [1] * 1241).told == []  # more than the validation set has


def test_where_all_sources_agree_there_is_one_order():
    found = constant_guess("wnli", [0, 1, 1])
    assert found.told == [("not_entailment", "entailment")]
    assert found.sources == {("not_entailment", "entailment"): ("hub", "files", "baselines")}


@pytest.mark.parametrize(
    ("name", "labels", "error", "says"),
    [
        ("rte", [0, -1], HiddenLabelsError, "are hidden"),
        ("rte", [0, 2], ValueError, "RTE has no class 2"),
        ("rte", [], ValueError, "no items"),
        ("stsb", [1], ValueError, "STS-B has scores"),
    ],
)
def test_labels_without_an_order_are_refused(name, labels, error, says):
    with pytest.raises(error, match=says):
        constant_guess(name, labels)
