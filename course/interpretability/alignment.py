"""Looking into a decoder that attends: its four steps, the gradient that reaches each input, hiding and swapping.

The functions take sources and what the decoder reads (teacher forcing), as `Task.batch` gives them.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

import course
from course.decoding import Decodable
from course.layers.attention import precise_softmax, require_bool, require_mask
from course.layers.token_ids import require_token_ids
from course.messages import _
from course.seq2seq import SCORES, Seq2Seq
from course.tasks import Task, Vocabulary, write
from course.tasks.task import Symbols


class AttentionSteps(NamedTuple):
    """All that a decoder with attention computes between its state and its logits, at every output position.

    `query` is the decoder's state, `memory` the encoder's states: keys and values at once. `scores` are -inf, and
    `weights` 0, where the source is padding. `combined` is tanh(W · [context; query]).

    Source: Luong, Pham and Manning 2015, section 3, equations 5, 6 and 7.
    """

    query: Float[Tensor, "batch target d_hidden"]
    memory: Float[Tensor, "batch source d_hidden"]
    scores: Float[Tensor, "batch target source"]
    weights: Float[Tensor, "batch target source"]
    context: Float[Tensor, "batch target d_hidden"]
    combined: Float[Tensor, "batch target d_hidden"]
    logits: Float[Tensor, "batch target vocab"]


def greedy_output_ids(
    model: Decodable[Any], task: Task, source: Sequence[str]
) -> tuple[Symbols, Int[Tensor, "1 source"], Int[Tensor, "1 target"]]:
    """What a model outputs for one source, and, as ids on the course's device, the source and what the decoder read.

    Raises `ValueError` for a source with a symbol that the task does not know.
    """
    (written,) = write(model, task, [source])
    read = [Vocabulary.bos_id, *(task.target.encode(written) if written else [])]
    return written, task.sources([source]), torch.tensor([read], device=course.device())


@torch.no_grad()
def attention_steps(
    model: Seq2Seq,
    source: Int[Tensor, "batch source"],
    read: Int[Tensor, "batch target"],
    *,
    visible: Bool[Tensor, "batch target source"] | None = None,
    sharpness: float = 1.0,
) -> AttentionSteps:
    """The steps of a model with attention, written out. The decoder's states do not depend on where it looked.

    `visible` is False where an output position may not look. `sharpness` multiplies the scores before softmax. Without
    either, `weights` and `logits` are the model's own. Raises `TypeError` for a `visible` that is not bool, and
    `ValueError` for a model without attention or an output position that may look nowhere.
    """
    query, memory, mask = _states(model, source, read)
    seen = mask[:, None].expand(-1, read.shape[1], -1)
    if visible is not None:
        require_bool(visible)
    return _attend(model, query, memory, seen if visible is None else seen & visible, sharpness)


def input_gradients(
    model: Seq2Seq,
    source: Int[Tensor, "batch source"],
    read: Int[Tensor, "batch target"],
    write: Int[Tensor, "batch target"],
) -> Float[Tensor, "batch source"]:
    """How much a row's loss, summed over its outputs, depends on each input: |∂ loss / ∂ embedding of the input|.

    0 where the source is padding. The model's own gradients are left as they are.
    """
    found: list[Tensor] = []

    def keep(_layer: nn.Module, _ids: tuple[Tensor, ...], embedded: Tensor) -> Tensor:
        found.append(embedded.detach().requires_grad_())
        return found[0]

    handle = model.encoder.embedding.register_forward_hook(keep)
    try:
        with torch.backends.cudnn.flags(enabled=False):  # on a GPU, cuDNN has gradients in training mode only
            logits = model(source, read)
            loss = F.cross_entropy(
                logits.flatten(0, 1), write.flatten(), ignore_index=model.config.pad_id, reduction="sum"
            )
            (gradient,) = torch.autograd.grad(loss, found[0])
    finally:
        handle.remove()
    return gradient.norm(dim=-1)


@torch.no_grad()
def prediction_changes_when_hidden(
    model: Seq2Seq,
    source: Int[Tensor, "batch source"],
    read: Int[Tensor, "batch target"],
    generator: torch.Generator,
) -> dict[str, Bool[Tensor, "batch target"]]:
    """Does the most probable output symbol change when attention may not look at one input, or may look at one alone?

    Which input is hidden → whether the symbol changes: the most attended one; a random other, its control; all but the
    most attended; all but the random other, the control of that. False where the output is padding: `read != pad_id`
    says where it is not. `generator`, on the model's device, draws the others. Only attention is blindfolded: the
    encoder has read every input. Weights that remain are made to sum to 1 again. Raises `ValueError` for a model
    without attention and for a source of one symbol.

    Source of the question: Serrano and Smith 2019, "Is Attention Interpretable?", section 4.
    """
    query, memory, mask = _states(model, source, read)
    inputs = mask[:, None].expand(-1, read.shape[1], -1)
    steps = _attend(model, query, memory, inputs)
    most = F.one_hot(steps.weights.argmax(dim=-1), source.shape[1]).bool()
    draw = torch.rand(most.shape, generator=generator, device=source.device)
    other = F.one_hot(draw.masked_fill(~inputs | most, -1.0).argmax(dim=-1), source.shape[1]).bool()
    hidden = {
        "the most attended": most,
        "a random other": other,
        "all but the most attended": inputs & ~most,
        "all but a random other": inputs & ~other,
    }
    chosen, outputs = steps.logits.argmax(dim=-1), read != model.config.pad_id
    return {
        name: (_attend(model, query, memory, inputs & ~these).logits.argmax(dim=-1) != chosen) & outputs
        for name, these in hidden.items()
    }


@torch.no_grad()
def prediction_changes_when_swapped(
    model: Seq2Seq, source: Int[Tensor, "batch source"], read: Int[Tensor, "batch target"]
) -> dict[str, Bool[Tensor, "batch target"]]:
    """Does the most probable output symbol change when half of what the output layer reads is of another row?

    What is taken from another row, half the batch away, at the same output position → whether the symbol changes: the
    attention value (the context), or the decoder's state. What a model does not use, it does not miss. False where the
    output of either row is padding. Raises `ValueError` for a model without attention and for a single row.
    """
    if len(read) < 2:
        raise ValueError(_("There is one row, and its halves are swapped with another's. Give two rows or more."))
    steps = attention_steps(model, source, read)
    outputs = read != model.config.pad_id
    away = len(read) // 2  # neighbours may be alike, as words in alphabetical order are
    both, chosen = outputs & outputs.roll(away, dims=0), steps.logits.argmax(dim=-1)
    halves = {
        "the attention value": (steps.context.roll(away, dims=0), steps.query),
        "the decoder's state": (steps.context, steps.query.roll(away, dims=0)),
    }
    changed = {}
    for name, joined in halves.items():
        combined = model.decoder.combine(torch.cat(joined, dim=-1)).tanh()
        changed[name] = (model.decoder.output(combined).argmax(dim=-1) != chosen) & both
    return changed


def _states(
    model: Seq2Seq, source: Int[Tensor, "batch source"], read: Int[Tensor, "batch target"]
) -> tuple[
    Float[Tensor, "batch target d_hidden"], Float[Tensor, "batch source d_hidden"], Bool[Tensor, "batch source"]
]:
    """What attention is asked and what it finds: the states of decoder and encoder, and where those are no padding."""
    require_token_ids(read, model.config.target_vocab_size)
    state = model.encoder(source)
    query, _end = model.decoder.recurrent(model.decoder.embedding(read), state.cell)
    return query, state.memory, state.mask


def _attend(
    model: Seq2Seq,
    query: Float[Tensor, "batch target d_hidden"],
    memory: Float[Tensor, "batch source d_hidden"],
    visible: Bool[Tensor, "batch target source"],
    sharpness: float = 1.0,
) -> AttentionSteps:
    """The four steps, and the output layer."""
    attention = model.decoder.attention
    if attention is None:
        raise ValueError(_("This model has no attention: its decoder starts from the encoder's end state alone."))
    require_mask(visible[:, None])
    scores = sharpness * SCORES[attention.score](query, memory, *attention.score_weights)
    scores = scores.masked_fill(~visible, -math.inf)
    weights = precise_softmax(scores)
    context = weights @ memory
    combined = model.decoder.combine(torch.cat((context, query), dim=-1)).tanh()
    return AttentionSteps(query, memory, scores, weights, context, combined, model.decoder.output(combined))
