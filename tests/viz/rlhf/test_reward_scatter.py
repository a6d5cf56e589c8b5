"""The scatter of a training run: it fills while the policy trains, and each point has samples to read."""

import copy
import math

import numpy as np
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


def test_a_callback_that_serves_two_trainings_counts_anew():
    scatter = RewardScatter()
    after = scatter.after_iteration(str, gold=lambda responses: torch.zeros(len(responses.ids)), gold_every=2)
    seen, _tokenizer = trained(RewardScatter(), 3)
    for _run in range(2):
        for iteration, rollout in seen:
            after(iteration, rollout)
    assert [point.gold for point in scatter.points] == [0.0, None, 0.0] * 2


def test_the_gold_may_be_whole_numbers():
    scatter = RewardScatter()
    seen, _tokenizer = trained(scatter, 1, gold=lambda responses: responses.lengths)
    assert scatter.points[0].gold == pytest.approx(seen[0][1].responses.lengths.float().mean().item())


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


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (None, "points is None; it must be a list of ScatterPoint"),
        (math.nan, "points is nan; it must be a list of ScatterPoint"),
        (torch.ones(2, 3), "points is tensor.*; it must be a list of ScatterPoint"),
        ([None], "a point is None; it must be a ScatterPoint, or a tuple with its fields"),
        ([torch.ones(3)], "a point is tensor.*; it must be a ScatterPoint"),
        ([(1.0,)], r"a point is \(1.0,\); it must be a ScatterPoint"),
        ([(math.nan, 1.0)], "kl of iteration 0 is nan; it must be a finite number"),
        ([("a", 1.0)], "kl of iteration 0 is 'a'; it must be a finite number"),
        ([ScatterPoint(1.0, torch.tensor(1.0))], r"proxy of iteration 0 is tensor\(1.\); it must be a finite number"),
        ([ScatterPoint(1.0, True)], "proxy of iteration 0 is True; it must be a finite number"),
        ([ScatterPoint(1.0, 1.0, series=5)], "series of iteration 0 is 5; it must be text"),
        ([ScatterPoint(1.0, 1.0, iteration=1.5)], "iteration is 1.5; it must be a whole number"),
        ([ScatterPoint(1.0, 1.0, samples="ab")], "samples of iteration 0 is 'ab'; it must be a list of ScatterSample"),
        ([ScatterPoint(1.0, 1.0, samples=(None,))], "a sample of iteration 0 is None; it must be a ScatterSample"),
        ([ScatterPoint(1.0, 1.0, samples=(("a",),))], r"a sample of iteration 0 is \('a',\); it must be"),
        ([ScatterPoint(1.0, 1.0, samples=(("a", 2, 1.0),))], "answer of a sample of iteration 0 is 2; it must be text"),
        (
            [ScatterPoint(1.0, 1.0, samples=(ScatterSample("a", "b", math.nan),))],
            "proxy of a sample of iteration 0 is nan; it must be a finite number",
        ),
    ],
)
def test_what_is_no_point_is_named(points, message):
    with pytest.raises(ValueError, match=message) as caught:
        RewardScatter(points)
    assert "\n" not in str(caught.value)
    widget = reward_scatter()
    with pytest.raises(StateError, match=message):
        widget.points = points
    assert len(widget.points) == 3 and widget.error == ""


def test_plain_tuples_are_points_and_samples():
    widget = RewardScatter([(1, 2, None, "run", 3, [("a", "b", np.float32(1.5))])], selected=0)
    assert widget.points == (ScatterPoint(1.0, 2.0, None, "run", 3, (ScatterSample("a", "b", 1.5),)),)
    assert "a → b (proxy +1.50)" in widget.in_words() and widget.error == ""


def test_what_is_added_is_named_too():
    widget = reward_scatter()
    with pytest.raises(StateError, match="a point is None"):
        widget.add(None)
    assert len(widget.points) == 3


def test_rewards_that_were_not_kept_have_no_numbers():
    widget = RewardScatter([ScatterPoint(1.0, 2.0, samples=(ScatterSample("", "a text"),))], selected=0)
    assert widget.in_words().splitlines()[-1] == "a text" and widget.figure() and widget.error == ""
    assert "<td>" not in widget._samples.value and "proxy</th>" not in widget._samples.value
    widget.points = [ScatterPoint(1.0, 2.0, samples=(ScatterSample("p", "a", 1.0), ScatterSample("p", "b", 0.5, 0.25)))]
    assert "<td>+1.00</td><td>–</td>" in widget._samples.value
    assert "<td>+0.50</td><td>+0.25</td>" in widget._samples.value
