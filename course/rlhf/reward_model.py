"""The reward model: a language model with a head that gives a whole response one number, learned from preferences."""

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from course.fine_tuning.predictions import evaluating
from course.layers.language_model import CausalLanguageModel
from course.layers.sizes import require_positive
from course.messages import _
from course.rlhf.responses import Responses, last_states


def scalar_head(body: CausalLanguageModel, std: float | None, generator: torch.Generator | None) -> nn.Linear:
    """A linear layer with one output, N(0, `std`) at first; without `std`, 1 / √(d_model + 1), as in Stiennon et al."""
    d_model = body.embedding.tokens.embedding_dim
    std = 1 / math.sqrt(d_model + 1) if std is None else std
    require_positive(std, "head_std")
    head = nn.Linear(d_model, 1)
    nn.init.normal_(head.weight, std=std, generator=generator)
    nn.init.zeros_(head.bias)
    return head.to(body.embedding.tokens.weight)


class RewardModel(nn.Module):
    """A causal language model, and a head on the hidden state of a response's last token.

    It is called while it learns; `score` is for everything else, since it has no dropout. Only differences of rewards
    to the same prompt mean anything; `center` sets where 0 is. `head_std` is the standard deviation of the head's first
    weights, `generator` draws them.

    Source: Stiennon et al. 2020, "Learning to summarize from human feedback", section 3.4.
    """

    def __init__(
        self,
        body: CausalLanguageModel,
        *,
        head_std: float | None = None,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.body = body
        self.head = scalar_head(body, head_std, generator)

    def forward(self, responses: Responses) -> Float[Tensor, "row"]:
        """The reward of each response. Raises `ValueError` for an empty response and one beyond the context."""
        return self.head(last_states(self.body, responses))[:, 0]

    @torch.no_grad()
    def score(self, responses: Responses) -> Float[Tensor, "row"]:
        """The reward of each response, without gradient and without dropout, whatever mode the model is in.

        Raises as a call does.
        """
        with evaluating(self):
            return self(responses)

    @torch.no_grad()
    def center(self, responses: Responses) -> None:
        """Set the head's bias so that the mean reward of these responses is 0, those of the reference policy say."""
        self.head.bias.sub_(self.score(responses).mean())


def bradley_terry_loss(chosen: Float[Tensor, "pair"], rejected: Float[Tensor, "pair"]) -> Float[Tensor, ""]:
    """The mean negative log-likelihood that the chosen answers win, in nats: −log σ(reward chosen − reward rejected).

    A constant added to all rewards changes nothing. Raises `ValueError` for no pairs, and for a reward that is not
    finite.

    Source: Bradley and Terry 1952; as the loss of a reward model: Stiennon et al. 2020, section 3.4.
    """
    _require_rewards(chosen, rejected)
    return -F.logsigmoid(chosen - rejected).mean()


def ranking_accuracy(chosen: Float[Tensor, "pair"], rejected: Float[Tensor, "pair"]) -> Float[Tensor, ""]:
    """The share of pairs whose chosen answer has the higher reward; a tie counts one half.

    Raises as `bradley_terry_loss` does.
    """
    _require_rewards(chosen, rejected)
    return ((chosen > rejected).float() + (chosen == rejected).float() / 2).mean()


def _require_rewards(chosen: Float[Tensor, "pair"], rejected: Float[Tensor, "pair"]) -> None:
    if chosen.ndim != 1 or chosen.shape != rejected.shape:
        raise ValueError(
            _("The rewards have the shapes {chosen} and {rejected}: give one number for each pair.").format(
                chosen=list(chosen.shape), rejected=list(rejected.shape)
            )
        )
    if not len(chosen):
        raise ValueError(_("There are no pairs: give the rewards of one or more."))
    wrong = (~(chosen.isfinite() & rejected.isfinite())).nonzero()
    if len(wrong):
        pair = int(wrong[0])
        raise ValueError(
            _(
                "The rewards of pair {pair} are {chosen} and {rejected}: they must be finite. Lower the learning rate."
            ).format(pair=pair, chosen=chosen[pair].item(), rejected=rejected[pair].item())
        )
