"""Runs of words that texts share: which are counted, and what a text without any gives."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.data.ngrams import ngram_overlap, ngrams

WORDS = st.lists(st.sampled_from("abcd"), max_size=12).map(" ".join)


def test_runs_are_of_words_whatever_their_capitals_and_signs():
    assert ngrams("The cat, THE Cat!", 2) == [("the", "cat"), ("cat", "the"), ("the", "cat")]
    assert ngrams("one two", 3) == []


@given(training=st.lists(WORDS, max_size=4), text=WORDS, n=st.integers(1, 4))
def test_the_share_is_that_of_the_runs_that_a_training_text_has(training, text, n):
    (found,) = ngram_overlap(training, [text], n)
    words = text.split()
    runs = [" ".join(words[start : start + n]) for start in range(len(words) - n + 1)]
    known = [any(f" {run} " in f" {one} " for one in training) for run in runs]
    assert math.isnan(found) if not runs else found == pytest.approx(sum(known) / len(runs))


def test_runs_do_not_go_over_the_end_of_a_text():
    assert ngram_overlap(["a b", "c d"], ["b c"], 2).tolist() == [0]


def test_what_is_no_list_of_texts_is_refused():
    with pytest.raises(TypeError, match="list of texts"):
        ngram_overlap(["a"], "a text", 2)
    with pytest.raises(TypeError, match="list of texts"):
        ngram_overlap("a text", ["a"], 2)
    with pytest.raises(ValueError, match="n is 0"):
        ngram_overlap([], [], 0)
