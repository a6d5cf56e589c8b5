"""`docs/experiments.md`: how the setting of each trained model was chosen, and what the models then reached."""

from collections.abc import Collection, Mapping, Sequence
from statistics import fmean
from typing import Any

from course import trained
from course.intervals import rate

INTRODUCTION = """\
# How the settings were chosen

Made by `python -m course build` from the records in `course/trained/`.

Before models are compared, the same small search on validation examples chooses the setting of each: three learning
rates a factor of 2 apart, further ones while the best is at the edge, with and without dropout, and two batch sizes
where the experiment says so; see `experiments/search.py`. Each row is one training with one seed, shorter than the runs
that count. What is best for a short training need not be best for a long one, so where an experiment asks for finalists
the best two or three settings are trained once more at full length (some experiments then go on until the best rate
has one on each side). Of the longest rows, the one with the lowest validation error, or loss where no error is given,
becomes the setting of the runs that count; where these are on record, it is in bold. No row has seen a test example.
Minutes are of one processor core.
"""
RESULTS = "The runs with these settings, on the tests; the interval covers other seeds and other test examples."


def page() -> str:
    """The page as Markdown: each experiment that was searched, in the order of their names.

    It has a table of the rows of the search, and one of the runs that followed, where these kept their examples.
    """
    parts = [INTRODUCTION]
    for name in sorted(file.parent.name for file in trained.place.FOLDER.glob(f"*/{trained.SEARCH}")):
        records = trained.results(name) if trained.has_results(name) else []
        earlier = {record["model"] for record in records if "learning_rate" not in record}
        runs = [record for record in records if record["model"] not in earlier]
        parts.append(f"## {name}\n\n{search_table(trained.search(name), {_setting(run) for run in runs})}\n")
        if tested := [run for run in runs if any(_has_errors(run, test) for test in run.get("tests", ()))]:
            parts.append(f"{RESULTS}\n\n{results_table(name, tested)}\n")
    return "\n".join(parts)


def results_table(experiment: str, runs: Sequence[Mapping[str, Any]]) -> str:
    """The error rate, or bits per byte, of each model on each test, with what its training cost, as a Markdown table.

    A test is shown of the models that all their runs took it with, and counted errors in. Validation is no test, though
    a run may keep its examples to choose a threshold by.
    """
    in_bits = any("bits_per_byte" in found for run in runs for found in run["tests"].values())
    measure, unit = ("bits per byte", "") if in_bits else ("error rate", "%")
    lines = [f"| Test | Model | {measure} | minutes a run |", "| :--- | :--- | :--- | ---: |"]
    minutes: dict[str, list[float]] = {}
    for run in runs:
        minutes.setdefault(run["model"], []).append(run["cpu_seconds"] / 60)
    for test in dict.fromkeys(test for run in runs for test in run["tests"] if test != "validation"):
        for model, spent in minutes.items():
            if any(run["model"] == model and not _has_errors(run, test) for run in runs):
                continue
            found = repr(rate(trained.items(experiment, model, test), unit=unit))
            lines.append(f"| {test} | {model} | {found} | {fmean(spent):.1f} |")
    return "\n".join(lines)


def _has_errors(run: Mapping[str, Any], test: str) -> bool:
    return test in run["tests"] and "errors" in run["tests"][test].get("items", ())


def _setting(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("model", "learning_rate", "dropout", "batch_size"))


def search_table(rows: Sequence[Mapping[str, Any]], chosen: Collection[tuple[Any, ...]]) -> str:
    """The rows of a search as a Markdown table; in bold what decided for those that are `chosen`."""
    lengths = [name for name in ("epochs", "steps") if any(name in row for row in rows)]
    length = " or ".join(lengths)
    has_error = any("validation_error" in row for row in rows)
    columns = ["learning rate", "dropout", "batch", length, *["error"] * has_error, "loss", "minutes"]
    lines = ["| Model | " + " | ".join(columns) + " |", "| :--- |" + " ---: |" * len(columns)]

    def length_of(row: Mapping[str, Any]) -> str:
        return " ".join(
            f"{row[name]:g}" if len(lengths) == 1 else f"{row[name]:g} {name}" for name in lengths if name in row
        )

    for row in rows:
        cells = [f"{row['learning_rate']:g}", f"{row['dropout']:g}", str(row["batch_size"]), length_of(row)]
        failed = row["validation_loss"] is None
        if has_error:
            counted = f"{100 * row['validation_error']:.2f} %" if "validation_error" in row else "–"
            cells.append("diverged" if failed else counted)
        cells.append("diverged" if failed else f"{row['validation_loss']:.3f}")
        cells.append(f"{row['cpu_seconds'] / 60:.1f}")
        cells = [row["model"], *cells]
        if _setting(row) in chosen and row in trained.longest_rows(rows, row["model"]):
            cells = [f"**{cell}**" for cell in cells]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
