"""Small tokenizers for the tests of figures and widgets."""

import pytest

from course.tokenization.bpe import ByteLevelBPE
from course.tokenization.words import CharacterTokenizer, WordTokenizer

TRAINING_TEXT = "the people of the united states and the states of the union " * 20


@pytest.fixture(scope="session")
def tokenizers():
    return {
        "word": WordTokenizer.train(TRAINING_TEXT, 50),
        "character": CharacterTokenizer.train(TRAINING_TEXT, 50),
        "BPE": ByteLevelBPE.train(TRAINING_TEXT, n_merges=60, special_tokens=["<|im_end|>"]),
    }
