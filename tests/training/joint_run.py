"""What each process of a joint training runs in `test_processes.py`: a few steps, whose results the first one keeps."""

import json
import sys
from pathlib import Path

import torch

from course.gpt import Decoder, LlamaConfig
from course.training import TokenMean, adamw, linear_schedule, processes, train
from course.training.bits_per_byte import token_losses

PAD = 0
CONFIG = LlamaConfig(vocab_size=11, context_length=8, d_model=8, n_layers=2, n_heads=2, n_kv_heads=1, d_ff=12)


def rows() -> torch.Tensor:
    """Eight rows, of very different lengths: the first has two tokens to predict, the last eight."""
    generator = torch.Generator().manual_seed(1)
    ids = torch.randint(1, CONFIG.vocab_size, (8, 9), generator=generator)
    return ids.where(torch.arange(9) < torch.tensor([[3, 3, 3, 4, 3, 9, 9, 9]]).T, PAD)


def total(model: torch.nn.Module, batch: torch.Tensor) -> torch.Tensor:
    return (token_losses(model(batch[:, :-1]), batch[:, 1:]) * (batch[:, 1:] != PAD)).sum()


def counted(batch: torch.Tensor) -> int:
    return int((batch[:, 1:] != PAD).sum())


def run(how: str, micro_batch_size: int | None, steps: int = 3, checkpoint: Path | None = None) -> dict[str, object]:
    """The losses, gradient norms and final weights of a training. `how` is "alone", "replicated" or "sharded"."""
    model = Decoder(CONFIG, torch.Generator().manual_seed(0))
    if how == "sharded":
        model = processes.sharded(model, model.blocks)
    wrapped = processes.replicated(model) if how == "replicated" else model
    history = train(
        wrapped,
        [rows()] * 9,
        TokenMean(total, counted, micro_batch_size),
        adamw(model),
        steps=steps,
        learning_rate=linear_schedule(1e-2, 9, 2),
        max_gradient_norm=0.5,
        evaluate=lambda model: {"weight": sum(processes.whole(w).sum().item() for w in model.parameters())},
        checkpoint=checkpoint,
        checkpoint_every=2,
    )
    weights = {name: processes.whole(weight).flatten().tolist() for name, weight in model.named_parameters()}
    return {
        "losses": history.losses,
        "norms": history.gradient_norms,
        "evaluations": history.evaluations,
        "weights": [number for name in sorted(weights) for number in weights[name]],
    }


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    with processes.joined():
        found = {f"{how} {size}": run(how, size) for how in ("replicated", "sharded") for size in (None, 1)}
        for how in ("replicated", "sharded"):  # stopped after two of three steps, and gone on with
            run(how, 1, steps=2, checkpoint=folder / f"{how}.safetensors")
            found[f"{how} resumed"] = run(how, 1, checkpoint=folder / f"{how}.safetensors")
        if processes.number() == 0:
            (folder / "found.json").write_text(json.dumps(found), encoding="utf-8")
