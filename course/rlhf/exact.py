"""The optimum itself, where a space of answers is so small that all of it can be written down."""

from collections.abc import Sequence
from itertools import product

import torch
from jaxtyping import Float
from torch import Tensor

from course.fine_tuning.predictions import evaluating
from course.layers.language_model import CausalLanguageModel
from course.layers.sizes import require_positive, require_whole
from course.messages import _
from course.rlhf.responses import as_responses, response_log_probabilities
from course.rlhf.rewards import require_finite_scores
from course.rlhf.shapes import require_same_shape


def all_answers(tokens: Sequence[int], max_length: int, end_id: int) -> list[tuple[int, ...]]:
    """Every answer that can be drawn from these tokens and the end token, cut off after `max_length`.

    An answer ends with the end token, or has `max_length` tokens without it. Raises `ValueError` for no tokens, a token
    given twice, and an end token among them.
    """
    require_whole(max_length, "max_length")
    if not tokens or len(set(tokens)) != len(tokens) or end_id in tokens:
        raise ValueError(
            _(
                "The tokens {tokens} and the end token {end} must differ from one another, and there must be one."
            ).format(tokens=list(tokens), end=end_id)
        )
    ended = [(*body, end_id) for length in range(max_length) for body in product(tokens, repeat=length)]
    return ended + list(product(tokens, repeat=max_length))


def answer_log_probabilities(
    model: CausalLanguageModel, prompt: Sequence[int], answers: Sequence[Sequence[int]], *, pad_id: int
) -> Float[Tensor, "answer"]:
    """The log-probability of each answer to the prompt, in nats: the sum over its tokens."""
    device = model.embedding.tokens.weight.device
    responses = as_responses([prompt] * len(answers), answers, pad_id=pad_id, device=device)
    return response_log_probabilities(model, responses).sum(dim=1)


@torch.no_grad()
def answer_distribution(
    model: CausalLanguageModel, prompt: Sequence[int], answers: Sequence[Sequence[int]], *, pad_id: int
) -> Float[Tensor, "answer"]:
    """The model's distribution over these answers: its probabilities, divided by their sum.

    They sum to 1 by themselves where the answers are all that the model can draw. Dropout is off meanwhile.
    """
    with evaluating(model):
        return answer_log_probabilities(model, prompt, answers, pad_id=pad_id).double().softmax(dim=0)


def optimal_policy(
    reference: Float[Tensor, "answer"], rewards: Float[Tensor, "answer"], beta: float
) -> Float[Tensor, "answer"]:
    """π*(y) = π_ref(y) · exp(r(y) / β) / Z: the distribution with the highest mean reward minus β · KL(π, π_ref).

    Computed from logarithms, so that a small β does not overflow. Raises `ValueError` for a β that is not above 0, for
    a reward that is not finite, for what is no distribution, and for shapes that differ.

    Source: Rafailov et al. 2023, "Direct Preference Optimization", equation 4, and appendix A.1.
    """
    require_positive(beta, "beta")
    require_same_shape(1, reference=reference, rewards=rewards)
    require_finite_scores(rewards)
    require_distribution(reference)
    best = rewards.where(reference > 0, -torch.inf).max()
    return (reference.log() + (rewards - best).where(reference > 0, 0.0) / beta).softmax(dim=0)


def total_variation(one: Float[Tensor, "answer"], other: Float[Tensor, "answer"]) -> float:
    """Half the summed difference of two distributions: 0 where they are equal, 1 where they have nothing in common.

    Raises `ValueError` for what is no distribution, and for shapes that differ.
    """
    require_same_shape(1, one=one, other=other)
    require_distribution(one)
    require_distribution(other)
    return (one - other).abs().sum().item() / 2


def reward_and_kl(
    policy: Float[Tensor, "answer"], reference: Float[Tensor, "answer"], rewards: Float[Tensor, "answer"]
) -> tuple[float, float]:
    """The mean reward of a policy, and its KL divergence from the reference in nats, both exact.

    Raises `ValueError` as `total_variation` does.
    """
    require_same_shape(1, policy=policy, reference=reference, rewards=rewards)
    require_distribution(policy)
    require_distribution(reference)
    kl = torch.special.xlogy(policy, policy) - torch.special.xlogy(policy, reference)
    return (policy * rewards).sum().item(), kl.sum().item()


def require_distribution(values: Float[Tensor, "answer"]) -> None:
    """Raises `ValueError` for numbers below 0, and for a sum other than 1."""
    total = values.sum().item()
    if not (values >= 0).all() or abs(total - 1) > 1e-4:
        raise ValueError(
            _("These are no probabilities: the lowest is {lowest:.4g}, and their sum is {total:.4g}.").format(
                lowest=values.min().item(), total=total
            )
        )
