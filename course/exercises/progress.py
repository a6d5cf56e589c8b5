"""Which checks a learner has passed and which questions are answered, kept in one small file on this computer.

The file is a JSON object: the exercise's name, and true when its check has passed, false when it was tried. A question
is there under its name and "?", true when it was answered right, and again under "?first": whether the first answer
was. Every value is true or false, so that older versions of the course read the file, too. Its path is
`COURSE_PROGRESS`, or else in the user's data folder. Names that exercises once had are read as today's, and names that
this version does not know are kept. A check never fails because of the file: what goes wrong is a warning.
"""

import contextlib
import functools
import html
import itertools
import json
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import filelock
import platformdirs

from course import folders
from course.exercises.former_names import current_name
from course.exercises.questions import questions_of
from course.exercises.registry import exercises_of
from course.files import written_whole
from course.messages import _
from course.syllabus.lessons import LESSONS, Lesson

LOCK_SECONDS = 10  # how long to wait for another notebook's write
# What can go wrong with a file: the system refuses, there is no home folder, the path cannot be one.
FILE_ERRORS = (OSError, RuntimeError, ValueError)

ANSWER, FIRST_ANSWER = "?", "?first"  # after a question's name
State = bool | None  # passed or answered right, tried, or not tried

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
    _keep(lambda known: known | {name: known.get(name, False) or passed})


@dataclass(frozen=True)
class Answered:
    """What is kept of a question: whether it was answered right, and whether the first answer was."""

    right: bool
    at_first: bool


def answered(name: str) -> Answered | None:
    """What is kept of the question of this name; None when it was not answered."""
    return _answered(name, load())


def record_answer(name: str, right: bool) -> None:
    """Keep that the question of this name was answered. A right answer is never taken back, and the first is first."""
    answer, first = name + ANSWER, name + FIRST_ANSWER
    _keep(lambda known: {first: right} | known | {answer: known.get(answer, False) or right})


def _answered(name: str, known: Mapping[str, bool]) -> Answered | None:
    right = known.get(name + ANSWER)
    return None if right is None else Answered(right, right and known.get(name + FIRST_ANSWER, False))


def _keep(changed: Callable[[dict[str, bool]], dict[str, bool]]) -> None:
    """Write what `changed` makes of the progress, if it is something else; what goes wrong is a warning."""
    try:
        file = progress_file()
        file.parent.mkdir(parents=True, exist_ok=True)
        with _locked(file):
            stored = _read_or_put_aside(file)
            known = changed(_in_current_names(stored))
            if known != stored:
                _write(file, known)
    except FILE_ERRORS as error:
        _warn(
            _(
                "Your progress could not be kept ({reason}). Checks and questions work all the same. "
                "To keep it elsewhere, set COURSE_PROGRESS to a file you may write to."
            ).format(reason=error)
        )


@dataclass(frozen=True)
class Row:
    """A lesson's progress: whether each exercise passed and each question was answered right, None if not tried."""

    lesson: Lesson
    exercises: tuple[State, ...]
    questions: tuple[State, ...]

    @property
    def title(self) -> str:
        return f"{self.lesson.number:02d} {self.lesson.title}"

    @property
    def answered(self) -> str:
        """`questions 2 of 3`; nothing when the lesson asks none."""
        return _("questions {count}").format(count=_count(self.questions)) if self.questions else ""


@dataclass(frozen=True, repr=False)
class Table:
    """The progress over all lessons, a row for each. `at_first` counts the questions whose first answer was right."""

    rows: tuple[Row, ...]
    at_first: int = 0

    @property
    def answered(self) -> dict[str, str]:
        """Of each lesson that asks questions, by its slug, how many are answered right: `questions 2 of 3`."""
        return {row.lesson.slug: row.answered for row in self.rows if row.questions}

    def __repr__(self) -> str:
        widths = [max(map(len, texts)) for texts in zip(*map(self._texts, self.rows), strict=True)]
        lines = [
            "  ".join(text.ljust(width) for text, width in zip(self._texts(row), widths, strict=True)).rstrip()
            for row in self.rows
        ]
        return "\n".join([*lines, *self._totals()])

    @staticmethod
    def _texts(row: Row) -> tuple[str, ...]:
        return row.title, _count(row.exercises), _marks(row.exercises), row.answered, _marks(row.questions)

    def _repr_html_(self) -> str:
        left = ' style="text-align: left"'
        rows = "".join(
            f"<tr><td{left}>{_link(row)}</td><td>{_count(row.exercises)}</td><td{left}>{_marks(row.exercises)}</td>"
            f"<td>{_count(row.questions)}</td><td{left}>{_marks(row.questions)}</td></tr>"
            for row in self.rows
        )
        headings = (_("Lesson"), _("Passed"), _("Exercises"), _("Answered"), _("Questions"))
        head = "".join(f"<th{left}>{html.escape(text)}</th>" for text in headings)
        totals = "<br>".join(map(html.escape, self._totals()))
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table><p>{totals}</p>"

    def _totals(self) -> list[str]:
        exercises = [state for row in self.rows for state in row.exercises]
        questions = [state for row in self.rows for state in row.questions]
        lines = [
            _("{passed} of {total} exercises passed (✓ passed, ✗ tried, ○ not attempted)").format(
                passed=exercises.count(True), total=len(exercises)
            )
        ]
        if questions:
            lines.append(
                _("{right} of {total} questions answered right, {at_first} of them at the first try").format(
                    right=questions.count(True), total=len(questions), at_first=self.at_first
                )
            )
        return lines


def table() -> Table:
    """The progress over all lessons, to be the last expression of a cell."""
    known = load()
    questions = [(lesson, questions_of(lesson)) for lesson in LESSONS]
    answers = {each.name: _answered(each.name, known) for _lesson, asked in questions for each in asked}
    rows = (
        Row(
            lesson,
            tuple(known.get(each.name) for each in exercises_of(lesson)),
            tuple(answer.right if answer else None for answer in (answers[each.name] for each in asked)),
        )
        for lesson, asked in questions
    )
    return Table(tuple(rows), sum(answer is not None and answer.at_first for answer in answers.values()))


def _count(states: tuple[State, ...]) -> str:
    return _("{passed} of {total}").format(passed=states.count(True), total=len(states)) if states else "–"


def _marks(states: tuple[State, ...]) -> str:
    return "".join({True: "✓", False: "✗", None: "○"}[state] for state in states)


def _link(row: Row) -> str:
    title = html.escape(row.title)
    return f'<a href="{row.lesson.notebook.name}">{title}</a>' if row.lesson.available else title


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
            _(
                "Your progress in {file} was damaged and starts again from nothing. The old file is kept as {aside}."
            ).format(file=file, aside=aside)
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
