"""A passage moved to another place in the prompt: does the answer change?"""

from collections.abc import Callable, Sequence

import ipywidgets
import traitlets
from matplotlib.figure import Figure

from course.messages import _
from course.rag import Chunk, answer_span
from course.rag.prompt import supporting
from course.viz.kit import html
from course.viz.kit.controls import control_grid, int_slider
from course.viz.kit.traits import StateError, Text, Whole
from course.viz.kit.widget import LessonWidget, require_at_most, text_box
from course.viz.rag.owed import as_marks
from course.viz.rag.passage_page import passage_page
from course.viz.rag.text_figure import Paragraph, text_figure

MAX_CHARACTERS, REMEMBERED = 300, 40


class PassageOrder(LessonWidget):
    """A question and some passages, the first of which has the answer; a slider moves it among the others.

    The state is `question` and `place`, from 1. `answer` is what the model says, `is_right` whether it has the words of
    the right answer, and `from_passages` the numbers of the passages with all words of the answer, in the order shown.
    """

    question = Text()
    place = Whole(1, min=1)
    answer: str
    is_right: bool
    from_passages: tuple[int, ...]

    def __init__(
        self,
        question: str,
        passages: Sequence[Chunk],
        ask: Callable[[str, Sequence[Chunk]], str],
        *,
        right: str,
        place: int = 1,
    ) -> None:
        """`ask` gives an answer to a question and passages. Raises `ValueError` for fewer than two passages."""
        if len(passages) < 2:
            raise ValueError(_("There is one place for one passage: give two passages or more."))
        self.passages, self.right, self._ask = tuple(passages), right, ask
        self._known: dict[tuple[str, int], str] = {}
        box = text_box(_("Question"), _("Type a question"))
        box.rows, box.continuous_update = 1, False
        places = int_slider(_("Its place"), 1, len(passages))
        places.continuous_update = False
        self._heading, self._said_below = ipywidgets.HTML(), ipywidgets.HTML()
        self._passages = ipywidgets.HTML()
        views = [self._heading, self._said_below, self._passages]
        super().__init__([box, control_grid(places), *views], question=question)
        self.start_with(place=place)
        for name, control in (("question", box), ("place", places)):
            traitlets.link((self, name), (control, "value"))
        self.react(self.update, "question", "place")

    @traitlets.validate("place")
    def _inside(self, proposal: traitlets.Bunch) -> int:
        if proposal.value > len(self.passages):
            raise StateError(
                _("There is no place {place}: there are {n} passages, counted from 1.").format(
                    place=proposal.value, n=len(self.passages)
                )
            )
        return proposal.value

    def update(self) -> None:
        """Ask with the passages in this order, unless it has been asked before."""
        require_at_most(MAX_CHARACTERS, self.question)
        if not self.question.strip():
            raise ValueError(_("The question is empty. Ask something."))
        key, order = (self.question, self.place), self._order(self.place)
        if key not in self._known:
            found = self._ask(self.question, order)
            self._known = {**dict(list(self._known.items())[1 - REMEMBERED :]), key: found}
        self.answer, self._shown = self._known[key], (self.question, self.place)
        self.is_right = answer_span(self.right, self.answer) is not None
        self.from_passages = supporting(self.answer, order)
        self._heading.value = html.heading(self._heading_text(), self.answer)
        self._said_below.value = html.prose(self._note())
        self._passages.value = self._page()

    def _order(self, place: int) -> list[Chunk]:
        moved, *others = self.passages
        return [*others[: place - 1], moved, *others[place - 1 :]]

    # --- What is shown ---

    def _heading_text(self) -> str:
        return _("✓ The answer:") if self.is_right else _("✗ The answer:")

    def _note(self) -> str:
        right = (
            _("It has the words of the right answer, {right}.") if self.is_right else _("The right answer is {right}.")
        )
        where = (
            _("All its words are together in {passages}.").format(passages=as_marks(self.from_passages))
            if self.from_passages
            else _("No passage has its words together.")
        )
        return f"{right.format(right=repr(self.right))} {where}"

    def _page(self) -> str:
        place = self._shown[1]
        return "".join(
            passage_page(number, one, detail=_moved(number == place), answer=self.answer, is_outlined=number == place)
            for number, one in enumerate(self._order(place), start=1)
        )

    def picture(self) -> Figure:
        question, place = self._shown
        passages = [
            Paragraph(f"[{number}] {one.document.title}  {_moved(number == place)}", one.text, number == place)
            for number, one in enumerate(self._order(place), start=1)
        ]
        said = [f"{self._heading_text()} {self.answer}", self._note()]
        return text_figure(passages, title=question, said=said)

    def in_words(self) -> str:
        question, place = self._shown
        lines = [repr(question), _("The passage with the answer is number {place}.").format(place=place)]
        return "\n".join([*lines, f"{self._heading_text()} {self.answer}", self._note()])


def _moved(is_moved: bool) -> str:
    return _("◀ moved") if is_moved else ""
