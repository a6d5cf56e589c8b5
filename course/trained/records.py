"""What the runs of an experiment found: a JSON file for each model and seed, with the command that repeats it."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from course.evaluation import Spread
from course.files import held, written_whole
from course.intervals import RunCounts
from course.messages import _
from course.trained import place

SHARES = ("accuracy", "error_rate", "exact_match", "top_5")  # measures from 0 to 1
# what the tests of an experiment hold
ITEMS = {
    "bert": _("words"),
    "dates": _("dates"),
    "decoder_reviews": _("reviews"),
    "distillation": _("texts"),
    "fine_tuning": _("texts"),
    "in_context_regression": _("prompts"),
    "instruction_tuning": _("examples"),
    "masked_lm": _("words"),
    "objectives": _("texts"),
    "passes": _("words"),
    "peft_fusion": _("texts"),
    "pronunciation": _("words"),
    "reranking": _("questions"),
    "reward_models": _("pairs"),
    "rlhf": _("pairs"),
    "sentences": _("texts"),
}
SEARCH = "search.json"  # beside the records of an experiment: what was tried on validation before
TOKENIZER = "tokenizer.json"  # beside them, too, where an experiment has a tokenizer of its own


def results(experiment: str) -> list[dict[str, Any]]:
    """What the runs of an experiment found, "dates" for example: a record for each model and seed, in this order.

    Raises `ValueError` for an experiment without results.
    """
    files = _records(experiment)
    if not files:
        known = sorted(one.name for one in place.FOLDER.iterdir() if _records(one.name))
        raise ValueError(
            _("There are no results of {experiment!r}. There are: {known}.").format(
                experiment=experiment, known=", ".join(known)
            )
        )
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


def has_results(experiment: str) -> bool:
    """Whether the experiment was run: it may have a search, or a report, before it has a record."""
    return bool(_records(experiment))


def _records(experiment: str) -> list[Path]:
    return sorted(file for file in (place.FOLDER / experiment).glob("*.json") if file.name not in (SEARCH, TOKENIZER))


def record_of(experiment: str, model: str, seed: int = 0) -> dict[str, Any]:
    """The record of one run. Raises `ValueError` for a model or seed of which there is none."""
    runs = results(experiment)
    for record in runs:
        if (record["model"], record["seed"]) == (model, seed):
            return record
    raise ValueError(
        _("There is no run of {model!r} with the seed {seed} in {experiment!r}. There are: {known}.").format(
            model=model,
            seed=seed,
            experiment=experiment,
            known=", ".join(f"{record['model']}-{record['seed']}" for record in runs),
        )
    )


def by_model(experiment: str, test: str | None, measure: str) -> dict[str, Spread]:
    """A measure of each model of an experiment, over its seeds: the mean ± the standard deviation.

    `test` is one of the experiment's tests, or None for a measure of the run itself, such as its number of steps.
    Error rates and shares of right outputs are printed as percents. A model that was not measured so is left out; one
    of whose runs some were and some were not is an error. Raises `ValueError` for that, and for an experiment, test or
    measure that is not there.
    """
    values: dict[str, list[float]] = {}
    without: set[str] = set()
    runs = results(experiment)
    for record in runs:
        found = record if test is None else record.get("tests", {}).get(test, {})
        if measure not in found:
            without.add(record["model"])
            continue
        value = found[measure]
        if not isinstance(value, int | float):
            raise ValueError(
                _("{measure!r} is no number in these records. Numbers are: {known}.").format(
                    measure=measure,
                    known=", ".join(name for name, each in found.items() if isinstance(each, int | float)),
                )
            )
        values.setdefault(record["model"], []).append(value)
    if not values:
        _named(runs[0] if test is None else _named(runs[0]["tests"], test), measure)
    for model in without & values.keys():
        raise ValueError(
            _("Some runs of {model!r} have {measure!r} and others have not. Run it again.").format(
                model=model, measure=measure
            )
        )
    unit = "%" if measure in SHARES else ""
    return {model: Spread(of_seeds, of="seeds", unit=unit) for model, of_seeds in values.items()}


def parameters(experiment: str) -> dict[str, int]:
    """How many weights each model of an experiment has; a record of something else than a model is passed over."""
    return {record["model"]: record["parameters"] for record in results(experiment) if "parameters" in record}


def _named(there: Mapping[str, Any], name: str) -> Any:
    if name not in there:
        raise ValueError(
            _("There is no {name!r} in this record. There are: {known}.").format(name=name, known=", ".join(there))
        )
    return there[name]


def by_length(record: Mapping[str, Any], lengths: Sequence[range], *, test: str = "test") -> list[Counter[str]]:
    """What a run counted on the sources of each group of lengths: "examples", "right", "errors" and "symbols".

    "errors" are edits, "symbols" those of the right outputs. Raises `ValueError` for a test that is not there and for
    a group without lengths or without examples.
    """
    counted = _named(_named(record["tests"], test), "by_length")
    groups = []
    for group in lengths:
        if not group:
            raise ValueError(
                _("{group} has no length in it. Give a range such as {example}.").format(
                    group=group, example="range(1, 5)"
                )
            )
        groups.append(sum((Counter(counted[str(n)]) for n in group if str(n) in counted), Counter()))
        if not groups[-1]["examples"]:
            raise ValueError(
                _("The test has no example of a length from {first} to {last}.").format(first=group[0], last=group[-1])
            )
    return groups


def curve(
    records: Sequence[Mapping[str, Any]], model: str, lengths: Sequence[range], *, test: str = "test"
) -> Float[np.ndarray, "seed length"]:
    """The error rate of a model on sources of these lengths, for each seed: edits over right symbols.

    Raises `ValueError` where no example has such a length, or no run is of that model.
    """
    rates = [
        [group["errors"] / group["symbols"] for group in by_length(record, lengths, test=test)]
        for record in records
        if record["model"] == model
    ]
    if not rates:
        raise ValueError(_("There is no run of {model!r} among these results.").format(model=model))
    return np.array(rates)


def items(experiment: str, model: str, test: str, of: str | None = None) -> RunCounts:
    """What the runs of a model counted on each example of a test, in the test's order: a row for each seed.

    `errors` are edits, `symbols` those of the nearest right output: see `course.intervals.rate`; `of` names the
    examples, "words" for example. Runs of before records kept their examples are left out. Raises `ValueError` for a
    test that is not there, and a model without such a run.
    """
    rows = _items(experiment, model, test)
    errors, symbols = ([numbers(row[name]) for row in rows] for name in ("errors", "symbols"))
    return RunCounts(errors, symbols, of or ITEMS.get(experiment))


def item_scores(experiment: str, model: str, test: str, score: str) -> Float[np.ndarray, "seed item"]:
    """A score of each example of a test, "chrf" for example, in the test's order: a row for each seed.

    Raises `ValueError` as `items` does, and for a score that is not there.
    """
    kept = _items(experiment, model, test)
    return np.array([numbers(_named(row, score)) for row in kept])


def _items(experiment: str, model: str, test: str) -> list[Mapping[str, Any]]:
    """What each run of a model kept of each example of a test."""
    tests = [_named(_named(run, "tests"), test) for run in results(experiment) if run["model"] == model]
    if not tests:
        raise ValueError(_("There is no run of {model!r} among these results.").format(model=model))
    kept = [found["items"] for found in tests if "items" in found]
    return kept or [_named(tests[0], "items")]


def one_line(numbers: Iterable[int | float]) -> str:
    """Numbers as a record keeps many of them: on one line, to six digits."""
    return " ".join(f"{number:.6g}" for number in numbers)


def numbers(line: str) -> list[float]:
    """The numbers that `one_line` wrote."""
    return [float(number) for number in line.split()]


def search(experiment: str) -> list[dict[str, Any]]:
    """What was tried on validation to choose the setting of each model: a row for each setting, by model.

    A row has the "model", its "learning_rate", "dropout" and "batch_size", how long it was trained ("epochs" or
    "steps"), and the "validation_error", the "validation_loss" or both; the loss of a run that failed is None. Empty
    for an experiment without a search.
    """
    file = place.FOLDER / experiment / SEARCH
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []


def best_row(rows: Sequence[Mapping[str, Any]], model: str) -> Mapping[str, Any]:
    """Of a model's longest trainings in a search, the row with the lowest validation error, then loss.

    Raises `ValueError` for no such row.
    """
    longest = longest_rows(rows, model)
    if not longest:
        raise ValueError(_("There is no row of {model!r} in this search.").format(model=model))
    return min(longest, key=validation_score)


def longest_rows(rows: Sequence[Mapping[str, Any]], model: str) -> list[Mapping[str, Any]]:
    """Of a model's rows in a search those of its longest trainings, which decide; empty for a model without rows."""
    of_model = [row for row in rows if row["model"] == model]
    longest = max(map(_training_length, of_model), default=0)
    return [row for row in of_model if _training_length(row) == longest]


def _training_length(row: Mapping[str, Any]) -> int | float:
    """How long a row of a search was trained: passes over the training set, or steps."""
    return next(row[name] for name in ("epochs", "steps") if name in row)


def best_settings(experiment: str, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """What the search of an experiment chose for each model: the rows of a table, in the order of `names`.

    `names` maps what the table calls a model to what the records call it; a model without a search is left out.
    """
    rows = search(experiment)
    found: list[dict[str, Any]] = []
    for name, model in names.items():
        tried = sum(row["model"] == model for row in rows)
        if tried:
            best = best_row(rows, model)
            setting = {
                _("best learning rate"): str(best["learning_rate"]),
                _("dropout"): str(best["dropout"]),
                _("batch"): best["batch_size"],
            }
            validated = (
                {_("validation error"): f"{best['validation_error']:.1%}"}
                if "validation_error" in best
                else {_("validation loss"): best["validation_loss"]}
            )
            found.append({_("model"): name, _("settings tried"): tried} | setting | validated)
    return found


def has_searched_setting(experiment: str, model: str) -> bool:
    """Whether all runs of a model were trained with the setting that its search found.

    Such runs name their setting; those of before the search do not. Raises `ValueError` for a model without a run.
    """
    record_of(experiment, model)
    return all("learning_rate" in record for record in results(experiment) if record["model"] == model)


def validation_score(row: Mapping[str, Any]) -> tuple[float, ...]:
    """Lower is better: the error rate where there is one, then the loss. A run that failed is worse than any other."""
    if row["validation_loss"] is None:
        return (float("inf"),)
    return tuple(row[name] for name in ("validation_error", "validation_loss") if name in row)


def add_to_search(experiment: str, row: Mapping[str, Any]) -> None:
    """Keep a row of a search; other processes may do so at the same time."""
    folder = place.FOLDER / experiment
    folder.mkdir(exist_ok=True)
    with held(folder, _("Another run is writing to {folder}: waiting.").format(folder=folder)):
        rows = sorted([*search(experiment), row], key=_order)
        with written_whole(folder / SEARCH) as fresh:
            fresh.write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n", encoding="utf-8")


def _order(row: Mapping[str, Any]) -> tuple[Any, ...]:
    setting = tuple(row[name] for name in ("model", "batch_size", "dropout", "learning_rate"))
    return (*setting, _training_length(row))


def save_record(experiment: str, model: str, seed: int, found: dict[str, Any]) -> None:
    """Keep what a run found."""
    file = place.FOLDER / experiment / f"{model}-{seed}.json"
    file.parent.mkdir(exist_ok=True)
    with written_whole(file) as fresh:
        fresh.write_text(json.dumps({"model": model, "seed": seed, **found}, indent=1) + "\n", encoding="utf-8")
