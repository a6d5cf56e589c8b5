"""The typo experiment: the errors, the kept share of a word, and the curve."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.tokenization.bpe import ByteLevelBPE
from course.tokenization.typos import (
    add_typos,
    kept_share,
    kept_shares,
    mean_tokens,
    mistyped,
    neighbouring_keys,
    tokens_in_sentence,
    typo_curve,
)
from course.tokenization.unigram import Unigram
from course.tokenization.wordpiece import WordPiece
from course.tokenization.words import CharacterTokenizer, WordTokenizer


def edits(word: str) -> set[str]:
    """Every word that is one error away."""
    places = range(len(word))
    near = {place: neighbouring_keys(word[place]) for place in places}
    return (
        {word[:place] + key + word[place + 1 :] for place in places for key in near[place]}
        | {word[: place + 1] + key + word[place + 1 :] for place in places for key in near[place]}
        | {word[:place] + word[place + 1 :] for place in places}
        | {word[:place] + word[place + 1] + word[place] + word[place + 2 :] for place in places[:-1]}
    ) - {"", word}


def test_keys_next_to_each_other():
    assert set(neighbouring_keys("s")) == set("adwezx")
    assert set(neighbouring_keys("Q")) == set("WA")
    assert set(neighbouring_keys("m")) == set("njk")
    assert len(neighbouring_keys("é")) == 26


@given(st.text("abcXé-가", min_size=1, max_size=12), st.integers(0, 2**32))
def test_one_typo_is_one_error(word, seed):
    assert add_typos(word, 1, random.Random(seed)) in edits(word)


def test_every_kind_of_error_occurs():
    found = {add_typos("abc", 1, random.Random(seed)) for seed in range(2_000)}
    assert found == edits("abc")


@given(st.text(min_size=1, max_size=5), st.integers(0, 6), st.integers(0, 2**32))
def test_typos_repeat_with_the_seed_and_never_restore_the_word(word, n_typos, seed):
    mistyped = add_typos(word, n_typos, random.Random(seed))
    assert mistyped == add_typos(word, n_typos, random.Random(seed))
    assert mistyped
    assert (mistyped == word) == (n_typos == 0)


def test_an_empty_word_is_refused():
    with pytest.raises(ValueError, match="no letters to mistype"):
        add_typos("", 1, random.Random(0))


def sized(*tokens: str) -> list[tuple[str, int]]:
    return [(token, len(token)) for token in tokens]


def test_kept_share_counts_the_letters_of_tokens_still_there_in_order():
    original = sized("un", "believ", "able")
    assert kept_share("unbelievable", original, original) == 1
    assert kept_share("unbelievable", original, sized("un", "bel", "eiv", "able")) == 0.5
    assert kept_share("unbelievable", original, sized("able", "believ", "un")) == 0.5  # order counts: only believ
    assert kept_share("unbelievable", original, sized("unb", "elievabl")) == 0
    assert kept_share("abab", sized("a", "b", "a", "b"), sized("b", "a", "b")) == 0.75


def test_unknown_tokens_keep_nothing_and_the_space_before_a_word_does_not_count():
    words = WordTokenizer.train("a cat", vocab_size=10)
    assert tokens_in_sentence(words, "cat") == [("cat", 3)]
    assert tokens_in_sentence(words, "dog") == []
    bpe = ByteLevelBPE.train("a cat a cat a car", n_merges=2)
    assert tokens_in_sentence(bpe, "cat") == [("Ġca", 2), ("t", 1)]
    assert sum(size for _token, size in tokens_in_sentence(bpe, "한글")) == len("한글".encode())


@pytest.fixture(scope="module")
def tokenizers(sotu):
    text = sotu[:60_000]
    return {
        "words": WordTokenizer.train(text, 1_000),
        "characters": CharacterTokenizer.train(text, 1_000),
        "BPE": ByteLevelBPE.train(text, n_merges=744),
        "WordPiece": WordPiece.train(text, 1_000),
        "Unigram": Unigram.train(text, 1_000, seed_size=2_000),
    }


@pytest.mark.slow
def test_every_tokenizer_covers_the_whole_word_it_knows(tokenizers):
    for tokenizer in tokenizers.values():
        tokens = tokens_in_sentence(tokenizer, "government")
        assert sum(size for _token, size in tokens) == len("government")


@pytest.mark.slow
def test_the_curve_has_a_row_for_each_seed_and_a_column_for_each_number_of_typos(tokenizers):
    words = ["government", "citizens", "establishment", "representatives", "unfortunate", "misrepresented"]
    curve = typo_curve(tokenizers, words, max_typos=4, seeds=[1, 2, 3])
    again = typo_curve(tokenizers, words, max_typos=4, seeds=[1, 2, 3])
    for name, shares in curve.items():
        assert shares.shape == (3, 5)
        assert np.array_equal(shares, again[name])
        assert ((shares >= 0) & (shares <= 1)).all()
    assert not np.array_equal(curve["characters"][0], curve["characters"][1])
    known = np.mean([bool(tokens_in_sentence(tokenizers["words"], word)) for word in words])
    assert (curve["words"][:, 0] == known).all()
    for name in ("characters", "BPE", "WordPiece", "Unigram"):
        assert (curve[name][:, 0] == 1).all()
    # The control loses about a letter for each typo, a vocabulary of words everything at the first.
    assert (np.diff(curve["characters"].mean(axis=0)) < 0).all()
    assert curve["characters"][:, 1].mean() > 1 - 2 / min(map(len, words))
    assert curve["words"][:, 1:].mean() < 0.05


def test_kept_shares_have_a_row_for_each_seed_and_a_column_for_each_word():
    tokenizers = {
        "characters": CharacterTokenizer.train("a hug pugs", vocab_size=20),
        "words": WordTokenizer.train("a hug", 9),
    }
    words = ["hug", "pugs"]
    shares = kept_shares(tokenizers, words, n_typos=1, seeds=[1, 2])
    assert {name: each.shape for name, each in shares.items()} == {"characters": (2, 2), "words": (2, 2)}
    for row, seed in enumerate([1, 2]):
        for column, (word, wrong) in enumerate(zip(words, mistyped(words, 1, seed), strict=True)):
            assert wrong in edits(word)
            tokens = [tokens_in_sentence(tokenizers["characters"], each) for each in (word, wrong)]
            assert shares["characters"][row, column] == kept_share(word, *tokens)
    assert (shares["words"] == 0).all()
    assert np.array_equal(kept_shares(tokenizers, words, 0, [5])["words"], [[1, 0]])
    many = ["government"] * 20
    assert mistyped(many, 1, seed=1) == mistyped(many, 1, seed=1) != mistyped(many, 1, seed=2)


def test_mean_tokens_counts_those_that_the_vocabulary_knows():
    characters = CharacterTokenizer.train("a hug pug", vocab_size=20)
    assert mean_tokens(characters, ["hug", "hugpug"]) == 4.5
    assert mean_tokens(WordTokenizer.train("a hug", vocab_size=20), ["hug", "pug"]) == 0.5
