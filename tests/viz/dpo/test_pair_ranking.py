"""Pairs of answers: what is chosen becomes preferences, in the form that DPO trains on."""

import pytest
import torch

from course.rlhf import PreferencePair, pair_responses
from course.viz import PairRanking
from course.viz.dpo import ranked_pairs
from course.viz.kit.traits import StateError
from tests.support.drawn import overlapping
from tests.support.widgets import pair_ranking


def test_the_chosen_answer_comes_first():
    widget = pair_ranking(choices="BAB")
    expected = [
        PreferencePair(pair.prompt, *(pair.answers if choice == "A" else pair.answers[::-1]))
        for pair, choice in zip(widget.pairs, "BAB", strict=True)
    ]
    assert widget.preferences() == expected
    pair_responses(widget.preferences(), pad_id=widget.bench.pad_id)


def test_the_answers_are_drawn_by_the_policy_and_differ():
    widget = pair_ranking(n_pairs=6, choices="", max_length=8)
    assert [pair.text for pair in widget.pairs] == ["the $people$", "of <b>states</b>"] * 3
    for pair in widget.pairs:
        assert pair.prompt == tuple(widget.bench.prompt_of(pair.text))
        assert pair.texts[0] != pair.texts[1]
        for answer in pair.answers:
            assert 1 <= len(answer) <= 8 and widget.bench.end_id not in answer[:-1]
    assert len({pair.answers for pair in widget.pairs}) == 6, "the same beginning is answered anew"


def test_nothing_is_chosen_at_first():
    widget = pair_ranking(choices="")
    assert widget.choices == ("", "", "") and "0 of 3 pairs ranked" in widget.in_words()


def test_what_is_missing_is_one_clear_message():
    widget = pair_ranking()
    with pytest.raises(ValueError, match=r"^1 of 3 pairs is not ranked yet: 2\. Choose A or B there\.$"):
        widget.preferences()
    widget.choose(["", None, "A"])
    assert widget.choices == ("", "", "A")
    with pytest.raises(ValueError, match=r"^2 of 3 pairs are not ranked yet: 1, 2\. Choose A or B in each\.$"):
        widget.preferences()
    widget.choose("ABA")
    assert len(widget.preferences()) == 3 and "All 3 pairs are ranked." in widget.in_words()


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ("AB", "There are 2 choices for 3 pairs: give one for each."),
        ("ABC", "'C' is no choice"),
        (["A", "b", "B"], "'b' is no choice"),
    ],
)
def test_other_choices_are_refused_and_change_nothing(choices, message):
    widget = pair_ranking()
    with pytest.raises(ValueError, match=message):
        widget.choose(choices)
    with pytest.raises(StateError, match=message):
        widget.choices = tuple(choices)
    assert widget.choices == ("A", "", "B")


def test_a_click_on_the_page_is_a_choice():
    widget = pair_ranking()
    widget.list.choices = ["A", "B", "B"]
    assert widget.choices == ("A", "B", "B") and "All 3 pairs" in widget._heading.value
    widget.list.choices = ["A"]  # of a page that has other pairs
    assert widget.choices == ("A", "B", "B") and widget.error == ""
    widget.choose("AAA")
    assert widget.list.choices == ["A", "A", "A"], "the page shows what Python chooses"


def test_other_beginnings_and_seeds_forget_the_choices_and_the_same_ones_draw_the_same():
    widget = pair_ranking()
    first = widget.pairs
    widget.seed = 3
    assert widget.pairs != first and widget.choices == ("", "", "")
    widget.choose("ABA")
    widget.prompts = "the union"
    assert [pair.text for pair in widget.pairs] == ["the union"] * 3 and widget.choices == ("", "", "")
    assert [shown["text"] for shown in widget.list.pairs] == ["the union"] * 3
    widget.seed, widget.prompts = 0, "the $people$\n\n of <b>states</b> "
    assert widget.pairs == first == pair_ranking().pairs


@pytest.mark.parametrize(
    ("prompts", "message"),
    [
        (" \n ", "There is no beginning to answer"),
        ("a\nb\nc\nd", "There are 4 beginnings for 3 pairs. Leave some out."),
        ("x" * 1_001, "the limit here is 1,000"),
    ],
)
def test_beginnings_that_cannot_be_answered(prompts, message):
    widget = pair_ranking(choices="ABA")
    chosen = widget.preferences()
    widget.prompts = prompts
    assert message in widget.error
    with pytest.raises(ValueError, match=message):
        widget.preferences()
    widget.prompts = "the $people$\nof <b>states</b>"
    assert widget.error == "" and widget.preferences() == chosen, "the choices are there again"


def test_a_policy_that_always_draws_the_same_is_told(monkeypatch):
    drawn = []
    real = ranked_pairs.roll_out

    def same(model, prompts, **options):
        drawn.append(len(prompts))
        responses = real(model, prompts, **options)
        ids = responses.ids.clone()
        ids[:, responses.n_prompt :] = ids[:1, responses.n_prompt :]
        return responses._replace(ids=ids, is_token=torch.ones_like(responses.is_token))

    monkeypatch.setattr(ranked_pairs, "roll_out", same)
    widget = pair_ranking(choices="")
    assert "The policy has drawn the same answer to 'the $people$' 10 times" in widget.error
    assert drawn == [6] * 5


def test_only_equal_pairs_are_drawn_again(monkeypatch):
    drawn = []
    real = ranked_pairs.roll_out

    def sometimes_same(model, prompts, **options):
        responses = real(model, prompts, **options)
        if not drawn:
            responses.ids[1] = responses.ids[0]
            responses.is_token[1] = responses.is_token[0]
        drawn.append(len(prompts))
        return responses

    monkeypatch.setattr(ranked_pairs, "roll_out", sometimes_same)
    widget = pair_ranking(choices="")
    assert drawn == [6, 2] and widget.error == "" and len(widget.pairs) == 3


@pytest.mark.parametrize("wrong", [{"n_pairs": 0}, {"n_pairs": 41}, {"max_length": 0}, {"temperature": 0}])
def test_numbers_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        pair_ranking(choices="", **wrong)


def test_choices_with_beginnings_that_cannot_be_answered_are_refused():
    with pytest.raises(ValueError, match="There is no beginning"):
        pair_ranking(prompts="", choices="ABA")
    assert isinstance(pair_ranking(prompts="", choices=""), PairRanking)


def test_the_picture_marks_what_was_chosen_without_overlaps():
    figure = pair_ranking(n_pairs=10, choices="ABABABABAB", max_length=24).picture()
    assert overlapping(figure) == [] and len(figure.axes[0].patches) == 10
