"""Tiny classifiers of each kind, with a tokenizer learned from their texts."""

import pytest
import torch

from course.bert import Bert, BertConfig
from course.fine_tuning import DecoderClassifier, SentenceClassifier, TokenClassifier
from course.gpt import Decoder, GPT2Config, LlamaConfig
from course.tokenization import WordPiece

GOOD = ["a great film", "great fun", "a fine and great story", "fun", "a fine film", "fine fun indeed"]
BAD = ["a dull film", "dull and long", "a long and dull story", "awful", "an awful film", "awfully long indeed"]
SIZES = {"d_model": 16, "n_layers": 2, "n_heads": 2, "d_ff": 32}


@pytest.fixture(scope="session")
def tokenizer():
    return WordPiece.train(" ".join(GOOD + BAD), 50)


def body(tokenizer, *, context_length=24, dropout=0.1):
    config = BertConfig(tokenizer.vocab_size, context_length, **SIZES, dropout=dropout)
    return Bert(config, torch.Generator().manual_seed(0))


def large_weights(model):
    """Weights so large that every token matters: a mistake with padding is then no rounding error."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.3)
    return model.eval()


@pytest.fixture(scope="session")
def classifiers(tokenizer):
    """One of each kind, by name."""
    two = ("bad", "good")
    found = {
        f"sentence-{pooling}": SentenceClassifier(body(tokenizer), tokenizer, two, pooling=pooling)
        for pooling in ("mean", "first", "pooler")
    }
    found["token"] = TokenClassifier(body(tokenizer), tokenizer, ("O", "B-FILM", "I-FILM"))
    gpt2 = GPT2Config(tokenizer.vocab_size, 24, **SIZES, dropout=0.1)
    llama = LlamaConfig(tokenizer.vocab_size, 24, **SIZES, n_kv_heads=1)
    for name, config in (("gpt2", gpt2), ("llama", llama)):
        decoder = Decoder(config, torch.Generator().manual_seed(0))
        found[f"decoder-{name}"] = DecoderClassifier(decoder, tokenizer, two)
    return {name: large_weights(model) for name, model in found.items()}


def texts_for(name, texts):
    """The texts as the classifier of this name reads them."""
    return [text.split() for text in texts] if name == "token" else texts
