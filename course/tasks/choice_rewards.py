"""What a reward model of real choices reads of an answer, and its linear head, fitted to pairs by Bradley and Terry."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course.fine_tuning import LinearClassifier
from course.fine_tuning.predictions import evaluating
from course.layers.language_model import CausalLanguageModel, log_probabilities
from course.layers.sizes import require_whole
from course.layers.token_ids import require_context
from course.messages import _
from course.prompting.scoring import encode_pair
from course.tokenization import Tokenizer
from course.training.batches import pad_rows


class Readings(NamedTuple):
    """What a language model has of each answer once it has read the prompt and the answer.

    `hidden` is the hidden state at the answer's last token, the input of a reward head; `log_probability` the mean of
    its tokens' log-probabilities after the prompt, in nats.
    """

    hidden: Float[Tensor, "answer d_model"]
    log_probability: Float[Tensor, "answer"]


@torch.no_grad()
def read_answers(
    model: CausalLanguageModel, tokenizer: Tokenizer, texts: Sequence[tuple[str, str]], *, batch_size: int = 16
) -> Readings:
    """Read each prompt with its answer, which follows after a space.

    Rows of like lengths are batched and filled up on the right, where a causal model sees nothing of it. The model is
    in eval mode meanwhile. Raises `ValueError` for no texts, for an empty prompt or answer, and for a text beyond the
    model's context.
    """
    require_whole(batch_size, "batch_size")
    if not texts:
        raise ValueError(_("There is no answer to read: give one or more."))
    rows = [encode_pair(tokenizer, prompt, f" {answer}") for prompt, answer in texts]
    whole = [[*row.prompt, *row.answer] for row in rows]
    require_context(max(map(len, whole)), model.embedding.n_positions)
    device = model.embedding.tokens.weight.device
    hidden = torch.empty(len(rows), model.embedding.tokens.weight.shape[1], device=device)
    means = torch.empty(len(rows), device=device)
    order = sorted(range(len(rows)), key=lambda number: len(whole[number]))
    with evaluating(model):
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            states = model.hidden_states(pad_rows([whole[number] for number in batch], 0).to(device))
            for number, state in zip(batch, states, strict=True):
                first, end = len(rows[number].prompt), len(whole[number])
                answer = torch.tensor(rows[number].answer, device=device)
                found = log_probabilities(model.output(state[first - 1 : end - 1]))
                means[number] = found.gather(1, answer[:, None]).mean()
                hidden[number] = state[end - 1]
    return Readings(hidden, means)


@dataclass(frozen=True)
class LinearRewardConfig:
    """The size of a `LinearReward`."""

    n_features: int


class LinearReward(nn.Module):
    """A reward head: the weighted sum of what is read of an answer. It has no bias, since only differences count."""

    def __init__(self, n_features: int) -> None:
        super().__init__()
        require_whole(n_features, "n_features")
        self.config = LinearRewardConfig(n_features)
        self.weight = nn.Parameter(torch.zeros(n_features))

    def forward(self, x: Float[Tensor, "answer feature"]) -> Float[Tensor, "answer"]:
        return (torch.sparse.mm(x, self.weight[:, None]) if x.is_sparse else x @ self.weight[:, None])[:, 0]


def fit_bradley_terry(
    chosen: Float[Tensor, "pair feature"], rejected: Float[Tensor, "pair feature"], *, strength: int | float = 1.0
) -> LinearReward:
    """The reward with the least `strength` · Σ −ln σ(r(chosen) − r(rejected)) + ½ · the sum of all squared weights.

    That is logistic regression on the differences of the features, each difference taken in both directions so that
    there are two classes and no bias. Raises `ValueError` as `LinearClassifier.fit` does.

    Source: the loss: Christiano et al. 2017, section 2.2.3.
    """
    differences = chosen - rejected
    n = len(differences)
    classifier = LinearClassifier(differences.shape[1], ("rejected", "chosen"))
    both = torch.cat((differences, -differences))
    classifier.fit(both, torch.tensor([1] * n + [0] * n), strength=strength / 2)
    reward = LinearReward(differences.shape[1])
    with torch.no_grad():
        reward.weight.copy_(classifier.weight[0])
    return reward


def length_slope(
    chosen: Float[Tensor, "pair feature"],
    rejected: Float[Tensor, "pair feature"],
    extra_length: Float[Tensor, "pair"],
) -> Float[Tensor, "feature"]:
    """By how much each feature grows with one more character: least squares between the two answers of each pair."""
    return extra_length @ (chosen - rejected) / extra_length.square().sum()
