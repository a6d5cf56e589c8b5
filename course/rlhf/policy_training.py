"""What all methods that train a policy on its own responses share: roll out, score, learn from that, go on."""

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import nn

from course.layers.language_model import CausalLanguageModel
from course.layers.sizes import require_whole
from course.messages import _
from course.rlhf.advantages import masked_mean
from course.rlhf.kl import sequence_kl
from course.rlhf.policy_checkpoints import PolicyCheckpoint
from course.rlhf.policy_methods import Iteration, PolicyMethod
from course.rlhf.rollouts import PolicySettings, Prompt, RollOut, Rollout, Score, drawn
from course.rlhf.sharing import require_apart, require_policy, reward_models

ADAM_EPSILON = 1e-5


def train_policy(
    method: PolicyMethod,
    policy: CausalLanguageModel,
    reference: CausalLanguageModel,
    score: Score,
    roll_out: RollOut,
    prompts: Sequence[Prompt],
    settings: PolicySettings,
    *,
    iterations: int,
    seed: int = 0,
    checkpoint: Path | str | None = None,
    after_iteration: Callable[[Iteration, Rollout], None] | None = None,
) -> list[Iteration]:
    """Train the policy's parameters that require a gradient, without dropout, and leave all models in eval mode.

    An iteration draws prompts, lets the policy answer them by `roll_out`, scores the responses, and learns from them.
    What it draws depends on `seed` and on its number alone. The file `checkpoint`, with the trained parameters, is
    written after each iteration; when it exists, training goes on from it, and gives the same numbers as without the
    interruption.

    Raises `ValueError`, before anything changes, when the reference is the policy or shares a trained parameter with
    it, when two modules or the reward model share one, when nothing is trained, for no prompts, and for a checkpoint of
    another run: with other settings, prompts or scores, say. Raises it later for an empty response and for a score that
    is not finite. Raises `FloatingPointError` when the loss or its gradient is not finite; the weights
    are then those before that step.
    """
    require_whole(iterations, "iterations", least=0)
    modules = nn.ModuleDict(dict(method.modules))
    require_policy(policy, reference, modules)
    require_apart(method.modules, score)
    if not prompts:
        raise ValueError(_("There are no prompts: give one or more."))
    for model in (*modules.values(), policy, reference, *reward_models(score)):
        model.eval()
    weights = [weight for weight in modules.parameters() if weight.requires_grad]
    optimizer = torch.optim.Adam(weights, lr=settings.learning_rate, eps=ADAM_EPSILON)
    done: list[Iteration] = []
    kept = None
    if checkpoint is not None:
        kept = PolicyCheckpoint(Path(checkpoint), method, optimizer, settings, prompts, seed)
    if kept is not None and kept.file.exists():
        done = kept.resume(iterations, reference, score)
    elif kept is not None:  # an interrupt within the first iteration leaves weights that are half trained
        kept.save(done)
    for number in range(len(done) + 1, iterations + 1):
        start = time.perf_counter()
        generator = torch.Generator(device=policy.embedding.tokens.weight.device)
        generator.manual_seed(seed * 1_000_003 + number)
        rollout = drawn(policy, reference, score, roll_out, prompts, settings, generator)
        kl = sequence_kl(rollout.log_ratios, rollout.responses.is_token).item()
        about = _learn(method, rollout, settings, weights, optimizer, generator, number)
        method.after(rollout, kl)
        done.append(
            Iteration(
                number,
                rollout.scores.mean().item(),
                kl,
                masked_mean(rollout.entropies, rollout.responses.is_token).item(),
                rollout.responses.lengths.float().mean().item(),
                about,
                time.perf_counter() - start,
            )
        )
        if kept is not None:
            kept.save(done, rollout)
        if after_iteration is not None:
            after_iteration(done[-1], rollout)
    return done


def _learn(
    method: PolicyMethod,
    rollout: Rollout,
    settings: PolicySettings,
    weights: Sequence[nn.Parameter],
    optimizer: torch.optim.Optimizer,
    generator: torch.Generator,
    number: int,
) -> dict[str, float]:
    """Some steps on one rollout. Returns the means of what they say of themselves."""
    prepared, steps = method.prepare(rollout), []
    n_rows = len(rollout.scores)
    for _epoch in range(settings.n_epochs):
        order = torch.randperm(n_rows, generator=generator, device=generator.device)
        for rows in order.chunk(settings.n_minibatches):
            loss, about = method.loss(rollout, prepared, rows)
            optimizer.zero_grad()
            loss.backward()
            norm = nn.utils.clip_grad_norm_(weights, settings.max_gradient_norm)
            if not (loss.isfinite() and norm.isfinite()):
                raise FloatingPointError(
                    _(
                        "In iteration {number} the loss is {loss:.4g} and its gradient has the length {norm:.4g}: "
                        "lower the learning rate."
                    ).format(number=number, loss=loss.item(), norm=norm.item())
                )
            optimizer.step()
            steps.append(about | {"loss": loss.item(), "gradient_norm": norm.item()})
    first = {f"first_{name}": steps[0][name] for name in ("ratio", "clip_fraction")}
    return {name: math.fsum(step[name] for step in steps) / len(steps) for name in steps[0]} | first
