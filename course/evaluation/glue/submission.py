"""The file that gluebenchmark.com takes: a zip of one tab-separated file for each test set, all complete.

A file has the header `index`, `prediction` and a row for each item, numbered from 0. The site gives the scores; nobody
else has the labels. Source of names and forms: nyu-mll/jiant, scripts/postproc/glue_submission_formatter.py;
nyu-mll/GLUE-baselines, src/main.py.
"""

import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from course.data.glue_tasks import DIAGNOSTIC, GLUE_TASKS, GlueTask, score_in_file
from course.evaluation.glue.metrics import Numbers, clipped, plain
from course.files import written_whole
from course.messages import _

HEADER = "index\tprediction"
DECIMALS = 3  # of a score

Key = tuple[str, str]  # a task and a split, by the hub's names


def _file_name(task: GlueTask, split: str) -> str:
    part = {"test_matched": "-m", "test_mismatched": "-mm"}.get(split, "")
    return f"{task.short_name}{part}.tsv"


FILES: Mapping[Key, str] = {
    (task.name, split): _file_name(task, split)
    for task in (*GLUE_TASKS.values(), DIAGNOSTIC)
    for split in task.sizes
    if split.startswith("test")
}
"""The file of each test set: ("mnli", "test_matched") → "MNLI-m.tsv"."""
OPTIONAL = (DIAGNOSTIC.name, "test")
_TASKS = {**GLUE_TASKS, DIAGNOSTIC.name: DIAGNOSTIC}


def written_predictions(name: str, predicted: Numbers) -> list[str]:
    """Predictions in the hub's numbers as a submission has them: names for MNLI, QNLI, RTE and AX, else 0 and 1.

    Scores of STS-B are clipped to 0 to 5 and have three decimals. Raises `ValueError` for a number without a class and
    for a score that is not finite.
    """
    task = _TASKS[name]
    found = plain(predicted)
    if task.is_score:
        return [f"{one:.{DECIMALS}f}" for one in clipped(found)]
    written = {
        one: task.class_name(one) if task.names_in_files else task.classes.index(task.class_name(one))
        for one in set(found)
    }
    return [str(written[one]) for one in found]


def write_submission(path: Path | str, predictions: Mapping[Key, Numbers]) -> Path:
    """Write the zip of the predictions for all test sets, each in the order of its items; AX may be left out.

    `predictions` has the keys of `FILES`. Raises `ValueError`, and writes nothing, when a test set is missing or
    unknown, has more or fewer predictions than items, or as `written_predictions` does.
    """
    given = {key: plain(predicted) for key, predicted in predictions.items()}
    missing = [key for key in FILES if key not in given and key != OPTIONAL]
    unknown = [key for key in given if key not in FILES]
    if missing or unknown:
        raise ValueError(
            _(
                "A submission has predictions for all ten test sets. Missing: {missing}; unknown: {unknown}. The keys "
                'are pairs like ("rte", "test").'
            ).format(missing=_shown(missing), unknown=_shown(unknown))
        )
    texts = {FILES[key]: _text(*key, predicted) for key, predicted in given.items()}
    with written_whole(Path(path)) as fresh, zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in sorted(texts.items()):
            archive.writestr(name, text)
    return Path(path)


def check_submission(path: Path | str) -> None:
    """Raises `ValueError` with the first thing that keeps a zip from being a submission: a file, row or label."""
    try:
        _check_zip(path)
    except UnicodeDecodeError as error:
        raise ValueError(_("A file in {path} is not UTF-8: {reason}.").format(path=path, reason=error)) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise ValueError(
            _("{path} cannot be read as a zip ({reason}). Write it again: write_submission.").format(
                path=path, reason=error
            )
        ) from error


def _check_zip(path: Path | str) -> None:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if twice := [name for name, count in Counter(names).items() if count > 1]:
            raise ValueError(
                _("{path} has {names} more than once. Leave one of them.").format(path=path, names=", ".join(twice))
            )
        for key, name in FILES.items():
            if name in names:
                _check(name, _TASKS[key[0]], key[1], archive.read(name))
            elif key != OPTIONAL:
                raise ValueError(
                    _("{path} has no {name}: a submission has all test sets, without a folder around them.").format(
                        path=path, name=name
                    )
                )
    if unknown := [name for name in names if name not in FILES.values()]:
        raise ValueError(
            _("{path} has {names}, which no task is called. Leave it out.").format(path=path, names=", ".join(unknown))
        )


def _text(name: str, split: str, predicted: list[Any]) -> str:
    task = _TASKS[name]
    _require_size(FILES[name, split], task, split, len(predicted))
    rows = (f"{number}\t{one}" for number, one in enumerate(written_predictions(name, predicted)))
    return "\n".join([HEADER, *rows, ""])


def _check(name: str, task: GlueTask, split: str, content: bytes) -> None:
    header, *rows = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8").read().splitlines() or [""]
    if header != HEADER:
        raise ValueError(
            _("{name} begins with {header!r}; its header is {due!r}.").format(name=name, header=header, due=HEADER)
        )
    _require_size(name, task, split, len(rows))
    known = set(_known(task))
    for number, row in enumerate(rows):
        index, _tab, prediction = row.partition("\t")
        if index != str(number) or not (
            score_in_file(prediction) is not None if task.is_score else prediction in known
        ):
            raise ValueError(
                _("Row {number} of {name} is {row!r}; due is its number, a tab, and {known}.").format(
                    number=number,
                    name=name,
                    row=row,
                    known=_("a number from 0 to 5") if task.is_score else ", ".join(_known(task)),
                )
            )


def _known(task: GlueTask) -> tuple[str, ...]:
    return task.classes if task.names_in_files else tuple(map(str, range(len(task.classes))))


def _require_size(name: str, task: GlueTask, split: str, n: int) -> None:
    if n != task.sizes[split]:
        raise ValueError(
            _("{name} has {n} predictions, and the {split} set of {task} has {due} items: give one for each.").format(
                name=name, n=n, split=split, task=task.short_name, due=task.sizes[split]
            )
        )


def _shown(keys: Iterable[object]) -> str:
    return ", ".join(map(str, keys)) or _("none")
