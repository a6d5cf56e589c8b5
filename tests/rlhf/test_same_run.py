"""A checkpoint goes on with the run that wrote it alone: other prompts, another control, another score are refused."""

import functools
from dataclasses import replace

import pytest
import torch

from course.rlhf import AdaptiveKL, FixedKL, GRPOSettings, PPOSettings, RewardModel, ValueModel, train_grpo, train_ppo
from course.training import History, checkpoints
from course.training.run_identity import fingerprint
from tests.rlhf.test_ppo_training import PROMPTS, SETTINGS, curve, draw, low_ids, models, same, train, weights
from tests.support.llama import tiny_config, tiny_model

ADAPTIVE = functools.partial(AdaptiveKL, target=0.01, horizon=40)


def ends_early(responses):
    return 1 / responses.lengths


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kl_control": FixedKL(0.1)}, "another kl_control.kind: AdaptiveKL in the file, FixedKL here"),
        ({"kl_control": ADAPTIVE(0.2)}, "another kl_control.beta: 0.1 in the file, 0.2 here"),
        ({"kl_control": ADAPTIVE(0.1, target=0.02)}, "another kl_control.target: 0.01 in the file, 0.02 here"),
        ({"kl_control": ADAPTIVE(0.1, horizon=80)}, "another kl_control.horizon: 40 in the file, 80 here"),
        ({"prompts": PROMPTS[:3]}, "another prompts.number: 4 in the file, 3 here"),
        ({"prompts": PROMPTS[::-1]}, "another prompts.hash: "),
        (
            {"score": ends_early},
            r"another score: response \d of its first iteration has [\d.]+ in the file, [\d.]+ here",
        ),
        ({"settings": replace(SETTINGS, clip=0.3)}, "another settings.clip: 0.2 in the file, 0.3 here"),
    ],
)
def test_what_differs_is_named_before_anything_changes(tmp_path, change, message):
    file, first = tmp_path / "run.safetensors", {"kl_control": ADAPTIVE(0.1)}
    train(*models(), checkpoint=file, **first)
    before = file.read_bytes()
    policy, reference, critic = models()
    start = weights(policy, critic)
    with pytest.raises(ValueError, match=message) as error:
        train(policy, reference, critic, checkpoint=file, **{"kl_control": ADAPTIVE(0.1)} | change)
    assert "Give another file" in str(error.value) and str(file) in str(error.value)
    assert same(weights(policy, critic), start) and file.read_bytes() == before


def test_another_reference_is_refused(tmp_path):
    train(*models(), checkpoint=tmp_path / "run")
    policy, _reference, critic = models()
    other = tiny_model(tiny_config(), seed=3).requires_grad_(False)
    with pytest.raises(ValueError, match="another reference: its first responses have a mean log-probability"):
        train(policy, other, critic, checkpoint=tmp_path / "run")


def test_a_control_that_has_moved_goes_on(tmp_path):
    """The same object, as after an interrupt in a notebook."""
    whole = train(*models(), iterations=3, kl_control=ADAPTIVE(0.1))
    control = ADAPTIVE(0.1)
    train(*models(), iterations=2, kl_control=control, checkpoint=tmp_path / "run")
    assert control.beta != 0.1
    assert curve(train(*models(), iterations=3, kl_control=control, checkpoint=tmp_path / "run")) == curve(whole)


def test_a_score_that_is_drawn_cannot_be_told_from_another(tmp_path):
    def noisy(responses):
        return torch.rand(len(responses.ids))

    train(*models(), iterations=1, score=noisy, checkpoint=tmp_path / "run")
    again, state = models(), torch.get_rng_state()
    assert len(train(*again, iterations=1, score=noisy, checkpoint=tmp_path / "run")) == 1
    assert torch.equal(torch.get_rng_state(), state)


def test_the_same_score_under_another_name_goes_on(tmp_path):
    scoring = RewardModel(tiny_model(tiny_config(), seed=1), generator=torch.Generator().manual_seed(2))
    train(*models(), iterations=1, score=scoring.score, checkpoint=tmp_path / "run")
    found = train(*models(), score=lambda some: scoring(some).detach(), checkpoint=tmp_path / "run")
    assert len(found) == 2


def test_ppo_and_grpo_do_not_go_on_with_each_other(tmp_path):
    train(*models(), checkpoint=tmp_path / "run")
    policy, reference, _critic = models()
    settings = GRPOSettings(learning_rate=1e-3, n_responses=8)
    with pytest.raises(ValueError, match="another method: PPO in the file, GRPO here"):
        train_grpo(policy, reference, low_ids, draw, PROMPTS, settings, iterations=2, checkpoint=tmp_path / "run")


def test_a_file_of_another_kind_of_run_is_refused(tmp_path):
    model = tiny_model(tiny_config())
    checkpoints.save(tmp_path / "run", model, torch.optim.Adam(model.parameters()), vars(History()))
    with pytest.raises(ValueError, match="another kind of run: method is known of one of the two alone"):
        train(*models(), checkpoint=tmp_path / "run")


@pytest.mark.usefixtures("unchecked_shapes")
def test_the_settings_of_another_method_are_refused():
    policy, reference, critic = models()
    common = {"learning_rate": 1e-3, "n_responses": 8}
    with pytest.raises(ValueError, match="PPO needs PPOSettings, and these are GRPOSettings"):
        train_ppo(policy, reference, critic, low_ids, draw, PROMPTS, GRPOSettings(**common), iterations=1)
    with pytest.raises(ValueError, match="GRPO needs GRPOSettings, and these are PPOSettings"):
        train_grpo(policy, reference, low_ids, draw, PROMPTS, PPOSettings(**common, group_size=4), iterations=1)


def test_policy_and_critic_cannot_train_one_body():
    policy, reference, _critic = models()
    start = weights(policy)
    with pytest.raises(ValueError, match="value_model and policy share a parameter that is trained"):
        train(policy, reference, ValueModel(policy))
    assert same(weights(policy), start)


def test_a_frozen_body_may_be_shared():
    policy, reference, critic = models(lora=True)
    critic.body.embedding = policy.embedding
    assert len(train(policy, reference, critic, iterations=1)) == 1


@pytest.mark.parametrize("way", ["itself", "method", "partial", "lambda"])
def test_the_critic_cannot_train_the_body_of_the_reward_model(way):
    policy, reference, _critic = models()
    scoring = RewardModel(tiny_model(tiny_config(), seed=1))
    scores = {
        "itself": scoring,
        "method": scoring.score,
        "partial": functools.partial(lambda model, some: model.score(some), scoring),
        "lambda": lambda some: scoring.score(some),
    }
    start = weights(scoring)
    with pytest.raises(ValueError, match="The reward model shares a parameter with value_model"):
        train(policy, reference, ValueModel(scoring.body), score=scores[way])
    assert same(weights(scoring), start)
    assert len(train(policy, reference, ValueModel.from_reward_model(scoring), score=scoring.score, iterations=1)) == 1


def test_a_fingerprint_is_of_ids_and_their_borders():
    assert fingerprint([[1, 2], [3]]) == fingerprint([[1, 2], torch.tensor([3])]) != fingerprint([[1], [2, 3]])
    assert fingerprint([[1, 2], [3]])["number"] == 2
