"""The three families, read off loaded models: how many blocks of which kind, and what each position depends on."""

from collections.abc import Callable
from typing import NamedTuple, cast

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from course import trained
from course.bert import Bert
from course.gpt import Decoder
from course.interpretability.reach import reach
from course.layers.parameters import count_parameters
from course.messages import _
from course.pretrained import load
from course.transformer import Transformer

N_TOKENS = 6  # of the text that is read, and of what is written
Outputs = Callable[[Int[Tensor, "1 position"]], Float[Tensor, "1 output d_model"]]


class Grid(NamedTuple):
    """What depends on what: True where an output, a row, moves with an input, a column."""

    rows: str
    columns: str
    seen: Bool[Tensor, "output input"]


class Family(NamedTuple):
    """A family by one of its models: its stacks of blocks by name, and its grids."""

    name: str
    model: str
    parameters: int
    stacks: dict[str, int]
    grids: tuple[Grid, ...]


def families() -> tuple[Family, ...]:
    """BERT, GPT and the Transformer by MiniLM, SmolLM2 and the translator. Raises `AssetError` without their files."""
    encoder, decoder = load("minilm")[0], load("smollm2")[0]
    return bert_family(encoder), gpt_family(decoder), transformer_family(_translator())


def bert_family(model: Bert, name: str = "MiniLM") -> Family:
    ids = _ids(model.embedding.tokens.num_embeddings)
    grid = Grid(_("position"), _("depends on token"), reach(model, ids, other=1))
    return Family("BERT", name, count_parameters(model), {_("encoder"): len(model.blocks)}, (grid,))


def gpt_family(model: Decoder, name: str = "SmolLM2") -> Family:
    ids = _ids(model.embedding.tokens.num_embeddings)
    grid = Grid(_("position"), _("depends on token"), reach(model, ids, other=1))
    return Family("GPT", name, count_parameters(model), {_("decoder"): len(model.blocks)}, (grid,))


def transformer_family(model: Transformer, name: str = _("the translator")) -> Family:
    """Its encoder's grid, and its decoder's for what it has written and for the source."""
    source, target = _ids(model.config.source_vocab_size), _ids(model.config.target_vocab_size)
    grids = (
        Grid(_("source position"), _("depends on source token"), reach(model.encoder, source, other=4)),
        Grid(
            _("written position"),
            _("depends on written token"),
            reach(lambda ids: model(source, ids), target, other=4),
        ),
        Grid(
            _("written position"),
            _("depends on source token"),
            reach(lambda ids: model(ids, target), source, other=4),
        ),
    )
    stacks = {_("encoder"): len(model.encoder.blocks), _("decoder"): len(model.decoder.blocks)}
    return Family("Transformer", name, count_parameters(model), stacks, grids)


def _translator() -> Transformer:
    return cast(Transformer, trained.load("sentences/korean-english-transformer"))


def _ids(vocab_size: int) -> Int[Tensor, "1 position"]:
    """Six different tokens, none of them special in any of these models."""
    return torch.arange(vocab_size // 4, vocab_size // 4 + N_TOKENS)[None]
