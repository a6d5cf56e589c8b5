import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.evaluation import repeated_ngrams

texts = st.lists(st.integers(0, 3), min_size=4, max_size=40)


def test_by_hand():
    assert repeated_ngrams("abcdabcd", 4) == pytest.approx(1 / 5)  # abcd bcda cdab dabc abcd
    assert repeated_ngrams([1, 2, 3, 4, 5]) == 0
    assert repeated_ngrams([7] * 23, 4) == pytest.approx(19 / 20)
    assert repeated_ngrams("abab", 1) == pytest.approx(1 / 2)


@given(texts, st.integers(1, 4))
def test_it_is_the_share_that_came_before(tokens, n):
    grams = [tokens[start : start + n] for start in range(len(tokens) - n + 1)]
    before = sum(gram in grams[:place] for place, gram in enumerate(grams))
    assert repeated_ngrams(tokens, n) == pytest.approx(before / len(grams))


@given(texts)
def test_names_of_tokens_do_not_matter(tokens):
    assert repeated_ngrams(tokens) == repeated_ngrams([str(token) for token in tokens])


@pytest.mark.parametrize(("tokens", "n", "message"), [([1, 2], 0, "n is 0"), ([1, 2, 3], 4, "3 tokens has no 4 in a")])
def test_what_has_no_ngrams_is_refused(tokens, n, message):
    with pytest.raises(ValueError, match=message):
        repeated_ngrams(tokens, n)
