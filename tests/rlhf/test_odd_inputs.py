"""What a breaker found: numbers that were silently wrong, and tracebacks in place of a sentence."""

import pytest
import torch

from course.decoding import roll_out
from course.dpo import PairLogProbabilities, pair_log_probabilities, preference_accuracy
from course.rlhf import (
    PPO,
    AdaptiveKL,
    PreferencePair,
    RewardModel,
    answer_distribution,
    as_responses,
    group_advantages,
    optimal_policy,
)
from tests.rlhf.test_ppo_training import models, train
from tests.support.llama import tiny_config, tiny_model


@pytest.mark.parametrize("score", [5000.3, 1000.1, 123.457, 1e6 / 3])
def test_equal_scores_have_no_advantage(score):
    assert group_advantages(torch.full((12,), score), 12).abs().max() == 0


def test_an_interrupt_in_the_first_iteration_is_made_good(tmp_path, monkeypatch):
    whole = train(*models(), iterations=2)
    of_models, loss, calls = models(), PPO.loss, []

    def interrupted(*arguments):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return loss(*arguments)

    monkeypatch.setattr(PPO, "loss", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train(*of_models, iterations=2, checkpoint=tmp_path / "run")
    monkeypatch.setattr(PPO, "loss", loss)
    resumed = train(*of_models, iterations=2, checkpoint=tmp_path / "run")
    assert [(one.kl, one.about) for one in resumed] == [(one.kl, one.about) for one in whole]


def test_a_horizon_that_would_end_the_penalty_is_refused():
    with pytest.raises(ValueError, match="horizon is 10; for 50 responses"):
        AdaptiveKL(0.1, 6.0, horizon=10).update(0.0, 50)


def test_a_tiny_beta_does_not_overflow():
    reference = torch.tensor([0.5, 0.3, 0.2, 0.0], dtype=torch.float64)
    found = optimal_policy(reference, torch.tensor([1.0, 2.0, 0.0, 9.0], dtype=torch.float64), 1e-39)
    assert found.tolist() == [0.0, 1.0, 0.0, 0.0]


def test_an_unknown_last_token_is_named():
    with pytest.raises(ValueError, match="999"):
        pair_log_probabilities(models()[0], [PreferencePair((1,), (1, 999), (3, 2))], pad_id=60)


@pytest.mark.parametrize("score", [lambda some: some.ids.float(), lambda some: [1.0]])
def test_a_score_of_another_shape_is_refused_before_anything_is_learned(score):
    of_models = models()
    before = [weight.clone() for weight in of_models[0].parameters()]
    with pytest.raises(ValueError, match="must give a tensor with one number for each"):
        train(*of_models, iterations=1, score=score)
    assert all(map(torch.equal, before, of_models[0].parameters()))


def test_whole_numbers_are_scores():
    assert len(train(*models(), iterations=1, score=lambda some: (some.tokens < 20).sum(dim=1))) == 1


def test_a_margin_that_is_no_number_is_not_a_lost_pair():
    one, n = torch.tensor([0.0, float("nan")]), torch.tensor([1, 1])
    with pytest.raises(ValueError, match="The margin of pair 1 is no number"):
        preference_accuracy(PairLogProbabilities(one, one, one, one, n, n))


def test_dropout_is_off_while_a_policy_draws_and_its_mode_stays():
    policy = models(dropout=0.5)[0].train()

    def drawn():
        generator = torch.Generator().manual_seed(0)
        return roll_out(policy, [[3, 1]], end_id=2, pad_id=60, max_length=5, generator=generator).lists()

    assert drawn() == drawn() == drawn() and policy.training


def test_dropout_is_off_while_a_distribution_is_computed():
    policy = models(dropout=0.5)[0].train()
    found = [answer_distribution(policy, [3, 1], [[5, 2], [6, 2], [2]], pad_id=60) for _ in range(3)]
    assert torch.equal(found[0], found[1]) and torch.equal(found[0], found[2]) and policy.training


def test_dropout_is_off_in_the_scores_of_a_reward_model():
    scoring = RewardModel(tiny_model(tiny_config(dropout=0.5))).train()
    batch = as_responses([[3, 1], [4]], [[5, 2], [6, 2]], pad_id=60)
    assert torch.equal(scoring.score(batch), scoring.score(batch)) and scoring.training
    assert not scoring.score(batch).requires_grad and scoring(batch).requires_grad
    scoring.center(batch)
    assert scoring.score(batch).mean().item() == pytest.approx(0, abs=1e-6)


def test_dropout_is_off_in_a_reward_model_that_is_the_score():
    scoring = RewardModel(tiny_model(tiny_config(dropout=0.5), seed=1)).train()
    found = [train(*models(), iterations=1, score=lambda batch: scoring(batch).detach())[0].score for _ in range(2)]
    assert found[0] == found[1] and not scoring.training
