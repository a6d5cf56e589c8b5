"""What the base model reads has none of what later lessons test with."""

import re

import pytest

from course import data
from course.data.overlap import without_held_out
from course.tasks import corpus as module
from course.tasks.corpus import SHARED_WORDS, SOURCES, Documents, corpus, encoded, runs
from course.tokenization import ByteLevelBPE


@pytest.fixture(scope="module")
def documents():
    return corpus()


@pytest.mark.slow
def test_the_sources_and_their_sizes(documents):
    assert list(documents) == list(SOURCES)
    sizes = {name: (len(one.train), len(one.validation), len(one.test)) for name, one in documents.items()}
    assert sizes == {
        "messages": (205, 16, 28),
        "encyclopedia": (8533, 496, 992),
        "passages": (10338, 634, 1238),
        "reviews": (8470, 1386, 2896),
    }
    assert {name: one.left_out for name, one in documents.items()} == {
        "messages": 0,
        "encyclopedia": 12,
        "passages": 60,
        "reviews": 0,
    }
    assert sum(one.near_copies for one in documents.values()) == 0  # near copies: counted, and there are none
    assert 0 < documents["messages"].shared_runs < 0.01
    assert all(one.shared_runs < 0.001 for name, one in documents.items() if name != "messages")


@pytest.mark.slow
def test_no_training_document_shares_a_run_of_words_with_a_held_out_one(documents):
    held_out = {run for one in documents.values() for text in (*one.validation, *one.test) for run in runs(text)}
    for name, one in documents.items():
        if name != "messages":
            assert all(held_out.isdisjoint(runs(text)) for text in one.train)


@pytest.mark.slow
def test_the_test_texts_of_fine_tuning_and_retrieval_are_not_in_it(documents):
    _train, (_validation, reviews) = data.split_by_movie(data.movie_reviews())
    _train, (_validation, questions) = data.split_by_passage(data.yes_no_questions())
    texts = [text for one in documents.values() for text in one.train]
    held_out = {one.text for one in reviews} | {one.passage for one in questions}
    assert without_held_out(texts, sorted(held_out)) == texts  # no equal one, none inside another


@pytest.mark.slow
def test_it_has_no_question(documents):
    questions = {one.question.casefold() for one in data.yes_no_questions()}
    sentences = {
        sentence.casefold() for text in documents["passages"].train for sentence in re.findall(r"[^.?!\n]+", text)
    }
    assert not questions & {sentence.strip() for sentence in sentences}


def test_a_shared_run_of_words_is_left_out(monkeypatch):
    shared = " ".join(f"word{number}" for number in range(SHARED_WORDS))
    parts = [f"Before, {shared.upper()}; after", f"short {shared.rpartition(' ')[0]}"], ["held"], [f"x {shared} y"]
    sets = data.overlap.disjoint(*parts)
    monkeypatch.setattr(module, "SOURCES", {"some": lambda: (sets, str), "messages": lambda: (sets, str)})
    found = corpus.__wrapped__()
    expected = Documents([parts[0][1]], ["held"], [parts[2][0]], left_out=1, near_copies=0, shared_runs=1 / 3)
    assert found["some"] == expected  # of the test document's three runs, a training message has one
    assert len(found["messages"].train) == 2


def test_runs():
    assert list(runs("A b, c")) == [] and len(list(runs("A b, c", 2))) == 2
    assert list(runs("A b, c", 3)) == list(runs("a B  'c'!", 3))


def test_documents_are_encoded_in_16_bits():
    tokenizer = ByteLevelBPE.train("the cat", n_merges=2)
    (ids,) = encoded(["the cat"], tokenizer)
    assert ids.dtype.itemsize == 2 and tokenizer.decode(ids.tolist()) == "the cat"


def test_an_unknown_source_is_named():
    with pytest.raises(ValueError, match=r"no source 'novels'. There are: messages, encyclopedia"):
        corpus("novels")
