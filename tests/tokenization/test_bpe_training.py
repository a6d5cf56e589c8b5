"""Training of byte-level BPE: the merges of `tokenizers` and of the textbook loop, and the steps of the widget."""

import json
from collections import Counter
from itertools import pairwise

import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.bpe import textbook_merges
from course.syllabus.lessons import ROOT
from course.tokenization.bpe import ByteLevelBPE
from course.tokenization.bpe_training import learn_merges, training_steps
from course.tokenization.pre_tokens import GPT2_PATTERN, SMOLLM2_PATTERN

SHORT = "the cat saw the other cat there; then they thought that 한국 사람 한국 aaaa aaaaa\n"


def trained_reference(text: str, n_merges: int, special_tokens: list[str] = (), pattern=GPT2_PATTERN):
    reference = tokenizers.Tokenizer(tokenizers.models.BPE())
    byte_level = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    digits = tokenizers.pre_tokenizers.Digits(individual_digits=True)
    reference.pre_tokenizer = (
        byte_level if pattern == GPT2_PATTERN else tokenizers.pre_tokenizers.Sequence([digits, byte_level])
    )
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=256 + len(special_tokens) + n_merges,
        show_progress=False,
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=list(special_tokens),
    )
    reference.train_from_iterator([text], trainer)
    return reference


def merges_of(reference: tokenizers.Tokenizer) -> list[tuple[str, str]]:
    return [tuple(pair) for pair in json.loads(reference.to_str())["model"]["merges"]]


def code() -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted(ROOT.glob("course/tokenization/*.py")))


@pytest.mark.slow
@pytest.mark.parametrize("pattern", [GPT2_PATTERN, SMOLLM2_PATTERN], ids=["gpt2", "smollm2"])
@pytest.mark.parametrize("corpus", ["sotu", "korean", "both", "code"])
def test_merges_and_ids_are_those_of_tokenizers(corpus, pattern, sotu, korean):
    text = {
        "sotu": sotu[:300_000],
        "korean": korean[:150_000],
        "both": sotu[-100_000:] + korean[-50_000:],
        "code": code(),
    }[corpus]
    special_tokens = ["<|endoftext|>", "<|im_start|>"]
    reference = trained_reference(text, 1_500, special_tokens, pattern)
    ours = ByteLevelBPE.train(text, n_merges=1_500, special_tokens=special_tokens, pattern=pattern)
    assert ours.merges == merges_of(reference)
    assert {token: token_id for token_id, token in enumerate(ours.tokens)} == reference.get_vocab()
    assert ours.encode(text, allow_special=True) == reference.encode(text).ids  # the code names special tokens


@pytest.mark.slow
@settings(max_examples=300)
@given(st.text(st.sampled_from("ab c'1\n가é!"), min_size=1, max_size=80).filter(str.strip), st.integers(0, 30))
def test_merges_are_those_of_tokenizers_on_small_texts(text, n_merges):
    ours = learn_merges(text, n_merges)
    assert ours == merges_of(trained_reference(text, n_merges))
    assert len({left + right for left, right in ours}) == len(ours)


@given(st.text(st.sampled_from("ab c'1\n가é!"), min_size=1, max_size=80).filter(str.strip), st.integers(0, 30))
def test_merges_are_those_of_the_textbook_loop_on_small_texts(text, n_merges):
    assert learn_merges(text, n_merges) == textbook_merges(text, n_merges)


def test_merges_are_those_of_the_textbook_loop_on_real_text(sotu):
    assert learn_merges(sotu[:5_000], 100) == textbook_merges(sotu[:5_000], 100)


def test_equally_frequent_pairs_are_merged_in_the_stated_order():
    assert learn_merges("ba dc", 2) == [("b", "a"), ("d", "c")]  # a and b are older than c and d
    assert learn_merges("da ba ca", 3) == [("b", "a"), ("c", "a"), ("d", "a")]  # the older left token
    assert learn_merges("xc xb", 2) == [("x", "b"), ("x", "c")]  # then the older right token


def test_training_ends_when_no_pair_is_left():
    assert learn_merges("ab", 10) == [("a", "b")]
    assert ByteLevelBPE.train("ab", n_merges=10).vocab_size == 257


def test_steps_are_the_merges_with_what_they_competed_with(sotu):
    for text in (SHORT, sotu[:2_000]):
        steps = training_steps(text, 40)
        assert [step.pair for step in steps] == learn_merges(text, 40)
        words = [list(word) for word in text_as_bytes(text)]
        for step in steps:
            counts = Counter(pair for word in words for pair in pairwise(word))
            assert step.token == "".join(step.pair)
            assert step.candidates[0] == (step.pair, step.count)
            assert step.count == counts[step.pair] == max(counts.values())
            assert [count for _pair, count in step.candidates] == [count for _pair, count in counts.most_common(10)]
            assert all(counts[pair] == count for pair, count in step.candidates)
            words = step.words
            assert ["".join(word) for word in words] == text_as_bytes(text)


def text_as_bytes(text: str) -> list[str]:
    reference = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    return [word for word, _span in reference.pre_tokenize_str(text)]
