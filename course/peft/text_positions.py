"""Positions beside a prefix: the text's first token is at position p, however much padding is before it."""

from collections.abc import Callable, Mapping
from typing import Any, cast

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from course.bert import Bert
from course.layers.kv_cache import KVCache
from course.layers.language_model import CausalLanguageModel
from course.layers.positions import AttentionPositions, Positions, Rotation
from course.layers.token_ids import require_numbers, require_table
from course.peft.reading import Body, ReadingPart, context_of, require_room


class TextPositions(ReadingPart, Positions):
    """A model's positions, with the text from position `takes` on.

    Rotation is by each row's own positions: tokens alone need only their distances, which padding on the left does not
    change; but a key that belongs to no token has a fixed place. The model's reading function sets `padding` for the
    length of a pass.
    """

    def __init__(self, base: Positions, takes: int = 0) -> None:
        super().__init__(base, takes)
        self.padding: Int[Tensor, " batch"] | None = None
        self.hidden: nn.Module | None = None  # what the layers' prefixes are computed from, where they are

    @property
    def scheme(self) -> Positions:
        """The model's own."""
        return cast(Positions, self.base)

    def readers(self, body: Body) -> Mapping[str, Callable[..., Any]]:
        if isinstance(body, Bert):
            return {"forward": _read_bert}
        return {"hidden_states": _hidden_states, "require_room": _require_room}

    def add_to_embeddings(
        self, x: Float[Tensor, "batch position d_model"], start: int = 0
    ) -> Float[Tensor, "batch position d_model"]:
        return self.scheme.add_to_embeddings(x, start + self.takes)

    def rotation(self, start: int, end: int) -> Rotation | None:
        if self.padding is None:
            return self.scheme.rotation(start + self.takes, end + self.takes)
        places = torch.arange(start, end, device=self.padding.device) - self.padding[:, None]
        return self.for_places(places.clamp(min=0)).rotation

    def score_bias(self, n_queries: int, n_keys: int) -> Float[Tensor, "1 heads query key"] | None:
        return self.scheme.score_bias(n_queries, n_keys)

    def add_places(
        self, x: Float[Tensor, "batch position d_model"], places: Int[Tensor, "batch position"]
    ) -> Float[Tensor, "batch position d_model"]:
        return self.scheme.add_places(x, places + self.takes)

    def for_places(self, places: Int[Tensor, "batch position"]) -> AttentionPositions:
        return self.scheme.for_places(places + self.takes)


def _part(body: Body) -> TextPositions:
    part = body.embedding.positions
    assert isinstance(part, TextPositions)
    return part


def _read_bert(
    body: Bert,
    ids: Int[Tensor, "batch position"],
    attention_mask: Bool[Tensor, "batch position"] | Bool[Tensor, "batch query position"] | None = None,
    token_types: Int[Tensor, "batch position"] | None = None,
    positions: Int[Tensor, "batch position"] | None = None,
) -> Float[Tensor, "batch position d_model"]:
    """`Bert.forward`; of `positions`, 0 is the first after the prefix."""
    part = _part(body)
    require_table(ids)
    require_room(body, part, ids.shape[1])
    if positions is not None:
        require_numbers(positions, "positions", ids, context_of(body) - part.takes)
    return type(body).forward(body, ids, attention_mask, token_types, positions)


def _hidden_states(
    body: CausalLanguageModel,
    ids: Int[Tensor, "batch position"],
    cache: KVCache | None = None,
    mask: Bool[Tensor, "#batch #heads #position total"] | None = None,
    *,
    padding: Int[Tensor, "batch"] | None = None,
) -> Float[Tensor, "batch position d_model"]:
    """`CausalLanguageModel.hidden_states`, which checks the padding before it uses any positions."""
    part = _part(body)
    require_table(ids)
    require_room(body, part, ids.shape[1] + (0 if cache is None else cache.length))
    part.padding = padding if cache is None else cache.padding
    try:
        return type(body).hidden_states(body, ids, cache, mask, padding=padding)
    finally:
        part.padding = None


def _require_room(body: CausalLanguageModel, n_source: int, max_length: int) -> None:
    type(body).require_room(body, n_source, max_length)
    require_room(body, _part(body), n_source + max_length)
