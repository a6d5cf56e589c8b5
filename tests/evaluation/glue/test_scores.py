"""The score of a task, and that of GLUE: which means it is made of, and what it is not made of."""

import pytest

from course.data import GLUE_TASKS, HiddenLabelsError, glue_set
from course.data.glue import GlueSet
from course.evaluation.glue import METRICS, TaskScore, glue_score, mean_of_tasks, score_task
from tests.support.glue_files import made_items, write_tsv

# BERT-large on the test sets, as the leaderboard had it. The abstract of Devlin et al. 2019 gives its score as 80.5.
BERT_LARGE = {
    "cola": [{"Matthews": 60.5}],
    "sst2": [{"accuracy": 94.9}],
    "mrpc": [{"F1": 89.3, "accuracy": 85.4}],
    "stsb": [{"Pearson": 87.6, "Spearman": 86.5}],
    "qqp": [{"F1": 72.1, "accuracy": 89.3}],
    "mnli": [{"accuracy": 86.7}, {"accuracy": 85.9}],
    "qnli": [{"accuracy": 92.7}],
    "rte": [{"accuracy": 70.1}],
    "wnli": [{"accuracy": 65.1}],
}


def ten_scores(value=lambda name, split: 0.5):
    return [
        TaskScore(name, split, n, True, dict.fromkeys(METRICS[name], value(name, split)))
        for name, task in GLUE_TASKS.items()
        for split, n in task.sizes.items()
        if split.startswith("validation")
    ]


def test_the_published_score_of_bert_follows_from_its_metrics():
    tasks = mean_of_tasks(BERT_LARGE)
    assert sum(tasks.values()) / 9 == pytest.approx(80.5, abs=0.05)
    assert (sum(tasks.values()) - tasks["wnli"]) / 8 == pytest.approx(82.45, abs=0.05)  # another score, without WNLI


def test_a_tasks_score_is_the_mean_of_its_metrics():
    assert TaskScore("mrpc", "validation", 408, True, {"accuracy": 0.8, "F1": 0.9}).score == pytest.approx(0.85)
    assert mean_of_tasks(BERT_LARGE)["mnli"] == pytest.approx(86.3)


def test_mnli_counts_once():
    scores = ten_scores(lambda name, split: 1.0 if split.endswith("_matched") else 0.0)
    found = glue_score(scores)
    assert found.tasks["mnli"] == 0.5
    assert found.score == pytest.approx(0.5 / 9)


def test_with_and_without_wnli_are_two_scores_that_say_so():
    scores = ten_scores(lambda name, split: 0.0 if name == "wnli" else 0.9)
    assert str(glue_score(scores)) == "80.0 (GLUE, validation sets, nine tasks)"
    without = glue_score([one for one in scores if one.name != "wnli"], without_wnli=True)
    assert str(without) == "90.0 (GLUE, validation sets, without WNLI)"
    assert (len(without.tasks), without.split) == (8, "validation")


@pytest.mark.parametrize(
    ("change", "options", "says"),
    [
        (lambda scores: scores[1:], {}, "Missing: cola validation; too many: none"),
        (
            lambda scores: [one for one in scores if one.split != "validation_mismatched"],
            {},
            "Missing: mnli .*mismatched",
        ),
        (lambda scores: [*scores, scores[0]], {}, "Missing: none; too many: cola validation"),
        (lambda scores: scores, {"without_wnli": True}, "Missing: none; too many: wnli validation"),
        (lambda scores: [*scores, TaskScore("rte", "train", 2490, True, {"accuracy": 1.0})], {}, "too many: rte train"),
        (
            lambda scores: [*scores[:-1], TaskScore("wnli", "validation", 70, False, {"accuracy": 1.0})],
            {},
            "no score of GLUE: the validation set of WNLI has 70 items here, and 71 as published",
        ),
    ],
)
def test_other_sets_make_no_score_of_glue(change, options, says):
    with pytest.raises(ValueError, match=says):
        glue_score(change(ten_scores()), **options)


def test_other_metrics_make_no_score():
    with pytest.raises(ValueError, match=r"metrics of MRPC are accuracy, F1, and these are accuracy\."):
        mean_of_tasks({"mrpc": [{"accuracy": 0.9}]})


def test_a_set_is_judged_by_its_own_labels(tmp_path):
    task = GLUE_TASKS["rte"]
    write_tsv(tmp_path, task, "validation", made_items(task, "validation", 8))
    items = glue_set("rte", "validation", tmp_path)
    found = score_task(items, [0] * 8)
    assert (found.name, found.split, found.n, found.is_whole, found.metrics) == (
        ("rte", "validation", 8, False, {"accuracy": 0.5})
    )
    whole = GlueSet(task, "validation", made_items(task, "validation", 277), "made up")
    assert score_task(whole, [0] * 277).is_whole


def test_a_test_set_is_not_judged(tmp_path):
    task = GLUE_TASKS["mnli"]
    write_tsv(tmp_path, task, "test_matched", made_items(task, "test_matched", 4))
    with pytest.raises(HiddenLabelsError, match="test_matched set of MNLI are hidden"):
        score_task(glue_set("mnli", "test_matched", tmp_path), [0] * 4)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("predicted", [dict.fromkeys(range(8), 1), set(range(8)), "01010101", 3, None])
def test_predictions_without_an_order_are_refused(predicted):
    items = GlueSet(GLUE_TASKS["rte"], "validation", made_items(GLUE_TASKS["rte"], "validation", 8), "made up")
    with pytest.raises(TypeError, match=f"of the type {type(predicted).__name__}; give a list"):
        score_task(items, predicted)
