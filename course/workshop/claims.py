"""`docs/claims.md`: every claim of the lessons with its numbers and its verdict, read from the executed notebooks.

`python -m course build` rewrites it, and a test compares it and computes each verdict from the stored numbers.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from course.claims import MIME, SYMBOLS, Claim, Verdict
from course.files import written_whole
from course.messages import _
from course.syllabus.lessons import LESSONS, ROOT, Lesson

PAGE = ROOT / "docs" / "claims.md"


def stored(lesson: Lesson) -> Iterator[dict[str, Any]]:
    """What the lesson's notebook stores of each claim, in the lesson's order; nothing where there is no notebook."""
    if not lesson.available:
        return
    for cell in json.loads(lesson.notebook.read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", []):
            if MIME in output.get("data", {}):
                yield output["data"][MIME]


def page() -> str:
    """The claims as a Markdown page: the count of each verdict, then lesson by lesson.

    Raises `ValueError` when two claims have the same name.
    """
    claims = {lesson: [Claim.from_data(data) for data in stored(lesson)] for lesson in LESSONS}
    every = [claim for of_lesson in claims.values() for claim in of_lesson]
    for name, times in Counter(claim.name for claim in every).items():
        if times > 1:
            raise ValueError(
                _("{times} claims have the name {name!r}: give each its own.").format(times=times, name=name)
            )
    counts = Counter(claim.verdict for claim in every)
    parts = [
        "# Claims",
        "Every claim that a lesson tests, with its numbers, what their intervals cover, and the verdict that follows "
        "from them. Made by `python -m course build` from the executed notebooks.",
        "\n".join(
            ["| Verdict | Claims |", "| :--- | ---: |"]
            + [f"| {SYMBOLS[verdict]} {verdict.value} | {counts[verdict]} |" for verdict in Verdict]
            + [f"| all | {len(every)} |"]
        ),
    ]
    for lesson, of_lesson in claims.items():
        if of_lesson:
            parts.append(f"## {lesson.number:02d} [{lesson.title}](../notebooks/{lesson.name}.ipynb)")
            parts += map(_entry, of_lesson)
    return "\n\n".join(parts) + "\n"


def _entry(claim: Claim) -> str:
    """One claim as Markdown: its verdict, its sentence, whose it is, its findings."""
    lines = [
        f"**{SYMBOLS[claim.verdict]} {claim.verdict.value}** · {_text(claim.sentence)} "
        f"(`{claim.name}`, said by {_text(claim.said_by)})",
        "",
    ]
    for finding in claim.findings:
        lines.append(
            f"- {SYMBOLS[finding.outcome]} {finding.outcome.value}: {_text(repr(finding))}; "
            f"claimed: {_text(finding.claimed)}"
        )
    return "\n".join(lines)


def _text(text: str) -> str:
    """Text that Markdown shows as it is."""
    return "".join(f"\\{sign}" if sign in "\\`*_<>|$[]" else sign for sign in text)


def update() -> bool:
    """Rewrite `docs/claims.md` where it has changed. Returns whether it did."""
    new = page()
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == new:
        return False
    with written_whole(PAGE) as fresh:
        fresh.write_text(new, encoding="utf-8", newline="\n")
    return True
