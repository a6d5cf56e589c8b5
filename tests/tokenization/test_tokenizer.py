"""What holds for every tokenizer: half a character in a text is read by one rule."""

import math
from functools import partial

import numpy as np
import pytest
import torch

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


NO_TEXTS = {"nothing": None, "a number": 3, "bytes": b"the", "a list": ["the"]}
TRAININGS = {
    "words": lambda text, n: WordTokenizer.train(text, n),
    "characters": lambda text, n: CharacterTokenizer.train(text, n),
    "BPE": lambda text, n: ByteLevelBPE.train(text, n_merges=n),
    "WordPiece": lambda text, n: WordPiece.train(text, n),
    "Unigram": lambda text, n: Unigram.train(text, n),
}


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("text", NO_TEXTS.values(), ids=NO_TEXTS)
@pytest.mark.parametrize("name", TOKENIZERS)
def test_what_is_no_text_is_refused(name, text):
    tokenizer = TOKENIZERS[name]
    special = partial(tokenizer.encode, allow_special=True)
    for use in (tokenizer.encode, special, tokenizer.explain, lambda text: TRAININGS[name](text, 300)):
        with pytest.raises(TypeError, match=r"A tokenizer reads a text \(str\), not \w+: decode bytes, and join"):
            use(text)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("ids", [None, 3, "12", [1.0], [math.nan], ["1"], [[1]], torch.tensor([[1, 2]])], ids=repr)
@pytest.mark.parametrize("tokenizer", TOKENIZERS.values(), ids=TOKENIZERS)
def test_what_is_no_row_of_ids_is_refused(tokenizer, ids):
    with pytest.raises(TypeError, match=r"Token ids are a row of whole numbers, such as \[464, 3290\], not "):
        tokenizer.decode(ids)


@pytest.mark.usefixtures("unchecked_shapes")
def test_ids_of_numpy_and_pytorch_are_ids():
    for tokenizer in TOKENIZERS.values():
        assert tokenizer.decode([3, 4]) == tokenizer.decode(torch.tensor([3, 4])) == tokenizer.decode(np.array([3, 4]))


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("count", [-1, 1.5, None, "3", True])
@pytest.mark.parametrize("name", TRAININGS)
def test_what_is_no_count_of_tokens_is_refused(name, count):
    with pytest.raises(ValueError, match=r"(n_merges|vocab_size) is .*; give a whole number, \d or more"):
        TRAININGS[name](TEXT, count)
