"""Equal chance for every model of an experiment: the same small search on validation, before the runs that count.

All models of an experiment have one `Grid`: as many learning rates a factor of 2 apart, the same shares of dropout, the
same batch sizes, the same shortened training, the same validation examples. Where a model's best learning rate is the
lowest or highest that was tried, the search goes on beyond it for that model. What is best for a short training need
not be best for a long one, so the best few, the finalists, are then trained as long as the runs that count, and those
rows decide (where the grid `brackets` the best, after more rates in full, until there is one on each side of it); all
rows do where the length is searched for, too. They are committed beside the records, as `search.json`;
the recipes of the experiment take the best.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, Self, TypeVar

import torch

from course import trained
from experiments.measuring import cpu_seconds

STEP = 2.0  # from one learning rate to the next
SEED = 0  # of all runs of a search


class Setting(NamedTuple):
    """What a search chooses."""

    learning_rate: float
    dropout: float
    batch_size: int


@dataclass(frozen=True)
class Grid:
    """What is tried for every model of an experiment, with the seed `SEED`.

    `middle_rates` holds the learning rate in the middle of the first three, by family of models: a rate means something
    else in another architecture. `batch_sizes` are those of the first rows and, with the best dropout, of the last
    ones. `budget` is how much each of these trains: arguments of the recipe's `with_setting`. `full_budget` is that of
    the `finalists`, the best so many settings: as much as the runs that count. With `brackets` these, too, go on while
    the best rate is the lowest or highest of them. With `searches_length` the first rows can win as well, and the runs
    that count train as long as the best row of all.
    """

    middle_rates: Mapping[str, float]
    dropouts: Sequence[float]
    batch_sizes: Sequence[int]
    budget: Mapping[str, Any]
    full_budget: Mapping[str, Any] = field(default_factory=dict)
    finalists: int = 0
    brackets: bool = False
    searches_length: bool = False


class Run(NamedTuple):
    """A training of a search: with which setting, and for how long."""

    setting: Setting
    budget: Mapping[str, Any]


class Searchable(Protocol):
    """A recipe whose setting can be searched for: see `experiments.running`."""

    @property
    def family(self) -> str: ...

    def with_setting(self, setting: Setting, **budget: Any) -> Self: ...

    def train(self, seed: int) -> tuple[trained.Model, Any]: ...

    def validate(self, model: trained.Model) -> dict[str, float]: ...


AnyRecipe = TypeVar("AnyRecipe", bound=Searchable)


def next_runs(grid: Grid, family: str, rows: Sequence[Mapping[str, Any]]) -> list[Run]:
    """What to train next after these rows of one model; empty when the search is complete."""
    short = _with_budget(rows, grid.budget)
    if missing := next_settings(grid, family, short):
        return [Run(setting, grid.budget) for setting in missing]
    full = _with_budget(rows, grid.full_budget) if grid.finalists else []
    scores = {_setting(row): trained.validation_score(row) for row in full}
    best_first = [_setting(row) for row in sorted(short, key=trained.validation_score)]
    missing = _missing(scores, best_first[: grid.finalists])
    if grid.brackets and not missing:
        missing = _beyond_the_edge(scores, min(scores, key=scores.__getitem__).batch_size)
    return [Run(setting, grid.full_budget) for setting in missing]


def _with_budget(rows: Sequence[Mapping[str, Any]], budget: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [row for row in rows if all(row[name] == value for name, value in budget.items())]


def next_settings(grid: Grid, family: str, rows: Sequence[Mapping[str, Any]]) -> list[Setting]:
    """Which settings to try next in short trainings after these rows of one model; empty when there are enough.

    First every learning rate with every dropout; then rates beyond, while the best is at the edge; then, with the best
    dropout, the other batch size, at the two best rates and at twice each, and again beyond the edge.
    """
    scores = {_setting(row): trained.validation_score(row) for row in rows}
    middle = grid.middle_rates[family]
    rates = (middle / STEP, middle, middle * STEP)
    size, *others = grid.batch_sizes
    missing = _missing(scores, [Setting(rate, dropout, size) for dropout in grid.dropouts for rate in rates])
    if missing or (missing := _beyond_the_edge(scores, size)):
        return missing
    first = sorted((one for one in scores if one.batch_size == size), key=scores.__getitem__)
    dropout = first[0].dropout
    for other in others:
        top = [one.learning_rate for one in first if one.dropout == dropout][:2]
        larger = sorted({rate * factor for rate in top for factor in (1, STEP)})
        missing = _missing(scores, [Setting(rate, dropout, other) for rate in larger])
        if missing or (missing := _beyond_the_edge(scores, other)):
            return missing
    return []


def _setting(row: Mapping[str, Any]) -> Setting:
    return Setting(*(row[name] for name in Setting._fields))


def _missing(tried: Iterable[Setting], wanted: Sequence[Setting]) -> list[Setting]:
    known = set(tried)
    return [setting for setting in wanted if setting not in known]


def _beyond_the_edge(scores: Mapping[Setting, tuple[float, ...]], batch_size: int) -> list[Setting]:
    """The next rate beyond the best one, if that is the lowest or highest tried with its dropout and batch size."""
    best = min((one for one in scores if one.batch_size == batch_size), key=scores.__getitem__)
    tried = {one.learning_rate for one in scores if one[1:] == best[1:]}
    if best.learning_rate == max(tried):
        return [best._replace(learning_rate=best.learning_rate * STEP)]
    if best.learning_rate == min(tried):
        return [best._replace(learning_rate=best.learning_rate / STEP)]
    return []


def search(experiment: str, model: str, recipe: Searchable, grid: Grid) -> None:
    """Run what is missing of a model's search; each row is kept as soon as it is there."""
    while missing := next_runs(grid, recipe.family, _rows_of(experiment, model)):
        train_row(experiment, model, recipe, missing[0])


def train_row(experiment: str, model: str, recipe: Searchable, run: Run) -> None:
    """Train with one setting, measure on validation, and keep the row."""
    changed = recipe.with_setting(run.setting, **run.budget)
    row: dict[str, Any] = {"model": model, **run.setting._asdict(), **run.budget}
    with cpu_seconds() as seconds:
        try:
            fitted, _history = changed.train(SEED)
        except FloatingPointError:  # the loss or its gradient is no finite number any more
            found: dict[str, Any] = {"validation_loss": None}
        else:
            found = changed.validate(fitted)
    row |= found | {"threads": torch.get_num_threads(), "cpu_seconds": seconds()}
    trained.add_to_search(experiment, row)
    print(f"search {experiment}: {row}", flush=True)


def _rows_of(experiment: str, model: str) -> list[dict[str, Any]]:
    return [row for row in trained.search(experiment) if row["model"] == model]


def best(experiment: str, model: str, family: str, grid: Grid) -> Setting | None:
    """The setting with the lowest validation error, then loss, of those that were trained the longest.

    None while the model's search is not complete.
    """
    run = best_run(experiment, model, family, grid)
    return None if run is None else run.setting


def best_run(experiment: str, model: str, family: str, grid: Grid) -> Run | None:
    """The best setting with its budget; of all rows where the grid `searches_length`, else of the longest.

    None while the model's search is not complete.
    """
    rows = _rows_of(experiment, model)
    if next_runs(grid, family, rows):
        return None
    row = min(rows, key=trained.validation_score) if grid.searches_length else trained.best_row(rows, model)
    return Run(_setting(row), {name: row[name] for name in grid.budget})


def tuned(experiment: str, recipes: Mapping[str, AnyRecipe], grid: Grid) -> dict[str, AnyRecipe]:
    """The recipes with the best setting of each model's search; a model without one keeps the setting it has."""
    found = {}
    for name, recipe in recipes.items():
        setting = best(experiment, name, recipe.family, grid)
        found[name] = recipe if setting is None else recipe.with_setting(setting)
    return found
