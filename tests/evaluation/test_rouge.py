"""ROUGE equals the package `rouge-score` on stored cases, and its parts what their definitions say."""

import json
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.evaluation import rouge
from course.evaluation.rouge import longest_common_subsequence, ngram_f

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
