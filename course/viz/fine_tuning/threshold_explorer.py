"""A threshold that one moves: its point on the precision–recall curve, the confusion matrix, and who changes sides."""

from collections.abc import Sequence
from html import escape

import ipywidgets
import numpy as np
import traitlets
from jaxtyping import Bool, Float
from matplotlib.figure import Figure

from course.messages import _, ngettext
from course.viz.fine_tuning.figures import threshold_figure
from course.viz.fine_tuning.scored_texts import Counts, ScoredTexts
from course.viz.kit import html
from course.viz.kit.controls import control_grid, float_slider, side_by_side
from course.viz.kit.text import percent
from course.viz.kit.traits import Number
from course.viz.kit.widget import LessonWidget

SHOWN = 8  # texts that change sides, on the page
IN_WORDS = 3  # and in words
LONGEST = 160  # characters of a text
SIDE, LEFT, BOTTOM, MARGIN = 270, 48, 38, 22  # pixels of the curve


class ThresholdExplorer(LessonWidget):
    """From which probability on is a text positive?

    The state is `threshold` and `compared_with`, another threshold: the texts that are on another side than there are
    named. `counts` has the counts and measures, `changed` the numbers of those texts.
    """

    threshold = Number(0.5, min=0, max=1)
    compared_with = Number(0.5, min=0, max=1)
    counts: Counts
    changed: list[int]

    def __init__(
        self,
        texts: Sequence[str],
        is_positive: Bool[np.ndarray, "text"],
        probabilities: Float[np.ndarray, "text"],
        *,
        names: tuple[str, str] = ("negative", "positive"),
        threshold: int | float = 0.5,
        compared_with: int | float = 0.5,
    ) -> None:
        self.scored = ScoredTexts(texts, is_positive, probabilities, names)
        self._line = curve_points(self.scored)
        sliders = {
            "threshold": float_slider(_("Threshold"), 0.0, 1.0, step=0.01, digits=2),
            "compared_with": float_slider(_("Compared with"), 0.0, 1.0, step=0.01, digits=2),
        }
        self._heading, self._curve, self._table, self._texts = (ipywidgets.HTML() for _view in range(4))
        views = side_by_side(self._curve, self._table)
        super().__init__(
            [control_grid(*sliders.values()), self._heading, views, self._texts],
            threshold=threshold,
            compared_with=compared_with,
        )
        for name, slider in sliders.items():
            traitlets.link((self, name), (slider, "value"))
        self.react(self.update, "threshold", "compared_with")

    def update(self) -> None:
        """Count again, and name the texts that are on another side."""
        self.counts = self.scored.counts_at(self.threshold)
        self.changed = self.scored.changed(self.compared_with, self.threshold)
        self._heading.value = html.heading(self._said())
        self._curve.value = curve_drawing(self._line, self.counts, self._curve_words())
        self._table.value = matrix_table(self.counts, self.scored.names)
        self._texts.value = f"{html.heading(self._moved())}{texts_table(self._lines(SHOWN))}"

    def _said(self) -> str:
        counts, name, threshold = self.counts, self.scored.names[1], f"{self.threshold:.2f}"
        recall, accuracy = percent(counts.recall, 1), percent(counts.accuracy, 1)
        if counts.precision is None:
            return _(
                "From {threshold} on, nothing is {name}: precision is undefined, recall {recall}, accuracy {accuracy}."
            ).format(threshold=threshold, name=name, recall=recall, accuracy=accuracy)
        return _(
            "{name} from {threshold} on: precision {precision}, recall {recall}, F1 {f1}, accuracy {accuracy}."
        ).format(
            name=name,
            threshold=threshold,
            precision=percent(counts.precision, 1),
            recall=recall,
            f1=percent(counts.f1, 1),
            accuracy=accuracy,
        )

    def _curve_words(self) -> str:
        return _("Precision against recall of {name}").format(name=self.scored.names[1])

    def _moved(self) -> str:
        n = len(self.changed)
        if not n:
            return _("No text is on another side than at {before}.").format(before=f"{self.compared_with:.2f}")
        right = int((self.scored.predicted(self.threshold) == self.scored.is_positive)[self.changed].sum())
        return ngettext(
            "{n} text is on another side than at {before}. Now right: {right}; now wrong: {wrong}.",
            "{n} texts are on another side than at {before}. Now right: {right}; now wrong: {wrong}.",
            n,
        ).format(n=f"{n:,}", before=f"{self.compared_with:.2f}", right=f"{right:,}", wrong=f"{n - right:,}")

    def _lines(self, most: int) -> list[tuple[str, str, str, str]]:
        """Probability, what is predicted now, what is true, and the text, of those nearest to the threshold."""
        names, lines = self.scored.names, []
        for place in self.changed[:most]:
            said = names[int(self.scored.predicted(self.threshold)[place])]
            true = names[int(self.scored.is_positive[place])]
            text = " ".join(self.scored.texts[place].split())
            shown = text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"
            mark = "✓" if said == true else "✗"
            lines.append((self.scored.written(place), f"{mark} {said}", true, shown))
        return lines

    def picture(self) -> Figure:
        lines = [self._moved(), *self._named()]
        return threshold_figure(self.scored, self.threshold, self.counts, title=self._said(), lines=lines)

    def in_words(self) -> str:
        counts, (no, yes) = self.counts, self.scored.names
        in_all = _("{yes}: {right} found, {missed} missed; {no}: {false} taken for {yes}, {rest} not.").format(
            yes=yes,
            no=no,
            right=f"{counts.right_positive:,}",
            missed=f"{counts.missed:,}",
            false=f"{counts.false_positive:,}",
            rest=f"{counts.right_negative:,}",
        )
        return "\n".join([self._said(), in_all, self._moved(), *self._named()])

    def _named(self) -> list[str]:
        return [
            _("{probability}, now {said}, in truth {true}: {text}").format(
                probability=probability, said=said, true=true, text=text
            )
            for probability, said, true, text in self._lines(IN_WORDS)
        ]


def curve_points(scored: ScoredTexts) -> list[tuple[float, float]]:
    """The curve in pixels of its drawing, without points that would lie on each other."""
    precision, recall, _thresholds = scored.curve
    points = [_place(x, y) for x, y in zip(recall.tolist(), precision.tolist(), strict=True)]
    rounded = [(round(x * 2) / 2, round(y * 2) / 2) for x, y in points]
    return list(dict.fromkeys(rounded))


def _place(recall: float, precision: float) -> tuple[float, float]:
    return LEFT + recall * (SIDE - LEFT - MARGIN), SIDE - BOTTOM - precision * (SIDE - BOTTOM - MARGIN)


def curve_drawing(points: Sequence[tuple[float, float]], counts: Counts, words: str) -> str:
    """The precision–recall curve with the point of a threshold, in the page's colors."""
    line = " ".join(f"{x:g},{y:g}" for x, y in points)
    (left, bottom), (right, top) = _place(0.0, 0.0), _place(1.0, 1.0)
    point = ""
    if counts.precision is not None:
        x, y = _place(counts.recall, counts.precision)
        point = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6"/>'
    ticks = "".join(
        f'<text x="{_place(share, 0.0)[0]:.1f}" y="{bottom + 15}" text-anchor="middle">{share:.0%}</text>'
        f'<text x="{left - 5}" y="{_place(0.0, share)[1] + 4:.1f}" text-anchor="end">{share:.0%}</text>'
        for share in (0.0, 0.5, 1.0)
    )
    middle = (top + bottom) / 2
    return (
        f'<figure class="lm-chart"><figcaption>{escape(words)}</figcaption>'
        f'<svg viewBox="0 0 {SIDE} {SIDE}" width="{SIDE}" role="img" aria-label="{escape(words)}">'
        f'<path class="lm-axis" d="M{left},{top:.1f} V{bottom:.1f} H{right:.1f}"/><polyline points="{line}"/>{point}'
        f"{ticks}"
        f'<text x="{(left + right) / 2:.1f}" y="{bottom + 31}" text-anchor="middle">{escape(_("recall"))}</text>'
        f'<text x="12" y="{middle:.1f}" text-anchor="middle" transform="rotate(-90 12 {middle:.1f})">'
        f"{escape(_('precision'))}</text></svg></figure>"
    )


def matrix_table(counts: Counts, names: tuple[str, str]) -> str:
    """The confusion matrix: a row for each true class, a column for each predicted one."""
    no, yes = map(escape, names)
    rows = ((no, counts.right_negative, counts.false_positive), (yes, counts.missed, counts.right_positive))
    lines = []
    for place, (name, *row) in enumerate(rows):
        cells = "".join(f"<td>{'✓' if place == column else '✗'} {count:,}</td>" for column, count in enumerate(row))
        lines.append(f'<tr><th scope="row">{name}</th>{cells}</tr>')
    head = f'<tr><td></td><th scope="col">{no}</th><th scope="col">{yes}</th></tr>'
    caption = escape(_("Rows: what is true. Columns: what is predicted."))
    return f'<table class="lm-matrix"><caption>{caption}</caption><tbody>{head}{"".join(lines)}</tbody></table>'


def texts_table(lines: Sequence[tuple[str, str, str, str]]) -> str:
    """The texts that change sides, with their probability, what is predicted now, and what is true."""
    if not lines:
        return ""
    heads = (_("probability"), _("predicted now"), _("true"), _("text"))
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in line)}</tr>" for line in lines)
    caption = escape(_("Those nearest to the threshold"))
    return (
        f'<table class="lm-sides"><caption>{caption}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )
