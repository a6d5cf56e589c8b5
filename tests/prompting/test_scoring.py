"""The scores of answers: sums over tokens, as the lm-evaluation-harness has them, with and without a shared prefix."""

import json
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course.pretrained import load
from course.prompting import (
    Continuation,
    PromptTemplate,
    Shot,
    answer_scores,
    continuation_scores,
    encode_pair,
    shared_length,
)
from course.tokenization import ByteLevelBPE
from tests.support.llama import TOLERANCE, as_llama, difference, tiny_config, tiny_model

HARNESS = json.loads((Path(__file__).parent / "harness_scores.json").read_text(encoding="utf-8"))
TEXT = "Review: a film was good or bad. It was good good bad bad.\nSentiment: positive\nSentiment: negative"
ANSWERS = (" positive", " negative", " good or bad", " bad")


@pytest.fixture(scope="module")
def tokenizer():
    return ByteLevelBPE.train(TEXT, n_merges=60)


@pytest.fixture(scope="module")
def model(tokenizer):
    return tiny_model(tiny_config(vocab_size=tokenizer.vocab_size, context_length=160))


def one_by_one(model, tokenizer, prompt, answer):
    """Each token of the answer, after everything before it, by `transformers`."""
    reference = as_llama(model)
    before, whole = tokenizer.encode(prompt), tokenizer.encode(prompt + answer)
    total = torch.zeros(())
    for place in range(len(before), len(whole)):
        with torch.no_grad():
            logits = reference(torch.tensor([whole[:place]])).logits[0, -1]
        total = total + logits.log_softmax(-1)[whole[place]]
    return total


@pytest.mark.parametrize("share", [True, False])
@pytest.mark.parametrize("batch_size", [1, 3, 16])
def test_scores_are_sums_over_the_answers_tokens(model, tokenizer, share, batch_size):
    prompts = ["Review: a film.\nSentiment:", "Review: bad, bad, good film was or.\nSentiment:", "Review: it"]
    found = answer_scores(model, tokenizer, prompts, ANSWERS, share_prefix=share, batch_size=batch_size)
    expected = torch.stack(
        [torch.stack([one_by_one(model, tokenizer, prompt, answer) for answer in ANSWERS]) for prompt in prompts]
    )
    assert max(len(encode_pair(tokenizer, prompts[0], answer).answer) for answer in ANSWERS) > 1
    assert difference(found, expected) < TOLERANCE


def test_one_prompt_that_is_another_ones_beginning(model, tokenizer):
    prompts = ["Review: a", "Review: a film", "Review: a film was good"]
    shared = answer_scores(model, tokenizer, prompts, ANSWERS)
    apart = torch.cat([answer_scores(model, tokenizer, [prompt], ANSWERS, share_prefix=False) for prompt in prompts])
    assert difference(shared, apart) < TOLERANCE


def test_normalized_scores_divide_by_the_answer_without_its_space(model, tokenizer):
    prompts, answers = ["Review: a film:"], [" bad", " café"]
    total, characters, in_bytes = (
        answer_scores(model, tokenizer, prompts, answers, per=per) for per in ("sum", "character", "byte")
    )
    torch.testing.assert_close(characters, total / torch.tensor([3.0, 4.0]))
    torch.testing.assert_close(in_bytes, total / torch.tensor([3.0, 5.0]))


def test_white_space_at_the_end_of_a_prompt_goes_to_the_answer(model, tokenizer):
    assert encode_pair(tokenizer, "It was ", "good") == encode_pair(tokenizer, "It was", " good")
    assert encode_pair(tokenizer, "It was \n", "good").prompt == tuple(tokenizer.encode("It was"))
    with_space, without = (
        answer_scores(model, tokenizer, [prompt], answers)
        for prompt, answers in (("It was ", ["good", "bad"]), ("It was", [" good", " bad"]))
    )
    assert torch.equal(with_space, without)


def test_the_models_mode_and_weights_stay(model, tokenizer):
    model.train()
    before = [parameter.clone() for parameter in model.parameters()]
    answer_scores(model, tokenizer, ["Review:"], ANSWERS)
    assert model.training
    model.eval()
    assert all(torch.equal(one, other) for one, other in zip(before, model.parameters(), strict=True))


@given(st.lists(st.lists(st.integers(0, 2), max_size=5), min_size=1, max_size=4))
def test_the_shared_length_is_that_of_the_longest_common_beginning(rows):
    n = shared_length(rows)
    assert all(row[:n] == rows[0][:n] for row in rows)
    assert any(len(row) == n for row in rows) or len({row[n] for row in rows}) > 1


@pytest.mark.parametrize(
    ("prompt", "answer", "words"),
    [("It was", "", "'' is empty"), ("It was", "  ", "is empty"), (" ", " good", "prompt ' ' is empty")],
)
def test_an_empty_side_is_refused(tokenizer, prompt, answer, words):
    with pytest.raises(ValueError, match=words):
        encode_pair(tokenizer, prompt, answer)


def test_a_token_across_the_border_is_refused(tokenizer):
    assert len(tokenizer.encode(" positive")) == 1
    with pytest.raises(ValueError, match="'Review: posi', and the answer 'tive' have a token in common"):
        encode_pair(tokenizer, "Review: posi", "tive")


@pytest.mark.usefixtures("unchecked_shapes")
def test_what_does_not_fit_is_refused(model, tokenizer):
    with pytest.raises(ValueError, match="tokens are more than the model's context of 160"):
        answer_scores(model, tokenizer, ["q" * 160], [" bad"])
    with pytest.raises(ValueError, match="answers that differ"):
        answer_scores(model, tokenizer, ["a"], [" bad", " bad"])
    with pytest.raises(ValueError, match="answers that differ"):
        answer_scores(model, tokenizer, [], [" bad"])
    with pytest.raises(ValueError, match="give one of sum, character, byte"):
        answer_scores(model, tokenizer, ["a"], [" bad"], per="token")
    with pytest.raises(TypeError, match="lists of texts"):
        answer_scores(model, tokenizer, "a", [" bad"])
    with pytest.raises(ValueError, match="no prompt"):
        continuation_scores(model, [])
    with pytest.raises(ValueError, match="one token or more"):
        continuation_scores(model, [Continuation((), (1,))])


@pytest.mark.slow
def test_smollm2_scores_as_the_harness_does():
    model, tokenizer = load("smollm2")
    for case in HARNESS["cases"]:
        answers = [case["delimiter"] + choice for choice in case["choices"]]
        total = answer_scores(model, tokenizer, [case["prompt"]], answers)[0]
        norm = answer_scores(model, tokenizer, [case["prompt"]], answers, per="character")[0]
        assert difference(total, torch.tensor(case["log_likelihoods"])) < TOLERANCE
        assert [total.argmax().item(), norm.argmax().item()] == [case["acc"], case["acc_norm"]]


@pytest.mark.slow
def test_smollm2_scores_alike_with_and_without_a_shared_prefix():
    model, tokenizer = load("smollm2")
    template = PromptTemplate("", "Review: {input}\nSentiment: {answer}")
    shots = [Shot("A warm, funny film.", "positive"), Shot("Two hours that I want back.", "negative")]
    prompts = [template.render(text, shots) for text in ("Brilliant.", "Not worth the ticket, nor the popcorn.")]
    one, other = (
        answer_scores(model, tokenizer, prompts, template.answers(["positive", "negative"]), share_prefix=share)
        for share in (True, False)
    )
    assert (one - other).abs().max() < 1e-4
    assert difference(one, other) < TOLERANCE


def test_scores_that_are_no_numbers_are_refused(tokenizer):
    model = tiny_model(tiny_config(vocab_size=tokenizer.vocab_size))
    with torch.no_grad():
        model.embedding.tokens.weight.fill_(torch.nan)
    with pytest.raises(ValueError, match="scores are NaN"):
        answer_scores(model, tokenizer, ["Review:"], [" good", " bad"])


@pytest.mark.parametrize("token", [-1, 10_000])
def test_an_unknown_last_token_is_refused(model, token):
    with pytest.raises(ValueError, match=f"Token id {token} is unknown"):
        continuation_scores(model, [Continuation((1, 2), (3, token))])


def test_what_is_shared_needs_rows():
    with pytest.raises(ValueError, match="no rows"):
        shared_length([])
