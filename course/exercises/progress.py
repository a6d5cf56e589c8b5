"""Which checks a learner has passed, kept in one small file on this computer.

The file is a JSON object: the exercise's name, and true when its check has passed, false when it was tried. Its path is
`COURSE_PROGRESS`, or else in the user's data folder. Names that exercises once had are read as today's, and names that
this version does not know are kept. A check never fails because of the file: what goes wrong is a warning.
"""

import contextlib
import functools
import html
import itertools
import json
import warnings
from dataclasses import dataclass
from pathlib import Path

import filelock
import platformdirs

from course import folders
from course.exercises.former_names import current_name
from course.exercises.registry import exercises_of
from course.files import written_whole
from course.messages import _
from course.syllabus.lessons import LESSONS, Lesson

LOCK_SECONDS = 10  # how long to wait for another notebook's write
# What can go wrong with a file: the system refuses, there is no home folder, the path cannot be one.
FILE_ERRORS = (OSError, RuntimeError, ValueError)

_tried: set[str] = set()  # in this session, whether or not it could be kept


class _Damaged(Exception):
    """The file is there and does not hold what this module writes."""


def progress_file() -> Path:
    """Where the progress is kept. Raises `ValueError` for a `COURSE_PROGRESS` that is not an absolute path.

    Raises `RuntimeError` where that is unset and there is no home folder.
    """
    if setting := folders.from_setting("COURSE_PROGRESS"):
        return setting
    return platformdirs.user_data_path(folders.NAME, appauthor=False) / "progress.json"


def load() -> dict[str, bool]:
    """Each exercise that was tried, and whether its check has passed. A damaged file is put aside, with a warning."""
    try:
        file = progress_file()
        try:
            return _in_current_names(_read(file))
        except _Damaged:
            with _locked(file):
                return _in_current_names(_read_or_put_aside(file))
    except FILE_ERRORS as error:
        _warn(_("Your progress could not be read: {reason}").format(reason=error))
        return {}


def tried(name: str) -> bool:
    """Whether the check of this name was tried, in this session or before."""
    return name in _tried or name in load()


def record(name: str, passed: bool) -> None:
    """Keep that the check of this name was tried, and whether it passed. A pass is never taken back."""
    _tried.add(name)
    try:
        file = progress_file()
        file.parent.mkdir(parents=True, exist_ok=True)
        with _locked(file):
            stored = _read_or_put_aside(file)
            known = _in_current_names(stored)
            known[name] = known.get(name, False) or passed
            if known != stored:
                _write(file, known)
    except FILE_ERRORS as error:
        _warn(
            _(
                "Your progress could not be kept ({reason}). The checks work all the same. "
                "To keep it elsewhere, set COURSE_PROGRESS to a file you may write."
            ).format(reason=error)
        )


@dataclass(frozen=True, repr=False)
class Table:
    """The progress over all lessons: a row is a lesson and whether each exercise passed, None if not tried."""

    rows: tuple[tuple[Lesson, tuple[bool | None, ...]], ...]

    def __repr__(self) -> str:
        titles = [f"{lesson.number:02d} {lesson.title}" for lesson, _states in self.rows]
        width = max(map(len, titles))
        lines = [
            f"{title.ljust(width)}  {_count(states)}  {_marks(states)}".rstrip()
            for title, (_lesson, states) in zip(titles, self.rows, strict=True)
        ]
        return "\n".join([*lines, self._total()])

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><td style="text-align: left">{_link(lesson)}</td><td>{_count(states)}</td>'
            f'<td style="text-align: left">{_marks(states)}</td></tr>'
            for lesson, states in self.rows
        )
        head = "".join(
            f'<th style="text-align: left">{html.escape(text)}</th>'
            for text in (_("Lesson"), _("Passed"), _("Exercises"))
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table><p>{html.escape(self._total())}</p>"

    def _total(self) -> str:
        states = [state for _lesson, lesson_states in self.rows for state in lesson_states]
        return _("{passed} of {total} exercises passed (✓ passed, ✗ tried, ○ not attempted)").format(
            passed=states.count(True), total=len(states)
        )


def table() -> Table:
    """The progress over all lessons, to be the last expression of a cell."""
    known = load()
    return Table(tuple((one, tuple(known.get(each.name) for each in exercises_of(one))) for one in LESSONS))


def _count(states: tuple[bool | None, ...]) -> str:
    return _("{passed} of {total}").format(passed=states.count(True), total=len(states)) if states else "–"


def _marks(states: tuple[bool | None, ...]) -> str:
    return "".join({True: "✓", False: "✗", None: "○"}[state] for state in states)


def _link(lesson: Lesson) -> str:
    title = html.escape(f"{lesson.number:02d} {lesson.title}")
    return f'<a href="{lesson.notebook.name}">{title}</a>' if lesson.available else title


def _locked(file: Path) -> contextlib.AbstractContextManager[object]:
    """Hold the file against other notebooks; waiting too long is a `TimeoutError`, which is an `OSError`."""
    return filelock.FileLock(f"{file}.lock", timeout=LOCK_SECONDS)


def _read(file: Path) -> dict[str, bool]:
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:  # not UTF-8, or not JSON
        raise _Damaged from error
    if not isinstance(known, dict) or not all(isinstance(passed, bool) for passed in known.values()):
        raise _Damaged
    return known


def _read_or_put_aside(file: Path) -> dict[str, bool]:
    """What the file holds. A damaged one is renamed to the first free name, `.bak`, `.bak2`, ... Needs the lock."""
    try:
        return _read(file)
    except _Damaged:
        names = (file.with_name(f"{file.name}.bak{number if number > 1 else ''}") for number in itertools.count(1))
        aside = next(name for name in names if not name.exists())
        file.rename(aside)
        _warn(
            _("Your progress in {file} was damaged and begins anew. The old file is kept as {aside}.").format(
                file=file, aside=aside
            )
        )
        return {}


def _in_current_names(stored: dict[str, bool]) -> dict[str, bool]:
    """The progress under today's names; an exercise that is there under two names has passed if either has."""
    known: dict[str, bool] = {}
    for name, passed in stored.items():
        current = current_name(name)
        known[current] = known.get(current, False) or passed
    return known


def _write(file: Path, known: dict[str, bool]) -> None:
    with written_whole(file) as fresh:
        fresh.write_text(json.dumps(dict(sorted(known.items())), indent=1), encoding="utf-8")


@functools.cache
def _warn(message: str) -> None:
    """Warn, once for the same message."""
    warnings.warn(message, stacklevel=1)
