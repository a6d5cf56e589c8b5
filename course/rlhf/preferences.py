"""Preference data: two answers to one prompt, of which one was chosen."""

from collections.abc import Sequence
from typing import NamedTuple

import torch

from course.messages import _
from course.rlhf.responses import Responses, as_responses


class PreferencePair(NamedTuple):
    """A prompt and two answers to it, as ids; each answer has its end token. `chosen` is the one that was preferred."""

    prompt: tuple[int, ...]
    chosen: tuple[int, ...]
    rejected: tuple[int, ...]


def pair_responses(pairs: Sequence[PreferencePair], *, pad_id: int, device: torch.device | None = None) -> Responses:
    """The pairs as one batch: the chosen answers, then the rejected ones in the same order.

    Raises `ValueError` for no pairs, an empty prompt or answer, and a pair of two equal answers, which says nothing.
    """
    if not pairs:
        raise ValueError(_("There are no pairs: give one or more."))
    equal = [number for number, pair in enumerate(pairs) if tuple(pair.chosen) == tuple(pair.rejected)]
    if equal:
        raise ValueError(
            _("The two answers of pair {number} are equal: neither can be preferred. Leave the pair out.").format(
                number=equal[0]
            )
        )
    prompts = [pair.prompt for pair in pairs]
    answers = [pair.chosen for pair in pairs] + [pair.rejected for pair in pairs]
    return as_responses(prompts * 2, answers, pad_id=pad_id, device=device)
