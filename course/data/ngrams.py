"""Which runs of words a text shares with training texts: what finds a test item that was read in another wording."""

import re
from collections.abc import Iterable, Sequence

import numpy as np
from jaxtyping import Float

from course.messages import _

WORD = re.compile(r"\w+")


def ngrams(text: str, n: int) -> list[tuple[str, ...]]:
    """The runs of `n` words of a text, in small letters and without signs; none where it has fewer words.

    Raises `ValueError` for an `n` below 1.
    """
    _require_size(n)
    words = WORD.findall(text.casefold())
    return [tuple(words[start : start + n]) for start in range(len(words) - n + 1)]


def ngram_overlap(training: Iterable[str], texts: Sequence[str], n: int) -> Float[np.ndarray, "text"]:
    """Of each text the share of its runs of `n` words that are in a training text; NaN where it has fewer words.

    A larger `n` raises fewer false alarms and cannot see short texts. Raises `ValueError` for an `n` below 1,
    `TypeError` for one text in the place of several.

    Source: Brown et al. 2020, "Language Models are Few-Shot Learners", appendix C, where `n` is from 8 to 13, and one
    shared run marks a test item.
    """
    _require_size(n)
    if isinstance(training, str) or isinstance(texts, str):
        raise TypeError(_("This is one text, and a list of texts is due: put it into a list."))
    known = {run for text in training for run in ngrams(text, n)}
    found = np.full(len(texts), np.nan)
    for number, text in enumerate(texts):
        runs = ngrams(text, n)
        if runs:
            found[number] = sum(run in known for run in runs) / len(runs)
    return found


def _require_size(n: int) -> None:
    if isinstance(n, bool) or not hasattr(n, "__index__") or n < 1:
        raise ValueError(_("n is {n!r}; give a number of words, 1 or more.").format(n=n))
