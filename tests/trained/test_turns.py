"""Sides that are timed in turns: the first turn warms up, and a ratio is of one turn."""

import pytest

from experiments.turns import in_turns, times


def test_each_side_has_its_time_of_each_turn_but_the_first():
    called = []

    def side(name, seconds):
        def measure():
            called.append(name)
            return next(seconds)

        return measure

    taken = in_turns({"slow": side("slow", iter([9.0, 4.0, 6.0])), "fast": side("fast", iter([9.0, 2.0, 2.0]))}, 2)
    assert called == ["slow", "fast"] * 3
    assert taken == {"slow": [4.0, 6.0], "fast": [2.0, 2.0]}
    found = times(taken["slow"], taken["fast"])
    assert found["mean"] == pytest.approx(2.5) and found["low"] < 2 < 3 < found["high"] and found["of"] == "2 turns"
