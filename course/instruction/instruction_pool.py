"""The pool of Self-Instruct: instructions by people and by a model, which a new one must differ from to be added.

The pool grows, and each new instruction is compared with all that are in it. So the order matters: of two that are too
similar to one another, the first stays. Source: Wang et al. 2023, sections 2.1 and 2.2, and the authors' code.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from course.instruction.instruction_rules import RULES, Rule, in_one_line
from course.messages import _

LIMIT = 0.7  # of similarity, which may be reached
N_EXAMPLES, N_MACHINE = 8, 2  # instructions in a prompt, and how many of them a model has made
TOO_SIMILAR = "similarity"  # the name of the rule that reads the pool

Similarity = Callable[[str, str], float]


class Neighbor(NamedTuple):
    """An instruction of the pool, its place there, and how similar it is: 0 with nothing in common, 1 for the same."""

    instruction: str
    place: int
    score: float


class Verdict(NamedTuple):
    """Whether an instruction is kept, the name of the first rule that drops it, and the most similar one of the pool.

    `rule` is None for one that is kept; `nearest` is None, and `score` 0, where the pool is empty.
    """

    kept: bool
    rule: str | None
    nearest: Neighbor | None

    @property
    def score(self) -> float:
        return self.nearest.score if self.nearest else 0.0


class InstructionPool:
    """Instructions, those by people first; `similarity` of two gives a number from 0 to 1, ROUGE-L in the paper.

    Each is kept in one line. Raises `ValueError` for a seed that has no words or is there twice.
    """

    def __init__(self, seeds: Iterable[str], similarity: Similarity) -> None:
        self.similarity = similarity
        self._machine: list[str] = []
        self._known: set[str] = set()
        self._seeds = tuple(map(self._new, seeds))

    def _new(self, instruction: str) -> str:
        line = in_one_line(instruction)
        if not line:
            raise ValueError(_("The instruction {text!r} has no words: give it some.").format(text=instruction))
        if line in self._known:
            raise ValueError(_("The pool has {text!r} already: add each instruction once.").format(text=line))
        self._known.add(line)
        return line

    def __contains__(self, instruction: str) -> bool:
        """Whether it is in the pool, whatever its white space; a similar one is another."""
        return in_one_line(instruction) in self._known

    @property
    def seeds(self) -> tuple[str, ...]:
        return self._seeds

    @property
    def machine_made(self) -> tuple[str, ...]:
        return tuple(self._machine)

    @property
    def instructions(self) -> tuple[str, ...]:
        """All of them: the seeds, then what was added, in its order."""
        return (*self._seeds, *self._machine)

    def __len__(self) -> int:
        return len(self._seeds) + len(self._machine)

    def add(self, instruction: str) -> None:
        """Add one that a model has made. Raises `ValueError` for one without words, or that is there already."""
        self._machine.append(self._new(instruction))

    def nearest(self, instruction: str) -> Neighbor | None:
        """The most similar instruction of the whole pool, the first of equally similar ones; None of an empty pool."""
        line, best = in_one_line(instruction), None
        for place, other in enumerate(self.instructions):
            score = self.similarity(line, other)
            if best is None or score > best.score:
                best = Neighbor(other, place, score)
        return best

    def examples(self, rng: random.Random, n: int = N_EXAMPLES, n_machine: int = N_MACHINE) -> list[str]:
        """Instructions for a prompt in a drawn order: up to `n_machine` by the model, and seeds for the rest of `n`.

        Raises `ValueError` for numbers below 0, and for more seeds than there are.
        """
        if n < 0 or n_machine < 0:
            raise ValueError(
                _("n is {n} and n_machine {n_machine}: both must be 0 or more.").format(n=n, n_machine=n_machine)
            )
        drawn = rng.sample(self._machine, min(n, n_machine, len(self._machine)))
        if n - len(drawn) > len(self._seeds):
            raise ValueError(
                _("{n} seeds are wanted and the pool has {seeds}: take fewer, or write more.").format(
                    n=n - len(drawn), seeds=len(self._seeds)
                )
            )
        drawn += rng.sample(self._seeds, n - len(drawn))
        rng.shuffle(drawn)
        return drawn


@dataclass(frozen=True)
class Filters:
    """The rules in their order, and then the pool: an instruction whose nearest is above `limit` is too similar.

    One that is in the pool is too similar whatever the limit, and whatever the similarity says of it.

    Raises `ValueError` for a limit outside 0 to 1.
    """

    rules: Sequence[Rule] = RULES
    limit: float = LIMIT

    def __post_init__(self) -> None:
        if not 0 <= self.limit <= 1:
            raise ValueError(_("The limit is {limit}; a similarity is between 0 and 1.").format(limit=self.limit))

    def broken(self, instruction: str) -> list[str]:
        """The names of all rules that drop it, without the pool."""
        line = in_one_line(instruction)
        return [rule.name for rule in self.rules if rule.drops(line)]

    def check(self, instruction: str, pool: InstructionPool) -> Verdict:
        """Whether the instruction may be added to the pool, which stays as it is."""
        nearest = pool.nearest(instruction)
        broken = self.broken(instruction)
        if self.too_similar(instruction, pool, nearest):
            broken.append(TOO_SIMILAR)
        return Verdict(not broken, broken[0] if broken else None, nearest)

    def too_similar(self, instruction: str, pool: InstructionPool, nearest: Neighbor | None) -> bool:
        """Whether the pool drops it, the most similar one of which is `nearest`."""
        return instruction in pool or (nearest is not None and nearest.score > self.limit)
