"""Generation that can only give one of some answers, and where its choice is that of an exhaustive search."""

import math
from collections import Counter

import pytest
import torch

from course.prompting import answer_scores, constrained_answer, token_trie
from course.tokenization import ByteLevelBPE
from tests.support.llama import tiny_config, tiny_model

TEXT = "a film was good or bad. It was good good bad bad, positive or negative"
PROMPT = "It was"


@pytest.fixture(scope="module")
def tokenizer():
    return ByteLevelBPE.train(TEXT, n_merges=60)


def model_of(tokenizer, seed):
    return tiny_model(tiny_config(vocab_size=tokenizer.vocab_size), seed)


def test_a_trie_has_the_ids_that_may_come_next():
    assert token_trie([[1, 2], [1, 3], [4]]) == {1: {2: {}, 3: {}}, 4: {}}
    assert token_trie([]) == {}


@pytest.mark.parametrize("length", range(6))
def test_answers_may_have_any_number_of_tokens(length):
    node = token_trie([range(length)])
    for token in range(length):
        assert list(node) == [token]
        node = node[token]
    assert node == {}


@pytest.mark.parametrize("seed", range(6))
def test_of_answers_of_one_token_it_is_the_most_probable(tokenizer, seed):
    model, answers = model_of(tokenizer, seed), [" good", " bad", " film", " was"]
    scores = answer_scores(model, tokenizer, [PROMPT], answers)[0]
    found = constrained_answer(model, tokenizer, PROMPT, answers)
    assert found.answer == answers[scores.argmax()]
    assert math.isclose(found.log_probability, scores.max().item(), rel_tol=1e-5)


def test_of_longer_answers_greedy_is_sometimes_not_the_most_probable(tokenizer):
    answers = [" good film", " good bad", " bad bad bad", " film film", " was or"]
    same = []
    for seed in range(12):
        model = model_of(tokenizer, seed)
        scores = answer_scores(model, tokenizer, [PROMPT], answers)[0]
        found = constrained_answer(model, tokenizer, PROMPT, answers)
        assert math.isclose(found.log_probability, scores[answers.index(found.answer)].item(), rel_tol=1e-4)
        assert found.log_probability <= scores.max().item() + 1e-4
        same.append(found.answer == answers[scores.argmax()])
    assert any(same) and not all(same)


def test_sampling_gives_every_answer_and_is_repeated_by_its_seed(tokenizer):
    model, answers = model_of(tokenizer, 0), [" good", " bad", " bad film"]

    def drawn(seed):
        generator = torch.Generator().manual_seed(seed)
        options = {"end": "\n", "temperature": 5.0, "generator": generator}
        return [constrained_answer(model, tokenizer, PROMPT, answers, **options).answer for _number in range(40)]

    assert set(Counter(drawn(0))) == set(answers)
    assert drawn(0) == drawn(0) != drawn(1)


def test_an_answer_that_begins_another_needs_an_end(tokenizer):
    model, answers = model_of(tokenizer, 0), [" bad", " bad film"]
    with pytest.raises(ValueError, match="' bad' begins ' bad film': give an `end`"):
        constrained_answer(model, tokenizer, PROMPT, answers)
    assert constrained_answer(model, tokenizer, PROMPT, answers, end="\n").answer in answers


def test_what_cannot_be_generated_is_refused(tokenizer):
    model = model_of(tokenizer, 0)
    with pytest.raises(ValueError, match="one or more that differ"):
        constrained_answer(model, tokenizer, PROMPT, [])
    with pytest.raises(ValueError, match="one or more that differ"):
        constrained_answer(model, tokenizer, PROMPT, [" a", " a"])
    with pytest.raises(ValueError, match="temperature is -1"):
        constrained_answer(model, tokenizer, PROMPT, [" a"], temperature=-1.0)
    with pytest.raises(ValueError, match="context of 48"):
        constrained_answer(model, tokenizer, "q" * 48, [" a"])


def test_one_text_is_no_list_of_answers(tokenizer):
    with pytest.raises(TypeError, match="'abc' is one text"):
        constrained_answer(model_of(tokenizer, 0), tokenizer, PROMPT + ":", "abc")


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_nothing_is_chosen_from_scores_that_are_no_numbers(tokenizer, temperature):
    model = model_of(tokenizer, 0)
    with torch.no_grad():
        model.embedding.tokens.weight.fill_(torch.nan)
    with pytest.raises(ValueError, match="score of an allowed token is nan"):
        constrained_answer(model, tokenizer, PROMPT, [" good", " bad"], temperature=temperature)


def test_at_the_lowest_temperature_it_is_the_most_probable_answer(tokenizer):
    model = model_of(tokenizer, 0)
    best = constrained_answer(model, tokenizer, PROMPT, [" good", " bad"])
    for temperature in (1e-30, 1e-46, 1e-300):
        assert constrained_answer(model, tokenizer, PROMPT, [" good", " bad"], temperature=temperature) == best
