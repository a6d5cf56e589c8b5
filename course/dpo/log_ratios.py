"""What a policy and its reference say of the two answers of each pair: four log-probabilities."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from course.layers.language_model import CausalLanguageModel
from course.layers.sizes import require_positive, require_whole
from course.messages import _
from course.rlhf import PreferencePair, pair_responses, response_log_probabilities
from course.rlhf.shapes import require_same_shape


class PairLogProbabilities(NamedTuple):
    """The log-probability of each pair's answers under the policy and the reference, summed over their tokens, in nats.

    `n_chosen` and `n_rejected` are the numbers of their tokens, end tokens included.
    """

    chosen: Float[Tensor, "pair"]
    rejected: Float[Tensor, "pair"]
    chosen_reference: Float[Tensor, "pair"]
    rejected_reference: Float[Tensor, "pair"]
    n_chosen: Int[Tensor, "pair"]
    n_rejected: Int[Tensor, "pair"]

    @property
    def chosen_log_ratio(self) -> Float[Tensor, "pair"]:
        """log π − log π_ref of the chosen answers."""
        return self.chosen - self.chosen_reference

    @property
    def rejected_log_ratio(self) -> Float[Tensor, "pair"]:
        """log π − log π_ref of the rejected answers."""
        return self.rejected - self.rejected_reference

    @property
    def margin(self) -> Float[Tensor, "pair"]:
        """By how much more the policy has raised the chosen answer than the rejected one, in nats."""
        return self.chosen_log_ratio - self.rejected_log_ratio


class AnswerLogProbabilities(NamedTuple):
    """Of one model: the summed log-probability of each pair's answers, and their numbers of tokens."""

    chosen: Float[Tensor, "pair"]
    rejected: Float[Tensor, "pair"]
    n_chosen: Int[Tensor, "pair"]
    n_rejected: Int[Tensor, "pair"]


def pair_log_probabilities(
    model: CausalLanguageModel, pairs: Sequence[PreferencePair], *, pad_id: int
) -> AnswerLogProbabilities:
    """What a model says of the answers of each pair: log-probabilities of their tokens, summed, in float32 at least.

    The prompt and the padding are left out; the end token counts. A mean in place of the sum would be another loss.
    Raises `ValueError` as `pair_responses` does, and for a pair beyond the model's context.
    """
    responses = pair_responses(pairs, pad_id=pad_id, device=model.embedding.tokens.weight.device)
    sums = response_log_probabilities(model, responses).sum(dim=1)
    (chosen, rejected), (n_chosen, n_rejected) = sums.chunk(2), responses.lengths.chunk(2)
    return AnswerLogProbabilities(chosen, rejected, n_chosen, n_rejected)


@torch.no_grad()
def reference_log_probabilities(
    reference: CausalLanguageModel, pairs: Sequence[PreferencePair], *, pad_id: int, batch_size: int = 32
) -> Float[Tensor, "pair 2"]:
    """The reference's log-probabilities of the chosen and the rejected answers: computed once, since they never change.

    The reference is left in eval mode. Raises `ValueError` for a `batch_size` below 1, and as `pair_log_probabilities`
    does.
    """
    require_whole(batch_size, "batch_size")
    reference.eval()
    found = [
        torch.stack(pair_log_probabilities(reference, pairs[start : start + batch_size], pad_id=pad_id)[:2], dim=1)
        for start in range(0, len(pairs), batch_size)
    ]
    if not found:
        raise ValueError(_("There are no pairs: give one or more."))
    return torch.cat(found)


def with_reference(policy: AnswerLogProbabilities, reference: Float[Tensor, "pair 2"]) -> PairLogProbabilities:
    """The policy's log-probabilities of some pairs, beside the reference's of the same.

    Raises `ValueError` where the numbers of pairs differ.
    """
    if reference.shape != (len(policy.chosen), 2):
        raise ValueError(
            _(
                "The policy's log-probabilities are of {n} pairs, and those of the reference have the shape {shape}: "
                "give two for each pair."
            ).format(n=len(policy.chosen), shape=list(reference.shape))
        )
    return PairLogProbabilities(
        policy.chosen, policy.rejected, reference[:, 0], reference[:, 1], policy.n_chosen, policy.n_rejected
    )


def implicit_rewards(pairs: PairLogProbabilities, beta: float) -> tuple[Float[Tensor, "pair"], Float[Tensor, "pair"]]:
    """β · (log π − log π_ref) of the chosen and of the rejected answers.

    They are the rewards for which the policy would be the optimum, but for a constant of each prompt. Raises
    `ValueError` for a β that is not above 0, and for no pairs.

    Source: Rafailov et al. 2023, "Direct Preference Optimization", section 5.1.
    """
    require_positive(beta, "beta")
    require_pairs(pairs)
    return beta * pairs.chosen_log_ratio, beta * pairs.rejected_log_ratio


def preference_accuracy(pairs: PairLogProbabilities) -> Float[Tensor, ""]:
    """The share of pairs whose chosen answer has the higher implicit reward; a tie counts one half.

    Raises `ValueError` as `require_pairs` does, and for a margin that is no number.
    """
    require_pairs(pairs)
    margin = pairs.margin
    if margin.isnan().any():
        pair = int(margin.isnan().nonzero()[0])
        raise ValueError(_("The margin of pair {pair} is no number: look at its log-probabilities.").format(pair=pair))
    return ((margin > 0).float() + (margin == 0).float() / 2).mean()


def require_pairs(pairs: PairLogProbabilities) -> None:
    """Raises `ValueError` for no pairs, and where a part has more or fewer numbers than the others."""
    require_same_shape(1, **pairs._asdict())
    if not len(pairs.chosen):
        raise ValueError(_("There are no pairs: a mean over none is no number. Give one or more."))
