"""KL divergence and reward of each iteration, while a policy trains or from a record, with samples to read."""

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import ipywidgets
import traitlets
from matplotlib.figure import Figure

from course.layers.sizes import require_whole
from course.messages import _, ngettext
from course.rlhf import Iteration, Rollout
from course.viz.kit import html
from course.viz.kit.text import NEWLINE, number
from course.viz.kit.traits import StateError, Whole
from course.viz.kit.widget import LessonWidget
from course.viz.rlhf.point_chart import PointChart
from course.viz.rlhf.scatter_figure import (
    MOST_SERIES,
    axes_of,
    point_in_words,
    sample_in_words,
    scatter_figure,
)
from course.viz.rlhf.scatter_points import Decode, Measure, ScatterPoint, names_of, point_of, points_from


class RewardScatter(LessonWidget):
    """A point for each iteration: its KL divergence, its proxy reward and its gold reward, on one scale.

    The state is `points`, and `selected`, the index of the point whose samples are shown, or None. `add` puts a point
    into it, and `after_iteration` makes a callback that does so while a policy trains. Raises `ValueError` for what is
    no list of points, a point with a number that is not finite, and more series than there are colors.
    """

    points: Any = traitlets.TraitType(())
    selected = Whole(None, min=0, allow_none=True)

    def __init__(self, points: Sequence[ScatterPoint] | Any = (), *, selected: int | None = None) -> None:
        self.chart = PointChart()
        self._heading, self._names, self._samples = (ipywidgets.HTML() for _view in range(3))
        super().__init__([self._heading, self._names, self.chart, self._samples])
        self.start_with(points=points)
        self.start_with(selected=selected)
        self.chart.observe(self._select, "selected")
        self.react(self.update, "points", "selected")

    @traitlets.validate("points")
    def _drawable_points(self, proposal: traitlets.Bunch) -> tuple[ScatterPoint, ...]:
        try:
            points = points_from(proposal.value)
        except ValueError as error:
            raise StateError(str(error)) from None
        if len(names_of(points)) > MOST_SERIES:
            raise StateError(
                _("There are {n} series, and colors for {limit}. Show fewer in one chart.").format(
                    n=len(names_of(points)), limit=MOST_SERIES
                )
            )
        return points

    @traitlets.validate("selected")
    def _inside(self, proposal: traitlets.Bunch) -> int | None:
        if proposal.value is not None and proposal.value >= len(self.points):
            raise StateError(
                _("There is no point {place}: there are {count}, counted from 0.").format(
                    place=proposal.value, count=len(self.points)
                )
            )
        return proposal.value

    def _select(self, change: traitlets.Bunch) -> None:
        self.selected = change.new

    def add(self, point: ScatterPoint | Any) -> None:
        """Put one more point into the chart, and select it if the last one was selected or none was."""
        follows = self.selected is None or self.selected == len(self.points) - 1
        self.points = (*self.points, point)
        if follows:
            self.selected = len(self.points) - 1

    def after_iteration(
        self,
        decode: Decode,
        *,
        series: str = "PPO",
        gold: Measure | None = None,
        gold_every: int = 1,
        n_samples: int = 4,
        every: int = 1,
    ) -> Callable[[Iteration, Rollout], None]:
        """A callback for `train_ppo` and `train_grpo`, which adds every `every`-th iteration, the first one included.

        `decode` makes ids a text; `gold` measures the responses of every `gold_every`-th of these iterations.
        """
        for name, value in (("gold_every", gold_every), ("n_samples", n_samples), ("every", every)):
            require_whole(value, name)

        def add(iteration: Iteration, rollout: Rollout) -> None:
            number, rest = divmod(iteration.number - 1, every)
            if rest:
                return
            measure = gold if number % gold_every == 0 else None
            self.add(point_of(iteration, rollout, decode, series=series, gold=measure, n_samples=n_samples))

        return add

    def update(self) -> None:
        """Draw the points, and write the samples of the selected one."""
        if self.selected is not None and self.selected >= len(self.points):
            self.selected = None
            return
        names = names_of(self.points)
        shown = [
            {
                "x": point.kl,
                "proxy": point.proxy,
                "gold": point.gold,
                "hue": names.index(point.series),
                "words": point_in_words(point),
            }
            for point in self.points
        ]
        self.chart.show(shown, axes_of(self.points), self.selected)
        self._heading.value = html.heading(self._said())
        self._names.value = "".join(
            f'<span class="lm-series" data-hue="{hue}">{escape(name)}</span>' for hue, name in enumerate(names)
        )
        self._samples.value = self._samples_page()

    # --- What is shown ---

    def _said(self) -> str:
        n = len(self.points)
        if not n:
            return _("No iteration yet: points come while the policy trains.")
        return ngettext(
            "{n} iteration. Choose a point to read what the policy wrote.",
            "{n} iterations. Choose a point to read what the policy wrote.",
            n,
        ).format(n=n)

    def _samples_page(self) -> str:
        if self.selected is None:
            return ""
        point = self.points[self.selected]
        rewards = {_("proxy"): [s.proxy for s in point.samples], _("gold"): [s.gold for s in point.samples]}
        columns = {head: values for head, values in rewards.items() if any(one is not None for one in values)}
        rows = "".join(
            f'<tr><td dir="auto"><b>{escape(sample.prompt)}</b> {escape(sample.answer)}</td>'
            + "".join(f"<td>{_or_dash(values[row])}</td>" for values in columns.values())
            + "</tr>"
            for row, sample in enumerate(point.samples)
        )
        heads = "".join(f'<th scope="col">{escape(head)}</th>' for head in (_("prompt, and the answer"), *columns))
        said = escape(point_in_words(point))
        if not rows:
            return f'<div class="lm-heading"><b>{said}</b> {escape(_("No samples were kept."))}</div>'
        return (
            f'<table class="lm-samples"><caption>{said}</caption><thead><tr>{heads}</tr></thead>'
            f"<tbody>{rows}</tbody></table>"
        )

    def picture(self) -> Figure:
        title = _("Reward against the distance from the reference") if self.points else self._said()
        return scatter_figure(self.points, self.selected, title=title)

    def in_words(self) -> str:
        lines = [self._said()]
        for name in names_of(self.points):
            first, *rest = [point for point in self.points if point.series == name]
            lines.append(point_in_words(first))
            lines += [point_in_words(rest[-1])] if rest else []
        if self.selected is not None:
            point = self.points[self.selected]
            lines.append(_("Selected: {point}").format(point=point_in_words(point)))
            lines += [sample_in_words(sample).replace("\n", NEWLINE) for sample in point.samples]
        return "\n".join(lines)


def _or_dash(value: int | float | None) -> str:
    return "–" if value is None else number(value, sign=True)
