"""Distributions over a small space of answers beside one another, and how far each is from the optimum."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from course.layers.sizes import require_whole
from course.messages import _, ngettext
from course.viz.kit.alt_text import at_most
from course.viz.kit.layout import Numbers, new_figure, shortened, text_width, wrapped_within
from course.viz.kit.style import INK, ORANGE, QUIET, SKY, drawable, in_course_style
from course.viz.kit.text import percent

WIDTH, ROW, LINE, HEAD = 8.0, 0.26, 0.26, 0.62  # inches
LONGEST_ANSWER, NUMBER = 1.9, 0.52  # inches
MOST_COLUMNS = 5


@in_course_style
def answer_bars(
    answers: Sequence[str],
    distributions: Mapping[str, Numbers],
    *,
    title: str,
    target: str | None = None,
    most: int = 12,
) -> Figure:
    """A column of bars for each distribution, a row for each answer; a stroke in each column marks the target.

    distributions: name → (answers,), each summing to 1. The `most` answers that are most probable under any of them
    have rows, in the order of the target's probabilities; the others are summed in the last. `target` is the name of
    the distribution that the others are compared with, by total variation. Raises `ValueError` for no answers, one
    number for each answer missing, a distribution that is none, a target that is none of them, more than five
    distributions, and a `most` below 1.
    """
    require_whole(most, "most")
    tables = {name: np.asarray(values, dtype=float) for name, values in distributions.items()}
    _check(answers, tables, target)
    rows, summed = _rows(answers, tables, target, most)
    figure = new_figure(WIDTH, 1.0)
    lines = wrapped_within(figure, drawable(title), 13.0, WIDTH - 0.2, 2, "bold")
    top = 0.05 + LINE * len(lines) + HEAD
    height = top + ROW * len(rows) + 0.1
    figure.set_size_inches(WIDTH, height)
    figure.suptitle("\n".join(lines), x=0.0, y=1.0, ha="left", va="top", fontsize=13.0, weight="bold")
    names = [shortened(figure, " ".join(drawable(row).split()), 10.0, LONGEST_ANSWER) for row in rows]
    left = max(text_width(figure, name, 10.0) for name in names) + 0.12
    column = (WIDTH - left) / len(tables)
    longest = max(float(table.max()) for table in summed.values())
    goal = None if target is None else summed[target]
    places = range(len(rows))
    for index, (name, values) in enumerate(summed.items()):
        box = ((left + index * column) / WIDTH, 0.1 / height, (column - NUMBER - 0.1) / WIDTH, ROW * len(rows) / height)
        axes = figure.add_axes(box, xlim=(0, longest), ylim=(len(rows) - 0.5, -0.5))
        color = ORANGE if name == target else SKY
        axes.barh(places, values, color=color, edgecolor=INK, linewidth=0.6, height=0.66, clip_on=False)
        if goal is not None and name != target:
            for place in places:
                axes.plot(
                    [goal[place]] * 2, [place - 0.45, place + 0.45], color=INK, linewidth=2.0, zorder=4, clip_on=False
                )
        heading = shortened(figure, drawable(name), 11.0, column - 0.1, "bold")
        axes.set_title(heading, fontsize=11.0, pad=24)
        if target is not None:
            axes.annotate(
                _("the target") if name == target else _distance(tables[name], tables[target]),
                (0, 1),
                xycoords="axes fraction",
                xytext=(0, 8),
                textcoords="offset points",
                fontsize=10.0,
                color=QUIET,
                annotation_clip=False,
            )
        axes.set_yticks(places, names if index == 0 else [], fontsize=10.0)
        axes.set_xticks([])
        axes.tick_params(axis="both", length=0)
        axes.spines["bottom"].set_visible(False)
        for place, value in zip(places, values.tolist(), strict=True):
            style = {"textcoords": "offset points", "ha": "right", "va": "center", "fontsize": 10.0}
            where = {"xycoords": ("axes fraction", "data"), "xytext": (72 * NUMBER, 0), "annotation_clip": False}
            axes.annotate(percent(value, 1), (1, place), **where, **style)
    figure.set_label(at_most(_in_words(" ".join(lines), rows, summed, tables, target)))
    return figure


def _in_words(
    title: str,
    rows: Sequence[str],
    summed: Mapping[str, np.ndarray],
    tables: Mapping[str, np.ndarray],
    target: str | None,
) -> str:
    """The figure for whoever does not see it: first the distances, then the probabilities of each answer."""
    lines = [_("{title}. Bars of {names}, for each answer.").format(title=title, names=", ".join(tables))]
    if target is not None:
        goal = tables[target]
        each = [f"{name}: {_distance(table, goal)}" for name, table in tables.items() if name != target]
        lines.append(_("Distances from {target}: {each}.").format(target=target, each="; ".join(each)))
    for place, row in enumerate(rows):
        values = ", ".join(percent(values[place], 1) for values in summed.values())
        lines.append(f"{row}: {values}.")
    return "\n".join(lines)


def _distance(first: np.ndarray, second: np.ndarray) -> str:
    distance = 0.5 * float(np.abs(first - second).sum())
    return _("total variation {distance}").format(distance=f"{distance:.3f}")


def _rows(
    answers: Sequence[str], tables: Mapping[str, np.ndarray], target: str | None, most: int
) -> tuple[list[str], dict[str, np.ndarray]]:
    """The names of the rows, and each distribution over them; the last row is the sum of what has none of its own."""
    highest = np.max(list(tables.values()), axis=0)
    kept = np.argsort(-highest, kind="stable")[: most if len(answers) > most else len(answers)]
    by = tables[target if target is not None else next(iter(tables))]
    kept = kept[np.argsort(-by[kept], kind="stable")]
    rows = [answers[place] for place in kept.tolist()]
    n_others = len(answers) - len(kept)
    if not n_others:
        return rows, {name: table[kept] for name, table in tables.items()}
    others = ngettext("{n} other answer", "{n} other answers", n_others).format(n=f"{n_others:,}")
    summed = {name: np.append(table[kept], table.sum() - table[kept].sum()) for name, table in tables.items()}
    return [*rows, others], summed


def _check(answers: Sequence[str], tables: Mapping[str, np.ndarray], target: str | None) -> None:
    if not len(answers) or not 1 <= len(tables) <= MOST_COLUMNS:
        raise ValueError(
            _(
                "There are {answers} answers and {n} distributions: give one answer or more, and 1 to {most} of these."
            ).format(answers=len(answers), n=len(tables), most=MOST_COLUMNS)
        )
    for name, table in tables.items():
        if table.shape != (len(answers),):
            raise ValueError(
                _("{name!r} has the shape {shape}; {n} answers need ({n},).").format(
                    name=name, shape=table.shape, n=len(answers)
                )
            )
        if not (np.isfinite(table).all() and (table >= 0).all() and abs(table.sum() - 1) < 1e-3):
            raise ValueError(
                _(
                    "{name!r} is no distribution: its numbers must be 0 or more, and sum to 1 (they sum to {sum:.4f})."
                ).format(name=name, sum=table.sum())
            )
    if target is not None and target not in tables:
        raise ValueError(
            _("There is no distribution {name!r}; there are: {known}.").format(name=target, known=", ".join(tables))
        )
