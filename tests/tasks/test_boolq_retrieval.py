"""Questions and passages of BoolQ for retrieval: each passage once, no article in two sets, passages in their place."""

from collections import Counter

import pytest
import torch

from course.data import YesNoQuestion, yes_no_questions
from course.rag import Document
from course.tasks import boolq_retrieval
from course.tasks.boolq_retrieval import (
    Question,
    boolq_passages,
    boolq_sets,
    joined_articles,
    passage_vectors,
    require_disjoint,
    same_article,
    some_passages,
    whole,
)


@pytest.fixture(scope="module")
def sets():
    return boolq_sets(60, 80)


def test_each_passage_is_there_once_with_its_title():
    passages = boolq_passages()
    assert len(passages) == len({(one.title, one.text) for one in passages}) == len({one.id for one in passages})
    assert len(passages) == 12_271
    assert whole(passages[0]).with_title == f"{passages[0].title}: {passages[0].text}"


def test_questions_have_their_own_passage_and_no_article_is_in_two_sets(sets):
    by_text = {one.question: one for one in yes_no_questions()}
    assert (len(sets.validation), len(sets.test)) == (60, 80) and len(sets.training) > 13_000
    articles = [{boolq_passages()[one.passage].title.casefold() for one in some} for some in sets]
    assert not articles[0] & articles[1] and not articles[0] & articles[2] and not articles[1] & articles[2]
    for one in (*sets.test, *sets.training[::500]):
        assert by_text[one.text].passage == boolq_passages()[one.passage].text


def test_an_article_in_two_sets_is_refused():
    questions = [YesNoQuestion("is it", title, "It is.", True) for title in ("Nile", "Rome", "nile")]
    require_disjoint([questions[:1], questions[1:2]])
    require_disjoint([[questions[0], questions[2]], questions[1:2]])
    with pytest.raises(ValueError, match="Two sets have questions on 'nile'"):
        require_disjoint([questions[:2], questions[2:]])


def test_leaking_sets_are_refused_when_they_are_made(monkeypatch):
    def leaking(questions):
        return list(questions[:50]), (list(questions[:50]), list(questions[50:90]))

    monkeypatch.setattr(boolq_retrieval, "split_by_passage", leaking)
    with pytest.raises(ValueError, match="Two sets have questions on"):
        boolq_sets(10, 10)


def test_articles_are_the_same_whatever_the_capitals():
    assert same_article([Document(str(n), title, "x") for n, title in enumerate(("A b", "c", "a B"))]) == [0, 1, 0]


def test_some_passages_have_those_of_the_questions(sets):
    numbers = some_passages(sets.test, 200)
    assert len(set(numbers)) == len(numbers) == 200 and numbers == sorted(numbers)
    assert {one.passage for one in sets.test} <= set(numbers)
    assert some_passages(sets.test, 200) == numbers != some_passages(sets.test, 200, seed=1)
    needed = {one.passage for one in sets.test}
    assert set(some_passages(sets.test, len(needed))) == needed
    with pytest.raises(ValueError, match="have 2 passages, and 1 are asked for"):
        some_passages([Question("a", 1), Question("b", 2)], 1)


def test_a_passage_is_where_its_question_says_in_the_joined_article():
    documents, questions = joined_articles(5)
    by_text = {one.question: one for one in yes_no_questions()}
    for one in questions:
        passage = by_text[one.text]
        assert documents[one.document].text[one.start : one.end] == passage.passage
        assert documents[one.document].title.casefold() == passage.title.casefold()
    counts = Counter(one.document for one in questions)
    assert set(counts) == set(range(len(documents))) and min(counts.values()) >= 5
    with pytest.raises(ValueError, match="No article has 99 passages"):
        joined_articles(99)


def test_vectors_are_kept_in_the_cache_and_a_damaged_file_is_made_again(tmp_path, monkeypatch):
    made = []

    class Encoder:
        def encode(self, texts, *, progress):
            made.append(texts)
            return torch.arange(2.0 * len(texts)).reshape(-1, 2)

    monkeypatch.setattr(boolq_retrieval, "sentence_encoder", Encoder)
    monkeypatch.setattr("course.data.conversions.cache_dirs", lambda **_: [tmp_path])
    fresh = passage_vectors.__wrapped__
    assert torch.equal(fresh(), fresh()) and len(made) == 1
    assert made[0][7] == whole(boolq_passages()[7]).with_title and fresh().shape == (12_271, 2)
    (file,) = tmp_path.rglob("*.safetensors")
    file.write_bytes(b"damaged")
    assert fresh()[3].tolist() == [6, 7] and len(made) == 2
