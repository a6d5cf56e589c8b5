"""The phoneme error rate against the length of the word: the figure that lessons 03, 04 and 06 come back to."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from course.messages import _
from course.viz.figures.curves import curves
from course.viz.kit.layout import Numbers


def error_by_length(
    letters: Numbers, rates: Mapping[str, Numbers], *, title: str, ylim: tuple[float, float] | None = None
) -> Figure:
    """`curves` of error rates. letters: (n,), the length in the middle of each group. rates: name → (seeds, n)."""
    return curves(
        letters,
        rates,
        title=title,
        xlabel=_("letters in the word"),
        ylabel=_("phoneme error rate"),
        ylim=ylim,
        percent=True,
    )
