"""BitFit: train the biases, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import functional_call

from course.messages import _
from course.peft.method import Method, Part
from course.peft.targets import layers_of, names_of

QUERY_AND_UP = ("query", "up")  # the two that the paper tries alone: b_q, and b_m2 of the first feed-forward layer


@dataclass(frozen=True)
class BitFit(Method):
    """Train the biases of the layers named in `targets`; by default those of all layers but a pooler.

    A BERT's pooler is left out because few models read it; where one does, name it with the others. Raises
    `TypeError` for targets in no list.

    Source: Ben Zaken et al. 2022, section 3; which biases: `BIAS_LAYER_NAME_TO_LATEX` of the authors' code,
    benzakenelad/BitFit, GLUEvaluator.py.
    """

    targets: Sequence[str] | None = None

    def __post_init__(self) -> None:
        if self.targets is not None:
            object.__setattr__(self, "targets", names_of(self.targets))

    def parts(self, body: nn.Module, generator: torch.Generator | None = None) -> Mapping[str, "TrainedBias"]:
        """Raises `ValueError` for a body without biases, for no target and one without a bias."""
        biased = {
            place: layer
            for place, layer in layers_of(body, nn.Module).items()
            if isinstance(getattr(layer, "bias", None), nn.Parameter)
        }
        known = dict.fromkeys(place.rpartition(".")[2] for place in biased)
        if not known:
            raise ValueError(
                _(
                    "{model} has no biases, so BitFit has nothing to train. BERT and GPT-2 have some; LoRA needs none."
                ).format(model=type(body).__name__)
            )
        targets = [name for name in known if name != "pooler"] if self.targets is None else self.targets
        _require_known(targets, list(known), body)
        return {place: TrainedBias(layer) for place, layer in biased.items() if place.rpartition(".")[2] in targets}


class TrainedBias(Part):
    """A frozen layer that is computed with a bias of its own, at first a copy of the layer's."""

    def __init__(self, base: nn.Module) -> None:
        super().__init__(base)
        self.bias = nn.Parameter(base.get_parameter("bias").detach().clone())

    def forward(self, x: Float[Tensor, "*batch d_in"]) -> Float[Tensor, "*batch d_out"]:
        return functional_call(self.base, {"bias": self.bias}, (x,))


def _require_known(targets: Sequence[str], known: Sequence[str], body: nn.Module) -> None:
    if not targets:
        raise ValueError(_("There are no targets. Give one or more of: {known}.").format(known=", ".join(known)))
    for name in targets:
        if name not in known:
            raise ValueError(
                _("{model} has no layer {name!r} with a bias. It has: {known}.").format(
                    model=type(body).__name__, name=name, known=", ".join(known)
                )
            )
