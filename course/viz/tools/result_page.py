"""A call with the layers that it has met, and its value as text or as the picture that it is: on the page and drawn."""

from collections.abc import Sequence
from html import escape

from matplotlib.figure import Figure

from course.messages import _
from course.tools.execution import Result
from course.viz.kit import html
from course.viz.tools.bench_words import layer_lines
from course.viz.tools.call_nodes import shortened, sign
from course.viz.tools.safe_svg import drawing, written
from course.viz.tools.svg_figure import draw, size
from course.viz.tools.verdict_figure import MARGIN, Line, verdict_figure
from course.viz.tools.verdict_page import rows_page


def call_text(result: Result) -> str:
    """The call as it was read."""
    return _("A text that is no call") if result.call is None else str(result.call)


def result_page(result: Result, has_run: bool) -> str:
    """The layers as a table, and the value below it."""
    rows = layer_lines(result, has_run)
    page = rows_page(rows[:5], shortened(call_text(result)))
    if result.value is None:
        return page
    picture = drawing(result)
    if picture is None:
        return page + html.prose(str(result))
    return f'{page}<div class="lm-picture">{written(picture)}</div><div>{escape(rows[-1].said)}</div>'


def bench_figure(results: Sequence[Result], has_run: bool, *, title: str, said: Sequence[str]) -> Figure:
    """Each call on green or red with its layers; the pictures that tools have drawn are below all, as stills."""
    lines = []
    for result in results:
        ok = result.refusal is None
        lines.append(Line(0, shortened(call_text(result)), sign(ok), ok))
        lines += [
            Line(1, f"{row.name}: {row.said}".removesuffix(": "), row.sign) for row in layer_lines(result, has_run)
        ]
    pictures = [picture for picture in map(drawing, results) if picture is not None]
    heights = [size(picture)[1] for picture in pictures]
    figure = verdict_figure(lines, title=title, said=said, room_below=sum(heights, 0.0))
    for place, picture in enumerate(pictures, start=1):
        draw(figure, picture, MARGIN, sum(heights[place:], 0.0))
    return figure
