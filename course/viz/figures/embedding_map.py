"""Vectors of texts on a map of two dimensions, beside the ranking in all of them: the map lies, and says how much."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from course.messages import _, ngettext
from course.viz.figures.map_picture import map_picture
from course.viz.figures.map_reading import MapReading, read_map, require_as_many
from course.viz.kit.alt_text import at_most
from course.viz.kit.interactive import Interactive
from course.viz.kit.plotly_style import markup, new_live_figure, rounded
from course.viz.kit.style import BLUE, INK, ORANGE, QUIET, VERMILLION
from course.viz.kit.text import number, percent

BEGINNING = 60  # characters of a text that the pointer shows


def embedding_map(
    vectors: Float[Tensor, "text width"],
    query: Float[Tensor, "width"],
    titles: Sequence[str],
    texts: Sequence[str],
    query_text: str,
    *,
    n: int = 5,
    title: str,
) -> Interactive:
    """Texts and a query in the plane of the texts' first two principal components, and the `n` nearest in it and not.

    The numbers on the map and the ranking beside it are those of exact search, by the cosine in all dimensions; rings
    are around the nearest on the map. A text may begin with its title, which the pointer shows once. Raises
    `ValueError` as `read_map` does, and where there is not one title and one text for each vector.
    """
    require_as_many(len(vectors), titles=titles, texts=texts)
    reading = read_map(vectors, query, n)
    view = _View(reading, titles, texts, query_text, title)
    return Interactive(view.live(), view.picture(), view.description(), view.numbers())


@dataclass(frozen=True)
class _View:
    reading: MapReading
    titles: Sequence[str]
    texts: Sequence[str]
    query_text: str
    title: str

    def lie(self) -> str:
        """How much of the ranking the map shows."""
        n = len(self.reading.nearest_on_map)
        return ngettext(
            "Of the {n} nearest on the map, {both} is among the {n} nearest in all {width} dimensions.",
            "Of the {n} nearest on the map, {both} are among the {n} nearest in all {width} dimensions.",
            self.reading.n_in_both,
        ).format(n=n, both=self.reading.n_in_both, width=f"{self.reading.width:,}")

    def axes(self) -> tuple[str, str]:
        first, second = (percent(share, 0) for share in self.reading.variance)
        return (
            _("1st principal component: {share} of the variance").format(share=first),
            _("2nd: {share}").format(share=second),
        )

    def numbers(self) -> list[dict[str, object]]:
        distances = ((self.reading.points - self.reading.query) ** 2).sum(axis=1)
        return [
            {
                _("rank"): rank,
                _("cosine"): number(hit.score),
                _("text"): self.titles[hit.index],
                _("rank on the map"): 1 + int((distances < distances[hit.index]).sum()),
            }
            for rank, hit in enumerate(self.reading.hits, start=1)
        ]

    def description(self) -> str:
        head = _("{title}: {n} texts and the question {query!r} in two dimensions. {lie} By the cosine:").format(
            title=self.title, n=f"{len(self.titles):,}", query=self.query_text, lie=self.lie()
        )
        lines = [
            _("{rank}: {text}, {cosine}.").format(rank=rank, text=self.titles[hit.index], cosine=number(hit.score))
            for rank, hit in enumerate(self.reading.hits, start=1)
        ]
        return "\n".join([head, *lines])

    def picture(self) -> Figure:
        names = [
            (f"{rank}  {number(hit.score)}", self.titles[hit.index])
            for rank, hit in enumerate(self.reading.hits, start=1)
        ]
        figure = map_picture(self.reading, names, self.query_text, self.lie(), self.title, self.axes())
        figure.set_label(at_most(self.description()))
        return figure

    def live(self) -> go.Figure:
        found = [hit.index for hit in self.reading.hits]
        rest = [place for place in range(len(self.titles)) if place not in set(found)]
        ring = {"symbol": "circle-open", "size": 15, "color": ORANGE, "line": {"width": 3}}
        groups = (
            (_("texts"), rest, {"mode": "markers", "marker": {"size": 5, "color": QUIET, "opacity": 0.5}}),
            (_("nearest on the map"), self.reading.nearest_on_map, {"mode": "markers", "marker": ring}),
            (
                _("nearest in all dimensions"),
                found,
                {"mode": "markers+text", "marker": {"size": 9, "color": BLUE}, "textposition": "top right"},
            ),
        )
        traces = [self._trace(name, places).update(**look) for name, places, look in groups]
        traces[-1].update(text=[f"<b>{rank}</b>" for rank in range(1, len(found) + 1)])
        x, y = self.reading.query
        star = {"symbol": "star", "size": 16, "color": VERMILLION, "line": {"color": INK, "width": 1}}
        asked = go.Scatter(x=rounded([x]), y=rounded([y]), name=_("question"), mode="markers", marker=star)
        asked.update(hovertemplate=f"<b>{markup(self.query_text)}</b><extra></extra>")
        xlabel, ylabel = self.axes()
        figure = new_live_figure(
            [*traces, asked],
            title=self.title,
            hovermode="closest",
            margin={"t": 88},
            legend={"orientation": "h", "y": -0.22},
            xaxis={"title": {"text": markup(xlabel)}},
            yaxis={"title": {"text": markup(ylabel)}, "scaleanchor": "x"},
        )
        where = {"x": 0, "xref": "paper", "xanchor": "left", "y": 1, "yref": "paper", "yanchor": "bottom"}
        figure.add_annotation(**where, text=markup(self.lie()).replace(", ", ",<br>", 1), align="left", showarrow=False)
        return figure

    def _trace(self, name: str, places: Sequence[int]) -> go.Scatter:
        x, y = self.reading.points[list(places)].T
        return go.Scatter(
            x=rounded(x),
            y=rounded(y),
            name=name,
            customdata=[
                (markup(self.titles[place]), markup(self._beginning(place)), number(self.reading.cosines[place]))
                for place in places
            ],
            hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]}<br>"
            + _("cosine: {value}").format(value="%{customdata[2]}")
            + "<extra></extra>",
        )

    def _beginning(self, place: int) -> str:
        text = " ".join(self.texts[place].removeprefix(f"{self.titles[place]}: ").split())
        return text if len(text) <= BEGINNING else f"{text[:BEGINNING]} …"
