"""ΔW on a typed text: the numbers are those of the whole matrices, and the LoRA is as before."""

import copy
import re

import pytest
import torch

from course.fine_tuning import predict_logits
from course.peft import BitFit, LoRA, attach, freeze
from course.peft.lora import LoRALinear
from course.viz import UpdateExplorer
from course.viz.kit.html import Bar
from course.viz.kit.text import number, percent
from course.viz.peft import update_rows
from course.viz.peft.update_picture import update_picture
from course.viz.peft.update_reading import CHANGED, TRAINED, WITHOUT
from tests.support.adapted import assert_same_numbers, copied, tiny_classifier, tiny_decoder
from tests.support.drawn import overlapping, written
from tests.support.widgets import update_explorer

PLACE = "blocks.1.attention.query"


def logits_with(widget: UpdateExplorer, rank: int, factor: float) -> torch.Tensor:
    """Of a copy without LoRA, to whose matrices the cut updates were added."""
    attached = copy.deepcopy(widget.attached)
    attached.off()
    with torch.no_grad():
        for place, part in attached.parts.items():
            left, values, right = torch.linalg.svd(part.update().double(), full_matrices=False)
            cut = factor * (left[:, :rank] * values[:rank] @ right[:rank])
            attached.model.body.get_submodule(place).weight.add_(cut.float())
    return predict_logits(attached.model, [widget.text])[0]


@pytest.mark.parametrize(("rank", "scale"), [(0, 1.0), (1, 0.35), (3, 2.0), (4, 1.0), (4, 0.0)])
def test_the_answers_are_those_of_matrices_with_the_cut_updates_added(rank, scale):
    widget = update_explorer(rank=rank, scale=scale)
    logits = widget.reading.logits
    for state, expected in ((WITHOUT, (0, 1.0)), (CHANGED, (rank, scale)), (TRAINED, (4, 1.0))):
        torch.testing.assert_close(logits[state], logits_with(widget, *expected), atol=1e-5, rtol=1e-5)
    assert not torch.allclose(logits[WITHOUT], logits[TRAINED], atol=1e-3)
    best = widget.model.classes[int(logits[CHANGED].argmax())]
    shown = update_rows.answer_rows(widget.reading)[best]
    chance, logit = logits[CHANGED].softmax(dim=-1).max().item(), logits[CHANGED].max().item()
    assert shown[1] == Bar(
        CHANGED, pytest.approx(chance), percent(chance, 1), True, f"logit {number(logit, sign=True)}"
    )
    assert percent(chance, 1) in widget.in_words()


def test_the_singular_values_and_norms_are_those_of_the_matrix():
    widget = update_explorer(place=PLACE, rank=3, scale=0.5)
    part, reading = widget.attached.parts[PLACE], widget.reading
    values = torch.linalg.svdvals(part.update().detach().double())
    assert reading.values == pytest.approx(values[:4].tolist(), rel=1e-5)
    bars = update_rows.value_rows(reading)
    assert [bar.value for bar in bars] == pytest.approx((0.5 * values[:4]).tolist(), rel=1e-5)
    assert [(bar.marked, bar.note) for bar in bars] == [(True, "kept")] * 3 + [(False, "cut")]
    assert reading.frozen_norm == pytest.approx(part.base.weight.norm().item())
    assert reading.trained_norm == pytest.approx(part.update().norm().item(), rel=1e-5)
    assert reading.changed_norm == pytest.approx(0.5 * values[:3].norm().item(), rel=1e-5)
    share = reading.changed_norm / reading.frozen_norm
    assert f"ΔW cut and scaled {reading.changed_norm:.2f}, {percent(share, 1)} of ‖W‖" in widget.in_words()


def test_the_share_is_over_all_matrices_whatever_alpha_is():
    widget = update_explorer(rank=1, scale=1.0)
    spectra = [torch.linalg.svdvals(part.update().detach().double()) for part in widget.attached.parts.values()]
    expected = sum(values[0] ** 2 for values in spectra) / sum((values**2).sum() for values in spectra)
    for widget.scale in (2.0, 0.0):
        assert widget.reading.share == pytest.approx(expected.item(), rel=1e-5)
    assert f"this matrix {percent(widget.reading.place_share, 1)}, all 4 matrices" in widget.in_words()
    widget.rank = 4
    assert widget.reading.share == widget.reading.place_share == 1.0


def test_the_state_is_that_of_the_controls_and_the_lora_stays_as_it_is():
    widget = update_explorer()
    model = widget.attached.model
    weights, identities = copied(model), [id(parameter) for parameter in model.parameters()]
    for state in ({"rank": 0}, {"scale": 0.05}, {"place": PLACE}, {"text": "union"}, {"rank": 3}):
        before = repr(widget)
        for name, value in state.items():
            setattr(widget, name, value)
        assert widget.error == "" and repr(widget) != before
    assert widget._heading.value.count("block 1, query: 3 of 4 singular values kept, α × 0.05.") == 1
    widget.text = ""
    assert "The text is empty" in widget.error
    assert_same_numbers(copied(model), weights)
    assert [id(parameter) for parameter in model.parameters()] == identities


def test_it_begins_with_the_largest_update_and_the_whole_rank():
    made = update_explorer()
    widget = UpdateExplorer(made.attached, "the people")
    norms = {place: part.update().norm().item() for place, part in widget.attached.parts.items()}
    assert (widget.rank, widget.scale) == (4, 1.0) and norms[widget.place] == max(norms.values())
    assert torch.equal(widget.reading.logits[CHANGED], widget.reading.logits[TRAINED])


def test_the_model_runs_only_for_what_is_not_known():
    widget, runs = update_explorer(rank=2, scale=1.5), []
    hook = widget.model.head.register_forward_pre_hook(lambda *_given: runs.append(1))
    before = widget.reading.logits
    for state, n in (("place", 0), ("rank", 1), ("scale", 1), ("text", 3)):
        value = {"place": next(iter(widget.parts)), "rank": 1, "scale": 0.5, "text": "union"}[state]
        setattr(widget, state, value)
        assert len(runs) == n, state
        runs.clear()
    hook.remove()
    with torch.no_grad():
        widget.model.head.bias.add_(1)  # as a training does
    widget.text, widget.rank, widget.scale = "the people of the states", 2, 1.5
    torch.testing.assert_close(widget.reading.logits[TRAINED], before[TRAINED] + 1)
    with torch.no_grad():
        widget.model.head.bias.sub_(1)
    widget.rank = 1
    widget.rank = 2
    torch.testing.assert_close(widget.reading.logits, before)


def test_a_fault_in_the_model_is_said_and_the_lora_is_back():
    widget = update_explorer()
    weights = copied(widget.attached.model)

    def fail(*_given: object) -> None:
        raise RuntimeError("No memory is left.")

    hook = widget.model.head.register_forward_pre_hook(fail)
    widget.rank = 1
    assert widget.error == "No memory is left."
    hook.remove()
    assert_same_numbers(copied(widget.attached.model), weights)
    widget.rank = 2
    assert widget.error == ""


def test_a_lora_that_was_taken_off_is_named():
    widget = update_explorer()
    widget.attached.off()
    widget.rank = 1
    assert "is off, or merged" in widget.error
    widget.attached.on()
    widget.rank = 3
    assert widget.error == ""


def test_what_cannot_be_shown_is_named():
    widget = update_explorer()
    with pytest.raises(ValueError, match=r"There is no LoRA at 'x'; it is at blocks\.0\.attention\.query, "):
        widget.place = "x"
    with pytest.raises(ValueError, match="There is no LoRA at 'y'"):
        update_explorer(place="y")
    model = tiny_classifier()
    freeze(model)
    untrained = attach(model, LoRA(2))
    with pytest.raises(ValueError, match="ΔW is 0 in every matrix, so there is nothing to show"):
        UpdateExplorer(untrained, "great fun")
    with torch.no_grad():
        next(iter(untrained.parts.values())).up.fill_(float("nan"))
    with pytest.raises(ValueError, match="the training diverged"):
        UpdateExplorer(untrained, "great fun")
    untrained.off()
    with pytest.raises(ValueError, match="What BitFit adds"):
        UpdateExplorer(attach(model, BitFit()), "great fun")
    decoder = tiny_decoder("gpt2")
    with pytest.raises(ValueError, match="Decoder has no classes to answer with"):
        UpdateExplorer(attach(decoder, LoRA(2)), "great fun")


def test_a_matrix_that_was_not_changed_and_a_single_one():
    widget = update_explorer(place=PLACE)
    parts = widget.attached.parts
    with torch.no_grad():
        parts[PLACE].up.zero_()
    widget.rank = 1
    assert widget.error == "" and widget.reading.place_share is None
    assert "Kept of ‖ΔW‖²: all 4 matrices" in widget.in_words() and widget.figure()
    one = widget.reading._replace(n_places=1)
    assert update_rows.share_rows(one)[0].label == "the one matrix"


@pytest.mark.slow
def test_many_classes_and_a_high_rank_are_cut_and_said():
    reading = update_explorer().reading
    logits = torch.arange(9.0)
    many = reading._replace(
        values=tuple(1 / n for n in range(1, 31)),
        rank=20,
        classes=tuple("abcdefghi"),
        logits={WITHOUT: logits, CHANGED: logits.flip(0), TRAINED: logits},
    )
    assert list(update_rows.answer_rows(many)) == ["a", "b", "h", "i"]
    assert len(update_rows.value_rows(many)) == 16
    assert update_rows.unshown_values(many) == "14 smaller ones are not shown."
    assert update_rows.unshown_values(reading) == ""
    figure = update_picture(many, title="A title", text="A text", values_title="Values", full=2.0)
    assert overlapping(figure) == []


@pytest.mark.slow
def test_what_is_typed_is_text_on_the_page_and_no_text_of_the_picture_is_over_another():
    widget = update_explorer(text="<b>the</b> $x$ " + "people " * 30)
    answers = "".join(view.value for view in widget._answers)
    assert "&lt;b&gt;other&lt;/b&gt;" in answers and "<b>other" not in answers
    picture = widget.picture()
    assert overlapping(picture) == []
    texts = [text for text, _box in written(picture)]
    assert any(text.startswith("“<b>the</b> $x$ people") for text in texts)
    assert {f"Probability of {name}" for name in ("dull", "$good$", "<b>other</b>")} <= set(texts)


def test_an_axis_is_the_same_for_all_matrices_and_all_values_of_alpha():
    widget = update_explorer(rank=4, scale=2.0)
    parts = [part for part in widget.attached.parts.values() if isinstance(part, LoRALinear)]
    largest = max(torch.linalg.svdvals(part.update()).max().item() for part in parts)
    for widget.scale, widget.place in ((2.0, PLACE), (0.5, PLACE), (1.0, "blocks.0.attention.value")):
        widths = [float(width) for width in re.findall(r"width: ([\d.]+)%", widget._values.value)]
        expected = [100 * bar.value / (2 * largest) for bar in update_rows.value_rows(widget.reading)]
        assert widths == pytest.approx(expected, abs=0.006)
