"""Byte-level BPE with given merges: SmolLM2's ids on any text, GPT-2's merges from its ranks, round trips, errors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.data import gpt2_ranks
from course.tokenization.bpe import ByteLevelBPE
from course.tokenization.bpe_merging import merge_long_word, merge_word
from tests.support.unicode_texts import random_texts

N_TEXTS = 10_000
ENGLISH = "the cat saw the other cat there; then they thought that the weather was 12 or 13 degrees, didn't they?\n" * 3


@pytest.fixture(scope="module")
def small() -> ByteLevelBPE:
    return ByteLevelBPE.train(ENGLISH, n_merges=40, special_tokens=["<|end|>", "<|end|>er"])


@pytest.mark.slow
@pytest.mark.parametrize("allow_special", [False, True])
def test_smollm2_ids_are_those_of_tokenizers_on_unicode_texts(smollm2, reference_smollm2, allow_special):
    texts = random_texts(N_TEXTS, seed=2)
    reference_smollm2.encode_special_tokens = not allow_special
    expected = [encoding.ids for encoding in reference_smollm2.encode_batch(texts)]
    differing = [
        ascii(text)
        for text, ids in zip(texts, expected, strict=True)
        if smollm2.encode(text, allow_special=allow_special) != ids
    ]
    print(f"{len(differing)} of {len(texts)} texts differ; {sum(map(len, expected))} tokens compared")
    assert not differing, differing[:3]


@pytest.mark.slow
@pytest.mark.parametrize("corpus", ["sotu", "korean"])
def test_smollm2_ids_are_those_of_tokenizers_on_real_texts(smollm2, reference_smollm2, corpus, request):
    text = request.getfixturevalue(corpus)[-1_000_000:]
    assert smollm2.encode(text) == reference_smollm2.encode(text).ids


@pytest.mark.slow
def test_smollm2_decodes_as_tokenizers_does(smollm2, reference_smollm2):
    for text in random_texts(200, seed=3):
        ids = smollm2.encode(text)
        assert smollm2.decode(ids) == reference_smollm2.decode(ids, skip_special_tokens=False)
        assert smollm2.decode(ids[1:-1]) == reference_smollm2.decode(ids[1:-1], skip_special_tokens=False)


@pytest.mark.slow
def test_smollm2_loses_the_bytes_that_its_vocabulary_lacks_and_no_others(smollm2):
    never_in_utf8 = bytes([0xC0, 0xC1, *range(0xF5, 0x100)])
    assert (
        smollm2.missing_bytes == bytes([0x04, 0x06, 0x13, 0x14, 0x16, 0x1D, 0xC0, 0xC1, 0xF1, 0xF2]) + never_in_utf8[2:]
    )
    missing, lossy = smollm2.missing_bytes, 0
    for text in random_texts(2_000, seed=4):
        expected = text.encode().translate(None, delete=missing)
        assert smollm2.decode_bytes(smollm2.encode(text)) == expected
        lossy += expected != text.encode()
    print(f"{lossy} of 2000 texts hold a byte that SmolLM2 has no token for")
    assert lossy


@pytest.mark.slow
def test_gpt2_merges_are_found_in_its_ranks():
    gpt2 = ByteLevelBPE.from_ranks(gpt2_ranks())
    assert gpt2.vocab_size == 50_257
    assert gpt2.merges[:3] == [("Ġ", "t"), ("Ġ", "a"), ("h", "e")]
    assert len(gpt2.merges) == 50_000
    assert gpt2.encode("Hello world") == [15496, 995]
    assert gpt2.encode("<|endoftext|>", allow_special=True) == [50_256]
    for token_id, token in enumerate(gpt2.tokens[:-1]):
        word = [gpt2.tokens.index(character) for character in token] if token_id % 97 == 0 else None
        assert word is None or merge_word(word, gpt2._ranks, gpt2._products) == [token_id]


def test_ranks_with_gaps_are_refused():
    with pytest.raises(ValueError, match="0 to 1, each once"):
        ByteLevelBPE.from_ranks({b"a": 0, b"b": 2})


@given(st.text())
def test_any_text_comes_back(small, text):
    ids = small.encode(text)
    assert small.decode(ids) == text
    assert small.decode_bytes(ids) == text.encode()
    assert b"".join(small.decode_bytes([token_id]) for token_id in ids) == text.encode()


@given(st.text(st.sampled_from("<|end>er x"), max_size=30))
def test_typed_special_tokens_are_text_unless_asked_for(small, text):
    specials = set(small.special.ids.values())
    assert not specials & set(small.encode(text))
    asked = small.encode(text, allow_special=True)
    assert small.decode(asked) == text
    assert [small.tokens[i] for i in asked if i in specials] == [
        part for part, i in small.special.split(text) if i is not None
    ]


def test_the_longer_special_token_wins(small):
    assert small.encode("<|end|>er<|end|>e", allow_special=True)[:2] == [1, 0]


def test_bytes_of_half_a_character_are_replaced_in_text_and_exact_as_bytes(small):
    ids = small.encode("é")
    assert len(ids) == 2
    assert small.decode(ids[:1]) == "\ufffd"
    assert small.decode_bytes(ids[:1]) == b"\xc3"


def test_an_empty_text_has_no_tokens(small):
    assert small.encode("") == small.encode("", allow_special=True) == []
    assert small.decode([]) == ""
    assert small.explain("") == []


PAIRS = st.tuples(st.integers(0, 4), st.integers(0, 4))


@given(st.lists(st.integers(0, 3), max_size=60), st.lists(PAIRS, unique=True, max_size=12))
def test_the_plain_and_the_heap_way_of_merging_agree(word, pairs):
    ranks = {pair: rank for rank, pair in enumerate(pairs)}
    products = [4 + rank % 3 for rank in range(len(pairs))]  # some merges make the same token
    assert merge_word(list(word), ranks, products) == merge_long_word(list(word), ranks, products)


@pytest.mark.slow
@pytest.mark.parametrize(
    "word", ["a" * 30_001, "the" * 9_000, "acgtgca" * 3_000, "가나다" * 2_000], ids=lambda word: word[:5]
)
def test_very_long_words_have_the_ids_of_tokenizers(smollm2, reference_smollm2, word):
    assert smollm2.encode(word) == reference_smollm2.encode(word).ids


def test_the_cache_of_words_stays_bounded(monkeypatch):
    monkeypatch.setattr("course.tokenization.bpe.CACHED_WORDS", 10)
    tokenizer = ByteLevelBPE.train(ENGLISH, n_merges=5)
    text = " ".join(f"word{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")
    assert tokenizer.decode(tokenizer.encode(text)) == text
    assert len(tokenizer._cache) <= 10


@given(text=st.text())
def test_pieces_are_the_ids_with_their_places(small, text):
    pieces = small.explain(text)
    assert [piece.id for piece in pieces] == small.encode(text)
    assert b"".join(piece.data for piece in pieces) == text.encode()
    at = 0
    for piece in pieces:
        assert piece.token == small.tokens[piece.id]
        assert piece.data in text[piece.start : piece.end].encode()
        assert len(text[: piece.start].encode()) <= at < at + len(piece.data) <= len(text[: piece.end].encode())
        at += len(piece.data)


@pytest.mark.slow
def test_reasons_name_the_cut_and_the_last_merge(smollm2):
    reasons = {piece.token: piece.reason for piece in smollm2.explain("The cat\x04 한 12")}
    assert reasons["The"] == "The text begins here; merged 2 times, last T + he → The (rank 252)."
    assert reasons["Ġcat"].startswith("A space starts a new pre-token")
    assert reasons["2"] == "Every digit is a piece by itself; a single byte."
    assert any(reason.startswith("No merge joins ") for reason in reasons.values())


def test_saved_and_loaded_it_is_the_same(small, tmp_path):
    small.save(tmp_path / "bpe.json")
    loaded = ByteLevelBPE.load(tmp_path / "bpe.json")
    assert (loaded.tokens, loaded.merges, loaded.special.ids) == (small.tokens, small.merges, small.special.ids)
    assert loaded.pre_tokenizer.pattern == small.pre_tokenizer.pattern
    assert loaded.encode(ENGLISH + "<|end|>", allow_special=True) == small.encode(
        ENGLISH + "<|end|>", allow_special=True
    )
    assert '"Ġo ther"' in (tmp_path / "bpe.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("content", ["{}", "[1]", "no json", '{"vocab": 3}'])
def test_a_file_of_another_kind_is_refused(tmp_path, content):
    (tmp_path / "other.json").write_text(content)
    with pytest.raises(ValueError, match=r"other\.json is not a tokenizer"):
        ByteLevelBPE.load(tmp_path / "other.json")


def test_errors_name_the_value_and_the_remedy(small):
    with pytest.raises(ValueError, match="training text is empty"):
        ByteLevelBPE.train("  ", n_merges=3)
    with pytest.raises(ValueError, match="id 999 is outside this vocabulary of 298 tokens: use ids from 0 to 297"):
        small.decode([999])
    with pytest.raises(ValueError, match="for example 'ab'"):
        ByteLevelBPE(["a", "b"], [("a", "b")])
    with pytest.raises(ValueError, match="for example '<end>'"):
        ByteLevelBPE(["a", "b"], [], special_tokens=["<end>"])
    with pytest.raises(ValueError, match=r"produce the token 'the', so it cannot be special: name it <\|the\|>"):
        ByteLevelBPE.train("the the then", n_merges=2, special_tokens=["the"])
