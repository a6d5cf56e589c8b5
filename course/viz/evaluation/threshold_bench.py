"""A threshold over a classifier's scores, with three measures of it, and whether the scores are calibrated."""

from typing import Any

import ipywidgets
import numpy as np
import traitlets
from matplotlib.figure import Figure

from course.evaluation import Reliability, expected_calibration_error, reliability
from course.messages import _
from course.tasks.leaderboard import column_of
from course.tasks.leaderboard_entries import Column
from course.viz.evaluation.scored_items import Measures, ScoredItems, curves_of, read_scores
from course.viz.evaluation.threshold_figure import curves_drawing, reliability_drawing, threshold_pictures
from course.viz.fine_tuning.scored_texts import Counts
from course.viz.fine_tuning.threshold_explorer import matrix_table
from course.viz.kit import html
from course.viz.kit.controls import STYLE, control_grid, float_slider, int_slider, side_by_side
from course.viz.kit.traits import Choice, Number, StateError, Text, Whole
from course.viz.kit.widget import LessonWidget, require_at_most, text_box

MAX_CHARACTERS = 100_000
THRESHOLDS = np.linspace(0.0, 1.0, 101)


class ThresholdBench(LessonWidget):
    """Which threshold is best depends on the measure; whether 0.8 means 80 % is another question.

    The state is `model`, `threshold`, `bins` ("width" or "mass") and `n_bins` of the reliability diagram, and `own`,
    lines `score label` that are judged instead of the model. `measures`, `found` and `calibration_error` have the
    numbers.
    """

    model = Text("")
    threshold = Number(0.5, min=0, max=1)
    bins = Choice(("width", "mass"), "width")
    n_bins = Whole(10, min=1, max=30)
    own = Text("")
    measures: Measures
    found: Reliability
    calibration_error: float

    def __init__(
        self,
        column: Column | str = "reviews",
        *,
        names: tuple[str, str] = ("negative", "positive"),
        **state: Any,
    ) -> None:
        """Raises `ValueError` for a column none of whose models have probabilities, and for another model."""
        self.column, self.names = column_of(column) if isinstance(column, str) else column, names
        entries = [one for one in self.column.entries if one.probabilities is not None and not one.is_trivial]
        if not entries:
            raise ValueError(_("No model of the column {name!r} has probabilities.").format(name=self.column.name))
        self._scored = {
            one.name: ScoredItems(self.column.true == 1, np.asarray(one.probabilities, dtype=float)) for one in entries
        }
        best = max(entries, key=lambda one: self.column.right(one).mean())
        bins = [(_("of equal width"), "width"), (_("of equal mass"), "mass")]
        controls = {
            "model": ipywidgets.Dropdown(options=list(self._scored), description=_("Model"), style=STYLE),
            "threshold": float_slider(_("Threshold"), 0.0, 1.0, step=0.01, digits=2),
            "bins": ipywidgets.Dropdown(options=bins, description=_("Bins"), style=STYLE),
            "n_bins": int_slider(_("Number of bins"), 1, 30),
            "own": text_box(_("Your own scores, `score label` on each line"), "0.83 1"),
        }
        controls["own"].continuous_update = False
        self._heading, self._table, self._curves, self._reliability, self._calibrated = (
            ipywidgets.HTML() for _view in range(5)
        )
        for view in (self._curves, self._reliability):
            view.add_class("lm-wide")
        *grid, box = controls.values()
        views = [
            self._heading,
            side_by_side(self._curves, self._table),
            self._calibrated,
            side_by_side(self._reliability),
        ]
        super().__init__([control_grid(*grid), box, *views])
        self.start_with(**({"model": best.name} | state))
        for name, control in controls.items():
            traitlets.link((self, name), (control, "value"))
        self.react(self.update, "model", "threshold", "bins", "n_bins", "own")

    @traitlets.validate("model")
    def _known_model(self, proposal: traitlets.Bunch) -> str:
        if proposal.value in self._scored:
            return proposal.value
        raise StateError(
            _("There is no model {name!r} with probabilities in the column {column!r}.").format(
                name=proposal.value[:60], column=self.column.name
            )
        )

    def update(self) -> None:
        """Count what the threshold makes of the scores, and compare the scores with what is true."""
        require_at_most(MAX_CHARACTERS, self.own)
        scored = read_scores(self.own) if self.own.strip() else self._scored[self.model]
        counts = scored.counts_at(THRESHOLDS)
        f1, matthews = curves_of(counts)
        accuracy = np.trace(counts, axis1=1, axis2=2) / len(scored.probabilities)
        kind = {"n_bins": self.n_bins, "bins": self.bins}
        self.found = reliability(scored.is_positive, scored.probabilities, **kind)
        self.calibration_error = expected_calibration_error(scored.is_positive, scored.probabilities, **kind)
        self.measures = scored.measures_at(self.threshold)
        self.curves = {_("accuracy"): accuracy, _("F1"): f1, _("Matthews"): matthews}
        name = _("your own scores") if self.own.strip() else self.model
        self._shown = (name, len(scored.probabilities), self.threshold, self.bins, self.n_bins)
        (no_no, no_yes), (yes_no, yes_yes) = self.measures.counts.tolist()
        self._heading.value = html.heading(self._title(), self._measured())
        self._table.value = matrix_table(Counts(no_no, no_yes, yes_no, yes_yes), self.names)
        self._curves.value = curves_drawing(THRESHOLDS, self.curves, self.threshold, self._best())
        self._calibrated.value = html.heading(self._calibration())
        self._reliability.value = reliability_drawing(self.found, _("Share that is positive, by probability"))

    # --- What is shown ---

    def _title(self) -> str:
        name, n, threshold, *_rest = self._shown
        return _("{name}, n = {n}: {positive} from {threshold} on").format(
            name=name, n=f"{n:,}", positive=self.names[1], threshold=f"{threshold:.2f}"
        )

    def _measured(self) -> str:
        return _("Accuracy {accuracy}; F1 of {positive} {f1}; Matthews' coefficient {matthews}.").format(
            accuracy=self.measures.accuracy,
            positive=self.names[1],
            f1=_written(self.measures.f1),
            matthews=_written(self.measures.matthews),
        )

    def _best(self) -> str:
        """At which threshold each measure is best, of those that are drawn."""
        best = [
            _("{measure} {value} at {threshold}").format(
                measure=name,
                value=f"{np.nanmax(values):.3f}",
                threshold=f"{THRESHOLDS[int(np.nanargmax(values))]:.2f}",
            )
            for name, values in self.curves.items()
            if not np.isnan(values).all()
        ]
        return _("Best on these items: {best}").format(best=", ".join(best))

    def _calibration(self) -> str:
        *_rest, bins, n_bins = self._shown
        words = {
            "width": _("Expected calibration error: {error}, in {n} bins of equal width, {filled} with items."),
            "mass": _("Expected calibration error: {error}, in {n} bins of equal mass, {filled} with items."),
        }
        return words[bins].format(
            error=f"{100 * self.calibration_error:.1f} %", n=n_bins, filled=int((self.found.counts > 0).sum())
        )

    def _confused(self) -> str:
        (no_no, no_yes), (yes_no, yes_yes) = self.measures.counts.tolist()
        return _("{yes}: {right} found, {missed} missed; {no}: {false} taken for {yes}, {rest} not.").format(
            yes=self.names[1],
            no=self.names[0],
            right=f"{yes_yes:,}",
            missed=f"{yes_no:,}",
            false=f"{no_yes:,}",
            rest=f"{no_no:,}",
        )

    def picture(self) -> Figure:
        return threshold_pictures(
            THRESHOLDS,
            self.curves,
            self.found,
            self._shown[2],
            title=self._title(),
            said=[self._measured(), self._confused(), self._best(), self._calibration()],
        )

    def in_words(self) -> str:
        return "\n".join([self._title(), self._measured(), self._confused(), self._best(), self._calibration()])


def _written(value: float | None) -> str:
    return _("undefined") if value is None else f"{value + 0.0:.3f}".replace("-", "−")
