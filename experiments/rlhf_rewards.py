"""What the policies of `experiments.rlhf` learn from: the reference policy, pairs of its responses, reward models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

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
from course.rlhf import PreferencePair, RewardModel, bradley_terry_loss, pair_responses, ranking_accuracy
from course.tasks.review_continuations import beginnings, conversations, response_padding
from course.tasks.review_pairs import (
    N_PAIRS,
    LabelledPair,
    label_pairs,
    labelled_pairs,
    save_pairs,
    training_pairs,
)
from course.tasks.review_policies import SFT_LORA, reference_policy, tuned_base
from course.tasks.review_rewards import PROXY_LORA, new_reward_model
from course.training import History, ShuffledBatches, adamw, linear_schedule, train
from experiments.search import Setting

SPARE = 1.03  # more prompts are drawn than pairs are wanted, since equal responses are no pair
ROWS = 128  # that are computed at once
EPOCHS: Mapping[str, int] = {"proxy-200": 6, "proxy-2000": 3}
SFT_SETTING = Setting(3e-3, 0.0, 24)


def keep_method(attached: Attached | None, name: str) -> None:
    """Store the LoRA weights of a training, in half precision."""
    assert attached is not None
    save(attached, trained.place.FOLDER / f"{name}.safetensors", torch.float16)


def n_trained_by(attached: Attached | None) -> int:
    """How many numbers the LoRA weights of a training are."""
    assert attached is not None
    return count(attached)


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


def pair_rewards(model: RewardModel, pairs: Sequence[PreferencePair]) -> tuple[Tensor, Tensor]:
    """The rewards of the chosen and of the rejected responses."""
    rows = [
        model.score(pair_responses(pairs[start : start + ROWS], pad_id=response_padding())).view(2, -1)
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
