"""Pairs of answers that a policy draws to one prompt, for a person to choose from."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch

from course.decoding import roll_out
from course.gpt import Decoder
from course.messages import _
from course.rlhf import PreferencePair
from course.tokenization import ByteLevelBPE
from course.viz.kit.text import readable, visible

PromptOf = Callable[[str], Sequence[int]]
MOST_DRAWS = 5  # until the two answers of a pair differ


class AnswerPair(NamedTuple):
    """A beginning, its prompt as ids, two answers as ids, and both as texts."""

    text: str
    prompt: tuple[int, ...]
    answers: tuple[tuple[int, ...], tuple[int, ...]]
    texts: tuple[str, str]

    def preferring(self, choice: str) -> PreferencePair:
        """The preference of one who has chosen "A", the first answer, or "B"."""
        first, second = self.answers
        return PreferencePair(self.prompt, *((first, second) if choice == "A" else (second, first)))


class PairBench(NamedTuple):
    """A policy, and how a text becomes a prompt for it and ids a text."""

    model: Decoder
    tokenizer: ByteLevelBPE
    prompt_of: PromptOf
    end_id: int
    pad_id: int
    max_length: int
    temperature: int | float


def draw_pairs(bench: PairBench, texts: Sequence[str], seed: int) -> tuple[AnswerPair, ...]:
    """Two answers to each text, which differ.

    Raises `ValueError` for a text to which the policy has drawn the same answer over and over, and as `roll_out` does.
    """
    generator = torch.Generator(device=bench.model.embedding.tokens.weight.device).manual_seed(seed)
    prompts = [tuple(bench.prompt_of(text)) for text in texts]
    pairs: dict[int, tuple[list[int], list[int]]] = {}
    for _draw in range(MOST_DRAWS):
        missing = [place for place in range(len(texts)) if place not in pairs]
        if not missing:
            break
        responses = roll_out(
            bench.model,
            [prompts[place] for place in missing for _answer in range(2)],
            end_id=bench.end_id,
            pad_id=bench.pad_id,
            max_length=bench.max_length,
            temperature=bench.temperature,
            generator=generator,
        )
        drawn = responses.lists()
        for place, first, second in zip(missing, drawn[::2], drawn[1::2], strict=True):
            if _text(bench, first) != _text(bench, second):
                pairs[place] = (first, second)
    if len(pairs) < len(texts):
        place = next(place for place in range(len(texts)) if place not in pairs)
        raise ValueError(
            _(
                "The policy has drawn the same answer to {text!r} {n} times, so there is nothing to choose from. Type "
                "another beginning, or raise the temperature."
            ).format(text=texts[place], n=2 * MOST_DRAWS)
        )
    return tuple(
        AnswerPair(
            text,
            prompts[place],
            (tuple(pairs[place][0]), tuple(pairs[place][1])),
            (_text(bench, pairs[place][0]), _text(bench, pairs[place][1])),
        )
        for place, text in enumerate(texts)
    )


def _text(bench: PairBench, ids: Sequence[int]) -> str:
    """What is shown of an answer: without its end token."""
    kept = ids[:-1] if ids[-1] == bench.end_id else ids
    text = readable(bench.tokenizer.decode_bytes(list(kept)))
    return "".join(character if character == " " else visible(character) for character in text)
