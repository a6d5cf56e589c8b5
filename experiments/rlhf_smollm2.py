"""RLHF with a model that was made by others: SmolLM2-135M-Instruct with LoRA, trained by GRPO on the task of lesson 14.

python -m experiments.rlhf_smollm2 [grpo] [--seeds 0 1 2] --threads 1

SmolLM2 is asked for a movie review of one sentence, in its own chat template, and its answer begins with the first
words of a real one: the prompts are those of lesson 14. What it makes of them is rewarded by the gold, the classifier
of real reviews, itself; there is no proxy between. So the run shows that the course's code trains a model of 135
million weights, and not what becomes of a proxy. The reference is the same model without LoRA: it shares all frozen
weights with the policy, and takes no memory of its own. As in lesson 14, a temperature of 0.7 is folded into both, and
gold scores are in standard deviations of that lesson's reference policy.

Nothing was searched for. An iteration has 8 prompts with 4 responses to each, of 16 tokens at most, and takes about 15
CPU seconds. Both models are tested with the same random numbers on the same drawn test prompts, whose movies and first
words are in no training set. A record has gold, KL divergence, length and entropy of each test item, and how much gold
was gained, with its interval over the test prompts. On a GPU (`COURSE_DEVICE`) the same command runs there.
"""

import copy
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import torch
from jaxtyping import Float
from torch import Tensor

from course import trained
from course.data.splits import draw
from course.decoding import roll_out
from course.gpt import Decoder
from course.instruction import SMOLLM2, Message, encode_prompt, end_id, padding_id
from course.intervals import Interval, mean_difference
from course.layers.language_model import CausalLanguageModel
from course.peft import Attached, LoRA, attach, count, freeze
from course.pretrained import load, load_tokenizer
from course.rlhf import (
    GRPOSettings,
    Iteration,
    Responses,
    Rollout,
    response_log_probabilities,
    token_scores,
    train_grpo,
)
from course.tasks.review_continuations import beginnings
from course.tasks.review_policies import TEMPERATURE, sharpen
from course.tasks.review_rewards import distinct_trigrams, gold_scores
from course.tokenization import ByteLevelBPE
from course.training import History
from experiments.running import main

NAME = "rlhf_smollm2"
TEMPLATE = replace(SMOLLM2, default_system=None)
REQUEST = "Write a movie review of one sentence."
RANK = 8  # of LoRA on queries and values
MAX_LENGTH = 16  # tokens of a response, its end token included
SETTINGS = GRPOSettings(1e-3, n_responses=32, group_size=4, n_epochs=1, n_minibatches=2, beta=0.1)
ITERATIONS = 25
N_TEST, ROWS = 128, 32  # test prompts, and how many are answered at once
N_KEPT = 8  # texts that a record has of a test


# --- What SmolLM2 reads, and what its answers say ---


@functools.cache
def tokenizer() -> ByteLevelBPE:
    return load_tokenizer("smollm2")


@functools.cache
def opening() -> tuple[int, ...]:
    """The request, and where the answer begins."""
    return tuple(encode_prompt(tokenizer(), TEMPLATE, [Message("user", REQUEST)]))


def prompt_ids(words: str) -> list[int]:
    """The request, and an answer that begins with these words."""
    return [*opening(), *tokenizer().encode(words)]


def continued(
    model: CausalLanguageModel, prompts: Sequence[Sequence[int]], generator: torch.Generator | None = None
) -> Responses:
    """A response to each prompt, drawn."""
    return roll_out(
        cast(Decoder, model),
        prompts,
        end_id=end_id(tokenizer(), TEMPLATE),
        pad_id=padding_id(tokenizer(), TEMPLATE),
        max_length=MAX_LENGTH,
        generator=generator,
    )


def review_texts(responses: Responses) -> list[str]:
    """The reviews: the first words and what each response makes of them, on one line, without special tokens."""
    special = set(tokenizer().special.ids.values())
    prompts = responses.ids[:, : responses.n_prompt].tolist()
    rows = zip(prompts, responses.padding.tolist(), responses.lists(), strict=True)
    answers = ([*prompt[padding + len(opening()) :], *response] for prompt, padding, response in rows)
    return [" ".join(tokenizer().decode([token for token in row if token not in special]).split()) for row in answers]


def reward(responses: Responses) -> Float[Tensor, "row"]:
    """The gold score of each review."""
    return gold_scores(review_texts(responses)).to(responses.ids.device)


# --- Training and test ---


def new_policy(seed: int) -> tuple[Decoder, Attached, Decoder]:
    """SmolLM2 with LoRA that does nothing yet, its LoRA, and the reference: the same model, the same frozen weights."""
    policy, _tokenizer = load("smollm2")
    sharpen(policy, TEMPERATURE)
    freeze(policy)
    reference = copy.deepcopy(policy, {id(weight): weight for weight in policy.parameters()})
    return policy, attach(policy, LoRA(RANK), torch.Generator().manual_seed(seed)), reference


@torch.no_grad()
def tested(policy: Decoder, reference: Decoder, words: Sequence[str]) -> dict[str, Any]:
    """A response to each prompt: means, and the numbers of each item in the order of the prompts."""
    generator = torch.Generator(policy.embedding.tokens.weight.device).manual_seed(0)
    texts: list[str] = []
    found: dict[str, list[Tensor]] = {}
    for start in range(0, len(words), ROWS):
        prompts = [prompt_ids(one) for one in words[start : start + ROWS]]
        responses = continued(policy, prompts, generator)
        own, entropies = token_scores(policy, responses)
        texts += review_texts(responses)
        of_batch = {
            "gold": reward(responses),
            "kl": (own - response_log_probabilities(reference, responses)).sum(dim=1),
            "length": responses.lengths.float(),
            "entropy": entropies.sum(dim=1) / responses.lengths,
        }
        for name, values in of_batch.items():
            found.setdefault(name, []).append(values.cpu())
    values = {name: torch.cat(parts) for name, parts in found.items()}
    return {
        **{name: of_all.mean().item() for name, of_all in values.items()},
        "distinct_trigrams": distinct_trigrams(texts),
        "items": {name: trained.one_line(round(one, 3) for one in of_all.tolist()) for name, of_all in values.items()},
        "texts": texts[:: max(1, len(texts) // N_KEPT)],
    }


def gained(tests: Mapping[str, Any], measure: str) -> Interval:
    """How much higher a measure is after the training, over the test prompts. One run: other seeds are not covered."""
    after, before = (trained.numbers(tests[name]["items"][measure]) for name in ("trained", "reference"))
    return mean_difference(after, before, of="prompts")


@dataclass
class PolicyRecipe:
    """SmolLM2 with LoRA, trained by GRPO to please the gold."""

    settings: GRPOSettings = SETTINGS
    steps: int = ITERATIONS
    done: list[Iteration] = field(default_factory=list, repr=False)  # of the last training
    texts: dict[int, list[str]] = field(default_factory=dict, repr=False)
    attached: Attached | None = field(default=None, repr=False)
    reference: Decoder | None = field(default=None, repr=False)

    def train(self, seed: int) -> tuple[Decoder, History]:
        policy, self.attached, self.reference = new_policy(seed)
        self.done, self.texts = [], {}
        prompts = [prompt_ids(one.words) for one in beginnings().training]
        options: dict[str, Any] = {"iterations": self.steps, "seed": seed, "after_iteration": self._keep}
        train_grpo(policy, self.reference, reward, continued, prompts, self.settings, **options)
        seconds = sum(one.seconds for one in self.done)
        return policy, History(losses=[one.about["loss"] for one in self.done], seconds=seconds)

    def _keep(self, iteration: Iteration, rollout: Rollout) -> None:
        self.done.append(iteration)
        if iteration.number in (1, self.steps):
            self.texts[iteration.number] = review_texts(rollout.responses)[:: self.settings.group_size]
        print(
            f"{iteration.number}: gold {iteration.score:.2f}, KL {iteration.kl:.2f}, {iteration.seconds:.0f} s",
            flush=True,
        )

    def measure(self, model: trained.Model) -> dict[str, object]:
        assert isinstance(model, Decoder) and self.reference is not None and self.attached is not None
        words = [one.words for one in draw(beginnings().test, N_TEST, seed=1)]
        policies = {"reference": self.reference, "trained": model}
        tests = {name: tested(policy, self.reference, words) for name, policy in policies.items()}
        curve = {
            name: [getattr(one, name) for one in self.done]
            for name in ("number", "score", "kl", "entropy", "length", "seconds")
        }
        curve |= {
            name: [one.about[name] for one in self.done] for name in ("first_ratio", "clip_fraction", "gradient_norm")
        }
        gains = {}
        for measure in ("gold", "kl"):
            interval = gained(tests, measure)
            gains[measure] = {"estimate": interval.estimate, "low": interval.low, "high": interval.high}
        return {
            "method": "grpo",
            "lora_rank": RANK,
            "learning_rate": self.settings.learning_rate,
            "beta": self.settings.beta,
            "responses": self.settings.n_responses,
            "group_size": self.settings.group_size,
            "max_length": MAX_LENGTH,
            "trained_parameters": count(self.attached),
            "device": model.embedding.tokens.weight.device.type,
            "curve": {name: trained.one_line(values) for name, values in curve.items()},
            "texts": {str(number): texts for number, texts in self.texts.items()},
            "gained": gains,
            "tests": tests,
        }


def recipes() -> Mapping[str, PolicyRecipe]:
    return {"grpo": PolicyRecipe()}


if __name__ == "__main__":
    main(NAME, recipes, keep_weights=False)
