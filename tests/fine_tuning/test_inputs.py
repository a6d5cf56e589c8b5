"""Rows: special tokens, cuts that keep them, and padding that is known by length."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.fine_tuning import Row, pad_inputs, pair_row, prompt_row, text_row, words_row

LENGTH = st.integers(0, 12)


def text_of(n):
    return " ".join(["fun"] * n)


@given(n=LENGTH, limit=st.integers(4, 12))
def test_a_cut_text_keeps_its_special_tokens(tokenizer, n, limit):
    cls, sep = tokenizer.special.ids["[CLS]"], tokenizer.special.ids["[SEP]"]
    row = text_row(tokenizer, text_of(n), limit)
    assert row.ids[0] == cls and row.ids[-1] == sep
    assert len(row.ids) == len(row.token_types) == min(n + 2, limit)


@given(n=LENGTH, m=LENGTH, limit=st.integers(4, 20))
def test_of_a_pair_the_longer_text_is_cut_first(tokenizer, n, m, limit):
    expected = [n, m]
    while sum(expected) > limit - 3:  # the authors' code: one token at a time from the longer, else from the second
        expected[0 if expected[0] > expected[1] else 1] -= 1
    row = pair_row(tokenizer, text_of(n), text_of(m), limit)
    assert row.token_types == [0] * (expected[0] + 2) + [1] * (expected[1] + 1)
    assert len(row.ids) == len(row.token_types) <= limit


@settings(max_examples=40)
@given(st.lists(st.text(max_size=4), min_size=1, max_size=8))
def test_every_word_has_a_first_piece(tokenizer, words):
    row = words_row(tokenizer, words, 200)
    assert len(row.first_pieces) == len(words)
    pieces = [tokenizer.encode(word) or [tokenizer.unknown_id] for word in words]
    assert [row.ids[place] for place in row.first_pieces] == [of_word[0] for of_word in pieces]
    assert row.ids[1:-1] == [piece for of_word in pieces for piece in of_word]


@given(n=st.integers(1, 10), limit=st.integers(4, 12))
def test_words_beyond_the_limit_have_no_first_piece(tokenizer, n, limit):
    row = words_row(tokenizer, ["awfully"] * n, limit)
    assert len(row.ids) <= limit and row.ids[-1] == tokenizer.special.ids["[SEP]"]
    assert all(place < len(row.ids) - 1 for place in row.first_pieces)


def test_of_a_long_prompt_the_end_is_kept(tokenizer):
    ids = tokenizer.encode("a great film indeed")
    assert prompt_row(tokenizer, "a great film indeed", 2).ids == ids[-2:]


def test_the_mask_is_known_by_length_and_not_by_id():
    inputs = pad_inputs([Row([0, 0], [0, 1], []), Row([5], [0], [])], pad_id=0)
    assert inputs.ids.tolist() == [[0, 0], [5, 0]]
    assert inputs.attention_mask.tolist() == [[True, True], [True, False]]
    assert inputs.token_types.tolist() == [[0, 1], [0, 0]]


def test_a_limit_that_leaves_no_room_is_named(tokenizer):
    for make in (lambda n: text_row(tokenizer, "fun", n), lambda n: pair_row(tokenizer, "fun", "fun", n)):
        with pytest.raises(ValueError, match="limit is 3 tokens, and an input needs 4"):
            make(3)
