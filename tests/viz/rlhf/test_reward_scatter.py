"""The scatter of a training run: it fills while the policy trains, and each point has samples to read."""

import copy
import math

import pytest
import torch

from course.decoding import roll_out
from course.rlhf import PPOSettings, RewardModel, ValueModel, train_ppo
from course.viz import RewardScatter
from course.viz.kit.traits import StateError
from course.viz.rlhf.scatter_points import ScatterPoint, ScatterSample
from tests.support.drawn import overlapping
from tests.support.widgets import _decoder, reward_scatter


def trained(scatter, iterations=4, **options):
    """A tiny policy, trained by PPO with the scatter as its callback. Returns what it had drawn."""
    policy, tokenizer = _decoder()
    ids = tokenizer.special.ids
    end, pad = ids["<|im_end|>"], ids["<|endoftext|>"]
    reward_model = RewardModel(copy.deepcopy(policy), generator=torch.Generator().manual_seed(0)).eval()
    seen = []
    add = scatter.after_iteration(tokenizer.decode, **options)

    def after(iteration, rollout):
        seen.append((iteration, rollout))
        add(iteration, rollout)

    train_ppo(
        policy,
        copy.deepcopy(policy).requires_grad_(False),
        ValueModel.from_reward_model(reward_model),
        lambda responses: reward_model(responses).detach(),
        lambda model, prompts, generator: roll_out(
            model, prompts, end_id=end, pad_id=pad, max_length=5, generator=generator
        ),
        [tokenizer.encode("the people"), tokenizer.encode("of")],
        PPOSettings(learning_rate=1e-3, n_responses=4, n_minibatches=2),
        iterations=iterations,
        after_iteration=after,
    )
    return seen, tokenizer


def test_it_fills_while_ppo_trains():
    scatter = RewardScatter()
    seen, tokenizer = trained(scatter, gold=lambda responses: responses.lengths.float(), n_samples=3, series="β = 0.1")
    assert [point.iteration for point in scatter.points] == [1, 2, 3, 4]
    for point, (iteration, rollout) in zip(scatter.points, seen, strict=True):
        assert (point.kl, point.proxy, point.series) == (iteration.kl, iteration.score, "β = 0.1")
        assert point.gold == pytest.approx(rollout.responses.lengths.float().mean().item())
        assert [sample.answer for sample in point.samples] == [
            tokenizer.decode(answer) for answer in rollout.responses.lists()[:3]
        ]
        assert {sample.prompt for sample in point.samples} <= {"the people", "of"}
        assert [sample.proxy for sample in point.samples] == rollout.scores[:3].tolist()
    assert scatter.selected == 3 and len(scatter.chart.points) == 4
    assert scatter.points[0].kl == pytest.approx(0, abs=1e-5)


def test_every_nth_iteration_is_kept_and_gold_is_measured_in_every_nth_of_these():
    scatter, asked = RewardScatter(), []

    def gold(responses):
        asked.append(1)
        return torch.zeros(len(responses.ids))

    trained(scatter, 5, gold=gold, gold_every=2, every=2)
    assert [point.iteration for point in scatter.points] == [1, 3, 5]
    assert [point.gold for point in scatter.points] == [0.0, None, 0.0] and len(asked) == 2


@pytest.mark.parametrize("name", ["gold_every", "n_samples", "every"])
def test_a_number_below_one_is_refused_before_the_training(name):
    with pytest.raises(ValueError, match=name):
        RewardScatter().after_iteration(str, **{name: 0})


def test_a_new_point_is_selected_unless_an_earlier_one_is_being_read():
    widget = reward_scatter(selected=0)
    widget.add(ScatterPoint(9.0, 1.0))
    assert widget.selected == 0
    widget.selected = 3
    widget.add(ScatterPoint(10.0, 1.0))
    assert widget.selected == 4


def test_a_point_that_is_chosen_on_the_page_shows_its_samples():
    widget = reward_scatter(selected=None)
    assert widget._samples.value == ""
    widget.chart.selected = 1
    assert widget.selected == 1 and "people &amp; &lt;i&gt;" in widget._samples.value
    widget.chart.selected = 2
    assert "No samples were kept." in widget._samples.value
    assert "Selected: beta 0.1, iteration 1: KL 2.00, proxy +0.50, gold +0.25" in widget.in_words()


def test_both_rewards_have_one_scale():
    axes = reward_scatter().chart.axes
    assert axes["ylim"][0] < -0.5 and axes["ylim"][1] > 1.5
    assert axes["xlim"][0] < 0 and axes["xlim"][1] > 3.5
    assert [point["hue"] for point in reward_scatter().chart.points] == [0, 0, 1]


@pytest.mark.parametrize("field", ["kl", "proxy", "gold"])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_number_without_a_place_is_refused(field, value):
    point = ScatterPoint(1.0, 1.0, 1.0, iteration=7)._replace(**{field: value})
    with pytest.raises(ValueError, match=rf"{field} of iteration 7 is {value}; it must be a finite number"):
        RewardScatter([point])
    widget = reward_scatter()
    with pytest.raises(StateError):
        widget.add(point)
    assert len(widget.points) == 3


def test_more_series_than_colors_are_refused():
    with pytest.raises(ValueError, match="There are 9 series, and colors for 8"):
        RewardScatter([ScatterPoint(1.0, 1.0, series=str(n)) for n in range(9)])


def test_an_empty_one_says_that_points_come():
    widget = RewardScatter()
    assert "No iteration yet" in widget.in_words() and widget.figure() and widget.error == ""


def test_points_may_be_taken_away_again():
    widget = reward_scatter(selected=2)
    widget.points = widget.points[:1]
    assert widget.selected is None and widget.error == ""


def test_the_picture_names_series_and_samples_without_overlaps():
    sample = ScatterSample("a long prompt " * 5, "an answer that goes on " * 12, 1.0, -1.0)
    points = [ScatterPoint(n / 3, n / 10, n / 12, f"β = {n % 3}", n, (sample,) * 4) for n in range(30)]
    widget = RewardScatter(points, selected=12)
    assert overlapping(widget.picture()) == []
