"""One answer as PPO sees it: the numbers are those of its formulas, written a second time."""

import pytest
import torch

from course.rlhf import as_responses, response_log_probabilities
from course.viz.rlhf import answer_rewards as module
from tests.support.drawn import overlapping
from tests.support.widgets import answer_rewards


def advantages(rewards, values, lam):
    """λ-weighted sums of all later errors, one by one."""
    later = [*values[1:], 0.0]
    errors = [reward + after - value for reward, after, value in zip(rewards, later, values, strict=True)]
    return [sum(lam ** (t - s) * errors[t] for t in range(s, len(errors))) for s in range(len(errors))]


@pytest.mark.parametrize(("beta", "lam"), [(0.0, 0.95), (0.1, 1.0), (0.4, 0.0), (1.0, 0.5)])
@pytest.mark.parametrize("answer", ["", "of the states"])
def test_every_number_is_that_of_the_formula(answer, beta, lam):
    reading = answer_rewards(answer=answer, beta=beta, lam=lam, max_length=20).reading
    assert reading.penalties == pytest.approx([-beta * ratio for ratio in reading.log_ratios], abs=1e-5)
    rewards = list(reading.penalties)
    rewards[-1] += reading.score
    assert reading.rewards == pytest.approx(rewards, abs=1e-5)
    assert reading.advantages == pytest.approx(advantages(rewards, reading.values, lam), abs=1e-4)
    assert any(reading.log_ratios) and any(reading.values)


def test_an_own_answer_is_read_with_its_end_and_the_models_are_those_handed_in():
    widget = answer_rewards(answer="of the states", max_length=20)
    bench, reading = widget.bench, widget.reading
    ids = [*bench.tokenizer.encode("of the states"), bench.end_id]
    responses = as_responses([bench.prompt_of(widget.text)], [ids], pad_id=bench.pad_id)
    with torch.no_grad():
        ratios = [response_log_probabilities(m, responses)[0] for m in (bench.policy, bench.reference)]
        assert reading.log_ratios == pytest.approx((ratios[0] - ratios[1]).tolist(), abs=1e-5)
        assert reading.values == pytest.approx(bench.value_model(responses)[0].tolist(), abs=1e-5)
        assert reading.score == pytest.approx(bench.score(responses).item(), abs=1e-5)
    assert reading.is_end and reading.text == "of the states"
    assert widget.rows()[-1][0] == "◆ <|im_end|>"
    assert "Your answer gets the score" in widget.in_words()


def test_the_same_seed_draws_the_same_answer_and_another_one_another():
    widget = answer_rewards()
    first = widget.reading
    widget.seed = 1
    assert widget.reading.tokens != first.tokens
    widget.seed = 0
    assert widget.reading == first
    assert answer_rewards().reading == first


def test_beta_and_lambda_ask_no_model_again(monkeypatch):
    widget = answer_rewards()
    before = widget.reading
    monkeypatch.setattr(module, "score_answer", lambda *_arguments: pytest.fail("a model was asked"))
    widget.beta, widget.lam = 0.9, 0.2
    assert widget.error == "" and widget.reading.advantages != before.advantages
    assert widget.reading.log_ratios == before.log_ratios


def test_the_sum_of_the_rewards_is_told():
    widget = answer_rewards(beta=0.5)
    reading = widget.reading
    assert sum(reading.rewards) == pytest.approx(reading.score - 0.5 * sum(reading.log_ratios), abs=1e-4)
    assert f"= {sum(reading.rewards):.2f}.".replace("-", "−") in widget.in_words()


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"text": " \n"}, "There is no beginning to answer. Type one."),
        ({"answer": "Xx." * 9}, "with its end token the limit here is 6. Shorten it."),
        ({"text": "x" * 301}, "The text has 301 characters; the limit here is 300."),
        ({"text": "x" * 300}, "context of 300"),
    ],
)
def test_what_cannot_be_answered_is_one_sentence(state, message):
    widget = answer_rewards()
    last = widget.reading
    for name, value in state.items():
        setattr(widget, name, value)
    assert message in widget.error and widget.reading is last
    widget.text, widget.answer = "the people", ""
    assert widget.error == ""


def test_a_score_that_is_not_finite_is_refused():
    widget = answer_rewards()
    bench = widget.bench
    object.__setattr__(bench, "score", lambda responses: torch.full((len(responses.ids),), float("nan")))
    widget.seed = 7
    assert "The reward of row 0 is nan" in widget.error


@pytest.mark.parametrize("wrong", [{"max_length": 0}, {"temperature": 0.0}, {"beta": -0.1}, {"lam": 1.5}])
def test_numbers_out_of_range_are_refused_by_name(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        answer_rewards(**wrong)


def test_the_longest_answer_is_drawn_without_overlaps():
    widget = answer_rewards(answer="of the people " * 5, max_length=24)
    assert len(widget.reading.tokens) > 10
    assert overlapping(widget.picture()) == []
