"""Reward models of real choices: five data sets in which people wrote or marked a right answer and wrong ones.

python -m experiments.reward_models [length tfidf base smollm2 likelihood ...] [--seeds 0] --threads 1

A run has one reward model for each data set of `course.data.CHOICES`, all of one kind:

* length: the longer answer; nothing is trained;
* tfidf: TF-IDF of the answer alone, without its question: what a model may learn from how answers are worded;
* base: a linear head on the frozen base model's hidden state at the last token of question and answer;
* smollm2: the same on SmolLM2;
* smollm2-balanced: on SmolLM2, of training pairs in half of which the right answer is the longer one;
* smollm2-fewer: on SmolLM2, of as many training pairs as that leaves, drawn without a look at their lengths;
* smollm2-without-length: on SmolLM2, with what the answer's length explains taken out of every feature;
* likelihood: no training; SmolLM2's mean log-probability of the answer's tokens after the question.

A head is fitted to pairs of a right and a wrong answer (Bradley–Terry), with the strength that has the least loss on
validation pairs. A record has, of each test pair, whether it is ranked wrong (half for equal rewards) and both rewards;
that of "length" also has the lengths and which pairs are about the same question. Reading all answers takes SmolLM2
about 12 CPU minutes, once for all the kinds of a command.
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course import trained
from course.data import CHOICES
from course.data.splits import draw
from course.fine_tuning import TfidfFeatures
from course.layers.language_model import CausalLanguageModel
from course.pretrained import load, load_tokenizer
from course.prompting.scoring import encode_pair
from course.rlhf import bradley_terry_loss
from course.tasks.choice_rewards import LinearReward, Readings, fit_bradley_terry, length_slope, read_answers
from course.tasks.pretraining import base_tokenizer
from course.tasks.real_choices import ChoicePair, balanced, choice_pairs, longer_is_right
from course.training import History
from experiments.running import main

NAME = "reward_models"
STRENGTHS = (1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0)  # of features with standard deviation 1
TFIDF_STRENGTHS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)

Features = Literal["tfidf", "base", "smollm2"]
Control = Literal["", "balanced", "fewer", "without-length"]


class Both(NamedTuple):
    """What a model has of the right and of the wrong answer of each pair."""

    chosen: Tensor
    rejected: Tensor


@functools.cache
def readings(model: str, data_set: str) -> tuple[Mapping[tuple[str, str], int], Readings]:
    """What "base" or "smollm2" reads of all answers of a data set, and the row of each prompt and answer."""
    rows = {}
    for pairs in choice_pairs(data_set):
        for pair in pairs:
            rows.setdefault((pair.prompt, pair.chosen), len(rows))
            rows.setdefault((pair.prompt, pair.rejected), len(rows))
    decoder, tokenizer = load("smollm2") if model == "smollm2" else (trained.load("base_model/gpt"), base_tokenizer())
    return rows, read_answers(cast(CausalLanguageModel, decoder), tokenizer, list(rows))


def read(model: str, data_set: str, pairs: Sequence[ChoicePair], what: str) -> Both:
    """One of the readings of a model for pairs of a data set."""
    rows, found = readings(model, data_set)
    values = getattr(found, what)
    return Both(
        values[[rows[pair.prompt, pair.chosen] for pair in pairs]],
        values[[rows[pair.prompt, pair.rejected] for pair in pairs]],
    )


def lengths(pairs: Sequence[ChoicePair]) -> Both:
    """The characters of the answers."""
    return Both(*(torch.tensor([float(len(getattr(pair, side))) for pair in pairs]) for side in Both._fields))


# --- Without training ---


@dataclass
class UntrainedRecipe:
    """A reward that is not learned: an answer's length, or how likely SmolLM2 finds it."""

    kind: Literal["length", "likelihood"]

    def train(self, seed: int) -> tuple[trained.Model, History]:
        return cast(trained.Model, nn.ModuleDict()), History()

    def measure(self, model: trained.Model) -> dict[str, object]:
        return {"tests": {name: self._test(name) for name in CHOICES}}

    def _test(self, name: str) -> dict[str, Any]:
        pairs = choice_pairs(name).test
        if self.kind == "likelihood":
            return measures_of(read("smollm2", name, pairs, "log_probability"))
        number = {about: i for i, about in enumerate(dict.fromkeys(pair.about for pair in pairs))}
        tokenizer = load_tokenizer("smollm2")
        more: dict[str, Sequence[float]] = {"group": [number[pair.about] for pair in pairs]}
        for side in Both._fields:
            encoded = [encode_pair(tokenizer, pair.prompt, f" {getattr(pair, side)}") for pair in pairs]
            more[f"tokens_{side}"] = [len(row.answer) for row in encoded]
        return measures_of(lengths(pairs), more)


# --- Fitted to pairs ---


@dataclass
class HeadRecipe:
    """A linear reward on what is read of an answer, for each data set, its strength chosen on validation pairs."""

    features: Features
    control: Control = ""

    def train(self, seed: int) -> tuple[trained.Model, History]:
        self.found: dict[str, dict[str, Any]] = {}
        rewards = nn.ModuleDict({name: self._fit(name) for name in CHOICES})
        return cast(trained.Model, rewards), History()

    def _fit(self, name: str) -> LinearReward:
        training, validation = map(self._chosen, choice_pairs(name)[:2])
        self._prepare(name, training)
        chosen, rejected = self.x(name, training)
        held_out = self.x(name, validation)
        tried: list[tuple[float, float, LinearReward]] = []
        for strength in TFIDF_STRENGTHS if self.features == "tfidf" else STRENGTHS:
            reward = fit_bradley_terry(chosen, rejected, strength=strength)
            with torch.no_grad():
                loss = bradley_terry_loss(*map(reward, held_out)).item()
            tried.append((loss, strength, reward))
        loss, strength, reward = min(tried, key=lambda one: one[:2])
        self.found[name] = {
            "training_pairs": len(training),
            "longer_is_right": float(longer_is_right(training).mean()),
            "validation_pairs": len(validation),
            "validation_loss": round(loss, 6),
            "strength": strength,
        }
        return reward

    def _chosen(self, pairs: Sequence[ChoicePair]) -> Sequence[ChoicePair]:
        """The pairs that a control leaves of those to train on, or to choose the strength by."""
        if self.control == "balanced":
            return balanced(pairs)
        return draw(pairs, len(balanced(pairs))) if self.control == "fewer" else pairs

    def _prepare(self, name: str, training: Sequence[ChoicePair]) -> None:
        """What is learned of the training pairs before the fit: the words, or the scale and the slope of features."""
        if self.features == "tfidf":
            answers = [answer for pair in training for answer in (pair.chosen, pair.rejected)]
            self.extract = TfidfFeatures(list(dict.fromkeys(answers)))
            return
        both = read(self.features, name, training, "hidden")
        self.scale = 1 / torch.cat(both).std(dim=0)
        self.slope = torch.zeros_like(self.scale)
        if self.control == "without-length":
            extra = torch.tensor([float(pair.extra_length) for pair in training])
            self.slope = length_slope(*both, extra)

    def x(self, name: str, pairs: Sequence[ChoicePair]) -> Both:
        """The features of the answers. Where the length is taken out, a feature is less its slope times the length."""
        if self.features == "tfidf":
            return Both(*(self.extract([getattr(pair, side) for pair in pairs]) for side in Both._fields))
        hidden = read(self.features, name, pairs, "hidden")
        return Both(
            *((x - length[:, None] * self.slope) * self.scale for x, length in zip(hidden, lengths(pairs), strict=True))
        )

    def measure(self, model: trained.Model) -> dict[str, object]:
        of_data_sets, tests = cast(nn.ModuleDict, model), {}
        for name in CHOICES:
            training, _validation, test = choice_pairs(name)
            self._prepare(name, self._chosen(training))
            with torch.no_grad():
                rewards = Both(*map(of_data_sets[name], self.x(name, test)))
            tests[name] = self.found[name] | measures_of(rewards)
        return {"features": self.features, "control": self.control, "tests": tests}


def measures_of(rewards: Both, more: Mapping[str, Sequence[float]] | None = None) -> dict[str, Any]:
    """The measures of a test: how many pairs are ranked right, half for equal rewards, and both rewards of each."""
    wrong = (rewards.chosen < rewards.rejected).double() + 0.5 * (rewards.chosen == rewards.rejected).double()
    items = {
        "errors": wrong.tolist(),
        "symbols": [1] * len(wrong),
        "chosen": _rounded(rewards.chosen),
        "rejected": _rounded(rewards.rejected),
        **(more or {}),
    }
    return {
        "pairs": len(wrong),
        "accuracy": 1 - wrong.mean().item(),
        "error_rate": wrong.mean().item(),
        "items": {name: trained.one_line(values) for name, values in items.items()},
    }


def _rounded(values: Float[Tensor, "pair"]) -> list[float]:
    return values.double().numpy().round(5).tolist()


def recipes() -> Mapping[str, UntrainedRecipe | HeadRecipe]:
    """Each kind of reward model."""
    return {
        "length": UntrainedRecipe("length"),
        "tfidf": HeadRecipe("tfidf"),
        "base": HeadRecipe("base"),
        "smollm2": HeadRecipe("smollm2"),
        "smollm2-balanced": HeadRecipe("smollm2", "balanced"),
        "smollm2-fewer": HeadRecipe("smollm2", "fewer"),
        "smollm2-without-length": HeadRecipe("smollm2", "without-length"),
        "likelihood": UntrainedRecipe("likelihood"),
    }


if __name__ == "__main__":
    main(NAME, recipes, seeds=(0,), keep_weights=False)
