"""The four log-probabilities of a pair: token by token, by `transformers`, in half precision, and what is left out."""

import pytest
import torch

from course.dpo import (
    dpo_loss,
    pair_log_probabilities,
    reference_log_probabilities,
    with_reference,
)
from course.rlhf import PreferencePair
from tests.dpo.drawn_pairs import END, PAD, PAIRS
from tests.support.gpt2 import tiny_gpt2
from tests.support.llama import TOLERANCE, as_llama, difference, llama_name, tiny_config, tiny_model


def token_by_token(model, prompt, answer):
    ids, total = list(prompt), 0.0
    for token in answer:
        total += model(torch.tensor([ids]))[0, -1].double().log_softmax(0)[token].item()
        ids.append(token)
    return total


@pytest.mark.parametrize("config", [tiny_config(), tiny_gpt2()])
@torch.no_grad()
def test_they_are_sums_over_the_tokens_of_the_answers(config):
    model = tiny_model(config)
    found = pair_log_probabilities(model, PAIRS, pad_id=PAD)
    for column, name in ((found.chosen, "chosen"), (found.rejected, "rejected")):
        expected = [token_by_token(model, pair.prompt, getattr(pair, name)) for pair in PAIRS]
        assert column.tolist() == pytest.approx(expected, rel=1e-5)
    assert found.n_chosen.tolist() == [2, 4, 3] and found.n_rejected.tolist() == [5, 1, 3]


@torch.no_grad()
def test_the_end_of_an_answer_counts_and_the_prompt_does_not():
    model = tiny_model(tiny_config())
    pair = PAIRS[0]
    open_ended = pair._replace(chosen=pair.chosen[:-1])
    whole, without = (pair_log_probabilities(model, [one], pad_id=PAD).chosen.item() for one in (pair, open_ended))
    of_end = model(torch.tensor([[*pair.prompt, *pair.chosen[:-1]]]))[0, -1].log_softmax(0)[END].item()
    assert whole - without == pytest.approx(of_end, abs=1e-5)
    short = pair_log_probabilities(model, [PreferencePair(pair.prompt, pair.chosen, (END,))], pad_id=PAD)
    longer = (*pair.prompt, pair.chosen[0])
    moved = pair_log_probabilities(model, [PreferencePair(longer, pair.chosen[1:], (8, END))], pad_id=PAD)
    first = model(torch.tensor([pair.prompt]))[0, -1].log_softmax(0)[pair.chosen[0]].item()
    assert (short.chosen - moved.chosen).item() == pytest.approx(first, abs=1e-5)


@torch.no_grad()
def test_what_fills_up_rows_and_who_is_in_the_batch_make_no_difference():
    model = tiny_model(tiny_config())
    found = pair_log_probabilities(model, PAIRS, pad_id=PAD)
    for other in (
        pair_log_probabilities(model, PAIRS, pad_id=END),
        pair_log_probabilities(model, [*PAIRS, PreferencePair((1,) * 20, (1,) * 20, (2,))], pad_id=0),
    ):
        for ours, theirs in zip(found, other, strict=True):
            torch.testing.assert_close(ours.double(), theirs[:3].double(), rtol=1e-5, atol=1e-5)
    for number, pair in enumerate(PAIRS):
        alone = pair_log_probabilities(model, [pair], pad_id=PAD)
        assert alone.chosen.item() == pytest.approx(found.chosen[number].item(), rel=1e-5)


def test_loss_and_gradients_are_those_of_transformers():
    policy, reference = tiny_model(tiny_config()), tiny_model(tiny_config(), seed=1)
    stored = reference_log_probabilities(reference, PAIRS, pad_id=PAD)
    dpo_loss(with_reference(pair_log_probabilities(policy, PAIRS, pad_id=PAD), stored), 0.1).backward()

    theirs, theirs_reference = as_llama(policy), as_llama(reference)
    losses = []
    for pair in PAIRS:
        ratios = []
        for answer in (pair.chosen, pair.rejected):
            ids = torch.tensor([[*pair.prompt, *answer]])
            logs = []
            for model in (theirs, theirs_reference):
                steps = model(ids).logits[0, len(pair.prompt) - 1 : -1].log_softmax(-1)
                logs.append(steps.gather(1, torch.tensor(answer)[:, None]).sum())
            ratios.append(logs[0] - logs[1].detach())
        losses.append(-torch.nn.functional.logsigmoid(0.1 * (ratios[0] - ratios[1])))
    torch.stack(losses).mean().backward()
    expected = dict(theirs.named_parameters())
    for name, weight in policy.named_parameters():
        assert difference(weight.grad, expected[llama_name(name)].grad) < TOLERANCE, name


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16])
@torch.no_grad()
def test_in_half_precision_sums_are_of_float32(kind):
    """A sum of 40 tokens in bfloat16 would be rounded to about 1 nat."""
    model = tiny_model(tiny_config(context_length=64)).to(kind)
    answer = tuple(torch.randint(60, (40,), generator=torch.Generator().manual_seed(0)).tolist())
    found = pair_log_probabilities(model, [PreferencePair((3, 1), answer, (END,))], pad_id=PAD)
    assert found.chosen.dtype == torch.float32
    logits = model(torch.tensor([[3, 1, *answer]]))[0, 1:-1].double()
    exact = logits.log_softmax(-1).gather(1, torch.tensor(answer)[:, None]).sum().item()
    assert found.chosen.item() == pytest.approx(exact, rel=1e-5)
    assert found.chosen.item() != found.chosen.to(kind).item()


def test_the_reference_is_computed_without_gradients_in_batches_of_any_size():
    reference = tiny_model(tiny_config(dropout=0.5)).train()
    found = reference_log_probabilities(reference, PAIRS, pad_id=PAD)
    assert not found.requires_grad and not reference.training
    expected = pair_log_probabilities(reference, PAIRS, pad_id=PAD)
    torch.testing.assert_close(found, torch.stack(expected[:2], dim=1).detach())
    for size in (1, 2):
        again = reference_log_probabilities(reference, PAIRS, pad_id=PAD, batch_size=size)
        torch.testing.assert_close(again, found, rtol=1e-5, atol=1e-5)


def test_policy_and_reference_are_not_exchanged():
    policy, reference = tiny_model(tiny_config()), tiny_model(tiny_config(), seed=1)
    stored = reference_log_probabilities(reference, PAIRS, pad_id=PAD)
    pairs = with_reference(pair_log_probabilities(policy, PAIRS, pad_id=PAD), stored)
    pair = PAIRS[0]
    with torch.no_grad():
        expected = token_by_token(policy, pair.prompt, pair.chosen) - token_by_token(
            reference, pair.prompt, pair.chosen
        )
        other = token_by_token(policy, pair.prompt, pair.rejected) - token_by_token(
            reference, pair.prompt, pair.rejected
        )
    assert pairs.chosen_log_ratio[0].item() == pytest.approx(expected, abs=1e-4)
    assert pairs.rejected_log_ratio[0].item() == pytest.approx(other, abs=1e-4)
    assert pairs.margin[0].item() == pytest.approx(expected - other, abs=1e-4)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([], "There are no pairs"),
        ([PreferencePair((), (1, END), (END,))], "The prompt of row 0 is empty"),
        ([PreferencePair((1,), (), (END,))], "The answer of row 0 is empty"),
        ([PreferencePair((1,), (END,), ())], "The answer of row 1 is empty"),
        ([PAIRS[0], PreferencePair((1,), (3, END), (3, END))], "The two answers of pair 1 are equal"),
        ([PreferencePair((1,) * 40, (1,) * 9, (END,))], "are beyond the model's context of 48"),
    ],
)
def test_pairs_that_say_nothing_are_refused(pairs, message):
    model = tiny_model(tiny_config())
    for call in (pair_log_probabilities, reference_log_probabilities):
        with pytest.raises(ValueError, match=message):
            call(model, pairs, pad_id=PAD)


def test_a_batch_size_of_0_is_refused():
    with pytest.raises(ValueError, match="batch_size is 0"):
        reference_log_probabilities(tiny_model(tiny_config()), PAIRS, pad_id=PAD, batch_size=0)
