"""How fast our byte-level BPE is beside the `tokenizers` library and beside the textbook loop: times and ratios.

    python -m benchmarks.bpe

Training: 256 merges on the first 300 KB of the presidential messages, from the text in memory to the list of merges.
Encoding: the first 100 KB with GPT-2's vocabulary. Both sides take turns in one process, and the median counts. `cold`
is a tokenizer that has seen no text yet, `warm` one that has just encoded the same text; both sides cache words. Wall
clock and processor time are both given: on a machine that others use as well, the second is the one to trust.
"""

import json
import os
import platform
import statistics
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import tokenizers

from course.data import gpt2_ranks, sotu_text
from course.tokenization.bpe import ByteLevelBPE
from course.tokenization.bpe_training import learn_merges
from course.tokenization.byte_alphabet import print_bytes
from course.tokenization.pre_tokens import GPT2_PATTERN, PreTokenizer
from course.tokenization.unigram import Unigram
from course.tokenization.wordpiece import WordPiece

N_MERGES = 256
REPETITIONS = 7


def textbook_merges(text: str, n_merges: int) -> list[tuple[str, str]]:
    """BPE training as it is first explained: count all pairs, merge the most frequent one everywhere, start again.

    Ties as in `course.tokenization.bpe_training`: the pair whose left, then right, token is older.
    """
    words = [list(print_bytes(word.encode())) for word in PreTokenizer(GPT2_PATTERN).split(text)]
    age = {character: ord(character) - 0x1000 for word in words for character in word}
    merges: list[tuple[str, str]] = []
    while len(merges) < n_merges:
        counts = Counter(pair for word in words for pair in pairwise(word))
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], age[pair[0]], age[pair[1]]))
        age[best[0] + best[1]] = len(merges)
        merges.append(best)
        words = [merged(word, best) for word in words]
    return merges


def merged(word: list[str], pair: tuple[str, str]) -> list[str]:
    """The word with every occurrence of the pair as one token, from left to right."""
    result, at = [], 0
    while at < len(word):
        if tuple(word[at : at + 2]) == pair:
            result.append(word[at] + word[at + 1])
            at += 2
        else:
            result.append(word[at])
            at += 1
    return result


def reference_training(text: str) -> tokenizers.Tokenizer:
    reference = tokenizers.Tokenizer(tokenizers.models.BPE())
    reference.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=256 + N_MERGES,
        show_progress=False,
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
    )
    reference.train_from_iterator([text], trainer)
    return reference


def reference_tokenizer(ours: ByteLevelBPE) -> tokenizers.Tokenizer:
    vocab = {token: token_id for token_id, token in enumerate(ours.tokens)}
    reference = tokenizers.Tokenizer(tokenizers.models.BPE(vocab=vocab, merges=ours.merges))
    reference.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    return reference


def with_threads(parallel: bool, task: Callable[[], object]) -> Callable[[], object]:
    def run() -> object:
        os.environ["TOKENIZERS_PARALLELISM"] = "true" if parallel else "false"
        return task()

    return run


class Seconds(NamedTuple):
    wall: float
    processor: float  # of all threads of this process


def clock(task: Callable[[], object]) -> Seconds:
    start = Seconds(time.perf_counter(), time.process_time())
    task()
    return Seconds(time.perf_counter() - start.wall, time.process_time() - start.processor)


def medians(tasks: dict[str, Callable[[], Callable[[], object]]]) -> dict[str, Seconds]:
    """The median time of each task. A task is made anew, outside the clock, for every repetition."""
    times: dict[str, list[Seconds]] = {name: [] for name in tasks}
    for _repetition in range(REPETITIONS):
        for name, make in tasks.items():
            times[name].append(clock(make()))
    return {name: Seconds(*map(statistics.median, zip(*values, strict=True))) for name, values in times.items()}


def print_ratios(title: str, times: dict[str, Seconds]) -> None:
    print(f"{title:44s}     wall  processor    ours / this: wall  processor")
    ours = times["ours"]
    for name, this in times.items():
        print(
            f"  {name:40s} {this.wall * 1000:7.1f} ms {this.processor * 1000:7.1f} ms"
            f" {ours.wall / this.wall:17.3f} {ours.processor / this.processor:10.3f}"
        )


def main() -> None:
    print(f"Python {platform.python_version()}, tokenizers {tokenizers.__version__}, {os.cpu_count()} cores")
    print(
        f"RAYON_NUM_THREADS={os.environ.get('RAYON_NUM_THREADS', 'not set (as many as cores)')}; ours uses one thread\n"
    )
    text = sotu_text(300_000)
    one, many = "tokenizers, 1 thread", "tokenizers, threads on"

    times = medians(
        {
            "ours": lambda: lambda: learn_merges(text, N_MERGES),
            one: lambda: with_threads(False, lambda: reference_training(text)),
            many: lambda: with_threads(True, lambda: reference_training(text)),
        }
    )
    textbook: list[list[tuple[str, str]]] = []
    times["textbook loop (once)"] = clock(lambda: textbook.append(textbook_merges(text, N_MERGES)))
    print_ratios(f"Training, {N_MERGES} merges on {len(text.encode()):,} bytes", times)
    merges = learn_merges(text, N_MERGES)
    reference = json.loads(reference_training(text).to_str())["model"]["merges"]
    print(
        f"  textbook / ours = {times['textbook loop (once)'].processor / times['ours'].processor:.0f} (processor time)"
    )
    print(
        f"  same merges: tokenizers {merges == [tuple(pair) for pair in reference]}, textbook {merges == textbook[0]}\n"
    )

    ours = ByteLevelBPE.from_ranks(gpt2_ranks(), special_tokens=())
    text = sotu_text(100_000)

    def encode_cold(tokenizer: ByteLevelBPE | tokenizers.Tokenizer) -> Callable[[], object]:
        return lambda: tokenizer.encode(text)

    def encode_warm(tokenizer: ByteLevelBPE | tokenizers.Tokenizer) -> Callable[[], object]:
        tokenizer.encode(text)
        return lambda: tokenizer.encode(text)

    for state, encode in (("cold", encode_cold), ("warm", encode_warm)):
        times = medians(
            {
                "ours": lambda encode=encode: encode(ByteLevelBPE(ours.tokens, ours.merges)),
                one: lambda encode=encode: with_threads(False, encode(reference_tokenizer(ours))),
                many: lambda encode=encode: with_threads(True, encode(reference_tokenizer(ours))),
            }
        )
        print_ratios(f"Encoding {len(text.encode()):,} bytes, {state}", times)
    print(f"  same ids: {ours.encode(text) == reference_tokenizer(ours).encode(text).ids}\n")

    text = sotu_text(300_000)
    print(f"Training at vocabulary size 2,000 on {len(text.encode()):,} bytes")
    for name, train in {
        "byte-level BPE": lambda: ByteLevelBPE.train(text, n_merges=2_000 - 256),
        "WordPiece": lambda: WordPiece.train(text, vocab_size=2_000),
        "Unigram": lambda: Unigram.train(text, vocab_size=2_000),
    }.items():
        print(f"  {name:40s} {clock(train).processor:7.2f} s of processor time")


if __name__ == "__main__":
    main()
