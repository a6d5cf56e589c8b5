"""Tasks that an instruction states: apart from each other, from real texts, with answers that their rule gives."""

import random
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from course.tasks.instructed import (
    HELD_OUT,
    HELD_OUT_CLUSTERS,
    KINDS,
    MIXES,
    N_TEST,
    N_VALIDATION,
    N_WORDINGS,
    TRAINED,
    instructed_tasks,
    mix,
    require_apart,
    same_text,
    stated,
    task_order,
    wordings,
)
from course.tasks.instructed_examples import InstructedExample, balanced, drawn, with_options
from course.tasks.pretraining import BASE, base_tokenizer
from tests.tasks.test_tasks import fingerprint

NAMES = list(KINDS)
STORED_TESTS = {  # records count errors item by item: with other examples, all of them must be made again
    "review_sentiment": "73b7b196cad79f94",
    "recommendation": "38368675e6efd377",
    "text_kind": "5ef11b6f264857c2",
    "century": "f2e13049fe58a925",
    "topic": "45dc52372222063e",
    "about_person": "aed8de74e6903ebe",
    "next_sentence": "6ef8ffaac5a9f5fc",
    "missing_word": "24d7811e00bdc781",
    "letter_count": "abf0dd6d2693b80f",
    "first_letter": "a81421cf845a6abe",
    "last_letter": "4c2ca85a5c78c595",
    "spell": "665314bec9b45c59",
    "first_words": "14256ee636b26041",
    "last_word": "93f5dc4f2810d564",
    "reverse_words": "d7554d699cd31ca1",
    "word_count": "e7724c111b7ff39d",
    "date_numbers": "44b57c2418d27741",
    "earlier_date": "8531bffe15563a7c",
    "description": "a997c80e86c07927",
    "title": "7f8ca63fee19ca84",
    "description_choice": "63455b7aa7badb13",
    "question_fits": "55958da8d59cd12d",
    "yes_no_question": "67c0ea0f0adf15ce",
    "syllable_count": "7566c8934b991a46",
}


@pytest.fixture(scope="module")
def tasks():
    return instructed_tasks()


def example(text, answer="yes", choices=("yes", "no")):
    return InstructedExample(text, answer, choices, (text,))


def test_no_cluster_is_on_both_sides():
    assert len(TRAINED) == 18 and len(HELD_OUT) == 6
    clusters = [{KINDS[name].cluster for name in names} for names in (TRAINED, HELD_OUT)]
    assert clusters[0].isdisjoint(clusters[1]) and clusters[1] == set(HELD_OUT_CLUSTERS)


def test_each_task_has_its_wordings_and_no_two_are_alike():
    assert list(wordings()) == NAMES
    every = [wording for of_task in wordings().values() for wording in of_task]
    assert {len(of_task) for of_task in wordings().values()} == {N_WORDINGS}
    assert len({wording.casefold() for wording in every}) == len(every)
    assert all(wording == wording.strip() and wording[-1] in ".?" for wording in every)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in NAMES if KINDS[name].examples.__module__.endswith("texts")])
def test_wordings_name_the_few_answers_that_a_task_always_has(tasks, name):
    task = tasks[name]
    same = {one.choices for one in task.test}
    if len(same) == 1 and task.has_choices:
        for wording in (*task.wordings, task.unseen):
            assert all(choice in wording.lower() for choice in task.test[0].choices), wording


def test_mixes_are_nested_and_each_seed_draws_its_own():
    for seed in range(3):
        sets = [mix(n, seed) for n in MIXES]
        assert all(smaller == larger[: len(smaller)] for smaller, larger in pairwise(sets))
        assert sorted(task_order(seed)) == sorted(TRAINED) and len(sets[-1]) == 18
    assert len({mix(2, seed) for seed in range(3)}) == 3
    with pytest.raises(ValueError, match="A mix of 19 tasks is more than the 18"):
        mix(19, 0)
    with pytest.raises(ValueError, match="n is 0"):
        mix(0, 0)


@pytest.mark.slow
def test_no_text_of_a_test_is_one_of_a_training_of_whichever_task(tasks):
    require_apart(list(tasks.values()))
    trained, tested = tasks["topic"], tasks["title"]
    leaked = replace(trained, training=(*trained.training, example(f"Once: {tested.test[3].texts[0]}")))
    with pytest.raises(ValueError, match="stands inside a text of the set training"):
        require_apart([leaked, tested])
    leaked = replace(trained, training=(*trained.training, example(tasks["spell"].test[0].input)))
    with pytest.raises(ValueError, match="is in two sets, training and test"):
        require_apart([leaked, tasks["spell"]])


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_sets_have_their_sizes_and_right_answers_their_scores(tasks, name):
    task = tasks[name]
    assert len(task.validation) == N_VALIDATION and len(task.test) == N_TEST and len(task.training) >= 1800
    for one in (*task.training, *task.validation, *task.test):
        assert task.measure(one.answer, one.answer) == pytest.approx(1.0)
        assert one.answer == one.answer.strip() and one.input.strip() and one.texts
        assert not one.choices or (one.answer in one.choices and len(set(one.choices)) == len(one.choices))
        for choice in one.choices:
            assert not any(other != choice and other.startswith(choice) for other in one.choices)
    fixed = {one.choices for one in task.test}
    if len(fixed) == 1 and task.has_choices:
        for part in (task.validation, task.test):
            assert len(set(Counter(one.answer for one in part).values())) == 1  # balanced: the most frequent is chance
    elif task.has_choices:
        first = sum(one.answer == one.choices[0] for one in task.test) / N_TEST
        assert 0.35 < first < 0.65  # where the right option is says nothing


@pytest.mark.slow
def test_the_tests_are_those_of_the_stored_records(tasks):
    assert {name: fingerprint(task.test) for name, task in tasks.items()} == STORED_TESTS


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_longest_prompt_and_its_answer_fit_the_base_model(tasks, name):
    task, tokenizer = tasks[name], base_tokenizer()
    wording = max((*task.wordings, task.unseen), key=lambda each: len(tokenizer.encode(each)))
    longest = sorted((*task.training, *task.validation, *task.test), key=lambda one: len(one.input) + len(one.answer))
    for one in longest[-30:]:
        ids = tokenizer.encode(stated(wording, one.input)) + tokenizer.encode(one.answer)
        assert len(ids) + 4 <= BASE.context_length


@pytest.mark.slow
def test_answers_are_what_the_input_says(tasks):
    for one in tasks["reverse_words"].test:
        assert one.answer.split() == one.input.split()[::-1]
    for one in tasks["first_words"].test:
        assert one.input.startswith(f"{one.answer} ") and one.answer.count(" ") == 2
    for one in tasks["last_word"].test:
        assert one.input.removesuffix(".").endswith(f" {one.answer}")
    for one in tasks["spell"].test:
        assert one.answer.replace("-", "") == one.input
    for one in tasks["letter_count"].test:
        assert int(one.answer) == len(one.input)
    for one in tasks["missing_word"].test:
        assert one.answer not in one.input.partition("\n")[0]
        assert one.input.partition("\n")[0].replace("___", one.answer) == one.texts[0]
    for one in tasks["title"].test:
        assert one.answer.casefold() in one.input.casefold()
    for name in ("description_choice", "earlier_date"):
        for one in tasks[name].test:
            assert one.input.endswith(f"Options:\n- {one.choices[0]}\n- {one.choices[1]}")
    known = {one.sentence for one in _openings()}
    for one in tasks["next_sentence"].test:
        assert one.texts[0] in known


def _openings():
    from course.tasks.instructed_pools import openings

    return openings().test


@pytest.mark.slow
def test_a_question_that_does_not_fit_is_of_another_passage(tasks):
    from course.tasks.instructed_pools import questions

    asked = {}
    for one in questions().test:
        asked.setdefault(one.passage, set()).add(one.question)
    for one in tasks["question_fits"].test:
        passage, question = one.input.removeprefix("Passage: ").rsplit("\nQuestion: ", 1)
        assert (question.removesuffix("?") in asked[passage]) == (one.answer == "yes")


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_baselines_are_rules_that_leave_room(tasks, name):
    task = tasks[name]
    score = np.mean([task.measure(task.baseline(one), one.answer) for one in task.test])
    assert score < 0.7
    if task.has_choices:
        assert all(task.baseline(one) in one.choices for one in task.test)


def test_examples_are_drawn_and_balanced_and_the_same_each_time():
    pool = [f"item {number}" for number in range(100)]
    ten = drawn(pool, 10, 3, example)
    assert ten == drawn(pool, 10, 3, example) != drawn(pool, 10, 4, example)
    assert [one.input for one in ten] != pool[:10] and len({one.input for one in ten}) == 10
    assert len(drawn(pool, 500, 3, example)) == 100
    labels = {item: "a" if number < 10 else "b" if number < 90 else None for number, item in enumerate(pool)}
    found = balanced(pool, 30, 0, labels.get, lambda item, label: example(item, label, ("a", "b")))
    assert Counter(one.answer for one in found) == {"a": 10, "b": 10}
    assert [one.answer for one in found] != sorted(one.answer for one in found)
    with pytest.raises(ValueError, match="The pool has the labels a: balanced examples need two"):
        balanced(pool, 4, 0, lambda item: "a", lambda item, label: example(item))


def test_options_are_in_a_drawn_order():
    rng = random.Random(0)
    found = [with_options("text", "right", "wrong", rng) for _number in range(50)]
    assert {options for _text, options in found} == {("right", "wrong"), ("wrong", "right")}
    assert all(text == f"text\nOptions:\n- {options[0]}\n- {options[1]}" for text, options in found)


def test_a_stated_input_is_alone_without_an_instruction():
    assert stated("Do it.", "x") == "Do it.\n\nx" and stated("", "x") == "x"
    assert same_text("AB ", "AB") == 1.0 and same_text("ab", "AB") == 0.0
