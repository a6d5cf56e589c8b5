"""The value model, or critic: at each token of a response, what reward is still to come."""

import copy

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course.layers.language_model import CausalLanguageModel
from course.rlhf.responses import Responses, states_before
from course.rlhf.reward_model import RewardModel, scalar_head


class ValueModel(nn.Module):
    """A causal language model, and a head on the hidden state that each token of a response is predicted from.

    Source: Stiennon et al. 2020, section 3.4: a network of its own, which begins as the reward model.
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

    @classmethod
    def from_reward_model(cls, reward_model: RewardModel) -> "ValueModel":
        """A critic that begins with a copy of the reward model's weights.

        It trains what requires a gradient in the reward model, its LoRA weights alone where it has these, and its head.
        """
        made = cls(copy.deepcopy(reward_model.body))
        made.head.load_state_dict(reward_model.head.state_dict())
        return made

    def forward(self, responses: Responses) -> Float[Tensor, "row response"]:
        """The value before each token of the responses; 0 where there is none. Raises as `states_before` does."""
        values = self.head(states_before(self.body, responses))[..., 0].float()
        return values.where(responses.is_token, 0.0)
