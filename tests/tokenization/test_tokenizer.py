"""What holds for every tokenizer: half a character in a text is read by one rule."""

import pytest

from course.tokenization import ByteLevelBPE, CharacterTokenizer, Unigram, WordPiece, WordTokenizer
from course.tokenization.tokenizer import whole_characters

TEXT = "the people of the united states \ufffd 👍 and the states of the union " * 20
TOKENIZERS = {
    "words": WordTokenizer.train(TEXT, 60),
    "characters": CharacterTokenizer.train(TEXT, 60),
    "BPE": ByteLevelBPE.train(TEXT, n_merges=40),
    "WordPiece": WordPiece.train(TEXT, 60),
    "Unigram": Unigram.train(TEXT, 320),
}
# A text with half a character, and the same text as every tokenizer reads it.
HALVES = {
    "a first half": ("the\ud83d people", "the\ufffd people"),
    "a second half": ("\udc4dthe", "\ufffdthe"),
    "the wrong way round": ("of \udc4d\ud83d", "of \ufffd\ufffd"),
    "two that belong together": ("of \ud83d\udc4d the", "of 👍 the"),
    "two, and one more": ("\ud83d\ud83d\udc4d", "\ufffd👍"),
}


@pytest.mark.parametrize(("text", "read"), HALVES.values(), ids=HALVES)
def test_half_a_character_is_unicodes_replacement(text, read):
    assert whole_characters(text) == read
    assert whole_characters(read) is read


@pytest.mark.parametrize(("text", "read"), HALVES.values(), ids=HALVES)
@pytest.mark.parametrize("tokenizer", TOKENIZERS.values(), ids=TOKENIZERS)
def test_encode_and_explain_agree_on_half_a_character(tokenizer, text, read):
    assert tokenizer.encode(text) == tokenizer.encode(read)
    assert tokenizer.explain(text) == tokenizer.explain(read)
    assert [piece.id for piece in tokenizer.explain(text)] == tokenizer.encode(text)


@pytest.mark.parametrize("text", [text for text, _read in HALVES.values()], ids=HALVES)
def test_bytes_keep_what_was_read(text):
    for name in ("BPE", "Unigram"):
        assert TOKENIZERS[name].decode(TOKENIZERS[name].encode(text)) == whole_characters(text)


@pytest.mark.parametrize("text", [text for text, _read in HALVES.values()], ids=HALVES)
def test_training_reads_it_too(text):
    assert ByteLevelBPE.train(text * 9, n_merges=3).decode([97]) and Unigram.train(text * 99, 270).vocab_size == 270


@pytest.mark.parametrize(
    "train",
    [
        lambda text: WordTokenizer.train(text, 9),
        lambda text: CharacterTokenizer.train(text, 9),
        lambda text: WordPiece.train(text, 9),
        lambda text: ByteLevelBPE.train(text, n_merges=3),
        lambda text: Unigram.train(text, 262),
    ],
)
def test_no_vocabulary_has_half_a_character(train):
    for text, whole in (("a \ud83d a", "a \ufffd a"), ("a \ud83d\udc4d", "a 👍")):
        assert train(text).tokens == train(whole).tokens
