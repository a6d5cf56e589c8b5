"""From logits to text: turn logits into probabilities, draw a token, read it, go on."""

import math
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from course.gpt import Decoder
from course.messages import _


class Step(NamedTuple):
    """One generated token, and the logits that it was chosen by, before temperature, top-k and top-p."""

    token: int
    logits: Float[Tensor, "vocab"]


def probabilities(
    logits: Float[Tensor, "*batch vocab"],
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
) -> Float[Tensor, "*batch vocab"]:
    """The distribution from which the next token is drawn; each row sums to 1.

    The logits are divided by `temperature`: below 1 the likely get likelier, and at 0 the likeliest takes all. Then
    the `top_k` likeliest tokens are kept; then, of these, the fewest likeliest that together reach `top_p`. Of equally
    likely tokens, either may be kept. Raises `ValueError` for a temperature below 0, `top_k` below 1, or `top_p`
    outside (0, 1].

    Source: top-k: Fan, Lewis and Dauphin 2018, section 5.4; top-p: Holtzman et al. 2020, section 3.1.
    """
    _check_sampling(temperature, top_k, top_p)
    if temperature == 0:
        return torch.zeros_like(logits).scatter(-1, logits.argmax(dim=-1, keepdim=True), 1.0)
    # A shift changes nothing after softmax; with the highest at 0, a tiny temperature cannot overflow.
    scaled = (logits - logits.amax(dim=-1, keepdim=True)) / temperature
    if top_k is not None and top_k < logits.shape[-1]:
        values, kept = scaled.topk(top_k, dim=-1)
        scaled = torch.full_like(scaled, -math.inf).scatter(-1, kept, values)
    chances = scaled.softmax(dim=-1)
    if top_p is not None and top_p < 1:
        falling, order = chances.sort(dim=-1, descending=True)
        likelier = falling.cumsum(dim=-1) - falling  # what the tokens before this one reach together
        falling = falling.where(likelier < top_p, 0.0)
        chances = torch.zeros_like(chances).scatter(-1, order, falling)
        chances = chances / chances.sum(dim=-1, keepdim=True)
    return chances


def generate(
    model: Decoder,
    ids: Sequence[int] | Int[Tensor, "position"],
    max_new_tokens: int,
    *,
    temperature: float = 0.0,
    top_k: int | None = None,
    top_p: float | None = None,
    stop: Collection[int] = (),
    generator: torch.Generator | None = None,
    use_cache: bool = True,
) -> Iterator[Step]:
    """Continue `ids` by up to `max_new_tokens` tokens, each given as soon as it is chosen.

    At temperature 0 the likeliest token is chosen (greedy); else one is drawn from `probabilities` with `generator`,
    which lives on the model's device. A token in `stop` ends the text and is not given. Without the cache every step
    reads the whole text again: the same tokens, later.

    Raises `ValueError` at once when prompt and new tokens together are longer than the model's context, when the
    prompt is empty, or for what `probabilities` refuses.
    """
    prompt = torch.as_tensor(ids, device=model.embedding.weight.device)
    if prompt.ndim != 1 or len(prompt) == 0:
        raise ValueError(_("The prompt must be one row of token ids, with one id or more. Encode a text first."))
    limit = model.config.context_length
    if len(prompt) + max_new_tokens > limit:
        raise ValueError(
            _(
                "{prompt} tokens of prompt and {new} new ones are more than the model's context of {limit}. "
                "Shorten the prompt, or ask for at most {room} new tokens."
            ).format(prompt=len(prompt), new=max_new_tokens, limit=limit, room=max(0, limit - len(prompt)))
        )
    _check_sampling(temperature, top_k, top_p)

    def choose(logits: Tensor) -> int:
        if temperature == 0:
            return int(logits.argmax())
        chances = probabilities(logits, temperature=temperature, top_k=top_k, top_p=top_p)
        return int(torch.multinomial(chances, 1, generator=generator))

    def steps() -> Iterator[Step]:
        text = prompt[None]  # (batch 1, position)
        cache = model.new_cache(len(prompt) + max_new_tokens) if use_cache else None
        for _step in range(max_new_tokens):
            with torch.inference_mode():
                logits = model.next_token_logits(text, cache)[0]
            token = choose(logits)
            if token in stop:
                return
            yield Step(token, logits.clone())  # a clone made here is an ordinary tensor, fit for further computing
            new = torch.tensor([[token]], device=prompt.device)
            text = new if use_cache else torch.cat((text, new), dim=1)

    return steps()


def _check_sampling(temperature: float, top_k: int | None, top_p: float | None) -> None:
    if not 0 <= temperature < math.inf:
        raise ValueError(
            _("temperature is {value}; it must be 0 (greedy) or a number above it.").format(value=temperature)
        )
    if top_k is not None and top_k < 1:
        raise ValueError(_("top_k is {value}; keep 1 token or more, or leave it out.").format(value=top_k))
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError(_("top_p is {value}; it must be above 0 and at most 1, or left out.").format(value=top_p))
