"""Exact answers and shared words, after capitals, punctuation and articles are gone."""

import pytest

from course.evaluation import exact_answer, normalized_answer, word_f1


@pytest.mark.parametrize(
    ("text", "normal"),
    [(" The  Cat. ", "cat"), ("An A-Team", "ateam"), ("theatre", "theatre"), ("U.S.", "us"), ("a", ""), ("", "")],
)
def test_what_does_not_matter_goes(text, normal):
    assert normalized_answer(text) == normal


@pytest.mark.parametrize(
    ("found", "right", "exact", "f1"),
    [
        (" the Paris!", "Paris", 1, 1),
        ("Paris, France", "Paris", 0, 2 / 3),
        ("Lyon", "Paris", 0, 0),
        ("Paris Paris", "Paris", 0, 2 / 3),
        ("", "Paris", 0, 0),
        ("", "the", 1, 1),
    ],
)
def test_answers_are_compared_by_their_words(found, right, exact, f1):
    assert exact_answer(found, right) == exact
    assert word_f1(found, right) == pytest.approx(f1)
