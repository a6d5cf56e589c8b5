"""The figure of smaller models has the record's numbers, with their intervals, and names all models."""

import pytest

from course.tasks.compressed_results import compressed_models
from course.viz.compression.pareto import pareto_figure
from course.viz.kit.plotly_style import rounded
from tests.support.drawn import overlapping, written

COSTS = {
    "milliseconds_1": lambda model: model.milliseconds[1],
    "milliseconds_32": lambda model: model.milliseconds[32],
    "file": lambda model: model.file / 1e6,
    "zipped": lambda model: model.zipped / 1e6,
    "memory": lambda model: model.memory / 1e6,
}


@pytest.mark.parametrize("cost", COSTS)
def test_points_and_bars_are_those_of_the_record(cost):
    models = compressed_models()
    figure = pareto_figure(models, cost=cost)
    drawn = {}
    for trace in figure.live.data:
        for name, x, y, below, above in zip(
            trace.text, trace.x, trace.y, trace.error_y.arrayminus, trace.error_y.array, strict=True
        ):
            drawn[name] = x, y, y - below, y + above
    assert drawn.keys() == models.keys()
    for name, (x, y, low, high) in drawn.items():
        found = models[name].accuracy
        assert x == rounded([COSTS[cost](models[name])])[0]
        assert (y, low, high) == pytest.approx((found.estimate, found.low, found.high), abs=1e-3)
        [row] = [row for row in figure.numbers if row["model"] == name]
        assert row["interval"] == f"[{found.low:.1%}, {found.high:.1%}]"


@pytest.mark.parametrize("cost", COSTS)
def test_every_model_is_named_and_no_name_is_on_another(cost):
    models = compressed_models()
    figure = pareto_figure(models, cost=cost)
    assert set(models) <= {text for text, _box in written(figure.picture)}
    assert [each.text for each in figure.live.layout.annotations] == [row["model"] for row in figure.numbers]
    assert overlapping(figure.picture) == []
    assert len(figure.description) <= 600


def test_what_another_model_beats_is_not_on_the_frontier():
    models = compressed_models()
    figure = pareto_figure({"exact": models["float32"], "worse": models["int4"], "small": models["int8"]})
    best = [row["model"] for row in figure.numbers if row["on the frontier"]]
    assert best == ["small"], "int8 is as good as float32, and faster; int4 is slower and no better"


def test_one_model_is_a_figure():
    figure = pareto_figure({"alone": compressed_models()["float32"]}, title="One")
    assert "One: 1 models" in figure.description and overlapping(figure.picture) == []


@pytest.mark.usefixtures("unchecked_shapes")
def test_what_cannot_be_drawn_is_refused():
    models = compressed_models()
    with pytest.raises(ValueError, match=r"cost is 'watts'; give one of these: milliseconds_1, .*memory"):
        pareto_figure(models, cost="watts")
    with pytest.raises(ValueError, match="There is no model"):
        pareto_figure({})
    with pytest.raises(ValueError, match="There are 17 models, and at most 16 names fit"):
        pareto_figure({f"model {place}": models["int8"] for place in range(17)})
