"""A classifier that asks a language model for a word."""

import pytest
import torch

from course.fine_tuning import WordClassifier, predict_logits, trained_parameters
from course.tokenization import ByteLevelBPE
from tests.support.llama import tiny_config, tiny_model

WORDS = {"negative": " bad", "positive": " good"}
PROMPT = "a film: {text} It was"


@pytest.fixture(scope="module")
def tokenizer():
    return ByteLevelBPE.train("a film was good or bad. It was it was it was good good bad bad", n_merges=40)


@pytest.fixture
def classifier(tokenizer):
    body = tiny_model(tiny_config(vocab_size=tokenizer.vocab_size))
    return WordClassifier(body, tokenizer, WORDS, prompt=PROMPT)


def test_the_logits_are_those_of_the_words_first_tokens(classifier, tokenizer):
    texts = ["fine", "not worth a penny"]
    found = predict_logits(classifier, texts)
    for text, logits in zip(texts, found, strict=True):
        ids = torch.tensor([tokenizer.encode(PROMPT.replace("{text}", text))])
        words = [tokenizer.encode(word)[0] for word in WORDS.values()]
        torch.testing.assert_close(logits, classifier.body(ids)[0, -1, words])


def test_it_has_no_weights_beside_the_models(classifier):
    assert trained_parameters(classifier).keys() == {f"body.{name}" for name in trained_parameters(classifier.body)}


@pytest.mark.parametrize("prompt", ["a film", "{text} or {text}", ""])
def test_a_prompt_needs_one_place_for_the_text(classifier, tokenizer, prompt):
    with pytest.raises(ValueError, match="once"):
        WordClassifier(classifier.body, tokenizer, WORDS, prompt=prompt)


@pytest.mark.parametrize("words", [{"a": " good", "b": " good"}, {"a": " good", "b": ""}])
def test_words_must_be_told_apart(classifier, tokenizer, words):
    with pytest.raises(ValueError, match="token of its own"):
        WordClassifier(classifier.body, tokenizer, words, prompt=PROMPT)


def test_a_text_that_does_not_fit_is_refused(classifier):
    with pytest.raises(ValueError, match="limit is 48: shorten"):
        classifier.row("x" * 100)


def test_braces_in_a_text_are_text(classifier, tokenizer):
    assert tokenizer.decode(classifier.row("{text} {0}").ids) == "a film: {text} {0} It was"
