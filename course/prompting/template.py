"""The text that a model continues: an instruction, earlier turns, examples with answers, and an input without one.

Brown et al. 2020 (section 2) call a prompt with `k` examples "k-shot". The parts are kept apart, so that each can be
shown, counted and moved.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from course.fine_tuning.inputs import require_list
from course.messages import _

INPUT, ANSWER = "{input}", "{answer}"
PartKind = Literal["instruction", "context", "shot", "shot answer", "input"]


class Shot(NamedTuple):
    """An example: a text and its answer. `group` names what it is taken from, the movie of a review for example."""

    text: str
    answer: str
    group: str = ""


class Part(NamedTuple):
    """What the characters from `start` to before `end` of a prompt are."""

    kind: PartKind
    start: int
    end: int


@dataclass(frozen=True)
class Prompt:
    """A text that ends where the answer begins, and its parts in the order of the text; separators are in none."""

    text: str
    parts: tuple[Part, ...]

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class PromptTemplate:
    r"""How prompts are written: `example` is "Review: {input}\nSentiment: {answer}", say, and `separator` joins parts.

    The space before `{answer}` belongs to the answer, since tokenizers such as GPT-2's have the space and the word in
    one token: a prompt ends with "Sentiment:", and its answers, from `answers`, are " positive" and " negative". An
    empty `instruction` is left out. Raises `ValueError` for an example without `{input}` or `{answer}`, with one of
    them twice, or with text after the answer.
    """

    instruction: str
    example: str
    separator: str = "\n\n"

    def __post_init__(self) -> None:
        for place in (INPUT, ANSWER):
            if (n := self.example.count(place)) != 1:
                raise ValueError(
                    _("The example {example!r} has {place} {n} times: write it once.").format(
                        example=self.example, place=place, n=n
                    )
                )
        if not self.example.endswith(ANSWER):
            raise ValueError(
                _("The example {example!r} goes on after {place}: the answer must be its end.").format(
                    example=self.example, place=ANSWER
                )
            )
        if not self._pieces()[1].strip() and not self._pieces()[0].strip():
            raise ValueError(
                _(
                    "The example {example!r} has nothing but the input and the answer: write what the answer is, as in "
                    "{better!r}."
                ).format(example=self.example, better=f"{INPUT}\nSentiment: {ANSWER}")
            )

    def _pieces(self) -> tuple[str, str, str]:
        """What is before the input, between input and answer, and the white space that the answer begins with."""
        before, _input, rest = self.example.partition(INPUT)
        between = rest.removesuffix(ANSWER)
        return before, between.rstrip(), between[len(between.rstrip()) :]

    def answers(self, words: Sequence[str]) -> tuple[str, ...]:
        """The words as they continue a prompt: with the white space that the example has before its answer.

        Raises `TypeError` for one word in the place of several.
        """
        require_list(words)
        return tuple(self._pieces()[2] + word for word in words)

    def render(self, text: str, shots: Sequence[Shot] = (), context: str = "") -> Prompt:
        """The prompt for one input after these examples; `context` is what was said before them, such as earlier turns.

        What stands in braces in a text stays as it is. Raises `ValueError` for a shot without an answer.
        """
        before, between, _space = self._pieces()
        blocks: list[list[tuple[PartKind, str]]] = []
        if self.instruction:
            blocks.append([("instruction", self.instruction)])
        if context:
            blocks.append([("context", context)])
        for shot in shots:
            if not shot.answer.strip():
                raise ValueError(_("The shot {text!r} has no answer: give it one.").format(text=shot.text))
            answer = self.answers([shot.answer])[0]
            blocks.append([("shot", before + shot.text + between), ("shot answer", answer)])
        blocks.append([("input", before + text + between)])
        written, parts = "", []
        for number, block in enumerate(blocks):
            written += self.separator if number else ""
            for kind, piece in block:
                parts.append(Part(kind, len(written), len(written) + len(piece)))
                written += piece
        return Prompt(written, tuple(parts))
