"""A greedy answer step by step: the prompt in the form that the model knows, and what could have come at each step."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple

from course.decoding import Step, generate
from course.fine_tuning.predictions import evaluating
from course.instruction import ChatTemplate, Message, encode_prompt
from course.layers.language_model import CausalLanguageModel
from course.messages import _
from course.tokenization import ByteLevelBPE
from course.viz.kit.text import readable

TOP = 5  # tokens of a step
END = -1  # in the place of a byte, where an answer ends
WHITE = frozenset(b" \t\r\n")


@dataclass(frozen=True)
class PlainText:
    r"""A prompt for a model that has read no chats: the special token `start`, if any, the text, and then `ending`.

    An ending such as "\nAnswer:" asks for an answer; the white space before the answer is the answer's.
    """

    ending: str = ""
    start: str = ""


PromptForm = ChatTemplate | PlainText


class PromptPiece(NamedTuple):
    """A part of a prompt; a special token is a part of its own."""

    text: str
    is_special: bool


class AnswerStep(NamedTuple):
    """The token that was generated, as bytes and as text, and the most probable ones of this step, it among them first.

    `is_end` is True of a special token: it ends the answer. `top` has the text of a token and its probability.
    """

    data: bytes
    text: str
    is_end: bool
    top: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class StepwiseAnswer:
    """A prompt and the tokens after it. Its last step is an end where the model ended it; otherwise the limit did."""

    prompt: tuple[PromptPiece, ...]
    prompt_ids: tuple[int, ...]
    steps: tuple[AnswerStep, ...]

    @property
    def has_ended(self) -> bool:
        return bool(self.steps) and self.steps[-1].is_end

    @property
    def text(self) -> str:
        """What is answered, without the end."""
        return readable(b"".join(step.data for step in self.steps if not step.is_end))


def form_name(form: PromptForm) -> str:
    """The form of a prompt in a few words."""
    if isinstance(form, ChatTemplate):
        return _("chat template {name}").format(name=form.name)
    return _("plain text")


def pieces(form: PromptForm, text: str) -> tuple[PromptPiece, ...]:
    """The prompt as it is written. Raises `ValueError` as `ChatTemplate.render` does."""
    if isinstance(form, ChatTemplate):
        conversation = form.render([Message("user", text)], for_answer=True)
        return tuple(
            PromptPiece(conversation.text[part.start : part.end], part.kind == "special token")
            for part in conversation.parts
        )
    start = [PromptPiece(form.start, True)] if form.start else []
    return (*start, PromptPiece(text + form.ending, False))


def prompt_ids(tokenizer: ByteLevelBPE, form: PromptForm, text: str) -> list[int]:
    """The ids after which the answer is generated.

    Raises `ValueError` for a special token that the tokenizer lacks, and as `encode_prompt` does.
    """
    if isinstance(form, ChatTemplate):
        return encode_prompt(tokenizer, form, [Message("user", text)])
    if form.start and form.start not in tokenizer.special.ids:
        raise ValueError(
            _("The prompt begins with {token!r}, which the tokenizer lacks. Its special tokens are: {known}.").format(
                token=form.start, known=", ".join(tokenizer.special.ids) or _("none")
            )
        )
    start = [tokenizer.special.ids[form.start]] if form.start else []
    return start + tokenizer.encode(text + form.ending)


def answer_stepwise(
    model: CausalLanguageModel, tokenizer: ByteLevelBPE, form: PromptForm, text: str, limit: int
) -> StepwiseAnswer:
    """The greedy answer to a text, up to the first special token or `limit` tokens; each token is read once.

    Raises `ValueError` as `prompt_ids` does, and where prompt and answer do not fit the model's context.
    """
    ids = prompt_ids(tokenizer, form, text)
    ends = set(tokenizer.special.ids.values())
    steps = []
    with evaluating(model):
        for step in generate(model, ids, limit):
            steps.append(_step(tokenizer, step, ends))
            if steps[-1].is_end:
                break
    return StepwiseAnswer(pieces(form, text), tuple(ids), tuple(steps))


def _step(tokenizer: ByteLevelBPE, step: Step, ends: set[int]) -> AnswerStep:
    scores = step.log_probabilities.sort(descending=True, stable=True)  # of equal ones, the one that was taken is first
    best = zip(scores.indices[:TOP].tolist(), scores.values[:TOP].exp().tolist(), strict=True)
    top = tuple((readable(tokenizer.decode_bytes([token])), probability) for token, probability in best)
    data = tokenizer.decode_bytes([step.token])
    return AnswerStep(data, readable(data), step.token in ends, top)


def first_difference(answers: Sequence[StepwiseAnswer]) -> tuple[int | None, ...] | None:
    """The step (from 1) of each answer in which it first differs from another; None where none is known.

    They are compared byte by byte, so that other tokenizers may cut them otherwise; white space at the beginning does
    not count, and whichever special token ends an answer, it has ended. An answer that the limit has cut is compared as
    far as it goes; where the others differ later on, it has None.
    """
    rows = [list(_symbols(answer)) for answer in answers]
    for place in count():
        here = [row[place] if place < len(row) else None for row in rows]
        known = [each for each in here if each is not None]
        if len(known) < 2:
            return None
        if len({symbol for symbol, _step_number in known}) > 1:
            return tuple(each[1] if each is not None else None for each in here)
    return None


def _symbols(answer: StepwiseAnswer) -> Iterator[tuple[int, int]]:
    """The bytes of an answer, each with the step that has it, and its end."""
    begun = False
    for number, step in enumerate(answer.steps, start=1):
        for byte in (END,) if step.is_end else step.data:
            begun = begun or byte not in WHITE
            if begun:
                yield byte, number
