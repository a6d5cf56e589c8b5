"""A question to documents: the passages that a search finds, and what a model answers from them."""

from collections.abc import Callable, Mapping, Sequence
from typing import get_args

import ipywidgets
import traitlets
from matplotlib.figure import Figure
from torch import Tensor

from course.messages import _, ngettext
from course.rag import Chunk, Document, SentenceEncoder, words
from course.rag.prompt import supporting
from course.viz.kit import html
from course.viz.kit.controls import STYLE, choice_slider, control_grid, control_row, int_slider
from course.viz.kit.text import number
from course.viz.kit.traits import Choice, Text, Whole
from course.viz.kit.widget import Action, LessonWidget, require_at_most, text_box
from course.viz.rag.owed import what_it_owes
from course.viz.rag.passage_bench import Found, Method, PassageBench
from course.viz.rag.passage_page import passage_page
from course.viz.rag.text_figure import Paragraph, text_figure

MAX_CHARACTERS, MOST_TEXT, MOST_PASSAGES = 300, 20_000, 5
SIZES = (50, 100, 200)  # words of a chunk
Ask = Callable[[str, Sequence[Chunk]], str]


class PassageSearch(LessonWidget):
    """A question, the passages that are nearest to it, and an answer with what it owes to them.

    The state is `question`, `own_text`, which is searched beside the documents, `words` of a chunk (50, 100 or 200),
    `k` passages from 1 to 5, and `method`: "vectors", "words" or "both". `found` are the passages that are shown, and
    `answer` what `ask` said of them, once it was asked: the button does it. Without `ask` there is no button.
    """

    question = Text()
    own_text = Text()
    words = Choice(SIZES, 100)
    k = Whole(3, min=1, max=MOST_PASSAGES)
    method = Choice(get_args(Method), "vectors")
    found: list[Found]
    answer: str | None

    def __init__(
        self,
        documents: Sequence[Document],
        encoder: SentenceEncoder,
        *,
        question: str,
        own_text: str = "",
        words: int = 100,
        k: int = 3,
        method: Method = "vectors",
        vectors: Mapping[str, Tensor] | None = None,
        ask: Ask | None = None,
    ) -> None:
        """`vectors` has those of chunks, by their text with its title, that are known already.

        Raises `ValueError` for a state that is out of range.
        """
        self.bench, self._ask = PassageBench(documents, encoder, vectors), ask
        self.found, self.answer = [], None
        box = text_box(_("Question"), _("Ask the documents something"))
        own = text_box(_("Your own text"), _("Paste a text here: it is searched, too"))
        box.rows, own.rows, box.continuous_update, own.continuous_update = 1, 2, False, False
        sizes = choice_slider(_("Words of a chunk"), SIZES)
        sizes.continuous_update = False
        ks = int_slider(_("Passages"), 1, MOST_PASSAGES)
        names = {_("vectors"): "vectors", _("words (BM25)"): "words", _("both, by rank"): "both"}
        methods = ipywidgets.Dropdown(options=list(names.items()), description=_("Search by"), style=STYLE)
        button = Action(_("Answer"), button_style="primary")
        self._heading, self._passages, self._answer = ipywidgets.HTML(), ipywidgets.HTML(), ipywidgets.HTML()
        controls = [control_grid(sizes, ks, methods), *([control_row(button)] if ask else [])]
        super().__init__([box, own, *controls, self._answer, self._heading, self._passages], question=question)
        self.start_with(own_text=own_text, words=words, k=k, method=method)
        pairs = {"question": box, "own_text": own, "words": sizes, "k": ks, "method": methods}
        for name, control in pairs.items():
            traitlets.link((self, name), (control, "value"))
        self.react(self.update, *pairs)
        button.on_click(self.guarded(self.ask))

    def update(self) -> None:
        """Search, and forget the answer to other passages."""
        require_at_most(MAX_CHARACTERS, self.question)
        require_at_most(MOST_TEXT, self.own_text)
        found = self.bench.search(self.question, self.own_text, self.words, self.k, self.method)
        self.found, self.answer, self._shown = found, None, (self.question, self.method)
        self._n_chunks = self.bench.n_chunks(self.own_text, self.words)
        self._draw()

    def ask(self) -> None:
        """Ask the question with the passages shown. Raises `ValueError` while there are none, and without a model."""
        if self._ask is None:
            raise ValueError(_("There is no model to ask: give `ask`."))
        if self._reason() or not self.found:
            raise ValueError(self._reason() or _("There are no passages to answer from."))
        self.answer = self._ask(self.question, [one.chunk for one in self.found])
        self._draw()

    # --- What is shown ---

    def _draw(self) -> None:
        self._heading.value = html.heading(self._said())
        self._passages.value = "".join(self._passage_page(place, one) for place, one in enumerate(self.found, start=1))
        self._answer.value = "" if self.answer is None else self._answer_page()

    def _said(self) -> str:
        if not self.found:
            return _("No chunk has a word of the question.")
        n = len(self.found)
        return ngettext(
            "The best of {all} chunks, by {measure}", "The best {n} of {all} chunks, by {measure}", n
        ).format(n=n, all=f"{self._n_chunks:,}", measure=self._measure())

    def _measure(self) -> str:
        names = {
            "vectors": _("the cosine with the question"),
            "words": _("BM25"),
            "both": _("the sum of 1 / (60 + rank)"),
        }
        return names[self._shown[1]]

    def _score(self, one: Found) -> str:
        return number(one.score, 4 if self._shown[1] == "both" else 2)

    def _passage_page(self, place: int, one: Found) -> str:
        """The passage, with the words of the question in bold and the words of the answer marked."""
        asked = set(words(self._shown[0]))
        return passage_page(place, one.chunk, detail=self._score(one), asked=asked, answer=self.answer)

    def _answer_page(self) -> str:
        return html.heading(_("Answer:"), self.answer or "") + html.prose(self._owed())

    def _owed(self) -> str:
        assert self.answer is not None
        return what_it_owes(self.answer, self._shown[0], [one.chunk for one in self.found])

    def picture(self) -> Figure:
        said = [self._said()]
        if self.answer is not None:
            said += [_("Answer: {answer}").format(answer=self.answer), self._owed()]
        with_words = () if self.answer is None else supporting(self.answer, [one.chunk for one in self.found])
        passages = [
            Paragraph(f"[{place}] {one.chunk.document.title}  {self._score(one)}", one.chunk.text, place in with_words)
            for place, one in enumerate(self.found, start=1)
        ]
        return text_figure(passages, title=self._shown[0], said=said)

    def in_words(self) -> str:
        lines = [repr(self._shown[0]), self._said()]
        for place, one in enumerate(self.found, start=1):
            text = " ".join(one.chunk.text.split())[:80]
            lines.append(f"[{place}] {one.chunk.document.title}, {self._score(one)}: {text} …")
        if self.answer is not None:
            lines.append(_("Answer: {answer}").format(answer=self.answer))
            lines.append(self._owed())
        return "\n".join(lines)
