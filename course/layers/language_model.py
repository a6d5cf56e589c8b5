"""What every causal language model of the course shares, whatever its blocks are made of: cache and decoding."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from course.layers.embedding import Embedding
from course.layers.kv_cache import KVCache
from course.layers.sizes import require_whole
from course.layers.token_ids import require_table
from course.messages import _


class CausalLanguageModel(nn.Module):
    """A stack of causal blocks between an embedding and an output layer: at each position, logits of the next token.

    A model is a subclass that makes the four parts. `course.decoding` decodes it: a prompt is its source.
    """

    embedding: Embedding
    blocks: nn.ModuleList  # of CausalBlock
    norm: nn.Module
    output: nn.Module

    def forward(
        self, ids: Int[Tensor, "batch position"], cache: KVCache | None = None
    ) -> Float[Tensor, "batch position vocab"]:
        """The logits of the token after each position. With a cache, `ids` continue what it holds, and are added to it.

        Raises `TypeError` when `ids` are not integers, `ValueError` when they are not a table of known ids, or together
        with what the cache holds are longer than the context or the cache.
        """
        return self.output(self.hidden_states(ids, cache))

    def next_token_logits(
        self, ids: Int[Tensor, "batch position"], cache: KVCache | None = None
    ) -> Float[Tensor, "batch vocab"]:
        """The logits at the last position only: what generation needs, without a vocabulary's worth for the others."""
        return self.output(self.hidden_states(ids, cache)[:, -1])

    def hidden_states(
        self,
        ids: Int[Tensor, "batch position"],
        cache: KVCache | None = None,
        mask: Bool[Tensor, "#batch #heads #position total"] | None = None,
    ) -> Float[Tensor, "batch position d_model"]:
        """The hidden state of every position after the last block, normalized: the input of the output layer.

        `mask` hides more than the future; True is visible.
        """
        require_table(ids)
        start = 0 if cache is None else cache.length
        end = start + ids.shape[-1]
        x = self.embedding(ids, start)
        if cache is not None:
            cache.require_room(end - start, rows=len(ids))
        positions = self.embedding.positions.for_attention(start, end)
        for block in self.blocks:
            x = block(x, mask, positions=positions, cache=cache)
        if cache is not None:
            cache.length = end
        return self.norm(x)

    def unembed(self, stream: Float[Tensor, "batch position d_model"]) -> Float[Tensor, "batch position vocab"]:
        """The logits if the residual stream ended here: the last norm, then the output layer."""
        return self.output(self.norm(stream))

    def new_cache(self, capacity: int, batch: int = 1) -> KVCache:
        """An empty cache for `capacity` positions of this model."""
        attention = self.blocks[0].attention
        weight = self.embedding.tokens.weight
        shape = (len(self.blocks), batch, attention.n_kv_heads, capacity, attention.d_head)
        return KVCache(shape, dtype=weight.dtype, device=weight.device)

    def require_room(self, n_source: int, max_length: int) -> None:
        """Raises `ValueError` when a prompt of `n_source` tokens and `max_length` new ones don't fit the context."""
        require_whole(max_length, "max_length", least=0)
        limit = self.embedding.n_positions
        if n_source + max_length > limit:
            room = limit - n_source
            message = (
                _(
                    "{prompt} tokens of prompt and {new} new ones are more than the model's context of {limit}. "
                    "Shorten the prompt, or ask for at most {room} new tokens."
                )
                if room > 0
                else _(
                    "{prompt} tokens of prompt and {new} new ones are more than the model's context of {limit}. "
                    "Shorten the prompt."
                )
            )
            raise ValueError(message.format(prompt=n_source, new=max_length, limit=limit, room=room))

    @torch.no_grad()
    def start(
        self, source: Int[Tensor, "batch position"], max_length: int
    ) -> tuple[Float[Tensor, "batch vocab"], KVCache]:
        """Read prompts of one length, without padding: the log-probabilities of the first new token, and the cache."""
        require_table(source)
        n_source = source.shape[-1]
        self.require_room(n_source, max_length)
        cache = self.new_cache(n_source + max_length, len(source))
        return log_probabilities(self.next_token_logits(source, cache)), cache

    @torch.no_grad()
    def step(self, state: KVCache, tokens: Int[Tensor, "batch"]) -> tuple[Float[Tensor, "batch vocab"], KVCache]:
        """Read one more token of each row: the log-probabilities of the next, and the cache, which has grown."""
        return log_probabilities(self.next_token_logits(tokens[:, None], state)), state


def log_probabilities(logits: Float[Tensor, "*batch vocab"]) -> Float[Tensor, "*batch vocab"]:
    """Log-softmax in float32 at least: summed over a text, half precision would not tell two texts apart."""
    return logits.log_softmax(dim=-1, dtype=torch.promote_types(logits.dtype, torch.float32))
