"""The reward of each token: what the KL penalty costs there, and at the last one the score of the whole response."""

from jaxtyping import Bool, Float
from torch import Tensor

from course.layers.sizes import require_not_negative
from course.messages import _
from course.rlhf.responses import Responses
from course.rlhf.shapes import require_rows, require_same_shape


def token_rewards(
    scores: Float[Tensor, "row"],
    log_ratios: Float[Tensor, "row response"],
    is_token: Bool[Tensor, "row response"],
    beta: float,
) -> Float[Tensor, "row response"]:
    """−β · (log π − log π_ref) at each token, plus the score at the last one; 0 where there is no token.

    `log_ratios` are log π − log π_ref of the drawn tokens, under the policy that drew them: their sum is an estimate
    of the KL divergence, so the sum of a row's rewards is its score minus β times that. Raises `ValueError` for a β
    below 0, other shapes, a row without tokens, and a score that is not finite.

    Source: Ziegler et al. 2019, "Fine-Tuning Language Models from Human Preferences", section 2; Stiennon et al. 2020,
    section 3.4.
    """
    require_not_negative(beta, "beta")
    require_same_shape(2, log_ratios=log_ratios, is_token=is_token)
    require_rows(scores, log_ratios, name="scores", rows_of="log_ratios")
    require_finite_scores(scores)
    lengths = is_token.sum(dim=1)
    if (lengths == 0).any():
        raise ValueError(
            _("The response of row {row} is empty: it has no token to be rewarded. Leave the row out.").format(
                row=int((lengths == 0).nonzero()[0])
            )
        )
    rewards = (-beta * log_ratios).where(is_token, 0.0)
    return rewards.scatter_add(1, lengths[:, None] - 1, scores[:, None].to(rewards))


def require_end(
    scores: Float[Tensor, "row"], responses: Responses, end_id: int, *, score: float
) -> Float[Tensor, "row"]:
    """The scores, but `score` for a response that did not end: it was cut off before `end_id`.

    Source: Huang et al. 2024, "The N+ Implementation Details of RLHF with PPO", where that score is −1.
    """
    last = responses.tokens.gather(1, responses.last[:, None])[:, 0]
    return scores.where(last == end_id, score)


def require_finite_scores(scores: Float[Tensor, "row"]) -> None:
    """Raises `ValueError` for a score that is NaN or infinite: one such row would spoil all weights."""
    wrong = (~scores.isfinite()).nonzero()
    if len(wrong):
        row = int(wrong[0])
        raise ValueError(
            _(
                "The reward of row {row} is {reward}: it must be finite. Look at what the reward model gives there."
            ).format(row=row, reward=scores[row].item())
        )
