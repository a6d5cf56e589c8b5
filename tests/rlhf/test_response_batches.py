"""What a model says of the tokens of responses: of these alone, whatever is around them."""

import pytest
import torch

from course.rlhf import (
    PreferencePair,
    as_responses,
    last_states,
    pair_responses,
    response_log_probabilities,
    states_before,
    token_scores,
)
from tests.rlhf.drawn_responses import ANSWERS, LENGTHS, PAD, PROMPTS, places, responses
from tests.support.gpt2 import tiny_gpt2
from tests.support.llama import TOLERANCE, difference, tiny_config, tiny_model

MODELS = {"llama": lambda: tiny_model(tiny_config()), "gpt2": lambda: tiny_model(tiny_gpt2())}
every_model = pytest.mark.parametrize("name", MODELS)


def test_a_batch_is_prompts_that_end_together_and_answers_that_begin_together():
    found = responses()
    assert found.n_prompt == 5 and found.padding.tolist() == [0, 4, 2]
    assert found.ids.tolist() == [
        [3, 1, 4, 1, 5, 7, 2, PAD, PAD, PAD],
        [PAD, PAD, PAD, PAD, 27, 9, 9, 8, 30, 2],
        [PAD, PAD, 18, 28, 18, 2, PAD, PAD, PAD, PAD],
    ]
    assert torch.equal(found.is_token, places())
    assert found.lengths.tolist() == LENGTHS and found.last.tolist() == [1, 4, 0]
    assert found.lists() == ANSWERS


def test_rows_are_selected_with_all_that_belongs_to_them():
    found = responses().select(torch.tensor([2, 0]))
    assert found.lists() == [ANSWERS[2], ANSWERS[0]] and found.padding.tolist() == [2, 0]
    assert responses().select(slice(1, 2)).lists() == [ANSWERS[1]]


@every_model
@pytest.mark.parametrize("temperature", [0.7, 1.0, 2.0])
def test_log_probabilities_are_those_of_each_token_after_all_before_it(name, temperature):
    """Token by token, each row alone: an off-by-one, a padded place that is seen, or another temperature fails."""
    model = MODELS[name]()
    with torch.no_grad():
        found = response_log_probabilities(model, responses(), temperature)
        for row, (prompt, answer) in enumerate(zip(PROMPTS, ANSWERS, strict=True)):
            for place, token in enumerate(answer):
                logits = model(torch.tensor([prompt + answer[:place]]))[0, -1] / temperature
                assert found[row, place].item() == pytest.approx(logits.log_softmax(-1)[token].item(), abs=1e-4)
    assert (found[~places()] == 0).all()


@every_model
def test_entropies_are_those_of_the_distributions_that_the_tokens_are_drawn_from(name):
    model = MODELS[name]()
    with torch.no_grad():
        found = token_scores(model, responses(), 0.7)
        for row, (prompt, answer) in enumerate(zip(PROMPTS, ANSWERS, strict=True)):
            for place in range(len(answer)):
                logits = model(torch.tensor([prompt + answer[:place]]))[0, -1] / 0.7
                expected = torch.distributions.Categorical(logits=logits).entropy()
                assert found.entropies[row, place].item() == pytest.approx(expected.item(), abs=1e-4)
    assert (found.entropies[~places()] == 0).all()
    assert torch.equal(found.log_probabilities, response_log_probabilities(model, responses(), 0.7))


@every_model
def test_padding_changes_nothing(name):
    """Another id that fills up, a batch instead of one row, and more columns of padding on either side."""
    model = MODELS[name]()
    with torch.no_grad():
        found = response_log_probabilities(model, responses())
        assert torch.equal(found, response_log_probabilities(model, responses(pad_id=2)))
        wider = as_responses([[1] * 9, *PROMPTS], [[1] * 8, *ANSWERS], pad_id=PAD)
        assert difference(response_log_probabilities(model, wider)[1:, :5], found) < TOLERANCE
        for row in range(3):
            alone = as_responses([PROMPTS[row]], [ANSWERS[row]], pad_id=PAD)
            assert difference(response_log_probabilities(model, alone)[0], found[row, : LENGTHS[row]]) < TOLERANCE


def test_an_id_that_fills_up_counts_where_it_is_a_token():
    found = as_responses([[1, 2]], [[PAD, 3, PAD]], pad_id=PAD)
    assert found.lengths.tolist() == [3] and found.lists() == [[PAD, 3, PAD]]
    assert (response_log_probabilities(tiny_model(tiny_config()), found) < 0).all()


def test_nothing_beyond_the_last_token_has_a_gradient():
    model, batch = tiny_model(tiny_config()), responses()
    states = []

    def keep(_module, _inputs, output):
        output.retain_grad()
        states.append(output)

    model.norm.register_forward_hook(keep)
    response_log_probabilities(model, batch).sum().backward()
    [hidden] = states
    has_gradient = (hidden.grad != 0).any(dim=-1)
    expected = torch.zeros_like(has_gradient)
    expected[:, batch.n_prompt - 1 :] = places()
    assert torch.equal(has_gradient, expected)


def test_the_output_layer_reads_only_what_responses_are_predicted_from():
    model, batch = tiny_model(tiny_config()), responses()
    shapes = []
    model.output.register_forward_hook(lambda _module, inputs, _output: shapes.append(tuple(inputs[0].shape)))
    token_scores(model, batch)
    assert shapes == [(3, 5, 32)]


@every_model
def test_states_are_those_before_each_token_and_at_the_last(name):
    model = MODELS[name]()
    with torch.no_grad():
        before, last = states_before(model, responses()), last_states(model, responses())
        for row, (prompt, answer) in enumerate(zip(PROMPTS, ANSWERS, strict=True)):
            alone = model.hidden_states(torch.tensor([prompt + answer]))[0]
            assert difference(before[row, : len(answer)], alone[len(prompt) - 1 : -1]) < TOLERANCE
            assert difference(last[row], alone[-1]) < TOLERANCE


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_a_model_in_half_precision_has_log_probabilities_in_full(dtype):
    assert response_log_probabilities(tiny_model(tiny_config()).to(dtype), responses()).dtype == torch.float32


def test_responses_as_long_as_the_context_are_read():
    model = tiny_model(tiny_config(context_length=10))
    assert response_log_probabilities(model, responses()).shape == (3, 5)
    with pytest.raises(ValueError, match=r"Prompts of 5 tokens and responses of 5 are beyond the model's context of 9"):
        response_log_probabilities(tiny_model(tiny_config(context_length=9)), responses())


@pytest.mark.parametrize("function", [response_log_probabilities, token_scores, states_before, last_states])
def test_an_empty_response_is_refused(function):
    batch = responses()
    batch.is_token[2] = False
    with pytest.raises(ValueError, match="The response of row 2 is empty"):
        function(tiny_model(tiny_config()), batch)


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan")])
def test_a_temperature_that_is_not_above_0_is_refused(temperature):
    for function in (response_log_probabilities, token_scores):
        with pytest.raises(ValueError, match="temperature is"):
            function(tiny_model(tiny_config()), responses(), temperature)


@pytest.mark.parametrize(
    ("prompts", "answers", "message"),
    [
        ([], [], "There are 0 prompts and 0 answers"),
        ([[1]], [[2], [3]], "There are 1 prompts and 2 answers"),
        ([[1], []], [[2], [3]], "The prompt of row 1 is empty"),
        ([[1], [1]], [[2], []], "The answer of row 1 is empty"),
    ],
)
def test_what_makes_no_batch_is_refused(prompts, answers, message):
    with pytest.raises(ValueError, match=message):
        as_responses(prompts, answers, pad_id=PAD)


PAIRS = [PreferencePair((1, 2, 3), (4, 2), (5, 6, 2)), PreferencePair((9,), (8, 8, 8, 2), (2,))]


def test_a_batch_of_pairs_has_the_chosen_answers_first():
    found = pair_responses(PAIRS, pad_id=PAD)
    assert found.lists() == [[4, 2], [8, 8, 8, 2], [5, 6, 2], [2]]
    assert found.padding.tolist() == [0, 2, 0, 2]


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([], "There are no pairs"),
        ([*PAIRS, PreferencePair((1,), (2,), (2,))], "The two answers of pair 2 are equal"),
        ([*PAIRS, PreferencePair((1,), (), (2,))], "The answer of row 2 is empty"),
        ([*PAIRS, PreferencePair((), (3,), (2,))], "The prompt of row 2 is empty"),
    ],
)
def test_what_is_no_pair_is_refused(pairs, message):
    with pytest.raises(ValueError, match=message):
        pair_responses(pairs, pad_id=PAD)
