"""What the output layer makes of a model's residual stream, for the learner's text, layer by layer."""

from collections.abc import Callable, Collection
from functools import singledispatch
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from course.decoding import greedy_search
from course.interpretability.ablation import Head, without_heads
from course.interpretability.residual_stream import read_streams
from course.layers.language_model import CausalLanguageModel
from course.messages import _
from course.tasks import Task, Vocabulary
from course.tokenization import ByteLevelBPE, Tokenizer
from course.transformer import Transformer
from course.viz.attention_explorer.readers import require_some_tokens, tokenize
from course.viz.kit.text import readable, visible

COLUMNS = 6  # positions that are shown: the last ones


class Reading(NamedTuple):
    """The last positions of a text: what was read there, and the most probable next token at each row, with its chance.

    A row is a place in the model: the embedding first, the output last.
    """

    tokens: tuple[str, ...]
    rows: tuple[str, ...]
    best: list[list[str]]  # [row][position]
    chances: Float[Tensor, "row position"]


class Source(NamedTuple):
    """What a model is called with for a text, and how its tokens are shown."""

    inputs: tuple[Int[Tensor, "1 position"], ...]
    tokens: tuple[str, ...]
    label: Callable[[int], str]  # of a token's id, as it is shown


@singledispatch
def source_of(model: object, tokenizer: Tokenizer | Task, text: str) -> Source:
    """The inputs for a text that a learner typed. Raises `ValueError` for a text that the model cannot read."""
    raise ValueError(_("{model} is no model that this explorer knows how to run.").format(model=type(model).__name__))


@source_of.register
def _causal(model: CausalLanguageModel, tokenizer: Tokenizer, text: str) -> Source:
    if isinstance(tokenizer, Task):
        raise ValueError(_("A language model reads text through its tokenizer: give that in place of a task."))
    ids, labels, _special = tokenize(tokenizer, text)
    require_some_tokens(ids)

    def label(token: int) -> str:
        if isinstance(tokenizer, ByteLevelBPE):
            return visible(readable(tokenizer.decode_bytes([token])))
        return visible(tokenizer.tokens[token])

    return Source((_row(ids, model),), tuple(labels), label)


@source_of.register
def _encoder_decoder(model: Transformer, task: Task, text: str) -> Source:
    """The decoder reads its own greedy output."""
    if not isinstance(task, Task):
        raise ValueError(_("An encoder–decoder is read with its task: give that in place of a tokenizer."))
    symbols = task.symbols_from(text)
    require_some_tokens(symbols)
    source = _row(task.source.encode(symbols), model)
    [best] = greedy_search(model, source, eos_id=Vocabulary.eos_id, max_length=task.max_length)
    read = [Vocabulary.bos_id, *best.tokens]

    def label(token: int) -> str:
        return visible(task.target.symbols[token])

    return Source((source, _row(read, model)), tuple(map(label, read)), label)


@torch.no_grad()
def read(model: CausalLanguageModel | Transformer, source: Source, removed: Collection[Head] = ()) -> Reading:
    """The most probable next tokens off the stream, with these heads removed. An encoder–decoder's decoder is read."""
    if removed:
        with without_heads(model, removed):
            streams = read_streams(model, *source.inputs)
    else:
        streams = read_streams(model, *source.inputs)
    streams, rows = _places(model, streams)
    last = torch.stack([stream[0, -COLUMNS:] for stream in streams])
    chances, ids = model.unembed(last).float().softmax(dim=-1).max(dim=-1)
    best = [[source.label(i) for i in row] for row in ids.tolist()]
    return Reading(source.tokens[-COLUMNS:], rows, best, chances.cpu())


def _places(model: CausalLanguageModel | Transformer, streams: list[Tensor]) -> tuple[list[Tensor], tuple[str, ...]]:
    """After each sublayer of an encoder–decoder's few layers; of a language model's many, after each layer."""
    if isinstance(model, Transformer):
        kinds = (_("self-attention {layer}"), _("cross-attention {layer}"), _("feed-forward {layer}"))
        layers = (len(streams) - 1) // len(kinds)
        return streams, (_("embedding"), *(kind.format(layer=n) for n in range(layers) for kind in kinds))
    return streams[::2], (_("embedding"), *(_("layer {layer}").format(layer=n) for n in range(len(streams) // 2)))


def attention_name(model: CausalLanguageModel | Transformer, layer: int) -> str:
    """What to call an attention layer by its number among `attention_layers`: of an encoder–decoder, where it is, too.

    The encoder's come first; then each decoder layer's two, named as the rows of a `Reading` are.
    """
    if not isinstance(model, Transformer):
        return str(layer)
    n_encoder = len(model.encoder.blocks)
    if layer < n_encoder:
        return _("{layer} (encoder {number})").format(layer=layer, number=layer)
    number, is_cross = divmod(layer - n_encoder, 2)
    name = _("{layer} (cross-attention {number})") if is_cross else _("{layer} (self-attention {number})")
    return name.format(layer=layer, number=number)


def _row(ids: list[int], model: CausalLanguageModel | Transformer) -> Int[Tensor, "1 position"]:
    return torch.tensor([ids], device=next(model.parameters()).device)
