"""A right answer as it is typed: what it means for a task, and what the task's measure makes of an answer to it."""

import re
import warnings
from typing import Any, NamedTuple

from course.evaluation import named_spans
from course.evaluation.classification import UndefinedScoreWarning
from course.messages import _
from course.tasks.labelled import CLASSES
from course.tasks.language_tasks import MEASURES, Answer, Mark, Text, marks, words_of
from course.tasks.language_tasks.names import ENTRY, labels_of_entries
from course.tasks.language_tasks.names import TYPES as TYPED

TYPES = {"PER": _("person"), "LOC": _("place"), "ORG": _("organization"), "MISC": _("other")}
SHORT = {short.casefold(): word for short, word in TYPES.items()}  # PER is typed as well as person
NO_NAMES = ("none", "no names")


class Judgement(NamedTuple):
    """The measure of one answer by its name, from 0 to 1 or, of BLEU, from 0 to 100, and the pieces it counted."""

    measure: str
    score: float
    marks: list[Mark]


def judged(task: str, answer: Answer, typed: str, source: Text) -> Judgement:
    """The answer against the right one that was typed. Raises `ValueError` for one that the task cannot have."""
    right, words = as_right(task, typed, source), words_of(source) if task == "names" else []
    measure, of = next(iter(MEASURES[task].items()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndefinedScoreWarning)
        score = of([right], [answer.value])
    found = marks(task, answer.value, right, words)
    return Judgement(measure, score, [_readable(one) for one in found] if task == "names" else found)


def as_right(task: str, typed: str, source: Text) -> Any:
    """The right answer as the task's measure reads it. Raises `ValueError` as `judged` does."""
    text = typed.strip()
    if task == "classification" and text.casefold() not in CLASSES:
        raise ValueError(
            _("The right label is {typed!r}; the labels here are {known}.").format(typed=text, known=", ".join(CLASSES))
        )
    if task == "classification":
        return text.casefold()
    if task == "translation":
        return [text]
    if task != "names":
        return text
    if text.casefold().rstrip(".") in NO_NAMES:
        return labels_of_entries("", source)
    return labels_of_entries("\n".join(_entry(one.strip(), source) for one in re.split(r"[;\n]", text)), source)


def _entry(typed: str, source: Text) -> str:
    """A name with its type in a word; nothing of nothing. Raises `ValueError` for what is not wholly read."""
    if not typed:
        return ""
    found = ENTRY.match(typed)
    kind = found["type"].casefold() if found else ""
    read = f"{found['name']}: {SHORT.get(kind, kind)}" if found else ""
    is_whole = found is not None and not typed[found.end() :].strip(" .)")
    if not is_whole or not ({kind} & (TYPED.keys() | SHORT.keys())) or not named_spans(labels_of_entries(read, source)):
        raise ValueError(
            _(
                "The right name {typed!r} is not read: write names of the text as Apple: organization; Paris: place, "
                "with one of the types {types}."
            ).format(typed=typed[:60], types=", ".join(TYPES.values()))
        )
    return read


def _readable(mark: Mark) -> Mark:
    """A name with its type in a word, as it is typed."""
    name, _space, kind = mark.text.rpartition(" ")
    return mark._replace(text=f"{name} ({TYPES.get(kind.strip('()'), kind.strip('()'))})")
