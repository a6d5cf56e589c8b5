"""Self-Instruct with SmolLM2: which instructions it makes from the course's seed tasks, and what the filters leave.

python -m experiments.self_instruct [plain chat] [--seeds 0] [--threads 1] [--missing]

No training. The model continues lists of instructions, eight times each, five lists in a round, and the pool grows
after each round; `plain` lists are mere text, `chat` ones a turn of the user in the model's chat template. Then the
model gives an input and an output, greedily, for a drawn sample of the instructions that were kept. The record is
written after each step, and has all that was made, with the rule that dropped it; with `--missing` a command that was
stopped goes on. What a reader found usable is in `usable-<name>.toml` beside the record.
"""

import argparse
import random
from typing import Any

import torch

from course import trained
from course.data.splits import draw
from course.pretrained import load
from course.tasks.seed_tasks import seed_pool
from course.tasks.self_instruct import Candidate, grow, model_writer
from course.tasks.self_instruct_instances import Made, make_instances
from experiments.measuring import cpu_seconds

NAME = "self_instruct"
N_ROUNDS, N_PROMPTS = 2, 5
N_INSTANCES, BATCH = 44, 44  # instructions of those that were kept, drawn, and how many are continued at once
SAMPLING = {"max_new_tokens": 40, "n_samples": 8, "temperature": 1.0, "top_p": 0.9}  # of lists
ANSWERING = {"max_new_tokens": 32, "temperature": 0.0}  # of instances


def run(name: str, seed: int, command: str, found: dict[str, Any]) -> None:
    """Make what is not in `found`, the record so far, which may be empty; it is written after each step."""
    model, tokenizer = load("smollm2")
    is_chat = name == "chat"
    settings = {"n_rounds": N_ROUNDS, "n_prompts": N_PROMPTS, "lists": SAMPLING, "instances": ANSWERING}
    record: dict[str, Any] = {"command": command, **settings, "cpu_seconds": [], "candidates": [], "made": []} | found
    pool = seed_pool()
    for one in record["candidates"]:
        if one["rule"] is None:
            pool.add(one["instruction"])
    for number in range(len(record["cpu_seconds"]), N_ROUNDS):
        generator, rng = torch.Generator().manual_seed(100 * seed + number), random.Random(100 * seed + number)
        with cpu_seconds() as seconds:
            write = model_writer(model, tokenizer, chat=is_chat, generator=generator, **SAMPLING)
            candidates = grow(pool, write, n_prompts=N_PROMPTS, rng=rng)
        record["candidates"] += [{"round": number, **_candidate(one)} for one in candidates]
        record["cpu_seconds"].append(seconds())
        trained.save_record(NAME, name, seed, record)
        print(f"{len(candidates)} instructions, {len(pool.machine_made)} in the pool: {seconds():.0f} s", flush=True)
    asked = draw(pool.machine_made, min(N_INSTANCES, len(pool.machine_made)))
    for first in range(len(record["made"]), len(asked), BATCH):
        with cpu_seconds() as seconds:
            write = model_writer(model, tokenizer, chat=is_chat, **ANSWERING)
            made = make_instances(asked[first : first + BATCH], write, rng=random.Random(100 * seed + first))
        record["made"] += map(_made, made)
        record["cpu_seconds"].append(seconds())
        trained.save_record(NAME, name, seed, record)
        print(f"{sum(one.rule is None for one in made)} of {len(made)} instances: {seconds():.0f} s", flush=True)


def _candidate(one: Candidate) -> dict[str, Any]:
    nearest = one.verdict.nearest
    return {
        "instruction": one.instruction,
        "rule": one.verdict.rule,
        "nearest": nearest.instruction if nearest else None,
        "score": round(one.verdict.score, 4),
    }


def _made(one: Made) -> dict[str, Any]:
    return {"instruction": one.instruction, **one.instance._asdict(), "rule": one.rule}


def recipes() -> dict[str, str]:
    """What is measured, by the names of the records."""
    return {"plain": "SmolLM2, plain prompts", "chat": "SmolLM2, in its chat template"}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog=f"python -m experiments.{NAME}")
    parser.add_argument("models", nargs="*", choices=[*recipes(), []], help="which variant (default: all)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--missing", action="store_true", help="keep what a record has, and make the rest")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    for name in arguments.models or recipes():
        for seed in arguments.seeds:
            command = f"python -m experiments.{NAME} {name} --seeds {seed} --threads {arguments.threads}"
            there = (trained.place.FOLDER / NAME / f"{name}-{seed}.json").is_file()
            run(name, seed, command, trained.record_of(NAME, name, seed) if arguments.missing and there else {})
