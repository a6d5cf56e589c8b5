"""The experiments on RLHF and DPO, with few steps, few prompts and few pairs; and that their records hold together."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from course import trained
from course.data.splits import draw
from course.rlhf import PreferencePair, ValueModel, best_of_n_kl, pair_responses
from course.tasks.review_continuations import beginnings, response_padding
from course.tasks.review_pairs import labelled_pairs, training_pairs
from course.tasks.review_policies import reference_policy
from course.tasks.review_rewards import proxy
from course.training import History
from experiments import dpo, rlhf, rlhf_policies, rlhf_rewards, running
from experiments.search import Setting

pytestmark = pytest.mark.slow
FEW = 8
POLICIES = ("ppo-0", "ppo-0.1", "ppo-0.4", "ppo-200-0", "grpo")


@pytest.fixture
def small(monkeypatch):
    """Few prompts to test on, few pairs, and records in a folder of their own."""
    recipes = {**rlhf.recipes(), **dpo.recipes()}
    for name in ("proxy-200", "proxy-2000"):
        rlhf_policies.kept_proxy(name)
    few = {role: draw(labelled_pairs(role), 3 * FEW) for role in ("training", "validation", "test")}
    monkeypatch.setattr(rlhf_policies, "N_TEST", FEW)
    monkeypatch.setattr(rlhf_policies, "N_VALIDATION", FEW)
    monkeypatch.setattr(rlhf_policies, "N_SAMPLES", 4)
    monkeypatch.setattr(rlhf_policies, "BEST_OF", (1, 4))
    monkeypatch.setattr(dpo, "N_PAIRS", FEW)
    kept = {}
    monkeypatch.setattr(trained, "save_record", lambda *run: kept.update({run[:3]: run[3]}))
    for experiment in (rlhf_rewards, dpo):
        monkeypatch.setattr(experiment, "labelled_pairs", few.__getitem__)
    for experiment in (rlhf_rewards, rlhf_policies, dpo):
        monkeypatch.setattr(experiment, "keep_method", lambda attached, name: kept.update({name: attached}))
    monkeypatch.setattr(rlhf_rewards, "save_pairs", kept.update)
    return recipes, kept


def run(small, experiment, name, **changes):
    """The record of a run of this name, and what it kept of the weights."""
    recipes, kept = small
    running.run(experiment, name, replace(recipes[name], **changes), 0, keep_weights=True)
    return kept[experiment, name, 0], kept.get(f"{experiment}/{name}")


@pytest.mark.parametrize("name", ["ppo-0.4", "grpo"])
def test_a_policy_leaves_its_curve_and_each_item_of_the_test(small, name):
    record, attached = run(small, "rlhf", name, steps=2, setting=Setting(2e-3, 0.0, 16))
    assert record["steps"] == 2 and record["batch_size"] == 16 and record["beta"] == (0.4 if name == "ppo-0.4" else 0.1)
    curve = {measure: trained.numbers(line) for measure, line in record["curve"].items()}
    assert curve["number"] == [1, 2] and curve["measured"] == [1, 2]
    assert curve["kl"][0] == pytest.approx(0, abs=1e-4) and curve["first_ratio"] == pytest.approx([1, 1], abs=1e-4)
    assert list(record["texts"]) == ["1", "2"] and len(record["texts"]["1"]) == 8
    test = record["tests"]["test"]
    for measure, line in test["items"].items():
        assert len(trained.numbers(line)) == FEW
        assert np.mean(trained.numbers(line)) == pytest.approx(test[measure], abs=1e-3)
    assert len(test["texts"]) == FEW and attached.is_on
    assert all(torch.equal(one, one.half().float()) for one in attached.parameters().values())


def test_the_policy_alone_learns_and_the_reward_model_stays(small):
    recipes, _kept = small
    scoring = rlhf_policies.kept_proxy("proxy-2000")
    before = {name: one.clone() for name, one in scoring.state_dict().items()}
    recipe = replace(recipes["ppo-0"], steps=1, setting=Setting(2e-3, 0.0, 16))
    policy, history = recipe.train(0)
    assert len(history.losses) == 1
    assert all(
        torch.equal(one, before[name]) for name, one in rlhf_policies.kept_proxy("proxy-2000").state_dict().items()
    )
    reference = dict(reference_policy().named_parameters())
    own = {id(one) for one in recipe.attached.parameters().values()}
    moved = [name for name, one in policy.named_parameters() if id(one) in own and name.endswith(".up")]
    assert moved and any(one.abs().max() > 0 for name, one in policy.named_parameters() if name in moved)
    frozen = {name.replace(".base.", "."): one for name, one in policy.named_parameters() if id(one) not in own}
    assert frozen.keys() == reference.keys() and all(torch.equal(one, reference[name]) for name, one in frozen.items())


@pytest.mark.parametrize("name", ["proxy-200", "proxy-2000"])
def test_a_reward_is_that_of_the_proxy_of_this_name(name):
    responses = pair_responses(training_pairs(2), pad_id=response_padding())
    with torch.no_grad():
        assert torch.equal(rlhf_policies.rewards(name, responses), proxy(name)(responses))


def test_the_critic_trains_lora_weights_and_head_alone():
    critic = ValueModel.from_reward_model(proxy("proxy-2000"))
    names = {name for name, one in critic.named_parameters() if one.requires_grad}
    assert {"head.weight", "head.bias"} < names and len(names) == 2 + 2 * 7 * 6
    assert not any(name.endswith(".base.weight") or "norm" in name or "tokens" in name for name in names)


def test_a_proxy_of_few_pairs_is_given_in_deviations_of_the_reference(small):
    recipes, _kept = small
    recipe = replace(recipes["proxy-200"], n_pairs=FEW, epochs=1, setting=Setting(1e-3, 0.0, 4))
    model, history = recipe.train(0)
    assert len(history.losses) == 2
    rewards = torch.cat(
        rlhf_rewards.pair_rewards(model, [one.pair for one in rlhf_rewards.labelled_pairs("validation")])
    )
    assert rewards.mean().item() == pytest.approx(0, abs=1e-3) and rewards.std().item() == pytest.approx(1, abs=1e-3)
    record = recipe.measure(model)
    assert trained.numbers(record["head"]) == pytest.approx(model.head.weight[0].tolist(), rel=1e-4)
    for name, n in (("training", FEW), ("validation", 3 * FEW), ("test", 3 * FEW)):
        found = record["tests"][name]
        errors = trained.numbers(found["items"]["errors"])
        assert len(errors) == n and 1 - np.mean(errors) == pytest.approx(found["accuracy"], abs=1e-6)
    validated = recipe.validate(model)
    assert validated["validation_error"] == pytest.approx(record["tests"]["validation"]["error_rate"], abs=1e-6)


def test_pairs_are_drawn_from_each_set_and_said_in_units_of_validation(small, monkeypatch):
    recipes, _kept = small
    monkeypatch.setattr(rlhf_rewards, "N_PAIRS", {"training": 4, "validation": 3, "test": 2})
    monkeypatch.setattr(rlhf_rewards, "SPARE", 2)
    recipe = recipes["pairs"]
    record = recipe.measure(reference_policy())
    for role, n in rlhf_rewards.N_PAIRS.items():
        assert record[role]["pairs"] == len(recipe.sets[role]) == n
        assert {one.words for one in recipe.sets[role]} <= {one.words for one in getattr(beginnings(), role)}
    scores = [score for one in recipe.sets["validation"] for score in one[2:]]
    assert record["gold_mean"] == pytest.approx(np.mean(scores), abs=1e-4)
    assert record["gold_std"] == pytest.approx(np.std(scores, ddof=1), abs=1e-4)


def test_the_best_of_n_is_better_by_the_score_that_chose(small):
    recipes, _kept = small
    record = recipes["best-of-n"].measure(reference_policy())
    values = {name: np.array(trained.numbers(line)).reshape(FEW, 4) for name, line in record["values"].items()}
    for by in values:
        assert record["tests"][f"best of 1 by {by}"][by] == pytest.approx(values[by].mean(), abs=1e-3)
        best = values[by].argmax(axis=1)
        for name, of_all in values.items():
            mean = of_all[np.arange(FEW), best].mean()
            assert record["tests"][f"best of 4 by {by}"][name] == pytest.approx(mean, abs=1e-3)
    assert record["tests"]["best of 4 by gold"]["kl"] == best_of_n_kl(4)


@pytest.mark.parametrize("name", ["dpo-0.1", "ipo-0.1"])
def test_a_policy_that_learns_from_pairs_raises_their_margin(small, name):
    record, _attached = run(small, "dpo", name, steps=6, follow=False, setting=Setting(2e-3, 0.0, 4))
    losses = trained.numbers(record["losses"])
    assert len(losses) == 6 and losses[0] == pytest.approx(np.log(2) if name == "dpo-0.1" else 25, abs=1e-4)
    assert record["curve"] == {} and record["tests"]["test pairs"]["accuracy"] > 0
    assert len(trained.numbers(record["tests"]["test"]["items"]["kl"])) == FEW


def test_a_policy_is_followed_from_before_the_first_step(small, monkeypatch):
    recipes, _kept = small
    monkeypatch.setattr(dpo, "EVERY", 1)
    recipe = replace(recipes["dpo-0.5"], steps=2, setting=Setting(1e-3, 0.0, 4))
    policy, _history = recipe.train(0)
    curve = {measure: trained.numbers(line) for measure, line in recipe.measure(policy)["curve"].items()}
    assert curve["step"] == [0, 1, 2] and curve["margin"][0] == 0 and curve["kl"][0] == pytest.approx(0, abs=1e-3)
    assert curve["accuracy"][0] == 0.5 and curve["margin"][2] != 0


def test_the_searches_measure_on_validation_alone(small, monkeypatch):
    recipes, _kept = small
    asked = []
    monkeypatch.setattr(rlhf_policies, "test_words", lambda: pytest.fail("a search must not read the test prompts"))
    few = draw(labelled_pairs("validation"), FEW)
    monkeypatch.setattr(rlhf_rewards, "labelled_pairs", lambda role: asked.append(role) or few)
    found = recipes["ppo-0.4"].validate(reference_policy())
    assert found["kl"] == pytest.approx(0, abs=1e-3) and found["validation_loss"] == pytest.approx(
        -found["proxy"], abs=1e-3
    )
    recipes["proxy-200"].validate(proxy("proxy-200"))
    assert set(asked) == {"validation"}
    few = [PreferencePair(*one) for one in training_pairs(2)]
    pairs = dpo.log_probabilities(reference_policy(), few, reference_policy())
    assert pairs.margin.abs().max() < 1e-4


def test_all_policies_have_one_budget_and_the_rate_of_the_search():
    found = rlhf.recipes()
    assert list(found)[:4] == ["sft", "pairs", "proxy-200", "proxy-2000"]
    assert {found[name].steps for name in POLICIES} == {rlhf_policies.ITERATIONS}
    assert len({found[name].setting for name in POLICIES if name != "grpo"}) == 1
    assert found["ppo-200-0"].proxy == "proxy-200" and {
        found[name].proxy for name in POLICIES if name != "ppo-200-0"
    } == {"proxy-2000"}
    of_pairs = dpo.recipes()
    assert list(of_pairs) == ["dpo-0.05", "dpo-0.1", "dpo-0.5", "ipo-0.1"]
    assert len({one.setting for name, one in of_pairs.items() if name != "ipo-0.1"}) == 1
    assert History().losses == []
