"""Contextual calibration, against the formula of its paper and on a model that is biased."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course.prompting import (
    CONTENT_FREE,
    PromptTemplate,
    Shot,
    answer_probabilities,
    answer_scores,
    calibrate,
    calibrated_probabilities,
)
from course.tokenization import ByteLevelBPE
from tests.support.llama import tiny_config, tiny_model

TEMPLATE = PromptTemplate("", "Review: {input}\nSentiment: {answer}")


@given(st.integers(0, 1000), st.integers(2, 5))
def test_it_is_the_papers_matrix_times_the_probabilities(seed, n):
    generator = torch.Generator().manual_seed(seed)
    found = torch.rand(4, n, generator=generator).softmax(-1)
    free = torch.rand(3, n, generator=generator).softmax(-1)
    p_cf = free.mean(0) / free.mean(0).sum()
    expected = found @ torch.linalg.inv(torch.diag(p_cf)).T
    calibrated = calibrate(found, free)
    torch.testing.assert_close(calibrated, expected / expected.sum(-1, keepdim=True))
    assert torch.equal(calibrated.argmax(-1), expected.argmax(-1))


def test_a_content_free_input_is_undecided_afterwards():
    free = torch.tensor([[0.9, 0.1]])
    torch.testing.assert_close(calibrate(free, free), torch.tensor([[0.5, 0.5]]))
    assert calibrate(torch.tensor([[0.8, 0.2]]), free).argmax() == 1


@pytest.mark.parametrize(
    ("free", "words"),
    [
        (torch.tensor([[0.2, 0.3, 0.5]]), "2 answers"),
        (torch.zeros(0, 2), "2 answers"),
        (torch.tensor([[1.0, 0.0]]), "answer 1 is 0.0"),
    ],
)
@pytest.mark.usefixtures("unchecked_shapes")
def test_what_cannot_calibrate_is_refused(free, words):
    with pytest.raises(ValueError, match=words):
        calibrate(torch.tensor([[0.5, 0.5]]), free)


def test_texts_and_content_free_inputs_follow_the_same_shots():
    tokenizer = ByteLevelBPE.train("Review: good bad\nSentiment: yes no", n_merges=20)
    model = tiny_model(tiny_config(vocab_size=tokenizer.vocab_size, context_length=160))
    shots = [Shot("good", "yes"), Shot("bad", "no")]
    plain, calibrated, free = calibrated_probabilities(model, tokenizer, TEMPLATE, ["a", "b"], ["no", "yes"], shots)

    def expected(texts):
        prompts = [TEMPLATE.render(text, shots).text for text in texts]
        return answer_probabilities(answer_scores(model, tokenizer, prompts, [" no", " yes"]))

    torch.testing.assert_close(plain, expected(["a", "b"]))
    torch.testing.assert_close(free, expected(CONTENT_FREE))
    torch.testing.assert_close(calibrated, calibrate(plain, free))
    turned = calibrated_probabilities(model, tokenizer, TEMPLATE, ["a"], ["no", "yes"], shots[::-1])[2]
    assert not torch.allclose(turned, free)  # the order of the shots changes the bias


def test_a_bias_too_small_for_float32s_quotient_is_divided_out():
    tiny = torch.tensor([[1e-42, 1.0]])
    assert calibrate(torch.tensor([1.0, 0.0]), tiny).tolist() == [1.0, 0.0]
    assert calibrate(tiny[0], tiny).tolist() == pytest.approx([0.5, 0.5])
    assert calibrate(tiny, tiny).dtype is torch.float32


@pytest.mark.parametrize("wrong", [[-1.0, -2.0], [torch.nan, 0.5], [torch.inf, 0.5]])
def test_scores_are_no_probabilities(wrong):
    right = torch.tensor([0.5, 0.5])
    with pytest.raises(ValueError, match=f"{wrong[0]} is no probability"):
        calibrate(torch.tensor(wrong), right[None])
    with pytest.raises(ValueError, match=f"{wrong[0]} is no probability"):
        calibrate(right, torch.tensor([wrong]))


def test_a_row_of_zeros_has_no_shares():
    with pytest.raises(ValueError, match="0 for all answers"):
        calibrate(torch.zeros(2), torch.tensor([[0.5, 0.5]]))


@pytest.mark.parametrize("one", [{"texts": "film"}, {"words": "bad"}, {"content_free": "N/A"}])
def test_one_text_is_no_list_of_texts(one):
    tokenizer = ByteLevelBPE.train("Review: a film", n_merges=3)
    model = tiny_model(tiny_config(vocab_size=tokenizer.vocab_size))
    with pytest.raises(TypeError, match="is one text"):
        calibrated_probabilities(model, tokenizer, TEMPLATE, **{"texts": ["film"], "words": ["good", "bad"], **one})
