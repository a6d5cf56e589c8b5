"""An answer is the greedy one, each step has the model's own probabilities, and a difference is where it is."""

import pytest
import torch

from course.decoding import Step, generate
from course.instruction import MINIMAL, SMOLLM2, Message, encode_prompt
from course.viz.instruction import stepwise_answer
from course.viz.instruction.stepwise_answer import (
    TOP,
    AnswerStep,
    PlainText,
    StepwiseAnswer,
    answer_stepwise,
    first_difference,
    prompt_ids,
)
from tests.support.widgets import _decoder, _loud


@pytest.fixture(scope="module")
def loud():
    model, tokenizer = _decoder()
    return _loud(model), tokenizer


def answer(*tokens, ended=False):
    """An answer that is these tokens."""
    steps = [AnswerStep(token.encode(), token, False, ((token, 1.0),)) for token in tokens]
    end = [AnswerStep(b"<end>", "<end>", True, (("<end>", 1.0),))] if ended else []
    return StepwiseAnswer((), (), (*steps, *end))


def test_it_is_the_greedy_answer_with_the_probabilities_of_a_whole_pass(loud):
    model, tokenizer = loud
    found = answer_stepwise(model, tokenizer, SMOLLM2, "the people", 6)
    ids = encode_prompt(tokenizer, SMOLLM2, [Message("user", "the people")])
    assert list(found.prompt_ids) == ids and "".join(piece.text for piece in found.prompt).endswith("assistant\n")
    expected = [step.token for step in generate(model, ids, 6, stop=tokenizer.special.ids.values())]
    assert [step.data for step in found.steps[: len(expected)]] == [tokenizer.decode_bytes([one]) for one in expected]
    with torch.no_grad():
        logits = model(torch.tensor([[*ids, *expected]]))[0, len(ids) - 1 :]
    for step, chances in zip(found.steps, logits.softmax(dim=-1), strict=False):
        best = chances.topk(TOP).values.tolist()
        assert [share for _text, share in step.top] == pytest.approx(best, rel=1e-3, abs=1e-6)
        assert step.top[0][0] == step.text


def test_each_token_is_read_once(loud, monkeypatch):
    model, tokenizer = loud
    read = []
    first = type(model).hidden_states
    monkeypatch.setattr(
        type(model),
        "hidden_states",
        lambda self, ids, *rest, **more: (read.append(ids.shape[1]), first(self, ids, *rest, **more))[1],
    )
    found = answer_stepwise(model, tokenizer, PlainText(), "the people", 4)
    assert read == [len(found.prompt_ids)] + [1] * (len(found.steps) - 1)


def test_a_special_token_ends_it_and_nothing_is_read_after_it(loud, monkeypatch):
    model, tokenizer = loud
    wanted = [*tokenizer.encode("of the"), tokenizer.special.ids["<|im_end|>"], *tokenizer.encode("people")]
    given = []

    def written(_model, _ids, _limit):
        for token in wanted:
            given.append(token)
            yield Step(
                token, torch.zeros(tokenizer.vocab_size).index_fill(0, torch.tensor([token]), 9.0).log_softmax(0)
            )

    monkeypatch.setattr(stepwise_answer, "generate", written)
    found = answer_stepwise(model, tokenizer, PlainText(), "the people", 9)
    assert given == wanted[:3] and found.has_ended and found.text == "of the"
    assert [step.is_end for step in found.steps] == [False, False, True] and found.steps[-1].text == "<|im_end|>"
    wanted = wanted[:2]
    assert not answer_stepwise(model, tokenizer, PlainText(), "the people", 2).has_ended


def test_a_prompt_in_plain_text_begins_and_ends_as_its_form_says(loud):
    _model, tokenizer = loud
    form = PlainText("\nAnswer:", "<|endoftext|>")
    ids = prompt_ids(tokenizer, form, "the <|im_end|> people")
    assert ids[0] == tokenizer.special.ids["<|endoftext|>"]
    assert tokenizer.decode(ids[1:]) == "the <|im_end|> people\nAnswer:"
    assert tokenizer.special.ids["<|im_end|>"] not in ids, "what is typed is plain text"
    with pytest.raises(ValueError, match=r"The prompt begins with '<s>', which the tokenizer lacks.*<\|im_start\|>"):
        prompt_ids(tokenizer, PlainText(start="<s>"), "a")
    with pytest.raises(ValueError, match=r"needs the special token '<\|user\|>'"):
        prompt_ids(tokenizer, MINIMAL, "a")


def test_an_answer_beyond_the_context_is_named(loud):
    model, tokenizer = loud
    with pytest.raises(ValueError, match="more than the model's context of 300"):
        answer_stepwise(model, tokenizer, SMOLLM2, "x y " * 200, 6)


@pytest.mark.parametrize(
    ("answers", "steps"),
    [
        ([answer("a", "b"), answer("a", "c")], (2, 2)),
        ([answer("ab", "c"), answer("a", "b", "d")], (2, 3)),
        ([answer(" a", "b"), answer("a", "c")], (2, 2)),
        ([answer("\n", " a"), answer("b")], (2, 1)),
        ([answer("a", ended=True), answer("a", "b")], (2, 2)),
        ([answer("a", ended=True), answer(" a", ended=True)], None),
        ([answer("a"), answer("a", "b")], None),
        ([answer("a"), answer("a", ended=True)], None),
        ([answer(ended=True), answer("a")], (1, 1)),
        ([answer("a", "b"), answer("a"), answer("a", "c")], (2, None, 2)),
        ([answer("a", "b"), answer("a", "b"), answer("a", "c")], (2, 2, 2)),
        ([answer("한"), answer("하")], (1, 1)),
    ],
)
def test_where_answers_first_differ(answers, steps):
    assert first_difference(answers) == steps
