"""PPO's objective of one token: what is shown is the formula, flat on one side alone, and the gradient follows it."""

import math

import pytest

from course.viz import ClipExplorer
from course.viz.rlhf.clip_reading import read_clip

STEP = 1e-6
GRID = [
    (a, ratio, clip) for a in (-2.0, -0.7, 0.4, 1.0) for ratio in (0.05, 0.77, 1.0, 1.31, 2.0) for clip in (0.1, 0.25)
]


def objective(advantage, ratio, clip):
    """The formula, written a second time."""
    return min(ratio * advantage, min(max(ratio, 1 - clip), 1 + clip) * advantage)


@pytest.mark.parametrize(("advantage", "ratio", "clip"), GRID)
def test_objective_and_gradient_are_those_of_the_formula(advantage, ratio, clip):
    reading = read_clip(advantage, ratio, clip)
    assert reading.objective == pytest.approx(objective(advantage, ratio, clip), abs=1e-12)
    ahead, behind = (objective(advantage, ratio + step, clip) for step in (STEP, -STEP))
    assert reading.gradient == pytest.approx((ahead - behind) / (2 * STEP), abs=1e-6)
    assert reading.gradient in (pytest.approx(advantage), 0)
    assert reading.is_flat == (reading.gradient == 0)
    assert all(y == pytest.approx(objective(advantage, x, clip), abs=1e-12) for x, y in reading.curve)


def test_the_flat_side_is_above_for_good_tokens_and_below_for_bad_ones():
    flat = {(a, ratio): read_clip(a, ratio, 0.2).is_flat for a in (1.0, -1.0) for ratio in (0.5, 1.5)}
    assert flat == {(1.0, 0.5): False, (1.0, 1.5): True, (-1.0, 0.5): True, (-1.0, 1.5): False}
    assert read_clip(1.0, 1.0, 0.2).flat_from == pytest.approx(1.2)
    assert read_clip(-1.0, 1.0, 0.2).flat_from == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("advantage", "ratio", "words"),
    [
        (
            1.0,
            1.5,
            "Flat: the gradient is 0. The token is already 1.50 times as probable as before",
        ),
        (-1.0, 0.5, "Flat: the gradient is 0. The token's probability has already fallen to 0.50 times its old value"),
        (1.0, 0.5, "Not flat: the gradient is A = 1.0. A good token has become less probable: the full gradient"),
        (-1.0, 1.5, "Not flat: the gradient is A = −1.0. A bad token has become more probable: the full gradient"),
        (1.0, 1.0, "Not flat: the gradient is A = 1.0. A step makes the token more probable."),
        (-1.5, 1.0, "Not flat: the gradient is A = −1.5. A step makes the token less probable."),
        (0.0, 1.5, "A is 0: the gradient is 0 everywhere. The token was as good as expected"),
        (1.0, 1.2, "At the corner: the gradient is A = 1.0 on one side and 0 on the other."),
        (-1.0, 0.8, "At the corner: the gradient is A = −1.0 on one side and 0 on the other."),
    ],
)
def test_the_gradient_is_told_in_words(advantage, ratio, words):
    widget = ClipExplorer(advantage=advantage, ratio=ratio)
    said = widget.in_words().splitlines()[1]
    assert said.startswith(words)
    assert words.split(".")[0] in widget._heading.value
    assert words.split(".")[0] in widget._picture.value, "a screen reader hears it of the chart"


def test_another_state_is_another_picture():
    widget = ClipExplorer()
    seen = {widget._picture.value}
    for name, value in (("advantage", -1.0), ("ratio", 0.9), ("clip", 0.4), ("advantage", 2.0)):
        setattr(widget, name, value)
        assert widget.error == ""
        seen.add(widget._picture.value)
    assert len(seen) == 5


def test_the_corner_at_the_lower_end_of_every_slider_is_drawn():
    for advantage in (-2.0, 0.0, 2.0):
        widget = ClipExplorer(advantage=advantage, ratio=0.05, clip=0.5)
        assert math.isfinite(widget.reading.gradient) and widget.figure() and widget.error == ""
