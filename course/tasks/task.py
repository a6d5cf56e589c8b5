"""A task of the sequence-to-sequence lessons: pairs of sequences of symbols, to train and evaluate models on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from jaxtyping import Int
from torch import Tensor

import course
from course.data.overlap import NearCopies, Sets, Text, disjoint
from course.tasks.vocabulary import Vocabulary
from course.training import pad_rows

Symbols = tuple[str, ...]


class Example(NamedTuple):
    """A source, and its right outputs: one or more, the first the usual one."""

    source: Symbols
    targets: tuple[Symbols, ...]


class Batch(NamedTuple):
    """Sources, what the decoder reads after the start symbol, and what it should output up to the end symbol.

    Short rows are padded at their end.
    """

    source: Int[Tensor, "batch source"]
    read: Int[Tensor, "batch position"]
    write: Int[Tensor, "batch position"]


def source_text(example: Example) -> str:
    """An example's source as one text."""
    return "".join(example.source)


@dataclass(frozen=True)
class Task:
    """A training set, a validation set and one or more test sets, without a text in common.

    `max_length` is the largest number of symbols that an output may have. `text` gives the text, or texts, of an
    example that must be in no other set, and `near` what counts as a near copy, "words", "sentences" or "numbers":
    see `course.data.overlap.disjoint`, which raises `ValueError` when two sets have a text in common.
    """

    name: str
    source: Vocabulary
    target: Vocabulary
    train: Sequence[Example]
    validation: Sequence[Example]
    tests: Mapping[str, Sequence[Example]]
    max_length: int
    text: Callable[[Example], Text] = field(default=source_text, compare=False)
    near: str = "sentences"
    _sets: Sets[Example] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        names = ("training", "validation", *self.tests)
        sets = disjoint(self.train, self.validation, *self.tests.values(), text=self.text, near=self.near, names=names)
        object.__setattr__(self, "_sets", sets)

    @cached_property
    def near_copies(self) -> Mapping[str, NearCopies]:
        """For each test, which of its examples are nearly training texts: not refused, to be reported."""
        return dict(zip(self.tests, self._sets.near_copies[1:], strict=True))

    def pairs(self) -> list[tuple[Symbols, Symbols]]:
        """What training reads: every source with each of its right outputs."""
        return [(example.source, target) for example in self.train for target in example.targets]

    def symbols_from(self, text: str) -> Symbols:
        """The symbols of a text that a learner typed: stripped, and in lower case where a capital is not known."""
        known = set(self.source.symbols)
        return tuple(symbol if symbol in known else symbol.lower() for symbol in text.strip())

    def sources(self, sources: Sequence[Sequence[str]]) -> Int[Tensor, "batch source"]:
        """Sources as a model reads them, on the course's device; a string is a text that a learner typed.

        Raises `ValueError` for a symbol that is not known.
        """
        symbols = [self.symbols_from(source) if isinstance(source, str) else source for source in sources]
        return pad_rows([self.source.encode(source) for source in symbols], Vocabulary.pad_id).to(course.device())

    def batch(self, pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> Batch:
        """Pairs of source and target as a model reads and should output them, on the course's device."""
        targets = [self.target.encode(target) for _source, target in pairs]
        read = pad_rows([[Vocabulary.bos_id, *target] for target in targets], Vocabulary.pad_id)
        write = pad_rows([[*target, Vocabulary.eos_id] for target in targets], Vocabulary.pad_id)
        sources = self.sources([source for source, _target in pairs])
        return Batch(sources, read.to(course.device()), write.to(course.device()))
