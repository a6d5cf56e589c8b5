"""GLUE's metrics equal scikit-learn's and SciPy's, put together as huggingface/evaluate does; what is refused."""

import warnings

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course.data import GLUE_TASKS, HiddenLabelsError
from course.evaluation import UndefinedScoreWarning
from course.evaluation.glue import METRICS, glue_metrics

CLASSES = [name for name, task in GLUE_TASKS.items() if task.classes]


def theirs(name, true, predicted):
    """The official metrics by the libraries, in the order in which ours come."""
    if name == "cola":
        return [sklearn.metrics.matthews_corrcoef(true, predicted)]
    if name == "stsb":
        return [scipy.stats.pearsonr(predicted, true)[0], scipy.stats.spearmanr(predicted, true)[0]]
    accuracy = (np.asarray(true) == np.asarray(predicted)).mean()
    f1 = [sklearn.metrics.f1_score(true, predicted, zero_division=0)] if name in ("mrpc", "qqp") else []
    return [accuracy, *f1]


@pytest.mark.parametrize("name", CLASSES)
@settings(max_examples=25)
@given(st.data())
def test_classes_are_measured_as_by_the_libraries(name, data):
    one = st.integers(0, len(GLUE_TASKS[name].classes) - 1)
    true, predicted = zip(*data.draw(st.lists(st.tuples(one, one), min_size=1, max_size=30)), strict=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndefinedScoreWarning)
        ours = glue_metrics(name, true, predicted)
    assert list(ours.values()) == pytest.approx(theirs(name, true, predicted), abs=1e-12)


@pytest.mark.parametrize("ties", [False, True])
def test_scores_are_measured_as_by_scipy_after_clipping(ties):
    rng = np.random.default_rng(0)
    for n in (2, 3, 10, 300):
        true = rng.uniform(0, 5, n)
        predicted = true + rng.normal(0, 2, n)
        if ties:
            true, predicted = true.round(), predicted.round()
        true[:2], predicted[:2] = (0, 5), (1, 4)
        ours = glue_metrics("stsb", true, predicted)
        assert list(ours.values()) == pytest.approx(theirs("stsb", true, np.clip(predicted, 0, 5)), abs=1e-12)
    assert list(ours.values()) != pytest.approx(theirs("stsb", true, predicted), abs=1e-12)  # some were out of range


def test_each_task_has_its_official_metrics():
    assert {name: list(metrics) for name, metrics in METRICS.items()} == {
        "cola": ["Matthews"],
        "sst2": ["accuracy"],
        "mrpc": ["accuracy", "F1"],
        "stsb": ["Pearson", "Spearman"],
        "qqp": ["accuracy", "F1"],
        "mnli": ["accuracy"],
        "qnli": ["accuracy"],
        "rte": ["accuracy"],
        "wnli": ["accuracy"],
    }


def test_f1_is_that_of_class_1():
    assert glue_metrics("mrpc", [0, 0, 0, 1], [0, 0, 1, 1]) == pytest.approx({"accuracy": 0.75, "F1": 2 / 3})


def test_constant_predictions():
    with pytest.warns(UndefinedScoreWarning):
        assert glue_metrics("cola", [0, 1, 1], [1, 1, 1]) == {"Matthews": 0.0}
    with pytest.warns(UndefinedScoreWarning):
        assert all(np.isnan(one) for one in glue_metrics("stsb", [0, 1, 2], [6, 7, 9]).values())  # all clipped to 5
    assert glue_metrics("mrpc", [0, 1, 1], [1, 1, 1]) == pytest.approx({"accuracy": 2 / 3, "F1": 0.8})


@pytest.mark.parametrize("kind", [np.array, torch.tensor, tuple])
def test_arrays_tensors_and_tuples_are_taken(kind):
    assert glue_metrics("rte", kind([0, 1]), kind([0, 0])) == {"accuracy": 0.5}
    assert glue_metrics("stsb", kind([0.0, 1.0, 2.0]), kind([0.0, 2.0, 4.0]))["Pearson"] == pytest.approx(1)


@pytest.mark.parametrize(
    ("name", "true", "predicted", "error", "says"),
    [
        ("rte", [-1, -1], [0, 1], HiddenLabelsError, "are hidden"),
        ("rte", [None, 0], [0, 1], HiddenLabelsError, "are hidden"),
        ("stsb", [-1.0, 2.0], [0, 1], HiddenLabelsError, "are hidden"),
        ("rte", [0, 1], [0, 2], ValueError, "2 is none of the classes 0, 1"),
        ("cola", [0, 1], [0, -1], ValueError, "-1 is none of the classes"),
        ("cola", [0, 2], [0, 1], ValueError, "2 is none of the classes"),
        ("mnli", [0, 1], [0, 3], ValueError, "3 is none of the classes 0, 1, 2"),
        ("rte", [0, 1], [0], ValueError, "2 items and 1 predictions"),
        ("stsb", [0, 1], [0], ValueError, "2 items and 1 predictions"),
        ("rte", [], [], ValueError, "no items"),
        ("stsb", [], [], ValueError, "0 items"),
        ("stsb", [0, 1], [0, float("nan")], ValueError, "Score 1 is nan"),
        ("stsb", [0, 1], [0, float("inf")], ValueError, "Score 1 is inf"),
        ("stsb", [0, 1], [0, "3"], ValueError, "Score 1 is '3'"),
        ("stsb", [0, 1], [None, 1], ValueError, "Score 0 is None"),
        ("ax", [0], [0], ValueError, "no score"),
        ("snli", [0], [0], ValueError, "no GLUE task"),
    ],
)
def test_what_cannot_be_judged_is_refused(name, true, predicted, error, says):
    with pytest.raises(error, match=says):
        glue_metrics(name, true, predicted)
