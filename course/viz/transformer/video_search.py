"""Query, key and value as a search: the learner's query against titles, and the weighted sum of the contents."""

import ipywidgets
import torch
import traitlets
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from course.bert import Bert, encode_batch, sentence_embeddings
from course.messages import _
from course.tokenization import WordPiece
from course.viz.figures.bars import number_bars, share_bars
from course.viz.kit import html
from course.viz.kit.controls import STYLE, control_grid, float_slider, label_above, side_by_side
from course.viz.kit.layout import stacked
from course.viz.kit.text import number, percent
from course.viz.kit.traits import Number, Text
from course.viz.kit.widget import LessonWidget, TextLine, require_at_most, text_box

MAX_CHARACTERS = 2_000
MAX_VIDEOS = 12


class VideoSearch(LessonWidget):
    """A query, videos with a title (key) and a content (value), and the attention of the query to the videos.

    The state is `query`, `videos` (one per line, "title | content") and `sharpness` (a factor on the similarities
    before softmax). `similarities` holds the cosine of the query with each title, `weights` their softmax, `nearness`
    the cosine of the weighted sum of the contents with each content. A line without "|", or more than 12 videos, is an
    error.
    """

    query = Text()
    videos = Text()
    sharpness = Number(10.0, min=0, max=50)

    def __init__(self, model: Bert, tokenizer: WordPiece, *, query: str, videos: str, sharpness: float = 10.0) -> None:
        self._model, self._tokenizer = model, tokenizer
        self._known: dict[str, Tensor] = {}  # text → its embedding
        self.titles: list[str] = []
        self._shown: tuple[str, list[str]] = ("", [])  # the query and the contents of what is shown
        self.similarities = self.weights = self.nearness = torch.zeros(0)
        ask = TextLine(description=_("Query"), layout=ipywidgets.Layout(width="auto"), style=STYLE)
        box = label_above(text_box(_("Videos: title | content, one a line")))
        box.rows = 7
        slider = float_slider(_("Sharpness"), 0.0, 50.0, step=1.0, digits=0)
        self._weights, self._mix = ipywidgets.HTML(), ipywidgets.HTML()
        views = side_by_side(self._weights, self._mix)
        super().__init__([ask, box, control_grid(slider), views], query=query, videos=videos, sharpness=sharpness)
        for name, control in (("query", ask), ("videos", box), ("sharpness", slider)):
            traitlets.link((self, name), (control, "value"))
        self.react(self.search, "query", "videos", "sharpness")

    def search(self) -> None:
        """Compare the query with every title, and compute the weighted sum of the contents."""
        require_at_most(MAX_CHARACTERS, self.query + self.videos)
        videos = _parsed(self.videos)
        if not self.query.strip():
            raise ValueError(_("There is no query: type what you look for."))
        titles, contents = map(list, zip(*videos, strict=True))
        query = self._read([self.query])[0]
        keys, values = self._read(titles), self._read(contents)
        self._shown, self.titles = (self.query, contents), titles
        self.similarities = keys @ query
        self.weights = (self.sharpness * self.similarities).softmax(dim=0)
        mix = self.weights @ values
        self.nearness = values @ mix / mix.norm()
        shown = zip(self.titles, self.weights.tolist(), self.similarities.tolist(), strict=True)
        best = int(self.weights.argmax())
        self._weights.value = html.bars(
            [
                html.Bar(title, weight, percent(weight), marked=place == best, note=f"q · k = {number(similarity)}")
                for place, (title, weight, similarity) in enumerate(shown)
            ],
            self._weights_title(),
            full=1.0,
        )
        nearest = int(self.nearness.argmax())
        self._mix.value = html.bars(
            [
                html.Bar(content, near, number(near), marked=place == nearest)
                for place, ((_title, content), near) in enumerate(zip(videos, self.nearness.tolist(), strict=True))
            ],
            self._mix_title(),
            full=1.0,
        )

    def _read(self, texts: list[str]) -> Float[Tensor, "text d_model"]:
        """A vector of length 1 for each text. A text is embedded once: typing a query does not embed the videos."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            ids, mask = encode_batch(self._tokenizer, new, next(self._model.parameters()).device)
            with torch.no_grad():
                self._known |= zip(new, sentence_embeddings(self._model(ids, mask), mask).cpu(), strict=True)
        return torch.stack([self._known[text] for text in texts])

    def _weights_title(self) -> str:
        return _("How the query shares itself out over the titles")

    def _mix_title(self) -> str:
        return _("How near the mix is to each content (cosine)")

    def picture(self) -> Figure:
        query, contents = self._shown
        best, nearest = int(self.weights.argmax()), int(self.nearness.argmax())
        shares = share_bars(
            self.titles,
            self.weights.numpy(),
            title=_("Query “{query}”: its weights on the titles").format(query=query),
            xlabel=_("weight"),
            marked=best,
        )
        cosines = number_bars(
            contents,
            self.nearness.numpy(),
            title=self._mix_title(),
            xlabel=_("cosine"),
            marked=nearest,
            limits=(min(0.0, float(self.nearness.min())), 1.0),
        )
        return stacked([shares, cosines])

    def in_words(self) -> str:
        shares = [
            f"{title}: {percent(weight, 0)}" for title, weight in zip(self.titles, self.weights.tolist(), strict=True)
        ]
        return "\n".join([f"{self._shown[0]!r}", *shares])


def _parsed(videos: str) -> list[tuple[str, str]]:
    """Title and content of each line."""
    lines = [line for line in videos.splitlines() if line.strip()]
    parts = [[part.strip() for part in line.split("|", 1)] for line in lines]
    for line, part in zip(lines, parts, strict=True):
        if len(part) < 2 or not all(part):
            raise ValueError(
                _("{line!r} is not a video: write a title, the sign |, and its content.").format(line=line)
            )
    if not 1 <= len(parts) <= MAX_VIDEOS:
        raise ValueError(
            _("There are {count} videos; from 1 to {limit} can be shown.").format(count=len(parts), limit=MAX_VIDEOS)
        )
    return [(title, content) for title, content in parts]
