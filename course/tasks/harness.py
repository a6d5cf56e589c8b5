"""Multiple choice as evaluation harnesses have it: a model's log-probability of each answer, by a stated protocol.

A protocol is more than a data set: what stands before the answer, what an answer begins with, whether a chat template
is around it, and what a log-probability is divided by. `FORMS` varies one of these at a time. Sources, all read in
code: EleutherAI/lm-evaluation-harness (lm_eval/tasks: piqa, openbookqa, commonsense_qa, siqa; lm_eval/api/task.py for
the measures); huggingface/lighteval at ea46419 (default_prompts.py, prompt_manager.py), and the tasks that
huggingface/smollm gives it (text/evaluation/smollm2).
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from course.data import Choice, answer_choices
from course.data.splits import draw
from course.instruction import SMOLLM2, Message, encode_prompt
from course.layers.language_model import CausalLanguageModel
from course.messages import _
from course.prompting import Continuation, branch_scores, encode_pair
from course.tasks.real_choices import prompt_of
from course.tokenization import ByteLevelBPE

LETTERS = "ABCDE"
START = "<|im_start|>"  # SmolLM2's first token of a text, where a harness asks for one
N_ITEMS = {"piqa": 1500, "openbookqa": 500, "commonsenseqa": 1221, "siqa": 600}  # questions, drawn
N_SHOTS, N_SHOT_DRAWS = 5, 2

Around = Literal["nothing", "start", "chat"]


def question_of(choice: Choice) -> str:
    """The context, if there is one, and the question."""
    return " ".join(filter(None, (choice.context, choice.question)))


def without_question(_choice: Choice) -> str:
    return "Answer:"


def q_and_a(choice: Choice) -> str:
    return f"Q: {question_of(choice)}\nA:"


def with_letters(choice: Choice) -> str:
    """The question with a line for each answer, a letter before it."""
    options = "".join(f"\n{letter}. {text}" for letter, text in zip(LETTERS, choice.answers, strict=False))
    return f"Question: {question_of(choice)}{options}\nAnswer:"


# What stands before the answer in the published protocol of each data set.
PUBLISHED_TEXT: dict[str, Callable[[Choice], str]] = {
    "piqa": prompt_of,
    "openbookqa": question_of,
    "commonsenseqa": question_of,
    "siqa": q_and_a,
}


@dataclass(frozen=True)
class Form:
    """How a question and its answers become tokens.

    `text` is what stands before the answer, that of the published protocol where there is none here. An answer begins
    with `before`, and is its letter alone with `letters`. `around` is what the text is wrapped in. With `shots`, the
    examples of that draw, answered, stand before it.
    """

    text: Callable[[Choice], str] | None = None
    before: str = " "
    around: Around = "nothing"
    letters: bool = False
    shots: int | None = None

    def prompt(self, choice: Choice, shots: Sequence[Choice] = ()) -> str:
        """What stands before the answer, as a text without what is around it."""
        text = self.text or PUBLISHED_TEXT[choice.data_set]
        answered = (f"{text(shot)}{self.before}{self.answers(shot)[shot.place]}\n\n" for shot in shots)
        return "".join(answered) + text(choice)

    def answers(self, choice: Choice) -> tuple[str, ...]:
        """The answers that are scored, without what they begin with, in the file's order."""
        return tuple(LETTERS[: len(choice.answers)]) if self.letters else choice.answers

    def rows(self, tokenizer: ByteLevelBPE, choice: Choice, shots: Sequence[Choice] = ()) -> list[Continuation]:
        """A row for each answer. Raises `ValueError` where the tokenizer lacks a special token that is needed."""
        prompt, answers = self.prompt(choice, shots), [self.before + answer for answer in self.answers(choice)]
        if self.around == "chat":
            ids = tuple(encode_prompt(tokenizer, SMOLLM2, [Message("user", prompt)]))
        elif not self.before.strip(" ") and self.before:
            rows = [encode_pair(tokenizer, prompt, answer) for answer in answers]
            start = () if self.around == "nothing" else (_start(tokenizer),)
            return [Continuation((*start, *row.prompt), row.answer) for row in rows]
        else:  # encoded apart: an answer without a space may share a token with the text before it
            ids = tuple(tokenizer.encode(prompt))
        return [Continuation(ids, tuple(tokenizer.encode(answer))) for answer in answers]


FORMS: dict[str, Form] = {
    "published": Form(),
    "question": Form(prompt_of),
    "bare": Form(question_of),
    "without question": Form(without_question),
    "without space": Form(prompt_of, before=""),
    "start token": Form(around="start"),
    "chat": Form(around="chat"),
    "chat without space": Form(around="chat", before=""),
    "letters": Form(with_letters, letters=True),
    "letters, chat": Form(with_letters, letters=True, around="chat", before=""),
    **{f"5 shots, draw {number}": Form(shots=number) for number in range(N_SHOT_DRAWS)},
    "letters, 5 shots": Form(with_letters, letters=True, shots=0),
}


def _start(tokenizer: ByteLevelBPE) -> int:
    if START not in tokenizer.special.ids:
        raise ValueError(_("The tokenizer has no {token!r} to begin a text with.").format(token=START))
    return tokenizer.special.ids[START]


class Drawn(NamedTuple):
    """The questions of a data set in a drawn order, so that the first `n` are a sample, and where each is in its file.

    `shots` are the examples of each draw; none of them is among the first `len(choices) - N_SHOTS * N_SHOT_DRAWS`.
    """

    choices: list[Choice]
    places: list[int]
    shots: list[list[Choice]]


def drawn_choices(name: str) -> Drawn:
    """The questions of a data set of `N_ITEMS`. Raises `AssetError` when it cannot be fetched."""
    every = answer_choices(name)
    places = draw(range(len(every)), N_ITEMS[name])
    random.Random(0).shuffle(places)
    choices = [every[place] for place in places]
    last = [choices[len(choices) - N_SHOTS * (number + 1) :][:N_SHOTS] for number in range(N_SHOT_DRAWS)]
    return Drawn(choices, places, last)


class Scored(NamedTuple):
    """Of each question the log-probability of every answer, in nats, in the file's order, and the answers' tokens."""

    scores: list[list[float]]
    tokens: list[list[int]]


def scored(
    model: CausalLanguageModel,
    tokenizer: ByteLevelBPE,
    form: Form,
    choices: Sequence[Choice],
    shots: Sequence[Choice] = (),
    *,
    batch_size: int = 8,
) -> Scored:
    """What a model makes of the answers to some questions in a form.

    Raises `ValueError` as `branch_scores` does, and for a question among its own examples.
    """
    for shot in shots:
        if shot in choices:
            raise ValueError(
                _("The question {question!r} is among its own examples: take others.").format(question=shot.question)
            )
    groups = [form.rows(tokenizer, choice, shots) for choice in choices]
    found = branch_scores(model, groups, batch_size=batch_size)
    return Scored([scores.tolist() for scores in found], [[len(row.answer) for row in group] for group in groups])
