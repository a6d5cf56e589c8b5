"""A prompt that one takes apart and puts together: what its blocks and their order do to the answer and to its bias."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import ipywidgets
import traitlets
from matplotlib.figure import Figure

from course.fine_tuning.inputs import require_list
from course.layers.language_model import CausalLanguageModel
from course.messages import _, ngettext
from course.prompting import CONTENT_FREE, Prompt, PromptTemplate, Shot
from course.tokenization import Tokenizer
from course.viz.kit import html
from course.viz.kit.layout import stacked
from course.viz.kit.text import percent
from course.viz.kit.traits import StateError, Text
from course.viz.kit.widget import LessonWidget, require_at_most, text_box
from course.viz.peft.switch_figure import MARK, switch_figure
from course.viz.prompting.block_list import BlockList, Card
from course.viz.prompting.blocks import written
from course.viz.prompting.blocks_figure import blocks_figure
from course.viz.prompting.prompt_reader import PromptReader, Reading

MAX_CHARACTERS = 2_000  # of the instruction, and of the input
FIRST = MARK.replace(" ", "\u00a0")  # before the largest number of a column, on one line with it
INSTRUCTION = 0  # its number among the blocks; the shots are 1, 2, …


@dataclass(frozen=True)
class Shown:
    """What the last update has found, and for which prompt."""

    cards: tuple[Card, ...]
    prompt: Prompt
    reading: Reading


class PromptBuilder(LessonWidget):
    """The blocks of a prompt, and the probabilities of a few words after it, as they are and calibrated.

    Block 0 is the instruction, 1, 2, … are the shots as given; the input comes last, since the answer follows it. The
    state is `instruction` and `text`, `order` (the numbers of the blocks from top to bottom), `left_out` (the numbers
    of those that the model does not read) and `labels` (the word of each shot). `move`, `place`, `switch` and `flip`
    change a block, as the buttons do. `prompt` and `reading` are what is shown. The bias is that of the content-free
    inputs of `course.prompting.CONTENT_FREE`, after the same blocks. The model's weights must stay as they are.

    Raises `ValueError` for fewer than two words, one that is empty or twice there, and a shot with another answer than
    one of the words, `TypeError` for one text in the place of the words.
    """

    instruction = Text()
    text = Text()
    order = traitlets.Tuple()
    left_out = traitlets.Tuple()
    labels = traitlets.Tuple()
    shown: Shown

    def __init__(
        self,
        model: CausalLanguageModel,
        tokenizer: Tokenizer,
        template: PromptTemplate,
        words: Sequence[str],
        shots: Sequence[Shot] = (),
        text: str = "",
        *,
        instruction: str | None = None,
        order: Sequence[int] | None = None,
        left_out: Sequence[int] = (),
        labels: Sequence[str] | None = None,
    ) -> None:
        require_list(words)
        self.template, self.words, self.shots = template, tuple(words), tuple(shots)
        self._require_words()
        self._reader = PromptReader(model, tokenizer)
        self._asked: dict[str, Any] = {}
        boxes = {"instruction": text_box(_("Instruction")), "text": text_box(_("Your input"), _("Type something"))}
        for box in boxes.values():
            box.rows = 2
        self.list = BlockList(self._hear)
        self._heading, self._table, self._tokens = (ipywidgets.HTML() for _view in range(3))
        super().__init__(
            [*boxes.values(), self.list, self._heading, self._table, self._tokens],
            text=text,
            instruction=template.instruction if instruction is None else instruction,
        )
        self.start_with(
            order=tuple(range(len(self.shots) + 1) if order is None else order),
            left_out=tuple(left_out),
            labels=tuple((shot.answer for shot in self.shots) if labels is None else labels),
        )
        for name, box in boxes.items():
            traitlets.link((self, name), (box, "value"))
        state = ("instruction", "text", "order", "left_out", "labels")
        self.observe(self._draw_cards, state)  # they are controls: they have the state also where it is an error
        self._draw_cards()
        self.react(self.update, *state)

    def _require_words(self) -> None:
        if len(self.words) < 2 or len(set(self.words)) < len(self.words) or not all(map(str.strip, self.words)):
            raise ValueError(
                _("The words are {words}: give two or more that differ.").format(
                    words=", ".join(map(repr, self.words)) or _("(none)")
                )
            )
        for shot in self.shots:
            self._require_label(shot.answer)

    def _require_label(self, label: object) -> None:
        if label not in self.words:
            raise StateError(
                _("There is no label {label!r}; there are: {words}.").format(label=label, words=", ".join(self.words))
            )

    # --- The state ---

    @traitlets.validate("order")
    def _all_blocks(self, proposal: traitlets.Bunch) -> tuple[int, ...]:
        n = len(self.shots) + 1
        if any(type(block) is not int for block in proposal.value) or sorted(proposal.value) != list(range(n)):
            raise StateError(
                _("order is {value!r}; it must have each number from 0 to {last} once.").format(
                    value=proposal.value, last=n - 1
                )
            )
        return proposal.value

    @traitlets.validate("left_out")
    def _some_blocks(self, proposal: traitlets.Bunch) -> tuple[int, ...]:
        for block in proposal.value:
            self._require_block(block)
        return tuple(sorted(set(proposal.value)))

    @traitlets.validate("labels")
    def _known_labels(self, proposal: traitlets.Bunch) -> tuple[str, ...]:
        if len(proposal.value) != len(self.shots):
            raise StateError(
                _(
                    "labels has the length {labels}; it must have the label of each shot, and their number is {shots}."
                ).format(labels=len(proposal.value), shots=len(self.shots))
            )
        for label in proposal.value:
            self._require_label(label)
        return proposal.value

    def _require_block(self, block: object) -> None:
        if type(block) is not int or not 0 <= block <= len(self.shots):
            raise StateError(
                _("There is no block {block!r}: the instruction is 0, and the last shot is {last}.").format(
                    block=block, last=len(self.shots)
                )
            )

    def move(self, block: int, by: int) -> None:
        """Move a block by so many places, down when `by` is above 0, and not beyond the first or the last place."""
        self._require_block(block)
        self.place(block, self.order.index(block) + by)

    def place(self, block: int, at: int) -> None:
        """Put a block at a place from the top, counted from 0; the others keep their order."""
        self._require_block(block)
        others = [other for other in self.order if other != block]
        at = min(max(at, 0), len(others))
        self.order = (*others[:at], block, *others[at:])
        self.list.told = _("{name} is block {place} of {count}.").format(
            name=self._name(block), place=at + 1, count=len(self.order)
        )

    def switch(self, block: int) -> None:
        """Leave a block out, or take it in again."""
        self._require_block(block)
        self.left_out = tuple({*self.left_out} ^ {block})
        said = _("{name} is left out.") if block in self.left_out else _("{name} is in the prompt.")
        self.list.told = said.format(name=self._name(block))

    def flip(self, block: int) -> None:
        """Give a shot the next of the words as its label. Raises `ValueError` for the instruction."""
        self._require_block(block)
        if block == INSTRUCTION:
            raise StateError(_("The instruction has no label: the shots, from 1 on, have one."))
        after = (self.words.index(self.labels[block - 1]) + 1) % len(self.words)
        self.labels = (*self.labels[: block - 1], self.words[after], *self.labels[block:])
        self.list.told = _("{name} has the label {label}.").format(name=self._name(block), label=self.words[after])

    def _hear(self, asked: dict[str, Any]) -> None:
        self._asked = asked
        self.guarded(self._obey)()

    def _obey(self) -> None:
        """Do what the learner has done with a card."""
        asked = self._asked
        do = {"move": self.move, "place": self.place, "switch": self.switch, "flip": self.flip}[asked["do"]]
        do(**{name: value for name, value in asked.items() if name != "do"})

    # --- What is shown ---

    @property
    def prompt(self) -> Prompt:
        """The last prompt that was read."""
        return self.shown.prompt

    @property
    def reading(self) -> Reading:
        """What was found of the last prompt that was read."""
        return self.shown.reading

    def _name(self, block: int) -> str:
        return _("Instruction") if block == INSTRUCTION else _("Shot {n}").format(n=block)

    def _cards(self) -> tuple[Card, ...]:
        cards = []
        for block in self.order:
            is_on, name = block not in self.left_out, self._name(block)
            if block == INSTRUCTION:
                cards.append(Card(block, "instruction", name, self.instruction, is_on=is_on))
            else:
                label = self.labels[block - 1]
                cards.append(Card(block, "shot", name, self.shots[block - 1].text, label, is_on))
        return (*cards, Card(len(self.order), "input", _("Your input"), self.text, is_last=True))

    def _draw_cards(self, _change: object = None) -> None:
        self.list.cards = list(self._cards())

    def update(self) -> None:
        """Write the prompt, and read what comes after its first difference from the last one."""
        for text in (self.instruction, self.text):
            require_at_most(MAX_CHARACTERS, text)
        blocks: list[str | Shot] = [
            self.instruction if block == INSTRUCTION else self.shots[block - 1]._replace(answer=self.labels[block - 1])
            for block in self.order
            if block not in self.left_out
        ]
        prompt = written(self.template, blocks, self.text)
        free = [written(self.template, blocks, text).text for text in CONTENT_FREE]
        reading = self._reader.read(prompt.text, free, self.template.answers(self.words))
        self.shown = Shown(self._cards(), prompt, reading)
        self._heading.value = html.heading(self._said())
        self._table.value = self._words_page()
        self._tokens.value = f"<div>{escape(self._counted())}</div>"

    def _best(self, shares: Sequence[float]) -> str:
        first = shares.index(max(shares))
        return _("{word} {share}").format(word=self.words[first], share=percent(shares[first], 1))

    def _said(self) -> str:
        return _("The model says {plain}; calibrated, it says {calibrated}.").format(
            plain=self._best(self.reading.probabilities), calibrated=self._best(self.reading.calibrated)
        )

    def _size(self) -> str:
        n = self.reading.n_tokens
        return ngettext("The prompt has {n} token.", "The prompt has {n} tokens.", n).format(n=f"{n:,}")

    def _counted(self) -> str:
        read = _("Read anew: {anew} of the prompt, and {free} of the prompts with content-free inputs.").format(
            anew=f"{self.reading.n_anew:,}", free=f"{self.reading.n_free:,}"
        )
        return f"{self._size()} {read}"

    def _columns(self) -> dict[str, tuple[float, ...]]:
        return {
            _("after your input"): self.reading.probabilities,
            _("after inputs without content"): self.reading.bias,
            _("calibrated"): self.reading.calibrated,
        }

    def _words_page(self) -> str:
        columns = self._columns()
        heads = "".join(f'<th scope="col">{escape(head)}</th>' for head in columns)
        lines = []
        for place, word in enumerate(self.words):
            cells = []
            for shares in columns.values():
                first = place == shares.index(max(shares))
                text = f"{FIRST if first else ''}{percent(shares[place], 1)}"
                cells.append(f'<td class="{"lm-first" if first else ""}">{html.bar(shares[place], text)}</td>')
            lines.append(f'<tr><th scope="row">{escape(word)}</th>{"".join(cells)}</tr>')
        caption = _("Probabilities of the words, of which each column sums to 100%; {sign} is the largest").format(
            sign=FIRST.strip()
        )
        return (
            f'<table class="lm-words"><caption>{escape(caption)}</caption>'
            f"<thead><tr><td></td>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
        )

    def picture(self) -> Figure:
        columns = self._columns()
        shares = dict(zip(self.words, zip(*columns.values(), strict=True), strict=True))
        best = self.reading.calibrated.index(max(self.reading.calibrated))
        bars = switch_figure(shares, list(columns), {}, title=self._said(), marked=best)
        return stacked([blocks_figure(self.shown.cards, title=self._size()), bars])

    def in_words(self) -> str:
        lines = [self._said(), self._size()]
        for word, shares in zip(self.words, zip(*self._columns().values(), strict=True), strict=True):
            found = [f"{percent(share, 1)} {head}" for share, head in zip(shares, self._columns(), strict=True)]
            lines.append(f"{word}: {', '.join(found)}")
        names = [
            _("{name} (left out)").format(name=card.name) if not card.is_on else card.name for card in self.shown.cards
        ]
        lines.append(_("Blocks: {names}.").format(names=", ".join(names)))
        return "\n".join(lines)
