"""ΔW of a trained LoRA as rank and α move, and what becomes of the answer to the learner's sentence."""

import ipywidgets
import traitlets
from matplotlib.figure import Figure

from course.fine_tuning.heads import Classifier
from course.messages import _
from course.peft import Attached
from course.peft.updates import lora_parts, singular_values
from course.viz.kit import html
from course.viz.kit.controls import STYLE, control_grid, float_slider, int_slider, side_by_side
from course.viz.kit.text import number
from course.viz.kit.traits import Number, StateError, Text, Whole
from course.viz.kit.widget import LessonWidget, require_at_most, text_box
from course.viz.peft.place_names import readable_place
from course.viz.peft.update_picture import NORMS, SHARE, update_picture
from course.viz.peft.update_reading import ChangedAnswers, UpdateReading, read_update
from course.viz.peft.update_rows import MOST_CLASSES, answer_rows, norm_rows, share_rows, unshown_values, value_rows

MAX_CHARACTERS = 300
MOST_SCALE = 2


class UpdateExplorer(LessonWidget):
    """A text, one of the matrices that a LoRA was trained for, and the answer with every ΔW cut to a lower rank.

    The state is `place`, a key of `attached.parts`, by default that of the largest ΔW; `rank`, which every ΔW is cut
    to; `scale`, by which α is multiplied; and `text`. `reading` holds what is shown. The LoRA stays as it is. Raises
    `ValueError` for another method than LoRA, a model that is no classifier, and a LoRA that was not trained.
    """

    place = traitlets.Unicode()
    rank = Whole(0, min=0)
    scale = Number(1.0, min=0, max=MOST_SCALE)
    text = Text()
    reading: UpdateReading

    def __init__(
        self,
        attached: Attached,
        text: str,
        *,
        place: str | None = None,
        rank: int | None = None,
        scale: int | float = 1.0,
    ) -> None:
        self.parts = lora_parts(attached)
        if not isinstance(attached.model, Classifier):
            raise ValueError(
                _("{model} has no classes to answer with: give a LoRA that is on a classifier.").format(
                    model=type(attached.model).__name__
                )
            )
        norms = {name: singular_values(part).norm().item() for name, part in self.parts.items()}
        if not any(norms.values()):
            raise ValueError(_("ΔW is 0 in every matrix, so there is nothing to show. Train the LoRA first."))
        self.attached, self.model = attached, attached.model
        self._asked = ChangedAnswers(attached, self.model)
        self.largest_rank = max(len(part.down) for part in self.parts.values())
        box = text_box(_("Your text"), _("Type something"))
        box.rows = 2
        options = [(readable_place(name), name) for name in self.parts]
        places = ipywidgets.Dropdown(options=options, description=_("Matrix"), style=STYLE)
        ranks = int_slider(_("Rank of ΔW"), 0, self.largest_rank)
        scales = float_slider(_("α times"), 0.0, float(MOST_SCALE), 0.05, 2)
        self._heading, self._values, self._norms = (ipywidgets.HTML() for _view in range(3))
        self._answers = [ipywidgets.HTML() for _name in self.model.classes[:MOST_CLASSES]]
        views = [self._heading, side_by_side(*self._answers), side_by_side(self._values, self._norms)]
        super().__init__([box, control_grid(places, ranks, scales), *views], text=text)
        self.start_with(
            place=max(norms, key=lambda name: norms[name]) if place is None else place,
            rank=self.largest_rank if rank is None else rank,
            scale=scale,
        )
        for name, control in (("text", box), ("place", places), ("rank", ranks), ("scale", scales)):
            traitlets.link((self, name), (control, "value"))
        self.react(self.update, "text", "place", "rank", "scale")

    @traitlets.validate("place")
    def _known_place(self, proposal: traitlets.Bunch) -> str:
        if proposal.value not in self.parts:
            raise StateError(
                _("There is no LoRA at {place!r}; it is at {known}.").format(
                    place=proposal.value, known=", ".join(self.parts)
                )
            )
        return proposal.value

    @traitlets.validate("rank")
    def _possible_rank(self, proposal: traitlets.Bunch) -> int:
        if proposal.value > self.largest_rank:
            raise StateError(
                _("rank is {rank}; it must be a whole number from 0 to {largest}, the rank of this LoRA.").format(
                    rank=proposal.value, largest=self.largest_rank
                )
            )
        return proposal.value

    def update(self) -> None:
        """Compute the singular values, and run the model on the text in three states."""
        require_at_most(MAX_CHARACTERS, self.text)
        if not self.model.tokenizer.encode(self.text):
            raise ValueError(_("The text is empty. Type something for the model to read."))
        self.reading = read_update(self._asked, self.text, place=self.place, rank=self.rank, factor=self.scale)
        self._read = self.text
        self._heading.value = html.heading(self._said())
        values = html.bars(value_rows(self.reading), self._values_title(), self._full())
        self._values.value = values + html.heading("", unshown_values(self.reading))
        shares = html.bars(share_rows(self.reading), SHARE, 1.0)
        self._norms.value = html.bars(norm_rows(self.reading), NORMS) + shares
        for view, (name, rows) in zip(self._answers, answer_rows(self.reading).items(), strict=False):
            view.value = html.bars(rows, _("Probability of {name}").format(name=name), 1.0)

    def _said(self) -> str:
        return _("{place}: {rank} of {all} singular values kept, α × {factor}.").format(
            place=self.reading.place,
            rank=self.reading.rank,
            all=len(self.reading.values),
            factor=number(self.reading.factor),
        )

    def _values_title(self) -> str:
        return _("Singular values of ΔW, α × {factor}").format(factor=number(self.reading.factor))

    def _full(self) -> float:
        """Where the axis of the singular values ends: the same for all matrices, and for all values of α."""
        return MOST_SCALE * self.reading.largest

    def picture(self) -> Figure:
        titles = {"title": self._said(), "text": f"“{self._read}”", "values_title": self._values_title()}
        return update_picture(self.reading, **titles, full=self._full())

    def in_words(self) -> str:
        reading = self.reading
        values = ", ".join(f"{row.text} {row.note}" for row in value_rows(reading))
        norms = "; ".join(", ".join(filter(None, (f"{row.label} {row.text}", row.note))) for row in norm_rows(reading))
        answers = [
            _("Probability of {name}: {states}").format(
                name=name, states=", ".join(f"{row.label} {row.text}" for row in rows)
            )
            for name, rows in answer_rows(reading).items()
        ]
        shares = f"{SHARE}: {', '.join(f'{row.label} {row.text}' for row in share_rows(reading))}"
        values = f"{self._values_title()}: {values}"
        return "\n".join([repr(self._read), self._said(), *answers, shares, f"{NORMS}: {norms}", values])
