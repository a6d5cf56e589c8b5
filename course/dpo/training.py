"""Training a policy on pairs, by the loop that all lessons have."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from course.dpo.log_ratios import (
    AnswerLogProbabilities,
    PairLogProbabilities,
    pair_log_probabilities,
    reference_log_probabilities,
    with_reference,
)
from course.layers.language_model import CausalLanguageModel
from course.layers.sizes import require_positive, require_whole
from course.messages import _
from course.rlhf import PreferencePair, pair_responses, require_policy
from course.rlhf.responses import require_fits
from course.training import History, linear_schedule, train
from course.training.run_identity import fingerprint

PairLoss = Callable[[PairLogProbabilities], Float[Tensor, ""]]


@dataclass(frozen=True)
class PairSettings:
    """How long and how fast: `steps` of `batch_size` pairs, at a rate that rises for a tenth of them and then falls."""

    learning_rate: float
    steps: int
    batch_size: int = 32
    max_gradient_norm: float = 1.0

    def __post_init__(self) -> None:
        require_positive(self.learning_rate, "learning_rate")
        require_positive(self.max_gradient_norm, "max_gradient_norm")
        require_whole(self.steps, "steps")
        require_whole(self.batch_size, "batch_size")


class DrawnPairs:
    """The pairs of each step: the numbers of `batch_size` of them, in an order that is drawn anew for each pass."""

    def __init__(self, n_pairs: int, batch_size: int, seed: int) -> None:
        self.n_pairs, self.batch_size, self.seed = n_pairs, batch_size, seed

    def __getitem__(self, step: int) -> Int[Tensor, "batch"]:
        places = torch.arange(step * self.batch_size, (step + 1) * self.batch_size)
        passes = {number: self._order(number) for number in (places // self.n_pairs).unique().tolist()}
        return torch.stack([passes[place // self.n_pairs][place % self.n_pairs] for place in places.tolist()])

    def _order(self, number: int) -> Int[Tensor, "pair"]:
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + number)
        return torch.randperm(self.n_pairs, generator=generator)


def train_on_pairs(
    policy: CausalLanguageModel,
    reference: CausalLanguageModel,
    pairs: Sequence[PreferencePair],
    settings: PairSettings,
    *,
    loss: PairLoss,
    pad_id: int,
    seed: int = 0,
    evaluate: Callable[[nn.Module], dict[str, int | float]] | None = None,
    evaluate_every: int | None = None,
    after_step: Callable[[int], None] | None = None,
    checkpoint: Path | str | None = None,
) -> History:
    """Train the policy's parameters that require a gradient on `loss` of drawn pairs, without dropout.

    `loss` is one of `course.dpo.losses` with its numbers, `lambda pairs: dpo_loss(pairs, beta=0.1)` say. The
    reference's log-probabilities are computed once, before the first step. The other arguments are those of
    `course.training.train`, which resumes from its checkpoint: with the same pairs, settings and seed, and a loss and a
    reference that say the same of the first batch.

    Raises `ValueError`, before anything changes, when the reference is the policy or shares a trained parameter with
    it, when nothing is trained, for a checkpoint of another run, for pairs that `pair_log_probabilities` refuses, and
    where the longest prompt and the longest answer, which some batch may have both of, are beyond the context together.
    Raises `FloatingPointError` when the loss or its gradient is not finite.
    """
    require_policy(policy, reference)
    require_fits(policy, pair_responses(pairs, pad_id=pad_id))
    stored = reference_log_probabilities(reference, pairs, pad_id=pad_id)
    if not stored.isfinite().all():
        pair = int((~stored.isfinite()).any(dim=1).nonzero()[0])
        raise ValueError(
            _("The reference gives an answer of pair {pair} no finite log-probability: look at its weights.").format(
                pair=pair
            )
        )

    def loss_of(model: nn.Module, chosen: Int[Tensor, "batch"]) -> Float[Tensor, ""]:
        model.eval()
        of_policy = pair_log_probabilities(policy, [pairs[number] for number in chosen.tolist()], pad_id=pad_id)
        return loss(with_reference(of_policy, stored[chosen.to(stored.device)]))

    batches = DrawnPairs(len(pairs), min(settings.batch_size, len(pairs)), seed)
    run = None
    if checkpoint is not None:
        first = batches[0]
        run = {
            "pairs": fingerprint([[list(part) for part in pair] for pair in pairs]),
            "seed": seed,
            "settings": {"batch_size": settings.batch_size, "max_gradient_norm": settings.max_gradient_norm},
            "reference": stored.mean().item(),
            "loss": _on_trial(loss, stored[first.to(stored.device)], [pairs[number] for number in first.tolist()]),
        }
    weights = [weight for weight in policy.parameters() if weight.requires_grad]
    warm_up = max(1, settings.steps // 10)
    return train(
        policy,
        batches,
        loss_of,
        torch.optim.Adam(weights, lr=settings.learning_rate),
        steps=settings.steps,
        seed=seed,
        learning_rate=linear_schedule(settings.learning_rate, settings.steps, warm_up),
        max_gradient_norm=settings.max_gradient_norm,
        evaluate=evaluate,
        evaluate_every=evaluate_every,
        after_step=after_step,
        checkpoint=checkpoint,
        run=run,
    )


@torch.no_grad()
def _on_trial(loss: PairLoss, reference: Float[Tensor, "pair 2"], pairs: Sequence[PreferencePair]) -> float:
    """The loss of some pairs under a policy that is not the reference: two losses, or two β, differ in it."""
    n_chosen, n_rejected = (
        torch.tensor([len(getattr(pair, name)) for pair in pairs], device=reference.device)
        for name in ("chosen", "rejected")
    )
    moved = [torch.linspace(*ends, len(pairs), device=reference.device) for ends in ((-1.0, 2.0), (1.0, -1.0))]
    chosen, rejected = (reference + torch.stack(moved, dim=1)).unbind(dim=1)
    return loss(with_reference(AnswerLogProbabilities(chosen, rejected, n_chosen, n_rejected), reference)).item()
