"""The calls that a chat model writes for requests, and the outcome of each."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from course.data.api_functions import Function
from course.decoding import Constrained, greedy_search, left_pad
from course.gpt import Decoder
from course.instruction import SMOLLM2, EncodedConversation, Message, encode_conversation, encode_prompt, end_id
from course.tasks.tool_calls import Reading, document
from course.tokenization import ByteLevelBPE
from course.tools import CallGrammar, GrammarTokens, Outcome, apibench_match, check_text

INSTRUCTION = "Reply with nothing but one call of a function, such as book_table(place='Rome', people=2)."
DOCUMENTED = "These functions may help:"
MAX_ANSWER = 48  # tokens
BATCH_SIZE = 16  # prompts that are read together


class Judged(NamedTuple):
    """The outcome of an answer, the first rule that it breaks ("" where it is right), and APIBench's verdict."""

    outcome: Outcome
    rule: str
    apibench: bool


def call_prompt(question: str, documents: Sequence[Function]) -> str:
    """What the user says: the instruction, a line for each document if there are any, and the request."""
    lines = [DOCUMENTED, *(f"- {document(function)}" for function in documents)] if documents else []
    return "\n".join([INSTRUCTION, *lines, f"Request: {question}"])


def call_conversation(
    tokenizer: ByteLevelBPE, question: str, documents: Sequence[Function], call: str
) -> EncodedConversation:
    """The request and the call that answers, to train on: the loss counts the call and the end of the turn."""
    messages = [Message("user", call_prompt(question, documents)), Message("assistant", call)]
    return encode_conversation(tokenizer, SMOLLM2, messages)


def prompt_ids(tokenizer: ByteLevelBPE, reading: Reading) -> list[int]:
    """The prompt of a reading, up to where the call begins."""
    return encode_prompt(tokenizer, SMOLLM2, [Message("user", call_prompt(reading.question, reading.documents))])


def call_answers(
    model: Decoder,
    tokenizer: ByteLevelBPE,
    readings: Sequence[Reading],
    *,
    max_answer: int = MAX_ANSWER,
    grammar: CallGrammar | None = None,
    tokens: GrammarTokens | None = None,
) -> list[str]:
    """The most probable tokens after each prompt, at most so many, up to the end of the turn.

    With a `grammar`, only those that go on with a call of its catalog; `tokens` are the tokenizer's, made once for all.
    Prompts of like length are read together, which changes no answer. Raises `ValueError` as `greedy_search` does.
    """
    end = end_id(tokenizer, SMOLLM2)
    decoded: Any = model
    if grammar is not None:
        decoded = Constrained(model, grammar, tokenizer, eos_id=end, tokens=tokens)
    prompts = [prompt_ids(tokenizer, one) for one in readings]
    by_length = sorted(range(len(prompts)), key=lambda number: len(prompts[number]))
    answers = [""] * len(prompts)
    device = model.embedding.tokens.weight.device
    for start in range(0, len(prompts), BATCH_SIZE):
        numbers = by_length[start : start + BATCH_SIZE]
        source, padding = left_pad([prompts[number] for number in numbers], device=device)
        found = greedy_search(decoded, source, eos_id=end, max_length=max_answer, padding=padding)
        for number, hypothesis in zip(numbers, found, strict=True):
            answers[number] = tokenizer.decode(hypothesis.tokens).strip()
    return answers


def judged(answer: str, reading: Reading) -> Judged:
    """What became of a request, by the rules of `course.tools.check_text`, and beside it by APIBench's substrings."""
    verdict = check_text(answer, reading.catalog, [reading.answer])
    broken = next((node.rule for node in verdict.nodes if not node.ok), "")
    return Judged(verdict.outcome, broken, apibench_match(answer, reading.reference))
