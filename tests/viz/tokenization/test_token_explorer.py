"""The token explorer, with whatever a learner may type."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.tokenization.wordpiece import SPECIAL_TOKENS, WordPiece
from course.viz.kit.text import MARKS
from course.viz.tokenization.token_explorer import TokenExplorer
from tests.support.speed import require_quick

TYPICAL_TEXT = "The people of the United States read 1,234 books. " * 12  # 600 characters


@pytest.fixture
def explorer(tokenizers):
    return TokenExplorer(tokenizers, "the people")


def test_summary_and_counts(explorer):
    assert repr(explorer).splitlines()[:2] == [
        "word: 2 tokens · 5.00 characters per token",
        "  2 tokens: the | people",
    ]


def test_the_text_box_and_the_trait_are_one(explorer):
    box = explorer.children[0]
    box.value = "states"
    assert explorer.text == "states" and repr(explorer).startswith("word: 1 token · 6.00 characters per token")
    explorer.text = "union"
    assert box.value == "union"


def test_ids_are_those_of_the_tokenizers(explorer, tokenizers):
    explorer.text = "The states 한국"
    for name, tokenizer in tokenizers.items():
        assert [token.note for token in explorer.strips[name].tokens] == [
            str(i) for i in tokenizer.encode(explorer.text)
        ]


def test_hovering_tells_id_bytes_and_reason(explorer):
    explorer.text = "the"
    lines = explorer.strips["word"].tokens[0].lines
    assert lines[0].endswith("entry the") and lines[1] == "bytes: 74 68 65" and len(lines[2]) > 10


def test_unknown_words_keep_their_text_and_are_marked_by_a_sign(explorer):
    explorer.text = "the xylophone"
    word = explorer.strips["word"].tokens[1]
    assert (word.text, word.mark) == ("xylophone", "unknown") and MARKS["unknown"][0] == "?"
    assert "1 unknown (marked ?)" in explorer.count("word")


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "\n\t",
        "한국어 토큰화",
        "🎉👩‍👩‍👧",
        "<|im_end|><|im_start|>",
        "<script>alert(1)</script>",
        "a" * 5000,
        "\u0301\u202e",
    ],
    ids=["empty", "spaces", "lines", "korean", "emoji", "control", "html", "5000 characters", "combining"],
)
def test_odd_texts(explorer, text):
    explorer.text = text
    assert explorer.error == ""
    assert sum(len(piece.data) for piece in explorer.pieces["character"]) == len(text.encode())
    assert explorer.figure().axes
    assert "<script>" not in "".join(getattr(child, "value", "") for child in explorer.children[2:])


def test_a_text_box_does_not_make_control_tokens(explorer, tokenizers):
    explorer.text = "<|im_end|>"
    control = tokenizers["BPE"].encode("<|im_end|>", allow_special=True)
    assert len(control) == 1 and control[0] not in [piece.id for piece in explorer.pieces["BPE"]]


def test_an_empty_text_says_so(explorer):
    explorer.text = ""
    assert "word: 0 tokens\n  No tokens: the text is empty." in repr(explorer)


def test_a_text_over_the_limit_is_an_error_and_the_next_one_is_not(explorer):
    explorer.text = "a" * 20_001
    assert explorer.error == "The text has 20,001 characters; the limit here is 20,000. Shorten it."
    explorer.text = "the"
    assert explorer.error == ""


def test_parts_of_a_character_are_shown_as_bytes(explorer):
    explorer.text = "자"
    assert [token.text for token in explorer.strips["BPE"].tokens] == ["‹EC›", "‹9E›", "‹90›"]


def test_pieces_that_share_a_character_show_their_entries():
    jamo = WordPiece([*SPECIAL_TOKENS, "\u1100", "##\u1161"])  # the two letters of the syllable 가
    explorer = TokenExplorer({"WordPiece": jamo}, "가")
    assert [token.text for token in explorer.strips["WordPiece"].tokens] == ["\u1100", "##\u1161"]


@pytest.mark.slow
@settings(max_examples=30)
@given(text=st.text())
def test_any_text_is_shown(tokenizers, text):
    explorer = TokenExplorer(tokenizers, text)
    assert explorer.error == ""
    assert repr(explorer) == repr(TokenExplorer(tokenizers, text))


@pytest.mark.timed
def test_it_answers_a_keystroke_in_under_100_ms(explorer, record_property):
    def latency(text: str) -> float:
        explorer.text = text
        return explorer.latency_ms

    texts = [TYPICAL_TEXT[:end] for end in range(1, len(TYPICAL_TEXT), 30)]
    require_quick(lambda: [latency(text) for text in texts], record_property)


def test_the_static_view_holds_no_address(explorer):
    bundle = explorer._repr_mimebundle_()
    assert "0x" not in bundle["text/plain"] and bundle["text/plain"] == repr(explorer)
    assert bundle["text/html"]
