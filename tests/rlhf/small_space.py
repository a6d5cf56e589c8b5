"""A space of answers so small that a policy's whole distribution over it can be compared with the optimum.

The prompt has two different tokens: a row of equal ones has the same hidden state at every place, however many blocks
there are, so after such a prompt a model could not tell how often the token has been answered.
"""

import torch
from torch import Tensor

from course.gpt import Decoder, LlamaConfig
from course.rlhf import Responses, all_answers, answer_distribution

END, PAD, LONGEST = 2, 0, 2  # what fills up is also a token: places tell what counts, not ids
PROMPT = (3, 0)
ANSWERS = all_answers([0, 1, 3], LONGEST, END)


def small_model(seed: int = 0) -> Decoder:
    """A model of 4 tokens, with weights large enough that it prefers some answers by far."""
    sizes = {"vocab_size": 4, "context_length": 8, "d_model": 32, "n_layers": 2, "n_heads": 2, "n_kv_heads": 2}
    model = Decoder(LlamaConfig(**sizes, d_ff=64), torch.Generator().manual_seed(seed))
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim >= 2:
                weight *= 3
    return model.eval()


def distribution(model: Decoder) -> Tensor:
    return answer_distribution(model, PROMPT, ANSWERS, pad_id=PAD)


def rewards(seed: int = 1) -> Tensor:
    """A reward for each answer, about as far apart as normal numbers are."""
    return torch.randn(len(ANSWERS), dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def score_by(of_answers: Tensor):
    """The rewards as the function that `train_ppo` asks for the scores of drawn responses."""
    by_answer = dict(zip(ANSWERS, of_answers.tolist(), strict=True))

    def score(responses: Responses) -> Tensor:
        return torch.tensor([by_answer[tuple(answer)] for answer in responses.lists()])

    return score


def grpo_optimum(reference: Tensor, rewards: Tensor, beta: float) -> Tensor:
    """The optimum of GRPO's loss on answers of one token: π_ref / (1 + (m − reward) / β), where m is its mean reward.

    Bisection finds m. As a loss on samples of π, k3 has the gradient of KL(π_ref, π), not of KL(π, π_ref): the
    optimum is where its gradient and that of the mean reward cancel.
    """

    def of(mean: Tensor) -> Tensor:
        return reference / (1 + (mean - rewards) / beta)

    low, high = max(rewards.min(), rewards.max() - beta), rewards.max()
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if of(middle).sum() > 1 else (low, middle)
    return of(low)
