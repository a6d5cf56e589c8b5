"""What every causal language model of the course shares, whatever its blocks are made of: cache and decoding."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from course.layers.embedding import Embedding, left_padding_mask
from course.layers.kv_cache import KVCache
from course.layers.multihead import MultiHeadAttention
from course.layers.sizes import require_whole
from course.layers.token_ids import require_numbers, require_table
from course.messages import _


class CausalLanguageModel(nn.Module):
    """A stack of causal blocks between an embedding and an output layer: at each position, logits of the next token.

    A model is a subclass that makes the four parts. `course.decoding` decodes it: a prompt is its source.
    """

    reads_left_padding = True
    embedding: Embedding
    blocks: nn.ModuleList  # of CausalBlock
    norm: nn.Module
    output: nn.Module

    def forward(
        self,
        ids: Int[Tensor, "batch position"],
        cache: KVCache | None = None,
        *,
        padding: Int[Tensor, "batch"] | None = None,
    ) -> Float[Tensor, "batch position vocab"]:
        """The logits of the token after each position. With a cache, `ids` continue what it holds, and are added to it.

        `padding` is how many places at the beginning of each row hold no token (a cache knows its own): no token sees
        them, and positions are counted from the first token. Their logits mean nothing. Raises `TypeError` when `ids`
        are not integers, `ValueError` when they are not a table of known ids, or together with what the cache holds are
        longer than the context or the cache, and for a row of nothing but padding.
        """
        return self.output(self.hidden_states(ids, cache, padding=padding))

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
        *,
        padding: Int[Tensor, "batch"] | None = None,
        positions: Int[Tensor, "batch position"] | None = None,
    ) -> Float[Tensor, "batch position d_model"]:
        """The hidden state of every position after the last block, normalized: the input of the output layer.

        `mask` hides more than the future; True is visible. `padding` is that of `forward`. `positions` are those of the
        tokens where they do not count from 0 up: several texts in a row, each from 0, behind a mask that parts them.
        Raises as `forward` does, and `ValueError` for positions that the model does not have, or beside a cache or
        padding, which have their own.
        """
        require_table(ids)
        if positions is not None:
            require_numbers(positions, "positions", ids, self.embedding.n_positions)
            if cache is not None or padding is not None:
                raise ValueError(_("A cache and padding count positions themselves: give `positions` without them."))
        start = 0 if cache is None else cache.length
        end = start + ids.shape[-1]
        if padding is not None:
            require_padding(padding, ids, cache)
        elif cache is not None:
            padding = cache.padding
        x = self.embedding(ids, start, padding, positions)
        if cache is not None:
            cache.require_room(end - start, rows=len(ids))
        if padding is not None:
            visible = left_padding_mask(padding, start, end)
            mask = visible if mask is None else mask & visible
        scheme = self.embedding.positions
        for_attention = scheme.for_attention(start, end) if positions is None else scheme.for_places(positions)
        for block in self.blocks:
            x = block(x, mask, positions=for_attention, cache=cache)
        if cache is not None:
            cache.length = end
        return self.norm(x)

    def unembed(self, stream: Float[Tensor, "batch position d_model"]) -> Float[Tensor, "batch position vocab"]:
        """The logits if the residual stream ended here: the last norm, then the output layer."""
        return self.output(self.norm(stream))

    def new_cache(
        self,
        capacity: int,
        batch: int = 1,
        *,
        padding: Int[Tensor, "batch"] | None = None,
        whole: bool = False,
    ) -> KVCache:
        """An empty cache for `capacity` positions of this model, and for rows that begin with `padding`.

        A layer with a window keeps no more than that, unless the cache is to keep the `whole` text.
        """
        layers = [layer for block in self.blocks for layer in block.modules() if isinstance(layer, MultiHeadAttention)]
        weight = next(self.parameters())
        shape = (len(layers), batch, layers[0].n_kv_heads, capacity, layers[0].d_head)
        windows = None if whole else [layer.attention.window for layer in layers]
        return KVCache(shape, windows=windows, padding=padding, dtype=weight.dtype, device=weight.device)

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
        self,
        source: Int[Tensor, "batch position"],
        max_length: int,
        padding: Int[Tensor, "batch"] | None = None,
    ) -> tuple[Float[Tensor, "batch vocab"], KVCache]:
        """Read prompts, the shorter ones with `padding` before them: the log-probabilities of the first new token.

        The state is the cache, made for these prompts.
        """
        require_table(source)
        n_source = source.shape[-1]
        self.require_room(n_source, max_length)
        if padding is not None:
            require_padding(padding, source)
        cache = self.new_cache(n_source + max_length, len(source), padding=padding)
        return log_probabilities(self.next_token_logits(source, cache)), cache

    @torch.no_grad()
    def step(self, state: KVCache, tokens: Int[Tensor, "batch"]) -> tuple[Float[Tensor, "batch vocab"], KVCache]:
        """Read one more token of each row: the log-probabilities of the next, and the cache, which has grown."""
        return log_probabilities(self.next_token_logits(tokens[:, None], state)), state


def require_padding(
    padding: Int[Tensor, "batch"], ids: Int[Tensor, "batch position"], cache: KVCache | None = None
) -> None:
    """Raises `ValueError` for padding that leaves a row without a token, or is given beside a cache, which has its own.

    `TypeError` for counts that are not whole numbers.
    """
    if padding.is_floating_point() or padding.dtype is torch.bool:
        raise TypeError(
            _("padding must count the empty places of each row in whole numbers, not in {dtype}.").format(
                dtype=padding.dtype
            )
        )
    if cache is not None:
        raise ValueError(_("A cache knows its rows' padding: give `padding` to `new_cache` instead."))
    if padding.shape != ids.shape[:1]:
        raise ValueError(
            _("padding needs one number for each of {rows} rows, not the shape {shape}.").format(
                rows=len(ids), shape=tuple(padding.shape)
            )
        )
    wrong = ((padding < 0) | (padding >= ids.shape[1])).nonzero()
    if len(wrong):
        row = int(wrong[0])
        raise ValueError(
            _("Row {row} has {n} places and padding of {value}: it must be 0 or more, and leave one token.").format(
                row=row, n=ids.shape[1], value=padding[row].item()
            )
        )


def log_probabilities(logits: Float[Tensor, "*batch vocab"]) -> Float[Tensor, "*batch vocab"]:
    """Log-softmax in float32 at least: summed over a text, half precision would not tell two texts apart."""
    return logits.log_softmax(dim=-1, dtype=torch.promote_types(logits.dtype, torch.float32))
