"""Self-Instruct: a language model continues a list of instructions, and what passes the filters joins the list.

The prompt has eight instructions of the pool, up to two of them made by the model itself. Source: Wang et al. 2023,
section 2.2, and the authors' code (yizhongw/self-instruct, `bootstrap_instructions.py`); theirs prompts GPT-3, and a
response that ended at the limit of tokens is left out whole there, while here its last instruction is.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch

from course.decoding import left_pad, sample
from course.gpt import Decoder
from course.instruction import Filters, InstructionPool, Verdict, in_one_line
from course.layers.sizes import require_whole
from course.messages import _
from course.pretrained import chat_ids
from course.tokenization import ByteLevelBPE

INTRODUCTION = "Come up with a series of tasks:"
LAST_NUMBER = 15  # of an instruction in a list
BLANK_LINE, END_OF_TURN = "\n\n", "<|im_end|>"
ITEM = re.compile(r"\n\d+ ?\. ")
END_OF_LIST = re.compile(rf"\n\s*\n|\n{LAST_NUMBER + 1} ?\.")


class Continuation(NamedTuple):
    """What a model wrote after a prompt; `finished` is False where only the limit of tokens ended it."""

    text: str
    finished: bool


class Candidate(NamedTuple):
    """An instruction that a model made, and what the filters said of it then."""

    instruction: str
    verdict: Verdict


Writer = Callable[[Sequence[str]], list[Continuation]]


def list_prompt(instructions: Sequence[str]) -> str:
    """A numbered list of the instructions, which ends with the number of the next.

    Raises `ValueError` for no instructions, or for so many that the list has no number left.
    """
    if not 1 <= len(instructions) < LAST_NUMBER:
        raise ValueError(
            _("There are {n} instructions; the list takes 1 to {most}.").format(
                n=len(instructions), most=LAST_NUMBER - 1
            )
        )
    lines = [f"{number}. {in_one_line(one).rstrip(':')}" for number, one in enumerate(instructions, start=1)]
    return "\n".join([INTRODUCTION, *lines, f"{len(lines) + 1}."])


def parse_list(continuation: Continuation) -> list[str]:
    """The instructions in the text that continues a list, each in one line, without the numbers before them.

    The list ends at an empty line, or where number 16 would come. The last instruction of a text that has no such end
    and is not finished is left out.
    """
    text = "\n" + continuation.text.lstrip("\n")
    end = END_OF_LIST.search(text)
    items = ITEM.split(text[: end.start()] if end else text)
    if not end and not continuation.finished:
        items = items[:-1]
    return [line for line in map(in_one_line, items) if line]


def model_writer(
    model: Decoder,
    tokenizer: ByteLevelBPE,
    *,
    chat: bool = False,
    max_new_tokens: int,
    n_samples: int = 1,
    temperature: float,
    top_p: float | None = None,
    generator: torch.Generator | None = None,
) -> Writer:
    """A function that continues prompts, all at once, up to an empty line or the model's own end of a turn.

    The prompts are plain text; with `chat`, each is a turn of the user in the model's chat template, but for its last
    line, with which the answer begins. It gives `n_samples` continuations for each prompt, which is read once: those of
    the first prompt first. It raises `ValueError` for what `course.decoding.sample` refuses. Raises `ValueError` for a
    tokenizer that has neither an empty line as one token nor a special token.
    """
    end, ends = _end_id(tokenizer), set(tokenizer.special.ids.values())

    def write(prompts: Sequence[str]) -> list[Continuation]:
        rows = [_chat_turn(tokenizer, prompt) if chat else tokenizer.encode(prompt) for prompt in prompts]
        ids, padding = left_pad(rows, device=model.embedding.tokens.weight.device)
        samples = sample(
            model,
            ids,
            eos_id=end,
            max_length=max_new_tokens,
            n_samples=n_samples,
            temperature=temperature,
            top_p=top_p,
            padding=padding,
            generator=generator,
        )
        return [_ended(row, tokenizer, {end, *ends}) for row in samples.tokens.tolist()]

    return write


def _end_id(tokenizer: ByteLevelBPE) -> int:
    """The token at which generation stops: an empty line where that is one, else the end of a turn, else the first."""
    blank, special = tokenizer.encode(BLANK_LINE), tokenizer.special.ids
    if len(blank) == 1:
        return blank[0]
    if not special:
        raise ValueError(
            _("The tokenizer has no special token, and an empty line is {n} tokens: nothing could end a text.").format(
                n=len(blank)
            )
        )
    return special.get(END_OF_TURN, next(iter(special.values())))


def _chat_turn(tokenizer: ByteLevelBPE, prompt: str) -> list[int]:
    asked, _break, begun = prompt.rpartition("\n")
    return [*chat_ids(tokenizer, asked), *tokenizer.encode(begun)]


def _ended(row: Sequence[int], tokenizer: ByteLevelBPE, ends: set[int]) -> Continuation:
    """The text before the first token that ends it."""
    length = next((place for place, token in enumerate(row) if token in ends), None)
    return Continuation(tokenizer.decode(row[:length]), length is not None)


def grow(
    pool: InstructionPool, write: Writer, *, n_prompts: int, rng: random.Random, filters: Filters | None = None
) -> list[Candidate]:
    """One round: prompts from the pool, and what the model makes of them is filtered and added to it, in order.

    Gives all that it made, kept or not. Raises `ValueError` for fewer prompts than 1.
    """
    require_whole(n_prompts, "n_prompts")
    filters = filters or Filters()
    candidates = []
    for continuation in write([list_prompt(pool.examples(rng)) for _prompt in range(n_prompts)]):
        for instruction in parse_list(continuation):
            verdict = filters.check(instruction, pool)
            candidates.append(Candidate(instruction, verdict))
            if verdict.kept:
                pool.add(instruction)
    return candidates


def first_words(instructions: Sequence[str]) -> Counter[str]:
    """How often each word begins an instruction, in small letters: mostly the verb that says what to do.

    A text without words has none.
    """
    lines = (instruction.split() for instruction in instructions)
    return Counter(re.sub(r"\W+$", "", words[0].lower()) for words in lines if words)
