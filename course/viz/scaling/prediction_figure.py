"""What the law foretold and what was measured: the runs that it was fitted to, and one outside the sweep."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course.layers.sizes import require_positive
from course.messages import _
from course.scaling import Law, runs_of
from course.viz.kit.alt_text import at_most
from course.viz.kit.large_numbers import power_of_ten
from course.viz.kit.layout import new_figure, wrapped_within
from course.viz.kit.style import BLUE, INK, ORANGE, QUIET, SKY, drawable, in_course_style, mixed
from course.viz.kit.text import number
from course.viz.scaling.frontier_drawing import raised
from course.viz.scaling.own_laws import Record, loss_of, runs_among

WIDTH, HEIGHT = 8.0, 4.2  # inches


@in_course_style
def prediction_figure(
    prediction: Mapping[str, Any], records: Sequence[Record], *targets: Record, title: str | None = None
) -> Figure:
    """Measured against predicted, and how far they are apart by what the run cost, with the interval of the target.

    `prediction` is the record of the experiment's `predict`, `records` those that it was made of, and `targets` those
    of the run that it foretold, one for each seed. Raises `ValueError` for no target, for one whose loss is not above
    0, and for records without a run.
    """
    if not targets:
        raise ValueError(_("There is no target: give the record of the run that was foretold."))
    counting, foretold = prediction["counting"], prediction["prediction"]
    law, runs = Law(**foretold["law"], counting=counting), runs_of(runs_among(records), counting)
    flops = np.array([one["flops"] for one in runs_among(records)], dtype=float)
    predicted = law.loss(runs.parameters, runs.tokens)
    measured = [loss_of(one) for one in targets]
    for loss in measured:
        require_positive(loss, _("the target's loss"))
    figure = new_figure(WIDTH, HEIGHT)
    left = figure.add_axes((0.085, 0.15, 0.34, 0.66))
    right = figure.add_axes((0.56, 0.15, 0.42, 0.66))
    _draw_losses(left, predicted, runs.losses, foretold, measured)
    _draw_misses(right, flops, runs.losses / predicted - 1, foretold, prediction["target"]["flops"], measured)
    low, high = foretold["of_run"]
    inside = sum(low <= loss <= high for loss in measured)
    shown = title or _title(foretold, measured, inside)
    [heading] = wrapped_within(figure, " ".join(drawable(shown).split()), 13.0, WIDTH - 0.7, 1, "bold")
    left.set_title(heading, pad=24)
    missed = 100 * (runs.losses / predicted - 1)
    words = _(
        "{title}. Left: measured loss of {n} runs of the sweep by the predicted one, near the line of equal loss. "
        "Right: they are from {least} % to {most} % off the law; the target, of {flops} FLOPs beside at most {largest} "
        "of the sweep, is {target} % off."
    ).format(
        title=shown.rstrip("."),
        n=len(missed),
        least=number(missed.min(), 1),
        most=number(missed.max(), 1),
        flops=power_of_ten(prediction["target"]["flops"]),
        largest=power_of_ten(flops.max()),
        target=", ".join(number(100 * (loss / foretold["loss"] - 1), 1) for loss in measured),
    )
    figure.set_label(at_most(words))
    return figure


def _title(foretold: Mapping[str, Any], measured: Sequence[int | float], inside: int) -> str:
    low, high = foretold["of_run"]
    if len(measured) > 1:
        words = _("Predicted {predicted} [{low}, {high}], measured {measured}: {inside} of {n} inside")
    elif inside:
        words = _("Predicted {predicted} [{low}, {high}], measured {measured}: inside")
    else:
        words = _("Predicted {predicted} [{low}, {high}], measured {measured}: outside")
    return words.format(
        predicted=f"{foretold['loss']:.2f}",
        low=f"{low:.2f}",
        high=f"{high:.2f}",
        measured=", ".join(f"{loss:.2f}" for loss in measured),
        inside=inside,
        n=len(measured),
    )


def _draw_losses(
    axes: Axes, predicted: np.ndarray, losses: np.ndarray, foretold: Mapping[str, Any], measured: Sequence[int | float]
) -> None:
    """Each run's measured loss by the predicted one; on the line they are equal."""
    low, high = foretold["of_run"]
    every = [*predicted, *losses, low, high, *measured]
    ends = (min(every) - 0.05, max(every) + 0.05)
    axes.plot(ends, ends, color=QUIET, linewidth=1, linestyle=(0, (4, 3)), label=_("measured as predicted"))
    axes.scatter(predicted, losses, s=22, color=BLUE, zorder=3)
    for loss in measured:
        axes.plot([low, high], [loss, loss], color=INK, linewidth=1.5, zorder=4, label="_")
        axes.scatter([foretold["loss"]], [loss], s=70, marker="D", color=ORANGE, edgecolors=INK, zorder=5)
    axes.set(xlim=ends, ylim=ends)
    axes.set_xlabel(_("predicted loss, nats per token"))
    axes.set_ylabel(_("measured loss, nats per token"))
    axes.grid()


def _draw_misses(
    axes: Axes,
    flops: np.ndarray,
    misses: np.ndarray,
    foretold: Mapping[str, Any],
    target_flops: int | float,
    measured: Sequence[int | float],
) -> None:
    """How far above the law each run's loss is, by what it cost; the tint is what the law was fitted to."""
    expected = foretold["loss"]
    low, high = (end / expected - 1 for end in foretold["of_run"])
    x, at = np.log10(flops), float(np.log10(target_flops))
    axes.axvspan(x.min() - 0.06, x.max() + 0.06, color=mixed(SKY, 0.25), linewidth=0, zorder=0)
    axes.axhline(0, color=QUIET, linewidth=1, linestyle=(0, (4, 3)))
    axes.scatter(x, 100 * misses, s=22, color=BLUE, zorder=3)
    axes.errorbar([at], [0], [[-100 * low], [100 * high]], fmt="none", ecolor=INK, elinewidth=1.5, capsize=4)
    for loss in measured:
        axes.scatter([at], [100 * (loss / expected - 1)], s=70, marker="D", color=ORANGE, edgecolors=INK, zorder=5)
    axes.set_xlim(x.min() - 0.15, max(at, x.max()) + 0.2)
    powers = range(int(np.ceil(x.min() - 0.15)), int(np.floor(at + 0.2)) + 1)
    axes.set_xticks(list(powers), [raised(power) for power in powers])
    least, most = axes.get_ylim()
    axes.set_yticks([tick for tick in axes.get_yticks() if least <= tick <= most])
    axes.set_xlabel(_("FLOPs of the training"))
    axes.set_ylabel(_("measured over predicted, %"))
    axes.grid(axis="y")
    axes.annotate(_("● the sweep, ◆ the target, │ its interval"), (0, 1.03), xycoords="axes fraction", fontsize=10.0)
