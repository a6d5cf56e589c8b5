"""The power figure: its lines are the course's powers, and its title the numbers of items."""

import pytest

from course.intervals import TwoModels, items_needed, power_of
from course.viz.evaluation.power_figure import power_figure
from tests.support.drawn import overlapping


def test_its_lines_are_the_powers():
    figure = power_figure(0.8, 0.03, 0.1, n_items=(100, 1_000))
    models = TwoModels(0.8, 0.03, 0.1)
    for trace, paired in zip(figure.live.data, (True, False), strict=True):
        assert list(trace.y) == pytest.approx([power_of(models, n, paired=paired) for n in (100, 1_000)], abs=1e-3)
    paired, unpaired = (items_needed(models, paired=one) for one in (True, False))
    assert f"3 points take {paired:,} items paired, {unpaired:,} each unpaired" in figure.description
    assert paired < unpaired and len(figure.description) <= 600 and overlapping(figure.picture) == []


def test_impossible_models_are_refused():
    with pytest.raises(ValueError, match="more than the discordance"):
        power_figure(0.8, 0.2, 0.1)
    with pytest.raises(ValueError, match="The difference is 0"):
        power_figure(0.8, 0.0, 0.1)
