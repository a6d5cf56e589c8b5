"""What the runs of an experiment found: a JSON file for each model and seed, with the command that repeats it."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from course.evaluation import Spread
from course.files import written_whole
from course.messages import _
from course.trained import place

SHARES = ("error_rate", "exact_match")  # measures from 0 to 1


def results(experiment: str) -> list[dict[str, Any]]:
    """What the runs of an experiment found, "dates" for example: a record for each model and seed, in this order.

    Raises `ValueError` for an experiment without results.
    """
    files = sorted((place.FOLDER / experiment).glob("*.json"))
    if not files:
        known = sorted(one.name for one in place.FOLDER.iterdir() if any(one.glob("*.json")))
        raise ValueError(
            _("There are no results of {experiment!r}. There are: {known}.").format(
                experiment=experiment, known=", ".join(known)
            )
        )
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


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
    Error rates and shares of right outputs are printed as percents. Raises `ValueError` for an experiment, test or
    measure that is not there.
    """
    values: dict[str, list[float]] = {}
    for record in results(experiment):
        found = record if test is None else _named(record["tests"], test)
        values.setdefault(record["model"], []).append(_named(found, measure))
    unit = "%" if measure in SHARES else ""
    return {model: Spread(of_seeds, of="seeds", unit=unit) for model, of_seeds in values.items()}


def parameters(experiment: str) -> dict[str, int]:
    """How many weights each model of an experiment has."""
    return {record["model"]: record["parameters"] for record in results(experiment)}


def _named(there: Mapping[str, Any], name: str) -> Any:
    if name not in there:
        raise ValueError(
            _("There is no {name!r} in this record. There are: {known}.").format(name=name, known=", ".join(there))
        )
    return there[name]


def by_length(record: Mapping[str, Any], lengths: Sequence[range], *, test: str = "test") -> list[Counter[str]]:
    """What a run counted on the sources of each group of lengths: "examples", "right", "errors" and "symbols".

    "errors" are edits, "symbols" those of the right outputs. Raises `ValueError` for a test that is not there and for
    a group without examples.
    """
    counted = _named(_named(record["tests"], test), "by_length")
    groups = []
    for group in lengths:
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


def save_record(experiment: str, model: str, seed: int, found: dict[str, Any]) -> None:
    """Keep what a run found."""
    file = place.FOLDER / experiment / f"{model}-{seed}.json"
    file.parent.mkdir(exist_ok=True)
    with written_whole(file) as fresh:
        fresh.write_text(json.dumps({"model": model, "seed": seed, **found}, indent=1) + "\n", encoding="utf-8")
