"""What a chat model answers to a multiple-choice question when it may write what it likes, and how that is read."""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from course.data import Choice
from course.decoding import greedy_search, left_pad
from course.evaluation import normalized_answer
from course.gpt import Decoder
from course.instruction import SMOLLM2, Message, encode_prompt, end_id
from course.tasks.harness import LETTERS, question_of
from course.tokenization import ByteLevelBPE

INSTRUCTION = "Answer with the letter of the right option."
MAX_ANSWER = 24  # tokens
FIRST = re.compile(r"\W*([A-E])(?:[.):,*]|\s*$)")
NAMED = re.compile(r"\b(?:answer|option|choice)\b(?:\s+is)?\W*([A-E])\b(?!'|\s+[a-z])", re.IGNORECASE)


class Extracted(NamedTuple):
    """Which answer a text gives, from 0, and by which rule it was found; None where no rule finds one."""

    place: int | None
    rule: Literal["letter", "text", "none"]


def extracted(written: str, answers: Sequence[str]) -> Extracted:
    """The answer that a text gives, by the first rule that finds one.

    "letter": the text begins with the letter of an option and a sign such as a full stop, or is that letter alone; or
    a letter follows the word "answer", "option" or "choice", and no further word follows the letter. "text": of the
    answers whose words are in the text in their order, one contains all others. So "A marsh is wet" gives no letter,
    and two different options give nothing.
    """
    first = FIRST.match(written)
    for match in filter(None, (first, NAMED.search(written))):
        if match[1].isupper() and LETTERS.index(match[1]) < len(answers):
            return Extracted(LETTERS.index(match[1]), "letter")
    inside = [place for place, answer in enumerate(answers) if _within(answer, written)]
    widest = [place for place in inside if all(_within(answers[other], answers[place]) for other in inside)]
    return Extracted(widest[0], "text") if len(widest) == 1 else Extracted(None, "none")


def _within(answer: str, text: str) -> bool:
    words = normalized_answer(answer)
    return bool(words) and f" {words} " in f" {normalized_answer(text)} "


def options_prompt(choice: Choice) -> str:
    """What the user says: the question, a line for each option, and the instruction."""
    options = "\n".join(f"{letter}. {text}" for letter, text in zip(LETTERS, choice.answers, strict=False))
    return f"{question_of(choice)}\n{options}\n{INSTRUCTION}"


def written_answers(
    model: Decoder, tokenizer: ByteLevelBPE, choices: Sequence[Choice], *, batch_size: int = 16
) -> list[str]:
    """The most probable tokens after each question in the chat template, up to the end of the turn.

    Raises `ValueError` as `greedy_search` does.
    """
    prompts = [encode_prompt(tokenizer, SMOLLM2, [Message("user", options_prompt(choice))]) for choice in choices]
    order = sorted(range(len(prompts)), key=lambda number: len(prompts[number]))
    answers = [""] * len(prompts)
    device = model.embedding.tokens.weight.device
    for start in range(0, len(order), batch_size):
        numbers = order[start : start + batch_size]
        source, padding = left_pad([prompts[number] for number in numbers], device=device)
        end = end_id(tokenizer, SMOLLM2)
        found = greedy_search(model, source, eos_id=end, max_length=MAX_ANSWER, padding=padding)
        for number, hypothesis in zip(numbers, found, strict=True):
            answers[number] = tokenizer.decode(hypothesis.tokens).strip()
    return answers
