"""The word tokenizer and the character tokenizer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.tokenization.words import UNKNOWN, CharacterTokenizer, WordTokenizer

TEXT = "the cat saw the dog, the dog saw a cat. naïve 고양이!"


def test_the_sentence_of_the_notes_has_six_tokens():
    sentence = "Natural language processing is interesting!"
    words = WordTokenizer.train(sentence, vocab_size=100)
    pieces = words.explain(sentence)
    assert [piece.token for piece in pieces] == ["Natural", "language", "processing", "is", "interesting", "!"]
    assert len(words.encode(sentence)) == 6
    assert UNKNOWN not in [piece.token for piece in pieces]


def test_the_vocabulary_is_unk_and_the_most_frequent_words_in_order():
    words = WordTokenizer.train(TEXT, vocab_size=5)
    assert words.tokens == [UNKNOWN, "the", "cat", "saw", "dog"]
    assert words.vocab_size == 5


def test_an_unknown_word_becomes_unk_as_a_whole():
    words = WordTokenizer.train(TEXT, vocab_size=5)
    assert words.decode(words.encode("the cta saw naïve dogs")) == "the <unk> saw <unk> <unk>"
    assert [piece.reason for piece in words.explain("the cta")][1].startswith("Not in the vocabulary")


def test_every_sign_is_a_token_of_its_own():
    words = WordTokenizer.train(TEXT, vocab_size=30)
    assert [piece.data.decode() for piece in words.explain("well... (no_1)")] == ["well", *"...", "(", "no_1", ")"]


def test_a_typed_unk_is_not_the_unknown_token():
    words = WordTokenizer.train("a < unk > b", vocab_size=10)
    assert words.unknown_id not in words.encode("<unk>")


def test_characters_come_back_as_they_were():
    characters = CharacterTokenizer.train(TEXT, vocab_size=100)
    assert characters.decode(characters.encode(TEXT)) == TEXT
    assert characters.encode("한") == [characters.unknown_id]


@pytest.mark.parametrize("kind", [WordTokenizer, CharacterTokenizer])
@given(text=st.text())
def test_pieces_are_the_ids_with_their_places(kind, text):
    tokenizer = kind.train(TEXT, vocab_size=20)
    pieces = tokenizer.explain(text)
    assert [piece.id for piece in pieces] == tokenizer.encode(text)
    assert all(piece.data == text[piece.start : piece.end].encode() and piece.reason for piece in pieces)
    covered = {place for piece in pieces for place in range(piece.start, piece.end)}
    assert all(text[place].isspace() for place in set(range(len(text))) - covered)


@pytest.mark.parametrize("kind", [WordTokenizer, CharacterTokenizer])
def test_errors_name_the_value_and_the_remedy(kind):
    with pytest.raises(ValueError, match="training text is empty"):
        kind.train(" \n", vocab_size=10)
    tokenizer = kind.train("a b", vocab_size=10)
    for wrong in (tokenizer.vocab_size, -1):
        with pytest.raises(ValueError, match=f"id {wrong} is outside this vocabulary of {tokenizer.vocab_size} tokens"):
            tokenizer.decode([wrong])
