"""Prompts and answers of several lengths, as tests of RLHF need them, and numbers of the right shape."""

import torch
from torch import Tensor

from course.rlhf import Responses, as_responses

PROMPTS = [[3, 1, 4, 1, 5], [27], [18, 28, 18]]
ANSWERS = [[7, 2], [9, 9, 8, 30, 2], [2]]
PAD = 60
LENGTHS = [2, 5, 1]


def responses(pad_id: int = PAD) -> Responses:
    return as_responses(PROMPTS, ANSWERS, pad_id=pad_id)


def places(lengths: list[int] = LENGTHS, width: int | None = None) -> Tensor:
    """Which places hold a token, for rows of these lengths."""
    return torch.arange(max(lengths) if width is None else width) < torch.tensor(lengths)[:, None]


def numbers(is_token: Tensor, seed: int, beyond: float = 0.0) -> Tensor:
    """Normal numbers for the tokens, and `beyond` in the other places."""
    drawn = torch.randn(is_token.shape, generator=torch.Generator().manual_seed(seed))
    return drawn.where(is_token, torch.tensor(beyond))
