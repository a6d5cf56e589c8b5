"""The loss of instruction tuning: the mean over the trained tokens of a step."""

import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from course.instruction.collate import NOT_TRAINED
from course.instruction.packing import block_mask
from course.layers.language_model import CausalLanguageModel, log_probabilities
from course.training import TokenMean


def answer_total(model: CausalLanguageModel, rows: Int[Tensor, "row channel position"]) -> Float[Tensor, ""]:
    """The summed cross-entropy of the trained tokens of a batch that `collate` or `pack` made, in nats.

    The output layer computes logits only where a target counts. In packed rows, a conversation sees itself alone, from
    position 0: the sum is that of the same conversations in rows of their own. It is computed in float32 at least: in
    float16, that of some thousand tokens would be infinite.
    """
    rows = rows.to(model.embedding.tokens.weight.device)
    if rows.shape[1] == 2:
        hidden = model.hidden_states(rows[:, 0])
    else:
        hidden = model.hidden_states(rows[:, 0], mask=block_mask(rows[:, 2]), positions=rows[:, 3])
    targets = rows[:, 1]
    counted = targets != NOT_TRAINED
    return F.nll_loss(log_probabilities(model.output(hidden[counted])), targets[counted], reduction="sum")


def n_trained(rows: Int[Tensor, "row channel position"]) -> int:
    """How many tokens the loss of a batch counts."""
    return int((rows[:, 1] != NOT_TRAINED).sum())


def masked_loss(micro_batch_size: int | None = None) -> TokenMean:
    """The loss for `train`: the mean over the trained tokens of the whole step, however its rows are divided.

    With `micro_batch_size`, so many rows are computed at once, and the gradient is the same. A mean over the rows'
    means, or over those of micro-batches, would weigh the tokens of short answers more.
    """
    return TokenMean(answer_total, n_trained, micro_batch_size)
