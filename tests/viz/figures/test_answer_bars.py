"""Distributions over a small space of answers: all of their mass is drawn, and the target is in every column."""

import numpy as np
import pytest

from course.viz import figures
from course.viz.kit.alt_text import alt_text
from tests.support.drawn import overlapping, written

ANSWERS = ["a", "b", "c", "d"]
REFERENCE, TARGET = [0.4, 0.3, 0.2, 0.1], [0.1, 0.2, 0.3, 0.4]


def widths(axes):
    return [bar.get_width() for bar in axes.containers[0].patches]


def test_rows_are_in_the_order_of_the_target_and_strokes_mark_it():
    reference, target = figures.answer_bars(
        ANSWERS, {"reference": REFERENCE, "π*": TARGET}, title="t", target="π*"
    ).axes
    assert [label.get_text() for label in reference.get_yticklabels()] == ["d", "c", "b", "a"]
    assert widths(reference) == REFERENCE[::-1] and widths(target) == TARGET[::-1]
    assert [line.get_xdata()[0] for line in reference.lines] == TARGET[::-1] and not target.lines


def test_total_variation_is_written_of_all_answers():
    figure = figures.answer_bars(ANSWERS, {"reference": REFERENCE, "π*": TARGET}, title="t", target="π*", most=1)
    texts = [text for text, _box in written(figure)]
    assert "total variation 0.400" in texts and "the target" in texts
    assert "π*" in alt_text(figure) and "total variation 0.400" in alt_text(figure)


def test_the_others_are_summed_in_the_last_row():
    rng = np.random.default_rng(0)
    answers, first, second = [str(n) for n in range(31)], *rng.dirichlet(np.ones(31), 2)
    figure = figures.answer_bars(answers, {"reference": first, "π*": second}, title="t", target="π*", most=5)
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    for axes, table in zip(figure.axes, (first, second), strict=True):
        assert len(widths(axes)) == 6 and sum(widths(axes)) == pytest.approx(1)
        assert widths(axes)[:-1] == pytest.approx([table[int(name)] for name in names[:-1]])
    assert names[-1] == "26 other answers"
    assert overlapping(figure) == []


def test_without_a_target_there_are_no_distances():
    figure = figures.answer_bars(ANSWERS, {"reference": REFERENCE, "PPO": TARGET}, title="t")
    assert not any("variation" in text or "target" in text for text, _box in written(figure))
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ANSWERS, "in the order of the first"


@pytest.mark.parametrize(
    ("answers", "distributions", "options", "message"),
    [
        ([], {"a": []}, {}, "There are 0 answers and 1 distributions"),
        (ANSWERS, {}, {}, "4 answers and 0 distributions"),
        (ANSWERS, dict.fromkeys("abcdef", REFERENCE), {}, "4 answers and 6 distributions"),
        (ANSWERS, {"PPO": [0.5, 0.5]}, {}, r"'PPO' has the shape \(2,\); 4 answers need \(4,\)"),
        (ANSWERS, {"PPO": [0.5, 0.5, 0.5, 0.5]}, {}, r"'PPO' is no distribution: .*they sum to 2\.0000"),
        (ANSWERS, {"PPO": [1.5, -0.5, 0.0, 0.0]}, {}, "'PPO' is no distribution"),
        (ANSWERS, {"PPO": REFERENCE}, {"target": "π*"}, "There is no distribution 'π\\*'; there are: PPO"),
        (ANSWERS, {"PPO": REFERENCE}, {"most": 0}, "most"),
    ],
)
def test_what_cannot_be_drawn_is_one_sentence(answers, distributions, options, message):
    with pytest.raises(ValueError, match=message):
        figures.answer_bars(answers, distributions, title="t", **options)
