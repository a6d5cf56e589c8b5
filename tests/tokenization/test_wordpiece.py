"""WordPiece: MiniLM's ids on any text, longest match first, and training by likelihood."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import BertWordPieceTokenizer

from course.tokenization.bert_text import WORD_OR_SIGN, normalize, normalize_with_origin
from course.tokenization.wordpiece import SPECIAL_TOKENS, WordPiece
from course.tokenization.wordpiece_training import (
    CONTINUES,
    learn_vocabulary,
    likelihood_gain,
    pair_count,
    pair_ratio,
    spell,
)
from tests.support.unicode_texts import code_points, random_texts

N_TEXTS = 10_000


@pytest.fixture(scope="module")
def small() -> WordPiece:
    return WordPiece([*SPECIAL_TOKENS, "un", "##believ", "##able", "##a", "believ", "the", "##b", "b", "a", "!"])


@pytest.mark.slow
@pytest.mark.parametrize("allow_special", [False, True])
def test_minilm_ids_are_those_of_tokenizers_on_unicode_texts(minilm, reference_minilm, allow_special):
    texts = random_texts(N_TEXTS, seed=5)
    reference_minilm.encode_special_tokens = not allow_special
    expected = [encoding.ids for encoding in reference_minilm.encode_batch(texts, add_special_tokens=False)]
    differing = [
        ascii(text)
        for text, ids in zip(texts, expected, strict=True)
        if minilm.encode(text, allow_special=allow_special) != ids
    ]
    unknown = sum(minilm.unknown_id in ids for ids in expected)
    print(f"{len(differing)} of {len(texts)} texts differ; {sum(map(len, expected))} tokens; {unknown} hold an [UNK]")
    assert not differing, differing[:3]


@pytest.mark.slow
def test_minilm_ids_are_those_of_tokenizers_around_every_code_point(minilm, reference_minilm):
    """A character may vanish, part two words, be a word, or spoil its word: each gives other ids for `a?a`."""
    characters = list(code_points(step_in_empty_planes=64))
    for start in range(0, len(characters), 5_000):
        text = " ".join(f"a{character}a" for character in characters[start : start + 5_000])
        assert minilm.encode(text) == reference_minilm.encode(text, add_special_tokens=False).ids, hex(start)


@pytest.mark.slow
@pytest.mark.parametrize("corpus", ["sotu", "korean"])
def test_minilm_ids_are_those_of_tokenizers_on_real_texts(minilm, reference_minilm, corpus, request):
    text = request.getfixturevalue(corpus)[-300_000:]
    assert minilm.encode(text) == reference_minilm.encode(text, add_special_tokens=False).ids


def test_minilm_vocabulary_is_that_of_the_reference(minilm, reference_minilm):
    vocab = reference_minilm.get_vocab()
    assert minilm.tokens == sorted(vocab, key=vocab.__getitem__)
    assert minilm.vocab_size == 30_522


def test_the_longest_piece_wins_and_what_cannot_be_spelled_is_unknown(small):
    def tokens(text: str) -> list[str]:
        return [small.tokens[token_id] for token_id in small.encode(text)]

    assert tokens("Unbelievable!") == ["un", "##believ", "##able", "!"]
    assert tokens("aab b") == ["a", "##a", "##b", "b"]
    assert tokens("unbelievably the") == ["[UNK]", "the"]
    assert tokens("b" * 100) == ["b", *["##b"] * 99]
    assert tokens("b" * 101) == ["[UNK]"]
    assert small.decode(small.encode("Unbelievable!  The b")) == "unbelievable ! the b"


def test_special_tokens_are_text_unless_asked_for(minilm):
    control = set(minilm.special.ids.values()) - {minilm.unknown_id}
    assert not control & set(minilm.encode("[CLS] [MASK][SEP]"))
    assert minilm.encode("[CLS]a[MASK][SEP]", allow_special=True) == [101, 1037, 103, 102]


def test_text_is_normalized_as_bert_does():
    assert normalize("Ünbelievable\tÀ\x00É\u200b") == "unbelievable ae"
    assert normalize("東京a") == " 東  京 a"
    assert normalize("ΑΣ İ") == "ας i"[:1] + "σ i"
    assert WORD_OR_SIGN.findall("don't  stop!!") == ["don", "'", "t", "stop", "!", "!"]


@given(text=st.text())
def test_pieces_are_the_ids_with_their_places(minilm, text):
    pieces = minilm.explain(text)
    assert [piece.id for piece in pieces] == minilm.encode(text)
    for piece in pieces:
        assert piece.data == text[piece.start : piece.end].encode() != b""
        assert piece.token == minilm.tokens[piece.id]
        if piece.id != minilm.unknown_id:
            assert piece.token.removeprefix(CONTINUES) in normalize(text[piece.start : piece.end])
    normalized, origin = normalize_with_origin(text)
    assert normalized == normalize(text)
    assert len(normalized) == len(origin)


def test_reasons_name_the_rule(small):
    reasons = [piece.reason for piece in small.explain("unbelievable the dog " + "b" * 101)]
    assert reasons[0].startswith("un is the longest entry of the vocabulary that begins this word")
    assert reasons[1].startswith("##believ is the longest entry of the vocabulary that goes on from here")
    assert reasons[3] == "The vocabulary has the whole word."
    assert reasons[4] == "The vocabulary has no pieces that spell this word."
    assert reasons[5] == "Words of more than 100 characters are not looked up."


def textbook_vocabulary(words: list[str], size: int, score) -> list[str]:
    """The training as its definition says it: all counts anew for each merge."""
    spelled = [spell(word) for word in words]
    tokens = sorted({token for word in spelled for token in word})
    while len(tokens) < size:
        singles = Counter(token for word in spelled for token in word)
        pairs = Counter(pair for word in spelled for pair in pairwise(word))
        if not pairs:
            break
        total = singles.total()

        def rank(pair, pairs=pairs, singles=singles, total=total):
            value = score(pairs[pair], singles[pair[0]], singles[pair[1]], total)
            return -value, -pairs[pair], tokens.index(pair[0]), tokens.index(pair[1])

        left, right = min(pairs, key=rank)
        token = left + right.removeprefix(CONTINUES)
        tokens.append(token)
        spelled = [merged(word, left, right, token) for word in spelled]
    return tokens


def merged(word: list[str], left: str, right: str, token: str) -> list[str]:
    result: list[str] = []
    while word:
        step = 2 if word[:2] == [left, right] else 1
        result.append(token if step == 2 else word[0])
        word = word[step:]
    return result


SCORES = [likelihood_gain, pair_ratio, pair_count]


@pytest.mark.parametrize("score", SCORES)
@settings(max_examples=60)
@given(words=st.lists(st.text("abc가", min_size=1, max_size=8), min_size=1, max_size=12), extra=st.integers(0, 25))
def test_training_is_the_textbook_loop(score, words, extra):
    size = len({token for word in words for token in spell(word)}) + extra
    assert learn_vocabulary(words, size, score) == textbook_vocabulary(words, size, score)


@pytest.mark.slow
@pytest.mark.parametrize("score", SCORES)
def test_training_is_the_textbook_loop_on_real_words(score, sotu):
    words = WORD_OR_SIGN.findall(normalize(sotu[:3_000]))
    assert learn_vocabulary(words, 150, score) == textbook_vocabulary(words, 150, score)


@pytest.mark.slow
def test_the_paper_s_criterion_makes_a_better_vocabulary_than_the_bare_ratio(sotu):
    held_out = sotu[200_000:230_000]
    n_tokens = {score: len(WordPiece.train(sotu[:50_000], 1_000, score).encode(held_out)) for score in SCORES}
    characters = {score.__name__: round(len(held_out) / count, 2) for score, count in n_tokens.items()}
    print("characters per token on held-out text:", characters)
    assert n_tokens[likelihood_gain] < 0.6 * n_tokens[pair_ratio]
    assert n_tokens[likelihood_gain] < 1.1 * n_tokens[pair_count]


def test_training_gives_the_size_asked_for_with_the_special_tokens_first(sotu):
    trained = WordPiece.train(sotu[:20_000], vocab_size=300)
    assert trained.vocab_size == len(set(trained.tokens)) == 300
    assert trained.tokens[:5] == list(SPECIAL_TOKENS)
    assert trained.unknown_id not in trained.encode(sotu[:20_000])


def test_a_vocabulary_file_is_read_line_by_line(tmp_path, small):
    (tmp_path / "vocab.txt").write_text("\n".join(small.tokens) + "\n", encoding="utf-8")
    assert WordPiece.from_vocab(tmp_path / "vocab.txt").tokens == small.tokens


@pytest.mark.parametrize("sign", ["\u2028", "\x85", "\f", "\x1c", "\v"])
@pytest.mark.parametrize(("mark", "end"), [("", "\n"), ("\ufeff", "\n"), ("", "\r\n")])
def test_a_token_may_be_a_line_separator(tmp_path, sign, mark, end):
    tokens = [*SPECIAL_TOKENS, "a", sign, "b", "##c"]
    (tmp_path / "vocab.txt").write_bytes((mark + end.join(tokens) + end).encode())
    read = WordPiece.from_vocab(tmp_path / "vocab.txt")
    assert read.tokens == tokens
    reference = BertWordPieceTokenizer(dict(zip(tokens, range(9), strict=True)))
    assert read.encode("a b bc") == reference.encode("a b bc", add_special_tokens=False).ids == [5, 7, 7, 8]


def test_errors_name_the_value_and_the_remedy(small):
    with pytest.raises(ValueError, match="training text is empty"):
        WordPiece.train(" ", vocab_size=100)
    with pytest.raises(ValueError, match="3 distinct characters, the vocabulary has room for 2: raise vocab_size"):
        WordPiece.train("abc", vocab_size=7)
    with pytest.raises(ValueError, match=r"lacks the special token \[PAD\]"):
        WordPiece(["a"])
    with pytest.raises(ValueError, match="id -1 is outside this vocabulary of 15 tokens"):
        small.decode([-1])
