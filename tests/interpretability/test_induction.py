"""Induction scores on maps that are known, and on a model with one induction head built by hand."""

import pytest
import torch

from course.gpt import Decoder, LlamaConfig
from course.interpretability.ablation import without_heads
from course.interpretability.induction import half_losses, induction_scores, repeated_tokens, word_tokens
from course.layers.attention import record_attention

PERIOD = 5


@pytest.fixture
def model():
    config = LlamaConfig(30, 40, d_model=16, n_layers=2, n_heads=2, n_kv_heads=1, d_ff=32)
    return Decoder(config, torch.Generator().manual_seed(0)).eval()


@pytest.fixture
def ids():
    return repeated_tokens(range(3, 30), 4, PERIOD, first=1, seed=0)


def test_texts_are_repeated_and_have_no_other_repetition(ids):
    assert ids.shape == (4, 11) and (ids[:, 0] == 1).all()
    assert torch.equal(ids[:, 1:6], ids[:, 6:])
    assert all(len(set(row[1:6])) == 5 for row in ids.tolist())
    assert len({tuple(row) for row in ids.tolist()}) == 4
    assert torch.equal(ids, repeated_tokens(range(3, 30), 4, PERIOD, first=1, seed=0))
    assert not torch.equal(ids, repeated_tokens(range(3, 30), 4, PERIOD, first=1, seed=1))


def test_words_are_tokens_that_begin_with_a_space_and_have_letters_alone():
    assert word_tokens(["Ġthe", "the", "Ġ", "Ġ12", "Ġé", "<|end|>", "Ġa"]) == [0, 6]


@pytest.mark.parametrize("period", [1, 28])
def test_periods_that_do_not_fit(period):
    with pytest.raises(ValueError, match=f"period is {period}; it must be from 2 to 27"):
        repeated_tokens(range(3, 30), 1, period, first=1)


@pytest.mark.parametrize(
    ("tokens", "first", "message"),
    [
        ([1.5, 2, 3], 0, r"token is 1\.5; it must be a whole number"),
        ([float("nan"), 2, 3], 0, "token is nan; it must be a whole number"),
        ([1, 2, -3], 0, "token is -3; it must be 0 or more"),
        ([1, 2, "a"], 0, "token is 'a'; it must be a whole number"),
        ([1, 2, 3], None, "token is None; it must be a whole number"),
    ],
)
@pytest.mark.usefixtures("unchecked_shapes")
def test_tokens_that_are_none(tokens, first, message):
    with pytest.raises(ValueError, match=message):
        repeated_tokens(tokens, 1, 2, first=first)


@pytest.mark.parametrize("period", [0, 5.0, None, "5"])
@pytest.mark.usefixtures("unchecked_shapes")
def test_a_period_is_a_whole_number(model, ids, period):
    for measure in (induction_scores, half_losses):
        with pytest.raises(ValueError, match=f"period is {period!r}; it must be"):
            measure(model, ids, period)


def test_scores_are_the_weights_on_the_next_token(model, ids):
    scores = induction_scores(model, ids, PERIOD)
    with torch.no_grad(), record_attention(model) as maps:
        model(ids)
    for text in range(4):
        for layer in range(2):
            for head in range(2):
                by_hand = []
                for query in range(PERIOD + 1, 2 * PERIOD):
                    (first,) = [i for i in range(1, PERIOD + 1) if ids[text, i] == ids[text, query]]
                    by_hand.append(maps[layer][text, head, query, first + 1].item())
                assert scores[text, layer, head].item() == pytest.approx(sum(by_hand) / len(by_hand), abs=1e-6)


def test_losses_of_the_halves(model, ids):
    first, second = half_losses(model, ids, PERIOD)
    with torch.no_grad():
        chances = model(ids).log_softmax(dim=-1)
    for text in range(4):
        losses = [-chances[text, i - 1, ids[text, i]].item() for i in range(1, 11)]  # of tokens 1 to 10
        assert first[text].item() == pytest.approx(sum(losses[1:5]) / 4, abs=1e-5)
        assert second[text].item() == pytest.approx(sum(losses[6:]) / 4, abs=1e-5)


def test_removed_heads_count(model, ids):
    with without_heads(model, {(0, 0), (0, 1), (1, 0), (1, 1)}):
        _first, second = half_losses(model, ids, PERIOD)
    assert not torch.allclose(second, half_losses(model, ids, PERIOD)[1])


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"n_texts": 0}, "n_texts is 0"),
        ({"tokens": [5, 5, 6]}, "The token 5 is 2 times"),
        ({"first": 6}, "The token 6 is 2 times"),
        ({"first": -1}, "token is -1; it must be 0 or more"),
    ],
)
def test_tokens_that_make_no_repetition(changed, says):
    given = {"tokens": [5, 6, 7], "n_texts": 1, "period": 2, "first": 1} | changed
    with pytest.raises(ValueError, match=says):
        repeated_tokens(**given)


@pytest.mark.parametrize("period", [1, PERIOD - 1, PERIOD + 1, 40])
@pytest.mark.parametrize("measure", [induction_scores, half_losses])
def test_another_period_is_refused(model, ids, measure, period):
    with pytest.raises(ValueError, match=f"of 11 tokens are not a first token and then {period} tokens twice"):
        measure(model, ids, period)


def test_texts_without_the_repetition_are_refused(model, ids):
    ids[0, -1] = 2
    with pytest.raises(ValueError, match="tokens twice"):
        half_losses(model, ids, PERIOD)


def test_a_period_of_1_has_no_queries(model):
    with pytest.raises(ValueError, match="of 3 tokens are not a first token and then 1 tokens twice"):
        half_losses(model, torch.tensor([[1, 5, 5]]), 1)
