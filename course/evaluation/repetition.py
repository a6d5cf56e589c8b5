"""How much a text repeats itself."""

from collections.abc import Hashable, Sequence

from course.messages import _


def repeated_ngrams(tokens: Sequence[Hashable], n: int = 4) -> float:
    """The share of a text's n-grams that it has had before: 0 when all differ, close to 1 in a loop.

    `tokens` are words or ids; an n-gram is `n` in a row. Longer texts repeat more, so compare texts of one length.
    Raises `ValueError` for `n` below 1 and for a text with fewer than `n` tokens, which has no n-gram.

    Source: Welleck et al. 2020, "Neural Text Generation with Unlikelihood Training" (seq-rep-n).
    """
    if n < 1:
        raise ValueError(_("n is {n}; it must be 1 or more.").format(n=n))
    count = len(tokens) - n + 1
    if count < 1:
        raise ValueError(
            _("A text of {length} tokens has no {n} in a row: give a longer text, or a smaller n.").format(
                length=len(tokens), n=n
            )
        )
    return 1 - len({tuple(tokens[start : start + n]) for start in range(count)}) / count
