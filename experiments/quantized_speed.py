"""What quantization saves and what it costs: time to write, size, and the quality of SmolLM2 and of MiniLM.

python -m experiments.quantized_speed [writing quality reviews] --threads 1

* writing: SmolLM2's seconds a token at batch 1, in float32 and with int8 weights, in turns; beside them llama.cpp with
  the same file, where `LLAMA_CPP_PYTHON` names the Python of an environment that has the package xllamacpp; what is
  left of our time without any products; and what rounded weights take when each product makes the matrix anew.
* quality: nats a byte of SmolLM2 on texts drawn from the encyclopedia's test set, for each way to round.
* reviews: the fine-tuned MiniLM on test reviews: score, errors of outputs, latency of 1 and of 32 reviews.

Times are processor seconds, which other programs disturb less than the clock; ratios are of the same turn.
"""

import copy
import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course import trained
from course.compression.quantization import (
    INT4,
    INT8,
    INT8_PER_TENSOR,
    Q4_1,
    QuantizedLinear,
    Scheme,
    channel_errors,
    file_bytes,
    largest_that_fits,
    memory_bytes,
    output_error,
    quantize,
    round_matrix,
)
from course.data import path
from course.data.encyclopedia import encyclopedia, split_by_title
from course.data.splits import draw
from course.decoding import generate
from course.fine_tuning.predictions import predict_logits
from course.intervals import mean_difference, mean_over_items
from course.pretrained import load
from course.tasks.labelled import review_sets
from experiments.measuring import cpu_seconds
from experiments.running import has_record, parts_to_measure
from experiments.turns import in_turns, interval, latency, times

NAME = "quantized_speed"
TURNS, TOKENS = 12, 40
N_TEXTS, N_CHARACTERS = 24, 300
PROMPT = "Once upon a time there was a bicycle that"
WEIGHTS_ONLY = Scheme(8, weights_only=True)
SCHEMES: Mapping[str, Scheme] = {
    "int8": INT8,
    "int8-tensor": INT8_PER_TENSOR,
    "int8-weights": WEIGHTS_ONLY,
    "int8-tensor-weights": Scheme(8, per_tensor=True, weights_only=True),
    **{f"int4-{size}": Scheme(4, group_size=size) for size in (32, 64, 128)},
    **{f"int4-minimum-{size}": Scheme(4, group_size=size, minimum=True) for size in (32, 64, 128)},
    "int3-32": Scheme(3, group_size=32),
    "int3-minimum-32": Scheme(3, group_size=32, minimum=True),
}
LLAMA_CPP = """
import sys, time
import xllamacpp
file, threads, prompt = sys.argv[1], int(sys.argv[2]), [int(id) for id in sys.argv[3].split(",")]
params = xllamacpp.CommonParams()
params.model.path, params.n_ctx, params.n_parallel = file, 1024, 1
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
server = xllamacpp.Server(params)
for line in sys.stdin:
    start = time.process_time()
    task = {"prompt": prompt, "n_predict": int(line), "temperature": 0, "ignore_eos": True, "cache_prompt": True}
    server.handle_completions(task)
    print("took", time.process_time() - start, flush=True)
"""


# --- Writing ---


class NoProduct(nn.Module):
    """In the place of a linear layer: outputs that are there already. What a pass takes with it is all but products."""

    def __init__(self, n_outputs: int) -> None:
        super().__init__()
        self.register_buffer("outputs", torch.ones(n_outputs))

    def forward(self, x: Tensor) -> Tensor:
        return self.outputs.expand(*x.shape[:-1], -1)


def without_products(model: Any) -> Any:
    model = copy.deepcopy(model)
    for place, module in list(model.named_modules()):
        if isinstance(module, QuantizedLinear):
            model.set_submodule(place, NoProduct(module.out_features))
    return model


def seconds_per_token(model: Any, prompt: Sequence[int], n: int = TOKENS) -> float:
    """From the first new token to the last."""
    ticks = [time.process_time() for _step in generate(model, prompt, n)]
    return (ticks[-1] - ticks[0]) / (n - 1)


def llama_cpp(prompt: Sequence[int], threads: int) -> Callable[[], float] | None:
    """The same of llama.cpp, whose prompt is in its cache after the first time. None where it is not there."""
    if (python := os.environ.get("LLAMA_CPP_PYTHON")) is None:
        return None
    arguments = [str(path("smollm2-gguf")), str(threads), ",".join(map(str, prompt))]
    process = subprocess.Popen(
        [python, "-c", LLAMA_CPP, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )

    def seconds() -> float:
        print(TOKENS, file=process.stdin, flush=True)
        for line in process.stdout or ():
            if line.startswith("took "):
                return float(line.split()[1]) / TOKENS
        raise RuntimeError("llama.cpp ended early")

    return seconds


def writing() -> dict[str, Any]:
    model, tokenizer = load("smollm2")
    int8 = quantize(model)
    stored = memory_bytes(int8)
    prompt = tokenizer.encode(PROMPT)
    nothing = without_products(int8)
    block = torch.ones(135_000_000 // 4)

    def read() -> float:
        with cpu_seconds() as seconds:
            for _ in range(10):
                block.sum()
        return seconds() / 10

    sides: dict[str, Callable[[], float]] = {
        "float32": lambda: seconds_per_token(model, prompt),
        "int8": lambda: seconds_per_token(int8, prompt),
        "no-products": lambda: seconds_per_token(nothing, prompt),
        "read-135-mb": read,
    }
    if (llama := llama_cpp(prompt, torch.get_num_threads())) is not None:
        sides["llama.cpp"] = llama
    taken = in_turns(sides, TURNS)
    slow = {"int8-weights": quantize(model, WEIGHTS_ONLY), "int4-32": quantize(model, INT4)}
    made_anew = in_turns({name: lambda m=m: seconds_per_token(m, prompt, 3) for name, m in slow.items()}, 2)
    return {
        "turns": TURNS,
        "tokens": TOKENS,
        "largest_activation": largest_that_fits(),
        "seconds_per_token": {name: trained.one_line([round(s, 6) for s in of]) for name, of in taken.items()},
        "median_seconds": {name: statistics.median(of) for name, of in (taken | made_anew).items()},
        "times_as_fast": {
            "int8/float32": times(taken["float32"], taken["int8"]),
            **({"int8/llama.cpp": times(taken["llama.cpp"], taken["int8"])} if llama is not None else {}),
        },
        "bytes": {
            "float32": {"memory": memory_bytes(model), "file": file_bytes(model)},
            "int8": {"memory": stored, "memory_packed": memory_bytes(int8), "file": file_bytes(int8)},
            "int4-32": {"memory": memory_bytes(slow["int4-32"]), "file": file_bytes(slow["int4-32"])},
            "gguf": {"file": path("smollm2-gguf").stat().st_size},
        },
    }


# --- Quality ---


@torch.no_grad()
def nats(model: Any, rows: Sequence[Sequence[int]]) -> list[float]:
    """The sum over each text's tokens after its first."""
    found = []
    for ids in rows:
        row = torch.tensor([ids])
        found.append(F.cross_entropy(model(row[:, :-1])[0], row[0, 1:], reduction="sum").item())
    return found


def weight_errors(model: Any) -> dict[str, float]:
    """‖rounded − weight‖ / ‖weight‖ in groups of 32, in 4 bits, of one matrix of the first block."""
    weight = model.blocks[0].feed_forward.up.weight.detach()
    return {
        name: ((round_matrix(weight, scheme).dequantize() - weight).norm() / weight.norm()).item()
        for name, scheme in (("int4-32", INT4), ("int4-minimum-32", Q4_1))
    }


def quality() -> dict[str, Any]:
    model, tokenizer = load("smollm2")
    minilm, _tokenizer = load("minilm")
    _training, (_validation, test) = split_by_title(encyclopedia())
    texts = [article.text[:N_CHARACTERS] for article in draw(test, N_TEXTS)]
    n_bytes = [len(text.encode()) for text in texts]
    rows = [tokenizer.encode(text) for text in texts]

    def per_byte(model: Any) -> list[float]:
        return [of / n for of, n in zip(nats(model, rows), n_bytes, strict=True)]

    exact = per_byte(model)
    arms: dict[str, Any] = {"float32": {"nats_per_byte": interval(mean_over_items(exact, of="texts"))}}
    for name, scheme, skip in (
        *((name, scheme, ()) for name, scheme in SCHEMES.items()),
        ("int4-32-but-output", INT4, ("output",)),
        ("int4-minimum-32-but-output", Q4_1, ("output",)),
    ):
        rounded = per_byte(quantize(model, scheme, skip=skip))
        arms[name] = {
            "nats_per_byte": interval(mean_over_items(rounded, of="texts")),
            "more": interval(mean_difference(rounded, exact, of="texts")),
        }
        print(name, arms[name]["more"], flush=True)
    return {
        "texts": N_TEXTS,
        "bytes": sum(n_bytes),
        "arms": arms,
        "weight_errors": {
            "smollm2": weight_errors(model),
            "minilm": weight_errors(minilm),
        },
    }


# --- Reviews ---


def reviews() -> dict[str, Any]:
    exact: Any = trained.load("fine_tuning/upper-all").eval()
    test = review_sets().test
    chosen = draw(range(len(test.texts)), 400)
    texts = [test.texts[i] for i in chosen]
    right = torch.tensor([exact.classes.index(test.labels[i]) for i in chosen])
    models = {"float32": exact} | {
        name: quantize(exact, scheme)
        for name, scheme in SCHEMES.items()
        if name in ("int8", "int8-tensor", "int8-weights", "int4-32", "int4-minimum-32", "int4-128", "int3-32")
    }
    logits = {name: predict_logits(model, texts) for name, model in models.items()}
    correct = {name: (of.argmax(dim=-1) == right).float().tolist() for name, of in logits.items()}
    x = torch.randn(64, 384, generator=torch.Generator().manual_seed(0))
    up = "body.blocks.0.feed_forward.up"
    found: dict[str, Any] = {}
    for name, model in models.items():
        layer, rounded = exact.get_submodule(up), model.get_submodule(up)
        errors = channel_errors(layer, rounded, x)
        found[name] = {
            "correct": sum(correct[name]),
            "difference": interval(mean_difference(correct[name], correct["float32"], of="reviews")),
            "logit_error": output_error(lambda _x: logits["float32"], lambda _x, name=name: logits[name], x),
            "layer_error": output_error(layer, rounded, x),
            "layer_channel_errors": {"least": errors.min().item(), "most": errors.max().item()},
            "memory": memory_bytes(model),
            "file": file_bytes(model),
        }

    speed = {}
    for size in (1, 32):
        taken = in_turns(
            {name: latency(models[name], texts[:size]) for name in ("float32", "int8", "int8-weights")}, 10
        )
        speed[str(size)] = {
            "median_seconds": {name: statistics.median(of) for name, of in taken.items()},
            "times_as_fast": {
                f"{name}/float32": times(taken["float32"], taken[name]) for name in ("int8", "int8-weights")
            },
        }
    return {"reviews": len(texts), "arms": found, "latency": speed}


def recipes() -> Mapping[str, Callable[[], dict[str, Any]]]:
    """What is measured, by the names of the records."""
    return {"writing": writing, "quality": quality, "reviews": reviews}


def main() -> None:
    arguments = parts_to_measure(NAME, list(recipes()), tests=1, most=1)
    torch.set_num_threads(arguments.threads)
    for part in arguments.parts:
        if arguments.missing and has_record(NAME, part):
            continue
        with cpu_seconds() as seconds:
            found = recipes()[part]()
        command = f"python -m experiments.{NAME} {part} --seeds 0 --threads {arguments.threads}"
        trained.save_record(NAME, part, 0, {"command": command, "cpu_seconds": seconds(), **found})
        print(command, found.get("times_as_fast", ""), flush=True)


if __name__ == "__main__":
    main()
