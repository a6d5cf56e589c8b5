"""The part of a model's attention that is shown: the chosen head or mean or layer, with or without some keys."""

from dataclasses import dataclass
from functools import cached_property

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from course.messages import _, ngettext
from course.viz.attention_explorer.maps import AttentionMaps, Link, between_segments, hide_keys, strongest
from course.viz.kit.text import isolated, percent

BETWEEN_NAMES = {
    "all": _("both parts"),
    "a_to_b": _("A → B"),
    "b_to_a": _("B → A"),
    "within": _("within A, within B"),
}


@dataclass(frozen=True)
class ShownAttention:
    """One head of `maps`, or the mean over "heads" or "layers", and the `pinned` heads beside it.

    With `overlaid`, all heads of the layer instead. `hidden` are the indices of keys that are left out; each row is
    rescaled to sum 1. `between` leaves only the weights between certain parts of the text, as they are: `split` is the
    place of the first token of part B.
    """

    maps: AttentionMaps
    layer: int
    head: int
    average: str = "none"
    pinned: tuple[tuple[int, int], ...] = ()
    hidden: tuple[int, ...] = ()
    overlaid: bool = False
    split: int | None = None
    between: str = "all"

    @cached_property
    def _chosen(self) -> tuple[Float[Tensor, "query key"], Float[Tensor, "query"]]:
        return hide_keys(self.maps.chosen(self.layer, self.head, self.average), self.hidden)

    @cached_property
    def _between(self) -> Bool[Tensor, "query key"] | None:
        """True where a weight is between the wanted parts; None when all are."""
        if self.between == "all" or self.split is None or self.maps.cross:
            return None
        return between_segments(len(self.maps.keys), self.split, self.between)

    def _filtered(self, weights: Float[Tensor, "*map query key"]) -> Float[Tensor, "*map query key"]:
        return weights if self._between is None else weights * self._between

    @property
    def weights(self) -> Float[Tensor, "query key"]:
        """The chosen head or mean."""
        return self._filtered(self._chosen[0])

    @property
    def lost(self) -> Float[Tensor, "query"]:
        """The weight of each query on the hidden keys."""
        return self._chosen[1]

    @property
    def all_heads(self) -> Float[Tensor, "layer head query key"]:
        """Every head."""
        return self._filtered(hide_keys(self.maps.weights, self.hidden)[0])

    @property
    def visible(self) -> Bool[Tensor, "query key"]:
        """True where a weight may be shown: no mask, no hidden key and no other part of the text is in the way."""
        visible = self.maps.visible(self.hidden)
        return visible if self._between is None else visible & self._between

    @property
    def heads(self) -> list[tuple[int, int]]:
        """The (layer, head) of each map that is drawn; of a mean, the chosen one."""
        if self.overlaid:
            return [(self.layer, head) for head in range(self.maps.n_heads)]
        beside = [one for one in self.pinned if one != (self.layer, self.head) or self.average != "none"]
        return [(self.layer, self.head), *dict.fromkeys(beside)]

    @property
    def drawn(self) -> Float[Tensor, "map query key"]:
        """The maps to draw: all heads of the layer, or the chosen head or mean and then the pinned heads."""
        layers, heads = zip(*self.heads, strict=True)
        maps = self._filtered(hide_keys(self.maps.weights[list(layers), list(heads)], self.hidden)[0])
        return maps if self.overlaid else torch.cat((self.weights[None], maps[1:]))

    @property
    def names(self) -> list[str]:
        """The names of the maps that are drawn."""
        if self.overlaid:
            return [_("head {head}").format(head=head) for head in range(self.maps.n_heads)]
        return [self.name, *(head_name(*one) for one in self.heads[1:])]

    @property
    def name(self) -> str:
        if self.overlaid:
            return _("layer {layer}, all heads").format(layer=self.layer)
        if self.average == "layers":
            return _("mean of all heads")
        if self.average == "heads":
            return _("layer {layer}, mean of its heads").format(layer=self.layer)
        return head_name(self.layer, self.head)

    def links(self, count: int, query: int | list[int] | None = None) -> list[Link]:
        """The strongest links of one query or several, or else of all queries that see more than one key."""
        return strongest(self.weights, self.visible, count, query)

    def notes(self) -> list[str]:
        """Remarks that a reader needs to interpret the weights."""
        notes = [_("No token sees those after it.")] if self.maps.causal else []
        if self.hidden:
            tokens = " ".join(isolated(self.maps.keys[place]) for place in self.hidden)
            notes.append(
                _("Hidden: {tokens}, with {share} of the weight; what is left of each row is scaled up to 1.").format(
                    tokens=tokens, share=percent(self.lost.mean().item())
                )
            )
            if empty := int((~self.maps.visible(self.hidden).any(dim=1)).sum()):
                words = ngettext("{count} token has nothing left.", "{count} tokens have nothing left.", empty)
                notes.append(words.format(count=empty))
        if self._between is not None:
            whole = self._chosen[0].sum().clamp_min(1e-9)
            notes.append(
                _("Only {parts}: {share} of the weight. B begins at “{token}”.").format(
                    parts=BETWEEN_NAMES[self.between],
                    share=percent((self.weights.sum() / whole).item()),
                    token=isolated(self.maps.keys[self.split or 0]),
                )
            )
        return notes


def head_name(layer: int, head: int) -> str:
    return _("layer {layer}, head {head}").format(layer=layer, head=head)
