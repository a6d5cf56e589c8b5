"""A figure in words, read off what is drawn: its alternative text, for whoever does not see the picture.

The sentences name the kind of chart, its title and its axes, and say of each line, bar and heatmap what its data say.
A figure whose picture says something else has words of its own: `figure.set_label(words)`.
"""

import math
from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.category import StrCategoryFormatter
from matplotlib.collections import LineCollection, PathCollection, PolyCollection
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.text import Annotation, Text
from matplotlib.ticker import FixedFormatter, FuncFormatter

from course.messages import _, ngettext

LONGEST = 600  # characters of an alternative text
LONGEST_NAME = 120  # characters of a title or a name in it
MOST_BARS, LARGEST = 12, 3  # bars of a chart, and entries of a heatmap, that are named
ENDS = (".", "?", "!", "…", ":", ";", ",")  # after which a sentence needs no period
BETWEEN_TICKS = math.pi  # a place where no tick is
SIGNS = str.maketrans({"␣": " "})


def alt_text(figure: Figure) -> str:
    """What the figure shows: its own label where it has one, else what is drawn, in at most 600 characters.

    A label may have twice as many: several figures in one picture have the words of each.
    """
    if label := str(figure.get_label()):
        return at_most(label, 2 * LONGEST)
    return at_most(" ".join(_sentences(figure)) or _("An empty picture."))


def at_most(words: str, limit: int = LONGEST) -> str:
    """The words in one line, with as many whole sentences as there is room for."""
    lines = (" ".join(line.split()) for line in words.splitlines())
    words = " ".join(line if line.endswith(ENDS) else f"{line}." for line in lines if line)
    if len(words) <= limit:
        return words
    more = _("The picture shows more.")
    begun = words[: limit - len(more) - 1]
    end = max(begun.rfind(". "), begun.rfind("; "), begun.rfind(" | "))
    return f"{begun[:end]}. {more}" if end > limit / 2 else f"{begun[:-2]}… {more}"


def _sentences(figure: Figure) -> Iterator[str]:
    axes = [each for each in figure.axes if each.get_visible() and not hasattr(each, "_colorbar")]
    heading = figure.get_suptitle()
    if heading:
        yield _sentence(heading)
    written = [text for text in figure.texts if text.get_text() not in ("", heading)]
    charts = [each for each in axes if each.axison]
    if written and not (heading or any(map(_title, charts))):  # a figure's own heading, written by hand
        yield _listed([text.get_text() for text in written])
        written = []
    said: set[str] = set()  # of the scales: panels side by side share them
    for each in axes:
        yield from _chart(each, said) if each.axison else _drawing(each)
    if written:
        yield _listed([text.get_text() for text in written])


def _drawing(axes: Axes) -> Iterator[str]:
    """Axes without a scale are a page to draw on: what is written there, and how many small pictures there are."""
    if title := _title(axes):
        yield _sentence(_("Drawing: {title}").format(title=title))
    tables = [image for image in axes.images if _table(image).ndim == 2]
    if tables:
        yield ngettext("{count} small heatmap.", "{count} small heatmaps.", len(tables)).format(count=len(tables))
    if texts := [text.get_text() for text in axes.texts if text.get_text().strip()]:
        yield _listed(texts)


def _chart(axes: Axes, said: set[str]) -> Iterator[str]:
    """Axes with a scale: what kind of chart, its title, its axes, and what its data say."""
    bars = [container for container in axes.containers if isinstance(container, BarContainer)]
    tables = [image for image in axes.images if _table(image).ndim == 2]
    lines = [line for line in axes.lines if line.get_visible() and line.get_transform() == axes.transData]
    points = [each for each in axes.collections if isinstance(each, PathCollection)]
    kind = (
        _("Heatmap")
        if tables
        else _("Bar chart")
        if bars
        else _("Line chart")
        if any(len(_points(line)) > 1 for line in lines)
        else _("Scatter plot")
    )
    title = _title(axes)
    yield _sentence(_("{kind}: {title}").format(kind=kind, title=title) if title else kind)
    used: set[Text] = set()
    scales = [sentence for table in tables for sentence in _sizes(axes, table)] or list(_scales(axes))
    yield from (sentence for sentence in scales if sentence not in said)
    said.update(scales)
    for table in tables:
        yield from _heatmap(axes, table)
        used |= set(axes.texts)  # the numbers in its cells
    for container in bars:
        yield _bars(axes, container, used)
    yield from _lines(axes, lines, used)
    for cloud in points:
        yield from _cloud(axes, cloud)
    rest = [text.get_text() for text in axes.texts if text not in used and text.get_text().strip()]
    if not rest and any(isinstance(each, PolyCollection) and _has_area(each) for each in axes.collections):
        yield _("A shaded band is around each line.")
    for bundle in axes.collections:
        if isinstance(bundle, LineCollection):
            count = len(bundle.get_segments())
            yield ngettext("{count} stroke.", "{count} strokes.", count).format(count=count)
    if rest:
        yield _listed(rest)


def _scales(axes: Axes) -> Iterator[str]:
    """What is along the axes that have a name and numbers, and from which tick to which."""
    for axis, label in (
        (axes.xaxis, _("Horizontal axis: {label}, from {low} to {high}.")),
        (axes.yaxis, _("Vertical axis: {label}, from {low} to {high}.")),
    ):
        if axis.get_label_text() and not _has_names(axis):
            low, high = sorted(axis.get_view_interval())
            ticks = [float(tick) for tick in axis.get_majorticklocs() if low <= tick <= high]
            if len(ticks) >= 2:
                low, high = min(ticks), max(ticks)
            yield label.format(label=_named(axis.get_label_text()), low=_written(axis, low), high=_written(axis, high))


def _sizes(axes: Axes, image: AxesImage) -> Iterator[str]:
    """How large a heatmap is, and what its rows, columns and cells are."""
    rows, columns = _table(image).shape
    yield _("{rows} rows by {columns} columns.").format(rows=rows, columns=columns)
    if down := _named(axes.yaxis.get_label_text()):
        yield _("Rows: {label}.").format(label=down)
    if across := _named(axes.xaxis.get_label_text()):
        yield _("Columns: {label}.").format(label=across)
    bar = image.colorbar
    if bar is not None and bar.ax.get_ylabel():
        yield _("Each cell: {label}.").format(label=_named(bar.ax.get_ylabel()))


def _heatmap(axes: Axes, image: AxesImage) -> Iterator[str]:
    """The largest entries of a heatmap and the smallest."""
    table = _table(image)
    columns = table.shape[1]
    falling = np.argsort(-table, axis=None, kind="stable")
    finite = [place for place in falling.tolist() if np.isfinite(table.flat[place])]
    if not finite:
        return

    def entry(place: int) -> str:
        row, column = divmod(place, columns)
        value = table[row, column]
        shares = image.norm.vmin == 0 and image.norm.vmax == 1
        written = f"{value:.0%}" if shares else _number(value)
        return f"{written} ({_tick(axes.yaxis, row)}, {_tick(axes.xaxis, column)})"

    yield _("Largest (row, column): {entries}.").format(entries="; ".join(map(entry, finite[:LARGEST])))
    if len(finite) > LARGEST:
        yield _("Smallest: {entry}.").format(entry=entry(finite[-1]))


def _bars(axes: Axes, container: BarContainer, used: set[Text]) -> str:
    """The value of each bar, as it is written at its end, or else as its axis writes it."""
    lying = container.orientation == "horizontal"
    names, values = (axes.yaxis, axes.xaxis) if lying else (axes.xaxis, axes.yaxis)
    entries, name = [], ""
    for bar, value in zip(container.patches, np.asarray(container.datavalues, dtype=float).tolist(), strict=True):
        place = bar.get_y() + bar.get_height() / 2 if lying else bar.get_x() + bar.get_width() / 2
        at_end = [text for text in axes.texts if isinstance(text, Annotation) and math.isclose(text.xy[lying], place)]
        used |= set(at_end)
        label = _tick(names, place)
        name = label or name  # the bars of a group have one label
        text = " ".join(_named(each.get_text()) for each in at_end) or _written(values, value)
        entries.append(_("{name}: {value}").format(name=name, value=text))
    shown = "; ".join(entries[:MOST_BARS])
    if len(entries) <= MOST_BARS:
        return _sentence(shown)
    return _("{bars}; and {count} more bars.").format(bars=shown, count=len(entries) - MOST_BARS)


def _lines(axes: Axes, lines: Sequence[Line2D], used: set[Text]) -> Iterator[str]:
    """Where each line begins and ends, its lowest and its highest point; of a single point, where it is."""
    unnamed = []
    for line in lines:
        points = _points(line)
        if len(points) == 1:
            x, y = points[0].tolist()
            yield _("Marked: {y} at {x}.").format(y=_written(axes.yaxis, y), x=_written(axes.xaxis, x))
        elif len(points):
            name = _line_name(axes, line, points[-1], used)
            if name:
                yield _line(axes, name, points)
            else:
                unnamed.append(points)
    if len(unnamed) == 1:
        yield _line(axes, _named(axes.yaxis.get_label_text()) or _("The line"), unnamed[0])
    elif unnamed:
        heights = np.concatenate(unnamed)[:, 1]
        yield _("{count} lines, between {low} and {high}.").format(
            count=len(unnamed), low=_written(axes.yaxis, heights.min()), high=_written(axes.yaxis, heights.max())
        )


def _line(axes: Axes, name: str, points: np.ndarray) -> str:
    order = np.argsort(points[:, 1], kind="stable")
    (x0, y0), (x1, y1) = points[0].tolist(), points[-1].tolist()
    (x2, y2), (x3, y3) = points[order[0]].tolist(), points[order[-1]].tolist()
    x, y = axes.xaxis, axes.yaxis
    ends = _("{name}: {first} at {start}, {last} at {end}").format(
        name=name, first=_written(y, y0), start=_written(x, x0), last=_written(y, y1), end=_written(x, x1)
    )
    between = []
    if y2 < min(y0, y1):
        between.append(_("lowest {low} at {x}").format(low=_written(y, y2), x=_written(x, x2)))
    if y3 > max(y0, y1):
        between.append(_("highest {high} at {x}").format(high=_written(y, y3), x=_written(x, x3)))
    return _sentence(", ".join([ends, *between]))


def _line_name(axes: Axes, line: Line2D, end: np.ndarray, used: set[Text]) -> str:
    """The line's label, or what is written at its last point."""
    label = str(line.get_label())
    if not label.startswith("_"):
        return _named(label)
    for text in axes.texts:
        if text in used or not isinstance(text, Annotation) or text.xycoords != "data":
            continue
        if np.allclose(np.asarray(text.xy, dtype=float), end):
            used.add(text)
            return _named(text.get_text())
    return ""


def _cloud(axes: Axes, cloud: PathCollection) -> Iterator[str]:
    places = np.ma.filled(np.ma.asarray(cloud.get_offsets(), dtype=float), np.nan)
    places = places[np.isfinite(places).all(axis=1)]
    if len(places):
        (left, low), (right, high) = places.min(axis=0).tolist(), places.max(axis=0).tolist()
        yield ngettext(
            "{count} point, from {left} to {right} across and from {low} to {high} up.",
            "{count} points, from {left} to {right} across and from {low} to {high} up.",
            len(places),
        ).format(
            count=len(places),
            left=_written(axes.xaxis, left),
            right=_written(axes.xaxis, right),
            low=_written(axes.yaxis, low),
            high=_written(axes.yaxis, high),
        )


def _table(image: AxesImage) -> np.ndarray:
    """The numbers that a picture shows: (rows, columns), and a third dimension where they are colors."""
    return np.ma.filled(np.ma.asarray(image.get_array(), dtype=float), np.nan)


def _points(line: Line2D) -> np.ndarray:
    """The points (x, y) of a line that have a place."""
    points = np.asarray(line.get_xydata(), dtype=float)
    return points[np.isfinite(points).all(axis=1)]


def _has_area(band: PolyCollection) -> bool:
    for path in band.get_paths():
        corners = np.asarray(path.vertices, dtype=float)
        x, y = corners[np.isfinite(corners).all(axis=1)].T
        scale = (np.ptp(x) * np.ptp(y)) if len(x) else 0
        if abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2 > 1e-6 * scale > 0:
            return True
    return False


def _title(axes: Axes) -> str:
    return " ".join(filter(None, (_named(axes.get_title(loc)) for loc in ("left", "center", "right"))))


def _written(axis: Axis, value: int | float) -> str:
    """A number as its axis writes it, a share with one decimal more."""
    formatter = axis.get_major_formatter()
    if _has_names(axis):
        return _tick(axis, value) or _number(value)
    if isinstance(formatter, FuncFormatter):
        text = formatter(value, None)
        return f"{value:.1%}".replace("-", "−").replace(".0%", "%") if text.endswith("%") else text
    return _number(value)


def _number(value: int | float) -> str:
    """A number in three digits."""
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return text.replace("-", "−") if float(text.replace(",", "")) else "0"


def _has_names(axis: Axis) -> bool:
    """Whether the ticks of an axis are named by hand, and not numbers: then there is no label but at a tick."""
    formatter = axis.get_major_formatter()
    return isinstance(formatter, FixedFormatter | StrCategoryFormatter) or (
        isinstance(formatter, FuncFormatter) and formatter(BETWEEN_TICKS, None) == ""
    )


def _tick(axis: Axis, place: int | float) -> str:
    """The label of a tick, or its number: on an axis of numbers, and where only some of the ticks have a label."""
    if _has_names(axis):
        for tick, label in zip(axis.get_majorticklocs(), axis.get_ticklabels(), strict=False):
            if math.isclose(tick, place, abs_tol=1e-9):
                return _named(label.get_text())
    return _number(place)


def _named(text: str) -> str:
    """A text of the figure in one line, cut where it is long."""
    text = " ".join(text.translate(SIGNS).split()) or (_("space") if text else "")
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1].rstrip() + "…"


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith(ENDS) else f"{text}."


def _listed(texts: Sequence[str]) -> str:
    return _sentence(_("Text in the picture: {texts}").format(texts=" | ".join(map(_named, texts))))
