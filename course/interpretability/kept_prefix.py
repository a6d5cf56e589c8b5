"""The attention of a causal model on a text that is being edited: only what follows the edit is computed."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor

from course.interpretability.attention_pair import AttentionInputs, record_attention_inputs
from course.layers.attention import Attention, attention_weights, causal_mask
from course.layers.kv_cache import KVCache
from course.layers.language_model import CausalLanguageModel
from course.peft.reading import require_text_alone


class KeptPrefix:
    """What a causal model computed for a text, of which the next text keeps the tokens before the first changed one.

    No position of a causal model depends on those after it, so everything before an edit stays as it was: keys and
    values (in a cache), queries and rows of weights. A letter typed at the end costs one token or two, however long
    the text is. When the model has changed, is in training mode or has hooks, nothing is kept.
    """

    def __init__(self, model: CausalLanguageModel) -> None:
        self.model = model
        self.ids: list[int] = []
        self.n_computed = 0  # tokens of the latest text that were not kept
        self._cache: KVCache | None = None
        self._weights = self._queries = torch.empty(0)
        self._state: list[tuple[int, int, int]] = []  # of the model's weights
        self._attentions: list[Attention] = []

    @torch.no_grad()
    def read(self, ids: Sequence[int]) -> tuple[Float[Tensor, "layer head query key"], list[AttentionInputs]]:
        """The weights of all heads for a text of one token or more, and what each layer read.

        Raises `ValueError` for unknown ids, for a text that is longer than the model's context, and where attention
        sees a prompt or a prefix beside the text.
        """
        require_text_alone(self.model)
        ids, before = list(ids), self._kept()
        kept = next((place for place, (old, new) in enumerate(zip(before, ids, strict=False)) if old != new), None)
        kept = min(len(before), len(ids)) if kept is None else kept
        self.ids = ids[:kept]  # should the pass fail, this much is right
        self.n_computed = len(ids) - kept
        if self._cache is None or self._cache.capacity < len(ids):
            kept, self.ids, self.n_computed = 0, [], len(ids)
            self._cache = self.model.new_cache(2 * len(ids), whole=True)
        self._cache.length = kept
        if self.n_computed:
            self._extend(self._cache, ids, kept)
        self.ids = ids
        n = len(ids)
        weights, queries = self._weights[:, :, :n, :n], self._queries[:, :, :n]
        keys, values = (_first(n, part) for part in (self._cache.keys, self._cache.values))
        masks, bias = self._masks(n, n), self.model.embedding.positions.score_bias(n, n)
        shared = None if bias is None else bias[0]
        layers = zip(self._attentions, queries, keys, values, masks, strict=True)
        return weights, [AttentionInputs(*layer, shared) for layer in layers]

    def _extend(self, cache: KVCache, ids: list[int], kept: int) -> None:
        """Run the model on the tokens from `kept` on, and put their queries and weights after those that are kept."""
        n, device = len(ids), cache.keys[0].device
        with record_attention_inputs(self.model) as layers:
            self.model.hidden_states(torch.tensor([ids[kept:]], device=device), cache)
        queries = torch.stack([layer.query for layer in layers if layer is not None])
        keys = _first(n, cache.keys)
        keys = keys.repeat_interleave(queries.shape[1] // keys.shape[1], dim=1)
        bias = self.model.embedding.positions.score_bias(n - kept, n)
        weights = attention_weights(queries, keys, self._masks(n - kept, n), bias)
        if kept:
            queries = torch.cat((self._queries[:, :, :kept], queries), dim=2)
            weights = torch.cat((F.pad(self._weights[:, :, :kept, :kept], (0, n - kept)), weights), dim=2)
        self._queries, self._weights = queries, weights

    def _masks(self, n_queries: int, n_keys: int) -> Bool[Tensor, "layer 1 query key"]:
        """What the last queries may look at, in each layer."""
        device = self._queries.device
        return torch.stack([causal_mask(n_queries, n_keys, device, one.window) for one in self._attentions])[:, None]

    def _kept(self) -> list[int]:
        """The latest text, or nothing when the model is not what it was."""
        modules = list(self.model.modules())  # walked once: it takes as long as a layer
        self._attentions = [module for module in modules if isinstance(module, Attention)]
        watched = any(module._forward_hooks or module._forward_pre_hooks for module in modules)
        weights = [one for module in modules for one in module._parameters.values() if one is not None]
        state = [(id(one), one.data_ptr(), one._version) for one in weights]
        same = state == self._state and not watched and not self.model.training
        self._state = [] if watched or self.model.training else state
        return self.ids if same else []


def _first(n: int, layers: list[Float[Tensor, "1 kv_heads slot d_head"]]) -> Float[Tensor, "layer kv_heads n d_head"]:
    """A copy of the first `n` positions of each layer of a cache of one row."""
    return torch.stack([layer[0, :, :n] for layer in layers])
