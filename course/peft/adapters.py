"""Adapters: small bottlenecks that are trained between the frozen layers of a model, two in each block or one."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course.layers.blocks import Residual
from course.layers.norm import RMSNorm
from course.messages import _
from course.peft.bottleneck import Adapter, require_bottleneck
from course.peft.method import Method, Part
from course.peft.residuals import AdaptedResidual, residuals_of, width
from course.peft.targets import layers_of


@dataclass(frozen=True)
class _Adapters(Method):
    """The numbers of an adapter: `bottleneck` is M, `std` the standard deviation of its first weights."""

    bottleneck: int
    activation: str
    std: int | float

    def __post_init__(self) -> None:
        require_bottleneck(self.bottleneck, self.activation, self.std)

    def adapter(self, residual: Residual, generator: torch.Generator | None = None) -> Adapter:
        """A new adapter for this place. Raises `ValueError` for a bottleneck wider than the model."""
        d_model = width(residual)
        if self.bottleneck > d_model:
            raise ValueError(
                _("A bottleneck of {value} is wider than the model, whose d_model is {d_model}: choose less.").format(
                    value=self.bottleneck, d_model=d_model
                )
            )
        return Adapter(d_model, self.bottleneck, self.activation, std=self.std, generator=generator)


@dataclass(frozen=True)
class HoulsbyAdapters(_Adapters):
    """An adapter after every sublayer, that is two in each block: it reads what the sublayer gives, before the sum.

    With `trained_norms`, a copy of each normalization of the body is trained, too. Raises `ValueError` for numbers out
    of their range and an unknown activation.

    Source: Houlsby et al. 2019, section 2.1 and figure 2; GELU (there in its tanh form), 64 and 0.001: the authors'
    code. The library `adapters` calls it "double", with "swish", its own first weights, and the normalizations frozen.
    """

    bottleneck: int = 64
    activation: str = "gelu"
    std: int | float = 1e-3
    trained_norms: bool = True

    def parts(self, body: nn.Module, generator: torch.Generator | None = None) -> Mapping[str, Part]:
        """Raises `ValueError` for a body without residual connections, and a bottleneck wider than it."""
        residuals = residuals_of(body)
        norms = layers_of(body, (nn.LayerNorm, RMSNorm)) if self.trained_norms else {}
        return {  # the normalizations come first: most of them are inside a residual connection
            **{place: TrainedNorm(norm) for place, norm in norms.items()},
            **{place: HoulsbyResidual(each, self.adapter(each, generator)) for place, each in residuals.items()},
        }


@dataclass(frozen=True)
class PfeifferAdapters(_Adapters):
    """One adapter in each block, after the feed-forward layer: it reads what the block would give without it.

    Source: Pfeiffer et al. 2021 ("AdapterFusion"), appendix A.2 and figure 5; ReLU and first weights: `SeqBnConfig` of
    the library `adapters`, by the same authors.
    """

    bottleneck: int = 48
    activation: str = "relu"
    std: int | float = 0.02

    def parts(self, body: nn.Module, generator: torch.Generator | None = None) -> Mapping[str, "PfeifferResidual"]:
        """Raises `ValueError` for a body without residual connections, and a bottleneck wider than it."""
        residuals = residuals_of(body, "feed_forward_residual")
        return {place: PfeifferResidual(each, self.adapter(each, generator)) for place, each in residuals.items()}


class HoulsbyResidual(AdaptedResidual):
    """The adapter changes what the sublayer adds."""

    def __init__(self, base: Residual, adapter: Adapter) -> None:
        super().__init__(base)
        self.adapter = adapter

    def forward(
        self, x: Float[Tensor, "batch position d_model"], sublayer: Callable[..., Tensor], **options: object
    ) -> Float[Tensor, "batch position d_model"]:
        return self.joined(x, self.adapter(self.added(x, sublayer, options)))


class PfeifferResidual(AdaptedResidual):
    """The adapter reads the sum, normalized where the model does so, and is added inside of it.

    In a post-norm model that is LN(x + h + A(LN(x + h))), h being what the sublayer gives: the same normalization
    before and after, while h itself goes around the first one.
    """

    def __init__(self, base: Residual, adapter: Adapter) -> None:
        super().__init__(base)
        self.adapter = adapter

    def forward(
        self, x: Float[Tensor, "batch position d_model"], sublayer: Callable[..., Tensor], **options: object
    ) -> Float[Tensor, "batch position d_model"]:
        added = self.added(x, sublayer, options)
        return self.joined(x, added + self.adapter.change(self.joined(x, added)))


class TrainedNorm(Part):
    """A trained copy of a normalization."""

    def __init__(self, base: nn.Module) -> None:
        super().__init__(base)
        self.norm = copy.deepcopy(base).requires_grad_(True)

    def forward(self, x: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch d_model"]:
        return self.norm(x)
