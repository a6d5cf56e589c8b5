"""The phoneme error rate against the length of the word: the figure that lessons 03, 04 and 06 come back to."""

from collections.abc import Mapping

import numpy as np

from course.messages import _
from course.viz.figures.hover_curves import hover_curves
from course.viz.kit.interactive import Interactive
from course.viz.kit.layout import Numbers


def error_by_length(
    letters: Numbers,
    rates: Mapping[str, Numbers],
    *,
    title: str,
    ylim: tuple[float, float] | None = None,
    words: Numbers | None = None,
) -> Interactive:
    """`hover_curves` of error rates, on an axis from 0.

    letters: (n,), the length in the middle of each group. rates: name → (seeds, n). words: (n,), how many words are
    behind a point, which the pointer then says: the longest are few.
    """
    return hover_curves(
        letters,
        rates,
        title=title,
        xlabel=_("letters in the word"),
        ylabel=_("phoneme error rate"),
        ylim=ylim or (0.0, 1.06 * max(np.nanmax(np.asarray(values, dtype=float)) for values in rates.values())),
        percent=True,
        counts=None if words is None else {_("words"): words},
    )
