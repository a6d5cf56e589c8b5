"""Training on pairs: it begins at ln 2, resumes to the same weights, orders pairs, and refuses what cannot be right."""

import copy
import itertools
import math
from dataclasses import replace

import pytest
import torch

from course.dpo import (
    DrawnPairs,
    PairSettings,
    dpo_loss,
    ipo_loss,
    pair_log_probabilities,
    preference_accuracy,
    reference_log_probabilities,
    simpo_loss,
    train_on_pairs,
    with_reference,
)
from course.peft import LoRA, attach, freeze
from course.rlhf import PreferencePair
from tests.dpo.drawn_pairs import END, PAD, PAIRS
from tests.support.llama import tiny_config, tiny_model

SETTINGS = PairSettings(learning_rate=1e-3, steps=6, batch_size=2)


def dpo(pairs):
    return dpo_loss(pairs, 0.1)


def models(*, lora=False, dropout=0.0):
    policy = tiny_model(tiny_config(dropout=dropout))
    reference = copy.deepcopy(policy).requires_grad_(False)
    if lora:
        freeze(policy)
        targets = ("value", "output", "down")
        attach(policy, LoRA(rank=2, targets=targets), generator=torch.Generator().manual_seed(0))
    return policy, reference


def train(policy, reference, pairs=PAIRS, settings=SETTINGS, *, loss=dpo, **options):
    return train_on_pairs(policy, reference, pairs, settings, loss=loss, pad_id=PAD, **options)


def weights(*models):
    return [weight.clone() for model in models for weight in model.state_dict().values()]


def same(one, other):
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def described(policy, reference, pairs=PAIRS):
    stored = reference_log_probabilities(reference, pairs, pad_id=PAD)
    with torch.no_grad():
        return with_reference(pair_log_probabilities(policy, pairs, pad_id=PAD), stored)


@pytest.mark.parametrize("lora", [False, True])
def test_the_first_loss_is_ln_2_also_with_dropout(lora):
    policy, reference = models(lora=lora, dropout=0.5)
    policy.train()
    reference.train()
    history = train(policy, reference)
    assert history.losses[0] == pytest.approx(math.log(2), abs=1e-6)
    assert history.losses[-1] < math.log(2) and not policy.training and not reference.training


@pytest.mark.parametrize("loss", [dpo, lambda pairs: ipo_loss(pairs, 0.1), lambda pairs: simpo_loss(pairs, 2.0, 0.5)])
@pytest.mark.parametrize("lora", [False, True])
def test_it_learns_to_order_the_pairs(loss, lora):
    policy, reference = models(lora=lora)
    settings = PairSettings(learning_rate=1e-2 if lora else 1e-3, steps=40, batch_size=3)
    train(policy, reference, settings=settings, loss=loss)
    pairs = described(policy, reference)
    assert preference_accuracy(pairs) == 1 and pairs.margin.min() > 0.5


def test_only_what_requires_a_gradient_is_trained_and_the_reference_stays():
    policy, reference = models(lora=True)
    frozen = {name: weight.clone() for name, weight in policy.named_parameters() if not weight.requires_grad}
    before, kept = weights(policy), weights(reference)
    train(policy, reference)
    assert not same(weights(policy), before) and same(weights(reference), kept)
    assert all(torch.equal(weight, frozen[name]) for name, weight in policy.named_parameters() if name in frozen)


@pytest.mark.parametrize("lora", [False, True])
def test_an_interrupted_training_goes_on_to_the_same_weights(tmp_path, lora):
    file = tmp_path / "run.safetensors"
    policy, reference = models(lora=lora)
    whole = train(policy, reference, seed=3)
    expected = weights(policy)

    calls = []

    def loss(pairs):
        calls.append(len(calls))
        if len(calls) == 5:  # of the fourth step: the first call is on trial
            raise KeyboardInterrupt
        return dpo(pairs)

    policy, reference = models(lora=lora)
    with pytest.raises(KeyboardInterrupt):
        train(policy, reference, seed=3, checkpoint=file, loss=loss)
    fresh, reference = models(lora=lora)
    steps = []
    history = train(fresh, reference, seed=3, checkpoint=file, after_step=steps.append)
    assert steps == [4, 5, 6]
    assert history.losses == whole.losses and len(history.losses) == 6
    assert same(weights(fresh), expected)


def test_the_seed_draws_the_batches():
    losses = [train(*models(), seed=seed).losses for seed in (0, 0, 1)]
    assert losses[0] == losses[1] != losses[2]


def test_what_is_evaluated_is_recorded():
    policy, reference = models()
    history = train(
        policy,
        reference,
        evaluate=lambda model: {"margin": described(model, reference).margin.mean().item()},
        evaluate_every=3,
    )
    assert [one["step"] for one in history.evaluations] == [3, 6]
    assert history.evaluations[1]["margin"] == pytest.approx(described(policy, reference).margin.mean().item())


def test_each_pass_has_every_pair_once():
    batches = DrawnPairs(7, 3, seed=0)
    places = list(itertools.chain.from_iterable(batches[step].tolist() for step in range(14)))
    passes = [places[start : start + 7] for start in range(0, 42, 7)]
    assert all(sorted(one) == list(range(7)) for one in passes)
    assert len({tuple(one) for one in passes}) > 1
    assert batches[5].tolist() == DrawnPairs(7, 3, seed=0)[5].tolist(), "without the steps before it"
    assert [DrawnPairs(7, 7, seed=1)[0].tolist()] != [DrawnPairs(7, 7, seed=0)[0].tolist()]


def test_a_batch_has_no_more_pairs_than_there_are():
    policy, reference = models()
    sizes = []

    def loss(pairs):
        sizes.append(len(pairs.chosen))
        return dpo(pairs)

    train(policy, reference, settings=replace(SETTINGS, batch_size=100), loss=loss)
    assert sizes == [3] * 6


def test_the_reference_cannot_be_the_policy_or_share_what_is_trained():
    policy, reference = models()
    before = weights(policy)
    with pytest.raises(ValueError, match="The reference shares parameters"):
        train(policy, policy)
    reference.norm = policy.norm
    with pytest.raises(ValueError, match="The reference shares parameters"):
        train(policy, reference)
    assert same(weights(policy), before)


def test_a_frozen_body_may_be_shared():
    """With LoRA, policy and reference can have one body."""
    base = tiny_model(tiny_config()).requires_grad_(False)
    policy = copy.deepcopy(base)
    attach(policy, LoRA(rank=2, targets=("value",)), generator=torch.Generator().manual_seed(0))
    policy.embedding = base.embedding
    assert train(policy, base).losses[0] == pytest.approx(math.log(2), abs=1e-6)


def test_a_policy_without_a_trained_parameter_is_refused():
    policy, reference = models()
    with pytest.raises(ValueError, match="No parameter of the policy requires a gradient"):
        train(policy.requires_grad_(False), reference)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([], "There are no pairs"),
        ([PreferencePair((1,), (), (END,))], "The answer of row 0 is empty"),
        ([PAIRS[0], PreferencePair((1,), (3, END), (3, END))], "The two answers of pair 1 are equal"),
        ([PreferencePair((1,) * 40, (1,) * 9, (END,))], "are beyond the model's context of 48"),
    ],
)
@pytest.mark.parametrize("batch_size", [1, 2])
def test_pairs_that_cannot_be_are_refused_before_anything_changes(pairs, message, batch_size):
    policy, reference = models()
    before = weights(policy)
    with pytest.raises(ValueError, match=message):
        train(policy, reference, pairs, replace(SETTINGS, batch_size=batch_size))
    assert same(weights(policy), before)


def test_prompts_and_answers_that_some_batch_cannot_hold_are_refused_before_anything_changes():
    """Each pair fits, but a batch with the last one and another would have rows of 60. The reference reads 32 pairs."""
    policy, reference = models()
    before = weights(policy)
    pairs = [PreferencePair((1,) * 30, (1,) * 5, (END,))] * 32 + [PreferencePair((1,) * 5, (1,) * 30, (END,))]
    with pytest.raises(
        ValueError, match="Prompts of 30 tokens and responses of 30 are beyond the model's context of 48"
    ):
        train(policy, reference, pairs, replace(SETTINGS, steps=20), seed=1)
    assert same(weights(policy), before)


@pytest.mark.parametrize("beta", [0.0, -0.1])
def test_a_wrong_beta_is_refused_before_anything_changes(beta):
    policy, reference = models()
    before = weights(policy)
    with pytest.raises(ValueError, match="beta is"):
        train(policy, reference, loss=lambda pairs: dpo_loss(pairs, beta))
    assert same(weights(policy), before)


def test_a_reference_that_is_not_finite_is_refused_and_the_pair_named():
    policy, reference = models()
    before = weights(policy)
    with torch.no_grad():
        reference.embedding.tokens.weight[30] = math.nan
    with pytest.raises(ValueError, match="The reference gives an answer of pair 0 no finite log-probability"):
        train(policy, reference)
    assert same(weights(policy), before)


def test_a_loss_that_is_not_finite_leaves_the_weights_before_that_step():
    policy, reference = models()
    steps = []

    def loss(pairs):
        steps.append(weights(policy))
        return dpo(pairs) * (math.nan if len(steps) == 3 else 1)

    with pytest.raises(FloatingPointError, match="At step 3 the loss is nan"):
        train(policy, reference, loss=loss)
    assert same(weights(policy), steps[-1]) and not same(steps[0], steps[-1])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"learning_rate": 0.0}, "learning_rate is"),
        ({"learning_rate": math.nan}, "learning_rate is"),
        ({"steps": 0}, "steps is 0"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"max_gradient_norm": 0.0}, "max_gradient_norm is"),
    ],
)
def test_settings_that_cannot_be_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        replace(SETTINGS, **change)
