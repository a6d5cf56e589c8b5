"""What an instructed task consists of: examples of an input and its answer, drawn from a pool of texts."""

import random
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from course.data.splits import draw
from course.messages import _

Item = TypeVar("Item")
OPTIONS = "Options:"


class InstructedExample(NamedTuple):
    """An input, its right answer, all answers that it may have (none where the answer is free text), and the texts.

    `texts` are those that the input is made of: none of them may be in another set.
    """

    input: str
    answer: str
    choices: tuple[str, ...]
    texts: tuple[str, ...]


def drawn(
    pool: Sequence[Item], n: int, seed: int, make: Callable[[Item], InstructedExample]
) -> list[InstructedExample]:
    """Examples of so many items of the pool, or of all where it has fewer, in a drawn order."""
    examples = [make(item) for item in draw(pool, min(n, len(pool)), seed)]
    random.Random(seed).shuffle(examples)
    return examples


def balanced(
    pool: Sequence[Item],
    n: int,
    seed: int,
    label: Callable[[Item], str | None],
    make: Callable[[Item, str], InstructedExample],
) -> list[InstructedExample]:
    """As many examples of each label, `n` of all labels together or as many as the rarest allows, in a drawn order.

    An item without a label is left out. Raises `ValueError` for a pool with fewer than two labels.
    """
    by_label: dict[str, list[Item]] = {}
    for item in pool:
        if (of_item := label(item)) is not None:
            by_label.setdefault(of_item, []).append(item)
    if len(by_label) < 2:
        raise ValueError(
            _("The pool has the labels {labels}: balanced examples need two or more.").format(
                labels=", ".join(sorted(by_label)) or _("(none)")
            )
        )
    of_each = min(n // len(by_label), *map(len, by_label.values()))
    examples = [make(item, each) for each in sorted(by_label) for item in draw(by_label[each], of_each, seed)]
    random.Random(seed).shuffle(examples)
    return examples


def with_options(text: str, right: str, wrong: str, rng: random.Random) -> tuple[str, tuple[str, str]]:
    """The text with both options below it, in a drawn order, and the options in this order."""
    first, second = options = (right, wrong) if rng.random() < 0.5 else (wrong, right)
    return f"{text}\n{OPTIONS}\n- {first}\n- {second}", options


def others(pool: Sequence[Item], n: int, seed: int) -> list[Item]:
    """`n` items of the pool, with replacement: what is set against the right item of each example."""
    return random.Random(seed + 1).choices(pool, k=n)


def labelled(text: str, answer: str, choices: Sequence[str]) -> InstructedExample:
    """An example whose input is one text."""
    return InstructedExample(text, answer, tuple(choices), (text,))
