"""A budget along the frontiers: the slider, what is typed, the count, and the runs that are left out."""

import re

import numpy as np
import pytest

from course.viz import ScalingFrontier
from course.viz.scaling.frontier_drawing import HIGH_C, HIGH_N, LOW_C, LOW_N
from course.viz.scaling.own_laws import own_laws, published_best
from tests.support.drawn import overlapping
from tests.support.scaling_runs import scaling_runs, sweep
from tests.support.speed import Pace
from tests.support.widgets import scaling_frontier


def width(widget):
    low, high = widget.laws.exponents
    return high - low


def test_a_row_for_each_law_with_its_numbers():
    widget = scaling_frontier(log_flops=20.0)
    names = ["the course, law", "the course, parabolas", "Kaplan 2020", "Hoffmann 2022", "Besiroglu 2024"]
    assert list(widget.rows) == names
    assert widget.rows["Hoffmann 2022"] == published_best("hoffmann", 1e20)
    assert widget.rows["the course, law"] == widget.laws.best(1e20)
    assert widget._table.value.count("<tr>") == 6
    for name, row in widget.rows.items():
        assert f'<th scope="row">{name}</th>' in widget._table.value
        assert f"a = {row.exponent:.2f}" in repr(widget)


def test_the_slider_walks_along_every_frontier():
    widget = scaling_frontier(log_flops=12.0)
    before = dict(widget.rows)
    widget.log_flops = 18.0
    assert widget.flops == 1e18
    assert all(widget.rows[name].parameters > row.parameters for name, row in before.items())
    assert "1.0 × 10¹⁸ FLOPs" in widget._heading.value


def test_what_is_typed_moves_the_slider_and_the_slider_empties_the_box():
    widget = scaling_frontier(log_flops=12.0)
    widget.own = "3e18"
    assert (widget.flops, widget.log_flops, widget.own) == (3e18, 18.5, "3e18")
    widget.log_flops = 15.0
    assert (widget.flops, widget.own, widget.error) == (1e15, "", "")
    widget.own = "2 hours"
    assert widget.flops == pytest.approx(7200 * 2e10), "what the runs did in a second"
    assert "2.0 h at 2.0 × 10¹⁰ FLOP/s" in widget._heading.value
    widget.own = ""
    assert widget.flops == 10**widget.log_flops


def test_hours_are_those_of_the_machine_that_is_given():
    widget = ScalingFrontier(scaling_runs(), flops_per_second=1e12, own="1 h")
    assert widget.flops == 3.6e15
    with pytest.raises(ValueError, match="flops_per_second"):
        ScalingFrontier(scaling_runs(), flops_per_second=0)


@pytest.mark.parametrize("text", ["0", "-5", "1e400", "삼", "3e18 cats", "x" * 10_000])
def test_a_budget_that_is_none_is_named_and_the_last_picture_stays(text):
    widget = scaling_frontier()
    before = widget.in_words()
    widget.own = text
    assert widget.error and widget.in_words() == before
    widget.log_flops = 15.0
    assert widget.error == "" and widget.own == ""


def test_the_count_turns_the_course_line_and_no_other():
    widget = scaling_frontier(log_flops=20.0)
    before = dict(widget.rows)
    widget.counting = "body"
    assert widget.rows["the course, law"].exponent > before["the course, law"].exponent
    assert all(widget.rows[name] == row for name, row in before.items() if not name.startswith("the course"))
    assert "parameters of the blocks and norms" in repr(widget) and "all parameters" not in repr(widget)


def test_leaving_a_run_out_widens_the_band_of_the_course():
    widget = ScalingFrontier(sweep())
    before, all_runs = width(widget), widget.laws
    widget.left_out = "2x16-5e11 2x16-2.5e11"
    assert width(widget) > 1.5 * before
    assert widget.left_out == "2x16-2.5e11 2x16-5e11", "in the order of the runs"
    assert widget._all_runs["all"] is all_runs and len(widget._scene.left_out) == 2
    (low, high), (least, most) = widget._scene.band, widget._scene.before
    assert high[-1] - low[-1] > most[-1] - least[-1], "the drawn band, at its widest"
    assert f"{before:.2f} wide" in repr(widget), "what it was with all runs"
    widget.left_out = ""
    assert width(widget) == before


def test_an_unticked_run_is_left_out_and_ticked_again_is_back():
    widget = scaling_frontier()
    name = next(iter(widget._ticks))
    widget._ticks[name].value = False
    assert widget.left_out == name and len(widget.laws.size) == 11
    assert "fitted to 11 of 12 runs" in widget._counted.value
    widget._ticks[name].value = True
    assert widget.left_out == "" and len(widget.laws.size) == 12


def test_several_runs_left_out_from_python_are_all_left_out():
    widget = scaling_frontier()
    names = list(widget._ticks)[2:6]
    widget.left_out = ", ".join(names)
    assert widget.left_out.split() == names
    assert [name for name, tick in widget._ticks.items() if not tick.value] == names
    assert len(widget.laws.size) == 8


def test_a_run_that_is_not_there_is_refused_by_name():
    widget = scaling_frontier()
    with pytest.raises(ValueError, match="There is no run 'b-2'"):
        widget.left_out = "b-2"
    assert widget.left_out == ""


def test_too_few_runs_are_an_error_over_the_last_picture():
    widget = scaling_frontier()
    names = list(widget._ticks)
    before = widget.in_words()
    widget.left_out = " ".join(names[:8])
    assert "do not determine five numbers" in widget.error and widget.in_words() == before
    widget.left_out = ""
    assert widget.error == ""


def test_a_refitted_law_is_that_of_the_runs_that_are_left():
    widget = scaling_frontier()
    name = list(widget._ticks)[3]
    widget.left_out = name
    used = [one for one in scaling_runs(0.01) if one["model"] != name]
    assert widget.laws.exponents == pytest.approx(own_laws(used).exponents, abs=1e-3)


def test_the_drawing_has_every_law_every_run_and_its_words():
    widget = scaling_frontier(log_flops=20.0)
    drawing = widget._chart.value
    assert drawing.count("<polyline") == 5 and drawing.count('class="lm-run"') == 12 and drawing.count('r="4"') == 5
    assert 'role="img"' in drawing and "A budget of 1.0 × 10²⁰ FLOPs" in drawing
    assert all(name in drawing for name in widget.rows)
    assert not re.search(r"nan|inf", drawing)
    widget.left_out = next(iter(widget._ticks))
    drawing = widget._chart.value
    assert drawing.count('class="lm-left-out"') == 1 and drawing.count('class="lm-run"') == 11
    assert drawing.count('data-look="faint"') == 2, "the edges of the band of all runs"


def test_names_at_the_ends_of_lines_are_a_line_apart():
    drawing = scaling_frontier()._chart.value
    heights = sorted(float(re.search(rf'y="([\d.]+)">{name}<', drawing)[1]) for name in scaling_frontier().rows)
    assert len(heights) == 5 and min(np.diff(heights)) >= 14.9


@pytest.mark.parametrize("log_flops", [11.0, 18.0, 26.0])
def test_no_text_is_on_another(log_flops):
    assert overlapping(scaling_frontier(log_flops=log_flops).picture()) == []


@pytest.mark.timed
def test_every_control_answers_within_300_milliseconds(record_property):
    pace, times = Pace(), {}
    for run in range(3):
        widget = ScalingFrontier(sweep())
        for name, value in {
            "log_flops": 20.0,
            "counting": "body",
            "left_out": list(widget._ticks)[run],
            "own": "2 h",
        }.items():
            setattr(widget, name, value)
            times.setdefault(name, []).append(widget.latency_ms)
    slow_by = pace.ended()
    best = {name: min(each) for name, each in times.items()}
    record_property("timed", f"{best}; the machine is {slow_by:.2f} times as slow as two quiet cores")
    assert max(best.values()) < 300 * slow_by, best


def test_runs_with_several_seeds_have_a_box_each():
    records = [one | {"seed": seed} for seed in (0, 1) for one in scaling_runs(0.01)]
    widget = ScalingFrontier(records)
    assert len(widget._ticks) == 24
    widget.left_out = "a-1e+11-1"
    assert len(widget.laws.size) == 23 and widget.error == ""
    assert widget.rows["the course, parabolas"].parameters > 0


@pytest.mark.parametrize("counting", ["all", "without_lookup", "body"])
def test_every_run_of_the_course_is_inside_the_chart(counting):
    widget = ScalingFrontier(sweep(), counting=counting)
    flops, sizes = np.array(widget._scene.used).T
    assert flops.min() > LOW_C and flops.max() < HIGH_C and sizes.min() > LOW_N and sizes.max() < HIGH_N


def test_a_state_that_is_none_is_named_with_those_that_are():
    with pytest.raises(ValueError, match=r"no state 'log_flop'\. It has: counting, left_out, log_flops, own"):
        scaling_frontier(log_flop=12.0)


def test_five_runs_have_no_band():
    widget = scaling_frontier()
    widget.left_out = " ".join(widget._names[5:])
    assert "a bootstrap needs at least 6" in widget.error
    widget.left_out = ""
    assert widget.error == "" and width(widget) > 0
