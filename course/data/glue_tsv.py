"""GLUE's own files: tab-separated, without quoting, a header in all but CoLA's training and validation files.

A quotation mark is a character of the text like any other, and only a line feed ends a row: csv's usual rules would
join rows at an open quotation mark. MRPC's files begin with a byte order mark.

Source of the format: `_generate_examples` of the hub's loading script of nyu-mll/glue; nyu-mll/GLUE-baselines.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from course.data.errors import AssetError
from course.data.glue_tasks import GlueItem, GlueTask, score_in_file
from course.messages import _

COLA_HEADER = ("source", "is_acceptable", "mark", "sentence")  # of the two files that have none
INDEX = ("index", "id")  # what the column of a test set's numbers is called


class Rows(NamedTuple):
    """The items of a file, and how many rows were left out because they end before the last column."""

    items: list[GlueItem]
    left_out: int


def tsv_place(task: GlueTask, split: str) -> str:
    """Where GLUE's own folder has a split: "RTE/dev.tsv", "MNLI/test_matched.tsv"."""
    if task.name == "ax":
        return "diagnostic/diagnostic.tsv"
    return f"{task.short_name}/{split.replace('validation', 'dev')}.tsv"


def read_tsv(file: Path, task: GlueTask, split: str) -> Rows:
    """The items of one file.

    A training row that ends early, as some of QQP do, is left out, as the hub leaves it out. Raises `AssetError` for a
    missing column, a label that the task does not have, a row of another set that ends early, test rows that are not in
    the order of their index, and for what is not UTF-8.
    """
    try:
        lines = file.read_bytes().decode("utf-8-sig").removesuffix("\n").split("\n")
    except UnicodeDecodeError as error:
        raise AssetError(_("{file} is not UTF-8: {reason}.").format(file=file, reason=error)) from error
    rows = [line.removesuffix("\r").split("\t") for line in lines]
    headless = task.name == "cola" and not split.startswith("test")
    header = COLA_HEADER if headless else tuple(rows[0])
    reader = _Reader(file, task, header, first_line=1 if headless else 2, is_test=split.startswith("test"))
    items = [reader.item(number, row) for number, row in enumerate(rows if headless else rows[1:])]
    found = [item for item in items if item is not None]
    left_out = len(items) - len(found)
    if left_out and split != "train":
        short = items.index(None) + reader.first_line
        raise AssetError(
            _("Line {line} of {file} ends before its last column. Fetch the file again.").format(line=short, file=file)
        )
    return Rows(found, left_out)


class _Reader:
    def __init__(self, file: Path, task: GlueTask, header: Sequence[str], first_line: int, is_test: bool) -> None:
        missing = [name for name in task.columns if name not in header]
        if not is_test and task.label_column not in header:
            missing.append(task.label_column)
        if missing:
            raise AssetError(
                _("{file} has no column {missing}: its header is {header}. Give {task}'s own file.").format(
                    file=file,
                    missing=", ".join(map(repr, missing)),
                    header=", ".join(map(repr, header)),
                    task=task.short_name,
                )
            )
        self.file, self.task, self.first_line, self.is_test = file, task, first_line, is_test
        self.texts = [header.index(name) for name in task.columns]
        self.label = header.index(task.label_column) if task.label_column in header else None
        self.index = next((header.index(name) for name in INDEX if is_test and name in header), None)

    def item(self, number: int, row: list[str]) -> GlueItem | None:
        """None for a row that ends early."""
        needed = [*self.texts, *([] if self.label is None else [self.label])]
        if max(needed) >= len(row) or (self.label is not None and not row[self.label]):
            return None
        if self.index is not None and row[self.index] != str(number):
            raise AssetError(
                _(
                    "Line {line} of {file} has the index {index}, and {number} is due: predictions are told apart by "
                    "it. Fetch the file again, or sort its rows."
                ).format(line=number + self.first_line, file=self.file, index=repr(row[self.index]), number=number)
            )
        label = None if self.label is None else self._label(number, row[self.label])
        return GlueItem(number, tuple(row[place] for place in self.texts), label)

    def _label(self, number: int, text: str) -> int | float:
        known = self.task.classes if self.task.names_in_files else tuple(map(str, range(len(self.task.classes))))
        if self.task.is_score:
            if (score := score_in_file(text)) is not None:
                return score
            known = (_("a number from 0 to 5"),)
        if text not in known:
            raise AssetError(
                _("Line {line} of {file} has the label {label!r}. {task} has: {known}.").format(
                    line=number + self.first_line,
                    file=self.file,
                    label=text,
                    task=self.task.short_name,
                    known=", ".join(known),
                )
            )
        return known.index(text)
