"""GLUE's sets: from the hub where there is a network, or from a folder of files, GLUE's own or the hub's.

No text of GLUE is part of the course: its tasks have licences of their own, and several may not be passed on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from course.data.errors import AssetError
from course.data.glue_hub import REPOSITORY, fetched, parquet_places, read_parquet
from course.data.glue_tasks import GlueItem, GlueTask, glue_task
from course.data.glue_tsv import read_tsv, tsv_place
from course.data.splits import Role
from course.messages import _

_ROLES: Mapping[str, Role] = {"train": "training", "validation": "validation", "test": "test"}


class HiddenLabelsError(ValueError):
    """The labels of a test set are asked for, and they are not public."""


@dataclass(frozen=True)
class GlueSet:
    """The items of one split of a task. `left_out` are rows of GLUE's training file that end early."""

    task: GlueTask
    split: str
    items: Sequence[GlueItem]
    source: str
    left_out: int = 0

    def __len__(self) -> int:
        return len(self.items)

    @property
    def is_whole(self) -> bool:
        """True when it has as many items as the published set; a score on fewer is no score of GLUE."""
        return len(self.items) == self.task.sizes[self.split]

    @property
    def role(self) -> Role:
        """What the set is for."""
        return _ROLES[self.split.partition("_")[0]]

    @property
    def texts(self) -> list[str | tuple[str, ...]]:
        """Each item's text, or its two as a pair: what `fine_tune` reads."""
        return [item.texts if len(item.texts) > 1 else item.texts[0] for item in self.items]

    @property
    def labels(self) -> list[int | float]:
        """The label of each item. Raises `HiddenLabelsError` where one is hidden."""
        found = [item.label for item in self.items if item.label is not None]
        if len(found) < len(self.items):
            raise hidden_labels(self.task, self.split)
        return found


def hidden_labels(task: GlueTask, split: str) -> HiddenLabelsError:
    """The error to raise when someone would judge by labels that are not public."""
    return HiddenLabelsError(
        _(
            "The labels of the {split} set of {task} are hidden (-1 on the hub). Judge by the validation set and say "
            "so, or write the predictions for gluebenchmark.com: write_submission."
        ).format(split=split, task=task.short_name)
    )


def glue_set(name: str, split: str, folder: Path | str | None = None) -> GlueSet:
    """One split of a task, from `folder` or else from the hub, where it is fetched once and kept in the cache.

    `name` and `split` are the hub's: "rte", "validation"; MNLI has "validation_matched" and "validation_mismatched".
    A folder has GLUE's own files ("RTE/dev.tsv") or the hub's ("rte/validation-00000-of-00001.parquet"), in part or
    whole. From the hub a set must be whole.

    Raises `ValueError` for another task or split, and `AssetError` when the files are not there, cannot be fetched or
    are damaged. Source: Wang et al. 2019, "GLUE: A Multi-Task Benchmark and Analysis Platform for Natural Language
    Understanding".
    """
    task = glue_task(name)
    task.split(split)
    if folder is not None:
        return _from_folder(task, split, Path(folder).expanduser())
    file = fetched(task, split)
    found = GlueSet(task, split, read_parquet(file, task), REPOSITORY)
    if not found.is_whole:
        raise AssetError(
            _("{file} has {n} items, and {task} has {due}. Delete it and fetch it again.").format(
                file=file, n=len(found), task=task.short_name, due=task.sizes[split]
            )
        )
    return found


def _from_folder(task: GlueTask, split: str, folder: Path) -> GlueSet:
    own, *parquet = tsv_place(task, split), *parquet_places(task, split)
    if (folder / own).is_file():
        rows = read_tsv(folder / own, task, split)
        return GlueSet(task, split, rows.items, str(folder), rows.left_out)
    for place in parquet:
        if (folder / place).is_file():
            return GlueSet(task, split, read_parquet(folder / place, task), str(folder))
    raise AssetError(
        _("{folder} has no {split} set of {task}: put GLUE's own file there as {own}, or the hub's as {hub}.").format(
            folder=folder, split=split, task=task.short_name, own=own, hub=parquet[0]
        )
    )
