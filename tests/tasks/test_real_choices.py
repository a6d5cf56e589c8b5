"""Pairs of real choices: what is a pair, what a prompt, and which pairs are left where lengths are balanced."""

import numpy as np
import pytest

from course.data import CHOICES, Choice
from course.data.overlap import disjoint
from course.tasks import real_choices
from course.tasks.real_choices import TITLES, ChoicePair, balanced, choice_pairs, longer_is_right, prompt_of

SIZES = {
    "piqa": (700, 150, 350),
    "siqa": (700, 150, 350),
    "openbookqa": (693, 267, 540),
    "commonsenseqa": (574, 150, 350),
    "summary-pairs": (159, 61, 148),
}


def pair(chosen, rejected):
    return ChoicePair("about", "Question: what\nAnswer:", chosen, rejected)


def test_every_data_set_has_a_title():
    assert list(TITLES) == list(CHOICES) == list(SIZES)


@pytest.mark.parametrize("name", SIZES)
def test_no_question_is_in_two_sets(name):
    sets = choice_pairs(name)
    train, held_out = disjoint(*sets, text=lambda one: one.about)
    assert tuple(map(len, (train, *held_out))) == SIZES[name]
    assert all(one.chosen and one.rejected and one.chosen != one.rejected for part in sets for one in part)
    prompts = [{one.prompt for one in part} for part in sets]
    assert not (prompts[0] & prompts[1] or prompts[0] & prompts[2] or prompts[1] & prompts[2])


def test_the_sets_are_drawn_and_not_the_front_of_the_file():
    place = {prompt_of(one): number for number, one in enumerate(real_choices.answer_choices("siqa"))}
    places = [place[one.prompt] for one in choice_pairs("siqa").test]
    assert min(places) < 30 and max(places) > 1_900


def test_few_questions_make_a_pair_with_each_wrong_answer():
    test = choice_pairs("openbookqa").test
    assert {one.prompt: one.chosen for one in test}.items() == {(one.prompt, one.chosen) for one in test}
    assert all(sum(other.prompt == one.prompt for other in test) == 3 for one in test)


def test_of_several_wrong_answers_one_is_drawn_and_not_always_the_first():
    wrong = {one.question: one.wrong for one in real_choices.answer_choices("commonsenseqa")}
    places = [
        wrong[one.prompt.removeprefix("Question: ").removesuffix("\nAnswer:")].index(one.rejected)
        for one in choice_pairs("commonsenseqa").test
    ]
    assert all(50 < places.count(place) < 130 for place in range(4))


def test_a_prompt_has_the_situation_and_the_question():
    assert prompt_of(Choice("siqa", "Ann ran.", "Why?", "late", ("red",))) == "Question: Ann ran. Why?\nAnswer:"
    assert prompt_of(Choice("piqa", "", "open a jar", "twist", ("pull",))) == "Question: open a jar\nAnswer:"
    assert prompt_of(Choice("summary-pairs", "Ann ran home.", "", "Ann ran", ("Bo ran",))) == (
        "Text: Ann ran home.\nSummary:"
    )


def test_the_longer_answer_is_right_or_wrong_or_neither():
    pairs = [pair("long", "no"), pair("no", "long"), pair("ab", "cd"), pair("abc", "de")]
    assert longer_is_right(pairs).tolist() == [1, 0, 0.5, 1]
    assert [one.extra_length for one in pairs] == [2, -2, 0, 1]


@pytest.mark.parametrize("name", SIZES)
def test_balanced_pairs_leave_length_without_information(name):
    pairs = choice_pairs(name).training
    kept = balanced(pairs)
    assert longer_is_right(kept).mean() == 0.5
    signs = np.array([np.sign(one.extra_length) for one in pairs])
    assert len(kept) == 2 * min((signs > 0).sum(), (signs < 0).sum()) + (signs == 0).sum()
    order = {id(one): number for number, one in enumerate(pairs)}
    assert [order[id(one)] for one in kept] == sorted({order[id(one)] for one in kept})


def test_where_the_right_answer_is_never_shorter_only_equal_lengths_are_left():
    assert balanced([pair("long", "no"), pair("ab", "cd")]) == [pair("ab", "cd")]
    assert balanced([]) == []
