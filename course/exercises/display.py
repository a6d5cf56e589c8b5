"""How results, hints and solutions look: plain text in a terminal, a small card in JupyterLab."""

import enum
import html
import re
from dataclasses import dataclass
from typing import Any

from course.exercises.exercise import Exercise
from course.exercises.registry import find
from course.messages import _

SHOWN_CHARACTERS = 400  # of one value
_ABSENT = object()


class Verdict(enum.Enum):
    """The three results of a check; the value is the symbol in front of the words."""

    PASSED = "✓"
    FAILED = "✗"
    NOT_ATTEMPTED = "○"


_WORDS = {
    Verdict.PASSED: _("passed"),
    Verdict.FAILED: _("not right yet"),
    Verdict.NOT_ATTEMPTED: _("not attempted"),
}
# The card's edge: green and vermilion of Okabe and Ito's palette, visible on white and black. The text says the same.
_COLORS = {Verdict.PASSED: "#009E73", Verdict.FAILED: "#D55E00", Verdict.NOT_ATTEMPTED: "#888888"}


@dataclass(frozen=True)
class Example:
    """An input that shows what is wrong, with the learner's answer and the right one if there are answers."""

    function_name: str
    arguments: tuple[Any, ...]
    answer: object = _ABSENT
    expected: object = _ABSENT

    @property
    def lines(self) -> list[tuple[str, str]]:
        """The label and the code of each line."""
        call = f"{self.function_name}({', '.join(map(show, self.arguments))})"
        lines = [(_("Input"), call)]
        if self.answer is not _ABSENT:
            lines += [(_("Yours"), show(self.answer)), (_("Right"), show(self.expected))]
        return lines


@dataclass(frozen=True, repr=False)
class Result:
    """The result of a check. In JupyterLab it is a card with the hints and the solution folded below it."""

    exercise: Exercise
    verdict: Verdict
    message: str
    example: Example | None = None

    @property
    def passed(self) -> bool:
        return self.verdict is Verdict.PASSED

    def __repr__(self) -> str:
        lines = [f"{self.verdict.value} {self.exercise.title}: {_WORDS[self.verdict]}", self.message]
        if self.example:
            lines += [f"  {label}: {code}" for label, code in self.example.lines]
        if not self.passed:
            name = self.exercise.name
            lines.append(_("Help: {calls}").format(calls=f'hint("{name}"), hint("{name}", 2), solution("{name}")'))
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        verdict = f"<strong>{self.verdict.value} {html.escape(_WORDS[self.verdict])}</strong>"
        parts = [f"<div>{verdict} · {html.escape(self.exercise.title)}</div>", f"<p>{marked_up(self.message)}</p>"]
        if self.example:
            parts += [f"<div>{html.escape(label)}: {_code(code)}</div>" for label, code in self.example.lines]
        if not self.passed:
            parts += [_folded(hint(self.exercise.name, number)) for number in (1, 2)]
        parts.append(_folded(solution(self.exercise.name)))
        return _card("".join(parts), _COLORS[self.verdict])


@dataclass(frozen=True, repr=False)
class Help:
    """A hint or a solution: a heading, prose, and optional code."""

    heading: str
    prose: str
    code: str = ""

    @property
    def body(self) -> str:
        return f"<p>{marked_up(self.prose)}</p>" + (f"<pre>{html.escape(self.code)}</pre>" if self.code else "")

    def __repr__(self) -> str:
        return f"{self.heading}: {self.prose}" + (f"\n\n{self.code}" if self.code else "")

    def _repr_html_(self) -> str:
        return _card(f"<strong>{html.escape(self.heading)}</strong>{self.body}", _COLORS[Verdict.NOT_ATTEMPTED])


def hint(name: str, number: int = 1) -> Help:
    """The first or second hint of an exercise. Raises `ValueError` for an unknown name or number."""
    hints = find(name).hints
    if number not in range(1, len(hints) + 1):
        raise ValueError(
            _("There is no hint {number} for {name!r}; it has hints 1 to {count}.").format(
                number=number, name=name, count=len(hints)
            )
        )
    return Help(_("Hint {number}").format(number=number), hints[number - 1])


def solution(name: str) -> Help:
    """The solution of an exercise and why it is right. Raises `ValueError` for an unknown name."""
    exercise = find(name)
    return Help(_("Solution"), exercise.explanation, exercise.solution_source)


def show(value: object) -> str:
    """A value as code, the same on every run (a set is sorted), truncated to `SHOWN_CHARACTERS`."""
    text = "{" + ", ".join(sorted(map(repr, value))) + "}" if isinstance(value, set) and value else repr(value)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]} …"


def marked_up(text: str) -> str:
    """A message as HTML: `code` and **bold** are marked up, everything else is escaped."""
    escaped = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
    return re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", escaped)


def _code(code: str) -> str:
    return f'<code style="white-space: pre-wrap">{html.escape(code)}</code>'


def _folded(part: Help) -> str:
    return f"<details><summary>{html.escape(part.heading)}</summary>{part.body}</details>"


def _card(content: str, color: str) -> str:
    """A card with a colored edge; text and background follow JupyterLab's theme, light or dark."""
    return f'<div style="border-left: 4px solid {color}; padding-left: 12px">{content}</div>'
