"""Induction heads: heads that find an earlier occurrence of the present token, and look at what followed it then.

Measured on texts of random tokens that are repeated, where nothing but the repetition can be known.

Source: Elhage et al. 2021, "A Mathematical Framework for Transformer Circuits", "Induction Heads"; Olsson et al. 2022,
"In-context Learning and Induction Heads".
"""

from collections import Counter
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from course.layers.attention import record_attention
from course.layers.language_model import CausalLanguageModel
from course.layers.sizes import require_whole
from course.messages import _
from course.peft.reading import require_text_alone


def word_tokens(tokens: Sequence[str]) -> list[int]:
    """The ids of a byte-level tokenizer's `tokens` that are a space and ASCII letters: words, beginnings of words."""
    return [
        number
        for number, token in enumerate(tokens)
        if token.startswith("Ġ") and token[1:].isascii() and token[1:].isalpha()
    ]


def repeated_tokens(
    tokens: Sequence[int], n_texts: int, period: int, *, first: int, seed: int = 0
) -> Int[Tensor, "text position"]:
    """Texts of `first` and then `period` tokens, drawn at random from `tokens`, twice: 1 + 2 · `period` positions.

    No token is twice in one half, so each has one earlier occurrence. Raises `ValueError` for fewer tokens than that
    takes, for a token that is no whole number from 0 or is there twice, `first` included, and for no text.
    """
    require_whole(n_texts, "n_texts")
    require_whole(period, "period")
    for token, count in Counter([first, *tokens]).items():
        require_whole(token, "token", least=0)
        if count > 1:
            raise ValueError(
                _("The token {token!r} is {count} times among `first` and `tokens`; give each once.").format(
                    token=token, count=count
                )
            )
    if not 2 <= period <= len(tokens):
        raise ValueError(
            _("period is {period}; it must be from 2 to {limit}, the number of tokens to draw from.").format(
                period=period, limit=len(tokens)
            )
        )
    generator = torch.Generator().manual_seed(seed)
    order = torch.stack([torch.randperm(len(tokens), generator=generator)[:period] for _text in range(n_texts)])
    half = torch.tensor(tokens)[order]
    return torch.cat((torch.full((n_texts, 1), first), half, half), dim=1)


@torch.no_grad()
def induction_scores(
    model: CausalLanguageModel, ids: Int[Tensor, "text position"], period: int
) -> Float[Tensor, "text layer head"]:
    """How much each head of a model looks, in the second half, at the token after the present one's first occurrence.

    `ids` are of `repeated_tokens` with this `period`. For the query at position i that is the key at i - period + 1;
    the mean is over the queries whose next token is a repetition as well. Raises `ValueError` for another period, and
    where attention sees a prompt or a prefix beside the text.
    """
    require_text_alone(model)
    _require_period(ids, period)
    with record_attention(model) as maps:
        model(ids)
    queries = torch.arange(period + 1, ids.shape[1] - 1, device=ids.device)
    whole = [weights for weights in maps if weights is not None]
    return torch.stack([weights[:, :, queries, queries - period + 1].mean(dim=-1) for weights in whole], dim=1)


@torch.no_grad()
def half_losses(
    model: CausalLanguageModel, ids: Int[Tensor, "text position"], period: int
) -> tuple[Float[Tensor, "text"], Float[Tensor, "text"]]:
    """The mean loss, in nats, of the tokens of the first half and of those of the second, without their first tokens.

    The first token of a half is a surprise in both: nothing says that a repetition begins. Raises `ValueError` for
    `ids` that are not of `repeated_tokens` with this `period`.
    """
    _require_period(ids, period)
    logits = model(ids)[:, :-1]
    losses = F.cross_entropy(logits.transpose(1, 2), ids[:, 1:], reduction="none")
    return losses[:, 1:period].mean(dim=1), losses[:, period + 1 :].mean(dim=1)


def _require_period(ids: Int[Tensor, "text position"], period: int) -> None:
    require_whole(period, "period")
    if period < 2 or ids.shape[-1] != 1 + 2 * period or not torch.equal(ids[..., 1 : period + 1], ids[..., -period:]):
        raise ValueError(
            _(
                "These texts of {length} tokens are not a first token and then {period} tokens twice. Give those of "
                "`repeated_tokens` and their period."
            ).format(length=ids.shape[-1], period=period)
        )
