"""The policies that continue reviews: the reference that RLHF begins with, and what was trained from it."""

from collections.abc import Sequence
from typing import cast

import torch

from course import trained
from course.decoding import roll_out
from course.gpt import Decoder
from course.layers.language_model import CausalLanguageModel
from course.layers.sizes import require_positive
from course.peft import LoRA, merge
from course.rlhf import Responses
from course.tasks.review_continuations import MAX_LENGTH, response_end, response_padding

TEMPERATURE = 0.7  # folded into the reference policy: see `sharpen`
TARGETS = ("query", "key", "value", "output", "gate", "up", "down")  # of all LoRA weights of this task
SFT_LORA = LoRA(16, targets=TARGETS)
POLICY_LORA = LoRA(8, targets=TARGETS)


@torch.no_grad()
def sharpen(model: Decoder, temperature: float) -> None:
    """Make a model say at temperature 1 what it said at this one: divide the gain of its last norm by it.

    All logits are divided by the temperature. So the model can be drawn from, and measured, at one temperature, 1.
    Raises `ValueError` for a temperature that is not above 0.
    """
    require_positive(temperature, "temperature")
    for parameter in model.norm.parameters():
        parameter /= temperature


def tuned_base() -> Decoder:
    """The model of lesson 13 that was tuned on all tasks, on which the continuations are trained."""
    return cast(Decoder, trained.load("instruction_tuning/tasks-18"))


def reference_policy() -> Decoder:
    """The model that continues reviews, frozen: π_ref of PPO and DPO. Each call makes another.

    Raises `ValueError` while it has not been trained.
    """
    model = tuned_base()
    merge(trained.load_method("rlhf/sft", model))
    sharpen(model, TEMPERATURE)
    return model.requires_grad_(False).eval()


def stored_policy(name: str) -> Decoder:
    """A policy that was trained from the reference, "rlhf/ppo-0.1" or "dpo/dpo-0.1" for example, frozen.

    Its LoRA weights are merged. Raises `ValueError` for a name that is not there.
    """
    model = reference_policy()
    merge(trained.load_method(name, model))
    return model.requires_grad_(False).eval()


def continued(
    model: CausalLanguageModel, prompts: Sequence[Sequence[int]], generator: torch.Generator | None = None
) -> Responses:
    """A response to each prompt, drawn at temperature 1, of `MAX_LENGTH` tokens at most."""
    return roll_out(
        cast(Decoder, model),
        prompts,
        end_id=response_end(),
        pad_id=response_padding(),
        max_length=MAX_LENGTH,
        generator=generator,
    )
