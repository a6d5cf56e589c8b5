"""The checkpoint of a policy's training: what is trained, how far it is, and what says that a run is the same one."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from course.layers.language_model import CausalLanguageModel
from course.messages import _
from course.rlhf.policy_methods import Iteration, PolicyMethod
from course.rlhf.responses import Responses, response_log_probabilities
from course.rlhf.rollouts import PolicySettings, Prompt, Rollout, Score, scored
from course.training import checkpoints
from course.training.run_identity import fingerprint, require_same_run


class PolicyCheckpoint:
    """The file that a training goes on from: of the method's modules it holds what requires a gradient.

    It knows the run by its settings, its seed, a hash of the prompts and the method's own values, and the reference and
    the score by what they say of the responses of the first iteration.
    """

    def __init__(
        self,
        file: Path,
        method: PolicyMethod,
        optimizer: torch.optim.Optimizer,
        settings: PolicySettings,
        prompts: Sequence[Prompt],
        seed: int,
    ) -> None:
        self.file, self.method, self.optimizer, self.settings = file, method, optimizer, settings
        self.trained = Trained(nn.ModuleDict(dict(method.modules)))
        self.run = {
            "method": type(method).__name__,
            "settings": asdict(settings),
            "seed": seed,
            "prompts": fingerprint([list(prompt) for prompt in prompts]),
            **method.run,
        }
        self.first: dict[str, Any] | None = None

    def save(self, done: Sequence[Iteration], rollout: Rollout | None = None) -> None:
        """Write where the training is, `rollout` being the one of the last iteration."""
        if rollout is not None and len(done) == 1:
            self.first = _described(rollout)
        history = {"iterations": [asdict(one) for one in done], "state": self.method.state(), "first": self.first}
        checkpoints.save(self.file, self.trained, self.optimizer, {"run": self.run} | history)

    def resume(self, iterations: int, reference: CausalLanguageModel, score: Score) -> list[Iteration]:
        """Restore weights, optimizer and method from the file, and return what was done.

        Raises `ValueError`, before anything changes, when the file belongs to another run, or has more than
        `iterations`. A score that gives other numbers each time is not compared.
        """
        history = checkpoints.history(self.file)
        require_same_run(self.file, history.get("run", {}), self.run)
        if len(history["iterations"]) > iterations:
            raise ValueError(
                _("{file} has {done} iterations, but {iterations} are asked for. Ask for more, or delete it.").format(
                    file=self.file, done=len(history["iterations"]), iterations=iterations
                )
            )
        self.first = history["first"]
        if self.first is not None:
            self._require_same_models(self.first, reference, score)
        state = torch.get_rng_state()
        checkpoints.load(self.file, self.trained, self.optimizer)
        torch.set_rng_state(state)
        self.method.restore(history["state"])
        return [Iteration(**one) for one in history["iterations"]]

    @torch.no_grad()
    def _require_same_models(self, first: Mapping[str, Any], reference: CausalLanguageModel, score: Score) -> None:
        device = reference.embedding.tokens.weight.device
        responses = _responses(first, device)
        of_reference = response_log_probabilities(reference, responses, self.settings.temperature).sum(dim=1).mean()
        if not math.isclose(of_reference.item(), first["reference"], rel_tol=1e-3):
            raise ValueError(
                _(
                    "{file} belongs to a run with another reference: its first responses have a mean log-probability "
                    "of {stored:.4g} in the file, {ours:.4g} here. Give another file, use the reference that the file "
                    "has, or delete it to start anew."
                ).format(file=self.file, stored=first["reference"], ours=of_reference.item())
            )
        stored = torch.tensor(first["scores"], device=device)
        with torch.random.fork_rng([device] if device.type == "cuda" else []):
            scores = scored(score, responses)
            row = _first_difference(scores, stored)
            if row is None or _first_difference(scores, scored(score, responses)) is not None:  # it is drawn
                return
        raise ValueError(
            _(
                "{file} belongs to a run with another score: response {row} of its first iteration has {stored:.4g} in "
                "the file, {ours:.4g} here. Give another file, use the score that the file has, or delete it to start "
                "anew."
            ).format(file=self.file, row=row, stored=stored[row].item(), ours=scores[row].item())
        )


class Trained(nn.Module):
    """The parameters of other modules that require a gradient, themselves and not copies: what a checkpoint holds."""

    def __init__(self, modules: nn.Module) -> None:
        super().__init__()
        for name, weight in modules.named_parameters():
            if weight.requires_grad:
                self.register_parameter(name.replace(".", "/"), weight)


def _described(rollout: Rollout) -> dict[str, Any]:
    responses = rollout.responses
    return {
        "ids": responses.ids.tolist(),
        "padding": responses.padding.tolist(),
        "n_prompt": responses.n_prompt,
        "is_token": responses.is_token.long().tolist(),
        "reference": rollout.reference.sum(dim=1).mean().item(),
        "scores": rollout.scores.tolist(),
    }


def _responses(first: Mapping[str, Any], device: torch.device) -> Responses:
    ids, padding = (torch.tensor(first[name], device=device) for name in ("ids", "padding"))
    return Responses(ids, padding, first["n_prompt"], torch.tensor(first["is_token"], device=device).bool())


def _first_difference(scores: Tensor, others: Tensor) -> int | None:
    """The first row in which two sets of scores differ by more than another device would make them differ."""
    apart = (scores.double() - others.to(scores.device).double()).abs() > 1e-3 * others.abs().max().double()
    return int(apart.nonzero()[0]) if apart.any() else None
