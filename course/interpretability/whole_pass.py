"""One pass of a language model, opened: every tensor on the way from the token ids to the logits, block by block.

The pass runs the model itself, and hooks keep what its layers read and return. It keeps the residual stream and the
weights of attention; a block's inner steps are those of the block itself, run once more on the stream that it read.
"""

import math
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from course.interpretability.attention_pair import AttentionInputs, record_attention_inputs
from course.interpretability.residual_stream import record_stream
from course.layers.attention import record_attention
from course.layers.blocks import CausalBlock
from course.layers.language_model import CausalLanguageModel
from course.layers.token_ids import require_context, require_token_ids
from course.messages import _
from course.peft.reading import require_text_alone


@dataclass(frozen=True)
class BlockSteps:
    """What one block computes for one text, in the order in which it does. A row of each tensor is a token.

    `query` and `key` are as they were projected, `compared_query` and `compared_key` after any rotation by their
    positions. Neighboring heads may share a key and a value; here each head has its own copy. `products` are query ·
    key, `scores` these divided by √d_head, plus the bias of the positions if there is one. `visible` says which of them
    softmax reads. `gate`, `up` and `hidden` are None where the feed-forward layer has no layer of that name; `hidden`
    is what its last layer, `down`, reads.
    """

    before: Float[Tensor, "position d_model"]
    attention_norm: Float[Tensor, "position d_model"]
    query: Float[Tensor, "heads position d_head"]
    key: Float[Tensor, "heads position d_head"]
    value: Float[Tensor, "heads position d_head"]
    compared_query: Float[Tensor, "heads position d_head"]
    compared_key: Float[Tensor, "heads position d_head"]
    products: Float[Tensor, "heads position position"]
    scores: Float[Tensor, "heads position position"]
    visible: Bool[Tensor, "position position"]
    weights: Float[Tensor, "heads position position"]
    mixed: Float[Tensor, "heads position d_head"]
    attended: Float[Tensor, "position d_model"]
    between: Float[Tensor, "position d_model"]
    feed_forward_norm: Float[Tensor, "position d_model"]
    gate: Float[Tensor, "position d_ff"] | None
    up: Float[Tensor, "position d_ff"] | None
    hidden: Float[Tensor, "position d_ff"] | None
    added: Float[Tensor, "position d_model"]
    after: Float[Tensor, "position d_model"]


@dataclass(frozen=True)
class WholePass:
    """A language model's pass over one text. A row of each tensor is a token.

    `token_vectors` are the rows of the embedding table, as they are scaled; `streams` is the residual stream before the
    first block, after each attention and after each feed-forward layer; `weights[block]` are those of attention;
    `normalized` is what the output layer reads.
    """

    model: CausalLanguageModel
    blocks: tuple[CausalBlock, ...]
    ids: Int[Tensor, "position"]
    token_vectors: Float[Tensor, "position d_model"]
    streams: tuple[Float[Tensor, "position d_model"], ...]
    weights: tuple[Float[Tensor, "heads position position"], ...]
    normalized: Float[Tensor, "position d_model"]
    state: tuple[tuple[int, int], ...]  # of the model's weights when it ran

    @property
    def n_blocks(self) -> int:
        return len(self.blocks)

    @property
    def position_vectors(self) -> Float[Tensor, "position d_model"] | None:
        """What the embedding adds for the positions; None where it adds nothing."""
        added = self.streams[0] - self.token_vectors
        return added if bool(added.any()) else None

    @property
    def is_current(self) -> bool:
        """Whether the model still has the weights that it ran with."""
        return self.state == _state(self.model)

    @torch.no_grad()
    def logits(self, position: int) -> Float[Tensor, "vocab"]:
        """The logits of the token after `position`."""
        with _evaluating(self.model):
            return self.model.output(self.normalized[None, position : position + 1])[0, 0]

    @torch.no_grad()
    def block(self, number: int) -> BlockSteps:
        """The steps of one block. Raises `ValueError` for a number that no block has, or when the weights changed."""
        require_block(number, self.n_blocks)
        if not self.is_current:
            raise ValueError(_("The model has other weights than when it read the text: read it again."))
        block, n = self.blocks[number], len(self.ids)
        attention, feed_forward = block.attention, block.feed_forward
        watched: dict[str, nn.Module] = {
            "attention_norm": block.attention_residual.norm,
            "query": attention.query,
            "key": attention.key,
            "value": attention.value,
            "mixed": attention.attention,
            "attended": attention,
            "between": block.attention_residual,
            "feed_forward_norm": block.feed_forward_residual.norm,
            "added": feed_forward,
        } | {name: getattr(feed_forward, name) for name in ("gate", "up", "down") if hasattr(feed_forward, name)}
        positions = self.model.embedding.positions.for_attention(0, n)
        before = self.streams[2 * number]
        with (
            _evaluating(self.model),
            record_attention(block) as maps,
            record_attention_inputs(block) as layers,
            _kept(watched) as kept,
        ):
            after = block(before[None], positions=positions)[0]
        [weights], [inputs] = maps, layers
        assert weights is not None and inputs is not None
        returned = {name: output[0] for name, (_input, output) in kept.items()}
        n_heads = attention.n_heads
        key, value, compared_key = (
            part.repeat_interleave(n_heads // len(part), dim=0)
            for part in (_heads(returned["key"], attention.d_head), inputs.value, inputs.key)
        )
        products = inputs.query @ compared_key.transpose(-2, -1)
        scores = products / math.sqrt(attention.d_head)
        return BlockSteps(
            before=before,
            attention_norm=returned["attention_norm"],
            query=_heads(returned["query"], attention.d_head),
            key=key,
            value=value,
            compared_query=inputs.query,
            compared_key=compared_key,
            products=products,
            scores=scores if inputs.bias is None else scores + inputs.bias,
            visible=_visible(inputs, n),
            weights=weights[0],
            mixed=returned["mixed"],
            attended=returned["attended"],
            between=returned["between"],
            feed_forward_norm=returned["feed_forward_norm"],
            gate=returned.get("gate"),
            up=returned.get("up"),
            hidden=kept["down"][0][0] if "down" in kept else None,
            added=returned["added"],
            after=after,
        )


@torch.no_grad()
def read_pass(model: nn.Module, ids: Int[Tensor, "position"]) -> WholePass:
    """Run the model on one text, as in eval mode.

    Raises `ValueError` for a model that is no stack of causal blocks which normalize before each sublayer, or whose
    attention sees a prompt or a prefix beside the text, for ids that it does not know, and for a text that is empty or
    longer than its context.
    """
    require_text_alone(model)
    blocks = _pre_norm_blocks(model)
    if not isinstance(model, CausalLanguageModel) or not blocks:
        raise ValueError(
            _("{model} is no decoder whose blocks normalize before each sublayer; give a `course.gpt.Decoder`.").format(
                model=type(model).__name__
            )
        )
    require_token_ids(ids[None], model.embedding.tokens.num_embeddings)
    require_context(len(ids), model.embedding.n_positions)
    with (
        _evaluating(model),
        record_stream(model) as passages,
        record_attention(model) as weights,
        _kept({"tokens": model.embedding.tokens}) as kept,
    ):
        normalized = model.hidden_states(ids[None])[0]
    vectors, scale = kept["tokens"][1][0], model.embedding.scale
    return WholePass(
        model=model,
        blocks=blocks,
        ids=ids,
        token_vectors=vectors if scale is None else vectors * scale,
        streams=(passages[0].before[0], *(passage.after[0] for passage in passages)),
        weights=tuple(each[0] for each in weights if each is not None),
        normalized=normalized,
        state=_state(model),
    )


def require_block(number: int, n_blocks: int) -> None:
    """Raises `ValueError` for a number that no block has."""
    if not 0 <= number < n_blocks:
        raise ValueError(
            _("There is no block {number}: the model has {count}, counted from 0.").format(
                number=number, count=n_blocks
            )
        )


def _pre_norm_blocks(model: nn.Module) -> tuple[CausalBlock, ...]:
    """The model's blocks; none if they aren't all causal blocks that normalize before each sublayer."""
    blocks = getattr(model, "blocks", ())
    found = tuple(block for block in blocks if isinstance(block, CausalBlock) and block.attention_residual.norm_first)
    return found if len(found) == len(blocks) else ()


def _state(model: nn.Module) -> tuple[tuple[int, int], ...]:
    return tuple((weight.data_ptr(), weight._version) for weight in model.parameters())


def _heads(x: Float[Tensor, "position width"], d_head: int) -> Float[Tensor, "heads position d_head"]:
    return x.unflatten(-1, (-1, d_head)).transpose(0, 1)


def _visible(inputs: AttentionInputs, n: int) -> Bool[Tensor, "position position"]:
    """What a query may look at; in a causal block all heads see the same."""
    assert inputs.mask is not None
    return inputs.mask[0].expand(n, n)


@contextmanager
def _kept(modules: dict[str, nn.Module]) -> Generator[dict[str, tuple[Tensor, Tensor]]]:
    """What each of the modules reads and returns in the pass that runs meanwhile, by name."""
    kept: dict[str, tuple[Tensor, Tensor]] = {}

    def keep(name: str, module: nn.Module) -> torch.utils.hooks.RemovableHandle:
        return module.register_forward_hook(
            lambda _module, inputs, output: kept.__setitem__(name, (inputs[0] if inputs else output, output))
        )

    hooks = [keep(name, module) for name, module in modules.items()]
    try:
        yield kept
    finally:
        for hook in hooks:
            hook.remove()


@contextmanager
def _evaluating(model: nn.Module) -> Generator[None]:
    """Without dropout; the model's mode is restored."""
    training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(training)
