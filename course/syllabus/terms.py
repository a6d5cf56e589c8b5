"""The terms of the course: each with its Korean term, one sentence, and the lesson that introduces it.

They are data, a file for each lesson, named by its slug: `terms/attention.toml`. A term is a table of it:

    [alignment]
    korean = "정렬"
    definition = "Which input symbols each output symbol belongs to; ..."
"""

import html
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path

from course.messages import _, translated
from course.syllabus import lessons

FOLDER = Path(__file__).with_name("terms")
FIELDS = {"korean", "definition"}


@dataclass(frozen=True, repr=False)
class Term:
    """One term. `korean` is how Korean texts write it; `lesson` is the slug of the lesson that introduces it."""

    term: str
    korean: str
    definition: str
    lesson: str

    @property
    def link(self) -> str:
        """The number of the lesson in HTML, as a link where the lesson is there."""
        introduced_in = lessons.lesson(self.lesson)
        label = f"{introduced_in.number:02d}"
        return f'<a href="{introduced_in.notebook.name}">{label}</a>' if introduced_in.available else label

    def __repr__(self) -> str:
        place = _("lesson {number:02d}").format(number=lessons.lesson(self.lesson).number)
        return f"{self.term} ({self.korean}): {self.definition} [{place}]"

    def _repr_html_(self) -> str:
        definition = html.escape(self.definition)
        return f"<strong>{html.escape(self.term)}</strong> ({self.korean}): {definition} {self.link}"


def read_terms(folder: Path = FOLDER) -> tuple[Term, ...]:
    """The terms of all files of a folder, in alphabetical order, the definitions in the course's language.

    Raises `ValueError`, naming the file and the term, for a file that is not TOML or not named after a lesson, a term
    without one of its texts or with anything else, and a term that is in two files.
    """
    terms: dict[str, Term] = {}
    slugs = {each.slug for each in lessons.LESSONS}
    for file in sorted(folder.glob("*.toml")):
        if file.stem not in slugs:
            raise ValueError(_("{file} has terms of a lesson that is not there.").format(file=file))
        try:
            content = tomllib.loads(file.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(_("{file} cannot be read: {reason}").format(file=file, reason=error)) from error
        for name, entry in content.items():
            if not (isinstance(entry, dict) and entry.keys() == FIELDS and all(map(_is_text, entry.values()))):
                raise ValueError(
                    _("{file}: the term {term!r} needs two texts, korean and definition, and nothing else.").format(
                        file=file, term=name
                    )
                )
            if name in terms:
                raise ValueError(
                    _("{file}: the term {term!r} is in {other}.toml already. Keep one.").format(
                        file=file, term=name, other=terms[name].lesson
                    )
                )
            terms[name] = Term(name, entry["korean"], translated(entry["definition"]), file.stem)
    return tuple(sorted(terms.values(), key=lambda term: term.term.casefold()))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.strip() != ""


def extract(
    file: BufferedIOBase, keywords: object, comment_tags: object, options: object
) -> Iterator[tuple[int, None, str, list[str]]]:
    """The definitions of a file, for a catalog of translations; Babel calls this (see `pyproject.toml`).

    Gives line, function (none), message and comments (the term and its Korean).
    """
    text = file.read().decode("utf-8")
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.startswith("definition")]
    for line, (name, entry) in zip(lines, tomllib.loads(text).items(), strict=True):
        yield line, None, entry["definition"], [f"{name} ({entry['korean']})"]


TERMS = read_terms()
