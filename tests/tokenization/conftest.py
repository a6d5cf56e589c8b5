"""The reference tokenizers, ours with the same vocabularies, and the texts on which they are compared."""

import os

import gguf
import pytest
import tokenizers

from course.data import korean_speeches, path, sotu_text
from course.tokenization.bpe import ByteLevelBPE
from course.tokenization.pre_tokens import SMOLLM2_PATTERN
from course.tokenization.wordpiece import WordPiece

os.environ["TOKENIZERS_PARALLELISM"] = "false"


@pytest.fixture(scope="session")
def sotu() -> str:
    return sotu_text()


@pytest.fixture(scope="session")
def korean() -> str:
    return "\n".join(speech.text for speech in korean_speeches(limit=900))


@pytest.fixture(scope="session")
def smollm2_parts() -> tuple[list[str], list[tuple[str, str]], list[str]]:
    """SmolLM2's vocabulary, merges and special tokens, from its GGUF file."""
    fields = gguf.GGUFReader(path("smollm2-gguf")).fields
    tokens, kinds, merges = (fields[f"tokenizer.ggml.{name}"].contents() for name in ("tokens", "token_type", "merges"))
    control = [token for token, kind in zip(tokens, kinds, strict=True) if kind == gguf.TokenType.CONTROL]
    return tokens, [tuple(merge.split(" ")) for merge in merges], control


@pytest.fixture(scope="session")
def smollm2(smollm2_parts) -> ByteLevelBPE:
    vocab, merges, special = smollm2_parts
    return ByteLevelBPE(vocab, merges, SMOLLM2_PATTERN, special)


@pytest.fixture(scope="session")
def reference_smollm2(smollm2_parts) -> tokenizers.Tokenizer:
    vocab, merges, special = smollm2_parts
    model = tokenizers.models.BPE(vocab={token: token_id for token_id, token in enumerate(vocab)}, merges=merges)
    reference = tokenizers.Tokenizer(model)
    reference.pre_tokenizer = tokenizers.pre_tokenizers.Sequence(
        [
            tokenizers.pre_tokenizers.Digits(individual_digits=True),
            tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    reference.decoder = tokenizers.decoders.ByteLevel()
    reference.add_special_tokens([tokenizers.AddedToken(token, special=True, normalized=False) for token in special])
    return reference


@pytest.fixture(scope="session")
def minilm() -> WordPiece:
    return WordPiece.from_vocab(path("minilm-vocab"))


@pytest.fixture(scope="session")
def reference_minilm() -> tokenizers.Tokenizer:
    reference = tokenizers.Tokenizer.from_file(str(path("minilm-tokenizer")))
    reference.no_truncation()
    reference.no_padding()
    return reference
