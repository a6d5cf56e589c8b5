"""The tokenizers on which conversations are tried, and those of `transformers` with the template in SmolLM2's file."""

import pytest
import tokenizers
from transformers import PreTrainedTokenizerFast

from course.data import path
from course.instruction import MINIMAL, SMOLLM2
from course.pretrained import load_tokenizer
from course.pretrained.gguf_files import open_gguf
from course.tasks.pretraining import base_tokenizer
from course.tokenization import ByteLevelBPE

TEXT = "What is the capital of France? The capital of France is Paris. Say yes or no: yes. user assistant system"


@pytest.fixture(scope="session")
def smollm2() -> ByteLevelBPE:
    return load_tokenizer("smollm2")


@pytest.fixture(scope="session")
def base() -> ByteLevelBPE:
    return base_tokenizer()


@pytest.fixture(scope="session")
def small() -> ByteLevelBPE:
    """A small vocabulary with the special tokens of both templates."""
    marks = {token for template in (SMOLLM2, MINIMAL) for token in (*template.starts.values(), template.end)}
    special = sorted(marks | {SMOLLM2.padding, MINIMAL.padding})
    return ByteLevelBPE.train(TEXT, n_merges=40, special_tokens=special)


@pytest.fixture(scope="session")
def stored_template() -> str:
    return open_gguf(path("smollm2-gguf")).fields["tokenizer.chat_template"].contents()


@pytest.fixture(scope="session")
def theirs(smollm2, stored_template) -> PreTrainedTokenizerFast:
    """SmolLM2's vocabulary and template in the classes of `tokenizers` and `transformers`."""
    vocab = {token: token_id for token_id, token in enumerate(smollm2.tokens)}
    reference = tokenizers.Tokenizer(tokenizers.models.BPE(vocab=vocab, merges=smollm2.merges))
    digits = tokenizers.pre_tokenizers.Digits(individual_digits=True)
    byte_level = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    reference.pre_tokenizer = tokenizers.pre_tokenizers.Sequence([digits, byte_level])
    reference.decoder = tokenizers.decoders.ByteLevel()
    special = [tokenizers.AddedToken(token, special=True, normalized=False) for token in smollm2.special.ids]
    reference.add_special_tokens(special)
    return PreTrainedTokenizerFast(tokenizer_object=reference, chat_template=stored_template)
