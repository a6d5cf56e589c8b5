"""Losses that records keep of their training."""

import pytest

from course.trained import loss_curves as module
from course.trained.loss_curves import loss_curves


@pytest.fixture(autouse=True)
def records(monkeypatch):
    runs = [
        {"norm": "pre", "learning_rate": 0.1, "losses": "2.5 1.25"},
        {"norm": "pre", "learning_rate": 0.2, "losses": "3 2"},
        {"norm": "pre", "learning_rate": 0.1, "losses": "2 1"},
        {"norm": "post", "learning_rate": 0.1, "losses": "4 4"},
    ]
    monkeypatch.setattr(module.records, "results", lambda experiment: runs)


def test_the_runs_of_a_setting_are_rows():
    assert loss_curves("any", norm="pre", learning_rate=0.1).tolist() == [[2.5, 1.25], [2.0, 1.0]]
    assert loss_curves("any", norm="post").tolist() == [[4.0, 4.0]]


def test_a_setting_without_a_run_is_named():
    with pytest.raises(ValueError, match=r"no run of 'any' with norm='post', learning_rate=0\.3"):
        loss_curves("any", norm="post", learning_rate=0.3)


def test_runs_that_kept_no_losses(monkeypatch):
    monkeypatch.setattr(module.records, "results", lambda experiment: [{"norm": "pre"}])
    with pytest.raises(ValueError, match="runs of 'any' have kept no losses"):
        loss_curves("any", norm="pre")
