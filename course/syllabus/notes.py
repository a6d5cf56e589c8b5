"""The notes that the course grew from: their headings, their sentences, and where the course takes each of them up.

They are data, in `notes.toml`, in the order of the notes:

    [[heading]]
    korean = "BitFit"
    english = "BitFit"

    [[heading.sentence]]
    korean = "Bias Term들에 대해서만 Task별로 Finetunging 수행"
    english = "only the biases are fine-tuned, for each task"
    places = [{ lesson = "peft", taught = "it trains the biases that the model has" }]

A place is the name of a claim or of an exercise, or a lesson with a few words of its text, by which it `taught` or
`corrected` the sentence or left it `untested`; a lesson alone is a place to come. Section, verdict and number are never
in the file: they are read from the lessons.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.messages import _
from course.syllabus.lessons import Lesson, lesson

FILE = Path(__file__).with_name("notes.toml")
NAMED = ("claim", "exercise")  # places known by a name that begins with their lesson's slug
QUOTED = ("taught", "corrected", "untested")  # places known by words of their lesson
TO_COME = "to come"


@dataclass(frozen=True)
class Place:
    """Where a sentence is taken up. `kind` is of `NAMED` or `QUOTED`, or `TO_COME`; `evidence` is its name or words."""

    lesson: Lesson
    kind: str
    evidence: str = ""


@dataclass(frozen=True)
class Sentence:
    """A sentence of the notes, or a short stretch of one, with its meaning in English."""

    korean: str
    english: str
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Heading:
    """A heading of the notes with what is below it, up to the next heading."""

    korean: str
    english: str
    sentences: tuple[Sentence, ...]


def read_notes(file: Path = FILE) -> tuple[Heading, ...]:
    """The headings of the notes in their order.

    Raises `ValueError`, naming the heading, for one without a sentence, a sentence without a place, a place that is of
    no kind or more than one, and an entry without its Korean or English; and when the headings are not those that
    `digest` was computed from.
    """
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    headings = tuple(_heading(each) for each in content.get("heading", ()))
    digest = headings_digest(headings)
    if digest != content.get("digest"):
        raise ValueError(
            _("The headings of {file} are not all of the notes' in their order: their digest is {digest}.").format(
                file=file.name, digest=digest
            )
        )
    return headings


def headings_digest(headings: tuple[Heading, ...]) -> str:
    """SHA-256 of the headings in Korean, a line for each: it changes when one is lost, added, moved or renamed."""
    return hashlib.sha256("\n".join(each.korean for each in headings).encode()).hexdigest()


def _require_both(entry: Mapping[str, Any], heading: str) -> None:
    for language in ("korean", "english"):
        if not _is_text(entry.get(language)):
            raise ValueError(
                _("{heading!r}: the entry {entry} has no text {language!r}.").format(
                    heading=heading, entry=str(dict(entry))[:80], language=language
                )
            )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _heading(entry: Mapping[str, Any]) -> Heading:
    _require_both(entry, entry.get("korean", ""))
    sentences = tuple(_sentence(each, entry["korean"]) for each in entry.get("sentence", ()))
    if not sentences:
        raise ValueError(_("The heading {heading!r} has no sentence.").format(heading=entry["korean"]))
    return Heading(entry["korean"], entry["english"], sentences)


def _sentence(entry: Mapping[str, Any], heading: str) -> Sentence:
    _require_both(entry, heading)
    if not entry.get("places"):
        raise ValueError(
            _("{heading!r}: the sentence {sentence!r} has no place.").format(heading=heading, sentence=entry["korean"])
        )
    return Sentence(entry["korean"], entry["english"], tuple(_place(each, heading) for each in entry["places"]))


def _place(entry: Any, heading: str) -> Place:
    names = entry.keys() - {"lesson"} if isinstance(entry, dict) else {""}
    known = len(names) <= 1 and names <= {*NAMED, *QUOTED} and all(map(_is_text, entry.values()))
    if not known or (names <= {*QUOTED}) != ("lesson" in entry):
        raise ValueError(
            _(
                "{heading!r}: the place {place} is not one. Give a claim, an exercise, a lesson with words by which it "
                "taught or corrected the sentence or left it untested, or a lesson alone for a place to come."
            ).format(heading=heading, place=entry)
        )
    if not names:
        return Place(lesson(entry["lesson"]), TO_COME)
    (kind,) = names
    return Place(lesson(entry.get("lesson") or entry[kind].partition(".")[0]), kind, entry[kind])
