"""BM25 gives the scores of `bm25s`, word by word, within milliseconds."""

import math
import time

import bm25s
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from course import data
from course.rag import BM25, Hit, words
from tests.support.speed import Pace

WORDS = st.lists(st.sampled_from("abcdefg"), max_size=12)
TEXTS = st.lists(WORDS, min_size=1, max_size=12).filter(any)
QUERIES = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=6)  # no text has an h
VARIANTS = pytest.mark.parametrize("variant", ["lucene", "robertson"])
NILE = ["the nile flows north", "the river", "the nile and the rhine and the nile", "a rhine"]


def theirs(texts, variant, **options):
    found = bm25s.BM25(method=variant, dtype="float64", **options)
    found.index(texts, show_progress=False)
    return found


def their_scores(index, query):
    known = [
        word for word in query if word in index.vocab_dict
    ]  # for a query that they do not know they have no scores
    return index.get_scores(known) if known else np.zeros(index.scores["num_docs"])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The Nile's 6,650 km", ["the", "nile", "s", "6", "650", "km"]),
        ("snake_case — MiniLM-L6", ["snake", "case", "minilm", "l6"]),
        ("Café cafe\u0301 ÅNGSTRÖM", ["café", "café", "ångström"]),
        ("대한민국의 東京", ["대한민국의", "東京"]),
        ("नमस्ते", ["नमस्ते"]),  # its vowels are marks
        ("ab\ud83dcd", ["ab", "cd"]),
        (" … !", []),
    ],
)
def test_words_are_runs_of_letters_and_digits_in_lower_case(text, found):
    assert words(text) == found


@VARIANTS
@given(texts=TEXTS, query=QUERIES, k1=st.sampled_from([0.5, 1.2, 2.0]), b=st.sampled_from([0.0, 0.75, 1.0]))
@example(texts=[["a"], ["b"]], query=["a", "a"], k1=1.2, b=0.75)  # in exactly half of the texts
def test_scores_are_those_of_bm25s(variant, texts, query, k1, b):
    """Where an idf is negative, they count it as 0; so do we here, word by word."""
    ours = BM25(texts, k1=k1, b=b, variant=variant)
    expected = their_scores(theirs(texts, variant, k1=k1, b=b), query)
    if all(ours.idf(word) >= 0 for word in query):
        np.testing.assert_allclose(ours.scores(query).numpy(), expected, rtol=1e-5, atol=1e-6)
    for index in range(len(texts)):
        without_negative = sum(max(0, part) for part in ours.contributions(query, index).values())
        assert without_negative == pytest.approx(expected[index], rel=1e-5, abs=1e-6)


@pytest.mark.slow
@VARIANTS
def test_real_passages_are_scored_and_ranked_as_by_bm25s(variant):
    questions = data.yes_no_questions()
    passages = list(dict.fromkeys(question.passage for question in questions))[:3000]
    ours, other = BM25(passages, variant=variant), theirs([words(text) for text in passages], variant, k1=1.2, b=0.75)
    for question in questions[::600]:
        query = [word for word in words(question.question) if ours.idf(word) >= 0]
        expected = their_scores(other, query)
        np.testing.assert_allclose(ours.scores(query).numpy(), expected, rtol=1e-5, atol=1e-6)
        hits = ours.search(query, 10)
        np.testing.assert_allclose([hit.score for hit in hits], np.sort(expected)[::-1][: len(hits)], rtol=1e-5)
        assert len(hits) == min(10, np.count_nonzero(expected))


def test_a_score_by_hand():
    """ "rhine" is in two of the four texts, "nile" is twice in the third; the texts have 4, 2, 8 and 2 words."""
    index = BM25(NILE)
    assert (index.n_with("rhine"), index.n_with("the"), index.n_with("volga")) == (2, 3, 0)
    assert index.idf("rhine") == pytest.approx(math.log(1 + 2.5 / 2.5))
    norm = 1.2 * (0.25 + 0.75 * 8 / 4)
    expected = math.log(2) * 2 / (2 + norm) + math.log(2) * 1 / (1 + norm)
    assert index.scores("Nile, Rhine")[2].item() == pytest.approx(expected)


def test_robertsons_idf_is_0_at_half_of_the_texts_and_negative_above():
    index, positive = BM25(NILE, variant="robertson"), BM25(NILE)
    assert index.idf("nile") == 0
    assert index.idf("the") == pytest.approx(math.log(1.5 / 3.5))
    assert index.contributions("the", 1)["the"] < 0 < positive.contributions("the", 1)["the"]
    assert index.scores("nile").tolist() == [0, 0, 0, 0]
    found = index.search("the", 4)
    assert {hit.index for hit in found} == {0, 1, 2} and all(hit.score < 0 for hit in found)


@VARIANTS
@given(texts=TEXTS, query=QUERIES)
def test_contributions_add_up_to_the_score(variant, texts, query):
    index = BM25(texts, variant=variant)
    for number, score in enumerate(index.scores(query).tolist()):
        parts = index.contributions(query, number)
        assert list(parts) == list(dict.fromkeys(query))
        assert sum(parts.values()) == pytest.approx(score, abs=1e-12)
        assert all(parts[word] == 0 for word in query if word not in texts[number])


@given(TEXTS, QUERIES)
def test_a_word_that_the_query_repeats_counts_as_often(texts, query):
    index = BM25(texts)
    np.testing.assert_allclose(index.scores(query * 3), 3 * index.scores(query), atol=1e-12)


@VARIANTS
@given(texts=TEXTS, query=QUERIES, k=st.integers(1, 14))
def test_search_ranks_the_texts_that_have_a_word_of_the_query(variant, texts, query, k):
    index = BM25(texts, variant=variant)
    scores = index.scores(query).tolist()
    with_word = [number for number, text in enumerate(texts) if set(text) & set(query)]
    expected = sorted(with_word, key=lambda number: (-scores[number], number))[:k]
    assert index.search(query, k) == [Hit(number, scores[number]) for number in expected]


def test_a_text_is_read_by_words_and_a_list_is_taken_as_it_is():
    texts = ["The NILE!", "Rhine; Rhône."]
    read, listed = BM25(texts), BM25([words(text) for text in texts])
    assert read.scores("the rhine?").tolist() == listed.scores(["the", "rhine"]).tolist()
    assert read.scores(["NILE"]).tolist() == [0, 0]


def test_a_text_without_words_has_the_score_0():
    assert BM25(["the nile", "…", ""]).scores("nile")[1:].tolist() == [0, 0]


def test_a_word_that_no_text_has_finds_nothing():
    index = BM25(NILE)
    assert index.search("Volga", 3) == []
    assert index.scores("Volga").tolist() == [0] * 4
    assert index.contributions("Volga, Nile", 0)["volga"] == 0


@pytest.mark.parametrize("k1", [0, 0.0])
def test_with_a_k1_of_0_a_word_counts_once(k1):
    index = BM25(["nile nile nile", "nile rhine"], k1=k1)
    assert index.scores("nile")[0] == index.scores("nile")[1] == index.idf("nile")


@pytest.mark.parametrize(
    ("texts", "options", "message"),
    [
        ([], {}, "None of the 0 texts has a word"),
        (["", "?!"], {}, "None of the 2 texts has a word"),
        (["a"], {"k1": -1}, "k1 is -1; it must be a number, 0 or more"),
        (["a"], {"k1": math.nan}, "k1 is nan; it must be a number, 0 or more"),
        (["a"], {"b": 1.5}, "b is 1.5; it must be from 0"),
        (["a"], {"b": math.nan}, "b is nan; it must be from 0"),
        (["a"], {"variant": "okapi"}, "no variant 'okapi' of BM25 here. There are: lucene, robertson"),
    ],
)
@pytest.mark.usefixtures("unchecked_shapes")
def test_an_index_that_makes_no_sense_is_refused(texts, options, message):
    with pytest.raises(ValueError, match=message):
        BM25(texts, **options)


def test_one_text_alone_is_refused():
    with pytest.raises(TypeError, match="'nile' is one text; give a list of texts"):
        BM25("nile")


@pytest.mark.parametrize("query", ["", " ?! ", "\ud83d", []])
def test_a_query_without_words_is_refused(query):
    index = BM25(NILE)
    for ask in (index.scores, lambda query: index.search(query, 1), lambda query: index.contributions(query, 0)):
        with pytest.raises(ValueError, match="has no word to look for"):
            ask(query)


def test_a_k_of_0_and_a_text_that_is_not_there_are_refused():
    index = BM25(NILE)
    with pytest.raises(ValueError, match="k is 0; it must be 1 or more"):
        index.search("volga", 0)
    with pytest.raises(ValueError, match="There is no text 4: the 4 texts are counted from 0"):
        index.contributions("nile", 4)
    with pytest.raises(ValueError, match="index is -1; it must be 0 or more"):
        index.contributions("nile", -1)


@pytest.mark.slow
@pytest.mark.timed
def test_12_000_passages_are_indexed_in_seconds_and_a_query_takes_10_ms(unchecked_shapes, record_property):
    questions = data.yes_no_questions()
    passages = list(dict.fromkeys(question.passage for question in questions))[:12_000]
    pace, start = Pace(), time.perf_counter()
    index = BM25(passages)
    indexing = time.perf_counter() - start
    taken = []
    for question in questions[::80]:
        start = time.perf_counter()
        index.search(question.question, 10)
        taken.append(time.perf_counter() - start)
    median = 1000 * sorted(taken)[len(taken) // 2]
    slow_by = pace.ended()
    record_property("timed", f"{indexing:.1f} s of {5 * slow_by:.0f} s, then {median:.1f} ms of {10 * slow_by:.0f} ms")
    assert indexing < 5 * slow_by and median < 10 * slow_by
