"""How long a training step of our GPT-2 takes beside nanoGPT's of the same sizes and weights: times, ratio, MFU.

    git clone https://github.com/karpathy/nanoGPT
    python -m benchmarks.train_gpt nanoGPT/model.py [--sizes small] [--threads 2] [--repetitions 10]
    python -m benchmarks.train_gpt nanoGPT/model.py --sizes 124M --device cuda --bf16 --compile --batch 32

A step is forward, loss, backward, clipping to a norm of 1 and AdamW, with dropout 0, on the same batch of random
tokens. nanoGPT has the exact GELU, so ours has it here, too: the first loss of both is then the same number, and is
printed. Both sides take turns in one process; the median counts, and the best is given beside it.

Model FLOPs utilization (MFU) is 6 N + 12 · layers · d_model · length operations a token, times tokens a second, divided
by the device's peak; N counts all weights but the position table. It is PaLM's formula (Chowdhery et al. 2022, appendix
B), which nanoGPT uses as well. The peaks are those of dense bfloat16 in NVIDIA's data sheets: A100 312, H100 and H200
(SXM) 989 TFLOP/s; give others with `--peak`. On a CPU, whose peak nobody states, the same operations a second are
printed, beside those of a large matrix product in the same process.
"""

import argparse
import contextlib
import importlib.util
import io
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course.gpt import Decoder, GPT2Config
from course.gpt.config import LinearWithBias
from course.layers.feed_forward import FeedForward
from course.training.optimizers import adamw

PEAKS = {"A100": 312.0, "H100": 989.0, "H200": 989.0}  # TFLOP/s


@dataclass(frozen=True)
class NanoGPTConfig(GPT2Config):
    """GPT-2 with the exact GELU."""

    def feed_forward(self) -> FeedForward:
        return FeedForward(self.d_model, self.d_ff, F.gelu, linear=LinearWithBias)


SIZES = {  # and the length and number of the texts in a batch
    "small": (NanoGPTConfig(4096, 256, d_model=256, n_layers=4, n_heads=4, d_ff=1024), 256, 8),
    "124M": (NanoGPTConfig(50304, 1024, d_model=768, n_layers=12, n_heads=12, d_ff=3072), 1024, 32),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nanogpt", type=Path, help="nanoGPT's model.py")
    parser.add_argument("--sizes", choices=SIZES, default="small")
    parser.add_argument("--batch", type=int)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repetitions", type=int, default=10)
    parser.add_argument("--bf16", action="store_true", help="matrix products in bfloat16")
    parser.add_argument("--compile", action="store_true", help="both models through torch.compile")
    parser.add_argument("--peak", type=float, help="of the device, in TFLOP/s")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.backends.cuda.matmul.allow_tf32 = True
    config, length, batch = SIZES[options.sizes]
    batch = options.batch or batch
    device = torch.device(options.device)
    what = (
        torch.cuda.get_device_name() if device.type == "cuda" else f"{options.threads} threads, {os.cpu_count()} cores"
    )
    print(f"PyTorch {torch.__version__}, {what}; {config}; {batch} texts of {length} tokens")

    ours = Decoder(config, torch.Generator().manual_seed(0)).to(device)
    nano = as_nanogpt(ours, load_module(options.nanogpt)).to(device)
    ids = torch.randint(config.vocab_size, (batch, length + 1), generator=torch.Generator().manual_seed(1)).to(device)
    inputs, targets = ids[:, :-1].contiguous(), ids[:, 1:].contiguous()
    with contextlib.redirect_stdout(io.StringIO()):  # it prints what it groups
        their_optimizer = nano.configure_optimizers(0.1, 1e-3, (0.9, 0.95), device.type)
    our_optimizer = adamw(ours, learning_rate=1e-3, weight_decay=0.1, betas=(0.9, 0.95))
    run_ours: Any = torch.compile(ours) if options.compile else ours
    run_nano: Any = torch.compile(nano) if options.compile else nano

    def our_loss() -> Tensor:
        return F.cross_entropy(run_ours(inputs).flatten(0, 1), targets.flatten())

    def their_loss() -> Tensor:
        return run_nano(inputs, targets)[1]

    precision = torch.autocast(device.type, torch.bfloat16) if options.bf16 else contextlib.nullcontext()
    sides = {
        "ours": training_step(ours, our_loss, our_optimizer, precision),
        "nanoGPT": training_step(nano, their_loss, their_optimizer, precision),
    }
    first = {name: step() for name, step in sides.items()}
    print("first loss: " + ", ".join(f"{name} {loss:.6f}" for name, loss in first.items()))
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for repetition in range(options.repetitions + 2):
        for name, step in sides.items():
            start = time.perf_counter()
            step()
            if repetition >= 2:  # the first ones warm up
                taken[name].append(time.perf_counter() - start)
    operations = operations_of_a_token(ours, length)
    peak = options.peak or next((value for name, value in PEAKS.items() if name in what), None)
    for name, times in taken.items():
        median = statistics.median(times)
        speed = batch * length / median
        rate = operations * speed / 1e12
        share = f", MFU {rate / peak:.1%} of {peak:,.0f} TFLOP/s" if peak else ""
        seconds = f"median {median:.4f} s, best {min(times):.4f} s"
        print(f"  {name:8} {seconds}; {speed:,.0f} tokens/s, {rate:.3f} TFLOP/s{share}")
    ratios = [theirs / mine for mine, theirs in zip(taken["ours"], taken["nanoGPT"], strict=True)]
    best = min(taken["nanoGPT"]) / min(taken["ours"])
    print(f"  ours is {statistics.median(ratios):.2f} times as fast (best against best {best:.2f})")
    if not peak:
        print(f"  one product of 1024 × 1024 matrices: {product_speed(device):.3f} TFLOP/s")


def training_step(
    model: nn.Module, loss: Callable[[], Tensor], optimizer: torch.optim.Optimizer, precision: Any
) -> Callable[[], float]:
    """One step, which returns its loss when it is done: a GPU works on while Python goes on."""

    def step() -> float:
        optimizer.zero_grad(set_to_none=True)
        with precision:
            value = loss()
        value.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return value.item()

    return step


def load_module(file: Path) -> ModuleType:
    if not file.is_file():
        raise SystemExit(f"There is no {file}. Get it first: git clone https://github.com/karpathy/nanoGPT")
    spec = importlib.util.spec_from_file_location("nanogpt_model", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def as_nanogpt(model: Decoder, module: ModuleType) -> Any:
    """nanoGPT's model with a copy of our weights; its three projections are one matrix, as in GPT-2's own files."""
    config = model.config
    with contextlib.redirect_stdout(io.StringIO()):  # it prints its size
        nano = module.GPT(
            module.GPTConfig(
                block_size=config.context_length,
                vocab_size=config.vocab_size,
                n_layer=config.n_layers,
                n_head=config.n_heads,
                n_embd=config.d_model,
                dropout=0.0,
                bias=True,
            )
        )
    weights: dict[str, Tensor] = {
        "transformer.wte.weight": model.embedding.tokens.weight,
        "transformer.wpe.weight": model.embedding.positions.get_parameter("table.weight"),
        "lm_head.weight": model.output.get_parameter("weight"),
    }
    for kind in ("weight", "bias"):
        weights[f"transformer.ln_f.{kind}"] = model.norm.get_parameter(kind)
        for layer, block in enumerate(model.blocks):
            theirs = f"transformer.h.{layer}"
            projections: list[Tensor] = [
                block.get_parameter(f"attention.{name}.{kind}") for name in ("query", "key", "value")
            ]
            weights[f"{theirs}.attn.c_attn.{kind}"] = torch.cat(projections)
            for ours, their_name in {
                "attention.output": "attn.c_proj",
                "attention_residual.norm": "ln_1",
                "feed_forward_residual.norm": "ln_2",
                "feed_forward.up": "mlp.c_fc",
                "feed_forward.down": "mlp.c_proj",
            }.items():
                weights[f"{theirs}.{their_name}.{kind}"] = block.get_parameter(f"{ours}.{kind}")
    nano.load_state_dict({name: weight.detach().clone() for name, weight in weights.items()})
    return nano


def operations_of_a_token(model: Decoder, length: int) -> float:
    """Multiplications and additions of forward and backward for one token of a text of this length."""
    config = model.config
    table = model.embedding.positions.get_parameter("table.weight").numel()
    n_weights = sum(parameter.numel() for parameter in model.parameters()) - table
    return 6 * n_weights + 12 * config.n_layers * config.d_model * length


def product_speed(device: torch.device) -> float:
    """TFLOP/s of a matrix product that is large enough to keep the device busy."""
    a = torch.randn(1024, 1024, device=device)
    times = []
    for _turn in range(10):
        start = time.perf_counter()
        (a @ a)[0, 0].item()  # which waits for a GPU
        times.append(time.perf_counter() - start)
    return 2 * 1024**3 / min(times) / 1e12


if __name__ == "__main__":
    main()
