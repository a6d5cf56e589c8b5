"""PPO's clipped objective against the ratio: where it is flat, and which gradient the policy gets."""

import ipywidgets
import traitlets
from matplotlib.figure import Figure

from course.messages import _
from course.viz.kit import chart, html
from course.viz.kit.chart import Chart, Label, Line
from course.viz.kit.controls import control_grid, float_slider
from course.viz.kit.layout import new_figure, wrapped_within
from course.viz.kit.style import in_course_style
from course.viz.kit.text import number
from course.viz.kit.traits import Number
from course.viz.kit.widget import LessonWidget
from course.viz.rlhf.clip_reading import LEAST_RATIO, MOST_RATIO, ClipReading, read_clip

MOST_ADVANTAGE, LEAST_CLIP, MOST_CLIP = 2.0, 0.05, 0.5
WIDTH, HEIGHT = 8.0, 3.9  # inches


class ClipExplorer(LessonWidget):
    """The objective min(ratio · A, clipped ratio · A) of one token, by the loss that PPO trains with.

    The state is `advantage` (A), `ratio` (π / π_old) and `clip`. `reading` is what is shown.
    """

    advantage = Number(1.0, min=-MOST_ADVANTAGE, max=MOST_ADVANTAGE)
    ratio = Number(1.3, min=LEAST_RATIO, max=MOST_RATIO)
    clip = Number(0.2, min=LEAST_CLIP, max=MOST_CLIP)
    reading: ClipReading

    def __init__(self, *, advantage: int | float = 1.0, ratio: int | float = 1.3, clip: int | float = 0.2) -> None:
        controls = {
            "advantage": float_slider(_("Advantage A"), -MOST_ADVANTAGE, MOST_ADVANTAGE, 0.1, 1),
            "ratio": float_slider(_("Ratio π / π_old"), LEAST_RATIO, MOST_RATIO, 0.05, 2),
            "clip": float_slider(_("Clip range ε"), LEAST_CLIP, MOST_CLIP, 0.05, 2),
        }
        self._heading, self._picture = ipywidgets.HTML(), ipywidgets.HTML()
        views = [control_grid(*controls.values()), self._heading, self._picture]
        super().__init__(views, advantage=advantage, ratio=ratio, clip=clip)
        for name, control in controls.items():
            traitlets.link((self, name), (control, "value"))
        self.react(self.update, *controls)

    def update(self) -> None:
        """Compute the objective, its slope, and the whole curve."""
        self.reading = read_clip(self.advantage, self.ratio, self.clip)
        self._heading.value = html.heading(self._gradient(), self._meaning())
        self._picture.value = chart.svg(self._chart())

    # --- What is shown ---

    def _gradient(self) -> str:
        reading = self.reading
        if reading.at_corner:
            return _("At the corner: the gradient is A = {a} on one side and 0 on the other.").format(
                a=number(reading.advantage, 1)
            )
        if reading.is_flat:
            return _("Flat: the gradient is 0.")
        if reading.advantage == 0:
            return _("A is 0: the gradient is 0 everywhere.")
        return _("Not flat: the gradient is A = {a}.").format(a=number(reading.gradient, 1))

    def _meaning(self) -> str:
        reading = self.reading
        if reading.advantage == 0:
            return _("The token was as good as expected, so this token teaches nothing.")
        rises = reading.advantage > 0
        if reading.at_corner:
            return _("From here on the policy gains nothing by moving further from π_old.")
        if reading.is_flat and rises:
            return _("The token is already {ratio} times as probable as before: no more is gained.").format(
                ratio=number(reading.ratio)
            )
        if reading.is_flat:
            return _(
                "The token's probability has already fallen to {ratio} times its old value: no more is gained."
            ).format(ratio=number(reading.ratio))
        if rises and reading.ratio < 1 - reading.clip:
            return _("A good token has become less probable: the full gradient raises it, outside the clip range too.")
        if not rises and reading.ratio > 1 + reading.clip:
            return _("A bad token has become more probable: the full gradient lowers it, outside the clip range too.")
        return _("A step makes the token more probable.") if rises else _("A step makes the token less probable.")

    def _values(self) -> str:
        reading = self.reading
        return _("Ratio {ratio}, A = {a}, ε = {clip}: objective {objective}, without the clip {unclipped}.").format(
            ratio=number(reading.ratio),
            a=number(reading.advantage, 1),
            clip=number(reading.clip),
            objective=number(reading.objective),
            unclipped=number(reading.unclipped),
        )

    def _chart(self) -> Chart:
        reading = self.reading
        start, top = reading.flat_from, 2.2 if abs(reading.advantage) <= 1 else 4.4
        straight = [(0.0, 0.0), (MOST_RATIO, MOST_RATIO * reading.advantage)]
        rises = reading.advantage > 0
        lines = [Line(straight, "faint"), Line(reading.curve, "main")]
        labels = []
        if start is not None:
            flat = [point for point in reading.curve if (point[0] >= start if rises else point[0] <= start)]
            lines.append(Line(flat, "second"))
            at, side = (MOST_RATIO, "end") if rises else (0.02, "start")
            level = start * reading.advantage
            labels.append(Label(at, _off_zero(level - 0.19 * top, top, -0.14), _("flat: gradient 0"), side))
            sloping = (0.62, 0.62 * reading.advantage) if rises else (1.62, 1.62 * reading.advantage)
            side = "end" if rises else "start"
            labels.append(Label(sloping[0], sloping[1] + 0.03 * top, _("slope A"), side))
            end = (1.72, 1.72 * reading.advantage) if rises else (0.3, 0.3 * reading.advantage)
            labels.append(Label(end[0], _off_zero(end[1] + 0.06 * top, top, 0.04), _("ratio · A"), side))
        labels.append(Label(1.0, (-0.9 if rises else 0.82) * top, _("clip range"), "middle"))
        return Chart(
            _("PPO's objective of one token"),
            _("ratio π / π_old of the token"),
            _("min(ratio · A, clipped ratio · A)"),
            (0.0, MOST_RATIO),
            (-top, top),
            lines,
            (reading.ratio, reading.objective),
            (1 - reading.clip, 1 + reading.clip),
            labels=labels,
            words=f"{self._values()} {self._gradient()}",
        )

    def picture(self) -> Figure:
        return _figure(self._chart(), f"{self._gradient()} {self._meaning()}")

    def in_words(self) -> str:
        return "\n".join([self._values(), f"{self._gradient()} {self._meaning()}"])


def _off_zero(height: int | float, top: int | float, instead: int | float) -> int | float:
    """The height of a label in a chart up to `top`, or that share of `top` where the line at 0 would cross it."""
    return instead * top if -0.1 < height / top < 0.02 else height


@in_course_style
def _figure(of: Chart, title: str) -> Figure:
    figure = new_figure(WIDTH, HEIGHT)
    lines = wrapped_within(figure, title, 11.0, WIDTH - 0.2, 2, "bold")
    figure.text(0.0, 1.0, "\n".join(lines), va="top", fontsize=11.0, weight="bold")
    axes = figure.add_axes((0.5 / WIDTH, 0.55 / HEIGHT, 1 - 0.7 / WIDTH, 1 - 1.6 / HEIGHT))
    chart.draw(axes, of)
    return figure
