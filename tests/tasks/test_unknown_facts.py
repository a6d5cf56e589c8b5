"""Facts that no model has read: invented, or later than its texts; each with a passage that says it, once."""

from dataclasses import replace
from itertools import groupby

import pytest

from course.data import encyclopedia
from course.rag import Document, answer_span
from course.tasks.boolq_retrieval import boolq_passages, whole
from course.tasks.dated_facts import SERIES
from course.tasks.unknown_facts import (
    ASKED,
    facts_after,
    invented_facts,
    passages_of,
    require_invented,
    wrong_passage,
)

EVERY = (*invented_facts(), *facts_after())


def test_there_are_enough_and_each_question_is_asked_once():
    facts = invented_facts()
    assert len(passages_of(facts)) == len({fact.subject for fact in facts}) >= 60
    assert len({fact.question for fact in EVERY}) == len(EVERY) == 4 * len(passages_of(facts)) + len(SERIES)
    assert set(ASKED) == set(SERIES)
    assert invented_facts.__wrapped__() == facts and invented_facts(seed=1) != facts


def test_the_passage_says_the_answer_once_and_another_value_in_its_place():
    for fact in EVERY:
        assert answer_span(fact.answer, whole(fact.passage)) is not None
        assert len(set(fact.others)) == len(fact.others) > 0 and fact.answer not in fact.others
        changed = fact.with_value(fact.others[0])
        assert answer_span(fact.others[0], whole(changed)) is not None
        assert answer_span(fact.answer, whole(changed)) is None
        assert changed.text.replace(fact.others[0], fact.answer) == fact.passage.text and changed.id != fact.passage.id


def test_a_question_names_its_subject_and_not_its_answer():
    for fact in invented_facts():
        assert fact.subject in fact.question and fact.subject in fact.passage.text
        assert answer_span(fact.answer, fact.question) is None


def test_two_things_of_a_kind_have_other_values():
    def asked(fact):
        return fact.kind, fact.attribute

    for _asked, group in groupby(sorted(invented_facts(), key=asked), asked):
        answers = [fact.answer for fact in group]
        assert len(set(answers)) == len(answers) == 12


@pytest.mark.slow
def test_no_invented_word_is_in_the_texts_of_the_course():
    texts = [f"{one.title} {one.text}" for one in (*encyclopedia(), *boolq_passages())]
    require_invented(invented_facts(), texts)
    require_invented(invented_facts(seed=1), texts)


def test_an_invented_word_that_exists_is_refused():
    town = next(fact for fact in invented_facts() if fact.kind == "town")
    mineral = next(fact for fact in invented_facts() if fact.kind == "mineral")
    require_invented([town, mineral], ["A small town, works, and nothing else."])
    for fact in (town, mineral):
        with pytest.raises(ValueError, match="is no invention"):
            require_invented([fact], ["Nothing.", f"They came from {fact.subject.upper()}."])


def test_an_answer_that_is_there_twice_cannot_be_replaced():
    fact = replace(EVERY[0], answer="tin", passage=Document("a", "b", "tin, and tin"))
    with pytest.raises(ValueError, match="has 'tin' 2 times"):
        fact.with_value("salt")


@pytest.mark.parametrize("n", [0, 13])
def test_the_number_of_things_has_bounds(n):
    with pytest.raises(ValueError, match="n_per_kind"):
        invented_facts(n)


def test_the_facts_of_a_year_are_those_of_the_dated_ones():
    by_series = {fact.kind + fact.subject: fact for fact in facts_after()}
    assert by_series["datedpope"].answer == "Leo XIV" and by_series["datedpope"].others[0] == "Francis"
    assert all("2025" in fact.question for fact in facts_after())
    with pytest.raises(ValueError, match="no dated facts of 1800"):
        facts_after(1800)


def test_a_wrong_passage_is_of_the_same_kind_and_answers_otherwise():
    for fact in EVERY:
        other = wrong_passage(fact, EVERY)
        assert other.kind == fact.kind and other.subject != fact.subject and other.answer != fact.answer
        assert fact.kind == "dated" or other.attribute == fact.attribute
    with pytest.raises(ValueError, match="No other passage answers"):
        wrong_passage(EVERY[0], [EVERY[0]])
