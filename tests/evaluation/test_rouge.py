"""ROUGE equals the package `rouge-score` on stored cases, and its parts what their definitions say."""

import json
import time
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.evaluation import rouge, rouge_l
from course.evaluation.rouge import (
    common_subsequence,
    longest_common_subsequence,
    ngram_f,
    rouge_spans,
    rouge_words,
)

CASES = json.loads((Path(__file__).parent / "rouge_cases.json").read_text(encoding="utf-8"))
WORDS = st.lists(st.sampled_from("abc"), max_size=7)


@pytest.mark.parametrize(("prediction", "reference", "one", "two", "longest"), CASES)
def test_it_equals_the_package(prediction, reference, one, two, longest):
    assert rouge(prediction, reference) == pytest.approx((one, two, longest), abs=1e-12)


@given(WORDS, WORDS)
def test_the_longest_common_subsequence_is_found(one, other):
    def subsequences(words):
        return {chosen for n in range(len(words) + 1) for chosen in combinations(words, n)}

    longest = max(map(len, subsequences(one) & subsequences(other)))
    assert longest_common_subsequence(one, other) == longest


@given(WORDS, WORDS)
def test_it_is_symmetric_and_1_for_the_same_text(one, other):
    first, second = " ".join(one), " ".join(other)
    assert rouge(first, second) == rouge(second, first)
    assert rouge(first, first).rouge_l == bool(one)


def test_a_repeated_word_counts_as_often_as_both_have_it():
    assert ngram_f(["the"] * 4, ["the", "cat"], 1) == pytest.approx(2 * 1 / 6)
    with pytest.raises(ValueError, match="n is 0"):
        ngram_f(["a"], ["a"], 0)


@given(WORDS, WORDS)
def test_the_places_of_the_common_subsequence_are_those_of_a_longest_one(one, other):
    places = common_subsequence(one, other)
    assert [one[first] for first, _second in places] == [other[second] for _first, second in places]
    for column in zip(*places, strict=True):
        assert list(column) == sorted(set(column))
    assert len(places) == longest_common_subsequence(one, other)


@given(st.text(alphabet="aZ3 -é한İKΣß\n", max_size=12))
def test_the_spans_of_words_are_those_of_the_text(text):
    spans = rouge_spans(text)
    ends = [0, *(place for span in spans for place in span), len(text)]
    assert ends == sorted(ends)
    assert [text[start:end].lower().removesuffix("\u0307") for start, end in spans] == rouge_words(text)


@pytest.mark.parametrize(("prediction", "reference", "_one", "_two", "longest"), CASES)
def test_rouge_l_alone_is_the_same(prediction, reference, _one, _two, longest):
    assert rouge_l(prediction, reference) == rouge(prediction, reference).rouge_l == pytest.approx(longest, abs=1e-12)


@pytest.mark.timed
@pytest.mark.parametrize("function", [longest_common_subsequence, lambda *texts: len(common_subsequence(*texts))])
def test_long_texts_take_no_minute(function):
    n = 20_000
    rising = [str(number % 500) for number in range(n)]
    start = time.perf_counter()
    assert function(["the"] * n, ["the"] * n) == n
    assert function(rising, ["a", *rising[:-2], "b"]) == n - 2
    assert function(["a"] * n, ["b"] * n) == 0
    assert time.perf_counter() - start < 10
