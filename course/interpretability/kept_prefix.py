"""The attention of a causal model on a text that is being edited: only what follows the edit is computed."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from course.interpretability.attention_pair import AttentionInputs, record_attention_inputs
from course.layers.attention import Attention, attention_weights, causal_mask
from course.layers.kv_cache import KVCache
from course.layers.language_model import CausalLanguageModel


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

        Raises `ValueError` for unknown ids and for a text that is longer than the model's context.
        """
        ids, before = list(ids), self._kept()
        kept = next((place for place, (old, new) in enumerate(zip(before, ids, strict=False)) if old != new), None)
        kept = min(len(before), len(ids)) if kept is None else kept
        self.ids = ids[:kept]  # should the pass fail, this much is right
        self.n_computed = len(ids) - kept
        if self._cache is None or self._cache.capacity < len(ids):
            kept, self.ids, self.n_computed = 0, [], len(ids)
            self._cache = self.model.new_cache(2 * len(ids))
        self._cache.length = kept
        if self.n_computed:
            self._extend(self._cache, ids, kept)
        self.ids = ids
        n = len(ids)
        weights, queries = self._weights[:, :, :n, :n], self._queries[:, :, :n]
        keys, values = (part[:, 0, :, :n].clone() for part in (self._cache.keys, self._cache.values))
        mask, bias = causal_mask(n, n, keys.device)[None], self.model.embedding.positions.score_bias(n, n)
        shared = mask, None if bias is None else bias[0]
        layers = zip(self._attentions, queries, keys, values, strict=True)
        return weights, [AttentionInputs(*layer, *shared) for layer in layers]

    def _extend(self, cache: KVCache, ids: list[int], kept: int) -> None:
        """Run the model on the tokens from `kept` on, and put their queries and weights after those that are kept."""
        n, device = len(ids), cache.keys.device
        with record_attention_inputs(self.model) as layers:
            self.model.hidden_states(torch.tensor([ids[kept:]], device=device), cache)
        queries = torch.stack([layer.query for layer in layers if layer is not None])
        keys = cache.keys[:, 0, :, :n].repeat_interleave(queries.shape[1] // cache.keys.shape[2], dim=1)
        bias = self.model.embedding.positions.score_bias(n - kept, n)
        weights = attention_weights(queries, keys, causal_mask(n - kept, n, device)[None, None], bias)
        if kept:
            queries = torch.cat((self._queries[:, :, :kept], queries), dim=2)
            weights = torch.cat((F.pad(self._weights[:, :, :kept, :kept], (0, n - kept)), weights), dim=2)
        self._queries, self._weights = queries, weights

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
