"""What a model answers to instructions: scores of choices, free text, and how right they are."""

import inspect
from dataclasses import replace
from itertools import chain

import pytest
import torch

from course.instruction import MINIMAL, Message, encode_prompt
from course.layers.language_model import log_probabilities
from course.tasks.instructed_answers import choice_scores, continuation, free_answers, measured
from course.tasks.instructed_examples import InstructedExample
from course.tasks.pretraining import base_tokenizer
from course.tokenization import ByteLevelBPE
from tests.support.llama import tiny_config, tiny_model
from tests.tasks.test_instructed_prompts import A


@pytest.fixture(scope="module")
def tokenizer():
    return base_tokenizer()


@pytest.fixture(scope="module")
def model(tokenizer):
    return tiny_model(tiny_config(vocab_size=tokenizer.vocab_size, context_length=128)).eval()


def test_an_answer_in_a_chat_ends_with_its_end_token_and_in_plain_text_with_its_words(tokenizer):
    chat = continuation(tokenizer, "Say it.\n\nwords", "yes")
    assert list(chat.prompt) == encode_prompt(tokenizer, MINIMAL, [Message("user", "Say it.\n\nwords")])
    assert tokenizer.decode(list(chat.answer[:-1])) == "yes"
    assert chat.answer[-1] == tokenizer.special.ids["<|end_of_turn|>"]
    plain = continuation(tokenizer, "Say it.\n\nwords", "yes", "plain")
    assert plain.prompt[0] == tokenizer.special.ids["<|end_of_text|>"]
    assert tokenizer.decode(list(plain.prompt[1:])) == "Say it.\n\nwords\nAnswer:"
    assert tokenizer.decode(list(plain.answer)) == " yes"


@pytest.mark.parametrize("form", ["chat", "plain"])
def test_scores_are_the_sums_of_the_log_probabilities_of_all_tokens(model, tokenizer, form):
    prompts, choices = ["Which one of them?", "Who?"], [["yes", "no", "perhaps not"], ["me"]]
    found = choice_scores(model, tokenizer, prompts, choices, form)
    assert [len(of_prompt) for of_prompt in found] == [3, 1]
    every = [(prompt, choice) for prompt, of_prompt in zip(prompts, choices, strict=True) for choice in of_prompt]
    for score, (prompt, choice) in zip(chain(*found), every, strict=True):
        row = continuation(tokenizer, prompt, choice, form)
        ids = torch.tensor([row.prompt + row.answer])
        with torch.no_grad():
            each = log_probabilities(model(ids[:, :-1]))[0].gather(1, ids[0, 1:, None])
        assert score == pytest.approx(each[len(row.prompt) - 1 :].sum().item(), abs=1e-4)


@pytest.mark.parametrize("form", ["chat", "plain"])
def test_free_answers_come_in_the_order_of_the_prompts_whatever_their_batch(model, tokenizer, form):
    prompts = [f"Say {'word ' * number}now." for number in (9, 1, 5, 3)] * 8
    alone = [free_answers(model, tokenizer, [prompt], form, 6)[0] for prompt in prompts[:4]]
    assert free_answers(model, tokenizer, prompts, form, 6) == alone * 8
    assert all(answer == answer.strip() and (form == "chat" or "\n" not in answer) for answer in alone)


def test_a_choice_is_right_when_it_is_ahead_of_all_others(model, tokenizer):
    prompts = [f"Is it so? {number}" for number in range(len(A.test))]
    for answer in ("yes", "no"):
        examples = [one._replace(answer=answer) for one in A.test]
        for one, prompt in zip(measured(model, tokenizer, A, examples, prompts), prompts, strict=True):
            (of_prompt,) = choice_scores(model, tokenizer, [prompt], [("yes", "no")])
            scores = dict(zip(("yes", "no"), of_prompt, strict=True))
            right = scores.pop(answer)
            assert one.margin == pytest.approx(right - scores.popitem()[1], abs=1e-4)
            assert one.score == float(one.margin > 0)
            n_tokens = len(continuation(tokenizer, prompt, answer).answer)
            assert one.nats == pytest.approx(-right / n_tokens, abs=1e-4)


def test_free_text_has_the_score_of_its_measure(model, tokenizer):
    free = tuple(InstructedExample(f"x {number}", "right", (), ()) for number in range(3))
    task = replace(A, test=free, measure=lambda answer, right: len(answer) / 1000)
    prompts = ["One.", "Two and three.", "Four."]
    found = measured(model, tokenizer, task, free, prompts)
    assert [one.score for one in found] == [len(each) / 1000 for each in free_answers(model, tokenizer, prompts)]
    assert all(one.margin == 0.0 and one.nats > 0 for one in found)
    with pytest.raises(ValueError, match="There are 3 examples and 2 prompts"):
        measured(model, tokenizer, task, free, prompts[:2])


def test_what_a_form_needs_is_named(tokenizer):
    without = ByteLevelBPE.train("the people", n_merges=3, special_tokens=["<|other|>"])
    with pytest.raises(ValueError, match=r"needs the special token '<\|end_of_text\|>', .* It has: <\|other\|>"):
        continuation(without, "the", "people", "plain")
    with pytest.raises(ValueError, match=r"needs the special token '<\|user\|>'"):
        continuation(without, "the", "people")
    unchecked = inspect.unwrap(continuation)  # a script runs without the tests' check of types
    with pytest.raises(ValueError, match="form is 'Plain'; give one of chat, plain"):
        unchecked(tokenizer, "the", "people", "Plain")
