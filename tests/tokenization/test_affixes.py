"""Words with affixes, and where tokenizers cut them."""

import pytest

from course.tokenization.affixes import affix_cuts, affixed_words, cuts
from course.tokenization.bpe import ByteLevelBPE
from course.tokenization.words import CharacterTokenizer, WordTokenizer

WORDS = ["do", "undo", "doing", "thing", "happy", "unhappy", "real", "really", "unreal"]
PLACES = {"undo": 2, "unhappy": 2, "unreal": 2, "doing": 2, "really": 4}


def test_an_affix_and_a_word_of_the_list_meet_at_a_place():
    assert affixed_words(WORDS) == PLACES
    assert affixed_words(["redo", "undo"]) == {}, "what is left must be a word of the list"
    assert affixed_words(["do", "undo", "doing", "undoing"])["undoing"] == 4, "of two affixes the suffix counts"
    assert affixed_words(reversed(WORDS)) == PLACES


def test_cuts_are_between_the_letters_of_the_word():
    characters = CharacterTokenizer.train("undo a doing", vocab_size=20)
    assert cuts(characters, "undo") == {1, 2, 3}
    words = WordTokenizer.train("a undo", vocab_size=20)
    assert cuts(words, "undo") == set()
    bpe = ByteLevelBPE.train("a un un do do", n_merges=4)
    assert cuts(bpe, "undo") == {2}


def test_words_without_a_cut_are_counted_apart_and_chance_has_as_many_cuts():
    characters = CharacterTokenizer.train(" ".join(WORDS), vocab_size=30)
    found = affix_cuts(characters, PLACES)
    assert found == (5, [1] * 5, [1] * 5), "who cuts everywhere cuts at the affix, by chance too"
    assert found.uncut == 0
    words = WordTokenizer.train(" ".join(["a", *WORDS]), vocab_size=30)
    assert affix_cuts(words, PLACES) == (5, [], []) and affix_cuts(words, PLACES).uncut == 1
    bpe = ByteLevelBPE.train("a un un do do", n_merges=4)
    found = affix_cuts(bpe, {"undo": 2, "do": 1})
    assert found.uncut == 1 / 2 and found.hit == [1] and found.chance == [pytest.approx(1 / 3)]
    assert affix_cuts(bpe, {"undo": 1}).hit == [0]


def test_no_words_is_an_error():
    with pytest.raises(ValueError, match="no words with an affix"):
        affix_cuts(CharacterTokenizer.train("a", vocab_size=5), {})
