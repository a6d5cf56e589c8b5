"""What PPO computes for one answer: each token's log-ratio, KL penalty, value, reward and advantage."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from course.decoding import roll_out
from course.gpt import Decoder
from course.layers.language_model import CausalLanguageModel
from course.messages import _
from course.rlhf import Responses, ValueModel, as_responses, gae, response_log_probabilities, token_rewards
from course.rlhf.rewards import require_finite_scores
from course.tokenization import ByteLevelBPE
from course.viz.kit.text import readable

Score = Callable[[Responses], Float[Tensor, "row"]]
PromptOf = Callable[[str], Sequence[int]]


@dataclass(frozen=True)
class PolicyBench:
    """The models that PPO works with, and how a text becomes a prompt for them."""

    policy: Decoder
    reference: CausalLanguageModel
    score: Score
    value_model: ValueModel
    tokenizer: ByteLevelBPE
    prompt_of: PromptOf
    end_id: int
    pad_id: int
    max_length: int
    temperature: int | float


class ScoredAnswer(NamedTuple):
    """What the models say of one answer: its tokens as text, and of each its log-ratio and the critic's value.

    `is_end` is true where the last token is the end token; otherwise the limit has cut the answer.
    """

    tokens: tuple[str, ...]
    is_end: bool
    log_ratios: Float[Tensor, "row response"]
    values: Float[Tensor, "row response"]
    score: int | float
    text: str


class AnswerReading(NamedTuple):
    """A row of numbers for the tokens of an answer, in the order in which PPO computes them."""

    tokens: tuple[str, ...]
    is_end: bool
    text: str
    score: int | float
    beta: int | float
    lam: int | float
    log_ratios: tuple[int | float, ...]
    penalties: tuple[int | float, ...]
    values: tuple[int | float, ...]
    rewards: tuple[int | float, ...]
    advantages: tuple[int | float, ...]


@torch.no_grad()
def score_answer(bench: PolicyBench, text: str, answer: str, seed: int) -> ScoredAnswer:
    """Let the policy answer the text, or take `answer` where it is not empty, and ask all models about it.

    Raises `ValueError` for an empty prompt, for an answer that is longer than the limit, for a score that is not
    finite, and as `roll_out` does.
    """
    prompt = list(bench.prompt_of(text))
    if answer.strip():
        ids = bench.tokenizer.encode(answer)
        if len(ids) >= bench.max_length:
            raise ValueError(
                _("The answer has {n} tokens; with its end token the limit here is {limit}. Shorten it.").format(
                    n=len(ids), limit=bench.max_length
                )
            )
        device = bench.policy.embedding.tokens.weight.device
        responses = as_responses([prompt], [[*ids, bench.end_id]], pad_id=bench.pad_id, device=device)
    else:
        generator = torch.Generator(device=bench.policy.embedding.tokens.weight.device).manual_seed(seed)
        responses = roll_out(
            bench.policy,
            [prompt],
            end_id=bench.end_id,
            pad_id=bench.pad_id,
            max_length=bench.max_length,
            temperature=bench.temperature,
            generator=generator,
        )
    policy, reference = (
        response_log_probabilities(model, responses, bench.temperature) for model in (bench.policy, bench.reference)
    )
    scores = bench.score(responses)
    require_finite_scores(scores)
    [ids] = responses.lists()
    is_end = ids[-1] == bench.end_id
    return ScoredAnswer(
        tuple(readable(bench.tokenizer.decode_bytes([token])) for token in ids),
        is_end,
        (policy - reference)[:, : len(ids)],
        bench.value_model(responses)[:, : len(ids)],
        scores.item(),
        readable(bench.tokenizer.decode_bytes(ids[:-1] if is_end else ids)),
    )


def read_answer(scored: ScoredAnswer, beta: int | float, lam: int | float) -> AnswerReading:
    """The rewards and advantages of the tokens. Raises `ValueError` as `token_rewards` and `gae` do."""
    every = torch.ones_like(scored.log_ratios, dtype=torch.bool)
    score = scored.log_ratios.new_full((1,), scored.score)
    rewards = token_rewards(score, scored.log_ratios, every, beta)
    penalties = token_rewards(torch.zeros_like(score), scored.log_ratios, every, beta)
    advantages = gae(rewards, scored.values, every, lam=lam).advantages
    rows = (scored.log_ratios, penalties, scored.values, rewards, advantages)
    return AnswerReading(
        scored.tokens,
        scored.is_end,
        scored.text,
        scored.score,
        beta,
        lam,
        *(tuple((row[0] + 0.0).tolist()) for row in rows),
    )
