"""Scores of the five tasks from their records."""

import pytest

from course.tasks.language_tasks import MEASURES, results

TASKS = tuple(MEASURES)


@pytest.mark.parametrize("task", TASKS)
def test_scores_and_differences(task):
    for measure in MEASURES[task]:
        found = results.scores(task, measure)
        assert set(found) == {"trivial", "simple", "model", *results.WORDINGS}
        for one in found.values():
            assert one.low <= one.estimate <= one.high
        apart = results.difference(task, "model", "trivial", measure)
        assert apart.estimate == pytest.approx(found["model"].estimate - found["trivial"].estimate)
        low, high = results.spread(task, measure)
        assert low <= found["prompt-1"].estimate <= high
    assert (found["model"] == found["prompt-0"]) == (task in results.PROMPTED)


def test_what_is_not_there():
    with pytest.raises(ValueError, match=r"no task 'poetry'\. There are: classification"):
        results.scores("poetry")
    with pytest.raises(ValueError, match=r"'names' has no measure 'BLEU'\. It has: span F1"):
        results.scores("names", "BLEU")
    with pytest.raises(ValueError, match=r"no system 'best'\. There are: trivial"):
        results.difference("names", "best", "trivial")
