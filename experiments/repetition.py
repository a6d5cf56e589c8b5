"""How much SmolLM2 repeats itself, by the way its tokens are chosen, beside the text that a person wrote. No training.

python -m experiments.repetition [greedy temperature-0.7 temperature-1 top-k-40 top-p-0.95] [--seeds 0]

Passages of Wikipedia's articles are continued from their first `N_PROMPT` tokens by `N_NEW`, as many as the person
wrote; no control token is drawn, so that all texts have one length. About one minute of two cores for each way.
"""

import argparse
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from course import trained
from course.data.splits import draw
from course.decoding import sample
from course.evaluation import repeated_ngrams
from course.pretrained import load
from course.tasks.corpus import corpus
from experiments.measuring import cpu_seconds

NAME = "repetition"
N_TEXTS, N_PROMPT, N_NEW, N_GRAM = 40, 20, 200, 4
WAYS: Mapping[str, Mapping[str, Any]] = {
    "greedy": {"temperature": 0.0},
    "temperature-0.7": {"temperature": 0.7},
    "temperature-1": {"temperature": 1.0},
    "top-k-40": {"top_k": 40},
    "top-p-0.95": {"top_p": 0.95},
}


@contextmanager
def without_tokens(model: nn.Module, tokens: Sequence[int]) -> Generator[None]:
    """The model never predicts these tokens."""

    def refuse(_layer: nn.Module, _inputs: tuple[Tensor, ...], logits: Tensor) -> Tensor:
        return logits.index_fill(-1, torch.tensor(tokens, device=logits.device), -torch.inf)

    handle = model.get_submodule("output").register_forward_hook(refuse)
    try:
        yield
    finally:
        handle.remove()


def passages() -> list[list[int]]:
    """The ids of held-out passages that are long enough, cut to one length."""
    _model, tokenizer = load("smollm2")
    texts = corpus("passages")["passages"].test
    long = [text for text in texts if len(tokenizer.encode(text)) >= N_PROMPT + N_NEW]
    return [tokenizer.encode(text)[: N_PROMPT + N_NEW] for text in draw(long, min(N_TEXTS, len(long)))]


def measure(way: str, seed: int = 0) -> dict[str, object]:
    """The record of one way: the share of repeated 4-grams of each text, and of the person's."""
    model, tokenizer = load("smollm2")
    ids = torch.tensor(passages(), device=next(model.parameters()).device)
    with cpu_seconds() as seconds, without_tokens(model, list(tokenizer.special.ids.values())):
        generator = torch.Generator(ids.device).manual_seed(seed)
        drawn = sample(model, ids[:, :N_PROMPT], eos_id=None, max_length=N_NEW, generator=generator, **WAYS[way])
    return {
        "command": f"python -m experiments.{NAME} {way} --seeds {seed}",
        "cpu_seconds": seconds(),
        "texts": len(ids),
        "new_tokens": N_NEW,
        "repeated": trained.one_line(repeated_ngrams(text, N_GRAM) for text in drawn.tokens.tolist()),
        "human": trained.one_line(repeated_ngrams(text, N_GRAM) for text in ids[:, N_PROMPT:].tolist()),
    }


def recipes() -> Mapping[str, Mapping[str, Any]]:
    """The ways of choosing a token, by the names of their records."""
    return WAYS


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog=f"python -m experiments.{NAME}")
    parser.add_argument("ways", nargs="*", default=list(WAYS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    arguments = parser.parse_args()
    for name in arguments.ways:
        if name not in WAYS:
            parser.error(f"there is no way {name!r}; there are: {', '.join(WAYS)}")
    for number in arguments.seeds:
        for name in arguments.ways:
            trained.save_record(NAME, name, number, measure(name, number))
            print(f"python -m experiments.{NAME} {name} --seeds {number}: done", flush=True)
