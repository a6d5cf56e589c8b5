"""What the runs of an experiment found: a JSON file for each model and seed, with the command that repeats it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from course.files import written_whole
from course.messages import _
from course.trained import place


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


def curve(
    records: Sequence[Mapping[str, Any]], model: str, lengths: Sequence[range], *, test: str = "test"
) -> Float[np.ndarray, "seed length"]:
    """The error rate of a model on sources of these lengths, for each seed: edits over symbols to be written.

    Raises `ValueError` where no example has such a length, or no run is of that model.
    """
    rates = []
    for found in (one for one in records if one["model"] == model):
        groups = found["tests"][test]["by_length"]
        chosen = [[groups[str(length)] for length in some if str(length) in groups] for some in lengths]
        rates.append([sum(g["errors"] for g in some) / sum(g["symbols"] for g in some) for some in chosen if some])
        if len(rates[-1]) < len(lengths):
            raise ValueError(_("The test has no example of one of these lengths: {lengths}.").format(lengths=lengths))
    if not rates:
        raise ValueError(_("There is no run of {model!r} among these results.").format(model=model))
    return np.array(rates)


def record(experiment: str, model: str, seed: int, found: dict[str, Any]) -> None:
    """Keep what a run found."""
    file = place.FOLDER / experiment / f"{model}-{seed}.json"
    file.parent.mkdir(exist_ok=True)
    with written_whole(file) as fresh:
        fresh.write_text(json.dumps({"model": model, "seed": seed, **found}, indent=1) + "\n", encoding="utf-8")
