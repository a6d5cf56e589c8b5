"""What becomes of the generated wrong answers to each exercise, stored in `tried.json`, so that it is found once.

    python -m tests.exercises.tried     # try the exercises that have changed since, and store what becomes of them

It follows from the exercises of the lesson (solutions, cases, mistakes), from `tests/exercises/inputs/`, from the code
that makes and checks wrong answers, and from Python, PyTorch and NumPy. While none of these has changed, what is stored
is what a trial would find; when one has, the exercises that it touches are tried again.
"""

import functools
import hashlib
import importlib.metadata
import json
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from course.exercises.exercise import Exercise
from course.exercises.registry import all_exercises
from course.files import written_whole
from course.syllabus.lessons import ROOT
from course.workshop.imports import Imports
from tests.exercises.trial import SOURCES, UNNAMED, Trial, trial

FILE = Path(__file__).with_name("tried.json")
HERE = ("course/exercises", "tests/exercises")
LIBRARIES = ("torch", "numpy")


@dataclass(frozen=True)
class Tried:
    """Counts of a trial: what the wrong answers are told, by source, how many mutants are right, how many pass."""

    told: dict[str, int]
    equivalent: int
    passed: int = 0

    @classmethod
    def of(cls, result: Trial) -> "Tried":
        found = Counter(judged.source or UNNAMED for _description, judged in result.told)
        told = {source: found[source] for source in SOURCES if found[source]}
        return cls(told, len(result.equivalent), len(result.passed))

    @property
    def wrong(self) -> int:
        return sum(self.told.values()) + self.passed

    @property
    def named(self) -> int:
        return sum(self.told.values()) - self.told.get(UNNAMED, 0)

    @property
    def share_named(self) -> float:
        return self.named / self.wrong

    def __str__(self) -> str:
        told = ", ".join(f"{source} {count}" for source, count in self.told.items())
        share = f"{self.share_named:6.1%} named ({told})"
        return f"{self.wrong:5} wrong, {self.passed} passed, {share}; {self.equivalent} equivalent"


def stored(exercise: Exercise) -> Tried | None:
    """What is stored of an exercise; None when nothing is, or when something that it follows from has changed."""
    found = _read().get(exercise.name)
    if found is None or found["of"] != fingerprint(exercise):
        return None
    return Tried(found["told"], found["equivalent"])


def fingerprint(exercise: Exercise) -> str:
    """Changes with whatever the trial of an exercise follows from."""
    return _fingerprint(exercise.solution.__module__.split(".")[2])


@functools.cache
def _fingerprint(slug: str) -> str:
    said = [f"Python {sys.version_info.major}.{sys.version_info.minor}"]
    said += [f"{library} {importlib.metadata.version(library).partition('+')[0]}" for library in LIBRARIES]
    for name in files(slug):
        said += [name, (ROOT / name).read_text(encoding="utf-8")]
    return hashlib.sha256("\0".join(said).encode()).hexdigest()[:16]


@functools.cache
def files(slug: str) -> list[str]:
    """The files that the trials of a lesson's exercises follow from, named from the root.

    Of what every exercise needs, only what is about exercises counts: no answer depends on the map of the lessons.
    """
    topic = ROOT / "course" / "exercises" / slug
    own = [*topic.glob("*.py"), topic.with_suffix(".py"), ROOT / "tests" / "exercises" / "inputs" / f"{slug}.py"]
    shared = _imports().needed_by(ROOT / "tests" / "exercises" / "trial.py")
    needed = _imports().needed_by(*(file for file in own if file.exists()))
    names = {file: file.relative_to(ROOT).as_posix() for file in needed | shared}
    return sorted(name for file, name in names.items() if file not in shared or name.startswith(HERE))


@functools.cache
def _imports() -> Imports:
    return Imports(ROOT)


def _read() -> dict[str, dict]:
    return json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}


def store(found: dict[str, Tried]) -> None:
    """Store what became of these exercises, a line for each, beside what is stored of the others that there are."""
    kept = _read()
    exercises = {exercise.name: exercise for exercise in all_exercises()}
    for name, one in found.items():
        kept[name] = {"of": fingerprint(exercises[name]), "told": one.told, "equivalent": one.equivalent}
    lines = [f"{json.dumps(name)}: {json.dumps(kept[name])}" for name in sorted(kept) if name in exercises]
    with written_whole(FILE) as fresh:
        fresh.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def main() -> None:
    for exercise in all_exercises():
        if stored(exercise) is None:
            result = trial(exercise)
            print(result, flush=True)
            if result.passed:
                sys.exit(f"These wrong answers pass: {result.passed}")
            store({exercise.name: Tried.of(result)})


if __name__ == "__main__":
    main()
