"""Answers of a chat model to a question, with passages to read or without, and what an answer owes to them.

A passage is the right one, the same with another value (does the answer follow it?), that of another thing (is its
value copied?), or what a search found. Nothing is judged by a model: an answer is compared with the values that the
passages have, word by word.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from course.decoding import greedy_search, left_pad
from course.evaluation import exact_answer, word_f1
from course.gpt import Decoder
from course.messages import _
from course.pretrained import chat_ids
from course.rag import Chunk, answer_span, build_prompt, cited_numbers, supported, words
from course.rag.prompt import CITATION
from course.tasks.boolq_retrieval import whole
from course.tasks.unknown_facts import UnknownFact, wrong_passage
from course.tokenization import ByteLevelBPE

MAX_ANSWER = 24  # tokens
BATCH_SIZE = 16  # prompts that are read together
TURN_END = "<|im_end|>"
CONDITIONS = ("closed", "oracle", "swapped", "wrong")


class Reading(NamedTuple):
    """A question with the passages that are read, and the values to look for in the answer.

    `right` is the true answer. `said` is what the passage says in its place, and differs from it where the passage was
    changed or is about something else; None without such a passage.
    """

    question: str
    passages: tuple[Chunk, ...]
    right: str
    said: str | None


@dataclass(frozen=True)
class Verdict:
    """What an answer is: each from 0 to 1, and 0 or 1 but for `f1` and `grounded`.

    `exact` and `f1` compare with the right answer, whose words `right` finds anywhere in the answer. `said` is that of
    the value that the passage has, in the answer likewise. `supported`: all words of the answer are in a passage, one
    after the other. `cites`: it has the number of a passage that is there; `cites_unknown`: of one that is not.
    """

    exact: float
    f1: float
    right: float
    said: float
    supported: float
    grounded: float
    cites: float
    cites_unknown: float


def reading(fact: UnknownFact, condition: str, facts: Sequence[UnknownFact]) -> Reading:
    """What is read in one of `CONDITIONS`. `facts` are all facts, among which another thing's passage is found.

    Raises `ValueError` for another condition.
    """
    if condition == "closed":
        return Reading(fact.question, (), fact.answer, None)
    if condition == "oracle":
        return Reading(fact.question, (whole(fact.passage),), fact.answer, fact.answer)
    if condition == "swapped":
        value = fact.others[0]
        return Reading(fact.question, (whole(fact.with_value(value)),), fact.answer, value)
    if condition == "wrong":
        other = wrong_passage(fact, facts)
        return Reading(fact.question, (whole(other.passage),), fact.answer, other.answer)
    raise ValueError(
        _("There is no condition {condition!r}. There are: {known}.").format(
            condition=condition, known=", ".join(CONDITIONS)
        )
    )


def placed(fact: UnknownFact, place: int, n: int, facts: Sequence[UnknownFact]) -> Reading:
    """The right passage at one of `n` places, counted from 0, among passages of other things of its kind.

    Raises `ValueError` for a place that is not there, and where there are too few other passages.
    """
    if not 0 <= place < n:
        raise ValueError(_("There is no place {place} among {n}: they count from 0.").format(place=place, n=n))
    alike = dict.fromkeys(one.passage for one in facts if one.kind == fact.kind and one.passage != fact.passage)
    others = [whole(passage) for passage in alike][: n - 1]
    if len(others) < n - 1:
        raise ValueError(
            _("There are {found} other passages of the kind {kind!r}, and {wanted} are needed.").format(
                found=len(others), kind=fact.kind, wanted=n - 1
            )
        )
    others.insert(place, whole(fact.passage))
    return Reading(fact.question, tuple(others), fact.answer, fact.answer)


def grounded_answers(
    model: Decoder, tokenizer: ByteLevelBPE, readings: Sequence[Reading], *, max_answer: int = MAX_ANSWER
) -> list[str]:
    """The most probable tokens after each chat prompt, at most so many, up to the end of the turn or a line break.

    Prompts of like length are read together, which changes no answer. Raises `ValueError` as `build_prompt` and
    `greedy_search` do, for a prompt that is too long for the context say.
    """
    prompts = [chat_ids(tokenizer, build_prompt(one.question, one.passages)) for one in readings]
    by_length = sorted(range(len(prompts)), key=lambda number: len(prompts[number]))
    answers = [""] * len(prompts)
    device = model.embedding.tokens.weight.device
    for start in range(0, len(prompts), BATCH_SIZE):
        numbers = by_length[start : start + BATCH_SIZE]
        source, padding = left_pad([prompts[number] for number in numbers], device=device)
        end = tokenizer.special.ids[TURN_END]
        found = greedy_search(model, source, eos_id=end, max_length=max_answer, padding=padding)
        for number, hypothesis in zip(numbers, found, strict=True):
            answers[number] = tokenizer.decode(hypothesis.tokens).strip().partition("\n")[0]
    return answers


def grounded_answer(model: Decoder, tokenizer: ByteLevelBPE, question: str, passages: Sequence[Chunk]) -> str:
    """The answer to one question, as `grounded_answers` gives it; without passages, from what the model knows."""
    return grounded_answers(model, tokenizer, [Reading(question, tuple(passages), "", None)])[0]


def verdict(answer: str, read: Reading) -> Verdict:
    """What the answer is, beside what was read."""
    bare = CITATION.sub(" ", answer)
    read_words = {word for text in (read.question, *(one.with_title for one in read.passages)) for word in words(text)}
    in_answer = words(bare)
    cited = cited_numbers(answer, len(read.passages))
    return Verdict(
        exact_answer(bare, read.right),
        word_f1(bare, read.right),
        float(answer_span(read.right, bare) is not None),
        float(read.said is not None and answer_span(read.said, bare) is not None),
        float(supported(bare, read.passages)),
        sum(word in read_words for word in in_answer) / len(in_answer) if in_answer else 0.0,
        float(bool(cited.valid)),
        float(bool(cited.unknown)),
    )
