"""Pre-tokens: every Unicode code point has the reference's class, and no part of a text is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Regex
from tokenizers.pre_tokenizers import ByteLevel, Digits, Sequence, Split

from course.tokenization import ByteLevelBPE
from course.tokenization.byte_alphabet import BYTE_OF, PRINTED, print_bytes, read_bytes
from course.tokenization.pre_tokens import GPT2_PATTERN, SMOLLM2_PATTERN, PreTokenizer, why_cut
from course.tokenization.unicode_tables import NEWER_DIGITS, NEWER_LETTERS, NEWER_NUMBERS
from tests.support.unicode_texts import code_points, random_texts

REFERENCES = {
    GPT2_PATTERN: ByteLevel(add_prefix_space=False),
    SMOLLM2_PATTERN: Sequence([Digits(individual_digits=True), ByteLevel(add_prefix_space=False)]),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ours", "reference"),
    [
        (r"\p{L}+|\P{L}+", Split(Regex(r"\p{L}+"), "isolated")),
        (r"\p{N}+|\P{N}+", Split(Regex(r"\p{N}+"), "isolated")),
        (r"\s+|\S+", Split(Regex(r"\s+"), "isolated")),
        (r"[\p{N}\uFFFF]|[^\p{N}\uFFFF]+", Digits(individual_digits=True)),
    ],
    ids=["letters", "numbers", "white space", "single digits"],
)
def test_every_code_point_has_the_class_of_the_reference(ours, reference):
    text = "".join(code_points())
    assert PreTokenizer(ours).split(text) == [part for part, _span in reference.pre_tokenize_str(text)]


def test_the_table_of_newer_code_points_holds_nothing_else():
    plain = {"L": NEWER_LETTERS, "N": NEWER_NUMBERS | NEWER_DIGITS}
    for name, newer in plain.items():
        text = "".join(sorted(newer))
        assert [part for part, _ in Split(Regex(rf"\p{{{name}}}+"), "isolated").pre_tokenize_str(text)] == [text]
        assert PreTokenizer(rf"\p{{{name}}}+|\P{{{name}}}").split(text) == list(text)


@pytest.mark.slow
@pytest.mark.parametrize("pattern", [GPT2_PATTERN, SMOLLM2_PATTERN], ids=["gpt2", "smollm2"])
def test_pre_tokens_are_those_of_the_reference(pattern):
    hard = ["  3", "a  3 b", "x 1\u00a02", "\n 1", "it's  's", "1\U00011de0 2", "\uffff1 \uffffa"]
    for text in [*hard, *random_texts(2_000, seed=1)]:
        expected = [word for word, _span in REFERENCES[pattern].pre_tokenize_str(text)]
        assert [print_bytes(word.encode()) for word in PreTokenizer(pattern).split(text)] == expected, ascii(text)


@pytest.mark.parametrize("pattern", [GPT2_PATTERN, SMOLLM2_PATTERN], ids=["gpt2", "smollm2"])
@given(st.text())
def test_joined_pre_tokens_are_the_text(pattern, text):
    assert "".join(PreTokenizer(pattern).split(text)) == text


@pytest.mark.parametrize(
    ("pattern", "text", "lost"),
    [
        (r"\w+", "hello, world!", "',', at position 5"),
        (r" ?\w+", "a  b", "' ', at position 1"),
        (r"\S+", " a", "' ', at position 0"),
        (r"\w+|\s", "토큰 뒤 .", r"'\.', at position 5"),
        (r"(\w)+", "ab!", "'!', at position 2"),
    ],
)
def test_a_pattern_that_loses_a_character_is_refused(pattern, text, lost):
    with pytest.raises(ValueError, match=f"leaves out {lost} of the text"):
        PreTokenizer(pattern).split(text)


def test_a_pattern_may_have_groups():
    pattern = r"""([,.:;?_!"()']|--|\s)|\w+|(.)(?:x)?"""
    assert PreTokenizer(pattern).split("hello, *x world!") == ["hello", ",", " ", "*x", " ", "world", "!"]


def test_every_byte_prints_as_one_visible_character_and_can_be_read_back():
    assert set(PRINTED.values()) == set(ByteLevel.alphabet())
    assert read_bytes(print_bytes(bytes(range(256)))) == bytes(range(256))
    assert print_bytes(b"a b\n") == "aĠbĊ"
    assert len(BYTE_OF) == 256
    with pytest.raises(ValueError, match="'한' in the token"):
        read_bytes("한")


@pytest.mark.parametrize(
    ("before", "word", "reason"),
    [
        ("", "The", "text begins"),
        ("e", " cat", "space starts"),
        ("e", "  ", "White space"),
        ("e", "'s", "ending"),
        (" ", "7", "Digits are cut"),
        ("6", "7", "Every digit"),
        ("(", "cat", "Letters"),
        ("t", "!", "Signs"),
        ("t", "'", "Signs"),
    ],
)
def test_the_reason_for_a_cut_is_named(before, word, reason):
    assert reason in why_cut(before, word)


@pytest.mark.parametrize("pattern", [r"\w*|(?s:.)", r"\s*\w*[^\w\s]*", r"\b|\w+|\W+"])
def test_empty_matches_are_no_pre_tokens(pattern):
    text = "hello, world! hello"
    assert "" not in PreTokenizer(pattern).split(text)
    tokenizer = ByteLevelBPE.train(text, n_merges=5, pattern=pattern)
    assert [piece.id for piece in tokenizer.explain(text)] == tokenizer.encode(text)


def test_a_pattern_that_searches_from_the_end_is_refused():
    with pytest.raises(ValueError, match="leaves out"):
        PreTokenizer(r"(?r)\w+|\W+").split("hello, world")
