"""How a model reads a soft prompt before each text, and gives the states of the text alone."""

from collections.abc import Callable, Mapping
from typing import Any, cast

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from course.bert import Bert
from course.layers.kv_cache import KVCache
from course.layers.language_model import CausalLanguageModel, require_padding
from course.layers.token_ids import require_numbers, require_table
from course.peft.reading import Body, ReadingPart, context_of, require_room


class PromptedTokens(ReadingPart):
    """A model's token vectors and, while it reads a text, the soft prompt before them.

    During a pass, `places` says which vector of the prompt each position has; one that has none has its token's.
    Outside of one, ids are looked up as ever, and `weight` is the model's own table.
    """

    def __init__(self, base: nn.Embedding, prompt: Float[Tensor, "length d_model"]) -> None:
        super().__init__(base, takes=len(prompt))
        self.prompt = nn.Parameter(prompt.clone())
        self.places: Int[Tensor, "rows position"] | None = None
        self.n_added = 0

    @property
    def _table(self) -> nn.Embedding:
        return cast(nn.Embedding, self.base)

    @property
    def weight(self) -> Tensor:
        return self._table.weight

    @property
    def num_embeddings(self) -> int:
        return self._table.num_embeddings

    @property
    def embedding_dim(self) -> int:
        return self._table.embedding_dim

    def readers(self, body: Body) -> Mapping[str, Callable[..., Any]]:
        if isinstance(body, Bert):
            return {"forward": _read_bert}
        return {"hidden_states": _hidden_states, "new_cache": _new_cache, "require_room": _require_room}

    def holds(self, places: Int[Tensor, "rows position"]) -> Bool[Tensor, "rows position"]:
        """Whether a place is one of the prompt's."""
        return (places >= 0) & (places < self.takes)

    def forward(self, ids: Int[Tensor, "batch position"]) -> Float[Tensor, "batch position d_model"]:
        """In a pass, the first `n_added` ids only keep the prompt's places, and nobody looks them up."""
        if self.places is None:
            return self.base(ids)
        vectors = F.pad(self.base(ids[:, self.n_added :]), (0, 0, self.n_added, 0))
        of_prompt = self.prompt[self.places.clamp(0, self.takes - 1)]
        return torch.where(self.holds(self.places)[..., None], of_prompt, vectors)


def _part(body: Body) -> PromptedTokens:
    part = body.embedding.tokens
    assert isinstance(part, PromptedTokens)
    return part


def _read_bert(
    body: Bert,
    ids: Int[Tensor, "batch position"],
    attention_mask: Bool[Tensor, "batch position"] | Bool[Tensor, "batch query position"] | None = None,
    token_types: Int[Tensor, "batch position"] | None = None,
    positions: Int[Tensor, "batch position"] | None = None,
) -> Float[Tensor, "batch position d_model"]:
    """`Bert.forward` for a text after the prompt, which is of the first text; of `positions`, 0 is the text's first.

    Where the mask has a row for each query, the prompt sees itself alone: it tells no query what that may not see.
    """
    part = _part(body)
    n = part.takes
    require_table(ids)
    require_room(body, part, ids.shape[1])
    if token_types is not None:
        require_numbers(token_types, "token_types", ids, body.config.n_token_types)
        token_types = F.pad(token_types, (n, 0))
    if positions is not None:
        require_numbers(positions, "positions", ids, context_of(body) - n)
        first = torch.arange(n, device=ids.device).expand(len(ids), n)
        positions = torch.cat((first, positions + n), dim=1)
    mask = attention_mask
    if mask is not None:
        mask = F.pad(mask, (n, 0) if mask.ndim == 2 else (n, 0, n, 0), value=True)
        if mask.ndim == 3:
            mask[:, :n, n:] = False
    part.places, part.n_added = torch.arange(n + ids.shape[1], device=ids.device)[None], n
    try:
        return type(body).forward(body, F.pad(ids, (n, 0)), mask, token_types, positions)[:, n:]
    finally:
        part.places = None


def _hidden_states(
    body: CausalLanguageModel,
    ids: Int[Tensor, "batch position"],
    cache: KVCache | None = None,
    mask: Bool[Tensor, "#batch #heads #position total"] | None = None,
    *,
    padding: Int[Tensor, "batch"] | None = None,
) -> Float[Tensor, "batch position d_model"]:
    """`CausalLanguageModel.hidden_states` for a text after the prompt, and that after the padding of its row.

    The token in column i of the text has the place i + `takes`, whatever the row's padding. So the first pass reads so
    many places more than there are columns, later ones as many.
    """
    part = _part(body)
    require_table(ids)
    if padding is not None:
        require_padding(padding, ids, cache)
    start = 0 if cache is None else cache.length
    n_added = part.takes if start == 0 else 0
    end = start + n_added + ids.shape[1]
    require_room(body, part, end - part.takes)
    before = padding if cache is None else cache.padding
    places = torch.arange(end, device=ids.device)[None] - (0 if before is None else before[:, None])
    if mask is not None:
        rows = (n_added, 0) if mask.shape[-2] > 1 else (0, 0)
        mask = F.pad(mask, (part.takes, 0, *rows), value=True) | part.holds(places)[:, None, None]
    part.places, part.n_added = places[:, start:], n_added
    try:
        hidden = type(body).hidden_states(body, F.pad(ids, (n_added, 0)), cache, mask, padding=padding)
    finally:
        part.places = None
    return hidden[:, n_added:]


def _new_cache(body: CausalLanguageModel, capacity: int, batch: int = 1, **options: Any) -> KVCache:
    """`CausalLanguageModel.new_cache` for a text of up to `capacity` tokens after the prompt."""
    return type(body).new_cache(body, capacity + _part(body).takes, batch, **options)


def _require_room(body: CausalLanguageModel, n_source: int, max_length: int) -> None:
    type(body).require_room(body, n_source, max_length)
    require_room(body, _part(body), n_source + max_length)
