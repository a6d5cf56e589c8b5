"""Tiny models to put methods on, what they read, and methods whose parts are no longer as new."""

import torch
from torch import Tensor, nn

from course.bert import Bert, BertConfig
from course.fine_tuning import SentenceClassifier
from course.gpt import Decoder
from course.peft import Attached, Method, attach, freeze
from course.tokenization import WordPiece
from tests.support.gpt2 import tiny_gpt2
from tests.support.llama import random_ids, tiny_config
from tests.support.torch_layers import disturb

TEXTS = ["a great film", "a dull film", "great fun", "awful and long"]
CLASSES = ("bad", "good")
TOKENIZER = WordPiece.train(" ".join(TEXTS), 40)


def tiny_bert(seed: int = 0, **changes: object) -> Bert:
    sizes = {"vocab_size": 61, "context_length": 20, "d_model": 16, "n_layers": 2, "n_heads": 4, "d_ff": 24}
    config = BertConfig(**{**sizes, "dropout": 0.0, **changes})
    return disturb(Bert(config, torch.Generator().manual_seed(seed)), seed).eval()


def tiny_decoder(architecture: str) -> Decoder:
    config = tiny_gpt2() if architecture == "gpt2" else tiny_config()
    return disturb(Decoder(config, torch.Generator().manual_seed(0))).eval()


MODELS = {
    "bert": tiny_bert,
    "gpt2": lambda: tiny_decoder("gpt2"),
    "llama": lambda: tiny_decoder("llama"),
}


def tiny_classifier(body: Bert | None = None, classes: tuple[str, ...] = CLASSES, **options: object):
    body = tiny_bert(vocab_size=TOKENIZER.vocab_size) if body is None else body
    return SentenceClassifier(body, TOKENIZER, classes, dropout=0.0, generator=seeded(), **options).eval()


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def ids_for(model: nn.Module) -> Tensor:
    return random_ids(model.config)


def attach_disturbed(model: nn.Module, method: Method, seed: int = 0) -> Attached:
    """The method on the frozen model, its own parameters changed, as after training."""
    freeze(model)
    attached = attach(model, method, seeded(seed))
    disturb_own(attached, seed)
    return attached


def disturb_own(attached: Attached, seed: int = 0) -> None:
    generator = seeded(seed)
    with torch.no_grad():
        for parameter in attached.parameters().values():
            parameter += 0.2 * torch.randn(parameter.shape, generator=generator).to(parameter)


def copied(model: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def assert_same_numbers(one: dict[str, Tensor], other: dict[str, Tensor]) -> None:
    """To the last bit."""
    assert one.keys() == other.keys()
    for name, tensor in one.items():
        assert torch.equal(tensor, other[name]), name
