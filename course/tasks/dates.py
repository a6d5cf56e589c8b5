"""The task on dates, English to Korean; the data are `data/dates.py`, the training is `experiments/dates.py`.

It goes character by character: the order of the parts changes, and some have no character in common.
"""

from collections.abc import Iterable

from course.data.dates import DatePair, date_splits
from course.tasks.task import Example, Task
from course.tasks.vocabulary import Vocabulary


def date_task(train: int = 10_000, seed: int = 0) -> Task:
    """Characters to characters. The tests are "new dates", unseen days, and "new combinations", unseen ways to write.

    `train` is the number of training dates. Raises `ValueError` for more than there are: see `course.data.dates`.
    """
    splits = date_splits(train=train, seed=seed)
    parts = {name: _examples(pairs) for name, pairs in splits._asdict().items()}
    source = Vocabulary(symbol for example in parts["train"] for symbol in _source(example))
    target = Vocabulary(symbol for example in parts["train"] for symbol in _target(example))
    longest = max(len(_target(example)) for example in parts["train"])
    tests = {"new dates": parts["new_dates"], "new combinations": parts["new_combinations"]}
    return Task("dates", source, target, parts["train"], parts["validation"], tests, longest, near="numbers")


def _source(example: Example) -> tuple[str, ...]:
    return example.source


def _target(example: Example) -> tuple[str, ...]:
    return example.targets[0]


def _examples(pairs: Iterable[DatePair]) -> list[Example]:
    return [Example(tuple(pair.english), (tuple(pair.korean),)) for pair in pairs]
