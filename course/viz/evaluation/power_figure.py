"""How many test items tell two models apart: a line for the paired comparison, and one for the unpaired."""

from collections.abc import Sequence

import numpy as np

from course.intervals import TwoModels, items_needed, power_of
from course.messages import _
from course.viz.figures.hover_curves import hover_curves
from course.viz.kit.interactive import Interactive

ITEMS = (50, 100, 150, 200, 300, 400, 500, 700, 1_000, 1_500, 2_000, 3_000, 4_000, 5_000)


def power_figure(
    accuracy: float = 0.8,
    difference: float = 0.02,
    discordance: float = 0.1,
    *,
    n_items: Sequence[int] = ITEMS,
    title: str | None = None,
) -> Interactive:
    """The power of finding that a model of this accuracy is better by `difference`, by the number of test items.

    Paired, both models answer the same items, and `discordance` is the share that one of them alone gets right;
    unpaired, each has its own items. The title says how many items give a power of 80 %. Raises `ValueError` as
    `TwoModels` and `items_needed` do.
    """
    models = TwoModels(accuracy, difference, discordance)
    paired, unpaired = (items_needed(models, paired=is_paired) for is_paired in (True, False))
    title = title or _("{points} points take {paired} items paired, {unpaired} each unpaired").format(
        points=f"{100 * abs(difference):.3g}", paired=f"{paired:,}", unpaired=f"{unpaired:,}"
    )
    series = {
        name: np.array([power_of(models, n, paired=is_paired) for n in n_items])
        for name, is_paired in ((_("same items"), True), (_("other items for each"), False))
    }
    return hover_curves(
        np.array(n_items),
        series,
        title=title,
        xlabel=_("test items"),
        ylabel=_("probability of finding it"),
        ylim=(0.0, 1.0),
        percent=True,
    )
