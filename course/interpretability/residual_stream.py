"""The residual stream: what each sublayer of a Transformer adds, and what the output layer makes of it there.

Every sublayer of a pre-norm Transformer adds to one vector per position, which flows from the embedding to the output
layer. Source of the picture: Elhage et al. 2021, "A Mathematical Framework for Transformer Circuits".
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course.bert import Bert
from course.layers.blocks import Residual
from course.layers.language_model import CausalLanguageModel
from course.messages import _
from course.peft.targets import bare
from course.transformer import Transformer

Unembeds = Bert | CausalLanguageModel | Transformer  # they can read logits off their residual stream


class Passage(NamedTuple):
    """The stream before and after one sublayer."""

    before: Float[Tensor, "batch position d_model"]
    after: Float[Tensor, "batch position d_model"]


@contextmanager
def record_stream(model: nn.Module) -> Generator[list[Passage]]:
    """Watch the residual stream: `with record_stream(model.decoder) as passages:` and run the model once.

    `passages` then has one entry for each sublayer, in the order in which they ran. Raises `ValueError` for a model
    without a residual stream.
    """
    passages: list[Passage] = []
    residuals = [module for module in model.modules() if isinstance(bare(module), Residual)]  # with its parts, if any
    if not residuals:
        raise ValueError(_("{model} has no residual stream to watch.").format(model=type(model).__name__))
    hooks = [
        module.register_forward_hook(lambda _module, inputs, output: passages.append(Passage(inputs[0], output)))
        for module in residuals
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
def read_streams(model: nn.Module, *inputs: Tensor) -> list[Float[Tensor, "batch position d_model"]]:
    """The stream before the first sublayer and after each one, when the model is called with `inputs`.

    Of an encoder–decoder, whose inputs are source and target, it is the decoder's stream; call it with `model.encoder`
    and a source for the encoder's. Raises `ValueError` for a model without a residual stream.
    """
    with record_stream(model.decoder if isinstance(model, Transformer) else model) as passages:
        model(*inputs)
    return [passages[0].before, *(passage.after for passage in passages)]


@torch.no_grad()
def logit_lens(model: Unembeds, *inputs: Tensor) -> list[Float[Tensor, "batch position vocab"]]:
    """The logits if the model ended early: those that its output layer gives for each of `read_streams`.

    The last logits are the model's own; BERT's, which has no output layer, compare the stream with the embeddings.
    Raises `ValueError` for a model without a residual stream.

    Source: nostalgebraist 2020, "interpreting GPT: the logit lens".
    """
    return [model.unembed(stream) for stream in read_streams(model, *inputs)]
