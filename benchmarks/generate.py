"""How fast our decoder writes and reads beside `transformers`, with the same weights: times, ratios, memory.

    python -m benchmarks.generate [--threads 2] [--tokens 60] [--repetitions 7]

SmolLM2 in float32 on the CPU, batch 1. Writing: greedy with the cache, from the first token after the prompt to the
last; `transformers` both by its `generate` and by a bare loop over its model. Reading: 512 tokens to the next token's
logits. All sides take turns in one process and the median counts; the quietest run is given beside it, because with
several threads every other program on the machine slows a run down. The output layer, the embedding and all other
weights are read once per token, so bytes of weights / seconds per token is the memory speed that was reached.
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
from transformers.utils import logging

from course.generation import generate
from course.gpt import Decoder
from course.pretrained import chat_prompt, load
from tests.reference import as_llama, llama_greedy

QUESTION = "Explain in a few sentences how a bicycle stays upright while it is moving."
LOAD = """
import time
import torch
start = time.perf_counter()
import course.pretrained
imported = time.perf_counter()
course.pretrained.load()
loaded = time.perf_counter()
course.pretrained.load_tokenizer("smollm2")
print(imported - start, loaded - imported, time.perf_counter() - loaded)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--tokens", type=int, default=60)
    parser.add_argument("--repetitions", type=int, default=7)
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

    writers = {
        "ours": lambda: write(model, prompt, options.tokens),
        "transformers, generate": lambda: llama_greedy(llama, prompt, options.tokens),
        "transformers, bare loop": lambda: bare_loop(llama, prompt, options.tokens),
    }
    same = len({tuple(writer()) for writer in writers.values()}) == 1
    print(f"\nwriting {options.tokens} tokens after {prompt.shape[1]}; the same tokens: {'yes' if same else 'NO'}")
    weights = sum(parameter.nbytes for parameter in model.parameters())
    for name, (median, best) in compare(writers, options.repetitions).items():
        print(
            f"  {name:24} median {options.tokens / median:5.1f} tokens/s, best {options.tokens / best:5.1f}, "
            f"{weights * options.tokens / best / 1e9:4.1f} GB of weights per second"
        )

    ids = torch.randint(model.config.vocab_size, (1, 512), generator=torch.Generator().manual_seed(0))
    readers = {
        "ours": lambda: torch.inference_mode()(model.next_token_logits)(ids),
        "transformers": lambda: torch.inference_mode()(llama)(ids, logits_to_keep=1),
    }
    print("\nreading 512 tokens")
    for name, (median, best) in compare(readers, options.repetitions).items():
        print(f"  {name:24} median {median:.2f} s, best {best:.2f}")


def write(model: Decoder, prompt: torch.Tensor, n: int) -> list[int]:
    return [step.token for step in generate(model, prompt[0], n)]


@torch.inference_mode()
def bare_loop(llama: torch.nn.Module, ids: torch.Tensor, n: int) -> list[int]:
    past, tokens = None, []
    for _step in range(n):
        output = llama(ids, past_key_values=past, use_cache=True, logits_to_keep=1)
        past, ids = output.past_key_values, output.logits[:, -1].argmax(dim=-1, keepdim=True)
        tokens.append(ids.item())
    return tokens


def compare(sides: dict[str, Callable[[], object]], repetitions: int) -> dict[str, tuple[float, float]]:
    """Median and best time of each side in seconds, all taking turns; prints the ratios to the first side."""
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for _repetition in range(repetitions):
        for name, side in sides.items():
            start = time.perf_counter()
            side()
            seconds[name].append(time.perf_counter() - start)
    ours, *others = seconds
    for other in others:
        each = [theirs / mine for mine, theirs in zip(seconds[ours], seconds[other], strict=True)]
        best = min(seconds[other]) / min(seconds[ours])
        print(f"  {ours} is {statistics.median(each):.2f} times as fast as {other} (best against best {best:.2f})")
    return {name: (statistics.median(times), min(times)) for name, times in seconds.items()}


def memory(when: str) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)
    print(f"peak memory, {when}: {peak:.0f} MB")


if __name__ == "__main__":
    main()
