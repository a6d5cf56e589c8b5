"""Unigram: the best path of `tokenizers`, expected counts by enumeration, EM that never gets worse, sampling."""

import math
import random
from collections import Counter, defaultdict
from itertools import pairwise

import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st

from course.tokenization.unigram import BYTES, Unigram
from course.tokenization.unigram_lattice import Pieces, arcs_of, best_path, forward, sample_path, share_out
from course.tokenization.unigram_training import em_step, learn_scores, prune, seed_scores
from tests.support.unicode_texts import random_texts

WORDS = {"abab": 3, "aab": 2, "bab": 4, "ab": 1, "b": 2}
WORD = st.text("abc", min_size=1, max_size=8)
SCORES = st.dictionaries(st.text("abc", min_size=1, max_size=4), st.floats(-9, -0.1), min_size=1, max_size=12)


@pytest.fixture(scope="module")
def trained(sotu) -> Unigram:
    return Unigram.train(sotu[:100_000], vocab_size=1_000, seed_size=3_000)


def reference_of(unigram: Unigram) -> tokenizers.Tokenizer:
    """The model of `tokenizers` with our pieces, spaces as ▁; its unknown token has a name that stands in no text."""
    vocab = [("unknown \0", 0.0)] + [(token, 0.0) for token in BYTES]
    vocab += [(piece.replace(" ", "▁"), score) for piece, score in unigram.scores.items()]
    return tokenizers.Tokenizer(tokenizers.models.Unigram(vocab, unk_id=0, byte_fallback=True))


def paths(word: str, scores: dict[str, float]) -> list[tuple[list[str], float]]:
    """Every way to cut the word, with its score; unknown characters as in `Pieces`."""
    unknown = min(scores.values()) - 10
    found = []
    for cuts in range(2 ** (len(word) - 1)):
        ends = [0, *(place for place in range(1, len(word)) if cuts >> (place - 1) & 1), len(word)]
        pieces = [word[start:end] for start, end in pairwise(ends)]
        if all(piece in scores or len(piece) == 1 for piece in pieces):
            found.append((pieces, sum(scores.get(piece, unknown) for piece in pieces)))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("corpus", ["sotu", "korean", "unicode"])
def test_ids_are_those_of_tokenizers(trained, corpus, request):
    reference = reference_of(trained)
    text = "\n".join(random_texts(500, seed=6)) if corpus == "unicode" else request.getfixturevalue(corpus)[-60_000:]
    text = text.replace("▁", "_")  # ours takes a typed ▁ for itself, the reference for a space
    words = [word.replace(" ", "▁") for word in trained._words(text)]
    expected = [token_id - 1 for token_id in reference.encode(words, is_pretokenized=True).ids]
    assert trained.encode(text) == expected


@given(WORD, SCORES)
def test_the_best_path_is_the_best_of_all(word, scores):
    path, score = best_path(arcs_of(word, Pieces.of(scores)))
    assert "".join(path) == word
    assert score == pytest.approx(max(score for _path, score in paths(word, scores)))
    assert (path, pytest.approx(score)) in [(path, score) for path, score in paths(word, scores)]


@given(WORD, SCORES, st.integers(1, 5))
def test_expected_counts_are_those_of_listing_every_path(word, scores, times):
    everything = paths(word, scores)
    total = sum(math.exp(score) for _path, score in everything)
    expected: dict[str, float] = Counter()
    for path, score in everything:
        for piece in path:
            expected[piece] += times * math.exp(score) / total
    counts: dict[str, float] = defaultdict(float)
    log_probability = share_out(arcs_of(word, Pieces.of(scores)), times, counts)
    assert log_probability == pytest.approx(math.log(total), abs=1e-9)
    assert counts == pytest.approx(expected, abs=1e-9)


def test_long_words_do_not_underflow():
    arcs = arcs_of("ab" * 2_000, Pieces.of({"a": -9.0, "b": -9.0, "ab": -12.0}))
    assert forward(arcs)[-1] == pytest.approx(2_000 * math.log(math.exp(-12) + math.exp(-18)))


@given(st.dictionaries(st.text("abc", min_size=1, max_size=6), st.integers(1, 9), min_size=1, max_size=8))
def test_the_likelihood_never_falls_from_step_to_step(words):
    scores, last = seed_scores(words, 50), -math.inf
    for _step in range(12):
        scores, log_likelihood = em_step(words, scores)
        assert log_likelihood >= last - 1e-7
        assert sum(map(math.exp, scores.values())) == pytest.approx(1)
        last = log_likelihood


def test_the_likelihood_rises_on_real_text(sotu):
    words = Counter(Unigram._words(sotu[:20_000]))
    scores, likelihoods = seed_scores(words, 1_000), []
    for _step in range(6):
        scores, log_likelihood = em_step(words, scores)
        likelihoods.append(log_likelihood)
    assert all(later > earlier for earlier, later in pairwise(likelihoods))


@pytest.mark.slow
def test_sampling_follows_the_posterior():
    scores = {"a": -1.5, "b": -2.0, "ab": -2.2, "ba": -2.5, "aba": -4.0}
    arcs = arcs_of("abab", Pieces.of(scores))
    everything = paths("abab", scores)
    total = sum(math.exp(score) for _path, score in everything)
    generator, n = random.Random(7), 20_000
    drawn = Counter(tuple(sample_path(arcs, generator)) for _draw in range(n))
    assert len(everything) > 5
    for path, score in everything:
        share = math.exp(score) / total
        assert drawn[tuple(path)] / n == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / n))


@pytest.mark.slow
def test_alpha_sharpens_and_flattens_the_draws(trained):
    word = "representatives"
    best = trained.encode(word)
    drawn = {
        alpha: [trained.sample(word, random.Random(seed), alpha) for seed in range(100)] for alpha in (0.0, 1.0, 20.0)
    }
    assert all(trained.decode(ids) == word for samples in drawn.values() for ids in samples)
    assert all(ids == best for ids in drawn[20.0])
    assert len({tuple(ids) for ids in drawn[0.0]}) > len({tuple(ids) for ids in drawn[1.0]}) > 1


def test_pruning_keeps_the_characters_and_what_the_likelihood_needs_most():
    scores = {"a": -2.0, "b": -2.0, "ab": -1.0, "ba": -3.9, "aba": -5.9}
    counts = {"a": 5.0, "b": 5.0, "ab": 9.0, "ba": 9.0, "aba": 1.0}
    assert set(prune(scores, counts, 4)) == {"a", "b", "ab", "ba"}
    assert set(prune(scores, counts, 3)) == {"a", "b", "ab"}
    often, seldom = {**counts, "ba": 900.0}, {**counts, "ab": 0.01}
    assert set(prune(scores, often, 3)) == set(prune(scores, seldom, 3)) == {"a", "b", "ba"}


def test_a_typed_space_mark_is_no_space():
    text = "the ▁the ▁ the cat"
    unigram = Unigram.train(text, vocab_size=270)
    assert len(set(unigram.tokens)) == unigram.vocab_size
    assert unigram.decode(unigram.encode(text)) == text
    with pytest.raises(ValueError, match="training text is empty"):
        Unigram.train("▁ ▁", vocab_size=270)


@pytest.mark.slow
def test_training_gives_the_size_asked_for_and_knows_all_characters(trained, sotu):
    assert trained.vocab_size == len(set(trained.tokens)) == 1_000
    assert set(" " + sotu[:100_000]) <= set(trained.scores)
    assert list(trained.scores.values()) == sorted(trained.scores.values(), reverse=True)
    n_characters = len(trained.decode(trained.encode(sotu[200_000:220_000])))
    assert n_characters / len(trained.encode(sotu[200_000:220_000])) > 2.5


def test_learned_scores_are_probabilities():
    scores = learn_scores(WORDS, size=4, seed_size=20)
    assert len(scores) == 4
    assert {"a", "b"} <= set(scores)
    assert sum(map(math.exp, scores.values())) == pytest.approx(1)


@pytest.mark.slow
@settings(max_examples=200)
@given(st.text() | st.text(" ▁\n<0x41>a"))
def test_any_text_comes_back(trained, text):
    assert trained.decode(trained.encode(text)) == text
    assert trained.decode(trained.sample(text, random.Random(0))) == text


@pytest.mark.slow
def test_spaces_and_unknown_characters_are_written_as_stated(trained):
    tokens = [trained.tokens[token_id] for token_id in trained.encode("the of\n한▁")]
    assert tokens == ["▁the", "▁of", "\n", "<0xED>", "<0x95>", "<0x9C>", "<0xE2>", "<0x96>", "<0x81>"]
    assert trained.decode(trained.encode("한")[:-1]) == "\ufffd"


@pytest.mark.slow
@given(text=st.text())
def test_pieces_are_the_ids_with_their_places(trained, text):
    pieces = trained.explain(text)
    assert [piece.id for piece in pieces] == trained.encode(text)
    assert b"".join(piece.data for piece in pieces) == text.encode()
    for piece in pieces:
        assert piece.data in text[piece.start : piece.end].encode()
        assert piece.reason
        assert piece.token == trained.tokens[piece.id]


@pytest.mark.slow
def test_errors_name_the_value_and_the_remedy(trained):
    with pytest.raises(ValueError, match="training text is empty"):
        Unigram.train("", vocab_size=300)
    with pytest.raises(ValueError, match="4 distinct characters, the vocabulary has room for 3: raise vocab_size"):
        Unigram.train("abc", vocab_size=259)
    with pytest.raises(ValueError, match="id 1000 is outside this vocabulary of 1000 tokens"):
        trained.decode([1_000])
