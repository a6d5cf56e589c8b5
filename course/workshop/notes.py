"""`docs/notes.md`: where each heading and each sentence of the notes has its place in the course, and what was found.

Section, verdict and number are read from the lessons: a claim's from the executed notebook, the rest from the source.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

from course.claims import SYMBOLS, Claim, Verdict
from course.messages import _
from course.syllabus.lessons import LESSONS, Lesson
from course.syllabus.notes import TO_COME, Place, read_notes
from course.tasks.course_text import EMPHASIS, LINK
from course.workshop.claims import escaped, stored

CELL = re.compile(r"^# %%(.*)\n", re.MULTILINE)
HEADING = re.compile(r"#{1,4} (.+)")
CALLS = {"claim": "claim", "exercise": "check"}  # the function of the cell that holds a claim, or an exercise's check
SIGNS = {
    **{verdict.value: SYMBOLS[verdict] for verdict in Verdict},
    "corrected": "≠",
    "untested": "–",
    "taught": "·",
    TO_COME: "…",
}
INTRODUCTION = """\
# The notes, and where the course takes them up

The course grew from a set of Korean study notes on language models.
Every heading of theirs is here, in their order, with the sentences that the course takes up, shortened where they are
long; the lessons quote them in English.
A row leads to the section of a lesson.
Where a lesson tests the sentence, the row has the claim's verdict and its numbers, both from the executed notebook;
what the claim says may be narrower than the sentence, since it says what was tested.
The claim's own sentence comes first, and whose it is last: where nobody else is named beside "the notes", it is theirs.
*Corrected* means that the lesson says something else and why; *untested*, that the lesson names it as not tested;
*taught*, that it builds or explains what the sentence says, without a test of its own.
Made by `python -m course build` from `course/syllabus/notes.toml` and the lessons."""


@dataclass(frozen=True)
class Section:
    """A section of a lesson: its headings from the second level down, its lines of prose, its code."""

    headings: tuple[str, ...]
    prose: tuple[str, ...]
    code: str


@dataclass(frozen=True)
class Row:
    """A place as the page shows it: a link to its section, its verdict in words, what was found."""

    link: str
    verdict: str
    found: str


def sections(lesson: Lesson) -> tuple[Section, ...]:
    """The sections of a lesson's source, in its order."""
    found: list[tuple[tuple[str, ...], list[str], list[str]]] = [((), [], [])]
    _header, *cells = CELL.split(lesson.source.read_text(encoding="utf-8"))
    for options, body in zip(cells[::2], cells[1::2], strict=True):
        if "[markdown]" not in options:
            found[-1][2].append(body)
            continue
        for line in (re.sub(r"^# ?", "", line) for line in body.splitlines()):
            if heading := HEADING.fullmatch(line):
                level = line.index(" ") - 1  # the lesson's title is at 0
                found.append(((*found[-1][0][: level - 1], heading[1]) if level else (), [], []))
            else:
                found[-1][1].append(line)
    return tuple(Section(headings, tuple(prose), "\n".join(code)) for headings, prose, code in found)


def page() -> str:
    """The page as Markdown: the count of each verdict, then a table for each heading of the notes.

    Raises `ValueError` for a claim, an exercise or words that the lesson does not have, and for words that it has in
    several sections.
    """
    claims, sections_of = every_claim(), cache(sections)
    parts, counts, own = [], Counter(), Counter()
    for heading in read_notes():
        lines = ["| The notes | The course | Verdict | What was found |", "| :--- | :--- | :--- | :--- |"]
        for sentence in heading.sentences:
            said = f"{escaped(sentence.korean)}<br>{escaped(sentence.english)}"
            for place in sentence.places:
                row = row_of(place, claims, sections_of)
                lines.append(f"| {said} | {row.link} | {SIGNS[row.verdict]} {row.verdict} | {row.found} |")
                counts[row.verdict] += 1
                own[row.verdict] += place.kind == "claim" and is_of_the_notes(claims[place.evidence])
                said = "〃"
        gloss = f" · {heading.english}" if heading.english != heading.korean else ""
        parts += [f"## {escaped(heading.korean)}{escaped(gloss)}", "\n".join(lines)]
    table = ["| Verdict | Rows | of these, claims of the notes |", "| :--- | ---: | ---: |"]
    table += [f"| {SIGNS[each]} {each} | {counts[each]} | {own[each] or ''} |" for each in SIGNS if counts[each]]
    table.append(f"| all | {counts.total()} | {own.total()} |")
    return "\n\n".join([INTRODUCTION, "\n".join(table), *parts]) + "\n"


def every_claim() -> dict[str, Claim]:
    """The claims that the executed lessons store, by their names."""
    return {data["name"]: Claim.from_data(data) for lesson in LESSONS for data in stored(lesson)}


def is_of_the_notes(claim: Claim) -> bool:
    """True when the claim names the notes as those who say it, alone or beside others."""
    return re.search(r"\bthe notes\b(?!')", claim.said_by) is not None


def row_of(place: Place, claims: Mapping[str, Claim], sections_of: Callable[[Lesson], Sequence[Section]]) -> Row:
    """What the page shows of a place."""
    if place.kind == TO_COME:
        return Row(f"{place.lesson.number:02d} {place.lesson.title}", TO_COME, "")
    section, line = _section_of(place, sections_of(place.lesson))
    link = _link(place.lesson, section)
    if place.kind == "claim":
        if place.evidence not in claims:
            raise ValueError(
                _("{lesson} was not run since it makes the claim {name!r}. Build it.").format(
                    lesson=place.lesson.name, name=place.evidence
                )
            )
        claim = claims[place.evidence]
        found = [escaped(claim.sentence), *(escaped(repr(finding)) for finding in claim.findings)]
        whose = f"(`{claim.name}`, said by {escaped(claim.said_by)})"
        return Row(link, claim.verdict.value, "<br>".join([*found, whose]))
    if place.kind == "exercise":
        return Row(link, "taught", f"exercise `{place.evidence}`")
    return Row(link, place.kind, f"“{escaped(_plain(line))}”")


def _plain(line: str) -> str:
    """A line of Markdown without its signs: quotation, list, link, emphasis, formula."""
    words = LINK.sub(r"\1", re.sub(r"^(> ?|[-*] |\d+\. )+", "", line))
    return EMPHASIS.sub("", re.sub(r"\$\\?([^$]+)\$", r"\1", words))


def _section_of(place: Place, sections: Sequence[Section]) -> tuple[Section, str]:
    """The one section that holds a place's evidence, and the line with its words; no line for a claim's cell."""
    found = list(_holding(place, sections))
    if len({section for section, _line in found}) != 1:
        raise ValueError(
            _("{lesson} has {kind} {evidence!r} in {count} sections; it must be in one.").format(
                lesson=place.lesson.name, kind=place.kind, evidence=place.evidence, count=len(found)
            )
        )
    return found[0]


def _holding(place: Place, sections: Sequence[Section]) -> Iterator[tuple[Section, str]]:
    """The sections that hold a place's evidence."""
    call = re.compile(rf'\b{CALLS.get(place.kind)}\(\s*"{re.escape(place.evidence)}"')
    for section in sections:
        if place.kind in CALLS:
            if call.search(section.code):
                yield section, ""
        else:
            yield from ((section, line) for line in section.prose if place.evidence in line)


def _link(lesson: Lesson, section: Section) -> str:
    """The section as a link, its heading as Jupyter names it in an address; the lesson where no section has begun."""
    if not section.headings:
        return f"[{lesson.number:02d} {lesson.title}](../notebooks/{lesson.name}.ipynb)"
    anchor = quote(section.headings[-1].replace(" ", "-"))
    title = escaped(": ".join(section.headings))
    return f"[{lesson.number:02d} {title}](../notebooks/{lesson.name}.ipynb#{anchor})"
