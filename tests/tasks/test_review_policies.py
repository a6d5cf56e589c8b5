"""The reference policy and those that were trained from it."""

import statistics

import pytest
import torch

from course import trained
from course.data.splits import draw
from course.decoding import roll_out
from course.layers.language_model import log_probabilities
from course.rlhf import response_log_probabilities
from course.tasks import review_policies as task
from course.tasks.review_continuations import MAX_LENGTH, beginnings, prompt_ids, response_end, response_padding


def test_sharpened_a_model_says_at_temperature_1_what_it_said_at_the_other():
    model, sharp = task.tuned_base(), task.tuned_base()
    task.sharpen(sharp, 0.7)
    prompts = [prompt_ids("A film of great"), prompt_ids("Screenwriter Dan Schneider and")]
    options = {"end_id": response_end(), "pad_id": response_padding(), "max_length": 6}
    drawn = roll_out(model, prompts, temperature=0.7, generator=torch.Generator().manual_seed(0), **options)
    again = roll_out(sharp, prompts, generator=torch.Generator().manual_seed(0), **options)
    assert torch.equal(drawn.ids, again.ids)
    torch.testing.assert_close(
        response_log_probabilities(sharp, again), response_log_probabilities(model, drawn, 0.7), atol=1e-5, rtol=1e-5
    )
    with torch.no_grad():
        warm, cold = (log_probabilities(one(drawn.ids[:, -4:])) for one in (model, sharp))
    assert not torch.allclose(warm, cold, atol=0.1)


@pytest.mark.parametrize("temperature", [0.0, -1.0])
def test_a_temperature_that_is_not_above_0_is_refused(temperature):
    with pytest.raises(ValueError, match="temperature"):
        task.sharpen(task.tuned_base(), temperature)


def test_the_reference_is_frozen_and_each_call_makes_another():
    first, second = task.reference_policy(), task.reference_policy()
    assert not first.training and not any(one.requires_grad for one in first.parameters())
    assert first is not second
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))
    untuned = task.tuned_base()
    assert not torch.equal(first.blocks[0].attention.query.weight, untuned.blocks[0].attention.query.weight)
    assert torch.allclose(first.norm.weight, untuned.norm.weight / task.TEMPERATURE)


def test_a_stored_policy_has_the_kl_divergence_that_its_record_says():
    policy, reference = task.stored_policy("rlhf/ppo-0.1"), task.reference_policy()
    assert not any(one.requires_grad for one in policy.parameters())
    prompts = [prompt_ids(one.words) for one in draw(beginnings().test, 64)]
    options = {"end_id": response_end(), "pad_id": response_padding(), "max_length": MAX_LENGTH}
    responses = roll_out(policy, prompts, generator=torch.Generator().manual_seed(0), **options)
    with torch.no_grad():
        log_ratios = response_log_probabilities(policy, responses) - response_log_probabilities(reference, responses)
    kept = trained.record_of("rlhf", "ppo-0.1")["tests"]["test"]
    items = trained.numbers(kept["items"]["kl"])
    assert abs(log_ratios.sum(dim=1).mean().item() - kept["kl"]) < 4 * statistics.stdev(items) / 8


def test_a_policy_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="There is no trained 'rlhf/ppo-9'"):
        task.stored_policy("rlhf/ppo-9")
