"""How fast our decoder writes and reads beside `transformers`, with the same weights: times, ratios, memory.

    python -m benchmarks.generate [--threads 2] [--tokens 100] [--repetitions 5]

SmolLM2 in float32 on the CPU, batch 1. Writing: greedy with the cache, from the first new token to the last; `ours` is
`course.decoding.generate`, the other side `transformers`' own `generate` with a streamer. Reading: 512 tokens to the
next token's logits. Both sides take turns in one process and the median counts; the best run is given beside it: with
several threads every other program on the machine slows a run down. Every weight is read once per token, so the bytes
of all weights divided by the seconds per token is the memory speed that was reached.
"""

import argparse
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import torch
from transformers import LlamaForCausalLM
from transformers.utils import logging

from course.decoding import generate
from course.gpt import Decoder
from course.pretrained import chat_prompt, load
from tests.support.llama import as_llama, llama_greedy

QUESTION = "Explain in a few sentences how a bicycle stays upright while it is moving."
LOAD = """
import time
import torch
start = time.perf_counter()
import course.pretrained.loading
imported = time.perf_counter()
course.pretrained.load()
loaded = time.perf_counter()
course.pretrained.load_tokenizer("smollm2")
print(imported - start, loaded - imported, time.perf_counter() - loaded)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--tokens", type=int, default=100)
    parser.add_argument("--repetitions", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    logging.set_verbosity_error()
    print(f"PyTorch {torch.__version__}, {options.threads} threads, {os.cpu_count()} cores, {platform.processor()}")

    for run in ("first in its process", "again"):
        output = subprocess.run([sys.executable, "-c", LOAD], check=True, capture_output=True, text=True).stdout
        imported, loaded, tokenizer = map(float, output.split())
        print(f"load, {run}: import {imported:.2f} s, model with tokenizer {loaded:.2f} s, tokenizer {tokenizer:.2f} s")

    model, tokenizer = load()
    prompt = torch.tensor([tokenizer.encode(chat_prompt(QUESTION), allow_special=True)])
    memory("loaded")
    write(model, prompt, 2)
    memory("ours has written")
    llama = as_llama(model, "sdpa")
    memory("transformers loaded as well")

    same = write(model, prompt, options.tokens) == llama_greedy(llama, prompt, options.tokens)
    print(f"\nwriting {options.tokens} tokens after {prompt.shape[1]}; the same tokens: {'yes' if same else 'NO'}")
    writers = {
        "ours": lambda: per_token([time.perf_counter() for _step in generate(model, prompt[0], options.tokens)]),
        "transformers": lambda: per_token(transformers_times(llama, prompt, options.tokens)),
    }
    weights = sum(parameter.nbytes for parameter in model.parameters()) / 1e9
    for name, (median, best) in compare(writers, options.repetitions).items():
        print(f"  {name:12} median {1 / median:4.1f} tokens/s, best {1 / best:4.1f} ({weights / best:4.1f} GB/s)")

    ids = torch.randint(model.config.vocab_size, (1, 512), generator=torch.Generator().manual_seed(0))
    readers = {
        "ours": lambda: seconds(lambda: model.next_token_logits(ids)),
        "transformers": lambda: seconds(lambda: llama(ids, logits_to_keep=1)),
    }
    print("\nreading 512 tokens")
    for name, (median, best) in compare(readers, options.repetitions).items():
        print(f"  {name:12} median {median:.2f} s, best {best:.2f} s")


def write(model: Decoder, prompt: torch.Tensor, n: int) -> list[int]:
    return [step.token for step in generate(model, prompt[0], n)]


def transformers_times(llama: LlamaForCausalLM, prompt: torch.Tensor, n: int) -> list[float]:
    """When each new token came."""

    class Clock:
        def __init__(self) -> None:
            self.times: list[float] = []

        def put(self, _ids: torch.Tensor) -> None:
            self.times.append(time.perf_counter())

        def end(self) -> None:
            self.times = self.times[1:]  # the first call brought the prompt

    clock = Clock()
    llama_greedy(llama, prompt, n, streamer=clock)
    return clock.times


def per_token(times: list[float]) -> float:
    return (times[-1] - times[0]) / (len(times) - 1)


@torch.inference_mode()
def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def compare(sides: dict[str, Callable[[], float]], repetitions: int) -> dict[str, tuple[float, float]]:
    """Median and best of the seconds that each side gives, the sides taking turns; prints the ratio to the first."""
    taken = {name: [] for name in sides}
    for _repetition in range(repetitions):
        for name, side in sides.items():
            taken[name].append(side())
    ours, other = taken
    ratios = [theirs / mine for mine, theirs in zip(taken[ours], taken[other], strict=True)]
    best = min(taken[other]) / min(taken[ours])
    print(f"  {ours} is {statistics.median(ratios):.2f} times as fast as {other} (best against best {best:.2f})")
    return {name: (statistics.median(times), min(times)) for name, times in taken.items()}


def memory(when: str) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)
    print(f"peak memory, {when}: {peak:.0f} MB")


if __name__ == "__main__":
    main()
