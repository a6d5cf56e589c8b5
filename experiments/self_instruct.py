"""Self-Instruct with SmolLM2: which instructions it makes from the course's seed tasks, and what the filters leave.

python -m experiments.self_instruct [plain] [--seeds 0] [--threads 1]

No training. The model continues plain lists of instructions, four times each, four lists in a round, and the pool grows
after each. Then it gives an input and an output, greedily, for a drawn sample of the instructions that were kept. The
record has all that was made, with the rule that dropped it. What a reader of the sample found usable is in
`usable.toml` beside it.
"""

import argparse
import random
from typing import Any

import torch

from course import trained
from course.data.splits import draw
from course.pretrained import load
from course.tasks.seed_tasks import seed_pool
from course.tasks.self_instruct import Candidate, plain_writer, self_instruct
from course.tasks.self_instruct_instances import Made, make_instances
from experiments.measuring import cpu_seconds

NAME = "self_instruct"
N_ROUNDS, N_PROMPTS = 5, 4
N_INSTANCES = 60  # instructions of those that were kept, drawn
SAMPLING = {"max_new_tokens": 48, "n_samples": 4, "temperature": 1.0, "top_p": 0.9}  # of lists
ANSWERING = {"max_new_tokens": 40, "temperature": 0.0}  # of instances


def measure(seed: int) -> dict[str, Any]:
    """The record of one run, without its command."""
    model, tokenizer = load("smollm2")
    generator, rng = torch.Generator().manual_seed(seed), random.Random(seed)
    pool = seed_pool()
    with cpu_seconds() as for_lists:
        write = plain_writer(model, tokenizer, generator=generator, **SAMPLING)
        candidates = self_instruct(pool, write, n_rounds=N_ROUNDS, n_prompts=N_PROMPTS, rng=rng)
    for one in candidates:
        print(one.verdict.rule, f"{one.verdict.score:.2f}", one.instruction, flush=True)
    print(f"{len(candidates)} instructions, {len(pool.machine_made)} kept: {for_lists():.0f} s", flush=True)
    with cpu_seconds() as for_instances:
        asked = draw(pool.machine_made, min(N_INSTANCES, len(pool.machine_made)))
        made = make_instances(asked, plain_writer(model, tokenizer, **ANSWERING), rng=rng)
    print(f"{sum(one.rule is None for one in made)} instances kept: {for_instances():.0f} s", flush=True)
    return {
        "n_rounds": N_ROUNDS,
        "n_prompts": N_PROMPTS,
        "lists": SAMPLING,
        "instances": ANSWERING,
        "cpu_seconds": round(for_lists() + for_instances(), 3),
        "cpu_seconds_of_instances": for_instances(),
        "candidates": [_candidate(one) for one in candidates],
        "made": [_made(one) for one in made],
    }


def _candidate(one: Candidate) -> dict[str, Any]:
    nearest = one.verdict.nearest
    return {
        "instruction": one.instruction,
        "round": one.round,
        "rule": one.verdict.rule,
        "nearest": nearest.instruction if nearest else None,
        "score": round(one.verdict.score, 4),
    }


def _made(one: Made) -> dict[str, Any]:
    return {"instruction": one.instruction, **one.instance._asdict(), "rule": one.rule}


def recipes() -> dict[str, str]:
    """What is measured, by the names of the records."""
    return {"plain": "SmolLM2, plain prompts"}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog=f"python -m experiments.{NAME}")
    parser.add_argument("models", nargs="*", choices=[*recipes(), []], help="which variant (default: all)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    for name in arguments.models or recipes():
        for seed in arguments.seeds:
            command = f"python -m experiments.{NAME} {name} --seeds {seed} --threads {arguments.threads}"
            trained.save_record(NAME, name, seed, {"command": command, **measure(seed)})
