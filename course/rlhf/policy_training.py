"""What all methods that train a policy on its own responses share: roll out, score, learn from that, go on."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from course.layers.language_model import CausalLanguageModel
from course.layers.sizes import require_positive, require_whole
from course.messages import _
from course.rlhf.advantages import masked_mean
from course.rlhf.kl import sequence_kl
from course.rlhf.responses import Responses, response_log_probabilities, token_scores
from course.rlhf.rewards import require_finite_scores
from course.training import checkpoints

Prompt = Sequence[int]
RollOut = Callable[[CausalLanguageModel, Sequence[Prompt], torch.Generator], Responses]
Score = Callable[[Responses], Float[Tensor, "row"]]
ADAM_EPSILON = 1e-5


@dataclass(frozen=True)
class PolicySettings:
    """What every method has: an iteration draws `n_responses`, and learns from each of them `n_epochs` times.

    Each pass divides them into `n_minibatches`, and each of these is a step of the optimizer. `group_size` responses
    are drawn for each prompt. `temperature` is that of drawing and of all log-probabilities.
    """

    learning_rate: float
    n_responses: int = 48
    group_size: int = 1
    n_epochs: int = 2
    n_minibatches: int = 2
    clip: float = 0.2
    temperature: float = 1.0
    max_gradient_norm: float = 1.0

    def __post_init__(self) -> None:
        for name in ("learning_rate", "clip", "temperature", "max_gradient_norm"):
            require_positive(getattr(self, name), name)
        for name in ("n_responses", "group_size", "n_epochs", "n_minibatches"):
            require_whole(getattr(self, name), name)
        for name in ("group_size", "n_minibatches"):
            if self.n_responses % getattr(self, name):
                raise ValueError(
                    _("{n} responses do not divide evenly by {name} = {value}: choose a multiple of it.").format(
                        n=self.n_responses, name=name, value=getattr(self, name)
                    )
                )


class Rollout(NamedTuple):
    """Drawn responses with their scores, and their log-probabilities under the policy that drew them and the reference.

    `entropies` are those of the policy at each token.
    """

    responses: Responses
    scores: Float[Tensor, "row"]
    old: Float[Tensor, "row response"]
    reference: Float[Tensor, "row response"]
    entropies: Float[Tensor, "row response"]

    @property
    def log_ratios(self) -> Float[Tensor, "row response"]:
        """log π − log π_ref of each token."""
        return self.old - self.reference


class StepLoss(NamedTuple):
    """The loss of a minibatch, and numbers about it."""

    loss: Float[Tensor, ""]
    about: dict[str, float]


@runtime_checkable
class PolicyMethod(Protocol):
    """PPO, GRPO, or another way to learn from a rollout."""

    @property
    def modules(self) -> Mapping[str, nn.Module]:
        """What it trains: of each module, the parameters that require a gradient."""

    def prepare(self, rollout: Rollout) -> Any:
        """What stays the same while the policy learns from a rollout: advantages, for example."""

    def loss(self, rollout: Rollout, prepared: Any, rows: Int[Tensor, "chosen"]) -> StepLoss:
        """The loss of some of the rows."""

    def after(self, rollout: Rollout, kl: float) -> None:
        """What is done when the policy has learned from a rollout."""

    def state(self) -> dict[str, float]:
        """The numbers that a checkpoint has to hold besides the weights."""

    def restore(self, state: Mapping[str, float]) -> None: ...


@dataclass(frozen=True)
class Iteration:
    """One iteration, from 1. `score`, `kl`, `entropy` and `length` are means over its responses, before it learned.

    `kl` is `sequence_kl`, in nats a response; `entropy` in nats a token. `about` has the method's own numbers, as means
    over its steps, and `first_ratio` and `first_clip_fraction` of the first one, where the policy is still the one that
    drew.
    """

    number: int
    score: float
    kl: float
    entropy: float
    length: float
    about: dict[str, float]
    seconds: float


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
    it, when nothing is trained, for no prompts, and for a checkpoint of another run; later, for an empty response and
    for a score that is not finite. Raises `FloatingPointError` when the loss or its gradient is not finite; the weights
    are then those before that step.
    """
    require_whole(iterations, "iterations", least=0)
    modules = nn.ModuleDict(dict(method.modules))
    require_policy(policy, reference, modules)
    if not prompts:
        raise ValueError(_("There are no prompts: give one or more."))
    for model in (*modules.values(), policy, reference):
        model.eval()
    trained = _Trained(modules)
    weights = list(trained.parameters())
    optimizer = torch.optim.Adam(weights, lr=settings.learning_rate, eps=ADAM_EPSILON)
    done: list[Iteration] = []
    run = {"settings": asdict(settings), "seed": seed, "method": type(method).__name__}
    checkpoint = None if checkpoint is None else Path(checkpoint)
    if checkpoint is not None and checkpoint.exists():
        done = _resumed(checkpoint, trained, optimizer, method, run, iterations)
    elif checkpoint is not None:  # an interrupt within the first iteration leaves weights that are half trained
        checkpoints.save(checkpoint, trained, optimizer, run | {"iterations": [], "state": method.state()})
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
        if checkpoint is not None:
            history = run | {"iterations": [asdict(one) for one in done], "state": method.state()}
            checkpoints.save(checkpoint, trained, optimizer, history)
        if after_iteration is not None:
            after_iteration(done[-1], rollout)
    return done


@torch.no_grad()
def drawn(
    policy: CausalLanguageModel,
    reference: CausalLanguageModel,
    score: Score,
    roll_out: RollOut,
    prompts: Sequence[Prompt],
    settings: PolicySettings,
    generator: torch.Generator,
) -> Rollout:
    """Responses to drawn prompts, `settings.group_size` to each, one prompt after the other.

    No prompt is drawn twice unless there are too few. Raises `ValueError` for a score that is not finite and for an
    empty response.
    """
    n_prompts = settings.n_responses // settings.group_size
    device = generator.device
    places = [
        torch.randperm(len(prompts), generator=generator, device=device) for _ in range(-(-n_prompts // len(prompts)))
    ]
    chosen = torch.cat(places)[:n_prompts].repeat_interleave(settings.group_size).tolist()
    responses = roll_out(policy, [prompts[place] for place in chosen], generator)
    old, entropies = token_scores(policy, responses, settings.temperature)
    of_reference = response_log_probabilities(reference, responses, settings.temperature)
    scores = score(responses)
    if not isinstance(scores, Tensor) or scores.shape != responses.padding.shape:
        raise ValueError(
            _("`score` gave {given} for {rows} responses: it must give a tensor with one number for each.").format(
                given=list(scores.shape) if isinstance(scores, Tensor) else type(scores).__name__,
                rows=len(responses.ids),
            )
        )
    scores = scores if scores.is_floating_point() else scores.float()
    require_finite_scores(scores)
    return Rollout(responses, scores, old, of_reference, entropies)


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


class _Trained(nn.Module):
    """The parameters of other modules that require a gradient, themselves and not copies: what a checkpoint holds."""

    def __init__(self, modules: nn.Module) -> None:
        super().__init__()
        for name, weight in modules.named_parameters():
            if weight.requires_grad:
                self.register_parameter(name.replace(".", "/"), weight)


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


def _resumed(
    file: Path,
    trained: nn.Module,
    optimizer: torch.optim.Optimizer,
    method: PolicyMethod,
    run: Mapping[str, Any],
    iterations: int,
) -> list[Iteration]:
    history = checkpoints.history(file)
    other = next((name for name in run if history.get(name) != run[name]), None)
    if other is not None:
        raise ValueError(
            _("{file} belongs to a run with another {name}: {stored}. Use that, or delete it to start anew.").format(
                file=file, name=other, stored=history.get(other)
            )
        )
    if len(history["iterations"]) > iterations:
        raise ValueError(
            _("{file} has {done} iterations, but {iterations} are asked for. Ask for more, or delete it.").format(
                file=file, done=len(history["iterations"]), iterations=iterations
            )
        )
    state = torch.get_rng_state()
    checkpoints.load(file, trained, optimizer)
    torch.set_rng_state(state)
    method.restore(history["state"])
    return [Iteration(**one) for one in history["iterations"]]
