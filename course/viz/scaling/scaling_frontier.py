"""A budget that one moves along the compute-optimal frontier of five laws at once."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import ipywidgets
import numpy as np
import traitlets
from matplotlib.figure import Figure

from course.layers.sizes import require_positive
from course.messages import _
from course.scaling import COUNTINGS, fit_law, runs_of
from course.viz.kit import html
from course.viz.kit.alt_text import at_most
from course.viz.kit.controls import STYLE, control_grid, control_row, float_slider
from course.viz.kit.large_numbers import power_of_ten, short_number
from course.viz.kit.layout import new_figure, wrapped_within
from course.viz.kit.style import in_course_style
from course.viz.kit.traits import Choice, Number, StateError, Text
from course.viz.kit.widget import LessonWidget, TextLine, require_at_most
from course.viz.scaling import frontier_drawing
from course.viz.scaling.budget import duration, read_budget
from course.viz.scaling.own_laws import (
    Best,
    OwnLaws,
    counting_names,
    lines_of,
    loss_of,
    names_of,
    own_laws,
    own_names,
    published,
    published_best,
    runs_among,
)

MAX_CHARACTERS = 200
LOWEST, HIGHEST = 11, 26  # of the power of ten
PICTURE_WIDTH = 8.0  # inches


class ScalingFrontier(LessonWidget):
    """How five laws spend a budget: the course's own runs, by the law and by parabolas, and what was published.

    The state is `log_flops`, the budget as a power of ten; `own`, a budget that is typed ("3e18", "2 hours",
    "5 PF-days") and moves the slider, until the slider empties it; `counting`, what N counts in the course's own runs;
    and `left_out`, names of runs without which the law is fitted. `flops`, `laws` and `rows` have the numbers.
    """

    log_flops = Number(13.2, min=LOWEST, max=HIGHEST)
    own = Text("")
    counting = Choice(COUNTINGS, "all")
    left_out = Text("")
    flops: int | float
    laws: OwnLaws
    rows: dict[str, Best]

    def __init__(
        self, records: Sequence[Mapping[str, Any]], *, flops_per_second: int | float | None = None, **state: Any
    ) -> None:
        """`records` are those of the experiment `scaling`; the prediction and its target are passed over.

        `flops_per_second` turns hours that are typed into operations: what this machine does, or the median of the runs
        where it is not given. Raises `ValueError` for records that no law can be fitted to, and for another state.
        """
        self._records = [one for line in lines_of(runs_among(records)) for one in line]
        self._names = names_of(self._records)
        self._rate = self._rate_of_runs() if flops_per_second is None else flops_per_second
        require_positive(self._rate, "flops_per_second")
        self._full = {each: fit_law(runs_of(self._records, each)) for each in COUNTINGS}
        self._all_runs: dict[str, OwnLaws] = {}
        self._fitted: tuple[str, str] | None = None
        self._is_setting = False
        slider = float_slider(_("log₁₀ of FLOPs"), float(LOWEST), float(HIGHEST), step=0.1, digits=1)
        options = [(name, key) for key, name in counting_names().items()]
        menu = ipywidgets.Dropdown(options=options, description=_("N counts"), style=STYLE)
        box = TextLine(
            description=_("Your own budget"),
            placeholder=_("3e18, 2 hours, 5 PF-days"),
            continuous_update=False,
            style=STYLE,
        )
        self._heading, self._chart, self._table, self._notes, self._counted = (ipywidgets.HTML() for _view in range(5))
        self._ticks = {
            name: ipywidgets.Checkbox(
                description=_("{size}: {loss}").format(size=one["size"], loss=f"{loss_of(one):.2f}"),
                indent=False,
                layout=ipywidgets.Layout(width="auto"),
            )
            for name, one in zip(self._names, self._records, strict=True)
        }
        super().__init__(
            [
                control_grid(slider, menu),
                control_row(box),
                self._heading,
                self._chart,
                self._table,
                self._counted,
                *self._tick_rows(),
                self._notes,
            ],
        )
        self.start_with(**state)
        self._moved_to = self.log_flops
        for name, control in {"log_flops": slider, "counting": menu, "own": box}.items():
            traitlets.link((self, name), (control, "value"))
        for tick in self._ticks.values():
            tick.observe(self._ticked, "value")
        self.react(self.update, "log_flops", "own", "counting", "left_out")

    def _rate_of_runs(self) -> float:
        """Operations a second of the runs, the median."""
        return float(np.median([one["flops"] / one["cpu_seconds"] for one in self._records]))

    def _tick_rows(self) -> list[ipywidgets.Box]:
        """A row for each budget: what it is, and a box to tick for each of its runs."""
        of_name = dict(zip(self._names, self._records, strict=True))
        rows = []
        for line in lines_of(self._records):
            budget = ipywidgets.HTML(power_of_ten(line[0]["flops"]))
            ticks = [self._ticks[name] for name, one in of_name.items() if any(one is other for other in line)]
            rows.append(control_row(budget, *ticks))
        return rows

    @traitlets.validate("left_out")
    def _known_runs(self, proposal: traitlets.Bunch) -> str:
        asked = proposal.value.replace(",", " ").split()
        for name in asked:
            if name not in self._names:
                raise StateError(
                    _("There is no run {name!r}. The first of the {n} is {first!r}.").format(
                        name=name[:60], n=len(self._names), first=self._names[0]
                    )
                )
        return " ".join(name for name in self._names if name in asked)

    def _ticked(self, _change: traitlets.Bunch) -> None:
        if not self._is_setting:
            self.left_out = " ".join(name for name, tick in self._ticks.items() if not tick.value)

    def update(self) -> None:
        """Fit the law again where the runs or the count have changed, and spend the budget under each law."""
        if self.own.strip() and self.log_flops != self._moved_to:  # the slider was moved
            self._moved_to = self.log_flops
            self.own = ""
            return
        self._moved_to = self.log_flops
        self._show_ticks()
        require_at_most(MAX_CHARACTERS, self.own)
        flops = read_budget(self.own, self._rate) if self.own.strip() else 10.0**self.log_flops
        laws = self._laws() if self._fitted != (self.counting, self.left_out) else self.laws
        self.flops, self.laws, self._fitted = flops, laws, (self.counting, self.left_out)
        names = own_names()
        self.rows = {names["own"]: laws.best(flops)}
        if (by_parabolas := laws.best_by_parabolas(flops)) is not None:
            self.rows[names["parabolas"]] = by_parabolas
        self.rows |= {name: published_best(key, flops) for key, name in published().items()}
        self._scene = frontier_drawing.scene_of(laws, self._all_runs[self.counting], math.log10(flops))
        self._heading.value = html.heading(self._title(), self._time())
        self._chart.value = html.heading("", self._caption()) + frontier_drawing.svg(
            self._scene, _("N, parameters"), at_most("\n".join([self._title(), *self._row_texts()]))
        )
        self._table.value = _table(self.rows)
        self._notes.value = "".join(html.heading("", line) for line in self._said())
        self._counted.value = html.heading(
            self._count(), _("Untick one to leave it out. A row is a budget in FLOPs; beside each size is its loss.")
        )
        if self.own.strip():
            self._moved_to = round(math.log10(flops), 1)
            self.log_flops = self._moved_to

    def _show_ticks(self) -> None:
        out = self.left_out.split()
        self._is_setting = True
        for name, tick in self._ticks.items():
            tick.value = name not in out
        self._is_setting = False

    def _laws(self) -> OwnLaws:
        near = self._full[self.counting]
        if self.counting not in self._all_runs:
            self._all_runs[self.counting] = own_laws(self._records, self.counting, near=near)
        out = self.left_out.split()
        if not out:
            return self._all_runs[self.counting]
        used = [one for name, one in zip(self._names, self._records, strict=True) if name not in out]
        return own_laws(used, self.counting, near=near)

    # --- What is shown ---

    def _title(self) -> str:
        return _("A budget of {flops} FLOPs").format(flops=power_of_ten(self.flops))

    def _time(self) -> str:
        return _("{time} at {rate} FLOP/s").format(
            time=duration(self.flops / self._rate), rate=power_of_ten(self._rate)
        )

    def _caption(self) -> str:
        words = (
            _("Best size N by budget; the course counts {counting}. Band: 95 % of {n} resamples. Dots: its runs.")
            if not self._scene.left_out
            else _(
                "Best size N by budget; the course counts {counting}. Band: 95 % of {n} resamples; thin lines: that "
                "of all runs. Dots: its runs. Crosses: runs left out."
            )
        )
        return words.format(counting=counting_names()[self.laws.counting], n=len(self.laws.laws))

    def _count(self) -> str:
        return _("The law is fitted to {used} of {n} runs.").format(used=len(self.laws.size), n=len(self._records))

    def _said(self) -> list[str]:
        """The intervals, and what the rows do not share."""
        low, high = self.laws.exponents
        lines = [
            _("The course's law: N ∝ C^a with a from {low} to {high} in 95 % of the resamples, {wide} wide.").format(
                low=f"{low:.2f}", high=f"{high:.2f}", wide=f"{high - low:.2f}"
            )
        ]
        if len(self.laws.size) < len(self._records):
            low, high = self._all_runs[self.laws.counting].exponents
            lines.append(
                _("With all runs it is from {low} to {high}, {wide} wide.").format(
                    low=f"{low:.2f}", high=f"{high:.2f}", wide=f"{high - low:.2f}"
                )
            )
        least, most = self.laws.band(np.array([self.flops])).ravel().tolist()
        lines.append(
            _("At this budget the band is from {low} to {high} parameters.").format(
                low=short_number(least), high=short_number(most)
            )
        )
        made = [one["flops"] for one in self._records]
        if not min(made) / 1.05 <= self.flops <= 1.05 * max(made):
            lines.append(_("No run of the course had such a budget: its rows are extrapolations."))
        lines.append(
            _(
                "The course's law, Hoffmann's and Besiroglu's take a budget as 6ND. The parabolas take the operations "
                "that were counted, and Kaplan's N and D are two power laws of their own, whose 6ND is not the budget."
            )
        )
        lines.append(
            _(
                "A loss is in nats per token of one tokenizer on one text: compare Hoffmann's with Besiroglu's, not "
                "the course's with theirs. Theirs begin at 70 M parameters, their smallest model."
            )
        )
        return lines

    def _row_texts(self) -> list[str]:
        words = _("{name}: {size} parameters, {tokens} tokens, {ratio} per parameter, loss {loss}, a = {exponent}")
        return [words.format(name=name, **_cells(row)) for name, row in self.rows.items()]

    @in_course_style
    def picture(self) -> Figure:
        figure = new_figure(PICTURE_WIDTH, 4.0)
        said = [f"{self._title()}, {self._time()}", self._caption(), *self._row_texts(), *self._said(), self._count()]
        head, *rest = [wrapped_within(figure, text, 10.0, PICTURE_WIDTH - 0.2, 2) for text in said]
        lines = [line for each in rest for line in each]
        below = 0.6 + 0.174 * len(lines)
        height = 0.45 + 3.2 + below
        figure.set_size_inches(PICTURE_WIDTH, height)
        frontier_drawing.draw(frontier_drawing.axes_in(figure, 0.75, below, 5.2, 3.2), self._scene)
        figure.text(0.1 / PICTURE_WIDTH, 1 - 0.05 / height, " ".join(head), va="top", fontsize=12.0, weight="bold")
        figure.text(0.1 / PICTURE_WIDTH, 0.03 / height, "\n".join(lines), va="bottom", fontsize=10.0, linespacing=1.25)
        return figure

    def in_words(self) -> str:
        counted = _("The course counts {counting}. {count}").format(
            counting=counting_names()[self.laws.counting], count=self._count()
        )
        return "\n".join([f"{self._title()}, {self._time()}.", counted, *self._row_texts(), *self._said()])


def _cells(row: Best) -> dict[str, str]:
    """What a row of the table says, by the names of its columns."""
    ratio = row.tokens_per_parameter
    return {
        "size": short_number(row.parameters),
        "tokens": short_number(row.tokens),
        "ratio": f"{ratio:.2g}"
        if 0.01 <= ratio < 100
        else f"{ratio:,.0f}"
        if 100 <= ratio < 1e6
        else power_of_ten(ratio),
        "loss": "–" if row.loss is None else f"{row.loss:.2f}",
        "exponent": f"{row.exponent:.2f}",
    }


def _table(rows: Mapping[str, Best]) -> str:
    columns = [_("law"), _("parameters N"), _("tokens D"), _("D / N"), _("loss"), _("a in N ∝ C^a")]
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>{"".join(f"<td>{cell}</td>" for cell in _cells(row).values())}</tr>'
        for name, row in rows.items()
    )
    caption = escape(_("How each law spends the budget"))
    return f'<table class="lm-samples"><caption>{caption}</caption><tr>{head}</tr>{body}</table>'
