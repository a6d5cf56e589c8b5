"""What all experiments share: the command line, a run of one model with one seed, and models fitted to a task."""

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch

import course
from course import trained
from course.layers.parameters import count_parameters
from course.seq2seq import Seq2Seq, Seq2SeqConfig
from course.tasks import Outcome, Task, error_rate, evaluate, exact_match, fit
from course.training import History
from course.transformer import Transformer, TransformerConfig

THREADS = 2  # of PyTorch; another number rounds sums in another order


class Recipe(Protocol):
    """How a model is trained, and what is measured of it."""

    def train(self, seed: int) -> tuple[trained.Model, History]: ...

    def measure(self, model: trained.Model) -> dict[str, object]: ...


def main(experiment: str, make_recipes: Callable[[], Mapping[str, Recipe]], seeds: Sequence[int] = (0, 1, 2)) -> None:
    """Run the models named on the command line with the seeds named there, one after the other.

    Without names it is every model of `make_recipes()`, and `seeds`; `--threads` is the number of PyTorch's threads.
    """
    parser = argparse.ArgumentParser(prog=f"python -m experiments.{experiment}")
    parser.add_argument("models", nargs="*", help="which models (default: all)")
    parser.add_argument("--seeds", type=int, nargs="+", default=seeds)
    parser.add_argument("--threads", type=int, default=THREADS)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    recipes = make_recipes()
    for name in arguments.models:
        if name not in recipes:
            parser.error(f"there is no model {name!r}; there are: {', '.join(recipes)}")
    for seed in arguments.seeds:
        for name in arguments.models or recipes:
            run(experiment, name, recipes[name], seed)


def run(experiment: str, name: str, recipe: Recipe, seed: int) -> None:
    """Train one model with one seed, measure it with the weights that are stored, and keep what was found.

    Of seed 0 the weights are kept as well.
    """
    model, history = recipe.train(seed)
    trained.round_weights(model)
    threads = "" if torch.get_num_threads() == THREADS else f" --threads {torch.get_num_threads()}"
    command = f"python -m experiments.{experiment} {name} --seeds {seed}{threads}"
    found = {
        "command": command,
        "parameters": count_parameters(model),
        "steps": len(history.losses),
        **recipe.measure(model),
    }
    trained.save_record(experiment, name, seed, found)
    if seed == 0:
        trained.save(f"{experiment}/{name}", model, command)
    print(f"{command}: {history.seconds:.0f} s; {', '.join(_measures(found))}", flush=True)


def _measures(found: Mapping[str, object], path: str = "") -> Iterator[str]:
    """The fractions in a record, which are what was measured of a whole test."""
    for key, value in found.items():
        if isinstance(value, Mapping):
            yield from _measures(value, f"{path}{key} ")
        elif isinstance(value, float):
            yield f"{path}{key} {value:.4g}"


# --- Models that are fitted to a task ---


@dataclass(frozen=True)
class TaskRecipe:
    """A model of these sizes, fitted to a task and evaluated on each of its tests.

    `fit_options` are arguments of `fit`; `measure_more` gives measures of a test besides those of `summary`.
    """

    task: Task
    config: Seq2SeqConfig | TransformerConfig
    fit_options: Mapping[str, Any]
    beam_size: int = 1
    measure_more: Callable[[Sequence[Outcome]], dict[str, object]] | None = None

    def train(self, seed: int) -> tuple[trained.Model, History]:
        config, generator = self.config, torch.Generator().manual_seed(seed)
        made = Seq2Seq(config, generator) if isinstance(config, Seq2SeqConfig) else Transformer(config, generator)
        model = made.to(course.device())
        return model, fit(model, self.task, seed=seed, **self.fit_options)

    def measure(self, model: trained.Model) -> dict[str, object]:
        tests = {}
        for test, examples in self.task.tests.items():
            outcomes = evaluate(model, self.task, examples, beam_size=self.beam_size)
            tests[test] = summary(outcomes) | (self.measure_more(outcomes) if self.measure_more else {})
        return {"epochs": self.fit_options["epochs"], "tests": tests}


def summary(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """The measures of a test, over all of it and by the length of the source."""
    groups: dict[int, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[len(outcome.example.source)].append(outcome)
    return {
        "error_rate": error_rate(outcomes),
        "exact_match": exact_match(outcomes),
        "by_length": {length: _counts(group) for length, group in sorted(groups.items())},
    }


def _counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    return {
        "examples": len(outcomes),
        "right": sum(outcome.errors == 0 for outcome in outcomes),
        "errors": sum(outcome.errors for outcome in outcomes),
        "symbols": sum(len(outcome.target) for outcome in outcomes),
    }
