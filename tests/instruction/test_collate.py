"""Rows of unequal lengths: what is read, what is to be predicted, and what is cut."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course.instruction import MINIMAL, NOT_TRAINED, EncodedConversation, Fitted, collate, encode_conversation, fit
from tests.instruction.conversations import FRANCE, TWICE

A = EncodedConversation((7, 5, 8, 3, 9), (False, False, False, True, True), ("user", "user", *["assistant"] * 3))
B = EncodedConversation((7, 8, 4, 9, 7), (False, False, True, True, False), ("user", *["assistant"] * 4))


@st.composite
def rows(draw):
    mask = draw(st.lists(st.booleans(), min_size=1, max_size=30).filter(any))
    ids = draw(st.lists(st.integers(0, 5), min_size=len(mask) + 1, max_size=len(mask) + 1))
    return EncodedConversation(tuple(ids), (False, *mask), ("user",) * len(ids))


def test_each_token_but_the_first_is_a_target_where_it_is_trained():
    ids, targets = collate([A, B], pad_id=0).unbind(dim=1)
    assert ids.tolist() == [[7, 5, 8, 3], [7, 8, 4, 9]]
    assert targets.tolist() == [[NOT_TRAINED, NOT_TRAINED, 3, 9], [NOT_TRAINED, 4, 9, NOT_TRAINED]]


@given(st.lists(rows(), min_size=1, max_size=5))
def test_what_is_predicted_are_the_trained_tokens_and_no_others(conversations):
    """The padding's id is among the tokens of the texts: what counts is known by place."""
    table = collate(conversations, pad_id=5)
    for (ids, targets), row in zip(table, conversations, strict=True):
        assert tuple(ids[: len(row.ids) - 1].tolist()) == row.ids[:-1]
        assert (ids[len(row.ids) - 1 :] == 5).all() and (targets[len(row.ids) - 1 :] == NOT_TRAINED).all()
        found = targets[targets != NOT_TRAINED].tolist()
        assert found == [token for token, trained in zip(row.ids, row.is_trained, strict=True) if trained]


@given(st.lists(rows(), max_size=8), st.integers(1, 31))
def test_fitting_rows_have_something_to_train_on(conversations, limit):
    fitted = fit(conversations, limit)
    assert all(any(row.is_trained) and len(row.ids) <= limit + 1 for row in fitted.conversations)
    assert len(fitted.conversations) + fitted.n_dropped == len(conversations)
    begins = [EncodedConversation(*(column[: limit + 1] for column in row)) for row in conversations]
    assert fitted.conversations == [row for row in begins if any(row.is_trained)]
    whole = [row for row in fitted.conversations if row in conversations]
    assert fitted.n_cut >= len(fitted.conversations) - len(whole)


def test_a_long_prompt_is_dropped_and_a_long_answer_is_cut(base):
    """Cut without looking, the first would be a row of nothing but targets that do not count: a loss of 0 / 0."""
    first, both = (encode_conversation(base, MINIMAL, messages) for messages in (FRANCE, TWICE))
    n_prompt = first.is_trained.index(True)
    assert fit([first, both], n_prompt - 1) == Fitted([], 0, 2)
    cut = fit([first, both], len(first.ids) - 1)
    assert (cut.n_cut, cut.n_dropped) == (1, 0) and cut.conversations == [first, first]
    assert fit([first, both], len(both.ids) - 1).n_cut == 0


def test_what_is_refused():
    nothing = EncodedConversation((1, 2), (False, False), ("user", "user"))
    with pytest.raises(ValueError, match="No token of this conversation of 2 tokens is trained"):
        collate([A, nothing], 0)
    with pytest.raises(ValueError, match="There are no rows to pad"):
        collate([], 0)
    with pytest.raises(ValueError, match="limit is 0; it must be 1 or more"):
        fit([A], 0)
    assert collate([A], 0).dtype == torch.long
