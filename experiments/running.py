"""What all experiments share: the command line, a run of one model with one seed, and models fitted to a task."""

import argparse
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self, cast

import torch

import course
from course import trained
from course.data.splits import draw
from course.decoding import Decodable
from course.layers.parameters import count_parameters
from course.seq2seq import Seq2Seq, Seq2SeqConfig
from course.tasks import Example, Outcome, Task, Vocabulary, error_rate, evaluate, exact_match, fit
from course.training import History, label_smoothed_loss, processes
from course.transformer import Transformer, TransformerConfig
from experiments.measuring import cpu_seconds
from experiments.search import Grid, Searchable, Setting, search

THREADS = 2  # of PyTorch; another number rounds sums in another order


class Recipe(Protocol):
    """How a model is trained, and what is measured of it."""

    def train(self, seed: int) -> tuple[trained.Model, History]: ...

    def measure(self, model: trained.Model) -> dict[str, object]: ...


def main(
    experiment: str,
    make_recipes: Callable[[], Mapping[str, Recipe]],
    seeds: Sequence[int] = (0, 1, 2),
    *,
    grid: Grid | None = None,
    grids: Mapping[str, Grid] | None = None,
    keep_weights: bool | Collection[str] = True,
    on_request: Collection[str] = (),
) -> None:
    """Run the models named on the command line with the seeds named there, one after the other.

    Without names it is every model of `make_recipes()` that is not `on_request`, and `seeds`; `--threads` is the number
    of PyTorch's threads. With `--missing`, runs that have a record are left out, so that a command that was stopped
    goes on. `keep_weights` names the models whose weights of seed 0 are kept; True means all. With `--search`, where
    there is a `grid`, it is the search for each model's setting instead, in one of `grids` for a model that is named
    there; with `--measure` the stored weights of seed 0 are evaluated again, without a training.
    """
    parser = argparse.ArgumentParser(prog=f"python -m experiments.{experiment}")
    parser.add_argument("models", nargs="*", help="which models (default: all)")
    parser.add_argument("--seeds", type=int, nargs="+", default=seeds)
    parser.add_argument("--threads", type=int, default=THREADS)
    parser.add_argument("--missing", action="store_true", help="leave out the runs that have a record")
    parser.add_argument("--measure", action="store_true", help="evaluate the stored weights on the tests again")
    if grid is not None:
        parser.add_argument("--search", action="store_true", help="search for the setting on validation")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    recipes = make_recipes()
    for name in arguments.models:
        if name not in recipes:
            parser.error(f"there is no model {name!r}; there are: {', '.join(recipes)}")
    names = arguments.models or [name for name in recipes if name not in on_request]
    if grid is not None and arguments.search:
        for name in names:
            search(experiment, name, cast(Searchable, recipes[name]), (grids or {}).get(name, grid))
        return
    if arguments.measure:
        for name in names:
            measure_again(experiment, name, recipes[name])
        return
    for seed in arguments.seeds:
        for name in names:
            if arguments.missing and has_record(experiment, name, seed):
                continue
            kept = keep_weights if isinstance(keep_weights, bool) else name in keep_weights
            run(experiment, name, recipes[name], seed, keep_weights=kept and seed == 0)


def has_record(experiment: str, name: str, seed: int = 0) -> bool:
    """Whether this run has been kept."""
    return (trained.place.FOLDER / experiment / f"{name}-{seed}.json").is_file()


def parts_to_measure(experiment: str, parts: Sequence[str], *, tests: int, most: int) -> argparse.Namespace:
    """The command line of an experiment that trains nothing: `parts`, `tests`, `threads` and `missing`.

    Without names it is all `parts`, and without a number of tests `tests` of them. Its one seed is 0. Ends the program
    with a message for a part that is not there, for fewer tests than 1 or more than `most`, and for less than 1 thread.
    A part that is named twice counts once.
    """
    parser = argparse.ArgumentParser(prog=f"python -m experiments.{experiment}")
    parser.add_argument("parts", nargs="*", default=list(parts))
    parser.add_argument("--seeds", type=int, nargs="+", choices=[0], default=[0])
    parser.add_argument("--tests", type=int, default=tests)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--missing", action="store_true", help="keep what the records have")
    arguments = parser.parse_args()
    arguments.parts = list(dict.fromkeys(arguments.parts))
    if arguments.threads < 1:
        parser.error(f"--threads is {arguments.threads}; it must be 1 or more")
    for name in arguments.parts:
        if name not in parts:
            parser.error(f"there is no part {name!r}; there are: {', '.join(parts)}")
    if not 0 < arguments.tests <= most:
        parser.error(f"--tests is {arguments.tests}; it must be from 1 to {most}")
    return arguments


def run(experiment: str, name: str, recipe: Recipe, seed: int, *, keep_weights: bool = False) -> None:
    """Train one model with one seed, measure it with its weights in half precision, and keep what was found.

    With `keep_weights` the weights are kept as well.
    """
    with cpu_seconds() as seconds:
        model, history = recipe.train(seed)
    spent = torch.tensor(seconds(), dtype=torch.float64, device=course.device())
    cpu_time = processes.mean(spent).item() * processes.count()  # of all processes
    if processes.number() > 0:  # of several that trained together, the first measures and keeps
        return
    trained.round_weights(model)
    threads = "" if torch.get_num_threads() == THREADS else f" --threads {torch.get_num_threads()}"
    command = f"python -m experiments.{experiment} {name} --seeds {seed}{threads}"
    found = {
        "command": command,
        "parameters": count_parameters(model),
        "steps": len(history.losses),
        "cpu_seconds": round(cpu_time, 3),
        **recipe.measure(model),
    }
    trained.save_record(experiment, name, seed, found)
    if keep_weights:
        keep = getattr(recipe, "keep", trained.save)  # of a method on a model, only what was trained of it
        keep(f"{experiment}/{name}", model, command)
    print(f"{command}: {history.seconds:.0f} s; {', '.join(_measures(found))}", flush=True)


def measure_again(experiment: str, name: str, recipe: Recipe) -> None:
    """Evaluate the stored weights of a model on its tests, and keep that in the record of seed 0."""
    tests = recipe.measure(trained.load(f"{experiment}/{name}"))["tests"]
    record = trained.record_of(experiment, name)
    trained.save_record(experiment, name, record["seed"], record | {"tests": tests})
    print(f"{experiment}/{name}: {', '.join(_measures({'tests': tests}))}", flush=True)


def _measures(found: Mapping[str, object], path: str = "") -> Iterator[str]:
    """The fractions in a record, which are what was measured of a whole test."""
    for key, value in found.items():
        if isinstance(value, Mapping):
            yield from _measures(value, f"{path}{key} ")
        elif isinstance(value, float):
            yield f"{path}{key} {value:.4g}"


# --- Models that are fitted to a task ---


VALIDATION_EXAMPLES = 2000  # drawn from the validation set, the same for every setting of every model


@dataclass(frozen=True)
class TaskRecipe:
    """A model of these sizes, fitted to a task and evaluated on each of its tests.

    `fit_options` are arguments of `fit`; `measure_more` gives measures of a test besides those of `summary`.
    """

    task: Task
    config: Seq2SeqConfig | TransformerConfig
    fit_options: Mapping[str, Any]
    beam_size: int = 1
    measure_more: Callable[[Sequence[Outcome]], dict[str, Any]] | None = None

    @property
    def family(self) -> str:
        return "transformer" if isinstance(self.config, TransformerConfig) else "recurrent"

    @property
    def setting(self) -> Setting:
        return Setting(self.fit_options["learning_rate"], self.config.dropout, self.fit_options["batch_size"])

    def with_setting(self, setting: Setting, **budget: Any) -> Self:
        """This recipe with another setting; `budget` are other arguments of `fit`, such as fewer epochs."""
        options = {"learning_rate": setting.learning_rate, "batch_size": setting.batch_size}
        config = replace(self.config, dropout=setting.dropout)
        return replace(self, config=config, fit_options={**self.fit_options, **options, **budget})

    def train(self, seed: int) -> tuple[trained.Model, History]:
        config, generator = self.config, torch.Generator().manual_seed(seed)
        made = Seq2Seq(config, generator) if isinstance(config, Seq2SeqConfig) else Transformer(config, generator)
        model = made.to(course.device())
        return model, fit(model, self.task, seed=seed, **self.fit_options)

    def validate(self, model: trained.Model) -> dict[str, float]:
        """The error rate of greedy outputs for validation sources, and the loss that training has, on the same."""
        all_examples = self.task.validation
        examples = draw(all_examples, min(VALIDATION_EXAMPLES, len(all_examples)))
        return {
            "validation_error": round(error_rate(evaluate(cast(Decodable[Any], model), self.task, examples)), 6),
            "validation_loss": round(self._loss(model, examples), 6),
        }

    @torch.no_grad()
    def _loss(self, model: trained.Model, examples: Sequence[Example]) -> float:
        """The mean over batches of 500."""
        pairs = [(example.source, example.targets[0]) for example in examples]
        losses = []
        for first in range(0, len(pairs), 500):
            batch = self.task.batch(pairs[first : first + 500])
            logits = model(batch.source, batch.read)
            smoothing = self.fit_options.get("smoothing", 0.0)
            losses.append(label_smoothed_loss(logits, batch.write, pad_id=Vocabulary.pad_id, smoothing=smoothing))
        return torch.stack(losses).mean().item()

    def measure(self, model: trained.Model) -> dict[str, object]:
        tests = {}
        for test, examples in self.task.tests.items():
            outcomes = evaluate(cast(Decodable[Any], model), self.task, examples, beam_size=self.beam_size)
            found = summary(outcomes)
            more = self.measure_more(outcomes) if self.measure_more else {}
            tests[test] = found | more | {"items": found["items"] | more.get("items", {})}
        return {**self.setting._asdict(), "epochs": self.fit_options["epochs"], "tests": tests}


def summary(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The measures of a test: over all of it, by the length of the source, and of each example in the test's order."""
    groups: dict[int, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[len(outcome.example.source)].append(outcome)
    return {
        "error_rate": error_rate(outcomes),
        "exact_match": exact_match(outcomes),
        "by_length": {length: _counts(group) for length, group in sorted(groups.items())},
        "items": {
            "errors": trained.one_line(outcome.errors for outcome in outcomes),
            "symbols": trained.one_line(len(outcome.target) for outcome in outcomes),
        },
    }


def _counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    return {
        "examples": len(outcomes),
        "right": sum(outcome.errors == 0 for outcome in outcomes),
        "errors": sum(outcome.errors for outcome in outcomes),
        "symbols": sum(len(outcome.target) for outcome in outcomes),
    }
