"""The reward model reads the last real token, and its loss knows differences alone; the critic reads before tokens."""

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from course.peft import LoRA, attach, freeze
from course.rlhf import RewardModel, ValueModel, as_responses, bradley_terry_loss, pair_responses, ranking_accuracy
from course.rlhf.preferences import PreferencePair
from tests.rlhf.drawn_responses import ANSWERS, PAD, PROMPTS, places, responses
from tests.support.llama import TOLERANCE, difference, tiny_config, tiny_model

rewards = st.lists(st.floats(-20, 20), min_size=1, max_size=8)


def reward_model(**settings):
    return RewardModel(tiny_model(tiny_config()), generator=torch.Generator().manual_seed(0), **settings).eval()


def seeded(value):
    return torch.Generator().manual_seed(value)


def test_a_reward_is_read_at_the_last_token_and_padding_changes_nothing():
    model = reward_model()
    with torch.no_grad():
        found = model(responses())
        assert torch.equal(found, model(responses(pad_id=2)))
        for row, (prompt, answer) in enumerate(zip(PROMPTS, ANSWERS, strict=True)):
            hidden = model.body.hidden_states(torch.tensor([prompt + answer]))[0, -1]
            expected = hidden @ model.head.weight[0] + model.head.bias[0]
            assert difference(found[row], expected) < TOLERANCE
        longer = as_responses([*PROMPTS, [1] * 9], [*ANSWERS, [1] * 20], pad_id=PAD)
        assert difference(model(longer)[:3], found) < TOLERANCE


def test_the_head_starts_as_it_should():
    """N(0, 1 / (d + 1)) and a bias of 0: over 10,000 weights the deviation is within 3 %."""
    head = RewardModel(tiny_model(tiny_config(d_model=10_000, n_layers=1, n_heads=1, n_kv_heads=1, d_ff=2))).head
    assert head.weight.std().item() == pytest.approx(1 / math.sqrt(10_001), rel=0.03)
    assert abs(head.weight.mean().item()) < 4 / math.sqrt(10_001) / 100
    assert head.bias.item() == 0 and head.weight.shape == (1, 10_000)


def test_the_head_is_drawn_by_its_generator_with_its_deviation():
    one, other = reward_model(), reward_model(head_std=0.01)
    torch.testing.assert_close(other.head.weight * (1 / math.sqrt(33) / 0.01), one.head.weight)
    assert torch.equal(one.head.weight, reward_model().head.weight)
    with pytest.raises(ValueError, match=r"head_std is 0.0"):
        reward_model(head_std=0.0)


def test_a_centered_model_has_mean_0_and_the_same_differences():
    model = reward_model()
    with torch.no_grad():
        before = model(responses())
        model.center(responses())
        after = model(responses())
    assert before.mean().abs() > 0.1, "the test needs something to center"
    assert after.mean().item() == pytest.approx(0, abs=1e-6)
    torch.testing.assert_close(after - after[0], before - before[0])


@given(rewards, st.floats(-20, 20))
def test_the_loss_knows_differences_alone(drawn, shift):
    chosen, rejected = torch.tensor(drawn).double(), torch.tensor(drawn[::-1]).double() + 0.3
    loss = bradley_terry_loss(chosen.float(), rejected.float())
    moved = bradley_terry_loss((chosen + shift).float(), (rejected + shift).float())
    torch.testing.assert_close(moved, loss, rtol=1e-4, atol=1e-4)
    by_hand = sum(math.log1p(math.exp(r - c)) for c, r in zip(chosen.tolist(), rejected.tolist(), strict=True))
    assert loss.item() == pytest.approx(by_hand / len(drawn), rel=1e-4, abs=1e-5)


def test_rewards_that_are_far_apart_neither_overflow_nor_lose_their_gradient():
    chosen = torch.tensor([-1000.0, 1000.0], requires_grad=True)
    loss = bradley_terry_loss(chosen, torch.zeros(2))
    loss.backward()
    assert loss.item() == 500 and chosen.grad.tolist() == [-0.5, 0.0]


def test_equal_rewards_have_the_loss_ln_2_and_count_one_half():
    equal = torch.tensor([1.0, -3.0])
    assert bradley_terry_loss(equal, equal).item() == pytest.approx(math.log(2))
    assert ranking_accuracy(equal, equal).item() == 0.5
    assert ranking_accuracy(torch.tensor([1.0, 2, 0, 0]), torch.tensor([0.0, 1, 0, 1])).item() == 0.625


@pytest.mark.parametrize("function", [bradley_terry_loss, ranking_accuracy])
def test_rewards_that_are_not_finite_and_no_pairs_are_refused(function):
    for wrong in (math.nan, math.inf):
        with pytest.raises(ValueError, match="The rewards of pair 1 are"):
            function(torch.zeros(2), torch.tensor([0.0, wrong]))
    with pytest.raises(ValueError, match="There are no pairs"):
        function(torch.zeros(0), torch.zeros(0))


def test_a_reward_model_learns_which_answers_were_chosen():
    """The chosen answers have a token that the rejected ones lack; new pairs are ranked by it."""
    generator = seeded(0)

    def pair():
        words = torch.randint(10, 50, (4,), generator=generator).tolist()
        return PreferencePair(tuple(words[:2]), (55, *words[2:], 2), (*words[2:], 56, 2))

    model = reward_model(head_std=0.01)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _step in range(20):
        chosen, rejected = model(pair_responses([pair() for _ in range(16)], pad_id=PAD)).chunk(2)
        optimizer.zero_grad()
        bradley_terry_loss(chosen, rejected).backward()
        optimizer.step()
    with torch.no_grad():
        chosen, rejected = model(pair_responses([pair() for _ in range(64)], pad_id=PAD)).chunk(2)
    assert ranking_accuracy(chosen, rejected).item() > 0.95


def test_the_loss_of_a_batch_has_the_gradient_of_its_pairs():
    """One batch of chosen and rejected answers is the same as each pair alone."""
    pairs = [PreferencePair((1, 2, 3), (4, 2), (5, 6, 2)), PreferencePair((9,), (8, 8, 8, 2), (2,))]
    whole, alone = reward_model(), reward_model()
    bradley_terry_loss(*whole(pair_responses(pairs, pad_id=PAD)).chunk(2)).backward()
    losses = []
    for one in pairs:
        chosen, rejected = (
            alone(as_responses([one.prompt], [answer], pad_id=PAD)) for answer in (one.chosen, one.rejected)
        )
        losses.append(-F.logsigmoid(chosen - rejected)[0])
    (sum(losses) / 2).backward()
    for ours, expected in zip(whole.parameters(), alone.parameters(), strict=True):
        if expected.grad is not None and expected.grad.abs().max() > 1e-6:
            assert difference(ours.grad, expected.grad) < 10 * TOLERANCE


def test_a_value_is_read_before_each_token():
    model = ValueModel(tiny_model(tiny_config()), generator=seeded(0)).eval()
    with torch.no_grad():
        found = model(responses())
        for row, (prompt, answer) in enumerate(zip(PROMPTS, ANSWERS, strict=True)):
            for place in range(len(answer)):
                hidden = model.body.hidden_states(torch.tensor([prompt + answer[:place]]))[0, -1]
                expected = (hidden @ model.head.weight[0]).item()
                assert found[row, place].item() == pytest.approx(expected, abs=1e-4)
        assert (found[~places()] == 0).all()
        assert torch.equal(found, model(responses(pad_id=2)))


def test_a_critic_begins_as_the_reward_model_and_goes_its_own_way():
    rewarding = reward_model()
    rewarding.center(responses())
    attach(rewarding.body, LoRA(rank=2), generator=seeded(1))
    critic = ValueModel.from_reward_model(rewarding).eval()
    batch = responses()
    shorter = as_responses([PROMPTS[1]], [ANSWERS[1][:-1]], pad_id=PAD)
    with torch.no_grad():
        # The value before the last token of row 1 is the reward of what is read by then.
        assert critic(batch)[1, 4].item() == pytest.approx(rewarding(shorter).item(), abs=1e-5)
        before = rewarding(batch)
        for weight in critic.parameters():
            weight += 0.1
        assert torch.equal(rewarding(batch), before)
    assert not {id(weight) for weight in critic.parameters()} & {id(weight) for weight in rewarding.parameters()}


@pytest.mark.parametrize("lora", [False, True])
def test_a_critic_trains_what_the_reward_model_trained_and_its_head(lora):
    rewarding = reward_model()
    if lora:
        freeze(rewarding.body)
        attach(rewarding.body, LoRA(rank=2), generator=seeded(1))
    critic = ValueModel.from_reward_model(rewarding)
    trained = {name for name, weight in critic.named_parameters() if weight.requires_grad}
    assert trained == {name for name, weight in rewarding.named_parameters() if weight.requires_grad}
    assert {"head.weight", "head.bias"} < trained
    assert lora == all(name.endswith((".down", ".up")) or name.startswith("head.") for name in trained)
