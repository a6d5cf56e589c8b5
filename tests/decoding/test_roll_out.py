"""Responses that a policy draws: from its own distribution, up to the end token, and no padding among them."""

import time

import pytest
import torch

from course.decoding import left_pad, sample
from course.decoding.responses import roll_out
from course.gpt import Decoder, LlamaConfig
from course.rlhf import all_answers, answer_distribution, response_log_probabilities
from course.tasks.pretraining import BASE
from tests.support.llama import as_llama, tiny_config, tiny_model
from tests.support.speed import require_ratio

END, PAD = 2, 60
PROMPTS = [[3, 1, 4, 1, 5], [27], [18, 28, 18]] * 4
LIMITS = {"end_id": END, "pad_id": PAD, "max_length": 12}


def policy(**changes):
    model = tiny_model(tiny_config(**changes))
    with torch.no_grad():
        model.norm.weight /= 4
        model.output.weight[END] += 2 * model.norm.weight / model.norm.weight.norm()
    return model


def seeded(value=0):
    return torch.Generator().manual_seed(value)


def test_a_response_ends_with_its_end_token_or_is_cut_off():
    found = roll_out(policy(), PROMPTS, generator=seeded(), **LIMITS)
    answers = found.lists()
    ended = [answer for answer in answers if END in answer]
    assert 0 < len(ended) < len(answers), "the test needs both"
    for answer in answers:
        assert END not in answer[:-1] and (answer[-1] == END or len(answer) == 12)
    assert (found.tokens[~found.is_token] == PAD).all()
    assert (found.is_token.int().diff(dim=1) <= 0).all(), "the tokens of a row come before its padding"


def test_the_prompts_are_kept():
    found = roll_out(policy(), PROMPTS, generator=seeded(), **LIMITS)
    for row, prompt in enumerate(PROMPTS):
        assert found.ids[row, found.padding[row] : found.n_prompt].tolist() == prompt
        assert (found.ids[row, : found.padding[row]] == PAD).all()


@pytest.mark.parametrize("temperature", [0.5, 1.0])
def test_what_is_drawn_is_what_sample_draws_at_the_same_temperature(temperature):
    model = policy()
    found = roll_out(model, PROMPTS, temperature=temperature, generator=seeded(), **LIMITS)
    ids, padding = left_pad(PROMPTS, fill=PAD)
    samples = sample(
        model, ids, eos_id=END, max_length=12, temperature=temperature, padding=padding, generator=seeded()
    )
    assert found.lists() == [row[kept].tolist() for row, kept in zip(samples.tokens, samples.drawn, strict=True)]
    with torch.no_grad():
        again = response_log_probabilities(model, found, temperature)
    torch.testing.assert_close(again, samples.log_probabilities, rtol=1e-4, atol=1e-5)


def test_the_id_that_fills_up_may_be_drawn_as_a_token():
    """What counts is known by place: a policy that draws the id of padding is not cut off there."""
    model = policy()
    with torch.no_grad():
        model.output.weight[PAD] += 6 * model.norm.weight / model.norm.weight.norm()
    found = roll_out(model, PROMPTS, generator=seeded(), **LIMITS)
    drawn = found.is_token & (found.tokens == PAD)
    assert drawn.any()
    later = drawn[:, :-1] & found.is_token[:, 1:]
    assert later.any(), "tokens follow it"


def test_answers_come_as_often_as_their_probabilities_say():
    """All 7 answers of up to 2 tokens from a vocabulary of 3, by their exact probabilities: chi-square."""
    model = Decoder(LlamaConfig(3, context_length=8, d_model=8, n_layers=1, n_heads=2, n_kv_heads=1, d_ff=8), seeded(1))
    with torch.no_grad():
        model.embedding.tokens.weight *= 30
    model.eval()
    answers = all_answers([0, 1], 2, end_id=2)
    expected = answer_distribution(model, [0, 1], answers, pad_id=0)
    n = 4000
    found = roll_out(model, [[0, 1]] * n, end_id=2, pad_id=0, max_length=2, generator=seeded()).lists()
    counts = torch.tensor([found.count(list(answer)) for answer in answers])
    assert counts.sum() == n and len(answers) == 7
    statistic = ((counts - n * expected) ** 2 / (n * expected)).sum().item()
    assert statistic < 22.5, "of 6 degrees of freedom, 1 of 1,000 is above"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pad_id": END}, "Token 2 is to fill up rows and to end responses"),
        ({"temperature": 0.0}, r"temperature is 0\.0"),
        ({"temperature": -1.0}, r"temperature is -1\.0"),
        ({"temperature": float("nan")}, "temperature is nan"),
        ({"max_length": 44}, "5 tokens of prompt and 44 new ones are more than the model's context of 48"),
    ],
)
def test_what_cannot_be_drawn_is_refused(change, message):
    generator = seeded()
    before = generator.get_state()
    with pytest.raises(ValueError, match=message):
        roll_out(policy(), PROMPTS, generator=generator, **LIMITS | change)
    assert torch.equal(generator.get_state(), before)


@pytest.mark.parametrize("prompts", [[], [[1], []]])
def test_no_prompts_and_an_empty_one_are_refused(prompts):
    with pytest.raises(ValueError, match="each needs one token or more"):
        roll_out(policy(), prompts, **LIMITS)


def test_rows_that_have_ended_are_not_computed():
    model, rows = policy(), []
    model.blocks[0].register_forward_hook(lambda _module, inputs, _output: rows.append(len(inputs[0])))
    found = roll_out(model, PROMPTS, generator=seeded(), **LIMITS)
    expected = [len(PROMPTS), *found.is_token.sum(dim=0).tolist()[1:]]  # the prompts, then a step for each later token
    assert rows == expected and rows[-1] < rows[0]


@pytest.mark.timed
def test_a_rollout_is_faster_than_generate_of_transformers(unchecked_shapes, record_property):
    """48 prompts, 24 tokens to each, and the sizes of the base model, as in the lesson's experiment: the best of five.

    Measured on one thread of an AMD processor, where no row ends early: 0.58 of their time, 0.66 to 0.73 on a busy
    machine, and 0.72 with MKL's products in place of oneDNN's (see `Linear`). Products are almost half of either's
    time, and drawing by `torch.multinomial` a quarter of theirs. They also go on with rows that have ended, and
    `roll_out` does not.
    """
    config = tiny_config(vocab_size=BASE.vocab_size, d_model=192, n_layers=6, n_heads=6, n_kv_heads=2, d_ff=512)
    model = tiny_model(config)
    theirs = as_llama(model, attention="sdpa")
    prompts = [[5 + number % 40] * (4 + number % 12) for number in range(48)]
    ids, padding = left_pad(prompts, fill=PAD)
    mask = (torch.arange(ids.shape[1]) >= padding[:, None]).long()

    def ours():
        found = roll_out(model, prompts, end_id=END, pad_id=PAD, max_length=24, generator=seeded())
        assert found.lengths.float().mean() > 23, "next to none ends early"

    def reference():
        theirs.generate(
            ids,
            attention_mask=mask,
            min_new_tokens=24,
            max_new_tokens=24,
            do_sample=True,
            top_k=0,
            eos_token_id=None,
            pad_token_id=PAD,
        )

    def seconds(run):
        start = time.process_time()
        run()
        return time.process_time() - start

    turns = [(seconds(ours), seconds(reference)) for _turn in range(6)][1:]
    took, plain = (min(times) for times in zip(*turns, strict=True))
    require_ratio(took, plain, 0.85, record_property, "a rollout, and generate of transformers")
