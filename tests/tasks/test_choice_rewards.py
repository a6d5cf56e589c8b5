"""A linear reward of real choices: what a model reads of an answer, and the fit by Bradley and Terry."""

import pytest
import torch

from course.layers.language_model import log_probabilities
from course.rlhf import bradley_terry_loss
from course.tasks.choice_rewards import LinearReward, fit_bradley_terry, length_slope, read_answers
from course.tokenization import ByteLevelBPE
from tests.support.llama import tiny_config, tiny_model

TEXTS = [("Question: why\nAnswer:", "so"), ("Question: where is it\nAnswer:", "it is over there"), ("Q:", "no, it is")]


@pytest.fixture(scope="module")
def tokenizer():
    return ByteLevelBPE.train("Question: Answer: where is it over there so no", n_merges=20)


@pytest.fixture(scope="module")
def model(tokenizer):
    return tiny_model(tiny_config(vocab_size=tokenizer.vocab_size, context_length=60))


@pytest.mark.parametrize("batch_size", [1, 2, 16])
def test_an_answer_is_read_at_its_last_token_whatever_its_batch(model, tokenizer, batch_size):
    found = read_answers(model, tokenizer, TEXTS, batch_size=batch_size)
    for row, (prompt, answer) in enumerate(TEXTS):
        ids = torch.tensor([tokenizer.encode(f"{prompt} {answer}")])
        n = ids.shape[1] - len(tokenizer.encode(prompt))
        with torch.no_grad():
            states = model.hidden_states(ids)
            each = log_probabilities(model(ids))[0, :-1].gather(1, ids[0, 1:, None])[:, 0]
        torch.testing.assert_close(found.hidden[row], states[0, -1], atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(found.log_probability[row], each[-n:].mean(), atol=1e-5, rtol=1e-5)


def test_reading_leaves_the_model_as_it_was(tokenizer):
    model = tiny_model(tiny_config(vocab_size=tokenizer.vocab_size, context_length=60, dropout=0.5)).train()
    first, second = (read_answers(model, tokenizer, TEXTS) for _ in range(2))
    assert model.training and torch.equal(first.hidden, second.hidden) and not first.hidden.requires_grad


def test_what_cannot_be_read_is_refused(model, tokenizer):
    with pytest.raises(ValueError, match="no answer to read"):
        read_answers(model, tokenizer, [])
    with pytest.raises(ValueError, match="is empty"):
        read_answers(model, tokenizer, [("Q:", " ")])
    with pytest.raises(ValueError, match="60"):
        read_answers(model, tokenizer, [("Q:", "there " * 61)])
    with pytest.raises(ValueError, match="batch_size"):
        read_answers(model, tokenizer, TEXTS, batch_size=0)


def test_a_text_that_is_too_long_is_refused_before_any_is_read(model, tokenizer, monkeypatch):
    monkeypatch.setattr(model, "hidden_states", lambda *_: pytest.fail("read"))
    with pytest.raises(ValueError, match="60"):
        read_answers(model, tokenizer, [*TEXTS, ("Q:", "there " * 61)], batch_size=1)


def features(n=40, d=5, seed=0):
    generator = torch.Generator().manual_seed(seed)
    chosen, rejected = torch.randn(2, n, d, generator=generator)
    chosen[:, 0] += 0.7
    return chosen, rejected


@pytest.mark.parametrize("strength", [0.01, 1.0, 30.0])
def test_the_fit_has_the_least_loss_of_bradley_and_terry(strength):
    chosen, rejected = features(n := 40)
    reward = fit_bradley_terry(chosen, rejected, strength=strength)
    weight = reward.weight.detach().double().requires_grad_()
    margins = (chosen - rejected).double() @ weight
    loss = strength * n * bradley_terry_loss(margins, torch.zeros_like(margins)) + weight.square().sum() / 2
    (gradient,) = torch.autograd.grad(loss, weight)
    assert gradient.abs().max() < 1e-4 * max(1.0, strength)
    assert reward.weight[0] > reward.weight[1:].abs().max()


def test_only_differences_count():
    chosen, rejected = features()
    same = torch.randn(40, 5, generator=torch.Generator().manual_seed(1))
    moved = fit_bradley_terry(chosen + same, rejected + same)
    torch.testing.assert_close(moved.weight, fit_bradley_terry(chosen, rejected).weight, atol=1e-4, rtol=1e-4)
    swapped = fit_bradley_terry(rejected, chosen)
    torch.testing.assert_close(swapped.weight, -fit_bradley_terry(chosen, rejected).weight, atol=1e-4, rtol=1e-4)


def test_sparse_features_give_the_same_reward():
    chosen, rejected = features()
    dense = fit_bradley_terry(chosen, rejected)
    sparse = fit_bradley_terry(chosen.to_sparse(), rejected.to_sparse())
    torch.testing.assert_close(sparse.weight, dense.weight, atol=1e-5, rtol=1e-5)
    with torch.no_grad():
        torch.testing.assert_close(sparse(chosen.to_sparse()), dense(chosen), atol=1e-5, rtol=1e-5)


def test_a_reward_without_features_is_refused():
    with pytest.raises(ValueError, match="n_features"):
        LinearReward(0)


def test_features_less_their_slope_have_nothing_to_do_with_length():
    chosen, rejected = features()
    lengths = torch.randint(1, 30, (2, 40), generator=torch.Generator().manual_seed(2)).float()
    chosen, rejected = (x + 0.1 * n[:, None] for x, n in zip((chosen, rejected), lengths, strict=True))
    extra = lengths[0] - lengths[1]
    slope = length_slope(chosen, rejected, extra)
    assert ((slope - 0.1).abs() < 0.05).all()
    left = (chosen - lengths[0][:, None] * slope) - (rejected - lengths[1][:, None] * slope)
    assert (extra @ left).abs().max() < 1e-2
    reward = fit_bradley_terry(left, torch.zeros_like(left))
    assert (extra @ reward(left).detach()).abs() < 1e-1
