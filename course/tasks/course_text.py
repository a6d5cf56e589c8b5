"""The course's own prose as documents to search: a document for each section of each lesson, as its author wrote it."""

import re

from course.rag import Document
from course.syllabus.lessons import Lesson, written_lessons

CELL = re.compile(r"^# %%(.*)\n", re.MULTILINE)
HEADING = re.compile(r"^#{1,3} (.+)$")
LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
EMPHASIS = re.compile(r"(\*\*|`|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w))")


def course_text() -> list[Document]:
    """The prose of every lesson in this checkout, section by section, in the order of the course; code is left out.

    A document's `title` is that of the lesson and of the section, its `address` its notebook with the section's heading
    as Jupyter names it. Sections without prose are left out.
    """
    return [document for lesson in written_lessons() for document in lesson_text(lesson)]


def lesson_text(lesson: Lesson) -> list[Document]:
    """The sections of one lesson."""
    sections: list[tuple[str, list[str]]] = []
    for line in _prose(lesson.source.read_text(encoding="utf-8")):
        if heading := HEADING.match(line):
            sections.append((heading[1], []))
        elif sections:
            sections[-1][1].append(_plain(line))
    return [
        Document(
            id=f"{lesson.name}#{number}",
            title=f"{lesson.title}, {_plain(heading)}" if number else lesson.title,
            text=text,
            address=f"{lesson.name}.ipynb#{heading.replace(' ', '-')}",
        )
        for number, (heading, lines) in enumerate(sections)
        if (text := re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip())
    ]


def _prose(source: str) -> list[str]:
    """The lines of the Markdown cells, with an empty one between two cells."""
    _header, *cells = CELL.split(source)
    lines = []
    for options, body in zip(cells[::2], cells[1::2], strict=True):
        if "[markdown]" in options:
            lines += [re.sub(r"^# ?", "", line) for line in body.splitlines()] + [""]
    return lines


def _plain(line: str) -> str:
    """A line of Markdown without its signs: emphasis, code, links, quotations."""
    return EMPHASIS.sub("", LINK.sub(r"\1", line.removeprefix("> ").removeprefix(">")))
