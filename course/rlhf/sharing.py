"""Which models may share parameters: none of those that are trained with another that has a part of its own."""

import functools
import inspect
from collections.abc import Iterator, Mapping

from torch import nn

from course.layers.language_model import CausalLanguageModel
from course.messages import _
from course.rlhf.reward_model import RewardModel
from course.rlhf.rollouts import Score


def require_policy(
    policy: CausalLanguageModel, reference: CausalLanguageModel, modules: nn.Module | None = None
) -> None:
    """Raises `ValueError` when nothing of the policy is trained, or when the reference would change.

    It would if it shared a trained parameter with the policy, or with another of the `modules` that are trained.
    """
    if not any(weight.requires_grad for weight in policy.parameters()):
        raise ValueError(_("No parameter of the policy requires a gradient: put LoRA on it, or unfreeze it."))
    parameters = [*policy.parameters(), *(modules or policy).parameters()]
    trained = {id(weight) for weight in parameters if weight.requires_grad}
    if reference is policy or trained & {id(weight) for weight in reference.parameters()}:
        raise ValueError(
            _("The reference shares parameters with what is trained, so it would change with it. Give it a copy.")
        )


def require_apart(modules: Mapping[str, nn.Module], score: Score) -> None:
    """Raises `ValueError` when two of the `modules` train one parameter, or train one of the score's reward model.

    The reward model is found as `reward_models` finds it.
    """
    owners: dict[int, str] = {}
    for name, module in modules.items():
        for weight in module.parameters():
            other = owners.setdefault(id(weight), name) if weight.requires_grad else name
            if other != name:
                raise ValueError(
                    _(
                        "{name} and {other} share a parameter that is trained: each would spoil it for the other. "
                        "Give one of them a copy of its body."
                    ).format(name=name, other=other)
                )
    for model in reward_models(score):
        shared = next((owners[id(weight)] for weight in model.parameters() if id(weight) in owners), None)
        if shared is not None:
            raise ValueError(
                _(
                    "The reward model shares a parameter with {name}, which is trained, so scores would change with "
                    "it. Give {name} a copy, as ValueModel.from_reward_model does."
                ).format(name=shared)
            )


def reward_models(score: object) -> Iterator[RewardModel]:
    """Those that can be seen in a score: itself, or what a function, a method or a `partial` refers to by name."""
    if isinstance(score, RewardModel):
        yield score
    elif isinstance(score, functools.partial):
        for part in (score.func, *score.args, *score.keywords.values()):
            yield from reward_models(part)
    elif inspect.ismethod(score):
        yield from reward_models(score.__self__)
    elif inspect.isfunction(score):
        names = inspect.getclosurevars(score)
        yield from (one for one in (*names.nonlocals.values(), *names.globals.values()) if isinstance(one, RewardModel))
