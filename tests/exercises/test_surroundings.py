"""What a learner's function changes around it is put back, and what it prints is kept short."""

import os
import random
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from course.exercises.checking import judge
from course.exercises.registry import find
from course.exercises.surroundings import MOST_PRINTED

EXERCISE = find("tokenization.count_pairs")


def state():
    return {
        "random": random.getstate(),
        "NumPy's random": np.random.get_state()[1].tolist(),
        "PyTorch's random": torch.get_rng_state().tolist(),
        "gradients": torch.is_grad_enabled(),
        "number type": torch.get_default_dtype(),
        "device": (torch.get_default_device(), torch._C._len_torch_function_stack()),
        "NumPy's errors": np.geterr(),
        "recursion": sys.getrecursionlimit(),
        "folder": str(Path.cwd()),
        "environment": dict(os.environ),
        "signals": [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)],
        "streams": (sys.stdout, sys.stderr),
    }


CHANGES = {
    "random": lambda: random.seed(1),
    "NumPy's random": lambda: np.random.seed(1),
    "PyTorch's random": lambda: torch.manual_seed(1),
    "gradients": lambda: torch.set_grad_enabled(False),
    "number type": lambda: torch.set_default_dtype(torch.float64),
    "device": lambda: torch.set_default_device("meta"),
    "NumPy's errors": lambda: np.seterr(all="raise"),
    "recursion": lambda: sys.setrecursionlimit(5_000),
    "folder": lambda: os.chdir("/"),
    "environment": lambda: os.environ.update(COURSE_TEST="1"),
    "signals": lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN),
    "streams": lambda: setattr(sys, "stdout", None),
}


@pytest.mark.parametrize("ends", ["answers", "raises", "never"])
@pytest.mark.parametrize("name", CHANGES)
def test_what_is_changed_is_put_back(name, ends):
    changed = []

    def function(words):
        before = state()[name]
        CHANGES[name]()
        changed.append(state()[name] != before)
        while ends == "never":
            pass
        return EXERCISE.solution(words) if ends == "answers" else 1 / 0

    before, drawn = state(), random.Random(1).getstate()
    judge(EXERCISE, function, seconds=0.02 if ends == "never" else 5.0)
    assert changed[0], "the function does change it"
    after = state()
    assert after.pop("random") != drawn  # the type checks of the tests draw numbers, so it is not as before
    assert after == {name: value for name, value in before.items() if name != "random"}


def test_what_is_printed_is_shown_once_for_the_input_that_is_shown(capsys):
    def talks(words):
        print(f"I have {len(words)} words")
        return {}

    card = repr(judge(EXERCISE, talks))
    assert card.count("I have") == 1
    assert "  Printed: I have 2 words" in card.splitlines()
    assert "I have 2 words" in judge(EXERCISE, talks)._repr_html_()
    assert capsys.readouterr() == ("", "")


def test_what_a_right_function_prints_is_shown_for_the_first_input(capsys):
    def talks(words):
        print("looking at", len(words))
        return EXERCISE.solution(words)

    result = judge(EXERCISE, talks)
    assert result.passed
    assert repr(result).count("looking at") == 1
    assert capsys.readouterr() == ("", "")


def test_prints_without_end_fill_nothing(capsys):
    def talks(words):
        while True:
            print("again and again")
            print("and again", file=sys.stderr)

    result = judge(EXERCISE, talks, seconds=0.05)
    assert result.source == "time"
    assert len(repr(result)) < MOST_PRINTED + 1_000
    assert capsys.readouterr() == ("", "")
