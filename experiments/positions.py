"""Five position schemes trained on 64 characters and tested on up to 256; lesson 05.

python -m experiments.positions [sinusoidal learned rotary alibi none none-1layer rotary-1layer] [--seeds 0 1 2]
"""

import argparse

import torch

import course
from course import trained
from course.layers.positions import SCHEMES
from course.tasks import next_character
from course.training import train
from course.transformer import CausalTransformer, TransformerConfig

EXPERIMENT = "positions"
STEPS, BATCH_SIZE, LEARNING_RATE = 3000, 16, 6e-3
RISE = STEPS // 20
# Those of one layer show what order a second layer makes of the causal mask.
MODELS = {scheme: (scheme, 2) for scheme in SCHEMES} | {
    f"{scheme}-1layer": (scheme, 1) for scheme in ("none", "rotary")
}


def main() -> None:
    parser = argparse.ArgumentParser(prog=f"python -m experiments.{EXPERIMENT}")
    parser.add_argument("models", nargs="*", help="which models; all without one")
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    text, windows = next_character.training_text(), next_character.held_out_windows()
    for seed in arguments.seeds:
        for name in arguments.models or MODELS:
            run(name, text, windows, seed=seed)


def run(name: str, text: torch.Tensor, windows: torch.Tensor, *, seed: int) -> None:
    """Train one model with one seed on short windows, test it on long ones, and keep what was found."""
    model = make_model(name, seed)
    history = train(
        model,
        next_character.RandomWindows(text, BATCH_SIZE, next_character.TRAIN_LENGTH, seed),
        next_character.next_character_loss,
        torch.optim.Adam(model.parameters(), betas=(0.9, 0.98)),
        steps=STEPS,
        seed=seed,
        learning_rate=lambda step: LEARNING_RATE * min(step / RISE, (STEPS - step + 1) / (STEPS - RISE + 1)),
        max_gradient_norm=1.0,
    )
    trained.round_weights(model)
    short = windows.unfold(1, next_character.TRAIN_LENGTH + 1, next_character.TRAIN_LENGTH).flatten(0, 1)
    shuffled = next_character.shuffle_before_last(short, torch.Generator().manual_seed(0))
    command = f"python -m experiments.{EXPERIMENT} {name} --seeds {seed}"
    found = {
        "command": command,
        "parameters": sum(weight.numel() for weight in model.parameters()),
        "steps": len(history.losses),
        "loss_by_position": [round(x, 5) for x in next_character.loss_by_position(model, windows).tolist()],
        "last_in_order": round(next_character.last_loss(model, short), 5),
        "last_after_shuffling": round(next_character.last_loss(model, shuffled), 5),
    }
    trained.record(EXPERIMENT, name, seed, found)
    if seed == 0:
        trained.save(f"{EXPERIMENT}/{name}", model, command)
    means = [sum(found["loss_by_position"][:n]) / n for n in next_character.TEST_LENGTHS]
    print(
        name, seed, [f"{mean:.3f}" for mean in means], found["last_in_order"], found["last_after_shuffling"], flush=True
    )


def make_model(name: str, seed: int) -> CausalTransformer:
    """An untrained model of about 50,000 weights for each layer, with places for the longest test."""
    scheme, n_layers = MODELS[name]
    vocab_size = next_character.TOKENIZER.vocab_size
    config = TransformerConfig(
        vocab_size,
        vocab_size,
        d_model=64,
        n_heads=4,
        d_ff=256,
        n_layers=n_layers,
        context_length=next_character.TEST_LENGTHS[-1],
        dropout=0.0,
        norm="pre",
        positions=scheme,
    )
    return CausalTransformer(config, torch.Generator().manual_seed(seed)).to(course.device())


if __name__ == "__main__":
    main()
