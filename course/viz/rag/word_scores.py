"""Why a passage was found by its words: what each word of the question adds to its score."""

from collections.abc import Sequence

import ipywidgets
import traitlets
from matplotlib.figure import Figure

from course.messages import _, ngettext
from course.rag import BM25, Hit, words
from course.viz.figures.bars import number_bars
from course.viz.kit import html
from course.viz.kit.controls import control_grid, float_slider, int_slider
from course.viz.kit.layout import stacked
from course.viz.kit.strips import token_strip_figure
from course.viz.kit.text import StripToken, number
from course.viz.kit.token_strip import TokenStrip
from course.viz.kit.traits import Number, Text, Whole
from course.viz.kit.widget import LessonWidget, require_at_most, text_box

MAX_CHARACTERS, N_BEST = 300, 10


class WordScores(LessonWidget):
    """A question, one of the passages that BM25 finds for it, and the words of both that make its score.

    The state is `question`, `place` in the ranking from 1, and BM25's `k1` and `b`. `hits` are the best passages, at
    most ten; `contributions` is what each word of the question adds to the score of the one that is shown.
    """

    question = Text()
    place = Whole(1, min=1, max=N_BEST)
    k1 = Number(1.2, min=0, max=3)
    b = Number(0.75, min=0, max=1)
    hits: list[Hit]
    contributions: dict[str, float]

    def __init__(
        self,
        texts: Sequence[str],
        *,
        question: str,
        titles: Sequence[str] | None = None,
        place: int = 1,
        k1: int | float = 1.2,
        b: int | float = 0.75,
    ) -> None:
        """Raises `ValueError` where there is not one title for each text, and for numbers out of range."""
        titles = [""] * len(texts) if titles is None else list(titles)
        if len(titles) != len(texts):
            raise ValueError(
                _("There are {titles} titles for {texts} texts: give one for each.").format(
                    titles=len(titles), texts=len(texts)
                )
            )
        self._texts = [f"{title}: {text}" if title else text for title, text in zip(titles, texts, strict=True)]
        self._words = [words(text) for text in self._texts]
        self._built: tuple[float, float] | None = None
        box = text_box(_("Question"), _("Type a question"))
        box.rows = 1
        places = int_slider(_("Place"), 1, N_BEST)
        sliders = {"k1": float_slider("k₁", 0.0, 3.0, 0.1, 1), "b": float_slider("b", 0.0, 1.0, 0.05, 2)}
        for slider in sliders.values():
            slider.continuous_update = False  # the index is made anew
        self._heading, self._bars = ipywidgets.HTML(), ipywidgets.HTML()
        self.strip = TokenStrip(label=_("Words of the passage"))
        views = [control_grid(places, *sliders.values()), self._heading, self.strip, self._bars]
        super().__init__([box, *views], question=question)
        self.start_with(k1=k1, b=b, place=place)
        for name, control in (("question", box), ("place", places), *sliders.items()):
            traitlets.link((self, name), (control, "value"))
        self.react(self.update, "question", "place", "k1", "b")

    def update(self) -> None:
        """Search, and take the score of the passage at this place apart."""
        require_at_most(MAX_CHARACTERS, self.question)
        if self._built != (self.k1, self.b):
            self._index, self._built = BM25(self._words, k1=self.k1, b=self.b), (self.k1, self.b)
        hits = self._index.search(self.question, N_BEST)
        if len(hits) < self.place:
            raise ValueError(
                ngettext(
                    "{n} passage has a word of the question: there is none at place {place}.",
                    "{n} passages have a word of the question: there is none at place {place}.",
                    len(hits),
                ).format(n=len(hits), place=self.place)
            )
        hit = hits[self.place - 1]
        self.contributions = self._index.contributions(self.question, hit.index)
        self.hits, self._hit, self._shown = hits, hit, (self.question, self.place)
        self._heading.value = html.heading(self._said())
        self.strip.tokens = self._tokens()
        self._bars.value = html.bars(self._rows(), self._caption())

    # --- What is shown ---

    def _said(self) -> str:
        return _("Place {place}, score {score}: the sum of what the words of the question add").format(
            place=self._shown[1], score=number(self._hit.score)
        )

    def _caption(self) -> str:
        return _("What each word adds; in how many passages, idf, times in this one")

    def _rows(self) -> list[html.Bar]:
        most = max(self.contributions.values())
        return [
            html.Bar(word, value, number(value), marked=value == most, note=self._counted(word))
            for word, value in self.contributions.items()
        ]

    def _counted(self, word: str) -> str:
        return _("in {n}, idf {idf}, {times}×").format(
            n=f"{self._index.n_with(word):,}",
            idf=number(self._index.idf(word)),
            times=self._words[self._hit.index].count(word),
        )

    def _tokens(self) -> list[StripToken]:
        """The passage, each of its words as strong as what it adds, and what is between them."""
        text, most = self._texts[self._hit.index], max(self.contributions.values()) or 1
        tokens = []
        for run in text.split():
            added = max((self.contributions.get(word, 0.0) for word in words(run)), default=0.0)
            tokens.append(
                StripToken(run, note=number(added) if added else "", strength=min(max(added / most, 0.0), 1.0))
            )
        return tokens

    def picture(self) -> Figure:
        return stacked([token_strip_figure({self._shown[0]: self._tokens()}), self._bars_figure()])

    def _bars_figure(self) -> Figure:
        return number_bars(
            [f"{word} ({self._counted(word)})" for word in self.contributions],
            list(self.contributions.values()),
            title=self._said(),
            xlabel=_("what the word adds (in how many texts it is, idf, times in this one)"),
        )

    def in_words(self) -> str:
        added = "; ".join(
            f"{word} {number(value)} ({self._counted(word)})" for word, value in self.contributions.items()
        )
        return "\n".join([f"{self._shown[0]!r}", self._said(), f"{self._caption()}: {added}", self.strip.summary()])
