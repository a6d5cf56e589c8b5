"""GLUE from the hub: one Parquet file for each split, fetched at a fixed commit and read by pyarrow.

pyarrow is no part of the course's installation: it takes 170 MB, and only whoever fetches GLUE from the hub needs it.
The layout of the files: the hub's pages of nyu-mll/glue. No hash is checked, since none is known; a file that is cut is
noticed by its length and its last four bytes.
"""

import importlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from course.data import errors
from course.data.asset import HubFile
from course.data.cache import cache_dir
from course.data.errors import AssetError, MachineError, SourceError
from course.data.fetch import offline
from course.data.glue_tasks import HIDDEN, SCORE_RANGE, GlueItem, GlueTask
from course.data.sources import open_hub_file
from course.files import written_whole
from course.messages import _

REPOSITORY = "datasets/nyu-mll/glue"
REVISION = "bcdcba79d07bc864c1c254ccfcedcce55bcc9a8c"
MARK = b"PAR1"  # the first and last bytes of a Parquet file
SIZE_MB = 170  # of pyarrow, on the disk


def parquet_places(task: GlueTask, split: str) -> tuple[str, str]:
    """Where a folder has a split, as the hub's main branch has it and as its export to Parquet does."""
    return f"{task.name}/{split}-00000-of-00001.parquet", f"{task.name}/{split}/0000.parquet"


def fetched(task: GlueTask, split: str) -> Path:
    """The hub's file of a split, fetched into the course's cache when it is not there.

    Raises `AssetError` where pyarrow is not installed, where `COURSE_OFFLINE` forbids fetching, without a network, and
    for what is no whole Parquet file. Nothing is fetched before that is clear.
    """
    require_pyarrow()
    place = parquet_places(task, split)[0]
    file = cache_dir() / "glue" / REVISION / place
    if file.exists():
        return file
    if offline():
        raise MachineError(
            _(
                "The {split} set of {task} is not in the cache {folder}, and COURSE_OFFLINE forbids fetching. Unset it "
                "once where there is a network, or give the folder of GLUE's files: glue_set(…, folder=…)."
            ).format(split=split, task=task.short_name, folder=cache_dir())
        )
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(file) as fresh:
            _download(HubFile(REPOSITORY, place, REVISION), fresh)
    except SourceError as error:
        raise AssetError(
            _(
                "The {split} set of {task} could not be fetched from {repository} ({reason}). Connect to the network "
                "and try again, or give the folder of GLUE's files: glue_set(…, folder=…)."
            ).format(split=split, task=task.short_name, repository=REPOSITORY, reason=error)
        ) from error
    except OSError as error:
        raise errors.unusable_cache(cache_dir(), error) from error
    return file


def _download(source: HubFile, fresh: Path) -> None:
    """Raises `SourceError` for what is no whole Parquet file, and as `open_hub_file` does."""
    with open_hub_file(source) as stream, fresh.open("wb") as file:
        due = getattr(stream, "length", None)  # bytes, where the hub says so
        try:
            shutil.copyfileobj(stream, file)
        except OSError as error:
            raise SourceError(_("the download is cut or damaged ({reason})").format(reason=error)) from error
    content, size = fresh.read_bytes(), fresh.stat().st_size
    if due is not None and size != due:
        raise SourceError(_("cut off after {done} of {size} bytes").format(done=size, size=due))
    if len(content) < 12 or not (content.startswith(MARK) and content.endswith(MARK)):
        raise SourceError(_("what came is no Parquet file: it begins with {start!r}").format(start=content[:12]))


def read_parquet(file: Path, task: GlueTask) -> list[GlueItem]:
    """The items of the hub's file; scores rounded to three decimals, as GLUE's own files have them.

    Raises `AssetError` where pyarrow is not installed, the file is damaged or lacks a column, has a label that the task
    does not have, or where it says that its labels are numbered in another order than the hub's.
    """
    pyarrow = require_pyarrow()
    try:
        table = pyarrow.read_table(file)
    except Exception as error:  # pyarrow's own kinds and OSError
        raise AssetError(
            _("{file} cannot be read as Parquet ({reason}). Delete it and fetch it again.").format(
                file=file, reason=" ".join(str(error).split())
            )
        ) from error
    columns = (*task.fields, "label", "idx")
    if missing := [name for name in columns if name not in table.column_names]:
        raise AssetError(
            _("{file} has no column {missing}: it has {known}. Give {task}'s own file.").format(
                file=file,
                missing=", ".join(map(repr, missing)),
                known=", ".join(map(repr, table.column_names)),
                task=task.short_name,
            )
        )
    said = _classes_said((table.schema.metadata or {}).get(b"huggingface"))
    if said and tuple(said) != task.classes:
        raise AssetError(
            _("{file} numbers its labels {said}, and {task} of the hub numbers them {known}.").format(
                file=file, said=", ".join(said), task=task.short_name, known=", ".join(task.classes)
            )
        )
    values = table.select(columns).to_pydict()
    texts = zip(*(values[name] for name in task.fields), strict=True)
    rows = zip(texts, values["label"], values["idx"], strict=True)
    return [GlueItem(int(number), tuple(found), _label(file, task, number, label)) for found, label, number in rows]


def _classes_said(about: bytes | None) -> list[str]:
    """The names of the classes in what `datasets` writes into a Parquet file; empty where it is not there."""
    features: dict[str, Any] = json.loads(about or "{}").get("info", {}).get("features", {})
    return list(features.get("label", {}).get("names", ()))


def _label(file: Path, task: GlueTask, number: int, value: object) -> int | float | None:
    least, most = SCORE_RANGE if task.is_score else (0, len(task.classes) - 1)
    if value == HIDDEN:
        return None
    if not isinstance(value, int | float) or not least <= value <= most or (not task.is_score and value != int(value)):
        raise AssetError(
            _("Item {number} of {file} has the label {label!r}; those of {task} are from {least} to {most}.").format(
                number=number, file=file, label=value, task=task.short_name, least=least, most=most
            )
        )
    return round(value, 3) if isinstance(value, float) else int(value)


def require_pyarrow() -> ModuleType:
    """pyarrow's module for Parquet. Raises `AssetError` with the command that installs it where it is missing."""
    try:
        return importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        command = subprocess.list2cmdline([sys.executable, "-m", "pip", "install", "pyarrow"])
        raise AssetError(
            _(
                "The hub's files are Parquet, which pyarrow reads, and it is not installed: `{command}` installs it "
                "({size} MB). GLUE's own files need nothing: give their folder, glue_set(…, folder=…)."
            ).format(command=command, size=SIZE_MB)
        ) from error
