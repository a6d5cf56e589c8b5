"""The course's models on one board: their scores, the ranks that other items would give, and where two differ."""

from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets
import numpy as np
import traitlets
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from course.messages import _, ngettext
from course.tasks.leaderboard import column_of
from course.tasks.leaderboard_entries import Column
from course.viz.evaluation.item_page import items_page, on_one_line
from course.viz.evaluation.leaderboard_figure import ranks_figure
from course.viz.evaluation.rank_chart import RankChart
from course.viz.evaluation.ranked_models import PairTest, RankedModels, choices
from course.viz.kit import html
from course.viz.kit.controls import STYLE, control_grid, control_row, int_slider
from course.viz.kit.traits import StateError, Text, Whole
from course.viz.kit.widget import Action, LessonWidget

SHOWN_COLUMNS = ("reviews-500", "topics", "sentence order", "piqa", "openbookqa", "commonsenseqa", "siqa")
N_DRAWS, PAGE, LONGEST = 200, 4, 300  # draws of the slider, items at a time, characters of one
MOST_PAGES = 10_000


class Leaderboard(LessonWidget):
    """Models by a task and a score, with the ranks of resampled items, and the items on which two models differ.

    The state is `column` and `score`, the names of the models `first` and `second`, `draw`, the number of the resample
    that is shown or 0 for all items, and `page` of the differing items. `ranked` has the numbers, `test` the comparison
    of the two; where one of them is given, the other is not the same. Raises `ValueError` for no column, for names
    that are not there, and for one model as both.
    """

    column = Text("")
    score = Text("")
    first = Text("")
    second = Text("")
    draw = Whole(0, min=0, max=N_DRAWS)
    page = Whole(0, min=0, max=MOST_PAGES)
    ranked: RankedModels
    test: PairTest

    def __init__(self, columns: Mapping[str, Column] | Sequence[str] = SHOWN_COLUMNS, **state: Any) -> None:
        """`columns` are names of `course.tasks.leaderboard.COLUMNS`, or columns by name."""
        by_name = columns if isinstance(columns, Mapping) else {name: column_of(name) for name in columns}
        if not by_name:
            raise ValueError(_("There is no column to show. Give the name of one."))
        self.columns, self._known = dict(by_name), {}
        labels = {"column": _("Task"), "score": _("Score"), "first": _("Model A"), "second": _("Model B")}
        self._menus = {
            name: ipywidgets.Dropdown(description=label, style=STYLE, layout={"width": "auto"})
            for name, label in labels.items()
        }
        slider = int_slider(_("Resample"), 0, N_DRAWS)
        again, more = Action(_("Draw again")), Action(_("More items"))
        self.chart = RankChart()
        self._heading, self._said_of_pair, self._items = (ipywidgets.HTML() for _view in range(3))
        grid = control_grid(*self._menus.values())
        views = [self._heading, self.chart, self._said_of_pair, self._items, control_row(more)]
        super().__init__([grid, control_row(slider, again), *views])
        self._settle(next(iter(self.columns)))
        self.start_with(**state)
        if self.first == self.second:
            self._tell_apart(state)
        self._menus["column"].options = list(self.columns)
        for name, menu in self._menus.items():
            self._offer(name)
            menu.observe(lambda change, name=name: self._take(name, change.new), "value")
        traitlets.link((self, "draw"), (slider, "value"))
        again.on_click(self.guarded(self.draw_again))
        more.on_click(self.guarded(self.more_items))
        self.chart.observe(self.guarded(self._choose_row), "turn")
        self.react(self.update, "column", "score", "first", "second", "draw", "page")

    # --- The state ---

    def _ranked(self, column: str, score: str) -> RankedModels:
        if (column, score) not in self._known:
            self._known[column, score] = RankedModels.of(self.columns[column], score)
        return self._known[column, score]

    def _settle(self, column: str) -> None:
        """Go to another column: its first score, or the same one where it is there, and its two best models."""
        scores = self.columns[column].scores
        score = self.score if self.score in scores else next(iter(scores))
        ranked = self._ranked(column, score)
        first = self.first if self.first in ranked.names else next(n for n in ranked.names if n != self.second)
        second = self.second if self.second in ranked.names else next(n for n in ranked.names if n != first)
        with self.hold_trait_notifications():
            self.column, self.score, self.first, self.second, self.page = column, score, first, second, 0

    def _tell_apart(self, state: Mapping[str, Any]) -> None:
        """Of two models of which one was given, choose the other."""
        scores = self.columns[self.column].scores
        ranked = self._ranked(self.column, self.score if self.score in scores else next(iter(scores)))
        if {"first", "second"} <= state.keys():
            ranked.pair(self.first, self.second)  # raises
        other = "second" if "first" in state else "first"
        setattr(self, other, next(name for name in ranked.names if name != self.first))

    @traitlets.validate("column")
    def _known_column(self, proposal: traitlets.Bunch) -> str:
        return _among(proposal.value, list(self.columns), _("There is no task {name!r}. There are: {known}."))

    @traitlets.validate("score")
    def _known_score(self, proposal: traitlets.Bunch) -> str:
        every = {name: None for column in self.columns.values() for name in column.scores}
        return _among(proposal.value, list(every), _("There is no score {name!r}. There are: {known}."))

    @traitlets.validate("first", "second")
    def _known_model(self, proposal: traitlets.Bunch) -> str:
        every = {entry.name: None for column in self.columns.values() for entry in column.entries}
        if proposal.value in every:
            return proposal.value
        raise StateError(_("There is no model {name!r} on the board.").format(name=proposal.value[:60]))

    def _take(self, name: str, value: str | None) -> None:
        """A choice from a menu, unless the menu is being filled."""
        if value is not None and not self._filling:
            setattr(self, name, value)

    _filling = False

    def _offer(self, name: str) -> None:
        options = {
            "column": list(self.columns),
            "score": list(self.columns[self.column].scores),
        }.get(name, list(self.ranked.names) if hasattr(self, "ranked") else [])
        menu = self._menus[name]
        self._filling = True
        try:
            if list(menu.options) != options:
                menu.options = options
            value = getattr(self, name)
            menu.value = value if value in options else None
        finally:
            self._filling = False

    def draw_again(self) -> None:
        """Show the next resample; after the last comes the first."""
        self.draw = self.draw % N_DRAWS + 1

    def more_items(self) -> None:
        """Show the next items on which the two models differ; after the last come the first."""
        n_pages = -(-self._n_differing() // PAGE)
        self.page = (self.page + 1) % max(1, n_pages)

    def _n_differing(self) -> int:
        return len(self.test.only_first) + len(self.test.only_second)

    def _choose_row(self) -> None:
        """The row that was clicked becomes model B, and the last model B becomes model A."""
        place = self.chart.selected
        if place is None or place >= len(self.ranked.names):
            return
        name = self.ranked.names[place]
        if name != self.second:
            with self.hold_trait_notifications():
                self.first, self.second, self.page = self.second, name, 0

    def update(self) -> None:
        """Rank the models, draw them, and compare the two that are chosen."""
        column = self.columns[self.column]
        ranked = self._ranked(self.column, self.score if self.score in column.scores else next(iter(column.scores)))
        missing = {self.first, self.second} - set(ranked.names)
        if self.score not in column.scores or missing:
            self._settle(self.column)
            return
        chosen = (self.column, self.score, self.first, self.second)
        if self._has_picture and self._shown[:4] != chosen and self._shown[5] == self.page > 0:
            self.page = 0  # of other models, the first items
            return
        self.test = ranked.pair(self.first, self.second)
        self.ranked, self._shown = ranked, (*chosen, self.draw, self.page)
        for name in self._menus:
            self._offer(name)
        self.chart.show(self._rows(), self._axes())
        self._heading.value = html.heading(self._title(), self._drawn())
        self._said_of_pair.value = html.heading(self._who(), " ".join(self._compared()))
        self._items.value = self._items_page()

    # --- What is shown ---

    @property
    def _marks(self) -> list[str]:
        _column, _score, first, second, *_rest = self._shown
        return ["A" if name == first else "B" if name == second else "" for name in self.ranked.names]

    def _title(self) -> str:
        column, score, *_rest = self._shown
        return _("{column}: {n} models by {score} on {items} items").format(
            column=column, n=len(self.ranked.names), score=score, items=f"{len(self.ranked.column):,}"
        )

    def _drawn(self) -> str:
        draw = self._shown[4]
        if not draw:
            return _("All items. Move the slider to draw as many of them again, some twice, some not at all.")
        scores, ranks = self.ranked.scores_of(draw), self.ranked.ranks_of(draw)
        best = self.ranked.names[int(np.argmin(ranks))]
        moved = int((ranks != self.ranked.ranks_of(0)).sum())
        return _(
            "Resample {draw}, in orange: {best} is first with {score}; {moved} of {n} models have another rank."
        ).format(
            draw=draw,
            best=best,
            score=self.ranked.intervals[0].number(float(scores[int(np.argmin(ranks))])),
            moved=moved,
            n=len(ranks),
        )

    def _limits(self) -> tuple[float, float]:
        """The ends of the axis of scores."""
        ends = [end for one in self.ranked.intervals for end in (one.low, one.high)]
        ends += [float(self.ranked.found.resampled.min()), float(self.ranked.found.resampled.max())]
        low, high = min(ends), max(ends)
        margin = 0.03 * ((high - low) or 1.0)
        return low - margin, high + margin

    def _axes(self) -> dict[str, Any]:
        low, high = self._limits()
        places = [one for one in np.asarray(MaxNLocator(3).tick_values(low, high)).tolist() if low <= one <= high]
        ticks = [((value - low) / (high - low), self._number(value)) for value in places]
        return {
            "ticks": ticks,
            "score": _("{score}, with its 95 % interval").format(score=self._shown[1]),
            "ranks": _("share of resamples at each rank"),
            "words": _("Models, the best first. Enter compares a row with the one chosen before."),
        }

    def _number(self, value: float) -> str:
        return f"{100 * value:.3g}%" if self.ranked.how.unit == "%" else f"{value:.2g}".replace("-", "−")

    def _rows(self) -> list[dict[str, Any]]:
        low, high = self._limits()
        draw = self._shown[4]
        scores, ranks = self.ranked.scores_of(draw).tolist(), self.ranked.ranks_of(draw).tolist()
        return [
            {
                "name": _named(entry.name, entry.is_trivial),
                "text": one.number(one.estimate) + ("%" if self.ranked.how.unit == "%" else ""),
                **{end: (getattr(one, end) - low) / (high - low) for end in ("estimate", "low", "high")},
                "at": (scores[row] - low) / (high - low),
                "shares": np.round(self.ranked.ranks.shares[row], 4).tolist(),
                "rank": ranks[row],
                "trivial": entry.is_trivial,
                "mark": self._marks[row],
                "words": self._row_words(row),
            }
            for row, (entry, one) in enumerate(zip(self.ranked.entries, self.ranked.intervals, strict=True))
        ]

    def _row_words(self, row: int) -> str:
        entry, interval = self.ranked.entries[row], self.ranked.intervals[row]
        ranks = self.ranked.ranks.range_of(entry.name)
        return _("{name}: {score}; ranks {best} to {worst} in 95 % of the resamples").format(
            name=_named(entry.name, entry.is_trivial), score=_short(interval), best=ranks.best, worst=ranks.worst
        )

    def _who(self) -> str:
        return _("A: {first}. B: {second}.").format(first=self._shown[2], second=self._shown[3])

    def _compared(self) -> list[str]:
        test = self.test
        lines = [
            _("A alone is right on {a} items, B alone on {b}.").format(
                a=f"{len(test.only_first):,}", b=f"{len(test.only_second):,}"
            ),
            _("McNemar's test: p = {p}; after Holm's correction for all {n} pairs of the board: {corrected}.").format(
                p=f"{test.p_value:.2g}", n=f"{test.n_pairs:,}", corrected=f"{test.p_corrected:.2g}"
            ),
            _("{score} of A minus that of B: {difference}.").format(score=self._shown[1], difference=test.difference),
        ]
        return lines

    def _differing(self) -> list[tuple[str, str]]:
        """Heading and text of the items of this page."""
        column, page = self.ranked.column, self._shown[5]
        numbers = sorted([*self.test.only_first, *self.test.only_second])
        texts = column.texts() if column.texts is not None else None
        items = []
        for number in numbers[page * PAGE :][:PAGE]:
            right = number in self.test.only_first
            said = _("A ✓, B ✗") if right else _("A ✗, B ✓")
            text = _("The records have no text of this item.") if texts is None else texts[number]
            text = on_one_line(text, LONGEST)
            items.append((_("Item {number}: {said}").format(number=f"{number:,}", said=said), text))
        return items

    def _items_said(self) -> str:
        n = self._n_differing()
        shown = self._differing()
        if not shown:
            return _("There are no such items here.") if n else _("They are right on the same items.")
        start = self._shown[5] * PAGE
        return ngettext(
            "Where they differ: {first} to {last} of {n} item.", "Where they differ: {first} to {last} of {n} items.", n
        ).format(first=start + 1, last=start + len(shown), n=f"{n:,}")

    def _items_page(self) -> str:
        return html.heading(self._items_said()) + items_page(self._differing())

    def picture(self) -> Figure:
        ranked, draw = self.ranked, self._shown[4]
        return ranks_figure(
            [_named(entry.name, entry.is_trivial) for entry in ranked.entries],
            ranked.intervals,
            ranked.ranks.shares,
            ranked.ranks_of(draw),
            ranked.scores_of(draw),
            title=self._title(),
            xlabel=_("{score}, with its 95 % interval").format(score=self._shown[1]),
            trivial=[entry.is_trivial for entry in ranked.entries],
            marks=self._marks,
            percent=ranked.how.unit == "%",
            said=[self._drawn(), self._who(), *self._compared()],
        )

    def in_words(self) -> str:
        first = self._row_words(0)
        shown = [f"{above}. {text[:80]}" for above, text in self._differing()[:1]]
        return "\n".join(
            [self._title(), first, self._drawn(), self._who(), *self._compared(), self._items_said(), *shown]
        )


def _named(name: str, is_trivial: bool) -> str:
    return _("{name} (baseline)").format(name=name) if is_trivial else name


def _short(interval: Any) -> str:
    low, high = interval.number(interval.low), interval.number(interval.high)
    return f"{interval.number(interval.estimate)} [{low}, {high}]"


def _among(value: str, known: Sequence[str], message: str) -> str:
    if value in known:
        return value
    raise StateError(message.format(name=value[:60], known=choices(known)))
