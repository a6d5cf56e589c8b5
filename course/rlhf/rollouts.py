"""A rollout: what a policy answers to drawn prompts, with scores and log-probabilities, before it learns from that."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from course.layers.language_model import CausalLanguageModel
from course.layers.sizes import require_positive, require_whole
from course.messages import _
from course.rlhf.responses import Responses, response_log_probabilities, token_scores
from course.rlhf.rewards import require_finite_scores

Prompt = Sequence[int]
RollOut = Callable[[CausalLanguageModel, Sequence[Prompt], torch.Generator], Responses]
Score = Callable[[Responses], Float[Tensor, "row"]]


@dataclass(frozen=True)
class PolicySettings:
    """What every method has: an iteration draws `n_responses`, and learns from each of them `n_epochs` times.

    Each pass divides them into `n_minibatches`, and each of these is a step of the optimizer. `group_size` responses
    are drawn for each prompt. `temperature` is that of drawing and of all log-probabilities.
    """

    learning_rate: float
    n_responses: int = 48
    group_size: int = 1
    n_epochs: int = 2
    n_minibatches: int = 2
    clip: float = 0.2
    temperature: float = 1.0
    max_gradient_norm: float = 1.0

    def __post_init__(self) -> None:
        for name in ("learning_rate", "clip", "temperature", "max_gradient_norm"):
            require_positive(getattr(self, name), name)
        for name in ("n_responses", "group_size", "n_epochs", "n_minibatches"):
            require_whole(getattr(self, name), name)
        for name in ("group_size", "n_minibatches"):
            if self.n_responses % getattr(self, name):
                raise ValueError(
                    _("{n} responses do not divide evenly by {name} = {value}: choose a multiple of it.").format(
                        n=self.n_responses, name=name, value=getattr(self, name)
                    )
                )


class Rollout(NamedTuple):
    """Drawn responses with their scores, and their log-probabilities under the policy that drew them and the reference.

    `entropies` are those of the policy at each token.
    """

    responses: Responses
    scores: Float[Tensor, "row"]
    old: Float[Tensor, "row response"]
    reference: Float[Tensor, "row response"]
    entropies: Float[Tensor, "row response"]

    @property
    def log_ratios(self) -> Float[Tensor, "row response"]:
        """log π − log π_ref of each token."""
        return self.old - self.reference


@torch.no_grad()
def drawn(
    policy: CausalLanguageModel,
    reference: CausalLanguageModel,
    score: Score,
    roll_out: RollOut,
    prompts: Sequence[Prompt],
    settings: PolicySettings,
    generator: torch.Generator,
) -> Rollout:
    """Responses to drawn prompts, `settings.group_size` to each, one prompt after the other.

    No prompt is drawn twice unless there are too few. Raises `ValueError` for a score that is not finite and for an
    empty response.
    """
    n_prompts = settings.n_responses // settings.group_size
    device = generator.device
    places = [
        torch.randperm(len(prompts), generator=generator, device=device) for _ in range(-(-n_prompts // len(prompts)))
    ]
    chosen = torch.cat(places)[:n_prompts].repeat_interleave(settings.group_size).tolist()
    responses = roll_out(policy, [prompts[place] for place in chosen], generator)
    old, entropies = token_scores(policy, responses, settings.temperature)
    of_reference = response_log_probabilities(reference, responses, settings.temperature)
    return Rollout(responses, scored(score, responses), old, of_reference, entropies)


def scored(score: Score, responses: Responses) -> Float[Tensor, "row"]:
    """The score of each response. Raises `ValueError` for another shape, and for a score that is not finite."""
    scores = score(responses)
    if not isinstance(scores, Tensor) or scores.shape != responses.padding.shape:
        raise ValueError(
            _("`score` gave {given} for {rows} responses: it must give a tensor with one number for each.").format(
                given=list(scores.shape) if isinstance(scores, Tensor) else type(scores).__name__,
                rows=len(responses.ids),
            )
        )
    scores = scores if scores.is_floating_point() else scores.float()
    require_finite_scores(scores)
    return scores
