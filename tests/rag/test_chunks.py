"""Chunks point into their document, leave nothing out, and end with a sentence where one ends nearby."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.rag import Chunk, Document, chunk, chunk_all, without_overlaps
from tests.support.unicode_texts import random_texts

WORDS = st.sampled_from(["river", "Nile", "sea.", 'north."', "U.S.", "(too!)", "…", "a", "?"])
SPACES = st.sampled_from([" ", "  ", "\n\n", "\t", "\u00a0", "\u2028"])
TEXTS = st.lists(st.one_of(WORDS, SPACES), max_size=60).map("".join) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=80
)
SIZES = st.integers(1, 12).flatmap(lambda words: st.tuples(st.just(words), st.integers(0, words - 1)))


def document(text, id="nile", title="Nile"):
    return Document(id, title, text)


def places(chunks):
    """Each chunk's characters that are no white space, by their place in the document."""
    return [{place for place in range(one.start, one.end) if not one.document.text[place].isspace()} for one in chunks]


@given(TEXTS, SIZES)
def test_every_character_that_is_no_space_is_in_a_chunk(text, sizes):
    words, overlap = sizes
    chunks = chunk(document(text), words=words, overlap=overlap)
    assert set().union(*places(chunks)) == {place for place, character in enumerate(text) if not character.isspace()}


@given(TEXTS, SIZES)
def test_offsets_point_at_whole_words_of_the_text(text, sizes):
    words, overlap = sizes
    chunks = chunk(document(text), words=words, overlap=overlap)
    for one in chunks:
        assert text[one.start : one.end] == one.text == one.text.strip()
        assert 1 <= len(one.text.split()) <= words
        assert (one.start == 0 or text[one.start - 1].isspace()) and text[one.end : one.end + 1].strip() == ""


@given(TEXTS, SIZES)
def test_neighbors_have_the_overlap_in_common_and_no_more(text, sizes):
    words, overlap = sizes
    chunks = chunk(document(text), words=words, overlap=overlap)
    for one, other in pairwise(chunks):
        assert len(text[other.start : one.end].split()) == overlap
        assert other.start > one.start and other.end > one.end


def test_a_window_ends_with_a_sentence_in_its_last_quarter():
    text = "One two. Three four five six seven. Eight nine ten"
    assert [one.text for one in chunk(document(text), words=8)] == [
        "One two. Three four five six seven.",
        "Eight nine ten",
    ]
    assert [len(one.text.split()) for one in chunk(document(text), words=6)] == [6, 4]  # "two." is too early
    quoted = 'a b c "d." e f g h i j k l'
    assert [one.text for one in chunk(document(quoted), words=5)] == ['a b c "d."', "e f g h i", "j k l"]


def test_of_two_sentence_ends_the_later_one_counts():
    assert [one.text for one in chunk(document("a b c d e f g. h. i j"), words=8)] == ["a b c d e f g. h.", "i j"]


def test_a_sentence_end_within_the_overlap_does_not_hold_the_window_back():
    text = "a b c d. e f g h i j k"
    chunks = [one.text for one in chunk(document(text), words=5, overlap=4)]
    assert chunks == ["a b c d. e", "b c d. e f", "c d. e f g", "d. e f g h", "e f g h i", "f g h i j", "g h i j k"]


def test_what_a_chunk_is_called_and_what_is_embedded():
    one = chunk(document("  It flows north. It is long."), words=3)[0]
    assert (one.id, one.text, one.with_title) == ("nile:2-17", "It flows north.", "Nile: It flows north.")
    assert Chunk(document("north", title=""), 0, 5).with_title == "north"


@pytest.mark.parametrize("text", ["", " ", "\n\t \u2003"])
def test_a_text_without_a_word_has_no_chunks(text):
    assert chunk(document(text)) == []


@pytest.mark.parametrize("text", random_texts(60, seed=16))
def test_any_unicode_is_kept(text):
    assert "".join("".join(one.text.split()) for one in chunk(document(text), words=2)) == "".join(text.split())


def test_the_chunks_of_all_documents_in_their_order():
    documents = [document("a b c", "first"), document("", "empty"), document("d", "last")]
    assert [one.id for one in chunk_all(documents, words=2)] == ["first:0-3", "first:4-5", "last:0-1"]


@given(TEXTS, SIZES, st.randoms())
def test_without_overlaps_no_character_is_twice_and_none_is_lost(text, sizes, random):
    words, overlap = sizes
    ranked = [one for id in ("nile", "rhine") for one in chunk(document(text, id), words=words, overlap=overlap)]
    random.shuffle(ranked)
    kept = without_overlaps(ranked)
    for id in ("nile", "rhine"):
        before, after = (places(one for one in some if one.document.id == id) for some in (ranked, kept))
        assert set().union(*before) == set().union(*after)
        assert sum(map(len, after)) == len(set().union(*after))
    assert all(one.text == one.text.strip() for one in kept)
    assert kept[:1] == ranked[:1]  # the best is whole


def test_without_overlaps_by_hand():
    text = "one two three four five"
    whole, middle = Chunk(document(text), 0, 23), Chunk(document(text), 8, 13)
    assert [one.text for one in without_overlaps([middle, whole])] == ["three", "one two", "four five"]
    assert without_overlaps([whole, middle]) == [whole]
    other = Chunk(document(text, "rhine"), 8, 13)
    assert without_overlaps([whole, other]) == [whole, other]
    assert without_overlaps([]) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"words": 0}, "words is 0; it must be 1 or more"),
        ({"overlap": -1}, "overlap is -1; it must be 0 or more"),
        ({"words": 5, "overlap": 5}, "An overlap of 5 words leaves a window of 5 nothing new: choose 4 or fewer"),
    ],
)
def test_sizes_that_make_no_windows_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        chunk(document("a b c"), **options)


def test_documents_that_cannot_be_cited_are_refused():
    with pytest.raises(ValueError, match="A document has an empty id"):
        document("text", id="")
    with pytest.raises(ValueError, match="Two documents have the id 'nile'"):
        chunk_all([document("a"), document("b")])
    with pytest.raises(ValueError, match=r"The text of document 'nile' has half a character \(.*\) at 2"):
        document("a \ud83d b")
    with pytest.raises(ValueError, match="The title of document 'nile' has half a character"):
        document("a", title="\udc4d")


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (2, 2), (3, 2), (0, 6)])
def test_a_chunk_outside_its_document_is_refused(start, end):
    with pytest.raises(ValueError, match=f"has 5 characters, and none from {start} to before {end}"):
        Chunk(document("north"), start, end)
