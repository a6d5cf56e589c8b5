"""The vote of several outputs: its winner, its share, and what a tie or an output without an answer does."""

import re

import pytest

from course.prompting import majority_vote


def last_number(text):
    found = re.findall(r"\d+", text)
    return found[-1] if found else None


def test_the_answer_that_most_outputs_give_wins():
    vote = majority_vote(["3 and 4 is 7", "so 7", "it is 12", "I do not know"], last_number)
    assert (vote.answer, vote.winners, vote.share, vote.unread) == ("7", ("7",), 0.5, 1)
    assert vote.counts == {"7": 2, "12": 1}


def test_a_tie_is_named_and_decides_nothing():
    vote = majority_vote(["9", "5", "9", "5", "1"], last_number)
    assert (vote.answer, vote.winners, vote.share) == (None, ("9", "5"), 0.4)


def test_without_an_answer_nothing_wins():
    vote = majority_vote(["well", "hm"], last_number)
    assert (vote.answer, vote.winners, vote.share, vote.unread) == (None, (), 0.0, 2)


def test_no_outputs_are_refused():
    with pytest.raises(ValueError, match="no outputs to vote"):
        majority_vote([], last_number)
    with pytest.raises(TypeError, match="'7' is one output"):
        majority_vote("7", last_number)
