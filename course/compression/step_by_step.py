"""Distilling step by step: label and rationale are two tasks of one model, told apart by the text before the question.

At test time only the label task runs, so that the rationales cost nothing then. The other way to learn from them, a
chain of thought, writes the rationale and then the label: `chain_batch`.

Source: Hsieh et al. 2023, arXiv 2305.02301; prefixes and loss as in the authors' code
(google-research/distilling-step-by-step, `run.py` and `model_utils.py`), which has an encoder-decoder in the place of a
decoder.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Real
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from course.instruction import EncodedConversation, Role, answer_total, collate, n_trained
from course.layers.language_model import CausalLanguageModel
from course.messages import _
from course.tokenization import ByteLevelBPE

TaskName = Literal["label", "rationale", "chain"]
PREFIXES: Mapping[TaskName, str] = {"label": "predict: ", "rationale": "explain: ", "chain": "reason: "}
OUTPUT = "\n"  # between a question and what is to be written
ANSWER = " answer: "  # between a rationale and the label after it


@dataclass(frozen=True)
class Reasoned:
    """A question with its label and the steps that lead to it; the rationale is empty where nobody wrote one.

    Raises `ValueError` for a question or a label without text.
    """

    question: str
    label: str
    rationale: str = ""

    def __post_init__(self) -> None:
        for name in ("question", "label"):
            if not getattr(self, name).strip():
                raise ValueError(_("The {name} has no text: leave this example out.").format(name=name))


class TwoTasks(NamedTuple):
    """A batch of each task, as `course.instruction.collate` makes it; None for a task without examples."""

    label: Int[Tensor, "row 2 position"] | None
    rationale: Int[Tensor, "row 2 position"] | None


@dataclass(frozen=True)
class StepByStepLoss:
    """`alpha` · the loss of the labels + (1 − `alpha`) · that of the rationales, each computed in a pass of its own.

    Each loss is the mean over the output's tokens of its own batch: longer rationales weigh no more than short labels.
    With an alpha of 1 there is no pass for rationales, with 0 none for labels. Where a batch has no example of a task,
    its part is 0, and the other keeps its weight. Raises `ValueError` for an alpha outside 0 to 1.
    """

    alpha: int | float

    def __post_init__(self) -> None:
        if isinstance(self.alpha, bool) or not isinstance(self.alpha, Real) or not 0 <= self.alpha <= 1:
            raise ValueError(
                _("alpha is {value!r}; it is the part of the labels in the loss, from 0 to 1.").format(value=self.alpha)
            )

    def __call__(self, model: CausalLanguageModel, batch: TwoTasks) -> Float[Tensor, ""]:
        """The loss of a batch. Raises `ValueError` where neither task with a weight above 0 has an example."""
        weighted = ((self.alpha, batch.label), (1 - self.alpha, batch.rationale))
        parts = [weight * token_mean(model, rows) for weight, rows in weighted if weight > 0 and rows is not None]
        if not parts:
            raise ValueError(
                _("With an alpha of {alpha}, no example of this batch counts: give labels, or rationales.").format(
                    alpha=self.alpha
                )
            )
        return torch.stack(parts).sum()


def token_mean(model: CausalLanguageModel, rows: Int[Tensor, "row 2 position"]) -> Float[Tensor, ""]:
    """The mean cross-entropy of the outputs' tokens in one pass, in nats."""
    return answer_total(model, rows) / n_trained(rows)


def prefixed(question: str, task: TaskName) -> str:
    """What the model reads before it writes the output of a task. Raises `ValueError` for another task."""
    if task not in PREFIXES:
        raise ValueError(
            _("There is no task {task!r}. There are: {known}.").format(task=task, known=", ".join(PREFIXES))
        )
    return PREFIXES[task] + " ".join(question.split()) + OUTPUT


def encode_output(
    tokenizer: ByteLevelBPE, question: str, output: str, task: TaskName, end_id: int
) -> EncodedConversation:
    """The tokens of prefix, question and output, of which only the output's and the end token after it are trained.

    Raises `ValueError` for another task and for an output without tokens.
    """
    read, written = tokenizer.encode(prefixed(question, task)), tokenizer.encode(" ".join(output.split()))
    if not written:
        raise ValueError(_("The output of the task {task!r} has no tokens: leave it out.").format(task=task))
    reader: Role = "user"
    writer: Role = "assistant"
    roles = (*[reader] * len(read), *[writer] * (len(written) + 1))
    trained = (*[False] * len(read), *[True] * (len(written) + 1))
    return EncodedConversation((*read, *written, end_id), trained, roles)


def two_tasks(
    tokenizer: ByteLevelBPE, examples: Sequence[Reasoned], *, end_id: int, pad_id: int, rationales: bool = True
) -> TwoTasks:
    """A batch of the examples as two tasks; without `rationales`, of the labels alone.

    An example with an empty rationale is in the label task only: it would teach to write none. Raises `ValueError` for
    no examples.
    """
    labels = [encode_output(tokenizer, one.question, one.label, "label", end_id) for one in examples]
    explained = [one for one in examples if rationales and one.rationale.strip()]
    steps = [encode_output(tokenizer, one.question, one.rationale, "rationale", end_id) for one in explained]
    return TwoTasks(collate(labels, pad_id), collate(steps, pad_id) if steps else None)


def chain_batch(
    tokenizer: ByteLevelBPE, examples: Sequence[Reasoned], *, end_id: int, pad_id: int
) -> Int[Tensor, "row 2 position"]:
    """A batch in which each output is the rationale and then the label, in one sequence: a chain of thought."""
    outputs = [f"{one.rationale.strip()}{ANSWER}{one.label}" for one in examples]
    pairs = zip(examples, outputs, strict=True)
    return collate([encode_output(tokenizer, one.question, text, "chain", end_id) for one, text in pairs], pad_id)


def answer_after(text: str) -> str:
    """The label in a chain of thought: what is after the last `ANSWER`; empty where there is none."""
    _steps, marker, label = f" {text}".rpartition(ANSWER)
    return label.strip() if marker else ""


def other_rationales(examples: Sequence[Reasoned], seed: int = 0) -> list[Reasoned]:
    """The same questions and labels, each with the rationale of another example: a control.

    Each rationale is used once, so that what is written about, how much and in which words stays the same. Raises
    `ValueError` for fewer than two examples.
    """
    if len(examples) < 2:
        raise ValueError(
            _("There are {n} examples; a rationale of another one needs two or more.").format(n=len(examples))
        )
    order = list(range(len(examples)))
    random.Random(seed).shuffle(order)
    givers = dict(zip(order, [*order[1:], order[0]], strict=True))  # one circle through all
    return [replace(one, rationale=examples[givers[number]].rationale) for number, one in enumerate(examples)]
