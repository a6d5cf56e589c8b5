"""What README.md reports of the experiments: each declares its rows in a file beside its records, `report.toml`.

It is beside the records and not in the experiment's script because it describes them: it comes with them where the
package is installed without the scripts, is read without running one, and may change without a new training.

    lesson = "transformer"     # whose claim it tests; experiments are reported in the order of the lessons

    [[rows]]
    test = "labels"            # of the tests in each record
    title = "Short texts"
    measures = { bleu = "BLEU" }   # which of the test's measures, and what to call them
    models = ["small", "large"]    # which models; all where it is left out

An experiment without the file has no rows, and neither has one that has not been run yet.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from course.messages import _
from course.syllabus.lessons import lesson
from course.trained import place
from course.trained.records import has_results


@dataclass(frozen=True)
class Row:
    """A test of an experiment, what to call it, its measures with what to call them, and the models that are shown.

    Without `models`, all models are.
    """

    experiment: str
    test: str
    title: str
    measures: Mapping[str, str]
    models: Sequence[str] | None = None

    def shows(self, model: str) -> bool:
        return self.models is None or model in self.models


def reports() -> list[Row]:
    """The rows of all experiments, in the order of the lessons.

    Raises `ValueError`, naming the file, where one is not as it must be.
    """
    found = [_read(file) for file in place.FOLDER.glob("*/report.toml") if has_results(file.parent.name)]
    return [row for _place, rows in sorted(found, key=lambda one: one[0]) for row in rows]


def _read(file: Path) -> tuple[tuple[int, str], list[Row]]:
    """A file's place among the reports, and its rows."""
    experiment = file.parent.name
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
        rows = [Row(experiment, **entry) for entry in content["rows"]]
        return (lesson(content["lesson"]).number, experiment), rows
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(
            _("{file} needs lesson = a slug, and [[rows]] with test, title and measures ({reason}).").format(
                file=file, reason=error
            )
        ) from error
