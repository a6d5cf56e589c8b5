"""Do probabilities mean what they say? Of all items with a probability of 0.8, eight of ten should come true.

Two questions can be asked. Of the predicted class: `came_true` is whether the prediction was right, `probabilities` are
those of the predicted classes (its confidence; Guo et al. 2017). Of one class: whether the item is of that class, and
the probability of that class (scikit-learn's `calibration_curve`).
"""

from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from course.evaluation.ranking import require_scores
from course.layers.sizes import require_whole
from course.messages import _

Bins = Literal["width", "mass"]


class Reliability(NamedTuple):
    """Items in bins by their probability: the mean probability of each bin, and the share that came true.

    Both are NaN in a bin without items. `edges` has one more number than there are bins.
    """

    probability: Float[np.ndarray, "bin"]
    came_true: Float[np.ndarray, "bin"]
    counts: Int[np.ndarray, "bin"]
    edges: Float[np.ndarray, "bin_and_1"]


def reliability(
    came_true: Bool[np.ndarray, "item"],
    probabilities: Float[np.ndarray, "item"],
    *,
    n_bins: int = 10,
    bins: Bins = "width",
) -> Reliability:
    """Compare probabilities with what came true, in `n_bins` bins of equal "width", or of equal "mass".

    Bins of equal mass end at quantiles, so that each has about as many items as the others; equal probabilities stay
    together, which can leave a bin empty. A probability at an edge belongs to the bin below it. Raises `ValueError` for
    a probability outside 0 to 1, for fewer than one bin, for another kind of bins, and as `require_scores` does.

    Source: DeGroot and Fienberg 1983; Guo et al. 2017, "On Calibration of Modern Neural Networks", section 2.
    """
    require_scores(came_true, probabilities)
    if probabilities.min() < 0 or probabilities.max() > 1:
        outside = probabilities[(probabilities < 0) | (probabilities > 1)][0]
        raise ValueError(
            _("One of the probabilities is {value}; it must be from 0 to 1. Take the softmax of logits first.").format(
                value=outside
            )
        )
    require_whole(n_bins, "n_bins")
    if bins not in ("width", "mass"):
        raise ValueError(_("bins is {value!r}; give 'width' or 'mass'.").format(value=bins))
    edges = np.linspace(0.0, 1.0, n_bins + 1)
    if bins == "mass":
        edges = np.percentile(probabilities, 100 * edges)
    place = place_of(probabilities, edges)
    counts = np.bincount(place, minlength=n_bins)
    with np.errstate(invalid="ignore"):  # 0 / 0 is NaN, which says that nothing is there
        mean = np.bincount(place, weights=probabilities, minlength=n_bins) / counts
        share = np.bincount(place, weights=came_true, minlength=n_bins) / counts
    return Reliability(mean, share, counts, edges)


def place_of(probabilities: Float[np.ndarray, "item"], edges: Float[np.ndarray, "edge"]) -> Int[np.ndarray, "item"]:
    """The bin of each probability. The edges are rounded to its type: in float32, too, 0.3 is at the edge 0.3."""
    is_float = np.issubdtype(probabilities.dtype, np.floating)
    return np.searchsorted(edges[1:-1].astype(probabilities.dtype) if is_float else edges[1:-1], probabilities)


def expected_calibration_error(
    came_true: Bool[np.ndarray, "item"],
    probabilities: Float[np.ndarray, "item"],
    *,
    n_bins: int = 10,
    bins: Bins = "width",
) -> float:
    """The mean distance between probability and share over the bins, each counting as its items. 0 is best.

    It depends on the bins: give their number and kind with it. Raises `ValueError` as `reliability` does.

    Source: Guo et al. 2017, section 2; bins of equal mass: Nixon et al. 2019, "Measuring Calibration in Deep
    Learning".
    """
    found = reliability(came_true, probabilities, n_bins=n_bins, bins=bins)
    gaps = np.abs(found.came_true - found.probability)
    return float(np.nansum(gaps * found.counts) / found.counts.sum())
