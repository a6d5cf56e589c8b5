"""The figures of lesson 05 show the given numbers, and nothing overlaps."""

import numpy as np
import pytest

from course.layers.positions import sinusoidal_table
from course.viz.kit.style import BLUE, GREEN
from course.viz.positions import drawings as position_drawings
from course.viz.positions.figures import distance_panels, loss_by_position, two_arrows, wave_matrix
from tests.support.drawn import overlapping, written

LABELS = [f"word {place}" for place in range(40)]


def matrix():
    return wave_matrix(sinusoidal_table(40, 16).numpy(), LABELS, position=13, dimension=4)


def panels():
    curve, other = np.cos(np.arange(50) / 9), np.exp(-np.arange(50) / 9)
    return distance_panels(
        {"Waves": [(BLUE, curve)], "ALiBi, head 0": [(GREEN, curve), (BLUE, other)], "한국어": [(BLUE, other)]},
        distance=8,
        last=60,
    )


def losses():
    tables = {name: np.full((3, 256), level) + np.array([[0.1], [0.0], [-0.1]]) for name, level in
              {"sinusoidal": 2.0, "learned": 2.01, "ALiBi": 4.0}.items()}  # fmt: skip
    return loss_by_position(tables, trained=64).picture


FIGURES = {
    "matrix": matrix,
    "panels": panels,
    "arrows": lambda: two_arrows((1.0, 0.2), (2.0, 1.9), ("query", "key"), title="Distance 3"),
    "losses": losses,
}


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES)
def test_no_text_lies_over_another(draw):
    figure = draw()
    assert overlapping(figure) == []
    assert figure.get_facecolor() == (1, 1, 1, 1)


def test_the_matrix_shows_the_table_and_names_the_picked_row():
    figure = matrix()
    picture = figure.axes[0].images[0]
    np.testing.assert_array_equal(picture.get_array(), sinusoidal_table(40, 16).numpy())
    texts = [text for text, _box in written(figure)]
    assert "word 13" in texts and "position 13" in texts and "dimension 4" in texts
    wave, vector = figure.axes[2].lines[0].get_xdata(), figure.axes[3].lines[0].get_ydata()
    np.testing.assert_array_equal(wave, sinusoidal_table(40, 16)[:, 4])
    np.testing.assert_array_equal(vector, sinusoidal_table(40, 16)[13])


def test_panels_write_the_value_of_the_line_that_is_meant():
    texts = [text for text, _box in written(panels())]
    assert f"ALiBi, head 0: {np.exp(-8 / 9):.2f} at distance 8" in texts
    beyond = distance_panels({"Waves": [(BLUE, np.ones(4))]}, distance=8, last=60)
    assert "Waves" in [text for text, _box in written(beyond)], "no value where there is no key"


def test_losses_are_means_over_neighbouring_positions():
    table = np.arange(64.0)[None]
    figure = loss_by_position({"none": table}, trained=32, together=16).picture
    np.testing.assert_allclose(figure.axes[0].lines[0].get_xydata(), [(8, 7.5), (24, 23.5), (40, 39.5), (56, 55.5)])
    assert figure.axes[0].lines[1].get_xdata()[0] == 32


@pytest.mark.parametrize(("rows", "step"), [(1, 1), (30, 1), (31, 2), (61, 5), (128, 5), (500, 20)])
def test_labels_come_at_round_numbers(rows, step):
    assert position_drawings.label_step(rows, room=390, label=13) == step


def test_texts_are_escaped_on_the_page():
    drawn = position_drawings.wave_matrix(sinusoidal_table(2, 4).numpy(), ["<b>", "&"], 0, 0)
    assert "&lt;b&gt;" in drawn and "<b>" not in drawn
