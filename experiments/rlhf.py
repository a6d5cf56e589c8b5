"""RLHF on movie reviews: reward models that learn from a classifier's preferences, PPO, GRPO, and best of n.

python -m experiments.rlhf sft --seeds 0 --threads 1
python -m experiments.rlhf pairs --seeds 0 --threads 1
python -m experiments.rlhf --search proxy-200 proxy-2000 --threads 1
python -m experiments.rlhf proxy-200 proxy-2000 --seeds 0 --threads 1
python -m experiments.rlhf --search ppo-0.1 grpo --threads 1
python -m experiments.rlhf [ppo-0 ppo-0.1 ppo-0.4 ppo-200-0 grpo] [--seeds 0 1 2] --threads 1
python -m experiments.rlhf best-of-n --seeds 0 --threads 1

In this order: each needs what those before it have stored. `sft` trains the model of lesson 13 to finish the first
sentence of a review after its first words; with a temperature of 0.7 folded into it, it is the reference policy. (On
validation it had 4.27 nats a token; after 1,000 steps in place of 400 it had 4.39, and 4.28 with half the rate.)
`pairs` draws two of its responses to each prompt, and the gold, a classifier of real reviews, says which is better:
always the one with the higher score, without noise. `proxy-2000` learns from the 2,000 training pairs, `proxy-200` from
200 of them. A policy is the reference with LoRA weights that learn to please a proxy: `ppo-0`, `ppo-0.1` and `ppo-0.4`
have that weight of the KL penalty and `proxy-2000`, `ppo-200-0` has `proxy-200`; `grpo` has `proxy-2000`. `best-of-n`
trains nothing. Scores are in standard deviations of the reference's responses to validation prompts, and their mean is
0.

The rates are chosen on validation: that of a proxy by its error on validation pairs, that of PPO and GRPO by the proxy
reward minus β times the KL divergence on validation prompts, after fewer iterations; the other weights of the penalty
and the other proxy have PPO's rate for β = 0.1. All policies are tested on the same drawn test prompts, whose movies
and first words are in no training set; a record has proxies, gold, KL divergence and length of each item.
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from course import trained
from course.data.splits import draw
from course.gpt import Decoder
from course.instruction import EncodedConversation, collate, masked_loss, n_trained
from course.instruction.answer_loss import answer_total
from course.peft import Attached, attach, count, freeze, save
from course.rlhf import (
    GRPOSettings,
    Iteration,
    PPOSettings,
    PreferencePair,
    Responses,
    RewardModel,
    Rollout,
    ValueModel,
    best_of_n_kl,
    bradley_terry_loss,
    expected_best_of_n,
    pair_responses,
    ranking_accuracy,
    response_log_probabilities,
    token_scores,
    train_grpo,
    train_ppo,
)
from course.tasks.review_continuations import beginnings, conversations, prompt_ids, response_padding, review_texts
from course.tasks.review_pairs import (
    N_PAIRS,
    LabelledPair,
    label_pairs,
    labelled_pairs,
    save_pairs,
    training_pairs,
)
from course.tasks.review_policies import POLICY_LORA, SFT_LORA, continued, reference_policy, tuned_base
from course.tasks.review_rewards import PROXY_LORA, distinct_trigrams, gold_scores, new_reward_model, proxy
from course.training import History, ShuffledBatches, adamw, linear_schedule, train
from experiments.running import main
from experiments.search import Grid, Setting, tuned

NAME = "rlhf"
SPARE = 1.03  # more prompts are drawn than pairs are wanted, since equal responses are no pair
N_TEST, N_VALIDATION = 256, 256  # prompts that a policy is tested on
N_SAMPLES, BEST_OF = 16, (1, 2, 4, 8, 16)
N_RESPONSES, ITERATIONS, SEARCHED_ITERATIONS = 48, 40, 15
GOLD_EVERY = 3  # iterations
N_KEPT = 8  # texts of a rollout that a record has
ROWS = 128  # that are computed at once
EPOCHS: Mapping[str, int] = {"proxy-200": 6, "proxy-2000": 3}
GRIDS = {
    name: Grid({name: 2e-3}, dropouts=(0.0,), batch_sizes=(32,), budget={"epochs": epochs})
    for name, epochs in EPOCHS.items()
} | {
    name: Grid({name: 2e-3}, dropouts=(0.0,), batch_sizes=(N_RESPONSES,), budget={"steps": SEARCHED_ITERATIONS})
    for name in ("ppo-0.1", "grpo")
}
GRID = GRIDS["ppo-0.1"]
SFT_SETTING = Setting(3e-3, 0.0, 24)
FIRST = ("sft", "pairs", "proxy-200", "proxy-2000", "best-of-n")  # of seed 0 alone
KEPT = (*FIRST[:-1], "ppo-0", "ppo-0.1", "ppo-0.4", "ppo-200-0", "grpo")


def keep_method(attached: Attached | None, name: str) -> None:
    """Store the LoRA weights of a training, in half precision."""
    assert attached is not None
    save(attached, trained.place.FOLDER / f"{name}.safetensors", torch.float16)


def n_trained_by(attached: Attached | None) -> int:
    """How many numbers the LoRA weights of a training are."""
    assert attached is not None
    return count(attached)


# --- The reference policy and the pairs ---


@dataclass
class ContinuationRecipe:
    """The instruction-tuned model with LoRA, trained to continue reviews as their critics did: the reference policy."""

    setting: Setting = SFT_SETTING
    steps: int = 400
    attached: Attached | None = field(default=None, repr=False)  # of the last training

    def train(self, seed: int) -> tuple[Decoder, History]:
        model = tuned_base()
        freeze(model)
        self.attached = attach(model, SFT_LORA, torch.Generator().manual_seed(seed))
        padding, (rate, _dropout, batch_size) = response_padding(), self.setting
        batches = ShuffledBatches(
            conversations(beginnings().training), batch_size, lambda some: collate(some, padding), seed=seed
        )
        history = train(
            model,
            batches,
            masked_loss(),
            adamw(model, learning_rate=rate, weight_decay=0.0),
            steps=self.steps,
            seed=seed,
            learning_rate=linear_schedule(rate, self.steps, self.steps // 10),
            max_gradient_norm=1.0,
        )
        return model, history

    def measure(self, model: trained.Model) -> dict[str, object]:
        assert isinstance(model, Decoder)
        sets = {"validation": beginnings().validation, "test": beginnings().test}
        return {
            **self.setting._asdict(),
            "trained_parameters": n_trained_by(self.attached),
            "tests": {name: {"nats": nats_per_token(model, conversations(some))} for name, some in sets.items()},
        }

    def keep(self, name: str, _model: Any, _command: str) -> None:
        keep_method(self.attached, name)


@torch.no_grad()
def nats_per_token(model: Decoder, some: Sequence[EncodedConversation]) -> float:
    """The mean negative log-probability of a token of the answers."""
    batches = [collate(some[start : start + ROWS], response_padding()) for start in range(0, len(some), ROWS)]
    total = sum(answer_total(model, rows).item() for rows in batches)
    return total / sum(map(n_trained, batches))


@dataclass
class PairsRecipe:
    """Responses of the reference policy in pairs, which the gold labels. Nothing is trained."""

    sets: dict[Any, list[LabelledPair]] = field(default_factory=dict, repr=False)

    def train(self, _seed: int) -> tuple[Decoder, History]:
        return reference_policy(), History()

    def measure(self, model: trained.Model) -> dict[str, object]:
        assert isinstance(model, Decoder)
        found: dict[str, Any] = {}
        for number, (role, n) in enumerate(N_PAIRS.items()):
            words = [one.words for one in draw(getattr(beginnings(), role), round(n * SPARE))]
            self.sets[role] = draw(label_pairs(model, words, seed=number), n)
            scores = torch.tensor([[one.gold_chosen, one.gold_rejected] for one in self.sets[role]])
            longer = [len(one.pair.chosen) - len(one.pair.rejected) for one in self.sets[role]]
            found[role] = {
                "pairs": n,
                "mean_gold_difference": (scores[:, 0] - scores[:, 1]).mean().item(),
                "chosen_is_longer": sum(difference > 0 for difference in longer) / n,
                "chosen_is_shorter": sum(difference < 0 for difference in longer) / n,
            }
            if role == "validation":
                found |= {"gold_mean": scores.mean().item(), "gold_std": scores.std().item()}
        return found

    def keep(self, _name: str, _model: Any, _command: str) -> None:
        save_pairs(self.sets)


# --- Reward models ---


@dataclass
class ProxyRecipe:
    """A reward model that learns from `n_pairs` preferences, in standard deviations of the reference's responses."""

    name: str
    n_pairs: int
    setting: Setting
    epochs: int
    attached: Attached | None = field(default=None, repr=False)  # of the last training

    @property
    def family(self) -> str:
        return self.name

    def with_setting(self, setting: Setting, **budget: Any) -> Self:
        return replace(self, setting=setting, **budget)

    def train(self, seed: int) -> tuple[Any, History]:
        model = new_reward_model(seed)
        self.attached = attach(model.body, PROXY_LORA, torch.Generator().manual_seed(seed))
        pairs, (rate, _dropout, batch_size) = training_pairs(self.n_pairs), self.setting
        steps = round(self.epochs * len(pairs) / batch_size)
        history = train(
            model,
            ShuffledBatches(pairs, batch_size, list, seed=seed),
            pair_loss,
            torch.optim.Adam([one for one in model.parameters() if one.requires_grad], lr=rate),
            steps=steps,
            seed=seed,
            learning_rate=linear_schedule(rate, steps, max(1, steps // 10)),
            max_gradient_norm=1.0,
        )
        standardize(model)
        return model, history

    def validate(self, model: Any) -> dict[str, float]:
        chosen, rejected = pair_rewards(model, [one.pair for one in labelled_pairs("validation")])
        return {
            "validation_error": round(1 - ranking_accuracy(chosen, rejected).item(), 6),
            "validation_loss": round(bradley_terry_loss(chosen, rejected).item(), 6),
        }

    def measure(self, model: Any) -> dict[str, object]:
        sets = {"training": training_pairs(self.n_pairs)}
        sets |= {name: [one.pair for one in labelled_pairs(name)] for name in ("validation", "test")}
        return {
            "pairs": self.n_pairs,
            **self.setting._asdict(),
            "epochs": self.epochs,
            "trained_parameters": n_trained_by(self.attached),
            "head": trained.one_line(model.head.weight[0].tolist()),
            "head_bias": model.head.bias.item(),
            "tests": {name: of_pairs(*pair_rewards(model, some)) for name, some in sets.items()},
        }

    def keep(self, name: str, _model: Any, _command: str) -> None:
        keep_method(self.attached, name)


def pair_loss(model: nn.Module, pairs: list[PreferencePair]) -> Float[Tensor, ""]:
    return bradley_terry_loss(*model(pair_responses(pairs, pad_id=response_padding())).chunk(2))


@torch.no_grad()
def pair_rewards(model: RewardModel, pairs: Sequence[PreferencePair]) -> tuple[Tensor, Tensor]:
    """The rewards of the chosen and of the rejected responses."""
    rows = [
        model(pair_responses(pairs[start : start + ROWS], pad_id=response_padding())).view(2, -1)
        for start in range(0, len(pairs), ROWS)
    ]
    chosen, rejected = torch.cat(rows, dim=1)
    return chosen, rejected


@torch.no_grad()
def standardize(model: RewardModel) -> None:
    """Make the rewards of the reference's responses to validation prompts have the mean 0 and the deviation 1."""
    rewards = torch.cat(pair_rewards(model, [one.pair for one in labelled_pairs("validation")]))
    model.head.weight /= rewards.std()
    model.head.bias.copy_((model.head.bias - rewards.mean()) / rewards.std())


def of_pairs(chosen: Float[Tensor, "pair"], rejected: Float[Tensor, "pair"]) -> dict[str, Any]:
    """The accuracy on some pairs, and of each pair by how much the chosen response is ahead."""
    margins = chosen - rejected
    errors = (margins < 0).float() + (margins == 0).float() / 2
    return {
        "accuracy": 1 - errors.mean().item(),
        "error_rate": errors.mean().item(),
        "nats": -F.logsigmoid(margins).mean().item(),
        "items": {
            "errors": trained.one_line(errors.tolist()),
            "symbols": trained.one_line([1] * len(errors)),
            "margins": rounded(margins),
        },
    }


def rounded(values: Tensor | Sequence[float]) -> str:
    """Numbers as a record keeps them, to three digits after the point."""
    return trained.one_line(round(value, 3) for value in torch.as_tensor(values).flatten().tolist())


# --- Policies ---


@functools.cache
def kept_proxy(name: str) -> RewardModel:
    """A stored reward model, loaded once; nobody trains it."""
    return proxy(name).requires_grad_(False)


@torch.no_grad()
def rewards(name: str, responses: Responses) -> Float[Tensor, "row"]:
    return kept_proxy(name)(responses)


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
            trainable(critic)
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


def trainable(critic: ValueModel) -> None:
    """Let the critic train what the reward model trained: its LoRA weights and its head."""
    for name, parameter in critic.named_parameters():
        parameter.requires_grad_(name.endswith((".down", ".up")) or name.startswith("head."))


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


def recipes() -> Mapping[str, Any]:
    """All that is trained or drawn, with the settings that the searches found."""
    found: dict[str, Any] = {"sft": ContinuationRecipe(), "pairs": PairsRecipe()}
    for name, grid in GRIDS.items():
        middle = Setting(grid.middle_rates[name], grid.dropouts[0], grid.batch_sizes[0])
        recipe: Any
        if name in EPOCHS:
            recipe = ProxyRecipe(name, int(name.removeprefix("proxy-")), middle, EPOCHS[name])
        else:
            recipe = PolicyRecipe(name, "grpo" if name == "grpo" else "ppo", "proxy-2000", 0.1, middle)
        found |= tuned(NAME, {name: recipe}, grid)
    ppo = found["ppo-0.1"]
    found |= {
        "ppo-0": replace(ppo, name="ppo-0", beta=0.0),
        "ppo-0.4": replace(ppo, name="ppo-0.4", beta=0.4),
        "ppo-200-0": replace(ppo, name="ppo-200-0", proxy="proxy-200", beta=0.0),
        "best-of-n": BestOfN(),
    }
    return found


if __name__ == "__main__":
    main(NAME, recipes, grid=GRID, grids=GRIDS, keep_weights=KEPT, on_request=FIRST)
