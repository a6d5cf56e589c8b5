"""How results, hints and solutions look: plain text in a terminal, a small card in JupyterLab."""

import enum
import html
import inspect
import re
from dataclasses import dataclass
from typing import Any

from course.exercises import progress
from course.exercises.answers import Answer
from course.exercises.compare import first_difference, shape
from course.exercises.exercise import Exercise
from course.exercises.registry import find
from course.exercises.showing import show
from course.messages import _

MARKED = re.compile(r"`([^`]+)`|\*\*((?:`[^`]+`|[^*`])+)\*\*")  # code, or bold with code in it
DIGITS = 6  # of a number, where that is enough to tell two apart
_asked: set[str] = set()  # the solutions asked for in this session before an attempt


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
    """An input that shows what is wrong, with the learner's answer, if there is one, beside the right one."""

    exercise: Exercise
    arguments: tuple[Any, ...]
    answered: Answer | None = None
    expected: object = None
    printed: str = ""

    @property
    def answer(self) -> Any:
        """The learner's answer in built-in types."""
        return self.answered and self.answered.value

    @property
    def call(self) -> str:
        """The call as code: one line for each argument where there are several."""
        name, shown = self.exercise.function_name, [show(argument, digits=DIGITS) for argument in self.arguments]
        if len(shown) == 1:
            return f"{name}({shown[0]})"
        names = inspect.signature(self.exercise.solution).parameters
        lines = [f"    {parameter}={text}," for parameter, text in zip(names, shown, strict=True)]
        return "\n".join([f"{name}(", *lines, ")"])

    @property
    def lines(self) -> list[tuple[str, str]]:
        """The label and the code of each line."""
        lines = [(_("Input"), self.call)]
        if self.answered:
            lines += [(_("Yours"), self._shown(self.answer)), (_("Right"), self._shown(self.expected))]
            found, wanted = shape(self.answer), shape(self.expected)
            if found is not None and wanted is not None and found != wanted:
                lines.append(
                    (_("Shape"), _("{found}, wanted {wanted}").format(found=_size(found), wanted=_size(wanted)))
                )
        if self.printed:
            lines.append((_("Printed"), self.printed))
        return lines

    def _shown(self, value: object) -> str:
        """A side of the comparison, with so many digits that one sees the difference."""
        path = first_difference(self.expected, self.answer)
        alike = show(self.answer, path, digits=DIGITS) == show(self.expected, path, digits=DIGITS)
        return show(value, path, digits=17 if alike else DIGITS)


@dataclass(frozen=True, repr=False)
class Result:
    """The result of a check. In JupyterLab it is a card with the hints folded below it.

    `source` says where a failed check's message comes from: "mistake", "corner" and "relation" name what is behind the
    wrong answers; "precision", "shape", "type", "error", "time" and "call" what is wrong about them; "" neither.
    """

    exercise: Exercise
    verdict: Verdict
    message: str
    example: Example | None = None
    source: str = ""

    @property
    def passed(self) -> bool:
        return self.verdict is Verdict.PASSED

    @property
    def help(self) -> str:
        """The calls that show what the card does not."""
        name = self.exercise.name
        return f'solution("{name}")' if self.passed else f'hint("{name}"), hint("{name}", 2), solution("{name}")'

    def __repr__(self) -> str:
        lines = [f"{self.verdict.value} {self.exercise.title}: {_WORDS[self.verdict]}", self.message]
        if self.example:
            lines += [f"  {label}: {_indented(code)}" for label, code in self.example.lines]
        lines.append(f"{self._help_label}: {self.help}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        verdict = f"<strong>{self.verdict.value} {html.escape(_WORDS[self.verdict])}</strong>"
        parts = [f"<div>{verdict} · {html.escape(self.exercise.title)}</div>", f"<p>{marked_up(self.message)}</p>"]
        if self.example:
            parts += [f"<div>{html.escape(label)}: {_code(code)}</div>" for label, code in self.example.lines]
        if not self.passed:
            parts += [_folded(hint(self.exercise.name, number)) for number in (1, 2)]
        parts.append(f"<div>{html.escape(self._help_label)}: {_code(self.help)}</div>")
        return _card("".join(parts), _COLORS[self.verdict])

    @property
    def _help_label(self) -> str:
        return _("Our solution") if self.passed else _("Help")


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
    """The solution of an exercise and why it is right, after an attempt or when asked twice; before, a word on that.

    Raises `ValueError` for an unknown name.
    """
    exercise = find(name)
    if not progress.tried(exercise.name) and exercise.name not in _asked:
        _asked.add(exercise.name)
        call = f'solution("{exercise.name}")'
        return Help(
            _("Solution"),
            _(
                "Try the exercise first: a wrong attempt shows more than a right solution. "
                "To see it now, run {call} again."
            ).format(call=f"`{call}`"),
        )
    return Help(_("Solution"), exercise.explanation, exercise.solution_source)


def marked_up(text: str) -> str:
    """A message as HTML: `code` and **bold** are marked up, everything else is escaped. `a**2 + b**2` stays code."""
    return MARKED.sub(_with_tags, html.escape(text))


def without_marks(text: str) -> str:
    """A message as plain text: without the signs that mark `code` and **bold**."""
    return MARKED.sub(lambda found: found[1] or found[2].replace("`", ""), text)


def _with_tags(found: re.Match[str]) -> str:
    code, bold = found.groups()
    if code:
        return f"<code>{code}</code>"
    return "<strong>" + re.sub(r"`([^`]+)`", r"<code>\1</code>", bold) + "</strong>"


def _size(found: tuple[int, ...]) -> str:
    return str(found) if found else _("one number")


def _indented(code: str) -> str:
    """Code of several lines below its label."""
    return code.replace("\n", "\n  ")


def _code(code: str) -> str:
    return f'<code style="white-space: pre-wrap">{html.escape(code)}</code>'


def _folded(part: Help) -> str:
    return f"<details><summary>{html.escape(part.heading)}</summary>{part.body}</details>"


def _card(content: str, color: str) -> str:
    """A card with a colored edge; text and background follow JupyterLab's theme, light or dark."""
    return f'<div style="border-left: 4px solid {color}; padding-left: 12px">{content}</div>'
