"""How fast we sample a batch beside `transformers`' `generate`, with the same weights: times, ratios, what bounds them.

    python -m benchmarks.sample [--model small|smollm2|NAME] [--threads 2] [--rows 64] [--prompts 64]

`small` is a modern decoder of 4.7 million weights with random weights, about the size of the course's own; NAME is a
trained decoder of `course.trained`. The prompts, of 9 to 16 tokens, are padded on the left; with fewer prompts than
rows each is continued several times: ours reads it once, `transformers` once for each row. Every row draws at
temperature 1 from all tokens, and none ends early. `ours` is `course.decoding.sample`, which also returns the
log-probability of each token; `transformers` is `generate` with its cache, once without anything but the tokens and
once with their log-probabilities as well. The sides take turns in one process, and the median counts. `arithmetic` is
the time that the same matrix products take with nothing around them: one after the other, in the shapes of each step.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from transformers.utils import logging

from course import trained
from course.decoding import left_pad, sample
from course.gpt import Decoder, GPT2Config, LlamaConfig
from course.layers.parameters import count_parameters
from course.pretrained import load
from tests.support.gpt2 import as_gpt2
from tests.support.llama import as_llama

SMALL = LlamaConfig(4096, 256, d_model=256, n_layers=5, n_heads=4, n_kv_heads=2, d_ff=688)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="small")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rows", type=int, default=64)
    parser.add_argument("--prompts", type=int, default=64)
    parser.add_argument("--tokens", type=int, default=24)
    parser.add_argument("--repetitions", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    logging.set_verbosity_error()
    model = make(options.model)
    reference = (as_gpt2 if isinstance(model.config, GPT2Config) else as_llama)(model, "sdpa")
    generator = torch.Generator().manual_seed(0)
    each = options.rows // options.prompts
    lengths = torch.randint(9, 17, (options.prompts,), generator=generator).tolist()
    prompts = [torch.randint(model.config.vocab_size, (n,), generator=generator).tolist() for n in lengths]
    ids, padding = left_pad(prompts)
    print(
        f"PyTorch {torch.__version__}, {options.threads} threads, {os.cpu_count()} cores; "
        f"{count_parameters(model) / 1e6:.1f} million weights; "
        f"{options.prompts * each} rows of {options.tokens} tokens, {options.prompts} prompts"
    )
    same = sample(model, ids, padding=padding, eos_id=None, max_length=options.tokens, temperature=0.0).tokens
    expected = theirs(reference, ids, padding, options.tokens, do_sample=False)[:, ids.shape[1] :]
    print(f"the same tokens at temperature 0: {(same == expected).float().mean():.1%}")
    sides: dict[str, Callable[[], object]] = {
        "ours": lambda: sample(model, ids, padding=padding, eos_id=None, max_length=options.tokens, n_samples=each),
        "transformers": lambda: theirs(reference, ids, padding, options.tokens, num_return_sequences=each),
        "with log-probabilities": lambda: log_probabilities(reference, ids, padding, options.tokens, each),
        "arithmetic": lambda: arithmetic(model, ids.numel(), options.prompts * each, options.tokens),
    }
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for _repetition in range(options.repetitions + 1):
        for name, run in sides.items():
            start = time.perf_counter()
            run()
            taken[name].append(time.perf_counter() - start)
    taken = {name: times[1:] for name, times in taken.items()}  # the first warms up
    for name, times in taken.items():
        ratios = [other / ours for other, ours in zip(times, taken["ours"], strict=True)]
        median = statistics.median(times)
        speed = options.prompts * each * options.tokens / median
        print(
            f"  {name:23} median {median:7.3f} s, best {min(times):7.3f} s, {speed:7,.0f} tokens/s; "
            f"takes {statistics.median(ratios):.2f} times as long as ours (best against best "
            f"{min(times) / min(taken['ours']):.2f})"
        )


def make(name: str) -> Decoder:
    if name == "smollm2":
        return load("smollm2")[0].cpu()
    model = Decoder(SMALL, torch.Generator().manual_seed(0)) if name == "small" else trained.load(name).cpu()
    if not isinstance(model, Decoder):
        raise SystemExit(f"{name} is no decoder.")
    return model.eval()


def theirs(reference: Any, ids: Tensor, padding: Tensor, n: int, **options: object) -> Any:
    settings = {"do_sample": True, "temperature": 1.0, "top_k": 0, "top_p": 1.0} | options
    mask = (torch.arange(ids.shape[1]) >= padding[:, None]).long()
    return reference.generate(
        ids, attention_mask=mask, min_new_tokens=n, max_new_tokens=n, eos_token_id=None, pad_token_id=0, **settings
    )


def log_probabilities(reference: Any, ids: Tensor, padding: Tensor, n: int, each: int) -> Tensor:
    output = theirs(
        reference, ids, padding, n, num_return_sequences=each, return_dict_in_generate=True, output_scores=True
    )
    return reference.compute_transition_scores(output.sequences, output.scores, normalize_logits=True)


@torch.inference_mode()
def arithmetic(model: Decoder, n_prompt: int, rows: int, n: int) -> None:
    """Each matrix of the model times as many rows as generation needs: all prompt tokens, then a token of each row."""
    layers = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
    widths = {layer.in_features for layer in layers}
    inputs = {(count, width): torch.ones(count, width) for count in (n_prompt, rows) for width in widths}
    for step in range(n):
        for layer in layers:
            count = rows if step or layer is model.output else n_prompt
            layer(inputs[count, layer.in_features])


if __name__ == "__main__":
    main()
