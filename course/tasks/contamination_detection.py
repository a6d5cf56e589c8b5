"""How many leaked test items are found, by how they were leaked, and how many clean ones are suspected."""

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool

from course.data.ngrams import ngram_overlap
from course.data.overlap import Sets, refused
from course.intervals import Interval, share
from course.messages import _

CHANGED_EVERY = 6  # words
SIZES = (5, 8, 13)  # of the n-grams
Detector = Callable[[Sequence[str], Sequence[str]], Bool[np.ndarray, "text"]]


def retyped(text: str) -> str:
    """The words without capitals and signs."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def reworded(text: str) -> str:
    """Every `CHANGED_EVERY`-th word replaced by another one."""
    words = text.split()
    words[CHANGED_EVERY - 1 :: CHANGED_EVERY] = ["something"] * len(words[CHANGED_EVERY - 1 :: CHANGED_EVERY])
    return " ".join(words)


def shortened(text: str) -> str:
    """The first half of the words."""
    words = text.split()
    return " ".join(words[: (len(words) + 1) // 2])


LEAKS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        _("as it is"): str,
        _("inside a longer text"): lambda text: f"A critic wrote about this: {text} Read more below.",
        _("without capitals and signs"): retyped,
        _("every sixth word changed"): reworded,
        _("its first half"): shortened,
    }
)


def is_refused(training: Sequence[str], texts: Sequence[str]) -> Bool[np.ndarray, "text"]:
    """Whether no set of the course may have this text in its test: it is a training text, or a part of one."""
    return np.array(refused(training, texts), dtype=bool)


def near_copy(training: Sequence[str], texts: Sequence[str]) -> Bool[np.ndarray, "text"]:
    """Whether a text has the letters of a training text, or a training text is a part of it."""
    return np.array(Sets(list(training), (list(texts),), str, "sentences").near_copies[0].mask, dtype=bool)


def shared_run(n: int) -> Detector:
    """Whether a text shares a run of `n` words with a training text; of a text with fewer words, nothing is known."""
    return lambda training, texts: np.nan_to_num(ngram_overlap(training, texts, n)) > 0


DETECTORS: Mapping[str, Detector] = MappingProxyType(
    {
        _("equal, or inside"): is_refused,
        _("near copy"): near_copy,
        **{_("a run of {n} words").format(n=n): shared_run(n) for n in SIZES},
    }
)


class Detected(NamedTuple):
    """A way to leak and a detector: the share of leaked items that it finds, and of clean ones that it suspects."""

    leak: str
    detector: str
    found: Interval
    false_alarms: Interval


def detected(training: Sequence[str], leaked: Sequence[str], clean: Sequence[str]) -> list[Detected]:
    """Put the `leaked` texts among the training texts in each way, and see which detector finds them.

    `clean` are other test texts, which are in no training text. Raises `ValueError` for no leaked or no clean texts.
    """
    if not leaked or not clean:
        raise ValueError(
            _("There are {leaked} leaked and {clean} clean texts; rates need one or more of each.").format(
                leaked=len(leaked), clean=len(clean)
            )
        )
    rows = []
    for leak, change in LEAKS.items():
        everything = [*training, *map(change, leaked)]
        for name, detector in DETECTORS.items():
            mask = detector(everything, [*leaked, *clean])
            of_leaked, of_clean = mask[: len(leaked)], mask[len(leaked) :]
            rows.append(
                Detected(
                    leak,
                    name,
                    share(int(of_leaked.sum()), len(leaked), of=_("leaked texts")),
                    share(int(of_clean.sum()), len(clean), of=_("clean texts")),
                )
            )
    return rows
