"""Two answers beside each other: each is its model's own, and a step is the same in all views."""

import pytest
import torch

from course.instruction import SMOLLM2
from course.viz import SideBySide
from course.viz.instruction import side_by_side as module
from course.viz.instruction.stepwise_answer import PlainText, answer_stepwise
from tests.support.drawn import written
from tests.support.widgets import _decoder, side_by_side

TUNED = "<b>tuned</b> $x$"


@pytest.fixture(scope="module")
def shared():
    """One widget for the tests that leave it as it was."""
    return side_by_side()


@pytest.fixture
def widget(shared):
    state = {name: getattr(shared, name) for name in ("instruction", "input")}
    yield shared
    for name, value in state.items():
        setattr(shared, name, value)
    shared.step = 1


def test_each_answer_is_its_models_own_to_the_instruction_and_the_input(widget):
    for name, (model, tokenizer, form) in widget.models.items():
        alone = answer_stepwise(model, tokenizer, form, "Say <i>which</i>.\n\nthe $people$", 5)
        assert widget.answers[name] == alone
        assert f"{name} answers: {alone.text}".replace("\n", "↵") in widget.summary()
    widget.input = " "
    assert "".join(piece.text for piece in widget.answers["base"].prompt) == "<|endoftext|>Say <i>which</i>.\nAnswer:"


def test_the_form_of_each_prompt_is_shown(widget):
    base, tuned = (widget._prompts[name].value for name in widget.models)
    assert "plain text" in base and "◆&lt;|endoftext|&gt;" in base and "\nAnswer:" in base
    assert "chat template SmolLM2" in tuned and "<b>◆&lt;|im_start|&gt;</b>" in tuned and "Say &lt;i&gt;" in tuned
    assert "base, plain text: ◆<|endoftext|>Say" in widget.summary()


def test_a_step_is_that_of_all_views(widget):
    n = widget.n_steps
    assert widget._slider.max == n == max(map(len, (answer.steps for answer in widget.answers.values())))
    widget._slider.value = n
    assert widget.step == n
    first = widget.strips["base"]
    first.selected = 1
    assert widget.step == widget._slider.value == 2 and widget.error == ""
    for name, answer in widget.answers.items():
        inside = len(answer.steps) >= 2
        assert widget.strips[name].selected == (1 if inside else None)
        assert ("Most probable at token 2" in widget._bars[name].value) == inside
    first.selected = None
    assert widget.step == 2


def test_after_the_end_of_an_answer_nothing_comes(widget):
    name, tuned = TUNED, widget.answers[TUNED]
    try:
        widget.answers[name] = type(tuned)(tuned.prompt, tuned.prompt_ids, tuned.steps[:1])
        widget.step = 2
        assert "This answer has 1 token: nothing comes here." in widget._bars[name].value
        assert widget.strips[name].selected is None and widget.error == ""
        assert f"{name}: This answer has 1 token" in widget.in_words() and written(widget.picture())
    finally:
        widget.answers[name] = tuned


def test_where_they_first_differ_is_marked(widget):
    places = widget.differences
    assert places is not None and f"The answers first differ at ≠ token {places[0]} of base" in widget._said()
    for (name, strip), place in zip(widget.strips.items(), places, strict=True):
        marked = [number for number, token in enumerate(strip.tokens, start=1) if token.note.startswith("≠ ")]
        assert marked == [place], name
        assert "Here the answers first differ." in strip.tokens[place - 1].lines


def test_the_same_model_twice_differs_nowhere():
    model, tokenizer = _decoder()
    same = SideBySide(dict.fromkeys("ab", (model, tokenizer, SMOLLM2)), "the people", limit=3)
    assert same.differences is None and "The answers are the same" in same._said()
    assert not any("≠" in token.note for token in same.strips["a"].tokens)


def test_models_are_asked_once_for_each_text(widget, monkeypatch):
    asked, ask = [], answer_stepwise
    monkeypatch.setattr(module, "answer_stepwise", lambda *rest: (asked.append(rest[3]), ask(*rest))[1])
    widget.step = 2
    assert asked == []
    before = widget.answers
    widget.instruction = "the union"
    assert len(asked) == 2 and widget.step == 1
    widget.instruction = "Say <i>which</i>."
    assert len(asked) == 2 and widget.answers is before


def test_a_text_that_is_none_is_one_error_and_the_answers_stay(widget):
    widget.step = 2
    before, answers = repr(widget), widget.answers
    for trait, text, words in (
        ("instruction", "x" * 2001, "the limit here is 2,000"),
        ("input", "x y " * 200, "more than the model's context of 300"),
    ):
        good = getattr(widget, trait)
        setattr(widget, trait, text)
        assert words in widget.error and widget.answers is answers and widget.step == 2
        assert repr(widget) == f"{widget.error}\n{before}"
        setattr(widget, trait, good)
        assert widget.error == ""
    widget.input = ""
    widget.instruction = " \n"
    assert "There is nothing to answer" in widget.error


def test_an_empty_beginning_is_an_error_until_something_is_typed():
    widget = side_by_side(instruction="", input="")
    assert "There is nothing to answer" in widget.error and widget.n_steps == 1
    widget.instruction = "the people"
    assert widget.error == "" and widget.answers


@pytest.mark.slow
@pytest.mark.parametrize("text", ["한국어 사람들", "שלום עולם", "👍🏽 e\u0301"])
def test_any_script(widget, text):
    widget.instruction = text
    assert widget.error == "" and widget.summary() and written(widget.picture())


def test_what_is_no_comparison():
    model, tokenizer = _decoder()
    with pytest.raises(ValueError, match="There is nothing to compare: give two models or more"):
        SideBySide({"one": (model, tokenizer, PlainText())}, "a")
    with pytest.raises(ValueError, match="limit"):
        side_by_side(limit=0)
    with pytest.raises(ValueError, match="There is no step 6: the longest answer has 5"):
        side_by_side(step=6)
    assert side_by_side(step=3)._slider.value == 3


def test_names_and_tokens_are_text(widget):
    page = "".join(each.value for views in (widget._prompts, widget._bars) for each in views.values())
    assert "<b>tuned" not in page + widget._heading.value and "&lt;b&gt;tuned&lt;/b&gt; $x$" in page


def test_the_weights_and_the_mode_of_the_models_stay():
    model, tokenizer = _decoder()
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    model.train()
    SideBySide(dict.fromkeys("ab", (model, tokenizer, PlainText())), "the people", limit=2)
    assert model.training and torch.is_grad_enabled()
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())
