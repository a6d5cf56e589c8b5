"""Prefix tuning: trained keys and values in every layer, in the place of those that a text before ours would have."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Int
from torch import Tensor, nn

from course.fine_tuning.predictions import evaluating
from course.layers.attention import Attention
from course.layers.multihead import MultiHeadAttention
from course.layers.positions import ALiBi, Positions
from course.layers.sizes import require_whole
from course.messages import _
from course.peft.attaching import Attached
from course.peft.method import Method, Part
from course.peft.prefix import ComputedPrefix, KeysAndValues, Prefix, PrefixAttention, PrefixHidden
from course.peft.reading import Body, attention_layers, bare_as, readable, require_place
from course.peft.starts import ids_of
from course.peft.text_positions import TextPositions


@dataclass(frozen=True)
class PrefixTuning(Method):
    """`length` trained keys and values in every layer, which each query sees; the text begins at position `length`.

    They are normal at first, standard deviation 1, as of `peft`; or those of the tokens `start`, whose number has to be
    the length. With `mlp_width` they are computed while they are trained, from a vector for each place by two linear
    layers with tanh between them, so wide; `without_mlp` puts the numbers themselves in their place. Raises
    `ValueError` for sizes that are no whole numbers above 0, another number of tokens, and both options at once,
    `TypeError` for a start that is no list of token ids.

    Source: Li and Liang 2021, section 4.2; computed: section 4.3; from tokens: section 7.4; one first layer for all
    layers of the model, and a second for each: `control_trans` in the authors' code, XiangLi1999/PrefixTuning.
    """

    length: int = 10
    mlp_width: int | None = None
    start: Sequence[int] = ()

    def __post_init__(self) -> None:
        require_whole(self.length, "length")
        if self.mlp_width is not None:
            require_whole(self.mlp_width, "mlp_width")
        object.__setattr__(self, "start", ids_of(self.start))
        if len(self.start) not in (0, self.length):
            raise ValueError(
                _("The start has {count} tokens, and the prefix {length} places: give one for each, or none.").format(
                    count=len(self.start), length=self.length
                )
            )
        if len(self.start) and self.mlp_width is not None:
            raise ValueError(_("A computed prefix cannot start from tokens: leave out either `mlp_width` or `start`."))

    def parts(self, body: nn.Module, generator: torch.Generator | None = None) -> Mapping[str, Part]:
        """Raises `ValueError` for a prefix that fills the context, and where ALiBi meets windows."""
        reader = readable(body)
        require_place(reader, self.length)
        layers = attention_layers(reader)
        scheme = bare_as(Positions, reader.embedding.positions)
        if isinstance(scheme, ALiBi) and any(layer.attention.window is not None for layer in layers.values()):
            raise ValueError(
                _("A prefix has no distance to a query where ALiBi is computed within a window: use a model without.")
            )
        positions = TextPositions(scheme, self.length)
        prefixes = self._prefixes(reader, list(layers.values()), positions, generator)
        return {"embedding.positions": positions} | {
            f"{place}.attention": PrefixAttention(bare_as(Attention, layer.attention), positions, prefix)
            for (place, layer), prefix in zip(layers.items(), prefixes, strict=True)
        }

    def _prefixes(
        self,
        body: Body,
        layers: list[MultiHeadAttention],
        positions: TextPositions,
        generator: torch.Generator | None,
    ) -> list[nn.Module]:
        """What computes or holds each layer's keys and values; what all share goes to `positions`."""
        like = next(body.parameters()).detach()
        if len(self.start):
            return [Prefix(*each) for each in _of_tokens(body, torch.tensor([list(self.start)], device=like.device))]
        if self.mlp_width is not None:
            d_model = body.embedding.tokens.embedding_dim
            positions.hidden = hidden = PrefixHidden(self.length, d_model, self.mlp_width, generator).to(like)
            return [ComputedPrefix(hidden, layer.n_kv_heads, layer.d_head, generator).to(like) for layer in layers]

        def drawn(layer: MultiHeadAttention) -> Tensor:
            return torch.empty(layer.n_kv_heads, self.length, layer.d_head).normal_(generator=generator).to(like)

        return [Prefix(drawn(layer), drawn(layer)) for layer in layers]


@torch.inference_mode(False)  # whose tensors could not be trained
@torch.no_grad()
def without_mlp(attached: Attached) -> None:
    """Put the keys and values themselves in the place of what computes them: outputs stay as they are, to the bit.

    Raises `ValueError` for a method other than prefix tuning with `mlp_width`.
    """
    method = attached.method
    if not isinstance(method, PrefixTuning) or method.mlp_width is None:
        raise ValueError(_("Only a prefix that is computed, `PrefixTuning(mlp_width=...)`, has an MLP to leave out."))
    for part in attached.parts.values():
        if isinstance(part, PrefixAttention):
            part.prefix = Prefix(*(each.clone() for each in part.prefix()))
        if isinstance(part, TextPositions):
            part.hidden = None
    attached.method = dataclasses.replace(method, mlp_width=None)


@torch.no_grad()
def _of_tokens(body: Body, ids: Int[Tensor, "1 position"]) -> list[KeysAndValues]:
    """The keys and values of these tokens in each layer, as a cache has them."""
    found: list[KeysAndValues] = []
    steps = [module for module in body.modules() if isinstance(module, Attention)]
    hooks = [
        step.register_forward_pre_hook(lambda _step, inputs: found.append((inputs[1][0].clone(), inputs[2][0].clone())))
        for step in steps
    ]
    try:
        with evaluating(body):
            body(ids)
    finally:
        for hook in hooks:
            hook.remove()
    return found
