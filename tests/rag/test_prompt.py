"""Citations of an answer are read, and its words are found where they are in the passage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.evaluation import normalized_answer
from course.rag import Chunk, Citations, Document, answer_span, build_prompt, cited_numbers, supported, supporting
from course.rag.prompt import _words
from tests.support.unicode_texts import random_texts

DOCUMENT = Document("nile", "Nile", "Of rivers. The Nile (in Africa) flows north, through Sudan.")
PASSAGES = [Chunk(DOCUMENT, 11, 59), Chunk(Document("rhine", "Rhine", "The Rhine flows north."), 0, 22)]
WORDS = st.lists(
    st.sampled_from(["the", "Nile", "nile.", "(a)", "north,", "“a", "l’a", "U.S.", "6,650", "-"]), max_size=8
)
TEXTS = WORDS.map(" ".join) | st.text(max_size=30)


def test_passages_are_numbered_from_1_and_have_their_titles():
    prompt = build_prompt(" Where does it flow?\n", PASSAGES)
    assert (
        "\n\n[1] Nile: The Nile (in Africa) flows north, through Sudan.\n\n[2] Rhine: The Rhine flows north." in prompt
    )
    assert prompt.endswith("\n\nQuestion: Where does it flow?")
    assert prompt.index("[1]") < prompt.index("[1] Nile"), "the instruction shows how to cite"


def test_a_closed_book_is_asked_without_a_word_of_passages():
    prompt = build_prompt("Where does it flow?", [])
    assert prompt.endswith("Question: Where does it flow?") and "passage" not in prompt and "[" not in prompt


@pytest.mark.parametrize("question", ["", " \n"])
def test_an_empty_question_is_refused(question):
    with pytest.raises(ValueError, match="The question is empty"):
        build_prompt(question, PASSAGES)


@pytest.mark.parametrize(
    ("answer", "valid", "unknown"),
    [
        ("North [1].", (1,), ()),
        ("North [2][1], so [2].", (2, 1), ()),
        ("North [ 1,3 , 2 ].", (1, 2), (3,)),
        ("North [0] [4]", (), (0, 4)),
        ("North", (), ()),
        ("In 1 of [many] (1) [x1] [] [1", (), ()),
        ("[01]", (1,), ()),
        ("[\u0661] [²]", (), ()),  # digits of other scripts
        ("[" + "9" * 5000 + "]", (), ()),
    ],
)
def test_citations_are_numbers_in_brackets(answer, valid, unknown):
    assert cited_numbers(answer, 2) == Citations(valid, unknown)


@given(st.lists(st.integers(0, 20)), st.integers(0, 10))
def test_each_citation_is_either_valid_or_unknown(numbers, n):
    found = cited_numbers(" and ".join(f"[{number}]" for number in numbers), n)
    assert sorted(found.valid + found.unknown) == sorted(set(numbers))
    assert all(1 <= number <= n for number in found.valid)


@pytest.mark.parametrize(
    ("answer", "span"),
    [
        ("Africa", "Africa"),
        ("in Africa", "in Africa"),  # without the bracket
        ("the nile, in AFRICA. [1]", "Nile (in Africa"),
        ("Through the Sudan [2, 3]", "through Sudan"),
        ("flows north", "flows north"),
        ("north through", "north, through"),
        ("Afri", None),  # no whole word
        ("north Africa", None),  # not one after the other
        ("south", None),
        ("the", None),  # an article is no word
        ("", None),
        ("[1]", None),
    ],
)
def test_the_words_of_an_answer_are_found_in_the_text(answer, span):
    passage = PASSAGES[0]
    place = answer_span(answer, passage)
    assert (None if place is None else passage.text[slice(*place)]) == span
    assert answer_span(answer, passage.text) == place


def test_the_first_of_several_places_counts():
    assert answer_span("nile", "Nile and Nile") == (0, 4)
    assert answer_span("a", "") is None


@given(TEXTS)
def test_words_are_those_of_the_normalized_text(text):
    assert " ".join(word for word, _start, _end in _words(text)) == normalized_answer(text)


@pytest.mark.parametrize("text", random_texts(60, seed=16))
def test_words_of_any_unicode_are_those_of_the_normalized_text(text):
    assert " ".join(word for word, _start, _end in _words(text)) == normalized_answer(text)


@given(WORDS, st.integers(0, 7), st.integers(1, 4))
def test_whatever_is_in_the_text_is_found_in_it(listed, first, n):
    text, part = " ".join(listed), " ".join(listed[first : first + n])
    place = answer_span(part, text)
    wanted = normalized_answer(part)
    assert (place is None) == (not wanted)
    if place:
        start, end = place
        assert 0 <= start < end <= len(text)
        assert f" {wanted} " in f" {normalized_answer(text[start:end])} "


def test_support_is_by_any_passage_and_titles_are_none():
    assert supporting("flows north", PASSAGES) == (1, 2)
    assert supporting("Rhine", PASSAGES) == (2,)
    assert supported("Sudan", PASSAGES) and not supported("south", PASSAGES) and not supported("Sudan", [])
    assert not supported("Nile", [Chunk(DOCUMENT, 0, 9)])
