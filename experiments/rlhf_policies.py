"""The policies of `experiments.rlhf`: how they are trained to please a proxy, how they are tested, and best of n."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

import torch
from jaxtyping import Float
from torch import Tensor

from course import trained
from course.data.splits import draw
from course.gpt import Decoder
from course.peft import Attached, attach
from course.rlhf import (
    GRPOSettings,
    Iteration,
    PPOSettings,
    Responses,
    RewardModel,
    Rollout,
    ValueModel,
    best_of_n_kl,
    expected_best_of_n,
    response_log_probabilities,
    token_scores,
    train_grpo,
    train_ppo,
)
from course.tasks.review_continuations import beginnings, prompt_ids, review_texts
from course.tasks.review_policies import POLICY_LORA, continued, reference_policy
from course.tasks.review_rewards import distinct_trigrams, gold_scores, proxy
from course.training import History
from experiments.rlhf_rewards import EPOCHS, ROWS, keep_method, n_trained_by, rounded
from experiments.search import Setting

N_TEST, N_VALIDATION = 256, 256  # prompts that a policy is tested on
N_SAMPLES, BEST_OF = 16, (1, 2, 4, 8, 16)
ITERATIONS = 40
GOLD_EVERY = 3  # iterations
N_KEPT = 8  # texts of a rollout that a record has


@functools.cache
def kept_proxy(name: str) -> RewardModel:
    """A stored reward model, loaded once; nobody trains it."""
    return proxy(name).requires_grad_(False)


def rewards(name: str, responses: Responses) -> Float[Tensor, "row"]:
    return kept_proxy(name).score(responses)


class Tested:
    """Responses of a policy to prompts that it has not seen, with what all models say of them."""

    def __init__(self, policy: Decoder, words: Sequence[str], seed: int) -> None:
        reference, generator = reference_policy(), torch.Generator().manual_seed(seed)
        self.texts: list[str] = []
        found: dict[str, list[Tensor]] = {}
        with torch.no_grad():
            for start in range(0, len(words), ROWS):
                prompts = [prompt_ids(one) for one in words[start : start + ROWS]]
                responses = continued(policy, prompts, generator)
                own, entropies = token_scores(policy, responses)
                texts = review_texts(responses)
                self.texts += texts
                of_batch = {
                    "gold": gold_scores(texts),
                    **{name: rewards(name, responses) for name in EPOCHS},
                    "kl": (own - response_log_probabilities(reference, responses)).sum(dim=1),
                    "length": responses.lengths.float(),
                    "entropy": entropies.sum(dim=1) / responses.lengths,
                }
                for name, values in of_batch.items():
                    found.setdefault(name, []).append(values)
        self.values = {name: torch.cat(parts) for name, parts in found.items()}

    def mean(self, name: str) -> float:
        return self.values[name].mean().item()

    def record(self) -> dict[str, Any]:
        return {
            **{name: self.mean(name) for name in self.values},
            "distinct_trigrams": distinct_trigrams(self.texts),
            "items": {name: rounded(values) for name, values in self.values.items()},
            "texts": self.texts[:: len(self.texts) // N_KEPT],
        }


def test_words() -> list[str]:
    return [one.words for one in draw(beginnings().test, N_TEST, seed=1)]


def validation_words() -> list[str]:
    return [one.words for one in draw(beginnings().validation, N_VALIDATION, seed=1)]


def new_policy(seed: int) -> tuple[Decoder, Attached]:
    """The reference policy with LoRA weights that can be trained, and do nothing yet."""
    policy = reference_policy()
    return policy, attach(policy, POLICY_LORA, torch.Generator().manual_seed(seed))


class Curve:
    """What is kept of each iteration: means over the responses to the training prompts that it drew."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.numbers: dict[str, list[float]] = {}
        self.texts: dict[int, list[str]] = {}

    def __call__(self, iteration: Iteration, rollout: Rollout) -> None:
        names = ("number", "score", "kl", "entropy", "length")
        found = {name: getattr(iteration, name) for name in names}
        kept = ("clip_fraction", "first_ratio", "first_clip_fraction", "value_loss", "gradient_norm")
        found |= {name: iteration.about[name] for name in kept if name in iteration.about}
        if (iteration.number - 1) % GOLD_EVERY == 0 or iteration.number == self.last:
            texts = review_texts(rollout.responses)
            found |= {
                "measured": iteration.number,
                "gold": gold_scores(texts).mean().item(),
                "distinct_trigrams": distinct_trigrams(texts),
            }
            if iteration.number in (1, (self.last // 2 // GOLD_EVERY) * GOLD_EVERY + 1, self.last):
                self.texts[iteration.number] = texts[:: len(texts) // N_KEPT]
        for name, value in found.items():
            self.numbers.setdefault(name, []).append(value)

    def record(self) -> dict[str, Any]:
        lines = {name: trained.one_line(values) for name, values in self.numbers.items()}
        return {"curve": lines, "texts": {str(number): texts for number, texts in self.texts.items()}}


@dataclass
class PolicyRecipe:
    """The reference policy, trained to please a proxy by PPO or GRPO."""

    name: str
    method: Literal["ppo", "grpo"]
    proxy: str
    beta: float
    setting: Setting
    steps: int = ITERATIONS
    attached: Attached | None = field(default=None, repr=False)  # of the last training
    curve: Curve | None = field(default=None, repr=False)

    @property
    def family(self) -> str:
        return self.name

    def with_setting(self, setting: Setting, **budget: Any) -> Self:
        """This recipe with another setting; `budget` may hold fewer `steps`, which are iterations."""
        return replace(self, setting=setting, **budget)

    def train(self, seed: int) -> tuple[Any, History]:
        policy, self.attached = new_policy(seed)
        self.curve = Curve(self.steps)
        prompts = [prompt_ids(one.words) for one in beginnings().training]
        common = {"learning_rate": self.setting.learning_rate, "n_responses": self.setting.batch_size}
        reference, score = reference_policy(), functools.partial(rewards, self.proxy)
        options: dict[str, Any] = {"iterations": self.steps, "seed": seed, "after_iteration": self.curve}
        if self.method == "ppo":
            critic = ValueModel.from_reward_model(proxy(self.proxy))
            settings = PPOSettings(**common, beta=self.beta)
            done = train_ppo(policy, reference, critic, score, continued, prompts, settings, **options)
        else:
            of_groups = GRPOSettings(**common, beta=self.beta)
            done = train_grpo(policy, reference, score, continued, prompts, of_groups, **options)
        seconds = sum(one.seconds for one in done)
        return policy, History(losses=[one.about["loss"] for one in done], seconds=seconds)

    def validate(self, model: Any) -> dict[str, float]:
        found = Tested(model, validation_words(), seed=0)
        return {
            "validation_loss": round(self.beta * found.mean("kl") - found.mean(self.proxy), 6),
            "proxy": round(found.mean(self.proxy), 6),
            "kl": round(found.mean("kl"), 6),
        }

    def measure(self, model: Any) -> dict[str, object]:
        assert self.curve is not None
        return {
            "method": self.method,
            "proxy": self.proxy,
            "beta": self.beta,
            **self.setting._asdict(),
            "trained_parameters": n_trained_by(self.attached),
            **self.curve.record(),
            "tests": {"test": Tested(model, test_words(), seed=0).record()},
        }

    def keep(self, name: str, _model: Any, _command: str) -> None:
        keep_method(self.attached, name)


@dataclass
class BestOfN:
    """The reference policy, of whose responses the proxy takes the best. Nothing is trained."""

    def train(self, _seed: int) -> tuple[Decoder, History]:
        return reference_policy(), History()

    def measure(self, model: trained.Model) -> dict[str, object]:
        assert isinstance(model, Decoder)
        words = [one for one in test_words() for _sample in range(N_SAMPLES)]
        found = Tested(model, words, seed=0)
        values = {name: found.values[name].view(-1, N_SAMPLES) for name in ("gold", *EPOCHS)}
        best = {
            f"best of {n} by {by}": {
                "n": n,
                "by": by,
                "kl": best_of_n_kl(n),
                **{name: expected_best_of_n(values[by], values[name], n).mean().item() for name in values},
            }
            for by in values
            for n in BEST_OF
        }
        return {
            "samples": N_SAMPLES,
            "prompts": N_TEST,
            "length": found.mean("length"),
            "entropy": found.mean("entropy"),
            "means": {name: of_all.mean().item() for name, of_all in values.items()},
            "stds": {name: of_all.std().item() for name, of_all in values.items()},
            "correlation": {
                name: torch.corrcoef(torch.stack((found.values["gold"], found.values[name])))[0, 1].item()
                for name in EPOCHS
            },
            "values": {name: rounded(of_all) for name, of_all in values.items()},
            "texts": found.texts[:: len(found.texts) // N_KEPT],
            "tests": best,
        }
