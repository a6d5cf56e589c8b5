"""One pair under three losses: numbers by the losses of `course.dpo`, and where their curves have a mark."""

import math

import pytest
import torch

from course.viz import LogRatioExplorer
from course.viz.dpo.loss_reading import PairState, read_pair
from course.viz.kit.traits import StateError
from tests.support.drawn import overlapping

STATES = [(0.0, 0.0, 0.1), (3.0, -2.0, 0.5), (-4.0, 6.5, 1.0), (20.0, -20.0, 0.01)]
REFERENCE, LENGTHS = (-60.0, -50.0), (20, 16)


def losses(chosen, rejected, beta, simpo_beta=2.0, simpo_margin=0.5):
    """The three formulas, written a second time."""
    margin = chosen - rejected
    means = [(base + ratio) / n for base, ratio, n in zip(REFERENCE, (chosen, rejected), LENGTHS, strict=True)]
    return {
        "DPO": math.log1p(math.exp(-beta * margin)),
        "IPO": (margin - 1 / (2 * beta)) ** 2,
        "SimPO": math.log1p(math.exp(-simpo_beta * (means[0] - means[1]) + simpo_margin)),
    }


@pytest.mark.parametrize(("chosen", "rejected", "beta"), STATES)
def test_losses_and_slopes_are_those_of_the_formulas(chosen, rejected, beta):
    reading = read_pair(PairState(chosen, rejected, REFERENCE, LENGTHS), beta, 2.0, 0.5)
    step = 1e-5
    ahead, behind = (losses(chosen + by, rejected, beta) for by in (step, -step))
    for loss in reading.losses:
        assert loss.loss == pytest.approx(losses(chosen, rejected, beta)[loss.name], abs=1e-9)
        slope = (ahead[loss.name] - behind[loss.name]) / (2 * step)
        assert loss.slope == pytest.approx(slope, rel=1e-5, abs=1e-7)
        for margin, y in loss.curve:
            assert y == pytest.approx(losses(rejected + margin, rejected, beta)[loss.name], abs=1e-8)
    assert reading.weight == pytest.approx(1 / (1 + math.exp(beta * (chosen - rejected))))
    assert reading.losses[0].slope == pytest.approx(-beta * reading.weight)


@pytest.mark.parametrize("beta", [0.05, 0.1, 1.0])
def test_ipo_is_lowest_at_its_margin_and_the_others_have_no_minimum(beta):
    dpo, ipo, simpo = read_pair(PairState(1.0, -1.0, REFERENCE, LENGTHS), beta, 2.0, 0.5).losses
    assert ipo.minimum == 1 / (2 * beta)
    at = read_pair(PairState(ipo.minimum, 0.0, REFERENCE, LENGTHS), beta, 2.0, 0.5).losses[1]
    assert at.loss == pytest.approx(0, abs=1e-12) and at.slope == pytest.approx(0, abs=1e-9)
    assert dpo.minimum is simpo.minimum is None
    for loss in (dpo, simpo):
        heights = [y for _x, y in loss.curve]
        assert heights == sorted(heights, reverse=True)


def test_simpo_is_ln_2_at_its_mark():
    state = PairState(1.0, -3.0, REFERENCE, LENGTHS)
    even = read_pair(state, 0.1, 2.5, 1.0).losses[2].even
    moved = read_pair(state._replace(chosen=state.rejected + even), 0.1, 2.5, 1.0)
    assert moved.losses[2].loss == pytest.approx(math.log(2))
    assert moved.mean_difference == pytest.approx(1.0 / 2.5)


def test_it_begins_where_the_policy_is_the_reference():
    widget = LogRatioExplorer(chosen=0, rejected=0)
    said = widget.in_words()
    assert "= σ(0.00) = 50.0%" in said and "DPO: loss 0.693, gradient by the chosen log-ratio −0.050." in said


def test_what_is_said_follows_the_state():
    widget = LogRatioExplorer(beta=0.5)
    assert "Lowest at the margin 1 / (2β) = 1.0." in widget.in_words()
    widget.chosen, widget.rejected = -5.0, 5.0
    assert "Margin −10.0 nats: chosen −5.0, rejected +5.0." in widget.in_words()
    assert "= σ(5.00) = 99.3%" in widget.in_words()
    assert "99.3%" in widget._heading.value and "Margin −10.0" in widget._heading.value
    assert widget._panels.value.count("<svg") == 3 and "ln 2" in widget._numbers.value


@pytest.mark.parametrize("beta", [0.01, 0.1, 1.0])
@pytest.mark.parametrize(("chosen", "rejected"), [(20.0, -20.0), (-20.0, 20.0), (0.0, 0.0)])
def test_points_and_marks_are_inside_the_charts(chosen, rejected, beta):
    widget = LogRatioExplorer(chosen=chosen, rejected=rejected, beta=beta)
    assert widget.error == ""
    for chart in widget._charts():
        (low, high), (bottom, top) = chart.xlim, chart.ylim
        x, y = chart.point
        assert low <= x <= high and bottom <= y <= top
        assert all(low <= stop <= high for stop in chart.stops)
        assert all(y <= top for line in chart.lines for _x, y in line.points)
    assert overlapping(widget.picture()) == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"lengths": (0, 3)}, "lengths"),
        ({"reference": (1.0, -3.0)}, "a log-probability is a finite number of 0 or less"),
        ({"reference": (-math.inf, -3.0)}, "a log-probability is a finite number of 0 or less"),
        ({"simpo_beta": 0.0}, "simpo_beta"),
        ({"simpo_margin": -1.0}, "simpo_margin"),
        ({"beta": 0.0}, "beta is 0.0; it must be a number from 0.01 to 1.0"),
        ({"chosen": 21}, "chosen is 21; it must be a number from -20.0 to 20.0"),
    ],
)
def test_numbers_out_of_range_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        LogRatioExplorer(**wrong)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"lengths": (1,)}, r"lengths is \(1,\); give two numbers"),
        ({"lengths": 5}, "lengths is 5; give two numbers"),
        ({"lengths": None}, "lengths is None; give two numbers"),
        ({"lengths": (4, 5, 6)}, "give two numbers"),
        ({"lengths": (4, 2.5)}, "lengths is 2.5; it must be a whole number"),
        ({"reference": (-5,)}, r"reference is \(-5,\); give two numbers"),
        ({"reference": -5}, "reference is -5; give two numbers"),
        ({"reference": torch.tensor(-5.0)}, "give two numbers"),
        ({"reference": (-5, None)}, "reference has None; a log-probability is a finite number of 0 or less"),
        ({"reference": ("a", -5)}, "reference has 'a'; a log-probability is a finite number"),
        ({"reference": (math.nan, -5)}, "reference has nan; a log-probability is a finite number"),
    ],
)
def test_what_is_no_pair_of_numbers_is_named(wrong, message):
    with pytest.raises(ValueError, match=message) as caught:
        LogRatioExplorer(**wrong)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["chosen", "rejected"])
def test_no_answer_has_a_log_probability_above_0(name):
    message = f"{name} is 5.5; it must be 5.0 or less, where the answer's log-probability is 0"
    with pytest.raises(ValueError, match=message):
        LogRatioExplorer(**{"reference": (-5, -5), name: 5.5})
    widget = LogRatioExplorer(reference=(-5, -5))
    with pytest.raises(StateError, match=message):
        setattr(widget, name, 5.5)
    setattr(widget, name, 5.0)
    assert getattr(widget, name) == 5.0 and widget.error == ""


def test_the_sliders_end_where_a_log_probability_is_0():
    def ends(**state):
        sliders = LogRatioExplorer(**state).children[0].children
        return [(slider.min, slider.max) for slider in sliders[:2]]

    assert ends() == [(-20.0, 20.0)] * 2
    assert ends(chosen=0, rejected=0, reference=(-5, 0)) == [(-20.0, 5.0), (-20.0, 0.0)]


def test_a_curve_ends_where_the_chosen_answer_is_certain():
    reading = read_pair(PairState(1.0, -3.0, (-5.0, -5.0), (2, 2)), 0.1, 2.0, 0.5)
    for loss in reading.losses:
        last, _height = loss.curve[-1]
        assert -5.0 + (-3.0 + last) == 0
    assert LogRatioExplorer(rejected=-3.0, reference=(-5.0, -5.0)).error == ""
