"""What is kept of the last prompt changes no probability, and what is counted as read anew is what was read."""

import copy

import pytest
import torch

from course.peft import PromptTuning, attach
from course.prompting import CONTENT_FREE, PromptTemplate, Shot, calibrated_probabilities
from course.viz.prompting.prompt_reader import PromptReader
from tests.support.widgets import _decoder

TEMPLATE = PromptTemplate("Say which.", "The {input}\nis: {answer}")
WORDS = ("united", "the states", "of")
SHOTS = [Shot("people", "united"), Shot("union", "the states")]
ANSWERS = TEMPLATE.answers(WORDS)


def asked(text, shots):
    return TEMPLATE.render(text, shots).text, [TEMPLATE.render(free, shots).text for free in CONTENT_FREE], ANSWERS


def test_each_reading_is_that_of_a_model_that_keeps_nothing():
    model, tokenizer = _decoder()
    reader = PromptReader(model, tokenizer)
    for text, shots in [("a", SHOTS), ("a", SHOTS), ("the union", SHOTS), ("the union", SHOTS[::-1]), ("", SHOTS[:1])]:
        found = reader.read(*asked(text, shots))
        plain, calibrated, free = calibrated_probabilities(model, tokenizer, TEMPLATE, [text], WORDS, shots)
        torch.testing.assert_close(torch.tensor(found.probabilities), plain[0], atol=1e-5, rtol=0)
        torch.testing.assert_close(torch.tensor(found.bias), free.mean(dim=0), atol=1e-5, rtol=0)
        torch.testing.assert_close(torch.tensor(found.calibrated), calibrated[0], atol=1e-5, rtol=0)


def test_read_anew_is_what_comes_after_the_first_difference():
    model, tokenizer = _decoder()
    reader = PromptReader(model, tokenizer)
    first = reader.read(*asked("people", SHOTS))
    ids = tokenizer.encode(asked("people", SHOTS)[0])
    assert first.n_anew == first.n_tokens == len(ids) and first.n_free > 0
    again = reader.read(*asked("people", SHOTS))
    assert (again.n_anew, again.n_free) == (1, 0), "the last token predicts the answer"
    other = tokenizer.encode(asked("union", SHOTS)[0])
    same = next(place for place, (a, b) in enumerate(zip(ids, other, strict=False)) if a != b)
    found = reader.read(*asked("union", SHOTS))
    assert (found.n_anew, found.n_free) == (len(other) - same, 0), "the blocks before the input are as they were"
    turned = reader.read(*asked("union", SHOTS[::-1]))
    assert found.n_anew < turned.n_anew < turned.n_tokens and turned.n_free > 0, "the instruction is as it was"


def test_tokens_read_are_counted_at_the_model(monkeypatch):
    model, tokenizer = _decoder()
    reader = PromptReader(model, tokenizer)
    reader.read(*asked("people", SHOTS))
    widths, read = [], model.hidden_states
    monkeypatch.setattr(model, "hidden_states", lambda ids, cache: widths.append(ids.shape[1]) or read(ids, cache))
    found = reader.read(*asked("people", SHOTS[::-1]))
    assert widths[0] == found.n_anew


def test_a_prompt_beyond_the_context_leaves_what_was_kept():
    reader = PromptReader(*_decoder())
    reader.read(*asked("people", SHOTS))
    with pytest.raises(ValueError, match="more than the model's context of 300"):
        reader.read(*asked("people " * 300, SHOTS))
    assert reader.read(*asked("people", SHOTS)).n_anew == 1


def test_the_model_is_in_the_mode_that_it_was_in():
    model, tokenizer = _decoder()
    model.train()
    PromptReader(model, tokenizer).read(*asked("people", SHOTS))
    assert model.training and all(weight.grad is None for weight in model.parameters())


def test_a_soft_prompt_is_read_before_what_was_kept():
    model, tokenizer = copy.deepcopy(_decoder()[0]), _decoder()[1]
    attach(model, PromptTuning(4))
    reader = PromptReader(model, tokenizer)
    for text in ("people", "union", "the states of"):
        found = reader.read(*asked(text, SHOTS))
        plain, _calibrated, _free = calibrated_probabilities(model, tokenizer, TEMPLATE, [text], WORDS, SHOTS)
        torch.testing.assert_close(torch.tensor(found.probabilities), plain[0], atol=1e-5, rtol=0)
