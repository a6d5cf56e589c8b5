"""The part of a model's attention that is shown: the chosen head or mean, with or without some keys."""

from dataclasses import dataclass
from functools import cached_property

from jaxtyping import Float
from torch import Tensor

from course.messages import _, ngettext
from course.viz.attention_explorer.maps import AttentionMaps, Link, hide_keys, strongest
from course.viz.kit.text import percent


@dataclass(frozen=True)
class ShownAttention:
    """One head of `maps`, or the mean over "heads" or "layers", and the `pinned` heads beside it.

    `hidden` are the indices of keys that are left out; each row is rescaled to sum 1.
    """

    maps: AttentionMaps
    layer: int
    head: int
    average: str = "none"
    pinned: tuple[tuple[int, int], ...] = ()
    hidden: tuple[int, ...] = ()

    @cached_property
    def _chosen(self) -> tuple[Float[Tensor, "query key"], Float[Tensor, "query"]]:
        return hide_keys(self.maps.chosen(self.layer, self.head, self.average), self.hidden)

    @property
    def weights(self) -> Float[Tensor, "query key"]:
        """The chosen head or mean."""
        return self._chosen[0]

    @property
    def lost(self) -> Float[Tensor, "query"]:
        """The weight of each query on the hidden keys."""
        return self._chosen[1]

    @property
    def all_heads(self) -> Float[Tensor, "layer head query key"]:
        """Every head."""
        return hide_keys(self.maps.weights, self.hidden)[0]

    @property
    def named(self) -> dict[str, Tensor]:
        """The maps to draw, by name: the chosen head or mean, then the pinned heads."""
        named = {self.name: self.weights}
        for layer, head in self.pinned:
            named.setdefault(_head_name(layer, head), hide_keys(self.maps.weights[layer, head], self.hidden)[0])
        return named

    @property
    def name(self) -> str:
        if self.average == "layers":
            return _("mean of all heads")
        if self.average == "heads":
            return _("layer {layer}, mean of its heads").format(layer=self.layer)
        return _head_name(self.layer, self.head)

    def links(self, count: int, query: int | None = None) -> list[Link]:
        """The strongest links of one query, or else of all queries that see more than one key."""
        return strongest(self.weights, self.maps.visible(self.hidden), count, query)

    def notes(self) -> list[str]:
        """Remarks that a reader needs to interpret the weights."""
        notes = [_("No token sees those after it.")] if self.maps.causal else []
        if not self.hidden:
            return notes
        tokens = " ".join(self.maps.keys[place] for place in self.hidden)
        notes.append(
            _("Hidden: {tokens}, with {share} of the weight; what is left of each row is scaled up to 1.").format(
                tokens=tokens, share=percent(self.lost.mean().item())
            )
        )
        if empty := int((~self.maps.visible(self.hidden).any(dim=1)).sum()):
            words = ngettext("{count} token has nothing left.", "{count} tokens have nothing left.", empty)
            notes.append(words.format(count=empty))
        return notes


def _head_name(layer: int, head: int) -> str:
    return _("layer {layer}, head {head}").format(layer=layer, head=head)
