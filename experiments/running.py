"""What the experiments on a task have in common: the command line, one run, and what it writes down."""

import argparse
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

import torch

import course
from course import trained
from course.seq2seq import Seq2Seq, Seq2SeqConfig
from course.tasks import Outcome, Task, error_rate, evaluate, exact_match, fit
from course.transformer import Transformer, TransformerConfig

Recipe = tuple[Seq2SeqConfig | TransformerConfig, dict[str, float]]  # the model's sizes, arguments of `fit`


def main(experiment: str, make_task: Callable[[], Task], recipes: Callable[[Task], Mapping[str, Recipe]]) -> None:
    """Train the models named on the command line with the seeds named there, one after the other."""
    parser = argparse.ArgumentParser(prog=f"python -m experiments.{experiment}")
    parser.add_argument("models", nargs="*", help="which models; all without one")
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    task = make_task()
    known = recipes(task)
    for seed in arguments.seeds:
        for name in arguments.models or known:
            run(experiment, task, name, *known[name], seed=seed)


def run(
    experiment: str,
    task: Task,
    name: str,
    config: Seq2SeqConfig | TransformerConfig,
    fit_options: dict[str, float],
    *,
    seed: int,
    beam_size: int = 1,
    measure: Callable[[Sequence[Outcome]], dict[str, object]] | None = None,
) -> None:
    """Train one model with one seed, judge it on the task's tests, and keep what was found; of seed 0 the weights.

    `measure` gives measures of a test beside those of `summary`.
    """
    generator = torch.Generator().manual_seed(seed)
    model = (Seq2Seq if isinstance(config, Seq2SeqConfig) else Transformer)(config, generator).to(course.device())
    history = fit(model, task, seed=seed, **fit_options)
    trained.round_weights(model)
    command = f"python -m experiments.{experiment} {name} --seeds {seed}"
    tests = {}
    for test, examples in task.tests.items():
        outcomes = evaluate(model, task, examples, beam_size=beam_size)
        tests[test] = summary(outcomes) | (measure(outcomes) if measure else {})
    found = {
        "command": command,
        "parameters": sum(weight.numel() for weight in model.parameters()),
        "epochs": fit_options["epochs"],
        "steps": len(history.losses),
        "tests": tests,
    }
    trained.record(experiment, name, seed, found)
    if seed == 0:
        trained.save(f"{experiment}/{name}", model, command)
    print(
        name,
        seed,
        found["parameters"],
        {test: measures["error_rate"] for test, measures in tests.items()},
        history.seconds,
    )


def summary(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """The measures of a test, over all of it and by the length of the source."""
    groups: dict[int, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        groups[len(one.example.source)].append(one)
    return {
        "error_rate": error_rate(outcomes),
        "exact_match": exact_match(outcomes),
        "by_length": {length: _counts(group) for length, group in sorted(groups.items())},
    }


def _counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    return {
        "examples": len(outcomes),
        "right": sum(one.errors == 0 for one in outcomes),
        "errors": sum(one.errors for one in outcomes),
        "symbols": sum(len(one.target) for one in outcomes),
    }
