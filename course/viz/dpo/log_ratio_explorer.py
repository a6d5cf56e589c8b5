"""Two answers' log-ratios, moved by hand: the loss of the pair under DPO, IPO and SimPO, and its gradient."""

import math
from html import escape
from numbers import Real
from typing import Any

import ipywidgets
import traitlets
from matplotlib.figure import Figure

from course.layers.sizes import require_not_negative, require_positive, require_whole
from course.messages import _
from course.viz.dpo.loss_reading import MOST_MARGIN, MOST_RATIO, LossReading, PairReading, PairState, read_pair
from course.viz.kit import chart, html
from course.viz.kit.chart import Chart, Label, Line
from course.viz.kit.controls import control_grid, float_slider
from course.viz.kit.layout import new_figure, wrapped_within
from course.viz.kit.style import in_course_style
from course.viz.kit.text import number, percent
from course.viz.kit.traits import Number, StateError
from course.viz.kit.widget import LessonWidget

LEAST_BETA, MOST_BETA = 0.01, 1.0
WIDTH, HEIGHT = 8.0, 3.7  # inches
PANEL, PANEL_HEIGHT = 200, 180  # pixels
SHOWN_HEIGHT = 5.0  # of IPO's curve, in its height at the margin 0


class LogRatioExplorer(LessonWidget):
    """A pair of answers, each with its log π − log π_ref, and three losses against the difference of the two.

    The state is `chosen` and `rejected`, the log-ratios in nats, and `beta`, of DPO and IPO. The pair's `reference`
    log-probabilities and `lengths` in tokens are SimPO's, which has no reference. `reading` is what is shown. A
    log-ratio goes up to where the answer's log-probability is 0, and each curve ends where that of the chosen one is.
    Raises `ValueError` for `lengths` and `reference` that are not two numbers, a length below 1, a reference
    log-probability above 0, a log-ratio that is too high for it, and numbers that the losses refuse.
    """

    chosen = Number(1.0, min=-MOST_RATIO, max=MOST_RATIO)
    rejected = Number(-1.0, min=-MOST_RATIO, max=MOST_RATIO)
    beta = Number(0.1, min=LEAST_BETA, max=MOST_BETA)
    reading: PairReading

    def __init__(
        self,
        *,
        chosen: int | float = 1.0,
        rejected: int | float = -1.0,
        beta: int | float = 0.1,
        reference: Any = (-60.0, -50.0),
        lengths: Any = (20, 16),
        simpo_beta: int | float = 2.0,
        simpo_margin: int | float = 0.5,
    ) -> None:
        self.lengths, self.reference = _of_both(lengths, "lengths"), _of_both(reference, "reference")
        for length in self.lengths:
            require_whole(length, "lengths")
        for value in self.reference:
            _require_log_probability(value)
        require_positive(simpo_beta, "simpo_beta")
        require_not_negative(simpo_margin, "simpo_margin")
        self.simpo_beta, self.simpo_margin = float(simpo_beta), float(simpo_margin)
        controls = {
            "chosen": float_slider(_("Chosen log-ratio"), -MOST_RATIO, self._highest("chosen"), 0.5, 1),
            "rejected": float_slider(_("Rejected log-ratio"), -MOST_RATIO, self._highest("rejected"), 0.5, 1),
            "beta": float_slider(_("β of DPO and IPO"), LEAST_BETA, MOST_BETA, 0.01, 2),
        }
        self._heading, self._panels, self._numbers = (ipywidgets.HTML() for _view in range(3))
        views = [control_grid(*controls.values()), self._heading, self._panels, self._numbers]
        super().__init__(views, chosen=chosen, rejected=rejected, beta=beta)
        for name, control in controls.items():
            traitlets.link((self, name), (control, "value"))
        self.react(self.update, *controls)

    def _highest(self, name: str) -> int | float:
        """The log-ratio at which the answer's log-probability is 0, or where the slider ends."""
        return min(MOST_RATIO, -float(self.reference[("chosen", "rejected").index(name)]) + 0.0)

    @traitlets.validate("chosen", "rejected")
    def _possible(self, proposal: traitlets.Bunch) -> int | float:
        name, highest = proposal.trait.name, self._highest(proposal.trait.name)
        if proposal.value > highest:
            raise StateError(
                _("{name} is {value}; it must be {highest} or less, where the answer's log-probability is 0.").format(
                    name=name, value=proposal.value, highest=highest
                )
            )
        return proposal.value

    def update(self) -> None:
        """Compute the three losses, their slopes and their curves."""
        state = PairState(self.chosen, self.rejected, self.reference, self.lengths)
        self.reading = read_pair(state, self.beta, self.simpo_beta, self.simpo_margin)
        self._heading.value = html.heading(self._said(), self._weight())
        charts = "".join(chart.svg(each, PANEL, PANEL_HEIGHT) for each in self._charts())
        self._panels.value = f'<div class="lm-panels" style="--lm-panel: 170px">{charts}</div>'
        lines = map(self._in_a_line, self.reading.losses)
        self._numbers.value = "".join(f"<div>{escape(line)}</div>" for line in lines)

    # --- What is shown ---

    def _said(self) -> str:
        return _("Margin {margin} nats: chosen {chosen}, rejected {rejected}.").format(
            margin=number(self.reading.margin, 1, sign=True),
            chosen=number(self.reading.state.chosen, 1, sign=True),
            rejected=number(self.reading.state.rejected, 1, sign=True),
        )

    def _weight(self) -> str:
        return _("Weight of the pair in DPO's gradient: σ(−β · margin) = σ({logit}) = {weight}.").format(
            logit=number(-self.reading.beta * self.reading.margin), weight=percent(self.reading.weight, 1)
        )

    def _in_a_line(self, loss: LossReading) -> str:
        """A loss with its slope, and where its curve has a mark."""
        said = _("{name}: loss {loss}, gradient by the chosen log-ratio {slope}.").format(
            name=loss.name, loss=number(loss.loss, 3), slope=number(loss.slope, 3)
        )
        if loss.minimum is not None:
            place = _("Lowest at the margin 1 / (2β) = {margin}.").format(margin=number(loss.minimum, 1))
        elif loss.name == "DPO":
            place = _("No minimum: it falls as the margin grows.")
        else:
            place = _(
                "No minimum; ln 2 where the mean log-probability of a token is γ / β = {target} higher in the chosen "
                "answer (now {difference})."
            ).format(
                target=number(self.simpo_margin / self.simpo_beta),
                difference=number(self.reading.mean_difference, sign=True),
            )
        return f"{said} {place}"

    def _charts(self) -> list[Chart]:
        return [self._chart(loss) for loss in self.reading.losses]

    def _chart(self, loss: LossReading) -> Chart:
        top = 1.05 * max(y for _x, y in loss.curve)
        if loss.minimum is not None:  # a parabola so high that its lowest part would look flat
            top = min(top, max(SHOWN_HEIGHT * loss.minimum**2, 1.1 * loss.loss))
        labels, stops, room = [], [], 1.0
        if loss.minimum is not None and loss.minimum <= MOST_MARGIN:
            stops, room = [loss.minimum], 1.15  # the name of the stop is above the curve, not over it
            side = "end" if loss.minimum > 0 else "start"
            labels = [Label(loss.minimum + (-1 if side == "end" else 1), 1.03 * top, _("minimum"), side)]
        elif loss.minimum is not None:
            labels = [
                Label(MOST_MARGIN, 0.9 * top, _("minimum: {margin} →").format(margin=number(loss.minimum, 0)), "end")
            ]
        elif loss.even is not None and -MOST_MARGIN <= loss.even <= loss.curve[-1][0]:
            stops = [loss.even]
            side = "start" if loss.even < MOST_MARGIN / 3 else "end"
            labels = [Label(loss.even + (1 if side == "start" else -1), 0.9 * top, _("ln 2"), side)]
        subtitles = {
            "DPO": _("−log σ(β · margin)"),
            "IPO": _("(margin − 1 / (2β))²"),
            "SimPO": _("β = {beta}, γ = {margin}").format(
                beta=number(self.simpo_beta, 1), margin=number(self.simpo_margin, 1)
            ),
        }
        return Chart(
            loss.name,
            _("margin, nats"),
            subtitles[loss.name],
            (-MOST_MARGIN, MOST_MARGIN),
            (0.0, room * top),
            [Line([(x, y) for x, y in loss.curve if y <= top])],
            (self.reading.margin, loss.loss),
            stops=stops,
            labels=labels,
            words=self._in_a_line(loss),
        )

    def picture(self) -> Figure:
        return _figure(self._charts(), self._said(), self._weight(), list(map(self._in_a_line, self.reading.losses)))

    def in_words(self) -> str:
        return "\n".join([f"{self._said()} {self._weight()}", *map(self._in_a_line, self.reading.losses)])


def _of_both(values: Any, name: str) -> tuple[Any, Any]:
    """Raises `ValueError` for what is not two values."""
    try:
        both = tuple(values)
    except TypeError:
        both = ()
    if len(both) != 2:
        raise ValueError(
            _("{name} is {value!r}; give two numbers, that of the chosen answer and that of the rejected one.").format(
                name=name, value=values
            )
        )
    return both


def _require_log_probability(value: Any) -> None:
    if isinstance(value, bool) or not (isinstance(value, Real) and math.isfinite(value) and value <= 0):
        raise ValueError(
            _("reference has {value!r}; a log-probability is a finite number of 0 or less.").format(value=value)
        )


@in_course_style
def _figure(charts: list[Chart], title: str, subtitle: str, lines: list[str]) -> Figure:
    figure = new_figure(WIDTH, HEIGHT)
    texts = [line for text in lines for line in wrapped_within(figure, text, 10.0, WIDTH - 0.1, 2)]
    below = 0.1 + 0.2 * len(texts)
    height = HEIGHT + below
    figure.set_size_inches(WIDTH, height)
    figure.text(0.0, 1.0, title, va="top", fontsize=11.5, weight="bold")
    figure.text(0.0, 1 - 0.25 / height, subtitle, va="top", fontsize=10.5)
    figure.text(0.0, (below - 0.1) / height, "\n".join(texts), va="top", fontsize=10.0)
    panel = WIDTH / len(charts)
    for place, each in enumerate(charts):
        box = ((place * panel + 0.5) / WIDTH, (below + 0.55) / height, (panel - 0.65) / WIDTH, (HEIGHT - 1.75) / height)
        chart.draw(figure.add_axes(box), each)
    return figure
