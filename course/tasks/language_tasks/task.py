"""One interface for all tasks: texts go in, answers come out, and measures compare them with the right ones."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from course.evaluation import SummedMeasure
from course.messages import _

LEVELS = ("trivial", "simple", "model")
Value = str | tuple[str, ...]  # a label or a text; of named entities a label for each word


class Text(NamedTuple):
    """What a system reads. `words` is how a text was cut where that is given, for labels of words."""

    text: str
    question: str = ""
    words: tuple[str, ...] = ()


class Answer(NamedTuple):
    """What a system says, and how sure it is, from 0 to 1; None where it has no probability."""

    value: Value
    confidence: float | None = None


class Item(NamedTuple):
    """A text with its right answer, of which translations have several; items of one `group` share their source."""

    source: Text
    right: Any
    group: str


System = Callable[[Sequence[Text]], list[Answer]]


@dataclass(frozen=True)
class LanguageTask:
    """A task: test items, measures (the first is the one that is reported), and systems that answer any text.

    `systems` makes, for each of `LEVELS`, a system that has learned nothing from the groups that it is given. Each
    group of the items is in one of `folds`; a task whose systems learn from other data has a single fold. A language
    model is asked by a prompt from `wordings`, with {text} and {question} in it, and answers with at most `longest`
    tokens, of which `read` makes an answer; or it chooses one of `choices`, where there are some.
    """

    name: str
    title: str
    items: tuple[Item, ...]
    measures: Mapping[str, SummedMeasure]
    systems: Mapping[str, Callable[[frozenset[str]], System]]
    folds: tuple[frozenset[str], ...]
    wordings: tuple[str, ...]
    longest: int = 48
    choices: tuple[str, ...] = ()
    read: Callable[[str, Text], Value] = lambda answer, _text: answer

    def system(self, level: str, held_out: frozenset[str] = frozenset()) -> System:
        """The system of a level. Raises `ValueError` for a level that is not in `LEVELS`."""
        if level not in self.systems:
            raise ValueError(
                _("There is no level {level!r}. There are: {known}.").format(level=level, known=", ".join(self.systems))
            )
        return self.systems[level](held_out)

    def tested(self, level: str) -> list[Answer]:
        """The answers to all items, in their order, each by a system that has not learned from the item's group."""
        answers: dict[int, Answer] = {}
        for fold in self.folds:
            numbers = [number for number, item in enumerate(self.items) if item.group in fold]
            if numbers:
                found = self.system(level, fold)([self.items[number].source for number in numbers])
                answers.update(zip(numbers, found, strict=True))
        return [answers[number] for number in range(len(self.items))]


def one_fold(items: Sequence[Item]) -> tuple[frozenset[str], ...]:
    """All groups at once: for systems that learn from other data."""
    return (frozenset(item.group for item in items),)


def each(answer: Callable[[Text], Answer]) -> System:
    """A system that answers one text after the other."""
    return lambda texts: [answer(text) for text in texts]
