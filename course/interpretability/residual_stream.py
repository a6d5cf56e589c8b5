"""The residual stream: what each sublayer of a Transformer adds, and what could be read off after it.

Every sublayer of a pre-norm Transformer adds to one vector per position, which flows from the embedding to the output
layer. Source of the picture: Elhage et al. 2021, "A Mathematical Framework for Transformer Circuits".
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from course.layers.blocks import Residual
from course.transformer import Transformer


class Passage(NamedTuple):
    """The stream before and after one sublayer."""

    before: Float[Tensor, "batch position d_model"]
    after: Float[Tensor, "batch position d_model"]


@contextmanager
def record_stream(model: nn.Module) -> Iterator[list[Passage]]:
    """Watch the residual stream: `with record_stream(model.decoder) as passages:` and run the model once.

    `passages` then has one entry for each sublayer, in the order in which they ran.
    """
    passages: list[Passage] = []
    hooks = [
        module.register_forward_hook(lambda _module, inputs, output: passages.append(Passage(inputs[0], output)))
        for module in model.modules()
        if isinstance(module, Residual)
    ]
    try:
        yield passages
    finally:
        for hook in hooks:
            hook.remove()


def added_share(passage: Passage) -> Float[Tensor, "batch position"]:
    """The length of what the sublayer added, over the length of the stream after it."""
    return (passage.after - passage.before).norm(dim=-1) / passage.after.norm(dim=-1)


@torch.no_grad()
def logit_lens(
    model: Transformer, source: Int[Tensor, "batch source"], target: Int[Tensor, "batch position"]
) -> list[Float[Tensor, "batch position vocab"]]:
    """The logits if the decoder ended early: the output layer on the stream before, and after each of, its sublayers.

    The last are the model's own. Source: nostalgebraist 2020, "interpreting GPT: the logit lens".
    """
    with record_stream(model.decoder) as passages:
        model(source, target)
    streams = [passages[0].before, *(passage.after for passage in passages)]
    return [model.output(model.decoder.norm(stream)) for stream in streams]
