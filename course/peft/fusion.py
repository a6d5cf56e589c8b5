"""AdapterFusion: adapters that were trained apart, each on a task of its own, and attention that mixes them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course.layers.blocks import Residual
from course.layers.sizes import require_dropout
from course.messages import _
from course.peft.adapter_attention import FusionAttention
from course.peft.adapters import PfeifferAdapters, PfeifferResidual
from course.peft.attaching import Attached, body_of
from course.peft.bottleneck import Adapter
from course.peft.method import Method
from course.peft.residuals import AdaptedResidual, residuals_of, width


@dataclass(frozen=True)
class AdapterFusion(Method):
    """The second stage: frozen adapters side by side in each block, and the attention over them, which is trained.

    `adapters` are the numbers of each; their weights come from training, through `fuse` or a stored state. `dropout`
    acts on the scores of the attention. Raises `ValueError` for fewer than two adapters, those of another method, and a
    dropout out of its range; `TypeError` for what is no list.

    Source: Pfeiffer et al. 2021, section 3; dropout on the scores: `BertFusion` of the library `adapters`.
    """

    adapters: Sequence[PfeifferAdapters]
    dropout: int | float = 0.1

    def __post_init__(self) -> None:
        if not isinstance(self.adapters, Collection):
            raise TypeError(_("{value!r} is no list: give two adapters or more.").format(value=self.adapters))
        object.__setattr__(self, "adapters", tuple(self.adapters))
        _require_pfeiffer(self.adapters)
        require_dropout(self.dropout)
        if len(self.adapters) < 2:
            raise ValueError(
                _("{n} adapters have nothing to be fused with: give two or more.").format(n=len(self.adapters))
            )

    def parts(self, body: nn.Module, generator: torch.Generator | None = None) -> Mapping[str, "FusedResidual"]:
        """With new adapters. Raises `ValueError` for a body that they do not fit."""
        return {
            place: FusedResidual(
                residual,
                [adapters.adapter(residual, generator) for adapters in self.adapters],
                FusionAttention(width(residual), self.dropout, generator=generator),
            )
            for place, residual in residuals_of(body, "feed_forward_residual").items()
        }


class FusedResidual(AdaptedResidual):
    """Frozen adapters that all read what the block would give without them, and attention over what each would add.

    The query is what they read. Its sum with what the sublayer gives is normalized as in `PfeifferResidual`; what the
    sublayer gives is no part of the keys and values, and is added after the attention.
    """

    def __init__(self, base: Residual, adapters: Sequence[Adapter], attention: FusionAttention) -> None:
        super().__init__(base)
        self.adapters = nn.ModuleList(adapters).requires_grad_(False)
        self.attention = attention

    def forward(
        self, x: Float[Tensor, "batch position d_model"], sublayer: Callable[..., Tensor], **options: object
    ) -> Float[Tensor, "batch position d_model"]:
        added = self.added(x, sublayer, options)
        read = self.joined(x, added)
        changes = torch.stack([cast(Adapter, each).change(read) for each in self.adapters], dim=-2)
        return self.joined(x, added + self.attention(read, changes))


@torch.inference_mode(False)  # whose tensors could not be trained
def fuse(
    model: nn.Module,
    sources: Sequence[Attached],
    *,
    dropout: int | float = 0.1,
    generator: torch.Generator | None = None,
) -> Attached:
    """Put the second stage on a model: frozen copies of trained adapters, and a new attention over them.

    `sources` are `PfeifferAdapters` that were attached to this model, or to another of the same sizes; those on this
    model have to be off. They are read and never changed. Freeze the model before, as for any method. `generator` draws
    the first weights of the attention. Raises `ValueError`, before anything changes, for fewer than two sources, one of
    another method, and one for a model of other sizes; `TypeError` for one in no list.
    """
    if isinstance(sources, Attached):
        raise TypeError(_("There is one source: put two or more into a list."))
    method = AdapterFusion(_require_pfeiffer([source.method for source in sources]), dropout)
    parts = method.parts(body_of(model), generator)
    for number, source in enumerate(sources):
        _copy_adapters(source, parts, number)
    fused = Attached(model, method, parts)
    fused.on()
    return fused


def _require_pfeiffer(methods: Sequence[Method]) -> list[PfeifferAdapters]:
    """The methods. Raises `ValueError` for another one among them."""
    found = []
    for method in methods:
        if not isinstance(method, PfeifferAdapters):
            raise ValueError(
                _("Only PfeifferAdapters can be fused; there is a {kind}.").format(kind=type(method).__name__)
            )
        found.append(method)
    return found


def _copy_adapters(source: Attached, parts: Mapping[str, FusedResidual], number: int) -> None:
    """Raises `ValueError` for a source from a model with other blocks, or of another width."""
    adapted = {place: part for place, part in source.parts.items() if isinstance(part, PfeifferResidual)}
    sizes = {place: width(part.residual) for place, part in adapted.items()}
    wanted = {place: width(part.residual) for place, part in parts.items()}
    if sizes != wanted:
        raise ValueError(
            _(
                "The adapters number {number} are for {theirs} blocks with a d_model of {their_width}, the model has "
                "{ours} with {our_width}. Fuse adapters of one model."
            ).format(
                number=number,
                theirs=len(sizes),
                their_width=next(iter(sizes.values())),
                ours=len(wanted),
                our_width=next(iter(wanted.values())),
            )
        )
    for place, part in adapted.items():
        parts[place].adapters[number].load_state_dict(part.adapter.state_dict())
