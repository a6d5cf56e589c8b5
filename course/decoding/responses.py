"""Rolling out: a policy draws a response to each prompt, as a batch that RLHF and DPO compute with."""

from collections.abc import Sequence

import torch

from course.decoding.padding import left_pad
from course.decoding.sampling import sample
from course.fine_tuning.predictions import evaluating
from course.gpt import Decoder
from course.messages import _
from course.rlhf import Responses


@torch.no_grad()
def roll_out(
    model: Decoder,
    prompts: Sequence[Sequence[int]],
    *,
    end_id: int,
    pad_id: int,
    max_length: int,
    temperature: float = 1.0,
    generator: torch.Generator | None = None,
) -> Responses:
    """A response of up to `max_length` tokens to each prompt, drawn token by token until `end_id`.

    The end token is a part of the response. Dropout is off meanwhile, and nothing restricts what is drawn: with top-k
    or top-p the log-probabilities under the policy would not be those of what drew. Raises `ValueError` for a `pad_id`
    that is the end token, for a temperature that is not above 0, and as `sample` does.
    """
    if pad_id == end_id:
        raise ValueError(
            _(
                "Token {id} is to fill up rows and to end responses: with one id for both, where a response ends is "
                "lost as soon as padding is looked for by its id. Choose another for padding."
            ).format(id=pad_id)
        )
    if not temperature > 0:
        raise ValueError(
            _("temperature is {value}; responses are drawn, so it must be above 0.").format(value=temperature)
        )
    source, padding = left_pad(prompts, fill=pad_id, device=model.embedding.tokens.weight.device)
    with evaluating(model):
        samples = sample(
            model,
            source,
            eos_id=end_id,
            max_length=max_length,
            temperature=temperature,
            padding=padding if padding.any() else None,
            generator=generator,
        )
    tokens = samples.tokens.where(samples.drawn, pad_id)
    return Responses(torch.cat((source, tokens), dim=1), padding, source.shape[1], samples.drawn)
