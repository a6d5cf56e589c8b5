"""Preferences for RLHF and DPO: pairs of the reference policy's responses, of which the gold says which is better."""

import functools
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Int

from course import trained
from course.data.splits import Role, draw
from course.gpt import Decoder
from course.rlhf import PreferencePair
from course.tasks.review_continuations import MAX_LENGTH, prompt_ids, review_texts
from course.tasks.review_policies import continued
from course.tasks.review_rewards import gold_logits

N_PAIRS: Mapping[Role, int] = {"training": 2000, "validation": 480, "test": 1000}
PAIRS = "pairs.npz"
FILL = -1


class LabelledPair(NamedTuple):
    """Two responses of the reference policy to one prompt, whose review begins with `words`, and their gold scores."""

    words: str
    pair: PreferencePair
    gold_chosen: float
    gold_rejected: float


def label_pairs(policy: Decoder, words: Sequence[str], seed: int, batch_size: int = 128) -> list[LabelledPair]:
    """For each beginning two responses of a policy, ordered by the gold; without pairs of equal ones or equal scores.

    The label is hard: always the higher score. A person's label would sometimes be the other one.
    """
    generator = torch.Generator(device=policy.embedding.tokens.weight.device).manual_seed(seed)
    found = []
    for start in range(0, len(words), batch_size):
        some = [first for first in words[start : start + batch_size] for _response in range(2)]
        responses = continued(policy, [prompt_ids(first) for first in some], generator)
        gold, answers = gold_logits(review_texts(responses)).tolist(), responses.lists()
        for at in range(0, len(some), 2):
            (high, better), (low, worse) = sorted(zip(gold[at : at + 2], answers[at : at + 2], strict=True))[::-1]
            if better != worse and high > low:
                pair = PreferencePair(prompt_ids(some[at]), tuple(better), tuple(worse))
                found.append(LabelledPair(some[at], pair, high, low))
    return found


def save_pairs(sets: Mapping[Role, Sequence[LabelledPair]]) -> None:
    """Keep the pairs, as ids and gold logits, beside the records."""

    def padded(answers: Sequence[Sequence[int]]) -> Int[np.ndarray, "answer token"]:
        return np.array([[*row, *[FILL] * (MAX_LENGTH - len(row))] for row in answers], dtype=np.int16)

    arrays = {}
    for role, pairs in sets.items():
        arrays |= {
            f"{role}_words": np.array([one.words for one in pairs]),
            f"{role}_chosen": padded([one.pair.chosen for one in pairs]),
            f"{role}_rejected": padded([one.pair.rejected for one in pairs]),
            f"{role}_gold": np.array([[one.gold_chosen, one.gold_rejected] for one in pairs], dtype=np.float32),
        }
    folder = trained.place.FOLDER / "rlhf"
    folder.mkdir(exist_ok=True)
    np.savez_compressed(folder / PAIRS, allow_pickle=False, **arrays)


@functools.cache
def labelled_pairs(role: Role) -> tuple[LabelledPair, ...]:
    """The pairs of a set, as they are stored: training, validation or test. No prompt is in two sets."""
    with np.load(trained.place.FOLDER / "rlhf" / PAIRS) as stored:
        words, chosen, rejected, gold = (
            stored[f"{role}_{part}"].tolist() for part in ("words", "chosen", "rejected", "gold")
        )
    return tuple(
        LabelledPair(first, PreferencePair(prompt_ids(first), _answer(better), _answer(worse)), high, low)
        for first, better, worse, (high, low) in zip(words, chosen, rejected, gold, strict=True)
    )


def _answer(row: Sequence[int]) -> tuple[int, ...]:
    return tuple(token for token in row if token != FILL)


def training_pairs(n: int) -> list[PreferencePair]:
    """`n` of the training pairs, drawn."""
    return [one.pair for one in draw(labelled_pairs("training"), n)]
