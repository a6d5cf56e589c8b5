"""The four steps: the numbers shown are the model's, and each step follows from the previous one."""

import pytest
import torch
import traitlets

from course.tasks import write
from course.viz.attention.attention_steps import AttentionSteps
from course.viz.attention.figures import NumberTable, attention_steps_figure
from course.viz.attention.number_table import number_table
from tests.support.drawn import overlapping, written
from tests.support.speed import require_quick
from tests.viz.attention.test_alignment_explorer import WORDS, model


@pytest.fixture
def steps():
    return AttentionSteps(model(WORDS), WORDS, "beadbead", position=2)


def test_each_step_follows_from_the_one_before(steps):
    scores, weights, context = (steps._row(name) for name in ("scores", "weights", "context"))
    torch.testing.assert_close(scores, steps.steps.memory @ steps._row("query"))
    torch.testing.assert_close(weights, scores.softmax(dim=0))
    torch.testing.assert_close(context, weights @ steps.steps.memory)
    combine = steps.model.decoder.combine.weight.detach()
    joined = torch.cat((context, steps._row("query")))
    torch.testing.assert_close(steps._row("combined"), (combine @ joined).tanh())


def test_the_steps_end_in_what_the_model_writes(steps):
    (written,) = write(steps.model, WORDS, [tuple("beadbead")])
    assert steps.outputs == (*written, "end")
    for position in range(1, len(steps.outputs) + 1):
        steps.position = position
        assert steps.candidates[0][0] == steps.outputs[position - 1]


def test_the_page_shows_the_numbers(steps):
    scores, weights, total, output = (part.value for part in steps._parts)
    best = steps._row("scores").argmax()
    assert f"{steps._row('scores')[best]:.2f}".replace("-", "−") in scores
    assert f"{steps._row('weights')[best]:.3f}" in weights and f"{steps._row('weights')[best]:.3f} × " in total
    first = f"{steps._row('context')[steps.places[0]]:.2f}".replace("-", "−")
    assert steps.places == sorted(steps._row("context").abs().argsort(descending=True)[:5].tolist())
    assert first in total and first in output and "the others" in total
    assert steps.candidates[0][0] in output


def test_sliders_and_traits_are_one(steps):
    steps._position.value = 1
    steps._sharpness.value = 2.0
    assert (steps.position, steps.sharpness) == (1, 2.0)
    torch.testing.assert_close(steps._row("scores"), 2 * (steps.steps.memory @ steps._row("query")))
    steps.position = 3
    assert steps._position.value == 3


def test_flat_and_sharp(steps):
    plain = steps._row("weights").max()
    steps.sharpness = 0.0
    torch.testing.assert_close(steps._row("weights"), torch.full((8,), 1 / 8))
    assert "−0.00" not in steps._parts[0].value
    steps.sharpness = 4.0
    assert steps._row("weights").max() > plain


def test_a_shorter_answer_takes_the_position_along(steps):
    steps.position = len(steps.outputs)
    steps.text = "a"
    assert steps.position <= len(steps.outputs) and steps.error == ""
    position = steps.position
    with pytest.raises(traitlets.TraitError, match=f"no output symbol 99: there are {len(steps.outputs)}"):
        steps.position = 99
    assert steps.position == position


def test_what_cannot_be_read_is_named_and_the_last_picture_stays(steps):
    before = [part.value for part in (steps._heading, *steps._parts)]
    steps.text = "é"
    assert steps.error.startswith("'é', at position 1, is not known here.")
    assert [part.value for part in (steps._heading, *steps._parts)] == before and steps.figure().axes
    steps.position = 1
    assert [part.value for part in (steps._heading, *steps._parts)] != before  # it still answers
    assert steps.error  # moving a slider does not mend the text
    steps.text = "bead"
    assert steps.error == "" and all(part.value for part in steps._parts)


def test_the_static_view(steps):
    bundle = steps._repr_mimebundle_()
    assert bundle["text/plain"].startswith(f"Output 2 of {len(steps.outputs)}: ")
    assert (
        bundle["text/html"]
        == AttentionSteps(model(WORDS), WORDS, "beadbead", position=2)._repr_mimebundle_()["text/html"]
    )
    assert overlapping(steps.figure()) == []


@pytest.mark.timed
def test_it_answers_in_under_100_ms(record_property):
    steps = AttentionSteps(model(WORDS, d_hidden=232), WORDS, "abcdefghabcdefgh")

    def latency(name, value):
        setattr(steps, name, value)
        return steps.latency_ms

    moves = [("position", 3), ("sharpness", 2.0), ("text", "hagfed"), ("text", "abcdefghabcdefgh")]
    moves += [("position", 1), ("sharpness", 1.0)]
    require_quick(lambda: [latency(*move) for move in moves], record_property)


def test_the_figure_names_wrong_sizes_and_writes_every_symbol():
    table = NumberTable("sum", ["7"], [("0.700 × b", ["−0.25"])])
    figure = attention_steps_figure("ab년", [1, 2, -3], [0.2, 0.7, 0.1], [table], ["월"], [0.9], title="T")
    texts = [text for text, _box in written(figure)]
    shown = {"a", "b", "년", "월", "−3.00", "0.700", "90%", "0.700 × b", "−0.25"}
    assert shown <= set(texts) and overlapping(figure) == []
    with pytest.raises(ValueError, match="3 inputs need as many"):
        attention_steps_figure("abc", [1, 2], [0.5, 0.5], [table], ["a"], [1], title="T")


def test_typed_html_stays_text():
    evil = "<b>&\"'"
    table = number_table(NumberTable(evil, [evil], [(evil, [evil])]))
    assert "<b>&" not in table and table.count("&lt;b&gt;") == 4
